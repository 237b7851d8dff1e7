//! What is wrong with a file that a person wrote, and where.
//!
//! Knows: file, line, column, what and how to fix it. Must not know: which loader found it, or how it is printed.

use std::fmt;

/// One thing that is wrong in a contract, catalogue, target or waiver file. Loaders collect these and give them back all at once.
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
    #[must_use]
    pub fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let problem = Self::new(file, error.message().trim().replace('\n', " "));
        match error.span() {
            Some(span) => {
                let offset = span.start;
                let line = line_and_column(text, offset).0;
                let source = text.lines().nth(line - 1).unwrap_or_default().trim();
                let problem = problem.at(text, offset);
                if source.is_empty() { problem } else { Self { what: format!("{} (in `{source}`)", problem.what), ..problem } }
            }
            None => problem,
        }
    }

    /// A problem that the JSON reader found.
    #[must_use]
    pub fn from_json(file: &str, error: &serde_json::Error) -> Self {
        let mut problem = Self::new(file, format!("not valid JSON: {error}"));
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
    fn an_offset_becomes_a_line_and_a_column() {
        assert_eq!(line_and_column("ab\ncd", 4), (2, 2));
        assert_eq!(line_and_column("ab\ncd", 0), (1, 1));
        assert_eq!(line_and_column("é\nx", 99), (2, 2));
    }
}
