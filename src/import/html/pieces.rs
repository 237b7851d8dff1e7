//! What stands in a cell or in an item of a list, as pieces.
//!
//! Knows: elements, and which of them end a paragraph. Must not know: where in the page they stand.

use crate::import::draft::Spot;
use crate::import::page::Piece;
use crate::import::words;

use super::{BLOCKS, Node, first_text, outside, plain};

/// The pieces of a cell, or of an item of a list.
pub(super) fn cell_pieces(nodes: &[Node], item: bool) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut pending: Option<Spot<String>> = None;
    gather(nodes, item, &mut pending, &mut found);
    finish(&mut pending, item, &mut found);
    found
}

fn finish(pending: &mut Option<Spot<String>>, item: bool, found: &mut Vec<Piece>) {
    if let Some(pending) = pending.take() {
        let text = words::squeeze(&pending.value);
        if !text.is_empty() {
            let spot = Spot::new(text, pending.at);
            found.push(if item { Piece::Item(spot) } else { Piece::Text(spot) });
        }
    }
}

fn gather(nodes: &[Node], item: bool, pending: &mut Option<Spot<String>>, found: &mut Vec<Piece>) {
    for node in nodes {
        match node {
            Node::Text(text, at) => match pending {
                Some(pending) => pending.value.push_str(text),
                None if text.trim().is_empty() => {}
                None => {
                    let at = first_text(std::slice::from_ref(node)).unwrap_or(*at);
                    *pending = Some(Spot::new(text.clone(), at));
                }
            },
            Node::Element { tag, class, nodes, at, .. } => {
                if outside(tag, class) {
                    continue;
                }
                match tag.as_str() {
                    "br" => {
                        if let Some(pending) = pending {
                            pending.value.push('\n');
                        }
                    }
                    "li" => {
                        finish(pending, item, found);
                        list_item(nodes, item, found);
                    }
                    "pre" => {
                        finish(pending, item, found);
                        let text = plain(nodes).trim_matches('\n').trim_end().to_owned();
                        let at = first_text(nodes).unwrap_or(*at);
                        if !text.trim().is_empty() {
                            found.push(Piece::Code(Spot::new(text, at)));
                        }
                    }
                    other if BLOCKS.contains(&other) => {
                        finish(pending, item, found);
                        gather(nodes, item, pending, found);
                        finish(pending, item, found);
                    }
                    _ => gather(nodes, item, pending, found),
                }
            }
        }
    }
}

/// An item with what stands below it, a note or another list, as further lines of it.
pub(super) fn list_item(nodes: &[Node], below: bool, found: &mut Vec<Piece>) {
    let mut own = Vec::new();
    let mut pending = None;
    gather(nodes, true, &mut pending, &mut own);
    finish(&mut pending, true, &mut own);
    let mut head: Option<Spot<String>> = None;
    let mut codes = Vec::new();
    for piece in own {
        match (piece, &mut head) {
            (Piece::Code(code), _) => codes.push(Piece::Code(code)),
            (Piece::Item(text) | Piece::Text(text), Some(head)) => {
                head.value.push('\n');
                head.value.push_str(&text.value);
            }
            (Piece::Item(text) | Piece::Text(text), None) => head = Some(text),
        }
    }
    found.extend(head.map(if below { Piece::Text } else { Piece::Item }));
    found.extend(codes);
}
