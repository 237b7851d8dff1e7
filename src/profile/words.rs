//! The words of a profile: changes, grades, and how something is known.
//!
//! Knows: each word and its meaning. Must not know: files, contracts, who tries a change.

use serde::{Deserialize, Serialize};

/// An enum whose variants are the words of files: `ALL` in order, `word()`, and `read()`.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum $name {
            $($(#[$meaning])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Each of them, in the order in which files have them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word used in files and reports.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// What a word means.
            #[must_use]
            pub fn read(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }
    };
}

words! {
    /// One change to an answer, of which a client either breaks or doesn't.
    Change {
        /// The member isn't there.
        Gone = "gone",
        /// The member is null.
        Null = "null",
        /// The member is of another JSON type.
        Type = "type",
        /// The member has another name: gone and extra in one.
        Renamed = "renamed",
        /// Its value is one that nobody knows.
        UnknownValue = "unknown-value",
        /// Its value is another of the known ones.
        OtherValue = "other-value",
        /// Its value has the same letters in another case.
        Case = "case",
        /// There is a member more.
        Extra = "extra",
        /// A time stamp has more or fewer digits behind the seconds.
        TimePrecision = "time-precision",
        /// The list has no row.
        Empty = "empty",
        /// The list has two rows instead of one.
        Two = "two",
        /// The rows of the list come in another order.
        Order = "order",
        /// The answer has another status of success.
        Status = "status",
        /// The answer is 204, without a body.
        NoContent = "no-content",
        /// The call is refused.
        Refused = "refused",
        /// The answer takes longer.
        Slower = "slower",
    }
}

/// What a change is made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// One member of an answer.
    Member,
    /// A list of an answer, or the answer that is one.
    List,
    /// The answer as a whole.
    Answer,
}

impl Change {
    /// What it is made to.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Gone
            | Self::Null
            | Self::Type
            | Self::Renamed
            | Self::UnknownValue
            | Self::OtherValue
            | Self::Case
            | Self::Extra
            | Self::TimePrecision => Level::Member,
            Self::Empty | Self::Two | Self::Order => Level::List,
            Self::Status | Self::NoContent | Self::Refused | Self::Slower => Level::Answer,
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Gone => "the member is gone",
            Self::Null => "the member is null",
            Self::Type => "the member has another type",
            Self::Renamed => "the member has another name",
            Self::UnknownValue => "the value is one that nobody knows",
            Self::OtherValue => "the value is another of the known ones",
            Self::Case => "the value has its letters in another case",
            Self::Extra => "there is an additional member",
            Self::TimePrecision => "the time stamp has another precision",
            Self::Empty => "the list is empty",
            Self::Two => "the list has two rows instead of one",
            Self::Order => "the rows come in another order",
            Self::Status => "the answer has another success status",
            Self::NoContent => "the answer is 204, without a body",
            Self::Refused => "the call is refused",
            Self::Slower => "the answer is slower",
        }
    }
}

words! {
    /// How much a client needs something, after the interoperability profiles of the DMTF.
    Grade {
        /// Without it the client breaks.
        Mandatory = "mandatory",
        /// The client does less without it.
        Recommended = "recommended",
        /// The client uses it where the appliance has it.
        IfImplemented = "if-implemented",
    }
}

words! {
    /// How a row is known.
    Known {
        /// Changes were tried, and the client's command told.
        Experiment = "experiment",
        /// It was seen in recorded traffic.
        Recording = "recording",
        /// Somebody wrote it.
        Person = "person",
    }
}

words! {
    /// What served the answers from which a profile was learned.
    From {
        /// The built-in double, with its own site.
        Double = "double",
        /// The double, with a site of a file.
        State = "state",
        /// Recorded answers.
        Recording = "recording",
    }
}

words! {
    /// What told whether a change broke the client.
    Compare {
        /// The exit status of its command.
        ExitStatus = "exit status",
        /// What its command printed, beside the exit status.
        Stdout = "stdout",
        /// What its command wrote to a file, beside the exit status.
        File = "file",
    }
}

words! {
    /// Why a profile isn't whole.
    Unfinished {
        /// The time or the number of runs that was given is spent.
        Budget = "budget",
        /// The command's result differs from run to run though nothing changes.
        Flaky = "flaky",
    }
}

words! {
    /// A type of JSON.
    JsonType {
        /// `null`.
        Null = "null",
        /// `true` or `false`.
        Boolean = "boolean",
        /// A number without a fraction.
        Integer = "integer",
        /// Any number.
        Number = "number",
        /// A text.
        String = "string",
        /// A list.
        Array = "array",
        /// Members by name.
        Object = "object",
    }
}

impl JsonType {
    /// The type of a value. As JSON Schema has it, 2.0 is an integer.
    #[must_use]
    pub fn of(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number)
                if number.is_i64()
                    || number.is_u64()
                    || number.as_f64().is_some_and(|number| number.fract() == 0.0) =>
            {
                Self::Integer
            }
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    /// Whether a value of that type serves a client that needs this one: an integer is a number.
    #[must_use]
    pub fn takes(self, other: Self) -> bool {
        self == other || (self, other) == (Self::Number, Self::Integer)
    }
}
