//! What the scripts say about one request: counted, and put on the answer.
//!
//! Knows which calls there were. Must not know how a script is written, or how bytes reach the
//! wire.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::super::appliance::state::State;
use super::super::http::answer::{Answer, Kind};
use super::super::http::errors::{self, Problem, Shape};
use super::super::http::request::{Request, Wire};
use super::super::http::route::Route;
use super::super::misbehave::edit::{self, Edits};
use super::super::misbehave::fault::Fault;
use super::super::misbehave::script::{Deed, MOST_DELAY, Script};

/// What is to be done about one request.
#[derive(Debug, Default)]
pub(crate) struct Direction {
    delay: Duration,
    /// What becomes of the reply; the first script that has a say has it.
    reply: Option<Deed>,
    /// In force for this request.
    faults: BTreeSet<Fault>,
    /// Changes to the reply, in the order in which they are made.
    edits: Vec<Arc<Edits>>,
    /// The scripts that act, for the log.
    pub(crate) played: Vec<usize>,
}

impl Fault {
    /// Whether it is about what happens between two requests, so that no single call can have it.
    pub(crate) fn is_standing(self) -> bool {
        matches!(self, Self::LocksKeepExpired | Self::LocksExpireTogether | Self::LockGetShowsEnded)
    }
}

impl Direction {
    /// Counts the request in every script that concerns it, and gathers those that act.
    pub(crate) fn take(state: &mut State, request: &Request, route: Option<&Route>) -> Self {
        let mut direction = Self::default();
        let concerned = |script: &Script| script.concerns(&request.method, &request.path, route);
        for (place, script) in
            state.options.scripts.iter().enumerate().filter(|(_, script)| concerned(script))
        {
            let Some(calls) = state.script_calls.get_mut(place) else { continue };
            *calls += 1;
            if !script.acts_on(*calls) {
                continue;
            }
            if script.of.is_none() {
                direction.played.push(place);
            }
            match &script.deed {
                Deed::Delay(delay) => direction.delay = (direction.delay + *delay).min(MOST_DELAY),
                Deed::Fault(fault) => {
                    direction.faults.insert(*fault);
                }
                Deed::Edits(edits) => direction.edits.push(edits.clone()),
                Deed::Lines(lines) => {
                    direction.edits.extend(
                        lines.iter().filter(|line| concerned(line)).filter_map(Script::edits),
                    );
                }
                deed => direction.reply = direction.reply.take().or_else(|| Some(deed.clone())),
            }
        }
        direction
    }

    /// Puts the faults in force; gives back those that were in force before, if that changes
    /// anything.
    pub(crate) fn begin(&mut self, state: &mut State) -> Option<BTreeSet<Fault>> {
        if self.faults.is_empty() {
            return None;
        }
        let standing = state.options.faults.clone();
        state.options.faults.append(&mut self.faults);
        Some(standing)
    }

    /// The answer to a request that is not to be carried out.
    pub(crate) fn instead(&self, request: &Request, route: Option<&Route>) -> Option<Answer> {
        match self.reply.as_ref()? {
            Deed::Drop => {
                let mut answer = Answer::empty(503, Kind::Other);
                answer.wire = Wire::Close;
                Some(answer)
            }
            Deed::Status(status) if *status >= 400 => Some(refusal(*status, request, route)),
            _ => None,
        }
    }

    /// Makes the changes to the answer.
    pub(crate) fn edit(&self, answer: &mut Answer, now: Timestamp) {
        edit::apply(&self.edits, answer, now);
    }

    /// What becomes of an answer to a request that was carried out, and when it is sent.
    pub(crate) fn end(&self, answer: &mut Answer) {
        answer.delay = (answer.delay + self.delay).min(MOST_DELAY);
        match &self.reply {
            Some(Deed::Status(status)) => answer.set_status(*status),
            Some(Deed::DropReply) => answer.wire = Wire::Close,
            Some(Deed::Truncate(bytes)) => answer.wire = Wire::Truncate(*bytes),
            Some(Deed::Half) => answer.wire = Wire::CutShort,
            Some(Deed::Length(by)) => answer.wire = Wire::Length(*by),
            Some(Deed::Garbage) => answer.wire = Wire::Garbage,
            Some(
                Deed::Delay(_) | Deed::Drop | Deed::Fault(_) | Deed::Edits(_) | Deed::Lines(_),
            )
            | None => {}
        }
    }
}

