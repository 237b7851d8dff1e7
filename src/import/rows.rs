//! Where the cells of a row end that has no borders: rows that run together, and rows with blanks
//! between their cells.
//!
//! Knows: the words of the columns Required / Optional and Type. Must not know: tables, pages.

use std::collections::HashSet;

use super::words::{is_name, is_starter, is_type, type_at};

/// How the cells of a row stand beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `idStringLock ID.`
    Fused,
    /// `id String Lock ID.`
    Spaced,
}

/// Which columns a table has besides name and description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) required: bool,
    pub(super) typed: bool,
}

/// The cells of a row, each with the byte at which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cells {
    pub(super) level: usize,
    pub(super) name: (usize, String),
    pub(super) required: Option<(usize, String)>,
    pub(super) kind: Option<(usize, String)>,
    pub(super) text: (usize, String),
}

/// The longest line in which the end of a cell is looked for, in bytes: no cell before the
/// description comes near.
const REACH: usize = 600;

/// The longest name, in bytes.
const LONGEST_NAME: usize = 120;

/// The cells of a line, if it is a row of such a table. `known` are names that the page uses
/// elsewhere, in its examples: they settle what the line alone leaves open.
pub(super) fn split(
    line: &str,
    style: Style,
    shape: Shape,
    known: &HashSet<String>,
) -> Option<Cells> {
    let body = line.trim_start_matches([' ', '\u{a0}', '\t']);
    let indent = line[..line.len() - body.len()].chars().count();
    let level = match style {
        Style::Fused => indent,
        // A tab is a level by itself.
        Style::Spaced => {
            let tabs = line[..line.len() - body.len()].matches('\t').count();
            tabs + (indent - tabs) / 2
        }
    };
    let offset = line.len() - body.len();
    let body = body.trim_end();
    let cells = if shape.required {
        with_required(body, style, shape.typed, known)
    } else if shape.typed {
        with_type(body, style, known).or_else(|| without_type(body, style, indent, known))
    } else {
        None
    }?;
    let moved = |(at, text): (usize, String)| (at + offset, text);
    Some(Cells {
        level,
        name: moved(cells.name),
        required: cells.required.map(moved),
        kind: cells.kind.map(moved),
        text: moved(cells.text),
    })
}

fn cell(body: &str, from: usize, to: usize) -> (usize, String) {
    let text = &body[from..to];
    let trimmed = text.trim_start();
    (from + text.len() - trimmed.len(), trimmed.trim_end().to_owned())
}

fn reach(body: &str) -> &str {
    let mut end = body.len().min(REACH);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    &body[..end]
}

fn with_required(body: &str, style: Style, typed: bool, known: &HashSet<String>) -> Option<Cells> {
    let near = reach(body);
    let mut found: Option<Cells> = None;
    let places = near.match_indices("Required").chain(near.match_indices("Optional"));
    let mut places: Vec<(usize, &str)> = places.collect();
    places.sort_unstable();
    for (at, word) in places {
        let name = match style {
            Style::Fused => &body[..at],
            Style::Spaced => match body[..at].strip_suffix(char::is_whitespace) {
                Some(name) => name.trim_end(),
                None => continue,
            },
        };
        if name.len() > LONGEST_NAME || name.contains(char::is_whitespace) {
            break;
        }
        let bare = name.rsplit(['.', ' ']).next().unwrap_or(name);
        if !is_name(name) || bare.is_empty() {
            continue;
        }
        // Only a name that the page uses elsewhere may take the place of the first.
        let settled = known.contains(name);
        if found.is_some() && !settled {
            continue;
        }
        let Some(cells) = after_required(body, at, word, style, typed, known) else { continue };
        found = Some(Cells { name: (0, name.to_owned()), ..cells });
        if settled {
            break;
        }
    }
    found
}

