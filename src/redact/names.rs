//! Which names tell that what they name is a secret: of members, parameters, headers.
//!
//! Knows: how people name passwords, tokens, keys and ids of sessions. Pure. Must not know: values.

/// How the names of secrets end, in lower case and without anything between their words.
const ENDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwordhash",
    "pwd",
    "userpw",
    "secret",
    "token",
    "csrf",
    "xsrf",
    "jwt",
    "apikey",
    "accesskey",
    "authkey",
    "encryptionkey",
    "privatekey",
    "privkey",
    "secretkey",
    "sessionkey",
    "sharedkey",
    "v3key",
    "sessionid",
    "community",
    "communities",
    "communityname",
    "communitystring",
];

/// What is too short to end a name, unless it is a word of its own.
const WORDS: &[&str] = &["pw", "psk", "otp"];

/// Headers whose values are secret whatever they hold, and whose names don't tell.
const HEADERS: &[&str] =
    &["authorization", "proxy-authorization", "cookie", "set-cookie", "www-authenticate-token"];

/// Parameters that are no secret as members: there they say how, and not with what.
const PARAMETERS: &[&str] =
    &["auth", "authorization", "bearer", "session", "sid", "sig", "signature", "ticket"];

/// Finds each place where the name of a secret could end; for a regular expression.
pub(super) const PLACES: &str = "(?:pass(?:word(?:[_. -]?hash)?|wd|phrase|code)|pwd|pw|psk|otp\
    |secret|token|[cx]srf|jwt|session[_. -]?id|communit(?:y|ies)(?:[_. -]?(?:name|string))?\
    |(?:api|access|auth|encryption|priv|private|secret|session|shared|v3)[_. -]?key)s?";

/// Names that are longer are read from this place before their end.
const LONGEST: usize = 64;

/// Whether the value of a member, a parameter or a cookie of that name is a secret whatever it is:
/// by its last words, so that `bindPassword` is one, and `passwordExpirationTime` isn't.
#[must_use]
pub(crate) fn is_secret_member(name: &str) -> bool {
    // No allocation: a body can have very many names.
    let mut plain = [0; LONGEST];
    let mut start = LONGEST;
    for byte in name.bytes().rev().filter(u8::is_ascii_alphanumeric).take(LONGEST) {
        start -= 1;
        plain[start] = byte.to_ascii_lowercase();
    }
    let plain = &plain[start..];
    let singular = plain.strip_suffix(b"s").unwrap_or(plain);
    ENDS.iter().any(|end| plain.ends_with(end.as_bytes()) || singular.ends_with(end.as_bytes()))
        || WORDS.iter().any(|word| {
            ends_with_word(name, word)
                || name.strip_suffix('s').is_some_and(|singular| ends_with_word(singular, word))
        })
}

fn ends_with_word(name: &str, word: &str) -> bool {
    let Some(before) = name.len().checked_sub(word.len()) else { return false };
    let bytes = name.as_bytes();
    if !bytes[before..].eq_ignore_ascii_case(word.as_bytes()) {
        return false;
    }
    bytes[..before].last().is_none_or(|last| {
        !last.is_ascii_alphanumeric()
            || (bytes[before].is_ascii_uppercase() && !last.is_ascii_uppercase())
    })
}

/// Whether the value of a parameter of that name is a secret whatever it is.
#[must_use]
pub(crate) fn is_secret_parameter(name: &str) -> bool {
    let lower = name.to_lowercase();
    is_secret_member(name)
        || PARAMETERS.contains(&lower.as_str())
        || ["password", "token", "secret", "sessionid", "api-key", "apikey", "credential"]
            .iter()
            .any(|part| lower.contains(part))
}

/// Whether the value of a header of that name is a secret whatever it is.
#[must_use]
pub(crate) fn is_secret_header(name: &str) -> bool {
    HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known)) || is_secret_member(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_by_its_last_words() {
        for name in [
            "password",
            "Passwords",
            "newPassword",
            "confirm_password",
            "bindPassword",
            "userPw",
            "adminPW",
            "bmc-pw",
            "privPassword",
            "authPassphrase",
            "keyPassphrase",
            "passwd",
            "PWD",
            "communityName",
            "community",
            "readCommunity",
            "snmp_community_string",
            "accessToken",
            "refresh_token",
            "clientSecret",
            "api_key",
            "X-Api-Key",
            "apiKeys",
            "privateKey",
            "sshPrivateKey",
            "v3_key",
            "sessionId",
            "JSESSIONID",
            "csrf",
            "x-csrf-token",
            "jwt",
            "passwordHash",
            "a.very.long.name.of.what.nobody.should.see.or.keep.in.a.file.password",
        ] {
            assert!(is_secret_member(name), "{name}");
        }
        for name in [
            "passwordExpirationTime",
            "passwordHistory",
            "pwChangeRequired",
            "pwdAge",
            "pwExpired",
            "PasswordChangeFirstAccess",
            "activeSessions",
            "session",
            "id",
            "publicKeys",
            "activationKeys",
            "keyIdentifier",
            "keyIdentiferList",
            "managedAuthEnabled",
            "storedCredentials",
            "storedCredential",
            "userName",
            "key",
            "authentication",
            "passThroughModules",
            "tokenExpiration",
            "dpw",
            "sOTPx",
            "s",
            "",
            "communityCount",
        ] {
            assert!(!is_secret_member(name), "{name}");
        }
        assert!(is_secret_parameter("auth") && !is_secret_member("auth"));
        assert!(!is_secret_parameter("key") && !is_secret_parameter("author"));
        assert!(is_secret_header("Set-Cookie") && is_secret_header("x-password"));
        assert!(!is_secret_header("www-authenticate") && !is_secret_header("content-type"));
    }

    #[test]
    fn every_end_is_found_by_the_search() {
        let search = regex::Regex::new(&format!("(?i-u)(?:{PLACES})$")).unwrap();
        for end in ENDS.iter().chain(WORDS) {
            assert!(search.is_match(end) && search.is_match(&format!("x{end}s")), "{end}");
        }
        assert!(search.is_match("api_key") && search.is_match("community string"));
    }
}
