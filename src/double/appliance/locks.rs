//! The SFTP service locks: how they are taken, listed, given back, and how they expire.
//!
//! Knows the four lock pages. Must not know who asks.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::http::answer::{Answer, Kind};
use super::super::http::errors::{self, Problem, Shape};
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::terms::clock::{later_by_seconds, stamp};
use super::lag;
use super::lives;
use super::state::State;
use super::things::{COMPONENTS, Lock, component};

/// How many locks there can be, so that nobody fills the memory with them.
pub(crate) const MOST_LOCKS: usize = 100_000;

impl Lock {
    /// As a list shows it that is one of several, or a single answer (0).
    fn view(&self, state: &State, looked: i64) -> Value {
        json!({
            "id": self.id,
            "component": self.component,
            "creationTimestamp": stamp(lives::dated(state, self.created, looked)),
            "expirationTimeOut": lives::shown(state, self.timeout, looked),
        })
    }

    /// As it is shown at a time: the seconds that it was asked for, or those that are left.
    fn shown(&self, state: &State, looked: i64, now: Timestamp) -> Value {
        let mut view = self.view(state, looked);
        if state.varies(Variant::SecondsCountDown) {
            view["expirationTimeOut"] =
                i64::try_from((self.expires().duration_since(now).as_millis().max(0) + 999) / 1000)
                    .unwrap_or(self.timeout)
                    .into();
        }
        view
    }
}

/// The locks that a double starts with: one, or what a fault needs to be seen at all.
pub(crate) fn at_start(state: &mut State, now: Timestamp) {
    if !state.varies(Variant::NoLocksAtStart) {
        take(state, "UP", 1200, now);
    }
    if state.has(Fault::LocksThirdRowBad) {
        take(state, "UI", 1200, now);
        take(state, "CN", 1200, now);
    }
    if state.has(Fault::LocksKeepExpired) {
        take(state, "SS", 1200, later_by_seconds(now, -7200));
    }
}

/// Drops the locks whose time is over.
pub(crate) fn expire(state: &mut State, now: Timestamp) {
    let now = lives::cleared(state, now);
    let one_is_over = state.locks.iter().any(|lock| lock.expires() <= now);
    if one_is_over && state.has(Fault::LocksExpireTogether) {
        state.locks.clear();
    }
    if state.has(Fault::LocksKeepExpired) {
        return;
    }
    if state.has(Fault::LockGetShowsEnded) {
        hide(state, |lock| lock.expires() <= now);
    } else {
        state.locks.retain(|lock| lock.expires() > now);
    }
}

/// Keeps locks for those who know their ids alone.
fn hide(state: &mut State, which: impl Fn(&Lock) -> bool) {
    state.locks.iter_mut().filter(|lock| which(lock)).for_each(|lock| lock.hidden = true);
}

fn take(state: &mut State, component: &'static str, timeout: i64, now: Timestamp) -> Lock {
    let mut id = state.new_id();
    if state.varies(Variant::UpperCaseLockIds) {
        id.make_ascii_uppercase();
    }
    let lock = Lock::new(id, component, now, timeout);
    state.locks.push(lock.clone());
    lock
}

/// A lock that nobody was granted.
pub(crate) fn take_despite(state: &mut State, timeout: i64, now: Timestamp) {
    take(state, COMPONENTS[0], timeout, now);
}

/// `GET /aicc/service/sftp/locks`
pub(crate) fn list(state: &mut State, now: Timestamp) -> Answer {
    lives::list_looked_at(state, now);
    let mut rows: Vec<Value> = lag::locks(state, now)
        .iter()
        .filter(|lock| !lock.hidden)
        .map(|lock| lock.shown(state, lock.looked, now))
        .collect();
    let crowd = std::mem::take(&mut state.crowd);
    let state = &*state;
    rows.extend((0..crowd).zip(COMPONENTS.iter().cycle()).map(|(number, component)| {
        Lock::new(format!("{number:032}"), component, now, 1200).view(state, 0)
    }));
    if state.varies(Variant::LocksNewestFirst) {
        rows.reverse();
    }
    if rows.is_empty() && !state.varies(Variant::EmptyArrayForNoLocks) {
        return Answer::empty(204, Kind::NoLocks);
    }
    Answer::json(200, Kind::LockList, Value::Array(rows))
}

/// `GET /aicc/service/sftp/locks/{id}`
pub(crate) fn get(state: &mut State, id: &str, now: Timestamp) -> Answer {
    lives::lock_looked_at(state, id);
    let state = &*state;
    let known = state.locks.iter().find(|lock| lock.id == id);
    if known.is_none() && state.has(Fault::LockGetUnknownAnswered) {
        return Answer::json(
            200,
            Kind::Lock,
            json!({ "id": id, "component": "UP", "creationTimestamp": "2022-09-09T01:46:08Z",
                "expirationTimeOut": 1200 }),
        );
    }
    let first = state.locks.first().filter(|_| state.has(Fault::LockGetFirst));
    match known.map(|known| first.unwrap_or(known)) {
        Some(lock) => Answer::json(200, Kind::Lock, lock.shown(state, 0, now)),
        None => Answer::refusal(
            if state.varies(Variant::UnknownLockGet400) { 400 } else { 404 },
            &unknown(),
            Shape::Plural,
        ),
    }
}

