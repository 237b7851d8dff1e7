//! The binary as an operator and a pipeline see it: exit codes, stdout, stderr, files.
//!
//! Knows: the command line and its files. Must not know: the library behind it.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::command::{Answer, Served, answer, binary, json, report, text, verdicts};
use serde_json::Value;
use tempfile::TempDir;

const FIVE: [&str; 5] =
    ["junit.xml", "report.html", "report.json", "report.md", "transcript.jsonl"];

/// The binary without a password.
fn lxca(arguments: &[&str]) -> Answer {
    answer(binary().args(arguments))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The run without a target: one for all tests.
fn built_in() -> &'static (TempDir, Answer) {
    static RUN: OnceLock<(TempDir, Answer)> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = TempDir::new().expect("a temporary folder");
        let answer = lxca(&["run", "--out", text(folder.path())]);
        (folder, answer)
    })
}

fn built_in_folder() -> &'static Path {
    built_in().0.path()
}

/// A server that gives every request the same answer and counts them; it lives as long as the
/// tests.
fn always(answer: &'static str) -> (String, &'static AtomicUsize) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let asked: &'static AtomicUsize = Box::leak(Box::new(AtomicUsize::new(0)));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || give(stream, answer, asked));
        }
    });
    (url, asked)
}

fn give(mut stream: TcpStream, answer: &str, asked: &AtomicUsize) {
    let Ok(half) = stream.try_clone() else { return };
    let mut reader = BufReader::new(half);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        asked.fetch_add(1, Ordering::SeqCst);
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// A port where nobody listens: it was free a moment ago.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("its address"))
}

// ---- run

#[test]
fn a_run_without_a_target_ends_with_0_and_five_files() {
    let (folder, answer) = built_in();
    assert_eq!(answer.exit, 0, "{answer:?}");
    assert!(answer.stdout.starts_with("CONFORMANT: "), "{}", answer.stdout);
    assert!(answer.stdout.contains("claim      none"), "{}", answer.stdout);
    assert_eq!(answer.stderr, "");
    assert_eq!(names(folder.path()), FIVE);
    let report = report(folder.path());
    assert_eq!(
        (&report["conclusion"], &report["claim"], &report["target"]["kind"]),
        (&"conformant".into(), &false.into(), &"double".into())
    );
}

#[test]
fn the_first_screen_names_the_folder_and_the_files() {
    let (folder, answer) = built_in();
    assert!(answer.stdout.contains(text(folder.path())), "{}", answer.stdout);
    for name in FIVE {
        assert!(answer.stdout.contains(name), "{name} isn't named in {}", answer.stdout);
    }
    assert!(answer.stdout.lines().count() <= 25, "more than a screen:\n{}", answer.stdout);
}

#[test]
fn a_quiet_run_prints_one_line() {
    let folder = TempDir::new().expect("a temporary folder");
    let answer =
        lxca(&["run", "--quiet", "--filter", "sftp-locks.*", "--out", text(folder.path())]);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
    assert_eq!(answer.stdout.lines().count(), 1, "{}", answer.stdout);
    assert!(answer.stdout.starts_with("conformant: "), "{}", answer.stdout);
    let report = report(folder.path());
    assert_eq!(report["scope"]["filters"], serde_json::json!(["sftp-locks.*"]));
    assert!(report["summary"]["cases"]["untested"].as_u64() > Some(20), "{}", report["summary"]);
}

#[test]
fn a_filter_that_selects_nothing_ends_with_4_and_writes_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    let out = folder.path().join("out");
    let answer = lxca(&["run", "--filter", "nothing*", "--out", text(&out)]);
    assert_eq!(answer.exit, 4, "{answer:?}");
    assert_eq!(answer.stdout, "");
    assert!(
        answer.stderr.contains("nothing*") && answer.stderr.contains("lxca-conform list"),
        "{}",
        answer.stderr
    );
    assert!(!out.exists(), "a run that never was left a folder");
}

#[test]
fn a_ceiling_that_leaves_nothing_over_ends_with_4_and_names_the_ceiling() {
    let answer = lxca(&["run", "--allow", "read", "--filter", "backup.transfer::refuses-copy-*"]);
    assert_eq!(answer.exit, 4, "{answer:?}");
    assert!(answer.stderr.contains("need a higher --allow"), "{}", answer.stderr);
}

