//! A run that is killed, interrupted, or out of room: the record stays readable, nothing is green,
//! and what was left behind is named and swept.
//!
//! Knows: the binary, its files, and the double in a process of its own. Must not know: how a row
//! is written.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::built_in;
use crate::support::hostile_server::{Deed, Hostile, answer, json};
use lxca_conform::report::{Conclusion, rejudge};
use lxca_conform::store;
use serde_json::Value;
use tempfile::TempDir;

/// Holds a lock of 121 seconds for three seconds at least, and polls meanwhile.
const HOLDS: &str = "sftp-locks.list::keeps-a-live-lock-as-it-was";
const LOCKS: &str = "/aicc/service/sftp/locks";

/// The binary, without anything of the environment of the tests that could change its answer.
fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lxca-conform"));
    clean(&mut command);
    command
}

fn clean(command: &mut Command) {
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "RUST_LOG"] {
        command.env_remove(variable);
    }
    command
        .env("LXCA_PASSWORD", "PASSW0RD")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
}

#[derive(Debug)]
struct Answer {
    exit: i32,
    stdout: String,
    stderr: String,
}

fn answered(output: Output) -> Answer {
    Answer {
        exit: output.status.code().expect("an exit code, not a signal"),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

fn lxca(arguments: &[&str]) -> Answer {
    answered(binary().args(arguments).output().expect("the binary starts"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// The double in a process of its own, which dies with its test.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start() -> Self {
        let mut child = binary().arg("serve").spawn().expect("the double starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its stdout"))
            .read_line(&mut line)
            .expect("its first line");
        Self { child, url: line.trim().to_owned() }
    }

    /// The locks that it holds, asked over a socket.
    fn locks(&self) -> Vec<Value> {
        let mut stream =
            TcpStream::connect(self.url.trim_start_matches("http://")).expect("the double listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a bound");
        // USERID and its password, as anybody may know them.
        let request = format!(
            "GET {LOCKS} HTTP/1.1\r\nhost: double\r\nauthorization: Basic \
            VVNFUklEOlBBU1NXMFJE\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        if head.contains(" 204 ") {
            return Vec::new();
        }
        serde_json::from_str::<Value>(body)
            .unwrap_or_else(|error| panic!("{error}: {reply}"))
            .as_array()
            .expect("a list")
            .clone()
    }

    /// Whether the lock of the case that holds one is there.
    fn held(&self) -> bool {
        self.locks()
            .iter()
            .any(|lock| lock["component"] == "RC" && lock["expirationTimeOut"] == 121)
    }

    fn run(&self, out: &Path, more: &[&str]) -> Child {
        start_run(&self.url, out, more)
    }
}

fn start_run(url: &str, out: &Path, more: &[&str]) -> Child {
    binary()
        .args(["run", "--url", url, "--user", "USERID", "--out", text(out)])
        .args(more)
        .spawn()
        .expect("the binary starts")
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn record(folder: &Path) -> String {
    fs::read(folder.join("transcript.jsonl"))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

/// Looks at the growing record until it is as wished; false when the run ended before.
fn watch(child: &mut Child, folder: &Path, wish: impl Fn(&str) -> bool) -> bool {
    let start = Instant::now();
    loop {
        if wish(&record(folder)) {
            return true;
        }
        if child.try_wait().expect("its state").is_some() {
            return false;
        }
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "the record doesn't become as wished: {}",
            record(folder)
        );
        thread::yield_now();
    }
}

fn killed(mut child: Child) {
    child.kill().expect("it can be killed");
    child.wait().expect("its end");
}

fn signal(child: &Child, name: &str) {
    assert!(
        Command::new("kill")
            .args([name, &child.id().to_string()])
            .status()
            .expect("kill starts")
            .success()
    );
}

fn whole(text: &str) -> Vec<Value> {
    let rows = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    rows.map(|line| {
        serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("a whole row that can't be read: {error}: {line}"))
    })
    .collect()
}

/// Whether the record has an exchange of this case and step, whole.
fn has(text: &str, case: &str, step: &str) -> bool {
    let (case, step) = (format!("\"case\":\"{case}\""), format!("\"step\":\"{step}\""));
    text.split_inclusive('\n').any(|row| {
        row.ends_with('\n')
            && row.contains("\"row\":\"exchange\"")
            && row.contains(&case)
            && row.contains(&step)
    })
}

/// What must hold for whatever a run left that didn't complete.
fn check_interrupted(folder: &Path) {
    let before = record(folder);
    let again = TempDir::new().expect("a temporary folder");
    let judged =
        lxca(&["judge", text(&folder.join("transcript.jsonl")), "--out", text(again.path())]);
    assert!(!judged.stderr.contains("panicked"), "{judged:?}");
    let rows = whole(&before);
    if rows.is_empty() {
        // Killed before its first row: there is no record, and that is said.
        assert_eq!(judged.exit, 2, "{judged:?}");
        return;
    }
    assert_eq!(judged.exit, 3, "{judged:?}");
    assert!(
        judged.stdout.starts_with("INCOMPLETE: ") && judged.stdout.contains("interrupted"),
        "{}",
        judged.stdout
    );
    let report: Value = serde_json::from_str(
        &fs::read_to_string(again.path().join("report.json")).expect("report.json"),
    )
    .expect("JSON");
    assert_eq!(
        (&report["conclusion"], &report["finished"], &report["claim"]),
        (&"incomplete".into(), &Value::Null, &false.into())
    );
    let exchanges = rows.iter().filter(|row| row["row"] == "exchange").count();
    assert_eq!(
        report["summary"]["requests"].as_u64(),
        u64::try_from(exchanges).ok(),
        "not every whole row was read"
    );
    if !before.ends_with('\n') {
        assert!(report["notes"].to_string().contains("is truncated"), "{}", report["notes"]);
    }
    for name in ["report.json", "report.html", "report.md", "junit.xml"] {
        assert!(!folder.join(name).exists(), "a killed run left {name}");
    }
}

// ---- killed

#[test]
fn a_run_that_is_killed_anywhere_leaves_a_record_that_is_read_up_to_its_last_whole_row_and_is_never_conformant()
 {
    let points = if std::env::var_os("LXCA_SLOW_TESTS").is_some() { 50 } else { 12 };
    let served = Served::start();
    // Changes that take next to no time, so that so many runs can be had.
    let selection = [
        "--allow",
        "write",
        "--filter",
        "sftp-locks.create::*",
        "--filter",
        "sftp-locks.list::lists-*",
        "--filter",
        "sftp-locks.get::*",
        "--filter",
        "tasks.list::lists-jobs",
    ];
    let folder = TempDir::new().expect("a temporary folder");
    let output = served.run(folder.path(), &selection).wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let length = record(folder.path()).len();
    let mut landed = 0;
    for point in 0..points {
        let folder = TempDir::new().expect("a temporary folder");
        let mut child = served.run(folder.path(), &selection);
        let path = folder.path().join("transcript.jsonl");
        let bytes = length * point / points;
        let _ = watch(&mut child, folder.path(), |_| {
            fs::metadata(&path).is_ok_and(|file| file.len() >= bytes as u64)
        });
        killed(child);
        if record(folder.path()).contains("\"row\":\"footer\"") {
            continue;
        }
        landed += 1;
        check_interrupted(folder.path());
    }
    println!("{landed} of {points} kills landed before the end");
    assert!(landed * 3 >= points * 2, "only {landed} of {points} kills landed before the end");
}

/// The record of a run that came to its end, and where it was made: one for several tests. Nobody
/// listens there any more.
fn finished() -> &'static (TempDir, String) {
    static RUN: OnceLock<(TempDir, String)> = OnceLock::new();
    RUN.get_or_init(|| {
        let served = Served::start();
        let folder = TempDir::new().expect("a temporary folder");
        let output = served
            .run(folder.path(), &["--allow", "write", "--filter", HOLDS])
            .wait_with_output()
            .expect("its end");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
        (folder, served.url.clone())
    })
}

#[test]
fn a_record_that_is_cut_at_any_byte_is_read_up_to_there_and_is_never_conformant() {
    let (contract, catalogue) = (built_in::contract(), built_in::written());
    let bytes = fs::read(finished().0.path().join("transcript.jsonl")).expect("the record");
    let header = bytes.iter().position(|byte| *byte == b'\n').expect("a first row") + 1;
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("cut.jsonl");
    let last = bytes.len() - 1;
    let step = (last / 60).max(1);
    for end in (0..last).step_by(step).chain([header - 1, header, header + 1, last - 1]) {
        fs::write(&path, &bytes[..end]).expect("a written record");
        match store::read(&path) {
            Err(error) => assert!(end < header - 1, "cut at {end} of {last}: {error}"),
            Ok(record) => {
                assert!(record.footer.is_none(), "cut at {end}");
                let report = rejudge(contract, catalogue, &record);
                assert_eq!(report.conclusion, Conclusion::Incomplete, "cut at {end}");
                assert!(report.because.contains("interrupted"), "cut at {end}: {}", report.because);
            }
        }
    }
}

#[test]
fn a_record_with_rubbish_in_its_middle_is_no_record_and_its_line_is_named() {
    let text_of = record(finished().0.path());
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("torn.jsonl");
    let mut rows: Vec<&str> = text_of.lines().collect();
    let torn = &rows[3][..rows[3].len() / 2];
    rows[3] = torn;
    fs::write(&path, rows.join("\n") + "\n").expect("a written record");
    let judged = lxca(&["judge", text(&path)]);
    assert_eq!(judged.exit, 2, "{judged:?}");
    assert!(judged.stderr.contains("torn.jsonl:4"), "{}", judged.stderr);
}

#[test]
fn a_record_that_lost_rows_is_judged_and_the_loss_is_named() {
    let text_of = record(finished().0.path());
    let rows: Vec<&str> = text_of.lines().collect();
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("shorter.jsonl");
    let middle = rows.len() / 2;
    let kept: Vec<&str> = rows
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != middle)
        .map(|(_, row)| *row)
        .collect();
    fs::write(&path, kept.join("\n") + "\n").expect("a written record");
    let judged = lxca(&["judge", text(&path), "--out", text(&folder.path().join("out"))]);
    let report =
        fs::read_to_string(folder.path().join("out").join("report.json")).expect("report.json");
    assert!(report.contains("the footer's digest differs"), "{judged:?}");
}

