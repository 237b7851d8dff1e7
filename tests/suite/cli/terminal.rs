//! Help, colours and pipes: what is printed where no case is asked.
//!
//! Knows: the command line, and readers of its output. Must not know: the library behind it.

use tempfile::TempDir;

use crate::support::command::{answer, binary, text};

use super::{always, built_in_folder, lxca};

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
