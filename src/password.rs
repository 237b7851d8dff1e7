//! Fetches the password of an account, and lets nothing leave with it that isn't part of it.
//!
//! Knows: where passwords come from, and what editors, shells and platforms add to them. The one
//! door to password files and to asking for one. Must not know: what is sent. A wrong byte costs a
//! refused login, and twenty of those lock the account: what can't be a password is refused before
//! anything is sent, and no message quotes any of it.

mod command;

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::environment::{PASSWORD_VARIABLE, environment_as_it_is};
use crate::transport::{Credentials, Proxy};
use crate::{decode, files};

/// The longest password that is taken for one, in bytes. What is longer is another file.
const MOST_BYTES: usize = 1024;

/// Where a password comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordSource {
    /// An environment variable.
    Env(String),
    /// A file that only its owner can read.
    File(PathBuf),
    /// The first line that a program prints.
    Command {
        /// Which program.
        program: PathBuf,
        /// Its arguments.
        arguments: Vec<String>,
    },
    /// The terminal.
    Prompt,
}

/// A proxy, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxySource {
    /// Its address.
    pub url: String,
    /// The environment variable that holds `USER:PASSWORD`, where it asks for them.
    pub credentials: Option<String>,
}

/// An account, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// User name.
    pub user: String,
    /// Where the password comes from.
    pub password: PasswordSource,
}

/// Why an account can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// An environment variable is absent.
    #[error(
        "find the password of {user}: {variable} isn't set; set it, or name another variable \
            with --password-env"
    )]
    NoVariable {
        /// Whose.
        user: String,
        /// Which, for people.
        variable: String,
    },
    /// There is a password, and it can't be one.
    #[error("take the password of {user} from {source_of_it}: {why}")]
    NoPassword {
        /// Whose.
        user: String,
        /// From where, for people.
        source_of_it: String,
        /// Why, and what to do.
        why: String,
    },
    /// The name of the user can't be one.
    #[error("log in as `{user}`: {why}")]
    User {
        /// As given, without what can't be shown.
        user: String,
        /// Why, and what to do.
        why: &'static str,
    },
    /// A password file is open to others.
    #[error(
        "use the password file {path}: others can {can} it (mode {mode:o}); run chmod 600, or \
            give the password in an environment variable with password-env; secrets mounted \
            read-only by a platform (mode 0400 or 0444) are accepted"
    )]
    OpenFile {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// Read or change.
        can: &'static str,
    },
    /// A password file couldn't be read.
    #[error("read the password file {path} of {user}: {source}")]
    Read {
        /// Whose.
        user: String,
        /// Which, for people.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The program that should print a password didn't.
    #[error("get the password of {user} from `{program}` (password-command): {why}")]
    Command {
        /// Whose.
        user: String,
        /// The program without its arguments, for people.
        program: String,
        /// Why, and what to do.
        why: String,
    },
    /// The credentials of a proxy can't be had.
    #[error("find the credentials of the proxy {url} in {variable}: {why}")]
    Proxy {
        /// Which proxy.
        url: String,
        /// Which variable, for people.
        variable: String,
        /// Why, and what to do.
        why: &'static str,
    },
    /// There is no terminal to ask at.
    #[error(
        "find the password of {user}: there is no terminal to prompt on; set {variable}, or name \
            a file with password-file"
    )]
    NoTerminal {
        /// Whose.
        user: String,
        /// The usual variable.
        variable: String,
    },
}

