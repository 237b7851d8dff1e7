//! `list`, `lint`: the contract and the catalogue, for people and programs.
//!
//! Knows: what is loaded. Must not know: appliances.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use globset::Glob;
use serde_json::json;

use crate::catalogue::{self, Case, Catalogue, Level, Repeated};
use crate::contract::Contract;
use crate::judge::{Statement, claims, orphans};
use crate::problem::{Problem, Problems};
use crate::report::counted_as;

use super::args::{LintArgs, ListArgs, TextOrJson};
use super::{Exit, Failure, Outcome, out, sources};

pub(super) fn list(args: &ListArgs) -> Outcome {
    let (contract, catalogue) = sources::load(&args.sources)?;
    let catalogue =
        catalogue.with_generated(&contract, sources::level(args.generated, &args.sources));
    if args.statements {
        return statements(&contract, &catalogue, args.format);
    }
    let glob = match &args.glob {
        Some(glob) => Some(
            Glob::new(glob)
                .map_err(|error| Failure::usage(format!("read the glob: {error}")))?
                .compile_matcher(),
        ),
        None => None,
    };
    let cases: Vec<&Case> = catalogue
        .cases
        .iter()
        .filter(|case| glob.as_ref().is_none_or(|glob| glob.is_match(&case.id)))
        .collect();
    if cases.is_empty() && glob.is_some() {
        return Err(Failure {
            exit: Exit::Nothing,
            message: format!(
                "find a case that matches `{}`; `lxca-conform list` shows all {}",
                args.glob.as_deref().unwrap_or_default(),
                catalogue.cases.len()
            ),
        });
    }
    if args.format == TextOrJson::Json {
        let rows: Vec<_> = cases
            .iter()
            .map(|case| {
                json!({ "id": case.id, "operation": case.operation, "title": case.title,
                    "effect": case.effect, "impact": case.impact, "needs": case.needs,
                    "generated": case.generated, "observed": case.is_observation(),
                    "requirements": about(&contract, case) })
            })
            .collect();
        return out(&format!("{:#}\n", serde_json::Value::Array(rows)));
    }
    let mut text = String::new();
    let mut operation = "";
    for case in cases {
        if case.operation != operation {
            operation = &case.operation;
            let about = contract
                .operations
                .get(operation)
                .map(|operation| format!("{} {}", operation.method, operation.path))
                .unwrap_or_default();
            let _ =
                writeln!(text, "{}{operation}  {about}", if text.is_empty() { "" } else { "\n" });
        }
        let mark = if case.generated { "  (generated)" } else { "" };
        let _ = writeln!(
            text,
            "  {:<7} {}{mark}\n          {}",
            case.effect.word(),
            case.id,
            case.title
        );
    }
    out(&text)
}

/// What a case claims; where it claims nothing, the requirement at which it keeps what came.
fn about(contract: &Contract, case: &Case) -> BTreeSet<String> {
    let claimed = claims(contract, case);
    if claimed.is_empty() {
        case.steps.iter().filter_map(|step| step.expect.requirement.clone()).collect()
    } else {
        claimed
    }
}

/// The documented statements about requests, each with the cases that try it from either side.
fn statements(contract: &Contract, catalogue: &Catalogue, format: TextOrJson) -> Outcome {
    let all = crate::judge::statements(contract, catalogue);
    if format == TextOrJson::Json {
        let rows: Vec<_> = all
            .iter()
            .map(|one| {
                json!({ "requirement": one.requirement, "accepted": one.accepted,
                    "refused": one.refused, "one_sided": one.one_sided, "tried": one.tried() })
            })
            .collect();
        return out(&format!("{:#}\n", serde_json::Value::Array(rows)));
    }
    let mut text = String::new();
    for one in &all {
        let mark = if one.tried() { "tried  " } else { "UNTRIED" };
        let _ = writeln!(
            text,
            "{mark} {}  accepted by {}, refused by {}",
            one.requirement,
            one.accepted.len(),
            one.refused.len()
        );
        if let Some(reason) = one.one_sided {
            let _ = writeln!(text, "        tried from one side only: {reason}");
        }
    }
    let _ = writeln!(text, "{}", counted(&all));
    out(&text)
}

