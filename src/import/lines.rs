//! Text without borders between cells, as blocks.
//!
//! Knows: how headings, rows, lists and examples stand in lines. Must not know: where the cells of
//! a row end, or what a block means.

use std::collections::HashSet;

use super::MOST_ROWS;
use super::blocks::{Lines, Walker};
use super::draft::Spot;
use super::page::{Block, Column, Page, Part, Piece, Rendering, Row, Table};
use super::rows::{Cells, Shape, Style, split};
use super::words;

/// Reads text whose cells run together or stand apart by blanks.
pub(super) fn read(text: &str, style: Style) -> Page {
    let lines = Lines::new(text);
    let stripped = is_stripped(&lines);
    let known = names_elsewhere(text);
    let mut reader = Reader {
        lines: &lines,
        style,
        stripped,
        known,
        walker: Walker::default(),
        part: Part::Intro,
        open: None,
        caption: None,
        after: Vec::new(),
        blank: false,
        tight: false,
        indent: 0,
        announced: false,
        rows: 0,
    };
    let title = reader.title();
    let mut at = title.as_ref().map_or(0, |(index, _)| index + 1);
    // A page of too many rows is refused as a whole.
    while at < lines.len() && reader.rows <= MOST_ROWS {
        at = reader.line(at);
    }
    reader.close();
    let rendering = if style == Style::Fused { Rendering::Fused } else { Rendering::Spaced };
    Page { rendering, stripped, title: title.map(|(_, title)| title), blocks: reader.walker.blocks }
}

/// Whether the short lines were lost when the page was saved: a page of its length has some.
fn is_stripped(lines: &Lines<'_>) -> bool {
    let short = ["None", "Authentication", "Note", "{", "}"];
    let kept = (0..lines.len()).any(|at| short.contains(&lines.trimmed(at)));
    !kept && lines.len() > 4
}

/// Names that examples use: `"name":` and `?name=`. Each settles how a row is split.
fn names_elsewhere(text: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some(from) = rest.find('"') {
            let inner = &rest[from + 1..];
            let Some(to) = inner.find('"') else { break };
            if inner[to + 1..].trim_start().starts_with(':') && words::is_name(&inner[..to]) {
                names.insert(inner[..to].to_owned());
            }
            rest = &inner[to + 1..];
        }
        if let Some((_, query)) = line.split_once('?')
            && words::is_request_line(line)
        {
            for pair in query.split('&') {
                if let Some((name, _)) = pair.split_once('=')
                    && words::is_name(name)
                {
                    names.insert(name.to_owned());
                }
            }
        }
    }
    names
}

#[expect(clippy::struct_excessive_bools, reason = "what the last lines were, one flag each")]
struct Reader<'a> {
    lines: &'a Lines<'a>,
    style: Style,
    stripped: bool,
    known: HashSet<String>,
    walker: Walker,
    part: Part,
    open: Option<Table>,
    caption: Option<Spot<String>>,
    /// What stands behind the last row: in its cell if another row follows, else behind the table.
    after: Vec<Piece>,
    /// Whether a blank line stands before this one.
    blank: bool,
    /// Whether the last line was an item right below its row or another item.
    tight: bool,
    /// How far the items of the present list are indented.
    indent: usize,
    /// Whether an example is expected, because a heading or a sentence announces one.
    announced: bool,
    /// How many rows there are.
    rows: usize,
}

