//! What a schema can't say about an answer: kinds of checks with parameters, and how a row of a
//! list is known, as operation files declare them.
//!
//! Knows: the words of the file format. Must not know: any member, path or operation of a page, or
//! how a check is done.

use serde::Deserialize;

use super::operation::Operation;

/// How a row of a list is known, wherever the list stands in an answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowShape {
    /// What a row is, in one word: `lock`.
    pub name: String,
    /// JSON pointer to the list, where it is at its documented place; empty is the body itself.
    #[serde(default)]
    pub list: String,
    /// The members that a row has.
    pub members: Vec<String>,
    /// The member that identifies it.
    pub id: String,
    /// The member that tells rows apart where their ids change. A body that has it is a row itself,
    /// and no list.
    pub kind: Option<String>,
}

impl RowShape {
    /// The members, as the search for a list takes them.
    #[must_use]
    pub fn known_by(&self) -> Vec<&str> {
        self.members.iter().map(String::as_str).collect()
    }
}

/// One check of an operation file.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct Semantic {
    /// For people.
    pub name: String,
    /// The requirement that it checks.
    pub requirement: String,
    /// The bodies that it looks at, by the names of their rows; none means every row without
    /// `error`.
    pub bodies: Vec<String>,
    /// What it looks for.
    pub kind: Kind,
}

/// What a check looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// No two rows share a member.
    Unique {
        /// Which.
        member: String,
    },
    /// The answer sets a cookie of that name.
    SetsCookie {
        /// The name.
        cookie: String,
    },
    /// The answer has a header of that name.
    HasHeader {
        /// The name; the case of letters doesn't matter.
        header: String,
    },
    /// One of the rows, or the body itself, is what the end of the path asks for.
    EchoesPath {
        /// The member that the path holds.
        member: String,
    },
    /// Each row is one of those that the end of the path lists with commas, or a part of one.
    NamedBy {
        /// The member that the path holds.
        member: String,
        /// What a row is, with its article.
        what: String,
    },
    /// Where a reading tells something of one row, it tells it of each.
    ToldOfEach {
        /// The names of the readings.
        readings: Vec<String>,
        /// What is expected of each.
        expected: String,
    },
    /// A text isn't blank.
    NotEmpty {
        /// Where it is.
        at: String,
        /// What is expected there.
        expected: String,
    },
    /// A text is one of these.
    OneOf {
        /// Where it is.
        at: String,
        /// The texts.
        values: Vec<String>,
        /// What is expected there.
        expected: String,
    },
    /// Where a member has this value, something in the body describes why.
    SaysWhy {
        /// Where the member is.
        at: String,
        /// The value.
        value: String,
        /// Where the description is due.
        message: String,
    },
    /// A value is no object. A `*` in the place stands for each item of a list, or for what stands
    /// there instead of one.
    NotObject {
        /// Where it is.
        at: String,
        /// What is expected there.
        expected: String,
    },
    /// A number beside lists says how much they have. It is looked for in each row, or in the body
    /// where no row is declared.
    Counts {
        /// Where the number stands below the row: a place in which `*` stands for each item of a
        /// list.
        at: String,
        /// The member that holds it.
        member: String,
        /// The lists, as places below what has the number.
        lists: Vec<String>,
        /// Whether there may be less, because it counts places for them.
        at_most: bool,
    },
    /// No row is listed whose time is over: judged over time, by the `[lifetime]` of the operation.
    Expires,
    /// A row was made in the past: judged over time.
    NotAfterNow,
    /// A row lives as long as it was made for: judged over time.
    Lives,
    /// What a row says of its own time stays, or counts down: judged over time.
    Steady,
}

impl Kind {
    /// Whether it is judged by several answers, or once the clock of the appliance is known.
    #[must_use]
    pub fn is_over_time(&self) -> bool {
        matches!(self, Self::Expires | Self::NotAfterNow | Self::Lives | Self::Steady)
    }

    /// Whether it needs to know a row when it sees one.
    #[must_use]
    pub fn needs_rows(&self) -> bool {
        matches!(self, Self::Unique { .. } | Self::EchoesPath { .. })
    }
}

