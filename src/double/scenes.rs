//! Small stories that are played on a plain double and on one with a fault or a variant, to see what differs.
//!
//! Compiled for tests only.

use serde_json::json;

use super::request::{Reply, Request};
use super::state::Options;
use super::testing::{BOTH, Bench, DATA, LOCAL, LOCKS, SHARED, cookie};

/// The places of the operations, as faults name them.
pub(super) const PUT_DATA: &str = "PUT /managementServer/data";
const GET_DATA: &str = "GET /managementServer/data";
const GET_LOCKS: &str = "GET /aicc/service/sftp/locks";
const POST_LOCKS: &str = "POST /aicc/service/sftp/locks";
const TASKS: &str = "GET /tasks/{job_list}";
const SESSIONS: &str = "POST /sessions";

type Story = Vec<(&'static str, Reply)>;

/// Every scene on a double of its own, each as the places and the replies in order.
pub(super) fn play(options: &Options) -> Vec<Story> {
    SCENES.iter().map(|scene| scene(&mut Bench::with(options.clone()))).collect()
}

const SCENES: [fn(&mut Bench) -> Story; 14] = [
    |b| vec![("GET /aicc", b.get("/aicc"))],
    |b| vec![(GET_LOCKS, b.get(LOCKS)), (GET_LOCKS, later(b, 1_200_000).get(LOCKS))],
    |b| {
        vec![("GET /aicc/service/sftp/locks/{id}", {
            let id = lock(b);
            b.get(&format!("{LOCKS}/{id}"))
        })]
    },
    |b| vec![(GET_DATA, b.get(DATA))],
    strangers,
    sessions,
    locks,
    |b| {
        let target = format!("{LOCKS}/unknown");
        vec![("DELETE /aicc/service/sftp/locks/{id}", b.send("DELETE", &target, ""))]
    },
    |b| {
        let target = format!("{DATA}/{BOTH}?location=internal");
        vec![("DELETE /managementServer/data/{uuid}", b.send("DELETE", &target, "")), (GET_DATA, b.get(DATA))]
    },
    |b| transfer(b, "copy", SHARED, "internal"),
    |b| transfer(b, "move", LOCAL, "/mnt/second_share"),
    |b| {
        let mut story = transfer(b, "push", SHARED, "10.243.16.45");
        story.extend([(PUT_DATA, b.start("push", LOCAL, "10.243.16.45")), (PUT_DATA, b.cancel_push())]);
        story.extend([(PUT_DATA, b.cancel_push()), (TASKS, later(b, 10_000).get("/tasks/17,18"))]);
        story
    },
    |b| {
        let starts = [("copy", BOTH), ("copy", BOTH), ("move", BOTH)];
        starts.map(|(operation, uuid)| (PUT_DATA, b.start(operation, uuid, "/mnt/second_share"))).into()
    },
    refusals,
];

fn later(bench: &mut Bench, milliseconds: i64) -> &mut Bench {
    bench.wait(milliseconds);
    bench
}

/// The id of the first lock, whatever the list says.
fn lock(bench: &Bench) -> String {
    bench.state.locks[0].id.clone()
}

fn strangers(bench: &mut Bench) -> Story {
    let mut story = Vec::new();
    for (place, method, target) in [("GET /aicc", "GET", "/aicc"), (GET_LOCKS, "GET", LOCKS), (PUT_DATA, "PUT", DATA)] {
        let request = Request::new(method, target);
        story.push((place, bench.raw(&request)));
        story.push((place, bench.raw(&request.clone().with_basic("USERID", "wrong"))));
        story.push((place, bench.raw(&request.clone().with_basic("OPERATOR", "PASSW0RD"))));
    }
    story
}

fn sessions(bench: &mut Bench) -> Story {
    let login = bench.login("USERID", "PASSW0RD");
    let cookies = format!("JSESSIONID={}", cookie(&login, "JSESSIONID"));
    let write = Request::new("DELETE", "/sessions/x").with_header("Cookie", &cookies);
    vec![(SESSIONS, login), (SESSIONS, bench.login("USERID", "wrong")), ("DELETE /sessions/{id}", bench.raw(&write))]
}

fn locks(bench: &mut Bench) -> Story {
    let create = |bench: &mut Bench, component: &str, seconds: serde_json::Value| {
        let body = json!({ "component": component, "expirationTimeOut": seconds });
        (POST_LOCKS, bench.send("POST", LOCKS, &body.to_string()))
    };
    let first = lock(bench);
    vec![
        create(bench, "CN", 60.into()),
        (GET_LOCKS, bench.get(LOCKS)),
        create(bench, "XX", 60.into()),
        create(bench, "CN", "60".into()),
        ("DELETE /aicc/service/sftp/locks/{id}", bench.send("DELETE", &format!("{LOCKS}/{first}"), "")),
        (GET_LOCKS, bench.get(LOCKS)),
    ]
}

fn transfer(bench: &mut Bench, operation: &str, uuid: &str, destination: &str) -> Story {
    vec![(PUT_DATA, bench.start(operation, uuid, destination)), (TASKS, bench.get("/tasks/17")), (TASKS, later(bench, 3000).get("/tasks/17")), (GET_DATA, bench.get(DATA))]
}

fn refusals(bench: &mut Bench) -> Story {
    let good = json!({ "action": "start", "operation": "copy", "uuid": SHARED, "destination": "internal" });
    let mut bodies = vec!["{".to_owned()];
    for name in ["action", "operation", "uuid", "destination"] {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(name);
        let (mut wrong, mut number) = (good.clone(), good.clone());
        wrong[name] = "unknown".into();
        number[name] = 1.into();
        bodies.extend([without, wrong, number].map(|body| body.to_string()));
    }
    bodies.push(json!({ "action": "cancel", "operation": "copy" }).to_string());
    bodies.iter().map(|body| (PUT_DATA, bench.send("PUT", DATA, body))).collect()
}
