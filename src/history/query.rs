//! The questions that a history answers: `requirement a.* and held then broken`.
//!
//! Knows: the words of a query, and whether one state in one run answers a part of it. Must not
//! know: how runs are gathered or shown.

use std::fmt;

use globset::{Glob, GlobMatcher};
use semver::VersionReq;

use crate::hint::did_you_mean;
use crate::report::State;
use crate::terms;

use super::model::Run;

/// What may stand in a query, with its meaning.
pub const WORDS: &[(&str, &str)] = &[
    ("requirement GLOB", "the requirement's id matches"),
    ("version RANGE", "the version that the appliance told is in the range"),
    ("appliance GLOB", "the appliance's name, address or uuid matches"),
    ("held", "data reached the requirement, and it held"),
    ("broken", "the requirement was broken"),
    ("not-exercised", "no data reached the requirement"),
    ("excluded", "the requirement isn't checked"),
    ("latest", "in the newest run of the appliance"),
];

const KEYWORDS: &[&str] = &[
    "requirement",
    "version",
    "appliance",
    "held",
    "broken",
    "not-exercised",
    "excluded",
    "latest",
    "and",
    "or",
    "then",
];

/// A question: steps that hold one after the other, each in a later run of one appliance.
#[derive(Debug, Clone)]
pub struct Query {
    text: String,
    pub(super) steps: Vec<Term>,
}

/// What one state in one run can answer.
#[derive(Debug, Clone)]
pub(super) enum Term {
    Requirement(GlobMatcher),
    Version(VersionReq),
    Appliance(GlobMatcher),
    State(State),
    Latest,
    All(Vec<Term>),
    Any(Vec<Term>),
}

/// A requirement in a run.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) requirement: &'a str,
    pub(super) run: &'a Run,
    pub(super) state: Option<State>,
    pub(super) latest: bool,
}

impl Term {
    pub(super) fn holds(&self, cell: Cell<'_>) -> bool {
        match self {
            Self::Requirement(glob) => glob.is_match(cell.requirement),
            Self::State(state) => cell.state == Some(*state),
            Self::Latest => cell.latest,
            Self::All(terms) => terms.iter().all(|term| term.holds(cell)),
            Self::Any(terms) => terms.iter().any(|term| term.holds(cell)),
            Self::Version(_) | Self::Appliance(_) => self.may_speak_of(cell.run),
        }
    }

    /// Whether it can hold in a run, whatever the requirement and its state.
    pub(super) fn may_speak_of(&self, run: &Run) -> bool {
        match self {
            Self::Requirement(_) | Self::State(_) | Self::Latest => true,
            Self::Version(range) => run
                .version
                .as_deref()
                .and_then(terms::version)
                .is_some_and(|version| range.matches(&version)),
            Self::Appliance(glob) => {
                let uuid = run.uuid.as_deref().unwrap_or_default();
                let address = run.url.split("://").last().unwrap_or_default();
                [run.name.as_str(), &run.url, address, uuid].iter().any(|name| glob.is_match(name))
            }
            Self::All(terms) => terms.iter().all(|term| term.may_speak_of(run)),
            Self::Any(terms) => terms.iter().any(|term| term.may_speak_of(run)),
        }
    }
}

/// Why a query can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// The query on one line.
    query: String,
    /// The column of the place, from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { query, column, what } = self;
        writeln!(f, "read the query: column {column}: {what}")?;
        writeln!(f, "  {query}\n  {}^", " ".repeat(column.saturating_sub(1)))?;
        let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
        write!(
            f,
            "accepted: {}; joined by `and`, `or`, parentheses, and `then` for a later run",
            words.join(", ")
        )
    }
}

