//! The form of a target file: its keys, and what each may say.
//!
//! Knows: the format of target files. No message quotes a value of the file that may be a password
//! in the wrong place. Must not know: where the text came from, cases, exchanges.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use crate::address::{self, Address, holds_credentials};
use crate::password::{Account, PasswordSource, ProxySource};
use crate::pin;
use crate::reader::{Reader, duration, offset, whole_number};
use crate::transport::{Limits, TlsPolicy};

use super::{Login, Target, effect};

/// A target file under way.
pub(super) struct Form<'r, 't> {
    pub(super) reader: &'r mut Reader<'t>,
    pub(super) folder: &'r Path,
    /// The facts that a case may need.
    pub(super) facts: &'r [&'r str],
}

const TOP: &[&str] = &[
    "name",
    "url",
    "allow",
    "proxy",
    "proxy-credentials-env",
    "auth",
    "unprivileged",
    "tls",
    "limits",
    "facts",
    "expect",
];

const AUTH: &[&str] = &["method", "user", "password-env", "password-file", "password-command"];
const TLS: &[&str] = &["ca-file", "pin-sha256", "insecure"];
const LIMITS: &[&str] = &[
    "concurrency",
    "requests-per-second",
    "connect-timeout",
    "request-timeout",
    "case-timeout",
    "run-timeout",
    "job-timeout",
    "max-body",
];

const EXPECT: &[&str] = &["version", "uuid"];

impl Form<'_, '_> {
    fn say(&mut self, at: usize, what: impl Into<String>) {
        self.reader.say(at, what);
    }

    pub(super) fn top(&mut self, table: &DeTable<'_>, target: &mut Target) {
        self.reader.keys(table, "", TOP);
        match self.string(table, "name") {
            Some(name) => target.name = name,
            None if !table.contains_key("name") => {
                self.say(0, "`name` is missing; give the target a name");
            }
            None => {}
        }
        match self.string(table, "url") {
            Some(url) => match Address::parse(&url) {
                Ok(address) => target.url = address.to_string(),
                Err(_) if holds_credentials(&url) => {
                    self.say(
                        offset(table, "url"),
                        "`url` must not contain credentials; name the user in [auth], and give \
                            the password by password-env or password-file",
                    );
                }
                Err(error) => self.say(
                    offset(table, "url"),
                    format!("`url` isn't a valid address: failed to {error}"),
                ),
            },
            None if !table.contains_key("url") => self.say(
                0,
                "`url` is missing; give the address \
                of the appliance, for example https://192.0.2.10",
            ),
            None => {}
        }
        if let Some(allow) = self.string(table, "allow") {
            match effect(&allow) {
                Some(effect) => target.allow = effect,
                None => self.say(
                    offset(table, "allow"),
                    format!("{} isn't one of read, write, destroy", given("allow", &allow)),
                ),
            }
        }
        target.proxy = self.proxy(table);
        if let Some(auth) = self.reader.section(table, "auth", AUTH) {
            match self.string(auth, "method").as_deref() {
                Some("session") => target.login = Login::Session,
                Some("basic") | None => {}
                Some(other) => self.say(
                    offset(auth, "method"),
                    format!("{} isn't one of session, basic", given("method", other)),
                ),
            }
            target.account = self.account(auth, "auth");
        }
        if let Some(second) = self.reader.section(table, "unprivileged", &AUTH[1..]) {
            target.unprivileged = self.account(second, "unprivileged");
        }
        if let Some(tls) = self.reader.section(table, "tls", TLS) {
            target.tls = self.tls(tls);
        }
        if let Some(limits) = self.reader.section(table, "limits", LIMITS) {
            self.limits(limits, &mut target.limits);
        }
        if let Some(facts) = self.reader.section(table, "facts", self.facts) {
            for (key, _) in facts {
                if let Some(value) = self.string(facts, key.get_ref()) {
                    target.facts.insert(key.get_ref().to_string(), value);
                }
            }
        }
        if let Some(expect) = self.reader.section(table, "expect", EXPECT) {
            if let Some(version) = self.string(expect, "version") {
                match semver::VersionReq::parse(&version) {
                    Ok(requirement) => target.expected.version = Some(requirement),
                    Err(_) => self.say(
                        offset(expect, "version"),
                        format!(
                            "{} isn't a version range such as \">=4.1, <5\"",
                            given("version", &version)
                        ),
                    ),
                }
            }
            target.expected.uuid = self.string(expect, "uuid");
        }
    }

    fn string(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        self.reader.text(table, key, "")
    }

    fn proxy(&mut self, table: &DeTable<'_>) -> Option<ProxySource> {
        let credentials = self.string(table, "proxy-credentials-env");
        let Some(url) = self.string(table, "proxy") else {
            if credentials.is_some() && !table.contains_key("proxy") {
                self.say(
                    offset(table, "proxy-credentials-env"),
                    "`proxy-credentials-env` needs `proxy`, the address of the proxy",
                );
            }
            return None;
        };
        match address::proxy(&url) {
            Ok(url) => Some(ProxySource { url, credentials }),
            Err(why) => {
                self.say(offset(table, "proxy"), format!("`proxy` can't be used: {why}"));
                None
            }
        }
    }