/// `POST /aicc/service/sftp/locks`
pub(crate) fn create(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    match read(state, request) {
        Ok(_) if state.locks.len() >= MOST_LOCKS => Answer::refusal(
            400,
            &errors::bad_request("There are as many locks as this appliance can hold."),
            Shape::Plural,
        ),
        Ok((mut component, mut timeout)) => {
            if state.has(Fault::CreateLockComponentIgnored) {
                component = if component == "UP" { "UI" } else { "UP" };
            }
            if state.has(Fault::CreateLockExpiryIgnored) {
                timeout = if timeout == 1200 { 600 } else { 1200 };
            }
            let mut lock = take(state, component, timeout, now);
            lock.lives = lives::granted(state, timeout);
            if let Some(held) = state.locks.last_mut() {
                held.lives = lock.lives;
            }
            if state.has(Fault::FifthLockDropsOldest) && state.locks.len() > 4 {
                state.locks.remove(0);
            }
            lag::lock_created(state, &lock.id, now);
            if state.has(Fault::CreatedLockNotListed) {
                hide(state, |other| other.id == lock.id);
            }
            let answer = Answer::json(201, Kind::LockCreated, lock.view(state, 0));
            if state.varies(Variant::CreatedLockLocation) {
                answer.with_header("Location", format!("{}/{}", request.path, lock.id))
            } else {
                answer
            }
        }
        Err(problem) => {
            Answer::refusal(400, &problem, Shape::Plural).of_kind(Kind::CreateLockRefused)
        }
    }
}

/// Component and seconds of a request to create a lock.
fn read(state: &State, request: &Request) -> Result<(&'static str, i64), Problem> {
    let body: Value = match serde_json::from_slice(&request.body) {
        Err(_) if state.has(Fault::CreateLockMalformedAccepted) => return Ok(("UP", 5)),
        body => body.map_err(|error| {
            errors::bad_request(format!("The request body is not JSON: {error}."))
        })?,
    };
    let body = body
        .as_object()
        .ok_or_else(|| errors::bad_request("The request body is not a JSON object."))?;
    if state.has(Fault::CreateLockNothingRequired)
        && !body.contains_key("component")
        && !body.contains_key("expirationTimeOut")
    {
        return Ok(("UP", 5));
    }
    let default = Value::from("UP");
    let component = body
        .get("component")
        .or_else(|| state.has(Fault::CreateLockComponentNotRequired).then_some(&default));
    let component = component.and_then(Value::as_str).ok_or_else(|| {
        errors::bad_request("The attribute `component` is missing or not a string.")
    })?;
    let component = match self::component(component) {
        Some(known) => known,
        None if state.has(Fault::CreateLockBadComponentAccepted) => "UP",
        None => {
            return Err(errors::bad_request(
                "The attribute `component` is not one of the twenty component ids.",
            ));
        }
    };
    let default = Value::from(5);
    let timeout = body
        .get("expirationTimeOut")
        .or_else(|| state.has(Fault::CreateLockExpiryNotRequired).then_some(&default));
    let timeout = timeout
        .ok_or_else(|| errors::bad_request("The attribute `expirationTimeOut` is missing."))?;
    let timeout = match timeout.as_i64().filter(|seconds| *seconds > 0) {
        Some(seconds) => seconds,
        None if state.has(Fault::CreateLockBadExpiryAccepted) => 1200,
        None => {
            let explanation =
                "The attribute `expirationTimeOut` is not a positive whole number of seconds.";
            return Err(errors::bad_request(explanation));
        }
    };
    Ok((component, timeout))
}

/// `DELETE /aicc/service/sftp/locks/{id}`
pub(crate) fn delete(state: &mut State, id: &str, now: Timestamp) -> Answer {
    let remembers = state.has(Fault::LockGetShowsEnded);
    let known = state.locks.iter().any(|lock| lock.id == id && !(remembers && lock.hidden));
    if !known && !state.has(Fault::UnknownLockDeleted) {
        return Answer::refusal(404, &unknown(), Shape::Plural);
    }
    if !state.has(Fault::DeletedLockStaysListed) {
        lag::lock_deleted(state, id, now);
        let all = state.has(Fault::DeleteTakesEveryLock);
        let component = state
            .locks
            .iter()
            .find(|lock| lock.id == id && state.has(Fault::DeleteTakesTheComponent))
            .map(|lock| lock.component);
        if remembers {
            hide(state, |lock| lock.id == id);
        } else {
            state.locks.retain(|lock| {
                lock.id != id && !all && component.is_none_or(|taken| lock.component != taken)
            });
        }
    }
    deleted()
}