/// The cells from the word Required or Optional on; the name is left empty.
fn after_required(
    body: &str,
    at: usize,
    word: &str,
    style: Style,
    typed: bool,
    known: &HashSet<String>,
) -> Option<Cells> {
    let end = at + word.len();
    let rest = &body[end..];
    let cells = |required_end: usize, kind: Option<(usize, usize)>, text: usize| Cells {
        level: 0,
        name: (0, String::new()),
        required: Some(cell(body, at, required_end)),
        kind: kind.map(|(from, to)| cell(body, from, to)),
        text: cell(body, text, body.len()),
    };
    let gap = rest.len() - rest.trim_start().len();
    let first = rest.trim_start().chars().next();
    let Some(first) = first else { return Some(cells(end, None, body.len())) };
    let apart = style == Style::Spaced || gap > 0;
    if style == Style::Spaced && gap == 0 {
        return None;
    }
    // A condition begins with a small letter, apart from the word by a blank.
    if apart && gap == 1 && first.is_lowercase() {
        return Some(condition(body, end, style, typed, known, &cells));
    }
    // A longer word such as Requirednesses is none of the two.
    if style == Style::Fused && gap == 0 && first.is_lowercase() && (typed || !rest.contains(' ')) {
        return None;
    }
    if typed && (gap == 0) == (style == Style::Fused) && gap <= 1 {
        let from = end + gap;
        if let Some(length) = type_at(&body[from..]) {
            let next = body[from + length..].chars().next();
            let whole = style == Style::Fused || next.is_none_or(char::is_whitespace);
            if whole {
                return Some(cells(end, Some((from, from + length)), from + length));
            }
        }
        if style == Style::Fused {
            return None;
        }
    }
    Some(cells(end, None, end))
}

/// Where a condition ends: at the type, or where the description begins.
fn condition(
    body: &str,
    from: usize,
    style: Style,
    typed: bool,
    known: &HashSet<String>,
    cells: &dyn Fn(usize, Option<(usize, usize)>, usize) -> Cells,
) -> Cells {
    let near = reach(&body[from..]);
    if style == Style::Spaced
        && let Some(gap) = near[1..].find("  ")
    {
        let end = from + 1 + gap;
        return cells(end, None, end);
    }
    if typed {
        let mut places: Vec<usize> = near
            .char_indices()
            .filter(|(_, c)| c.is_ascii_uppercase())
            .map(|(index, _)| index)
            .collect();
        places.retain(|index| type_at(&near[*index..]).is_some());
        for index in places {
            let Some(length) = type_at(&near[index..]) else { continue };
            let before = near[..index].chars().next_back();
            let next = near[index + length..].chars().next();
            let fits = match style {
                Style::Fused => {
                    before.is_some_and(|c| !c.is_whitespace())
                        && next.is_none_or(|c| c.is_alphanumeric() || "“\"'(<{[".contains(c))
                }
                Style::Spaced => {
                    before.is_some_and(char::is_whitespace) && next.is_none_or(char::is_whitespace)
                }
            };
            if fits {
                let at = from + index;
                return cells(at, Some((at, at + length)), at + length);
            }
        }
    }
    let end = from + description_start(near, style, typed, known);
    cells(end, None, end)
}

/// Where the description begins after a condition without a type behind it.
fn description_start(near: &str, style: Style, typed: bool, known: &HashSet<String>) -> usize {
    // A sentence that begins with "Optional" still is the condition.
    let mut sentence = 0;
    while let Some(stop) = stop(&near[sentence..]) {
        let end = sentence + stop;
        if !near[end..].trim_start().starts_with("Optional ") {
            let words_before = boundary(&near[..end], style, typed, known);
            return words_before.unwrap_or(end);
        }
        sentence = end;
    }
    boundary(near, style, typed, known).unwrap_or(near.len())
}

/// Behind the first stop that a blank follows.
fn stop(text: &str) -> Option<usize> {
    text.match_indices('.')
        .map(|(at, _)| at + 1)
        .find(|end| text[*end..].starts_with(char::is_whitespace))
}

/// The first place where a capital begins what can't be part of the condition: behind a small
/// letter where cells run together, and else behind a blank.
fn boundary(near: &str, style: Style, typed: bool, known: &HashSet<String>) -> Option<usize> {
    let mut at = 0;
    let mut word_before = "";
    for word in near.split_inclusive(' ') {
        let bare = word.trim_end();
        let subject = matches!(word_before, "if" | "when" | "and" | "or" | "unless" | "by" | "of");
        let plain = bare.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        if !subject && at > 0 && !known.contains(plain) {
            if style == Style::Fused && !typed {
                let inner = bare.char_indices().zip(bare.chars().skip(1)).find(|((_, a), b)| {
                    b.is_uppercase()
                        && (a.is_lowercase() || a.is_ascii_digit() || ".”\"".contains(*a))
                });
                if let Some(((index, a), _)) = inner {
                    return Some(at + index + a.len_utf8());
                }
            }
            if typed || style == Style::Spaced {
                let capital = bare.starts_with(char::is_uppercase)
                    && bare.chars().nth(1).is_none_or(char::is_lowercase);
                if capital && bare != "Optional" {
                    return Some(at);
                }
            }
        }
        word_before = bare;
        at += word.len();
    }
    None
}

