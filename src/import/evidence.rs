//! How a draft knows what it says: from a page, from one beside it, or from answers that were seen.
//!
//! Knows: the members of drafts that tell it. Must not know: pages, contracts.

use serde_json::{Map, Value, json};
use strum::IntoStaticStr;

/// What a statement rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Ground {
    /// The page of the operation says it.
    #[default]
    Stated,
    /// Samples or recordings show it.
    Example,
    /// The page of a related operation says it.
    Neighbour,
}

impl Ground {
    /// The word of the draft.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// A ground by its word, which may go on after a colon (`neighbour:GET /lamps`). What only a
    /// description that nobody vouches for has is no ground.
    pub(super) fn of(word: &str) -> Option<Self> {
        match word.split(':').next().unwrap_or_default().trim() {
            "stated" => Some(Self::Stated),
            "example" | "recorded" | "client" => Some(Self::Example),
            "neighbour" => Some(Self::Neighbour),
            _ => None,
        }
    }
}

/// What is known of one row beside its cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What the row rests on.
    pub ground: Ground,
    /// Where it was seen: the page, samples, recordings of versions.
    pub seen: Vec<String>,
    /// The operation whose page says it.
    pub from: Option<String>,
    /// In how many samples the member is, and how many there are, where some lack it.
    pub present: Option<(u64, u64)>,
    /// The JSON types that were seen, and how often, where there were several.
    pub json: Vec<(String, u64)>,
    /// Values that were seen.
    pub observed: Vec<String>,
    /// What the page and the samples say of the type, where they differ.
    pub conflict: Option<String>,
    /// Whether the page names it, and no sample has it.
    pub unseen: bool,
    /// Whether the saved page breaks off in the list of its values.
    pub cut: bool,
    /// Whether its type is a guess.
    pub guessed: bool,
    /// The one value that its name cell holds.
    pub constant: Option<String>,
}

impl Evidence {
    /// The evidence that a row of a draft in JSON gives.
    pub(super) fn from_json(row: &Value) -> Self {
        let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
        let flag = |key: &str| row.get(key).and_then(Value::as_bool) == Some(true);
        let texts = |key: &str| {
            let list = row.get(key).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        Self {
            ground: text("basis").and_then(|word| Ground::of(&word)).unwrap_or_default(),
            seen: texts("seen"),
            from: text("from"),
            present: text("present").and_then(|text| of(&text)),
            json: row
                .get("json")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, count)| (name.clone(), count.as_u64().unwrap_or(0)))
                .collect(),
            observed: texts("observed"),
            conflict: text("conflict"),
            unseen: flag("not_seen_in_samples"),
            cut: flag("values_incomplete"),
            guessed: flag("type_guess"),
            constant: text("constant"),
        }
    }

    /// Adds what there is to the row of a draft. A row of a page has nothing to add.
    pub(super) fn add_to(&self, row: &mut Map<String, Value>) {
        let mut add = |key: &str, value: Value| {
            row.insert(key.to_owned(), value);
        };
        if self.ground != Ground::Stated {
            add("basis", json!(self.ground.word()));
        }
        for (key, list) in [("seen", &self.seen), ("observed", &self.observed)] {
            if !list.is_empty() {
                add(key, json!(list));
            }
        }
        let texts =
            [("from", &self.from), ("conflict", &self.conflict), ("constant", &self.constant)];
        for (key, text) in texts {
            if let Some(text) = text {
                add(key, json!(text));
            }
        }
        if let Some((some, all)) = self.present {
            add("present", json!(format!("{some}/{all}")));
        }
        if !self.json.is_empty() {
            let counts = self.json.iter().map(|(name, count)| (name.clone(), json!(count)));
            add("json", Value::Object(counts.collect()));
        }
        let flags = [
            ("not_seen_in_samples", self.unseen),
            ("values_incomplete", self.cut),
            ("type_guess", self.guessed),
        ];
        for (key, _) in flags.into_iter().filter(|(_, flag)| *flag) {
            add(key, json!(true));
        }
    }

    /// In how many samples it is and how many there are, if some lack it.
    #[must_use]
    pub fn lacking(&self) -> Option<(u64, u64)> {
        self.present.filter(|(some, all)| some < all)
    }

    /// The JSON types that were seen, as JSON Schema calls them.
    #[must_use]
    pub fn types(&self) -> Vec<&'static str> {
        let one = |name: &str| match name.to_ascii_lowercase().as_str() {
            "string" => Some("string"),
            "integer" => Some("integer"),
            "double" | "number" | "float" => Some("number"),
            "boolean" => Some("boolean"),
            "object" => Some("object"),
            "array" => Some("array"),
            "null" => Some("null"),
            _ => None,
        };
        self.json.iter().filter_map(|(name, _)| one(name)).collect()
    }
}

