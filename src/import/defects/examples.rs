//! Examples, each for itself and against the table before it.
//!
//! Knows: JSON as the pages show it, and rows. Must not know: sections, beyond their names.

use std::collections::HashMap;

use serde_json::Value;

use super::super::blocks::starts_member;
use super::super::draft::{Attribute, DefectKind, Draft, Example, Known, Presence, Section};
use super::super::interpret::Read;
use super::super::words;
use super::{Found, rows_for};

/// How deep an example is compared.
const DEEPEST: usize = 24;

/// How many rows and members are looked at on one page, so that a page made to be slow isn't.
const MOST_LOOKS: usize = 300_000;

pub(super) fn find(draft: &Draft, read: &Read<'_>, found: &mut Found) {
    let mut looks = MOST_LOOKS;
    for example in &draft.examples {
        form(draft, example, found);
        if !example.valid_json || example.in_cell {
            continue;
        }
        let Some(rows) = rows_for(draft, example.section, example.table) else { continue };
        if rows.is_empty() {
            continue;
        }
        let Ok(value) = serde_json::from_str::<Value>(&example.text) else { continue };
        let against = Against { example, found, looks: &mut looks };
        against.compare(&value, rows, read.flat());
    }
}

/// What is wrong with the example by itself.
fn form(draft: &Draft, example: &Example, found: &mut Found) {
    if example.valid_json {
        return;
    }
    let place = format!("{}/example", example.section.word());
    let text = example.text.trim();
    let mut say = |kind, detail: String| found.each(kind, place.as_str(), example.at, detail);
    if text.starts_with(['{', '[']) {
        if closes(text) {
            let why = serde_json::from_str::<serde::de::IgnoredAny>(text)
                .err()
                .map(|error| format!("line {}, column {}", error.line(), error.column()));
            say(DefectKind::ExampleNotJson, why.unwrap_or_default());
        } else {
            say(DefectKind::Truncated, "brackets are never closed".to_owned());
        }
    } else if words::is_request_line(text) {
        let line = text.lines().next().unwrap_or_default();
        let (method, address) = words::method(line).unwrap_or(("", line));
        let rest = address.split_once("://").map_or("", |(_, rest)| rest);
        if rest.trim().is_empty() {
            say(DefectKind::Truncated, "the address stops after https://".to_owned());
            return;
        }
        if rest.contains(char::is_whitespace) || address.ends_with(' ') {
            say(DefectKind::BrokenUrl, "a blank inside the address".to_owned());
        }
        let squeezed: String = address.chars().filter(|c| !c.is_whitespace()).collect();
        if !fits(draft, method, &squeezed) {
            say(DefectKind::ExampleUrl, format!("`{}`", super::shortened(line)));
        }
    } else if starts_member(text) || (text.starts_with('"') && text.contains("\":")) {
        say(DefectKind::ExampleFragment, String::new());
    } else if is_garbled(text) {
        say(DefectKind::ExampleGarbled, String::new());
    }
}

/// Whether all brackets are closed. Lines whose quotes don't match are counted whole.
fn closes(text: &str) -> bool {
    let mut depth = 0_i64;
    let mut inside = false;
    let mut escaped = false;
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            // A string doesn't go on beyond its line where a quote is lost.
            '\n' => inside = false,
            '"' => inside = !inside,
            '{' | '[' if !inside => depth += 1,
            '}' | ']' if !inside => depth -= 1,
            _ => {}
        }
    }
    depth <= 0 || text.trim_end().ends_with(['}', ']']) && unquoted(text) <= 0
}

fn unquoted(text: &str) -> i64 {
    let count = |chars: [char; 2]| i64::try_from(text.matches(chars).count()).unwrap_or(i64::MAX);
    count(['{', '[']) - count(['}', ']'])
}