// ---- interrupted

#[test]
fn an_interruption_takes_back_what_the_run_holds_and_closes_the_record() {
    for name in ["-INT", "-TERM"] {
        let served = Served::start();
        let before = served.locks();
        let folder = TempDir::new().expect("a temporary folder");
        let mut child = served.run(
            folder.path(),
            &["--allow", "write", "--filter", HOLDS, "--filter", "backup.transfer::*"],
        );
        assert!(
            watch(&mut child, folder.path(), |text| has(text, HOLDS, "wait")),
            "the run ended before it could be interrupted"
        );
        assert!(served.held(), "{name}: the lock of the case isn't there");
        signal(&child, name);
        let start = Instant::now();
        let ended = answered(child.wait_with_output().expect("its end"));
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{name}: it took {:?} to end",
            start.elapsed()
        );
        assert_eq!(ended.exit, 130, "{name}: {ended:?}");
        assert!(ended.stderr.contains("interrupted"), "{}", ended.stderr);
        assert!(!served.held(), "{name}: the lock outlived the run");
        let after = served.locks();
        for lock in &before {
            assert!(
                after.iter().any(|other| other["id"] == lock["id"]),
                "{name}: {lock} isn't there any more"
            );
        }
        let rows = whole(&record(folder.path()));
        let footer = rows.last().expect("a last row");
        assert_eq!(
            (&footer["row"], &footer["ended_early"]["kind"]),
            (&"footer".into(), &"interrupted".into()),
            "{name}: {footer}"
        );
        let settled = rows
            .iter()
            .find(|row| row["row"] == "settled" && row["case"] == HOLDS)
            .expect("a row that says that the clean-up is done");
        assert_eq!(settled["left_over"], serde_json::json!([]));
        let judged = lxca(&["judge", text(folder.path())]);
        assert_eq!(judged.exit, 3, "{name}: {judged:?}");
        assert!(
            judged.stdout.starts_with("INCOMPLETE: ") && judged.stdout.contains("interrupted"),
            "{}",
            judged.stdout
        );
        let swept = lxca(&[
            "sweep",
            text(folder.path()),
            "--url",
            &served.url,
            "--user",
            "USERID",
            "--out",
            text(&folder.path().join("sweep")),
        ]);
        assert_eq!(swept.exit, 0, "{swept:?}");
        assert!(swept.stdout.contains("nothing to do"), "{}", swept.stdout);
    }
}

