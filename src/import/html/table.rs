//! Tables of HTML: rows on a grid, and how deep each is.
//!
//! Knows: spans of cells, and the ways in which the pages indent names. Must not know: what stands
//! around a table.

use super::super::draft::{At, Spot};
use super::super::page::{Column, Row, Table};
use super::super::words;
use super::pieces::cell_pieces;
use super::{Node, first_text, plain};

/// A row of a table as HTML has it.
struct HtmlRow<'n> {
    head: bool,
    at: At,
    cells: Vec<HtmlCell<'n>>,
}

struct HtmlCell<'n> {
    span: usize,
    class: &'n str,
    style: &'n str,
    at: At,
    nodes: &'n [Node],
}

fn rows<'n>(
    nodes: &'n [Node],
    head: bool,
    found: &mut Vec<HtmlRow<'n>>,
    caption: &mut Option<Spot<String>>,
) {
    for node in nodes {
        let Node::Element { tag, nodes, at, .. } = node else { continue };
        match tag.as_str() {
            "thead" => rows(nodes, true, found, caption),
            "tbody" | "tfoot" => rows(nodes, head, found, caption),
            "caption" => {
                let text = words::squeeze(&plain(nodes));
                let text = words::caption(&text).unwrap_or(text);
                *caption = Some(Spot::new(text, first_text(nodes).unwrap_or(*at)));
            }
            "tr" => {
                let mut all_heads = true;
                let mut cells = Vec::new();
                for node in nodes {
                    let Node::Element { tag, class, style, span, nodes, at } = node else {
                        continue;
                    };
                    if tag == "td" || tag == "th" {
                        all_heads &= tag == "th";
                        cells.push(HtmlCell {
                            span: (*span).clamp(1, 1000),
                            class,
                            style,
                            at: *at,
                            nodes,
                        });
                    }
                }
                let head = head || (all_heads && !cells.is_empty() && found.is_empty());
                found.push(HtmlRow { head, at: *at, cells });
            }
            _ => {}
        }
    }
}

pub(super) fn table(node: &Node) -> Option<Table> {
    let Node::Element { nodes, at, .. } = node else { return None };
    let mut caption = None;
    let mut all = Vec::new();
    rows(nodes, false, &mut all, &mut caption);
    let split = all.iter().position(|row| !row.head).unwrap_or(all.len());
    let (heads, body) = all.split_at(split);
    let head = match heads.first() {
        Some(head) => head,
        None => body.first()?,
    };
    let body = if heads.is_empty() { &body[1..] } else { body };
    let mut columns = Vec::new();
    // On which column of the grid each column of the table begins.
    let mut begins = Vec::new();
    let mut grid = 0;
    for cell in &head.cells {
        let text = plain(cell.nodes);
        columns.push(words::column(&text).unwrap_or(Column::Comment));
        begins.push(grid);
        grid += cell.span;
    }
    let mut table = Table { at: *at, caption, columns, rows: Vec::new() };
    for row in body {
        let row = table_row(row, &table.columns, &begins);
        table.rows.push(row);
    }
    Some(table)
}

fn table_row(html: &HtmlRow<'_>, columns: &[Column], begins: &[usize]) -> Row {
    let mut row = Row { at: html.at, level: Some(0), ..Row::default() };
    let mut grid = 0;
    let mut empty = 0;
    for cell in &html.cells {
        let index = begins.iter().rposition(|begin| *begin <= grid).unwrap_or(0);
        grid += cell.span;
        let Some(column) = columns.get(index) else { continue };
        let text = words::squeeze(&plain(cell.nodes));
        let spot = || {
            (!text.is_empty())
                .then(|| Spot::new(text.clone(), first_text(cell.nodes).unwrap_or(cell.at)))
        };
        match column {
            Column::Name | Column::Code => {
                if text.is_empty() {
                    empty += 1;
                } else if row.name.is_none() {
                    row.level = Some(empty + indent(cell));
                    row.name = spot();
                }
            }
            Column::Required => row.required = spot(),
            Column::Type => row.kind = spot(),
            Column::Text | Column::Comment => row.text.extend(cell_pieces(cell.nodes, false)),
        }
    }
    row
}

/// How deep a name cell says that it is: by blanks, by a class, or by its padding.
fn indent(cell: &HtmlCell<'_>) -> usize {
    let text = plain(cell.nodes);
    let text = text.trim_start_matches(['\n', '\r', '\t', ' ']);
    let blanks = text.chars().take_while(|c| *c == '\u{a0}' || *c == ' ').count();
    if text.starts_with('\u{a0}') {
        return blanks.div_ceil(2);
    }
    if let Some(level) = styled(cell.class, cell.style) {
        return level;
    }
    styled_within(cell.nodes).unwrap_or(0)
}

fn styled_within(nodes: &[Node]) -> Option<usize> {
    nodes.iter().find_map(|node| match node {
        Node::Text(..) => None,
        Node::Element { class, style, nodes, .. } => {
            styled(class, style).or_else(|| styled_within(nodes))
        }
    })
}

fn styled(class: &str, style: &str) -> Option<usize> {
    let level = class.split_whitespace().find_map(|class| {
        class.strip_prefix("ind").or_else(|| class.strip_prefix("indent"))?.parse::<usize>().ok()
    });
    if level.is_some() {
        return level;
    }
    let at = style.find("padding-left:").or_else(|| style.find("margin-left:"))?;
    let value = style[at..].split(':').nth(1)?.split(';').next()?.trim();
    if let Some(pixels) = value.strip_suffix("px") {
        let pixels: f64 = pixels.trim().parse().ok()?;
        return Some(steps((pixels - 16.0) / 20.0));
    }
    let ems: f64 = value.strip_suffix("rem").or_else(|| value.strip_suffix("em"))?.parse().ok()?;
    Some(steps(ems / 1.5))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is rounded and clamped to a small range first"
)]
fn steps(number: f64) -> usize {
    number.round().clamp(0.0, 50.0) as usize
}
