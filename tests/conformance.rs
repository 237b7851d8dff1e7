//! The catalogue as a test suite: one trial per case, judged by the same engine as `lxca-conform
//! run`.
//!
//! Against the double each trial has a double of its own. `LXCA_TARGET=file.toml` points the suite
//! at an appliance instead: one account, one trial after the other where something changes, and
//! never under a runner that starts a process per trial. Knows: the library and libtest-mimic. Must
//! not know: how a case is judged.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    clippy::too_many_lines,
    reason = "a test or a benchmark may stop at once, read files and print"
)]

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::{self, Case, Catalogue, Effect, Own, SESSION};
use lxca_conform::conduct;
use lxca_conform::contract::{self, Contract};
use lxca_conform::double::Options;
use lxca_conform::engine::{Engine, MemoryRecord, Pace};
use lxca_conform::exchange::Exchange;
use lxca_conform::files;
use lxca_conform::identify::{Probe, probe, version};
use lxca_conform::judge::{CaseRecord, CaseRun, Verdict};
use lxca_conform::plan::{self, Facts, LeftOut, Scope};
use lxca_conform::report::{self, Source};
use lxca_conform::store::{Row, TargetKind};
use lxca_conform::target::{self, Login, Target};
use lxca_conform::transport::Transport;
use lxca_conform::why::Why;

/// Where a report goes when one process ran the whole catalogue.
const REPORT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/conformance");

struct Suite {
    contract: Contract,
    catalogue: Catalogue,
    target: Target,
    kind: TargetKind,
    scope: Scope,
    runtime: tokio::runtime::Runtime,
    /// The way to a live target, and what it told; opened by the first trial that needs it.
    live: tokio::sync::OnceCell<Live>,
    /// Held by a trial that changes a live target.
    changing: Mutex<()>,
    done: Mutex<Vec<(CaseRecord, Vec<Row>)>>,
}

struct Live {
    transport: Transport,
    probe: Probe,
    facts: Facts,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let suite = match suite() {
        Ok(suite) => Arc::new(suite),
        Err(message) => {
            eprintln!("conformance: failed to {message}");
            return ExitCode::from(2);
        }
    };
    let process_per_trial = target::environment("NEXTEST").is_some();
    if suite.kind == TargetKind::Live && process_per_trial && !arguments.list {
        eprintln!(
            "conformance: failed to test {}: a process per trial is a login per trial, which \
            locks accounts; use `cargo test --test conformance` or `lxca-conform run`",
            suite.target.name
        );
        return ExitCode::from(2);
    }
    let plan = match plan::plan(&suite.contract, &suite.catalogue, &suite.scope) {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("conformance: failed to {error}");
            return ExitCode::from(2);
        }
    };
    let mut trials = Vec::new();
    for case in &plan.run {
        let (suite, id) = (Arc::clone(&suite), case.id.clone());
        trials.push(Trial::ignorable_test(case.id.clone(), move || {
            run(&suite, &id, process_per_trial)
        }));
    }
    for (case, reason) in &plan.left_out {
        // The flag keeps it from running; the closure keeps `--include-ignored` from running it all
        // the same.
        let message = format!("left out: {reason}");
        trials.push(
            Trial::test(case.id.clone(), move || Err(Failed::from(message)))
                .with_ignored_flag(true),
        );
    }
    let whole = !arguments.list
        && !process_per_trial
        && arguments.filter.is_none()
        && arguments.skip.is_empty()
        && !arguments.ignored;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(live) = suite.live.get() {
        suite.runtime.block_on(live.transport.logout(RealTime.now()));
    }
    if whole && let Err(message) = write_report(&suite, &plan) {
        eprintln!("conformance: failed to {message}");
        return ExitCode::from(7);
    }
    conclusion.exit_code()
}

