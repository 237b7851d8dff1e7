//! Several appliances in one run, and one run on several machines.
//!
//! Knows: the binary as a person runs it, and doubles in processes of their own. Must not know: how
//! a fleet is run.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Answer, Served, answer, binary, json, lxca, read, report, text};

const LOCKS: &str = "sftp-locks.list::*";

/// A folder of target files.
struct Targets {
    folder: TempDir,
    _out: TempDir,
    out: PathBuf,
}

impl Targets {
    fn new(targets: &[(&str, &str)]) -> Self {
        let (folder, parent) = (TempDir::new().expect("a folder"), TempDir::new().expect("one"));
        for (name, url) in targets {
            write(folder.path(), &format!("{name}.toml"), name, url);
        }
        let out = parent.path().join("fleet");
        Self { folder, _out: parent, out }
    }

    fn run(&self, more: &[&str]) -> Answer {
        let (folder, out) = (text(self.folder.path()), text(&self.out));
        let whole = [&["run", "--targets", folder, "--out", out, "--filter", LOCKS], more];
        lxca(&whole.concat())
    }

    fn fleet(&self) -> Value {
        json(&read(&self.out.join("fleet.json")))
    }
}

fn write(folder: &Path, file: &str, name: &str, url: &str) {
    let target = format!(
        "name = \"{name}\"\nurl = \"{url}\"\n[auth]\nuser = \"USERID\"\npassword-env = \
        \"LXCA_PASSWORD\"\n"
    );
    fs::write(folder.join(file), target).expect("a target file");
}

/// An address where nobody listens any more.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("its address"))
}

fn fates(fleet: &Value) -> Vec<(String, String)> {
    let rows = fleet["appliances"].as_array().expect("appliances");
    let word = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (word(row, "name"), word(row, "fate"))).collect()
}

#[test]
fn the_worst_comes_first_the_outlier_is_named_and_a_dead_one_harms_nobody() {
    let right: Vec<Served> = (0..3).map(|_| Served::start(&[])).collect();
    let wrong = Served::start(&["--fault", "lock-id-short"]);
    let other = Served::start(&["--version", "4.2.0"]);
    let dead = nobody();
    let targets = Targets::new(&[
        ("one", &right[0].url),
        ("two", &right[1].url),
        ("three", &right[2].url),
        ("wrong", &wrong.url),
        ("newer", &other.url),
        ("dead", &dead),
    ]);
    let ran = targets.run(&[]);
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(
        ran.stdout.starts_with(
            "NONCONFORMANT: 1 of 6 appliances is nonconformant; 1 of 6 appliances couldn't be asked"
        ),
        "{}",
        ran.stdout
    );
    let fleet = targets.fleet();
    let expected = [
        ("wrong", "nonconformant"),
        ("dead", "unreachable"),
        ("newer", "conformant"),
        ("one", "conformant"),
        ("three", "conformant"),
        ("two", "conformant"),
    ];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(name, fate)| ((*name).to_owned(), (*fate).to_owned())).collect();
    assert_eq!(fates(&fleet), expected);
    assert_eq!(fleet["counts"]["by_version"]["4.1.0"], 4);
    assert_eq!(fleet["counts"]["by_version"]["4.2.0"], 1);
    let outlier = fleet["outliers"]
        .as_array()
        .expect("outliers")
        .iter()
        .find(|one| one["requirement"] == "sftp-locks.list/body/id")
        .expect("the id that is short");
    assert_eq!(outlier["appliances"], Value::from(vec!["wrong"]));
    assert_eq!((&outlier["agree"], &outlier["of"]), (&Value::from(3), &Value::from(4)));
    assert!(
        ran.stdout.contains("3 of 4 appliances of version 4.1.0 hold it; wrong breaks it"),
        "{}",
        ran.stdout
    );
    let row = &fleet["requirements"][0];
    assert_eq!(row["broken"], 1, "{row}");
    assert_eq!(row["states"].as_array().map(Vec::len), Some(6));
    assert_eq!(row["states"][0], "broken", "the columns are in the order of the appliances");
    for (name, fate) in fates(&fleet) {
        let own = report(&targets.out.join(&name));
        let concluded = if fate == "unreachable" { "incomplete" } else { &fate };
        assert_eq!(own["conclusion"], concluded, "{name}");
        assert!(targets.out.join(&name).join("transcript.jsonl").is_file());
    }
    let page = read(&targets.out.join("fleet.html"));
    assert!(page.contains("<a href=\"wrong/report.html\">wrong</a>"), "{page}");
    assert!(!page.contains("<script"), "the page needs none");
    assert!(read(&targets.out.join("fleet.md")).contains("| wrong | 4.1.0 | nonconformant |"));
}

