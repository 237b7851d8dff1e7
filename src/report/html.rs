//! `report.html`: one file for people, readable without network and without scripts.
//!
//! Knows: the report, and in which order a reader needs it; the look is in `templates/report.html`. Must not know: files, terminals.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use askama::Template;

use crate::contract::{Basis, Erratum, Severity};
use crate::judge::{CHECKS, Disposition, Verdict};
use crate::store::TargetKind;

use super::groups::{Group, groups};
use super::markdown::{
    all_waived, answer_text, claim_line, conclusion_mark, counted, digest, fails, hidden, not_exercised, one_line, reasons, request_text, rerun, scope_line, severity_mark, short, ticket,
    waiver_fields,
};
use super::model::{Case, Conclusion, Evidence, Report, RequirementState, State};
use super::summary::no_claim;
use super::waive::drafts_in;

/// Rows of any list.
const MOST_ROWS: usize = 200;
/// Exchanges that are shown in the whole file, and for one cause.
const MOST_EXCHANGES: usize = 80;
const MOST_EXCHANGES_OF_CAUSE: usize = 2;
/// Lists up to this length are open from the start.
const OPEN_ROWS: usize = 8;
/// Characters of one value.
const MOST_TEXT: usize = 1200;

/// The report as one HTML file.
#[must_use]
pub fn html(report: &Report) -> String {
    match Page::new(report).render() {
        Ok(page) => visible(&page),
        Err(error) => format!("<!doctype html><title>lxca-conform</title><p>The report could not be drawn: {error}."),
    }
}

/// Spells out what would steer a display: control characters and marks of direction.
pub(crate) fn visible(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    for c in page.replace("\r\n", "\n").chars() {
        if hidden(c) && c != '\n' && c != '\t' {
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    mark: &'static str,
    claim: String,
    next: String,
    scope: String,
    findings: String,
    requests: String,
    documents: String,
    kind: &'static str,
    version: &'a str,
    uuid: Option<String>,
    contract: String,
    catalogue: String,
    causes: Capped<Cause<'a>>,
    drafts: Capped<String>,
    unresolved: Capped<Trouble<'a>>,
    unreached: Vec<Unreached<'a>>,
    stated_unreached: usize,
    left_out: Vec<LeftOut<'a>>,
    waived: Capped<Cause<'a>>,
    waivers: Capped<Vec<(&'static str, String)>>,
    deviations: Capped<Cause<'a>>,
    observations: Capped<Cause<'a>>,
    errata: Capped<&'a Erratum>,
    troubled: Capped<Row<'a>>,
    passed: Vec<ByOperation<'a, Row<'a>>>,
    not_run: Vec<ByOperation<'a, Row<'a>>>,
    register: Vec<ByOperation<'a, Rule<'a>>>,
}

/// A list that ends early, with the number of those that are missing.
struct Capped<T> {
    rows: Vec<T>,
    more: usize,
}

impl<T> Capped<T> {
    fn new(all: impl IntoIterator<Item = T>, most: usize) -> Self {
        let mut all = all.into_iter();
        let rows = all.by_ref().take(most).collect();
        Self { rows, more: all.count() }
    }

    fn len(&self) -> usize {
        self.rows.len() + self.more
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Findings with one cause, and what belongs to them.
struct Cause<'a> {
    number: usize,
    group: Group,
    mark: &'static str,
    /// Absent when the finding names no requirement of the register.
    known: Option<&'a RequirementState>,
    about: &'static str,
    expected: String,
    actual: String,
    cases: Capped<String>,
    again: String,
    shown: Vec<Shown>,
    /// Numbers of exchanges that stand at an earlier cause.
    elsewhere: Vec<usize>,
    ticket: String,
}

/// One exchange as a reader sees it.
struct Shown {
    number: usize,
    case: String,
    step: String,
    line: String,
    request: String,
    answer: String,
    sha256: Option<String>,
    curl: String,
}

struct Trouble<'a> {
    case: &'a Case,
    reason: String,
    shown: Vec<Shown>,
    elsewhere: Vec<usize>,
}

struct Unreached<'a> {
    basis: &'static str,
    reason: &'a str,
    open: bool,
    rows: Capped<&'a RequirementState>,
}

struct LeftOut<'a> {
    mark: &'static str,
    verdict: &'static str,
    reason: &'a str,
    cases: Capped<&'a Case>,
}

struct Row<'a> {
    case: &'a Case,
    mark: &'static str,
    verdict: &'static str,
    disposition: Option<&'static str>,
    reason: String,
}

