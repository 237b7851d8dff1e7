//! Right requests: every combination of documented values that the page allows, followed to its end
//! and taken back.
//!
//! Knows: forms, and their courses in the case format. Must not know: what is wrong about other
//! requests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalogue::case::{Case, Effect, Expect, Step, StepKind};
use crate::catalogue::file::{RawStep, convert};
use crate::problem::Problem;

use super::attribute::slug;
use super::parts::{Parts, object};
use super::{Derived, Level, Maker, capital, pairs, step};

/// So many right requests of one form belong to the core.
const MOST_IN_CORE: usize = 8;
/// Beyond so many, each pair of values is tried instead of each combination.
const MOST_COMBINED: usize = 32;

pub(super) fn cases(maker: &Maker<'_>, derived: &mut Vec<Derived>, problems: &mut Vec<Problem>) {
    for parts in Parts::of(maker.operation) {
        let all = combinations(&parts);
        let few = all.len() <= MOST_IN_CORE;
        for (index, values) in all.iter().enumerate() {
            let level = if few || index == 0 { Level::Core } else { Level::All };
            derived.extend(
                case(maker, &parts, values, &object(&parts.with(values)), problems)
                    .map(|case| Derived { case, level }),
            );
        }
    }
}

/// The case of a right request in these words; none where nobody could take back what was accepted.
pub(in crate::catalogue) fn case(
    maker: &Maker<'_>,
    parts: &Parts<'_>,
    values: &BTreeMap<String, Value>,
    request: &str,
    problems: &mut Vec<Problem>,
) -> Option<Case> {
    let form = parts.form;
    let accepted =
        form.accepted.as_ref().filter(|_| form.effect == Effect::Read || !form.step.is_empty())?;
    let named: Vec<String> = form
        .varies
        .iter()
        .filter_map(|name| values.get(name))
        .map(|value| slug(value.as_str().unwrap_or(&value.to_string())))
        .collect();
    let id = if named.is_empty() {
        format!("{}/accepted", form.name)
    } else {
        format!("{}/accepted/{}", form.name, named.join("-"))
    };
    let told = form
        .varies
        .iter()
        .filter_map(|name| Some(format!("{name} {}", values.get(name)?)))
        .collect::<Vec<_>>()
        .join(" and ");
    let end = if form.job.is_some() { ", and its job completes" } else { "" };
    let title = format!(
        "{}{} is accepted{end}",
        capital(&form.title),
        if told.is_empty() { String::new() } else { format!(" with {told}") }
    );
    let (steps, cleanup) = if form.step.is_empty() {
        let status: BTreeSet<u16> = form
            .replies
            .iter()
            .filter_map(|name| maker.operation.responses.iter().find(|row| row.name == *name))
            .map(|row| row.status)
            .collect();
        let body = form.replies.first().filter(|_| form.replies.len() == 1).cloned();
        let expect = Expect {
            status: status.into_iter().collect(),
            body,
            requirement: Some(accepted.clone()),
            ..Expect::default()
        };
        let mut spec = parts.request(&parts.with(values));
        spec.json = spec.json.map(|_| request.to_owned());
        (vec![step(&maker.operation.id, spec, expect)], Vec::new())
    } else {
        let mut course = |kind, list: &[Value]| -> Vec<Step> {
            list.iter()
                .filter_map(|raw| {
                    follow_up_step(maker, form.name.as_str(), kind, raw, request, values, problems)
                })
                .collect()
        };
        (course(StepKind::Claim, &form.step), course(StepKind::Cleanup, &form.cleanup))
    };
    let impact = (form.effect > Effect::Read)
        .then(|| format!("{}, undone afterwards if possible", form.impact.trim_end_matches(',')));
    Some(maker.case(&id, title, form.effect, impact, steps, cleanup))
}

fn follow_up_step(
    maker: &Maker<'_>,
    form: &str,
    kind: StepKind,
    raw: &Value,
    request: &str,
    values: &BTreeMap<String, Value>,
    problems: &mut Vec<Problem>,
) -> Option<Step> {
    let mut say = |what: String| {
        let problem =
            Problem::new(maker.operation.file.clone(), format!("steps of form `{form}`: {what}"));
        if !problems.iter().any(|other| other.to_string() == problem.to_string()) {
            problems.push(problem);
        }
    };
    match serde_json::from_value::<RawStep>(filled(raw, request, values)) {
        Ok(raw) => Some(convert(&maker.operation.id, kind, raw, &mut say)),
        Err(error) => {
            say(error.to_string());
            None
        }
    }
}

/// A course with the request and its values in their places.
fn filled(raw: &Value, request: &str, values: &BTreeMap<String, Value>) -> Value {
    match raw {
        Value::String(text) => {
            let whole = values.iter().find(|(name, _)| *text == format!("{{{{value.{name}}}}}"));
            if let Some((_, value)) = whole {
                return value.clone();
            }
            let text = text.replace("{{request}}", request);
            let text = values.iter().fold(text, |text, (name, value)| {
                text.replace(&format!("{{{{value.{name}}}}}"), value.as_str().unwrap_or_default())
            });
            Value::String(text)
        }
        Value::Array(list) => list.iter().map(|item| filled(item, request, values)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), filled(member, request, values)))
            .collect(),
        other => other.clone(),
    }
}

/// The right requests of a form, that of the form itself first where it is one of them.
pub(in crate::catalogue) fn combinations(parts: &Parts<'_>) -> Vec<BTreeMap<String, Value>> {
    let form = parts.form;
    let varying: Vec<(&String, &Vec<Value>)> = form
        .varies
        .iter()
        .filter_map(|name| Some((name, &parts.table.attribute(name)?.values)))
        .filter(|(_, values)| !values.is_empty())
        .collect();
    let sizes: Vec<usize> = varying.iter().map(|(_, values)| values.len()).collect();
    let chosen = if sizes.iter().product::<usize>() > MOST_COMBINED {
        pairs::pairwise(&sizes)
    } else {
        pairs::product(&sizes)
    };
    let combined = chosen.into_iter().map(|choice| {
        let mut values = form.is.clone();
        for ((name, documented), index) in varying.iter().zip(choice) {
            values.insert((*name).clone(), documented[index].clone());
        }
        values
    });
    let mut right: Vec<BTreeMap<String, Value>> = combined
        .filter(|values| {
            !parts.table.except.iter().any(|except| {
                except.values.iter().all(|(name, value)| values.get(name) == Some(value))
            })
        })
        .collect();
    right.sort_by_key(|values| *values != form.is);
    right
}
