//! The jobs behind copy, move and push, and those for devices: how they advance with time and what
//! they change when they end.
//!
//! Must not know how a job is asked for or shown.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::terms::clock::later;
use super::super::terms::names::Name;
use super::effects;
use super::errand::Kind;
use super::options::Options;
use super::state::State;
use super::things::{self, End, INTERNAL, Job, Work};

/// How many ended jobs are remembered.
const MOST_ENDED: usize = 1000;
/// How many jobs there can be at all; more can't be started.
pub(crate) const MOST_JOBS: usize = 10_000;
/// The one job that the appliance has behind it: it once pushed its backup, an hour before it is
/// asked anything.
pub(crate) fn at_start(state: &mut State, now: Timestamp) {
    let before = |hours: i64| later(now, SignedDuration::from_hours(-hours));
    let work = Work::Push {
        uuid: things::backups_at_start(&Options::default())[0].uuid.clone(),
        destination: "192.0.2.44".to_owned(),
    };
    let lasts = work.lasts();
    let (started, ended) = (before(1), later(before(1), lasts));
    state.jobs.push(Job {
        id: EARLIER_JOB.to_owned(),
        work,
        by: "USERID".into(),
        started,
        lasts,
        ended: Some((End::Complete, ended)),
        cancelled_by: "".into(),
        reached: 0,
        faults: BTreeSet::new(),
    });
}

/// The id of the job before the first one that is asked for.
pub(crate) const EARLIER_JOB: &str = "16";

/// How long a job takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As long as its kind does.
    Usual,
    /// No time: it has ended when its answer is sent.
    AtOnce,
}

/// The id of a job that there never was.
pub(crate) fn phantom(state: &mut State) -> String {
    state.next_job += 1;
    (state.next_job - 1).to_string()
}

/// Starts a job.
pub(crate) fn start(state: &mut State, work: Work, by: &Name, now: Timestamp) -> String {
    start_paced(state, work, by, Pace::Usual, now)
}

/// Starts a job that takes as long as the pace says.
pub(crate) fn start_paced(
    state: &mut State,
    work: Work,
    by: &Name,
    pace: Pace,
    now: Timestamp,
) -> String {
    let ends_at_once = state.varies(Variant::JobsEndAtOnce) && !matches!(work, Work::Push { .. });
    let lasts = if pace == Pace::AtOnce || ends_at_once {
        SignedDuration::ZERO
    } else if state.varies(Variant::JobsTakeMinutes) {
        SignedDuration::from_mins(3)
    } else if state.varies(Variant::JobsTakeLonger) {
        work.lasts().saturating_mul(2)
    } else {
        work.lasts()
    };
    // Where the samples have the id of a job as a number, it is one.
    let numbered =
        matches!(&work, Work::Errand(it) if matches!(it.kind, Kind::Update | Kind::Assign));
    let id = if state.varies(Variant::JobIdsWithLetters) && !numbered {
        format!("transfer-{}", state.next_job)
    } else {
        state.next_job.to_string()
    };
    state.next_job += 1;
    let ended = state.jobs.iter().filter(|job| !job.is_active()).count();
    if ended >= MOST_ENDED
        && let Some(oldest) = state.jobs.iter().position(|job| !job.is_active())
    {
        state.jobs.remove(oldest);
    }
    state.jobs.push(Job {
        id: id.clone(),
        work,
        by: by.clone(),
        started: now,
        lasts,
        ended: None,
        cancelled_by: "".into(),
        reached: 0,
        faults: state.options.faults.clone(),
    });
    settle(state, now);
    id
}

/// Whether the same operation on the same backup is under way.
pub(crate) fn in_progress(state: &State, work: &Work) -> bool {
    state.jobs.iter().any(|job| job.is_active() && job.work.repeats(work))
}

