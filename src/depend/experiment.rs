//! What is changed in one run of a client's command, as plain values.
//!
//! Knows: how a member, a list or an answer can be changed. Must not know: how a change is made, or
//! what came of it.

use std::fmt::Write as _;

use crate::profile::Change;

use super::element::Seen;

/// How one element is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// Each value becomes one that nobody knows; with a number, only the known value of that
    /// number.
    Unknown(Option<u16>),
    /// The same, and equal values become equal ones, wherever they stand.
    Alike,
    /// Every value becomes the known one of that number.
    Set(u16),
    /// A number, or a time or a number in a text, becomes a neighbour of its own form; with a
    /// number, only the known value of that number does.
    Next(Option<u16>),
    /// A number becomes one that stands nowhere else.
    Far,
    /// Letters change their case.
    Case,
    /// A time has more or fewer digits behind its seconds.
    Precision,
    /// It is null.
    Null,
    /// It is of another type.
    Type,
    /// It isn't there.
    Gone,
    /// It has another name.
    Renamed,
    /// The object has a member more.
    Extra,
    /// The list has no row.
    Empty,
    /// The list has one row more: two instead of one.
    Two,
    /// The list is the other way round.
    Order,
    /// The answer has another status of success.
    Status,
    /// The answer is 204, without a body.
    NoContent,
    /// The call is refused.
    Refused,
    /// The answer takes longer.
    Slower,
}

impl How {
    /// What the profile calls it.
    #[must_use]
    pub fn change(self) -> Change {
        match self {
            Self::Unknown(_) | Self::Alike => Change::UnknownValue,
            Self::Set(_) | Self::Next(_) | Self::Far => Change::OtherValue,
            Self::Case => Change::Case,
            Self::Precision => Change::TimePrecision,
            Self::Null => Change::Null,
            Self::Type => Change::Type,
            Self::Gone => Change::Gone,
            Self::Renamed => Change::Renamed,
            Self::Extra => Change::Extra,
            Self::Empty => Change::Empty,
            Self::Two => Change::Two,
            Self::Order => Change::Order,
            Self::Status => Change::Status,
            Self::NoContent => Change::NoContent,
            Self::Refused => Change::Refused,
            Self::Slower => Change::Slower,
        }
    }
}

/// One element, how it is changed, and in which row if not in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// Its number in [`Seen::elements`].
    pub element: u32,
    /// How.
    pub how: How,
    /// Which `*` of its path, from 0, and the index that it stands for; none means every row.
    pub row: Option<(u8, u32)>,
}

impl Edit {
    /// A change in every row.
    #[must_use]
    pub fn of(element: usize, how: How) -> Self {
        Self { element: u32::try_from(element).unwrap_or(u32::MAX), how, row: None }
    }

    /// The same change in one row.
    #[must_use]
    pub fn in_row(self, star: usize, index: usize) -> Self {
        let star = u8::try_from(star).unwrap_or(u8::MAX);
        Self { row: Some((star, u32::try_from(index).unwrap_or(u32::MAX))), ..self }
    }

    /// Its number.
    #[must_use]
    pub fn place(self) -> usize {
        self.element as usize
    }
}

/// What is changed in one run. Nothing, in the unchanged run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Experiment {
    /// In order, each once.
    pub edits: Vec<Edit>,
    /// Tells runs with the same changes apart: the first has 0.
    pub again: u8,
}

impl Experiment {
    /// A run with these changes.
    #[must_use]
    pub fn of(mut edits: Vec<Edit>) -> Self {
        edits.sort_unstable();
        edits.dedup();
        Self { edits, again: 0 }
    }

    /// The same once more.
    #[must_use]
    pub fn again(&self, number: u8) -> Self {
        Self { again: number, ..self.clone() }
    }

    /// It in words that name it wherever it is kept.
    #[must_use]
    pub fn name(&self, seen: &Seen) -> String {
        let mut name = format!("{}", self.again);
        for edit in &self.edits {
            let element = &seen.elements[edit.place()];
            let operation = &seen.operations[element.operation];
            let _ = write!(
                name,
                "\n{:?} {:?} {} {} {}",
                edit.how, edit.row, operation.method, operation.path, element.path
            );
        }
        name
    }

    /// It in a few words, for people.
    #[must_use]
    pub fn says(&self, seen: &Seen) -> String {
        let Some(first) = self.edits.first() else { return "nothing changed".to_owned() };
        let element = &seen.elements[first.place()];
        let operation = &seen.operations[element.operation];
        let more = match self.edits.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{} {}: {} {}{more}",
            operation.method,
            operation.path,
            first.how.change().word(),
            element.path
        )
    }
}

/// How the command ended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// With this exit status.
    Exit(i32),
    /// By a signal.
    Signal(i32),
    /// It was ended after its time.
    Hung,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// How the command ended.
    pub end: End,
    /// The digest of what is compared, if something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The same, after each value that was put in was changed back to the one that it stood for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
}

impl Outcome {
    /// Whether it is what the unchanged run gave, values that were only passed on aside.
    #[must_use]
    pub fn is_like(&self, unchanged: &Self) -> bool {
        self.end == unchanged.end && self.back == unchanged.back
    }

    /// Whether a value that was put in came out again.
    #[must_use]
    pub fn passes_on(&self) -> bool {
        self.output != self.back
    }
}
