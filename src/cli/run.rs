//! `run`: the catalogue against a target.
//!
//! Knows: how a run is put together and what its end means as an exit code. Must not know: how a
//! case is judged.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use tokio::sync::watch;

use crate::builtin::{self, DoubleTime, RealTime};
use crate::catalogue::{self, Exploration};
use crate::conduct::{ConductError, Setup, conduct_when_up};
use crate::contract::Contract;
use crate::double::Options;
use crate::engine::{Pace, Smallest};
use crate::report::{self, Conclusion, Report, Standing, Untested};
use crate::store::{self, EndedEarly, StoreError, TargetKind};
use crate::target::Target;
use crate::why::EndKind;

use super::args::{RunArgs, TextOrJson};
use super::overlay::{self, Overlay};
use super::progress::Progress;
use super::records::show;
use super::{Exit, Failure, Outcome, err, out, sources};

pub(super) async fn run(args: RunArgs) -> Outcome {
    if super::fleet::is_meant(&args) {
        return super::fleet::run(args).await;
    }
    let (contract, catalogue) = sources::load_derived(&args.select.sources, &args.derived)?;
    // The process ends with the run; taking tens of thousands of small things apart gains nobody
    // anything.
    let (contract, catalogue) = (ManuallyDrop::new(contract), ManuallyDrop::new(catalogue));
    let overlay = Overlay::read(&args.overlay, &contract, &catalogue)?;
    let named = sources::target(&contract, &args.select)?;
    let kind = if named.is_some() { TargetKind::Live } else { TargetKind::Double };
    let mut target = named.unwrap_or_else(sources::double_target);
    if let Some(concurrency) = args.concurrency {
        target.limits.concurrency = usize::from(concurrency);
    }
    let mut scope = sources::scope(&contract, &args.select, &mut target, kind)?;
    sources::limit(&args.profile, &contract, &catalogue, &mut scope)?;
    if let Some(most) = args.allow_bad_logins {
        scope.bad_logins = most;
    }
    // A limit and an approval bind whatever the target says that it is.
    target.befriend = args.approve.is_none() && args.allow_bad_logins.is_none();
    if let Some(approved) = &args.approve {
        let digest = super::plan::digest_of(&contract, &catalogue, &target, &scope)?;
        if digest.trim_start_matches("sha256:") != approved.trim_start_matches("sha256:") {
            return Err(Failure::usage(format!(
                "follow the approved plan: its digest was {approved} and is now {digest}; review \
                    `lxca-conform plan` with the same options and approve again"
            )));
        }
    }
    // Before anything is started or touched: an empty selection is an answer of its own.
    sources::something_selected(&contract, &catalogue, &scope)?;
    let folder = args.out.clone().map_or_else(
        || store::fresh(&default_folder(&target)).map_err(|error| Failure::stored(&error)),
        Ok,
    )?;
    let (double, pace): (_, Box<dyn Pace>) = if kind == TargetKind::Double {
        let (double, at) = builtin::start(Options::default()).await;
        target.url = at.url;
        let pace = Box::new(DoubleTime(double.clock().clone()));
        (Some(double), pace)
    } else {
        (None, Box::new(RealTime))
    };
    let progress = Progress::new(args.quiet);
    let observer = |event| progress.show(event);
    let (stop, stopping) = watch::channel(false);
    let setup = Setup {
        contract: &contract,
        catalogue: &catalogue,
        target: &target,
        kind,
        scope,
        out: Some(folder.clone()),
        pace: pace.as_ref(),
        clock: &RealTime,
        observer: &observer,
        stop: Some(stopping),
    };
    let listening = tokio::spawn(heed(stop));
    let ended = Box::pin(conduct_when_up(setup, args.repeat, args.wait)).await;
    listening.abort();
    progress.done();
    drop(double);
    // The folder is held to the end of this function.
    let (mut report, early, smallest, _hold) = match ended {
        Ok(outcome) => {
            (ManuallyDrop::new(outcome.report), outcome.ended_early, outcome.smallest, outcome.hold)
        }
        Err(error) => {
            if args.out.is_none() {
                store::unmake(&folder);
            }
            return Err(failure(&error));
        }
    };
    let case_files = match &args.write_case {
        Some(folder) => write_cases(folder, &contract, &smallest)?,
        None => Vec::new(),
    };
    let standing = overlay.lay(&mut report, &contract, &catalogue);
    let untested = args.junit_untested.untested();
    if overlay.says_something() || untested != Untested::default() {
        crate::conduct::write_reports_as(&folder, &report, untested).map_err(Failure::unwritten)?;
    }
    if args.share {
        crate::conduct::write_shared(&folder, &report, untested).map_err(Failure::unwritten)?;
    }
    let exit = exit_of(&report, early.as_ref(), args.allow_incomplete, &standing);
    let mut files: Vec<&str> = vec!["transcript.jsonl"];
    files.extend(report::files().map(|(name, _)| name));
    show(&report, Some((&folder, &files)), args.quiet, args.format)?;
    if !args.quiet && args.format == TextOrJson::Text {
        if let Some(Exploration { count, seed }) = catalogue.exploration {
            out(&format!(
                "explored: {count} random requests per operation; to repeat them: --explore \
                    {count} --seed {seed}\n"
            ))?;
        }
        for file in case_files {
            out(&format!("written: {}\n", file.display()))?;
        }
        out(&overlay::standing_lines(&report, &standing))?;
    }
    if exit == Exit::Unreachable {
        err(&format!("lxca-conform: failed to reach the target: {}\n", report.because));
    }
    Ok(exit)
}

