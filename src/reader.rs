//! Reads TOML files of people, and reports all problems at once, each with its place.
//!
//! Knows: tables, keys and values. Must not know: what a file is for. No value is quoted that may
//! be a password in the wrong place: who reads a value decides whether it may be shown.

use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::hint::nearest;
use crate::problem::{Problem, unknown_key};

/// A file under way.
pub struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    problems: Vec<Problem>,
}

/// Parses a file and hands its table to `read`; gives back what that makes of it, or every problem.
pub fn read<'t, T>(
    file: &'t str,
    text: &'t str,
    read: impl FnOnce(&mut Reader<'t>, &DeTable<'t>) -> T,
) -> Result<T, Vec<Problem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| Problem::from_toml(file, text, error)).collect());
    }
    let mut reader = Reader { file, text, problems: Vec::new() };
    let found = read(&mut reader, document.get_ref());
    if reader.problems.is_empty() {
        return Ok(found);
    }
    reader.problems.sort_by_key(|problem| problem.at);
    Err(reader.problems)
}

impl Reader<'_> {
    /// Notes what is wrong at a place.
    pub fn say(&mut self, at: usize, what: impl Into<String>) {
        self.problems.push(Problem::new(self.file, what).at(self.text, at));
    }

    /// Notes what is wrong at a place, and what to do about it.
    pub fn say_with(&mut self, at: usize, what: impl Into<String>, fix: impl Into<String>) {
        self.problems.push(Problem::new(self.file, what).at(self.text, at).fix(fix));
    }

    /// How many problems there are by now.
    #[must_use]
    pub fn problems(&self) -> usize {
        self.problems.len()
    }

    /// The line of a place, from 1.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].matches('\n').count() + 1
    }

    /// Refuses each key that isn't one of those that are accepted; `section` is where they stand.
    pub fn keys(&mut self, table: &DeTable<'_>, section: &str, accepted: &[&str]) {
        let place = if section.is_empty() { String::new() } else { format!(" in [{section}]") };
        for key in table.keys().filter(|key| !accepted.contains(&key.get_ref().as_ref())) {
            self.unknown(key, &place, accepted);
        }
    }

    /// Refuses one key.
    pub fn unknown(
        &mut self,
        key: &Spanned<toml::de::DeString<'_>>,
        place: &str,
        accepted: &[&str],
    ) {
        let near = nearest(key.get_ref(), accepted.iter().copied())
            .first()
            .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        self.say_with(
            key.span().start,
            format!("{}{place}", unknown_key(key.get_ref())),
            format!("{near}accepted keys are {}", accepted.join(", ")),
        );
    }

    /// A table below a key, with no key but those that are accepted.
    pub fn section<'d, 'i>(
        &mut self,
        table: &'d DeTable<'i>,
        name: &str,
        accepted: &[&str],
    ) -> Option<&'d DeTable<'i>> {
        let value = table.get(name)?;
        if let DeValue::Table(section) = value.get_ref() {
            self.keys(section, name, accepted);
            Some(section)
        } else {
            self.say_with(
                value.span().start,
                format!("`{name}` must be a table"),
                format!("write it as [{name}]"),
            );
            None
        }
    }

    /// A text, empty or not.
    pub fn any_text(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        let value = table.get(key)?;
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.to_string());
        }
        self.say_with(value.span().start, format!("`{key}` must be a string"), "put it in quotes");
        None
    }

    /// A text that says something.
    pub fn text(&mut self, table: &DeTable<'_>, key: &str, fix: &str) -> Option<String> {
        let text = self.any_text(table, key)?;
        if !text.trim().is_empty() {
            return Some(text);
        }
        let (at, what) = (offset(table, key), format!("`{key}` is empty"));
        if fix.is_empty() {
            self.say(at, what);
        } else {
            self.say_with(at, what, fix);
        }
        None
    }

    /// A text that has to be there, in the table that begins at a place.
    pub fn must(&mut self, table: &DeTable<'_>, at: usize, key: &str, fix: &str) -> Option<String> {
        if self.is_missing(table, at, key, fix) { None } else { self.text(table, key, fix) }
    }

    /// Whether a key that has to be there isn't; then that is noted.
    pub fn is_missing(&mut self, table: &DeTable<'_>, at: usize, key: &str, fix: &str) -> bool {
        let missing = !table.contains_key(key);
        if missing {
            self.say_with(at, format!("the key `{key}` is missing"), fix);
        }
        missing
    }

    /// Yes or no.
    pub fn flag(&mut self, table: &DeTable<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        self.say(value.span().start, format!("`{key}` must be true or false"));
        None
    }
}

/// Where the value of a key stands; the start of the file where there is none.
#[must_use]
pub fn offset(table: &DeTable<'_>, key: &str) -> usize {
    table.get(key).map_or(0, |value| value.span().start)
}

/// A whole number that isn't negative.
#[must_use]
pub fn whole_number(value: &DeValue<'_>) -> Option<u64> {
    value.as_integer().and_then(|number| number.to_string().replace('_', "").parse().ok())
}

/// A length of time: `500ms`, `2s`, `10m`, `1h 30m`.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    text.trim().parse::<jiff::SignedDuration>().ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("2s", 2_000),
            ("10m", 600_000),
            ("1h", 3_600_000),
            ("1h 30m", 5_400_000),
            (" 30 s ", 30_000),
        ] {
            assert_eq!(duration(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "10", "ten s", "-5s", "5s ago", "99999999999999999999s", "1 fortnight"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn every_problem_is_told_with_its_place_and_what_may_have_been_meant() {
        let text = "nmae = \"x\"\nflag = 1\ntext = 2\n[part]\nb = 1\n";
        let problems = read("f.toml", text, |reader, table| {
            reader.keys(table, "", &["name", "flag", "text", "part"]);
            reader.flag(table, "flag");
            reader.text(table, "text", "");
            reader.section(table, "part", &["a"]);
            reader.is_missing(table, 0, "name", "give it");
        })
        .unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "f.toml:1:1: unknown key `nmae`; did you mean `name`? accepted keys are name, flag, \
                text, part",
                "f.toml:1:1: the key `name` is missing; give it",
                "f.toml:2:8: `flag` must be true or false",
                "f.toml:3:8: `text` must be a string; put it in quotes",
                "f.toml:5:1: unknown key `b` in [part]; accepted keys are a",
            ]
        );
        assert!(read("f.toml", "a = ", |_, _| ()).is_err());
    }
}