    fn account(&mut self, table: &DeTable<'_>, section: &str) -> Option<Account> {
        let user = self.string(table, "user");
        if user.is_none() && !table.contains_key("user") {
            self.say(0, format!("`user` is missing in [{section}]"));
        }
        let (variable, file) =
            (self.string(table, "password-env"), self.string(table, "password-file"));
        let command = self.command(table).ok()?;
        let mut sources = [
            variable.map(PasswordSource::Env),
            file.map(|file| PasswordSource::File(self.folder.join(file))),
            command,
        ]
        .into_iter()
        .flatten();
        let password = sources.next().unwrap_or(PasswordSource::Prompt);
        if sources.next().is_some() {
            let keys: Vec<&str> =
                AUTH[2..].iter().copied().filter(|key| table.contains_key(*key)).collect();
            self.say(
                keys.last().map_or(0, |key| offset(table, key)),
                format!("[{section}] has both {}; give one", keys.join(" and ")),
            );
            return None;
        }
        Some(Account { user: user?, password })
    }

    /// A program and its arguments; an error where they are wrong. A program with a slash in its
    /// name lies relative to the target file, any other on the search path.
    fn command(&mut self, table: &DeTable<'_>) -> Result<Option<PasswordSource>, ()> {
        const KEY: &str = "password-command";
        let Some(value) = table.get(KEY) else { return Ok(None) };
        let words: Option<Vec<String>> = value.get_ref().as_array().and_then(|list| {
            list.iter().map(|word| Some(word.get_ref().as_str()?.to_owned())).collect()
        });
        match words.as_deref() {
            Some([program, arguments @ ..]) if !program.trim().is_empty() => {
                let program = if program.contains('/') {
                    self.folder.join(program)
                } else {
                    PathBuf::from(program)
                };
                Ok(Some(PasswordSource::Command { program, arguments: arguments.to_vec() }))
            }
            _ => {
                self.say(
                    value.span().start,
                    format!(
                        "`{KEY}` must be a list of a program and its arguments, each a string, such \
                            as [\"pass\", \"show\", \"lxca\"]; no shell reads it"
                    ),
                );
                Err(())
            }
        }
    }

    fn tls(&mut self, table: &DeTable<'_>) -> TlsPolicy {
        let mut given = Vec::new();
        if let Some(file) = self.string(table, "ca-file") {
            given.push(TlsPolicy::CaFile(self.folder.join(file)));
        }
        if let Some(pin) = self.string(table, "pin-sha256") {
            match pin::sha_256(&pin) {
                Ok(pin) => given.push(TlsPolicy::Pin(pin)),
                Err(why) => self
                    .say(offset(table, "pin-sha256"), format!("`pin-sha256` can't be used: {why}")),
            }
        }
        if self.reader.flag(table, "insecure") == Some(true) {
            given.push(TlsPolicy::Insecure);
        }
        if given.len() > 1 {
            self.say(
                table.iter().next().map_or(0, |(key, _)| key.span().start),
                "[tls] has more than one of ca-file, pin-sha256 and insecure; give one",
            );
        }
        given.into_iter().next().unwrap_or_default()
    }

    fn limits(&mut self, table: &DeTable<'_>, limits: &mut Limits) {
        let fallback = limits.clone();
        let number = |reader: &mut Self, key: &str, least: u64, most: u64| -> Option<u64> {
            let value = table.get(key)?;
            let parsed = match value.get_ref() {
                number @ DeValue::Integer(_) => whole_number(number),
                DeValue::String(text) if key == "max-body" => bytes(text),
                _ => None,
            };
            let parsed = parsed.filter(|number| (least..=most).contains(number));
            if parsed.is_none() {
                reader.say(
                    value.span().start,
                    format!("`{key}` must be a number from {least} to {most}"),
                );
            }
            parsed
        };
        if let Some(concurrency) = number(self, "concurrency", 1, 16) {
            limits.concurrency = usize::try_from(concurrency).unwrap_or(fallback.concurrency);
        }
        if let Some(rate) = number(self, "requests-per-second", 0, 1000) {
            limits.requests_per_second = u32::try_from(rate).unwrap_or(0);
        }
        if let Some(most) = number(self, "max-body", 1024, 256 * 1024 * 1024) {
            limits.max_body = most;
        }
        for (key, place) in [
            ("connect-timeout", &mut limits.connect_timeout),
            ("request-timeout", &mut limits.request_timeout),
            ("case-timeout", &mut limits.case_timeout),
            ("run-timeout", &mut limits.run_timeout),
            ("job-timeout", &mut limits.job_timeout),
        ] {
            if let Some(text) = self.string(table, key) {
                match duration(&text).filter(|time| *time > Duration::ZERO) {
                    Some(time) => *place = time,
                    None => self.say(
                        offset(table, key),
                        format!("{} isn't a duration such as 500ms, 30s or 10m", given(key, &text)),
                    ),
                }
            }
        }
    }
}

/// A key with its value, where that is a word in lower case or made of digits and dots: anything
/// else may be a password in the wrong place.
fn given(key: &str, value: &str) -> String {
    let word = value.chars().all(|c| c.is_ascii_lowercase());
    let dotted = value.contains('.') && value.chars().all(|c| c.is_ascii_digit() || c == '.');
    if value.len() <= 16 && (word || dotted) {
        format!("`{key} = \"{value}\"`")
    } else {
        format!("`{key}`")
    }
}

fn bytes(text: &str) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let amount: u64 = text[..split].parse().ok()?;
    let unit = match text[split..].trim() {
        "" | "B" => 1,
        "KiB" => 1024,
        "MiB" => 1024 * 1024,
        _ => return None,
    };
    amount.checked_mul(unit)
}
