//! No secret of a run is left behind: not with its password, not with a session, not when the login
//! is refused.
//!
//! Knows: every byte that the binary leaves behind. Must not know: the redactor.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::{self, answer, binary, json as parsed, read, text};
use crate::support::lab::STATEFUL;
use crate::support::wire::{Recorder, Seen};

use super::files;

const PASSWORD: &str = "Gr\u{fc}n & \"Blau\"/R0t+<W>'50%\\Z";
const SECOND: &str = "Zw\u{f6}lf+M\u{e4}\u{df}ig/\"Nur\"&%2FLesen'";
const SESSION: &str = "S3ssion/Geheim+Id==";
const CSRF: &str = "cSrF.T0ken/Geheim+97=";
const SECRETS: [(&str, &str); 4] =
    [("USERID", PASSWORD), ("OPERATOR", SECOND), ("", SESSION), ("", CSRF)];

fn percent(secret: &str, keep: &str, upper: bool) -> String {
    let one = |byte: u8| {
        let c = char::from(byte);
        match (c.is_ascii_alphanumeric() || keep.contains(c), upper) {
            (true, _) if byte.is_ascii() => c.to_string(),
            (_, true) => format!("%{byte:02X}"),
            (_, false) => format!("%{byte:02x}"),
        }
    };
    secret.bytes().map(one).collect()
}

/// As JSON, with `\u` for the characters that `escape` names.
fn json_text(secret: &str, escape: impl Fn(char) -> bool, upper: bool) -> String {
    let mut text = String::new();
    for c in secret.chars() {
        match c {
            '"' | '\\' if !escape(c) => text.extend(['\\', c]),
            _ if escape(c) && upper => text.push_str(&format!("\\u{:04X}", u32::from(c))),
            _ if escape(c) => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => text.push(c),
        }
    }
    text
}

fn html(secret: &str, quote: &str, apostrophe: &str, other: impl Fn(char) -> String) -> String {
    let one = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => quote.to_owned(),
        '\'' => apostrophe.to_owned(),
        c if c.is_ascii() => c.to_string(),
        c => other(c),
    };
    secret.chars().map(one).collect()
}

/// Every form in which a peer is known to send a text back.
fn forms(user: &str, secret: &str) -> BTreeMap<String, String> {
    let same = |c: char| c.to_string();
    let mut forms: BTreeMap<String, String> = [
        ("plain", secret.to_owned()),
        ("percent, upper case", percent(secret, "", true)),
        ("percent, lower case", percent(secret, "", false)),
        ("percent, as encodeURIComponent does it", percent(secret, "-_.!~*'()", true)),
        ("percent, unreserved kept, lower case", percent(secret, "-_.~", false)),
        ("percent, as a form does it", percent(secret, "-_.* ", true).replace(' ', "+")),
        ("JSON", json_text(secret, |_| false, false)),
        ("JSON, ASCII only", json_text(secret, |c| !c.is_ascii(), false)),
        ("JSON, ASCII only, upper case", json_text(secret, |c| !c.is_ascii(), true)),
        ("JSON for HTML", json_text(secret, |c| "<>&".contains(c), false)),
        (
            "JSON for HTML, ASCII only",
            json_text(secret, |c| !c.is_ascii() || "<>&'\"".contains(c), true),
        ),
        ("JSON with escaped slashes", json_text(secret, |_| false, false).replace('/', "\\/")),
        (
            "JSON with escaped slashes, ASCII only",
            json_text(secret, |c| !c.is_ascii(), false).replace('/', "\\/"),
        ),
        ("HTML", html(secret, "&quot;", "&#39;", same)),
        ("HTML, apostrophe kept", html(secret, "&quot;", "'", same)),
        ("HTML, hexadecimal apostrophe", html(secret, "&quot;", "&#x27;", same)),
        ("HTML, numbers", html(secret, "&#34;", "&#39;", same)),
        ("HTML, ASCII only", html(secret, "&#34;", "&#39;", |c| format!("&#{};", u32::from(c)))),
        ("HTML, quotes kept", html(secret, "\"", "'", same)),
        ("XML", html(secret, "&quot;", "&apos;", same)),
    ]
    .into_iter()
    .map(|(name, form)| (name.to_owned(), form))
    .collect();
    // What a session brings has no user.
    let texts = [
        ("alone", Some(secret.to_owned())),
        ("with the user", (!user.is_empty()).then(|| format!("{user}:{secret}"))),
    ];
    for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        for (kind, encoded) in [
            ("", STANDARD.encode(&text)),
            (", without padding", STANDARD_NO_PAD.encode(&text)),
            (", for addresses", URL_SAFE.encode(&text)),
            (", for addresses, without padding", URL_SAFE_NO_PAD.encode(&text)),
        ] {
            forms.insert(format!("base64 {name}{kind}"), encoded);
        }
    }
    forms
}

