//! What one documentation page says, as data: between a page and a contract.
//!
//! Knows: the fields of a draft, and where in the page each value stands. Must not know: how a page
//! looks, or what becomes of a draft.

use std::collections::BTreeMap;

use strum::IntoStaticStr;

use super::evidence::{Evidence, Ground, Outer};
use super::page::Rendering;

/// A place in a saved page, 1-based. Columns count characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// Which of the pages that were read as one, from 0.
    pub page: u16,
}

impl At {
    /// That line and column.
    #[must_use]
    pub fn new(line: u32, column: u32) -> Self {
        Self { line, column, page: 0 }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub at: At,
}

impl<T> Spot<T> {
    /// That value at that place.
    pub fn new(value: T, at: At) -> Self {
        Self { value, at }
    }
}

/// What a page says, or that this rendering of it has lost it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The rendering has lost it, or the page ends before it.
    Unknown,
    /// The page says so; this may be that there is none.
    Is(T),
}

impl<T> Known<T> {
    /// What the page says, if that can be told.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Unknown => None,
            Self::Is(value) => Some(value),
        }
    }
}

/// Whether a request has to have an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Presence {
    /// Always.
    Required,
    /// It may be left out.
    Optional,
    /// Under a condition, which stands beside it.
    Conditional,
}

impl Presence {
    /// The word of the draft.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        match word {
            "required" => Some(Self::Required),
            "optional" => Some(Self::Optional),
            "conditional" => Some(Self::Conditional),
            _ => None,
        }
    }
}

/// One row of a table of parameters or attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Where the row begins.
    pub at: At,
    /// Its name; none where the row has lost it.
    pub name: Option<Spot<String>>,
    /// Whether the name cell held a value as well, or a bracket of a placeholder is broken in it.
    pub written: Option<Spot<String>>,
    /// Whether a request has to have it.
    pub presence: Option<Spot<Presence>>,
    /// What follows the word Required.
    pub condition: Option<Spot<String>>,
    /// Its type, as the page writes it.
    pub kind: Option<Spot<String>>,
    /// Whether the table has a column for types.
    pub typed: bool,
    /// The values that are listed.
    pub values: Known<Vec<Spot<String>>>,
    /// How many values the words before the list promise.
    pub promised: Option<Promise>,
    /// The version that this attribute needs.
    pub since: Option<Spot<String>>,
    /// A sentence by which it may be absent or empty in an answer.
    pub absent: Option<Spot<String>>,
    /// A sentence that requires it under a condition.
    pub demanded: Option<Spot<String>>,
    /// What the row rests on.
    pub evidence: Evidence,
    /// The rows below it.
    pub children: Known<Vec<Attribute>>,
}

/// How many values the words before a list promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// "the following value"
    One,
    /// "the following values"
    Several,
    /// "one of the following value"
    Open,
}

impl Attribute {
    /// The name, as far as it can be read.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(|name| name.value.as_str())
    }

    /// The rows below it, as far as they can be told.
    #[must_use]
    pub fn rows(&self) -> &[Attribute] {
        self.children.known().map_or(&[], Vec::as_slice)
    }

    /// Whether rows may stand below one of this type.
    #[must_use]
    pub fn may_have_rows(&self) -> bool {
        self.kind.as_ref().is_none_or(|kind| {
            let kind = kind.value.to_ascii_lowercase();
            kind.contains("object") || kind == "array" || kind == "list"
        })
    }
}

/// One table of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTable {
    /// What stands above it.
    pub caption: Option<Spot<String>>,
    /// Its rows.
    pub attributes: Vec<Attribute>,
}

/// A section that has examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Section {
    /// The parameters of the address.
    Query,
    /// The body of the request.
    Request,
    /// The body of the answer.
    Response,
}

impl Section {
    /// The word of the draft.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        match word {
            "query" => Some(Self::Query),
            "request" => Some(Self::Request),
            "response" => Some(Self::Response),
            _ => None,
        }
    }
}