/// Whether a copy of this backup to the local repository is under way. It was started earlier, so
/// that it ends before what is started now.
pub(crate) fn arriving(state: &State, uuid: &Name) -> bool {
    let brings = |work: &Work| {
        matches!(
            work,
            Work::Copy { uuid: copied, destination } if copied == uuid && destination == INTERNAL
        )
    };
    state.jobs.iter().any(|job| job.is_active() && brings(&job.work))
}

/// Whether there are as many jobs as there can be.
pub(crate) fn full(state: &State) -> bool {
    state.jobs.len() >= MOST_JOBS
}

/// The push that is under way.
pub(crate) fn running_push(state: &State) -> Option<&Job> {
    state.jobs.iter().find(|job| job.is_active() && job.is_push())
}

/// Ends every job that is under way.
pub(crate) fn cancel_all(state: &mut State, by: &Name, now: Timestamp) {
    let active: Vec<String> =
        state.jobs.iter().filter(|job| job.is_active()).map(|job| job.id.clone()).collect();
    for id in active {
        cancel(state, &id, by, now);
    }
}

/// Ends a job before its time.
pub(crate) fn cancel(state: &mut State, id: &str, by: &Name, now: Timestamp) {
    for job in state.jobs.iter_mut().filter(|job| job.id == id && job.is_active()) {
        job.reached = job.percentage(now);
        job.ended = Some((End::Cancelled, now));
        job.cancelled_by = by.clone();
    }
}

/// Ends the jobs whose time has come, the earliest first, and does what they were for.
pub(crate) fn settle(state: &mut State, now: Timestamp) {
    resume(state, now);
    loop {
        let never = |job: &Job| {
            let of_backups = !matches!(job.work, Work::Errand(_));
            (of_backups && job.faults.contains(&Fault::JobNeverEnds))
                || (job.is_push() && job.faults.contains(&Fault::PushNeverEnds))
        };
        let due = state
            .jobs
            .iter()
            .enumerate()
            .filter(|(_, job)| job.is_active() && job.ends() <= now && !never(job));
        let Some(place) = due.min_by_key(|(_, job)| job.ends()).map(|(place, _)| place) else {
            break;
        };
        let work = state.jobs[place].work.clone();
        let ends = state.jobs[place].ends();
        super::lag::backups_change(state, ends);
        // The faults of the call that started a job go with the job.
        let standing =
            std::mem::replace(&mut state.options.faults, state.jobs[place].faults.clone());
        let end = if !fails(state, &work) && carry_out(state, &work, ends) {
            End::Complete
        } else {
            End::Failed
        };
        state.options.faults = standing;
        let job = &mut state.jobs[place];
        job.ended = Some((end, job.ends()));
        let loses = match work {
            Work::Copy { .. } => job.faults.contains(&Fault::CopyFailsAndDeletes),
            Work::Move { .. } => job.faults.contains(&Fault::MoveFailsAndDeletes),
            _ => false,
        };
        if let (true, Work::Copy { uuid, destination } | Work::Move { uuid, destination }) =
            (loses, &work)
        {
            state
                .backups
                .iter_mut()
                .filter(|backup| backup.uuid == *uuid)
                .for_each(|backup| backup.locations.retain(|place| place == destination));
            state.backups.retain(|backup| !backup.locations.is_empty());
        }
    }
}

/// Whether a backup isn't shown at a place, because a job under way is ahead of itself.
pub(crate) fn hides(state: &State, uuid: &str, place: &str) -> bool {
    let under_way = state.jobs.iter().filter(|job| job.is_active());
    under_way.into_iter().any(|job| match &job.work {
        Work::Copy { uuid: copied, destination } => {
            **copied == *uuid
                && destination != place
                && job.faults.contains(&Fault::CopyHidesOriginal)
        }
        Work::Move { uuid: moved, destination } => {
            **moved == *uuid
                && destination != place
                && job.faults.contains(&Fault::MoveDeletesFirst)
        }
        _ => false,
    })
}