fn all_forms() -> Vec<(String, String)> {
    let named = |(user, secret): (&str, &str)| {
        forms(user, secret)
            .into_iter()
            .map(move |(name, form)| (format!("{secret}: {name}"), form))
            .collect::<Vec<_>>()
    };
    SECRETS.into_iter().flat_map(named).collect()
}

/// What an appliance says about itself, and everything that it was ever told.
fn gossip(seen: &Seen) -> Value {
    let mut told: Vec<String> = all_forms().into_iter().map(|(_, form)| form).collect();
    told.extend(seen.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    json!({
        "appliance": { "version": "4.1.0", "uuid": "3a6c0e58-71d9-4f2b-9e84-05b7c1d82fa6",
            "name": PASSWORD },
        "result": PASSWORD,
        "component": SECOND,
        "messages": [{ "id": SESSION, "text": told.join(" | "), "explanation": PASSWORD }],
        PASSWORD: SECOND,
        "password": "another-secret-that-nobody-told",
        "told": told,
    })
}

fn reply(status: &str, label: &str, body: &[u8], cut: bool) -> Vec<u8> {
    let mut head = format!(
        "HTTP/1.1 {status} {PASSWORD} {}\r\ncontent-type: {label}\r\ncontent-length: {}\r\n",
        STANDARD.encode(SECOND),
        body.len() + if cut { 9 } else { 0 }
    );
    // A client takes a hundred headers at most.
    for (index, some) in all_forms().chunks(4).enumerate() {
        let told: Vec<&str> = some.iter().map(|(_, form)| form.as_str()).collect();
        head.push_str(&format!("x-echo-{index}: before {} after\r\n", told.join(" | ")));
    }
    head.push_str(&format!(
        "set-cookie: JSESSIONID={SESSION}; Path=/{}; HttpOnly\r\nset-cookie: \
        csrf={CSRF}; Path=/\r\n",
        percent(PASSWORD, "", false)
    ));
    head.push_str(&format!(
        "location: https://USERID:{}@127.0.0.1/?csrf={}\r\nserver: {PASSWORD}\r\n",
        percent(PASSWORD, "", true),
        percent(CSRF, "", true)
    ));
    if cut {
        head.push_str("connection: close\r\n");
    }
    let mut reply = format!("{head}\r\n").into_bytes();
    reply.extend_from_slice(body);
    reply
}

fn tell_all(seen: &Seen, number: usize) -> Vec<u8> {
    let body = gossip(seen);
    let plain = all_forms().into_iter().map(|(_, form)| form).collect::<Vec<_>>().join("\n");
    if seen.line() == "POST /sessions" {
        let session = json!({ "response": { "session": { "id": SESSION, "csrf": CSRF,
            "UserId": "USERID" } }, "told": body });
        return reply("200", "application/json", session.to_string().as_bytes(), false);
    }
    if seen.line() == "GET /aicc" && number < 3 {
        return reply("200", "application/json", body.to_string().as_bytes(), false);
    }
    match number % 8 {
        0 => reply("200", "application/json", body.to_string().as_bytes(), false),
        1 => reply(
            "200",
            "text/html",
            format!("<html><body>{plain}</body></html>").as_bytes(),
            false,
        ),
        2 => reply(
            "500",
            "application/octet-stream",
            &[b"\xff\xfe\x00", plain.as_bytes(), b"\x80"].concat(),
            false,
        ),
        3 => reply(
            "403",
            "application/json",
            &body.to_string().as_bytes()[..body.to_string().len() - 7],
            false,
        ),
        4 => reply("200", "application/json", json!([body, plain]).to_string().as_bytes(), false),
        5 => reply("200", "application/json", body.to_string().as_bytes(), true),
        6 => format!("HTTP/1.1 2x0 {PASSWORD}\r\nx-broken {PASSWORD}\r\n\r\n").into_bytes(),
        _ => reply("404", "text/plain", plain.as_bytes(), false),
    }
}

fn gossiping() -> Recorder {
    let number = AtomicUsize::new(0);
    Recorder::answering(move |seen| tell_all(seen, number.fetch_add(1, Ordering::SeqCst)))
}

fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(rows) => rows.iter().for_each(|row| strings(row, found)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            found.push(name.clone());
            strings(member, found);
        }),
        _ => {}
    }
}

