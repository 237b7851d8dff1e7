//! `explain ID`: what it is, why, where in the page, how it is judged, which cases, and how to see
//! it.
//!
//! Knows: what is loaded, the glossary, and the tables of words, checks and exit codes. Must not
//! know: appliances.

mod registers;

use std::fmt::Write as _;

use crate::catalogue::{self, Case, Catalogue, Effect, Level};
use crate::contract::{Contract, Document, Requirement};
use crate::hint;
use crate::judge::{CHECKS, Check, WORDS, check, claims, with_recorded};
use crate::report::Places;

use super::args::ExplainArgs;
use super::exit::EXITS;
use super::{Failure, Outcome, glossary, out, sources};

/// Cases that are named; the rest is counted.
const MOST_CASES: usize = 12;

/// What the double plays so that a check finds something.
const SHOWN_BY: &[(&str, &str)] = &[
    ("status", "--fault refusal-422"),
    ("media-type", "--fault locks-text-html"),
    ("body", "--fault locks-not-json"),
    ("schema", "--fault lock-component-unknown"),
    ("semantics", "--fault lock-id-duplicate"),
    ("members", "--fault created-lock-not-listed"),
    ("reading", "--fault copy-does-nothing"),
    ("agreement", "--fault lock-component-other-by-basic"),
    ("job", "--fault job-fails"),
    ("effect", "--fault refused-yet-started"),
    ("drift", "--variant undocumented-member"),
    ("observed", "--fault refusal-422"),
    ("cleanup", "--fault lock-id-missing"),
];

pub(super) fn explain(args: &ExplainArgs) -> Outcome {
    let (contract, catalogue) = sources::load(&args.sources)?;
    let mut catalogue = catalogue.with_generated(&contract, Level::All);
    if catalogue.find(&args.id).is_none() {
        let whole = with_recorded(&contract, &catalogue);
        if whole.find(&args.id).is_some() {
            catalogue = whole;
        }
    }
    let (texts, schemas, cases) = sources::texts(&args.sources)?;
    let places = Places::read(&texts, &schemas, &catalogue, &cases);
    let story =
        Story { contract: &contract, catalogue: &catalogue, places: &places, all: args.all };
    let id = args.id.as_str();
    let text = story
        .case(id)
        .or_else(|| story.requirement(id))
        .or_else(|| story.operation(id))
        .or_else(|| story.erratum(id))
        .or_else(|| check(id).map(|check| of_check(&contract, check)))
        .or_else(|| exit_code(id))
        .or_else(|| word(id))
        .or_else(|| story.register(id));
    // Several words name a check or a verdict, too: the definition comes first.
    let texts: Vec<String> =
        glossary::definition(id).into_iter().chain(text).chain(story.part(id)).collect();
    if !texts.is_empty() {
        return out(&texts.join("\n"));
    }
    let near = nearest(&contract, &catalogue, id);
    Err(Failure::usage(format!(
        "find a case, requirement, operation, erratum, check, word or exit code called `{id}`{}",
        if near.is_empty() {
            "; `lxca-conform list` shows the cases, and docs/glossary.md the words".to_owned()
        } else {
            format!("; did you mean {}?", near.join(" or "))
        }
    )))
}

