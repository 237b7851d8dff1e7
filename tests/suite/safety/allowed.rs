//! Read-only unless more is allowed: at the plan, at the transport alone, and never a change of
//! quiesce.
//!
//! Knows: cases with false labels, and the transport without a plan. Must not know: how the guard
//! decides.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lxca_conform::catalogue::{Auth, Effect};
use lxca_conform::conduct;
use lxca_conform::exchange::{FaultKind, Outgoing, Purpose};
use lxca_conform::store::TargetKind;
use lxca_conform::target;
use regex::Regex;
use tempfile::TempDir;

use crate::support::built_in::contract;
use crate::support::command::{Served, lxca, read, report, text};
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
    let served = Served::start(&[]);
    for auth in [BASIC, SESSION] {
        let recorder = Recorder::before(&served.url);
        let target = Named::new(
            &recorder.url,
            &format!("{auth}[facts]\n\"push.destination\" = \"192.0.2.45\"\n"),
        );
        let answer = target.run(&["--catalogue", text(catalogue.path())]);
        assert!(
            [1, 3].contains(&answer.exit),
            "a run in which requests were refused is never conformant: {answer:?}"
        );
        let left: BTreeSet<String> =
            changing(&recorder).into_iter().filter(|line| !line.ends_with(" /sessions")).collect();
        assert_eq!(left, BTreeSet::new(), "{answer:?}");
        assert!(changing(&recorder).len() <= 2, "{:?}", changing(&recorder));
        let report = report(&target.out());
        assert!(
            report["summary"]["cases"]["unresolved"].as_u64() > Some(50),
            "{}",
            report["summary"]
        );
    }
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
    // Nor does a case that was written to reach it.
    let catalogue = TempDir::new().expect("a temporary folder");
    let folder = catalogue.path().join("managementServer/data/{uuid}");
    fs::create_dir_all(&folder).expect("a folder");
    let case = "operation = \"backup.delete\"\n[[case]]\nid = \"restarts-the-server\"\ntitle = \
        \"A case that must never be sent\"\neffect = \"read\"\nrequest = \
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
        assert_eq!(answer.exit, 3, "{answer:?}");
    }
    assert!(recorder.lines().iter().all(|line| line.starts_with("GET ")), "{:?}", recorder.lines());
    assert!(recorder.lines().len() >= 3, "the target was asked who it is");
    // And none of the cases of the package tries to.
    let plan = lxca(&["plan", "--allow", "destroy", "--format", "json"]);
    assert!(!plan.stdout.contains("quiesce"), "{}", plan.stdout);
}
