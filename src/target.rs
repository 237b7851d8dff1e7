//! Which appliance is tested, and how: a target file, or what the command line says instead.
//!
//! Knows: what a target consists of, and where secrets come from. Must not know: cases, exchanges,
//! passwords.

mod form;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::catalogue::Effect;
pub use crate::environment::{PASSWORD_VARIABLE, environment};
use crate::files;
use crate::password::PasswordError;
pub use crate::password::{Account, PasswordSource, ProxySource};
use crate::plan::Facts;
use crate::problem::Problem;
use crate::reader;
use crate::record::{TargetId, TargetKind};
use crate::texts::hex;
use crate::transport::{Limits, TlsPolicy};
use crate::why::{PINNED, PLAIN, Trust, UNVERIFIED};

use form::Form;

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
pub fn load(path: &Path, facts: &[&str]) -> Result<Target, TargetError> {
    let text = files::text(path)
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

/// The ceiling that a word names.
#[must_use]
pub fn effect(word: &str) -> Option<Effect> {
    [Effect::Read, Effect::Write, Effect::Destroy].into_iter().find(|effect| effect.word() == word)
}

#[cfg(test)]
mod tests;
