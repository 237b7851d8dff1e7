//! The last check before a request is sent: is its effect allowed?
//!
//! Knows: method, URL, headers and body of a request, the ceiling, what the contract knows of
//! methods and paths and of the product as a whole, and what each case has sent and received in
//! this run. It trusts no label of a case: it reads the request itself, and treats what it doesn't
//! know as `destroy`. Must not know: cases,
//! contract, verdicts.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::address::RequestUrl;
use crate::appliance::{Appliance, Never};
use crate::exchange::{Outgoing, Purpose};
use crate::terms::Effect;
use crate::weight::{Known, is_read, strict};

/// Refuses what isn't allowed.
#[derive(Debug)]
pub struct Guard {
    allow: Effect,
    known: Vec<Known>,
    appliance: Arc<Appliance>,
    /// By case; kept where something may be cleaned up.
    courses: Mutex<BTreeMap<String, Course>>,
}

/// What a case did, and what the appliance answered.
#[derive(Debug, Default)]
struct Course {
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

/// Headers by which some servers take one method for another.
const OVERRIDES: &[&str] = &["x-http-method-override", "x-http-method", "x-method-override"];

impl Guard {
    /// A guard with a ceiling, and what is known of methods and paths, and of the product.
    #[must_use]
    pub fn new(allow: Effect, known: Vec<Known>, appliance: impl Into<Arc<Appliance>>) -> Self {
        Self { allow, known, appliance: appliance.into(), courses: Mutex::default() }
    }

    /// `Err` with the reason when the request of that case must not be sent.
    pub fn check(&self, case: &str, request: &Outgoing, url: &RequestUrl) -> Result<(), String> {
        let Outgoing { method, target, .. } = request;
        let read = is_read(method) && !is_overridden(request, url.query());
        if !read {
            plain(url.whole_path(), &self.appliance.never)
                .map_err(|why| format!("{method} {target} is never sent: {why}"))?;
        }
        let needed = self.needed(request, url.path(), url.query());
        let changes_back = request.purpose == Purpose::Cleanup
            && needed == Effect::Destroy
            && !self.changes_again(case, request, url);
        let needed = if changes_back {
            self.takes_back(case, request, url)
                .map_err(|why| format!("{method} {target} isn't sent as a clean-up: {why}"))?;
            Effect::Write
        } else {
            needed
        };
        if needed > self.allow {
            return Err(format!(
                "{method} {target} has the effect {}, but only {} is allowed",
                needed.word(),
                self.allow.word()
            ));
        }
        Ok(())
    }

    /// Whether a request may be sent twice where its first answer got lost: it does nothing.
    pub(super) fn may_repeat(&self, request: &Outgoing, url: &RequestUrl) -> bool {
        matches!(request.method.as_str(), "GET" | "HEAD")
            && self.needed(request, url.path(), url.query()) == Effect::Read
    }

    /// `Err` with what it would take when the request of somebody else must not be passed on: one
    /// whose target is sent as it came, and need not be one that this tool would write. `prefix` is
    /// the path of the address, of which the target has nothing.
    pub fn passes(&self, request: &Outgoing, prefix: &str) -> Result<(), NotPassed> {
        let Outgoing { method, target, .. } = request;
        let (path, query) = target
            .split_once('?')
            .map_or((target.as_str(), None), |(path, query)| (path, Some(query)));
        let never = |why: &str| NotPassed {
            needed: None,
            why: format!("{method} {path} is never sent: {why}"),
        };
        if let Some(other) = self.appliance.never.iter().find(|one| is_named(path, &one.word)) {
            return Err(never(&other.why));
        }
        if !is_read(method) || is_overridden(request, query) {
            plain(&format!("{prefix}{path}"), &self.appliance.never).map_err(never)?;
        }
        let needed = self.needed(request, path, query);
        if needed <= self.allow {
            return Ok(());
        }
        let (needs, allowed) = (needed.word(), self.allow.word());
        Err(NotPassed {
            needed: Some(needed),
            why: format!("{method} {path} has the effect {needs}, but only {allowed} is allowed"),
        })
    }

    /// Whether what a request can do depends on its body.
    #[must_use]
    pub fn weighs_the_body(&self, method: &str, path: &str) -> bool {
        let depends = |known: &&Known| !known.effect_when.is_empty();
        self.known.iter().filter(depends).any(|known| known.matches(method, path).is_some())
    }