#[test]
fn a_second_interruption_ends_the_run_at_once() {
    let now = || {
        lxca_conform::engine::Pace::now(&lxca_conform::builtin::RealTime)
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string()
    };
    let row = move |id: &str, seconds: u32| {
        format!(
            r#"{{"id":"{id}","component":"RC","creationTimestamp":"{}","expirationTimeOut":{seconds}}}"#,
            now()
        )
    };
    let created = std::sync::atomic::AtomicUsize::new(0);
    let server = Hostile::appliance(move |asked| match asked.method.as_str() {
        // What is deleted at the end must have come after it was created.
        "GET" if created.load(std::sync::atomic::Ordering::SeqCst) == 0 => Deed::Say(json("[]")),
        "GET" => Deed::Say(json(format!(
            "[{},{}]",
            row("0f3a9C7b2e4D6182a5c1F0e9B8d7a6c4", 121),
            row("1f3a9C7b2e4D6182a5c1F0e9B8d7a6c4", 3)
        ))),
        "POST" if created.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < usize::MAX => {
            Deed::Say(answer(
                "201 Created",
                &["content-type: application/json"],
                row("0f3a9C7b2e4D6182a5c1F0e9B8d7a6c4", 121),
            ))
        }
        // The clean-up, which never comes to its end.
        _ => Deed::play(|_| {
            thread::sleep(Duration::from_secs(30));
            Ok(())
        }),
    });
    let folder = TempDir::new().expect("a temporary folder");
    let mut child = start_run(&server.url, folder.path(), &["--allow", "write", "--filter", HOLDS]);
    assert!(
        watch(&mut child, folder.path(), |text| has(text, HOLDS, "wait")),
        "the run ended before it could be interrupted"
    );
    signal(&child, "-INT");
    let start = Instant::now();
    while !server.asked().iter().any(|asked| asked.method == "DELETE") {
        assert!(start.elapsed() < Duration::from_secs(10), "no clean-up began");
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(200));
    assert!(
        child.try_wait().expect("its state").is_none(),
        "one interruption doesn't end a clean-up"
    );
    signal(&child, "-INT");
    let again = Instant::now();
    let ended = answered(child.wait_with_output().expect("its end"));
    assert_eq!(ended.exit, 130, "{ended:?}");
    assert!(again.elapsed() < Duration::from_secs(3), "{:?}", again.elapsed());
    check_interrupted(folder.path());
}