fn counted(all: &[Statement<'_>]) -> String {
    let tried = all.iter().filter(|one| one.tried()).count();
    let one_sided = all.iter().filter(|one| one.one_sided.is_some()).count();
    format!(
        "{tried} of {} statements about requests are tried from both sides, or from the only \
            side they have ({one_sided})",
        all.len()
    )
}

pub(super) fn lint(args: &LintArgs) -> Outcome {
    let (contract, catalogue, added) = sources::load_both(&args.sources);
    if let Some(id) = &args.request_schema {
        let contract = contract.map_err(|problems| {
            Failure::usage(format!("load the contract:\n{}", Problems(problems)))
        })?;
        let schema = contract
            .operations
            .get(id)
            .and_then(|operation| crate::contract::request_schema(&contract, operation));
        let schema = schema.ok_or_else(|| {
            Failure::usage(format!(
                "find a request body of `{id}`: no such operation, or it has no [body]"
            ))
        })?;
        return out(&format!("{schema:#}\n"));
    }
    let catalogue = catalogue.map(|written| match &contract {
        Ok(contract) => {
            let repeated = written.repeated(contract);
            (written.with_generated(contract, Level::All), repeated)
        }
        Err(_) => (written, Vec::new()),
    });
    let (catalogue, repeated) = match catalogue {
        Ok((catalogue, repeated)) => (Ok(catalogue), repeated),
        Err(problems) => (Err(problems), Vec::new()),
    };
    // What is built in was loaded without compiling its schemas.
    let mut problems: Vec<Problem> =
        contract.as_ref().map(|_| sources::checked(&args.sources)).unwrap_or_default();
    let mut unreached_here = 0;
    match (&contract, &catalogue) {
        (Ok(contract), Ok(catalogue)) => {
            let found = catalogue::lint(contract, catalogue);
            let in_its_folder = |problem| sources::in_its_folder(&args.sources, &added, problem);
            problems.extend(found.into_iter().map(in_its_folder));
            // Where operations were replaced, cases of others that relied on them are left out.
            let foreign = |id: &String| {
                args.sources.replace
                    && !added.operations.is_empty()
                    && contract
                        .requirements
                        .get(id)
                        .and_then(|requirement| contract.operations.get(requirement.operation()))
                        .is_none_or(|operation| !added.operations.contains(&operation.file))
            };
            let unreached = orphans(contract, catalogue).into_iter().filter(|id| !foreign(id));
            // Nobody's own cases need to reach what the built-in ones reach.
            let beside = args.sources.catalogue.is_some() && args.sources.contract.is_empty();
            let (aside, missed) = unreached.partition::<Vec<_>, _>(|_| beside);
            unreached_here = aside.len();
            problems.extend(missed.into_iter().map(|id| {
                Problem::new(
                    "the register",
                    format!(
                        "no schema rule, semantic check or case reaches requirement `{id}`, and it isn't \
                        excluded"
                    ),
                )
                .fix("add a case, or `excluded` with a reason")
            }));
        }
        (contract, catalogue) => {
            problems.extend(contract.as_ref().err().cloned().unwrap_or_default());
            problems.extend(catalogue.as_ref().err().cloned().unwrap_or_default());
        }
    }
    let (Ok(contract), Ok(catalogue), true) = (contract, catalogue, problems.is_empty()) else {
        return Err(Failure::usage(format!(
            "check contract and catalogue, {}:\n{}",
            counted_as(problems.len() as u64, "problem", "problems"),
            Problems(problems)
        )));
    };
    let excluded =
        contract.requirements.values().filter(|requirement| requirement.excluded.is_some()).count();
    let generated = catalogue.cases.iter().filter(|case| case.generated).count();
    let mut text = format!(
        "{} operations, {} requirements ({excluded} excluded with a reason), {} errata, {} \
            hand-written and {generated} generated cases: consistent\n",
        contract.operations.len(),
        contract.requirements.len(),
        contract.errata.len(),
        catalogue.cases.len() - generated
    );
    let _ = writeln!(text, "{}", counted(&crate::judge::statements(&contract, &catalogue)));
    if unreached_here > 0 {
        let _ = writeln!(
            text,
            "note: these cases alone leave {} of the contract unreached",
            counted_as(unreached_here as u64, "requirement", "requirements")
        );
    }
    if !repeated.is_empty() {
        let _ = writeln!(
            text,
            "note: {} generated cases repeat a hand-written one, which is run instead:",
            repeated.len()
        );
    }
    for Repeated { generated, by } in &repeated {
        let _ = writeln!(
            text,
            "  {generated} = {}",
            by.split_once("::").map_or(by.as_str(), |(_, claim)| claim)
        );
    }
    out(&text)
}
