//! What stopped an exchange: its kind, from the types of its causes, and a message.
//!
//! Knows: the errors of the client below. Must not know: requests, secrets.

use std::error::Error;
use std::io::{self, ErrorKind};

use crate::exchange::FaultKind;

/// How many header lines of an answer are read.
pub(super) const MOST_HEADERS: usize = 2048;

/// An error with all its causes; what an I/O error wraps is one of them.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut all = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        all.push(error);
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    all
}

/// Whether the peer ended the connection in the middle of the handshake.
pub(super) fn is_handshake_ended(error: &reqwest::Error) -> bool {
    error.is_connect()
        && !causes(error).iter().any(|cause| cause.is::<rustls::Error>())
        && is_end_unsaid(error)
}

/// What kind of fault it is.
pub(super) fn kind(error: &reqwest::Error) -> FaultKind {
    let causes = causes(error);
    let io = |wanted: &[ErrorKind]| {
        causes
            .iter()
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|error| wanted.contains(&error.kind()))
    };
    let hyper = |is: fn(&hyper::Error) -> bool| {
        causes.iter().filter_map(|cause| cause.downcast_ref::<hyper::Error>()).any(is)
    };
    // Nobody ends a connection while it is made, unless it is in the middle of the handshake.
    let handshake_ended = error.is_connect() && io(&[ErrorKind::UnexpectedEof]);
    if handshake_ended || causes.iter().any(|cause| cause.is::<rustls::Error>()) {
        FaultKind::Tls
    } else if error.is_timeout() {
        if error.is_connect() { FaultKind::Connect } else { FaultKind::Timeout }
    } else if error.is_connect() {
        FaultKind::Connect
    } else if hyper(|error| {
        error.is_incomplete_message() || error.is_canceled() || error.is_closed()
    }) || io(&[
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionAborted,
        ErrorKind::BrokenPipe,
        ErrorKind::NotConnected,
        ErrorKind::UnexpectedEof,
    ]) {
        FaultKind::Closed
    } else {
        FaultKind::Protocol
    }
}

/// Whether the head of an answer came, and isn't one that the strict reader takes.
pub(super) fn is_head_refused(error: &reqwest::Error) -> bool {
    let refused = |error: &hyper::Error| {
        error.is_parse() && !error.is_parse_too_large() && !error.is_parse_status()
    };
    causes(error).iter().filter_map(|cause| cause.downcast_ref::<hyper::Error>()).any(refused)
}

/// Whether a connection ended without the word that TLS has for it.
pub(super) fn is_end_unsaid(error: &reqwest::Error) -> bool {
    causes(error)
        .iter()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == ErrorKind::UnexpectedEof)
}

/// What it was, with all its causes, without the address (the record names it once).
pub(super) fn words(error: &reqwest::Error) -> String {
    let text = chain(error);
    let causes = causes(error);
    let Some(head) = causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .find(|error| error.is_parse())
    else {
        return text;
    };
    if head.is_parse_too_large() {
        format!(
            "this build reads at most {MOST_HEADERS} header lines and about 400 KiB of headers: \
                {text}"
        )
    } else {
        format!("this build can't read the head of the answer: {text}")
    }
}

/// An error with all its causes, without the address.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for error in causes(error) {
        let text = error.to_string();
        // What the verifier says comes with this before it, and isn't unexpected.
        let text = text.trim_start_matches("unexpected error: ");
        let text = text.split(" for url (").next().unwrap_or_default().to_owned();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}
