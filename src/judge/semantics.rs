//! What a schema can't say about an answer, as one table.
//!
//! Knows: the meaning of the documented bodies. Must not know: which case asked.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::{Contract, Listed, Operation, ResponseRow};
use crate::exchange::{Exchange, Received};
use crate::rows;

use super::description::in_body;
use super::refusal;

/// What a semantic check sees.
pub(super) struct Context<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) row: &'a ResponseRow,
    pub(super) exchange: &'a Exchange,
    pub(super) got: &'a Received,
    pub(super) body: Option<&'a Value>,
}

/// A difference at a place of the body.
pub(super) struct Difference {
    pub(super) pointer: String,
    pub(super) expected: String,
    pub(super) actual: String,
}

/// A check that found something to look at.
pub(super) struct Outcome {
    pub(super) requirement: String,
    pub(super) differences: Vec<Difference>,
}

/// One semantic check. `look` gives `None` where the answer holds nothing that it could judge.
pub struct Semantic {
    /// For people.
    pub name: &'static str,
    /// The operation it belongs to.
    pub operation: &'static str,
    /// The requirement that it checks.
    pub requirement: &'static str,
    /// The rows of the operation it looks at, by name; empty means every row without `error`.
    pub rows: &'static [&'static str],
    look: fn(&Context<'_>) -> Option<Vec<Difference>>,
}

impl std::fmt::Debug for Semantic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, self.requirement)
    }
}

/// All semantic checks besides the descriptive error message, which each response row names for
/// itself.
pub const SEMANTICS: &[Semantic] = &[
    Semantic {
        name: "unique-ids",
        operation: "sftp-locks.list",
        requirement: "sftp-locks.list/body/id/unique",
        rows: &[],
        look: unique_ids,
    },
    Semantic {
        name: "csrf-cookie-is-set",
        operation: "session.open",
        requirement: "session.open/csrf-cookie",
        rows: &["opened"],
        look: csrf_cookie_is_set,
    },
    Semantic {
        name: "lock-that-was-asked-for",
        operation: "sftp-locks.get",
        requirement: "sftp-locks.get/behaviour/same-lock",
        rows: &[],
        look: lock_that_was_asked_for,
    },
    Semantic {
        name: "jobs-that-were-asked-for",
        operation: "tasks.get",
        requirement: "tasks.get/behaviour/same-job",
        rows: &[],
        look: jobs_that_were_asked_for,
    },
    Semantic {
        name: "each-backup-lies-somewhere",
        operation: "backup.list",
        requirement: "backup.list/behaviour/locations",
        rows: &[],
        look: each_backup_lies_somewhere,
    },
    Semantic {
        name: "started-job-is-named",
        operation: "backup.transfer",
        requirement: "backup.transfer/body/jobId/named",
        rows: &["start"],
        look: started_job_is_named,
    },
    Semantic {
        name: "success-goes-with-200",
        operation: "backup.transfer",
        requirement: "backup.transfer/body/result/success",
        rows: &["start", "cancel"],
        look: success_goes_with_200,
    },
    Semantic {
        name: "failed-says-why",
        operation: "backup.transfer",
        requirement: "backup.transfer/body/result/failed-message",
        rows: &["start", "cancel"],
        look: failed_says_why,
    },
    Semantic {
        name: "warning-says-why",
        operation: "backup.transfer",
        requirement: "backup.transfer/body/result/warning-message",
        rows: &["start", "cancel"],
        look: warning_says_why,
    },
    Semantic {
        name: "form-of-message",
        operation: "backup.transfer",
        requirement: "backup.transfer/body/message/form",
        rows: &["start", "cancel"],
        look: form_of_message,
    },
    Semantic {
        name: "form-of-recovery",
        operation: "backup.transfer",
        requirement: "backup.transfer/body/message/recovery/form",
        rows: &["start", "cancel", "error-400", "error-401", "error-403", "error-500"],
        look: form_of_recovery,
    },
];

