//! `run`: its files, its first screen, its filters, and the exit code for each way in which it can
//! end.
//!
//! Knows: the command line, and servers that answer one thing. Must not know: the library behind
//! it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::command::{Served, answer, binary, report, text};

use super::{FIVE, always, built_in, built_in_folder, lxca};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A port where nobody listens: it was free a moment ago.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("its address"))
}

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
fn one_of_several_filters_that_matches_nothing_is_named_and_nothing_is_sent() {
    let folder = TempDir::new().expect("a temporary folder");
    let out = folder.path().join("out");
    let both = ["--filter", "sftp-locks.list::*", "--filter", "sftp-lokcs.delete::*"];
    let answer = lxca(&[&["run", "--out", text(&out)], &both[..]].concat());
    assert_eq!(answer.exit, 4, "{answer:?}");
    assert!(answer.stderr.contains("no case matches --filter sftp-lokcs"), "{}", answer.stderr);
    assert!(!out.exists(), "a run that never was left a folder");
    let planned = lxca(&[&["plan"], &both[..]].concat());
    assert_eq!((planned.exit, planned.stdout.as_str()), (4, ""), "{planned:?}");
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
fn too_few_open_files_are_told_as_such() {
    let told = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 6; exec \"$0\" list", env!("CARGO_BIN_EXE_lxca-conform")])
        .output()
        .expect("a shell");
    let stderr = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("ulimit -n") && !stderr.contains("panicked"), "{stderr}");
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
