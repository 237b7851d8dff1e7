//! What a clean-up may take away: only what was seen to appear, in the very words in which it is
//! taken away.
//!
//! Knows: the whole path in one process, the binary, and what leaves it at the socket. Must not
//! know: how a witness is kept.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use crate::support::built_in::loaded_for_a_run as loaded;
use crate::support::wire;
use std::collections::BTreeSet;
use std::fs;

use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::{Catalogue, Effect, Level};
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::contract::{Contract, Severity};
use lxca_conform::double::{Fault, InProcess, Options, Variant};
use lxca_conform::plan::{Facts, Scope};
use lxca_conform::report::Report;
use lxca_conform::store::TargetKind;
use tempfile::TempDir;

use crate::support::command::{self, Served, binary, lxca, report, text, verdicts};
use crate::support::wire::{Recorder, Seen};

const LOCAL: &str = "0b7c9f52-6a3e-4d18-9a57-2f1d8c4e6b90";
const SHARED: &str = "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278";
const BOTH: &str = "c2d1e8a4-93f7-4b60-8e15-7a6f0d3b5c21";
const SHARE: &str = "/mnt/backup_share";

/// A run against a double of its own, with facts that the operator gave.
fn run(options: Options, allow: Effect, facts: &[(&str, &str)]) -> (Report, InProcess) {
    let (contract, catalogue) = loaded();
    run_of(contract, catalogue, options, allow, facts)
}

fn run_of(
    contract: &Contract,
    catalogue: &Catalogue,
    options: Options,
    allow: Effect,
    facts: &[(&str, &str)],
) -> (Report, InProcess) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (double, target) = builtin::start(options).await;
        let pace = DoubleTime(double.clock().clone());
        let mut known: Facts = target.facts.clone();
        known.extend(facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        // What makes something, and takes it back.
        let filters = vec![
            "{backup.*,tasks.*,sftp-locks.{list,get,delete}::*,sftp-locks.create::creates*}"
                .to_owned(),
        ];
        let scope = Scope {
            allow,
            filters,
            strict: false,
            facts: known,
            bad_logins: u32::MAX,
            shard: None,
        };
        let setup = Setup {
            contract,
            catalogue,
            target: &target,
            kind: TargetKind::Double,
            scope,
            out: None,
            pace: &pace,
            clock: &RealTime,
            observer: &|_| {},
            stop: None,
        };
        let report = conduct(setup).await.expect("a run comes to its end").report;
        (report, double)
    })
}

fn varied(variant: Variant) -> Options {
    Options { variants: BTreeSet::from([variant]), ..Options::default() }
}

const GIVEN: [(&str, &str); 3] =
    [("backup.uuid", SHARED), ("backup.local", LOCAL), ("backup.share", SHARE)];

fn lies_at(double: &InProcess, uuid: &str) -> BTreeSet<String> {
    double.with_state(|state| {
        state.backup_locations(uuid).unwrap_or_default().iter().cloned().collect()
    })
}

fn violations(report: &Report) -> Vec<String> {
    let all = report
        .cases
        .iter()
        .flat_map(|case| case.findings.iter().map(move |finding| (case, finding)));
    all.filter(|(_, finding)| finding.severity == Severity::Violation)
        .map(|(case, finding)| format!("{}: {} {}", case.id, finding.requirement, finding.actual))
        .collect()
}

/// What was left over, in words.
fn left_over(report: &Report) -> Vec<&str> {
    report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.check == "cleanup")
        .map(|finding| finding.actual.as_str())
        .collect()
}

