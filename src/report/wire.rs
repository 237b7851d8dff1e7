//! What a reader should know about how the answers came: requests that were sent again, and bodies
//! and heads that were read another way.
//!
//! Knows: exchanges. Must not know: verdicts.

use crate::exchange::{Exchange, FaultKind, Oddity, Received};

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
            "{} tried a second time because the connection broke before any answer",
            plural(broken, "read was", "reads were")
        ),
    );
    let renewed = again(FaultKind::Session);
    note(
        renewed,
        format!(
            "{} sent again because the session that it was sent in had ended, or its id had been \
            renewed",
            plural(renewed, "request was", "requests were")
        ),
    );
    let mut codings: Vec<&str> = exchanges
        .iter()
        .filter_map(|exchange| exchange.got.as_ref()?.body.packed.as_ref())
        .map(|packed| packed.coding.as_str())
        .collect();
    let packed = codings.len();
    codings.sort_unstable();
    codings.dedup();
    note(
        packed,
        format!(
            "{} packed ({}), though each request asked for plain ones",
            plural(packed, "body came", "bodies came"),
            codings.join(", ")
        ),
    );
    let ignored = answers(&|got| got.oddities.contains(&Oddity::HeadersIgnored));
    note(
        ignored,
        format!(
            "{} read without header lines that aren't HTTP, if there were any: the strict reader \
            had refused one",
            plural(ignored, "answer was", "answers were")
        ),
    );
    let unsaid = answers(&|got| got.oddities.contains(&Oddity::EndUnsaid));
    note(
        unsaid,
        format!(
            "{} neither a length nor an end of the TLS connection that was said; {} JSON that was \
            complete",
            plural(unsaid, "body had", "bodies had"),
            plural(unsaid, "it was", "each was")
        ),
    );
    notes
}