impl std::error::Error for QueryError {}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let line: String = text
            .chars()
            .map(|c| if crate::terms::is_hidden(c) || c.is_whitespace() { ' ' } else { c })
            .collect();
        let mut parser = Parser { tokens: tokens(&line)?, at: 0, line: &line };
        let mut steps = vec![parser.any()?];
        while parser.take("then") {
            steps.push(parser.any()?);
        }
        if let Some(rest) = parser.peek() {
            let what = if rest.text == ")" && !rest.quoted {
                "`)` closes nothing".to_owned()
            } else {
                format!("`{}` isn't expected here", rest.text)
            };
            return Err(parser.error(rest.column, what));
        }
        Ok(Self { text: line.trim().to_owned(), steps })
    }

    /// As it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

#[derive(Debug, Clone)]
struct Token {
    text: String,
    /// From 1.
    column: usize,
    quoted: bool,
}

/// Words, quoted words and parentheses.
fn tokens(line: &str) -> Result<Vec<Token>, QueryError> {
    let mut found = Vec::new();
    let mut rest = line.chars().enumerate().peekable();
    while let Some((at, c)) = rest.next() {
        let column = at + 1;
        match c {
            ' ' => {}
            '(' | ')' => found.push(Token { text: c.to_string(), column, quoted: false }),
            '"' | '\'' => {
                let mut text = String::new();
                loop {
                    match rest.next() {
                        Some((_, end)) if end == c => break,
                        Some((_, inner)) => text.push(inner),
                        None => {
                            return Err(QueryError {
                                query: line.to_owned(),
                                column,
                                what: format!("the quotation mark {c} isn't closed"),
                            });
                        }
                    }
                }
                found.push(Token { text, column, quoted: true });
            }
            _ => {
                let mut text = c.to_string();
                while let Some((_, inner)) =
                    rest.next_if(|(_, inner)| !matches!(inner, ' ' | '(' | ')'))
                {
                    text.push(inner);
                }
                found.push(Token { text, column, quoted: false });
            }
        }
    }
    Ok(found)
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    line: &'a str,
}

