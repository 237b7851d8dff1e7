//! A certificate that isn't verified: accepted on demand, said everywhere, and no evidence.
//!
//! Knows: reports and first screens. Must not know: how a certificate is verified.

use crate::support::command::{Served, read, report};
use crate::support::wire::Recorder;

use super::{ELSEWHERE, GOOD, QUICK, Says, accepted, at, config, good, run, terminated};

#[test]
fn an_unverified_certificate_is_accepted_on_demand_and_every_first_screen_says_so() {
    let port = good(&Says { expired: true, names: &ELSEWHERE, ca: true }.self_signed());
    let (answer, folder) = run(&at(port), &[&["--insecure"], &QUICK[..]].concat());
    accepted(&answer);
    assert!(answer.stdout.contains("NOT VERIFIED"), "{}", answer.stdout);
    let report = report(folder.path());
    assert!(report["notes"].to_string().contains("NOT VERIFIED"), "{}", report["notes"]);
    for (name, first) in [("report.md", 3_000), ("report.html", usize::MAX)] {
        let text = read(&folder.path().join(name));
        let place = text.find("NOT VERIFIED").unwrap_or_else(|| panic!("{name} doesn't say so"));
        assert!(place < first.min(text.len()), "{name} says so at {place} only");
        if let Some(cases) = text.find("appliance.get::") {
            assert!(place < cases, "{name} says so after the cases");
        }
    }
}

#[test]
fn a_report_is_evidence_only_where_the_certificate_was_verified() {
    let double = Served::start(&[]);
    let appliance = Recorder::before(&double.url);
    let identity = GOOD.self_signed();
    let port = terminated(
        config(&identity.certificate, &identity.key, rustls::ALL_VERSIONS),
        &appliance.url,
    );
    for (trust, claim) in [
        (vec!["--pin-sha256".to_owned(), identity.fingerprint()], true),
        (vec!["--insecure".to_owned()], false),
    ] {
        let trust: Vec<&str> = trust.iter().map(String::as_str).collect();
        let (answer, folder) = run(&at(port), &trust);
        let report = report(folder.path());
        assert_eq!(report["claim"], claim, "{trust:?}: {answer:?}");
        assert_eq!(answer.stdout.contains("claim      none"), !claim, "{}", answer.stdout);
    }
}

#[test]
fn a_report_is_evidence_only_where_the_appliance_told_its_version_and_showed_something() {
    let double = Served::start(&[]);
    let aicc = |version: &str| {
        format!(
            r#"{{"appliance":{{"version":{version},"build":"133","name":"x","uuid":"3A6C0E5871D94F2B9E8405B7C1D82FA6"}}}}"#
        )
    };
    let with_version = |version: &str| {
        let body = aicc(version);
        Recorder::between(&double.url, move |seen| {
            (seen.target == "/aicc" && seen.header("authorization").is_some())
                .then(|| json_answer("200 OK", &body))
        })
    };
    let forbidden = {
        let body = aicc("\"4.1.0\"");
        let message = r#"{"result":"failed","messages":[{"id":"FQXHMSE0010M","text":"The user has no privilege for this operation.","explanation":"","recovery":[]}]}"#;
        Recorder::between(&double.url, move |seen| {
            match (seen.header("authorization"), seen.target.as_str()) {
                (None, _) => None,
                (_, "/aicc") => Some(json_answer("200 OK", &body)),
                _ => Some(json_answer("403 Forbidden", message)),
            }
        })
    };
    let identity = GOOD.self_signed();
    for (appliance, why) in [
        (with_version("\"\""), "no version"),
        (with_version("\"latest\""), "no version"),
        (with_version("\" \""), "no version"),
        (forbidden, "403"),
        (with_version("\"4.1.0\""), ""),
    ] {
        let port = terminated(
            config(&identity.certificate, &identity.key, rustls::ALL_VERSIONS),
            &appliance.url,
        );
        let (answer, folder) = run(&at(port), &["--pin-sha256", &identity.fingerprint()]);
        let report = report(folder.path());
        assert_eq!(report["claim"], why.is_empty(), "{why}: {answer:?}");
        assert!(
            report["no_claim"].as_str().unwrap_or_default().contains(why),
            "{why}: {}",
            report["no_claim"]
        );
    }
}

fn json_answer(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