/// One file per case, so that none writes over another; its path below the folder tells where it
/// belongs.
fn write_cases(
    folder: &Path,
    contract: &Contract,
    smallest: &[Smallest],
) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for one in smallest {
        let Some(operation) = contract.operations.get(&one.case.operation) else { continue };
        let claim = format!("holds-for-draw-{}", one.drawn);
        let file = folder
            .join(&claim)
            .join(operation.path.trim_start_matches('/'))
            .join(format!("{}.toml", operation.method.to_lowercase()));
        store::write_file(&file, &catalogue::written(&one.case, &claim))
            .map_err(Failure::unwritten)?;
        files.push(file);
    }
    Ok(files)
}

pub(super) fn failure(error: &ConductError) -> Failure {
    let exit = match error {
        ConductError::Filter(_)
        | ConductError::Target(_)
        | ConductError::Proxy(_)
        | ConductError::Transport(_)
        | ConductError::Store(StoreError::InUse { .. }) => Exit::Usage,
        ConductError::Store(_) => Exit::Unwritten,
        ConductError::Nothing(_) => Exit::Nothing,
    };
    Failure { exit, message: error.to_string() }
}

/// A new failure is the gravest answer, then waivers that aren't in order, then what couldn't be
/// judged.
pub(super) fn exit_of(
    report: &Report,
    early: Option<&EndedEarly>,
    allow_incomplete: bool,
    standing: &Standing,
) -> Exit {
    match early.map(|early| early.kind) {
        Some(EndKind::Unreachable | EndKind::Credentials | EndKind::Identity) => {
            return Exit::Unreachable;
        }
        Some(EndKind::Interrupted) => return Exit::Interrupted,
        Some(EndKind::Bound | EndKind::Unknown) | None => {}
    }
    let open = match report.conclusion {
        Conclusion::Nonconformant if standing.new > 0 => return Exit::Nonconformant,
        Conclusion::Nonconformant => standing.shortfall.is_some(),
        Conclusion::Conformant => false,
        Conclusion::Incomplete => true,
    };
    if standing.lapsed > 0 || !standing.stale.is_empty() {
        Exit::Waivers
    } else if open && !allow_incomplete {
        Exit::Incomplete
    } else {
        Exit::Conformant
    }
}

pub(super) fn default_folder(target: &Target) -> PathBuf {
    Path::new("reports").join("runs").join(format!("{}-{}", moment(), as_folder(&target.name)))
}

/// Now, as names of folders have it.
pub(super) fn moment() -> String {
    RealTime.now().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The name of a target as that of a folder.
pub(super) fn as_folder(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let folder: String = name.chars().map(|c| if plain(c) { c } else { '-' }).collect();
    // `.` and `..` are other folders.
    if folder.chars().all(|c| c == '.') { folder.replace('.', "-") } else { folder }
}

/// Asks a run to end when the process is asked to, and ends the process when it is asked again.
pub(super) async fn heed(stop: watch::Sender<bool>) {
    interrupted().await;
    err("lxca-conform: interrupted; finishing requests in flight, cleaning up and logging \
        out (interrupt again to stop at once)\n");
    let _ = stop.send(true);
    interrupted().await;
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// Ready when the process is asked to end.
pub(super) async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
