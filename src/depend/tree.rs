//! A JSON text as a tree that is written again byte for byte, so that a changed answer differs from
//! the served one in what was changed and in nothing else.
//!
//! Knows: JSON, its white space and the spelling of its values. Must not know: what a member means.

use serde_json::Value;

/// A value with what stands around its parts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A string, a number, `true`, `false` or `null`, as it is spelt.
    Scalar(String),
    /// The rows, and the white space of a list that has none.
    List(Vec<Part>, String),
    /// The members, and the white space of an object that has none.
    Object(Vec<Part>, String),
}

/// A row or a member.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    before: String,
    /// Empty for a row.
    pub(super) name: String,
    /// The name as it is spelt, and all up to the value.
    spelt: String,
    pub(super) node: Node,
    after: String,
}

impl Part {
    /// A member like this one, of another name and value.
    pub(super) fn like(&self, name: &str, node: Node) -> Self {
        let colon = self.spelt.rfind(':').map_or(": ", |at| &self.spelt[at..]);
        Self {
            spelt: format!("{}{colon}", quoted(name)),
            name: name.to_owned(),
            node,
            ..self.clone()
        }
    }

    /// A row with nothing around it.
    pub(super) fn row(node: Node) -> Self {
        Self {
            before: String::new(),
            name: String::new(),
            spelt: String::new(),
            node,
            after: String::new(),
        }
    }

    /// A member with nothing around it.
    pub(super) fn plain(name: &str, node: Node) -> Self {
        Self { name: name.to_owned(), spelt: format!("{}:", quoted(name)), ..Self::row(node) }
    }
}

/// A text as a string of JSON.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl Node {
    /// The tree of a text; `None` where it isn't JSON.
    pub(super) fn read(text: &str) -> Option<(String, Self, String)> {
        // This bounds the depth as well.
        serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
        let mut reader = Reader { text, at: 0 };
        let before = reader.blank();
        let node = reader.node()?;
        let after = reader.blank();
        Some((before, node, after))
    }

    /// The text.
    pub(super) fn write(&self, out: &mut String) {
        let (open, parts, blank, close) = match self {
            Self::Scalar(raw) => return out.push_str(raw),
            Self::List(rows, blank) => ('[', rows, blank, ']'),
            Self::Object(members, blank) => ('{', members, blank, '}'),
        };
        out.push(open);
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            out.push_str(&part.before);
            out.push_str(&part.spelt);
            part.node.write(out);
            out.push_str(&part.after);
        }
        if parts.is_empty() {
            out.push_str(blank);
        }
        out.push(close);
    }

    /// A scalar as a value; `None` for a list or an object.
    pub(super) fn scalar(&self) -> Option<Value> {
        match self {
            Self::Scalar(raw) => serde_json::from_str(raw).ok(),
            _ => None,
        }
    }

    /// A scalar of a value.
    pub(super) fn of(value: &Value) -> Self {
        Self::Scalar(value.to_string())
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn blank(&mut self) -> String {
        self.take(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).to_owned()
    }

    fn take(&mut self, more: impl Fn(u8) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let end = rest.bytes().position(|byte| !more(byte)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn node(&mut self) -> Option<Node> {
        match self.next()? {
            b'[' => self.parts(b']', false).map(|(rows, blank)| Node::List(rows, blank)),
            b'{' => self.parts(b'}', true).map(|(members, blank)| Node::Object(members, blank)),
            b'"' => Some(Node::Scalar(self.string().to_owned())),
            _ => {
                let raw = self.take(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
                });
                (!raw.is_empty()).then(|| Node::Scalar(raw.to_owned()))
            }
        }
    }

    fn string(&mut self) -> &str {
        let rest = &self.text.as_bytes()[self.at..];
        let mut end = 1;
        while end < rest.len() && rest[end] != b'"' {
            end += if rest[end] == b'\\' { 2 } else { 1 };
        }
        let start = self.at;
        self.at = (start + end + 1).min(self.text.len());
        &self.text[start..self.at]
    }

    fn parts(&mut self, close: u8, named: bool) -> Option<(Vec<Part>, String)> {
        self.at += 1;
        let mut parts = Vec::new();
        let mut before = self.blank();
        if self.next()? == close {
            self.at += 1;
            return Some((parts, before));
        }
        loop {
            let (mut name, mut spelt) = (String::new(), String::new());
            if named {
                let raw = self.string();
                name = serde_json::from_str(raw).ok()?;
                raw.clone_into(&mut spelt);
                spelt.push_str(&self.blank());
                self.at += 1;
                spelt.push(':');
                spelt.push_str(&self.blank());
            }
            let node = self.node()?;
            let after = self.blank();
            parts.push(Part { before, name, spelt, node, after });
            let ended = self.next()? == close;
            self.at += 1;
            if ended {
                return Some((parts, String::new()));
            }
            before = self.blank();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_again_byte_for_byte() {
        for text in [
            "{}",
            " [ ]\n",
            "{ \"a\" : 1.50e+2 ,\n\t\"b\":[ true, null ,\"x\\\"}\\u00e9é\"] , \"a\":{} }",
            "\"only a text\"",
            "-0.0",
        ] {
            let (before, node, after) = Node::read(text).expect("JSON");
            let mut out = before;
            node.write(&mut out);
            assert_eq!(out + &after, text);
        }
        for text in ["", "{", "[1,]", "{\"a\" 1}", "nul", &"[".repeat(100_000)] {
            assert!(Node::read(text).is_none(), "{}", &text[..text.len().min(20)]);
        }
    }
}