pub(super) fn judge(context: &Context<'_>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for check in SEMANTICS.iter().filter(|check| check.operation == context.operation.id) {
        let looks_here = if check.rows.is_empty() {
            !context.row.error
        } else {
            check.rows.contains(&context.row.name.as_str())
        };
        if !looks_here || !context.contract.requirements.contains_key(check.requirement) {
            continue;
        }
        if let Some(differences) = (check.look)(context) {
            outcomes.push(Outcome { requirement: check.requirement.to_owned(), differences });
        }
    }
    outcomes.extend(refusal::judge(context));
    outcomes
}

/// The rows of a lock list, with their pointers.
fn lock_rows<'a>(context: &Context<'a>) -> Vec<(String, &'a Value)> {
    let lists = context
        .body
        .filter(|body| !is_row(body))
        .and_then(|body| rows::lists(body, "", &LOCK))
        .unwrap_or_default();
    lists
        .iter()
        .flat_map(|list| {
            list.iter().map(|(index, row)| (list.place(index), row)).collect::<Vec<_>>()
        })
        .collect()
}

/// The members of a lock.
const LOCK: [&str; 4] = ["id", "component", "creationTimestamp", "expirationTimeOut"];

/// Whether a body is a lock itself, which isn't a list.
fn is_row(body: &Value) -> bool {
    body.get("component").is_some()
}

fn csrf_cookie_is_set(context: &Context<'_>) -> Option<Vec<Difference>> {
    let cookies: Vec<&str> = context
        .got
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .filter_map(|(_, value)| value.split('=').next())
        .map(str::trim)
        .collect();
    // Many recorders leave out each cookie.
    if cookies.is_empty() && context.got.is_recorded() {
        return None;
    }
    if cookies.contains(&"csrf") {
        return Some(Vec::new());
    }
    let actual = if cookies.is_empty() {
        "no cookie".to_owned()
    } else {
        format!("the cookies {}", cookies.join(", "))
    };
    Some(vec![Difference {
        pointer: String::new(),
        expected: "a cookie called csrf".to_owned(),
        actual,
    }])
}

fn unique_ids(context: &Context<'_>) -> Option<Vec<Difference>> {
    let rows = lock_rows(context);
    let mut seen = BTreeSet::new();
    let mut differences = Vec::new();
    let mut looked = false;
    for (pointer, row) in &rows {
        let Some(id) = row.get("id").and_then(Value::as_str) else { continue };
        looked = true;
        if !seen.insert(id) {
            differences.push(Difference {
                pointer: format!("{pointer}/id"),
                expected: "an id that no other row has".to_owned(),
                actual: format!("\"{id}\" again"),
            });
        }
    }
    looked.then_some(differences)
}

/// The id at the end of the path against the id of the lock, or those of a list.
fn lock_that_was_asked_for(context: &Context<'_>) -> Option<Vec<Difference>> {
    let asked = context.exchange.sent.target.split('?').next()?.rsplit('/').next()?;
    let own = context.body.filter(|body| body.is_object()).map(|body| (String::new(), body));
    let mut ids = own
        .into_iter()
        .chain(lock_rows(context))
        .filter_map(|(pointer, row)| Some((pointer, row.get("id")?.as_str()?)))
        .peekable();
    let (first, shown) =
        ids.peek().map(|(pointer, id)| (format!("{pointer}/id"), format!("\"{id}\"")))?;
    let found = ids.any(|(_, id)| id.eq_ignore_ascii_case(asked));
    Some(
        (!found)
            .then(|| Difference {
                pointer: first,
                expected: format!("the lock that was asked for, \"{asked}\""),
                actual: shown,
            })
            .into_iter()
            .collect(),
    )
}

/// Each job of the reply is one of those at the end of the path, or a part of one.
fn jobs_that_were_asked_for(context: &Context<'_>) -> Option<Vec<Difference>> {
    let list = context.exchange.sent.target.split('?').next()?.rsplit('/').next()?;
    let list = percent_encoding::percent_decode_str(list).decode_utf8_lossy();
    let asked: Vec<&str> = list.split(',').map(str::trim).collect();
    let rows = context.body?.as_array().filter(|rows| !rows.is_empty())?;
    let meant = |id: &str| {
        asked.iter().any(|one| {
            id == *one
                || id.strip_prefix(one).is_some_and(|rest| rest.starts_with(['.', '-', '_', '/']))
        })
    };
    let other = |(index, row): (usize, &Value)| {
        let id = row.get("jobUID")?.as_str().filter(|id| !meant(id))?;
        Some(Difference {
            pointer: format!("/{index}/jobUID"),
            expected: format!("a job that was asked for, {list}"),
            actual: format!("\"{id}\""),
        })
    };
    Some(rows.iter().enumerate().filter_map(other).collect())
}