// ---- swept

#[test]
fn a_sweep_after_a_kill_takes_back_the_lock_that_was_left() {
    let served = Served::start();
    let folder = TempDir::new().expect("a temporary folder");
    let mut child = served.run(folder.path(), &["--allow", "write", "--filter", HOLDS]);
    assert!(
        watch(&mut child, folder.path(), |text| has(text, HOLDS, "list")),
        "the run ended before it could be killed"
    );
    killed(child);
    assert!(served.held(), "the kill came too late");
    check_interrupted(folder.path());
    let sweep = folder.path().join("sweep");
    let swept = lxca(&[
        "sweep",
        text(folder.path()),
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--out",
        text(&sweep),
    ]);
    assert_eq!(swept.exit, 0, "{swept:?}");
    assert!(swept.stdout.contains(&format!("{HOLDS}: cleaned up")), "{}", swept.stdout);
    assert!(!served.held(), "the sweep left the lock");
    let rows = whole(&record(&sweep));
    assert_eq!(rows.last().map(|row| row["row"].clone()), Some("footer".into()));
    assert!(
        rows.iter()
            .filter(|row| row["row"] == "exchange" && row["sent"]["method"] != "GET")
            .all(|row| row["purpose"] == "cleanup"),
        "a sweep sends clean-ups and nothing else"
    );
}