/// Whether method and path of an example fit those of the page.
fn fits(draft: &Draft, method: &str, address: &str) -> bool {
    if let Some(own) = &draft.method
        && !method.is_empty()
        && own.value != method
    {
        return false;
    }
    let (Some(own), Some(path)) = (&draft.path, words::path_of(address)) else { return true };
    let own: Vec<&str> = own.value.trim_matches('/').split('/').collect();
    let path: Vec<&str> = path.trim_matches('/').split('/').collect();
    own.len() == path.len()
        && own.iter().zip(&path).all(|(own, path)| {
            own.contains('{') || path.contains('{') || own.eq_ignore_ascii_case(path)
        })
}

/// Whether a text is neither words nor anything that a request consists of.
fn is_garbled(text: &str) -> bool {
    if text.starts_with('<') {
        return false;
    }
    let strange = |c: char| (c.is_control() && !c.is_whitespace()) || c == '\u{fffd}';
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:;,=\"'()&?%+@{}".contains(c);
    let mut all = 0_usize;
    let mut bad = 0_usize;
    for token in text.split_whitespace() {
        all += 1;
        let word = token.chars().all(plain) && token.chars().any(char::is_alphanumeric);
        bad += usize::from(!word && !token.starts_with("--"));
    }
    text.contains(strange) || bad * 5 > all
}

struct Against<'a> {
    example: &'a Example,
    found: &'a mut Found,
    /// How many rows and members may still be looked at.
    looks: &'a mut usize,
}

