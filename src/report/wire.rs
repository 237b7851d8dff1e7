//! What a reader should know about how the answers came: requests that were sent again, and bodies
//! and heads that were read another way.
//!
//! Knows: exchanges. Must not know: verdicts.

use crate::exchange::{Exchange, FaultKind, Oddity, Received};

use crate::unpack;

use super::words::plural;

/// A note for each of these that happened.
pub(super) fn notes(exchanges: &[&Exchange]) -> Vec<String> {
    let again = |kind: FaultKind| {
        exchanges
            .iter()
            .filter(|exchange| exchange.retried.iter().any(|fault| fault.kind == kind))
            .count()
    };
    let answers = |is: &dyn Fn(&Received) -> bool| {
        exchanges.iter().filter_map(|exchange| exchange.got.as_ref()).filter(|got| is(got)).count()
    };
    let mut notes = Vec::new();
    let mut note = |count: usize, text: String| {
        if count > 0 {
            notes.push(format!("{count} {text}."));
        }
    };
    let broken = again(FaultKind::Closed);
    note(
        broken,
        format!(
            "{} retried because the connection broke before any answer",
            plural(broken, "read was", "reads were")
        ),
    );
    let renewed = again(FaultKind::Session);
    note(
        renewed,
        format!(
            "{} sent again because the session had ended or its id had been renewed",
            plural(renewed, "request was", "requests were")
        ),
    );
    let mut named: Vec<&str> = exchanges
        .iter()
        // A recording may lack the header that asked for it.
        .filter(|exchange| {
            !exchange.accepts_a_coding()
                && !exchange.got.as_ref().is_some_and(Received::is_recorded)
        })
        .filter_map(|exchange| exchange.got.as_ref()?.body.packed.as_ref())
        .map(|packed| packed.coding.as_str())
        .collect();
    named.sort_unstable();
    let is_known = |codings: &&str| codings.split(", ").all(unpack::is_known);
    let (mut codings, mut others) = named.into_iter().partition::<Vec<_>, _>(is_known);
    let (packed, misnamed) = (codings.len(), others.len());
    codings.dedup();
    others.dedup();
    note(
        packed,
        format!(
            "{} compressed ({}), though no request accepted a content coding",
            plural(packed, "body came", "bodies came"),
            codings.join(", ")
        ),
    );
    note(
        misnamed,
        format!(
            "{} with a content coding that isn't known ({}); where it was JSON all the same, it \
                was read as it is",
            plural(misnamed, "body came", "bodies came"),
            others.join(", ")
        ),
    );
    let ignored = answers(&|got| got.oddities.contains(&Oddity::HeadersIgnored));
    note(
        ignored,
        format!(
            "{} parsed leniently, skipping invalid header lines if any, because strict parsing \
                failed",
            plural(ignored, "answer was", "answers were")
        ),
    );
    let unsaid = answers(&|got| got.oddities.contains(&Oddity::EndUnsaid));
    note(
        unsaid,
        format!(
            "{} neither a length nor a TLS close_notify; {} complete JSON",
            plural(unsaid, "body had", "bodies had"),
            plural(unsaid, "it was", "each was")
        ),
    );
    notes
}
