//! One folder, one run: side by side, killed, or not begun.
//!
//! Knows: the binary and its folders. Must not know: how a folder is locked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;

use crate::support::command::{Served, answer, binary, lxca, read, report, text, until};
use crate::support::wire::Recorder;

/// A target file called `lab` for an appliance.
fn lab(folder: &Path, name: &str, url: &str) -> PathBuf {
    let file = folder.join(name);
    fs::write(
        &file,
        format!(
            "name = \"lab\"\nurl = \"{url}\"\n[auth]\nuser = \
        \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n"
        ),
    )
    .expect("a file");
    file
}

/// An appliance that answers its first question only when it is told to: until then the run that
/// asks it is alive.
fn held(served: &Served) -> (Recorder, Arc<AtomicBool>) {
    let free = Arc::new(AtomicBool::new(false));
    let gate = Arc::clone(&free);
    let recorder = Recorder::between(&served.url, move |seen| {
        if seen.target == "/aicc" {
            until("the run may go on", || gate.load(Ordering::SeqCst));
        }
        None
    });
    (recorder, free)
}

fn start(folder: &Path, target: &Path, more: &[&str]) -> Child {
    binary()
        .current_dir(folder)
        .env("LXCA_PASSWORD", "PASSW0RD")
        .args(["run", "--target", text(target), "--quiet"])
        .args(more)
        .spawn()
        .expect("the binary starts")
}

fn headers(record: &Path) -> usize {
    read(record).lines().filter(|row| row.contains("\"row\":\"header\"")).count()
}

#[test]
fn runs_of_one_target_at_one_time_have_a_folder_each_with_their_own_record_and_report() {
    let (right, wrong) =
        (Served::start(&[]), Served::start(&["--fault", "lock-component-unknown"]));
    let folder = TempDir::new().expect("a temporary folder");
    let targets = [
        lab(folder.path(), "right.toml", &right.url),
        lab(folder.path(), "wrong.toml", &wrong.url),
    ];
    let runs: Vec<(usize, Child)> = (0..6)
        .map(|number| (number % 2, start(folder.path(), &targets[number % 2], &[])))
        .collect();
    let expected: Vec<usize> = runs.iter().map(|(kind, _)| *kind).collect();
    let exits: Vec<i32> = runs
        .into_iter()
        .map(|(_, mut child)| child.wait().expect("its end").code().expect("a code"))
        .collect();
    for (kind, exit) in expected.iter().zip(&exits) {
        assert_eq!(*exit == 1, *kind == 1, "{exits:?}");
    }
    let folders: Vec<PathBuf> = fs::read_dir(folder.path().join("reports/runs"))
        .expect("the runs")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert_eq!(folders.len(), 6, "{folders:?}");
    let mut reds = 0;
    for run in &folders {
        let report = report(run);
        let red = report["conclusion"] == "nonconformant";
        reds += usize::from(red);
        assert_eq!(
            report["target"]["url"],
            if red { wrong.url.as_str() } else { right.url.as_str() }
        );
        assert_eq!(headers(&run.join("transcript.jsonl")), 1);
        let again = lxca(&["judge", text(run), "--quiet"]);
        assert!(
            again.stdout.starts_with(report["conclusion"].as_str().expect("a word")),
            "{again:?}"
        );
    }
    assert_eq!(reds, 3);
}

