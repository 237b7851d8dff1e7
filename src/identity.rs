//! What an answer tells of who gave it.
//!
//! Knows: how an appliance file says that it is read. Must not know: who asked, or what follows.

use crate::appliance::Identify;
use crate::exchange::Exchange;
use crate::own_words::with_own_words;
use crate::record::Identity;

/// Reads the answer to the question who it is.
#[must_use]
pub fn identity_of(identify: &Identify, exchange: &Exchange) -> Identity {
    let Some(got) = &exchange.got else { return Identity::default() };
    let double = got.header("x-lxca-conform-double").is_some();
    let body = got.json();
    let text = |pointer: &String| {
        let value = body.as_ref().ok()?.pointer(pointer)?;
        value.as_str().map(str::to_owned)
    };
    let asked = format!("GET {}", identify.path);
    let unrecognised = match &body {
        Ok(_) if text(&identify.version).is_some() => None,
        Ok(_) if got.status >= 400 => {
            Some(with_own_words(format!("{asked} answered {}", got.status), Some(got)))
        }
        Ok(_) => Some(format!(
            "{asked} answered {} with JSON that has no {}",
            got.status,
            identify.version.trim_start_matches('/').replace('/', ".")
        )),
        Err(_) => {
            let server =
                got.header("server").map(|server| format!(", server {server}")).unwrap_or_default();
            let label = got.header("content-type").unwrap_or("no content type");
            let what = format!(
                "{asked} answered {} ({label}, {} bytes{server})",
                got.status, got.body.bytes
            );
            Some(if got.status >= 400 { with_own_words(what, Some(got)) } else { what })
        }
    };
    Identity {
        double,
        version: text(&identify.version),
        build: identify.build.as_ref().and_then(text),
        uuid: identify.uuid.as_ref().and_then(text),
        name: identify.name.as_ref().and_then(text),
        unrecognised,
    }
}