struct Rule<'a> {
    known: &'a RequirementState,
    mark: &'static str,
    reason: String,
}

struct ByOperation<'a, T> {
    operation: &'a str,
    /// How many of each word.
    tally: BTreeMap<&'static str, usize>,
    rows: Capped<T>,
}

impl<'a> Page<'a> {
    fn new(report: &'a Report) -> Self {
        let mut drawer = Drawer::new(report);
        let (failing, other): (Vec<Group>, Vec<Group>) = groups(report).into_iter().partition(|group| fails(report, group));
        let (waived, failing): (Vec<Group>, Vec<Group>) = failing.into_iter().partition(|group| all_waived(report, group));
        let (deviations, observations): (Vec<Group>, Vec<Group>) = other.into_iter().partition(|group| group.severity == Severity::Deviation);
        let causes = drawer.causes(failing);
        let unresolved = drawer.unresolved();
        let waived = drawer.causes(waived);
        let deviations = drawer.causes(deviations);
        let observations = drawer.causes(observations);
        let is = |wanted: &'static [Verdict]| move |case: &&Case| wanted.contains(&case.verdict);
        let mut troubled: Vec<&Case> = report.cases.iter().filter(is(&[Verdict::Fail, Verdict::Unresolved])).collect();
        troubled.sort_by_key(|case| case.verdict);
        Self {
            mark: conclusion_mark(report.conclusion),
            claim: claim(report),
            next: next(report, causes.len(), waived.len()),
            scope: scope_line(report),
            findings: [counted(report.summary.findings.violation, "violation"), counted(report.summary.findings.deviation, "deviation"), counted(report.summary.findings.observation, "observation")]
                .join(", "),
            requests: counted(report.summary.requests, "request"),
            documents: counted(report.contract.documents.len() as u64, "document"),
            kind: match report.target.kind {
                TargetKind::Double => "the built-in double",
                TargetKind::Live => "live",
                TargetKind::Replay => "an old record",
            },
            version: report.target.version.as_deref().unwrap_or("not told"),
            uuid: report.target.uuid.as_deref().map(|uuid| uuid.chars().take(8).collect()),
            contract: digest(&report.contract.digest),
            catalogue: digest(&report.catalogue.digest),
            causes,
            drafts: Capped::new(drafts_in(report), MOST_ROWS),
            unresolved,
            unreached: unreached(report),
            stated_unreached: not_exercised(report).0.len(),
            left_out: left_out(report),
            waived,
            waivers: Capped::new(report.waivers.iter().map(waiver_fields), MOST_ROWS),
            deviations,
            observations,
            errata: Capped::new(&report.errata, MOST_ROWS),
            troubled: Capped::new(troubled.into_iter().map(row), MOST_ROWS),
            passed: by_operation(report.cases.iter().filter(is(&[Verdict::Pass])), |case| (&case.operation, case.verdict.word()), row),
            not_run: by_operation(report.cases.iter().filter(is(&[Verdict::Unsupported, Verdict::Untested])), |case| (&case.operation, case.verdict.word()), row),
            register: by_operation(report.requirements.iter(), |known| (&known.operation, known.status.word()), rule),
            report,
        }
    }
}

/// Draws causes in the order of the page, so that each exchange stands there once.
struct Drawer<'a> {
    report: &'a Report,
    requirements: BTreeMap<&'a str, &'a RequirementState>,
    cases: BTreeMap<&'a str, &'a Case>,
    evidence: BTreeMap<&'a str, Vec<(usize, &'a Evidence)>>,
    drawn: BTreeSet<usize>,
    number: usize,
}

impl<'a> Drawer<'a> {
    fn new(report: &'a Report) -> Self {
        let mut evidence: BTreeMap<&str, Vec<(usize, &Evidence)>> = BTreeMap::new();
        for (index, one) in report.evidence.iter().enumerate() {
            evidence.entry(&one.case).or_default().push((index + 1, one));
        }
        Self {
            report,
            requirements: report.requirements.iter().map(|known| (known.id.as_str(), known)).collect(),
            cases: report.cases.iter().map(|case| (case.id.as_str(), case)).collect(),
            evidence,
            drawn: BTreeSet::new(),
            number: 0,
        }
    }

