//! `PUT /managementServer/data`: which requests are accepted, and what is answered.
//!
//! The rules are written here by hand from the page. Must not know how a job advances.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::http::answer::{Answer, Kind};
use super::super::http::errors::{self, Problem, Shape};
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::auth::Caller;
use super::jobs;
use super::lenient;
use super::state::State;
use super::things::Work;
use super::things::{INTERNAL, Job};

/// What an accepted request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Order {
    Start(Work),
    CancelPush,
    /// A cancel that should have been refused.
    CancelNothing,
}

/// Why a request is refused, and the faults that let it pass.
struct Flaw {
    problem: Problem,
    forgiven_by: Vec<Fault>,
}

/// `PUT /managementServer/data`
pub(crate) fn put(state: &mut State, request: &Request, caller: &Caller, now: Timestamp) -> Answer {
    let mut body = serde_json::from_slice::<Value>(&request.body);
    if let Ok(Value::Object(members)) = &mut body {
        lenient::read(state, members);
    }
    let order = match check(state, body.as_ref()) {
        Ok(order) => order,
        Err(flaw) if flaw.forgiven_by.iter().any(|fault| state.has(*fault)) => {
            let cancels = body.is_ok_and(|body| body["action"] == "cancel");
            if cancels { Order::CancelNothing } else { Order::Start(Work::Idle) }
        }
        Err(flaw) => return Answer::refusal(400, &flaw.problem, Shape::Singular),
    };
    match order {
        Order::Start(Work::Copy { .. }) if state.has(Fault::CopyForbiddenEmpty) => {
            Answer::empty(403, Kind::Forbidden)
        }
        Order::Start(work) => {
            let id = jobs::start(state, work, &caller.user, now);
            let body = json!({ "jobId": id, "result": "success", "message": [] });
            Answer::json(200, Kind::TransferStarted, body)
        }
        Order::CancelPush => cancel(state, caller, now),
        Order::CancelNothing => cancelled(),
    }
}

fn cancel(state: &mut State, caller: &Caller, now: Timestamp) -> Answer {
    let Some(push) = jobs::running_push(state).map(|job| job.id.clone()) else {
        let problem = Problem::new(
            "FQXHMSE0410W",
            "Nothing was cancelled.",
            "No push is in progress on this appliance, so there was nothing to cancel.",
        )
        .recover("Nothing needs to be done.");
        let body = json!({ "result": "warning", "message": [problem.entry(Shape::Singular)] });
        return Answer::json(200, Kind::TransferCancelled, body);
    };
    if state.has(Fault::CancelStopsEveryJob) {
        jobs::cancel_all(state, &caller.user, now);
    }
    if !state.has(Fault::CancelWithoutEffect) {
        jobs::cancel(state, &push, &caller.user, now);
    }
    cancelled()
}

fn cancelled() -> Answer {
    Answer::json(200, Kind::TransferCancelled, json!({ "result": "success", "message": [] }))
}

/// Judges a request, and takes from it what is asked for.
fn check(state: &State, body: Result<&Value, &serde_json::Error>) -> Result<Order, Flaw> {
    let body = body.map_err(|error| {
        flaw(&[Fault::MalformedJsonAccepted], format!("The request body is not JSON: {error}."))
    })?;
    let body = body.as_object().ok_or_else(|| {
        flaw(&[Fault::WrongTypesAccepted], "The request body is not a JSON object.")
    })?;
    let lacking = ["action", "operation", "uuid", "destination"]
        .iter()
        .filter(|name| !body.contains_key(**name))
        .count();
    if lacking == 2
        && body.get("action").is_none_or(|action| action != "cancel")
        && state.has(Fault::TwoMissingAccepted)
    {
        return Err(flaw(&[Fault::TwoMissingAccepted], "Two attributes are missing."));
    }
    let action = text(state, body, "action", Fault::ActionTypeNotChecked)?;
    let operation = text(state, body, "operation", Fault::OperationTypeNotChecked)?;
    let uuid = text(state, body, "uuid", Fault::UuidTypeNotChecked)?;
    let destination = text(state, body, "destination", Fault::DestinationTypeNotChecked)?;
    let pushes = operation.as_deref() == Some("push");
    let either = |all: Fault, copy: Fault, push: Fault| [all, if pushes { push } else { copy }];

    let by = either(
        Fault::ActionNotRequired,
        Fault::CopyActionNotRequired,
        Fault::PushActionNotRequired,
    );
    let action = action.ok_or_else(|| missing("action", &by))?;
    if !["start", "cancel"].contains(&action.as_str()) {
        let by = either(
            Fault::UnknownActionAccepted,
            Fault::CopyUnknownActionAccepted,
            Fault::PushUnknownActionAccepted,
        );
        return Err(flaw(&by, "The attribute `action` is neither `start` nor `cancel`."));
    }
    let operation =
        operation.ok_or_else(|| missing("operation", &[Fault::OperationNotRequired]))?;
    if !["copy", "move", "push"].contains(&operation.as_str()) {
        let explanation = "The attribute `operation` is none of `copy`, `move` and `push`.";
        return Err(flaw(&[Fault::UnknownOperationAccepted], explanation));
    }
    if action == "cancel" {
        if !pushes {
            let explanation =
                "Only a push can be cancelled here; for copy and move `action` must be `start`.";
            return Err(flaw(&[Fault::CancelCopyAccepted], explanation));
        }
        if state.has(Fault::CancelNeedsUuid) && uuid.is_none() {
            return Err(refused("The attribute `uuid` is missing."));
        }
        return Ok(Order::CancelPush);
    }
    let uuid = uuid.ok_or_else(|| {
        missing(
            "uuid",
            &either(Fault::UuidNotRequired, Fault::CopyUuidNotRequired, Fault::PushUuidNotRequired),
        )
    })?;
    let by = either(
        Fault::DestinationNotRequired,
        Fault::CopyDestinationNotRequired,
        Fault::PushDestinationNotRequired,
    );
    let destination = destination.ok_or_else(|| missing("destination", &by))?;
    start(state, &operation, &uuid, &destination)
}

