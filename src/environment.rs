//! The variables of the environment.
//!
//! Knows: their names. The one door to the environment. Must not know: what they are for.

/// The variable that holds the password when none is named.
pub const PASSWORD_VARIABLE: &str = "LXCA_PASSWORD";

/// An environment variable.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one door to the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// An environment variable that needn't be text.
#[expect(clippy::disallowed_methods, reason = "the one door to the environment")]
pub(crate) fn environment_as_it_is(name: &str) -> Option<std::ffi::OsString> {
    // A name that can't be one would panic.
    if name.is_empty() || name.contains(['=', '\0']) { None } else { std::env::var_os(name) }
}
