//! `list`, `lint`: the contract and the catalogue, for people and programs.
//!
//! Knows: what is loaded. Must not know: appliances.

use std::fmt::Write as _;

use globset::Glob;
use serde_json::json;

use crate::catalogue::{self, Case};
use crate::judge::{claims, orphans};
use crate::problem::{Problem, Problems};

use super::args::{LintArgs, ListArgs, TextOrJson};
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
