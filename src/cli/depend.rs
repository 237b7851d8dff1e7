//! `depend`: what a client depends on, learned by running its test command against changed answers.
//!
//! Knows: what to serve, what to say, and how it ends. Must not know: which experiments are made,
//! or how.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest, Sha256};

use crate::builtin::{RealTime, Unserved};
use crate::contract::Contract;
use crate::depend::{self, Key, Recorded, Seen, Step};
use crate::engine::Pace as _;
use crate::environment::{PASSWORD_VARIABLE, environment};
use crate::exchange::Exchange;
use crate::files;
use crate::profile::{self, Compare, From, Unfinished};
use crate::reader::duration;
use crate::record::Row;
use crate::recording;
use crate::redact::Redactor;
use crate::store;
use crate::texts::hex;
use crate::trial::{self, Bench, Budget, Compared, First, Journal, Learning, Source};

use super::args_depend::DependArgs;
use super::depend_progress::Progress;
use super::depend_words::{name_of, without_secrets};
use super::{Exit, Failure, Outcome, err, out, recordings, sources};

/// What is served, and how it is told in the profile.
struct Served {
    source: Source,
    from: From,
    /// Digest of its file.
    digest: Option<String>,
    version: Option<String>,
    /// User and password for the client.
    account: Option<(String, SecretString)>,
}

pub(super) async fn depend(args: DependArgs) -> Outcome {
    let budget = budget(args.budget.as_deref())?;
    let compared = compared(&args)?;
    let jobs = usize::from(args.jobs);
    let (contract, _) = sources::load(&args.sources)?;
    let contract = Arc::new(contract);
    let journal_path = beside(&args.out);
    let mut redactor = Redactor::default();
    let command = without_secrets(&args.command, &mut redactor);
    let now = RealTime.now();
    let served = served(&args, &contract, now)?;
    let about = trial::About {
        command: command.clone(),
        source: served.digest.clone().unwrap_or_else(|| "double".to_owned()),
        compare: args.compare.clone().unwrap_or_default(),
        contract: contract.digest.clone(),
        by: format!("lxca-conform {}", env!("CARGO_PKG_VERSION")),
    };
    let mut journal = Journal::open(&journal_path, &about, now).map_err(|error| match error {
        trial::JournalError::Store(error) => Failure::stored(&error),
        other => Failure::usage(other),
    })?;
    let begun = journal.is_empty();
    // The double of a journal is that of the first start, so that times are the same.
    let source = match served.source {
        Source::Double(double) => Source::Double(Box::new(double.at(journal.started))),
        recording @ Source::Recording(_) => recording,
    };
    let mut variables = Vec::new();
    if let Some((user, password)) = &served.account {
        redactor.add(Some(user), password);
        variables.push(("LXCA_USER".to_owned(), user.clone()));
        variables.push((PASSWORD_VARIABLE.to_owned(), password.expose_secret().to_owned()));
    }
    let mut bench = Bench {
        contract: Arc::clone(&contract),
        source,
        command: args.command.clone(),
        variables,
        compared: compared.clone(),
        clean: false,
    };
    let learned = depend::About {
        name: args.name.clone().unwrap_or_else(|| name_of(&command)),
        command,
        learned: journal.started,
        from: served.from,
        source: served.digest.filter(|_| served.from != From::Double),
        version: served.version,
        compare: match compared {
            Compared::Nothing => Compare::ExitStatus,
            Compared::Stdout => Compare::Stdout,
            Compared::File(_) => Compare::File,
        },
        runs: 0,
        why: None,
    };
    let ended = super::serve::ended()?;
    let learning =
        Box::pin(learn(&args, &mut bench, &mut journal, budget, jobs, learned, &redactor));
    let result = tokio::select! {
        result = learning => result,
        () = ended => {
            err("lxca-conform: interrupted; the same command goes on from here\n");
            return Ok(Exit::Interrupted);
        }
    };
    // What a flaky command came to is worth nothing.
    let useless = match &result {
        Ok((_, why)) => *why != Some(Unfinished::Budget),
        Err(_) => begun,
    };
    if useless {
        journal.remove().map_err(|error| Failure::stored(&error))?;
    }
    result.map(|(exit, _)| exit)
}

/// How it ends, and why not all is known.
type Ended = (Exit, Option<Unfinished>);

