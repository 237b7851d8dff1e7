//! The way of a request through the double: route, sender, method, privilege, operation, and the
//! passes over the answer.
//!
//! Knows the order of judgements. Must not know any operation.

use std::time::Duration;

use jiff::Timestamp;

use super::super::appliance::about;
use super::super::appliance::auth::{self, Caller};
use super::super::appliance::backups;
use super::super::appliance::inventory;
use super::super::appliance::locks;
use super::super::appliance::sessions;
use super::super::appliance::state::State;
use super::super::appliance::tasks;
use super::super::appliance::transfer;
use super::super::appliance::users;
use super::super::http::answer::{Answer, Body, Kind};
use super::super::http::errors::{self, Problem, Shape};
use super::super::http::request::{Reply, Request, Wire};
use super::super::http::route::{Play, Route};
use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::terms::names::Name;
use super::carriage;
use super::despite;
use super::direction::Direction;
use super::others;
use super::places;
use super::render;
use super::vary;
use super::views;

/// The largest request body that is read, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;

/// Answers one request.
///
/// Pure: everything it needs is given, and everything it does is in the state and in the reply.
pub fn handle(state: &mut State, request: &Request, now: Timestamp) -> Reply {
    exchange(state, request, now).reply
}

/// A reply, and what the log says beside it.
pub(crate) struct Exchange {
    pub(crate) reply: Reply,
    /// The account that was found to send the request.
    pub(crate) user: Option<Name>,
    /// The scripts that acted.
    pub(crate) played: Vec<usize>,
}

/// Answers one request, and tells who sent it.
pub(crate) fn exchange(state: &mut State, request: &Request, now: Timestamp) -> Exchange {
    let now = state.options.shown_time(now);
    state.tidy(now);
    others::act(state, now);
    let route = Route::find(&request.path);
    let mut direction = Direction::take(state, request, route.as_ref());
    let standing = direction.begin(state);
    let (mut user, mut session) = (None, None);
    let mut answer = match direction.instead(request, route.as_ref()) {
        Some(answer) => {
            state.count(&request.method, route.as_ref().map_or("", Route::template));
            answer
        }
        None => performed(state, request, route, now, &mut user, &mut session),
    };
    sessions::renew(state, session.as_deref(), &mut answer);
    vary::vary(&state.options, &mut answer);
    direction.edit(&mut answer, now);
    direction.end(&mut answer);
    let reply = render::render(answer, &state.options, request, now);
    if let Some(standing) = standing {
        state.options.faults = standing;
    }
    Exchange { reply, user, played: direction.played }
}

/// Answers, and does what is refused all the same where a fault says so.
fn performed(
    state: &mut State,
    request: &Request,
    route: Option<Route>,
    now: Timestamp,
    user: &mut Option<Name>,
    session: &mut Option<String>,
) -> Answer {
    if let Some(answer) = route.as_ref().and_then(|route| despite::trapped(state, request, route)) {
        return answer;
    }
    let place = route.clone();
    let answer = answer(state, request, route, now, user, session);
    let Some(route) = place else { return answer };
    despite::act(state, request, &route, answer.status, now);
    despite::spoilt(state, request, &route, answer)
}

fn answer(
    state: &mut State,
    request: &Request,
    route: Option<Route>,
    now: Timestamp,
    user: &mut Option<Name>,
    session: &mut Option<String>,
) -> Answer {
    let method = request.method.as_str();
    let Some(route) = route else {
        state.count(method, "");
        return no_route(request, "The path is none that it knows.");
    };
    state.count(method, route.template());
    let misserved = misserved(&route, method).is_some_and(|fault| state.has(fault));
    let play = if misserved { Play::Played } else { route.play(method) };
    if play == Play::NotPlayed {
        return no_route(
            request,
            "The path is known, and the method may be documented, but it isn't played.",
        );
    }
    if route == Route::Sessions && method == "POST" {
        if request.body.len() > MAX_BODY {
            return too_large(Shape::Plural);
        }
        let answer = sessions::open(state, request, now);
        *user = if answer.status == 200 {
            state.sessions.last().map(|session| session.user.clone())
        } else {
            None
        };
        return answer;
    }
    let caller = match auth::authenticate(state, request, &route, now) {
        Ok(caller) => caller,
        Err(problem) => {
            if let Some(shown) = shown_to_anybody(state, request, &route, now) {
                return shown;
            }
            return leaking(
                state,
                &route,
                method,
                unauthorized(state, request, &route, &problem),
                now,
            );
        }
    };
    *user = Some(caller.user.clone());
    session.clone_from(&caller.session);
    if play == Play::Undocumented {
        let problem = Problem::new(
            "FQXHMSE0405J",
            "The method is not supported for this path.",
            "The header Allow of this reply names the methods that the path has.",
        );
        let status = if state.varies(Variant::MethodsRefused404) {
            404
        } else if state.varies(Variant::MethodsRefused501) {
            501
        } else {
            405
        };
        return Answer::refusal(status, &problem, Shape::Plural)
            .with_header("Allow", route.allow());
    }
    let transfers = route == Route::Backups && (method == "PUT" || misserved);
    let shape = if transfers { Shape::Singular } else { Shape::Plural };
    if request.body.len() > MAX_BODY {
        return too_large(shape);
    }
    if let Some(explanation) = forbidden(state, request, &route, &caller) {
        return leaking(
            state,
            &route,
            method,
            Answer::refusal(403, &errors::forbidden(explanation), shape),
            now,
        );
    }
    if let Some(refusal) =
        unserved(state, request, &route).or_else(|| carriage::refusal(state, request, shape))
    {
        return refusal;
    }
    if shape == Shape::Singular {
        return transfer_on_the_wire(state, request, &caller, now);
    }
    serve(state, request, &route, &caller, now)
}

