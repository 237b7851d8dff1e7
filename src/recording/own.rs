//! Recordings of our own, made while a client talks with an appliance: what is kept of each
//! exchange, and how the record of them is read again.
//!
//! Knows: the bytes of requests and answers, their secrets, the contract's operations. Must not
//! know: sockets, files.

use std::collections::BTreeSet;

use crate::appliance::Login;
use crate::contract::{Contract, operation_of};
use crate::exchange::{Exchange, Fault, FaultKind, Purpose, Sent};
use crate::judge::case_of;
use crate::receive;
use crate::record::{Record, RecordedFile, Recording, Row, SkippedEntry, TargetKind};
use crate::terms::Auth;

use super::entry::{Answer, Entry};
use super::matching::Place;
use super::secrets::Secrets;
use super::{CANNOT_SHOW, Outside, appliances, lacks};

/// What was seen of an exchange, before anything of it is kept. It may hold secrets.
pub struct Seen {
    /// From 1, in the order in which requests came.
    pub number: u64,
    /// Upper case.
    pub method: String,
    /// Path and query below the address.
    pub target: String,
    /// Headers as the appliance got them, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// What of its body is kept.
    pub body: Part,
    /// When it came.
    pub at: jiff::Timestamp,
    /// Microseconds to the end of the answer.
    pub took_us: u64,
    /// The answer, or what stopped it.
    pub outcome: Result<SeenAnswer, Fault>,
}

/// An answer as it came.
pub struct SeenAnswer {
    /// HTTP status.
    pub status: u16,
    /// For example `HTTP/1.1`.
    pub version: String,
    /// Headers as the appliance sent them, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// What of its body is kept.
    pub body: Part,
}

/// The start of a body, as much as is kept.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// The bytes that are kept.
    pub bytes: Vec<u8>,
    /// How many there were.
    pub all: u64,
}

impl Part {
    /// Adds bytes, as long as there is room.
    pub fn add(&mut self, bytes: &[u8], most: u64) {
        self.all += bytes.len() as u64;
        let room = most.saturating_sub(self.bytes.len() as u64);
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        self.bytes.extend_from_slice(&bytes[..room]);
    }

    fn is_cut(&self) -> bool {
        self.all > self.bytes.len() as u64
    }
}

/// Makes exchanges of what was seen, without the secrets that are known by then.
pub struct Keeper {
    secrets: Secrets,
    most: u64,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keeper({:?})", self.secrets.redactor)
    }
}

impl Keeper {
    /// A keeper that keeps so many bytes of a body, and knows how the product opens a session.
    #[must_use]
    pub fn new(most: u64, login: Option<&Login>) -> Self {
        Self { most, secrets: Secrets::live(login) }
    }

    /// Text without the secrets that are known by now.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.secrets.redactor.text(text)
    }

    /// What is kept of an exchange.
    pub fn keep(&mut self, seen: Seen) -> Exchange {
        let Seen { number, method, target, headers, body, at, took_us, outcome } = seen;
        let mut entry = Entry {
            method,
            url: target,
            headers: texts(&headers),
            body: (body.all > 0).then_some(body.bytes.clone()),
            at: Some(at),
            took_us,
            answer: Err(String::new()),
        };
        let mut unpacked = None;
        let (answer, fault) = match outcome {
            Ok(SeenAnswer { status, version, headers, body }) => {
                let truncated = body.is_cut();
                let told = texts(&headers);
                let mut answer = receive::Answer {
                    status,
                    version,
                    headers,
                    bytes: body.bytes,
                    truncated,
                    oddities: Vec::new(),
                };
                let plain = answer.unpacked(self.most);
                entry.answer = Ok(Answer {
                    status,
                    headers: told,
                    body: Some(plain.bytes.clone()),
                    ..Answer::default()
                });
                unpacked = Some(plain);
                (Some(answer), None)
            }
            Err(fault) => (None, Some(fault)),
        };
        self.secrets.learn(&entry);
        let secrets = &self.secrets;
        let got = answer.zip(unpacked).map(|(mut answer, plain)| {
            for (name, value) in &mut answer.headers {
                let text = String::from_utf8_lossy(value).into_owned();
                *value = secrets.header(name, &text).into_owned().into_bytes();
            }
            let mut got = answer.received(plain, &secrets.redactor);
            secrets.cover(&entry, &mut got);
            got
        });
        let headers = entry.headers.iter().map(|(name, value)| {
            (name.clone(), secrets.redactor.header(name, &secrets.header(name, value)))
        });
        let (path, query) = entry
            .url
            .split_once('?')
            .map_or((entry.url.as_str(), None), |(path, query)| (path, Some(query)));
        let sent = Sent {
            method: entry.method.clone(),
            target: secrets.target(path, query),
            auth: Auth::Default,
            headers: headers.collect(),
            body: entry.body.as_deref().map(|bytes| {
                let kept = secrets.sent(bytes);
                if body.is_cut() {
                    format!("{kept} (cut: {} bytes were sent)", body.all)
                } else {
                    kept
                }
            }),
        };
        let clean = secrets.target(path, None);
        let fault = fault.map(|fault| {
            let message = secrets.redactor.text(&fault.message.replace(path, &clean));
            Fault { message, ..fault }
        });
        Exchange {
            case: String::new(),
            step: format!("#{number}"),
            attempt: u32::try_from(number).unwrap_or(u32::MAX),
            purpose: Purpose::Case,
            at,
            took_us,
            sent,
            got,
            fault,
            retried: Vec::new(),
        }
    }
}

