//! One exchange of a recording, without its secrets.
//!
//! Knows: an entry, what may not be kept of it, and where the recording may be wrong about a body.
//! Must not know: other exchanges, verdicts.

use crate::catalogue::Auth;
use crate::exchange::{Body, Exchange, Fault, FaultKind, Oddity, Purpose, Received, Sent};
use crate::judge::legible;
use crate::receive::recorded;

use super::Met;
use super::entry::Answer;
use super::secrets::Secrets;

/// The time of an exchange whose recording tells none.
pub(super) const UNKNOWN: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

pub(super) fn exchange(met: &Met<'_>, path: &str, secrets: &Secrets) -> Exchange {
    let entry = met.entry;
    let headers = entry.headers.iter().map(|(name, value)| {
        let name = name.to_lowercase();
        let value = secrets.redactor.header(&name, &secrets.header(&name, value));
        (name, value)
    });
    let sent = Sent {
        method: entry.method.clone(),
        target: secrets.target(path, met.place.query.as_deref()),
        auth: Auth::Default,
        headers: headers.collect(),
        body: entry.body.as_deref().map(|body| secrets.sent(body)),
    };
    let (got, fault) = match &entry.answer {
        Ok(answer) => {
            let mut got = received(answer, secrets);
            secrets.cover(entry, &mut got);
            (Some(got), None)
        }
        Err(why) => (None, Some(Fault::new(FaultKind::Bound, why.clone()))),
    };
    Exchange {
        case: String::new(),
        step: met.step.clone(),
        attempt: u32::try_from(met.number).unwrap_or(u32::MAX),
        purpose: Purpose::Case,
        at: entry.at.unwrap_or(UNKNOWN),
        took_us: entry.took_us,
        sent,
        got,
        fault,
        retried: Vec::new(),
    }
}

fn received(answer: &Answer, secrets: &Secrets) -> Received {
    let headers = answer
        .headers
        .iter()
        .map(|(name, value)| {
            let name = name.to_lowercase();
            let value = secrets.header(&name, value).into_owned().into_bytes();
            (name, value)
        })
        .collect();
    let bytes = answer.body.clone().unwrap_or_default();
    let mut got =
        recorded(answer.status, answer.version.clone(), headers, bytes, &secrets.redactor);
    if let Some(text) = legible(&got) {
        got = text;
    }
    if is_unsure(answer, &got.body) {
        got.oddities.push(Oddity::BodyUnsure);
    }
    got
}

/// What packing makes of no byte at all: gzip takes 20, deflate 8.
const MOST_OF_NOTHING: usize = 24;

/// Whether the recording, and not the appliance, may be the cause that the body isn't there, breaks
/// off, or has something behind its end.
fn is_unsure(answer: &Answer, body: &Body) -> bool {
    let length = answer.header("content-length").and_then(|length| length.trim().parse().ok());
    if body.bytes == 0 {
        let told: Option<usize> = answer.size.filter(|size| *size > 0).or(length);
        let may_be_empty = [204, 304].contains(&answer.status);
        let hidden = answer.body.is_none() && told.is_none() && answer.size.is_none();
        // Of a text that was kept, empty, a size may be that of what nothing was packed to.
        let least = if answer.body.is_some() { MOST_OF_NOTHING } else { 0 };
        return !may_be_empty && (hidden || told.is_some_and(|told| told > least));
    }
    let held = usize::try_from(body.bytes).unwrap_or(usize::MAX);
    if body.packed.as_ref().is_some_and(|packed| packed.unread.is_some()) {
        // Only as many bytes as were announced are the ones that were sent.
        return length != Some(held);
    }
    let plain = answer.header("content-encoding").is_none();
    let as_sent = plain && length == Some(held);
    let Some(text) = &body.text else {
        let told = length.filter(|_| plain).or(answer.size);
        return told.is_some_and(|told| told > held);
    };
    let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) else { return false };
    if error.is_eof() {
        return !(as_sent || answer.size == Some(held));
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    let whole = values
        .next()
        .is_some_and(|first| first.is_ok_and(|value| value.is_object() || value.is_array()));
    whole && !as_sent
}
