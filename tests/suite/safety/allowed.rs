//! Read-only unless more is allowed: at the plan, at the transport alone, and never a change of
//! quiesce.
//!
//! Knows: cases with false labels, and the transport without a plan. Must not know: how the guard
//! decides.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use lxca_conform::builtin::RealTime;
use lxca_conform::catalogue::{self, Auth, Catalogue, Effect};
use lxca_conform::conduct;
use lxca_conform::exchange::{FaultKind, Outgoing, Purpose};
use lxca_conform::files;
use lxca_conform::plan::Scope;
use lxca_conform::report::{Conclusion, Report};
use lxca_conform::store::TargetKind;
use lxca_conform::target;
use regex::Regex;
use tempfile::TempDir;

use crate::support::built_in::contract;
use crate::support::command::{Served, lxca, read, text};
use crate::support::wire::Recorder;

use super::{BASIC, Named, SESSION, changing, runtime};

#[test]
fn without_allow_only_reads_leave_and_the_login_and_logout_of_the_session() {
    let served = Served::start(&[]);
    for (auth, expected) in [(BASIC, &[][..]), (SESSION, &["POST /sessions", "DELETE /sessions"])] {
        let recorder = Recorder::before(&served.url);
        let answer = Named::new(&recorder.url, auth).run(&[]);
        assert!([0, 3].contains(&answer.exit), "{answer:?}");
        assert!(recorder.seen().len() > 10, "{:?}", recorder.lines());
        assert_eq!(changing(&recorder), expected);
    }
}

/// The catalogue of the package, every file changed by `edit`.
fn doctored(edit: impl Fn(&str) -> String) -> TempDir {
    fn copy(from: &Path, to: &Path, edit: &dyn Fn(&str) -> String) {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let path = entry.expect("an entry").path();
            let to = to.join(path.file_name().expect("a name"));
            if path.is_dir() {
                copy(&path, &to, edit);
            } else {
                fs::write(to, edit(&read(&path))).expect("a file");
            }
        }
    }
    let folder = TempDir::new().expect("a temporary folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"), folder.path(), &edit);
    folder
}