fn texts(headers: &[(String, Vec<u8>)]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into_owned()))
        .collect()
}

/// The record of a recording of our own as it is judged, like those that somebody else made: each
/// exchange with its case, and what is of no operation apart. Any other record stays as it is.
#[must_use]
pub fn completed(contract: &Contract, name: &str, mut record: Record) -> Record {
    if record.header.target.kind != TargetKind::Recording || record.recording.is_some() {
        return record;
    }
    let url = record.header.target.url.clone();
    let (mut exchanges, mut others) = (Vec::new(), Vec::new());
    let mut outside = Outside::default();
    let (mut all, mut skipped) = (0, Vec::new());
    for row in std::mem::take(&mut record.rows) {
        let Row::Exchange(mut exchange) = row else {
            others.push(row);
            continue;
        };
        all += 1;
        if let Some(refused) = exchange.fault.as_ref().filter(|one| one.kind == FaultKind::Refused)
        {
            skipped.push(SkippedEntry {
                file: name.to_owned(),
                entry: u64::from(exchange.attempt),
                why: refused.message.clone(),
                unread: false,
            });
            continue;
        }
        let Some(place) = Place::of(&exchange.sent.target) else {
            outside.add(&exchange.sent.method, "an address that isn't HTTP", &exchange.step);
            continue;
        };
        let path = place.path(0);
        let known = operation_of(contract, &exchange.sent.method, &path)
            .and_then(|operation| contract.operations.get(operation));
        if let Some(operation) = known {
            exchange.sent.target = match &place.query {
                Some(query) => format!("{path}?{query}"),
                None => path,
            };
            exchange.case = case_of(contract, operation, &exchange);
            exchanges.push((url.clone(), 0, *exchange));
        } else {
            outside.add(&exchange.sent.method, &place.outline(), &exchange.step);
        }
    }
    let mut recording = Recording {
        files: vec![RecordedFile {
            name: name.to_owned(),
            form: "lxca-conform record".to_owned(),
            entries: all,
            in_contract: exchanges.len() as u64,
        }],
        outside: outside.rows(),
        skipped,
        cannot_show: CANNOT_SHOW.iter().map(|what| (*what).to_owned()).collect(),
        lacks: lacks(&exchanges),
        ..Recording::default()
    };
    let identity = appliances(&contract.appliance.identify, &exchanges, &mut recording);
    let planned: BTreeSet<String> =
        exchanges.iter().map(|(.., exchange)| exchange.case.clone()).collect();
    record.header.planned = planned.into_iter().collect();
    record.rows = std::iter::once(Row::Identity(identity))
        .chain(others)
        .chain(exchanges.into_iter().map(|(.., exchange)| Row::Exchange(Box::new(exchange))))
        .collect();
    record.recording = Some(recording);
    record
}
