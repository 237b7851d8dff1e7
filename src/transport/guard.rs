//! The last check before a request is sent: is its effect allowed?
//!
//! Knows: method, URL, headers and body of a request, the ceiling, what the contract knows of
//! methods and paths and of the product as a whole, and what each case has sent and received in
//! this run. It trusts no label of a case: it reads the request itself, and treats what it doesn't
//! know as `destroy`. Must not know: cases, contract, verdicts.

mod course;
mod readings;
mod route;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;

use crate::address::RequestUrl;
use crate::appliance::{Appliance, Never};
use crate::exchange::{Outgoing, Purpose};
use crate::terms::Effect;
use crate::weight::{Known, is_read};

use course::Course;
use readings::readings;
use route::{elsewhere, has_body, is_overridden};

/// Refuses what isn't allowed.
#[derive(Debug)]
pub struct Guard {
    allow: Effect,
    known: Vec<Known>,
    appliance: Arc<Appliance>,
    /// By case; kept where something may be cleaned up.
    courses: Mutex<BTreeMap<String, Course>>,
}

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
        self.passes_elsewhere(request, url.path(), url.query()).map_err(|refused| refused.why)?;
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
        let is_changing = !is_read(method) || is_overridden(request, query);
        if let Some(why) = self.never_named(path) {
            return Err(never(why));
        }
        if is_changing {
            plain(&format!("{prefix}{path}"), &self.appliance.never).map_err(never)?;
        }
        if !prefix.is_empty() && readings(path, "").iter().flatten().any(|one| one.climbs) {
            return Err(never(&format!("its path may lead out of {prefix}")));
        }
        self.passes_elsewhere(request, path, query)?;
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

    /// Why nothing is ever sent to a path, in whichever way a server reads it. Where nobody can look
    /// at all of these ways, it may be one of them.
    fn never_named(&self, path: &str) -> Option<&str> {
        let Some(readings) = readings(path, "") else {
            return Some("its path can be read in too many ways");
        };
        readings.iter().find_map(|reading| {
            let lower = reading.path.to_lowercase();
            let never = self.appliance.never.iter().find(|one| lower.contains(&one.word))?;
            Some(never.why.as_str())
        })
    }

    /// `Err` when a header of the request names another target, for servers that prefer it, and the
    /// request isn't allowed there.
    fn passes_elsewhere(
        &self,
        request: &Outgoing,
        path: &str,
        query: Option<&str>,
    ) -> Result<(), NotPassed> {
        let Outgoing { method, .. } = request;
        for (header, other, query) in elsewhere(request, path, query) {
            let refused = |needed: Option<Effect>, why: &str| NotPassed {
                needed,
                why: format!(
                    "{method} {path} isn't sent with the header {header}, which some servers take \
                        for its target: {why}"
                ),
            };
            if let Some(why) = self.never_named(&other) {
                return Err(refused(None, why));
            }
            if !is_read(method) {
                plain(&other, &self.appliance.never).map_err(|why| refused(None, why))?;
            }
            let moved = Outgoing { purpose: Purpose::Case, ..request.clone() };
            let needed = self.needed(&moved, &other, Some(&query));
            if needed > self.allow {
                let (needs, allowed) = (needed.word(), self.allow.word());
                let why = format!("there it has the effect {needs}, but only {allowed} is allowed");
                return Err(refused(Some(needed), &why));
            }
        }
        Ok(())
    }

    /// The least ceiling under which something may be read: a server may read its target with less
    /// care than this program writes it, so the worst of all readings counts.
    fn needed_to_read(&self, path: &str, query: &str, has_body: bool) -> Effect {
        let Some(readings) = readings(path, query) else { return Effect::Destroy };
        let mut worst = Effect::Read;
        for reading in &readings {
            for known in self.known.iter().filter(|known| known.may_be_read_at(&reading.path)) {
                // Some servers take parameters from the body of a GET too.
                let unseen = has_body && !known.query_when.is_empty();
                let effect =
                    if unseen { Effect::Destroy } else { known.effect_of_query(&reading.query) };
                worst = worst.max(effect);
            }
        }
        worst
    }

    /// The least ceiling under which a request may be sent, whoever sends it.
    fn needed(&self, request: &Outgoing, path: &str, query: Option<&str>) -> Effect {
        let method = request.method.as_str();
        if is_overridden(request, query) {
            return Effect::Destroy;
        }
        if is_read(method) {
            return self.needed_to_read(path, query.unwrap_or_default(), has_body(request));
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
}

/// Why a request of somebody else isn't passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPassed {
    /// The effect that would have to be allowed; none where it is never sent.
    pub needed: Option<Effect>,
    /// In words.
    pub why: String,
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

#[cfg(test)]
mod tests;