/// What somebody may have meant: what is spelt almost like it, or what ends like it.
fn nearest<'a>(contract: &'a Contract, catalogue: &'a Catalogue, id: &str) -> Vec<&'a str> {
    let ids: Vec<&'a str> = catalogue
        .cases
        .iter()
        .map(|case| case.id.as_str())
        .chain(contract.requirements.keys().map(String::as_str))
        .chain(contract.operations.keys().map(String::as_str))
        .collect();
    let mut known = ids.clone();
    known.extend(contract.errata.iter().map(|erratum| erratum.id.as_str()));
    known.extend(CHECKS.iter().map(|check| -> &'a str { check.name }));
    known.extend(WORDS.iter().map(|word| -> &'a str { word.word }));
    known.extend(glossary::words().map(|word| -> &'a str { word }));
    let near = hint::nearest(id, known);
    if !near.is_empty() {
        return near;
    }
    let last = id.rsplit([':', '/']).next().unwrap_or(id);
    ids.into_iter()
        .filter(|candidate| !last.is_empty() && candidate.contains(last))
        .take(3)
        .collect()
}

/// What an id is looked up in.
struct Story<'a> {
    contract: &'a Contract,
    catalogue: &'a Catalogue,
    places: &'a Places,
    /// Whether everything is asked for, however much it is.
    all: bool,
}

impl Story<'_> {
    fn case(&self, id: &str) -> Option<String> {
        let case = self.catalogue.find(id)?;
        let origin =
            if case.generated { "generated from the request table" } else { "written by hand" };
        let mut text = format!(
            "case {}\n  {}\n  effect  {} ({origin})\n",
            case.id,
            case.title,
            case.effect.word()
        );
        if let Some(impact) = &case.impact {
            let _ = writeln!(text, "  impact  {impact}");
        }
        if !case.needs.is_empty() {
            let _ = writeln!(text, "  needs   {}", case.needs.join(", "));
        }
        if let Some(place) = self.places.case(&case.id) {
            let _ = writeln!(text, "  file    {}:{}", place.file, place.line);
        }
        text.push_str(&self.page(&case.operation));
        for step in case.steps.iter().chain(&case.cleanup) {
            let (request, _) =
                crate::plan::request(self.contract, step, &crate::plan::Facts::new());
            let kind = if step.kind == catalogue::StepKind::Cleanup { "clean-up" } else { "step" };
            let _ = writeln!(text, "  {kind} {}: {} {}", step.name, request.method, request.target);
            if let Some(body) = &request.body {
                let _ = writeln!(text, "    body    {}", body.trim().replace('\n', " "));
            }
            let statuses =
                step.expect.status.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
            let body = step
                .expect
                .body
                .as_ref()
                .map(|body| format!(", body `{body}`"))
                .unwrap_or_default();
            match &step.expect.observe {
                Some(why) => drop(writeln!(text, "    expects nothing: {why}")),
                None => drop(writeln!(text, "    expects status {statuses}{body}")),
            }
            if let Some(requirement) =
                step.expect.requirement.as_ref().and_then(|id| self.contract.requirements.get(id))
            {
                let _ = writeln!(
                    text,
                    "    because {} ({}): {}\n            {}",
                    requirement.id,
                    requirement.basis.word(),
                    requirement.statement,
                    requirement.place
                );
            }
        }
        let _ = writeln!(text, "  claims");
        for id in claims(self.contract, case) {
            let _ = writeln!(text, "    {id}");
        }
        let _ = writeln!(text, "  reproduce\n    {}", command(case));
        Some(text)
    }

    fn requirement(&self, id: &str) -> Option<String> {
        let requirement = self.contract.requirements.get(id)?;
        let mut text = format!(
            "requirement {id}\n  {}\n  basis   {} (breaking it is a {})\n  place   {}\n",
            requirement.statement,
            requirement.basis.word(),
            requirement.basis.severity().word(),
            requirement.place
        );
        text.push_str(&self.page(requirement.operation()));
        if !requirement.span().is_all() {
            let _ = writeln!(text, "  version {}", requirement.span());
        }
        if let Some(reason) = &requirement.excluded {
            let _ = writeln!(text, "  excluded: {reason}");
        }
        if let Some(reason) = &requirement.when_it_comes {
            let _ = writeln!(text, "  judged only if it occurs: {reason}");
        }
        if let Some(erratum) = requirement
            .erratum
            .as_ref()
            .and_then(|id| self.contract.errata.iter().find(|erratum| erratum.id == *id))
        {
            let _ = writeln!(
                text,
                "  erratum {}\n    says    {}\n    chosen  {}\n    owner   {}",
                erratum.id, erratum.says, erratum.chosen, erratum.owner
            );
        }
        let cases: Vec<&Case> = self
            .catalogue
            .cases
            .iter()
            .filter(|case| claims(self.contract, case).contains(id))
            .collect();
        text.push_str(&self.judged(requirement, &cases));
        if let Some(place) = self.places.requirement(id) {
            let _ = writeln!(text, "  file    {}:{}", place.file, place.line);
        }
        if !cases.is_empty() {
            let named: Vec<&str> =
                cases.iter().take(MOST_CASES).map(|case| case.id.as_str()).collect();
            let more = if cases.len() > MOST_CASES {
                format!("\n             and {} more", cases.len() - MOST_CASES)
            } else {
                String::new()
            };
            let _ = writeln!(text, "  claimed by {}{more}", named.join("\n             "));
        }
        // The least that shows it.
        if let Some(case) = cases.iter().min_by_key(|case| case.effect) {
            let _ = writeln!(text, "  reproduce\n    {}", command(case));
        }
        Some(text)
    }

    /// How a requirement is judged, in words.
    fn judged(&self, requirement: &Requirement, cases: &[&Case]) -> String {
        let mut text = String::new();
        let id = requirement.id.as_str();
        if let Some(place) = self.places.rule(id) {
            let _ =
                writeln!(text, "  judged  by a rule of the schema, {}:{}", place.file, place.line);
        }
        for check in self.contract.semantics().filter(|check| check.requirement == id) {
            let how =
                if check.kind.is_over_time() { "over time, by" } else { "by the semantic check" };
            let _ = writeln!(text, "  judged  {how} {}", check.name);
        }
        if cases.iter().any(|case| {
            case.steps.iter().any(|step| step.expect.requirement.as_deref() == Some(id))
        }) {
            let _ = writeln!(
                text,
                "  judged  by the status, members and rows that the steps of cases expect"
            );
        }
        text
    }

    /// The page of an operation.
    fn page(&self, operation: &str) -> String {
        let Some(operation) = self.contract.operations.get(operation) else { return String::new() };
        self.document(&operation.document)
            .map_or_else(String::new, |document| format!("  page    {}\n", described(document)))
    }

    fn document(&self, id: &str) -> Option<&Document> {
        self.contract.documents.iter().find(|document| document.id == id)
    }

    fn erratum(&self, id: &str) -> Option<String> {
        let erratum = self.contract.errata.iter().find(|erratum| erratum.id == id)?;
        let mut text = format!(
            "erratum {id} ({}, {})\n  says    {}\n  chosen  {}\n  owner   {}\n",
            erratum.document, erratum.place, erratum.says, erratum.chosen, erratum.owner
        );
        if let Some(document) = self.document(&erratum.document) {
            let _ = writeln!(text, "  page    {}", described(document));
        }
        let bound: Vec<&Requirement> = self
            .contract
            .requirements
            .values()
            .filter(|requirement| requirement.erratum.as_deref() == Some(id))
            .collect();
        for requirement in &bound {
            let _ = writeln!(
                text,
                "  concerns {} ({}, breaking it is a {})\n    {}",
                requirement.id,
                requirement.basis.word(),
                requirement.basis.severity().word(),
                requirement.statement
            );
        }
        let cases = self.catalogue.cases.iter().filter(|case| {
            bound.iter().any(|requirement| claims(self.contract, case).contains(&requirement.id))
        });
        if let Some(case) = cases.min_by_key(|case| case.effect) {
            let _ = writeln!(text, "  reproduce\n    {}", command(case));
        }
        Some(text)
    }
}

/// A requirement as a list has it.
fn in_short(requirement: &Requirement) -> String {
    format!(
        "  {} [{}{}]\n    {}\n",
        requirement.id,
        requirement.basis.word(),
        if requirement.excluded.is_some() { ", excluded" } else { "" },
        requirement.statement
    )
}

fn described(document: &Document) -> String {
    format!(
        "{} ({}), read on {}",
        document.title,
        document.url.as_deref().unwrap_or("no address"),
        document.read
    )
}

/// The command that runs one case: against the double as it stands, against an appliance with a
/// target.
fn command(case: &Case) -> String {
    let allow = match case.effect {
        Effect::Read => String::new(),
        effect => format!(" --allow {}", effect.word()),
    };
    format!(
        "lxca-conform run --filter '{}'{allow}   (against the double; add --target FILE for an \
        appliance)",
        case.id
    )
}

fn of_check(contract: &Contract, check: &Check) -> String {
    let mut text = format!(
        "check {}\n  what    {}\n  judged  {}\n  then    {}\n",
        check.name, check.about, check.how, check.hint
    );
    if check.name == "semantics" {
        for check in contract.semantics() {
            let _ = writeln!(text, "  {:<24} {}", check.name, check.requirement);
        }
    }
    if let Some((_, options)) = SHOWN_BY.iter().find(|(name, _)| *name == check.name) {
        let _ = writeln!(
            text,
            "  reproduce\n    lxca-conform serve --port 8080 {options}\n    \
            LXCA_PASSWORD=PASSW0RD lxca-conform run --url http://127.0.0.1:8080 --user USERID \
            --allow destroy"
        );
    }
    text
}

fn exit_code(id: &str) -> Option<String> {
    let number: u8 = id.trim_start_matches("exit").trim_start_matches(['-', ' ']).parse().ok()?;
    let row = EXITS.iter().find(|row| row.exit.code() == number)?;
    Some(format!(
        "exit code {number}\n  means   {}\n  it      {}\n  page    docs/exit-codes.md\n",
        row.meaning, row.more
    ))
}

/// Every meaning of a word.
fn word(id: &str) -> Option<String> {
    let meanings: Vec<String> = WORDS
        .iter()
        .filter(|word| word.word == id)
        .map(|word| {
            format!(
                "{} {}\n  when    {}\n  then    {}\n  page    docs/verdicts.md\n",
                word.kind, word.word, word.when, word.then
            )
        })
        .collect();
    (!meanings.is_empty()).then(|| meanings.join("\n"))
}
