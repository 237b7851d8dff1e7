//! What is wrong with a page, found by holding its parts against each other.
//!
//! Knows: a draft and the sections that it was read from. Must not know: renderings, beyond what
//! they have lost.

mod examples;

use std::collections::HashSet;

use super::draft::{At, Attribute, Defect, DefectKind, Draft, Known, Presence, Promise, Section};
use super::interpret::Read;
use super::page::{Block, Column, Part, Piece};
use super::words;

/// The most defects that are told of one page. No page has a hundred.
const MOST: usize = 2000;

/// The defects found so far. Each row is accused of one kind once.
#[derive(Debug, Default)]
pub(super) struct Found {
    list: Vec<Defect>,
    seen: HashSet<(DefectKind, String)>,
}

impl Found {
    /// A defect that may be found several times at one place, as with examples.
    fn each(&mut self, kind: DefectKind, place: impl Into<String>, at: At, detail: String) {
        if self.list.len() < MOST {
            self.list.push(Defect { kind, place: place.into(), at, detail });
        }
    }

    /// A defect that a place has once.
    fn once(&mut self, kind: DefectKind, place: impl Into<String>, at: At, detail: String) {
        if self.list.len() >= MOST {
            return;
        }
        let place = place.into();
        if self.seen.insert((kind, place.clone())) {
            self.each(kind, place, at, detail);
        }
    }
}

/// Every defect of a page, in the order of the page.
pub(super) fn find(draft: &Draft, read: &Read<'_>) -> Vec<Defect> {
    let mut found = Found::default();
    page(draft, read, &mut found);
    addresses(read, &mut found);
    codes(draft, read, &mut found);
    if let Known::Is(query) = &draft.query {
        rows(query, "query", read, &mut found);
    }
    if let Known::Is(tables) = &draft.request {
        for table in tables {
            rows(&table.attributes, "request", read, &mut found);
        }
    }
    if let Known::Is(response) = &draft.response {
        rows(response, "response", read, &mut found);
    }
    for (section, at) in &read.lost_examples {
        let place = format!("{}/example", section.word());
        found.each(DefectKind::ExampleLost, place, *at, String::new());
    }
    examples::find(draft, read, &mut found);
    let mut list = found.list;
    list.sort_by_key(|defect| defect.at);
    list
}

fn page(draft: &Draft, read: &Read<'_>, found: &mut Found) {
    let at = draft.method.as_ref().map_or(At::new(1, 1), |spot| spot.at);
    if read.request_line.is_none() {
        found.once(DefectKind::Truncated, "page", at, "the page has no request line".to_owned());
    } else {
        if !read.has(Part::Codes) {
            let detail = "there is no section on response codes".to_owned();
            found.once(DefectKind::SectionMissing, "codes", at, detail);
        }
        if !read.has(Part::Response) {
            let detail = "there is no section on the response body".to_owned();
            found.once(DefectKind::SectionMissing, "response", at, detail);
        }
    }
    for table in read.tables(Part::Intro).chain(read.tables(Part::Authentication)) {
        found.once(DefectKind::TableOutside, "page", table.at, String::new());
    }
    let mut seen: Vec<Part> = Vec::new();
    for section in &read.sections {
        let Some(heading) = &section.heading else { continue };
        if words::is_example_heading(&heading.value) {
            continue;
        }
        if !seen.contains(&section.part) {
            seen.push(section.part);
        } else if let Some(place) = section_word(section.part) {
            let detail = format!("a second heading `{}`", heading.value);
            found.once(DefectKind::HeadingRepeated, place, heading.at, detail);
        }
    }
    // A heading may also stand inside an example.
    for block in read.sections.iter().flat_map(|section| &section.blocks) {
        let Block::Piece(Piece::Code(code)) = block else { continue };
        for line in code.value.lines() {
            if let Some(part) = words::part_of(line)
                && seen.contains(&part)
                && let Some(place) = section_word(part)
            {
                let detail = format!("`{}` stands inside an example as well", line.trim());
                found.once(DefectKind::HeadingRepeated, place, code.at, detail);
            }
        }
    }
}

fn section_word(part: Part) -> Option<&'static str> {
    match part {
        Part::Query => Some("query"),
        Part::Request => Some("request"),
        Part::Codes => Some("codes"),
        Part::Response => Some("response"),
        Part::Url => Some("url"),
        Part::Authentication => Some("page"),
        _ => None,
    }
}

/// Title, request line and the text below it.
fn addresses(read: &Read<'_>, found: &mut Found) {
    if let (Some(title), Some(line)) = (&read.page.title, &read.request_line) {
        let parts = |text: &str| {
            let (method, rest) = words::method(text).unwrap_or(("", text));
            let path = words::path_of(rest).map(|path| comparable(&path));
            (method.to_owned(), path)
        };
        let (one, two) = (parts(&title.value), parts(&line.value));
        let method = !one.0.is_empty() && !two.0.is_empty() && one.0 != two.0;
        if method || (one.1.is_some() && two.1.is_some() && one.1 != two.1) {
            let detail = format!("`{}` against `{}`", title.value, line.value);
            found.once(DefectKind::UrlMismatch, "url", line.at, detail);
        }
    }
    let url = read.blocks(Part::Url).filter_map(|block| match block {
        Block::Piece(Piece::Text(text) | Piece::Item(text) | Piece::Code(text)) => Some(text),
        _ => None,
    });
    for text in read.page.title.iter().chain(url) {
        if let Some(broken) = words::broken_placeholder(&text.value) {
            let detail = format!("`{}`", shortened(broken));
            found.once(DefectKind::BrokenPlaceholder, "url", text.at, detail);
        }
    }
}