#[test]
fn the_exit_code_of_a_fleet_is_that_of_its_gravest_appliance() {
    let right = Served::start(&[]);
    let (dead, silent) = (nobody(), nobody());
    let all_right = Targets::new(&[("one", &right.url), ("two", &right.url)]);
    let ran = all_right.run(&["--quiet"]);
    assert_eq!(
        (ran.exit, ran.stdout.as_str()),
        (0, "conformant: all 2 appliances are conformant\n")
    );
    let one_dead = Targets::new(&[("one", &right.url), ("two", &dead)]);
    let ran = one_dead.run(&["--format", "json"]);
    assert_eq!(ran.exit, 3, "{ran:?}");
    assert_eq!(json(&ran.stdout)["conclusion"], "incomplete");
    let all_dead = Targets::new(&[("one", &silent), ("two", &dead)]);
    assert_eq!(all_dead.run(&[]).exit, 5);
    let none = Targets::new(&[]);
    let ran = none.run(&[]);
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.stderr.contains("contains no .toml file"), "{}", ran.stderr);
}

#[test]
fn nothing_is_sent_before_every_target_file_is_right_and_all_their_mistakes_are_shown() {
    let right = Served::start(&[]);
    let targets = Targets::new(&[("one", &right.url), ("two", &right.url)]);
    write(targets.folder.path(), "again.toml", "one", &right.url);
    fs::write(targets.folder.path().join("bad.toml"), "nam = \"x\"\n").expect("a file");
    let ran = targets.run(&[]);
    assert_eq!(ran.exit, 2, "{ran:?}");
    for said in ["bad.toml:1:1: unknown key `nam`", "different names", "again.toml"] {
        assert!(ran.stderr.contains(said), "{said} in {}", ran.stderr);
    }
    assert!(!targets.out.exists(), "nothing was begun");
    let (one, two) =
        (targets.folder.path().join("one.toml"), targets.folder.path().join("two.toml"));
    for option in [["--approve", "sha256:00"], ["--baseline", "nowhere"]] {
        let ran =
            lxca(&[&["run", "--target", text(&one), "--target", text(&two)], &option[..]].concat());
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(ran.stderr.contains(option[0]), "{}", ran.stderr);
    }
    let ran = lxca(&["plan", "--target", text(&one), "--target", text(&two)]);
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.stderr.contains("only `run` takes several"), "{}", ran.stderr);
}

#[test]
fn two_runs_that_may_change_something_never_meet_at_one_appliance() {
    let right = Served::start(&[]);
    let slash = format!("{}/", right.url.replace("http:", "HTTP:"));
    let targets = Targets::new(&[("one", &right.url), ("two", &slash)]);
    let ran = targets.run(&["--allow", "write"]);
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.stderr.contains("one and two together"), "{}", ran.stderr);
    assert!(!targets.out.exists(), "nothing was begun");
    // Two that only read do no harm, and it is said.
    let ran = targets.run(&[]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(ran.stderr.contains("one and two are both at"), "{}", ran.stderr);
}

#[test]
fn no_target_takes_the_place_of_a_report_of_the_fleet() {
    let right = Served::start(&[]);
    for names in [["fleet.html", "two"], ["One", "one"]] {
        let other = format!("{}/x", right.url);
        let targets = Targets::new(&[(names[0], &right.url), ("two", &other)]);
        write(targets.folder.path(), "more.toml", names[1], &format!("{other}/y"));
        let ran = targets.run(&[]);
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(!targets.out.exists(), "nothing was begun");
    }
}

