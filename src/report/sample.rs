//! Small reports for the tests of all renderings.
//!
//! Knows: the shape of a report. Must not know: how one is drawn.

use crate::catalogue::Effect;
use crate::contract::{Basis, Erratum, Severity};
use crate::judge::{Disposition, Finding, Verdict};
use crate::record::{CatalogueId, ContractId, DocumentId, TargetKind, Tool};
use crate::report::model::{
    Case, CaseCounts, Conclusion, Evidence, FORMAT, FindingCounts, Report, ReportScope,
    RequirementCounts, RequirementState, State, Summary, Target, WaiverFate, WaiverState,
};
use crate::why::{Trust, Why};

/// What an appliance may say to break a report.
pub(super) const HOSTILE: &str = "<script>alert(1)</script> | `x` ``` *b* [a](http://e.example) \
    \u{1b}[31m\u{0}\r\n# h \u{202e}evil ]]> &";

fn case(operation: &str, claim: &str, verdict: Verdict) -> Case {
    let ran = matches!(verdict, Verdict::Pass | Verdict::Fail | Verdict::Unresolved);
    Case {
        id: format!("{operation}::{claim}"),
        operation: operation.to_owned(),
        title: format!("The claim {claim}"),
        effect: if operation == "backup.transfer" { Effect::Write } else { Effect::Read },
        generated: false,
        verdict,
        reason: (!ran).then(|| "no --filter matches it".to_owned()),
        why: (!ran).then_some(Why::Filtered),
        unstable: None,
        disposition: if verdict == Verdict::Fail {
            Disposition::New
        } else {
            Disposition::AsExpected
        },
        requests: u32::from(ran),
        elapsed_ms: 0.0,
        reached: crate::judge::Reached::default(),
        findings: Vec::new(),
    }
}

fn requirement(id: &str, basis: Basis, status: State) -> RequirementState {
    RequirementState {
        id: id.to_owned(),
        operation: id.split('/').next().unwrap_or_default().to_owned(),
        basis,
        statement: format!("Statement of {id}"),
        place: "Response body, row component".to_owned(),
        status,
        seen: u64::from(status == State::Held || status == State::Broken),
        reason: (status == State::NotExercised).then(|| format!("nothing reached {id}")),
        why: None,
        since: None,
        until: None,
        erratum: None,
    }
}

pub(super) fn finding(
    requirement: &str,
    severity: Severity,
    pointer: &str,
    actual: &str,
) -> Finding {
    Finding {
        check: "schema".to_owned(),
        requirement: requirement.to_owned(),
        severity,
        pointer: pointer.to_owned(),
        expected: "one of \"CN\", \"CP\"".to_owned(),
        actual: actual.to_owned(),
        step: "request".to_owned(),
        more: None,
        closed: false,
    }
}

fn waiver(case: &str, reason: &str) -> WaiverState {
    WaiverState {
        case: case.to_owned(),
        requirement: "sftp-locks.list/body/component".to_owned(),
        pointer: None,
        versions: None,
        actual: None,
        reason: reason.to_owned(),
        ticket: "LAB-1".to_owned(),
        owner: "lab".to_owned(),
        created: "2025-01-01".to_owned(),
        expires: "2026-01-01".to_owned(),
        state: WaiverFate::InForce,
        covers: 1,
    }
}

