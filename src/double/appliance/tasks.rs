//! The two views of the jobs: `/tasks`, and the older `/jobs` that some clients still read.
//!
//! Must not know what a job does.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::http::answer::{Answer, Kind};
use super::super::http::errors::{self, Shape};
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::terms::clock::{later_by_seconds, stamp};
use super::auth::Caller;
use super::errand::Kind as Purpose;
use super::jobs;
use super::state::State;
use super::things::{Job, Work};

/// The jobs that may be shown.
fn visible(state: &State) -> impl Iterator<Item = &Job> {
    let hidden = |job: &Job| {
        let of_its_kind = match &job.work {
            Work::Copy { .. } => Fault::CopyJobUnknown,
            Work::Move { .. } => Fault::MoveJobUnknown,
            Work::Push { .. } => Fault::PushJobUnknown,
            Work::Errand(errand) => unknown_of(errand.kind),
            Work::Idle => Fault::JobUnknown,
        };
        let has = |fault| job.faults.contains(&fault);
        has(Fault::JobUnknown) || has(of_its_kind) || (!job.is_active() && has(Fault::JobForgotten))
    };
    state.jobs.iter().filter(move |job| !hidden(job))
}

/// The fault that keeps the jobs of a kind of errand out of the lists.
fn unknown_of(kind: Purpose) -> Fault {
    match kind {
        Purpose::Power => Fault::PowerJobUnknown,
        Purpose::Controller => Fault::ControllerJobUnknown,
        Purpose::Update => Fault::UpdateJobUnknown,
        Purpose::Repository => Fault::RepositoryJobUnknown,
        Purpose::Collect => Fault::CollectJobUnknown,
        Purpose::Manage => Fault::ManageJobUnknown,
        Purpose::Discover => Fault::DiscoverJobUnknown,
        Purpose::Unmanage => Fault::UnmanageJobUnknown,
        Purpose::Inventory | Purpose::Assign => Fault::JobUnknown,
    }
}

fn refuse(status: u16, problem: &errors::Problem) -> Answer {
    Answer::refusal(status, problem, Shape::Plural)
}

fn unknown() -> errors::Problem {
    errors::not_found("No job has an id that the request names.")
}

/// `GET /tasks` without ids, `GET /tasks/{job_list}` with them. Always an array.
pub(crate) fn list(
    state: &State,
    ids: Option<&[String]>,
    request: &Request,
    now: Timestamp,
) -> Answer {
    let compact = request.query("compact") == Some("true");
    let rows: Vec<Value> = visible(state)
        .filter(|job| asked(state, job, ids, now))
        .map(|job| task(state, job, compact, now))
        .collect();
    if ids.is_some() && rows.is_empty() {
        return refuse(404, &unknown());
    }
    let kind = if ids.is_some() { Kind::OneTask } else { Kind::Tasks };
    Answer::json(200, kind, Value::Array(rows))
}

/// Whether a job belongs in a list; without ids, all do.
fn asked(state: &State, job: &Job, ids: Option<&[String]>, now: Timestamp) -> bool {
    let Some(ids) = ids else { return !job.is_active() || !state.has(Fault::TasksOnlyEnded) };
    if state.has(Fault::TaskGetAll) {
        return true;
    }
    if state.has(Fault::TaskOfAnotherJob) {
        return state.jobs.first().is_some_and(|first| first.id == job.id);
    }
    let old = job.ended.is_some_and(|(_, at)| later_by_seconds(at, 60) < now);
    let ids = if state.has(Fault::TasksOfListFirstOnly) { &ids[..ids.len().min(1)] } else { ids };
    ids.contains(&job.id) && !(old && state.has(Fault::TaskGetNotFound))
}

fn task(state: &State, job: &Job, compact: bool, now: Timestamp) -> Value {
    let percentage = job.percentage(now);
    let percentage = if state.varies(Variant::PercentageInteger) {
        json!(percentage)
    } else {
        // A percentage is small, so nothing is lost.
        json!(f64::from(i32::try_from(percentage).unwrap_or(100)))
    };
    let mut task = json!({
        "jobUID": job.id,
        "name": job.work.title(),
        "status": job.status(now),
        "percentage": percentage,
        "complete": !job.is_active(),
        "createdBy": *job.by,
        "startTime": stamp(job.started),
        "endTime": job.ended.map(|(_, at)| stamp(at)).unwrap_or_default(),
    });
    if !compact {
        task["children"] = json!([]);
    }
    task
}

