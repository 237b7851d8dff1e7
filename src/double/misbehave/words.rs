//! The words of a script, one after the other, and the complaint about one that doesn't fit.
//!
//! Knows where a word begins. Must not know what any word means.

use serde_json::Value;

/// A line that isn't a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the script `{script}`: at character {at}, {found}; accepted: {accepted}")]
pub struct ScriptError {
    pub(crate) script: String,
    /// From 1.
    pub at: usize,
    pub(crate) found: String,
    pub(crate) accepted: String,
}

impl ScriptError {
    /// A line that is a script and holds no edit, where one is needed.
    pub(crate) fn no_edit(line: &str) -> Self {
        Self {
            script: cut(line, 120),
            at: 1,
            found: "it edits no reply".to_owned(),
            accepted: "edits, such as `sftp-locks.list: drop /*/id`".to_owned(),
        }
    }
}

/// The words of a script with where they begin.
#[derive(Debug, Clone)]
pub(crate) struct Words<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Words<'a> {
    /// The next word, which ends at a blank or a semicolon.
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        self.skip();
        let rest = &self.text[self.at..];
        let ends = |c: char| c.is_whitespace() || c == ';';
        let length = rest.find(ends).unwrap_or(rest.len());
        // A semicolon where a word should be is itself the word.
        let length = if rest.starts_with(';') { 1 } else { length };
        self.at += length;
        Some(&rest[..length]).filter(|word| !word.is_empty())
    }

    /// The next word, which stays where it is.
    pub(crate) fn peek(&self) -> Option<&'a str> {
        self.clone().next()
    }

    /// Goes past blanks.
    pub(crate) fn skip(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Goes past a semicolon, if one comes next.
    pub(crate) fn semicolon(&mut self) -> bool {
        self.skip();
        let there = self.text[self.at..].starts_with(';');
        self.at += usize::from(there);
        there
    }

    /// The next thing as JSON.
    pub(crate) fn json(&mut self, accepted: &str) -> Result<Value, ScriptError> {
        self.skip();
        let rest = &self.text[self.at..];
        if !rest.starts_with(['{', '[', '"']) {
            // A word, which the reader of JSON would want a blank after.
            let word = self.next();
            let value = word.and_then(|word| serde_json::from_str(word).ok());
            return value.ok_or_else(|| self.complain(word, "", accepted));
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                Ok(value)
            }
            Some(Err(error)) if !error.is_eof() => {
                let found = format!("this is no JSON: {}", reason(&error));
                self.at += offset(rest, error.line(), error.column());
                Err(self.complaint(found, accepted))
            }
            _ => {
                self.at = self.text.len();
                Err(self.complain(None, "", accepted))
            }
        }
    }

    /// The next thing as text: a JSON string, or one word.
    pub(crate) fn string(&mut self, accepted: &str) -> Result<String, ScriptError> {
        self.skip();
        if self.text[self.at..].starts_with('"') {
            return match self.json(accepted)? {
                Value::String(text) => Ok(text),
                other => Ok(other.to_string()),
            };
        }
        match self.next() {
            Some(word) if word != ";" => Ok(word.to_owned()),
            word => Err(self.complain(word, "", accepted)),
        }
    }

    /// The complaint about the word that was read last, or about the end.
    pub(crate) fn complain(
        &self,
        word: Option<&str>,
        found: &str,
        accepted: impl Into<String>,
    ) -> ScriptError {
        let at = Words { text: self.text, at: self.at - word.map_or(0, str::len) };
        let found = match (word, found) {
            (Some(word), "") => format!("`{}` is not expected", cut(word, 60)),
            (None, _) => "something is missing".to_owned(),
            (Some(_), found) => found.to_owned(),
        };
        at.complaint(found, accepted)
    }

    /// A complaint about what stands here.
    pub(crate) fn complaint(&self, found: String, accepted: impl Into<String>) -> ScriptError {
        ScriptError {
            script: cut(self.text, 120),
            at: self.text[..self.at].chars().count() + 1,
            found,
            accepted: accepted.into(),
        }
    }
}

/// What `serde_json` says, without its place: ours is counted in the whole script.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// How many bytes stand before a line and column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (before + column.saturating_sub(1)).min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

pub(crate) fn cut(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(most).collect()
}