/// A text as it is, and what it holds when it is read: the strings of JSON (and of JSON in them),
/// the bytes of base64, HTML without its escapes.
fn readings(text: &str) -> Vec<Vec<u8>> {
    let mut readings = vec![text.as_bytes().to_vec()];
    let mut found = Vec::new();
    for line in std::iter::once(text).chain(text.lines()) {
        if let Ok(value) = serde_json::from_str::<Value>(line) {
            strings(&value, &mut found);
        }
    }
    let mut index = 0;
    while index < found.len() {
        if let Ok(value) = serde_json::from_str::<Value>(&found[index])
            && (value.is_object() || value.is_array())
        {
            strings(&value, &mut found);
        }
        if let Ok(bytes) = STANDARD.decode(&found[index]) {
            readings.push(bytes);
        }
        index += 1;
    }
    readings.extend(found.into_iter().map(String::into_bytes));
    let unescaped = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&#60;", "<"),
        ("&gt;", ">"),
        ("&#62;", ">"),
        ("&amp;", "&"),
        ("&#38;", "&"),
    ];
    readings.push(
        unescaped
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
            .into_bytes(),
    );
    readings
}

/// Where a secret is found in which form.
fn leaks(place: &str, text: &str, found: &mut BTreeSet<String>) {
    // Bytes that are no text stand for themselves here: no form of a secret has any.
    let readings: Vec<String> = readings(text)
        .into_iter()
        .map(|reading| String::from_utf8_lossy(&reading).into_owned())
        .collect();
    let readings = readings.join("\n");
    for (name, form) in all_forms() {
        if readings.contains(&form) {
            found.insert(format!("{name} in {place}"));
        }
    }
}

fn target(url: &str, auth: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let file = format!(
        "name = \"gossip\"\nurl = \"{url}\"\n[auth]\nmethod = \"{auth}\"\nuser = \
        \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n[unprivileged]\nuser = \
        \"OPERATOR\"\npassword-env = \"LXCA_PASSWORD_NONE\"\n[limits]\nrequest-timeout = \"5s\"\n"
    );
    fs::write(folder.path().join("target.toml"), file).expect("a file");
    folder
}

