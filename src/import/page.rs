//! A page as a stream of blocks, whatever it was saved as.
//!
//! Knows: headings, paragraphs, list items, example blocks and tables with their places. Must not
//! know: how they are written in text or HTML, or what they mean.

use super::draft::{At, Spot};

/// In which form a page was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendering {
    /// Text in which the cells of a row run together.
    Fused,
    /// Text in which a blank stands between the cells.
    Spaced,
    /// Text with a bar between the cells.
    Pipes,
    /// HTML.
    Html,
    /// A draft that was printed before.
    Draft,
    /// Several of them.
    Merged,
}

impl Rendering {
    /// For people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fused => "text, cells run together",
            Self::Spaced => "text, cells apart by blanks",
            Self::Pipes => "text, cells apart by bars",
            Self::Html => "HTML",
            Self::Draft => "a draft in JSON",
            Self::Merged => "several renderings",
        }
    }
}

/// The sections of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// What stands before the sections.
    Intro,
    /// Authentication.
    Authentication,
    /// Request URL.
    Url,
    /// Query parameters.
    Query,
    /// Request header.
    RequestHeader,
    /// Request body.
    Request,
    /// Response codes.
    Codes,
    /// Response header.
    ResponseHeader,
    /// Response body.
    Response,
    /// A heading that no page of this kind has.
    Other,
}

/// One piece of a cell, or of the text between tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A paragraph, or a line of one.
    Text(Spot<String>),
    /// An item of a list.
    Item(Spot<String>),
    /// An example block.
    Code(Spot<String>),
}

/// What a column of a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// Attributes, Attribute, Parameters, Parameter.
    Name,
    /// Required / Optional.
    Required,
    /// Type.
    Type,
    /// Description.
    Text,
    /// Code.
    Code,
    /// Comments, and whatever else.
    Comment,
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it begins.
    pub at: At,
    /// How deep it is nested; none where that is lost.
    pub level: Option<usize>,
    /// Its name cell; none where it is lost.
    pub name: Option<Spot<String>>,
    /// Its cell Required / Optional.
    pub required: Option<Spot<String>>,
    /// Its type cell; none where it is empty.
    pub kind: Option<Spot<String>>,
    /// Its description, or the comments on a code.
    pub text: Vec<Piece>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// Where it begins.
    pub at: At,
    /// What stands above it.
    pub caption: Option<Spot<String>>,
    /// Its columns; the texts of the header are gone.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// Whether it has such a column.
    #[must_use]
    pub(super) fn has(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading of a section.
    Heading(Part, Spot<String>),
    /// A piece of text.
    Piece(Piece),
    /// A table.
    Table(Box<Table>),
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// In which form it was saved.
    pub rendering: Rendering,
    /// Whether short lines were lost when it was saved.
    pub stripped: bool,
    /// Its title, method and path.
    pub title: Option<Spot<String>>,
    /// Its blocks, in order.
    pub blocks: Vec<Block>,
}
