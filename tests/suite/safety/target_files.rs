//! Target files, addresses and passwords: mistakes are shown all at once, and no option takes a
//! secret.
//!
//! Knows: the command line and target files. Must not know: how they are read.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use regex::Regex;
use tempfile::TempDir;

use crate::support::command::{Served, lxca, text};
use crate::support::wire::Recorder;

use super::{BASIC, Named};

#[test]
fn a_target_file_is_read_as_a_windows_shell_writes_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("target.toml");
    let told = format!("name = \"L\u{e4}b\"\r\nurl = \"http://192.0.2.10\"\r\n{BASIC}");
    let wide = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(told.encode_utf16()).flat_map(unit).collect()
    };
    let marked = format!("\u{feff}{told}").into_bytes();
    for bytes in [told.clone().into_bytes(), marked, wide(u16::to_le_bytes), wide(u16::to_be_bytes)]
    {
        fs::write(&file, bytes).expect("a file");
        let answer = lxca(&["plan", "--target", text(&file)]);
        assert_eq!(answer.exit, 0, "{answer:?}");
        assert!(answer.stdout.contains("L\u{e4}b"), "{}", answer.stdout);
    }
    fs::write(&file, b"name = \"L\xe4b\"").expect("a file");
    let answer = lxca(&["plan", "--target", text(&file)]);
    assert!(answer.exit == 2 && answer.stderr.contains("UTF-16"), "{answer:?}");
}

#[test]
fn a_file_without_an_end_is_refused() {
    let zero = "/dev/zero";
    for arguments in [
        &["run", "--target", zero][..],
        &["run", "--waivers", zero],
        &["profile", "lint", zero],
        &["judge", zero],
        &["gate", "--baseline", zero, "--candidate", zero],
    ] {
        let answer = lxca(arguments);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{arguments:?}: {answer:?}");
        assert!(answer.stderr.contains(zero), "{arguments:?}: {answer:?}");
    }
}

#[test]
fn a_target_file_with_several_mistakes_shows_them_all_with_line_and_column() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("target.toml");
    fs::write(
        &file,
        "nmae = \"lab\"\nurl = \"192.0.2.10\"\nallow = \"everything\"\n[auth]\nmethod = \
        \"cookie\"\npassword = \"hunter2\"\n[tls]\npin-sha256 = \"abc\"\n[limits]\nconcurrency = \
        99\nrun-timeout = \"soon\"\n[facts]\n\"backup.colour\" = \"red\"\n[expect]\nversion = \
        \"new\"\n",
    )
    .expect("a file");
    for command in ["run", "plan"] {
        let answer = lxca(&[command, "--target", text(&file)]);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{answer:?}");
        for (place, word) in [
            ("1:1", "nmae"),
            ("2:", "192.0.2.10"),
            ("3:", "everything"),
            ("5:", "cookie"),
            ("6:1", "password"),
            ("8:", "pin-sha256"),
            ("10:", "concurrency"),
            ("11:", "run-timeout"),
            ("13:1", "backup.colour"),
            ("15:", "new"),
            ("", "`name` is missing"),
            ("", "`user` is missing"),
        ] {
            let found = answer
                .stderr
                .lines()
                .any(|line| line.contains(&format!("target.toml:{place}")) && line.contains(word));
            assert!(found, "{command}: no line about {word} at {place} in\n{}", answer.stderr);
        }
        assert!(
            !answer.stderr.contains("hunter2"),
            "the password that doesn't belong there is shown: {}",
            answer.stderr
        );
    }
    assert_eq!(
        lxca(&[
            "plan",
            "--target",
            text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target.example.toml"))
        ])
        .exit,
        0
    );
}

#[test]
fn a_password_file_that_others_can_read_is_refused_and_one_of_the_owner_alone_is_used() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let target =
        Named::new(&recorder.url, "[auth]\nuser = \"USERID\"\npassword-file = \"lab.password\"\n");
    let password = target.folder.path().join("lab.password");
    fs::write(&password, "PASSW0RD\n").expect("a file");
    for mode in [0o644, 0o640, 0o604, 0o660, 0o620] {
        fs::set_permissions(&password, fs::Permissions::from_mode(mode)).expect("its mode");
        let answer = target.run(&[]);
        assert_eq!(answer.exit, 2, "{mode:o}: {answer:?}");
        assert!(
            answer.stderr.contains("lab.password") && answer.stderr.contains("chmod 600"),
            "{}",
            answer.stderr
        );
    }
    assert_eq!(recorder.connections(), 0);
    for mode in [0o600, 0o400] {
        fs::set_permissions(&password, fs::Permissions::from_mode(mode)).expect("its mode");
        let answer = target.run(&["--filter", "appliance.*"]);
        assert!([0, 3].contains(&answer.exit), "{mode:o}: {answer:?}");
    }
}

#[test]
fn no_option_takes_a_secret() {
    let option = Regex::new(r"--[a-z0-9-]+").unwrap();
    for command in [
        "run",
        "plan",
        "judge",
        "report",
        "list",
        "explain",
        "lint",
        "serve",
        "fingerprint",
        "sweep",
        "completions",
    ] {
        let help = lxca(&[command, "--help"]).stdout;
        let options: BTreeSet<String> =
            option.find_iter(&help).map(|found| found.as_str().to_owned()).collect();
        let suspicious: Vec<&String> = options
            .iter()
            .filter(|option| {
                ["pass", "secret", "token", "key", "credential", "cookie"]
                    .iter()
                    .any(|word| option.contains(word))
            })
            .collect();
        // Both name where a secret is: a variable, and the file of the double's own certificate.
        let named = |option: &str| {
            option == "--password-env"
                || (command == "serve" && option == "--key" && help.contains("--key <FILE>"))
        };
        assert!(suspicious.iter().all(|option| named(option)), "{command}: {suspicious:?}");
    }
    for arguments in [
        &["run", "--url", "http://127.0.0.1:1", "--user", "USERID", "--password", "hunter2"][..],
        &["run", "--url", "http://127.0.0.1:1", "--user", "USERID", "-p", "hunter2"],
    ] {
        assert_eq!(lxca(arguments).exit, 2);
    }
}

#[test]
fn an_address_with_credentials_is_refused_and_they_are_shown_nowhere() {
    let folder = TempDir::new().expect("a temporary folder");
    let url = "http://USERID:hunter2@127.0.0.1:1";
    let target = Named::new(url, BASIC);
    for arguments in [
        vec!["run", "--url", url, "--user", "USERID", "--out", text(folder.path())],
        vec!["run", "--target", text(&target.file), "--out", text(folder.path())],
        vec!["plan", "--url", url, "--user", "USERID"],
        vec!["plan", "--target", text(&target.file), "--format", "json"],
        vec!["fingerprint", "https://USERID:hunter2@127.0.0.1:1"],
    ] {
        let answer = lxca(&arguments);
        assert_eq!(answer.exit, 2, "{arguments:?}: {answer:?}");
        assert!(
            !answer.stdout.contains("hunter2") && !answer.stderr.contains("hunter2"),
            "{arguments:?}: {answer:?}"
        );
    }
}
