//! One run of a client's command against answers with changes: the bench on which experiments are
//! made.
//!
//! Knows: how answers are served on the loopback interface, how a command is run and ended, and
//! what of its output is compared. Must not know: which experiments are made, or what they tell.

mod command;
mod driver;
mod journal;
mod server;
mod stage;

pub use driver::{Budget, First, LearnError, Learned, Learning, News, first, learn};
pub use journal::{About, Journal, JournalError};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use crate::builtin::Unserved;
use crate::contract::Contract;
use crate::depend::{Call, Experiment, Outcome, Recorded, Replay, Seen, put_back};
use crate::files;
use crate::store::{self, StoreError};
use crate::texts::hex;

use command::{Ended, Running};
use stage::{Site, Stage};

/// What is served.
#[derive(Clone)]
pub enum Source {
    /// The double.
    Double(Box<Unserved>),
    /// Recorded answers.
    Recording(Arc<Vec<Recorded>>),
}

/// What is compared beside the exit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// Nothing.
    Nothing,
    /// What the command prints.
    Stdout,
    /// What it writes to a file; `{run}` in its name stands for the number of the place.
    File(String),
}

/// All that a run needs.
#[derive(Clone)]
pub struct Bench {
    /// Where operations have their names.
    pub contract: Arc<Contract>,
    /// What is served.
    pub source: Source,
    /// The command, word by word; `{url}` and `{run}` in it are filled in.
    pub command: Vec<String>,
    /// Variables of its environment.
    pub variables: Vec<(String, String)>,
    /// What is compared.
    pub compared: Compared,
    /// Whether the file that is compared is known to be one that the command writes, and is taken
    /// away before each run.
    pub clean: bool,
}

/// How long runs and answers may take.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// A run that takes longer is ended.
    pub limit: Duration,
    /// How long a slower answer is held back.
    pub slower: Duration,
}

/// One run.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What came of it.
    pub outcome: Outcome,
    /// What the client asked for, in order.
    pub calls: Vec<Call>,
    /// How long it took.
    pub took: Duration,
    /// The end of what it printed to stderr, or else to stdout.
    pub said: String,
}

/// Why no run could be made.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// No port.
    #[error("listen on 127.0.0.1: {0}")]
    Listen(std::io::Error),
    /// No process.
    #[error("start `{word}`: {source}; give the command after `--`, as a shell would find it")]
    Start {
        /// The first word of the command.
        word: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file that is compared.
    #[error("compare {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file that is compared can't be taken away.
    #[error(transparent)]
    Remove(StoreError),
    /// The file isn't one that the command writes.
    #[error("compare {path}: the command didn't write it; name the file that it writes")]
    Unwritten {
        /// Which.
        path: PathBuf,
    },
}

impl Bench {
    /// The file that is compared, for one seat.
    #[must_use]
    pub fn file(&self, seat: usize) -> Option<PathBuf> {
        match &self.compared {
            Compared::File(name) => Some(name.replace("{run}", &seat.to_string()).into()),
            _ => None,
        }
    }

    /// Runs the command once, with the changes of an experiment. What is changed is what an
    /// earlier, unchanged run has fetched.
    pub async fn run(
        &self,
        seat: usize,
        experiment: &Experiment,
        seen: Option<Arc<Seen>>,
        pace: Pace,
    ) -> Result<Ran, TrialError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(TrialError::Listen)?;
        let url = format!("http://{}", listener.local_addr().map_err(TrialError::Listen)?);
        let pairs = seen.as_ref().map(|seen| experiment.put_in(seen)).unwrap_or_default();
        let site = match &self.source {
            Source::Double(double) => Site::Double(Box::new(double.again())),
            Source::Recording(recorded) => Site::Recording(Replay::new(Arc::clone(recorded))),
        };
        let stage = Arc::new(Stage::new(
            Arc::clone(&self.contract),
            site,
            experiment.clone(),
            seen,
            pairs.clone(),
            pace.slower,
        ));
        let before = self.before(seat)?;
        let serving = server::serve(listener, Arc::clone(&stage));
        let started = Instant::now();
        let ended = self.command(seat, &url)?.end(pace.limit).await;
        let took = started.elapsed();
        drop(serving);
        if let Some((path, before)) = before
            && !self.clean
            && files::written(&path) == before
        {
            return Err(TrialError::Unwritten { path });
        }
        let output = self.output(seat, &ended)?.map(|bytes| {
            let text = String::from_utf8_lossy(&bytes).replace(&url, "{url}");
            (digest(&text), digest(&put_back(&text, &pairs)))
        });
        let (output, back) = output.unzip();
        Ok(Ran {
            outcome: Outcome { end: ended.end.clone(), output, back },
            calls: stage.calls(),
            took,
            said: ended.said(),
        })
    }

    /// The file that is compared, and how it was before the run.
    fn before(&self, seat: usize) -> Result<Option<(PathBuf, Option<String>)>, TrialError> {
        let Some(path) = self.file(seat) else { return Ok(None) };
        if self.clean {
            store::remove(&path).map_err(TrialError::Remove)?;
        }
        let written = files::written(&path);
        Ok(Some((path, written)))
    }

    fn command(&self, seat: usize, url: &str) -> Result<Running, TrialError> {
        let fill = |word: &String| word.replace("{url}", url).replace("{run}", &seat.to_string());
        let words: Vec<String> = self.command.iter().map(fill).collect();
        let mut variables = self.variables.clone();
        variables.push(("LXCA_URL".to_owned(), url.to_owned()));
        variables.push(("LXCA_RUN".to_owned(), seat.to_string()));
        Running::start(&words, &variables).map_err(|source| TrialError::Start {
            word: words.first().cloned().unwrap_or_default(),
            source,
        })
    }

    /// What is compared, if anything is.
    fn output(&self, seat: usize, ended: &Ended) -> Result<Option<Vec<u8>>, TrialError> {
        match self.file(seat) {
            Some(path) => match files::bytes(&path) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    Ok(Some(b"(no file)".to_vec()))
                }
                Err(source) => Err(TrialError::File { path, source }),
            },
            None if self.compared == Compared::Stdout => Ok(Some(ended.stdout.clone())),
            None => Ok(None),
        }
    }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