/// Lets a push that was cancelled a second ago go on, where a fault says so.
fn resume(state: &mut State, now: Timestamp) {
    for job in state
        .jobs
        .iter_mut()
        .filter(|job| job.is_push() && job.faults.contains(&Fault::CancelledPushResumes))
    {
        let soon = |at| later(at, SignedDuration::from_secs(1)) <= now;
        if matches!(job.ended, Some((End::Cancelled, at)) if soon(at)) {
            job.ended = None;
        }
    }
}

/// Whether a fault lets the job stop with an error.
fn fails(state: &State, work: &Work) -> bool {
    let from_share =
        |uuid: &str| state.backup(uuid).is_some_and(|backup| !backup.lies_at(INTERNAL));
    state.has(Fault::JobFails)
        || match work {
            Work::Copy { .. } => {
                state.has(Fault::CopyJobFails) || state.has(Fault::CopyFailsAndDeletes)
            }
            Work::Move { .. } => {
                state.has(Fault::MoveJobFails) || state.has(Fault::MoveFailsAndDeletes)
            }
            Work::Push { uuid, .. } => {
                state.has(Fault::PushJobFails)
                    || (state.has(Fault::PushFromShareFails) && from_share(uuid))
            }
            Work::Errand(errand) => errand.kind == Kind::Power && state.has(Fault::PowerJobFails),
            Work::Idle => false,
        }
}