#[test]
fn a_server_that_answers_204_to_everything_is_never_conformant() {
    let (url, asked) = always("HTTP/1.1 204 No Content\r\n\r\n");
    // The second is a change that is wrongly accepted: after such a one a run waits for what it may
    // have started, hence only one.
    for more in
        [&[][..], &["--allow", "write", "--filter", "backup.transfer::refuses-copy-without-uuid"]]
    {
        let folder = TempDir::new().expect("a temporary folder");
        let before = asked.load(Ordering::SeqCst);
        let answer = answer(
            binary()
                .env("LXCA_PASSWORD", "PASSW0RD")
                .args(["run", "--url", &url, "--user", "USERID", "--out", text(folder.path())])
                .args(more),
        );
        assert!([1, 3].contains(&answer.exit), "{answer:?}");
        assert!(asked.load(Ordering::SeqCst) > before + 1, "nothing but the identity was asked");
        let report = report(folder.path());
        assert_ne!(report["conclusion"], "conformant");
        assert_eq!(
            report["claim"], false,
            "what isn't recognised as an appliance is no evidence about one"
        );
        assert_eq!(names(folder.path()), FIVE);
    }
}

#[test]
fn a_server_that_says_success_to_everything_is_nonconformant() {
    let (url, _) = always(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
        48\r\n\r\n{\"result\":\"success\",\"message\":[],\"jobId\":\"12345\"}",
    );
    let folder = TempDir::new().expect("a temporary folder");
    let answer = answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &url,
        "--user",
        "USERID",
        "--filter",
        "sftp-locks.list::*",
        "--out",
        text(folder.path()),
    ]));
    assert_eq!(answer.exit, 1, "{answer:?}");
    assert!(
        answer.stdout.starts_with("NONCONFORMANT: ") && answer.stdout.contains("expected"),
        "{}",
        answer.stdout
    );
    assert!(answer.stdout.contains("sftp-locks.list/"), "{}", answer.stdout);
}

#[test]
fn a_closed_port_ends_with_5_within_15_seconds() {
    let url = closed();
    let folder = TempDir::new().expect("a temporary folder");
    let start = Instant::now();
    let answer = answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &url,
        "--user",
        "USERID",
        "--out",
        text(folder.path()),
    ]));
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    assert!(answer.stderr.contains("failed to reach the target"), "{}", answer.stderr);
    let report = report(folder.path());
    assert_eq!(
        (&report["conclusion"], &report["summary"]["cases"]["pass"], &report["claim"]),
        (&"incomplete".into(), &0.into(), &false.into())
    );
}

#[test]
fn an_unreachable_target_isnt_turned_to_0_by_allow_incomplete() {
    let folder = TempDir::new().expect("a temporary folder");
    let answer = answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--allow-incomplete",
        "--url",
        &closed(),
        "--user",
        "USERID",
        "--out",
        text(folder.path()),
    ]));
    assert_eq!(answer.exit, 5, "{answer:?}");
}

#[test]
fn a_wrong_password_ends_with_5_after_few_attempts() {
    let served = Served::start(&[]);
    let folder = TempDir::new().expect("a temporary folder");
    let answer = answer(binary().env("LXCA_PASSWORD", "not-the-password").args([
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--out",
        text(folder.path()),
    ]));
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(
        answer.stderr.to_lowercase().contains("credentials")
            || answer.stderr.to_lowercase().contains("password"),
        "{}",
        answer.stderr
    );
    let record = fs::read_to_string(folder.path().join("transcript.jsonl")).expect("the record");
    let attempts = record.matches("\"row\":\"exchange\"").count();
    assert!(
        attempts <= 3,
        "{attempts} requests with a wrong password: an account is locked after twenty"
    );
    for name in FIVE {
        let text = fs::read_to_string(folder.path().join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!text.contains("not-the-password"), "{name} has the password");
    }
}

#[test]
fn a_missing_password_variable_ends_with_2_and_names_it() {
    let answer = lxca(&[
        "run",
        "--url",
        "http://192.0.2.1",
        "--user",
        "USERID",
        "--password-env",
        "NO_SUCH_VARIABLE",
    ]);
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(
        answer.stderr.contains("NO_SUCH_VARIABLE") && answer.stderr.contains("USERID"),
        "{}",
        answer.stderr
    );
    let answer = lxca(&["run", "--url", "http://192.0.2.1", "--user", "USERID"]);
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(answer.stderr.contains("LXCA_PASSWORD"), "{}", answer.stderr);
}

