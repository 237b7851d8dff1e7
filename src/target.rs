//! Which appliance is tested, and how: a target file, or what the command line says instead.
//!
//! Knows: the format of target files and where secrets come from.
//! No message quotes a value of the file that may be a password in the wrong place. Must not know:
//! cases, exchanges, passwords.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use crate::address::{self, Address, holds_credentials};
use crate::catalogue::Effect;
pub use crate::environment::{PASSWORD_VARIABLE, environment};
use crate::password::PasswordError;
pub use crate::password::{Account, PasswordSource, ProxySource};
use crate::pin;
use crate::plan::Facts;
use crate::problem::Problem;
use crate::reader::{self, Reader, duration, offset, whole_number};
use crate::record::{TargetId, TargetKind};
use crate::texts::hex;
use crate::transport::{Limits, TlsPolicy};
use crate::why::{PINNED, PLAIN, Trust, UNVERIFIED};

/// How the run proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Login {
    /// `Authorization: Basic` with each request.
    #[default]
    Basic,
    /// One session, as the vendor's own clients do it.
    Session,
}

/// What the operator expects the appliance to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// Product versions that are right.
    pub version: Option<semver::VersionReq>,
    /// The one appliance that is right.
    pub uuid: Option<String>,
}

/// A target, complete, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What people call it.
    pub name: String,
    /// Scheme, host, port.
    pub url: String,
    /// The ceiling.
    pub allow: Effect,
    /// How to log in.
    pub login: Login,
    /// The run's own account.
    pub account: Option<Account>,
    /// The second account, without privilege.
    pub unprivileged: Option<Account>,
    /// How the certificate is trusted.
    pub tls: TlsPolicy,
    /// Bounds.
    pub limits: Limits,
    /// The proxy through which it is reached; none where it is reached directly, whatever the
    /// environment says.
    pub proxy: Option<ProxySource>,
    /// Facts that cases need.
    pub facts: Facts,
    /// What it must be.
    pub expected: Expected,
    /// Whether a target that says it is the double may be asked what is known of the double, beyond
    /// what was asked for.
    pub befriend: bool,
}

impl Target {
    /// A target with nothing but a name and an address.
    #[must_use]
    pub fn at(name: &str, url: &str) -> Self {
        Self {
            name: name.to_owned(),
            url: url.trim_end_matches('/').to_owned(),
            allow: Effect::Read,
            login: Login::Basic,
            account: None,
            unprivileged: None,
            tls: TlsPolicy::System,
            proxy: None,
            limits: Limits::default(),
            facts: Facts::new(),
            expected: Expected::default(),
            befriend: true,
        }
    }

    /// Its identity in a record.
    #[must_use]
    pub fn id(&self, kind: TargetKind) -> TargetId {
        let (trust, tls) = match &self.tls {
            _ if self.url.starts_with("http://") => (Trust::Plain, PLAIN.to_owned()),
            TlsPolicy::System => {
                (Trust::Verified, "verified against the system's roots".to_owned())
            }
            TlsPolicy::CaFile(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                (Trust::Verified, format!("verified against {name}"))
            }
            TlsPolicy::Pin(pin) => (Trust::Pinned, format!("{PINNED} {pin}")),
            TlsPolicy::Insecure => (Trust::Unverified, UNVERIFIED.to_owned()),
        };
        let mut hash = Sha256::new();
        hash.update(format!(
            "{}\n{}\n{}\n{:?}\n{:?}\n{tls}\n{:?}\n{:?}",
            self.name,
            self.url,
            self.allow.word(),
            self.login,
            self.account.as_ref().map(|account| &account.user),
            self.limits,
            self.facts
        ));
        if let Some(proxy) = &self.proxy {
            hash.update(format!("\n{}", proxy.url));
        }
        TargetId {
            name: self.name.clone(),
            kind,
            url: self.url.clone(),
            tls,
            trust: Some(trust),
            digest: format!("sha256:{}", hex(&hash.finalize())),
        }
    }
}

/// What can be wrong with a target beyond its file's text.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// A file couldn't be read.
    #[error("read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file's text is wrong.
    #[error("{0}")]
    Problems(crate::problem::Problems),
    /// An account can't be used.
    #[error("{0}")]
    Password(#[from] PasswordError),
}

/// Reads a target file.
#[expect(clippy::disallowed_methods, reason = "the one door to target files")]
pub fn load(path: &Path, facts: &[&str]) -> Result<Target, TargetError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| TargetError::Read { path: path.to_path_buf(), source })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(&path.display().to_string(), &text, folder, facts)
        .map_err(|problems| TargetError::Problems(crate::problem::Problems(problems)))
}

/// Reads the text of a target file; relative paths in it are relative to `folder`. Gives back every
/// problem at once.
pub fn parse(
    file: &str,
    text: &str,
    folder: &Path,
    facts: &[&str],
) -> Result<Target, Vec<Problem>> {
    reader::read(file, text, |reader, document| {
        let mut target = Target::at("", "");
        Form { reader, folder, facts }.top(document, &mut target);
        target
    })
}

/// A target file under way.
struct Form<'r, 't> {
    reader: &'r mut Reader<'t>,
    folder: &'r Path,
    /// The facts that a case may need.
    facts: &'r [&'r str],
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

    fn top(&mut self, table: &DeTable<'_>, target: &mut Target) {
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

/// The ceiling that a word names.
#[must_use]
pub fn effect(word: &str) -> Option<Effect> {
    [Effect::Read, Effect::Write, Effect::Destroy].into_iter().find(|effect| effect.word() == word)
}

#[cfg(test)]
mod tests;
