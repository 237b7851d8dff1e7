//! `list`, `explain`, `lint`: the contract and the catalogue, for people and programs.
//!
//! Knows: what is loaded. Must not know: appliances.

use std::fmt::Write as _;

use globset::Glob;
use serde_json::json;

use crate::catalogue::{self, Case, Catalogue};
use crate::contract::Contract;
use crate::judge::{CHECKS, SEMANTICS, claims, orphans};
use crate::problem::{Problem, Problems};

use super::args::{ExplainArgs, LintArgs, ListArgs, TextOrJson};
use super::{Exit, Failure, Outcome, out, sources};

pub(super) fn list(args: &ListArgs) -> Outcome {
    let (contract, catalogue) = sources::load(&args.sources)?;
    let glob = match &args.glob {
        Some(glob) => Some(Glob::new(glob).map_err(|error| Failure::usage(format!("read the glob: {error}")))?.compile_matcher()),
        None => None,
    };
    let cases: Vec<&Case> = catalogue.cases.iter().filter(|case| glob.as_ref().is_none_or(|glob| glob.is_match(&case.id))).collect();
    if cases.is_empty() && glob.is_some() {
        return Err(Failure {
            exit: Exit::Nothing,
            message: format!("find a case that matches `{}`; `lxca-conform list` shows all {}", args.glob.as_deref().unwrap_or_default(), catalogue.cases.len()),
        });
    }
    if args.format == TextOrJson::Json {
        let rows: Vec<_> = cases
            .iter()
            .map(|case| json!({ "id": case.id, "operation": case.operation, "title": case.title, "effect": case.effect, "impact": case.impact, "needs": case.needs, "generated": case.generated, "requirements": claims(&contract, case) }))
            .collect();
        return out(&format!("{:#}\n", serde_json::Value::Array(rows)));
    }
    let mut text = String::new();
    let mut operation = "";
    for case in cases {
        if case.operation != operation {
            operation = &case.operation;
            let about = contract.operations.get(operation).map(|operation| format!("{} {}", operation.method, operation.path)).unwrap_or_default();
            let _ = writeln!(text, "{}{operation}  {about}", if text.is_empty() { "" } else { "\n" });
        }
        let _ = writeln!(text, "  {:<7} {}\n          {}", case.effect.word(), case.id, case.title);
    }
    out(&text)
}

pub(super) fn lint(args: &LintArgs) -> Outcome {
    let (contract, catalogue) = sources::load_both(&args.sources);
    let mut problems: Vec<Problem> = Vec::new();
    match (&contract, &catalogue) {
        (Ok(contract), Ok(catalogue)) => {
            let found = catalogue::lint(contract, catalogue);
            problems.extend(match &args.sources.catalogue {
                Some(folder) => found.into_iter().map(|problem| sources::rooted(folder, problem)).collect(),
                None => found,
            });
            problems.extend(orphans(contract, catalogue).into_iter().map(|id| {
                Problem::new("the register", format!("requirement `{id}` is neither excluded nor reached by a schema rule, a semantic check or a case"))
                    .fix("add a case, or `excluded` with the reason")
            }));
        }
        (contract, catalogue) => {
            problems.extend(contract.as_ref().err().cloned().unwrap_or_default());
            problems.extend(catalogue.as_ref().err().cloned().unwrap_or_default());
        }
    }
    let (Ok(contract), Ok(catalogue), true) = (contract, catalogue, problems.is_empty()) else {
        return Err(Failure::usage(format!("accept contract and catalogue, {} problems:\n{}", problems.len(), Problems(problems))));
    };
    let excluded = contract.requirements.values().filter(|requirement| requirement.excluded.is_some()).count();
    out(&format!(
        "{} operations, {} requirements ({excluded} excluded with a reason), {} errata, {} cases: consistent\n",
        contract.operations.len(),
        contract.requirements.len(),
        contract.errata.len(),
        catalogue.cases.len()
    ))
}

pub(super) fn explain(args: &ExplainArgs) -> Outcome {
    let (contract, catalogue) = sources::load(&args.sources)?;
    let id = args.id.as_str();
    let text = explain_case(&contract, &catalogue, id)
        .or_else(|| explain_requirement(&contract, &catalogue, id))
        .or_else(|| explain_operation(&contract, &catalogue, id))
        .or_else(|| explain_erratum(&contract, id))
        .or_else(|| CHECKS.iter().find(|check| check.name == id).map(|check| format!("check {}: {}\n", check.name, check.about)));
    if let Some(text) = text {
        out(&text)
    } else {
        let near = nearest(&contract, &catalogue, id);
        Err(Failure::usage(format!(
            "find `{id}` among cases, requirements, operations, errata and checks{}",
            if near.is_empty() { "; `lxca-conform list` shows the cases".to_owned() } else { format!("; did you mean {}?", near.join(" or ")) }
        )))
    }
}

