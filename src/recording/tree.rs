//! JSON and YAML as one tree.
//!
//! Knows: both notations, and how Ruby and Python write bytes in YAML; the one door to
//! `saphyr-parser`. Bounded in depth and in what aliases make of a small file. Must not know: what
//! a recording is.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::problem::Problem;

/// Collections in collections.
const DEEPEST: usize = 100;
/// What aliases may make of a file, as a multiple of its size, and at least.
const MOST_TIMES: usize = 8;
const LEAST_ROOM: usize = 1 << 20;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    /// A text.
    Text(String),
    /// A number, a Boolean, or a text of YAML without quotes.
    Plain(String),
    Bytes(Vec<u8>),
    /// What is marked as bytes, and can't be read as such.
    Broken,
    List(Vec<Node>),
    /// Members in the order of the file.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The last member of that name, as every reader of JSON has it.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// How often it has a member of that name.
    pub(super) fn times(&self, name: &str) -> usize {
        self.map().unwrap_or_default().iter().filter(|(key, _)| key == name).count()
    }

    /// A member that is there and isn't null.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        self.get(name).filter(|value| **value != Self::Null)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Plain(text) => Some(text),
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.text()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        if let Self::List(rows) = self { Some(rows) } else { None }
    }

    pub(super) fn map(&self) -> Option<&[(String, Self)]> {
        if let Self::Map(members) = self { Some(members) } else { None }
    }

    /// The bytes of a text, or bytes.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes.clone()),
            Self::Text(text) | Self::Plain(text) => Some(text.clone().into_bytes()),
            _ => None,
        }
    }

    /// What it is, for messages; the value itself may be a secret.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Text(_) => "a text",
            Self::Plain(_) => "a number or a word",
            Self::Bytes(_) => "bytes",
            Self::Broken => "marked as binary, but not base64",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }

    fn weight(&self) -> usize {
        const EACH: usize = 16;
        match self {
            Self::Null | Self::Broken => EACH,
            Self::Text(text) | Self::Plain(text) => EACH + text.len(),
            Self::Bytes(bytes) => EACH + bytes.len(),
            Self::List(rows) => EACH + rows.iter().map(Self::weight).sum::<usize>(),
            Self::Map(members) => {
                EACH + members
                    .iter()
                    .map(|(name, value)| name.len() + value.weight())
                    .sum::<usize>()
            }
        }
    }
}

/// The tree of a JSON text. Members that come twice are both there.
pub(super) fn json(file: &str, text: &str) -> Result<Node, Problem> {
    serde_json::from_str(text).map_err(|error| Problem::from_json(file, &error))
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OfJson)
    }
}

struct OfJson;

