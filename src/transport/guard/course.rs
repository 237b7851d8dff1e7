//! What each case did and was told in this run, and which clean-ups it may ask for.
//!
//! Knows: requests and answers of a case, and what the contract says that an operation undoes. Must
//! not know: cases, verdicts, the ceiling beyond whether anything may be changed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::address::RequestUrl;
use crate::exchange::Outgoing;
use crate::terms::Effect;
use crate::weight::{is_read, strict};

use super::Guard;

/// What a case did, and what the appliance answered.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// Its changing requests that were accepted.
    made: Vec<Made>,
    /// Values that were told before it made anything.
    before: BTreeSet<String>,
}

#[derive(Debug)]
struct Made {
    operation: String,
    path: String,
    effect: Effect,
    /// Members of its body that are texts.
    sent: BTreeMap<String, String>,
    /// What answers told since, by member.
    told: BTreeMap<String, BTreeSet<String>>,
}

impl Guard {
    /// Whether its own case has changed the same resource by the same operation, which takes away
    /// nothing. Then the ceiling alone decides, as it did before.
    pub(super) fn changes_again(&self, case: &str, request: &Outgoing, url: &RequestUrl) -> bool {
        let courses = self.courses.lock().unwrap_or_else(PoisonError::into_inner);
        let path = url.path();
        request.method != "DELETE"
            && url.query().is_none()
            && courses.get(case).is_some_and(|course| {
                course.made.iter().any(|made| {
                    made.path == path
                        && self.known.iter().any(|known| {
                            known.operation == made.operation
                                && known.undoes.is_none()
                                && known.matches(&request.method, path).is_some()
                        })
                })
            })
    }

