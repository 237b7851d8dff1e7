//! Learns: makes the experiments that are wanted, side by side, until none is, or the budget is
//! spent.
//!
//! Knows: the bench, the plan and the journal. Must not know: terminals, profiles.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::depend::{self, Experiment, Finding, Outcome, Outcomes, Seen, Step};
use crate::profile::{Change, Unfinished};
use crate::store::StoreError;

use super::journal::Journal;
use super::{Bench, Pace, Ran, TrialError};

/// How much may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// As much as it takes.
    All,
    /// So much time.
    Time(Duration),
    /// So many runs.
    Runs(u64),
}

/// How the first runs went, without a change.
#[derive(Debug)]
pub enum First {
    /// It passes each time.
    Passes {
        /// The first of them.
        ran: Ran,
        /// What it fetched.
        seen: Arc<Seen>,
        /// How long later runs may take.
        pace: Pace,
        /// How often it ran.
        runs: u64,
    },
    /// It fails each time.
    Fails(Ran),
    /// It differs from run to run.
    Flaky {
        /// The first of them.
        ran: Ran,
        /// What it fetched.
        seen: Arc<Seen>,
        /// What differs.
        what: &'static str,
        /// How often it ran.
        runs: u64,
    },
}

/// No command needs longer before anything is known of it.
const FIRST_LIMIT: Duration = Duration::from_mins(10);
/// The runs without a change, before the first with one.
const UNCHANGED_RUNS: usize = 3;

/// Runs the command without a change: once, and then again as often as it takes to believe it.
pub async fn first(bench: &mut Bench, jobs: usize) -> Result<First, TrialError> {
    let pace = Pace { limit: FIRST_LIMIT, slower: Duration::ZERO };
    let ran = bench.run(1, &Experiment::default(), None, pace).await?;
    bench.clean = true;
    let seen = Arc::new(Seen::of(&bench.contract, &ran.calls));
    let passes = ran.outcome.end == depend::End::Exit(0);
    let more = if passes { UNCHANGED_RUNS - 1 } else { 1 };
    let mut took = ran.took;
    let mut runs = 1;
    let mut left = more;
    while left > 0 {
        // Side by side, as the experiments are: a command that is in its own way shows here.
        let mut beside = JoinSet::new();
        for place in 1..=left.min(jobs) {
            let bench = bench.clone();
            beside.spawn(async move { bench.run(place, &Experiment::default(), None, pace).await });
        }
        while let Some(again) = beside.join_next().await {
            let again = again.map_err(|error| TrialError::Listen(error.into()))??;
            left -= 1;
            runs += 1;
            took = took.max(again.took);
            if again.outcome != ran.outcome {
                let what = if again.outcome.end == ran.outcome.end {
                    "what is compared"
                } else {
                    "its exit status"
                };
                return Ok(First::Flaky { ran, seen, what, runs });
            }
        }
    }
    if !passes {
        return Ok(First::Fails(ran));
    }
    let limit = took * 10 + Duration::from_secs(5);
    let calls = u32::try_from(ran.calls.len().max(1)).unwrap_or(u32::MAX);
    let slower = Duration::from_secs(2).min(limit / 3 / calls);
    Ok(First::Passes { ran, seen, pace: Pace { limit, slower }, runs })
}

/// What is known, and why it isn't all.
#[derive(Debug)]
pub struct Learned {
    /// The last step.
    pub step: Step,
    /// How often the command ran with a change, now and earlier.
    pub runs: u64,
    /// Why not all is known.
    pub why: Option<Unfinished>,
}

/// How far it is.
#[derive(Debug, Clone)]
pub struct News {
    /// Experiments made.
    pub made: u64,
    /// At least so many are to come.
    pub to_come: usize,
    /// How long they take, as it goes now.
    pub left: Duration,
    /// What was found since the last news: the change, and what it is of.
    pub found: Vec<(Change, usize)>,
    /// What is tried now.
    pub now: String,
}

/// What is needed to learn.
#[derive(Debug)]
pub struct Learning<'a> {
    /// What the unchanged run fetched.
    pub seen: &'a Arc<Seen>,
    /// What came of it.
    pub unchanged: &'a Outcome,
    /// How long a run may take.
    pub pace: Pace,
    /// How many run side by side.
    pub jobs: usize,
    /// How much may be spent.
    pub budget: Budget,
}

/// Why learning stopped.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// A run couldn't be made.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// The journal couldn't be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How often it is estimated what is to come.
const ESTIMATE: Duration = Duration::from_secs(1);