/// `DELETE /aicc/service/sftp/locks`, which no page has.
pub(crate) fn delete_all(state: &mut State) -> Answer {
    state.locks.clear();
    deleted()
}

fn deleted() -> Answer {
    // The page has no `result` here.
    Answer::json(
        200,
        Kind::LockDeleted,
        json!({ "messages": [errors::success().entry(Shape::Plural)] }),
    )
}

fn unknown() -> Problem {
    errors::not_found("No lock has the id that the path names; it may have expired.")
}

#[cfg(test)]
mod tests {
    use super::super::super::misbehave::variant::Variant;
    use super::super::super::testing::{Bench, LOCKS};
    use super::super::options::Options;
    use super::COMPONENTS;

    #[test]
    fn the_first_lock_expires_by_the_clock_and_then_there_is_no_content() {
        let mut bench = Bench::new();
        let rows = bench.get_json(LOCKS);
        assert_eq!(rows[0]["creationTimestamp"], "2026-03-01T12:00:00Z");
        assert_eq!(rows[0]["expirationTimeOut"], 1200);
        bench.wait(1_199_999);
        assert_eq!(bench.get(LOCKS).status, 200);
        bench.wait(1);
        let reply = bench.get(LOCKS);
        assert_eq!((reply.status, reply.body.len(), reply.header("content-type")), (204, 0, None));
        assert_eq!(bench.state.locks_held(), 0);

        let mut bench = Bench::varied(Variant::EmptyArrayForNoLocks);
        bench.wait(1_200_000);
        assert_eq!(bench.get(LOCKS).body, b"[]");
    }

    #[test]
    fn a_lock_is_created_listed_read_and_deleted() {
        let mut bench = Bench::new();
        for component in COMPONENTS {
            let body = format!(r#"{{"component": "{component}", "expirationTimeOut": 60}}"#);
            let reply = bench.send("POST", LOCKS, &body);
            let lock = reply.json().unwrap();
            assert_eq!((reply.status, &lock["component"]), (201, &component.into()));
            let target = format!("{LOCKS}/{}", lock["id"].as_str().unwrap());
            assert_eq!(bench.get_json(&target), lock);
            assert!(bench.get_json(LOCKS).as_array().unwrap().contains(&lock));
            assert_eq!(bench.send("DELETE", &target, "null").status, 200);
            assert_eq!(
                (bench.get(&target).status, bench.send("DELETE", &target, "").status),
                (404, 404)
            );
        }
        assert_eq!(bench.state.locks_held(), 1);
    }

    #[test]
    fn a_wrong_request_to_create_a_lock_is_400_and_creates_none() {
        let mut bench = Bench::new();
        for body in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"component": "UP"}"#,
            r#"{"expirationTimeOut": 5}"#,
            r#"{"component": "XX", "expirationTimeOut": 5}"#,
            r#"{"component": "up", "expirationTimeOut": 5}"#,
            r#"{"component": 1, "expirationTimeOut": 5}"#,
            r#"{"component": "UP", "expirationTimeOut": "5"}"#,
            r#"{"component": "UP", "expirationTimeOut": 5.0}"#,
            r#"{"component": "UP", "expirationTimeOut": 0}"#,
            r#"{"component": "UP", "expirationTimeOut": -5}"#,
            r#"{"component": "UP", "expirationTimeOut": null}"#,
        ] {
            let reply = bench.send("POST", LOCKS, body);
            assert_eq!(
                (reply.status, &reply.json().unwrap()["result"]),
                (400, &"failed".into()),
                "{body}"
            );
        }
        assert_eq!(bench.state.locks_held(), 1);
    }

    #[test]
    fn an_appliance_before_4_1_has_no_locks() {
        let mut bench = Bench::with(Options { version: "4.0.0".to_owned(), ..Options::default() });
        let lock = format!("{LOCKS}/{}", bench.state.locks[0].id);
        for (method, target) in [("GET", LOCKS), ("POST", LOCKS), ("GET", &lock), ("DELETE", &lock)]
        {
            assert_eq!(
                bench.send(method, target, r#"{"component": "UP", "expirationTimeOut": 5}"#).status,
                404,
                "{method} {target}"
            );
        }
        assert_eq!(bench.get_json("/aicc")["appliance"]["version"], "4.0.0");
        assert_eq!(
            bench.raw(&super::Request::new("GET", LOCKS)).status,
            401,
            "who is asking comes first"
        );
    }

    #[test]
    fn a_time_beyond_the_calendar_is_held_at_its_end() {
        let mut bench = Bench::new();
        let body = format!(r#"{{"component": "UP", "expirationTimeOut": {}}}"#, i64::MAX);
        assert_eq!(bench.send("POST", LOCKS, &body).status, 201);
        assert_eq!(bench.state.locks_held(), 2);
    }
}
