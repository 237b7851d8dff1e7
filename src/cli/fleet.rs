//! `run` against several appliances: one run each, side by side, and what they come to.
//!
//! Knows: how many runs go on at a time, and what the end of all of them means as an exit code.
//! Must not know: how one run is conducted, how a fleet is drawn.

mod meeting;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinSet, LocalSet};

use crate::builtin::RealTime;
use crate::catalogue::Catalogue;
use crate::conduct::{Setup, conduct_when_up};
use crate::contract::Contract;
use crate::files;
use crate::fleet::{self, Appliance, Collected, Fate, Fleet, of_early};
use crate::password::PasswordSource;
use crate::plan::Scope;
use crate::report::{Report, Untested};
use crate::store::{self, TargetKind};
use crate::target::Target;

use super::args::{RunArgs, SelectArgs, TextOrJson};
use super::overlay::Overlay;
use super::progress::Counter;
use super::run::{exit_of, failure, heed, moment};
use super::{Exit, Failure, Outcome, err, out, sources};

/// Rows of each list on the first screen; fleet.json has all.
const MOST_LINES: usize = 12;

/// Runs at a time for each processor. A run needs about a tenth of a second of one, and more of
/// them would make each other late, which looks like an appliance that doesn't answer.
const PER_PROCESSOR: usize = 20;

type Draw = fn(&Fleet) -> String;

/// The reports of a fleet, which lie beside the folders of its appliances.
const FORMS: [(&str, Draw); 3] =
    [("fleet.json", fleet::json), ("fleet.html", fleet::html), ("fleet.md", fleet::markdown)];

/// What each run of the fleet needs, shared by the threads.
struct Shared {
    contract: Contract,
    catalogue: Catalogue,
    overlay: Overlay,
    folder: PathBuf,
    runs: Mutex<Vec<Run>>,
    repeat: u32,
    wait: Option<Duration>,
    untested: Untested,
    share: bool,
    allow_incomplete: bool,
}

/// A run that is to be made.
struct Run {
    target: Target,
    scope: Scope,
    folder: String,
}

/// What became of one.
struct Ended {
    appliance: Appliance,
    report: Option<Report>,
}

/// Whether the arguments name several appliances.
pub(super) fn is_meant(args: &RunArgs) -> bool {
    args.select.target.len() > 1 || args.targets.is_some()
}