fn suite() -> Result<Suite, String> {
    let contract = contract::load(&files::embedded_contract())
        .map_err(|problems| format!("load the contract: {problems:?}"))?;
    let catalogue = catalogue::load(&files::embedded_catalogue())
        .map_err(|problems| format!("load the catalogue: {problems:?}"))?;
    let (target, kind) = if let Some(file) = target::environment("LXCA_TARGET") {
        (
            target::load(Path::new(&file), &contract.facts().collect::<Vec<_>>())
                .map_err(|error| format!("use the target file {file}: {error}"))?,
            TargetKind::Live,
        )
    } else {
        let mut target = Target::at("built-in double", "http://127.0.0.1");
        target.allow = Effect::Destroy;
        target.facts = builtin::facts();
        target.login = Login::Session;
        (target, TargetKind::Double)
    };
    let mut scope = Scope {
        allow: target.allow,
        filters: Vec::new(),
        strict: false,
        facts: target.facts.clone(),
        bad_logins: if kind == TargetKind::Double { u32::MAX } else { 0 },
        shard: None,
    };
    if target.login == Login::Session {
        scope.facts.insert(SESSION.to_owned(), "opened".to_owned());
    }
    if let Some(second) = &target.unprivileged {
        scope.facts.insert("account.unprivileged".to_owned(), second.user.clone());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("start a runtime: {error}"))?;
    Ok(Suite {
        contract,
        catalogue,
        target,
        kind,
        scope,
        runtime,
        live: tokio::sync::OnceCell::new(),
        changing: Mutex::new(()),
        done: Mutex::new(Vec::new()),
    })
}

fn run(suite: &Suite, id: &str, process_per_trial: bool) -> Result<Completion, Failed> {
    let case = suite.catalogue.find(id).ok_or_else(|| format!("no case {id}"))?;
    let (record, rows) = match suite.kind {
        TargetKind::Double => on_double(suite, case)?,
        _ => on_live(suite, case)?,
    };
    let verdict = record.verdict;
    let told = told(&record);
    suite.done.lock().unwrap_or_else(PoisonError::into_inner).push((record, rows));
    match verdict {
        Verdict::Pass => Ok(Completion::Completed),
        // A runner with a process per trial reads a late ignore as a pass.
        Verdict::Untested | Verdict::Unsupported if !process_per_trial => {
            Ok(Completion::ignored_with(told))
        }
        _ => Err(Failed::from(told)),
    }
}

fn on_double(suite: &Suite, case: &Case) -> Result<(CaseRecord, Vec<Row>), Failed> {
    suite.runtime.block_on(async {
        let (double, at) = builtin::start(Options::default()).await;
        let mut target = suite.target.clone();
        target.url = at.url;
        let transport = conduct::transport(&suite.contract, &target, TargetKind::Double)
            .map_err(|error| error.to_string())?;
        let pace = DoubleTime(double.clock().clone());
        let live = ask(suite, case, transport, &pace).await;
        Ok(one(suite, case, &live, &pace).await)
    })
}

fn on_live(suite: &Suite, case: &Case) -> Result<(CaseRecord, Vec<Row>), Failed> {
    let _alone = (case.effect > Effect::Read)
        .then(|| suite.changing.lock().unwrap_or_else(PoisonError::into_inner));
    suite.runtime.block_on(async {
        // Trials run side by side; whoever comes first opens the way for all.
        let open = || async {
            let transport = conduct::transport(&suite.contract, &suite.target, TargetKind::Live)
                .map_err(|error| error.to_string())?;
            Ok::<_, String>(ask(suite, case, transport, &RealTime).await)
        };
        let live = suite.live.get_or_try_init(open).await?;
        Ok(one(suite, case, live, &RealTime).await)
    })
}

/// Asks the target who it is and what the cases need to know.
async fn ask(suite: &Suite, case: &Case, transport: Transport, pace: &dyn Pace) -> Live {
    let probe = probe(&transport, pace, &suite.target.expected).await;
    let mut record = MemoryRecord::default();
    let facts = {
        let engine =
            Engine::new(&suite.contract, &suite.scope, &transport, pace, &|_| {}, &mut record);
        // An account that was refused isn't tried again.
        let needs_facts =
            probe.outcome.is_ok() && (suite.kind == TargetKind::Live || !case.needs.is_empty());
        let discover =
            if needs_facts { suite.contract.appliance.facts.clone() } else { Vec::new() };
        engine.facts(&plan::Plan { run: Vec::new(), left_out: Vec::new(), discover }).await
    };
    Live { transport, probe, facts }
}

/// What the run itself sends at its end.
async fn closed(suite: &Suite, live: &Live, pace: &dyn Pace) -> Vec<Exchange> {
    let then = suite.contract.appliance.logout.as_ref().and_then(|logout| logout.then.as_ref());
    let path = &suite.contract.operations[then.expect("what is asked then")].path;
    let logout = live.transport.logout(pace.now()).await;
    let after = live.transport.ask_after_logout(1, path, pace.now()).await;
    logout.into_iter().chain(after).collect()
}