#[test]
fn an_unknown_option_a_bad_glob_and_an_unknown_fact_end_with_2() {
    for (arguments, word) in [
        (&["run", "--alow", "read"][..], "--allow"),
        (&["run", "--allow", "everything"], "destroy"),
        (&["run", "--filter", "[a"], "[a"),
        (&["run", "--fact", "backup.colour=red"], "backup.uuid"),
        (&["run", "--url", "http://192.0.2.1"], "--user"),
        (&["run", "--insecure"], "--url"),
        (&["run", "--target", "no-such-target.toml"], "no-such-target.toml"),
        (&["no-such-command"], "no-such-command"),
        (&[], "Usage"),
    ] {
        let answer = lxca(arguments);
        assert_eq!(answer.exit, 2, "{arguments:?}: {answer:?}");
        assert_eq!(answer.stdout, "", "{arguments:?}");
        assert!(answer.stderr.contains(word), "{arguments:?}: `{word}` isn't in {}", answer.stderr);
    }
}

#[test]
fn a_broken_catalogue_ends_with_2_and_shows_every_mistake_with_its_place_and_what_is_accepted() {
    let folder: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", "broken"].iter().collect();
    for command in ["run", "plan", "list", "lint"] {
        let answer = lxca(&[command, "--catalogue", text(&folder)]);
        assert_eq!(answer.exit, 2, "{command}: {answer:?}");
        assert_eq!(answer.stdout, "", "{command}");
        for part in [
            format!(
                "{}:6:1: unknown field `effct`, expected one of `id`, `title`, `effect`",
                folder.join("aicc/service/sftp/locks/get.toml").display()
            ),
            format!(
                "{}:13:11: unknown variant `raed`, expected one of `read`, `write`, `destroy`",
                folder.join("aicc/service/sftp/locks/get.toml").display()
            ),
            format!(
                "{}:9:13: unknown field `jsn`",
                folder.join("managementServer/data/put.toml").display()
            ),
            format!("{}:5:", folder.join("tasks/get.toml").display()),
            format!("{}: the key `operation`", folder.join("sessions/post.toml").display()),
        ] {
            assert!(
                answer.stderr.contains(&part),
                "{command}: `{part}` isn't in\n{}",
                answer.stderr
            );
        }
    }
}

#[test]
fn a_folder_that_isnt_there_or_holds_nothing_ends_with_2() {
    let empty = TempDir::new().expect("a temporary folder");
    for folder in [empty.path().join("absent"), empty.path().to_path_buf()] {
        for option in ["--catalogue", "--contract"] {
            let answer = lxca(&["list", option, text(&folder)]);
            assert_eq!(answer.exit, 2, "{option} {}: {answer:?}", folder.display());
            assert!(answer.stderr.contains(text(&folder)), "{}", answer.stderr);
        }
    }
}

#[test]
fn an_unwritable_place_ends_with_7_and_says_which() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("a-file");
    fs::write(&file, "in the way").expect("a written file");
    let out = file.join("out");
    let answer = lxca(&["run", "--filter", "sftp-locks.list::*", "--out", text(&out)]);
    assert_eq!(answer.exit, 7, "{answer:?}");
    assert!(answer.stderr.contains(text(&out)), "{}", answer.stderr);
    let again =
        lxca(&["judge", text(&built_in_folder().join("transcript.jsonl")), "--out", text(&out)]);
    assert_eq!(again.exit, 7, "{again:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_ends_with_130_and_leaves_a_record_that_can_be_judged() {
    let served = Served::start(&[]);
    let folder = TempDir::new().expect("a temporary folder");
    let mut child = binary()
        .env("LXCA_PASSWORD", "PASSW0RD")
        .args([
            "run",
            "--url",
            &served.url,
            "--user",
            "USERID",
            "--allow",
            "destroy",
            "--out",
            text(folder.path()),
        ])
        .spawn()
        .expect("the binary starts");
    let record = folder.path().join("transcript.jsonl");
    let start = Instant::now();
    // The record grows row by row: what is waited for is that it has some.
    while fs::read_to_string(&record).unwrap_or_default().lines().count() < 12 {
        assert!(start.elapsed() < Duration::from_mins(1), "the record doesn't grow");
        assert!(
            child.try_wait().expect("its state").is_none(),
            "the run ended before it could be interrupted"
        );
        thread::yield_now();
    }
    assert!(
        Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .expect("kill starts")
            .success()
    );
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(names(folder.path()), FIVE);
    let report = report(folder.path());
    assert_eq!(report["conclusion"], "incomplete", "{}", report["because"]);
    assert_eq!(lxca(&["judge", text(folder.path())]).exit, 3);
    assert_eq!(lxca(&["judge", text(folder.path()), "--allow-incomplete"]).exit, 0);
}

