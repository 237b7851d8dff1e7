//! A catalogue of one's own: what `lint` refuses of it isn't run either, and what is right in it is
//! accepted by both.
//!
//! Knows: the command line and case files. Must not know: the library behind it.

use std::fs;

use tempfile::TempDir;

use crate::support::command::text;

use super::lxca;

const LIST: &str = "operation = \"sftp-locks.list\"\n";
const CASE: &str = "[[case]]\nid = \"mine\"\ntitle = \"Mine\"\neffect = \"read\"\n\
    request = { }\nexpect = { status = [200] }\n";

/// A catalogue of one file.
fn catalogue(file: &str, cases: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, cases).expect("a case file");
    folder
}

#[test]
fn what_lint_refuses_of_a_case_is_not_run_planned_or_listed() {
    let file = "aicc/service/sftp/locks/get.toml";
    let delete = CASE.replace("request = { }", "request = { path = { id = \"abc\" } }");
    for (file, cases, place, word) in [
        (file, format!("{LIST}{}", CASE.replace("[200]", "[]")), "2:1", "expects no status"),
        (file, format!("{LIST}{CASE}{CASE}"), "8:1", "already used by the case at"),
        (file, format!("operation = \"nosuch.op\"\n{CASE}"), "2:1", "unknown operation"),
        (
            "aicc/service/sftp/locks/{id}/delete.toml",
            format!("operation = \"sftp-locks.delete\"\n{}", delete.replace("[200]", "[404]")),
            "2:1",
            "can't have `effect = \"read\"`",
        ),
        (file, format!("{LIST}{}", CASE.replace("[200]", "[404]")), "2:1", "doesn't document"),
        (
            file,
            format!(
                "{LIST}{}",
                CASE.replace("request = { }", "request = { method = \"HEAD\" }")
                    .replace("[200]", "[418]")
            ),
            "2:1",
            "no requirement is about",
        ),
    ] {
        let folder = catalogue(file, &cases);
        let out = folder.path().join("out");
        for arguments in [
            &["lint"][..],
            &["list"],
            &["plan", "--allow", "destroy"],
            &["run", "--out", text(&out)],
            &["explain", "sftp-locks.list"],
        ] {
            let answer = lxca(&[arguments, &["--catalogue", text(folder.path())]].concat());
            let told = &answer.stderr;
            assert_eq!(answer.exit, 2, "{arguments:?} {word}: {answer:?}");
            let place = format!("{}:{place}: ", folder.path().join(file).display());
            assert!(told.contains(&place) && told.contains(word), "{arguments:?} {word}: {told}");
            assert!(!told.contains("the register"), "{told}");
            if arguments == ["lint"] {
                assert!(told.contains(", 1 problem:"), "{told}");
            }
        }
        assert!(!out.exists(), "nothing was sent");
    }
}

#[test]
fn cases_of_ones_own_are_right_without_those_that_are_built_in() {
    let folder = catalogue("aicc/service/sftp/locks/get.toml", &format!("{LIST}{CASE}"));
    let lint = lxca(&["lint", "--catalogue", text(folder.path())]);
    assert_eq!((lint.exit, lint.stderr.as_str()), (0, ""), "{lint:?}");
    assert!(lint.stdout.contains("these cases alone leave"), "{}", lint.stdout);
    let out = folder.path().join("out");
    let run = lxca(&["run", "--catalogue", text(folder.path()), "--out", text(&out)]);
    assert_eq!(run.exit, 0, "{run:?}");
    // Where a file lies changes no answer.
    let folder = catalogue("mine.toml", &format!("{LIST}{CASE}"));
    assert_eq!(lxca(&["lint", "--catalogue", text(folder.path())]).exit, 2);
    let run = lxca(&["run", "--catalogue", text(folder.path()), "--out", text(&out)]);
    assert_eq!(run.exit, 0, "{run:?}");
}
