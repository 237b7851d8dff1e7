//! Passwords as people and platforms give them: what tools add never leaves with one, and what
//! can't be one is refused before anything is sent.
//!
//! Knows: the binary before a double that counts what it is asked. Must not know: how a password is
//! fetched.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;

use crate::support::command::{Answer, Served, answer, binary, text};
use crate::support::wire::Recorder;

/// The double, and what was asked of it.
struct Place {
    _double: Served,
    recorder: Recorder,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let double = Served::start(&["--quiet"]);
        let recorder = Recorder::before(&double.url);
        Self { _double: double, recorder, folder: TempDir::new().expect("a temporary folder") }
    }

    fn target(&self, auth: &str) -> String {
        let file = self.folder.path().join("lab.toml");
        fs::write(
            &file,
            format!("name = \"lab\"\nurl = \"{}\"\n[auth]\n{auth}\n", self.recorder.url),
        )
        .expect("a file");
        text(&file).to_owned()
    }

    fn secret(&self, bytes: &[u8], mode: u32) -> String {
        let file = self.folder.path().join("lab.password");
        let _ = fs::remove_file(&file);
        fs::write(&file, bytes).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("its mode");
        text(&file).to_owned()
    }

    fn run(&self, target: &str) -> Answer {
        answer(binary().args([
            "run",
            "--target",
            target,
            "--filter",
            "appliance.get::*",
            "--out",
            text(&self.folder.path().join("out")),
        ]))
    }

    fn with_variable(&self, value: &OsStr, user: &str, auth: &str) -> Answer {
        let out = self.folder.path().join("out");
        let arguments = [
            "run",
            "--url",
            &self.recorder.url,
            "--user",
            user,
            "--auth",
            auth,
            "--filter",
            "appliance.get::*",
            "--out",
            text(&out),
        ];
        answer(binary().env("LXCA_PASSWORD", value).args(arguments))
    }

    /// It ended with 2, the words are there, and nobody was asked anything.
    fn refused(&self, answer: &Answer, words: &str) {
        assert_eq!(answer.exit, 2, "{answer:?}");
        assert!(answer.stderr.contains(words), "`{words}` isn't in {}", answer.stderr);
        assert_eq!(self.recorder.lines(), Vec::<String>::new(), "something was sent");
    }
}

fn accepted(answer: &Answer) {
    assert!([0, 3].contains(&answer.exit) && !answer.stdout.contains(" 0 pass"), "{answer:?}");
}