// ---- another process

/// The double in a process of its own, spoken to over a socket in real time. One test has it all,
/// because the run waits two minutes for jobs.
#[test]
fn the_double_in_another_process_gives_every_case_the_verdict_of_the_built_in_run() {
    let served = Served::start(&[]);
    let folder = TempDir::new().expect("a temporary folder");
    let start = Instant::now();
    let answer = answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--auth",
        "session",
        "--allow",
        "destroy",
        "--concurrency",
        "4",
        "--out",
        text(folder.path()),
    ]));
    println!("the run over the wire took {:?}", start.elapsed());
    let report = report(folder.path());
    let (here, there) = (verdicts(&self::report(built_in_folder())), verdicts(&report));
    let different: Vec<_> = here
        .iter()
        .filter(|(id, verdict)| there.get(*id) != Some(verdict))
        .map(|(id, verdict)| format!("{id}: {verdict} here, {:?} there", there.get(id)))
        .collect();
    assert!(different.is_empty(), "{}\n{answer:?}", different.join("\n"));
    assert_eq!(here.len(), there.len());
    assert_eq!(answer.exit, 0, "{answer:?}");
    // It is recognised, and makes no claim.
    assert_eq!((&report["target"]["kind"], &report["claim"]), (&"double".into(), &false.into()));
    assert!(
        report["target"]["url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:"))
    );
    assert_eq!(report["target"]["version"], "4.1.0");
    for name in FIVE {
        let text = fs::read_to_string(folder.path().join(name)).expect("a file of the run");
        assert!(!text.contains("PASSW0RD") && !text.contains("VVNFUklEOlBBU1NXMFJE"), "{name}");
    }
}

#[test]
fn a_read_only_run_sends_nothing_that_changes() {
    let served = Served::start(&[]);
    let folder = TempDir::new().expect("a temporary folder");
    let answer = answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--filter",
        "backup.list::*",
        "--filter",
        "tasks.list::*",
        "--filter",
        "backup.transfer::*",
        "--out",
        text(folder.path()),
    ]));
    assert!([0, 3].contains(&answer.exit), "{answer:?}");
    let record = fs::read_to_string(folder.path().join("transcript.jsonl")).expect("the record");
    let sent: Vec<Value> =
        record.lines().map(json).filter(|row| row["row"] == "exchange").collect();
    assert!(sent.len() > 3, "{record}");
    for row in &sent {
        assert!(
            ["GET", "HEAD"].contains(&row["sent"]["method"].as_str().unwrap_or_default()),
            "{row}"
        );
    }
    let report = report(folder.path());
    let left = report["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .filter(|case| case["operation"] == "backup.transfer" && case["effect"] != "read");
    for case in left {
        assert_eq!(case["verdict"], "untested", "{case}");
        assert!(
            case["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("--allow") || reason.contains("--filter")),
            "{case}"
        );
    }
}

#[test]
fn a_faulty_double_in_another_process_ends_with_1_and_names_the_requirement() {
    let served = Served::start(&["--fault", "lock-component-unknown"]);
    let folder = TempDir::new().expect("a temporary folder");
    let answer = answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--allow",
        "write",
        "--filter",
        "sftp-locks.list::*",
        "--out",
        text(folder.path()),
    ]));
    assert_eq!(answer.exit, 1, "{answer:?}");
    assert!(answer.stdout.contains("sftp-locks.list/body/component"), "{}", answer.stdout);
    let report = report(folder.path());
    let component = report["requirements"]
        .as_array()
        .expect("requirements")
        .iter()
        .find(|requirement| requirement["id"] == "sftp-locks.list/body/component")
        .expect("the requirement");
    assert_eq!(component["status"], "broken", "{component}");
}