    /// Whether the request takes back what its own case made, and nothing else.
    pub(super) fn takes_back(
        &self,
        case: &str,
        request: &Outgoing,
        url: &RequestUrl,
    ) -> Result<(), String> {
        let found = self.known.iter().find_map(|known| {
            Some((known.undoes.as_ref()?, known.matches(&request.method, url.path())?))
        });
        let Some((undoes, mut named)) = found else {
            return Err("no operation file says that it undoes anything".to_owned());
        };
        for (name, value) in query(url)? {
            if named.insert(name.clone(), value).is_some() {
                return Err(format!("it names `{name}` twice"));
            }
        }
        let mut listed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        if let Some(body) = &request.body {
            for (name, value) in members(body).ok_or("its body is ambiguous")? {
                match value {
                    Value::Array(rows) => {
                        let texts = rows
                            .iter()
                            .map(|row| row.as_str().map(str::to_owned))
                            .collect::<Option<Vec<_>>>();
                        listed.insert(
                            name,
                            texts.filter(|texts| !texts.is_empty()).ok_or(
                                "a list in its body contains something other than strings",
                            )?,
                        );
                    }
                    // What it does stands there, such as `action`; what it does it to stands in
                    // lists.
                    Value::String(_) => {}
                    _ => {
                        return Err(format!(
                            "its body has a member `{name}` of an unsupported type"
                        ));
                    }
                }
            }
        }
        let ties: BTreeSet<&String> = undoes.sent.keys().chain(undoes.told.keys()).collect();
        let given: BTreeSet<&String> = named.keys().chain(listed.keys()).collect();
        if ties != given {
            return Err(format!(
                "it must name {} and nothing else",
                ties.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" and ")
            ));
        }
        let courses = self.courses.lock().unwrap_or_else(PoisonError::into_inner);
        let made: Vec<&Made> = courses
            .get(case)
            .map(|course| {
                course.made.iter().filter(|made| made.operation == undoes.operation).collect()
            })
            .unwrap_or_default();
        let values = |name: &String| {
            named
                .get(name)
                .map(std::slice::from_ref)
                .or_else(|| listed.get(name).map(Vec::as_slice))
                .unwrap_or_default()
        };
        let same = |made: &Made| {
            undoes.sent.iter().all(|(name, member)| {
                made.sent
                    .get(member)
                    .is_some_and(|sent| values(name).iter().all(|value| value == sent))
            })
        };
        let told = |member: &String, value: &String| {
            made.iter().any(|made| made.told.get(member).is_some_and(|told| told.contains(value)))
        };
        if let Some((name, _)) = undoes
            .told
            .iter()
            .find(|(name, member)| !values(name).iter().all(|value| told(member, value)))
        {
            return Err(format!(
                "its `{name}` isn't one that this case received after it created something"
            ));
        }
        let Some(first) = made.iter().position(|made| same(made)) else {
            return Err("this case created nothing of that kind".to_owned());
        };
        // What was moved there lies nowhere else, unless a copy to another place was made since.
        let in_path = |name: &String| !query_has(url, name);
        let same_thing = |made: &Made| {
            undoes.sent.iter().filter(|(name, _)| in_path(name)).all(|(name, member)| {
                made.sent
                    .get(member)
                    .is_some_and(|sent| values(name).iter().all(|value| value == sent))
            })
        };
        let copied = |made: &&&Made| made.effect < Effect::Destroy;
        if !made.iter().filter(copied).any(|made| same(made))
            && !made[first..].iter().filter(copied).any(|later| same_thing(later))
        {
            return Err("it would delete the only remaining copy".to_owned());
        }
        Ok(())
    }

    /// Takes note of what a request of a case led to, so that a clean-up can be held against it.
    pub fn note(
        &self,
        case: &str,
        request: &Outgoing,
        path: &str,
        status: u16,
        answer: impl Fn() -> Option<Value>,
    ) {
        if self.allow == Effect::Read || case.is_empty() {
            return;
        }
        let accepted = (200..300).contains(&status);
        let mut courses = self.courses.lock().unwrap_or_else(PoisonError::into_inner);
        let made = self
            .known
            .iter()
            .filter(|_| accepted && !is_read(&request.method))
            .find(|known| known.matches(&request.method, path).is_some());
        if let Some(known) = made {
            // Cases that change something run one at a time, so that the courses of all others have
            // come to their end.
            courses.retain(|other, _| other == case);
            let body = request.body.as_deref().unwrap_or_default();
            let texts = members(body).into_iter().flatten().filter_map(|(name, value)| {
                if let Value::String(text) = value { Some((name, text)) } else { None }
            });
            let made = Made {
                operation: known.operation.clone(),
                path: path.to_owned(),
                effect: known.effect_of(body).max(Effect::Write),
                sent: texts.collect(),
                told: BTreeMap::new(),
            };
            courses.entry(case.to_owned()).or_default().made.push(made);
        }
        // Members that clean-ups are tied to are looked for where the things are made and listed.
        let ties =
            self.known.iter().filter_map(|known| known.undoes.as_ref()).flat_map(|undoes| {
                undoes.told.values().map(move |member| (&undoes.operation, member))
            });
        for (operation, member) in ties.filter(|(operation, _)| {
            self.known.iter().any(|known| known.operation == **operation && known.path == path)
        }) {
            let Some(answer) = answer() else { return };
            let mut found = BTreeSet::new();
            values_of(&answer, member, &mut found);
            let course = courses.entry(case.to_owned()).or_default();
            if course.made.iter().any(|made| made.operation == *operation) {
                let new: Vec<String> =
                    found.into_iter().filter(|value| !course.before.contains(value)).collect();
                for made in course.made.iter_mut().filter(|made| made.operation == *operation) {
                    made.told.entry(member.clone()).or_default().extend(new.iter().cloned());
                }
            } else {
                course.before.append(&mut found);
            }
        }
    }

    /// Forgets what all cases did: they begin anew.
    pub fn forget(&self) {
        self.courses.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn query(url: &RequestUrl) -> Result<Vec<(String, String)>, String> {
    let text = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(Cow::into_owned)
            .map_err(|_| "its query isn't UTF-8".to_owned())
    };
    url.query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| Ok((text(name)?, text(value)?)))
        .collect()
}

fn query_has(url: &RequestUrl, name: &str) -> bool {
    query(url).is_ok_and(|pairs| pairs.iter().any(|(known, _)| known == name))
}

fn members(body: &str) -> Option<Vec<(String, Value)>> {
    if let Value::Object(members) = strict(body)? {
        Some(members.into_iter().collect())
    } else {
        None
    }
}

/// All texts that members of that name have, however deep.
fn values_of(value: &Value, member: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(rows) => rows.iter().for_each(|row| values_of(row, member, found)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == member => {
                        found.insert(text.clone());
                    }
                    Value::Number(number) if name == member => {
                        found.insert(number.to_string());
                    }
                    _ => values_of(value, member, found),
                }
            }
        }
        _ => {}
    }
}