/// When the rows of a list come and go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lifetime {
    /// The member with the time at which a row was made.
    pub created: String,
    /// The member with the seconds that it has.
    pub seconds: String,
    /// The operation that makes one.
    pub made_by: String,
    /// The operation that takes one away, whose path ends in its id.
    pub deleted_by: String,
}

/// A check as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    kind: String,
    requirement: String,
    #[serde(default)]
    bodies: Vec<String>,
    member: Option<String>,
    cookie: Option<String>,
    header: Option<String>,
    what: Option<String>,
    at: Option<String>,
    value: Option<String>,
    values: Option<Vec<String>>,
    readings: Option<Vec<String>>,
    message: Option<String>,
    expected: Option<String>,
    lists: Option<Vec<String>>,
    #[serde(rename = "at-most")]
    at_most: Option<bool>,
}

impl Written {
    fn take(kind: &str, name: &str, value: &mut Option<String>) -> Result<String, String> {
        value.take().ok_or_else(|| format!("a check of kind `{kind}` needs `{name}`"))
    }

    fn list(
        kind: &str,
        name: &str,
        value: &mut Option<Vec<String>>,
    ) -> Result<Vec<String>, String> {
        value
            .take()
            .filter(|values| !values.is_empty())
            .ok_or_else(|| format!("a check of kind `{kind}` needs `{name}`"))
    }

    fn place(kind: &str, name: &str, value: &mut Option<String>) -> Result<String, String> {
        let place = Self::take(kind, name, value)?;
        if place.is_empty() || place.starts_with('/') {
            Ok(place)
        } else {
            Err(format!("`{name} = \"{place}\"` must be a JSON pointer, such as /{place}"))
        }
    }

    fn kind(&mut self) -> Result<Kind, String> {
        let kind = self.kind.clone();
        let kind = kind.as_str();
        Ok(match kind {
            "unique" => Kind::Unique { member: Self::take(kind, "member", &mut self.member)? },
            "sets-cookie" => {
                Kind::SetsCookie { cookie: Self::take(kind, "cookie", &mut self.cookie)? }
            }
            "has-header" => {
                Kind::HasHeader { header: Self::take(kind, "header", &mut self.header)? }
            }
            "echoes-path" => {
                Kind::EchoesPath { member: Self::take(kind, "member", &mut self.member)? }
            }
            "named-by" => Kind::NamedBy {
                member: Self::take(kind, "member", &mut self.member)?,
                what: Self::take(kind, "what", &mut self.what)?,
            },
            "told-of-each" => Kind::ToldOfEach {
                readings: Self::list(kind, "readings", &mut self.readings)?,
                expected: Self::take(kind, "expected", &mut self.expected)?,
            },
            "not-empty" => Kind::NotEmpty {
                at: Self::place(kind, "at", &mut self.at)?,
                expected: Self::take(kind, "expected", &mut self.expected)?,
            },
            "one-of" => Kind::OneOf {
                at: Self::place(kind, "at", &mut self.at)?,
                values: Self::list(kind, "values", &mut self.values)?,
                expected: Self::take(kind, "expected", &mut self.expected)?,
            },
            "says-why" => Kind::SaysWhy {
                at: Self::place(kind, "at", &mut self.at)?,
                value: Self::take(kind, "value", &mut self.value)?,
                message: Self::place(kind, "message", &mut self.message)?,
            },
            "not-object" => Kind::NotObject {
                at: Self::place(kind, "at", &mut self.at)?,
                expected: Self::take(kind, "expected", &mut self.expected)?,
            },
            "counts" => {
                let lists = Self::list(kind, "lists", &mut self.lists)?;
                if let Some(odd) = lists.iter().find(|list| !list.starts_with('/')) {
                    return Err(format!(
                        "`lists` has `{odd}`, which must be a JSON pointer: /{odd}"
                    ));
                }
                let at = match &self.at {
                    Some(_) => Self::place(kind, "at", &mut self.at)?,
                    None => String::new(),
                };
                let member = Self::take(kind, "member", &mut self.member)?;
                Kind::Counts { at, member, lists, at_most: self.at_most.take().unwrap_or(false) }
            }
            "expires" => Kind::Expires,
            "not-after-now" => Kind::NotAfterNow,
            "lives" => Kind::Lives,
            "steady" => Kind::Steady,
            other => {
                return Err(format!(
                    "unknown kind `{other}`; known are unique, sets-cookie, has-header, echoes-path, \
                    named-by, told-of-each, not-empty, one-of, says-why, not-object, counts, expires, \
                    not-after-now, lives, steady"
                ));
            }
        })
    }

