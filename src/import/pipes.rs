//! Text with bars between cells, as blocks.
//!
//! Knows: how tables with bars, their headers and their wrapped cells stand in lines. Must not
//! know: what a block means.

use super::blocks::{Lines, Walker};
use super::draft::Spot;
use super::lines::words_item;
use super::page::{Block, Column, Page, Part, Piece, Rendering, Row, Table};
use super::words;

/// Whether a line is the rule below a header of bars.
pub(super) fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.contains('|')
        && line.contains("---")
        && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

/// Reads text with bars between its cells.
pub(super) fn read(text: &str) -> Page {
    let lines = Lines::new(text);
    let mut walker = Walker::default();
    let mut title = None;
    let mut part = Part::Intro;
    let mut caption = None;
    let mut announced = false;
    let mut asked = false;
    let mut at = 0;
    while at < lines.len() {
        let line = lines.trimmed(at);
        if line.is_empty()
            || line == "Skip to main content"
            || line == "Give documentation feedback"
            || (at < 3 && words::is_request_line(line) && words::method(line).is_none())
        {
            at += 1;
            continue;
        }
        if title.is_none() && part == Part::Intro && words::is_title(line) {
            title = Some(lines.spot(at, line));
            at += 1;
            continue;
        }
        if let Some(found) = words::part_of(line) {
            part = found;
            announced = words::is_example_heading(line);
            walker.blocks.push(Block::Heading(found, lines.spot(at, line)));
            at += 1;
            continue;
        }
        if let Some(columns) = header(&lines, at) {
            let (table, next) = table(&lines, at, columns, caption.take());
            walker.blocks.push(Block::Table(Box::new(table)));
            at = next;
            continue;
        }
        if !line.starts_with(['{', '[', '"'])
            && let Some(found) = words::caption(line)
        {
            caption = Some(lines.spot(at, &found));
            at += 1;
            continue;
        }
        if words::announces_example(line) {
            walker.blocks.push(Block::Piece(Piece::Text(lines.spot(at, line))));
            let next = lines.skip_blank(at + 1);
            let end = if header(&lines, next).is_some() { next } else { lines.example(next, true) };
            if end > next {
                walker.blocks.push(Block::Piece(Piece::Code(lines.block(next, end))));
            }
            at = end.max(at + 1);
            continue;
        }
        let early = matches!(part, Part::Intro | Part::Authentication | Part::Url);
        // Without headings, what follows the request line may be an example as well.
        let request = words::is_request_line(line);
        let first = request && !asked;
        asked |= request;
        let example = if early && (title.is_some() || first) {
            at
        } else {
            lines.example(at, std::mem::take(&mut announced))
        };
        if example > at {
            walker.blocks.push(Block::Piece(Piece::Code(lines.block(at, example))));
            at = example;
            continue;
        }
        let piece = match words_item(line) {
            Some(item) => Piece::Item(lines.spot(at, item)),
            None => Piece::Text(lines.spot(at, line)),
        };
        walker.blocks.push(Block::Piece(piece));
        at += 1;
    }
    Page { rendering: Rendering::Pipes, stripped: false, title, blocks: walker.blocks }
}

/// The columns, where this line is a header and the next one its rule.
fn header(lines: &Lines<'_>, at: usize) -> Option<Vec<Column>> {
    if !is_rule(lines.trimmed(at + 1)) || !lines.trimmed(at).contains('|') {
        return None;
    }
    let line = lines.trimmed(at).trim_matches('|');
    let columns: Vec<Column> = line
        .split('|')
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .map(|cell| words::column(cell).unwrap_or(Column::Comment))
        .collect();
    (!columns.is_empty()).then_some(columns)
}

/// Whether a row of the table begins with this line: its first cell is a name or a code, and its
/// second what stands in that column.
fn opens_row(line: &str, columns: &[Column]) -> bool {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = line.split('|').map(str::trim);
    let (Some(first), Some(second)) = (cells.next(), cells.next()) else { return false };
    let second_fits = match columns.get(1) {
        Some(Column::Required) => {
            second.is_empty() || second.starts_with("Required") || second.starts_with("Optional")
        }
        Some(Column::Type) => second.is_empty() || words::is_type(second),
        _ => !second.is_empty(),
    };
    let first_fits = if columns.first() == Some(&Column::Code) {
        first.len() == 3 && first.chars().all(|c| c.is_ascii_digit())
    } else {
        words::is_name(first)
            || (first.is_empty() && !second.is_empty() && second_fits)
            || (is_name_of_words(first)
                && !second.is_empty()
                && columns.get(1) != Some(&Column::Text))
    };
    first_fits && second_fits
}

/// Whether a cell holds a name that has blanks, which borders alone can show.
fn is_name_of_words(cell: &str) -> bool {
    cell.len() <= 40 && cell.split(' ').count() <= 3 && cell.split(' ').all(words::is_name)
}

/// Whether only the first cell of a line says something: the last words of a cell that is wrapped.
fn is_alone(line: &str) -> bool {
    let mut cells = line.split('|').map(str::trim);
    cells.next().is_some_and(|first| !first.is_empty()) && cells.all(str::is_empty)
}

