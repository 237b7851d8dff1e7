//! HAR 1.2: the redacted exchanges of a record, for the developer tools of a browser.
//!
//! Knows: the record. Must not know: verdicts, files.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::exchange::{Exchange, Purpose, Received};
use crate::record::{Record, TargetId, Tool};

use super::timing::milliseconds;

/// A HAR that grows: what stands before the first entry, and what closes it after the last. Between
/// two entries is a comma.
#[must_use]
pub fn frame(tool: &Tool, target: &TargetId) -> (String, &'static str) {
    let start = json!({
        "version": "1.2",
        "creator": { "name": tool.name, "version": tool.version },
        "pages": [],
        "comment": format!("Redacted exchanges with {} ({})", target.name, target.url),
    });
    let start = start.to_string();
    let open = start.strip_suffix('}').unwrap_or(&start);
    (format!("{{\"log\":{open},\"entries\":[\n"), "\n]}}\n")
}

/// One entry of a HAR.
#[must_use]
pub fn har_entry(exchange: &Exchange, url: &str) -> String {
    entry(exchange, url).to_string()
}

/// The exchanges of a record.
#[must_use]
pub fn har(record: &Record) -> String {
    let header = &record.header;
    let entries: Vec<Value> =
        record.exchanges().map(|exchange| entry(exchange, &header.target.url)).collect();
    let log = json!({
        "log": {
            "version": "1.2",
            "creator": { "name": header.tool.name, "version": header.tool.version },
            "pages": [],
            "entries": entries,
            "comment": format!("Redacted exchanges with {} ({})", header.target.name,
                header.target.url),
        }
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn entry(exchange: &Exchange, url: &str) -> Value {
    let sent = &exchange.sent;
    let took = milliseconds(exchange.took_us);
    let address = format!("{}{}", url.trim_end_matches('/'), sent.target);
    let version = exchange.got.as_ref().map_or("HTTP/1.1", |got| got.version.as_str());
    let query: Vec<Value> = sent
        .target
        .split_once('?')
        .map_or_else(Vec::new, |(_, query)| query.split('&').map(parameter).collect());
    let mut request = json!({
        "method": sent.method,
        "url": address,
        "httpVersion": version,
        "cookies": [],
        "headers": headers(&sent.headers),
        "queryString": query,
        "headersSize": -1,
        "bodySize": sent.body.as_ref().map_or(0, String::len),
    });
    if let Some(body) = &sent.body {
        let kind = sent
            .headers
            .iter()
            .find(|(name, _)| name == "content-type")
            .map_or("", |(_, value)| value.as_str());
        request["postData"] = json!({ "mimeType": kind, "params": [], "text": body });
    }
    let purpose = match exchange.purpose {
        Purpose::Case => "step",
        Purpose::Cleanup => "clean-up",
        Purpose::Again => "again",
        Purpose::Identify
        | Purpose::Discover
        | Purpose::Login
        | Purpose::Logout
        | Purpose::AfterLogout => "of the run itself:",
    };
    let fault = exchange
        .fault
        .as_ref()
        .map(|fault| format!("; no answer ({}): {}", fault.kind.word(), fault.message))
        .unwrap_or_default();
    json!({
        "startedDateTime": exchange.at.to_string(),
        "time": took,
        "request": request,
        "response": exchange.got.as_ref().map_or_else(no_response, response),
        "cache": {},
        "timings": { "send": 0, "wait": took, "receive": 0 },
        "comment": format!("{} {purpose} {}, attempt {}{fault}", exchange.case, exchange.step,
            exchange.attempt).trim_start(),
    })
}

fn parameter(pair: &str) -> Value {
    let plain =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    json!({ "name": plain(name), "value": plain(value) })
}

fn headers(of: &[(String, String)]) -> Vec<Value> {
    of.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn response(got: &Received) -> Value {
    let kind = got.header("content-type").unwrap_or("");
    let mut content = json!({ "size": got.body.bytes, "mimeType": kind });
    if let Some(text) = &got.body.text {
        content["text"] = json!(text);
    } else if let Some(base64) = got
        .body
        .base64
        .as_ref()
        .filter(|text| base64::engine::general_purpose::STANDARD.decode(text).is_ok())
    {
        content["text"] = json!(base64);
        content["encoding"] = json!("base64");
    }
    if got.body.truncated {
        content["comment"] = json!("cut at the limit on bodies");
    }
    json!({
        "status": got.status,
        "statusText": "",
        "httpVersion": got.version,
        "cookies": [],
        "headers": headers(&got.headers),
        "content": content,
        "redirectURL": got.header("location").unwrap_or(""),
        "headersSize": -1,
        "bodySize": got.body.bytes,
    })
}

/// What browsers write where nothing came.
fn no_response() -> Value {
    json!({ "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
        "content": { "size": 0, "mimeType": "x-unknown" }, "redirectURL": "", "headersSize": -1,
        "bodySize": -1 })
}
