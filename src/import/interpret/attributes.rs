//! The attributes of a table, nested as the page nests them, with what their descriptions say.
//!
//! Knows: the rows of a table. Must not know: the rest of a page.

use crate::import::draft::{At, Attribute, Known, Presence, Spot};
use crate::import::evidence::Evidence;
use crate::import::page::{Column, Part, Piece, Row, Table};
use crate::import::words;

use super::{Read, unwrapped};

pub(super) fn attributes(table: &Table, read: &Read<'_>, part: Part) -> Vec<Attribute> {
    let flat = read.flat();
    let typed = table.has(Column::Type);
    let rows: Vec<(usize, Attribute)> = table
        .rows
        .iter()
        .map(|row| (row.level.unwrap_or(0), attribute(row, typed, flat)))
        .collect();
    if flat {
        let count = rows.len();
        return rows
            .into_iter()
            .enumerate()
            .map(|(index, (_, mut attribute))| {
                let may = attribute.may_have_rows() && index + 1 < count && part != Part::Query;
                if may {
                    attribute.children = Known::Unknown;
                }
                attribute
            })
            .collect();
    }
    nest(rows)
}

/// How deep rows nest at most.
const DEEPEST: usize = 24;

/// The last open row is done, and goes where it belongs.
fn close(stack: &mut Vec<(usize, Attribute)>, roots: &mut Vec<Attribute>) {
    if let Some((_, done)) = stack.pop() {
        match stack.last_mut() {
            Some((_, parent)) => {
                if let Known::Is(children) = &mut parent.children {
                    children.push(done);
                }
            }
            None => roots.push(done),
        }
    }
}

/// Rows with their levels as a tree. A row that is deeper than one below the row before belongs to
/// that row.
fn nest(rows: Vec<(usize, Attribute)>) -> Vec<Attribute> {
    let mut stack: Vec<(usize, Attribute)> = Vec::new();
    let mut roots = Vec::new();
    for (level, row) in rows {
        while stack.last().is_some_and(|(above, _)| *above >= level) || stack.len() > DEEPEST {
            close(&mut stack, &mut roots);
        }
        stack.push((level, row));
    }
    while !stack.is_empty() {
        close(&mut stack, &mut roots);
    }
    roots
}

fn attribute(row: &Row, typed: bool, flat: bool) -> Attribute {
    let written = row.name.clone();
    let name = row.name.as_ref().map(|name| Spot::new(words::bare_name(&name.value), name.at));
    let (presence, condition) = row.required.as_ref().map_or((None, None), presence);
    let mut attribute = Attribute {
        at: row.at,
        name: name.filter(|name| !name.value.is_empty()),
        written,
        presence,
        condition,
        kind: row.kind.clone().filter(|_| typed),
        typed,
        values: Known::Is(Vec::new()),
        promised: None,
        since: None,
        absent: None,
        demanded: None,
        evidence: Evidence::default(),
        children: Known::Is(Vec::new()),
    };
    describe(&mut attribute, &unwrapped(&row.text), flat);
    attribute
}

fn presence(cell: &Spot<String>) -> (Option<Spot<Presence>>, Option<Spot<String>>) {
    let text = words::squeeze(&cell.value);
    let spot = |presence| Some(Spot::new(presence, cell.at));
    if let Some(rest) = text.strip_prefix("Required") {
        let condition = rest.trim().trim_end_matches('.').trim();
        if condition.is_empty() {
            return (spot(Presence::Required), None);
        }
        let column = cell.at.column + u32::try_from("Required ".len()).unwrap_or(0);
        let at = At::new(cell.at.line, column);
        return (spot(Presence::Conditional), Some(Spot::new(condition.to_owned(), at)));
    }
    if text.starts_with("Optional") {
        return (spot(Presence::Optional), None);
    }
    (None, None)
}

/// What the description of a row says: listed values, version, conditions.
fn describe(attribute: &mut Attribute, text: &[Piece], flat: bool) {
    let mut values = Vec::new();
    let mut promised = None;
    let mut listing = false;
    let mut lead = String::new();
    for piece in text {
        match piece {
            Piece::Text(text) => {
                // A lead-in may be wrapped, and end in the next line.
                if !listing && !lead.is_empty() && lead.len() < 2000 {
                    lead.push(' ');
                    lead.push_str(&text.value);
                } else {
                    lead.clone_from(&text.value);
                }
                listing = false;
                sentences(attribute, text);
            }
            Piece::Item(item) => {
                if !listing {
                    listing = true;
                    let last = last_words(&lead);
                    let Some(promise) = words::promise(last) else {
                        lead.clear();
                        continue;
                    };
                    promised = Some(promise);
                }
                if !lead.is_empty() {
                    let token = words::token(&item.value);
                    if !token.is_empty() {
                        values.push(Spot::new(token, item.at));
                    }
                }
            }
            Piece::Code(_) => {
                listing = false;
                lead.clear();
            }
        }
    }
    attribute.promised = promised;
    if values.is_empty() {
        let speaks = text.iter().any(|piece| match piece {
            Piece::Text(text) => words::promise(&text.value).is_some(),
            _ => false,
        });
        if let Known::Is(listed) = &attribute.values
            && listed.is_empty()
            && speaks
        {
            // The words before a list are there, and the list isn't.
            attribute.values = Known::Unknown;
        }
        let _ = flat;
        return;
    }
    attribute.values = Known::Is(values);
}

/// The end of a text, in which the words before a list stand.
fn last_words(text: &str) -> &str {
    let mut from = text.len().saturating_sub(300);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let tail = &text[from..];
    // The list belongs to the last sentence.
    words::sentences(tail).last().copied().unwrap_or(tail)
}

fn sentences(attribute: &mut Attribute, text: &Spot<String>) {
    let whole = words::squeeze(&text.value);
    if attribute.values == Known::Is(Vec::new())
        && let Some((_, value)) = words::constant(&whole)
    {
        attribute.values = Known::Is(vec![Spot::new(value, text.at)]);
    }
    for sentence in words::sentences(&whole) {
        let lower = sentence.to_lowercase();
        if attribute.since.is_none()
            && lower.contains("this attribute")
            && let Some((_, version)) = words::version(sentence)
        {
            attribute.since = Some(Spot::new(version.to_owned(), text.at));
        }
        let conditional = ["only when", "only if", "only for", "returned when", "returned if"]
            .iter()
            .any(|words| lower.contains(words))
            || ((lower.starts_with("if ") || lower.contains(" if "))
                && ["empty", "null", "not returned", "not present", "is omitted"]
                    .iter()
                    .any(|words| lower.contains(words)));
        if attribute.absent.is_none() && conditional {
            attribute.absent = Some(Spot::new(sentence.to_owned(), text.at));
        }
        let demands = [
            "attribute is required if",
            "attribute is required when",
            "parameter is required if",
            "parameter is required when",
        ]
        .iter()
        .any(|words| lower.contains(words));
        if attribute.demanded.is_none() && demands {
            attribute.demanded = Some(Spot::new(sentence.to_owned(), text.at));
        }
    }
}