impl<'de> Visitor<'de> for OfJson {
    type Value = Node;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Node, E> {
        Ok(Node::Plain(is.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Plain(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Plain(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        // As JSON writes it.
        Ok(Node::Plain(serde_json::Value::from(number).to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = from.next_element()? {
            rows.push(row);
        }
        Ok(Node::List(rows))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = from.next_entry()? {
            members.push(member);
        }
        Ok(Node::Map(members))
    }
}

/// The tree of a YAML text, which is one document: what a second one holds would be lost.
pub(super) fn yaml(file: &str, text: &str) -> Result<Node, Problem> {
    let mut tree = Tree {
        open: Vec::new(),
        anchors: HashMap::new(),
        room: text.len().saturating_mul(MOST_TIMES).max(LEAST_ROOM),
        whole: None,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let wrong = |what: String, line: usize, column: usize| Problem {
            at: Some((line, column + 1)),
            ..Problem::new(file, what)
        };
        match next {
            // What the reader says are words of its own, and nothing of the file.
            Err(error) => {
                let at = error.marker();
                return Err(wrong(
                    format!("not valid YAML: {}", error.info()),
                    at.line(),
                    at.col(),
                ));
            }
            Ok((event, span)) if tree.is_another(&event) => {
                let problem = wrong(
                    "a second document begins here, and a recording is one".to_owned(),
                    span.start.line(),
                    span.start.col(),
                );
                return Err(problem.fix("give each recording a file of its own, and name them all"));
            }
            Ok((event, span)) => tree
                .take(event)
                .map_err(|what| wrong(what.to_owned(), span.start.line(), span.start.col()))?,
        }
    }
    Ok(tree.whole.unwrap_or(Node::Null))
}

struct Tree {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    /// What aliases may still add.
    room: usize,
    whole: Option<Node>,
}

/// The members of a map so far, and the key that waits for its value.
type Members = (Vec<(String, Node)>, Option<String>);

struct Open {
    anchor: usize,
    rows: Vec<Node>,
    /// Of a map; a list has none.
    members: Option<Members>,
}

impl Tree {
    /// Whether it begins something after the document that was read.
    fn is_another(&self, event: &Event<'_>) -> bool {
        let has_one = self.whole.as_ref().is_some_and(|whole| *whole != Node::Null);
        has_one
            && self.open.is_empty()
            && match event {
                Event::Scalar(text, style, _, tag) => {
                    scalar(text, *style, tag.as_deref()) != Node::Null
                }
                Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) => true,
                _ => false,
            }
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = scalar(&text, style, tag.as_deref());
                self.add(node, anchor);
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, None)?,
            Event::MappingStart(anchor, _) => self.begin(anchor, Some((Vec::new(), None)))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let node = match open.members {
                        Some((members, _)) => Node::Map(members),
                        None => Node::List(open.rows),
                    };
                    self.add(node, open.anchor);
                }
            }
            Event::Alias(anchor) => {
                let node = self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or("an alias refers to a node that contains it")?;
                self.room = self
                    .room
                    .checked_sub(node.weight())
                    .ok_or("its aliases expand to many times its size")?;
                self.add(node, 0);
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, members: Option<Members>) -> Result<(), &'static str> {
        if self.open.len() == DEEPEST {
            return Err("it is nested too deeply for a recording");
        }
        self.open.push(Open { anchor, rows: Vec::new(), members });
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            if self.whole.as_ref().is_none_or(|whole| *whole == Node::Null) {
                self.whole = Some(node);
            }
            return;
        };
        match &mut open.members {
            None => open.rows.push(node),
            Some((members, waiting)) => match waiting.take() {
                Some(key) => members.push((key, node)),
                // A key that is no text is none that a recording has.
                None => *waiting = Some(node.text().unwrap_or_default().to_owned()),
            },
        }
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Node {
    if tag.is_some_and(|tag| tag.suffix == "binary") {
        let packed: String = text.split_whitespace().collect();
        return STANDARD.decode(packed).map_or(Node::Broken, Node::Bytes);
    }
    if style != ScalarStyle::Plain || tag.is_some() {
        Node::Text(text.to_owned())
    } else if ["", "~", "null", "Null", "NULL"].contains(&text) {
        Node::Null
    } else {
        Node::Plain(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn text(node: &Node, name: &str) -> String {
        node.get(name).and_then(Node::text).expect("a text").to_owned()
    }

    #[test]
    fn bytes_and_repeated_texts_are_read_as_ruby_and_python_write_them() {
        let tree = yaml(
            "a.yml",
            "---\na: !binary |-\n  e30=\nb: !!binary |\n  e30=\nc: &1 same\nd: *1\ne: -1\nf:\ng: \
             !!python/unicode 'x'\n",
        )
        .expect("YAML");
        assert_eq!(tree.get("a"), Some(&Node::Bytes(b"{}".to_vec())));
        assert_eq!(tree.get("b"), Some(&Node::Bytes(b"{}".to_vec())));
        assert_eq!(text(&tree, "d"), "same");
        assert_eq!(text(&tree, "e"), "-1");
        assert_eq!(tree.get("f"), Some(&Node::Null));
        assert_eq!(tree.member("f"), None);
        assert_eq!(text(&tree, "g"), "x");
    }

    #[test]
    fn aliases_cannot_blow_it_up_and_a_mistake_has_a_place() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..12 {
            let row = vec![format!("*a{}", level - 1); 10].join(",");
            let _ = writeln!(bomb, "a{level}: &a{level} [{row}]");
        }
        let problem = yaml("bomb.yml", &bomb).expect_err("refused");
        assert!(problem.to_string().contains("many times its size"), "{problem}");
        let deep = format!("a: {}{}", "[".repeat(300), "]".repeat(300));
        assert!(yaml("deep.yml", &deep).is_err());
        let problem = yaml("broken.yml", "a: 'never\nends\n").expect_err("refused");
        assert!(problem.at.is_some(), "{problem}");
        assert!(yaml("self.yml", "a: &a [*a]\n").is_err());
    }
}
