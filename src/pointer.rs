//! JSON pointers as texts.
//!
//! Knows: RFC 6901. Must not know: what is pointed at.

/// A member name as a token of a JSON pointer.
#[must_use]
pub(crate) fn escape(token: &str) -> std::borrow::Cow<'_, str> {
    if !token.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        return token.into();
    }
    token.replace('~', "~0").replace('/', "~1").into()
}

/// The member name that a token of a JSON pointer stands for.
#[must_use]
pub(crate) fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// A pointer with `*` for every index.
#[must_use]
pub fn pattern(pointer: &str) -> String {
    pointer
        .split('/')
        .map(|token| {
            if !token.is_empty() && token.chars().all(|c| c.is_ascii_digit()) { "*" } else { token }
        })
        .collect::<Vec<_>>()
        .join("/")
}