fn wide(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn a_mark_of_encoding_and_line_ends_never_leave_with_a_password() {
    let place = Place::new();
    let forms: [&[u8]; 6] = [
        b"PASSW0RD",
        b"PASSW0RD\n",
        b"PASSW0RD\r\n",
        b"\xef\xbb\xbfPASSW0RD\r\n",
        b"PASSW0RD\n\n",
        b"PASSW0RD\r",
    ];
    let file = place.folder.path().join("lab.password");
    let target = place.target(&format!("user = \"USERID\"\npassword-file = \"{}\"", text(&file)));
    for (index, form) in
        forms.iter().map(|form| form.to_vec()).chain([wide("PASSW0RD\r\n")]).enumerate()
    {
        place.secret(&form, 0o600);
        accepted(&place.run(&target));
        if index < forms.len() {
            for auth in ["basic", "session"] {
                accepted(&place.with_variable(OsStr::from_bytes(&form), "USERID", auth));
            }
        }
    }
}

#[test]
fn what_cant_be_a_password_is_refused_before_anything_is_sent() {
    let place = Place::new();
    let target = place.target(&format!(
        "user = \"USERID\"\npassword-file = \"{}\"",
        text(&place.folder.path().join("lab.password"))
    ));
    let forms: [(&[u8], &str); 7] = [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PASSW0RD\nnext", "several lines"),
        (b"PASS\x07W0RD", "control character"),
        (b"P\xe4SSW0RD", "UTF-8"),
        (b"-----BEGIN PRIVATE KEY-----AAAA", "key or a certificate"),
    ];
    for (form, words) in forms {
        place.secret(form, 0o600);
        place.refused(&place.run(&target), words);
        for auth in ["basic", "session"] {
            place.refused(&place.with_variable(OsStr::from_bytes(form), "USERID", auth), words);
        }
    }
    place.secret(&[b'x'; 5000], 0o600);
    place.refused(&place.run(&target), "1024 bytes");
    place.refused(
        &answer(binary().args(["run", "--url", &place.recorder.url, "--user", "USERID"])),
        "no terminal",
    );
    // The second account as well.
    place.secret(b"PASSW0RD", 0o600);
    let both = place.target(&format!(
        "user = \"USERID\"\npassword-file = \"{0}\"\n[unprivileged]\nuser = \
            \"OPERATOR\"\npassword-env = \
            \"LXCA_NONE_SET\"",
        text(&place.folder.path().join("lab.password"))
    ));
    place.refused(&place.run(&both), "LXCA_NONE_SET isn't set");
}

#[test]
fn a_user_with_a_colon_is_refused_under_basic_and_nothing_behind_the_colon_is_repeated() {
    let place = Place::new();
    let answer = place.with_variable(OsStr::new("PASSW0RD"), "USERID:hunter2", "basic");
    place.refused(&answer, "colon");
    assert!(!answer.stderr.contains("hunter2"), "{}", answer.stderr);
    for user in ["", " ", "USERID\n", "\u{feff}USERID"] {
        assert_eq!(
            place.with_variable(OsStr::new("PASSW0RD"), user, "session").exit,
            2,
            "{user:?}"
        );
    }
    assert_eq!(place.recorder.lines(), Vec::<String>::new(), "something was sent");
    // A session sends the name as JSON, where a colon is a character like others: the double
    // refuses that account, and nobody else does.
    let answer = place.with_variable(OsStr::new("PASSW0RD"), "user:name", "session");
    assert_eq!(answer.exit, 5, "{answer:?}");
}

#[test]
fn a_secret_is_taken_as_platforms_mount_it_and_refused_where_its_owner_left_it_open() {
    let place = Place::new();
    let file = place.folder.path().join("lab.password");
    let target = place.target(&format!("user = \"USERID\"\npassword-file = \"{}\"", text(&file)));
    for mode in [0o400, 0o600, 0o440, 0o444] {
        place.secret(b"PASSW0RD", mode);
        accepted(&place.run(&target));
    }
    let sent = place.recorder.lines().len();
    for mode in [0o644, 0o640, 0o666, 0o622] {
        place.secret(b"PASSW0RD", mode);
        let answer = place.run(&target);
        assert_eq!(answer.exit, 2, "{mode:o}: {answer:?}");
        assert!(
            answer.stderr.contains("chmod 600")
                && answer.stderr.contains("password-env")
                && answer.stderr.contains("0444"),
            "{}",
            answer.stderr
        );
    }
    assert_eq!(place.recorder.lines().len(), sent, "something was sent");
    // Kubernetes: a link into a folder that is replaced as a whole.
    let data = place.folder.path().join("..2026_01_01");
    fs::create_dir(&data).expect("a folder");
    fs::write(data.join("pw"), "PASSW0RD").expect("a file");
    symlink("..2026_01_01", place.folder.path().join("..data")).expect("a link");
    symlink("..data/pw", place.folder.path().join("pw")).expect("a link");
    let target = place.target("user = \"USERID\"\npassword-file = \"pw\"");
    for mode in [0o644, 0o640, 0o444] {
        fs::set_permissions(data.join("pw"), fs::Permissions::from_mode(mode)).expect("its mode");
        accepted(&place.run(&target));
    }
    // What others can change isn't taken from there either.
    fs::set_permissions(data.join("pw"), fs::Permissions::from_mode(0o666)).expect("its mode");
    assert_eq!(place.run(&target).exit, 2);
}

#[test]
fn a_password_comes_through_a_pipe() {
    let place = Place::new();
    let target = place.target("user = \"USERID\"\npassword-file = \"/dev/stdin\"");
    let out = place.folder.path().join("out");
    let mut child = binary()
        .args(["run", "--target", &target, "--filter", "appliance.get::*", "--out", text(&out)])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("its stdin"), b"PASSW0RD\n")
        .expect("a pipe");
    let output = child.wait_with_output().expect("an end");
    assert!([Some(0), Some(3)].contains(&output.status.code()), "{output:?}");
    let named = place.folder.path().join("named");
    assert!(
        std::process::Command::new("mkfifo")
            .args(["-m", "644", text(&named)])
            .status()
            .expect("mkfifo is there")
            .success()
    );
    let target = place.target("user = \"USERID\"\npassword-file = \"named\"");
    let writer = std::thread::spawn(move || fs::write(&named, "PASSW0RD\n"));
    accepted(&place.run(&target));
    writer.join().expect("a writer").expect("a pipe that is read");
}