impl Parser<'_> {
    fn error(&self, column: usize, what: impl Into<String>) -> QueryError {
        QueryError { query: self.line.to_owned(), column, what: what.into() }
    }

    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).cloned()
    }

    fn is(&self, word: &str) -> bool {
        self.tokens
            .get(self.at)
            .is_some_and(|token| !token.quoted && token.text.eq_ignore_ascii_case(word))
    }

    fn take(&mut self, word: &str) -> bool {
        let is = self.is(word);
        self.at += usize::from(is);
        is
    }

    fn end(&self) -> usize {
        self.line.trim_end().chars().count() + 1
    }

    fn any(&mut self) -> Result<Term, QueryError> {
        let mut terms = vec![self.all()?];
        while self.take("or") {
            terms.push(self.all()?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::Any(terms) })
    }

    /// Terms that are joined by `and`, or stand side by side.
    fn all(&mut self) -> Result<Term, QueryError> {
        let mut terms: Vec<Term> = Vec::new();
        loop {
            let column = self.peek().map_or(self.end(), |token| token.column);
            let term = self.one()?;
            if let Term::State(state) = &term {
                let other = terms.iter().find_map(|known| match known {
                    Term::State(known) if known != state => Some(*known),
                    _ => None,
                });
                if let Some(known) = other {
                    let (known, state) = (known.word(), state.word());
                    return Err(self.error(
                        column,
                        format!(
                            "a requirement can't be {known} and {state} in one run; write `{known} \
                                then {state}` for one after the other, or `{known} or {state}`"
                        ),
                    ));
                }
            }
            terms.push(term);
            let joined = self.take("and");
            let ends = self.peek().is_none() || ["or", "then", ")"].iter().any(|end| self.is(end));
            if !joined && ends {
                break;
            }
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::All(terms) })
    }

    fn one(&mut self) -> Result<Term, QueryError> {
        let Some(token) = self.peek() else {
            let what = if self.tokens.is_empty() {
                "the query is empty".to_owned()
            } else {
                format!("something is missing after `{}`", self.tokens[self.at - 1].text)
            };
            return Err(self.error(self.end(), what));
        };
        self.at += 1;
        let word = token.text.to_lowercase();
        let known = if token.quoted { "" } else { word.as_str() };
        match known {
            "(" => {
                let inner = self.any()?;
                if self.take(")") {
                    return Ok(inner);
                }
                if let Some(then) = self.peek().filter(|_| self.is("then")) {
                    return Err(self.error(then.column, "`then` can't stand in parentheses"));
                }
                Err(self.error(token.column, "the parenthesis isn't closed"))
            }
            "held" => Ok(Term::State(State::Held)),
            "broken" => Ok(Term::State(State::Broken)),
            "not-exercised" => Ok(Term::State(State::NotExercised)),
            "excluded" => Ok(Term::State(State::Excluded)),
            "latest" => Ok(Term::Latest),
            "requirement" => Ok(Term::Requirement(self.glob(&token, "*/body/*")?)),
            "appliance" => Ok(Term::Appliance(self.glob(&token, "lab-*")?)),
            "version" => self.range(&token),
            "and" | "or" | "then" | ")" => {
                Err(self.error(token.column, format!("something is missing before `{word}`")))
            }
            _ => Err(self.error(
                token.column,
                format!(
                    "`{}` isn't a word of a query{}",
                    token.text,
                    did_you_mean(&token.text, KEYWORDS.iter().copied())
                ),
            )),
        }
    }

    /// The word after a keyword.
    fn value(&mut self, keyword: &Token, example: &str) -> Result<Token, QueryError> {
        let missing = |parser: &Self, column| {
            parser.error(
                column,
                format!(
                    "`{}` needs a value, such as `{} {example}`",
                    keyword.text,
                    keyword.text.to_lowercase()
                ),
            )
        };
        let Some(value) = self.peek() else { return Err(missing(self, self.end())) };
        let reserved = ["and", "or", "then", "(", ")"];
        if !value.quoted && reserved.iter().any(|word| self.is(word)) {
            return Err(missing(self, value.column));
        }
        self.at += 1;
        Ok(value)
    }

    fn glob(&mut self, keyword: &Token, example: &str) -> Result<GlobMatcher, QueryError> {
        let value = self.value(keyword, example)?;
        Glob::new(&value.text).map(|glob| glob.compile_matcher()).map_err(|error| {
            let why = error.kind().to_string();
            self.error(value.column, format!("`{}` isn't a glob: {why}", value.text))
        })
    }

    /// A range may be written with spaces: `version >=4.1, <5`.
    fn range(&mut self, keyword: &Token) -> Result<Term, QueryError> {
        let first = self.value(keyword, "4.2")?;
        let operators = ['<', '>', '=', '~', '^', ','];
        let mut text = first.text;
        while let Some(next) = self.peek().filter(|next| !first.quoted && !next.quoted) {
            let open = text.ends_with(operators);
            if !open && !next.text.starts_with(operators) {
                break;
            }
            if !text.ends_with(',') && next.text.starts_with(['<', '>', '=', '~', '^']) {
                text.push(',');
            }
            text.push_str(&next.text);
            self.at += 1;
        }
        // A version alone means itself, with whatever parts it leaves open.
        let parts = text.split(',').map(|part| {
            let part = part.trim();
            let bare = part.starts_with(|c: char| c.is_ascii_digit()) && !part.contains(['*', 'x']);
            if bare { format!("={part}") } else { part.to_owned() }
        });
        let range = parts.collect::<Vec<_>>().join(", ");
        VersionReq::parse(&range).map(Term::Version).map_err(|_| {
            self.error(
                first.column,
                format!(
                    "`{text}` isn't a version or a range of versions, such as `4.2` or `>=4.1, <5`"
                ),
            )
        })
    }
}

#[cfg(test)]
mod tests;