pub(super) async fn run(args: RunArgs) -> Outcome {
    for (given, option) in [
        (args.approve.is_some(), "--approve"),
        (args.write_case.is_some(), "--write-case"),
        (args.overlay.baseline.is_some(), "--baseline"),
    ] {
        if given {
            return Err(Failure::usage(format!(
                "run against several appliances: {option} is about one; leave it out, or run \
                    against one at a time"
            )));
        }
    }
    let (contract, catalogue) = sources::load_derived(&args.select.sources, &args.derived)?;
    let overlay = Overlay::read(&args.overlay, &contract, &catalogue)?;
    let files = named(&args)?;
    let all = files.len();
    let shard = args.select.shard.as_ref().map(super::shard::ShardArg::shard).transpose()?;
    let mut runs = read(&contract, &args, &files)?;
    if let Some(shard) = shard {
        let mut place = 0..;
        runs.retain(|_| place.next().is_some_and(|place| shard.takes(place)));
    }
    if let Some(first) = runs.first() {
        sources::something_selected(&contract, &catalogue, &first.scope)?;
    }
    let default = Path::new("reports").join("runs").join(format!("{}-fleet", moment()));
    let folder = args
        .out
        .clone()
        .map_or_else(|| store::fresh(&default).map_err(|error| Failure::stored(&error)), Ok)?;
    if let (true, Some(shard)) = (runs.is_empty(), shard) {
        // A part without an appliance is kept all the same, for the others are joined with it.
        let none = Collected::default();
        write(&folder, &none.conclude(&contract.digest, &catalogue.digest, Some(shard), &[]))?;
        return Err(Failure {
            exit: Exit::Nothing,
            message: format!(
                "select an appliance: shard {shard} has none of the {all}; {} has the empty part, \
                    which `lxca-conform report` joins with the others",
                folder.display()
            ),
        });
    }
    let progress = Counter::new(runs.len());
    if args.quiet {
        progress.hide();
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let at_once = args.appliances.map_or(threads * PER_PROCESSOR, usize::from).min(runs.len());
    // The first is taken first.
    runs.reverse();
    let common = Arc::new(Shared {
        contract,
        catalogue,
        overlay,
        folder: folder.clone(),
        runs: Mutex::new(runs),
        repeat: args.repeat,
        wait: args.wait,
        untested: args.junit_untested.untested(),
        share: args.share,
        allow_incomplete: args.allow_incomplete,
    });
    let (stop, stopping) = watch::channel(false);
    let (sender, mut ended) = mpsc::unbounded_channel();
    // Answers are judged where they come in, so that more than one processor is of use.
    let threads = threads.min(at_once);
    for thread in 0..threads {
        let (common, sender, stopping) = (Arc::clone(&common), sender.clone(), stopping.clone());
        let at_once = at_once / threads + usize::from(thread < at_once % threads);
        std::thread::spawn(move || work(&common, &sender, &stopping, at_once));
    }
    drop(sender);
    let listening = tokio::spawn(heed(stop));
    let mut collected = Collected::default();
    while let Some(Ended { appliance, report }) = ended.recv().await {
        progress.count(&appliance.name);
        collected.take(appliance, report.as_ref());
    }
    listening.abort();
    progress.done();
    let (contract, catalogue) = (&common.contract.digest, &common.catalogue.digest);
    let fleet = collected.conclude(contract, catalogue, shard, &[]);
    write(&folder, &fleet)?;
    super::records::step_summary(&fleet::markdown(&fleet));
    show(&fleet, &folder, args.quiet, args.format)?;
    Ok(exit_of_fleet(&fleet, args.allow_incomplete))
}

/// Writes every form of a fleet.
pub(super) fn write(folder: &Path, fleet: &Fleet) -> Result<(), Failure> {
    for (name, draw) in FORMS {
        store::write_file(&folder.join(name), &draw(fleet)).map_err(Failure::unwritten)?;
    }
    Ok(())
}

/// The target files that the arguments name, in the order of their names.
fn named(args: &RunArgs) -> Result<Vec<PathBuf>, Failure> {
    let mut found = args.select.target.clone();
    if let Some(folder) = &args.targets {
        let listed = files::of_folder(folder, "toml").map_err(|error| {
            Failure::usage(format!("list the target files of {}: {error}", folder.display()))
        })?;
        if listed.is_empty() {
            return Err(Failure::usage(format!(
                "run against the appliances of {}: it contains no .toml file",
                folder.display()
            )));
        }
        found.extend(listed);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Reads every target file, and gives back all problems at once: nothing is sent before all of them
/// are right.
fn read(contract: &Contract, args: &RunArgs, files: &[PathBuf]) -> Result<Vec<Run>, Failure> {
    let (mut runs, mut problems) = (Vec::new(), Vec::new());
    let mut folders: BTreeMap<String, &Path> = BTreeMap::new();
    for file in files {
        let select = SelectArgs { target: vec![file.clone()], shard: None, ..args.select.clone() };
        let read = sources::target(contract, &select).and_then(|target| {
            let mut target = target.ok_or_else(|| Failure::usage("name a target file"))?;
            let scope = sources::scope(contract, &select, &mut target, TargetKind::Live)?;
            Ok((target, scope))
        });
        let (mut target, mut scope) = match read {
            Ok(read) => read,
            Err(failure) => {
                problems.push(failure.message);
                continue;
            }
        };
        if let Some(concurrency) = args.concurrency {
            target.limits.concurrency = usize::from(concurrency);
        }
        if let Some(most) = args.allow_bad_logins {
            scope.bad_logins = most;
            target.befriend = false;
        }
        let asks = [&target.account, &target.unprivileged]
            .into_iter()
            .flatten()
            .any(|account| account.password == PasswordSource::Prompt);
        if asks {
            problems.push(format!(
                "use {}: it names no source of the password, and nobody can be asked for several \
                    at a time; add password-env or password-file",
                file.display()
            ));
        }
        let folder = super::run::as_folder(&target.name);
        if FORMS.iter().any(|(form, _)| folder.eq_ignore_ascii_case(form)) {
            problems.push(format!(
                "use {}: the folder of its target would be {folder}, which is a report of the \
                    fleet; give it another name",
                file.display()
            ));
        }
        // Some file systems make no difference between letters of either case.
        if let Some(other) = folders.insert(folder.to_ascii_lowercase(), file) {
            problems.push(format!(
                "use {} and {} together: both write into the folder {folder}; give their targets \
                    different names",
                other.display(),
                file.display()
            ));
        }
        runs.push(Run { target, scope, folder });
    }
    let met = meeting::met(&runs);
    problems.extend(met.problems);
    if !problems.is_empty() {
        return Err(Failure::usage(problems.join("\n")));
    }
    err(&met.notes.concat());
    Ok(runs)
}

/// Makes runs until none is left, so many at a time.
fn work(
    shared: &Arc<Shared>,
    sender: &mpsc::UnboundedSender<Ended>,
    stopping: &watch::Receiver<bool>,
    at_once: usize,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let next = || shared.runs.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let Ok(runtime) = runtime else {
        while let Some(run) = next() {
            let why = "a runtime couldn't be started".to_owned();
            let _ = sender.send(without(&run, Fate::Failed, Exit::Unwritten, why));
        }
        return;
    };
    let under_way = async {
        let mut tasks = JoinSet::new();
        let mut of_task = HashMap::new();
        loop {
            while tasks.len() < at_once
                && let Some(run) = next()
            {
                let (shared, run, stop) = (Arc::clone(shared), Arc::new(run), stopping.clone());
                let made = Arc::clone(&run);
                let task = tasks.spawn_local(async move { one(&shared, &made, stop).await });
                of_task.insert(task.id(), run);
            }
            let Some(ended) = tasks.join_next_with_id().await else { break };
            let ended = match ended {
                Ok((task, ended)) => {
                    of_task.remove(&task);
                    Some(ended)
                }
                Err(error) => of_task.remove(&error.id()).map(|run| {
                    let why = "the run panicked; this is a bug of lxca-conform".to_owned();
                    without(&run, Fate::Failed, Exit::Unwritten, why)
                }),
            };
            if let Some(ended) = ended {
                let _ = sender.send(ended);
            }
        }
    };
    runtime.block_on(LocalSet::new().run_until(under_way));
}

fn without(run: &Run, fate: Fate, exit: Exit, because: String) -> Ended {
    let Target { name, url, .. } = &run.target;
    let appliance = Appliance::without_report(name, url, fate, exit.code(), because);
    Ended { appliance, report: None }
}

/// Makes one run; whatever becomes of it is no matter of the others.
async fn one(shared: &Shared, run: &Run, stop: watch::Receiver<bool>) -> Ended {
    let folder = shared.folder.join(&run.folder);
    let setup = Setup {
        contract: &shared.contract,
        catalogue: &shared.catalogue,
        target: &run.target,
        kind: TargetKind::Live,
        scope: run.scope.clone(),
        out: Some(folder.clone()),
        pace: &RealTime,
        clock: &RealTime,
        observer: &|_| {},
        stop: Some(stop),
    };
    let mut outcome = match Box::pin(conduct_when_up(setup, shared.repeat, shared.wait)).await {
        Ok(outcome) => outcome,
        Err(error) => {
            let failure = failure(&error);
            return without(run, Fate::Failed, failure.exit, failure.message);
        }
    };
    let standing = shared.overlay.lay(&mut outcome.report, &shared.contract, &shared.catalogue);
    let mut written = Ok(());
    if shared.overlay.says_something() || shared.untested != Untested::default() {
        written = crate::conduct::write_reports_as(&folder, &outcome.report, shared.untested);
    }
    if shared.share {
        let write = || crate::conduct::write_shared(&folder, &outcome.report, shared.untested);
        written = written.and_then(|()| write());
    }
    if let Err(error) = written {
        return without(run, Fate::Failed, Exit::Unwritten, error.to_string());
    }
    let early = outcome.ended_early.as_ref();
    let exit = exit_of(&outcome.report, early, shared.allow_incomplete, &standing);
    let fate = early.and_then(|early| of_early(early.kind)).unwrap_or(match exit {
        Exit::Nonconformant => Fate::Nonconformant,
        Exit::Waivers => Fate::Waivers,
        Exit::Conformant if outcome.report.conclusion != crate::report::Conclusion::Incomplete => {
            Fate::Conformant
        }
        _ => Fate::Incomplete,
    });
    let appliance = Appliance::of(&outcome.report, fate, exit.code(), run.folder.clone());
    Ended { appliance, report: Some(outcome.report) }
}

/// The gravest of all: an appliance that differs, an interruption, files that couldn't be written,
/// appliances that couldn't be asked or judged, waivers. Only where nobody answered at all it is
/// the exit code of an unreachable target.
pub(super) fn exit_of_fleet(fleet: &Fleet, allow_incomplete: bool) -> Exit {
    let any = |fate: Fate| fleet.appliances.iter().any(|one| one.fate == fate);
    let unwritten = fleet.appliances.iter().any(|one| one.exit == Exit::Unwritten.code());
    let silent = |fate: Fate| matches!(fate, Fate::Unreachable | Fate::Failed);
    if any(Fate::Nonconformant) {
        Exit::Nonconformant
    } else if any(Fate::Interrupted) {
        Exit::Interrupted
    } else if !fleet.missing_shards.is_empty() {
        Exit::Incomplete
    } else if unwritten {
        Exit::Unwritten
    } else if fleet.appliances.iter().all(|one| one.fate == Fate::Unreachable) {
        Exit::Unreachable
    } else if fleet.appliances.iter().any(|one| silent(one.fate)) {
        Exit::Incomplete
    } else if any(Fate::Waivers) {
        Exit::Waivers
    } else if any(Fate::Incomplete) && !allow_incomplete {
        Exit::Incomplete
    } else {
        Exit::Conformant
    }
}

pub(super) fn show(fleet: &Fleet, folder: &Path, quiet: bool, format: TextOrJson) -> Outcome {
    if format == TextOrJson::Json {
        return out(&fleet::json(fleet));
    }
    let mut text = String::new();
    if quiet {
        let _ = writeln!(text, "{}: {}", fleet.conclusion.word(), fleet.because);
        return out(&text);
    }
    let _ = writeln!(text, "{}: {}", fleet.conclusion.word().to_uppercase(), fleet.because);
    for (version, count) in &fleet.counts.by_version {
        let _ = writeln!(text, "  version {version}: {count}");
    }
    let width = fleet.appliances.iter().map(|one| one.name.chars().count()).max().unwrap_or(0);
    let width = width.min(40);
    let _ = writeln!(text);
    for one in fleet.appliances.iter().take(MOST_LINES) {
        let (name, fate) = (&one.name, one.fate.word());
        let _ = writeln!(text, "  {name:<width$}  {fate:<13}  {}", one.because);
    }
    more(&mut text, fleet.appliances.len(), "appliances");
    if !fleet.outliers.is_empty() {
        let _ = writeln!(text, "\noutliers");
        for one in fleet.outliers.iter().take(MOST_LINES) {
            let _ = writeln!(text, "  {}\n    {}", one.requirement, one.sentence());
        }
        more(&mut text, fleet.outliers.len(), "outliers");
    }
    // A joined fleet leaves the reports where they are.
    let inside = |one: &Appliance| !one.folder.is_empty() && folder.join(&one.folder).is_dir();
    let own = fleet.appliances.iter().any(|one| inside(one) && !one.folder.starts_with(".."));
    let _ = writeln!(
        text,
        "\nreport: {}\n        fleet.html  fleet.json  fleet.md{}",
        folder.display(),
        if own { ", and a folder for each appliance" } else { "" }
    );
    out(&text)
}

fn more(text: &mut String, all: usize, what: &str) {
    if all > MOST_LINES {
        let _ = writeln!(text, "  and {} more {what} in fleet.html", all - MOST_LINES);
    }
}