async fn learn(
    args: &DependArgs,
    bench: &mut Bench,
    journal: &mut Journal,
    budget: Budget,
    jobs: usize,
    mut about: depend::About,
    redactor: &Redactor,
) -> Result<Ended, Failure> {
    let contract = Arc::clone(&bench.contract);
    let progress = Progress::new(args.quiet);
    let (ran, seen, pace, first_runs) =
        match trial::first(bench, jobs).await.map_err(Failure::usage)? {
            First::Fails(ran) => {
                return Err(Failure::usage(format!(
                    "learn what the command depends on: without any change it {}{}\n{}",
                    ended_with(&ran.outcome.end),
                    asked_in_vain(&Seen::of(&contract, &ran.calls)),
                    indented(&redactor.text(&ran.said)),
                )));
            }
            First::Flaky { seen, what, runs, .. } => {
                let findings = vec![depend::Finding::default(); seen.elements.len()];
                let step = Step {
                    wanted: Vec::new(),
                    runs: vec![0; findings.len()],
                    findings,
                    made: 0,
                    flaky: true,
                };
                about.runs = runs;
                about.why = Some(Unfinished::Flaky);
                write(&args.out, &contract, &seen, &step, &about)?;
                err(&format!(
                    "lxca-conform: the command is flaky: {what} differs from run to run though \
                     nothing changes; nothing was tried{}\n",
                    if jobs > 1 { ". Try -j 1: it may be in its own way" } else { "" }
                ));
                return Ok((Exit::Incomplete, about.why));
            }
            First::Passes { ran, seen, pace, runs } => (ran, seen, pace, runs),
        };
    if ran.calls.is_empty() {
        return Err(Failure::usage(
            "learn what the command depends on: it asked for nothing. The address to ask is in \
             LXCA_URL, and stands for `{url}` in its words",
        ));
    }
    if seen.operations.is_empty() {
        return Err(Failure::usage(format!(
            "learn what the command depends on: it asked for nothing that is served{}",
            asked_in_vain(&seen)
        )));
    }
    let vain = asked_in_vain(&seen);
    if !vain.is_empty() {
        progress.line(&format!("The command{vain}"));
    }
    let members: usize = seen.operations.iter().map(|one| one.members).sum();
    progress.line(&format!(
        "The command passes unchanged, in {:.1?}: {} of {}, {} in the answers",
        ran.took,
        count(ran.calls.len(), "call"),
        count(seen.operations.len(), "operation"),
        count(members, "member"),
    ));
    let had = journal.len();
    if !journal.fetched(&seen).map_err(|error| Failure::stored(&error))? {
        progress.line("It fetched something else than before: beginning again");
    } else if had > 0 {
        progress.line(&format!("Going on after {}", count(had, "run")));
    }
    let what = Learning { seen: &seen, unchanged: &ran.outcome, pace, jobs, budget };
    let learned = trial::learn(bench, what, journal, |news| progress.news(&seen, &news))
        .await
        .map_err(|error| match error {
            trial::LearnError::Trial(error) => Failure::usage(error),
            trial::LearnError::Store(error) => Failure::stored(&error),
        })?;
    progress.done();
    about.runs = learned.runs + first_runs;
    about.why = learned.why;
    let profile = write(&args.out, &contract, &seen, &learned.step, &about)?;
    let needed: usize = profile
        .operations
        .iter()
        .map(|one| one.needs.iter().filter(|member| member.needed).count())
        .sum();
    let rows: usize = profile.operations.iter().map(|one| one.needs.len()).sum();
    out(&format!(
        "{} needs {needed} of {} of {}, and minds {} ({})\n{}\n",
        about.name,
        count(members, "member"),
        count(seen.operations.len(), "operation"),
        count(rows, "member"),
        count(usize::try_from(about.runs).unwrap_or(usize::MAX), "run"),
        args.out.display()
    ))?;
    let exit = match learned.why {
        None => Exit::Conformant,
        Some(Unfinished::Budget) => {
            err("lxca-conform: the budget is spent; the profile has what is known so far. The \
                 same command goes on from here\n");
            Exit::Incomplete
        }
        Some(Unfinished::Flaky) => {
            err("lxca-conform: the command is flaky: it came to two ends with the same changes. \
                 The profile has what is known so far\n");
            Exit::Incomplete
        }
    };
    Ok((exit, learned.why))
}

fn write(
    path: &Path,
    contract: &Contract,
    seen: &Seen,
    step: &Step,
    about: &depend::About,
) -> Result<profile::Profile, Failure> {
    let profile = depend::profile(contract, seen, step, about);
    store::write_file(path, &profile::write(&profile)).map_err(|error| Failure::stored(&error))?;
    Ok(profile)
}

fn ended_with(end: &depend::End) -> String {
    match end {
        depend::End::Exit(status) => format!("ends with exit status {status}"),
        depend::End::Signal(signal) => format!("is ended by signal {signal}"),
        depend::End::Hung => "doesn't end".to_owned(),
    }
}