/// Judges the start of an operation whose attributes are all there.
fn start(state: &State, operation: &str, uuid: &str, destination: &str) -> Result<Order, Flaw> {
    let pushes = operation == "push";
    let by = [
        Fault::UnknownUuidAccepted,
        if pushes { Fault::PushUnknownUuidAccepted } else { Fault::CopyUnknownUuidAccepted },
    ];
    let backup = state
        .backup(uuid)
        .ok_or_else(|| flaw(&by, "No backup has the uuid that the request names."))?;
    let (uuid, place) = (backup.uuid.clone(), destination.to_owned());
    let local = backup.lies_at(INTERNAL);
    let work = if pushes {
        if destination.parse::<IpAddr>().is_err() {
            let explanation =
                "For a push, the attribute `destination` must be an IPv4 or IPv6 address.";
            return Err(flaw(
                &[Fault::UnknownDestinationAccepted, Fault::PushUnknownDestinationAccepted],
                explanation,
            ));
        }
        Work::Push { uuid, destination: place }
    } else {
        if destination != INTERNAL && !state.shares.iter().any(|share| share == destination) {
            let explanation =
                "The attribute `destination` is neither `internal` nor a configured mount point.";
            return Err(flaw(
                &[Fault::UnknownDestinationAccepted, Fault::CopyUnknownDestinationAccepted],
                explanation,
            ));
        }
        if operation == "move" {
            if destination == INTERNAL {
                return Err(refused(
                    "A backup can be moved from the local repository to a share, not the other \
                    way.",
                ));
            }
            // A copy that is under way brings it there before the move begins.
            if !local && !jobs::arriving(state, &uuid) {
                return Err(refused(
                    "The backup is not in the local repository, so it can't be moved from there.",
                ));
            }
            Work::Move { uuid, destination: place }
        } else {
            if destination != INTERNAL && !local && !backup.lies_at(destination) {
                return Err(refused("A backup can't be copied from one share to another."));
            }
            Work::Copy { uuid, destination: place }
        }
    };
    let refusing: &[Fault] = match &work {
        Work::Copy { destination, .. } if destination == INTERNAL => {
            &[Fault::CopyRefused, Fault::CopyToInternalRefused]
        }
        Work::Copy { .. } => &[Fault::CopyRefused, Fault::CopyToShareRefused],
        Work::Move { .. } => &[Fault::MoveRefused],
        _ if !local => &[Fault::PushRefused, Fault::PushFromShareRefused],
        _ => &[Fault::PushRefused],
    };
    if refusing.iter().any(|fault| state.has(*fault)) {
        return Err(refused(format!("The operation {operation} is not supported.")));
    }
    if state.varies(Variant::OneJobAtATime) && state.jobs.iter().any(Job::is_active) {
        return Err(refused("Another job is in progress; it must end before the next is started."));
    }
    if pushes && jobs::running_push(state).is_some() {
        return Err(refused(
            "Another push is in progress; one must end before the next is started.",
        ));
    }
    if jobs::in_progress(state, &work) && !state.varies(Variant::DuplicateStartAccepted) {
        return Err(refused(format!(
            "The operation {operation} is already in progress for this backup."
        )));
    }
    if jobs::full(state) {
        return Err(refused(
            "There are as many jobs as this appliance can hold; wait for some to end.",
        ));
    }
    Ok(Order::Start(work))
}

/// An attribute that must be a string where it is there.
fn text(
    state: &State,
    body: &Map<String, Value>,
    name: &str,
    forgiven_by: Fault,
) -> Result<Option<String>, Flaw> {
    let Some(value) = body.get(name) else { return Ok(None) };
    let text = value.as_str().map(|text| {
        if state.has(Fault::CaseIgnored) { text.to_lowercase() } else { text.to_owned() }
    });
    let wrong = || {
        flaw(
            &[Fault::WrongTypesAccepted, forgiven_by],
            format!("The attribute `{name}` is not a string."),
        )
    };
    text.map(Some).ok_or_else(wrong)
}