    /// A parameter that its kind doesn't have.
    fn left(&self) -> Option<&'static str> {
        [
            ("member", self.member.is_some()),
            ("cookie", self.cookie.is_some()),
            ("header", self.header.is_some()),
            ("what", self.what.is_some()),
            ("at", self.at.is_some()),
            ("value", self.value.is_some()),
            ("values", self.values.is_some()),
            ("readings", self.readings.is_some()),
            ("message", self.message.is_some()),
            ("expected", self.expected.is_some()),
            ("lists", self.lists.is_some()),
            ("at-most", self.at_most.is_some()),
        ]
        .into_iter()
        .find_map(|(name, is_there)| is_there.then_some(name))
    }
}

impl TryFrom<Written> for Semantic {
    type Error = String;

    fn try_from(mut written: Written) -> Result<Self, String> {
        let kind = written.kind()?;
        if let Some(name) = written.left() {
            return Err(format!("a check of kind `{}` has no `{name}`", written.kind));
        }
        if kind.is_over_time() && !written.bodies.is_empty() {
            return Err(format!("a check of kind `{}` has no `bodies`", written.kind));
        }
        Ok(Self {
            name: written.name,
            requirement: written.requirement,
            bodies: written.bodies,
            kind,
        })
    }
}

/// What an operation file says of its checks that doesn't fit together.
pub(super) fn problems(operation: &Operation) -> Vec<String> {
    let mut found = Vec::new();
    for check in &operation.semantics {
        let mut say = |what: String| found.push(format!("check `{}` {what}", check.name));
        for body in &check.bodies {
            if !operation.responses.iter().any(|row| row.name == *body) {
                say(format!("looks at `{body}`, which isn't a response of this operation"));
            }
        }
        if check.kind.needs_rows() && operation.row_shape.is_none() {
            say("looks at rows; say how a row is identified, with [row]".to_owned());
        }
        if check.kind.is_over_time() && operation.lifetime.is_none() {
            say("is judged over time; say when rows appear and expire, with [lifetime]".to_owned());
        }
        if let Kind::ToldOfEach { readings, .. } = &check.kind {
            for name in readings {
                if !operation.readings.iter().any(|reading| reading.name == *name) {
                    say(format!("names `{name}`, which isn't a [[reading]] of this operation"));
                }
            }
        }
    }
    if operation.lifetime.is_some() && operation.row_shape.is_none() {
        found.push("`[lifetime]` needs to identify rows; add [row]".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Semantic, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_check_has_the_parameters_of_its_kind_and_no_others() {
        let head = "name = \"n\"\nrequirement = \"r\"\n";
        let unique = read(&format!("{head}kind = \"unique\"\nmember = \"id\"")).unwrap();
        assert_eq!(unique.kind, Kind::Unique { member: "id".to_owned() });
        for (rest, why) in [
            ("kind = \"unique\"", "needs `member`"),
            ("kind = \"unique\"\nmember = \"id\"\nvalue = \"x\"", "has no `value`"),
            ("kind = \"not-empty\"\nat = \"id\"\nexpected = \"x\"", "such as /id"),
            ("kind = \"one-of\"\nat = \"/id\"\nvalues = []\nexpected = \"x\"", "needs `values`"),
            ("kind = \"counts\"\nmember = \"n\"\nlists = [\"rows\"]", "JSON pointer: /rows"),
            ("kind = \"counts\"\nmember = \"n\"", "needs `lists`"),
            ("kind = \"unique\"\nmember = \"id\"\nat-most = true", "has no `at-most`"),
            ("kind = \"expires\"\nbodies = [\"a\"]", "has no `bodies`"),
            ("kind = \"odd\"", "unknown kind `odd`"),
            ("kind = \"expires\"\nodd = 1", "unknown field"),
        ] {
            let problem = read(&format!("{head}{rest}")).unwrap_err();
            assert!(problem.contains(why), "{rest}: {problem}");
        }
    }
}
