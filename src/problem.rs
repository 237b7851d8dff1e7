//! What is wrong with a file that a person wrote, and where.
//!
//! Knows: file, line, column, what and how to fix it. Must not know: which loader found it, or how
//! it is printed.

use std::fmt;

/// One thing that is wrong in a contract, catalogue, target or waiver file. Loaders collect these
/// and give them back all at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the person named it (or as it is embedded).
    pub file: String,
    /// 1-based line and column, where the format has them.
    pub at: Option<(usize, usize)>,
    /// What happened and why.
    pub what: String,
    /// What to do about it.
    pub fix: Option<String>,
}

impl Problem {
    /// A problem with a whole file.
    pub fn new(file: impl Into<String>, what: impl Into<String>) -> Self {
        Self { file: file.into(), at: None, what: what.into(), fix: None }
    }

    /// The same problem with its remedy.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// The same problem at a byte offset of `text`.
    #[must_use]
    pub fn at(mut self, text: &str, offset: usize) -> Self {
        self.at = Some(line_and_column(text, offset));
        self
    }

    /// A problem that the TOML reader found: its message already names the keys that are accepted.
    /// The line itself isn't quoted: whoever names the wrong file, or has a password in clear
    /// beside a lost quote, would find the secret in the log of the CI job.
    #[must_use]
    pub fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let problem = Self::new(file, error.message().trim().replace('\n', " "));
        match error.span() {
            Some(span) => problem.at(text, span.start),
            None => problem,
        }
    }

    /// A problem that the JSON reader found.
    #[must_use]
    pub fn from_json(file: &str, error: &serde_json::Error) -> Self {
        let mut problem = Self::new(file, format!("not valid JSON: {}", json_flaw(error)));
        problem.at = Some((error.line(), error.column()));
        problem
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.what)?;
        match &self.fix {
            Some(fix) => write!(f, "; {fix}"),
            None => Ok(()),
        }
    }
}

/// A key that nobody knows, for people: as it is where it is spelt like one, and otherwise by its
/// place alone. A list of one password in JSON is the name of a table in TOML.
#[must_use]
pub fn unknown_key(key: &str) -> String {
    let like_one =
        key.len() <= 40 && key.chars().all(|c| c.is_ascii_lowercase() || "-_.".contains(c));
    if like_one {
        format!("unknown key `{key}`")
    } else {
        "unknown key (not shown, because it may be a secret)".to_owned()
    }
}

/// What the JSON reader found, without the values that it quotes: the file may be another one than
/// the person meant, and hold a secret.
#[must_use]
pub fn json_flaw(error: &serde_json::Error) -> String {
    let place = if error.line() == 0 {
        String::new()
    } else {
        format!(" at line {} column {}", error.line(), error.column())
    };
    let text = error.to_string();
    let text = text.strip_suffix(&place).unwrap_or(&text);
    if error.classify() != serde_json::error::Category::Data
        || ["missing field ", "unknown field ", "duplicate field "]
            .iter()
            .any(|start| text.starts_with(start))
    {
        return format!("{text}{place}");
    }
    // `invalid type: string "…", expected …`: what is expected is ours, what was found isn't.
    let ours = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant "]
        .iter()
        .any(|what| text.starts_with(what));
    let what = text.split(['`', '"', ',']).next().unwrap_or_default().trim_end();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) if ours => format!("{what}, expected {expected}{place}"),
        _ if ours => format!("{what}{place}"),
        _ => format!("a value that can't be read{place}"),
    }
}

fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (line, column)
}

/// The problems of one load, shown one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_toml_nor_the_json_reader_quotes_what_it_found() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            Yes,
        }
        for (text, says) in [
            ("\"hunter2\"", "unknown variant, expected"),
            ("{\"hunter2\": 1}", "unknown variant"),
            ("[\"hunter2, expected x\"]", "at line 1"),
        ] {
            let error = serde_json::from_str::<Word>(text).unwrap_err();
            let said = json_flaw(&error);
            assert!(!said.contains("hunter2") && said.contains(says), "{error}: {said}");
        }
        let error = serde_json::from_str::<u8>("\"hunter2, expected\"").unwrap_err();
        assert_eq!(json_flaw(&error), "invalid type: string, expected u8 at line 1 column 19");
        assert!(matches!(serde_json::from_str::<Word>("\"yes\""), Ok(Word::Yes)));
        let text = "a = 1\npassword = \"hunter2\n";
        let error = toml::from_str::<toml::Table>(text).unwrap_err();
        let said = Problem::from_toml("t.toml", text, &error).to_string();
        assert!(said.starts_with("t.toml:2:") && !said.contains("hunter2"), "{said}");
    }

    #[test]
    fn an_offset_becomes_a_line_and_a_column() {
        assert_eq!(line_and_column("ab\ncd", 4), (2, 2));
        assert_eq!(line_and_column("ab\ncd", 0), (1, 1));
        assert_eq!(line_and_column("é\nx", 99), (2, 2));
    }
}
