//! What single sentences say: which version is needed, and that a value is the only one.
//!
//! Knows: the phrases of the pages. Must not know: in which section a sentence stands.

/// The sentences of a text.
pub(in crate::import) fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    let bytes = text.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        let ends = matches!(byte, b'.' | b'!' | b'?' | b'\n')
            && bytes.get(index + 1).is_none_or(u8::is_ascii_whitespace);
        if ends || *byte == b'\n' {
            found.push(text[from..=index].trim());
            from = index + 1;
        }
    }
    found.push(text[from..].trim());
    found.retain(|sentence| !sentence.is_empty());
    found
}

/// The version that a sentence says is needed, "v4.1.0 or later", and where it begins.
#[must_use]
pub(in crate::import) fn version(sentence: &str) -> Option<(usize, &str)> {
    let lower = sentence.to_ascii_lowercase();
    for (at, words) in lower
        .match_indices(" or later")
        .chain(lower.match_indices(" and later"))
        .chain(lower.match_indices(" or newer").chain(lower.match_indices(" or higher")))
    {
        let _ = words;
        let before = &sentence[..at];
        let start = before
            .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
            .map_or(0, |it| it + before[it..].chars().next().map_or(1, char::len_utf8));
        let number = before[start..].trim_matches('.');
        if number.starts_with(|c: char| c.is_ascii_digit()) {
            return Some((start, number));
        }
    }
    None
}

/// The version that the page as a whole needs, if this sentence says so.
#[must_use]
pub(in crate::import) fn page_version(sentence: &str) -> Option<(usize, &str)> {
    let lower = sentence.to_ascii_lowercase();
    let of_a_part = ["attribute", "parameter", "the value", "this value", "option "]
        .iter()
        .any(|word| lower.contains(word));
    let of_the_page = ["requires", "is required", "available", "supported", "applies"]
        .iter()
        .any(|word| lower.contains(word));
    if of_a_part || !of_the_page { None } else { version(sentence) }
}

/// The value that a sentence says is the only one, and where it begins.
#[must_use]
pub(in crate::import) fn constant(text: &str) -> Option<(usize, String)> {
    let lower = text.to_ascii_lowercase();
    if lower.len() != text.len() {
        return None;
    }
    let at = ["value is always ", "value is always: "]
        .iter()
        .find_map(|words| lower.find(words).map(|at| at + words.len()))
        .or_else(|| {
            let at = lower.find("always ")?;
            let fresh = lower[..at].trim_end().is_empty() || lower[..at].trim_end().ends_with('.');
            let quoted = text[at + "always ".len()..].starts_with(['“', '"', '\'', '‘']);
            (fresh && quoted).then_some(at + "always ".len())
        })?;
    let rest = &text[at..];
    let quoted = rest.starts_with(['“', '"', '‘']);
    let end = if quoted {
        rest.char_indices().skip(1).find(|(_, c)| "”\"’".contains(*c)).map(|(index, _)| index)
    } else {
        None
    };
    let value = if let Some(end) = end {
        &rest[rest.chars().next().map_or(0, char::len_utf8)..end]
    } else {
        let stop = rest
            .char_indices()
            .find(|(index, c)| {
                matches!(c, '.' | ',' | ';')
                    && rest[index + 1..].chars().next().is_none_or(char::is_whitespace)
            })
            .map_or(rest.len(), |(index, _)| index);
        &rest[..stop]
    };
    let value = value.trim().trim_end_matches('.').trim_matches(['“', '”', '"', '‘', '’', '\'']);
    (!value.is_empty() && value.len() <= 80).then(|| (at, value.to_owned()))
}
