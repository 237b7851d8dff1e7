//! The words of `docs/glossary.md`, for `explain`.
//!
//! Knows: how the page is laid out: a paragraph per word, which begins with the word in bold. Must
//! not know: what a word is used for.

use std::sync::LazyLock;

/// The page.
const PAGE: &str = include_str!("../../docs/glossary.md");

/// Columns of the text of a definition.
const COLUMNS: usize = 96;

/// Words with their definitions, in the order of the page.
static WORDS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    PAGE.split("\n\n")
        .filter_map(|paragraph| paragraph.trim().strip_prefix("**")?.split_once("**: "))
        .collect()
});

/// Every word that is defined.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| *word)
}

/// The definition of a word, in lines for a terminal.
pub(super) fn definition(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let (word, text) = WORDS.iter().find(|(known, _)| *known == lower)?;
    let mut out = format!("{word}\n");
    let mut line = String::from(" ");
    for part in plain(text).split_whitespace() {
        if line.len() > 1 && line.chars().count() + 1 + part.chars().count() > COLUMNS {
            out.push_str(&line);
            out.push('\n');
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(part);
    }
    out.push_str(&line);
    out.push('\n');
    Some(out)
}

/// The text of the page with `[name](file)` as `docs/file`.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let Some((file, after)) =
            link.split_once("](").and_then(|(_, target)| target.split_once(')'))
        else {
            break;
        };
        out.push_str(before);
        out.push_str("docs/");
        out.push_str(file);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_defined_once_and_in_order() {
        let found: Vec<&str> = words().collect();
        assert!(found.len() > 50, "{found:?}");
        assert!(found.is_sorted_by(|one, other| one < other), "{found:?}");
        // A paragraph that isn't a definition would be lost without a word.
        let bold = PAGE.lines().filter(|line| line.starts_with("**")).count();
        assert_eq!(bold, found.len());
    }

    #[test]
    fn a_definition_fits_a_terminal_and_holds_no_markup() {
        for word in words() {
            let text = definition(word).unwrap();
            assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
            assert!(!text.contains("](") && !text.contains("**"), "{text}");
        }
        assert_eq!(definition("Verdict"), definition("verdict"));
        assert!(definition("waiver").unwrap().contains("See docs/waivers.md."));
        assert_eq!(definition("no such word"), None);
    }
}
