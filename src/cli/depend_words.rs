//! The words of a client's command as they may be kept.
//!
//! Knows: how commands are given secrets. Must not know: what the command does.

use secrecy::SecretString;

use crate::environment::{PASSWORD_VARIABLE, environment};
use crate::redact::{MARK, Redactor, is_secret_member};

/// The words without secrets; those that are found are told to the redactor too.
pub(super) fn without_secrets(words: &[String], redactor: &mut Redactor) -> Vec<String> {
    let mut learn = |secret: &str| {
        if secret.len() >= 4 && !secret.starts_with('{') && !secret.starts_with('$') {
            redactor.add(None, &SecretString::from(secret.to_owned()));
        }
    };
    if let Some(password) = environment(PASSWORD_VARIABLE) {
        learn(&password);
    }
    let mut kept: Vec<String> = Vec::new();
    let mut next_is_secret = false;
    for word in words {
        let option = word.trim_start_matches('-');
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        if next_is_secret {
            let (user, secret) = word.split_once(':').unwrap_or(("", word));
            learn(secret);
            let user = if user.is_empty() { String::new() } else { format!("{user}:") };
            kept.push(format!("{user}{MARK}"));
            next_is_secret = false;
        } else if is_secret(name) && !value.is_empty() {
            learn(value);
            kept.push(word.replace(value, MARK));
        } else if word.starts_with('-')
            && (is_secret(name) || ["-u", "--user"].contains(&word.as_str()))
        {
            next_is_secret = true;
            kept.push(word.clone());
        } else if let Some((scheme, rest)) = word.split_once("://")
            && let Some((info, host)) = rest.split_once('@')
            && let Some((user, secret)) = info.split_once(':')
        {
            learn(secret);
            kept.push(format!("{scheme}://{user}:{MARK}@{host}"));
        } else {
            kept.push(word.clone());
        }
    }
    kept.iter().map(|word| redactor.text(word)).collect()
}

fn is_secret(name: &str) -> bool {
    let lower = name.to_lowercase();
    is_secret_member(&lower.replace('-', "_"))
        || is_secret_member(&lower)
        || ["password", "passwd", "token", "secret", "api-key", "apikey"]
            .iter()
            .any(|part| lower.contains(part))
}

/// What a client is called whose command this is: its script, or its program.
pub(super) fn name_of(words: &[String]) -> String {
    let file = |word: &String| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
        let (stem, extension) = name.rsplit_once('.')?;
        let script = (1..=3).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_alphabetic());
        (script && !stem.is_empty() && !word.starts_with('-') && !word.contains("://"))
            .then(|| stem.to_owned())
    };
    // `env NAME=VALUE` before it is no part of it.
    let set = |word: &&String| *word == "env" || (!word.starts_with('-') && word.contains('='));
    let words: Vec<&String> = words.iter().skip_while(set).collect();
    words.iter().copied().take(4).find_map(file).unwrap_or_else(|| {
        let first = words.first().map_or("client", |word| word.as_str());
        first.rsplit(['/', '\\']).next().unwrap_or("client").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(words: &[&str]) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        without_secrets(&words, &mut Redactor::default())
    }

    #[test]
    fn no_secret_of_a_command_is_kept() {
        assert_eq!(
            kept(&["x", "--password", "Swordfish1", "--api-key=abcd1234", "-u", "ADMIN:Sesame77"]),
            ["x", "--password", MARK, "--api-key=[redacted]", "-u", "ADMIN:[redacted]"]
        );
        assert_eq!(
            kept(&["curl", "https://bob:Sesame77@lxca/nodes", "again Sesame77"]),
            ["curl", "https://bob:[redacted]@lxca/nodes", "again [redacted]"]
        );
        assert_eq!(
            kept(&["./nightly.sh", "{url}", "--user-agent", "x"]),
            ["./nightly.sh", "{url}", "--user-agent", "x"]
        );
    }

    #[test]
    fn a_client_has_the_name_of_its_script() {
        let name = |words: &[&str]| {
            name_of(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(name(&["./nightly.sh", "{url}"]), "nightly");
        assert_eq!(name(&["/usr/bin/python3", "-u", "lib/inventory.py"]), "inventory");
        assert_eq!(name(&["/opt/bin/report"]), "report");
        assert_eq!(name(&["env", "A=b", "/opt/bin/report"]), "report");
        assert_eq!(name(&["python3.11", "-m", "tool"]), "python3.11");
    }
}