/// Fetches the secret of an account. `basic` says that its name goes into `Authorization: Basic`,
/// where a colon ends it.
pub fn credentials(account: &Account, basic: bool) -> Result<Credentials, PasswordError> {
    let user = account.user.clone();
    name(&user, basic)?;
    let (source, text) = match &account.password {
        PasswordSource::Env(variable) => {
            let named = named(variable);
            let value = environment_as_it_is(variable).ok_or_else(|| {
                PasswordError::NoVariable { user: user.clone(), variable: named.clone() }
            })?;
            (named, value.into_string().ok())
        }
        PasswordSource::File(path) => {
            (path.display().to_string(), decode::text(&file(&user, path)?))
        }
        PasswordSource::Command { program, arguments } => {
            let shown = command::shown(program);
            let line = command::first_line(program, arguments, command::LIMIT).map_err(|why| {
                PasswordError::Command { user: user.clone(), program: shown.clone(), why }
            })?;
            (format!("the first line of `{shown}` (password-command)"), decode::text(&line))
        }
        PasswordSource::Prompt => {
            let no_terminal = || PasswordError::NoTerminal {
                user: user.clone(),
                variable: PASSWORD_VARIABLE.to_owned(),
            };
            if !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
                return Err(no_terminal());
            }
            (
                "the terminal".to_owned(),
                Some(
                    rpassword::prompt_password(format!("password of {user}: "))
                        .map_err(|_| no_terminal())?,
                ),
            )
        }
    };
    let password = cleaned(text.as_deref()).map_err(|why| PasswordError::NoPassword {
        user: user.clone(),
        source_of_it: source,
        why: why.to_owned(),
    })?;
    Ok(Credentials { user, password })
}

/// Fetches what a proxy asks for.
pub fn proxy(source: &ProxySource) -> Result<Proxy, PasswordError> {
    let url = source.url.clone();
    let Some(variable) = &source.credentials else { return Ok(Proxy { url, credentials: None }) };
    let failed = |why| PasswordError::Proxy { url: url.clone(), variable: named(variable), why };
    let value = environment_as_it_is(variable)
        .ok_or_else(|| failed("it isn't set"))?
        .into_string()
        .map_err(|_| failed("it isn't UTF-8 text"))?;
    let (user, password) = value.split_once(':').ok_or_else(|| failed("expected USER:PASSWORD"))?;
    let password = cleaned(Some(password)).map_err(failed)?;
    Ok(Proxy {
        url: url.clone(),
        credentials: Some(Credentials { user: user.to_owned(), password }),
    })
}

/// What is left of a text when its mark of encoding and its line end are taken off, if that can be
/// a password.
fn cleaned(text: Option<&str>) -> Result<SecretString, &'static str> {
    let text = text.ok_or(
        "it is neither UTF-8 nor UTF-16 text; convert it to UTF-8 with an editor or `iconv -t \
            UTF-8`",
    )?;
    let password = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err("it is empty");
    }
    if password.contains(['\r', '\n']) {
        return Err("it has several lines; leave only the password");
    }
    if password.chars().any(|c| c.is_control() || c == '\u{feff}') {
        return Err("it contains a control character, which can't be typed; write it again");
    }
    if password.starts_with("-----BEGIN ") {
        return Err("it is a key or a certificate (PEM), not a password");
    }
    if password.len() > MOST_BYTES {
        return Err("it is longer than 1024 bytes, too long for a password");
    }
    Ok(SecretString::from(password.to_owned()))
}

fn name(user: &str, basic: bool) -> Result<(), PasswordError> {
    let why = if user.trim().is_empty() {
        "the name is empty"
    } else if user.chars().any(|c| c.is_control() || c == '\u{feff}') {
        "the name contains a newline, a byte order mark or another control character; remove it"
    } else if basic && user.contains(':') {
        // Whatever stands behind the colon may be the password.
        let user = user.split(':').next().unwrap_or_default();
        return Err(PasswordError::User {
            user: format!("{user}:…"),
            why: "HTTP Basic ends the name at its first colon, so the appliance would read \
                another name and password; give only the name here, and the password by \
                password-env or password-file; a name that contains a colon needs the method \
                session",
        });
    } else {
        return Ok(());
    };
    Err(PasswordError::User { user: user.escape_debug().to_string(), why })
}