/// `14/55`.
fn of(text: &str) -> Option<(u64, u64)> {
    let (some, all) = text.split_once('/')?;
    Some((some.trim().parse().ok()?, all.trim().parse().ok()?))
}

/// How a draft begins to say that the members of an answer depend on the request.
const BY_KEY: &str = "by key";

/// Whether an answer is an object or a list of such, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outer {
    /// Whether it is a list.
    pub list: bool,
    /// What that rests on.
    pub ground: Ground,
    /// The member that holds the objects where several were asked for; one alone comes bare.
    pub envelope: Option<String>,
    /// Whether the members depend on what was asked for.
    pub by_key: bool,
}

impl Outer {
    /// What a draft in JSON tells by `outer`, `outer_basis` and `envelope`.
    pub(super) fn from_json(draft: &Value) -> Option<Self> {
        let text = |key: &str| draft.get(key).and_then(Value::as_str).unwrap_or_default();
        let either: Vec<&str> = text("envelope").split('|').map(str::trim).collect();
        let envelope = match either.as_slice() {
            ["none", name] | [name, "none"] if name.chars().all(char::is_alphanumeric) => {
                Some((*name).to_owned())
            }
            _ => None,
        };
        let outer = text("outer");
        let list = match outer.split(' ').next().unwrap_or_default() {
            "array" => true,
            "object" => false,
            _ if envelope.is_some() => false,
            _ => return None,
        };
        let ground = Ground::of(text("outer_basis")).unwrap_or(if outer.contains("analogy") {
            Ground::Neighbour
        } else {
            Ground::Example
        });
        let by_key = text("envelope").starts_with(BY_KEY);
        Some(Self { list, ground, envelope, by_key })
    }

    /// Adds it to a draft.
    pub(super) fn add_to(&self, draft: &mut Value) {
        draft["outer"] = json!(if self.list { "array" } else { "object" });
        draft["outer_basis"] = json!(self.ground.word());
        if let Some(envelope) = &self.envelope {
            draft["envelope"] = json!(format!("none | {envelope}"));
        } else if self.by_key {
            draft["envelope"] = json!(BY_KEY);
        }
    }
}

/// What each code rests on, by the strongest of the lists that have it; nothing where the draft
/// doesn't tell. A code that only a description without a ground has is none.
pub(super) fn of_codes(draft: &Value, code: u16) -> Option<Ground> {
    let Some(lists) = draft.get("codes_basis").and_then(Value::as_object) else {
        return Some(Ground::Stated);
    };
    let has = |list: &Value| {
        list.as_array().into_iter().flatten().any(|it| it.as_u64() == Some(u64::from(code)))
    };
    lists.iter().filter(|(_, list)| has(list)).filter_map(|(word, _)| Ground::of(word)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_printed_as_it_was_read() {
        let row = json!({
            "basis": "example", "seen": ["recorded:2.0.0"], "present": "14/55",
            "json": { "String": 2, "null": 48 }, "observed": ["a"], "conflict": "both",
            "values_incomplete": true, "constant": "x", "from": "GET /lamps",
        });
        let evidence = Evidence::from_json(&row);
        assert_eq!(evidence.lacking(), Some((14, 55)));
        assert_eq!(evidence.types(), ["string", "null"]);
        let mut printed = Map::new();
        evidence.add_to(&mut printed);
        assert_eq!(Value::Object(printed), row);
        let mut nothing = Map::new();
        Evidence::default().add_to(&mut nothing);
        assert!(nothing.is_empty());
    }

    #[test]
    fn a_code_rests_on_the_strongest_list_and_on_no_blueprint() {
        let draft = json!({ "codes_basis": {
            "stated": [200], "neighbour:POST /lamps": [200, 409], "recorded": [204],
            "apib": [200, 404],
        } });
        assert_eq!(of_codes(&draft, 200), Some(Ground::Stated));
        assert_eq!(of_codes(&draft, 409), Some(Ground::Neighbour));
        assert_eq!(of_codes(&draft, 204), Some(Ground::Example));
        assert_eq!(of_codes(&draft, 404), None);
        assert_eq!(of_codes(&json!({}), 404), Some(Ground::Stated));
    }

    #[test]
    fn the_outer_shape_is_told_where_one_is() {
        let outer = |text: &str, envelope: &str| {
            Outer::from_json(&json!({ "outer": text, "envelope": envelope }))
        };
        let one = outer("object for one; {lampList: [...]} for several", "none | lampList");
        assert_eq!(one.and_then(|it| it.envelope).as_deref(), Some("lampList"));
        let list = outer("array by analogy with /lamps", "none");
        assert_eq!(list.map(|it| (it.list, it.ground)), Some((true, Ground::Neighbour)));
        assert!(outer("object", "by key: a, b").is_some_and(|it| it.by_key));
        assert_eq!(outer("unknown", "unknown"), None);
        assert_eq!(outer("empty body", "none"), None);
    }
}