#[test]
fn a_password_file_that_is_none_is_named_by_its_place() {
    let place = Place::new();
    let target = place.target("user = \"USERID\"\npassword-file = \"hunter2\"");
    let answer = place.run(&target);
    place.refused(&answer, "password-file");
    assert!(
        !answer.stderr.contains("hunter2") && answer.stderr.contains(text(place.folder.path())),
        "{}",
        answer.stderr
    );
    let target = place
        .target(&format!("user = \"USERID\"\npassword-file = \"{}\"", text(place.folder.path())));
    place.refused(&place.run(&target), "it is a folder");
    assert!(Path::new(&target).exists());
}

#[test]
fn a_password_may_come_from_a_program_and_never_from_a_shell() {
    let place = Place::new();
    let program = place.folder.path().join("get-pass");
    // The first argument isn't expanded, and what follows the first line is no password.
    fs::write(
        &program,
        "#!/bin/sh\n[ \"$1\" = '$(lab)' ] || { echo \"unexpected $1\" >&2; exit 9; }\necho \
            PASSW0RD\necho 'user: USERID'\n",
    )
    .expect("a file");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("its mode");
    let target = place.target(
        "user = \"USERID\"\nmethod = \"session\"\npassword-command = [\"./get-pass\", '$(lab)']",
    );
    let answer = place.run(&target);
    accepted(&answer);
    let out = place.folder.path().join("out");
    for file in fs::read_dir(&out).expect("the folder").map(|file| file.expect("a file").path()) {
        assert!(!crate::support::command::read(&file).contains("PASSW0RD"), "{}", file.display());
    }
    // The second account takes one too.
    let second = "user = \"USERID\"\npassword-command = [\"./get-pass\", '$(lab)']\n[unprivileged]\nuser \
        = \"OPERATOR\"\npassword-command = [\"./get-pass\", '$(lab)']";
    accepted(&place.run(&place.target(second)));
}

#[test]
fn a_program_that_gives_no_password_is_a_2_and_its_arguments_stay_out_of_the_message() {
    let place = Place::new();
    for (command, words) in [
        (
            "[\"/bin/sh\", \"-c\", \"echo hunter2; echo locked hunter2 >&2; exit 2\"]",
            "says: locked",
        ),
        ("[\"/bin/sh\", \"-c\", \"true # hunter2\"]", "printed nothing"),
        ("[\"/nowhere/hunt\", \"hunter2\"]", "can't be started"),
        ("\"pass show hunter2\"", "must be a list"),
        ("[]", "must be a list"),
        ("[\"pass\", 2]", "must be a list"),
        ("[\"pass\"]\npassword-env = \"P\"", "has both password-env and password-command"),
    ] {
        let target = place.target(&format!("user = \"USERID\"\npassword-command = {command}"));
        let answer = place.run(&target);
        place.refused(&answer, words);
        assert!(!answer.stderr.contains("hunter2"), "{}", answer.stderr);
    }
}
