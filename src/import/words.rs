//! The fixed words of the pages: headings, lead-ins and the shapes of tokens.
//!
//! Knows: the grammar of the pages, one phrase at a time. Must not know: in which rendering a
//! phrase stands, or what becomes of it.

mod sentences;
mod types;

use super::draft::Promise;
use super::page::{Column, Part};

pub(super) use sentences::{constant, page_version, sentences, version};
pub(super) use types::{fits_type, is_type, type_at};

/// The methods that the pages document.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Words that begin a sentence and never name an attribute.
const STARTERS: &[&str] = &[
    "A", "An", "The", "This", "These", "If", "When", "For", "Each", "Any", "All", "One", "Only",
    "In", "To", "Note", "Tip", "Use", "No", "It", "Its",
];

/// Text with each run of blanks as one blank.
#[must_use]
pub(super) fn squeeze(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The section that a heading opens.
#[must_use]
pub(super) fn part_of(heading: &str) -> Option<Part> {
    let heading = heading.trim().trim_end_matches(':').to_ascii_lowercase();
    Some(match heading.as_str() {
        "authentication" => Part::Authentication,
        "request url" | "request uri" => Part::Url,
        "query parameters" | "query parameter" | "request parameters" => Part::Query,
        "request header" | "request headers" => Part::RequestHeader,
        "request body" | "request example" | "request examples" => Part::Request,
        "response codes" | "response code" => Part::Codes,
        "response header" | "response headers" => Part::ResponseHeader,
        "response body" | "response example" | "response examples" => Part::Response,
        _ => return None,
    })
}

/// Whether a heading opens the examples of a section rather than the section.
#[must_use]
pub(super) fn is_example_heading(heading: &str) -> bool {
    heading.to_ascii_lowercase().contains("example")
}

/// A method and what follows it.
#[must_use]
pub(super) fn method(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    METHODS.iter().find_map(|method| {
        let rest = text.strip_prefix(method)?;
        rest.starts_with(char::is_whitespace).then(|| (*method, rest.trim()))
    })
}

/// Whether a line is the title of a page: a method and a path.
#[must_use]
pub(super) fn is_title(text: &str) -> bool {
    method(text).is_some_and(|(_, rest)| rest.starts_with('/') && rest.len() < 300)
}

/// Whether a text is a method and an address, or an address alone.
#[must_use]
pub(super) fn is_request_line(text: &str) -> bool {
    let rest = method(text).map_or(text.trim(), |(_, rest)| rest);
    rest.starts_with("https://") || rest.starts_with("http://")
}

/// The path of an address, without host and query.
#[must_use]
pub(super) fn path_of(address: &str) -> Option<String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let path = match rest {
        Some(rest) => &rest[rest.find('/')?..],
        None => address,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end();
    path.starts_with('/').then(|| with_braces(path))
}

/// A path whose placeholders stand in braces, however they are written.
#[must_use]
pub(super) fn with_braces(path: &str) -> String {
    path.chars()
        .map(|c| match c {
            '<' => '{',
            '>' => '}',
            other => other,
        })
        .collect()
}

/// What a word of a header stands for.
#[must_use]
pub(super) fn column(header: &str) -> Option<Column> {
    Some(match squeeze(header).to_ascii_lowercase().as_str() {
        "attribute" | "attributes" | "parameter" | "parameters" | "name" => Column::Name,
        "required / optional" | "required/optional" | "required" | "required or optional" => {
            Column::Required
        }
        "type" => Column::Type,
        "description" => Column::Text,
        "code" | "codes" | "status code" => Column::Code,
        "comments" | "comment" => Column::Comment,
        _ => return None,
    })
}

/// The columns of a header line of text, with blanks between its words or without.
#[must_use]
pub(super) fn header(line: &str) -> Option<Vec<Column>> {
    const WORDS: &[(&str, Column)] = &[
        ("Attributes", Column::Name),
        ("Attribute", Column::Name),
        ("Parameters", Column::Name),
        ("Parameter", Column::Name),
        ("Name", Column::Name),
        ("Codes", Column::Code),
        ("Code", Column::Code),
        ("Required / Optional", Column::Required),
        ("Required/Optional", Column::Required),
        ("Type", Column::Type),
        ("Description", Column::Text),
        ("Comments", Column::Comment),
        ("Comment", Column::Comment),
    ];
    let mut rest = line.trim();
    let mut columns = Vec::new();
    while !rest.is_empty() {
        let (word, column) = WORDS.iter().find(|(word, _)| rest.starts_with(*word))?;
        columns.push(*column);
        rest = rest[word.len()..].trim_start();
    }
    let first = columns.first()?;
    let opens = matches!(first, Column::Name | Column::Code);
    (opens && columns.len() > 1 && columns[1..].iter().all(|it| it != first)).then_some(columns)
}

/// Whether a token can be the name of an attribute.
#[must_use]
pub(super) fn is_name(token: &str) -> bool {
    let ok = |c: char| c.is_alphanumeric() || "_@.-$/{}<>=[]#*".contains(c);
    !token.is_empty()
        && token.len() <= 120
        && token.chars().all(ok)
        && token.chars().any(char::is_alphanumeric)
        && !STARTERS.contains(&token)
}

/// Whether a paragraph goes on with the description of the row before it.
#[must_use]
pub(super) fn goes_on(paragraph: &str) -> bool {
    let first: Vec<&str> = paragraph.split_whitespace().take(2).collect();
    match first.as_slice() {
        ["This", next] => ["attribute", "parameter", "value", "option", "can"].contains(next),
        [first, ..] => {
            ["If", "When", "For", "Note", "Note:", "Tip:", "These", "Otherwise,"].contains(first)
        }
        [] => true,
    }
}

/// Whether a word can be the name of a row, while sentences begin with it too.
#[must_use]
pub(super) fn is_starter(token: &str) -> bool {
    STARTERS.contains(&token)
}

/// The name in a name cell, without a value and without braces around all of it.
#[must_use]
pub(super) fn bare_name(cell: &str) -> String {
    let cell = cell.trim();
    let name = match cell.split_once('=') {
        Some((name, _)) if !name.is_empty() => name,
        _ => cell,
    };
    let mut name = name.trim();
    if let Some(inner) = name.strip_prefix(['{', '<']) {
        name = inner.strip_suffix(['}', '>']).unwrap_or(inner);
    } else if let Some(inner) = name.strip_suffix(['}', '>'])
        && !inner.contains(['{', '<'])
    {
        name = inner;
    }
    name.to_owned()
}

/// A placeholder of which a bracket is missing or of the other kind.
#[must_use]
pub(super) fn broken_placeholder(text: &str) -> Option<&str> {
    let mut open: Option<(usize, char)> = None;
    for (index, c) in text.char_indices() {
        match (c, open) {
            ('{' | '<', Some((from, _))) => return Some(&text[from..index]),
            ('{' | '<', None) => {
                // "a < b" and "<= 3" are no placeholders.
                let next = text[index + c.len_utf8()..].chars().next();
                if c == '{' || next.is_some_and(char::is_alphabetic) {
                    open = Some((index, c));
                }
            }
            ('}', Some((from, '<'))) | ('>', Some((from, '{'))) => {
                return Some(&text[from..=index]);
            }
            ('}' | '>', Some(_)) => open = None,
            ('}', None) => return Some(&text[..=index]),
            _ => {}
        }
    }
    open.map(|(from, _)| &text[from..])
}

/// What the words before a list of values promise.
#[must_use]
pub(super) fn promise(text: &str) -> Option<Promise> {
    let text = squeeze(text).to_lowercase();
    let at = text.rfind("following value")?;
    let before = text[..at].trim_end();
    let plural = text[at + "following value".len()..].starts_with('s');
    let one_of = ["one of the", "any of the", "one or more of the", "one or both of the"]
        .iter()
        .any(|words| before.ends_with(words));
    Some(match (plural, one_of) {
        (true, _) => Promise::Several,
        (false, true) => Promise::Open,
        (false, false) => Promise::One,
    })
}

/// Whether a line announces an example.
#[must_use]
pub(super) fn announces_example(text: &str) -> bool {
    let text = squeeze(text);
    let lower = text.to_lowercase();
    let ends = lower.ends_with(['.', ':']);
    if lower.starts_with("the following") {
        return ends && lower.split(' ').take(6).any(|word| word.starts_with("example"));
    }
    let opens = ["for example:", "example:", "examples:", "example", "examples"];
    opens.contains(&lower.as_str())
        || (lower.starts_with("example ") && lower.ends_with(':') && text.len() < 160)
        || (lower.ends_with("for example:") && text.len() < 300)
}

/// Whether a line is a caption: "Table 1. …", or a parameter and its value.
#[must_use]
pub(super) fn caption(text: &str) -> Option<String> {
    let text = squeeze(text);
    if let Some(rest) = text.strip_prefix("Table ") {
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let rest = rest[digits..].strip_prefix('.')?;
        return (digits > 0).then(|| rest.trim().to_owned());
    }
    let (name, value) = text.split_once('=')?;
    let word = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-{}<>".contains(c))
    };
    (word(name) && word(value)).then_some(text)
}