    /// Why somebody else's request is sent: to open a session, to close it, or for whatever it
    /// says.
    #[must_use]
    pub fn purpose_of(&self, method: &str, path: &str) -> Purpose {
        let Appliance { login, logout, .. } = &*self.appliance;
        if login.as_ref().is_some_and(|one| one.method == method && one.path == path) {
            Purpose::Login
        } else if logout.as_ref().is_some_and(|one| one.method == method && one.path == path) {
            Purpose::Logout
        } else {
            Purpose::Case
        }
    }

    /// The least ceiling under which a request may be sent, whoever sends it.
    fn needed(&self, request: &Outgoing, path: &str, query: Option<&str>) -> Effect {
        let method = request.method.as_str();
        if is_overridden(request, query) {
            return Effect::Destroy;
        }
        if is_read(method) {
            let query = query.unwrap_or_default();
            return self
                .known
                .iter()
                .filter(|known| known.may_be_read_at(path))
                .map(|known| known.effect_of_query(query))
                .max()
                .unwrap_or(Effect::Read);
        }
        let Appliance { login, logout, .. } = &*self.appliance;
        let is = |known: &str, at: &str| method == known && path == at;
        let own = match request.purpose {
            Purpose::Login => login.as_ref().is_some_and(|login| is(&login.method, &login.path)),
            Purpose::Logout => {
                logout.as_ref().is_some_and(|logout| is(&logout.method, &logout.path))
            }
            _ => false,
        };
        if own {
            return Effect::Read;
        }
        let body = request.body.as_deref().unwrap_or_default();
        // A path that two templates fit is as bad as the worse of them.
        self.known
            .iter()
            .filter(|known| known.matches(method, path).is_some())
            .map(|known| known.effect_of(body).max(Effect::Write))
            .max()
            .unwrap_or(Effect::Destroy)
    }

    /// Whether its own case has changed the same resource by the same operation, which takes away
    /// nothing. Then the ceiling alone decides, as it did before.
    fn changes_again(&self, case: &str, request: &Outgoing, url: &RequestUrl) -> bool {
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
    fn takes_back(&self, case: &str, request: &Outgoing, url: &RequestUrl) -> Result<(), String> {
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

/// Why a request of somebody else isn't passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPassed {
    /// The effect that would have to be allowed; none where it is never sent.
    pub needed: Option<Effect>,
    /// In words.
    pub why: String,
}

/// Whether a path has a word, however its letters are written.
fn is_named(path: &str, word: &str) -> bool {
    let mut decoded = path.to_lowercase();
    loop {
        if decoded.contains(word) {
            return true;
        }
        let next = percent_decode_str(&decoded).decode_utf8_lossy().to_lowercase();
        if next == decoded {
            return false;
        }
        decoded = next;
    }
}

fn is_overridden(request: &Outgoing, query: Option<&str>) -> bool {
    let header = request
        .headers
        .iter()
        .any(|(name, _)| OVERRIDES.iter().any(|known| name.eq_ignore_ascii_case(known)));
    header || query.is_some_and(|query| query.to_lowercase().contains("_method"))
}

/// The path of a change can be read in one way only, and is none that is never written to.
fn plain<'a>(path: &str, never: &'a [Never]) -> Result<(), &'a str> {
    let mut decoded = Cow::Borrowed(path);
    loop {
        let lower = decoded.to_lowercase();
        if let Some(never) = never.iter().find(|never| lower.contains(&never.word)) {
            return Err(&never.why);
        }
        let Ok(next) = percent_decode_str(&decoded).decode_utf8() else {
            return Err("its path isn't UTF-8");
        };
        if next == decoded {
            break;
        }
        decoded = Cow::Owned(next.into_owned());
    }
    let segment_is_plain = |segment: &str| !matches!(segment, "" | "." | "..");
    if !path.split('/').skip(1).all(segment_is_plain)
        || decoded.split('/').count() != path.split('/').count()
        || !decoded.split('/').skip(1).all(segment_is_plain)
    {
        return Err("its path has an empty or dot segment, or an encoded slash");
    }
    if !decoded.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        || decoded.contains(['\\', ';', '%', '?', '#'])
    {
        return Err("its path has characters that servers interpret differently");
    }
    Ok(())
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

#[cfg(test)]
mod tests;