/// Does what a job was for; false if it couldn't be done any more.
fn carry_out(state: &mut State, work: &Work, at: Timestamp) -> bool {
    let (does_nothing, deletes) =
        (state.has(Fault::CopyDoesNothing), state.has(Fault::CopyDeletesOriginal));
    let alters = state.has(Fault::CopyAltersBackup);
    let further = state.has(Fault::CopyGoesFurther) && matches!(work, Work::Copy { .. });
    let (keeps, loses) = (state.has(Fault::MoveKeepsOriginal), state.has(Fault::MoveCopiesNothing));
    let (uuid, destination, copies, removes) = match work {
        Work::Copy { uuid, destination } => {
            let missed = if destination == INTERNAL {
                Fault::CopyFindsNoShare
            } else {
                Fault::CopyToShareDoesNothing
            };
            (uuid, destination, !does_nothing && !state.has(missed), deletes)
        }
        Work::Move { uuid, destination } => (uuid, destination, !loses, !keeps),
        // What a push brings about is on another appliance.
        Work::Push { uuid, .. } => return state.backups.iter().any(|backup| backup.uuid == *uuid),
        Work::Errand(errand) => return effects::carry_out(state, errand, at),
        Work::Idle => return true,
    };
    let Some(backup) = state.backups.iter_mut().find(|backup| backup.uuid == *uuid) else {
        return false;
    };
    let is_move = matches!(work, Work::Move { .. });
    if is_move && !backup.lies_at(INTERNAL) {
        return false;
    }
    // The original is wherever the backup lay before, other than the destination.
    let original =
        if is_move || destination != INTERNAL { Some(INTERNAL.to_owned()) } else { None };
    let original =
        original.or_else(|| backup.locations.iter().find(|known| *known != destination).cloned());
    if removes {
        backup.locations.retain(|known| Some(known) != original.as_ref());
    }
    if copies && !backup.lies_at(destination) {
        backup.locations.push(destination.clone());
        backup.altered |= alters;
        if further {
            backup.locations.push("/mnt/extra".to_owned());
        }
    }
    state.backups.retain(|backup| !backup.locations.is_empty());
    if state.has(if is_move { Fault::MoveTakesAnother } else { Fault::CopyTakesAnother }) {
        state.lose_another_backup(uuid);
    }
    if let Some(place) = original.filter(|_| is_move && state.has(Fault::MoveClearsThePlace)) {
        state.clear_place_of_others(uuid, &place);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{BOTH, Bench, LOCAL, SHARED};
    use super::{Fault, INTERNAL};

    const SHARE: &str = "/mnt/backup_share";

    #[test]
    fn a_job_is_pending_then_running_then_complete_and_takes_effect_only_then() {
        let mut bench = Bench::new();
        assert_eq!(bench.start("copy", SHARED, INTERNAL).json().unwrap()["jobId"], "17");
        let mut seen = Vec::new();
        for _ in 0..7 {
            let task = bench.get_json("/tasks/17")[0].clone();
            seen.push((
                task["status"].as_str().unwrap().to_owned(),
                task["percentage"].as_f64().unwrap(),
            ));
            assert_eq!(bench.locations(SHARED).len() == 2, task["complete"] == true);
            bench.wait(250);
        }
        assert_eq!(seen[0], ("Pending".to_owned(), 0.0));
        assert_eq!(seen[3], ("Running".to_owned(), 50.0));
        assert_eq!(seen[6], ("Complete".to_owned(), 100.0));
        assert_eq!(bench.locations(SHARED), [SHARE, INTERNAL]);
        assert_eq!(bench.get_json("/jobs/17")["status"]["state"], "Complete");
    }

    #[test]
    fn a_move_leaves_only_the_copy() {
        let mut bench = Bench::new();
        bench.start("move", LOCAL, "/mnt/second_share");
        bench.wait(3000);
        bench.get("/tasks");
        assert_eq!(bench.locations(LOCAL), ["/mnt/second_share"]);
    }

    #[test]
    fn a_copy_to_where_the_backup_lies_completes_and_changes_nothing() {
        let mut bench = Bench::new();
        assert_eq!(bench.start("copy", BOTH, INTERNAL).status, 200);
        bench.wait(3000);
        assert_eq!(bench.get_json("/tasks/17")[0]["status"], "Complete");
        assert_eq!(bench.locations(BOTH), [INTERNAL, SHARE]);
    }

    #[test]
    fn a_job_whose_backup_is_gone_stops_with_an_error() {
        let mut bench = Bench::new();
        bench.start("copy", LOCAL, SHARE);
        bench.send("DELETE", &format!("/managementServer/data/{LOCAL}?location=all"), "");
        bench.wait(3000);
        assert_eq!(bench.get_json("/tasks/17")[0]["status"], "Stopped_With_Error");
    }

    #[test]
    fn jobs_that_end_between_two_requests_take_effect_in_the_order_of_their_ends() {
        let mut bench = Bench::new();
        bench.start("copy", LOCAL, SHARE);
        bench.wait(1);
        bench.start("move", LOCAL, "/mnt/second_share");
        bench.wait(60_000);
        bench.get("/tasks");
        assert_eq!(bench.locations(LOCAL), [SHARE, "/mnt/second_share"]);
    }

    #[test]
    fn a_faulty_copy_or_move_does_what_its_fault_says() {
        for (fault, operation, uuid, destination, left) in [
            (Fault::CopyDoesNothing, "copy", SHARED, INTERNAL, vec![SHARE]),
            (Fault::CopyDeletesOriginal, "copy", SHARED, INTERNAL, vec![INTERNAL]),
            (Fault::CopyDeletesOriginal, "copy", LOCAL, SHARE, vec![SHARE]),
            (Fault::MoveKeepsOriginal, "move", LOCAL, SHARE, vec![INTERNAL, SHARE]),
            (Fault::MoveCopiesNothing, "move", LOCAL, SHARE, vec![]),
            (Fault::JobFails, "move", LOCAL, SHARE, vec![INTERNAL]),
            (Fault::JobNeverEnds, "move", LOCAL, SHARE, vec![INTERNAL]),
        ] {
            let mut bench = Bench::faulty(fault);
            bench.start(operation, uuid, destination);
            bench.wait(3000);
            bench.get("/tasks");
            assert_eq!(bench.locations(uuid), left, "{fault}");
        }
    }
}