impl Against<'_> {
    fn compare(mut self, value: &Value, rows: &[Attribute], flat: bool) {
        let section = self.example.section;
        let prefix = section.word();
        let elements: Vec<&Value> = match value {
            Value::Array(elements) => {
                let objects = elements.iter().all(Value::is_object);
                if section == Section::Response && objects {
                    self.say_once(DefectKind::OuterShape, prefix.to_owned(), String::new());
                }
                elements.iter().collect()
            }
            other => vec![other],
        };
        for element in elements {
            if flat {
                self.flat(element, rows, prefix);
            } else {
                self.object(element, rows, prefix, 0);
            }
        }
    }

    fn may_look(&mut self, count: usize) -> bool {
        let may = *self.looks >= count;
        *self.looks = self.looks.saturating_sub(count);
        may
    }

    fn say_once(&mut self, kind: DefectKind, place: String, detail: String) {
        self.found.once(kind, place, self.example.at, detail);
    }

    fn object(&mut self, value: &Value, rows: &[Attribute], prefix: &str, depth: usize) {
        let Value::Object(members) = value else { return };
        if depth > DEEPEST || !self.may_look(rows.len() + members.len()) {
            return;
        }
        let mut by_name: HashMap<&str, Vec<&Attribute>> = HashMap::new();
        for row in rows {
            if let Some(name) = row.name() {
                by_name.entry(name).or_default().push(row);
            }
        }
        for (name, member) in members {
            let place = format!("{prefix}/{name}");
            let Some(same) = by_name.get(name.as_str()) else {
                let detail = format!("no row documents `{}`", super::shortened(name));
                self.say_once(DefectKind::ExampleUndocumented, place, detail);
                continue;
            };
            // Of two rows of one name, either may be meant.
            if same.len() == 1 || same.iter().all(|row| !type_fits(member, row)) {
                self.value(member, same[0], &place);
            }
            let below: Vec<Attribute> =
                same.iter().flat_map(|row| row.rows().iter().cloned()).collect();
            if below.is_empty() {
                continue;
            }
            match member {
                Value::Array(elements) => {
                    for element in elements {
                        self.object(element, &below, &place, depth + 1);
                    }
                }
                other => self.object(other, &below, &place, depth + 1),
            }
        }
        if self.example.section == Section::Request {
            self.lacks(members, rows, prefix);
        }
    }

    fn lacks(
        &mut self,
        members: &serde_json::Map<String, Value>,
        rows: &[Attribute],
        prefix: &str,
    ) {
        for row in rows {
            let required = row.presence.as_ref().is_some_and(|it| it.value == Presence::Required);
            if let Some(name) = row.name().filter(|name| required && !members.contains_key(*name)) {
                let detail = format!("the table requires `{name}`");
                self.say_once(DefectKind::ExampleLacks, format!("{prefix}/{name}"), detail);
            }
        }
    }

    /// Type and listed values of one member.
    fn value(&mut self, value: &Value, row: &Attribute, place: &str) {
        if !type_fits(value, row) {
            let stated = row.kind.as_ref().map_or("", |kind| kind.value.as_str());
            let detail = format!("stated {stated}, shown as {}", name_of(value));
            self.say_once(DefectKind::TypeConflict, place.to_owned(), detail);
        }
        let Known::Is(listed) = &row.values else { return };
        let kind = row.kind.as_ref().map_or("", |kind| kind.value.as_str());
        let open = listed.iter().any(|listed| {
            words::is_placeholder(&listed.value)
                || listed.value.contains(['{', '<'])
                || !words::fits_type(&listed.value, kind)
        });
        if listed.is_empty() || open {
            return;
        }
        let elements: Vec<&Value> = match value {
            Value::Array(elements) => elements.iter().collect(),
            other => vec![other],
        };
        for element in elements {
            let text = match element {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                _ => continue,
            };
            let same = |listed: &str| {
                listed == text
                    || (listed.parse::<f64>().ok())
                        .zip(text.parse::<f64>().ok())
                        .is_some_and(|(one, other)| (one - other).abs() < f64::EPSILON)
            };
            if !listed.iter().any(|listed| same(&listed.value)) {
                let detail = format!("`{}` isn't listed", super::shortened(&text));
                self.say_once(DefectKind::ExampleValue, place.to_owned(), detail);
            }
        }
    }

    /// Where nesting is lost, only the outermost members can be held against rows, and types by
    /// names that no two rows have.
    fn flat(&mut self, value: &Value, rows: &[Attribute], prefix: &str) {
        let Value::Object(members) = value else { return };
        if !self.may_look(rows.len() + members.len()) {
            return;
        }
        let mut by_name: HashMap<&str, Vec<&Attribute>> = HashMap::new();
        for row in rows {
            if let Some(name) = row.name() {
                by_name.entry(name).or_default().push(row);
            }
        }
        for name in members.keys() {
            if !by_name.contains_key(name.as_str()) {
                let detail = format!("no row documents `{}`", super::shortened(name));
                self.say_once(DefectKind::ExampleUndocumented, format!("{prefix}/{name}"), detail);
            }
        }
        if self.example.section == Section::Request {
            let outermost = rows
                .iter()
                .position(Attribute::may_have_rows)
                .map_or(rows.len(), |index| index + 1);
            self.lacks(members, &rows[..outermost], prefix);
        }
        self.anywhere(value, &by_name, prefix, 0);
    }

    fn anywhere(
        &mut self,
        value: &Value,
        rows: &HashMap<&str, Vec<&Attribute>>,
        prefix: &str,
        depth: usize,
    ) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    if let Some([row]) = rows.get(name.as_str()).map(Vec::as_slice) {
                        self.value(member, row, &format!("{prefix}/{name}"));
                    }
                    self.anywhere(member, rows, prefix, depth + 1);
                }
            }
            Value::Array(elements) => {
                for element in elements {
                    self.anywhere(element, rows, prefix, depth + 1);
                }
            }
            _ => {}
        }
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether a value is of the stated type; one without a stated type always is.
fn type_fits(value: &Value, row: &Attribute) -> bool {
    let Some(kind) = &row.kind else { return true };
    if value.is_null() {
        return true;
    }
    kind.value.split(" or ").any(|kind| one_type_fits(value, kind.trim()))
}

fn one_type_fits(value: &Value, kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    if let Some(of) = kind.strip_prefix("array of ").or_else(|| kind.strip_prefix("an array of ")) {
        let part = of.trim_end_matches('s');
        return value
            .as_array()
            .is_some_and(|elements| elements.iter().all(|it| one_type_fits(it, part)));
    }
    match kind.trim_end_matches('s') {
        "string" => value.is_string(),
        "integer" | "long" => value.is_i64() || value.is_u64(),
        "double" | "float" | "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        _ => true,
    }
}