/// Two passes and two cases that were left out, against a live appliance.
pub(crate) fn conformant() -> Report {
    Report {
        format: FORMAT.to_owned(),
        conclusion: Conclusion::Conformant,
        because: "all 2 judged cases passed".to_owned(),
        claim: true,
        no_claim: None,
        tool: Tool { name: "lxca-conform".to_owned(), version: "0.1.0".to_owned() },
        contract: ContractId {
            digest: "0123456789abcdef0123".to_owned(),
            documents: vec![DocumentId {
                id: "get-locks".to_owned(),
                sha256: None,
                version: "4.1.0".to_owned(),
                read: "2025-01-01".to_owned(),
            }],
        },
        catalogue: CatalogueId {
            digest: "fedcba98765432100123".to_owned(),
            generated: crate::catalogue::Level::None,
            exploration: None,
        },
        target: Target {
            name: "staging".to_owned(),
            kind: TargetKind::Live,
            url: "https://lxca.example".to_owned(),
            version: Some("4.1.0".to_owned()),
            build: None,
            uuid: Some("0A1B2C3D4E5F".to_owned()),
            tls: "verified with the roots of lab-ca.pem".to_owned(),
            trust: Some(Trust::Verified),
            built_in: Some(false),
            double: Some(false),
        },
        scope: ReportScope { allow: Effect::Read, filters: Vec::new(), strict: false, shard: None },
        record: None,
        started: "2025-01-02T03:04:05Z".to_owned(),
        finished: Some("2025-01-02T03:05:06Z".to_owned()),
        ended_early: None,
        ended_early_kind: None,
        flaws: Some(Vec::new()),
        notes: Vec::new(),
        summary: Summary {
            cases: CaseCounts { pass: 2, untested: 1, unsupported: 1, ..CaseCounts::default() },
            findings: FindingCounts::default(),
            requirements: RequirementCounts { total: 4, exercised: 1, broken: 0, excluded: 1 },
            requests: 2,
        },
        cases: vec![
            case("sftp-locks.list", "lists-locks", Verdict::Pass),
            case("sftp-locks.get", "gets-a-lock", Verdict::Pass),
            case("backup.transfer", "copies", Verdict::Untested),
            case("backup.transfer", "moves", Verdict::Unsupported),
        ],
        requirements: vec![
            requirement("sftp-locks.list/body/component", Basis::Stated, State::Held),
            requirement("sftp-locks.list/body/neighbour", Basis::Neighbour, State::NotExercised),
            requirement("sftp-locks.list/body/stated", Basis::Stated, State::NotExercised),
            requirement("backup.transfer/push", Basis::Stated, State::Excluded),
        ],
        errata: vec![Erratum {
            id: "E001".to_owned(),
            document: "get-locks".to_owned(),
            place: "Response body".to_owned(),
            says: "Nothing of the outer shape.".to_owned(),
            chosen: "An array.".to_owned(),
            owner: "both".to_owned(),
            choice: None,
        }],
        waivers: Vec::new(),
        recording: None,
        baseline: None,
        proof: None,
        coverage: Some(crate::coverage::Summary {
            totals: crate::coverage::Totals {
                known: 3,
                documented: 2,
                called: 2,
                in_contract: 2,
                documented_in_contract: 1,
                called_in_contract: 1,
                exercised: Some(1),
            },
            not_exercised: vec!["backup.transfer".to_owned()],
            next: vec![crate::coverage::Import {
                name: None,
                method: "GET".to_owned(),
                path: "/gadgets".to_owned(),
                callers: 4,
                command: "lxca-conform import PAGE --format contract --out get-gadgets".to_owned(),
            }],
        }),
        timings: Vec::new(),
        evidence: Vec::new(),
    }
}