/// What was asked for and isn't served.
fn asked_in_vain(seen: &Seen) -> String {
    const SHOWN: usize = 3;
    if seen.unknown.is_empty() {
        return String::new();
    }
    let mut names: Vec<&str> = seen.unknown.iter().map(String::as_str).collect();
    names.dedup();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!(
        " asked for {} that {} not served: {}{more}",
        count(seen.unknown.len(), "thing"),
        if seen.unknown.len() == 1 { "is" } else { "are" },
        names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ")
    )
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn beside(profile: &Path) -> PathBuf {
    let mut name = profile.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

fn budget(text: Option<&str>) -> Result<Budget, Failure> {
    let Some(text) = text else { return Ok(Budget::All) };
    let runs = text.trim().trim_end_matches('s').strip_suffix("run");
    if let Some(runs) = runs.and_then(|runs| runs.trim().parse().ok()) {
        return Ok(Budget::Runs(runs));
    }
    duration(text).map(Budget::Time).ok_or_else(|| {
        Failure::usage(format!(
            "use --budget `{text}`: write a length of time such as 10m or 1h 30m, or a number of \
             runs such as 200runs"
        ))
    })
}

fn compared(args: &DependArgs) -> Result<Compared, Failure> {
    match args.compare.as_deref() {
        None => Ok(Compared::Nothing),
        Some("stdout") => Ok(Compared::Stdout),
        Some(file) if args.jobs > 1 && !file.contains("{run}") => Err(Failure::usage(format!(
            "compare {file} with -j {}: runs side by side would write one file; put {{run}} into \
             its name and into the command, or leave out -j",
            args.jobs
        ))),
        Some(file) => Ok(Compared::File(file.to_owned())),
    }
}

fn served(args: &DependArgs, contract: &Contract, now: jiff::Timestamp) -> Result<Served, Failure> {
    if let Some(path) = &args.recording {
        return recorded(path, contract, args);
    }
    let mut digest = None;
    let mut snapshot = None;
    if let Some(path) = &args.state {
        let text = files::text(path)
            .map_err(|error| Failure::usage(format!("read {}: {error}", path.display())))?;
        digest = Some(format!("sha256:{}", hex(&Sha256::digest(text.as_bytes()))));
        snapshot = Some(text.parse().map_err(|error| {
            Failure::usage(format!("start with the state in {}:\n{error}", path.display()))
        })?);
    }
    let double = Unserved::new(snapshot, now);
    let account = double.account();
    Ok(Served {
        from: if args.state.is_some() { From::State } else { From::Double },
        digest,
        version: Some(double.version().to_owned()),
        account: Some((account.user, account.password)),
        source: Source::Double(Box::new(double)),
    })
}

fn recorded(path: &Path, contract: &Contract, args: &DependArgs) -> Result<Served, Failure> {
    let opened = recordings::open(&[path.to_path_buf()], &args.sources)?;
    let version = opened.record.rows.iter().find_map(|row| match row {
        Row::Identity(identity) => identity.version.clone(),
        _ => None,
    });
    let (exchanges, digest): (Vec<Exchange>, String) = if recordings::is_recording(path) {
        let text = store::read_text(path).map_err(Failure::usage)?;
        let file = recording::read(&path.display().to_string(), &text).map_err(|problem| {
            Failure::usage(format!("read recordings:\n{}", crate::problem::Problems(vec![problem])))
        })?;
        (recording::exchanges(contract, std::slice::from_ref(&file)), file.digest())
    } else {
        let own = opened.record.rows.into_iter().filter_map(|row| match row {
            Row::Exchange(exchange) if exchange.sent.auth.is_own() => Some(*exchange),
            _ => None,
        });
        (own.collect(), opened.record.digest)
    };
    let all: Vec<&Exchange> = exchanges.iter().collect();
    let (recorded, left_out) = Recorded::of(contract, &all);
    let name = path.display();
    if recorded.is_empty() {
        return Err(Failure::usage(format!(
            "serve {name}: it has no whole exchange; record what the command asks for, and gets"
        )));
    }
    let known = |exchange: &&&Exchange| {
        Key::of(contract, &exchange.sent.method, &exchange.sent.target).id.is_some()
    };
    if all.iter().find(known).is_none() {
        return Err(Failure::usage(format!(
            "serve {name}: none of its {} is of an operation that the contract knows. Is it a \
             recording of another product? If not, add its operations with --contract DIR",
            count(all.len(), "request")
        )));
    }
    if left_out > 0 {
        err(&format!(
            "lxca-conform: {} of {name} without a whole answer can't be served\n",
            count(left_out, "exchange")
        ));
    }
    let given = |name: &str, usual: &str| environment(name).unwrap_or_else(|| usual.to_owned());
    let password = SecretString::from(given(PASSWORD_VARIABLE, "recorded"));
    Ok(Served {
        source: Source::Recording(Arc::new(recorded)),
        from: From::Recording,
        digest: Some(digest),
        version,
        account: Some((given("LXCA_USER", "recorded"), password)),
    })
}
