//! The words of `docs/glossary.md`, for `explain`.
//!
//! Knows: how the page is laid out: a heading per word, with its definition below. Must not
//! know: what a word is used for.

use std::sync::LazyLock;

use crate::report;

/// The page.
const PAGE: &str = include_str!("../../docs/glossary.md");

/// Columns of the text of a definition.
const COLUMNS: usize = 96;
/// What each of its lines begins with.
const INDENT: &str = "  ";

/// Words with their definitions, in the order of the page.
static WORDS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    PAGE.split("\n## ").skip(1).filter_map(|part| part.split_once('\n')).collect()
});

/// Every word that is defined.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| *word)
}

/// The definition of a word, in lines for a terminal. `not-exercised` is `not exercised`.
pub(super) fn definition(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let (word, text) = WORDS
        .iter()
        .find(|(known, _)| *known == lower)
        .or_else(|| WORDS.iter().find(|(known, _)| *known == lower.replace('-', " ")))?;
    let mut out = format!("{word}\n");
    for line in report::wrapped(text, COLUMNS - INDENT.len()) {
        out.push_str(INDENT);
        out.push_str(&line);
        out.push('\n');
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_defined_once_and_in_order() {
        let found: Vec<&str> = words().collect();
        assert!(found.len() > 50, "{found:?}");
        // As a dictionary has them: blanks and marks don't count.
        let letters = |word: &str| word.replace(|c: char| !c.is_alphanumeric(), "");
        assert!(found.is_sorted_by(|one, other| letters(one) < letters(other)), "{found:?}");
        for word in found {
            assert!(definition(word).unwrap().lines().count() > 1, "{word} has no definition");
        }
    }

    #[test]
    fn a_definition_fits_a_terminal_and_holds_no_markup() {
        for word in words() {
            let text = definition(word).unwrap();
            assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
            assert!(!text.contains("](") && !text.contains("**") && !text.contains('#'), "{text}");
        }
        assert_eq!(definition("Verdict"), definition("verdict"));
        assert_eq!(definition("not-exercised"), definition("not exercised"));
        assert_eq!(definition("no such word"), None);
    }
}
