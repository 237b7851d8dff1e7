//! HAR 1.2, as browsers, proxies and mitmproxy write it.
//!
//! Knows: the members of HAR, and which of them recorders leave out. Must not know: what an
//! exchange says.

use crate::exchange::is_json;

use super::entry::{Answer, Entry, NO_STATUS, base64, method, status};
use super::tree::Node;

/// The entries, and what this is.
pub(super) fn entries(root: &Node) -> Result<(String, Vec<Result<Entry, String>>), String> {
    let log = root.get("log").ok_or("`log` is missing")?;
    let rows = log
        .get("entries")
        .ok_or("`log` has no `entries`")?
        .list()
        .ok_or("`log.entries` isn't a list")?;
    let form = match log.get("version").and_then(Node::text) {
        Some(version) if version.len() <= 8 => format!("HAR {version}"),
        _ => "HAR".to_owned(),
    };
    Ok((form, rows.iter().map(entry).collect()))
}

fn entry(row: &Node) -> Result<Entry, String> {
    let request = object(row, "request", "")?;
    let word = text(request, "method", "request")?;
    let method = method(word).ok_or("`request.method` isn't a method")?;
    let url = text(request, "url", "request")?.to_owned();
    // Without its headers it is still known what was asked.
    let (headers, unread) = match headers(request, "request") {
        Ok(headers) => (headers, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let at = row.get("startedDateTime").and_then(Node::text).and_then(|moment| moment.parse().ok());
    // A clock that went backwards gives a negative time.
    let millis = row.get("time").and_then(Node::number).unwrap_or(0.0).clamp(0.0, 1e9);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and 10^12"
    )]
    let took_us = (millis * 1000.0) as u64;
    Ok(Entry {
        method,
        url,
        headers,
        body: request.member("postData").and_then(posted),
        at,
        took_us,
        answer: unread.map_or_else(|| answer(row).unwrap_or_else(Err), Err),
    })
}

fn posted(data: &Node) -> Option<Vec<u8>> {
    if let Some(text) = data.member("text") {
        return if is_base64(data) { base64(text.text()?) } else { text.bytes() };
    }
    let pairs: Vec<String> = data
        .get("params")?
        .list()?
        .iter()
        .filter_map(|pair| {
            let value = pair.get("value").and_then(Node::text).unwrap_or_default();
            Some(format!("{}={value}", pair.get("name")?.text()?))
        })
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("&").into_bytes())
}

fn is_base64(content: &Node) -> bool {
    let encoding = content.get("encoding").and_then(Node::text).unwrap_or_default();
    encoding.trim().eq_ignore_ascii_case("base64")
}

fn answer(row: &Node) -> Result<Result<Answer, String>, String> {
    let response = object(row, "response", "")?;
    let told = response.member("status").ok_or("`response` has no `status`")?;
    let word =
        told.text().ok_or_else(|| format!("`response.status` is {}, not a number", told.kind()))?;
    let Some(status) = status(word) else {
        return Ok(Err(NO_STATUS.to_owned()));
    };
    let mut headers = headers(response, "response")?;
    let named = |headers: &[(String, String)], name: &str| {
        headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(name))
    };
    // Some recorders keep cookies apart from the headers.
    if !named(&headers, "set-cookie") {
        let cookies = response.get("cookies").and_then(Node::list).unwrap_or_default();
        let cookie = |cookie: &Node| {
            let value = cookie.get("value").and_then(Node::text).unwrap_or_default();
            Some(format!("{}={value}", cookie.get("name")?.text()?))
        };
        let apart: Vec<(String, String)> = cookies
            .iter()
            .filter_map(cookie)
            .map(|cookie| ("Set-Cookie".to_owned(), cookie))
            .collect();
        headers.extend(apart);
    }
    let content = response.member("content");
    let member = |name: &str| content.and_then(|content| content.member(name));
    if !named(&headers, "content-type")
        && let Some(label) = member("mimeType").and_then(Node::text)
        && is_json(label)
    {
        // Where no header says so, it may be a guess of the recorder, and accuses nobody.
        headers.push(("Content-Type".to_owned(), label.to_owned()));
    }
    let body =
        match member("text") {
            None => None,
            Some(kept) if content.is_some_and(is_base64) => {
                let bytes = base64(kept.text().unwrap_or_default())
                    .ok_or("`response.content.text` is marked as base64, but isn't")?;
                Some(bytes)
            }
            Some(kept) => Some(kept.bytes().ok_or_else(|| {
                format!("`response.content.text` is {}, not a string", kept.kind())
            })?),
        };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "only a size that fits is taken"
    )]
    let size = member("size")
        .and_then(Node::number)
        .filter(|size| (0.0..=1e15).contains(size))
        .map(|size| size as usize);
    let version = response.get("httpVersion").and_then(Node::text).unwrap_or_default();
    Ok(Ok(Answer { status, version: version_of(version), headers, body, size }))
}

/// The version as it is shown: what it isn't known is called `HTTP`.
fn version_of(text: &str) -> String {
    let known = text.len() <= 10 && text.to_uppercase().starts_with('H');
    if known { text.to_owned() } else { "HTTP".to_owned() }
}

fn object<'a>(node: &'a Node, name: &str, within: &str) -> Result<&'a Node, String> {
    let dot = if within.is_empty() { "" } else { "." };
    let found = node.get(name).ok_or_else(|| format!("`{within}{dot}{name}` is missing"))?;
    found
        .map()
        .map(|_| found)
        .ok_or_else(|| format!("`{within}{dot}{name}` is {}, not an object", found.kind()))
}

fn text<'a>(node: &'a Node, name: &str, within: &str) -> Result<&'a str, String> {
    let found = node.get(name).ok_or_else(|| format!("`{within}.{name}` is missing"))?;
    found
        .text()
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| format!("`{within}.{name}` is {}, not a string", found.kind()))
}

fn headers(node: &Node, within: &str) -> Result<Vec<(String, String)>, String> {
    let Some(rows) = node.member("headers") else { return Ok(Vec::new()) };
    let rows =
        rows.list().ok_or_else(|| format!("`{within}.headers` is {}, not a list", rows.kind()))?;
    let mut found = Vec::new();
    for row in rows {
        let Some(name) = row.get("name").and_then(Node::text) else { continue };
        // A pseudo-header of HTTP/2, such as `:status`, is none.
        if name.starts_with(':') {
            continue;
        }
        let value = row.get("value").and_then(Node::text).unwrap_or_default();
        // Chromium joins header lines of one name, such as Set-Cookie, by line ends.
        found.extend(value.split('\n').map(|line| (name.to_owned(), line.trim().to_owned())));
    }
    Ok(found)
}