/// A variable, for people. Where somebody put the password itself in place of the name, it isn't
/// repeated: only a name in the usual spelling is, upper case with an underscore.
fn named(variable: &str) -> String {
    let usual = variable.contains('_')
        && variable.starts_with(|c: char| c.is_ascii_uppercase())
        && variable.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if usual {
        format!("the environment variable {variable}")
    } else {
        "the environment variable that password-env names (not shown, because it may be the \
            password itself)"
            .to_owned()
    }
}

/// The bytes of a password file: of one that nobody else can read, of one that a platform mounted
/// read-only, or of a pipe.
fn file(user: &str, path: &Path) -> Result<Vec<u8>, PasswordError> {
    let failed = |source: std::io::Error| {
        // A path that leads nowhere may be the password itself, in the wrong place.
        let gone = source.kind() == std::io::ErrorKind::NotFound
            || source.kind() == std::io::ErrorKind::InvalidFilename;
        let folder = path
            .parent()
            .filter(|folder| folder.is_dir() || folder.as_os_str().is_empty())
            .map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        let shown = match folder {
            Some(folder) if gone => format!("that password-file names, in {},", folder.display()),
            None if gone => "that password-file names".to_owned(),
            _ => path.display().to_string(),
        };
        PasswordError::Read { user: user.to_owned(), path: shown, source }
    };
    let about = std::fs::metadata(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = about.permissions().mode() & 0o777;
        // Docker mounts secrets with mode 0444, Kubernetes links them through `..data` in a volume
        // that nobody can write to.
        let mounted =
            mode & 0o222 == 0 || std::fs::read_link(path).is_ok_and(|to| to.starts_with("..data"));
        let can = if mode & 0o022 != 0 {
            Some("change")
        } else {
            Some("read").filter(|_| mode & 0o044 != 0 && !mounted)
        };
        if let Some(can) = can.filter(|_| about.is_file()) {
            return Err(PasswordError::OpenFile { path: path.to_path_buf(), mode, can });
        }
    }
    let _ = about;
    files::bytes(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn what_tools_add_is_taken_off_and_nothing_else() {
        for text in ["pä ss", "pä ss\n", "pä ss\r\n", "\u{feff}pä ss\r\n", "pä ss\n\n", "pä ss\r"]
        {
            assert_eq!(cleaned(Some(text)).unwrap().expose_secret(), "pä ss", "{text:?}");
        }
        assert_eq!(
            cleaned(Some(" \"blanks and quotes\" ")).unwrap().expose_secret(),
            " \"blanks and quotes\" "
        );
    }

    #[test]
    fn what_cant_be_a_password_is_refused_and_not_quoted() {
        for text in [
            None,
            Some(""),
            Some("\n"),
            Some("\u{feff}\r\n"),
            Some("hunter2\nhunter3"),
            Some("hunter2\0"),
            Some("hun\tter2"),
            Some("-----BEGIN PRIVATE KEY-----hunter2"),
            Some(&"hunter2".repeat(200)),
        ] {
            let why = cleaned(text).map(|_| ()).unwrap_err();
            assert!(!why.contains("hunter"), "{why}");
        }
    }

    #[test]
    fn a_name_that_the_appliance_would_read_otherwise_is_refused() {
        for (user, basic, fine) in [
            ("USERID", true, true),
            ("user:name", true, false),
            ("user:name", false, true),
            ("", true, false),
            ("USERID\n", false, false),
            ("\u{feff}USERID", true, false),
        ] {
            assert_eq!(name(user, basic).is_ok(), fine, "{user:?}");
        }
        assert!(!name("USERID:PASSW0RD", true).unwrap_err().to_string().contains("PASSW0RD"));
    }

    #[test]
    fn a_variable_is_named_only_where_it_cant_be_the_password() {
        assert!(named("LXCA_PASSWORD").contains("LXCA_PASSWORD"));
        for secret in ["PASSW0RD", "hunter_2", "Hunter2!", ""] {
            assert!(secret.is_empty() || !named(secret).contains(secret), "{secret}");
        }
    }
}
