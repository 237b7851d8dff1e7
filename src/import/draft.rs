//! What one documentation page says, as data: between a page and a contract.
//!
//! Knows: the fields of a draft, and where in the page each value stands. Must not know: how a page
//! looks, or what becomes of a draft.

use serde_json::{Map, Value, json};

use super::page::Rendering;

/// A place in a saved page, 1-based. Columns count characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl At {
    /// That line and column.
    #[must_use]
    pub fn new(line: u32, column: u32) -> Self {
        Self { line, column }
    }

    fn json(self) -> Value {
        json!([self.line, self.column])
    }

    fn from_json(value: &Value) -> Self {
        let number = |index: usize| {
            value.get(index).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok())
        };
        Self { line: number(0).unwrap_or(0), column: number(1).unwrap_or(0) }
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Conditional => "conditional",
        }
    }

    fn of(word: &str) -> Option<Self> {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
        match self {
            Self::Query => "query",
            Self::Request => "request",
            Self::Response => "response",
        }
    }

    fn of(word: &str) -> Option<Self> {
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
    fn of(word: &str) -> Option<Self> {
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
    /// The attributes of the answer.
    pub response: Known<Vec<Attribute>>,
    /// The example blocks.
    pub examples: Vec<Example>,
    /// The defects.
    pub defects: Vec<Defect>,
}

fn spot_text(spot: Option<&Spot<String>>) -> Value {
    spot.map_or(Value::Null, |spot| json!(spot.value))
}

fn known_list<T>(known: &Known<Vec<T>>, one: impl Fn(&T) -> Value) -> Value {
    match known {
        Known::Unknown => json!("unknown"),
        Known::Is(list) => Value::Array(list.iter().map(one).collect()),
    }
}

fn places(pairs: &[(&str, Option<At>)]) -> Value {
    let mut map = Map::new();
    for (name, at) in pairs {
        if let Some(at) = at {
            map.insert((*name).to_owned(), at.json());
        }
    }
    Value::Object(map)
}

impl Attribute {
    fn json(&self, section: Section) -> Value {
        let mut map = Map::new();
        map.insert("name".to_owned(), spot_text(self.name.as_ref()));
        if section != Section::Response {
            let word = self.presence.as_ref().map(|presence| presence.value.word());
            map.insert("required".to_owned(), json!(word));
            map.insert("condition".to_owned(), spot_text(self.condition.as_ref()));
        }
        map.insert("type".to_owned(), spot_text(self.kind.as_ref()));
        map.insert("values".to_owned(), known_list(&self.values, |value| json!(value.value)));
        if let Some(since) = &self.since {
            map.insert("since".to_owned(), json!(since.value));
        }
        if let Some(absent) = &self.absent {
            map.insert("absent".to_owned(), json!(absent.value));
        }
        if section != Section::Query {
            map.insert(
                "children".to_owned(),
                known_list(&self.children, |child| child.json(section)),
            );
        }
        let mut at = places(&[
            ("row", Some(self.at)),
            ("name", self.name.as_ref().map(|spot| spot.at)),
            ("required", self.presence.as_ref().map(|spot| spot.at)),
            ("condition", self.condition.as_ref().map(|spot| spot.at)),
            ("type", self.kind.as_ref().map(|spot| spot.at)),
            ("since", self.since.as_ref().map(|spot| spot.at)),
            ("absent", self.absent.as_ref().map(|spot| spot.at)),
        ]);
        if let (Known::Is(values), Some(map)) = (&self.values, at.as_object_mut())
            && !values.is_empty()
        {
            let list = values.iter().map(|value| value.at.json()).collect();
            map.insert("values".to_owned(), Value::Array(list));
        }
        map.insert("at".to_owned(), at);
        Value::Object(map)
    }

    fn from_json(value: &Value, section: Section) -> Self {
        let at =
            |key: &str| value.pointer(&format!("/at/{key}")).map(At::from_json).unwrap_or_default();
        let text = |key: &str| {
            value.get(key).and_then(Value::as_str).map(|text| Spot::new(text.to_owned(), at(key)))
        };
        let values = match value.get("values").and_then(Value::as_array) {
            None => Known::Unknown,
            Some(list) => Known::Is(
                list.iter()
                    .enumerate()
                    .filter_map(|(index, item)| {
                        let place = value
                            .pointer(&format!("/at/values/{index}"))
                            .map(At::from_json)
                            .unwrap_or_default();
                        item.as_str().map(|text| Spot::new(text.to_owned(), place))
                    })
                    .collect(),
            ),
        };
        Self {
            at: at("row"),
            name: text("name"),
            written: None,
            presence: text("required")
                .and_then(|word| Presence::of(&word.value).map(|it| Spot::new(it, word.at))),
            condition: text("condition"),
            kind: text("type").filter(|kind| kind.value != "unknown"),
            typed: section != Section::Query,
            values,
            promised: None,
            since: text("since"),
            absent: text("absent"),
            demanded: None,
            children: match value.get("children").and_then(Value::as_array) {
                None if section == Section::Query => Known::Is(Vec::new()),
                None => Known::Unknown,
                Some(list) => {
                    Known::Is(list.iter().map(|child| Self::from_json(child, section)).collect())
                }
            },
        }
    }
}

impl Draft {
    /// The draft as JSON, as `import` prints it.
    #[must_use]
    pub fn json(&self) -> Value {
        let attributes = |known: &Known<Vec<Attribute>>, section| {
            known_list(known, |attribute: &Attribute| attribute.json(section))
        };
        let since = match &self.since {
            Known::Unknown => json!("unknown"),
            Known::Is(since) => spot_text(since.as_ref()),
        };
        let request = known_list(&self.request, |table| {
            let rows: Vec<Value> =
                table.attributes.iter().map(|it| it.json(Section::Request)).collect();
            json!({ "caption": spot_text(table.caption.as_ref()), "attributes": rows })
        });
        let examples: Vec<Value> = self
            .examples
            .iter()
            .map(|example| {
                json!({
                    "section": example.section.word(), "valid_json": example.valid_json,
                    "at": example.at.json(), "text": example.text, "table": example.table,
                    "in_cell": example.in_cell,
                })
            })
            .collect();
        let defects: Vec<Value> = self
            .defects
            .iter()
            .map(|defect| {
                json!({
                    "kind": defect.kind.word(), "where": defect.place, "at": defect.at.json(),
                    "detail": defect.detail,
                })
            })
            .collect();
        let mut at = places(&[
            ("method", self.method.as_ref().map(|spot| spot.at)),
            ("path", self.path.as_ref().map(|spot| spot.at)),
            ("since", self.since.known().and_then(Option::as_ref).map(|spot| spot.at)),
            ("authentication", self.authentication.as_ref().map(|spot| spot.at)),
        ]);
        if let (Known::Is(codes), Some(map)) = (&self.codes, at.as_object_mut()) {
            let list = codes.iter().map(|code| code.at.json()).collect();
            map.insert("codes".to_owned(), Value::Array(list));
        }
        let method = self.method.as_ref().map_or("unknown", |method| method.value.as_str());
        json!({
            "rendering": self.rendering.name(),
            "method": method,
            "path": spot_text(self.path.as_ref()),
            "since": since,
            "authentication": self.authentication.as_ref().map(|spot| spot.value),
            "query": attributes(&self.query, Section::Query),
            "request": request,
            "codes": known_list(&self.codes, |code| json!(code.value)),
            "response": attributes(&self.response, Section::Response),
            "examples": examples,
            "defects": defects,
            "at": at,
        })
    }

    /// A draft that was printed before, or written by hand. Says what is wrong with it.
    pub fn from_json(value: &Value) -> Result<Self, String> {
        for key in ["method", "path", "query", "request", "codes", "response"] {
            if value.get(key).is_none() {
                return Err(format!("the JSON is no draft: it has no member `{key}`"));
            }
        }
        let at =
            |key: &str| value.pointer(&format!("/at/{key}")).map(At::from_json).unwrap_or_default();
        let text = |key: &str| {
            value
                .get(key)
                .and_then(Value::as_str)
                .filter(|text| *text != "unknown" && *text != "lost")
                .map(|text| Spot::new(text.to_owned(), at(key)))
        };
        let attributes = |key: &str, section| match value.get(key).and_then(Value::as_array) {
            None => Known::Unknown,
            Some(list) => {
                Known::Is(list.iter().map(|it| Attribute::from_json(it, section)).collect())
            }
        };
        let list = |key: &str| value.get(key).and_then(Value::as_array).cloned();
        let codes = list("codes").map_or(Known::Unknown, |codes| {
            let read = |(index, code): (usize, &Value)| {
                let code = code.as_u64().and_then(|code| u16::try_from(code).ok())?;
                Some(Spot::new(code, at(&format!("codes/{index}"))))
            };
            Known::Is(codes.iter().enumerate().filter_map(read).collect())
        });
        let request = list("request").map_or(Known::Unknown, |tables| {
            let table = |table: &Value| RequestTable {
                caption: table
                    .get("caption")
                    .and_then(Value::as_str)
                    .map(|text| Spot::new(text.to_owned(), At::default())),
                attributes: table
                    .get("attributes")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .map(|it| Attribute::from_json(it, Section::Request))
                    .collect(),
            };
            Known::Is(tables.iter().map(table).collect())
        });
        let examples = list("examples").unwrap_or_default();
        let example = |example: &Value| {
            let word = |key: &str| example.get(key).and_then(Value::as_str).unwrap_or_default();
            let flag = |key: &str| example.get(key).and_then(Value::as_bool) == Some(true);
            Some(Example {
                at: example.get("at").map(At::from_json).unwrap_or_default(),
                section: Section::of(word("section"))?,
                valid_json: flag("valid_json"),
                text: word("text").to_owned(),
                table: example
                    .get("table")
                    .and_then(Value::as_u64)
                    .and_then(|table| usize::try_from(table).ok()),
                in_cell: flag("in_cell"),
            })
        };
        let defects = list("defects").unwrap_or_default();
        let defect = |defect: &Value| {
            let word = |key: &str| defect.get(key).and_then(Value::as_str).unwrap_or_default();
            Some(Defect {
                kind: DefectKind::of(word("kind"))?,
                place: word("where").to_owned(),
                at: defect.get("at").map(At::from_json).unwrap_or_default(),
                detail: word("detail").to_owned(),
            })
        };
        let since = match value.get("since").and_then(Value::as_str) {
            Some("unknown" | "lost") => Known::Unknown,
            _ => Known::Is(text("since")),
        };
        Ok(Self {
            rendering: Rendering::Draft,
            stripped: false,
            method: text("method"),
            path: text("path"),
            since,
            authentication: value
                .get("authentication")
                .and_then(Value::as_bool)
                .map(|flag| Spot::new(flag, at("authentication"))),
            query: attributes("query", Section::Query),
            request,
            codes,
            response: attributes("response", Section::Response),
            examples: examples.iter().filter_map(example).collect(),
            defects: defects.iter().filter_map(defect).collect(),
        })
    }
}
