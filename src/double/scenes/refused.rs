//! Stories of requests that are refused, of all that is wrong or almost right.
//!
//! Compiled for tests only.

use serde_json::json;

use super::super::http::request::Request;
use super::super::testing::{Bench, DATA, LOCAL, LOCKS, SHARED};
use super::{
    CANCEL_TASKS, DELETE_LOCK, GET_DATA, GET_LOCKS, POST_LOCKS, PUT_DATA, Story, TASK, TASKS,
    later, lock,
};

/// A request of nobody, and of the account without privilege.
fn not_allowed(method: &str, target: &str, body: &str) -> [Request; 2] {
    let request = Request::new(method, target).with_body(body);
    [request.clone(), request.with_basic("OPERATOR", "PASSW0RD")]
}

/// What is refused, and what the lists show after each.
pub(super) fn refused_locks(bench: &mut Bench) -> Story {
    let first = lock(bench);
    let mut story = Vec::new();
    for body in [
        "{}",
        r#"{"component": "XX", "expirationTimeOut": 60}"#,
        r#"{"component": "CN", "expirationTimeOut": "60"}"#,
        r#"{"component": "CN", "expirationTimeOut": 60}"#,
    ] {
        story
            .extend([(POST_LOCKS, bench.send("POST", LOCKS, body)), (GET_LOCKS, bench.get(LOCKS))]);
    }
    let target = format!("{LOCKS}/{first}");
    for request in not_allowed("POST", LOCKS, r#"{"component": "CN", "expirationTimeOut": 60}"#) {
        story.extend([(POST_LOCKS, bench.raw(&request)), (GET_LOCKS, bench.get(LOCKS))]);
    }
    for request in not_allowed("DELETE", &target, "").into_iter().rev() {
        story.extend([(DELETE_LOCK, bench.raw(&request)), (GET_LOCKS, bench.get(LOCKS))]);
    }
    story
}

pub(super) fn refused_transfers(bench: &mut Bench) -> Story {
    let mut story = Vec::new();
    let good = json!({ "action": "start", "operation": "copy", "uuid": SHARED,
        "destination": "internal" });
    let with = |name: &str, value: &str| {
        let mut body = good.clone();
        body[name] = value.into();
        body.to_string()
    };
    let lacks =
        json!({ "action": "start", "operation": "copy", "destination": "internal" }).to_string();
    let lacks_two = json!({ "action": "start", "operation": "copy" }).to_string();
    let refused = [
        lacks,
        lacks_two,
        with("operation", "rename"),
        with("destination", "/mnt/none"),
        with("uuid", "none"),
        with("action", "stop"),
    ];
    let requests = refused.iter().map(|body| {
        Request::new("PUT", DATA).with_body(body.clone()).with_basic("USERID", "PASSW0RD")
    });
    for request in requests.chain(not_allowed("PUT", DATA, &good.to_string())) {
        story.extend([
            (PUT_DATA, bench.raw(&request)),
            (TASKS, bench.get("/tasks")),
            (GET_DATA, bench.get(DATA)),
            (GET_LOCKS, bench.get(LOCKS)),
        ]);
        later(bench, 4000);
    }
    story.push((PUT_DATA, bench.start("copy", SHARED, "internal")));
    story
}

pub(super) fn refused_cancels(bench: &mut Bench) -> Story {
    let mut story = Vec::new();
    for (request, id) in not_allowed("PUT", DATA, r#"{"action": "cancel", "operation": "push"}"#)
        .into_iter()
        .zip(17..)
    {
        story.extend([
            (PUT_DATA, bench.start("push", LOCAL, "10.243.16.45")),
            (PUT_DATA, bench.raw(&request)),
            (TASK, bench.get(&format!("/tasks/{id}"))),
        ]);
        later(bench, 10_000);
    }
    for (user, id) in [0, 1].into_iter().zip(19..) {
        story.push((PUT_DATA, bench.start("copy", SHARED, "internal")));
        let request = &not_allowed(
            "PUT",
            "/tasks",
            &json!({ "action": "cancel", "list": [id.to_string()] }).to_string(),
        )[user];
        story.extend([
            (CANCEL_TASKS, bench.raw(request)),
            (TASK, bench.get(&format!("/tasks/{id}"))),
        ]);
        later(bench, 10_000);
    }
    story
}

/// What is almost right, of each operation. What one of them starts ends before the next.
pub(super) fn near_misses(bench: &mut Bench) -> Story {
    let mut story = Vec::new();
    for (operation, uuid, destination) in [
        ("copy", LOCAL, "/mnt/second_share"),
        ("push", LOCAL, "10.243.16.45"),
        ("move", LOCAL, "/mnt/second_share"),
    ] {
        let good = json!({ "action": "start", "operation": operation, "uuid": uuid,
            "destination": destination });
        for name in ["uuid", "destination", "operation"] {
            let right = good[name].as_str().unwrap_or_default();
            for near in [
                json!(&right[..right.len() - 1]),
                json!(format!("{right}x")),
                json!(format!(" {right}")),
                json!([right]),
                json!(right.to_uppercase()),
            ] {
                if name == "destination"
                    && operation == "push"
                    && near.as_str() != Some(&format!(" {right}"))
                    && near.is_string()
                {
                    continue;
                }
                let mut body = good.clone();
                body[name] = near;
                story.push((PUT_DATA, bench.send("PUT", DATA, &body.to_string())));
                later(bench, 10_000);
            }
        }
    }
    story
}

pub(super) fn refusals(bench: &mut Bench) -> Story {
    let mut bodies =
        vec!["{".to_owned(), json!({ "action": "cancel", "operation": "copy" }).to_string()];
    for (operation, destination) in [("copy", "internal"), ("push", "10.243.16.45")] {
        let good = json!({ "action": "start", "operation": operation, "uuid": SHARED,
            "destination": destination });
        for name in ["action", "operation", "uuid", "destination"] {
            let mut without = good.clone();
            without.as_object_mut().unwrap().remove(name);
            let (mut wrong, mut number, mut upper) = (good.clone(), good.clone(), good.clone());
            wrong[name] = "unknown".into();
            number[name] = 1.into();
            upper[name] = good[name].as_str().unwrap().to_uppercase().into();
            bodies.extend([without, wrong, number, upper].map(|body| body.to_string()));
        }
    }
    bodies.iter().map(|body| (PUT_DATA, bench.send("PUT", DATA, body))).collect()
}