/// An error that nothing but a script asked for.
fn refusal(status: u16, request: &Request, route: Option<&Route>) -> Answer {
    let explanation =
        "A script of the double asked for this answer; the request was not carried out.";
    let problem = match status {
        401 => errors::unauthorized(explanation),
        403 => errors::forbidden(explanation),
        404 => errors::not_found(explanation),
        400 => errors::bad_request(explanation),
        _ => Problem::new("FQXHMSE0500J", "The request could not be carried out.", explanation)
            .recover("Send the request again later."),
    };
    let shape = if route == Some(&Route::Backups) && request.method == "PUT" {
        Shape::Singular
    } else {
        Shape::Plural
    };
    let answer = Answer::json(status, Kind::Other, problem.body(shape));
    if status == 401 {
        answer.with_header("WWW-Authenticate", "Basic realm=\"lxca-double\"")
    } else {
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::appliance::options::Options;
    use super::super::super::misbehave::edit_fault::EditFault;
    use super::super::super::misbehave::script::Script;
    use super::super::super::testing::{BOTH, Bench, DATA, LOCAL, LOCKS, SHARED};
    use super::*;

    fn scripted(lines: &[&str]) -> Bench {
        Bench::with(Options {
            scripts: lines.iter().map(|line| line.parse::<Script>().unwrap()).collect(),
            ..Options::default()
        })
    }

    #[test]
    fn a_status_comes_on_its_call_and_the_request_is_not_carried_out() {
        let mut bench = scripted(&[
            "locks.list: 503 on call 2",
            "backup.transfer: 500 on call 1",
            "tasks.get: 401",
        ]);
        assert_eq!([0; 3].map(|_| bench.get(LOCKS).status), [200, 503, 200]);
        let refused = bench.start("copy", SHARED, "internal");
        assert_eq!((refused.status, &refused.json().unwrap()["result"]), (500, &"failed".into()));
        assert!(refused.json().unwrap()["message"][0]["recovery"].is_array());
        assert_eq!(bench.state.jobs_started(), 0);
        assert_eq!(bench.start("copy", SHARED, "internal").status, 200);
        assert!(bench.get("/tasks/17").header("WWW-Authenticate").is_some());
    }

    #[test]
    fn a_status_below_400_replaces_that_of_a_request_that_was_carried_out() {
        let mut bench = scripted(&["backup.transfer: 202", "locks.list: 204"]);
        let reply = bench.start("copy", SHARED, "internal");
        assert_eq!((reply.status, &reply.json().unwrap()["jobId"]), (202, &"17".into()));
        assert_eq!(bench.state.jobs_started(), 1);
        assert_eq!((bench.get(LOCKS).status, bench.get(LOCKS).body.len()), (204, 0));
    }

    #[test]
    fn calls_that_anybody_makes_count_also_those_that_are_refused_or_unknown() {
        let mut bench = scripted(&["*: 500 on call 3", "GET /storages: 502 from call 2"]);
        assert_eq!(bench.raw(&Request::new("GET", LOCKS)).status, 401);
        assert_eq!(bench.get("/storages").status, 599);
        assert_eq!(bench.get("/storages").status, 500, "the first script that has a say has it");
        assert_eq!(bench.get("/storages").status, 502);
    }

    #[test]
    fn delays_add_up_within_a_bound_and_go_with_anything() {
        let mut bench = scripted(&[
            "locks.list: delay 2s",
            "locks.list: delay 1m on call 1",
            "locks.list: 503 on call 2",
            "tasks.list: delay 9m",
            "tasks.list: delay 9m",
        ]);
        let first = bench.get(LOCKS);
        assert_eq!((first.status, first.delay), (200, Duration::from_secs(62)));
        let second = bench.get(LOCKS);
        assert_eq!((second.status, second.delay), (503, Duration::from_secs(2)));
        assert_eq!(bench.get("/tasks").delay, MOST_DELAY);
    }

    #[test]
    fn a_connection_is_dropped_before_or_after_the_request_is_carried_out() {
        for (line, wire, jobs) in [
            ("backup.transfer: drop", Wire::Close, 0),
            ("backup.transfer: drop-reply", Wire::Close, 1),
            ("backup.transfer: truncate after 7 bytes", Wire::Truncate(7), 1),
            ("backup.transfer: wire-cut-short", Wire::CutShort, 1),
            ("backup.transfer: content-length +3", Wire::Length(3), 1),
            ("backup.transfer: garbage", Wire::Garbage, 1),
        ] {
            let mut bench = scripted(&[line]);
            assert_eq!(bench.start("copy", SHARED, "internal").wire, wire, "{line}");
            assert_eq!(bench.state.jobs_started(), jobs, "{line}");
        }
    }

    #[test]
    fn a_named_fault_is_in_force_on_its_calls_and_for_what_they_leave_behind() {
        let mut bench = scripted(&[
            "locks.list: locks-newest-three on call 2",
            "backup.transfer: job-fails on call 2",
            "backup.transfer: job-never-ends on call 3",
        ]);
        for component in ["CN", "CR", "DI"] {
            let body = format!(r#"{{"component": "{component}", "expirationTimeOut": 60}}"#);
            assert_eq!(bench.send("POST", LOCKS, &body).status, 201);
        }
        let lengths = [0; 3].map(|_| bench.get_json(LOCKS).as_array().unwrap().len());
        assert_eq!(lengths, [4, 3, 4]);
        bench.start("copy", SHARED, "internal");
        bench.start("copy", LOCAL, "/mnt/backup_share");
        bench.start("copy", BOTH, "/mnt/second_share");
        bench.wait(3000);
        let ends: Vec<_> = bench
            .get_json("/tasks/17,18,19")
            .as_array()
            .unwrap()
            .iter()
            .map(|task| task["status"].clone())
            .collect();
        assert_eq!(ends, ["Complete", "Stopped_With_Error", "Running"]);
        assert!(bench.state.options().faults.is_empty());
    }

    #[test]
    fn edits_come_on_their_calls_and_for_the_answers_that_they_are_for() {
        let mut bench = scripted(&[
            "locks.list: set /0/component \"XX\"; status 202 on call 2",
            "backup.transfer 400: body on call 1",
            "* 4xx without /messages: add /message/0/id 17",
        ]);
        let seen = [0; 3].map(|_| bench.get(LOCKS)).map(|reply| {
            (reply.status, reply.json().unwrap()[0]["component"].as_str().unwrap().to_owned())
        });
        assert_eq!(seen, [(200, "UP".into()), (202, "XX".into()), (200, "UP".into())]);
        assert_eq!(bench.send("PUT", DATA, "{").body.len(), 0);
        assert_eq!(bench.send("PUT", DATA, "{").json().unwrap()["message"][0]["id"], 17);
        assert!(bench.get("/tasks/none").json().unwrap()["messages"][0]["id"].is_string());
    }

    #[test]
    fn the_lines_of_a_fault_of_a_table_come_in_force_by_its_name_and_are_no_scripts() {
        let lines = ["locks.list: drop /*/id", "tasks.get: type text/html"];
        let fault = EditFault::read("two-things", "Two things.", &lines).unwrap();
        assert_eq!((fault.place(), fault.name()), ("*", "two-things"));
        let mut options = Options::default();
        options.play(&fault);
        let mut bench = Bench::with(options);
        assert!(bench.get_json(LOCKS)[0]["component"].is_string());
        assert!(bench.get_json(LOCKS)[0].get("id").is_none());
        assert_eq!(bench.get("/tasks/16").header("Content-Type"), Some("text/html"));
        let told = bench.state.options().fault_names();
        assert_eq!(told, ["two-things"]);

        let script =
            Script::read("locks.list: two-things on call 2", std::slice::from_ref(&fault)).unwrap();
        let mut bench = Bench::with(Options { scripts: vec![script], ..Options::default() });
        let ids = [0; 3].map(|_| bench.get_json(LOCKS)[0].get("id").is_some());
        assert_eq!(ids, [true, false, true]);
        assert_eq!(
            bench.get("/tasks/16").header("Content-Type"),
            Some("application/json; charset=UTF-8")
        );
        let wrong = EditFault::read("no-edit", "Nothing.", &["locks.list: 503"]).unwrap_err();
        assert!(wrong.to_string().contains("edits no reply"), "{wrong}");
    }

    #[test]
    fn scripts_are_counted_apart_and_the_same_calls_give_the_same_replies() {
        let run = || {
            let mut bench = scripted(&[
                "*: 500 every 3 calls",
                "backup.list: 502 on call 2",
                "backup.list: 503 on call 2",
            ]);
            (0..9)
                .map(|call| bench.get(if call % 2 == 0 { DATA } else { LOCKS }).status)
                .collect::<Vec<_>>()
        };
        assert_eq!(run(), [200, 200, 500, 200, 200, 500, 200, 200, 500]);
        assert_eq!(run(), run());
    }
}
