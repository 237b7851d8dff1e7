//! The recipes for CI, the tutorial of the gate, and the story of a nightly script, run as they
//! stand, with the double as the appliance.
//!
//! Knows: the files of `recipes/`, `action.yml`, `docs/upgrade-gate.md` and `docs/consumers.md`.
//! Must not know: how the gate comes to its answer.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may stop at once and read files"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::command::{Answer, Served, answer, read};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const BINARY: &str = env!("CARGO_BIN_EXE_lxca-conform");

/// A shell that finds the binary under its name, and nothing of this test's environment besides.
fn bash(folder: &Path, script: &str) -> Command {
    let tools = folder.join("tools");
    fs::create_dir_all(&tools).unwrap();
    let link = tools.join("lxca-conform");
    if !link.exists() {
        std::os::unix::fs::symlink(BINARY, &link).unwrap();
    }
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder)
        .env("NO_COLOR", "1")
        .env("LXCA_PASSWORD", "PASSW0RD")
        .current_dir(folder)
        .args(["-c", script]);
    command
}

fn gate(folder: &Path, url: &str, more: &[(&str, &str)]) -> Answer {
    let script = format!("{ROOT}/recipes/gate.sh");
    let mut command = bash(folder, &script);
    command.env("GATE_URL", url).env("GATE_USER", "USERID").env("GATE_BASELINE", "baseline");
    command.envs(more.iter().copied());
    answer(&mut command)
}

#[test]
fn the_script_makes_a_baseline_and_then_answers_with_its_exit_code() {
    let room = tempfile::tempdir().unwrap();
    let folder = room.path();
    let before = Served::start(&["--version", "4.1.0"]);
    let first = gate(folder, &before.url, &[]);
    assert_eq!(first.exit, 0, "{first:?}");
    assert!(first.stdout.contains("this run becomes it"), "{first:?}");
    let after = Served::start(&["--version", "4.2.0"]);
    let files = [("GATE_SUMMARY", "summary.md"), ("GITHUB_OUTPUT", "output")];
    let yes = gate(folder, &after.url, &files);
    assert_eq!(yes.exit, 0, "{yes:?}");
    let wrong = Served::start(&["--version", "4.2.0", "--fault", "lock-component-unknown"]);
    let no = gate(folder, &wrong.url, &files);
    assert_eq!(no.exit, 1, "{no:?}");
    assert_eq!(read(&folder.join("output")), "answer=yes\nanswer=no\n");
    assert!(read(&folder.join("summary.md")).contains("# ✗ NO"));
    assert!(folder.join("reports/gate/gate-junit.xml").exists());
    // Where there is no answer, no earlier one is left.
    let gone = || {
        let files = ["gate.json", "gate.html", "gate.md", "gate-junit.xml", "run/junit.xml"];
        files.iter().all(|file| !folder.join("reports/gate").join(file).exists())
    };
    for (url, more, exit) in [
        (wrong.url.as_str(), [("GATE_WAIVERS", "nowhere.toml")], 2),
        (after.url.as_str(), [("GATE_POLICY", "upgrade")], 0),
        ("http://127.0.0.1:1", [("GATE_POLICY", "upgrade")], 5),
    ] {
        let told = gate(folder, url, &[more.as_slice(), files.as_slice()].concat());
        assert_eq!((told.exit, gone()), (exit, exit == 2), "{told:?}");
    }
    assert!(!folder.join("reports/gate/gate.md").exists());
    assert_eq!(read(&folder.join("output")), "answer=yes\nanswer=no\nanswer=yes\n");
}

#[test]
fn an_incomplete_first_run_does_not_become_the_baseline() {
    let room = tempfile::tempdir().unwrap();
    let folder = room.path();
    // A 500 that the page documents can't be judged.
    let broken = Served::start(&["--fault", "sftp-locks.list: 500 always"]);
    let first = gate(folder, &broken.url, &[("GITHUB_OUTPUT", "output")]);
    assert_eq!(first.exit, 3, "{first:?}");
    assert!(first.stdout.contains("doesn't become the baseline"), "{first:?}");
    assert!(!folder.join("baseline").exists());
    assert_eq!(read(&folder.join("output")), "answer=incomplete\n");
}