    fn causes(&mut self, groups: Vec<Group>) -> Capped<Cause<'a>> {
        let all = groups.len();
        let rows: Vec<Cause<'a>> = groups.into_iter().take(MOST_ROWS).map(|group| self.cause(group)).collect();
        Capped { more: all - rows.len(), rows }
    }

    fn cause(&mut self, group: Group) -> Cause<'a> {
        self.number += 1;
        let mut wanted: Vec<(usize, &Evidence)> = Vec::new();
        for id in &group.cases {
            if wanted.len() >= MOST_EXCHANGES_OF_CAUSE {
                break;
            }
            let steps: BTreeSet<&str> = self.cases.get(id.as_str()).map_or_else(BTreeSet::new, |case| {
                let ours = case.findings.iter().filter(|finding| finding.requirement == group.requirement && finding.check == group.check);
                ours.map(|finding| finding.step.as_str()).collect()
            });
            let of_case = self.evidence.get(id.as_str()).into_iter().flatten();
            wanted.extend(of_case.filter(|(_, one)| steps.contains(one.step.as_str())));
        }
        let first = wanted.first().map(|(_, one)| *one);
        wanted.truncate(MOST_EXCHANGES_OF_CAUSE);
        let ticket = ticket(self.report, &group, first);
        let (shown, elsewhere) = self.show(wanted);
        let first_case = group.cases.first().map_or("", String::as_str);
        Cause {
            number: self.number,
            mark: severity_mark(group.severity),
            known: self.requirements.get(group.requirement.as_str()).copied(),
            about: CHECKS.iter().find(|check| check.name == group.check).map_or("", |check| check.about),
            expected: short(&group.expected, MOST_TEXT),
            actual: short(&group.actual, MOST_TEXT),
            cases: Capped::new(group.cases.clone(), MOST_ROWS),
            again: rerun(self.report, first_case),
            shown,
            elsewhere,
            ticket,
            group,
        }
    }

    fn unresolved(&mut self) -> Capped<Trouble<'a>> {
        let report = self.report;
        let all: Vec<&Case> = report.cases.iter().filter(|case| case.verdict == Verdict::Unresolved).collect();
        let rows: Vec<Trouble<'a>> = all
            .iter()
            .take(MOST_ROWS)
            .map(|case| {
                let evidence = self.evidence.get(case.id.as_str()).cloned().unwrap_or_default();
                // The last exchange is the one that the case stopped at.
                let (shown, elsewhere) = self.show(evidence.into_iter().rev().take(1).collect());
                let reason = case.reason.as_deref().unwrap_or("no reason was kept");
                Trouble { case, reason: short(reason, MOST_TEXT), shown, elsewhere }
            })
            .collect();
        Capped { more: all.len() - rows.len(), rows }
    }

    fn show(&mut self, wanted: Vec<(usize, &Evidence)>) -> (Vec<Shown>, Vec<usize>) {
        let (mut fresh, mut elsewhere) = (Vec::new(), Vec::new());
        for (number, one) in wanted {
            if self.drawn.contains(&number) {
                elsewhere.push(number);
            } else if self.drawn.len() < MOST_EXCHANGES {
                self.drawn.insert(number);
                fresh.push(shown(number, one));
            }
        }
        (fresh, elsewhere)
    }
}

fn shown(number: usize, one: &Evidence) -> Shown {
    Shown {
        number,
        case: one.case.clone(),
        step: one.step.clone(),
        line: format!("{} → {}", one_line(&one.request), one_line(&one.answer)),
        request: request_text(one),
        answer: answer_text(one),
        sha256: one.body_sha256.as_deref().map(digest),
        curl: short(&one.curl, 2 * MOST_TEXT),
    }
}

fn claim(report: &Report) -> String {
    match no_claim(report) {
        None => claim_line(report),
        Some(why) => format!("None: {why}."),
    }
}

/// What a reader should do, in a sentence.
fn next(report: &Report, causes: usize, waived: usize) -> String {
    let unreached = not_exercised(report).0.len();
    match report.conclusion {
        Conclusion::Nonconformant if causes == 0 && waived > 0 => "Every failure is named by a waiver: see that the reasons still hold.".to_owned(),
        Conclusion::Nonconformant if causes == 1 => "Look at the cause below. It has a text for a ticket, and a command that runs it again.".to_owned(),
        Conclusion::Nonconformant => {
            format!("Look at the {} below. Each has a text for a ticket, and a command that runs it again.", counted(causes as u64, "cause"))
        }
        Conclusion::Incomplete => "This run can't tell: see what couldn't be judged and what was not covered.".to_owned(),
        Conclusion::Conformant if unreached > 0 => {
            format!("Nothing has to be done in this scope. {} that the documents state {} not covered by it.", counted(unreached as u64, "requirement"), if unreached == 1 { "is" } else { "are" })
        }
        Conclusion::Conformant => "Nothing has to be done in this scope.".to_owned(),
    }
}