fn run(auth: &str, more: &[&str]) -> (BTreeSet<String>, usize) {
    let gossip = gossiping();
    let folder = target(&gossip.url, auth);
    let out = folder.path().join("out");
    let mut command = binary();
    command.env("LXCA_PASSWORD", PASSWORD).env("LXCA_PASSWORD_NONE", SECOND);
    command
        .args(["run", "--target", text(&folder.path().join("target.toml")), "--out", text(&out)])
        // What every answer gives away is the same in each further list.
        .args(STATEFUL.iter().chain(&["nodes.*"]).flat_map(|glob| ["--filter", *glob]))
        .args(more);
    let answer = answer(&mut command);
    assert!([1, 3].contains(&answer.exit), "{answer:?}");
    let mut found = BTreeSet::new();
    leaks("stdout", &answer.stdout, &mut found);
    leaks("stderr", &answer.stderr, &mut found);
    let files = files(&out);
    for file in &files {
        let text = read(file);
        assert!(
            !text.contains("another-secret-that-nobody-told"),
            "{} shows a member that is called password",
            file.display()
        );
        leaks(
            &file.strip_prefix(&out).expect("a file of the run").display().to_string(),
            &text,
            &mut found,
        );
    }
    // The record alone is enough to draw every form again.
    for form in ["html", "markdown", "junit", "json"] {
        let drawn = command::lxca(&["report", text(&out), "--format", form]);
        leaks(&format!("report --format {form}"), &drawn.stdout, &mut found);
        leaks(&format!("report --format {form}, stderr"), &drawn.stderr, &mut found);
    }
    let asked = gossip.seen().len();
    assert!(asked > 8, "{asked} requests");
    (found, files.len())
}

fn none(found: &BTreeSet<String>) {
    assert!(
        found.is_empty(),
        "{} leaks:\n{}",
        found.len(),
        found.iter().cloned().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn no_secret_is_left_behind_by_a_run_that_sends_its_password() {
    let (found, files) = run("basic", &[]);
    // What a login brings is no secret that this run could know.
    none(
        &found
            .into_iter()
            .filter(|leak| !leak.starts_with(SESSION) && !leak.starts_with(CSRF))
            .collect(),
    );
    assert_eq!(files, 5);
}

#[test]
fn no_secret_is_left_behind_by_a_run_with_a_session() {
    let (found, files) = run("session", &[]);
    none(&found);
    assert_eq!(files, 5);
}

#[test]
fn no_secret_is_left_behind_by_a_quiet_run_with_a_session_that_is_shared() {
    let (found, files) = run("session", &["--quiet", "--share"]);
    none(&found);
    assert_eq!(files, 10);
}

#[test]
fn no_secret_is_shown_when_the_login_is_refused_with_all_of_them() {
    for auth in ["basic", "session"] {
        let gossip = Recorder::answering(|seen| {
            reply("401", "application/json", gossip(seen).to_string().as_bytes(), false)
        });
        let folder = target(&gossip.url, auth);
        let out = folder.path().join("out");
        let mut command = binary();
        command.env("LXCA_PASSWORD", PASSWORD).env("LXCA_PASSWORD_NONE", SECOND);
        let answer = answer(command.args([
            "run",
            "--target",
            text(&folder.path().join("target.toml")),
            "--out",
            text(&out),
        ]));
        assert_eq!(answer.exit, 5, "{answer:?}");
        let mut found = BTreeSet::new();
        for (place, text) in
            [("stdout".to_owned(), answer.stdout), ("stderr".to_owned(), answer.stderr)]
                .into_iter()
                .chain(
                    files(&out).into_iter().map(|file| (file.display().to_string(), read(&file))),
                )
        {
            leaks(&place, &text, &mut found);
        }
        none(
            &found
                .into_iter()
                .filter(|leak| {
                    auth == "session" || (!leak.starts_with(SESSION) && !leak.starts_with(CSRF))
                })
                .collect(),
        );
    }
}

#[test]
fn a_password_of_every_special_character_still_logs_in() {
    for auth in ["basic", "session"] {
        let gossip = gossiping();
        let folder = target(&gossip.url, auth);
        let mut command = binary();
        command.env("LXCA_PASSWORD", PASSWORD).env("LXCA_PASSWORD_NONE", SECOND);
        answer(command.args([
            "run",
            "--target",
            text(&folder.path().join("target.toml")),
            "--out",
            text(&folder.path().join("out")),
            "--filter",
            "appliance.get::*",
        ]));
        let first = gossip.seen().into_iter().next().expect("a request");
        match auth {
            "session" => assert_eq!(
                parsed(&first.text()),
                json!({ "UserId": "USERID", "password": PASSWORD })
            ),
            _ => assert_eq!(
                first.header("authorization"),
                Some(format!("Basic {}", STANDARD.encode(format!("USERID:{PASSWORD}"))).as_str())
            ),
        }
    }
}