#[test]
fn serve_refuses_names_that_it_doesnt_know_and_lists_those_that_it_does() {
    let answer = lxca(&["serve", "--fault", "no-such-fault"]);
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(answer.stderr.contains("no-such-fault"), "{}", answer.stderr);
    for option in ["--list-faults", "--list-variants"] {
        let listed = lxca(&["serve", option, "--format", "json"]);
        assert_eq!((listed.exit, listed.stderr.as_str()), (0, ""));
        let rows = json(&listed.stdout);
        let rows = rows.as_array().expect("a list");
        assert!(rows.len() > 5, "{option}: {}", rows.len());
        assert!(
            rows.iter().all(|row| row["name"].is_string()
                && row["summary"].as_str().is_some_and(|summary| summary.len() > 10)),
            "{option}"
        );
        let text = lxca(&["serve", option]);
        assert_eq!(text.stdout.lines().count(), rows.len());
    }
}

// ---- from a record

#[test]
fn a_record_judged_again_gives_the_same_cases_and_the_same_exit_code() {
    let folder = TempDir::new().expect("a temporary folder");
    for source in [built_in_folder().join("transcript.jsonl"), built_in_folder().to_path_buf()] {
        let answer = lxca(&["judge", text(&source), "--out", text(folder.path())]);
        assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
        assert!(answer.stdout.starts_with("CONFORMANT: "), "{}", answer.stdout);
        let (before, after) = (report(built_in_folder()), report(folder.path()));
        assert_eq!(before["cases"], after["cases"]);
        assert_eq!(before["requirements"], after["requirements"]);
        assert_eq!((&after["target"]["kind"], &after["claim"]), (&"replay".into(), &false.into()));
    }
}

#[test]
fn a_cut_record_ends_with_3_and_with_0_when_incomplete_is_allowed() {
    let folder = TempDir::new().expect("a temporary folder");
    let record =
        fs::read_to_string(built_in_folder().join("transcript.jsonl")).expect("the record");
    let kept: Vec<&str> = record.lines().take(40).collect();
    let path = folder.path().join("cut.jsonl");
    fs::write(&path, kept.join("\n") + "\n").expect("a written record");
    let answer = lxca(&["judge", text(&path)]);
    assert_eq!(answer.exit, 3, "{answer:?}");
    assert!(answer.stdout.starts_with("INCOMPLETE: "), "{}", answer.stdout);
    let allowed = lxca(&["judge", text(&path), "--allow-incomplete"]);
    assert_eq!(allowed.exit, 0, "{allowed:?}");
    assert!(
        allowed.stdout.starts_with("INCOMPLETE: "),
        "the report still says so: {}",
        allowed.stdout
    );
}

#[test]
fn what_is_no_record_ends_with_2_and_its_line() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("rubbish.jsonl");
    fs::write(&path, "rubbish\n").expect("a written file");
    for command in [&["judge", text(&path)][..], &["report", text(&path), "--format", "json"]] {
        let answer = lxca(command);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{answer:?}");
        assert!(answer.stderr.contains("rubbish.jsonl:1"), "{}", answer.stderr);
    }
    assert_eq!(lxca(&["judge", "no-such-file.jsonl"]).exit, 2);
}

#[test]
fn report_draws_every_form_as_the_run_wrote_it() {
    for (form, name) in [
        ("html", "report.html"),
        ("markdown", "report.md"),
        ("junit", "junit.xml"),
        ("json", "report.json"),
    ] {
        let written = fs::read_to_string(built_in_folder().join(name)).expect("a file of the run");
        let drawn = lxca(&["report", text(built_in_folder()), "--format", form]);
        assert_eq!((drawn.exit, drawn.stderr.as_str()), (0, ""), "{form}");
        assert!(drawn.stdout == written, "`report --format {form}` differs from {name}");
        let replayed =
            lxca(&["report", text(&built_in_folder().join("transcript.jsonl")), "--format", form]);
        assert_eq!(replayed.exit, 0, "{form} of the record: {replayed:?}");
        assert!(replayed.stdout.len() > 500, "{form} of the record");
    }
    assert_eq!(lxca(&["report", text(built_in_folder()), "--format", "pdf"]).exit, 2);
}

// ---- plan, list, explain, lint, help

