//! Drafts as JSON, both ways.
//!
//! Knows: the members of `draft.schema.json`, and what we add to them. Must not know: pages.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::draft::{
    At, Attribute, Defect, DefectKind, Draft, Example, Known, Presence, RequestTable, Section, Spot,
};
use super::evidence::{Evidence, Ground, Outer, of_codes};
use super::page::Rendering;

impl At {
    fn json(self) -> Value {
        if self.page == 0 {
            json!([self.line, self.column])
        } else {
            json!([self.line, self.column, self.page])
        }
    }

    fn from_json(value: &Value) -> Self {
        let number = |index: usize| {
            value.get(index).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok())
        };
        let page = number(2).and_then(|page| u16::try_from(page).ok()).unwrap_or(0);
        Self { line: number(0).unwrap_or(0), column: number(1).unwrap_or(0), page }
    }
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
        // A column that only requests have says nothing of an answer.
        let sent = section != Section::Response;
        if sent {
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
        self.evidence.add_to(&mut map);
        let mut at = places(&[
            ("row", Some(self.at)),
            ("name", self.name.as_ref().map(|spot| spot.at)),
            ("required", self.presence.as_ref().filter(|_| sent).map(|spot| spot.at)),
            ("condition", self.condition.as_ref().filter(|_| sent).map(|spot| spot.at)),
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
            evidence: Evidence::from_json(value),
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
        let mut draft = json!({
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
        });
        let mut by_ground: BTreeMap<&str, Vec<u16>> = BTreeMap::new();
        for code in self.codes.known().into_iter().flatten().map(|code| code.value) {
            let ground = self.code_grounds.get(&code).copied().unwrap_or_default();
            by_ground.entry(ground.word()).or_default().push(code);
        }
        if !self.code_grounds.is_empty() {
            draft["codes_basis"] = json!(by_ground);
        }
        if let Some(outer) = &self.outer {
            outer.add_to(&mut draft);
        }
        if let Some(url) = &self.url {
            draft["url"] = json!(url);
        }
        draft
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
        let mut code_grounds = BTreeMap::new();
        let codes = list("codes").map_or(Known::Unknown, |codes| {
            let mut read = |(index, code): (usize, &Value)| {
                let code = code.as_u64().and_then(|code| u16::try_from(code).ok())?;
                let ground = of_codes(value, code)?;
                if ground != Ground::Stated {
                    code_grounds.insert(code, ground);
                }
                Some(Spot::new(code, at(&format!("codes/{index}"))))
            };
            let read: Vec<Spot<u16>> = codes.iter().enumerate().filter_map(&mut read).collect();
            // What nobody vouches for is no table of codes.
            if read.is_empty() && !codes.is_empty() { Known::Unknown } else { Known::Is(read) }
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
        let mut draft = Self {
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
            code_grounds,
            response: attributes("response", Section::Response),
            outer: Outer::from_json(value),
            examples: examples.iter().filter_map(example).collect(),
            defects: defects.iter().filter_map(defect).collect(),
            url: url(value),
        };
        draft.say_conflicts();
        Ok(draft)
    }
}

/// The address of a draft's page: its own, or that of the page among its sources.
fn url(value: &Value) -> Option<String> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    if let Some(url) = text(value, "url") {
        return Some(url);
    }
    if text(value, "completeness").as_deref() == Some("none") {
        return None;
    }
    value
        .get("sources")?
        .as_array()?
        .iter()
        .filter(|source| text(source, "kind").as_deref() == Some("vendor-page"))
        .filter(|source| !text(source, "renderings").is_some_and(|it| it.contains("sibling")))
        .find_map(|source| text(source, "where"))
}