fn flaw(forgiven_by: &[Fault], explanation: impl Into<String>) -> Flaw {
    Flaw { problem: errors::bad_request(explanation), forgiven_by: forgiven_by.to_vec() }
}

fn refused(explanation: impl Into<String>) -> Flaw {
    flaw(&[], explanation)
}

fn missing(name: &str, forgiven_by: &[Fault]) -> Flaw {
    flaw(forgiven_by, format!("The attribute `{name}` is missing."))
}

#[cfg(test)]
mod tests {
    use super::super::super::misbehave::variant::Variant;
    use super::super::super::testing::{BOTH, Bench, DATA, LOCAL, SHARED};

    const IP: &str = "10.243.16.45";

    #[test]
    fn the_documented_examples_are_accepted_and_answered_as_documented() {
        let mut bench = Bench::new();
        let reply = bench.start("copy", SHARED, "internal");
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.json().unwrap(),
            serde_json::json!({"jobId": "17", "result": "success", "message": []})
        );
        assert_eq!(bench.start("push", SHARED, IP).json().unwrap()["jobId"], "18");
        assert_eq!(
            bench.cancel_push().json().unwrap(),
            serde_json::json!({"result": "success", "message": []})
        );
        assert_eq!(bench.get_json("/tasks/18")[0]["status"], "Cancelled");
        let warned = bench.cancel_push();
        assert_eq!((warned.status, &warned.json().unwrap()["result"]), (200, &"warning".into()));
    }

    #[test]
    fn what_is_missing_or_not_valid_is_400_with_a_descriptive_body_and_starts_nothing() {
        let mut bench = Bench::new();
        let good = serde_json::json!({"action": "start", "operation": "copy", "uuid": SHARED,
            "destination": "internal"});
        let mut bodies: Vec<String> =
            ["", "{", "[]", "\"start\"", "null", "{}"].map(str::to_owned).into();
        for (name, bad) in [
            ("action", vec!["stop", "Start", ""]),
            ("operation", vec!["clone", "COPY", ""]),
            ("uuid", vec!["00000000-0000-0000-0000-000000000000", "", "4edf27ff"]),
            ("destination", vec!["/mnt/unknown", "", IP, "Internal"]),
        ] {
            let mut without = good.clone();
            without.as_object_mut().unwrap().remove(name);
            bodies.push(without.to_string());
            let values = bad.into_iter().map(serde_json::Value::from);
            let types = [
                1.into(),
                true.into(),
                serde_json::Value::Null,
                serde_json::json!([]),
                serde_json::json!({}),
            ];
            for value in values.chain(types) {
                let mut changed = good.clone();
                changed[name] = value;
                bodies.push(changed.to_string());
            }
        }
        for (operation, uuid, destination) in [
            ("push", SHARED, "internal"),
            ("push", SHARED, "10.243.16"),
            ("push", SHARED, "/mnt/backup_share"),
            ("move", LOCAL, "internal"),
            ("move", SHARED, "/mnt/second_share"),
            ("copy", SHARED, "/mnt/second_share"),
        ] {
            let body = serde_json::json!({"action": "start", "operation": operation, "uuid": uuid,
                "destination": destination});
            bodies.push(body.to_string());
        }
        for operation in ["copy", "move"] {
            let mut cancel = good.clone();
            cancel["action"] = "cancel".into();
            cancel["operation"] = operation.into();
            bodies.push(cancel.to_string());
        }
        for body in bodies {
            let reply = bench.send("PUT", DATA, &body);
            let said = reply.json().unwrap();
            assert_eq!((reply.status, &said["result"]), (400, &"failed".into()), "{body}");
            assert!(said["message"][0]["recovery"][0]["URL"].is_string());
            assert!(said.get("jobId").is_none());
        }
        assert_eq!(bench.state.jobs_started(), 0);
    }

    #[test]
    fn a_push_takes_an_address_of_either_family() {
        for address in [IP, "2001:db8::1", "::1"] {
            assert_eq!(Bench::new().start("push", LOCAL, address).status, 200);
        }
    }

    #[test]
    fn a_start_that_is_in_progress_is_refused_until_it_has_ended() {
        let mut bench = Bench::new();
        assert_eq!(bench.start("copy", BOTH, "internal").status, 200);
        assert_eq!(bench.start("copy", BOTH, "internal").status, 400);
        assert_eq!(bench.start("move", BOTH, "/mnt/second_share").status, 200);
        assert_eq!(bench.start("push", BOTH, IP).status, 200);
        assert_eq!(bench.start("push", LOCAL, IP).status, 400);
        bench.wait(5000);
        assert_eq!(bench.start("push", LOCAL, IP).status, 200);
        assert_eq!(bench.state.jobs_started(), 4);

        let mut bench = Bench::varied(Variant::DuplicateStartAccepted);
        assert_eq!([0, 1].map(|_| bench.start("copy", BOTH, "internal").status), [200, 200]);
    }
}