#[test]
fn plan_prints_each_request_and_sends_nothing() {
    let (url, asked) = always("HTTP/1.1 204 No Content\r\n\r\n");
    let arguments = [
        "plan",
        "--url",
        &url,
        "--user",
        "USERID",
        "--allow",
        "destroy",
        "--fact",
        "push.destination=192.0.2.45",
    ];
    let answer = lxca(&arguments);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
    assert!(answer.stdout.contains("Nothing was sent"), "{}", answer.stdout);
    let document = json(&lxca(&[&arguments[..], &["--format", "json"]].concat()).stdout);
    let requests = document["requests"].as_array().expect("requests");
    assert!(requests.len() > 60, "{}", requests.len());
    for request in requests {
        let line = format!(
            "{} {}",
            request["method"].as_str().expect("a method"),
            request["path"].as_str().expect("a path")
        );
        assert!(answer.stdout.contains(&line), "`{line}` isn't in the text");
        assert!(
            ["read", "write", "destroy"].contains(&request["effect"].as_str().unwrap_or_default()),
            "{request}"
        );
        assert!(!line.contains("quiesce"), "{line}");
    }
    assert!(requests.iter().any(|request| request["method"] == "PUT"
        && request["path"] == "/managementServer/data"
        && request["body"].as_str().is_some_and(|body| body.contains("\"push\""))));
    assert_eq!(asked.load(Ordering::SeqCst), 0, "plan spoke to the target");
}

#[test]
fn plan_needs_no_password_and_plans_reads_only_unless_more_is_allowed() {
    let document = json(
        &lxca(&["plan", "--url", "http://192.0.2.1", "--user", "USERID", "--format", "json"])
            .stdout,
    );
    assert_eq!(document["allow"], "read");
    let requests = document["requests"].as_array().expect("requests");
    assert!(requests.len() > 5);
    assert!(
        requests.iter().all(|request| request["method"] == "GET" || request["method"] == "HEAD"),
        "{requests:#?}"
    );
    let left = document["left_out"].as_array().expect("what is left out");
    assert!(
        left.len() > 30
            && left
                .iter()
                .all(|row| row["reason"].as_str().is_some_and(|reason| !reason.is_empty()))
    );
}

#[test]
fn plan_gives_the_same_digest_for_the_same_requests_and_another_for_others() {
    let digest = |more: &[&str]| {
        json(&lxca(&[&["plan", "--format", "json"], more].concat()).stdout)["digest"]
            .as_str()
            .expect("a digest")
            .to_owned()
    };
    assert_eq!(digest(&[]), digest(&[]));
    assert_ne!(digest(&[]), digest(&["--allow", "write"]));
    assert_ne!(digest(&[]), digest(&["--fact", "push.destination=192.0.2.99"]));
}

#[test]
fn list_gives_one_row_per_case_for_programs() {
    let answer = lxca(&["list", "--format", "json"]);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""));
    let rows = json(&answer.stdout);
    let rows = rows.as_array().expect("an array");
    assert!(rows.len() >= 45, "{}", rows.len());
    for row in rows {
        let (id, operation) =
            (row["id"].as_str().expect("id"), row["operation"].as_str().expect("operation"));
        assert!(id.starts_with(&format!("{operation}::")), "{id}");
        assert!(row["title"].as_str().is_some_and(|title| !title.is_empty()), "{id}");
        assert!(
            ["read", "write", "destroy"].contains(&row["effect"].as_str().unwrap_or_default()),
            "{id}"
        );
        assert_eq!(row["generated"].as_bool(), Some(id.contains("::generated/")), "{id}");
        let requirements = row["requirements"].as_array().expect("requirements");
        assert!(
            !requirements.is_empty()
                && requirements
                    .iter()
                    .all(|requirement| requirement.as_str().is_some_and(|text| text.contains('/'))),
            "{id}: {requirements:?}"
        );
    }
    let listed: Vec<&str> = rows.iter().map(|row| row["id"].as_str().expect("id")).collect();
    assert_eq!(
        listed,
        verdict_order(),
        "list and report.json have the same cases in the same order"
    );
}

