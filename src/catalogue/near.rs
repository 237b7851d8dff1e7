//! Near misses of a fact: `{{backup.uuid|cut}}` is almost the backup's uuid, and isn't it.
//!
//! Knows: texts. Must not know: which facts there are, or what an appliance makes of a near miss.

/// A fact in the words of a placeholder: its name, and the word behind it.
#[must_use]
pub(crate) fn parts(placeholder: &str) -> (&str, Option<&str>) {
    match placeholder.split_once('|') {
        Some((name, word)) => (name.trim(), Some(word.trim())),
        None => (placeholder.trim(), None),
    }
}

/// What is almost this value; none for an unknown word. `docs/case-format.md` lists the words.
pub(super) fn miss(value: &str, word: &str) -> Option<String> {
    match word {
        "cut" => Some(cut(value)),
        "more" => Some(format!("{value}x")),
        "other-case" => Some(value.chars().flat_map(other_case).collect()),
        _ => None,
    }
}

/// Without its last character. The number at the end of a path goes with it, because `/mnt/share1`
/// may be there beside `/mnt/share10`.
fn cut(value: &str) -> String {
    let shorter = if value.starts_with('/') {
        value.trim_end_matches(|c: char| c.is_ascii_digit())
    } else {
        value
    };
    let mut shorter = shorter.to_owned();
    shorter.pop();
    shorter
}

fn other_case(letter: char) -> Vec<char> {
    if letter.is_lowercase() {
        letter.to_uppercase().collect()
    } else {
        letter.to_lowercase().collect()
    }
}

/// The first near miss in a text that is the fact itself, such as the other case of a path without
/// letters.
pub(crate) fn no_miss<'t>(text: &'t str, facts: &super::Facts) -> Option<&'t str> {
    let placeholders = text
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"))
        .map(|(placeholder, _)| placeholder);
    placeholders.into_iter().find(|placeholder| {
        let (name, word) = parts(placeholder);
        facts.get(name).zip(word).is_some_and(|(value, word)| {
            miss(value, word).is_some_and(|near| near == *value || near.is_empty())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_almost_the_value_and_never_it() {
        for (value, word, near) in [
            ("4edf27ff-08d1-49b5-b7f3-7e8edc4fd278", "cut", "4edf27ff-08d1-49b5-b7f3-7e8edc4fd27"),
            ("/mnt/backup_share", "cut", "/mnt/backup_shar"),
            ("/mnt/share10", "cut", "/mnt/shar"),
            ("/mnt/share", "more", "/mnt/sharex"),
            ("/mnt/Share", "other-case", "/MNT/sHARE"),
        ] {
            assert_eq!(miss(value, word).as_deref(), Some(near), "{value} {word}");
        }
        assert_eq!(miss("x", "reversed"), None);
    }

    #[test]
    fn what_is_the_fact_itself_is_no_near_miss() {
        let facts = crate::catalogue::Facts::from([("share".to_owned(), "/1/2".to_owned())]);
        assert_eq!(
            no_miss("{ \"a\": \"{{share|other-case}}\" }", &facts),
            Some("share|other-case")
        );
        assert_eq!(no_miss("{ \"a\": \"{{share|more}}{{share}}{{none|cut}}\" }", &facts), None);
    }
}
