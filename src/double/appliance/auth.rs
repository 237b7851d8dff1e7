//! Who sends a request: HTTP Basic or the cookie of a session, and the CSRF token that a session
//! needs to write.
//!
//! Knows how credentials come in a request. Must not know what the request wants.

use base64::Engine as _;
use jiff::Timestamp;

use super::super::http::errors::{self, Problem};
use super::super::http::request::Request;
use super::super::http::route::Route;
use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::terms::names::Name;
use super::state::State;
use super::users;

/// Who was found to send a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user: Name,
    pub(crate) privileged: bool,
    /// The session, unless the request brought its own user and password.
    pub(crate) session: Option<String>,
}

/// Finds out who sends the request.
pub(crate) fn authenticate(
    state: &mut State,
    request: &Request,
    route: &Route,
    now: Timestamp,
) -> Result<Caller, Problem> {
    if let Some(authorization) = request.header("authorization") {
        let pair = basic(authorization);
        if pair.is_none() && state.has(Fault::UnreadableCredentialsAccepted) {
            return Ok(nobody());
        }
        let (name, password) = pair.ok_or_else(|| {
            errors::unauthorized(
                "The Authorization header is not HTTP Basic with a user name and a password.",
            )
        })?;
        if state.has(Fault::UnknownUserAccepted)
            && !state.users.iter().any(|user| *user.name == *name)
        {
            return Ok(nobody());
        }
        let user = users::check_password(state, &name, &password, now).ok_or_else(|| {
            errors::unauthorized(
                "The user name or the password is wrong, or the account is locked for a while.",
            )
        })?;
        state.supervisor_was_here |= user.privileged;
        return Ok(Caller { user: user.name, privileged: user.privileged, session: None });
    }
    let cookies = cookies(request, "JSESSIONID");
    let remembered = state.has(Fault::AuthRemembered) && state.supervisor_was_here;
    if cookies.is_empty()
        && (state.has(Fault::AuthOff)
            || remembered
            || auth_off(route, &request.method).is_some_and(|fault| state.has(fault)))
    {
        return Ok(nobody());
    }
    if cookies.is_empty() {
        return Err(errors::unauthorized(
            "The request has neither a user name and password nor a session.",
        ));
    }
    let renews = request.header("x-not-user-input").is_none();
    let session = state
        .sessions
        .iter_mut()
        .find(|session| cookies.iter().any(|id| *id == session.id))
        .ok_or_else(|| errors::unauthorized("The session is unknown, closed or expired."))?;
    if renews {
        session.last_used = now;
    }
    let (user, id) = (session.user.clone(), session.id.clone());
    let privileged = state.users.iter().any(|account| account.name == user && account.privileged);
    state.supervisor_was_here |= privileged;
    Ok(Caller { user, privileged, session: Some(id) })
}

/// As whom a sender without valid credentials is served, where a fault lets it in.
pub(crate) fn nobody() -> Caller {
    Caller { user: "USERID".into(), privileged: true, session: None }
}

/// The fault that leaves credentials unasked for on one operation.
fn auth_off(route: &Route, method: &str) -> Option<Fault> {
    Some(match (route, method) {
        (Route::Locks, "GET") => Fault::AuthOffLocksList,
        (Route::Locks, "POST") => Fault::AuthOffLockCreate,
        (Route::Lock(_), "GET") => Fault::AuthOffLockGet,
        (Route::Lock(_), "DELETE") => Fault::AuthOffLockDelete,
        (Route::Backups, "GET") => Fault::AuthOffBackupsList,
        (Route::Backups, "PUT") => Fault::AuthOffTransfer,
        (Route::Backup(_), "DELETE") => Fault::AuthOffBackupDelete,
        (Route::Tasks, "GET") => Fault::AuthOffTasksList,
        (Route::Tasks, "PUT") => Fault::AuthOffTasksCancel,
        (Route::TaskList(_), "GET") => Fault::AuthOffTaskGet,
        _ => return None,
    })
}

/// The fault that leaves the privilege unlooked at on one operation.
fn privilege_off(route: &Route, method: &str) -> Option<Fault> {
    Some(match (route, method) {
        (Route::Locks, "GET") => Fault::PrivilegeOffLocksList,
        (Route::Locks, "POST") => Fault::PrivilegeOffLockCreate,
        (Route::Lock(_), "GET") => Fault::PrivilegeOffLockGet,
        (Route::Lock(_), "DELETE") => Fault::PrivilegeOffLockDelete,
        (Route::Backups, "GET") => Fault::PrivilegeOffBackupsList,
        (Route::Backups, "PUT") => Fault::PrivilegeOffTransfer,
        (Route::Backup(_), "DELETE") => Fault::PrivilegeOffBackupDelete,
        (Route::Tasks, "PUT") => Fault::PrivilegeOffTasksCancel,
        _ => return None,
    })
}

/// Whether the sender may make this request of this operation.
pub(crate) fn permitted(state: &State, request: &Request, route: &Route, caller: &Caller) -> bool {
    let open_to_all = matches!(route, Route::Appliance | Route::Sessions | Route::Session(_));
    let unlooked = privilege_off(route, &request.method).is_some_and(|fault| state.has(fault));
    let remembered = state.has(Fault::PrivilegeRemembered) && state.supervisor_was_here;
    caller.privileged
        || open_to_all
        || unlooked
        || remembered
        || state.has(Fault::PrivilegesNotChecked)
}

