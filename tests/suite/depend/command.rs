//! `depend` as people meet it: what it says of commands that fail, of recordings that are none, and
//! how it stops and goes on.
//!
//! Knows: the command line. Must not know: how the experiments are planned.

use std::fs;
use std::path::Path;

use lxca_conform::profile::{Known, Unfinished};

use crate::support::command::{Answer, answer, binary, signal, text, until};

use super::client;
use super::planted::{depend, profile, recording};

fn planted(parts: &str) -> Vec<String> {
    let mut words = vec!["env".to_owned(), format!("PLANTED={parts}")];
    words.extend(client::words());
    words
}

fn shell(script: &str) -> Vec<String> {
    let client = client::words().join(" ");
    vec!["sh".to_owned(), "-c".to_owned(), script.replace("CLIENT", &client)]
}

/// The profile without the moment when it was learned.
fn timeless(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.starts_with("learned = ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_profile_is_the_same_however_many_run_side_by_side() {
    let room = tempfile::tempdir().unwrap();
    let har = recording(room.path());
    let learn = |out: &str, jobs: &str| {
        let options = ["--recording", text(&har), "--out", out, "-j", jobs];
        let answer = depend(room.path(), &options, &planted("cmms switches"));
        assert_eq!(answer.exit, 0, "{answer:?}");
        timeless(&room.path().join(out))
    };
    let one = learn("one.toml", "1");
    assert_eq!(one, learn("four.toml", "4"));
    assert_eq!(one, learn("again.toml", "1"));
}

#[test]
fn a_spent_budget_is_said_and_the_same_command_goes_on_from_there() {
    let room = tempfile::tempdir().unwrap();
    let har = recording(room.path());
    let learn = |budget: &[&str], out: &str| {
        let mut options = vec!["--recording", text(&har), "--out", out];
        options.extend(budget);
        depend(room.path(), &options, &planted("cmms"))
    };
    let short = learn(&["--budget", "20runs"], "p.toml");
    assert_eq!(short.exit, 3, "{short:?}");
    let path = room.path().join("p.toml");
    let part = profile(&path);
    assert!(!part.client.complete && part.client.why == Some(Unfinished::Budget));
    assert_eq!(part.client.runs, Some(23));
    assert!(room.path().join("p.toml.journal").exists());
    let nothing = learn(&["--budget", "0s"], "p.toml");
    assert_eq!(nothing.exit, 3, "{nothing:?}");
    let rest = learn(&[], "p.toml");
    assert_eq!(rest.exit, 0, "{rest:?}");
    assert!(rest.stderr.contains("Going on after 20 runs"), "{rest:?}");
    assert!(profile(&path).client.complete && !room.path().join("p.toml.journal").exists());
    assert_eq!(learn(&[], "whole.toml").exit, 0);
    assert_eq!(timeless(&path), timeless(&room.path().join("whole.toml")));
}

#[test]
fn a_journal_of_another_command_is_not_gone_on_with() {
    let room = tempfile::tempdir().unwrap();
    let har = recording(room.path());
    let options = ["--recording", text(&har), "--out", "p.toml", "--budget", "2runs"];
    assert_eq!(depend(room.path(), &options, &planted("cmms")).exit, 3);
    let other = depend(room.path(), &options, &planted("fans"));
    assert_eq!(other.exit, 2, "{other:?}");
    assert!(other.stderr.contains("begun with another command"), "{other:?}");
    let double = depend(room.path(), &["--out", "p.toml"], &planted("cmms"));
    assert!(double.exit == 2 && double.stderr.contains("another recording"), "{double:?}");
    fs::write(room.path().join("q.toml.journal"), "no journal\n").unwrap();
    let none = depend(room.path(), &["--out", "q.toml"], &planted("cmms"));
    assert!(none.exit == 2 && none.stderr.contains("q.toml.journal:1"), "{none:?}");
}

#[test]
fn an_interrupted_one_leaves_no_process_and_goes_on_later() {
    let room = tempfile::tempdir().unwrap();
    let har = recording(room.path());
    let here = room.path().join("here");
    // The first three runs pass; then a run waits for ever, and what it started with it.
    let script = format!(
        "echo x >> {0}; if [ $(wc -l < {0}) -gt 4 ]; then sleep 1000 & echo $! > {1}; wait; fi; \
         PLANTED=cmms CLIENT",
        here.display(),
        room.path().join("pid").display()
    );
    let mut binary = binary();
    binary.current_dir(room.path()).args(["depend", "--recording", text(&har), "--"]);
    let mut child = binary.args(shell(&script)).spawn().unwrap();
    until("the run that waits", || room.path().join("pid").exists());
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let pid = fs::read_to_string(room.path().join("pid")).unwrap();
    until("what it started is gone", || !Path::new(&format!("/proc/{}", pid.trim())).exists());
    assert!(room.path().join("profile.toml.journal").exists());
}

#[test]
fn a_command_that_hangs_is_ended_and_counts_as_broken() {
    let room = tempfile::tempdir().unwrap();
    let har = room.path().join("one.har");
    let one = "{\\\"list\\\":[{\\\"t03\\\":1}]}";
    fs::write(
        &har,
        format!(
            "{{\"log\":{{\"version\":\"1.2\",\"entries\":[{{\"request\":{{\"method\":\"GET\",\"url\":\
             \"https://192.0.2.10/cabinet\"}},\"response\":{{\"status\":200,\"content\":{{\"text\":\
             \"{one}\"}}}}}}]}}}}"
        ),
    )
    .unwrap();
    let options = ["--recording", text(&har), "--budget", "1runs"];
    let answer = depend(room.path(), &options, &planted("hang"));
    assert_eq!(answer.exit, 3, "{answer:?}");
    let profile = profile(&room.path().join("profile.toml"));
    let needs = &profile.operations[0].needs;
    assert!(needs.iter().any(|row| row.path == "/list/*/t03" && row.needed), "{answer:?}");
}

fn refused(answer: &Answer, says: &str) {
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(answer.stderr.contains(says), "{says:?} isn't said: {answer:?}");
}

#[test]
fn bad_input_gets_an_error_that_says_what_to_do() {
    let room = tempfile::tempdir().unwrap();
    let folder = room.path();
    let har = recording(folder);
    let served = ["--recording", text(&har)];
    let fails = shell("echo first; echo 'no token, Swordfish1' >&2; exit 4");
    let mut secret = fails.clone();
    secret.extend(["--password".to_owned(), "Swordfish1".to_owned()]);
    let answer = depend(folder, &served, &secret);
    refused(&answer, "without any change it ends with exit status 4");
    refused(&answer, "no token, [redacted]");
    refused(&depend(folder, &served, &shell("true")), "it asked for nothing");
    refused(&depend(folder, &served, &["./nowhere".to_owned()]), "start `./nowhere`");
    refused(&depend(folder, &served, &planted("cmms nowhere")), "GET /nowhere");
    refused(&depend(folder, &["--budget", "soon"], &planted("cmms")), "10m");
    refused(&depend(folder, &["--compare", "x.csv", "-j", "2"], &planted("cmms")), "{run}");
    let unwritten = ["--recording", text(&har), "--compare", "x.csv"];
    refused(&depend(folder, &unwritten, &planted("cmms")), "didn't write it");
    for (name, content, says) in [
        ("empty.har", "", "the file is empty"),
        ("none.har", "{\"log\":{\"version\":\"1.2\",\"entries\":[]}}", "has no whole exchange"),
        ("no.har", "{\"log\":", "EOF"),
    ] {
        fs::write(folder.join(name), content).unwrap();
        refused(&depend(folder, &["--recording", name], &planted("cmms")), says);
    }
    let other = fs::read_to_string(&har).unwrap().replace("192.0.2.10/", "192.0.2.10/v3/things/");
    let other = other.replace("things/", "things-of-");
    fs::write(folder.join("other.har"), other).unwrap();
    let answer = depend(folder, &["--recording", "other.har"], &planted("cmms"));
    refused(&answer, "another product");
    refused(&depend(folder, &["--recording", "nowhere.har"], &planted("cmms")), "nowhere.har");
    refused(&depend(folder, &["--state", "nowhere.json"], &planted("cmms")), "nowhere.json");
    let left: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_none_or(|extension| extension != "har"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_flaky_command_is_noticed() {
    let room = tempfile::tempdir().unwrap();
    let har = recording(room.path());
    let count = room.path().join("count");
    let odd = format!(
        "echo x >> {0}; [ $(( $(wc -l < {0}) % 2 )) = 1 ] || exit 1; PLANTED=cmms CLIENT",
        count.display()
    );
    let path = room.path().join("profile.toml");
    let answer = depend(room.path(), &["--recording", text(&har)], &shell(&odd));
    assert_eq!(answer.exit, 3, "{answer:?}");
    assert!(answer.stderr.contains("flaky"), "{answer:?}");
    let flaky = profile(&path);
    assert!(!flaky.client.complete && flaky.client.why == Some(Unfinished::Flaky));
    assert_eq!(flaky.operations[0].known, Known::Recording);
    assert!(flaky.operations[0].needs.is_empty());
    assert!(!room.path().join("profile.toml.journal").exists());
    // One that goes wrong only later.
    fs::remove_file(&count).unwrap();
    let late = odd.replace("% 2 )) = 1 ]", "% 20 )) != 19 ]");
    let answer = depend(room.path(), &["--recording", text(&har)], &shell(&late));
    assert_eq!(answer.exit, 3, "{answer:?}");
    assert_eq!(profile(&path).client.why, Some(Unfinished::Flaky));
    // And one whose output differs.
    let prints = shell("PLANTED=cmms CLIENT >/dev/null && date +%N");
    let options = ["--recording", text(&har), "--out", "q.toml", "--compare", "stdout"];
    let answer = depend(room.path(), &options, &prints);
    assert!(answer.exit == 3 && answer.stderr.contains("what is compared"), "{answer:?}");
}

#[test]
fn the_double_is_served_with_an_account_and_what_a_command_writes_is_compared() {
    let room = tempfile::tempdir().unwrap();
    let state = room.path().join("state.json");
    fs::write(&state, "{\"format\": 1, \"version\": \"4.2.0\"}").unwrap();
    let script = "[ \"$LXCA_USER\" = USERID ] && [ \"$LXCA_PASSWORD\" = PASSW0RD ] && \
        curl --silent --fail -u \"$LXCA_USER:$LXCA_PASSWORD\" \"$1/aicc\" | tr ',' '\\n' | \
        grep '\"version\"' > version-$LXCA_RUN";
    let mut command = shell(script);
    command.extend(["sh".to_owned(), "{url}".to_owned()]);
    let options = ["--state", text(&state), "--compare", "version-{run}", "-j", "2"];
    let answer = depend(room.path(), &options, &command);
    assert_eq!(answer.exit, 0, "{answer:?}");
    let profile = profile(&room.path().join("profile.toml"));
    assert_eq!(profile.client.version.as_deref(), Some("4.2.0"));
    let needed: Vec<&str> = profile.operations[0]
        .needs
        .iter()
        .filter(|row| row.needed)
        .map(|row| row.path.as_str())
        .collect();
    assert_eq!(needed, ["/appliance", "/appliance/version"], "{answer:?}");
}

#[test]
fn what_a_recording_lacks_is_said() {
    let room = tempfile::tempdir().unwrap();
    let har = recording(room.path());
    let script = "PLANTED=nowhere CLIENT; PLANTED=cmms CLIENT";
    let options = ["--recording", text(&har), "--budget", "1runs"];
    let answer = depend(room.path(), &options, &shell(script));
    assert_eq!(answer.exit, 3, "{answer:?}");
    assert!(
        answer.stderr.contains("asked for 1 thing that is not served: GET /nowhere"),
        "{answer:?}"
    );
}

#[test]
fn no_secret_of_the_command_is_kept() {
    let room = tempfile::tempdir().unwrap();
    let har = recording(room.path());
    let mut command = shell("PLANTED=cmms CLIENT");
    command.extend(["--password".to_owned(), "Swordfish1".to_owned()]);
    let mut binary = binary();
    binary.env("LXCA_PASSWORD", "Sesame-77").current_dir(room.path());
    binary.args(["depend", "--recording", text(&har), "--budget", "5runs", "--"]).args(&command);
    assert_eq!(answer(&mut binary).exit, 3);
    for name in ["profile.toml", "profile.toml.journal"] {
        let kept = fs::read_to_string(room.path().join(name)).unwrap();
        assert!(kept.contains("[redacted]"), "{name}");
        assert!(!kept.contains("Swordfish1") && !kept.contains("Sesame-77"), "{name}: {kept}");
    }
}

#[test]
fn each_real_client_of_the_recipes_has_a_whole_profile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes/clients");
    let again =
        fs::read_to_string(folder.join("../../tests/clients/learn_again.py")).expect("the script");
    let mut clients = 0;
    for entry in fs::read_dir(&folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension == "toml") {
            continue;
        }
        clients += 1;
        let learned = profile(&path.with_extension("toml"));
        assert!(learned.client.complete, "{}", path.display());
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(learned.client.command.iter().any(|word| word.ends_with(name)), "{name}");
        assert!(again.contains(&format!("\"{}\":", learned.client.name)), "{name}");
        let needed = learned.operations.iter().flat_map(|one| &one.needs).any(|row| row.needed);
        assert!(needed, "{name} needs something");
    }
    assert_eq!(clients, 4);
}
