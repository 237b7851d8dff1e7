//! One run from a target to a report: probe, plan, record, judge, write.
//!
//! Knows: the order of things. The command line, the test target and the benchmark all conduct a
//! run through here. Must not know: terminals, arguments, exit codes.

mod keeper;
mod wait;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use crate::address::Address;
use crate::builtin;
use crate::catalogue::{Catalogue, SESSION};
use crate::contract::{Contract, UNPRIVILEGED};
use crate::engine::{Engine, MemoryRecord, Pace, Recorder as _, Smallest};
use crate::event::Event;
use crate::password;
use crate::plan::{FilterError, Plan, Scope, plan};
use crate::report::{self, Report, Source, Untested};
use crate::store::{
    CatalogueId, ContractId, EndedEarly, FORMAT, Header, Hold, RecordWriter, Row, StoreError,
    TargetKind, Tool, write_file,
};
use crate::target::{self, Login, Target, TargetError};
use crate::transport::{Settings, Transport, TransportError};

use keeper::Keeper;

/// What a run needs.
pub struct Setup<'a> {
    /// What the documents say.
    pub contract: &'a Contract,
    /// What is asked.
    pub catalogue: &'a Catalogue,
    /// Of whom.
    pub target: &'a Target,
    /// Double or live.
    pub kind: TargetKind,
    /// What was asked for.
    pub scope: Scope,
    /// Where the files go; none keeps the record in memory.
    pub out: Option<PathBuf>,
    /// Time.
    pub pace: &'a dyn Pace,
    /// Real time, for the header and the footer.
    pub clock: &'a dyn Pace,
    /// Whoever shows what happens.
    pub observer: &'a (dyn Fn(Event) + Sync),
    /// Becomes true when the operator wants the run to end.
    pub stop: Option<watch::Receiver<bool>>,
}

