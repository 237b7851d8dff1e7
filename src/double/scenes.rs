//! Small stories that are played on a plain double and on one with a fault or a variant, to see
//! what differs.
//!
//! Compiled for tests only.

mod refused;

use serde_json::json;

use super::appliance::options::Options;
use super::http::request::{Reply, Request};
use super::testing::{BOTH, Bench, DATA, LOCAL, LOCKS, SHARED, cookie};

use refused::{near_misses, refusals, refused_cancels, refused_locks, refused_transfers};

/// The places of the operations, as faults name them.
pub(crate) const PUT_DATA: &str = "PUT /managementServer/data";
const GET_DATA: &str = "GET /managementServer/data";
const GET_LOCKS: &str = "GET /aicc/service/sftp/locks";
const POST_LOCKS: &str = "POST /aicc/service/sftp/locks";
const GET_LOCK: &str = "GET /aicc/service/sftp/locks/{id}";
const DELETE_LOCK: &str = "DELETE /aicc/service/sftp/locks/{id}";
const DELETE_BACKUP: &str = "DELETE /managementServer/data/{uuid}";
const TASK: &str = "GET /tasks/{job_list}";
const TASKS: &str = "GET /tasks";
const CANCEL_TASKS: &str = "PUT /tasks";
const SESSIONS: &str = "POST /sessions";