#[test]
fn a_sweep_of_a_whole_record_says_that_nothing_is_due() {
    let (folder, url) = finished();
    let out = TempDir::new().expect("a temporary folder");
    let swept = lxca(&[
        "sweep",
        text(folder.path()),
        "--url",
        url,
        "--user",
        "USERID",
        "--out",
        text(&out.path().join("sweep")),
    ]);
    assert_eq!(
        (swept.exit, swept.stdout.as_str()),
        (0, "nothing to do: every clean-up of that run was done\n"),
        "{swept:?}"
    );
    assert!(!out.path().join("sweep").exists(), "a sweep that had nothing to do left a folder");
}

#[test]
fn a_sweep_of_a_record_made_elsewhere_ends_with_2_and_sends_nothing() {
    let server = Hostile::start(|_| Deed::Say(json("{}")));
    let out = TempDir::new().expect("a temporary folder");
    let swept = lxca(&[
        "sweep",
        text(finished().0.path()),
        "--url",
        &server.url,
        "--user",
        "USERID",
        "--out",
        text(&out.path().join("sweep")),
    ]);
    assert_eq!(swept.exit, 2, "{swept:?}");
    assert!(swept.stderr.contains(&finished().1), "{}", swept.stderr);
    assert_eq!(server.connections(), 0);
}

/// The record of the finished run, up to the first row that fits.
fn cut_after(fits: impl Fn(&Value) -> bool) -> (TempDir, PathBuf) {
    let text_of = record(finished().0.path());
    let rows: Vec<&str> = text_of.lines().collect();
    let end = rows
        .iter()
        .position(|row| fits(&serde_json::from_str(row).expect("a row")))
        .expect("a row that fits");
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("transcript.jsonl");
    fs::write(&path, rows[..=end].join("\n") + "\n").expect("a written record");
    (folder, path)
}

#[test]
fn a_sweep_doesnt_call_a_run_clean_that_was_killed_before_it_knew_what_it_had_made() {
    let (_, url) = finished();
    for (what, row) in [
        ("intent", "between the intent and the answer"),
        ("exchange", "between the answer and the look at the list"),
    ] {
        let (folder, path) = cut_after(|found| {
            found["row"] == what && found["case"] == HOLDS && found["step"] == "create"
        });
        let swept = lxca(&[
            "sweep",
            text(&path),
            "--url",
            url,
            "--user",
            "USERID",
            "--out",
            text(&folder.path().join("sweep")),
        ]);
        assert!(
            !swept.stdout.contains("every clean-up of that run was done"),
            "killed {row}: {swept:?}"
        );
        assert!(
            swept.stdout.contains(HOLDS) && swept.stdout.contains("create"),
            "killed {row}: {swept:?}"
        );
        assert_eq!(swept.exit, 3, "killed {row}: {swept:?}");
    }
}

// ---- out of room

/// Runs the binary where no file may become larger than so many blocks, of 512 or of 1024 bytes
/// each.
fn run_within(blocks: usize, out: &Path, more: &[&str]) -> Answer {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut command = Command::new("sh");
    command
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_lxca-conform"), "run", "--out", text(out)])
        .args(more);
    clean(&mut command);
    answered(command.output().expect("sh starts"))
}