/// The value of a key of one line, such as `run: …`, after a line that says `name: …`.
fn after<'a>(text: &'a str, name: &str, key: &str) -> &'a str {
    let from = text.find(name).unwrap_or_else(|| panic!("no `{name}`"));
    text[from..]
        .lines()
        .find_map(|line| line.trim().strip_prefix(key))
        .unwrap_or_else(|| panic!("no `{key}` after `{name}`"))
        .trim()
}

#[test]
fn the_action_hands_every_input_to_the_script_and_its_step_runs() {
    let action = read(&Path::new(ROOT).join("action.yml"));
    let script = read(&Path::new(ROOT).join("recipes/gate.sh"));
    let inputs = &action[action.find("inputs:").unwrap()..action.find("outputs:").unwrap()];
    let declared: BTreeSet<&str> = inputs
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.trim().trim_end_matches(':'))
        .collect();
    let used: BTreeSet<&str> =
        action.split("${{ inputs.").skip(1).map(|rest| rest.split(" }}").next().unwrap()).collect();
    assert_eq!(declared, used);
    for line in action
        .lines()
        .filter(|line| line.trim().starts_with("GATE_") && !line.contains("GATE_BINARY"))
    {
        let variable = line.trim().split(':').next().unwrap();
        assert!(
            script.contains(&format!("${{{variable}:"))
                || script.contains(&format!("${{{variable}}}")),
            "gate.sh doesn't read {variable}"
        );
    }
    let room = tempfile::tempdir().unwrap();
    let double = Served::start(&[]);
    let mut command = bash(room.path(), after(&action, "name: Run and gate", "run: "));
    command
        .env("GITHUB_ACTION_PATH", ROOT)
        .env("GATE_BINARY", BINARY)
        .env("RUNNER_TEMP", "unused")
        .env("GITHUB_OUTPUT", "output");
    // What isn't given comes as an empty text.
    for (variable, value) in [
        ("GATE_BASELINE", "baseline"),
        ("GATE_URL", double.url.as_str()),
        ("GATE_USER", "USERID"),
        ("GATE_TARGET", ""),
        ("GATE_WAIVERS", ""),
        ("GATE_ALLOW", "read"),
        ("GATE_POLICY", "upgrade"),
    ] {
        command.env(variable, value);
    }
    let first = answer(&mut command);
    assert_eq!(first.exit, 0, "{first:?}");
    assert_eq!(answer(&mut command).exit, 0);
    assert_eq!(read(&room.path().join("output")), "answer=baseline\nanswer=yes\n");
}

#[test]
fn the_other_recipes_set_only_what_the_script_reads_and_the_line_for_cron_runs() {
    let script = read(&Path::new(ROOT).join("recipes/gate.sh"));
    for file in ["gitlab-ci.yml", "Jenkinsfile", "crontab"] {
        let text = read(&Path::new(ROOT).join("recipes").join(file));
        let words: BTreeSet<&str> = text
            .split(|c: char| !c.is_ascii_uppercase() && c != '_')
            .filter(|word| word.starts_with("GATE_"))
            .collect();
        assert!(
            words.contains("GATE_TARGET") && words.contains("GATE_BASELINE"),
            "{file}: {words:?}"
        );
        for word in words {
            assert!(
                script.contains(&format!("${{{word}")),
                "{file} sets {word}, which gate.sh doesn't read"
            );
        }
    }
    let crontab = read(&Path::new(ROOT).join("recipes/crontab"));
    let line = crontab.lines().find(|line| !line.starts_with('#')).unwrap();
    let room = tempfile::tempdir().unwrap();
    let command = line
        .splitn(6, ' ')
        .last()
        .unwrap()
        .replace("/srv/lxca", &room.path().display().to_string())
        .replace("recipes/gate.sh", &format!("{ROOT}/recipes/gate.sh"));
    fs::write(room.path().join("password.env"), "export LXCA_PASSWORD=PASSW0RD\n").unwrap();
    let target = |url: &str| {
        fs::write(
            room.path().join("target.toml"),
            format!(
                "name = \"lab\"\nurl = \
            \"{url}\"\n[auth]\nmethod = \"basic\"\nuser = \"USERID\"\npassword-env = \
            \"LXCA_PASSWORD\"\n"
            ),
        )
        .unwrap();
    };
    let (good, bad) = (Served::start(&[]), Served::start(&["--fault", "lock-component-unknown"]));
    target(&good.url);
    let quiet = answer(&mut bash(room.path(), &command));
    assert_eq!((quiet.exit, quiet.stdout.as_str()), (0, ""), "{quiet:?}");
    target(&bad.url);
    let loud = answer(&mut bash(room.path(), &command));
    assert!(loud.stdout.contains("NO: "), "{loud:?}");
}