#[test]
fn where_a_place_has_another_name_nothing_that_lay_there_is_deleted() {
    for variant in [
        Variant::LocalRepositoryCalledLxca,
        Variant::PlacesInWords,
        Variant::ShareAsHostPath,
        Variant::LocationMemberAbsent,
    ] {
        // Wrong facts too: a backup that lies in both places is taken for one that lies on the
        // share only, or in the repository only.
        for (allow, uuid, local) in [(Effect::Write, BOTH, LOCAL), (Effect::Destroy, SHARED, BOTH)]
        {
            let facts = [("backup.uuid", uuid), ("backup.local", local), ("backup.share", SHARE)];
            let (report, double) = run(varied(variant), allow, &facts);
            let told = format!("{variant}, {allow:?}, {uuid}, {local}");
            assert_eq!(violations(&report), Vec::<String>::new(), "{told}");
            for (uuid, places) in
                [(LOCAL, &["internal"][..]), (SHARED, &[SHARE]), (BOTH, &["internal", SHARE])]
            {
                let now = lies_at(&double, uuid);
                assert!(
                    places.iter().all(|place| now.contains(*place)),
                    "{told}: {uuid} lies at {now:?} and not any more at {places:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_left_is_told_with_the_request_that_removes_it() {
    let (report, double) = run(varied(Variant::LocalRepositoryCalledLxca), Effect::Write, &GIVEN);
    assert!(lies_at(&double, SHARED).contains("internal"), "the copy is left");
    let told = left_over(&report);
    let request =
        format!("curl -X DELETE -u USER \"$URL/managementServer/data/{SHARED}?location=internal\"");
    assert!(
        told.iter()
            .any(|left| left.contains(&request)
                && left.contains("no row of the list names internal")),
        "{told:#?}"
    );
}

#[test]
fn where_words_are_those_of_the_request_everything_is_taken_back() {
    let same = [
        Variant::BackupListedOncePerPlace,
        Variant::PlacesAsObjects,
        Variant::PlacesInTwoMembers,
        Variant::ShareWithTrailingSlash,
        Variant::BackupsBehindTheirJob,
        Variant::BackupsAfterOtherLists,
        Variant::BackupsInResponse,
        Variant::TasksInResponse,
        Variant::BackupUuidUpperCase,
        Variant::LocksBesideOtherLists,
        Variant::SecondsCountDown,
        Variant::LocksBehind,
    ];
    for variant in same {
        let (report, double) = run(varied(variant), Effect::Write, &[]);
        assert_eq!(
            (violations(&report), left_over(&report)),
            (Vec::new(), Vec::new()),
            "{variant}"
        );
        for (uuid, places) in
            [(LOCAL, &["internal"][..]), (SHARED, &[SHARE]), (BOTH, &["internal", SHARE])]
        {
            assert_eq!(
                lies_at(&double, uuid),
                places.iter().map(|place| (*place).to_owned()).collect(),
                "{variant}: {uuid}"
            );
        }
        let copied = report
            .cases
            .iter()
            .find(|case| case.id == "backup.transfer::copies-to-internal")
            .expect("the case");
        assert_eq!(copied.verdict.word(), "pass", "{variant}: {:?}", copied.reason);
    }
}

#[test]
fn the_last_copy_is_never_deleted() {
    let (report, double) = run(
        Options { faults: BTreeSet::from([Fault::CopyDeletesOriginal]), ..Options::default() },
        Effect::Destroy,
        &GIVEN,
    );
    assert!(!violations(&report).is_empty());
    for uuid in [LOCAL, SHARED, BOTH] {
        assert!(!lies_at(&double, uuid).is_empty(), "{uuid} is gone for good");
    }
    assert!(
        left_over(&report).iter().any(|left| left.contains("this may be the last copy")),
        "{:#?}",
        left_over(&report)
    );
}

#[test]
fn a_stale_fact_is_told_and_accuses_nobody() {
    let stale = "11111111-2222-4333-8444-555555555555";
    for (facts, cases) in [
        (
            [("backup.local", stale)],
            &[
                "backup.transfer::pushes-a-local-backup",
                "backup.transfer::cancels-a-push",
                "backup.transfer::copies-to-a-share",
                "backup.transfer::moves-to-a-share",
            ][..],
        ),
        (
            [("backup.uuid", stale)],
            &[
                "backup.transfer::pushes-a-backup-from-a-share",
                "backup.transfer::copies-to-internal",
                "backup.delete::deletes-one-copy-only",
                "tasks.cancel::cancels-a-job-of-its-own",
            ],
        ),
    ] {
        let (report, _) = run(Options::default(), Effect::Destroy, &facts);
        assert_eq!(violations(&report), Vec::<String>::new(), "{facts:?}");
        for id in cases {
            let case = report.cases.iter().find(|case| case.id == *id).expect("the case");
            assert_eq!(
                (case.verdict.word(), case.reason.as_deref()),
                ("untested", Some(&*format!("the appliance lists no {stale}"))),
                "{id}"
            );
        }
        // Those that follow from the tables, too; most give way to a written case otherwise.
        let (contract, _) = loaded();
        let (report, _) = run_of(
            contract,
            &Catalogue::only_generated(contract, Level::Core),
            Options::default(),
            Effect::Destroy,
            &facts,
        );
        assert_eq!(violations(&report), Vec::<String>::new(), "{facts:?}");
        let accepted: Vec<String> = report
            .cases
            .iter()
            .filter(|case| {
                case.id.starts_with("backup.transfer::generated/") && case.id.contains("/accepted")
            })
            .map(|case| format!("{} {} {:?}", case.id, case.verdict.word(), case.reason))
            .collect();
        assert!(
            accepted.len() >= 4
                && accepted.iter().all(|told| told.contains(" pass ")
                    || told.contains(&format!("the appliance lists no {stale}"))),
            "{accepted:#?}"
        );
    }
}

fn answer(list: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{list}",
        list.len()
    )
    .into_bytes()
}

#[test]
fn the_binary_sends_no_delete_for_what_it_didnt_see_appear() {
    let served = Served::start(&[]);
    let upstream = served.address();
    // Every list words the local repository as LXCA.
    let recorder = Recorder::between(&served.url, move |seen: &Seen| {
        if seen.line() != "GET /managementServer/data" {
            return None;
        }
        let headers: Vec<(&str, &str)> = seen
            .headers
            .iter()
            .filter(|(name, _)| name == "authorization")
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let whole = wire::ask(&upstream, "GET", "/managementServer/data", &headers, "");
        Some(answer(&whole.split_once("\r\n\r\n")?.1.replace("\"internal\"", "\"LXCA\"")))
    });
    let folder = TempDir::new().expect("a temporary folder");
    let target = folder.path().join("target.toml");
    let facts = GIVEN.map(|(name, value)| format!("\"{name}\" = \"{value}\"\n")).concat();
    fs::write(
        &target,
        format!(
            "name = \"lab\"\nurl = \"{}\"\n[auth]\nuser = \
        \"USERID\"\npassword-env = \
        \"LXCA_PASSWORD\"\n[facts]\n{facts}",
            recorder.url
        ),
    )
    .expect("a file");
    let out = folder.path().join("out");
    let filters = [
        "--filter",
        "backup.transfer::copies-to-internal",
        "--filter",
        "backup.delete::deletes-one-copy-only",
        "--filter",
        "backup.transfer::moves-to-a-share",
    ];
    let ended = lxca(
        &[
            &["run", "--target", text(&target), "--out", text(&out), "--allow", "destroy"],
            &filters[..],
        ]
        .concat(),
    );
    assert_ne!(ended.exit, 1, "{ended:?}");
    let changes: Vec<String> = recorder
        .seen()
        .iter()
        .filter(|seen| !["GET", "POST"].contains(&seen.method.as_str()))
        .map(|seen| format!("{} {}", seen.line(), seen.text()))
        .collect();
    assert!(
        changes.iter().all(|change| change.starts_with("PUT ") && change.contains("\"copy\"")),
        "{changes:#?}"
    );
    let told = report(&out);
    assert!(
        verdicts(&told)["backup.transfer::moves-to-a-share"].contains("untested"),
        "{:?}",
        verdicts(&told)
    );
    let swept = lxca(&[
        "sweep",
        text(&out),
        "--url",
        &recorder.url,
        "--user",
        "USERID",
        "--out",
        text(&folder.path().join("sweep")),
    ]);
    assert_eq!(swept.exit, 3, "{swept:?}");
    assert!(
        swept.stdout.contains(&format!("/managementServer/data/{SHARED}?location=internal")),
        "{swept:?}"
    );
    assert!(recorder.seen().iter().all(|seen| seen.method != "DELETE"), "{:#?}", recorder.lines());
}

/// The rack server of the double that may be powered off.
const SPARE: &str = "E3B0004A04ADA6DDF6FA4B2511E7EDB2";

/// A run of the case that powers it off and on.
fn powering(url: &str, folder: &TempDir) -> std::process::Command {
    let mut command = binary();
    let fact = format!("node.spare={SPARE}");
    let out = text(folder.path());
    command
        .env("LXCA_PASSWORD", "PASSW0RD")
        .args(["run", "--url", url, "--user", "USERID", "--allow", "destroy", "--out", out])
        .args(["--filter", "nodes.set::powers-a-node-off-and-on", "--fact", &fact]);
    command
}

/// What was sent to change it, with its purpose, as the record tells it.
fn changes(folder: &TempDir) -> Vec<(String, String)> {
    let record = fs::read_to_string(folder.path().join("transcript.jsonl")).unwrap_or_default();
    let rows = record.lines().filter_map(|row| serde_json::from_str::<serde_json::Value>(row).ok());
    rows.filter(|row| row["sent"]["method"] == "PUT")
        .map(|row| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            (text(&row["purpose"]), text(&row["sent"]["body"]))
        })
        .collect()
}

/// What such a run sent, and its exit code.
fn powered(fault: &str) -> (Vec<(String, String)>, i32) {
    let served = Served::start(&["--fault", fault]);
    let folder = TempDir::new().expect("a temporary folder");
    let answer = command::answer(&mut powering(&served.url, &folder));
    (changes(&folder), answer.exit)
}

#[test]
fn a_server_that_was_powered_off_is_powered_on_again_where_the_case_ends_early() {
    let (changes, exit) = powered("tasks.get: status 404");
    let [off, on] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((off.0.as_str(), on.0.as_str()), ("case", "cleanup"));
    assert!(off.1.contains("powerOff") && on.1.contains("powerOn"), "{changes:?}");
    assert_eq!(exit, 3);
}

#[test]
fn a_job_that_no_answer_names_leaves_out_the_steps_that_follow_it_and_nothing_else() {
    let (changes, exit) = powered("PUT /nodes/{uuid} 200: drop header Location");
    let [off, on] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((off.0.as_str(), on.0.as_str()), ("case", "case"));
    assert!(off.1.contains("powerOff") && on.1.contains("powerOn"), "{changes:?}");
    assert_eq!(exit, 0);
}

#[test]
fn what_a_killed_run_powered_off_is_powered_on_by_a_sweep() {
    let served = Served::start(&["--fault", "job-never-ends"]);
    let folder = TempDir::new().expect("a temporary folder");
    let mut run = powering(&served.url, &folder).spawn().expect("a run");
    command::until("it is off", || !changes(&folder).is_empty());
    run.kill().expect("it runs");
    run.wait().expect("its end");
    let swept = TempDir::new().expect("a temporary folder");
    let sweep = command::answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "sweep",
        text(folder.path()),
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--out",
        text(swept.path()),
    ]));
    assert_eq!(sweep.exit, 0, "{sweep:?}");
    assert!(sweep.stdout.contains("powers-a-node-off-and-on: cleaned up"), "{sweep:?}");
    let [(purpose, body)] = &changes(&swept)[..] else { panic!("{:?}", changes(&swept)) };
    assert!(purpose == "cleanup" && body.contains("powerOn"), "{purpose} {body}");
}