/// Where the list says of one backup where it lies, it says so of each, and names a place.
fn each_backup_lies_somewhere(context: &Context<'_>) -> Option<Vec<Difference>> {
    let body = context.body?;
    let mut looked = false;
    let mut differences = Vec::new();
    for reading in &context.operation.readings {
        let Some(reads) = reading.read(body) else { continue };
        let told =
            |listed: &Listed| listed.values.as_ref().is_some_and(|places| !places.is_empty());
        if !reads.listed.iter().any(told) {
            continue;
        }
        looked = true;
        for listed in reads.listed.iter().filter(|listed| !told(listed)) {
            differences.push(Difference {
                pointer: listed.pointer.clone(),
                expected: "a place where the backup lies, as other rows have it".to_owned(),
                actual: "none".to_owned(),
            });
        }
    }
    looked.then_some(differences)
}

fn started_job_is_named(context: &Context<'_>) -> Option<Vec<Difference>> {
    let id = context.body?.get("jobId")?.as_str()?;
    let empty = id.trim().is_empty();
    Some(
        empty
            .then(|| Difference {
                pointer: "/jobId".to_owned(),
                expected: "the id of the job that was started".to_owned(),
                actual: "an empty text".to_owned(),
            })
            .into_iter()
            .collect(),
    )
}

fn success_goes_with_200(context: &Context<'_>) -> Option<Vec<Difference>> {
    let result = context.body?.get("result")?.as_str()?;
    // A warning is documented as a completed request.
    let failed = !["success", "warning"].contains(&result);
    Some(
        failed
            .then(|| Difference {
                pointer: "/result".to_owned(),
                expected: "success or warning, because the status is 200".to_owned(),
                actual: format!("\"{result}\""),
            })
            .into_iter()
            .collect(),
    )
}

fn failed_says_why(context: &Context<'_>) -> Option<Vec<Difference>> {
    says_why(context.body?, "failed")
}

fn warning_says_why(context: &Context<'_>) -> Option<Vec<Difference>> {
    says_why(context.body?, "warning")
}

/// A reply with this result describes the error, and no text of its messages is a key, a
/// placeholder or blank.
fn says_why(body: &Value, result: &str) -> Option<Vec<Difference>> {
    body.get("result").filter(|told| *told == result)?;
    let mut differences = refusal::wordless(body);
    if differences.is_empty() && !in_body(body) {
        differences.push(Difference {
            pointer: "/message".to_owned(),
            expected: "a descriptive error message".to_owned(),
            actual: "no text that describes anything".to_owned(),
        });
    }
    Some(differences)
}

fn form_of_message(context: &Context<'_>) -> Option<Vec<Difference>> {
    let message = context.body?.get("message")?;
    let object = message.is_object();
    Some(
        object
            .then(|| Difference {
                pointer: "/message".to_owned(),
                expected: "a list as in the page's examples, or an object as in its table"
                    .to_owned(),
                actual: "an object".to_owned(),
            })
            .into_iter()
            .collect(),
    )
}

fn form_of_recovery(context: &Context<'_>) -> Option<Vec<Difference>> {
    let message = context.body?.get("message")?;
    let mut looked = false;
    let mut differences = Vec::new();
    let entries: Vec<(String, &Value)> = match message {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, entry)| (format!("/message/{index}"), entry))
            .collect(),
        entry => vec![("/message".to_owned(), entry)],
    };
    for (pointer, entry) in entries {
        let Some(recovery) = entry.get("recovery") else { continue };
        looked = true;
        if recovery.is_object() {
            differences.push(Difference {
                pointer: format!("{pointer}/recovery"),
                expected: "a list as in the page's table, or an object as real appliances send it"
                    .to_owned(),
                actual: "an object".to_owned(),
            });
        }
    }
    looked.then_some(differences)
}
