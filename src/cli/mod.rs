//! The command line: arguments in, texts and exit codes out.
//!
//! Knows: every subcommand. The only door to `clap`, and the only place that prints. Must not know:
//! how anything is judged.

mod args;
mod args_depend;
mod args_gate;
mod args_import;
mod args_record;
mod catalogue;
mod coverage;
mod depend;
mod depend_progress;
mod depend_words;
mod exit;
mod explain;
mod explain_tree;
mod fleet;
mod fleet_join;
mod gate;
mod glossary;
mod history;
mod import;
mod overlay;
mod plan;
mod profile;
mod progress;
mod record;
mod recordings;
mod records;
mod run;
mod self_test;
mod serve;
mod serve_log;
mod shard;
mod sources;
mod sweep;
mod waivers;

pub use exit::{Exit, exit_codes};

use std::io::Write as _;

use clap::Parser as _;

use args::{Cli, Command};

use crate::store::StoreError;

/// Whether the process may open what a runtime opens for itself. Without it, nothing can be run.
pub fn room_for_a_runtime() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        const PAIRS: usize = 4;
        let pair = |_| std::os::unix::net::UnixStream::pair();
        (0..PAIRS).map(pair).collect::<std::io::Result<Vec<_>>>()?;
    }
    Ok(())
}

/// Tells why nothing can be run.
#[must_use]
pub fn cannot_start(error: &std::io::Error) -> Exit {
    err(&format!(
        "lxca-conform: failed to start: {error}; raise the limits of the process, such as that of \
            open files (ulimit -n)\n"
    ));
    Exit::Usage
}

/// Runs the command line; the exit code is the answer.
pub async fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` are answers; everything else is a mistake of usage.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Conformant };
            let _ = error.print();
            return exit;
        }
    };
    let result = match cli.command {
        Command::Run(args) => Box::pin(run::run(args)).await,
        Command::Plan(args) => plan::plan(&args),
        Command::Judge(args) => records::judge(&args),
        Command::Report(args) => records::report(&args),
        Command::List(args) => catalogue::list(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Lint(args) => catalogue::lint(&args),
        Command::SelfTest(args) => self_test::self_test(&args),
        Command::Serve(args) => serve::serve(args).await,
        Command::Fingerprint { url } => fingerprint(&url).await,
        Command::Sweep(args) => sweep::sweep(args).await,
        Command::Depend(args) => Box::pin(depend::depend(args)).await,
        Command::Import(args) => import::import(&args),
        Command::Record(args) => record::record(args).await,
        Command::Profile(command) => profile::profile(&command),
        Command::Gate(args) => gate::gate(&args),
        Command::Matrix(args) => gate::matrix(&args),
        Command::History(args) => history::history(&args),
        Command::Coverage(args) => coverage::coverage(&args),
        Command::Shape { run, sources } => records::shape(&run, &sources),
        Command::Waivers(command) => waivers::waivers(&command),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(
                shell,
                &mut <Cli as clap::CommandFactory>::command(),
                "lxca-conform",
                &mut text,
            );
            out(&String::from_utf8_lossy(&text))
        }
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => {
            err(&format!("lxca-conform: failed to {}\n", failure.message));
            failure.exit
        }
    }
}

async fn fingerprint(url: &str) -> Outcome {
    if crate::address::holds_credentials(url) {
        return Err(Failure::usage(
            "fetch the certificate: the address must not contain credentials, and none are needed",
        ));
    }
    match crate::transport::fingerprint(url).await {
        Ok(found) => {
            if let Some(note) = found.note {
                err(&format!("lxca-conform: {note}\n"));
            }
            out(&format!("{}\n", found.sha256))
        }
        Err(error @ crate::transport::TransportError::Unreachable { .. }) => {
            Err(Failure { exit: Exit::Unreachable, message: error.to_string() })
        }
        Err(error) => Err(Failure::usage(error)),
    }
}

/// Why a subcommand couldn't do its work.
struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    fn usage(message: impl std::fmt::Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string() }
    }

    /// A file or folder of a run can't be had. Where another run has it, it is the name that is
    /// wrong.
    fn stored(error: &StoreError) -> Self {
        let exit =
            if matches!(error, StoreError::InUse { .. }) { Exit::Usage } else { Exit::Unwritten };
        Self { exit, message: error.to_string() }
    }

    fn unwritten(message: impl std::fmt::Display) -> Self {
        Self { exit: Exit::Unwritten, message: message.to_string() }
    }
}

type Outcome = Result<Exit, Failure>;

/// Data: stdout. A reader that went away is no failure.
fn out(text: &str) -> Outcome {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::unwritten(format!("write to stdout: {error}")))
        }
        _ => Ok(Exit::Conformant),
    }
}

/// Talk: stderr.
fn err(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