#[test]
fn the_shards_of_a_fleet_have_each_appliance_once() {
    let right = Served::start(&[]);
    let names = ["a", "b", "c", "d", "e"];
    let targets: Vec<(&str, &str)> = names.iter().map(|name| (*name, right.url.as_str())).collect();
    let mut seen: Vec<String> = Vec::new();
    let mut parts: Vec<Targets> = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        let part_of_them = Targets::new(&targets);
        let ran = part_of_them.run(&["--shard", part]);
        assert_eq!(ran.exit, 0, "{ran:?}");
        let fleet = part_of_them.fleet();
        assert_eq!(fleet["shard"], part);
        seen.extend(fates(&fleet).into_iter().map(|(name, _)| name));
        parts.push(part_of_them);
    }
    seen.sort();
    assert_eq!(seen, names);

    let joined = TempDir::new().expect("a folder");
    let out = joined.path().join("joined");
    let join = |parts: &[&Targets]| {
        let folders = parts.iter().map(|part| text(&part.out));
        let whole: Vec<&str> =
            ["report"].into_iter().chain(folders).chain(["--out", text(&out)]).collect();
        let answer = lxca(&whole);
        (answer, read(&out.join("fleet.json")))
    };
    let (answer, whole) = join(&[&parts[0], &parts[1], &parts[2]]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    let whole = json(&whole);
    let mut all: Vec<String> = fates(&whole).into_iter().map(|(name, _)| name).collect();
    all.sort();
    assert_eq!(all, names);
    let link = whole["appliances"][0]["folder"].as_str().expect("a folder");
    assert!(out.join(link).join("report.html").is_file(), "{link}");
    let (answer, lost) = join(&[&parts[0], &parts[2]]);
    assert_eq!(answer.exit, 3, "{answer:?}");
    assert!(answer.stdout.starts_with("INCOMPLETE: shard 2 is missing"), "{}", answer.stdout);
    assert_eq!(json(&lost)["missing_shards"], Value::from(vec![2]));
    let ran = Targets::new(&targets).run(&["--shard", "6/6"]);
    assert_eq!(ran.exit, 4, "{ran:?}");
    assert!(ran.stderr.contains("shard 6/6 has none of the 5"), "{}", ran.stderr);

    // A part that is named twice is one; the same appliance in two parts would count twice.
    let (answer, again) = join(&[&parts[0], &parts[0], &parts[1], &parts[2]]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    assert_eq!(fates(&json(&again)).len(), names.len());
    assert!(!answer.stdout.contains("a folder for each"), "{}", answer.stdout);
    let copy = Targets::new(&targets);
    assert_eq!(copy.run(&["--shard", "1/3"]).exit, 0);
    let (answer, _) = join(&[&parts[0], &copy]);
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(answer.stderr.contains("would count twice"), "{}", answer.stderr);
}

#[test]
fn an_empty_part_is_named_checks_nothing_and_joins() {
    let served = Served::start(&[]);
    let folder = TempDir::new().expect("a folder");
    let at = |part: &str| folder.path().join(&part[..1]);
    for (part, exit) in [("1/3", 0), ("2/3", 4), ("3/3", 4)] {
        let answer = lxca(&[
            "run",
            "--url",
            &served.url,
            "--user",
            "USERID",
            "--quiet",
            "--shard",
            part,
            "--filter",
            "sftp-locks.list::lists-locks",
            "--allow-incomplete",
            "--out",
            text(&at(part)),
        ]);
        assert_eq!(answer.exit, exit, "{answer:?}");
        if exit == 4 {
            let told = format!("shard {part} has none of the 1 selected case;");
            assert!(answer.stderr.contains(&told), "{}", answer.stderr);
            assert_eq!(report(&at(part))["conclusion"], "incomplete");
        }
    }
    let join = |parts: &[&str]| {
        let parts: Vec<PathBuf> = parts.iter().map(|part| at(part)).collect();
        let parts = parts.iter().map(|part| text(part));
        lxca(&[&["report"][..], &parts.collect::<Vec<_>>(), &["--format", "markdown"]].concat())
    };
    assert_eq!(join(&["1/3", "2/3", "3/3"]).exit, 0);
    assert_eq!(join(&["2/3", "3/3"]).exit, 3, "what has the case is missing");
    // A mistyped filter is nobody's empty part.
    let answer = lxca(&["run", "--quiet", "--shard", "2/3", "--filter", "nothing.like::this"]);
    assert_eq!(answer.exit, 4, "{answer:?}");
    assert!(!answer.stderr.contains("shard 2/3 has"), "{}", answer.stderr);

    // And one of a fleet.
    let targets = [("a", served.url.as_str()), ("b", served.url.as_str())];
    let parts = ["1/3", "2/3", "3/3"].map(|part| {
        let of_fleet = Targets::new(&targets);
        let filter = ["--filter", "sftp-locks.list::lists-locks"];
        let ran = of_fleet.run(&[&["--shard", part][..], &filter].concat());
        assert_eq!(ran.exit, if part == "3/3" { 4 } else { 0 }, "{ran:?}");
        of_fleet
    });
    let folders = parts.iter().map(|part| text(&part.out));
    let whole: Vec<&str> =
        ["report"].into_iter().chain(folders).chain(["--format", "json"]).collect();
    let joined = lxca(&whole);
    assert_eq!(joined.exit, 0, "{joined:?}");
    assert_eq!(fates(&json(&joined.stdout)).len(), 2);
}

// ---- shards of one run

/// Runs a shard of the reads of some operations.
fn shard(url: &str, part: &str, out: &Path, more: &[&str]) -> Answer {
    let fixed =
        ["run", "--url", url, "--user", "USERID", "--quiet", "--shard", part, "--out", text(out)];
    lxca(&[&fixed[..], &["--filter", "{sftp-locks,tasks,users,nodes}.*"], more].concat())
}

fn verdicts(report: &Value) -> Vec<(String, String)> {
    let cases = report["cases"].as_array().expect("cases");
    let word = |case: &Value, key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let mut all: Vec<(String, String)> =
        cases.iter().map(|case| (word(case, "id"), word(case, "verdict"))).collect();
    all.sort();
    all
}

#[test]
fn the_shards_of_a_run_joined_say_what_the_run_would_have_said() {
    for (fault, exit) in [(None, 0), (Some("lock-id-short"), 1)] {
        let arguments: Vec<&str> = fault.map_or_else(Vec::new, |fault| vec!["--fault", fault]);
        let served = Served::start(&arguments);
        let folder = TempDir::new().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let whole = shard(&served.url, "1/1", &at("whole"), &[]);
        assert_eq!(whole.exit, exit, "{whole:?}");
        let mut failed = 0;
        for part in 1..=3 {
            let ran = shard(&served.url, &format!("{part}/3"), &at(&part.to_string()), &[]);
            assert!([0, 1].contains(&ran.exit), "no shard is blamed for another: {ran:?}");
            failed += usize::from(ran.exit == 1);
            let own = report(&at(&part.to_string()));
            assert_eq!(
                (&own["scope"]["shard"]["part"], &own["claim"]),
                (&Value::from(format!("{part}/3")), &Value::from(false))
            );
        }
        assert_eq!(failed > 0, exit == 1);
        let (one, two, three) = (at("1"), at("2"), at("3"));
        let joined =
            lxca(&["report", text(&one), text(&two), text(&three), "--out", text(&at("joined"))]);
        assert_eq!(joined.exit, exit, "{joined:?}");
        let (all, joined) = (report(&at("whole")), report(&at("joined")));
        assert_eq!(verdicts(&joined), verdicts(&all));
        assert_eq!(
            (&joined["conclusion"], &joined["because"]),
            (&all["conclusion"], &all["because"])
        );
        assert!(joined["scope"].get("shard").is_none(), "the whole is no part");
    }
}

#[test]
fn a_lost_shard_is_named_and_is_no_yes() {
    let served = Served::start(&[]);
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for part in ["1/4", "4/4"] {
        let ran = shard(&served.url, part, &at(&part[..1]), &[]);
        assert_eq!(ran.exit, 0, "{ran:?}");
    }
    let (one, four) = (at("1"), at("4"));
    let joined = lxca(&["report", text(&one), text(&four), "--out", text(&at("joined"))]);
    assert_eq!(joined.exit, 3, "{joined:?}");
    assert!(
        joined.stdout.starts_with("incomplete: shards 2, 3 of 4 are missing"),
        "{}",
        joined.stdout
    );
    let alone = lxca(&["report", text(&one), "--format", "markdown"]);
    assert_eq!(alone.exit, 3, "one shard alone isn't the whole");
    assert!(alone.stdout.contains("shards 2, 3, 4 of 4 are missing"), "{}", alone.stdout);
    // Parts of different wholes are no whole.
    let ran = shard(&served.url, "2/3", &at("2"), &[]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let mixed = lxca(&["report", text(&one), text(&at("2")), "--format", "markdown"]);
    assert_eq!(mixed.exit, 2, "{mixed:?}");
    assert!(mixed.stderr.contains("shard: one of 4"), "{}", mixed.stderr);
}

#[test]
fn a_shard_is_taken_from_the_ci_system() {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("out");
    let run = |environment: &[(&str, &str)], part: &str| {
        let mut command = binary();
        command.envs(environment.iter().copied());
        command.args(["run", "--quiet", "--filter", LOCKS, "--shard", part, "--out", text(&out)]);
        answer(&mut command)
    };
    let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")];
    assert_eq!(run(&gitlab, "auto").exit, 0);
    assert_eq!(report(&out)["scope"]["shard"]["part"], "2/5");
    assert_eq!(run(&[("JOB_COMPLETION_INDEX", "0")], "auto/4").exit, 0);
    assert_eq!(report(&out)["scope"]["shard"]["part"], "1/4");
    let nowhere = run(&[], "auto");
    assert_eq!(nowhere.exit, 2, "{nowhere:?}");
    assert!(nowhere.stderr.contains("--shard 2/8"), "{}", nowhere.stderr);
}