/// Carries out the request of a sender who may make it.
fn serve(
    state: &mut State,
    request: &Request,
    route: &Route,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    if let Some(answer) =
        route.since(&request.method).and_then(|since| about::too_old(&state.options.version, since))
    {
        return answer;
    }
    match (route, request.method.as_str()) {
        (Route::Appliance, _) => about::get(state, now),
        (Route::Locks, "POST" | "PUT" | "PATCH") => locks::create(state, request, now),
        (Route::Locks, "DELETE") => locks::delete_all(state),
        (Route::Locks, _) => {
            let list = locks::list(state, now);
            views::locks(state, request, caller, list)
        }
        (Route::Lock(id), "DELETE") => locks::delete(state, id, now),
        (Route::Lock(id), _) => locks::get(state, id, now),
        (Route::Backups, _) => {
            let list = backups::list(state, now);
            views::backups(state, caller, list)
        }
        (Route::Backup(uuid), _) => backups::delete(state, uuid, request, now),
        (Route::Tasks, "PUT") => tasks::cancel(state, request, caller, now),
        (Route::Tasks, _) => tasks::list(state, None, request, now),
        (Route::TaskList(ids), "DELETE") => tasks::delete(state, ids),
        (Route::TaskList(ids), _) => tasks::list(state, Some(ids), request, now),
        (Route::Jobs, _) => tasks::jobs_list(state, request, now),
        (Route::Job(id), _) => tasks::jobs_get(state, id, request, now),
        (Route::Sessions, "DELETE") => sessions::close_own(state, caller),
        (Route::Sessions, _) => sessions::list(state, caller, now),
        (Route::Session(id), _) => sessions::close_one(state, caller, id),
        (Route::Users, _) => users::list(state),
        (Route::User(id), _) => users::get(state, id),
        (Route::Place(place, id), method) => {
            places::serve(state, (*place, id), method, request, caller, now)
        }
        (Route::Site(read, keys), "PUT") => {
            places::change(state, &read.name, keys, request, caller, now)
        }
        (Route::Site(read, keys), _) => inventory::get(state, read, keys, request),
    }
}

/// The fault that has a method served which no page names for the path.
fn misserved(route: &Route, method: &str) -> Option<Fault> {
    match (route, method) {
        (Route::Locks, "PUT") => Some(Fault::LocksPutServed),
        (Route::Locks, "PATCH") => Some(Fault::LocksPatchServed),
        (Route::Locks, "DELETE") => Some(Fault::LocksDeleteServed),
        (Route::Backups, "PATCH") => Some(Fault::TransferPatchServed),
        _ => None,
    }
}

/// The answer of an appliance that doesn't have a documented operation as it is documented.
fn unserved(state: &State, request: &Request, route: &Route) -> Option<Answer> {
    let (status, problem) = match (route, request.method.as_str()) {
        (Route::Locks, "GET")
            if state.has(Fault::LocksNeedParameter) && request.query("component").is_none() =>
        {
            (400, errors::bad_request("The query parameter `component` is missing."))
        }
        (Route::Backups, "PUT") if state.has(Fault::TransferNotServed) => {
            (404, errors::not_found("There is no such path."))
        }
        _ => return None,
    };
    Some(Answer::refusal(status, &problem, Shape::Plural))
}

