//! Goes through answers and requests, place by place.
//!
//! Knows: JSON, and elements as they are met. Must not know: which operation they are of, or what
//! is changed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::pointer::escape;

use super::element::{Element, Shape};
use super::tree::Node;

/// Beyond so many values of one place, the others aren't told apart.
const MOST_VALUES: usize = 64;

/// Finds the rows that a `*` stands for where all of the path is there: the one after `star`
/// others.
pub(super) fn rows_below(
    value: &Value,
    path: &[String],
    star: usize,
    row: Option<usize>,
    found: &mut BTreeSet<usize>,
) {
    let Some((token, rest)) = path.split_first() else {
        found.extend(row);
        return;
    };
    match value {
        Value::Array(rows) if token == "*" => {
            for (number, one) in rows.iter().enumerate() {
                match (star, row) {
                    (0, None) => rows_below(one, rest, 0, Some(number), found),
                    _ => rows_below(one, rest, star.saturating_sub(1), row, found),
                }
            }
        }
        Value::Object(members) => {
            if let Some(member) = members.get(token) {
                rows_below(member, rest, star, row, found);
            }
        }
        _ => {}
    }
}

/// The members that a request sends.
pub(super) fn pointers(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let at = format!("{at}/{}", escape(name));
                pointers(member, &at, found);
                found.insert(at);
            }
        }
        Value::Array(rows) => rows.iter().for_each(|row| pointers(row, &format!("{at}/*"), found)),
        _ => {}
    }
}

/// Goes through the answers of one operation.
pub(super) struct Walk {
    operation: usize,
    pub(super) found: Vec<Element>,
    at: BTreeMap<String, usize>,
}

impl Walk {
    pub(super) fn of(operation: usize) -> Self {
        Self { operation, found: Vec::new(), at: BTreeMap::new() }
    }

    pub(super) fn meet(&mut self, path: &str, shape: Shape, rows: &[usize]) -> &mut Element {
        let number = *self.at.entry(path.to_owned()).or_insert_with(|| {
            self.found.push(Element {
                operation: self.operation,
                path: path.to_owned(),
                shape,
                holds: false,
                rows: vec![0; rows.len()],
                length: 0,
                values: Vec::new(),
                met: 0,
                times: 0,
                mixed: false,
            });
            self.found.len() - 1
        });
        &mut self.found[number]
    }

    pub(super) fn node(&mut self, node: &Node, path: &str, rows: &mut Vec<usize>) {
        let shape = match node {
            Node::Scalar(_) => Shape::Scalar,
            Node::List(..) => Shape::List,
            Node::Object(..) => Shape::Object,
        };
        let element = self.meet(path, shape, rows);
        element.times += 1;
        for (most, now) in element.rows.iter_mut().zip(rows.iter()) {
            *most = (*most).max(*now);
        }
        if element.shape != shape {
            element.mixed = element.times > 1;
            // Null, and then what it is where it isn't null.
            if element.shape == Shape::Scalar || element.times == 1 {
                element.shape = shape;
            }
        }
        match node {
            Node::Scalar(_) => {
                let value = node.scalar().unwrap_or_default();
                if value.is_null() {
                    element.mixed = true;
                } else if element.values.len() < MOST_VALUES && !element.values.contains(&value) {
                    element.values.push(value);
                    element.met += 1;
                }
            }
            Node::List(parts, _) => {
                element.length = element.length.max(parts.len());
                element.holds |= parts.iter().any(|part| !matches!(part.node, Node::Scalar(_)));
                rows.push(parts.len());
                for part in parts {
                    self.node(&part.node, &format!("{path}/*"), rows);
                }
                rows.pop();
            }
            Node::Object(parts, _) => {
                element.holds |= !parts.is_empty();
                for part in parts {
                    self.node(&part.node, &format!("{path}/{}", escape(&part.name)), rows);
                }
            }
        }
    }
}