pub(crate) type Story = Vec<(&'static str, Reply)>;

/// Every scene on a double of its own, each as the places and the replies in order.
pub(crate) fn play(options: &Options) -> Vec<Story> {
    SCENES.iter().map(|scene| scene(&mut Bench::with(options.clone()))).collect()
}

const SCENES: &[fn(&mut Bench) -> Story] = &[
    |b| {
        let packed = Request::new("GET", "/aicc")
            .with_basic("USERID", "PASSW0RD")
            .with_header("Accept-Encoding", "gzip, deflate");
        vec![("GET /aicc", b.get("/aicc")), ("GET /aicc", b.raw(&packed))]
    },
    |b| {
        vec![
            (GET_LOCKS, b.get(LOCKS)),
            (GET_LOCKS, later(b, 60_000).get(LOCKS)),
            (GET_LOCKS, later(b, 1_200_000).get(LOCKS)),
        ]
    },
    |b| {
        let mut story: Story = vec![(
            POST_LOCKS,
            b.send("POST", LOCKS, r#"{"component": "CN", "expirationTimeOut": 50}"#),
        )];
        story.extend(
            [15_000, 12_000, 8_000, 10_000].map(|wait| (GET_LOCKS, later(b, wait).get(LOCKS))),
        );
        // One of those fifty seconds is over now, and only now.
        story.extend([5_001, 9_000, 20_000].map(|wait| (GET_LOCKS, later(b, wait).get(LOCKS))));
        story
    },
    |b| {
        let made = [("CN", 10), ("CR", 50)].map(|(component, seconds)| {
            format!(r#"{{"component": "{component}", "expirationTimeOut": {seconds}}}"#)
        });
        let mut story: Story =
            made.iter().map(|body| (POST_LOCKS, b.send("POST", LOCKS, body))).collect();
        story.extend(
            [6000, 6000, 13_000, 10_000].map(|wait| (GET_LOCKS, later(b, wait).get(LOCKS))),
        );
        story
    },
    |b| {
        // The lock of the start: no fault of the others that are made has a hand in it.
        let target = format!("{LOCKS}/{}", lock(b));
        [0, 1_300_000].map(|wait| (GET_LOCK, later(b, wait).get(&target))).into()
    },
    single_locks,
    |b| {
        let created = b.send("POST", LOCKS, r#"{"component": "CN", "expirationTimeOut": 60}"#);
        vec![(POST_LOCKS, created), (GET_LOCKS, later(b, 60_000).get(LOCKS))]
    },
    |b| vec![(GET_DATA, b.get(DATA))],
    strangers,
    sessions,
    locks,
    |b| {
        vec![
            ("PUT /aicc/service/sftp/locks", b.send("PUT", LOCKS, "{}")),
            ("PATCH /aicc/service/sftp/locks", b.send("PATCH", LOCKS, "{}")),
        ]
    },
    |b| vec![("DELETE /aicc/service/sftp/locks", b.send("DELETE", LOCKS, ""))],
    |b| vec![("PATCH /managementServer/data", b.send("PATCH", DATA, "{}"))],
    |b| vec![("GET /managementServer/updates", b.get("/managementServer/updates"))],
    |b| vec![("GET /licenseCompliance", b.get("/licenseCompliance"))],
    |b| {
        // A stranger who knows what there is.
        let target = format!("{LOCKS}/{}", lock(b));
        vec![(GET_LOCK, b.raw(&Request::new("GET", &target)))]
    },
    |b| vec![(DELETE_LOCK, b.send("DELETE", &format!("{LOCKS}/unknown"), ""))],
    |b| {
        let targets = ["", "?location=nowhere", "?location=internal"]
            .map(|location| format!("{DATA}/{BOTH}{location}"));
        let mut story: Story =
            targets.iter().map(|target| (DELETE_BACKUP, b.send("DELETE", target, ""))).collect();
        story.extend([
            (GET_DATA, b.get(DATA)),
            (DELETE_BACKUP, b.send("DELETE", &format!("{DATA}/unknown?location=internal"), "")),
        ]);
        story
    },
    |b| {
        let target = format!("{DATA}/{LOCAL}?location=internal");
        vec![(DELETE_BACKUP, b.send("DELETE", &target, "")), (GET_DATA, b.get(DATA))]
    },
    |b| transfer(b, "copy", SHARED, "internal"),
    |b| transfer(b, "copy", LOCAL, "/mnt/second_share"),
    |b| transfer(b, "move", LOCAL, "/mnt/second_share"),
    |b| {
        let mut story = transfer(b, "push", LOCAL, "10.243.16.45");
        story.push((TASK, later(b, 8000).get("/tasks/17")));
        story
    },
    |b| {
        let mut story = transfer(b, "push", SHARED, "10.243.16.45");
        story.extend([
            (TASK, later(b, 8000).get("/tasks/17")),
            (PUT_DATA, b.start("push", LOCAL, "10.243.16.45")),
            (PUT_DATA, b.cancel_push()),
        ]);
        story.extend([(PUT_DATA, b.cancel_push()), (TASK, later(b, 10_000).get("/tasks/17,18"))]);
        story
    },
    |b| {
        let starts = [("copy", BOTH), ("copy", BOTH), ("move", BOTH)];
        starts
            .map(|(operation, uuid)| (PUT_DATA, b.start(operation, uuid, "/mnt/second_share")))
            .into()
    },
    refusals,
    near_misses,
    spellings,
    readings,
    tasks,
    refused_locks,
    refused_transfers,
    refused_cancels,
    jobs_side_by_side,
    |b| {
        // Long enough for somebody else to do something meanwhile.
        (0..45).for_each(|_| drop(b.get(LOCKS)));
        vec![(TASKS, b.get("/tasks")), (GET_LOCKS, b.get(LOCKS))]
    },
];

fn later(bench: &mut Bench, milliseconds: i64) -> &mut Bench {
    bench.wait(milliseconds);
    bench
}

/// The id of the first lock, whatever the list says.
fn lock(bench: &Bench) -> String {
    bench.state.locks.first().map_or_else(|| "none".to_owned(), |lock| lock.id.clone())
}

/// Who asks for what, in an order that matters: a supervisor has been here before the second half.
fn strangers(bench: &mut Bench) -> Story {
    const OPERATIONS: [(&str, &str, &str); 11] = [
        ("GET /aicc", "GET", "/aicc"),
        (GET_LOCKS, "GET", LOCKS),
        ("POST /aicc/service/sftp/locks", "POST", LOCKS),
        (GET_LOCK, "GET", "/aicc/service/sftp/locks/unknown"),
        (DELETE_LOCK, "DELETE", "/aicc/service/sftp/locks/unknown"),
        (GET_DATA, "GET", DATA),
        (PUT_DATA, "PUT", DATA),
        (DELETE_BACKUP, "DELETE", "/managementServer/data/unknown"),
        (TASKS, "GET", "/tasks"),
        (CANCEL_TASKS, "PUT", "/tasks"),
        (TASK, "GET", "/tasks/16"),
    ];
    let mut story = Vec::new();
    for (place, method, target) in OPERATIONS {
        let request = Request::new(method, target);
        let unreadable = request.clone().with_header("Authorization", "Basic %%%");
        let basic = |user, password| request.clone().with_basic(user, password);
        for asked in [
            request.clone(),
            unreadable,
            basic("USERID", "wrong"),
            basic("NOBODY", "PASSW0RD"),
            basic("OPERATOR", "PASSW0RD"),
        ] {
            story.push((place, bench.raw(&asked)));
        }
    }
    story.push(("GET /userAccounts", bench.get("/userAccounts")));
    for (place, method, target) in OPERATIONS {
        story.push((place, bench.raw(&Request::new(method, target))));
        story.push((
            place,
            bench.raw(&Request::new(method, target).with_basic("OPERATOR", "PASSW0RD")),
        ));
    }
    story
}

fn sessions(bench: &mut Bench) -> Story {
    let login = bench.login("USERID", "PASSW0RD");
    let cookies = format!("JSESSIONID={}", cookie(&login, "JSESSIONID"));
    let write = Request::new("DELETE", "/sessions/x").with_header("Cookie", &cookies);
    let token = login
        .headers
        .iter()
        .find_map(|(_, value)| value.strip_prefix("csrf="))
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned();
    let close = Request::new("DELETE", "/sessions")
        .with_header("Cookie", &cookies)
        .with_header("X-Csrf-Token", &token);
    let after = Request::new("GET", LOCKS).with_header("Cookie", &cookies);
    let mut story = vec![
        (SESSIONS, login),
        (SESSIONS, bench.login("USERID", "wrong")),
        ("DELETE /sessions/{id}", bench.raw(&write)),
        ("DELETE /sessions", bench.raw(&close)),
        (GET_LOCKS, bench.raw(&after)),
    ];
    for body in ["{", "{}", r#"{"password": "x"}"#, r#"{"UserId": "nobody"}"#] {
        story.push((SESSIONS, bench.raw(&Request::new("POST", "/sessions").with_body(body))));
    }
    story
}

fn single_locks(bench: &mut Bench) -> Story {
    let mut story = vec![(
        POST_LOCKS,
        bench.send("POST", LOCKS, r#"{"component": "CN", "expirationTimeOut": 60}"#),
    )];
    let ids: Vec<String> = bench
        .state
        .locks
        .iter()
        .map(|lock| lock.id.clone())
        .chain(["unknown".to_owned()])
        .collect();
    story.extend(ids.iter().map(|id| (GET_LOCK, bench.get(&format!("{LOCKS}/{id}")))));
    story
}

fn locks(bench: &mut Bench) -> Story {
    let first = lock(bench);
    let mut story = Vec::new();
    let create = |bench: &mut Bench, body: serde_json::Value| {
        (POST_LOCKS, bench.send("POST", LOCKS, &body.to_string()))
    };
    let own = bench.state.locks.first().map_or("CN", |lock| lock.component);
    for (component, seconds) in [("CN", 60), ("CN", 90), (own, 120)] {
        let lock = json!({ "component": component, "expirationTimeOut": seconds });
        story.push(create(bench, lock));
        story.push((GET_LOCKS, bench.get(LOCKS)));
    }
    for wrong in [
        json!({ "component": "XX", "expirationTimeOut": 60 }),
        json!({ "component": "CN", "expirationTimeOut": "60" }),
        json!({ "component": "CN" }),
        json!({ "expirationTimeOut": 60 }),
    ] {
        story.push(create(bench, wrong));
    }
    story.push((POST_LOCKS, bench.send("POST", LOCKS, "{")));
    story.push((DELETE_LOCK, bench.send("DELETE", &format!("{LOCKS}/{first}"), "")));
    story.push((GET_LOCKS, bench.get(LOCKS)));
    story.push((GET_LOCK, bench.get(&format!("{LOCKS}/{first}"))));
    story
}

fn jobs_side_by_side(bench: &mut Bench) -> Story {
    let mut story = vec![
        (PUT_DATA, bench.start("copy", SHARED, "internal")),
        (PUT_DATA, bench.start("push", LOCAL, "10.243.16.45")),
    ];
    story.extend([
        (GET_DATA, bench.get(DATA)),
        (TASK, bench.get("/tasks/17,18")),
        (PUT_DATA, bench.cancel_push()),
        (TASKS, bench.get("/tasks")),
    ]);
    story.extend([
        (TASKS, later(bench, 2000).get("/tasks")),
        (PUT_DATA, bench.start("move", LOCAL, "/mnt/second_share")),
        (PUT_DATA, bench.start("copy", BOTH, "/mnt/second_share")),
    ]);
    story.extend([
        (GET_DATA, bench.get(DATA)),
        (CANCEL_TASKS, bench.send("PUT", "/tasks", r#"{"action": "cancel", "list": ["20"]}"#)),
        (TASKS, bench.get("/tasks")),
    ]);
    story
}

fn tasks(bench: &mut Bench) -> Story {
    let mut story = vec![(PUT_DATA, bench.start("copy", SHARED, "internal"))];
    story.extend([
        (TASKS, bench.get("/tasks")),
        (TASKS, bench.get("/tasks?compact=true")),
        (TASK, bench.get("/tasks/16")),
    ]);
    for body in [
        r#"{"action": "pause", "list": ["17"]}"#,
        r#"{"action": "cancel"}"#,
        r#"{"action": "cancel", "list": ["17"]}"#,
    ] {
        story.push((CANCEL_TASKS, bench.send("PUT", "/tasks", body)));
    }
    story
}

fn transfer(bench: &mut Bench, operation: &str, uuid: &str, destination: &str) -> Story {
    vec![
        (PUT_DATA, bench.start(operation, uuid, destination)),
        (TASK, bench.get("/tasks/17")),
        (TASK, later(bench, 3000).get("/tasks/17")),
        (GET_DATA, bench.get(DATA)),
    ]
}

/// Right requests in other spellings, and carried in other ways.
fn spellings(bench: &mut Bench) -> Story {
    let basic = |method: &str| Request::new(method, LOCKS).with_basic("USERID", "PASSW0RD");
    let plain = r#"{ "component": "CN", "expirationTimeOut": 60 }"#;
    let bodies = [
        r#"{ "expirationTimeOut": 60, "component": "CN" }"#,
        "{ \"component\": \"CN\",\n \"expirationTimeOut\": 60 }",
        r#"{"component":"CN","expirationTimeOut":60}"#,
        r#"{ "component": "\u0043N", "expirationTimeOut": 60 }"#,
    ];
    let mut story: Story = bodies
        .iter()
        .map(|body| (POST_LOCKS, bench.raw(&basic("POST").with_body(*body))))
        .collect();
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("content-type", "Application/JSON"),
        ("expect", "100-continue"),
        ("transfer-encoding", "chunked"),
    ] {
        story.push((
            POST_LOCKS,
            bench.raw(&basic("POST").with_body(plain).with_header(name, value)),
        ));
    }
    story.extend(
        ["*/*", "application/*", "application/json;q=0.5, text/html"]
            .map(|accept| (GET_LOCKS, bench.raw(&basic("GET").with_header("accept", accept)))),
    );
    story
}

/// The same lists, asked in several ways, with more locks than one.
fn readings(bench: &mut Bench) -> Story {
    let mut story = Vec::new();
    for (component, seconds) in [("CN", 60), ("CN", 60), ("TS", 60), ("FC", 60), ("UI", 60)] {
        story.push((
            POST_LOCKS,
            bench.send(
                "POST",
                LOCKS,
                &json!({ "component": component, "expirationTimeOut": seconds }).to_string(),
            ),
        ));
    }
    let login = bench.login("USERID", "PASSW0RD");
    let cookies = format!("JSESSIONID={}", cookie(&login, "JSESSIONID"));
    for (place, target) in [(GET_LOCKS, LOCKS), (GET_DATA, DATA)] {
        for _ in 0..2 {
            story.push((place, bench.get(target)));
            story.push((
                place,
                bench.raw(&Request::new("GET", target).with_header("Cookie", &cookies)),
            ));
        }
        story.push((
            place,
            bench.raw(
                &Request::new("GET", target)
                    .with_basic("USERID", "PASSW0RD")
                    .with_header("Accept-Encoding", "gzip"),
            ),
        ));
    }
    let upper = SHARED.to_uppercase();
    story.push((PUT_DATA, bench.start("copy", &upper, "internal")));
    story
}