#[test]
fn writes_that_are_labelled_as_reads_dont_leave_and_lint_refuses_the_labels() {
    let label = Regex::new(r#"(?m)^effect(\s*)= "(write|destroy)""#).unwrap();
    let catalogue = doctored(|text| label.replace_all(text, "effect$1= \"read\"").into_owned());
    let lint = lxca(&["lint", "--catalogue", text(catalogue.path())]);
    assert_eq!(lint.exit, 2, "{lint:?}");
    assert!(
        lint.stderr.contains("has the effect destroy if it is accepted")
            && lint.stderr.contains("has the effect write if it is accepted"),
        "{}",
        lint.stderr
    );
    // So does a run, before anything is sent.
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let target = Named::new(&recorder.url, BASIC);
    for arguments in [&["run"][..], &["plan", "--allow", "destroy"]] {
        let named = ["--target", text(&target.file), "--catalogue", text(catalogue.path())];
        let answer = lxca(&[arguments, &named].concat());
        assert_eq!(answer.exit, 2, "{arguments:?}: {answer:?}");
        assert!(answer.stderr.contains("has the effect destroy if it is accepted"), "{answer:?}");
    }
    assert_eq!(recorder.connections(), 0);
    // Below the command line nobody trusts a label either.
    let cases = files::folder(catalogue.path()).expect("a folder");
    let cases = catalogue::load(&cases).expect("a catalogue");
    for auth in [BASIC, SESSION] {
        let recorder = Recorder::before(&served.url);
        let target = Named::new(
            &recorder.url,
            &format!("{auth}[facts]\n\"push.destination\" = \"192.0.2.45\"\n"),
        );
        let report = conducted(&target, &cases);
        assert!(
            [Conclusion::Nonconformant, Conclusion::Incomplete].contains(&report.conclusion),
            "a run in which requests were refused is never conformant: {}",
            report.because
        );
        let left: BTreeSet<String> =
            changing(&recorder).into_iter().filter(|line| !line.ends_with(" /sessions")).collect();
        assert_eq!(left, BTreeSet::new());
        assert!(changing(&recorder).len() <= 2, "{:?}", changing(&recorder));
        assert!(report.summary.cases.unresolved > 50, "{:?}", report.summary);
    }
}

/// A run against a live target, past the checks of the command line.
fn conducted(named: &Named, cases: &Catalogue) -> Report {
    let password = named.folder.path().join("password");
    fs::write(&password, "PASSW0RD").expect("a file");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("its mode");
    let told = read(&named.file).replace(
        "password-env = \"LXCA_PASSWORD\"",
        &format!("password-file = \"{}\"", text(&password)),
    );
    fs::write(&named.file, told).expect("a file");
    let facts: Vec<&str> = contract().facts().collect();
    let target = target::load(&named.file, &facts).expect("a target");
    let scope = Scope {
        allow: Effect::Read,
        filters: Vec::new(),
        strict: false,
        facts: target.facts.clone(),
        bad_logins: 0,
        shard: None,
    };
    let setup = conduct::Setup {
        contract: contract(),
        catalogue: cases,
        target: &target,
        kind: TargetKind::Live,
        scope,
        out: None,
        pace: &RealTime,
        clock: &RealTime,
        observer: &|_| {},
        stop: None,
    };
    runtime().block_on(conduct::conduct(setup)).expect("a run that comes to its end").report
}

fn transport(url: &str, allow: Effect) -> lxca_conform::transport::Transport {
    let mut target = target::Target::at("lab", url);
    target.allow = allow;
    conduct::transport(contract(), &target, TargetKind::Live).expect("a transport")
}

fn outgoing(method: &str, target: &str, body: Option<&str>, purpose: Purpose) -> Outgoing {
    Outgoing {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: body.map(str::to_owned),
        auth: Auth::Default,
        purpose,
    }
}

#[test]
fn the_transport_alone_refuses_what_isnt_allowed_before_it_connects() {
    let recorder =
        Recorder::answering(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
    runtime().block_on(async {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        for (allow, method, path, body) in [
            (Effect::Read, "PUT", "/managementServer/data", Some("{}")),
            (Effect::Read, "POST", "/aicc/service/sftp/locks", Some("{}")),
            (Effect::Read, "POST", "/sessions", Some("{}")),
            (Effect::Read, "PATCH", "/aicc", Some("{}")),
            (Effect::Read, "put", "/managementServer/data", Some("{}")),
            (Effect::Read, "get", "/managementServer/data", None),
            (Effect::Write, "DELETE", "/managementServer/data/1?location=internal", None),
            (Effect::Write, "PUT", "/managementServer/data", Some(r#"{"operation":"push"}"#)),
            (Effect::Write, "PUT", "/managementServer/data", Some(r#"{"operation":"\u0070ush"}"#)),
            (Effect::Write, "PUT", "//managementServer/%64ata", Some(r#"{"operation":"MOVE"}"#)),
        ] {
            for purpose in [Purpose::Case, Purpose::Discover, Purpose::Identify] {
                let exchange = transport(&recorder.url, allow)
                    .exchange("case", "step", 1, &outgoing(method, path, body, purpose), now)
                    .await;
                assert_eq!(
                    exchange.fault.as_ref().map(|fault| fault.kind),
                    Some(FaultKind::Refused),
                    "{method} {path} under {}",
                    allow.word()
                );
            }
        }
    });
    assert_eq!(recorder.connections(), 0);
}

#[test]
fn a_write_to_quiesce_never_leaves_whatever_is_allowed() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    runtime().block_on(async {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        for method in ["PUT", "POST", "DELETE", "PATCH", "put"] {
            for path in [
                "/managementServer/quiesce",
                "/managementServer/quiesce/",
                "/managementServer/%71uiesce?x=1",
                "/managementServer/data/../quiesce",
                "/managementServer/data/..%2Fquiesce",
                "//managementServer/./Quiesce;a=b",
            ] {
                for purpose in [Purpose::Case, Purpose::Cleanup, Purpose::Login, Purpose::Logout] {
                    let exchange = transport(&recorder.url, Effect::Destroy)
                        .exchange(
                            "case",
                            "step",
                            1,
                            &outgoing(method, path, Some("{}"), purpose),
                            now,
                        )
                        .await;
                    assert_eq!(
                        exchange.fault.as_ref().map(|fault| fault.kind),
                        Some(FaultKind::Refused),
                        "{method} {path}"
                    );
                }
            }
        }
    });
    assert_eq!(recorder.connections(), 0);
    // Nor does a case that was written to reach it; one that says what it does is loaded.
    let catalogue = TempDir::new().expect("a temporary folder");
    let folder = catalogue.path().join("managementServer/data/{uuid}");
    fs::create_dir_all(&folder).expect("a folder");
    let case = "operation = \"backup.delete\"\n[[case]]\nid = \"restarts-the-server\"\ntitle = \
        \"A case that must never be sent\"\neffect = \"destroy\"\nimpact = \"all\"\nrequest = \
        { method = \"PUT\", path = { uuid = \"../quiesce\" }, query = { location = \"internal\" } \
            }\nexpect = { status = [200] }\n";
    fs::write(folder.join("delete.toml"), case).expect("a file");
    for allow in ["read", "write", "destroy"] {
        let target = Named::new(&recorder.url, BASIC);
        let answer = target.run(&[
            "--catalogue",
            text(catalogue.path()),
            "--allow",
            allow,
            "--allow-bad-logins",
            "9",
        ]);
        let expected = if allow == "destroy" { 3 } else { 4 };
        assert_eq!(answer.exit, expected, "{answer:?}");
    }
    assert!(recorder.lines().iter().all(|line| line.starts_with("GET ")), "{:?}", recorder.lines());
    assert!(recorder.lines().len() >= 3, "the target was asked who it is");
    // And none of the cases of the package tries to.
    let plan = lxca(&["plan", "--allow", "destroy", "--format", "json"]);
    assert!(!plan.stdout.contains("quiesce"), "{}", plan.stdout);
}