/// Makes experiments until all is known.
pub async fn learn(
    bench: &Bench,
    what: Learning<'_>,
    journal: &mut Journal,
    mut tell: impl FnMut(News),
) -> Result<Learned, LearnError> {
    let begun = Instant::now();
    let mut known = Outcomes::new();
    let mut beside: JoinSet<(usize, Experiment, Result<Ran, TrialError>)> = JoinSet::new();
    let mut places: Vec<usize> = (1..=what.jobs).rev().collect();
    let mut under_way: Vec<Experiment> = Vec::new();
    let mut spent = Duration::ZERO;
    let mut made = 0_u64;
    let mut shown: Vec<Finding> = Vec::new();
    let mut estimated: Option<(Instant, usize)> = None;
    let mut why = None;
    let mut step = plan(what.seen, &mut known, what.unchanged, journal);
    loop {
        let mut queue: VecDeque<Experiment> =
            step.wanted.iter().filter(|one| !under_way.contains(one)).cloned().collect();
        if step.flaky {
            why = Some(Unfinished::Flaky);
        } else if !step.wanted.is_empty()
            && is_spent(what.budget, begun, made + under_way.len() as u64)
        {
            why = Some(Unfinished::Budget);
        }
        while why.is_none()
            && !is_spent(what.budget, begun, made + under_way.len() as u64)
            && let Some(experiment) = queue.front()
            && let Some(place) = places.pop()
        {
            let (bench, seen) = (bench.clone(), Arc::clone(what.seen));
            let (experiment, pace) = (experiment.clone(), what.pace);
            under_way.push(experiment.clone());
            queue.pop_front();
            beside.spawn(async move {
                let ran = bench.run(place, &experiment, Some(seen), pace).await;
                (place, experiment, ran)
            });
        }
        let to_come = match estimated {
            Some((at, count)) if at.elapsed() < ESTIMATE => count.max(step.wanted.len()),
            _ => {
                let count = depend::to_come(what.seen, &known, what.unchanged);
                estimated = Some((Instant::now(), count));
                count
            }
        };
        let each = spent.checked_div(u32::try_from(made).unwrap_or(u32::MAX)).unwrap_or_default();
        let jobs = u32::try_from(what.jobs).unwrap_or(1).max(1);
        tell(News {
            made: known.len() as u64,
            to_come: if why.is_some() { 0 } else { to_come },
            left: each * u32::try_from(to_come).unwrap_or(u32::MAX) / jobs,
            found: found(&shown, &step.findings),
            now: under_way.last().map(|one| one.says(what.seen)).unwrap_or_default(),
        });
        shown.clone_from(&step.findings);
        let Some(done) = beside.join_next().await else { break };
        let (place, experiment, ran) = done.map_err(|error| TrialError::Listen(error.into()))?;
        let ran = ran?;
        places.push(place);
        under_way.retain(|one| *one != experiment);
        made += 1;
        spent += ran.took;
        journal.keep(what.seen, &experiment, &ran.outcome)?;
        known.insert(experiment, ran.outcome);
        step = plan(what.seen, &mut known, what.unchanged, journal);
    }
    Ok(Learned { runs: step.made as u64, step, why })
}

/// The next step, after all that the journal already knows.
fn plan(seen: &Seen, known: &mut Outcomes, unchanged: &Outcome, journal: &Journal) -> Step {
    loop {
        let step = depend::learn(seen, known, unchanged);
        let before = known.len();
        for experiment in &step.wanted {
            if let Some(outcome) = journal.outcome(seen, experiment) {
                known.insert(experiment.clone(), outcome);
            }
        }
        if known.len() == before {
            return step;
        }
    }
}

fn is_spent(budget: Budget, begun: Instant, runs: u64) -> bool {
    match budget {
        Budget::All => false,
        Budget::Time(most) => begun.elapsed() >= most,
        Budget::Runs(most) => runs >= most,
    }
}

/// What breaks the client now and didn't before.
fn found(before: &[Finding], now: &[Finding]) -> Vec<(Change, usize)> {
    let new = |(number, finding): (usize, &Finding)| {
        let old = before.get(number).map(|finding| finding.breaks.clone()).unwrap_or_default();
        let new: Vec<Change> = finding.breaks.difference(&old).copied().collect();
        new.into_iter().map(move |change| (change, number))
    };
    now.iter().enumerate().flat_map(new).collect()
}
