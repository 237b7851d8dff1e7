//! A page's blocks as a draft.
//!
//! Knows: what the sections, tables, lists and examples of a page say. Must not know: in which
//! rendering they stood, beyond what it has lost.

mod attributes;

use std::collections::BTreeMap;

use super::defects;
use super::draft::{At, Attribute, Draft, Example, Known, RequestTable, Section, Spot};
use super::page::{Block, Column, Page, Part, Piece, Rendering, Table};
use super::sections::{self, Section as Part_};
use super::words;

use attributes::attributes;

/// A page by its sections, for those who look for defects.
#[derive(Debug)]
pub(super) struct Read<'p> {
    pub(super) page: &'p Page,
    pub(super) sections: Vec<Part_>,
    /// The request line, method and address, and where it stands.
    pub(super) request_line: Option<Spot<String>>,
    /// Announcements of examples with nothing behind them.
    pub(super) lost_examples: Vec<(Section, At)>,
}

impl Read<'_> {
    /// Whether the page has this section.
    pub(super) fn has(&self, part: Part) -> bool {
        self.sections.iter().any(|section| section.part == part)
    }

    /// The blocks of all sections of this kind.
    pub(super) fn blocks(&self, part: Part) -> impl Iterator<Item = &Block> {
        self.sections
            .iter()
            .filter(move |section| section.part == part)
            .flat_map(|section| &section.blocks)
    }

    /// The tables of all sections of this kind.
    pub(super) fn tables(&self, part: Part) -> impl Iterator<Item = &Table> {
        self.blocks(part).filter_map(|block| match block {
            Block::Table(table) => Some(&**table),
            _ => None,
        })
    }

    /// Whether a section that stands behind this one is there, so that this one isn't just cut off.
    fn goes_on_beyond(&self, part: Part) -> bool {
        self.sections.iter().any(|section| section.part > part && section.part != Part::Other)
    }

    /// Whether sections have headings.
    pub(super) fn headed(&self) -> bool {
        self.sections.iter().any(|section| section.heading.is_some())
    }

    /// Whether nesting and lists of values are lost.
    pub(super) fn flat(&self) -> bool {
        self.page.rendering == Rendering::Pipes
    }
}

/// Reads a page.
pub(super) fn draft(mut page: Page) -> Draft {
    let sections = sections::of(&mut page);
    let page = &page;
    let mut read = Read { page, sections, request_line: None, lost_examples: Vec::new() };
    read.request_line = request_line(&read);
    let (method, path) = operation(&read);
    let mut examples = Vec::new();
    let query = table_section(&read, Part::Query, |table| table.has(Column::Name));
    let request = request(&read);
    let response = table_section(&read, Part::Response, |table| table.has(Column::Name));
    for (part, section) in [
        (Part::Query, Section::Query),
        (Part::Request, Section::Request),
        (Part::Response, Section::Response),
    ] {
        let lost = examples_of(&read, part, section, &mut examples);
        read.lost_examples.extend(lost);
    }
    let mut draft = Draft {
        rendering: page.rendering,
        stripped: page.stripped,
        method,
        path,
        since: since(&read),
        authentication: authentication(&read),
        query,
        request,
        codes: codes(&read),
        code_grounds: BTreeMap::new(),
        response,
        outer: None,
        examples,
        defects: Vec::new(),
        url: None,
    };
    draft.defects = defects::find(&draft, &read);
    draft
}

fn texts<'b>(blocks: impl Iterator<Item = &'b Block>) -> impl Iterator<Item = &'b Spot<String>> {
    blocks.filter_map(|block| match block {
        Block::Piece(Piece::Text(text) | Piece::Item(text) | Piece::Code(text)) => Some(text),
        _ => None,
    })
}

fn request_line(read: &Read<'_>) -> Option<Spot<String>> {
    texts(read.blocks(Part::Url))
        .chain(texts(read.blocks(Part::Intro)))
        .chain(texts(read.blocks(Part::Authentication)))
        .find(|text| words::is_request_line(&text.value))
        .map(|text| {
            let line = text.value.lines().next().unwrap_or_default().to_owned();
            Spot::new(line, text.at)
        })
}

