//! Cassettes: of Ruby's VCR and Python's Betamax (`http_interactions`), and of Python's vcrpy
//! (`interactions`).
//!
//! Knows: their members in all of their versions. Must not know: what an exchange says, or whether
//! the cassette was YAML or JSON.

use super::entry::{Answer, Entry, NO_STATUS, base64, http_date, method, status};
use super::tree::Node;

/// Where a cassette of Ruby's VCR has its exchanges.
const RUBY: &str = "http_interactions";
/// Where one of Python's vcrpy has them.
const PYTHON: &str = "interactions";

/// Both.
pub(super) const LISTS: &[&str] = &[RUBY, PYTHON];

/// Whether it is a cassette.
pub(super) fn is_one(root: &Node) -> bool {
    let old = |rows: &[Node]| {
        rows.iter().any(|row| row.get("request").is_some() && row.get("response").is_some())
    };
    root.get(RUBY).is_some() || root.get(PYTHON).is_some() || root.list().is_some_and(old)
}

/// The entries, and what this is.
pub(super) fn entries(root: &Node) -> Result<(String, Vec<Result<Entry, String>>), String> {
    // VCR before 2.0 has no object around them.
    if let Some(rows) = root.list() {
        return Ok(("VCR".to_owned(), rows.iter().map(entry).collect()));
    }
    let (name, form) = if root.get(RUBY).is_some() { (RUBY, "VCR") } else { (PYTHON, "vcrpy") };
    let listed = root.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
    let rows = match listed {
        Node::Null => &[],
        other => other.list().ok_or_else(|| format!("`{name}` is {}, not a list", other.kind()))?,
    };
    Ok((form.to_owned(), rows.iter().map(entry).collect()))
}

fn entry(row: &Node) -> Result<Entry, String> {
    let request = object(row, "request")?;
    let word = request
        .member("method")
        .and_then(Node::text)
        .ok_or("`request.method` is missing, or isn't a string")?;
    let method = method(word).ok_or("`request.method` isn't a method")?;
    let url = request
        .member("uri")
        .or_else(|| request.member("url"))
        .and_then(Node::text)
        .filter(|url| !url.trim().is_empty())
        .ok_or("`request.uri` is missing, or isn't a string")?
        .to_owned();
    // Without all of it, it is still known what was asked.
    let asked = headers(request, "request").and_then(|headers| {
        Ok((headers, body(request, "request")?.filter(|body| !body.is_empty())))
    });
    let ((headers, body), unread) = match asked {
        Ok(asked) => (asked, None),
        Err(why) => ((Vec::new(), None), Some(why)),
    };
    let answer = unread.map_or_else(|| answer(row).unwrap_or_else(Err), Err);
    let dated = || answer.as_ref().ok()?.header("date").and_then(http_date);
    let at = row
        .get("recorded_at")
        .and_then(Node::text)
        .and_then(|moment| http_date(moment).or_else(|| moment.parse().ok()))
        .or_else(dated);
    Ok(Entry { method, url, headers, body, at, took_us: 0, answer })
}

fn answer(row: &Node) -> Result<Result<Answer, String>, String> {
    let response = object(row, "response")?;
    // vcrpy has had `status_code` for httpx.
    let told = response.member("status").or_else(|| response.member("status_code"));
    let code = match told {
        Some(status @ Node::Map(_)) => status.member("code"),
        other => other,
    };
    let Some(status) = code.and_then(Node::text).and_then(status) else {
        return Ok(Err(NO_STATUS.to_owned()));
    };
    let version = response
        .member("http_version")
        .and_then(Node::text)
        .map_or_else(|| "HTTP".to_owned(), |version| format!("HTTP/{}", short(version)));
    Ok(Ok(Answer {
        status,
        version,
        headers: headers(response, "response")?,
        body: body(response, "response")?,
        size: None,
    }))
}

/// `1.1`, `HTTP/1.1` and `HTTPVersion(1, 1)` have all been seen; only the first has a place here.
fn short(version: &str) -> &str {
    let bare = version.strip_prefix("HTTP/").unwrap_or(version);
    if bare.len() <= 3 && !bare.is_empty() { bare } else { "?" }
}

fn object<'a>(row: &'a Node, name: &str) -> Result<&'a Node, String> {
    let found = row.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
    found.map().map(|_| found).ok_or_else(|| format!("`{name}` is {}, not an object", found.kind()))
}

/// Each header is a list of values, or one value.
fn headers(node: &Node, within: &str) -> Result<Vec<(String, String)>, String> {
    let Some(members) = node.member("headers") else { return Ok(Vec::new()) };
    let members = members
        .map()
        .ok_or_else(|| format!("`{within}.headers` is {}, not an object", members.kind()))?;
    let mut found = Vec::new();
    for (name, value) in members {
        let values = value.list().unwrap_or(std::slice::from_ref(value));
        found.extend(
            values.iter().filter_map(Node::text).map(|value| (name.clone(), value.to_owned())),
        );
    }
    Ok(found)
}

/// None where the cassette has no member for it.
fn body(node: &Node, within: &str) -> Result<Option<Vec<u8>>, String> {
    let Some(body) = node.get("body").or_else(|| node.get("content")) else { return Ok(None) };
    if body.map().is_none() {
        return match body {
            Node::Null => Ok(Some(Vec::new())),
            other => other
                .bytes()
                .map(Some)
                .ok_or_else(|| format!("`{within}.body` is {}, not a string", other.kind())),
        };
    }
    if let Some(packed) = body.member("base64_string") {
        return base64(packed.text().unwrap_or_default())
            .map(Some)
            .ok_or_else(|| format!("`{within}.body.base64_string` isn't base64"));
    }
    match body.get("string") {
        None | Some(Node::Null) => Ok(Some(Vec::new())),
        Some(text) => text
            .bytes()
            .map(Some)
            .ok_or_else(|| format!("`{within}.body.string` is {}, not a string", text.kind())),
    }
}
