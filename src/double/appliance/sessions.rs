//! Sessions: login, logout, how many a user may have and how long they last.
//!
//! Must not know how a request is authenticated.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::http::answer::{Answer, Kind};
use super::super::http::errors::{self, Shape};
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::terms::clock::{http_date, later_by_seconds, stamp};
use super::auth::Caller;
use super::state::State;
use super::things::Session;
use super::users;

/// Minutes without a request after which a session ends.
const INACTIVITY_MINUTES: i64 = 1440;
/// How many sessions a user may have at once.
const MOST_PER_USER: usize = 3;

/// Drops the sessions that nobody used for too long.
pub(crate) fn expire(state: &mut State, now: Timestamp) {
    state
        .sessions
        .retain(|session| later_by_seconds(session.last_used, INACTIVITY_MINUTES * 60) > now);
}

/// `POST /sessions`
pub(crate) fn open(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let refuse = |status, explanation: &str| {
        Answer::refusal(status, &errors::bad_request(explanation), Shape::Plural)
            .of_kind(Kind::LoginRefused)
    };
    let json = serde_json::from_slice(&request.body);
    let forgiven = json.is_err() && state.has(Fault::LoginMalformedAccepted);
    let body: Value = json.unwrap_or_default();
    let (name, password) = (body["UserId"].as_str(), body["password"].as_str());
    let forgiven = forgiven
        || (name.is_none() && state.has(Fault::LoginWithoutUserAccepted))
        || (name.is_some() && password.is_none() && state.has(Fault::LoginWithoutPasswordAccepted));
    let (Some(name), Some(password)) =
        (if forgiven { (Some("USERID"), Some("PASSW0RD")) } else { (name, password) })
    else {
        return refuse(400, "A login needs the strings `UserId` and `password` in a JSON object.");
    };
    let Some(user) = users::check_password(state, name, password, now) else {
        let status = if state.varies(Variant::BadLogin401) { 401 } else { 403 };
        let problem = errors::Problem::new(
            "FQXHMSE0291J",
            "The login was refused.",
            "The user name or the password is wrong, or the account is locked for a while.",
        )
        .recover("Log in with the right user name and password.");
        // Not `refusal`: the faults of 401 and 403 concern requests, not logins.
        return Answer::json(status, Kind::LoginRefused, problem.body(Shape::Plural));
    };
    if state.sessions.iter().filter(|session| session.user == user.name).count() >= MOST_PER_USER {
        return refuse(
            400,
            "The user has as many sessions as a user may have; one must be closed first.",
        );
    }
    let session = Session {
        id: state.new_id(),
        csrf: state.new_id(),
        user: user.name.clone(),
        created: now,
        last_used: now,
    };
    let mut answer = Answer::json(200, Kind::SessionOpened, opened(&session));
    let secure = secure(state);
    let end = if state.varies(Variant::CookiesExpire) {
        format!("; Expires={}", http_date(later_by_seconds(now, 24 * 60 * 60)))
    } else {
        String::new()
    };
    for (name, value, more) in [
        ("JSESSIONID", session.id.clone(), "; HttpOnly"),
        ("csrf", session.csrf.clone(), ""),
        ("user", session.user.to_string(), ""),
        ("inactivityTimeout", INACTIVITY_MINUTES.to_string(), ""),
    ] {
        answer =
            answer.with_header("Set-Cookie", format!("{name}={value}; Path=/{end}{more}{secure}"));
    }
    state.sessions.push(session);
    state.most_sessions = state.most_sessions.max(state.sessions.len());
    answer
}

fn secure(state: &State) -> &'static str {
    if state.options.secure_cookies { "; Secure" } else { "" }
}

/// Gives the session in which an answer is given a new id or a new token, where a variant wants
/// that. The one before is worth nothing then.
pub(crate) fn renew(state: &mut State, id: Option<&str>, answer: &mut Answer) {
    let Some(place) = state.sessions.iter().position(|session| Some(session.id.as_str()) == id)
    else {
        return;
    };
    if state.varies(Variant::SessionIdRenewed) {
        let id = state.new_id();
        let line = format!("JSESSIONID={id}; Path=/; HttpOnly{}", secure(state));
        answer.headers.push(("Set-Cookie".to_owned(), line));
        state.sessions[place].id = id;
    }
    if state.varies(Variant::CsrfTokenRenewed) {
        let token = state.new_id();
        answer.headers.push(("csrf".to_owned(), token.clone()));
        state.sessions[place].csrf = token;
    }
}

fn opened(session: &Session) -> Value {
    let mut body = errors::success_body();
    body["response"] = json!({
        "pwChangeRequired": false,
        "session": {
            "Address": "127.0.0.1",
            "authenticationServer": "local",
            "created": stamp(session.created),
            "csrf": session.csrf,
            "id": session.id,
            "inactivityTimeout": INACTIVITY_MINUTES,
            "lastAccessed": stamp(session.last_used),
            "UserId": *session.user,
        },
    });
    body
}

/// `GET /sessions`
pub(crate) fn list(state: &State, caller: &Caller, now: Timestamp) -> Answer {
    let own = |session: &Session| caller.session.as_deref() == Some(session.id.as_str());
    let rows: Vec<Value> = state
        .sessions
        .iter()
        .filter(|session| caller.privileged || session.user == caller.user)
        .map(|session| {
            json!({
                "Address": "127.0.0.1",
                "authenticationServer": "local",
                "created": stamp(session.created),
                "id": session.id,
                "idleFor": now.duration_since(session.last_used).as_secs().max(0).to_string(),
                "isOwnSession": own(session),
                "lastAccessed": stamp(session.last_used),
                "UserId": *session.user,
            })
        })
        .collect();
    let mut body = errors::success_body();
    body["response"] = Value::Array(rows);
    Answer::json(200, Kind::Other, body)
}