/// A command of a tutorial with the lines that it is said to print.
struct Shown {
    command: String,
    lines: Vec<String>,
}

fn console(file: &str) -> Vec<Shown> {
    let text = read(&PathBuf::from(ROOT).join(file));
    let mut found: Vec<Shown> = Vec::new();
    let mut within = false;
    for line in text.lines() {
        if line.starts_with("```") {
            within = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| within) {
            found.push(Shown { command: command.to_owned(), lines: Vec::new() });
        } else if within && !line.trim().is_empty() {
            found.last_mut().expect("a command comes first").lines.push(line.to_owned());
        }
    }
    found
}

/// Whether one of the lines is as shown, where `…` stands for anything.
fn says(printed: &str, wanted: &str) -> bool {
    printed.lines().any(|line| {
        let mut rest = line;
        wanted.trim().split('…').all(|part| match rest.find(part.trim()) {
            Some(at) => {
                rest = &rest[at + part.trim().len()..];
                true
            }
            None => false,
        })
    })
}

/// Runs the commands of a page one after the other in a folder, and holds what they print against
/// what the page shows.
fn plays(room: &Path, shown: &[Shown]) {
    const MARK: &str = "@@@ command";
    let mut script = String::from("set -m\n");
    for one in shown {
        let _ = writeln!(script, "echo '{MARK}'\n{}", one.command);
    }
    let _ = writeln!(
        script,
        "echo '{MARK}'\nfor job in $(jobs -p); do kill $job; done 2>/dev/null\nwait \
        2>/dev/null\nexit 0"
    );
    let answer = answer(&mut bash(room, &format!("exec 2>&1\n{script}")));
    assert_eq!(answer.exit, 0, "{answer:?}");
    let parts: Vec<&str> = answer.stdout.split(MARK).collect();
    assert_eq!(parts.len(), shown.len() + 2, "{}", answer.stdout);
    for (one, printed) in shown.iter().zip(&parts[1..]) {
        for line in &one.lines {
            assert!(
                says(printed, line),
                "`{}` doesn't print `{line}`, but:\n{printed}",
                one.command
            );
        }
    }
}

#[test]
fn the_tutorial_of_the_gate_does_what_it_says() {
    let shown = console("docs/upgrade-gate.md");
    assert!(shown.len() > 10, "{} commands", shown.len());
    let room = tempfile::tempdir().unwrap();
    plays(room.path(), &shown);
}

/// The block of a page that follows a text and has a language.
fn block<'a>(page: &'a str, after: &str, language: &str) -> &'a str {
    let at = page.find(after).expect(after);
    let start = format!("\n```{language}\n");
    let from = at + page[at..].find(&start).expect("a block") + start.len();
    &page[from..from + page[from..].find("```\n").expect("its end")]
}

#[test]
fn the_story_of_a_nightly_script_does_what_it_says() {
    let page = read(&PathBuf::from(ROOT).join("docs/consumers.md"));
    let room = tempfile::tempdir().unwrap();
    let script = room.path().join("nightly.sh");
    fs::write(&script, block(&page, "# Your automation", "sh")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let profile = block(&page, "The least that says something", "toml");
    fs::write(room.path().join("nightly.toml"), profile).unwrap();
    std::os::unix::fs::symlink(PathBuf::from(ROOT).join("recipes"), room.path().join("recipes"))
        .unwrap();
    // The planted clients of the tests are run by the tests.
    let mut shown = console("docs/consumers.md");
    shown.retain(|one| !one.command.starts_with("cargo "));
    assert!(shown.len() > 15, "{} commands", shown.len());
    plays(room.path(), &shown);
}