/// `PUT /managementServer/data`, with the faults of the connection around it.
fn transfer_on_the_wire(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    if first_time(state, Fault::WireCloseBeforeStart) {
        let mut answer = Answer::empty(503, Kind::Other);
        answer.wire = Wire::Close;
        return answer;
    }
    let mut answer = transfer::put(state, request, caller, now);
    if answer.kind == Kind::TransferStarted && state.varies(Variant::SlowStarts) {
        answer.delay = Duration::from_millis(60);
    }
    if first_time(state, Fault::WireSlowStart) {
        answer.delay = Duration::from_secs(65);
    }
    for (fault, wire) in
        [(Fault::WireCutShort, Wire::CutShort), (Fault::WireCloseAfterStart, Wire::Close)]
    {
        if first_time(state, fault) {
            answer.wire = wire;
        }
    }
    answer
}

fn first_time(state: &mut State, fault: Fault) -> bool {
    state.has(fault) && state.wire_played.insert(fault)
}

/// Why the sender may not make this request, if so.
fn forbidden(
    state: &State,
    request: &Request,
    route: &Route,
    caller: &Caller,
) -> Option<&'static str> {
    if !auth::csrf_shown(state, request, caller) {
        return Some(
            "The session must show its CSRF token in the header X-Csrf-Token when it changes \
            something.",
        );
    }
    if !auth::permitted(state, request, route, caller) {
        return Some("The account has no privilege for this operation.");
    }
    None
}

fn unauthorized(state: &State, request: &Request, route: &Route, problem: &Problem) -> Answer {
    let is_transfer = *route == Route::Backups && request.method == "PUT";
    if *route == Route::Appliance && request.method == "GET" && state.varies(Variant::AiccRedirects)
    {
        return Answer::empty(302, Kind::Other).with_header("Location", "/ui/login.html");
    }
    let shape = if is_transfer { Shape::Singular } else { Shape::Plural };
    let missing = request.header("authorization").is_none();
    if state.has(if missing { Fault::MissingCredentials403 } else { Fault::WrongCredentials403 }) {
        return Answer::refusal(403, problem, shape).of_kind(Kind::Unauthorized);
    }
    if is_transfer && state.varies(Variant::TransferUnauthorized403) {
        return Answer::refusal(403, problem, shape);
    }
    Answer::refusal(401, problem, shape)
        .with_header("WWW-Authenticate", "Basic realm=\"lxca-double\"")
}

/// What there is of a single thing, where a fault shows it to a sender without credentials.
fn shown_to_anybody(
    state: &mut State,
    request: &Request,
    route: &Route,
    now: Timestamp,
) -> Option<Answer> {
    let one = request.method == "GET" && route.template().contains('{');
    let stranger = ["authorization", "cookie"].iter().all(|name| request.header(name).is_none());
    if !(one && stranger && state.has(Fault::StrangersSeeWhatIsThere)) {
        return None;
    }
    let answer = serve(state, request, route, &auth::nobody(), now);
    (answer.status == 200).then_some(answer)
}

/// A refusal that carries all the same what it refuses.
fn leaking(
    state: &mut State,
    route: &Route,
    method: &str,
    mut refusal: Answer,
    now: Timestamp,
) -> Answer {
    let mut what = match (route, refusal.status) {
        (Route::Locks, 401) if method == "GET" && state.has(Fault::UnauthorizedShowsLocks) => {
            locks::list(state, now)
        }
        (Route::Backups, 403) if method == "GET" && state.has(Fault::ForbiddenShowsBackups) => {
            backups::list(state, now)
        }
        _ => return refusal,
    };
    if let (Some(body), Some(what)) = (refusal.value(), what.value()) {
        body["refused"] = what.take();
    }
    refusal
}

fn too_large(shape: Shape) -> Answer {
    let explanation = format!("The request body is larger than {MAX_BODY} bytes.");
    Answer::refusal(
        413,
        &Problem::new("FQXHMSE0413J", "The request is too large.", explanation),
        shape,
    )
}

/// An answer that can't be taken for one of the appliance: whoever gets it asked the double for
/// what it doesn't have.
fn no_route(request: &Request, why: &str) -> Answer {
    let path: String = request.path.chars().take(200).collect();
    let text =
        format!("The double of lxca-conform has no route for {} {path}. {why}\n", request.method);
    Answer::new(599, Kind::Other, Body::Text(text))
        .with_header("x-lxca-conform-double-error", "no-route")
}

#[cfg(test)]
mod tests;