fn unreached(report: &Report) -> Vec<Unreached<'_>> {
    let mut found: BTreeMap<(bool, &str, &str), Vec<&RequirementState>> = BTreeMap::new();
    for known in report.requirements.iter().filter(|known| known.status == State::NotExercised) {
        let reason = known.reason.as_deref().unwrap_or("no reason was kept");
        let key = (known.basis != Basis::Stated, known.basis.word(), reason);
        found.entry(key).or_default().push(known);
    }
    found.into_iter().map(|((_, basis, reason), rows)| Unreached { basis, reason, open: basis == Basis::Stated.word() && rows.len() <= OPEN_ROWS, rows: Capped::new(rows, MOST_ROWS) }).collect()
}

fn left_out(report: &Report) -> Vec<LeftOut<'_>> {
    let draw = |((verdict, reason), cases): ((Verdict, _), Vec<_>)| LeftOut { mark: verdict_mark(verdict), verdict: verdict.word(), reason, cases: Capped::new(cases, MOST_ROWS) };
    reasons(report).into_iter().map(draw).collect()
}

fn row(case: &Case) -> Row<'_> {
    let disposition = match case.disposition {
        Disposition::AsExpected | Disposition::New => None,
        Disposition::KnownFailure => Some("known failure"),
        Disposition::UnexpectedPass => Some("unexpected pass"),
    };
    Row { case, mark: verdict_mark(case.verdict), verdict: case.verdict.word(), disposition, reason: case.reason.as_deref().map_or_else(String::new, |reason| short(reason, MOST_TEXT)) }
}

fn rule(known: &RequirementState) -> Rule<'_> {
    let mark = match known.status {
        State::Held => "✓",
        State::Broken => "✗",
        State::NotExercised => "○",
        State::Excluded => "–",
    };
    Rule { known, mark, reason: known.reason.as_deref().map_or_else(String::new, |reason| short(reason, MOST_TEXT)) }
}

/// Rows per operation, in the order in which the operations first come.
fn by_operation<'a, S: 'a, T>(all: impl Iterator<Item = &'a S>, key: impl Fn(&'a S) -> (&'a String, &'static str), draw: impl Fn(&'a S) -> T) -> Vec<ByOperation<'a, T>> {
    let mut found: Vec<ByOperation<'a, T>> = Vec::new();
    for one in all {
        let (name, word) = key(one);
        let at = found.iter().position(|group| group.operation == name).unwrap_or_else(|| {
            found.push(ByOperation { operation: name, tally: BTreeMap::new(), rows: Capped { rows: Vec::new(), more: 0 } });
            found.len() - 1
        });
        *found[at].tally.entry(word).or_default() += 1;
        let rows = &mut found[at].rows;
        if rows.rows.len() < MOST_ROWS {
            rows.rows.push(draw(one));
        } else {
            rows.more += 1;
        }
    }
    found
}

fn verdict_mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✗",
        Verdict::Unresolved => "?",
        Verdict::Unsupported => "–",
        Verdict::Untested => "○",
    }
}

/// Small reports for the tests of all renderings.
#[cfg(test)]
pub(super) mod sample {
    use crate::catalogue::Effect;
    use crate::contract::{Basis, Erratum, Severity};
    use crate::judge::{Disposition, Finding, Verdict};
    use crate::report::model::{
        Case, CaseCounts, Conclusion, Evidence, FORMAT, FindingCounts, Report, ReportScope, RequirementCounts, RequirementState, State, Summary, Target, WaiverFate, WaiverState,
    };
    use crate::store::{CatalogueId, ContractId, DocumentId, TargetKind, Tool};