fn operation(read: &Read<'_>) -> (Option<Spot<String>>, Option<Spot<String>>) {
    let of = |line: &Spot<String>| {
        let (method, rest) = match words::method(&line.value) {
            Some((method, rest)) => (Some(method), rest),
            None => (None, line.value.trim()),
        };
        let path = words::path_of(rest).map(|path| mended(path.trim_end_matches('/')));
        let column = line.at.column
            + method.map_or(0, |method| u32::try_from(method.len() + 1).unwrap_or(0));
        (
            method.map(|method| Spot::new(method.to_owned(), line.at)),
            path.map(|path| Spot::new(path, At::new(line.at.line, column))),
        )
    };
    let title = read.page.title.as_ref().map(of);
    let line = read.request_line.as_ref().map(of);
    let (title_method, title_path) = title.unwrap_or_default();
    let (line_method, line_path) = line.unwrap_or_default();
    (title_method.or(line_method), title_path.or(line_path))
}

/// A path in which a placeholder that isn't closed ends with its segment.
fn mended(path: &str) -> String {
    let path = path.split_whitespace().next().unwrap_or_default();
    path.split('/')
        .map(|segment| match (segment.contains('{'), segment.contains('}')) {
            (true, false) => format!("{segment}}}"),
            (false, true) => format!("{{{segment}"),
            _ => segment.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// Texts in which the lines of a paragraph that was wrapped are one again: a line that doesn't end
/// a sentence, and one that doesn't begin one.
fn paragraphs<'b>(texts: impl Iterator<Item = &'b Spot<String>>) -> Vec<Spot<String>> {
    let mut found: Vec<Spot<String>> = Vec::new();
    for text in texts {
        match found.last_mut() {
            Some(last) if goes_on(&last.value, &text.value) => {
                last.value.push(' ');
                last.value.push_str(&text.value);
            }
            _ => found.push(text.clone()),
        }
    }
    found
}

/// The pieces of a cell, with the lines of a wrapped paragraph as one.
fn unwrapped(pieces: &[Piece]) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (found.last_mut(), piece) {
            (Some(Piece::Text(last)), Piece::Text(text)) if goes_on(&last.value, &text.value) => {
                last.value.push(' ');
                last.value.push_str(&text.value);
            }
            _ => found.push(piece.clone()),
        }
    }
    found
}

/// Whether a line goes on with the sentence of the line before it.
fn goes_on(before: &str, line: &str) -> bool {
    !before.ends_with(['.', ':', '!', '?']) && line.starts_with(char::is_lowercase)
}

fn since(read: &Read<'_>) -> Known<Option<Spot<String>>> {
    for text in paragraphs(texts(read.blocks(Part::Intro))) {
        for sentence in words::sentences(&text.value) {
            if let Some((_, version)) = words::page_version(sentence) {
                return Known::Is(Some(Spot::new(version.to_owned(), text.at)));
            }
        }
    }
    // Without headings, the notes are gone as well.
    let headless = !read.headed();
    if headless && read.flat() { Known::Unknown } else { Known::Is(None) }
}

fn authentication(read: &Read<'_>) -> Option<Spot<bool>> {
    let own = paragraphs(texts(read.blocks(Part::Authentication)));
    let intro = paragraphs(texts(read.blocks(Part::Intro)));
    for text in own.into_iter().chain(intro) {
        for sentence in words::sentences(&text.value) {
            let lower = sentence.to_ascii_lowercase();
            if !lower.contains("authentication") && !lower.contains("authenticate") {
                continue;
            }
            let refused = ["not required", "not needed", "no authentication", "isn't required"];
            if refused.iter().any(|words| lower.contains(words)) {
                return Some(Spot::new(false, text.at));
            }
            if lower.contains("required") || lower.contains("needed") {
                return Some(Spot::new(true, text.at));
            }
        }
    }
    None
}

