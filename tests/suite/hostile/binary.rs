//! The binary before a hostile server: its exit code, what it prints, and how much memory it needs.
//!
//! Knows: the command line. Must not know: the library behind it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::built_in::loaded_for_a_run as loaded;
use crate::support::hostile_server::{self, Deed, Hostile, answer, json};

use super::{CHUNKED, LOCKS, chunk, endlessly, lock, password};

struct Ended {
    exit: i32,
    stdout: String,
    stderr: String,
    /// The most memory that it ever held, in KiB.
    peak: u64,
    took: Duration,
}

fn binary(server: &Hostile, folder: &Path, limits: &str, more: &[&str]) -> Ended {
    let target = folder.join("target.toml");
    fs::write(
        &target,
        format!(
            "name = \"hostile\"\nurl = \"{}\"\n[auth]\nuser = \
        \"USERID\"\npassword-file = \
        \"password\"\n[limits]\n{limits}",
            server.url
        ),
    )
    .expect("a written file");
    password(folder);
    let out = folder.join("out");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lxca-conform"));
    command
        .args(["run", "--target"])
        .arg(&target)
        .arg("--out")
        .arg(&out)
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().expect("the binary starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("its state").is_none() {
        let seen = fs::read_to_string(&status).unwrap_or_default();
        let most = seen.lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok()
        });
        peak = peak.max(most.unwrap_or(0));
        assert!(start.elapsed() < Duration::from_mins(3), "the run doesn't end");
        thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("its end");
    Ended {
        exit: output.status.code().expect("an exit code, not a signal"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        peak,
        took: start.elapsed(),
    }
}

#[test]
fn a_login_page_for_every_path_ends_with_5_and_is_recognised_as_no_appliance() {
    let server = Hostile::start(|_| {
        Deed::Say(answer(
            "200 OK",
            &["content-type: text/html; charset=UTF-8", "server: gateway"],
            "<!DOCTYPE html>\n<html><form action=/login></form></html>",
        ))
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(&server, folder.path(), "", &[]);
    assert_eq!(ended.exit, 5, "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stderr.contains("isn't recognised as an LXCA") && ended.stderr.contains("text/html"),
        "{}",
        ended.stderr
    );
    assert_eq!(server.asked().len(), 1, "a stranger was asked more than who it is");
}

#[test]
fn a_stranger_that_redirects_every_request_is_asked_nothing_elsewhere_and_gets_no_credentials_there()
 {
    let elsewhere = Hostile::start(|_| Deed::Say(json(hostile_server::IDENTITY)));
    let there = elsewhere.url.clone();
    let server = Hostile::start(move |asked| {
        Deed::Say(answer("302 Found", &[&format!("location: {there}{}", asked.target)], ""))
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(&server, folder.path(), "", &[]);
    assert!([1, 3, 5].contains(&ended.exit), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn an_endless_body_never_needs_more_than_200_mib() {
    let server = Hostile::after_identity(|_| {
        Deed::play(|stream| {
            endlessly(
                stream,
                [CHUNKED.as_bytes(), &chunk(b"[\"")].concat().as_slice(),
                &chunk(&vec![b'a'; 64 * 1024]),
            )
        })
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(
        &server,
        folder.path(),
        "max-body = \"8 MiB\"\nrequest-timeout = \"20s\"\n",
        &["--filter", "sftp-locks.*", "--filter", "tasks.*"],
    );
    println!("peak {} KiB in {:?}", ended.peak, ended.took);
    assert!([1, 3].contains(&ended.exit), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.peak > 0 && ended.peak < 200 * 1024, "{} KiB", ended.peak);
}

#[test]
fn a_body_of_64_mib_never_needs_more_than_200_mib() {
    let server = Hostile::after_identity(|_| {
        Deed::play(|stream| {
            // Rows upon rows, so that it would be dear to read as JSON, too.
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: \
                application/json\r\ncontent-length: 67108864\r\n\r\n[0",
            )?;
            let rows = ",{}".repeat(20 * 1024);
            for _ in 0..2000 {
                stream.write_all(rows.as_bytes())?;
            }
            Ok(())
        })
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(
        &server,
        folder.path(),
        "max-body = \"8 MiB\"\nrequest-timeout = \"20s\"\n",
        &["--filter", "sftp-locks.*", "--filter", "tasks.*"],
    );
    println!("peak {} KiB in {:?}", ended.peak, ended.took);
    assert!([1, 3].contains(&ended.exit), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.peak > 0 && ended.peak < 200 * 1024, "{} KiB", ended.peak);
}

#[test]
fn a_whole_body_of_millions_of_wrong_rows_is_judged_in_bounded_time_and_memory() {
    // Each row breaks four rules.
    let rows: &'static str =
        Box::leak(format!("[0{}]", ",{}".repeat(1024 * 1024)).into_boxed_str());
    let server = Hostile::after_identity(move |_| Deed::Say(json(rows)));
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(
        &server,
        folder.path(),
        "max-body = \"8 MiB\"\nrequest-timeout = \"20s\"\n",
        &["--filter", LOCKS[0]],
    );
    println!("peak {} KiB in {:?}", ended.peak, ended.took);
    assert_eq!(ended.exit, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.lines().count() <= 40, "more than a screen: {}", ended.stdout);
    assert!(ended.peak > 0 && ended.peak < 200 * 1024, "{} KiB", ended.peak);
    let report = fs::metadata(folder.path().join("out").join("report.json")).expect("report.json");
    assert!(report.len() < 8 * 1024 * 1024, "{} bytes of report", report.len());
}

#[test]
fn ten_thousand_wrong_rows_print_no_more_than_a_screen() {
    let server = Hostile::after_identity(|_| {
        Deed::Say(json(format!("[{}]", vec![lock().replace("DS", "XX"); 10_000].join(","))))
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(
        &server,
        folder.path(),
        "max-body = \"8 MiB\"\nrequest-timeout = \"20s\"\n",
        &["--filter", LOCKS[0]],
    );
    assert_eq!(ended.exit, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.lines().count() <= 40, "more than a screen: {}", ended.stdout);
    assert!(ended.stdout.contains("component"), "{}", ended.stdout);
}

#[test]
fn a_flood_of_one_difference_hides_no_other() {
    let flood = vec![lock().replace(":61", ":-1"); 3000].join(",");
    let body =
        serde_json::from_str(&format!("[{flood},{}]", lock().replace("DS", "XX"))).expect("JSON");
    let violations =
        loaded().0.schemas.violations("lxca:///aicc/service/sftp/locks/get.200.json", &body);
    assert!(
        violations.iter().any(|violation| violation.requirement.ends_with("/component")),
        "{} differences, and none is about the component",
        violations.len()
    );
    assert!(violations.len() < 3000, "{}", violations.len());
}