/// `DELETE /sessions`: the caller's own. Without a session there is nothing to close, and that is
/// no error.
pub(crate) fn close_own(state: &mut State, caller: &Caller) -> Answer {
    if !state.has(Fault::SessionSurvivesLogout) {
        state.sessions.retain(|session| caller.session.as_deref() != Some(session.id.as_str()));
    }
    Answer::json(200, Kind::SessionClosed, errors::success_body())
}

/// `DELETE /sessions/{id}`: exactly the one that is named. One client sends the id of a *message*
/// here.
pub(crate) fn close_one(state: &mut State, caller: &Caller, id: &str) -> Answer {
    let Some(place) = state.sessions.iter().position(|session| session.id == id) else {
        return Answer::refusal(
            404,
            &errors::not_found("No open session has the id that the path names."),
            Shape::Plural,
        );
    };
    if state.sessions[place].user != caller.user && !caller.privileged {
        let problem = errors::forbidden(
            "The session is another user's, and the account may only close its own.",
        );
        return Answer::refusal(403, &problem, Shape::Plural);
    }
    state.sessions.remove(place);
    Answer::json(200, Kind::Other, errors::success_body())
}

#[cfg(test)]
mod tests {
    use super::super::super::http::request::Request;
    use super::super::super::testing::{Bench, cookie};

    #[test]
    fn a_login_answers_what_both_kinds_of_client_need() {
        let mut bench = Bench::new();
        let reply = bench.login("USERID", "PASSW0RD");
        let body = reply.json().unwrap();
        assert_eq!(reply.status, 200);
        assert!(body["messages"][0]["id"].is_string());
        assert_eq!(body["response"]["session"]["csrf"], cookie(&reply, "csrf").as_str());
        assert_eq!(cookie(&reply, "user"), "USERID");
        assert_eq!(cookie(&reply, "inactivityTimeout"), "1440");
        assert!(!reply.headers.iter().any(|(_, value)| value.contains("Secure")));
    }

    #[test]
    fn a_fourth_session_of_one_user_is_refused() {
        let mut bench = Bench::new();
        let statuses: Vec<u16> = (0..4).map(|_| bench.login("USERID", "PASSW0RD").status).collect();
        assert_eq!(statuses, [200, 200, 200, 400]);
        assert_eq!(bench.login("OPERATOR", "PASSW0RD").status, 200);
        assert_eq!((bench.state.sessions_open(), bench.state.max_sessions_seen()), (4, 4));
    }

    #[test]
    fn a_session_ends_after_a_day_without_requests_that_renew_it() {
        let mut bench = Bench::new();
        let id = cookie(&bench.login("USERID", "PASSW0RD"), "JSESSIONID");
        let ask = Request::new("GET", "/aicc").with_header("Cookie", &format!("JSESSIONID={id}"));
        bench.wait(1_439 * 60_000);
        assert_eq!(bench.raw(&ask).status, 200);
        bench.wait(1_439 * 60_000);
        assert_eq!(
            bench.raw(&ask.clone().with_header("X-NOT-USER-INPUT", "checkSession")).status,
            200
        );
        bench.wait(60_000);
        assert_eq!(bench.raw(&ask).status, 401);
        assert_eq!((bench.state.sessions_open(), bench.state.max_sessions_seen()), (0, 1));
    }

    #[test]
    fn twenty_refused_logins_lock_the_user_out_for_an_hour() {
        let mut bench = Bench::new();
        for _ in 0..19 {
            assert_eq!(bench.login("USERID", "wrong").status, 403);
        }
        assert_eq!(bench.get("/aicc").status, 200);
        assert_eq!(
            (bench.state.failed_logins("USERID"), bench.state.failed_logins_ever("USERID")),
            (0, 19)
        );
        for _ in 0..20 {
            bench.login("USERID", "wrong");
        }
        assert_eq!(bench.login("USERID", "PASSW0RD").status, 403);
        assert_eq!(bench.get("/aicc").status, 401);
        bench.wait(3_600_000);
        assert_eq!(bench.get("/aicc").status, 200);
    }

    #[test]
    fn closing_a_session_by_id_never_closes_another_one() {
        let mut bench = Bench::new();
        let mine = bench.login("USERID", "PASSW0RD");
        let operators = cookie(&bench.login("OPERATOR", "PASSW0RD"), "JSESSIONID");
        let delete = |target: &str| {
            Request::new("DELETE", target)
                .with_header("Cookie", &format!("JSESSIONID={}", cookie(&mine, "JSESSIONID")))
                .with_header("X-Csrf-Token", &cookie(&mine, "csrf"))
        };
        assert_eq!(bench.raw(&delete("/sessions/FQXHMSE0001I")).status, 404);
        assert_eq!(bench.state.sessions_open(), 2);
        assert_eq!(bench.raw(&delete(&format!("/sessions/{operators}"))).status, 200);
        assert_eq!(bench.raw(&delete("/sessions")).status, 200);
        assert_eq!(bench.state.sessions_open(), 0);
    }
}