/// `PUT /tasks`: cancels the jobs of a list.
pub(crate) fn cancel(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    let bad = |explanation: &str| {
        refuse(400, &errors::bad_request(explanation)).of_kind(Kind::TasksCancelRefused)
    };
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    if body["action"] != "cancel" && state.has(Fault::TasksCancelActionNotChecked) {
        return Answer::empty(200, Kind::TasksCancelled);
    }
    if body["action"] != "cancel" {
        return bad("The attribute `action` is missing, or it is not `cancel`.");
    }
    let ids: Option<Vec<String>> = body["list"]
        .as_array()
        .and_then(|list| list.iter().map(|id| id.as_str().map(str::to_owned)).collect())
        .filter(|ids: &Vec<String>| !ids.is_empty());
    if ids.is_none() && state.has(Fault::TasksCancelListNotRequired) {
        return Answer::empty(200, Kind::TasksCancelled);
    }
    let Some(ids) = ids else { return bad("The attribute `list` is not an array of job ids.") };
    if !ids.iter().all(|id| visible(state).any(|job| job.id == *id)) {
        return bad("No job has one of the ids in `list`.");
    }
    if ids.iter().any(|id| state.jobs.iter().any(|job| job.id == *id && !job.is_active())) {
        let problem = errors::Problem::new(
            "FQXHMSE0412J",
            "A job can't be cancelled any more.",
            "At least one of the jobs in `list` has ended already.",
        );
        return refuse(412, &problem);
    }
    if state.has(Fault::TasksCancelStopsEveryJob) {
        jobs::cancel_all(state, &caller.user, now);
    }
    for id in &ids {
        jobs::cancel(state, id, &caller.user, now);
    }
    Answer::empty(200, Kind::TasksCancelled)
}

/// `DELETE /tasks/{job_list}`: forgets jobs that have ended.
pub(crate) fn delete(state: &mut State, ids: &[String]) -> Answer {
    let named = |job: &Job| ids.contains(&job.id);
    if !ids.iter().all(|id| visible(state).any(|job| job.id == *id)) {
        return refuse(404, &unknown());
    }
    if state.jobs.iter().any(|job| named(job) && job.is_active()) {
        return refuse(
            400,
            &errors::bad_request("At least one of the jobs is still running; cancel it first."),
        );
    }
    state.jobs.retain(|job| !named(job));
    Answer::json(200, Kind::Other, errors::success_body())
}

/// `GET /jobs`
pub(crate) fn jobs_list(state: &State, request: &Request, now: Timestamp) -> Answer {
    let asked = |name| request.query(name).filter(|value| !value.is_empty());
    let (as_asked, of) = (asked("state"), asked("uuid"));
    let ignored = state.has(Fault::JobsFilterIgnored);
    let passes = |row: &Value| {
        ignored
            || (as_asked.is_none_or(|state| row["status"]["state"] == state)
                && of.is_none_or(|uuid| {
                    row["uuid"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(uuid))
                }))
    };
    let rows = visible(state).map(|job| old_view(job, now)).filter(passes);
    let rows = rows.map(|row| chosen(row, request));
    Answer::json(200, Kind::Other, rows.collect())
}

/// `GET /jobs/{id}`: one object.
pub(crate) fn jobs_get(state: &State, id: &str, request: &Request, now: Timestamp) -> Answer {
    match visible(state).find(|job| job.id == id) {
        Some(job) => {
            let mut view = old_view(job, now);
            view["legacy"] = false.into();
            Answer::json(200, Kind::Other, chosen(view, request))
        }
        None => refuse(404, &unknown()),
    }
}

/// The members of a job that are shown whatever is asked for.
const BASE: [&str; 2] = ["id", "uuid"];

/// A job with the members that a request asks for.
fn chosen(mut job: Value, request: &Request) -> Value {
    let names = |name| request.query(name).filter(|names| !names.is_empty());
    let has = |names: &str, member: &str| names.split(',').any(|name| name.trim() == member);
    let (include, exclude) = (names("includeAttributes"), names("excludeAttributes"));
    if let Some(members) = job.as_object_mut() {
        members.retain(|member, _| {
            BASE.contains(&member.as_str())
                || (include.is_none_or(|names| has(names, member))
                    && !exclude.is_some_and(|names| has(names, member)))
        });
    }
    job
}

/// Where the texts of jobs come from, as the recorded appliances name it.
const BUNDLE: &str = "com.lenovo.lxca.discovery.bundle.tasks.messages";