/// The text of one cell by its lines, each with its place.
type Cell = Vec<Spot<String>>;

fn table(
    lines: &Lines<'_>,
    from: usize,
    columns: Vec<Column>,
    caption: Option<Spot<String>>,
) -> (Table, usize) {
    let mut table = Table { at: lines.at(from), caption, columns, rows: Vec::new() };
    let mut at = from + 2;
    let is_row = |at: usize, columns: &[Column]| {
        opens_row(lines.trimmed(at), columns) && header(lines, at).is_none()
    };
    while at < lines.len() && is_row(at, &table.columns) {
        let begin = at;
        at += 1;
        let bars_of = |line: &str| line.matches('|').count();
        let leading = usize::from(lines.trimmed(begin).starts_with('|'));
        let needed = table.columns.len() + leading;
        let mut bars_seen = bars_of(lines.trimmed(begin));
        let mut closed = bars_seen >= needed && lines.trimmed(begin).ends_with('|');
        while at < lines.len() {
            let line = lines.trimmed(at);
            let only_bars = !line.is_empty() && line.chars().all(|c| matches!(c, '|' | ' '));
            if !only_bars
                && (closed
                    || (opens_row(line, &table.columns) && !is_alone(line))
                    || words::part_of(line).is_some()
                    || header(lines, at).is_some())
            {
                break;
            }
            bars_seen += bars_of(line);
            closed = closed || (bars_seen >= needed && line.ends_with('|'));
            at += 1;
        }
        table.rows.push(row(lines, begin, at, &table.columns));
        // A blank line between two rows doesn't end the table.
        let next = lines.skip_blank(at);
        if next < lines.len() && is_row(next, &table.columns) {
            at = next;
        }
    }
    (table, at)
}

fn row(lines: &Lines<'_>, from: usize, to: usize, columns: &[Column]) -> Row {
    let mut cells = cells(lines, from, to, columns.len());
    let mut row = Row { at: lines.at(from), ..Row::default() };
    for (index, column) in columns.iter().enumerate() {
        let cell = cells.get_mut(index).map(std::mem::take).unwrap_or_default();
        let joined = || {
            let text = cell.iter().map(|it| it.value.as_str()).collect::<Vec<_>>().join(" ");
            let text = words::squeeze(&text);
            cell.first().filter(|_| !text.is_empty()).map(|it| Spot::new(text.clone(), it.at))
        };
        match column {
            Column::Name | Column::Code => row.name = joined(),
            Column::Required => row.required = joined(),
            Column::Type => row.kind = joined(),
            Column::Text | Column::Comment => row.text.extend(pieces(&cell)),
        }
    }
    row
}

/// The cells of a row, of which there are `count`; what stands behind them is empty.
fn cells(lines: &Lines<'_>, from: usize, to: usize, count: usize) -> Vec<Cell> {
    let mut cells: Vec<Cell> = vec![Vec::new()];
    for at in from..to {
        let raw = lines.raw(at);
        let mut begin = raw.len() - raw.trim_start().len();
        if at == from && raw[begin..].starts_with('|') {
            begin += 1;
        }
        let mut rest = begin;
        for (index, c) in raw.char_indices().filter(|(index, _)| *index >= begin) {
            if c == '|' && cells.len() <= count {
                add(&mut cells, lines, at, rest, index);
                rest = index + 1;
                cells.push(Vec::new());
            }
        }
        if cells.len() <= count {
            add(&mut cells, lines, at, rest, raw.len());
        }
    }
    cells
}

fn add(cells: &mut [Cell], lines: &Lines<'_>, at: usize, from: usize, to: usize) {
    let raw = lines.raw(at);
    let text = raw[from..to].trim();
    if let Some(cell) = cells.last_mut()
        && !text.is_empty()
    {
        let begin = from + raw[from..to].find(text).unwrap_or(0);
        cell.push(Spot::new(text.to_owned(), lines.inside(at, raw, begin)));
    }
}

/// The lines of a cell as pieces: an example in it is one, and wrapped lines are one paragraph.
fn pieces(cell: &Cell) -> Vec<Piece> {
    let text = cell.iter().map(|it| it.value.as_str()).collect::<Vec<_>>().join("\n");
    let lines = Lines::new(&text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < cell.len() && at < lines.len() {
        let line = lines.trimmed(at);
        let end = if line.starts_with(['{', '[']) { lines.example(at, false) } else { at };
        if end > at {
            let code = cell[at..end.min(cell.len())].iter().map(|it| it.value.as_str());
            found.push(Piece::Code(Spot::new(code.collect::<Vec<_>>().join("\n"), cell[at].at)));
            at = end;
            continue;
        }
        let spot = cell[at].clone();
        match (words_item(&spot.value).map(str::to_owned), found.last_mut()) {
            (Some(item), _) => found.push(Piece::Item(Spot::new(item, spot.at))),
            (None, Some(Piece::Text(last))) => {
                last.value.push('\n');
                last.value.push_str(&spot.value);
            }
            (None, _) => found.push(Piece::Text(spot)),
        }
        at += 1;
    }
    found
}