impl Reader<'_> {
    /// The title, unless the page begins with its sections or its text.
    fn title(&self) -> Option<(usize, Spot<String>)> {
        for at in 0..self.lines.len().min(12) {
            let line = self.lines.trimmed(at);
            if words::is_title(line) {
                return Some((at, self.lines.spot(at, line)));
            }
            if words::part_of(line).is_some() {
                return None;
            }
        }
        None
    }

    /// Reads the line, and returns the next one to read.
    fn line(&mut self, at: usize) -> usize {
        let text = self.lines.trimmed(at);
        if text.is_empty() {
            self.blank = true;
            return at + 1;
        }
        let blank = std::mem::take(&mut self.blank);
        let tight = std::mem::take(&mut self.tight);
        if text == "Skip to main content" || text == "Give documentation feedback" {
            return at + 1;
        }
        if at < 3
            && self.part == Part::Intro
            && words::is_request_line(text)
            && words::method(text).is_none()
        {
            return at + 1;
        }
        if let Some(part) = words::part_of(text) {
            self.close();
            self.part = part;
            self.announced = words::is_example_heading(text);
            self.walker.blocks.push(Block::Heading(part, self.lines.spot(at, text)));
            return at + 1;
        }
        if let Some(columns) = words::header(text) {
            self.close();
            let caption = self.caption.take();
            let place = self.lines.at(at);
            self.open = Some(Table { at: place, caption, columns, rows: Vec::new() });
            return at + 1;
        }
        if !text.starts_with(['{', '[', '"'])
            && let Some(caption) = words::caption(text)
        {
            self.close();
            self.caption = Some(self.lines.spot(at, &caption));
            return at + 1;
        }
        if words::announces_example(text) {
            self.after.push(Piece::Text(self.lines.spot(at, text)));
            let next = self.lines.skip_blank(at + 1);
            let end = if self.is_row(next) { next } else { self.lines.example(next, true) };
            if end > next {
                self.after.push(Piece::Code(self.lines.block(next, end)));
                return end;
            }
            return at + 1;
        }
        if let Some((row, next)) = self.row(at) {
            self.push(row);
            return next;
        }
        if let Some(item) = words_item(text) {
            let spot = self.lines.spot(at, item);
            let line = self.lines.raw(at);
            let indent = line.len() - line.trim_start().len();
            let first = self.last_is_text() || indent < self.indent;
            if first {
                self.indent = indent;
            }
            self.tight = if first { !blank } else { tight && !blank };
            // A list below an item is part of what the item says.
            let below = !first && indent > self.indent + 1;
            if !below || !self.below_item(item) {
                self.piece(Piece::Item(spot));
            }
            return at + 1;
        }
        if self.part != Part::Intro && self.part != Part::Authentication && self.part != Part::Url {
            let announced = std::mem::take(&mut self.announced);
            let end = self.lines.example(at, announced);
            if end > at {
                self.after.push(Piece::Code(self.lines.block(at, end)));
                return end;
            }
        }
        let piece = Piece::Text(self.lines.spot(at, text));
        let line = self.lines.raw(at);
        if line.len() - line.trim_start().len() > self.indent + 1 && self.below_item(text) {
            return at + 1;
        }
        let own = !self.lines.raw(at).starts_with([' ', '\t']) && !words::goes_on(text);
        if blank && tight && own && self.stripped && self.loses_a_row() {
            let place = self.lines.at(at);
            self.push(Row { at: place, level: Some(0), text: vec![piece], ..Row::default() });
            return at + 1;
        }
        self.piece(piece);
        at + 1
    }

    /// In stripped text, a paragraph behind a list that stood close together is the description of
    /// a row whose first lines were too short.
    fn loses_a_row(&self) -> bool {
        self.after.is_empty()
            && self.open.as_ref().is_some_and(|table| {
                table.has(Column::Type)
                    && table
                        .rows
                        .last()
                        .is_some_and(|row| matches!(row.text.last(), Some(Piece::Item(_))))
            })
    }

    /// Adds a line to the item before it; tells whether there is one.
    fn below_item(&mut self, text: &str) -> bool {
        let pieces = if self.after.is_empty() {
            self.open.as_mut().and_then(|table| table.rows.last_mut()).map(|row| &mut row.text)
        } else {
            Some(&mut self.after)
        };
        match pieces.and_then(|pieces| pieces.last_mut()) {
            Some(Piece::Item(item)) => {
                item.value.push('\n');
                item.value.push_str(text);
                true
            }
            _ => false,
        }
    }

    fn last_is_text(&self) -> bool {
        let pieces = if self.after.is_empty() {
            self.open.as_ref().and_then(|table| table.rows.last()).map(|row| &row.text)
        } else {
            Some(&self.after)
        };
        pieces.is_none_or(|pieces| !matches!(pieces.last(), Some(Piece::Item(_))))
    }

    fn piece(&mut self, piece: Piece) {
        if !self.after.is_empty() {
            self.after.push(piece);
        } else if let Some(row) = self.open.as_mut().and_then(|table| table.rows.last_mut()) {
            row.text.push(piece);
        } else {
            self.walker.blocks.push(Block::Piece(piece));
        }
    }

    fn push(&mut self, row: Row) {
        let after = std::mem::take(&mut self.after);
        let Some(table) = &mut self.open else { return };
        match table.rows.last_mut() {
            Some(last) => last.text.extend(after),
            None => self.walker.blocks.extend(after.into_iter().map(Block::Piece)),
        }
        table.rows.push(row);
        self.rows += 1;
    }

    fn close(&mut self) {
        if let Some(table) = self.open.take() {
            self.walker.blocks.push(Block::Table(Box::new(table)));
        }
        let after = std::mem::take(&mut self.after);
        self.walker.blocks.extend(after.into_iter().map(Block::Piece));
    }

    fn is_row(&self, at: usize) -> bool {
        self.open.is_some() && at < self.lines.len() && self.peek(at).is_some()
    }

    /// The columns of the table that a row here would belong to: the one that is open, or the one
    /// whose header was too short to be kept.
    fn columns(&self) -> Option<Vec<Column>> {
        if let Some(table) = &self.open {
            return Some(table.columns.clone());
        }
        match self.part {
            Part::Codes => Some(vec![Column::Code, Column::Text, Column::Comment]),
            Part::Response => Some(vec![Column::Name, Column::Type, Column::Text]),
            Part::Request => Some(vec![Column::Name, Column::Required, Column::Type, Column::Text]),
            Part::Query => Some(vec![Column::Name, Column::Required, Column::Text]),
            _ => None,
        }
    }

    fn row(&mut self, at: usize) -> Option<(Row, usize)> {
        let (row, next) = self.peek(at)?;
        if self.open.is_none() {
            let columns = self.columns()?;
            let caption = self.caption.take();
            self.open = Some(Table { at: row.at, caption, columns, rows: Vec::new() });
        }
        Some((row, next))
    }

    fn peek(&self, at: usize) -> Option<(Row, usize)> {
        let columns = self.columns()?;
        if columns.first() == Some(&Column::Code) {
            return self.code(at).map(|row| (row, at + 1));
        }
        let shape = Shape {
            required: columns.contains(&Column::Required),
            typed: columns.contains(&Column::Type),
        };
        let line = self.lines.raw(at);
        if words_item(line.trim()).is_some() {
            return None;
        }
        if let Some(cells) = split(line, self.style, shape, &self.known) {
            return Some((self.cells(at, line, &cells), at + 1));
        }
        self.scattered(at, shape)
    }

    /// A row whose cells stand on lines of their own.
    fn scattered(&self, at: usize, shape: Shape) -> Option<(Row, usize)> {
        let line = self.lines.raw(at).trim_end();
        if !words::is_name(line.trim()) || line.trim().starts_with(['{', '[', '<']) {
            return None;
        }
        let mut joined = line.to_owned();
        let mut next = at;
        let cells_left = usize::from(shape.required) + usize::from(shape.typed);
        for _ in 0..cells_left {
            let following = self.lines.skip_blank(next + 1);
            if following >= self.lines.len() || following > next + 3 {
                return None;
            }
            let text = self.lines.trimmed(following);
            let fits = text.starts_with("Required")
                || text.starts_with("Optional")
                || words::type_at(text).is_some();
            if !fits {
                break;
            }
            if self.style == Style::Spaced {
                joined.push(' ');
            }
            joined.push_str(text);
            next = following;
            let complete = split(&joined, self.style, shape, &self.known)
                .is_some_and(|cells| !shape.typed || cells.kind.is_some());
            if complete {
                break;
            }
        }
        if next == at {
            return None;
        }
        let cells = split(&joined, self.style, shape, &self.known)?;
        let mut row = self.cells(at, &joined, &cells);
        if row.text.is_empty() {
            let following = self.lines.skip_blank(next + 1);
            let text = self.lines.trimmed(following);
            let plain = following < self.lines.len()
                && split(self.lines.raw(following), self.style, shape, &self.known).is_none()
                && !words::is_name(text)
                && words::part_of(text).is_none()
                && words::header(text).is_none()
                && !words::announces_example(text)
                && words_item(text).is_none();
            if plain && following <= next + 3 {
                row.text.push(Piece::Text(self.lines.spot(following, text)));
                next = following;
            }
        }
        Some((row, next + 1))
    }

    fn cells(&self, at: usize, line: &str, cells: &Cells) -> Row {
        let spot =
            |cell: &(usize, String)| Spot::new(cell.1.clone(), self.lines.inside(at, line, cell.0));
        let text =
            if cells.text.1.is_empty() { Vec::new() } else { vec![Piece::Text(spot(&cells.text))] };
        Row {
            at: self.lines.at(at),
            level: Some(cells.level),
            name: Some(spot(&cells.name)),
            required: cells.required.as_ref().map(spot),
            kind: cells.kind.as_ref().map(spot),
            text,
        }
    }

    fn code(&self, at: usize) -> Option<Row> {
        let line = self.lines.raw(at);
        let text = line.trim();
        let digits = text.chars().take_while(char::is_ascii_digit).count();
        let rest = &text[digits..];
        let opens = rest.trim_start().starts_with(char::is_uppercase) || rest.trim().is_empty();
        let apart = match self.style {
            Style::Fused => true,
            Style::Spaced => rest.is_empty() || rest.starts_with(char::is_whitespace),
        };
        if digits != 3 || !opens || !apart || !text.starts_with(|c: char| ('1'..='5').contains(&c))
        {
            return None;
        }
        let place = self.lines.at(at);
        let comment = rest.trim();
        Some(Row {
            at: place,
            level: Some(0),
            name: Some(Spot::new(text[..digits].to_owned(), place)),
            text: vec![Piece::Text(Spot::new(comment.to_owned(), place))],
            ..Row::default()
        })
    }
}

/// The text of a list item.
pub(super) fn words_item(text: &str) -> Option<&str> {
    let item = text
        .strip_prefix('•')
        .or_else(|| text.strip_prefix("- "))
        .or_else(|| text.strip_prefix("* "))
        .or_else(|| text.strip_prefix('◦'))
        .or_else(|| text.strip_prefix('·'))?;
    Some(item.trim())
}