fn old_view(job: &Job, now: Timestamp) -> Value {
    let mut view = step(job, "", &job.work.title(), now);
    let mut first = step(job, ".1", "Starting", now);
    if job.status(now) != "Pending" {
        first["status"]["state"] = "Complete".into();
        first["status"]["percentage"] = 100.into();
        first["endTime"] = stamp(job.started).into();
    }
    view["status"]["substatus"] = json!([first]);
    if let Some((_, at)) = job.ended {
        let text = format!("The job ended at {}.", stamp(at));
        let entry =
            json!({ "messageID": "1014_LONG", "messageBundle": BUNDLE, "messageDisplay": text });
        view["status"]["description"] = json!([entry]);
    }
    view
}

/// A job, or a step of one.
fn step(job: &Job, suffix: &str, title: &str, now: Timestamp) -> Value {
    let about = match &job.work {
        Work::Errand(errand) if !errand.first().contains(['.', ':', '_']) => {
            errand.first().to_owned()
        }
        _ => format!("{:0>32}", job.id.replace(|c: char| !c.is_ascii_digit(), "")),
    };
    json!({
        "id": format!("{}{suffix}", job.id),
        "uuid": about,
        "category": "MANAGEMENT",
        "typeId": -1,
        "isCancelable": suffix.is_empty() && job.is_active(),
        "status": {
            "state": job.status(now),
            "percentage": job.percentage(now),
            "description": [],
            "substatus": [],
        },
        "messageID": if suffix.is_empty() { "0509_LONG" } else { "1000_SHORT" },
        "messageDisplay": title,
        "messageBundle": BUNDLE,
        "messageParameters": parameters(job),
        "createdBy": *job.by,
        "cancelledBy": *job.cancelled_by,
        "cancelURI": "",
        "startTime": stamp(job.started),
        "endTime": job.ended.map(|(_, at)| stamp(at)).unwrap_or_default(),
    })
}

/// What a text about a job is about.
fn parameters(job: &Job) -> Vec<&str> {
    match &job.work {
        Work::Errand(errand) => errand.targets.iter().map(|target| &*target.id).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{BOTH, Bench, LOCAL};

    #[test]
    fn tasks_are_always_an_array_and_compact_leaves_the_children_out() {
        let mut bench = Bench::new();
        assert_eq!(
            bench.get_json("/tasks").as_array().unwrap().len(),
            1,
            "the job that the appliance has behind it"
        );
        bench.start("copy", LOCAL, "/mnt/backup_share");
        bench.start("push", BOTH, "10.0.0.1");
        assert_eq!(bench.get_json("/tasks/17,18").as_array().unwrap().len(), 2);
        assert_eq!(bench.get_json("/tasks/18,99")[0]["jobUID"], "18");
        assert_eq!(bench.get("/tasks/99").status, 404);
        assert!(bench.get_json("/tasks/17")[0]["children"].is_array());
        assert!(bench.get_json("/tasks/17?compact=true")[0].get("children").is_none());
        assert_eq!(bench.get_json("/jobs")[2]["id"], "18");
        assert_eq!(bench.get_json("/jobs/18")["status"]["percentage"], 0);
    }

    #[test]
    fn jobs_are_cancelled_once_and_deleted_when_they_have_ended() {
        let mut bench = Bench::new();
        bench.start("copy", LOCAL, "/mnt/backup_share");
        let cancel = |ids: &str| format!(r#"{{"action": "cancel", "list": {ids}}}"#);
        for ids in ["[]", "17", "[17]", r#"["99"]"#] {
            assert_eq!(bench.send("PUT", "/tasks", &cancel(ids)).status, 400, "{ids}");
        }
        assert_eq!(bench.send("PUT", "/tasks", r#"{"list": ["17"]}"#).status, 400);
        assert_eq!(bench.send("DELETE", "/tasks/17", "").status, 400);
        let reply = bench.send("PUT", "/tasks", &cancel(r#"["17"]"#));
        assert_eq!((reply.status, reply.body.len()), (200, 0));
        assert_eq!(bench.send("PUT", "/tasks", &cancel(r#"["17"]"#)).status, 412);
        bench.wait(9000);
        assert_eq!(bench.get_json("/tasks/17")[0]["status"], "Cancelled");
        assert_eq!(bench.locations(LOCAL), ["internal"]);
        assert_eq!([0, 1].map(|_| bench.send("DELETE", "/tasks/17", "").status), [200, 404]);
    }
}