/// What can stop a run before it has a report.
#[derive(Debug, thiserror::Error)]
pub enum ConductError {
    /// A filter isn't a glob.
    #[error("{0}")]
    Filter(#[from] FilterError),
    /// The target's secrets or files.
    #[error("{0}")]
    Target(#[from] TargetError),
    /// The credentials of the proxy.
    #[error("{0}")]
    Proxy(#[from] password::PasswordError),
    /// The client.
    #[error("{0}")]
    Transport(#[from] TransportError),
    /// Files.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Nothing was selected.
    #[error("select a case: {0}")]
    Nothing(String),
}

/// What a run gave.
#[derive(Debug)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// Why it ended early, if it did.
    pub ended_early: Option<EndedEarly>,
    /// The rows of the record, when they were kept in memory.
    pub rows: Vec<Row>,
    /// Drawn cases that failed, each in its smallest form.
    pub smallest: Vec<Smallest>,
    /// Keeps the folder for whatever is still to be written into it.
    pub hold: Option<Hold>,
}

/// A transport to the target, with its secrets fetched.
pub fn transport(
    contract: &Contract,
    target: &Target,
    kind: TargetKind,
) -> Result<Transport, ConductError> {
    let fetch = |account: &Option<target::Account>, basic| {
        account
            .as_ref()
            .map(|account| password::credentials(account, basic))
            .transpose()
            .map_err(TargetError::from)
    };
    let (account, unprivileged) = if kind == TargetKind::Double {
        (Some(builtin::account()), Some(builtin::unprivileged()))
    } else {
        (fetch(&target.account, target.login == Login::Basic)?, fetch(&target.unprivileged, true)?)
    };
    let settings = Settings {
        base_url: target.url.clone(),
        tls: target.tls.clone(),
        proxy: target.proxy.as_ref().map(password::proxy).transpose()?,
        account,
        unprivileged,
        session: target.login == target::Login::Session,
        allow: target.allow,
        known: contract.known(),
        appliance: contract.appliance.clone(),
        limits: target.limits.clone(),
    };
    Ok(Transport::new(settings)?)
}

/// Conducts one run.
pub async fn conduct(setup: Setup<'_>) -> Result<Outcome, ConductError> {
    conduct_rounds(setup, 1).await
}

/// Conducts a run of several rounds; a case whose verdict changes is `unresolved`.
pub async fn conduct_rounds(setup: Setup<'_>, rounds: u32) -> Result<Outcome, ConductError> {
    Box::pin(conduct_when_up(setup, rounds, None)).await
}

/// Conducts a run of several rounds. With `patience`, an appliance that isn't up yet is waited for
/// that long.
pub async fn conduct_when_up(
    setup: Setup<'_>,
    rounds: u32,
    patience: Option<Duration>,
) -> Result<Outcome, ConductError> {
    let Setup { contract, catalogue, target, kind, mut scope, out, pace, clock, observer, stop } =
        setup;
    if let Some(reason) = nothing_selected(contract, catalogue, &scope)? {
        return Err(ConductError::Nothing(reason));
    }
    let started = clock.now();
    let mut transport = transport(contract, target, kind)?;
    if transport.has_unprivileged() {
        scope.facts.entry(UNPRIVILEGED.to_owned()).or_insert_with(|| {
            target
                .unprivileged
                .as_ref()
                .map_or_else(|| "given".to_owned(), |account| account.user.clone())
        });
    }
    if transport.uses_session() {
        scope.facts.insert(SESSION.to_owned(), "opened".to_owned());
    }
    let mut recorder = match &out {
        Some(folder) => Keeper::File(Box::new(RecordWriter::create(folder)?)),
        None => Keeper::Memory(MemoryRecord::default()),
    };
    let hold = recorder.hold()?;
    let waited = Box::pin(wait::probe(
        &transport,
        pace,
        &target.expected,
        patience.unwrap_or_default(),
        observer,
        stop.clone(),
    ))
    .await;
    let probe = waited.probe;
    if probe.identity.double && target.befriend {
        befriend(&mut scope, &mut transport);
    }
    let plan = rounds_plan(contract, catalogue, &scope, rounds)?;
    let header = header(contract, catalogue, target, kind, &scope, &plan, started);
    if let Err(error) = recorder.row(Row::Header(Box::new(header.clone()))) {
        // The probe has logged in already.
        transport.logout(pace.now()).await;
        return Err(error.into());
    }
    let through = target
        .proxy
        .as_ref()
        .map(|proxy| format!("The requests went through the proxy {}.", proxy.url));
    for text in waited.note.into_iter().chain(through) {
        if let Err(error) = recorder.row(Row::Note { text }) {
            transport.logout(pace.now()).await;
            return Err(error.into());
        }
    }
    let finished = {
        let mut engine = Engine::new(contract, &scope, &transport, pace, observer, &mut recorder);
        engine.stop = stop;
        let login = probe.login.clone();
        let mut finished = Box::pin(engine.rounds(&plan, probe, rounds)).await;
        let logout = engine.logout().await;
        if let Ok(finished) = &mut finished {
            let after = if finished.ended_early.is_none() {
                Box::pin(engine.after_logout(&plan, logout.as_ref())).await
            } else {
                Vec::new()
            };
            let sent: Vec<_> = login.into_iter().chain(logout).chain(after).collect();
            engine.watched(&plan, &sent, finished);
        }
        engine.check_record()?;
        finished?
    };
    let ended = clock.now();
    let notes = recorder.notes();
    recorder.recall(|exchanges| report::evident(&finished.cases, exchanges))?;
    let (rows, footer) = recorder.close(ended, finished.ended_early.clone())?;
    let exchanges = rows.iter().filter_map(Row::exchange).collect();
    let source = Source {
        header: &header,
        identity: &finished.identity,
        cases: finished.cases,
        exchanges,
        finished: Some(footer.finished),
        ended_early: finished.ended_early.clone(),
        record: Some(footer.digest.clone()).filter(|digest| !digest.is_empty()),
        replay: false,
        flaws: Vec::new(),
        notes,
    };
    let report = report::build(contract, catalogue, source);
    if let Some(folder) = &out {
        write_reports(folder, &report)?;
    }
    Ok(Outcome {
        report,
        ended_early: finished.ended_early,
        rows,
        smallest: finished.smallest,
        hold,
    })
}

/// Every round sends its wrong credentials anew, so that each gets its share of those that are
/// allowed.
fn rounds_plan<'a>(
    contract: &Contract,
    catalogue: &'a Catalogue,
    scope: &Scope,
    rounds: u32,
) -> Result<Plan<'a>, FilterError> {
    plan(
        contract,
        catalogue,
        &Scope {
            bad_logins: if scope.bad_logins == u32::MAX {
                u32::MAX
            } else {
                scope.bad_logins / rounds.max(1)
            },
            ..scope.clone()
        },
    )
}

/// The double tells that it is one; then its accounts and facts are known, and bad logins hurt
/// nobody.
fn befriend(scope: &mut Scope, transport: &mut Transport) {
    scope.bad_logins = u32::MAX;
    for (fact, value) in builtin::facts() {
        scope.facts.entry(fact).or_insert(value);
    }
    if !transport.has_unprivileged() {
        transport.set_unprivileged(builtin::unprivileged());
    }
}

/// What is said of a part of a run that has none of the selected cases, while another part has some.
pub fn empty_part(
    contract: &Contract,
    catalogue: &Catalogue,
    scope: &Scope,
) -> Result<Option<String>, FilterError> {
    let Some(shard) = scope.shard else { return Ok(None) };
    if !plan(contract, catalogue, scope)?.run.is_empty() {
        return Ok(None);
    }
    let whole = plan(contract, catalogue, &Scope { shard: None, ..scope.clone() })?.run.len();
    Ok((whole > 0).then(|| {
        format!(
            "shard {shard} has none of the {whole} selected {}",
            if whole == 1 { "case" } else { "cases" }
        )
    }))
}

/// Whether nothing would run whatever the target tells, and why.
pub fn nothing_selected(
    contract: &Contract,
    catalogue: &Catalogue,
    scope: &Scope,
) -> Result<Option<String>, FilterError> {
    let mut widest = scope.clone();
    widest.bad_logins = u32::MAX;
    for fact in contract.facts().chain([SESSION]) {
        widest.facts.entry(fact.to_owned()).or_default();
    }
    for need in catalogue.cases.iter().flat_map(|case| &case.needs) {
        widest.facts.entry(need.clone()).or_default();
    }
    let plan = plan(contract, catalogue, &widest)?;
    // A part without a case is kept all the same, for the others are joined with it.
    if !plan.run.is_empty() || empty_part(contract, catalogue, &widest)?.is_some() {
        return Ok(None);
    }
    let filters = if scope.filters.is_empty() {
        String::new()
    } else {
        format!(" --filter {}", scope.filters.join(" --filter "))
    };
    let by_effect = plan
        .left_out
        .iter()
        .filter(|(_, reason)| matches!(reason, crate::plan::LeftOut::EffectNotAllowed { .. }))
        .count();
    let hint = if by_effect > 0 {
        format!("; {by_effect} match, but need a higher --allow")
    } else {
        "; `lxca-conform list` shows all ids".to_owned()
    };
    Ok(Some(format!(
        "none of {} cases is selected by --allow {}{filters}{hint}",
        catalogue.cases.len(),
        scope.allow.word()
    )))
}

/// The first row of a record.
#[must_use]
pub fn header(
    contract: &Contract,
    catalogue: &Catalogue,
    target: &Target,
    kind: TargetKind,
    scope: &Scope,
    plan: &Plan<'_>,
    started: jiff::Timestamp,
) -> Header {
    Header {
        format: FORMAT.to_owned(),
        tool: Tool::this(),
        contract: ContractId {
            digest: contract.digest.clone(),
            documents: contract.documents.iter().map(Into::into).collect(),
        },
        catalogue: CatalogueId::from(catalogue),
        target: target.id(kind),
        scope: scope.clone(),
        planned: plan.run.iter().map(|case| case.id.clone()).collect(),
        left_out: plan
            .left_out
            .iter()
            .map(|(case, reason)| (case.id.clone(), reason.clone()))
            .collect(),
        started,
    }
}

/// Writes every form of a report into a folder.
pub fn write_reports(folder: &Path, report: &Report) -> Result<(), StoreError> {
    write_reports_as(folder, report, Untested::Skip)
}

/// The same, with cases that weren't asked as a list of tests shall have them.
pub fn write_reports_as(
    folder: &Path,
    report: &Report,
    untested: Untested,
) -> Result<(), StoreError> {
    // The forms don't depend on each other, so they are drawn side by side.
    std::thread::scope(|scope| {
        let forms: Vec<_> = report::files_as(untested)
            .map(|(name, draw)| {
                let path = folder.join(name);
                (path.clone(), scope.spawn(move || write_file(&path, &draw(report))))
            })
            .collect();
        let broke_off = || {
            std::io::Error::other(
                "rendering the report panicked; this is a bug \
            of lxca-conform",
            )
        };
        let written: Vec<Result<(), StoreError>> = forms
            .into_iter()
            .map(|(path, form)| {
                form.join().unwrap_or_else(|_| Err(StoreError::Write { path, source: broke_off() }))
            })
            .collect();
        written.into_iter().collect()
    })
}

/// Writes the same files once more below `folder`, for strangers.
pub fn write_shared(folder: &Path, report: &Report, untested: Untested) -> Result<(), StoreError> {
    let shared = folder.join("share");
    let transcript = crate::store::read_text(&folder.join("transcript.jsonl"))?;
    let forms = report::files_as(untested).map(|(name, draw)| (name, draw(report)));
    let texts: Vec<(&str, String)> =
        std::iter::once(("transcript.jsonl", transcript)).chain(forms).collect();
    // Learnt from all of them first: what one file shows to be a name is one in the others too.
    let mut stand_ins = report::StandIns::learned(
        &texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(),
        &names_of(report),
    );
    texts.iter().try_for_each(|(name, text)| {
        write_file(
            &shared.join(name),
            &if *name == "report.html" { stand_ins.put_page(text) } else { stand_ins.put(text) },
        )
    })
}

/// Names of a target that can't be recognised by their form.
#[must_use]
pub fn names_of(report: &Report) -> Vec<String> {
    let host = Address::parse(&report.target.url)
        .map(|address| address.host().to_owned())
        .unwrap_or_default();
    let mut names = vec![report.target.name.clone(), host];
    names.retain(|name| !name.is_empty());
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
}
