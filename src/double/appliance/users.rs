//! The accounts: who may do what, how passwords are judged, when a user is locked out; and the
//! operations that show accounts.
//!
//! Must not know how credentials come in a request.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::http::answer::{Answer, Kind};
use super::super::http::errors::{self, Shape};
use super::super::misbehave::fault::Fault;
use super::super::terms::clock::{later_by_seconds, stamp};
use super::state::State;
use super::things::User;

/// How long a user stays locked out.
const LOCK_OUT_SECONDS: i64 = 60 * 60;

/// Lets in again whose time outside is over; the count of refused logins begins anew.
pub(crate) fn expire(state: &mut State, now: Timestamp) {
    for user in
        state.users.iter_mut().filter(|user| user.locked_until.is_some_and(|until| until <= now))
    {
        user.locked_until = None;
        user.failed = 0;
    }
}

/// Judges a password and keeps count; the account if it is right.
pub(crate) fn check_password(
    state: &mut State,
    name: &str,
    password: &str,
    now: Timestamp,
) -> Option<User> {
    let any_password = state.has(Fault::WrongPasswordAccepted);
    let limit = state.options.lock_out_after;
    let user = state.users.iter_mut().find(|user| *user.name == *name)?;
    let right = *user.password == *password || any_password;
    if right && user.locked_until.is_none() {
        user.failed = 0;
        user.logins = user.logins.saturating_add(1);
        user.last_login = Some(now);
        return Some(user.clone());
    }
    if !right {
        user.failed = user.failed.saturating_add(1);
        user.failed_ever = user.failed_ever.saturating_add(1);
        if limit != 0 && user.failed >= limit && user.locked_until.is_none() {
            user.locked_until = Some(later_by_seconds(now, LOCK_OUT_SECONDS));
        }
    }
    None
}

/// `GET /userAccounts`
pub(crate) fn list(state: &State) -> Answer {
    envelope(state.users.iter().map(|user| view(state, user)).collect())
}

/// `GET /userAccounts/{id}`
pub(crate) fn get(state: &State, id: &str) -> Answer {
    let Some(user) = state.users.iter().find(|user| *user.id == *id) else {
        let problem = errors::not_found("No account has the id that the path names.");
        return Answer::refusal(404, &problem, Shape::Plural);
    };
    envelope(view(state, user))
}

fn envelope(response: Value) -> Answer {
    let mut body = errors::success_body();
    body["response"] = response;
    Answer::json(200, Kind::Other, body)
}

fn view(state: &State, user: &User) -> Value {
    let sessions = state.sessions.iter().filter(|session| session.user == user.name).count();
    json!({
        "id": *user.id,
        "userName": *user.name,
        "userPw": "NA",
        "description": if user.privileged { "First account of the appliance" } else { "Account without privilege" },
        "groups": [if user.privileged { "lxc-supervisor" } else { "lxc-operator" }],
        "supervisor": user.privileged,
        "reserved": false,
        "state": if user.locked_until.is_some() { "Locked" } else { "Active" },
        "activeSessions": sessions,
        "loginAttempts": user.failed,
        "loginCount": user.logins,
        "pwdAge": 0,
        "pwExpired": false,
        "pwExpirationWarning": false,
        "timeBeforeExpirationInDays": 0,
        "PasswordChangeFirstAccess": false,
        "ldapDn": format!("cn={},ou=users,dc=example,dc=com", user.name),
        "createTimestamp": "2022-09-01T00:00:00Z",
        "modifyTimestamp": "2022-09-01T00:00:00Z",
        "lastLoginTimestamp": user.last_login.map(stamp).unwrap_or_default(),
    })
}
