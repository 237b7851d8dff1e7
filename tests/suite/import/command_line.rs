//! `import` as a person runs it, and the folder that comes of it on top of the built-in contract.
//!
//! Knows: the command line. Must not know: the library behind it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::fixture;

struct Answer {
    exit: i32,
    stdout: String,
    stderr: String,
}

fn lxca(arguments: &[&str]) -> Answer {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
        .args(arguments)
        .output()
        .expect("the program runs");
    Answer {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn path_of(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import");
    root.join(name).display().to_string()
}

#[test]
fn the_command_line_reads_pages_and_refuses_what_is_none() {
    let answer = lxca(&["import", &path_of("lamps_get.fused.txt"), "--format", "json"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let draft: Value = serde_json::from_str(&answer.stdout).expect("one JSON document");
    assert_eq!(draft["path"], "/sample/lamps");
    let answer = lxca(&["import", &format!("{}/Cargo.toml", env!("CARGO_MANIFEST_DIR"))]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer.stdout.is_empty() && answer.stderr.contains("Cargo.toml: it is no page"),
        "{}",
        answer.stderr
    );
    let answer = lxca(&["import", &path_of("lamps_get.fused.txt"), "--format", "markdown"]);
    assert_eq!(answer.exit, 0);
    assert!(answer.stdout.contains("(type-conflict, "), "{}", answer.stdout);
    let answer = lxca(&["import", &path_of("lamps_get.fused.txt"), "--format", "contract"]);
    assert_eq!(answer.exit, 2, "a contract needs a folder");
    let old = path_of("lamps_get.fused.txt");
    let new = path_of("lamps_get.newer.txt");
    let answer = lxca(&["import", "--diff", &old, &new, "--format", "json"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    assert_eq!(
        serde_json::from_str::<Value>(&answer.stdout).expect("JSON").as_array().map(Vec::len),
        Some(5)
    );
}

#[test]
fn a_contract_folder_lies_on_top_of_the_built_in_one() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let text = |name: &str| folder.path().join(name).display().to_string();
    let lamps = text("lamps");
    let get = path_of("lamps_get.fused.txt");
    let answer = lxca(&["import", &get, "--format", "contract", "--out", &lamps]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    for arguments in [
        vec!["lint", "--contract", &lamps],
        vec!["lint", "--contract", &lamps, "--catalogue", &lamps],
    ] {
        let answer = lxca(&arguments);
        assert_eq!(answer.exit, 0, "{arguments:?}: {}", answer.stderr);
    }
    let answer = lxca(&["list", "--contract", &lamps, "--format", "json"]);
    let cases: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    let has =
        |id: &str| cases.as_array().is_some_and(|it| it.iter().any(|case| case["operation"] == id));
    assert!(has("sample-lamps.get") && has("backup.transfer"), "both are there");
    let answer = lxca(&["explain", "sample-lamps.get/body/state/values", "--contract", &lamps]);
    assert!(
        answer.exit == 0 && answer.stdout.contains("lamps_get.fused.txt:"),
        "{}",
        answer.stdout
    );
    let answer = lxca(&["plan", "--contract", &lamps, "--filter", "sample-lamps.*"]);
    assert!(answer.exit == 0 && answer.stdout.contains("/sample/lamps"), "{}", answer.stdout);
    // A page of an operation that the contract has already.
    let clash = fixture("lamps_get.fused.txt").replace("/sample/lamps", "/aicc");
    fs::write(folder.path().join("aicc.txt"), clash).expect("a page");
    let aicc = text("aicc");
    let answer = lxca(&["import", &text("aicc.txt"), "--format", "contract", "--out", &aicc]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let answer = lxca(&["list", "--contract", &aicc]);
    assert!(answer.exit == 2 && answer.stderr.contains("already"), "{}", answer.stderr);
    let answer = lxca(&["lint", "--contract", &aicc, "--replace"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let answer = lxca(&["list", "--contract", &lamps, "--contract", &lamps]);
    assert_eq!(answer.exit, 2, "the same operation twice");
    // Another import into the folder would lose the sources of what is there.
    let post = path_of("lamps_post.fused.txt");
    let answer = lxca(&["import", &post, "--format", "contract", "--out", &lamps]);
    assert!(answer.exit == 2 && answer.stderr.contains("get.operation.toml"), "{}", answer.stderr);
}
