//! What one run of a client is served: answers of the double or of a recording, with the changes of
//! an experiment; and what the client asked for.
//!
//! Knows: where answers come from, and which operation a request is of. Must not know: connections,
//! processes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::builtin::{NOT_PLAYED, Unserved};
use crate::contract::Contract;
use crate::depend::{Call, Experiment, Key, Replay, Seen, Served, put_back};

/// Where answers come from, in one run.
pub(super) enum Site {
    Double(Box<Unserved>),
    Recording(Replay),
}

/// A request as it came.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) target: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// An answer, and how long it is held back.
pub(super) struct Reply {
    pub(super) answer: Served,
    pub(super) delay: Duration,
}

/// Everything that one run is served.
pub(super) struct Stage {
    contract: Arc<Contract>,
    site: Mutex<Site>,
    experiment: Experiment,
    seen: Option<Arc<Seen>>,
    /// What was put in for which value.
    pairs: Vec<(String, String)>,
    slower: Duration,
    calls: Mutex<Vec<Call>>,
}

impl Stage {
    pub(super) fn new(
        contract: Arc<Contract>,
        site: Site,
        experiment: Experiment,
        seen: Option<Arc<Seen>>,
        pairs: Vec<(String, String)>,
        slower: Duration,
    ) -> Self {
        let (site, calls) = (Mutex::new(site), Mutex::default());
        Self { contract, site, experiment, seen, pairs, slower, calls }
    }

    /// What was asked for so far.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The answer to a request.
    pub(super) fn answer(&self, mut asked: Asked) -> Reply {
        // A value that was put in is the served one again when the client asks for it.
        if !self.pairs.is_empty() {
            asked.target = put_back(&asked.target, &self.pairs).into_owned();
            if let Ok(text) = std::str::from_utf8(&asked.body) {
                asked.body = put_back(text, &self.pairs).into_owned().into_bytes();
            }
        }
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        let (served, unknown) = self.serve(&asked, &body);
        let text = std::str::from_utf8(&served.body).unwrap_or_default().to_owned();
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(Call {
            method: asked.method.clone(),
            target: asked.target.clone(),
            headers: asked.headers,
            body,
            status: served.status,
            answer: text.clone(),
            unknown,
        });
        let plain = |answer| Reply { answer, delay: Duration::ZERO };
        let Some(seen) = self.seen.as_ref().filter(|_| !unknown) else { return plain(served) };
        let key = Key::of(&self.contract, &asked.method, &asked.target);
        let Some(operation) = seen.operations.iter().position(|one| one.key == key) else {
            return plain(served);
        };
        let changed = self.experiment.change(seen, operation, served.status, &text);
        let delay = if changed.slower { self.slower } else { Duration::ZERO };
        if changed.status == served.status && changed.body == text {
            return Reply { answer: served, delay };
        }
        let of_the_body = |name: &str| {
            let lower = name.to_lowercase();
            lower == "content-length" || (lower == "content-type" && changed.status == 204)
        };
        let mut headers = served.headers;
        headers.retain(|(name, _)| !of_the_body(name));
        let (status, body) = (changed.status, changed.body.into_owned().into_bytes());
        if changed.refused {
            headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        }
        Reply { answer: Served { status, headers, body }, delay }
    }

    /// The unchanged answer, and whether it is none of those that can be served.
    fn serve(&self, asked: &Asked, body: &str) -> (Served, bool) {
        match &mut *self.site.lock().unwrap_or_else(PoisonError::into_inner) {
            Site::Double(double) => {
                let mut headers = asked.headers.clone();
                // A packed answer can't be changed.
                headers.retain(|(name, _)| name != "accept-encoding");
                let (status, headers, body) =
                    double.answer(&asked.method, &asked.target, headers, asked.body.clone());
                (Served { status, headers, body }, status == NOT_PLAYED)
            }
            Site::Recording(replay) => match replay.answer(&asked.method, &asked.target, body) {
                Some(served) => (served, false),
                None => (not_recorded(asked), true),
            },
        }
    }
}

fn not_recorded(asked: &Asked) -> Served {
    let path = asked.target.split('?').next().unwrap_or_default();
    let what = format!("{} {path} isn't in the recording with this query and body", asked.method);
    let body = serde_json::json!({ "error": "not-recorded", "message": what });
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Served {
        status: 404,
        headers: vec![
            header("Content-Type", "application/json"),
            header("X-Lxca-Conform", "not-recorded"),
        ],
        body: body.to_string().into_bytes(),
    }
}