fn verdict_order() -> Vec<String> {
    report(built_in_folder())["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .map(|case| case["id"].as_str().expect("id").to_owned())
        .collect()
}

#[test]
fn list_takes_a_glob_and_ends_with_4_when_nothing_matches() {
    let all = lxca(&["list"]);
    let some = lxca(&["list", "backup.transfer::refuses-*"]);
    assert_eq!((all.exit, some.exit), (0, 0));
    assert!(some.stdout.lines().count() < all.stdout.lines().count());
    assert!(
        some.stdout.contains("backup.transfer::refuses-") && !some.stdout.contains("sftp-locks"),
        "{}",
        some.stdout
    );
    let none = lxca(&["list", "nothing*"]);
    assert_eq!((none.exit, none.stdout.as_str()), (4, ""), "{none:?}");
}

#[test]
fn lint_accepts_what_is_built_in() {
    let answer = lxca(&["lint"]);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
    assert!(answer.stdout.contains("consistent"), "{}", answer.stdout);
}

#[test]
fn explain_tells_the_story_of_a_case_a_requirement_an_operation_an_erratum_and_a_check() {
    let case = json(&lxca(&["list", "backup.transfer::*", "--format", "json"]).stdout)[0]["id"]
        .as_str()
        .expect("id")
        .to_owned();
    for (id, words) in [
        (
            case.as_str(),
            &[
                "PUT /managementServer/data",
                "expects status",
                "file    cases/managementServer/data/put.toml:",
            ][..],
        ),
        (
            "sftp-locks.list/body/component",
            &["stated", "Response body, row component", "claimed by"],
        ),
        ("backup.transfer", &["PUT /managementServer/data", "backup.transfer/body/jobId"]),
        ("E003", &["put-managementserver-data", "chosen", "vendor page"]),
        ("schema", &["check schema"]),
    ] {
        let answer = lxca(&["explain", id]);
        assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{id}: {answer:?}");
        for word in words {
            assert!(
                answer.stdout.contains(word),
                "explain {id}: `{word}` isn't in\n{}",
                answer.stdout
            );
        }
    }
}

#[test]
fn explain_of_an_unknown_id_ends_with_2_and_names_what_is_near() {
    let answer = lxca(&["explain", "sftp-locks.get/no/component"]);
    assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{answer:?}");
    assert!(
        answer.stderr.contains("did you mean") && answer.stderr.contains("/component"),
        "{}",
        answer.stderr
    );
    let answer = lxca(&["explain", "zzzz"]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer.stderr.contains("zzzz") && answer.stderr.contains("lxca-conform list"),
        "{}",
        answer.stderr
    );
}

#[test]
fn help_lists_the_exit_codes_and_is_an_answer() {
    let answer = lxca(&["--help"]);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""));
    for code in ["0", "1", "2", "3", "4", "5", "6", "7", "130"] {
        let row =
            answer.stdout.lines().find(|line| line.trim_start().starts_with(&format!("{code} ")));
        assert!(
            row.is_some_and(|line| line.trim().len() > 10),
            "exit code {code} isn't in\n{}",
            answer.stdout
        );
    }
    for command in ["run", "plan", "judge", "report", "list", "explain", "lint", "serve"] {
        assert!(
            answer.stdout.contains(&format!("  {command} ")),
            "{command} isn't in\n{}",
            answer.stdout
        );
        assert_eq!(lxca(&[command, "--help"]).exit, 0, "{command}");
    }
    assert_eq!(
        lxca(&["--version"]).stdout.trim(),
        concat!("lxca-conform ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn no_escape_byte_reaches_a_pipe_with_or_without_no_color() {
    let folder = TempDir::new().expect("a temporary folder");
    let (url, _) = always("HTTP/1.1 204 No Content\r\n\r\n");
    for no_color in [false, true] {
        let mut commands: Vec<Vec<&str>> = vec![
            vec!["--help"],
            vec!["list"],
            vec!["run", "--alow"],
            vec!["explain", "zzzz"],
            vec!["judge", text(built_in_folder())],
        ];
        commands.push(vec!["run", "--filter", "sftp-locks.list::*", "--out", text(folder.path())]);
        commands.push(vec![
            "run",
            "--url",
            &url,
            "--user",
            "USERID",
            "--filter",
            "sftp-locks.list::*",
            "--out",
            text(folder.path()),
        ]);
        for arguments in commands {
            let mut command = binary();
            command.env("LXCA_PASSWORD", "PASSW0RD").args(&arguments);
            if no_color {
                command.env("NO_COLOR", "1");
            }
            let answer = answer(&mut command);
            assert!(
                !answer.stdout.contains('\u{1b}') && !answer.stderr.contains('\u{1b}'),
                "{arguments:?}: {answer:?}"
            );
            assert!(
                !answer.stdout.contains('\r') && !answer.stderr.contains('\r'),
                "{arguments:?}: {answer:?}"
            );
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = binary().args(["list", "--format", "json"]).spawn().expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stderr, b"");
}