#[test]
fn a_record_that_cant_grow_any_more_ends_with_7_and_names_the_file_and_what_is_kept() {
    let folder = TempDir::new().expect("a temporary folder");
    let ended = run_within(64, folder.path(), &[]);
    assert_eq!(ended.exit, 7, "{ended:?}");
    assert!(
        ended.stderr.contains("transcript.jsonl") && ended.stderr.contains("is kept"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stdout.contains("CONFORMANT: "), "{}", ended.stdout);
    check_interrupted(folder.path());
}

#[test]
fn a_report_that_cant_be_written_ends_with_7_and_the_record_is_whole() {
    let folder = TempDir::new().expect("a temporary folder");
    let ended = run_within(
        160,
        folder.path(),
        &["--generated", "none", "--filter", "sftp-locks.list::lists-locks"],
    );
    assert_eq!(ended.exit, 7, "{ended:?}");
    assert!(ended.stderr.contains("report."), "{}", ended.stderr);
    let text_of = record(folder.path());
    assert_eq!(whole(&text_of).last().map(|row| row["row"].clone()), Some("footer".into()));
    for entry in fs::read_dir(folder.path()).expect("the folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(!name.starts_with('.'), "{name} was left");
        assert!(
            name == "transcript.jsonl" || entry.metadata().expect("its length").len() > 0,
            "{name} is empty"
        );
    }
    let again = lxca(&["judge", text(folder.path())]);
    assert!([0, 3].contains(&again.exit), "{again:?}");
}

#[test]
fn a_change_that_couldnt_be_recorded_beforehand_isnt_followed_by_another_case() {
    let served = Served::start();
    let folder = TempDir::new().expect("a temporary folder");
    let before = served.locks().len();
    let ended = run_within(
        96,
        folder.path(),
        &["--url", &served.url, "--user", "USERID", "--allow", "write"],
    );
    assert_eq!(ended.exit, 7, "{ended:?}");
    assert!(served.locks().len() <= before + 2, "{:?}", served.locks());
    assert!(record(folder.path()).len() <= 96 * 1024);
    check_interrupted(folder.path());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_with_7_and_names_the_file() {
    let place = TempDir::new().expect("a temporary folder");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs", text(place.path())])
        .output();
    if !mounted.as_ref().is_ok_and(|output| output.status.success()) {
        println!("skipped: no small file system can be mounted here: {mounted:?}");
        return;
    }
    let out = place.path().join("out");
    let ended =
        answered(binary().args(["run", "--out", text(&out)]).output().expect("the binary starts"));
    let judged = lxca(&["judge", text(&out)]);
    let unmounted = Command::new("umount").arg(place.path()).status();
    assert!(
        unmounted.is_ok_and(|status| status.success()),
        "the small file system stays at {}",
        place.path().display()
    );
    assert_eq!(ended.exit, 7, "{ended:?}");
    assert!(
        ended.stderr.contains("transcript.jsonl") && ended.stderr.contains("No space left"),
        "{}",
        ended.stderr
    );
    assert_eq!(judged.exit, 3, "{judged:?}");
}

#[test]
fn a_folder_that_cant_be_made_or_written_ends_with_7_before_anything_is_sent() {
    let server = Hostile::appliance(|_| Deed::Say(json("[]")));
    let place = TempDir::new().expect("a temporary folder");
    let file = place.path().join("a-file");
    fs::write(&file, "in the way").expect("a written file");
    let taken = place.path().join("taken");
    fs::create_dir_all(taken.join("transcript.jsonl")).expect("a folder in place of the record");
    let old = place.path().join("old");
    fs::create_dir_all(old.join("report.json")).expect("a folder in place of a report");
    for out in [file.join("out"), PathBuf::from("/proc/no-such-place/out"), taken, old] {
        let ended =
            answered(start_run(&server.url, &out, &[]).wait_with_output().expect("its end"));
        assert_eq!(ended.exit, 7, "{}: {ended:?}", out.display());
        assert!(ended.stderr.contains(text(&out)), "{}", ended.stderr);
    }
    assert_eq!(server.connections(), 0, "a run that can't be recorded was begun");
}
