//! Which blocks belong to which section of a page.
//!
//! Knows: headings, and the order of sections where they have none. Must not know: what a section
//! says.

use super::draft::Spot;
use super::page::{Block, Column, Page, Part, Piece};
use super::words;

/// A section with its blocks.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) part: Part,
    pub(super) blocks: Vec<Block>,
    /// Its heading, where sections have one.
    pub(super) heading: Option<Spot<String>>,
}

/// The sections of a page in its order. The first is what stands before them.
pub(super) fn of(page: &mut Page) -> Vec<Section> {
    let blocks = std::mem::take(&mut page.blocks);
    let headed = blocks.iter().any(|block| matches!(block, Block::Heading(..)));
    if headed { by_headings(blocks) } else { by_order(blocks) }
}

fn by_headings(blocks: Vec<Block>) -> Vec<Section> {
    let mut found = vec![Section { part: Part::Intro, blocks: Vec::new(), heading: None }];
    for block in blocks {
        if let Block::Heading(part, heading) = block {
            // Examples under a heading of their own belong to the section of that name.
            found.push(Section { part, blocks: Vec::new(), heading: Some(heading) });
        } else if let Some(last) = found.last_mut() {
            last.blocks.push(block);
        }
    }
    found
}

/// Without headings, tables tell by their columns where they belong, and the word None stands for
/// the next section that is empty.
fn by_order(blocks: Vec<Block>) -> Vec<Section> {
    let mut found = vec![Section { part: Part::Intro, blocks: Vec::new(), heading: None }];
    let mut part = Part::Intro;
    for block in blocks {
        let next = match &block {
            Block::Table(table) => match () {
                () if part < Part::Url => Part::Intro,
                () if table.has(Column::Code) => Part::Codes,
                () if table.has(Column::Required) && !table.has(Column::Type) => Part::Query,
                () if table.has(Column::Required) => Part::Request,
                () => Part::Response,
            },
            Block::Piece(Piece::Text(text) | Piece::Code(text)) => {
                let line = text.value.trim();
                let request = words::is_request_line(line);
                let none = line == "None" || line == "None.";
                match part {
                    Part::Intro | Part::Authentication if request => Part::Url,
                    Part::Intro if line.starts_with("Authentication ") => Part::Authentication,
                    Part::Url if none => Part::Query,
                    Part::Query if none => Part::Request,
                    Part::Codes if none => Part::Response,
                    Part::Url if request => Part::Query,
                    Part::Url | Part::Query
                        if matches!(block, Block::Piece(Piece::Code(_))) && !request =>
                    {
                        Part::Request
                    }
                    Part::Codes if matches!(block, Block::Piece(Piece::Code(_))) => Part::Response,
                    other => other,
                }
            }
            _ => part,
        };
        if next != part {
            part = next;
            found.push(Section { part, blocks: Vec::new(), heading: None });
        }
        if let Some(last) = found.last_mut() {
            last.blocks.push(block);
        }
    }
    // A lead-in before the first block of a section belongs to that section.
    for index in 1..found.len() {
        let (before, after) = found.split_at_mut(index);
        let (Some(before), Some(after)) = (before.last_mut(), after.first_mut()) else { continue };
        let leads = matches!(
            before.blocks.last(),
            Some(Block::Piece(Piece::Text(text))) if words::announces_example(&text.value)
        );
        let code = matches!(after.blocks.first(), Some(Block::Piece(Piece::Code(_))));
        if leads
            && code
            && let Some(lead) = before.blocks.pop()
        {
            after.blocks.insert(0, lead);
        }
    }
    found
}