fn with_type(body: &str, style: Style, known: &HashSet<String>) -> Option<Cells> {
    if style == Style::Spaced {
        let (name, rest) = body.split_once(' ')?;
        let gap = rest.len() - rest.trim_start().len();
        let from = name.len() + 1;
        if !is_name(name) {
            return None;
        }
        if gap > 0 {
            // The type cell is empty.
            let text = rest.trim_start();
            return (gap >= 2 && !text.is_empty() && !is_starter(name)).then(|| Cells {
                level: 0,
                name: (0, name.to_owned()),
                required: None,
                kind: None,
                text: cell(body, from, body.len()),
            });
        }
        let length = type_at(rest)?;
        let whole = rest[length..].chars().next().is_none_or(char::is_whitespace);
        return whole.then(|| Cells {
            level: 0,
            name: (0, name.to_owned()),
            required: None,
            kind: Some((from, rest[..length].to_owned())),
            text: cell(body, from + length, body.len()),
        });
    }
    let near = reach(body);
    let near = &near[..near.find(char::is_whitespace).unwrap_or(near.len())];
    let mut best: Option<(usize, usize)> = None;
    for (at, _) in near.char_indices().filter(|(_, c)| c.is_ascii_uppercase()) {
        let Some(length) = type_at(&body[at..]) else { continue };
        if at == 0 || !is_name(&body[..at]) {
            continue;
        }
        let rest = &body[at + length..];
        let next = rest.chars().next();
        if next.is_some_and(|c| c.is_whitespace() || ".,;:)".contains(c)) {
            continue;
        }
        if known.contains(&body[..at]) {
            best = Some((at, length));
            break;
        }
        if best.is_none() && !holds_a_type(rest) {
            best = Some((at, length));
        }
    }
    if best.is_none() && is_untyped(near, body) {
        return None;
    }
    let (at, length) = best?;
    Some(Cells {
        level: 0,
        name: (0, body[..at].to_owned()),
        required: None,
        kind: Some((at, body[at..at + length].to_owned())),
        text: cell(body, at + length, body.len()),
    })
}

/// Whether the first word of a description still has the type in it, so that what was taken for
/// the type is part of the name.
fn holds_a_type(text: &str) -> bool {
    let word = &text[..text.find(char::is_whitespace).unwrap_or(text.len())];
    let word_end = word.len();
    word.char_indices().filter(|(_, c)| c.is_ascii_uppercase()).any(|(at, _)| {
        let Some(length) = type_at(&text[at..]) else { return false };
        let end = at + length;
        // "Array of objectsEach" has blanks in it; what counts is what follows.
        let next = text[end..].chars().next();
        let fused = next.is_none_or(|c| c.is_alphanumeric() || "(“\"".contains(c));
        fused && (at > 0 || end != word_end || length != text.len()) && (at > 0 || next.is_some())
    })
}

/// A row of fused cells whose type is empty: the name, a blank, and the description. What else
/// begins like that is a sentence, whose first word isn't written like a name.
fn without_type(body: &str, style: Style, indent: usize, known: &HashSet<String>) -> Option<Cells> {
    if style != Style::Fused {
        return None;
    }
    let end = reach(body).find(char::is_whitespace)?;
    let name = &body[..end];
    let hard = body[end..].starts_with('\u{a0}');
    let text = body[end..].trim_start();
    let opens = text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    let small = name.starts_with(|c: char| c.is_lowercase() || c == '@' || c == '_');
    let joined = name.contains('_') || name.chars().any(char::is_uppercase);
    let named = hard || known.contains(name) || (small && (joined || indent > 0));
    (is_name(name) && opens && named).then(|| Cells {
        level: 0,
        name: (0, name.to_owned()),
        required: None,
        kind: None,
        text: cell(body, end, body.len()),
    })
}

fn is_untyped(near: &str, body: &str) -> bool {
    near.len() == body.len() || is_type(near)
}

#[cfg(test)]
mod tests;