/// Whether a session that writes has shown its CSRF token.
pub(crate) fn csrf_shown(state: &State, request: &Request, caller: &Caller) -> bool {
    let Some(id) = &caller.session else { return true };
    let writes = ["PUT", "POST", "DELETE"].contains(&request.method.as_str());
    if !writes || state.varies(Variant::CsrfNotEnforced) {
        return true;
    }
    let shown = request.header("x-csrf-token");
    state.sessions.iter().any(|session| session.id == *id && shown == Some(session.csrf.as_str()))
}

/// User and password of an Authorization header.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    pair.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

/// All values of one cookie, over all Cookie lines: a client may send several lines, and the name
/// several times.
fn cookies<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    request
        .header_lines("cookie")
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(n, v)| *n == name && !v.is_empty())
        .map(|(_, v)| v.trim_matches('"'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::http::request::Request;
    use super::super::super::testing::{Bench, DATA, LOCKS, cookie};

    const OPERATIONS: [(&str, &str); 10] = [
        ("GET", LOCKS),
        ("POST", LOCKS),
        ("DELETE", "/aicc/service/sftp/locks/x"),
        ("GET", DATA),
        ("PUT", DATA),
        ("DELETE", "/managementServer/data/x"),
        ("GET", "/tasks"),
        ("PUT", "/tasks"),
        ("GET", "/userAccounts"),
        ("GET", "/jobs/1"),
    ];

    #[test]
    fn without_credentials_or_with_wrong_ones_every_operation_is_401_before_anything_else() {
        let mut bench = Bench::new();
        for (method, target) in OPERATIONS.into_iter().chain([
            ("GET", "/aicc"),
            ("PATCH", DATA),
            ("DELETE", "/sessions"),
        ]) {
            let plain = Request::new(method, target).with_body("not json");
            let bearer = plain.clone().with_header("Authorization", "Bearer abc");
            let garbage = plain.clone().with_header("Authorization", "Basic ***");
            let wrong = plain.clone().with_basic("NOBODY", "PASSW0RD");
            let stale = plain.clone().with_header("Cookie", "JSESSIONID=unknown");
            for request in [plain, bearer, garbage, wrong, stale] {
                let reply = bench.raw(&request);
                assert_eq!(reply.status, 401, "{request:?}");
                let body = reply.json().unwrap();
                let message = if (method, target) == ("PUT", DATA) {
                    &body["message"]
                } else {
                    &body["messages"]
                };
                assert!(
                    message[0]["explanation"].as_str().is_some_and(|text| !text.is_empty()),
                    "{body}"
                );
            }
        }
    }

    #[test]
    fn the_account_without_privilege_gets_403_everywhere_but_at_the_appliance_and_its_sessions() {
        let mut bench = Bench::new();
        for (method, target) in OPERATIONS {
            let request = Request::new(method, target).with_basic("OPERATOR", "PASSW0RD");
            assert_eq!(bench.raw(&request).status, 403, "{method} {target}");
        }
        for (method, target) in [("GET", "/aicc"), ("GET", "/sessions"), ("DELETE", "/sessions")] {
            let request = Request::new(method, target).with_basic("OPERATOR", "PASSW0RD");
            assert_eq!(bench.raw(&request).status, 200, "{method} {target}");
        }
    }

    #[test]
    fn a_session_reads_without_its_csrf_token_and_writes_only_with_it() {
        let mut bench = Bench::new();
        let login = bench.login("USERID", "PASSW0RD");
        let cookies = format!("a=b; JSESSIONID={}; csrf=x", cookie(&login, "JSESSIONID"));
        let ask = |method: &str, target: &str| {
            Request::new(method, target).with_header("COOKIE", &cookies)
        };
        assert_eq!(bench.raw(&ask("GET", LOCKS)).status, 200);
        for (method, target) in [("PUT", DATA), ("POST", LOCKS), ("DELETE", "/sessions")] {
            assert_eq!(bench.raw(&ask(method, target)).status, 403);
            assert_eq!(
                bench.raw(&ask(method, target).with_header("X-Csrf-Token", "wrong")).status,
                403
            );
        }
        assert_eq!(bench.state.sessions_open(), 1);
        let token = cookie(&login, "csrf");
        assert_eq!(bench.raw(&ask("PUT", DATA).with_header("x-csrf-token", &token)).status, 400);
        assert_eq!(
            bench.raw(&ask("DELETE", "/sessions").with_header("X-CSRF-Token", &token)).status,
            200
        );
        assert_eq!(bench.raw(&ask("GET", LOCKS)).status, 401);
    }

    #[test]
    fn several_cookie_lines_are_read_as_one() {
        let mut bench = Bench::new();
        let id = cookie(&bench.login("USERID", "PASSW0RD"), "JSESSIONID");
        let request = Request::new("GET", LOCKS)
            .with_header("Cookie", "userAuthenticationMethod=local")
            .with_header("Cookie", &format!("JSESSIONID=other; JSESSIONID={id}"));
        assert_eq!(bench.raw(&request).status, 200);
    }
}
