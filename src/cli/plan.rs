//! `plan`: each request that `run` would send, and why each other case is left out.
//!
//! Knows: the plan. Sends nothing. Must not know: the appliance.

use std::fmt::Write as _;

use crate::address::Address;
use crate::catalogue::{Catalogue, SESSION};
use crate::contract::Contract;
use crate::plan::{self, Plan, Planned, Scope};
use crate::store::TargetKind;
use crate::target::{Login, Target};
use serde_json::json;

use super::args::{PlanArgs, TextOrJson};
use super::{Exit, Failure, Outcome, out, sources};

pub(super) fn plan(args: &PlanArgs) -> Outcome {
    let (contract, catalogue) = sources::load_derived(&args.select.sources, &args.derived)?;
    let named = sources::target(&contract, &args.select)?;
    let kind = if named.is_some() { TargetKind::Live } else { TargetKind::Double };
    let mut target = named.unwrap_or_else(sources::double_target);
    let mut scope = sources::scope(&contract, &args.select, &mut target, kind)?;
    sources::limit(&args.profile, &contract, &catalogue, &mut scope)?;
    if let Some(most) = args.allow_bad_logins {
        scope.bad_logins = most;
    }
    if let Some(second) = &target.unprivileged {
        scope.facts.insert("account.unprivileged".to_owned(), second.user.clone());
    }
    if target.login == Login::Session {
        scope.facts.insert(SESSION.to_owned(), "opened".to_owned());
    }
    sources::each_filter_selects(&catalogue, &scope)?;
    let plan = plan::plan(&contract, &catalogue, &scope).map_err(Failure::usage)?;
    if plan.run.is_empty() {
        return Err(Failure {
            exit: Exit::Nothing,
            message: "select a case: nothing would be sent".to_owned(),
        });
    }
    let requests = plan::planned(&contract, &plan, &scope, target.login == Login::Session);
    let digest = plan::digest(&target.url, &requests);
    let address = Address::parse(&target.url).map_err(Failure::usage)?;
    for never in &contract.appliance.never {
        address.is_not_below(&never.word, &never.path).map_err(Failure::usage)?;
    }
    if args.format == TextOrJson::Json {
        let rows: Vec<_> = requests
            .iter()
            .map(|planned| {
                json!({
                    "case": planned.case.map(|case| &case.id), "step": planned.step,
                        "cleanup": planned.cleanup, "polls": planned.polls,
                    "method": planned.request.method, "path": address.line(&planned.request.target),
                        "body": planned.request.body, "auth": planned.request.auth,
                    "effect": planned.case.map_or("read", |case| case.effect.word()),
                        "impact": planned.case.and_then(|case| case.impact.as_ref()),
                })
            })
            .collect();
        let left_out: Vec<_> = plan
            .left_out
            .iter()
            .map(|(case, reason)| json!({ "case": case.id, "reason": reason.to_string() }))
            .collect();
        let document = json!({ "target": target.url, "allow": scope.allow, "digest": digest,
            "requests": rows, "left_out": left_out });
        return out(&format!("{document:#}\n"));
    }
    let name = if kind == TargetKind::Live {
        format!("{} ({address})", target.name)
    } else {
        target.name.clone()
    };
    out(&text(&requests, &plan, (&name, &address), &scope, &digest))
}

/// The digest of the plan that `run` would follow with this scope.
pub(super) fn digest_of(
    contract: &Contract,
    catalogue: &Catalogue,
    target: &Target,
    scope: &Scope,
) -> Result<String, Failure> {
    let mut scope = scope.clone();
    if let Some(second) = &target.unprivileged {
        scope.facts.insert("account.unprivileged".to_owned(), second.user.clone());
    }
    if target.login == Login::Session {
        scope.facts.insert(SESSION.to_owned(), "opened".to_owned());
    }
    let plan = plan::plan(contract, catalogue, &scope).map_err(Failure::usage)?;
    Ok(plan::digest(
        &target.url,
        &plan::planned(contract, &plan, &scope, target.login == Login::Session),
    ))
}

fn text(
    requests: &[Planned<'_>],
    plan: &Plan<'_>,
    (target, address): (&str, &Address),
    scope: &Scope,
    digest: &str,
) -> String {
    let mut text = String::new();
    let mut last = "";
    for planned in requests {
        let id = planned.case.map_or("(the run itself)", |case| case.id.as_str());
        if id != last {
            let effect = planned.case.map_or("read", |case| case.effect.word());
            let _ = writeln!(text, "\n{id}  [{effect}]");
            if let Some(impact) = planned.case.and_then(|case| case.impact.as_ref()) {
                let _ = writeln!(text, "  impact: {impact}");
            }
            last = id;
        }
        let auth = if planned.request.auth == crate::catalogue::Auth::Default {
            String::new()
        } else {
            format!("  as {:?}", planned.request.auth)
        };
        let kind = match (planned.cleanup, planned.polls) {
            (true, _) => "clean-up ",
            (false, true) => "repeat   ",
            (false, false) => "         ",
        };
        let _ = writeln!(
            text,
            "  {kind}{} {}{auth}",
            planned.request.method,
            address.line(&planned.request.target)
        );
        if let Some(body) = &planned.request.body {
            let _ = writeln!(text, "           {}", body.trim().replace('\n', " "));
        }
    }
    if !plan.left_out.is_empty() {
        let _ = writeln!(text, "\nLeft out:");
        for (case, reason) in &plan.left_out {
            let _ = writeln!(text, "  {}: {reason}", case.id);
        }
    }
    let steps = requests.iter().filter(|planned| !planned.cleanup).count();
    let _ = writeln!(
        text,
        "\n{} cases with {steps} requests and their clean-ups would be sent to {target} with \
            --allow {}; {} are left out.",
        plan.run.len(),
        scope.allow.word(),
        plan.left_out.len()
    );
    let _ = writeln!(text, "{{{{names}}}} are filled in during the run. Nothing was sent.");
    let _ = writeln!(text, "digest {digest}");
    text.trim_start().to_owned()
}
