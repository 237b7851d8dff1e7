//! `run`: the catalogue against a target.
//!
//! Knows: how a run is put together and what its end means as an exit code. Must not know: how a case is judged.

use std::path::{Path, PathBuf};

use crate::builtin::{self, DoubleTime, RealTime};
use crate::conduct::{ConductError, Setup, conduct, nothing_selected};
use crate::double::Options;
use crate::engine::Pace;
use crate::report::{Conclusion, Paint, Report, rejudge, summary};
use crate::store::{self, EndedEarly, TargetKind};
use crate::target::Target;

use super::args::RunArgs;
use super::progress::Progress;
use super::{Exit, Failure, Outcome, err, out, sources};

pub(super) async fn run(args: RunArgs) -> Outcome {
    let (contract, catalogue) = sources::load(&args.select.sources)?;
    let named = sources::target(&args.select)?;
    let kind = if named.is_some() { TargetKind::Live } else { TargetKind::Double };
    let mut target = named.unwrap_or_else(sources::double_target);
    if let Some(concurrency) = args.concurrency {
        target.limits.concurrency = usize::from(concurrency);
    }
    let scope = sources::scope(&args.select, &mut target, kind)?;
    // Before anything is started or touched: an empty selection is an answer of its own.
    if let Some(reason) = nothing_selected(&contract, &catalogue, &scope).map_err(Failure::usage)? {
        return Err(Failure { exit: Exit::Nothing, message: format!("select a case: {reason}") });
    }
    let folder = args.out.clone().unwrap_or_else(|| default_folder(&target));
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
    let setup = Setup { contract: &contract, catalogue: &catalogue, target: &target, kind, scope, out: Some(folder.clone()), pace: pace.as_ref(), clock: &RealTime, observer: &observer };
    let ended = tokio::select! {
        outcome = conduct(setup) => Some(outcome),
        () = interrupted() => None,
    };
    progress.done();
    drop(double);
    let (report, early) = match ended {
        Some(Ok(outcome)) => (outcome.report, outcome.ended_early),
        Some(Err(error)) => return Err(failure(&error)),
        None => {
            let record = store::read(&folder).map_err(Failure::unwritten)?;
            let mut report = rejudge(&contract, &catalogue, &record);
            report.target.kind = kind;
            crate::conduct::write_reports(&folder, &report).map_err(Failure::unwritten)?;
            (report, Some(EndedEarly { kind: "interrupted".to_owned(), what: "interrupted".to_owned() }))
        }
    };
    let exit = exit_of(&report, early.as_ref(), args.allow_incomplete);
    if args.quiet {
        out(&format!("{}: {}\n", report.conclusion.word(), report.because))?;
    } else {
        out(&summary(&report, &folder.display().to_string(), Paint::Colour))?;
        let mut files: Vec<&str> = vec!["transcript.jsonl"];
        files.extend(store::REPORT_FILES);
        out(&format!("        {}\n", files.join("  ")))?;
    }
    if exit == Exit::Unreachable {
        err(&format!("lxca-conform: failed to reach the target: {}\n", report.because));
    }
    Ok(exit)
}

fn failure(error: &ConductError) -> Failure {
    let exit = match error {
        ConductError::Filter(_) | ConductError::Target(_) | ConductError::Transport(_) => Exit::Usage,
        ConductError::Store(_) => Exit::Unwritten,
        ConductError::Nothing(_) => Exit::Nothing,
    };
    Failure { exit, message: error.to_string() }
}

pub(super) fn exit_of(report: &Report, early: Option<&EndedEarly>, allow_incomplete: bool) -> Exit {
    match early.map(|early| early.kind.as_str()) {
        Some("unreachable" | "credentials" | "identity") => return Exit::Unreachable,
        Some("interrupted") => return Exit::Interrupted,
        _ => {}
    }
    match report.conclusion {
        Conclusion::Conformant => Exit::Conformant,
        Conclusion::Nonconformant => Exit::Nonconformant,
        Conclusion::Incomplete if allow_incomplete => Exit::Conformant,
        Conclusion::Incomplete => Exit::Incomplete,
    }
}

fn default_folder(target: &Target) -> PathBuf {
    let now = RealTime.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let name: String = target.name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '-' }).collect();
    Path::new("reports").join("runs").join(format!("{now}-{name}"))
}

async fn interrupted() {
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