/// Every verdict and severity, with hostile text wherever an appliance can put some.
pub(super) fn nonconformant() -> Report {
    let mut report = conformant();
    report.conclusion = Conclusion::Nonconformant;
    report.because = "1 case fails with 3 findings".to_owned();
    report.claim = false;
    report.target.kind = TargetKind::Double;
    report.target.version = Some(HOSTILE.to_owned());
    report.notes = vec![format!("The target said {HOSTILE}.")];
    let long = "y".repeat(5000);
    let violated = "sftp-locks.list/body/component";
    report.cases[0] = Case {
        verdict: Verdict::Fail,
        disposition: Disposition::New,
        findings: vec![
            finding("sftp-locks.list/drift", Severity::Observation, "/0/owner", "\"me\""),
            finding("sftp-locks.list/body/neighbour", Severity::Deviation, "/0/n", &long),
            finding(violated, Severity::Violation, "/0/component", HOSTILE),
            finding(violated, Severity::Violation, "/7/component", HOSTILE),
            finding(violated, Severity::Violation, "/7/component", &long),
        ],
        ..case("sftp-locks.list", "lists-locks", Verdict::Fail)
    };
    report.cases[1] = Case {
        reason: Some(HOSTILE.to_owned()),
        ..case("sftp-locks.get", "gets-a-lock", Verdict::Unresolved)
    };
    report.requirements[0].status = State::Broken;
    report.requirements[0].erratum = Some("E001".to_owned());
    report.waivers = vec![waiver("sftp-locks.list::lists-locks", HOSTILE)];
    report.summary.cases =
        CaseCounts { pass: 0, fail: 1, unresolved: 1, unsupported: 1, untested: 1 };
    report.summary.findings = FindingCounts { violation: 3, deviation: 1, observation: 1 };
    report.evidence = vec![Evidence {
        case: "sftp-locks.list::lists-locks".to_owned(),
        step: "request".to_owned(),
        request: "GET /aicc/service/sftp/locks".to_owned(),
        request_body: Some(HOSTILE.to_owned()),
        answer: "HTTP/1.1 200".to_owned(),
        headers: std::iter::once(("content-type".to_owned(), HOSTILE.to_owned())).collect(),
        body: Some(format!("{HOSTILE}</textarea></pre>")),
        marks: Vec::new(),
        body_sha256: Some("abcdef0123456789".to_owned()),
        curl: "curl -i -X GET 'https://lxca.example/aicc/service/sftp/locks'".to_owned(),
    }];
    report
}

/// As many causes, cases, unresolved cases, reasons, requirements and notes.
pub(super) fn many(count: usize) -> Report {
    let mut report = nonconformant();
    for index in 0..count {
        let letters: String =
            index.to_string().chars().map(|c| char::from(b'a' + (c as u8 - b'0'))).collect();
        let mut failed = case("sftp-locks.list", &format!("fails-{index}"), Verdict::Fail);
        for severity in [Severity::Violation, Severity::Deviation, Severity::Observation] {
            failed.findings.push(finding(
                &format!("sftp-locks.list/{letters}"),
                severity,
                "",
                HOSTILE,
            ));
        }
        report.cases.push(failed);
        report.cases.push(Case {
            reason: Some(HOSTILE.repeat(9)),
            ..case("tasks.get", &format!("waits-{index}"), Verdict::Unresolved)
        });
        report.cases.push(Case {
            reason: Some(format!("reason {letters}")),
            ..case("tasks.list", &format!("skips-{index}"), Verdict::Untested)
        });
        report.cases.push(case("tasks.cancel", &format!("passes-{index}"), Verdict::Pass));
        report.requirements.push(requirement(
            &format!("tasks.get/{index}"),
            Basis::Stated,
            State::NotExercised,
        ));
        report.notes.push(HOSTILE.to_owned());
        report.waivers.push(waiver(&format!("c{index}"), "known"));
        let evidence = report.evidence[0].clone();
        report.evidence.push(Evidence {
            case: format!("sftp-locks.list::fails-{index}"),
            body: Some("z".repeat(9000)),
            ..evidence
        });
    }
    report
}

/// A report of as many generated cases, two of a hundred of which fail for one cause.
pub(super) fn of_size(count: usize) -> Report {
    let mut report = nonconformant();
    report.cases.clear();
    for index in 0..count {
        let verdict = if index % 50 == 7 { Verdict::Fail } else { Verdict::Pass };
        let mut one =
            case("backup.transfer", &format!("generated/copy/attribute-{index}/missing"), verdict);
        one.title = format!(
            "A request to copy in which attribute number {index} of the table is missing is \
            refused with 400"
        );
        if verdict == Verdict::Fail {
            one.findings.push(finding(
                "sftp-locks.list/body/component",
                Severity::Violation,
                "/0/component",
                "\"XX\"",
            ));
        }
        report.cases.push(one);
    }
    report
}