fn nearest(contract: &Contract, catalogue: &Catalogue, id: &str) -> Vec<String> {
    let all = catalogue.cases.iter().map(|case| &case.id).chain(contract.requirements.keys()).chain(contract.operations.keys());
    let last = id.rsplit([':', '/']).next().unwrap_or(id);
    all.filter(|candidate| !last.is_empty() && candidate.contains(last)).take(3).cloned().collect()
}

fn explain_case(contract: &Contract, catalogue: &Catalogue, id: &str) -> Option<String> {
    let case = catalogue.find(id)?;
    let mut text = format!("case {}\n  {}\n  effect  {}\n", case.id, case.title, case.effect.word());
    if let Some(impact) = &case.impact {
        let _ = writeln!(text, "  impact  {impact}");
    }
    if !case.needs.is_empty() {
        let _ = writeln!(text, "  needs   {}", case.needs.join(", "));
    }
    let _ = writeln!(text, "  file    cases/{}:{}", case.file, case.line);
    for step in case.steps.iter().chain(&case.cleanup) {
        let (request, _) = crate::plan::request(contract, step, &crate::plan::Facts::new());
        let kind = if step.kind == catalogue::StepKind::Cleanup { "clean-up" } else { "step" };
        let _ = writeln!(text, "  {kind} {}: {} {}", step.name, request.method, request.target);
        if let Some(body) = &request.body {
            let _ = writeln!(text, "    body    {}", body.trim().replace('\n', " "));
        }
        let statuses = step.expect.status.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
        let body = step.expect.body.as_ref().map(|body| format!(", body `{body}`")).unwrap_or_default();
        let _ = writeln!(text, "    expects status {statuses}{body}");
        if let Some(requirement) = step.expect.requirement.as_ref().and_then(|id| contract.requirements.get(id)) {
            let _ = writeln!(text, "    because {} ({}): {}", requirement.id, requirement.basis.word(), requirement.statement);
        }
    }
    let _ = writeln!(text, "  claims");
    for id in claims(contract, case) {
        let _ = writeln!(text, "    {id}");
    }
    Some(text)
}

fn explain_requirement(contract: &Contract, catalogue: &Catalogue, id: &str) -> Option<String> {
    let requirement = contract.requirements.get(id)?;
    let mut text =
        format!("requirement {id}\n  {}\n  basis   {} (breaking it is a {})\n  place   {}\n", requirement.statement, requirement.basis.word(), requirement.basis.severity().word(), requirement.place);
    if let Some(operation) = contract.operations.get(requirement.operation()) {
        let document = contract.documents.iter().find(|document| document.id == operation.document);
        let _ = writeln!(
            text,
            "  page    {} ({})",
            document.map_or(operation.document.as_str(), |document| document.title.as_str()),
            document.and_then(|document| document.url.as_deref()).unwrap_or("no address")
        );
    }
    if let Some(reason) = &requirement.excluded {
        let _ = writeln!(text, "  excluded: {reason}");
    }
    if let Some(erratum) = requirement.erratum.as_ref().and_then(|id| explain_erratum(contract, id)) {
        let _ = write!(text, "  {}", erratum.replace('\n', "\n  ").trim_end());
        text.push('\n');
    }
    for check in SEMANTICS.iter().filter(|check| check.requirement == id) {
        let _ = writeln!(text, "  semantic check {}", check.name);
    }
    let cases: Vec<&str> = catalogue.cases.iter().filter(|case| claims(contract, case).contains(id)).map(|case| case.id.as_str()).collect();
    if !cases.is_empty() {
        let _ = writeln!(text, "  claimed by {}", cases.join("\n             "));
    }
    Some(text)
}

fn explain_operation(contract: &Contract, catalogue: &Catalogue, id: &str) -> Option<String> {
    let operation = contract.operations.get(id)?;
    let mut text = format!("operation {id}: {} {}\n  {}\n  least effect {}\n", operation.method, operation.path, operation.title, operation.effect.word());
    if let Some(since) = &operation.since {
        let _ = writeln!(text, "  since {since}");
    }
    for row in &operation.responses {
        let body = row.schema.as_deref().unwrap_or(match row.content {
            Some(crate::contract::Content::Empty) => "no body",
            _ => "body unspecified",
        });
        let _ = writeln!(text, "  {} {:<10} {body}", row.status, row.name);
    }
    let requirements = contract.requirements.values().filter(|requirement| requirement.operation() == id);
    for requirement in requirements {
        let _ = writeln!(text, "  {} [{}{}]\n    {}", requirement.id, requirement.basis.word(), if requirement.excluded.is_some() { ", excluded" } else { "" }, requirement.statement);
    }
    let cases = catalogue.cases.iter().filter(|case| case.operation == id).count();
    let _ = writeln!(text, "  {cases} cases");
    Some(text)
}

fn explain_erratum(contract: &Contract, id: &str) -> Option<String> {
    let erratum = contract.errata.iter().find(|erratum| erratum.id == id)?;
    Some(format!("erratum {id} ({}, {})\n  says    {}\n  chosen  {}\n  owner   {}\n", erratum.document, erratum.place, erratum.says, erratum.chosen, erratum.owner))
}