/// One example block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Where it begins.
    pub at: At,
    /// The section that it stands in.
    pub section: Section,
    /// Whether it is JSON as it stands.
    pub valid_json: bool,
    /// Its text.
    pub text: String,
    /// The request table that it follows.
    pub table: Option<usize>,
    /// Whether it stands in a cell of a table.
    pub in_cell: bool,
}

/// One defect of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// A word of the closed vocabulary.
    pub kind: DefectKind,
    /// The section, row or example.
    pub place: String,
    /// Where in the saved page.
    pub at: At,
    /// What was seen, in our own words.
    pub detail: String,
}

macro_rules! kinds {
    ($($variant:ident $word:literal $say:literal),* $(,)?) => {
        /// The closed vocabulary of defects.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DefectKind {
            $(#[doc = $say] $variant),*
        }

        impl DefectKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word of the draft.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// What is wrong, as a sentence for the owner of the page.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $say),* }
            }
        }
    };
}

kinds! {
    BrokenPlaceholder "broken-placeholder" "A bracket of a placeholder is missing, or is of the other kind.",
    BrokenUrl "broken-url" "There is a blank inside the address of an example.",
    Code401Missing "code-401-missing" "Authentication is required, and 401 isn't among the response codes.",
    CodeTableRepeated "code-table-repeated" "Two tables of response codes follow each other.",
    DuplicateName "duplicate-name-at-one-level" "Two rows of one level have the same name.",
    EnumCount "enum-lead-in-count-mismatch" "The words before a list of values promise another number of them.",
    EnumType "enum-type-conflict" "A listed value can't be of the stated type.",
    ExampleFragment "example-fragment" "The outer brackets of an example are gone.",
    ExampleUndocumented "example-has-undocumented-member" "An example has a member that no row documents.",
    ExampleLacks "example-lacks-table-member" "A request example lacks an attribute that the table requires.",
    ExampleGarbled "example-garbled" "An example is neither JSON nor a request nor text.",
    ExampleLost "example-lost" "An example is announced, and nothing follows.",
    ExampleNotJson "example-not-json" "An example looks like JSON and isn't.",
    ExampleUrl "example-url-mismatch" "The method or the path of an example isn't that of the page.",
    ExampleValue "example-value-not-listed" "The value in an example is none of the listed ones.",
    OuterShape "outer-shape-unstated" "The example is a list, while the table has the rows of its elements only.",
    ProseCode "prose-code-not-listed" "The text speaks of a response code that no table lists.",
    RequiredConflict "required-conflict" "The cell says Optional, and the text requires the attribute under a condition.",
    RowNameLost "row-name-lost" "A description stands where a row should begin: its name and type are gone.",
    HeadingRepeated "section-heading-repeated" "The heading of a section occurs twice.",
    SectionMissing "section-missing" "The page has a request line and no such section.",
    TableOutside "table-outside-sections" "A table stands before the sections.",
    Truncated "truncated" "The text stops in the middle.",
    TypeConflict "type-conflict" "The JSON type in an example isn't the stated one.",
    TypeMissing "type-missing" "The table has a column for types, and this cell is empty.",
    UrlMismatch "url-mismatch" "The title and the request line differ in method or path.",
    ValueInName "value-in-name" "The name cell holds a value as well.",
}

impl DefectKind {
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// What one page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// In which form the page was saved.
    pub rendering: Rendering,
    /// Whether the short lines of the page were lost.
    pub stripped: bool,
    /// The method.
    pub method: Option<Spot<String>>,
    /// The path, with placeholders in braces.
    pub path: Option<Spot<String>>,
    /// The version that the page as a whole requires.
    pub since: Known<Option<Spot<String>>>,
    /// Whether authentication is required; none where the page doesn't say.
    pub authentication: Option<Spot<bool>>,
    /// The parameters of the address.
    pub query: Known<Vec<Attribute>>,
    /// The tables of the request body.
    pub request: Known<Vec<RequestTable>>,
    /// The response codes.
    pub codes: Known<Vec<Spot<u16>>>,
    /// What a code rests on, where that isn't the page.
    pub code_grounds: BTreeMap<u16, Ground>,
    /// The attributes of the answer.
    pub response: Known<Vec<Attribute>>,
    /// Whether the answer is an object or a list, where no example shows it.
    pub outer: Option<Outer>,
    /// The example blocks.
    pub examples: Vec<Example>,
    /// The defects.
    pub defects: Vec<Defect>,
    /// The address that it was read from.
    pub url: Option<String>,
}

