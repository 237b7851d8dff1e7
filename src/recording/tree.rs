//! JSON and YAML as one tree.
//!
//! Knows: both notations, and how Ruby and Python write bytes in YAML; the one door to
//! `saphyr-parser`. Bounded in depth and in what aliases make of a small file. Must not know: what
//! a recording is.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::Value;

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

/// The tree of a JSON text.
pub(super) fn json(file: &str, text: &str) -> Result<Node, Problem> {
    serde_json::from_str(text).map(of_json).map_err(|error| Problem::from_json(file, &error))
}

fn of_json(value: Value) -> Node {
    match value {
        Value::Null => Node::Null,
        Value::Bool(is) => Node::Plain(is.to_string()),
        Value::Number(number) => Node::Plain(number.to_string()),
        Value::String(text) => Node::Text(text),
        Value::Array(rows) => Node::List(rows.into_iter().map(of_json).collect()),
        Value::Object(members) => {
            Node::Map(members.into_iter().map(|(name, value)| (name, of_json(value))).collect())
        }
    }
}

/// The tree of the first document of a YAML text.
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
            Ok((Event::DocumentEnd, _)) => break,
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
            self.whole.get_or_insert(node);
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
