//! A saved documentation page, read into a draft.
//!
//! Knows: how the pages are written, in text of several renderings and in HTML. Must not know:
//! files, terminals, and what a contract looks like beyond what it writes of one.

mod blocks;
pub mod contract;
mod defects;
mod diff;
mod draft;
mod evidence;
mod html;
mod interpret;
mod json;
mod lines;
pub mod list;
mod merge;
mod page;
mod pipes;
mod rows;
mod sections;
mod ticket;
mod words;

pub use diff::{
    Announcement, Change, Rule, Standing, TouchedWaiver, announced, changes_markdown, diff,
};
pub use draft::{
    At, Attribute, Defect, DefectKind, Draft, Example, Known, Presence, Promise, RequestTable,
    Section, Spot,
};

pub use evidence::{Evidence, Ground, Outer};
pub use merge::merge;
pub use page::Rendering;
pub use ticket::ticket;

use page::{Block, Page};
use rows::Style;

/// Why a text isn't read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPage {
    /// What is missing, or wrong.
    pub why: String,
}

impl std::fmt::Display for NoPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

/// The most lines that a text may have. The longest page of the reference has some thousand.
const MOST_LINES: usize = 20_000;

/// The most rows that the tables of a page may have. The largest operation has some six hundred.
const MOST_ROWS: usize = 4_000;

/// The most elements and texts that HTML may have.
const MOST_NODES: usize = 60_000;

/// The most objects that a draft in JSON may have.
const MOST_OBJECTS: usize = 8_000;

fn too_large(what: &str, most: usize) -> NoPage {
    NoPage { why: format!("it has more than {most} {what}; no page of the reference has as many") }
}

/// Reads a saved page, in whatever form it was saved, or a draft in JSON.
pub fn read(text: &str) -> Result<Draft, NoPage> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if start.is_empty() {
        return Err(NoPage { why: "the file is empty".to_owned() });
    }
    if start.starts_with('{') && is_object(start) {
        if start.bytes().filter(|byte| *byte == b'{').nth(MOST_OBJECTS).is_some() {
            return Err(too_large("objects", MOST_OBJECTS));
        }
        let value = serde_json::from_str(start)
            .map_err(|error| NoPage { why: format!("it is no JSON: {error}") })?;
        return Draft::from_json(&value).map_err(|why| NoPage { why });
    }
    let page = page(text, start)?;
    let rows = |block: &Block| if let Block::Table(table) = block { table.rows.len() } else { 0 };
    if page.blocks.iter().map(rows).sum::<usize>() > MOST_ROWS {
        return Err(too_large("rows", MOST_ROWS));
    }
    let headed = page.blocks.iter().any(|block| matches!(block, Block::Heading(..)));
    let titled = page.title.is_some();
    let mut draft = interpret::draft(page);
    if draft.method.is_none() || draft.path.is_none() {
        return Err(NoPage { why: missing(headed, titled) });
    }
    draft.url = list::saved_from(text);
    Ok(draft)
}

/// Whether the text is one JSON object, and no page that begins with an example.
fn is_object(text: &str) -> bool {
    text[1..].trim_start().starts_with(['"', '}'])
}

fn page(text: &str, start: &str) -> Result<Page, NoPage> {
    let mut head = start.len().min(4096);
    while !start.is_char_boundary(head) {
        head -= 1;
    }
    let head = start[..head].to_ascii_lowercase();
    let html = start.starts_with('<') && (head.contains("<html") || head.contains("<!doctype"))
        || head.contains("<html")
        || (start.starts_with('<') && head.contains("</"));
    if html {
        return html::read(text, MOST_NODES).ok_or_else(|| too_large("elements", MOST_NODES));
    }
    if text.lines().nth(MOST_LINES).is_some() {
        return Err(too_large("lines", MOST_LINES));
    }
    // A blank that doesn't break is one column, as any other.
    let plain = text.contains('\u{a0}').then(|| text.replace('\u{a0}', " "));
    let text = plain.as_deref().unwrap_or(text);
    if text.lines().any(pipes::is_rule) {
        return Ok(pipes::read(text));
    }
    Ok(lines::read(text, style(text)))
}

/// Whether the cells of a text run together or stand apart.
fn style(text: &str) -> Style {
    let mut fused = 0_usize;
    let mut spaced = 0_usize;
    for line in text.lines() {
        let line = line.trim();
        if words::header(line).is_some() {
            let apart = line.contains(" Type ")
                || line.contains(" Description")
                || line.contains("s Required")
                || line.contains("r Required");
            *(if apart { &mut spaced } else { &mut fused }) += 3;
            continue;
        }
        let digits = line.chars().take_while(char::is_ascii_digit).count();
        if digits == 3 {
            let rest = &line[3..];
            if rest.starts_with(' ') {
                spaced += 1;
            } else if rest.starts_with(char::is_uppercase) {
                fused += 1;
            }
        }
    }
    if spaced > fused { Style::Spaced } else { Style::Fused }
}

fn missing(headed: bool, titled: bool) -> String {
    if !headed && !titled {
        return "it is no page of the REST API reference: it has neither a title such as \
                `GET /nodes` nor a section such as `Request URL`; save the page of one method, as \
                text or as HTML"
            .to_owned();
    }
    "neither a title nor a request line says which method and path it documents; save the whole \
     page"
        .to_owned()
}
