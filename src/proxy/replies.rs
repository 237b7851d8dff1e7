//! What the proxy itself says, where nothing can be passed on. No appliance says it, and its header
//! and its body tell so.
//!
//! Knows: the words. Pure. Must not know: sockets.

use serde_json::json;

use crate::terms::Effect;
use crate::transport::NotPassed;

/// The header of what the proxy says itself.
const OWN: &str = "X-Lxca-Conform-Proxy";

/// A request isn't passed on.
pub(super) fn refused(refusal: &NotPassed, close: bool) -> Vec<u8> {
    let advice = match refusal.needed {
        Some(effect) if effect > Effect::Read => {
            format!("start `lxca-conform record` with --allow {} to pass it on", effect.word())
        }
        _ => "it can't be allowed".to_owned(),
    };
    let body = json!({
        "error": "refused by lxca-conform record, and not sent to the appliance",
        "reason": refusal.why,
        "needs": refusal.needed.map(Effect::word),
        "advice": advice,
    });
    reply("403 Forbidden", "refused", &body, close)
}

/// What came isn't a request that can be passed on.
pub(super) fn bad_request(why: &str) -> Vec<u8> {
    let body = json!({
        "error": "refused by lxca-conform record, and not sent to the appliance",
        "reason": format!("the request can't be passed on: {why}"),
    });
    reply("400 Bad Request", "refused", &body, true)
}

/// The appliance couldn't be reached, or didn't answer.
pub(super) fn no_answer(why: &str) -> Vec<u8> {
    let body = json!({
        "error": "lxca-conform record got no answer from the appliance",
        "reason": why,
    });
    reply("502 Bad Gateway", "no-answer", &body, true)
}

fn reply(status: &str, what: &str, body: &serde_json::Value, close: bool) -> Vec<u8> {
    let body = format!("{body:#}\n");
    let end = if close { "Connection: close\r\n" } else { "" };
    format!(
        "HTTP/1.1 {status}\r\n{OWN}: {what}\r\nContent-Type: application/json\r\n{end}\
            Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