#[test]
fn the_folder_of_a_living_run_is_refused_with_2_to_whoever_would_write_into_it() {
    let served = Served::start(&[]);
    let (appliance, free) = held(&served);
    let other = Recorder::before(&served.url);
    let folder = TempDir::new().expect("a temporary folder");
    let earlier = folder.path().join("earlier");
    let target = lab(folder.path(), "target.toml", &served.url);
    lxca(&["run", "--target", text(&target), "--out", text(&earlier)]);
    let shared = folder.path().join("shared");
    let mut first = start(
        folder.path(),
        &lab(folder.path(), "held.toml", &appliance.url),
        &["--out", text(&shared)],
    );
    until("the first run is under way", || appliance.connections() > 0);
    let second = lab(folder.path(), "other.toml", &other.url);
    for way in [
        vec!["run", "--target", text(&second), "--out", text(&shared)],
        vec!["judge", text(&earlier), "--out", text(&shared)],
        vec!["report", text(&earlier), "--out", text(&shared)],
        vec!["report", text(&earlier), "--format", "har", "--out", text(&shared)],
        vec![
            "gate",
            "--baseline",
            text(&earlier),
            "--candidate",
            text(&earlier),
            "--out",
            text(&shared),
        ],
        vec!["matrix", text(&earlier), "--out", text(&shared)],
    ] {
        let answer = lxca(&way);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{way:?}: {answer:?}");
        assert!(
            answer.stderr.contains("another run is using it") && answer.stderr.contains("--out"),
            "{}",
            answer.stderr
        );
    }
    assert_eq!(other.connections(), 0, "the second run sent something");
    free.store(true, Ordering::SeqCst);
    assert!([0, 3].contains(&first.wait().expect("its end").code().expect("a code")));
    let first = report(&shared);
    assert_eq!(
        (&first["target"]["url"], headers(&shared.join("transcript.jsonl"))),
        (&appliance.url.as_str().into(), 1)
    );
    // Its end lets others in, and what it left is gone.
    assert!(
        [0, 3].contains(&lxca(&["run", "--target", text(&second), "--out", text(&shared)]).exit)
    );
    assert_eq!(report(&shared)["target"]["url"], other.url.as_str());
}

#[test]
fn a_run_that_was_killed_leaves_its_folder_free_and_nothing_of_it_in_the_next_record() {
    let served = Served::start(&[]);
    let (appliance, _free) = held(&served);
    let folder = TempDir::new().expect("a temporary folder");
    let shared = folder.path().join("shared");
    let mut first = start(
        folder.path(),
        &lab(folder.path(), "held.toml", &appliance.url),
        &["--out", text(&shared)],
    );
    until("the first run is under way", || appliance.connections() > 0);
    first.kill().expect("its end");
    first.wait().expect("its end");
    fs::write(
        shared.join("transcript.jsonl"),
        "{\"row\":\"header\",\"left\":\"by the first\"}\n".repeat(2000),
    )
    .expect("a file");
    let answer = lxca(&[
        "run",
        "--target",
        text(&lab(folder.path(), "target.toml", &served.url)),
        "--out",
        text(&shared),
    ]);
    assert!([0, 3].contains(&answer.exit), "{answer:?}");
    assert_eq!(headers(&shared.join("transcript.jsonl")), 1);
    assert!(!read(&shared.join("transcript.jsonl")).contains("by the first"));
    assert_eq!(lxca(&["judge", text(&shared)]).exit, answer.exit);
}

#[test]
fn a_run_that_doesnt_begin_leaves_no_folder() {
    let folder = TempDir::new().expect("a temporary folder");
    let target = lab(folder.path(), "target.toml", "http://127.0.0.1:9");
    let answer =
        answer(binary().current_dir(folder.path()).args(["run", "--target", text(&target)]));
    assert_eq!(answer.exit, 2, "{answer:?}");
    let left =
        fs::read_dir(folder.path().join("reports/runs")).map(Iterator::count).unwrap_or_default();
    assert_eq!(left, 0);
}

#[test]
fn a_folder_that_is_removed_or_replaced_during_the_run_ends_with_7_and_no_report() {
    for is_replaced in [false, true] {
        let served = Served::start(&[]);
        let recorder = Recorder::before(&served.url);
        let folder = TempDir::new().expect("a temporary folder");
        let out = folder.path().join("out");
        let target = folder.path().join("target.toml");
        let slow = "[auth]\nuser = \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n[limits]\n\
            requests-per-second = 8\n";
        fs::write(&target, format!("name = \"slow\"\nurl = \"{}\"\n{slow}", recorder.url))
            .expect("a file");
        let child = binary()
            .env("LXCA_PASSWORD", "PASSW0RD")
            .args(["run", "--target", text(&target), "--filter", "tasks.*", "--out", text(&out)])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        until("a case is asked", || recorder.seen().len() >= 2);
        fs::rename(&out, folder.path().join("elsewhere")).expect("another name");
        if is_replaced {
            fs::create_dir(&out).expect("a folder");
            fs::write(out.join("transcript.jsonl"), "").expect("a file");
        }
        let ended = child.wait_with_output().expect("its end");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(7), "{said}");
        assert!(said.contains("moved or removed during the run"), "{said}");
        assert!(!out.join("report.json").exists());
    }
}