/// The token that an item of a list of values begins with.
#[must_use]
pub(super) fn token(item: &str) -> String {
    // What stands below the first line isn't part of the token.
    let text = squeeze(item.lines().next().unwrap_or_default());
    let mut text = text.as_str();
    let without = text.replace(" (default)", "").replace("(default) ", "").replace("(default)", "");
    if without != text {
        text = &without;
    }
    let text = text.replace("..", ".");
    let text = text.trim();
    let whole = text.starts_with("EXEC: ");
    let stop = text.find(". ");
    let colon = if whole { None } else { text.find(": ") };
    let end = match (stop, colon) {
        (Some(stop), Some(colon)) => stop.min(colon),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => text.len(),
    };
    let token = text[..end].trim().trim_end_matches(['.', ':']).trim();
    let quoted =
        token.len() > 2 && token.starts_with(['“', '"', '‘']) && token.ends_with(['”', '"', '’']);
    if quoted {
        token.trim_matches(['“', '”', '"', '‘', '’']).to_owned()
    } else {
        token.to_owned()
    }
}

/// Whether a value stands for others.
#[must_use]
pub(super) fn is_placeholder(value: &str) -> bool {
    (value.starts_with('{') && value.ends_with('}'))
        || (value.starts_with('<') && value.ends_with('>'))
}