    /// What an appliance may say to break a report.
    pub(in crate::report) const HOSTILE: &str = "<script>alert(1)</script> | `x` ``` *b* [a](http://e.example) \u{1b}[31m\u{0}\r\n# h \u{202e}evil ]]> &";

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
            unstable: None,
            disposition: if verdict == Verdict::Fail { Disposition::New } else { Disposition::AsExpected },
            requests: u32::from(ran),
            elapsed_ms: 0.0,
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
            erratum: None,
        }
    }

    pub(in crate::report) fn finding(requirement: &str, severity: Severity, pointer: &str, actual: &str) -> Finding {
        Finding {
            check: "schema".to_owned(),
            requirement: requirement.to_owned(),
            severity,
            pointer: pointer.to_owned(),
            expected: "one of \"CN\", \"CP\"".to_owned(),
            actual: actual.to_owned(),
            step: "request".to_owned(),
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
    pub(in crate::report) fn conformant() -> Report {
        Report {
            format: FORMAT.to_owned(),
            conclusion: Conclusion::Conformant,
            because: "2 cases were judged, and all of it held".to_owned(),
            claim: true,
            tool: Tool { name: "lxca-conform".to_owned(), version: "0.1.0".to_owned() },
            contract: ContractId {
                digest: "0123456789abcdef0123".to_owned(),
                documents: vec![DocumentId { id: "get-locks".to_owned(), sha256: None, version: "4.1.0".to_owned(), read: "2025-01-01".to_owned() }],
            },
            catalogue: CatalogueId { digest: "fedcba98765432100123".to_owned() },
            target: Target {
                name: "staging".to_owned(),
                kind: TargetKind::Live,
                url: "https://lxca.example".to_owned(),
                version: Some("4.1.0".to_owned()),
                uuid: Some("0A1B2C3D4E5F".to_owned()),
                tls: "verified with the roots of lab-ca.pem".to_owned(),
            },
            scope: ReportScope { allow: Effect::Read, filters: Vec::new(), strict: false },
            started: "2025-01-02T03:04:05Z".to_owned(),
            finished: Some("2025-01-02T03:05:06Z".to_owned()),
            ended_early: None,
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
            }],
            waivers: Vec::new(),
            baseline: None,
            proof: None,
            timings: Vec::new(),
            evidence: Vec::new(),
        }
    }

    /// Every verdict and severity, with hostile text wherever an appliance can put some.
    pub(in crate::report) fn nonconformant() -> Report {
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
        report.cases[1] = Case { reason: Some(HOSTILE.to_owned()), ..case("sftp-locks.get", "gets-a-lock", Verdict::Unresolved) };
        report.requirements[0].status = State::Broken;
        report.requirements[0].erratum = Some("E001".to_owned());
        report.waivers = vec![waiver("sftp-locks.list::lists-locks", HOSTILE)];
        report.summary.cases = CaseCounts { pass: 0, fail: 1, unresolved: 1, unsupported: 1, untested: 1 };
        report.summary.findings = FindingCounts { violation: 3, deviation: 1, observation: 1 };
        report.evidence = vec![Evidence {
            case: "sftp-locks.list::lists-locks".to_owned(),
            step: "request".to_owned(),
            request: "GET /aicc/service/sftp/locks".to_owned(),
            request_body: Some(HOSTILE.to_owned()),
            answer: "HTTP/1.1 200".to_owned(),
            headers: std::iter::once(("content-type".to_owned(), HOSTILE.to_owned())).collect(),
            body: Some(format!("{HOSTILE}</textarea></pre>")),
            body_sha256: Some("abcdef0123456789".to_owned()),
            curl: "curl -i -X GET 'https://lxca.example/aicc/service/sftp/locks'".to_owned(),
        }];
        report
    }

    /// As many causes, cases, unresolved cases, reasons, requirements and notes.
    pub(in crate::report) fn many(count: usize) -> Report {
        let mut report = nonconformant();
        for index in 0..count {
            let letters: String = index.to_string().chars().map(|c| char::from(b'a' + (c as u8 - b'0'))).collect();
            let mut failed = case("sftp-locks.list", &format!("fails-{index}"), Verdict::Fail);
            for severity in [Severity::Violation, Severity::Deviation, Severity::Observation] {
                failed.findings.push(finding(&format!("sftp-locks.list/{letters}"), severity, "", HOSTILE));
            }
            report.cases.push(failed);
            report.cases.push(Case { reason: Some(HOSTILE.repeat(9)), ..case("tasks.get", &format!("waits-{index}"), Verdict::Unresolved) });
            report.cases.push(Case { reason: Some(format!("reason {letters}")), ..case("tasks.list", &format!("skips-{index}"), Verdict::Untested) });
            report.cases.push(case("tasks.cancel", &format!("passes-{index}"), Verdict::Pass));
            report.requirements.push(requirement(&format!("tasks.get/{index}"), Basis::Stated, State::NotExercised));
            report.notes.push(HOSTILE.to_owned());
            report.waivers.push(waiver(&format!("c{index}"), "known"));
            let evidence = report.evidence[0].clone();
            report.evidence.push(Evidence { case: format!("sftp-locks.list::fails-{index}"), body: Some("z".repeat(9000)), ..evidence });
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::sample::{conformant, many, nonconformant};
    use super::*;

    /// The page without its style, which names every verdict.
    fn body(page: &str) -> &str {
        &page[page.find("<body>").unwrap()..]
    }

    fn assert_order(page: &str, parts: &[&str]) {
        let mut at = 0;
        for part in parts {
            let found = page[at..].find(part);
            assert!(found.is_some(), "`{part}` isn't there, or stands too early");
            at += found.unwrap();
        }
    }

    fn ids(page: &str) -> Vec<&str> {
        page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
    }

    #[test]
    fn the_order_is_the_one_a_reader_needs() {
        let page = html(&nonconformant());
        let order = [
            "<b>NONCONFORMANT</b>",
            "1 case fails",
            "it says nothing about any appliance",
            "Note:",
            "Certificate",
            "0123456789ab</code>",
            "</b> fail",
            "Causes of failure</h2>",
            "Statement of sftp-locks.list/body/component</h3>",
            "Expected",
            "Actual",
            "<details class=\"evidence\"",
            "<details class=\"ticket\"",
            "be judged</h2>",
            "What was not covered</h2>",
            "1 stated</strong>",
            "1 neighbour</strong>",
            "Waivers</h2>",
            "Deviations and observations</h2>",
            "Errata: where",
            ">Cases</h2>",
            "Failed or unresolved",
            "Register of requirements",
        ];
        assert_order(body(&page), &order);
        let page = html(&conformant());
        assert_order(body(&page), &["<b>CONFORMANT</b>", "This is evidence about staging", "<p>None.</p>", "Passed</h3>"]);
        assert!(!page.contains(" id=\"waivers\""));
    }

    #[test]
    fn nothing_that_an_appliance_says_becomes_markup() {
        let page = html(&nonconformant());
        assert!(!page.contains("<script"));
        assert_eq!(page.matches("<textarea").count(), page.matches("</textarea>").count());
        assert_eq!(page.matches("<pre").count(), page.matches("</pre>").count());
        assert!(page.contains("&#60;script&#62;"));
        assert!(!page.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'));
        assert!(page.contains("⟨U+001B⟩[31m⟨U+0000⟩\n# h") && page.contains("⟨U+202E⟩"));
    }

    #[test]
    fn links_lead_somewhere_and_ids_are_unique() {
        for report in [nonconformant(), conformant()] {
            let page = html(&report);
            let ids = ids(&page);
            let unique: BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), unique.len());
            for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(unique.contains(link), "#{link}");
            }
            for id in report.cases.iter().map(|case| &case.id).chain(report.requirements.iter().map(|known| &known.id)) {
                assert!(unique.contains(id.as_str()), "{id}");
            }
        }
    }

    #[test]
    fn it_loads_nothing_and_needs_no_script() {
        let page = html(&nonconformant());
        for word in ["<script", "<link", "<img", "src=", "@import", "url(", "href=\"http"] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn an_exchange_stands_there_once() {
        let page = html(&nonconformant());
        assert_eq!(page.matches("<details class=\"evidence\"").count(), 1);
        assert!(page.contains("Shown above: "));
    }

    #[test]
    fn failures_that_waivers_name_stand_with_the_waivers() {
        let mut report = nonconformant();
        report.cases[0].disposition = Disposition::KnownFailure;
        let page = html(&report);
        assert_order(body(&page), &["Causes of failure</h2>", "None that no waiver names", "Waivers</h2>", "Failures that waivers name", "class=\"cause violation\""]);
        assert!(page.contains("known failure"));
    }

    #[test]
    fn a_strict_run_counts_deviations_among_the_causes() {
        let mut report = nonconformant();
        report.scope.strict = true;
        assert_order(body(&html(&report)), &["class=\"cause violation\"", "class=\"cause deviation\"", "be judged</h2>"]);
    }

    #[test]
    fn a_large_report_stays_small() {
        let page = html(&many(1000));
        assert!(page.len() < 4_000_000, "{} bytes", page.len());
        assert!(page.contains("and 802 more"));
        assert_eq!(page.matches("<article class=\"cause violation\"").count(), MOST_ROWS);
        assert!(page.matches("<details class=\"evidence\"").count() <= MOST_EXCHANGES);
    }
}