fn codes(read: &Read<'_>) -> Known<Vec<Spot<u16>>> {
    let mut found: Vec<Spot<u16>> = Vec::new();
    let mut tables = 0;
    for table in read.tables(Part::Codes).filter(|table| table.has(Column::Code)) {
        tables += 1;
        for row in &table.rows {
            let Some(name) = &row.name else { continue };
            let digits = name.value.chars().take_while(char::is_ascii_digit).count();
            if let Ok(code) = name.value[..digits].parse::<u16>()
                && (100..600).contains(&code)
                && !found.iter().any(|it| it.value == code)
            {
                found.push(Spot::new(code, name.at));
            }
        }
    }
    if tables == 0 { Known::Unknown } else { Known::Is(found) }
}

fn table_section(
    read: &Read<'_>,
    part: Part,
    fits: impl Fn(&Table) -> bool,
) -> Known<Vec<Attribute>> {
    let mut rows = Vec::new();
    for table in read.tables(part).filter(|table| fits(table)) {
        rows.extend(attributes(table, read, part));
    }
    let says_none = texts(read.blocks(part)).any(|text| text.value.trim() == "None");
    let cut = !read.goes_on_beyond(part) && !says_none && !read.page.stripped;
    // A section that is empty may be one at which the page was cut off.
    if rows.is_empty() && cut { Known::Unknown } else { Known::Is(rows) }
}

fn request(read: &Read<'_>) -> Known<Vec<RequestTable>> {
    let mut found = Vec::new();
    let mut caption: Option<Spot<String>> = None;
    for block in read.blocks(Part::Request) {
        match block {
            Block::Piece(Piece::Text(text)) => {
                if let Some(words) = words::caption(&text.value) {
                    caption = Some(Spot::new(words, text.at));
                }
            }
            Block::Table(table) if table.has(Column::Name) => {
                found.push(RequestTable {
                    caption: table.caption.clone().or_else(|| caption.take()),
                    attributes: attributes(table, read, Part::Request),
                });
            }
            _ => {}
        }
    }
    let there = read.has(Part::Request);
    if found.is_empty() && !there && !read.goes_on_beyond(Part::Request) {
        Known::Unknown
    } else {
        Known::Is(found)
    }
}

/// The examples of a section; gives back where one is announced and nothing follows.
fn examples_of(
    read: &Read<'_>,
    part: Part,
    section: Section,
    found: &mut Vec<Example>,
) -> Vec<(Section, At)> {
    let mut lost = Vec::new();
    let mut table = None;
    let mut announced: Option<At> = None;
    for block in read.blocks(part) {
        match block {
            Block::Table(it) => {
                if let Some(at) = announced.take() {
                    lost.push((section, at));
                }
                if it.has(Column::Name) {
                    table = Some(table.map_or(0, |index: usize| index + 1));
                }
                for piece in it.rows.iter().flat_map(|row| &row.text) {
                    if let Piece::Code(code) = piece {
                        found.push(example(code, section, table, true));
                    }
                }
            }
            Block::Piece(Piece::Code(code)) => {
                announced = None;
                found.push(example(code, section, table, false));
            }
            Block::Piece(Piece::Text(text)) => {
                if words::announces_example(&text.value) {
                    if let Some(at) = announced.replace(text.at) {
                        lost.push((section, at));
                    }
                } else if announced.is_some() && words::is_request_line(&text.value) {
                    announced = None;
                    found.push(example(text, section, table, false));
                }
            }
            _ => {}
        }
    }
    lost.extend(announced.map(|at| (section, at)));
    lost
}

fn example(code: &Spot<String>, section: Section, table: Option<usize>, in_cell: bool) -> Example {
    let valid = code.value.trim_start().starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(&code.value).is_ok();
    Example { at: code.at, section, valid_json: valid, text: code.value.clone(), table, in_cell }
}
