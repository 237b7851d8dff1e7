//! A record or report that can't be written: exit 7, the file, and nothing more is sent.
//!
//! Knows: limits of the shell, full disks, and folders that can't be written. Must not know: how a
//! file is written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::hostile_server::{Deed, Hostile, json};

use super::{
    Answer, Served, answered, binary, check_interrupted, clean, lxca, record, start_run, text,
    whole,
};

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