impl Attribute {
    fn each_place(&mut self, change: &dyn Fn(&mut At)) {
        change(&mut self.at);
        let texts = [
            &mut self.name,
            &mut self.written,
            &mut self.condition,
            &mut self.kind,
            &mut self.since,
            &mut self.absent,
            &mut self.demanded,
        ];
        texts.into_iter().flatten().for_each(|spot| change(&mut spot.at));
        self.presence.iter_mut().for_each(|spot| change(&mut spot.at));
        if let Known::Is(values) = &mut self.values {
            for spot in values {
                change(&mut spot.at);
            }
        }
        if let Known::Is(children) = &mut self.children {
            for child in children {
                child.each_place(change);
            }
        }
    }
}

impl Draft {
    /// Says of every place which page it is in.
    pub fn set_page(&mut self, page: u16) {
        let change = |at: &mut At| at.page = page;
        self.method.iter_mut().chain(&mut self.path).for_each(|spot| change(&mut spot.at));
        if let Known::Is(Some(since)) = &mut self.since {
            change(&mut since.at);
        }
        self.authentication.iter_mut().for_each(|spot| change(&mut spot.at));
        for rows in [&mut self.query, &mut self.response] {
            if let Known::Is(rows) = rows {
                for row in rows {
                    row.each_place(&change);
                }
            }
        }
        if let Known::Is(tables) = &mut self.request {
            for table in tables {
                if let Some(spot) = &mut table.caption {
                    change(&mut spot.at);
                }
                for row in &mut table.attributes {
                    row.each_place(&change);
                }
            }
        }
        if let Known::Is(codes) = &mut self.codes {
            for spot in codes {
                change(&mut spot.at);
            }
        }
        for example in &mut self.examples {
            change(&mut example.at);
        }
        for defect in &mut self.defects {
            change(&mut defect.at);
        }
    }

    /// Registers as defects what rows say of samples that contradict them.
    pub(super) fn say_conflicts(&mut self) {
        let mut found = Vec::new();
        if let Known::Is(rows) = &self.query {
            conflicts(rows, "query", &mut found);
        }
        for table in self.request.known().into_iter().flatten() {
            conflicts(&table.attributes, "request", &mut found);
        }
        if let Known::Is(rows) = &self.response {
            conflicts(rows, "response", &mut found);
        }
        for defect in found {
            let known = |it: &Defect| it.kind == defect.kind && it.place == defect.place;
            if !self.defects.iter().any(known) {
                self.defects.push(defect);
            }
        }
    }
}

fn conflicts(rows: &[Attribute], place: &str, found: &mut Vec<Defect>) {
    for row in rows {
        let Some(name) = row.name() else { continue };
        let place = format!("{place}/{name}");
        let mut say = |kind, detail| {
            found.push(Defect { kind, place: place.clone(), at: row.at, detail });
        };
        if let Some(conflict) = &row.evidence.conflict {
            say(DefectKind::TypeConflict, conflict.clone());
        }
        let listed = row.values.known().map_or(&[][..], Vec::as_slice);
        let unlisted: Vec<&str> = row
            .evidence
            .observed
            .iter()
            .filter(|_| !listed.is_empty() && !row.evidence.cut)
            .filter(|seen| !listed.iter().any(|value| value.value == **seen))
            .map(String::as_str)
            .collect();
        if !unlisted.is_empty() {
            say(DefectKind::ExampleValue, format!("samples have {}", unlisted.join(", ")));
        }
        conflicts(row.rows(), &place, found);
    }
}