/// A path in which placeholders are alike, whatever their names.
fn comparable(path: &str) -> String {
    path.trim_end_matches('/')
        .split('/')
        .map(|segment| {
            if segment.contains(['{', '}']) {
                "{}".to_owned()
            } else {
                segment.to_ascii_lowercase()
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn codes(draft: &Draft, read: &Read<'_>, found: &mut Found) {
    let tables: Vec<_> = read.tables(Part::Codes).filter(|table| table.has(Column::Code)).collect();
    if let [_, second, ..] = tables.as_slice() {
        found.once(DefectKind::CodeTableRepeated, "codes", second.at, String::new());
    }
    let Known::Is(codes) = &draft.codes else { return };
    let listed = |code: u16| codes.iter().any(|it| it.value == code);
    let required = draft.authentication.as_ref().is_some_and(|spot| spot.value);
    if required && !codes.is_empty() && !listed(401) {
        let at = codes.first().map_or(At::new(1, 1), |code| code.at);
        found.once(DefectKind::Code401Missing, "codes", at, String::new());
    }
    let mut spoken = Vec::new();
    for block in read.blocks(Part::Response).chain(read.blocks(Part::ResponseHeader)) {
        match block {
            Block::Piece(Piece::Text(text) | Piece::Item(text)) => spoken.push(text),
            Block::Table(table) => {
                spoken.extend(table.rows.iter().flat_map(|row| &row.text).filter_map(|piece| {
                    match piece {
                        Piece::Text(text) | Piece::Item(text) => Some(text),
                        Piece::Code(_) => None,
                    }
                }));
            }
            _ => {}
        }
    }
    for text in spoken {
        for sentence in words::sentences(&text.value) {
            for code in codes_spoken_of(sentence) {
                if !listed(code) {
                    let detail = format!("the text speaks of the response code {code}");
                    found.once(DefectKind::ProseCode, "codes", text.at, detail);
                }
            }
        }
    }
}

/// The codes of a sentence that speaks of a response code.
fn codes_spoken_of(sentence: &str) -> Vec<u16> {
    let lower = sentence.to_lowercase();
    if !["response code", "status code", "return code"].iter().any(|it| lower.contains(it)) {
        return Vec::new();
    }
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() == 3)
        .filter_map(|word| word.parse().ok())
        .filter(|code| (100..600).contains(code))
        .collect()
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn rows(attributes: &[Attribute], prefix: &str, read: &Read<'_>, found: &mut Found) {
    let mut names: HashSet<&str> = HashSet::new();
    for attribute in attributes {
        let Some(name) = attribute.name() else {
            let detail = String::new();
            let section = prefix.split('/').next().unwrap_or(prefix);
            found.each(DefectKind::RowNameLost, section, attribute.at, detail);
            continue;
        };
        let place = format!("{prefix}/{name}");
        if !names.insert(name) && !read.flat() {
            let detail = format!("a second row `{name}`");
            found.once(DefectKind::DuplicateName, &place, attribute.at, detail);
        }
        row(attribute, &place, found);
        rows(attribute.rows(), &place, read, found);
    }
}

fn row(attribute: &Attribute, place: &str, found: &mut Found) {
    let at = attribute.at;
    if attribute.typed && attribute.kind.is_none() {
        found.once(DefectKind::TypeMissing, place, at, String::new());
    }
    if let Some(written) = &attribute.written {
        if written.value.contains('=') {
            let detail = format!("the name cell holds `{}`", shortened(&written.value));
            found.once(DefectKind::ValueInName, place, at, detail);
        }
        if words::broken_placeholder(&written.value).is_some() {
            let detail = format!("`{}`", shortened(&written.value));
            found.once(DefectKind::BrokenPlaceholder, place, at, detail);
        }
    }
    let optional = attribute.presence.as_ref().is_some_and(|it| it.value == Presence::Optional);
    if let Some(demanded) = attribute.demanded.as_ref().filter(|_| optional) {
        let detail = demanded.value.clone();
        found.once(DefectKind::RequiredConflict, place, demanded.at, detail);
    }
    let Known::Is(values) = &attribute.values else { return };
    let fits = match attribute.promised {
        Some(Promise::One) => values.len() == 1,
        Some(Promise::Several) => values.len() >= 2,
        Some(Promise::Open) | None => true,
    };
    if !fits {
        let detail = format!("{} are listed", values.len());
        found.once(DefectKind::EnumCount, place, at, detail);
    }
    let Some(kind) = &attribute.kind else { return };
    for value in values {
        if !words::fits_type(&value.value, &kind.value) {
            let detail = format!("`{}` can't be of type {}", shortened(&value.value), kind.value);
            found.once(DefectKind::EnumType, place, value.at, detail);
        }
    }
}

/// The table that an example of a section is held against.
fn rows_for(draft: &Draft, section: Section, table: Option<usize>) -> Option<&[Attribute]> {
    match section {
        Section::Query => None,
        Section::Request => {
            let tables = draft.request.known()?;
            tables.get(table?).map(|table| table.attributes.as_slice())
        }
        Section::Response => draft.response.known().map(Vec::as_slice),
    }
}
