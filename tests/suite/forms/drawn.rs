//! Forms that are drawn from a record, from a report and from their folder, and those that are
//! asked for besides.
//!
//! Knows: the command line and its files. Must not know: the library behind it.

use tempfile::TempDir;

use crate::support::command::{json, lxca, report, text};

use super::whole;

#[test]
fn a_report_is_drawn_from_a_record_from_a_report_and_from_their_folder() {
    let folder = whole().path();
    for source in
        [folder.to_path_buf(), folder.join("report.json"), folder.join("transcript.jsonl")]
    {
        for (form, start) in [
            ("html", "<!doctype html>"),
            ("markdown", "# ✓ CONFORMANT"),
            ("junit", "<?xml"),
            ("json", "{"),
            ("sarif", "{"),
            ("github", "::"),
        ] {
            let told = lxca(&["report", text(&source), "--format", form]);
            assert_eq!(
                (told.exit, told.stderr.as_str()),
                (0, ""),
                "{form} of {}: {told:?}",
                source.display()
            );
            assert!(told.stdout.trim_start().starts_with(start), "{form} of {}", source.display());
        }
    }
    let har = json(&lxca(&["report", text(folder), "--format", "har"]).stdout);
    assert_eq!(
        har["log"]["entries"].as_array().map(Vec::len),
        report(folder)["summary"]["requests"]
            .as_u64()
            .and_then(|count| usize::try_from(count).ok())
    );
    let refused = lxca(&["report", text(&folder.join("report.json")), "--format", "har"]);
    assert_eq!((refused.exit, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("name the transcript.jsonl"), "{}", refused.stderr);
    assert_eq!(lxca(&["report", text(folder)]).exit, 2, "neither form nor folder");
}

#[test]
fn further_forms_are_written_beside_the_others_and_go_with_the_next_run() {
    let folder = TempDir::new().expect("a temporary folder");
    let out = folder.path().join("out");
    for form in ["sarif", "har"] {
        assert_eq!(
            lxca(&["report", text(whole().path()), "--format", form, "--out", text(&out)]).exit,
            0,
            "{form}"
        );
    }
    for name in
        ["report.json", "report.html", "report.md", "junit.xml", "report.sarif", "exchanges.har"]
    {
        assert!(out.join(name).is_file(), "{name}");
    }
    assert_eq!(
        lxca(&["run", "--quiet", "--filter", "sftp-locks.list::*", "--out", text(&out)]).exit,
        0
    );
    assert!(
        !out.join("report.sarif").exists() && !out.join("exchanges.har").exists(),
        "they belonged to another run"
    );
}

#[test]
fn a_shared_page_keeps_its_style_its_script_and_its_policy() {
    let own = lxca(&["report", text(whole().path()), "--format", "html"]).stdout;
    let shared = lxca(&["report", text(whole().path()), "--format", "html", "--share"]).stdout;
    assert_ne!(own, shared);
    let part = |page: &str, name: &str| {
        page.split(&format!("<{name}>"))
            .nth(1)
            .and_then(|rest| rest.split(&format!("</{name}>")).next())
            .map(str::to_owned)
            .expect("a part")
    };
    let policy = |page: &str| {
        page.lines().find(|line| line.contains("Content-Security-Policy")).map(str::to_owned)
    };
    assert_eq!(
        (part(&own, "style"), part(&own, "script"), policy(&own)),
        (part(&shared, "style"), part(&shared, "script"), policy(&shared))
    );
}