async fn one(suite: &Suite, case: &Case, live: &Live, pace: &dyn Pace) -> (CaseRecord, Vec<Row>) {
    let identity = match &live.probe.outcome {
        Ok(identity) => identity,
        Err(early) => {
            return (
                CaseRecord::not_run(case, Verdict::Unresolved, Why::RunEnded, early.what.clone()),
                Vec::new(),
            );
        }
    };
    let sent = match case.watches() {
        Some(Own::Login) => live.probe.login.clone().into_iter().collect(),
        Some(Own::Logout | Own::AfterLogout) if suite.kind == TargetKind::Double => {
            closed(suite, live, pace).await
        }
        Some(Own::Logout | Own::AfterLogout) => {
            return (
                CaseRecord::not_run(
                    case,
                    Verdict::Untested,
                    Why::Filtered,
                    "the trials share one session, which is closed after all of them; \
                    `lxca-conform run` judges that",
                ),
                Vec::new(),
            );
        }
        None => Vec::new(),
    };
    if case.watches().is_some() {
        let (contract, strict) = (&suite.contract, suite.scope.strict);
        return (
            CaseRun::watching(contract, case, &live.facts, strict, sent.iter()),
            sent.into_iter().map(|exchange| Row::Exchange(Box::new(exchange))).collect(),
        );
    }
    let version = identity.version.as_deref().and_then(version);
    if let Some(reason) = plan::settle(&suite.contract, case, &live.facts, version.as_ref()) {
        return (CaseRecord::left_out(case, &reason), Vec::new());
    }
    let mut record = MemoryRecord::default();
    let engine =
        Engine::new(&suite.contract, &suite.scope, &live.transport, pace, &|_| {}, &mut record);
    engine.told(version.as_ref());
    let judged = engine.run_case(case, &live.facts).await;
    drop(engine);
    (judged, record.0)
}

fn told(record: &CaseRecord) -> String {
    let mut lines: Vec<String> =
        record.reason.iter().map(|reason| format!("{}: {reason}", record.verdict.word())).collect();
    for finding in &record.findings {
        let place = if finding.pointer.is_empty() {
            String::new()
        } else {
            format!(" at {}", finding.pointer)
        };
        lines.push(format!(
            "{} {}{place}: expected {}, got {} (step {})",
            finding.severity.word(),
            finding.requirement,
            finding.expected,
            finding.actual,
            finding.step
        ));
    }
    lines.join("\n")
}

/// One process ran everything: the same report as `lxca-conform run` would write.
fn write_report(suite: &Suite, plan: &plan::Plan<'_>) -> Result<(), String> {
    let done = std::mem::take(&mut *suite.done.lock().unwrap_or_else(PoisonError::into_inner));
    let identity = suite.live.get().and_then(|live| live.probe.outcome.clone().ok());
    let identity = identity.unwrap_or_else(|| lxca_conform::store::Identity {
        double: suite.kind == TargetKind::Double,
        ..Default::default()
    });
    let (mut cases, mut rows) = (Vec::new(), Vec::new());
    for (record, exchanged) in done {
        cases.push(record);
        rows.extend(exchanged);
    }
    cases.extend(
        plan.left_out
            .iter()
            .map(|(case, reason): &(&Case, LeftOut)| CaseRecord::left_out(case, reason)),
    );
    let header = conduct::header(
        &suite.contract,
        &suite.catalogue,
        &suite.target,
        suite.kind,
        &suite.scope,
        plan,
        RealTime.now(),
    );
    let exchanges = rows
        .iter()
        .filter_map(
            |row| if let Row::Exchange(exchange) = row { Some(exchange.as_ref()) } else { None },
        )
        .collect();
    let source = Source {
        header: &header,
        identity: &identity,
        cases,
        exchanges,
        finished: Some(RealTime.now()),
        ended_early: None,
        record: None,
        replay: false,
        flaws: Vec::new(),
        notes: Vec::new(),
    };
    let report = report::build(&suite.contract, &suite.catalogue, source);
    conduct::write_reports(Path::new(REPORT), &report).map_err(|error| error.to_string())?;
    eprintln!("report: {REPORT} ({})", report.conclusion.word());
    Ok(())
}
