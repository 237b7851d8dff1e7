//! HTML as blocks.
//!
//! Knows: elements, and which of them are the page and which what surrounds it. The one door to
//! `html5gum`. Must not know: what a block means.

mod pieces;
mod table;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

use super::draft::{At, Spot};
use super::page::{Block, Page, Piece, Rendering};
use super::words;

use pieces::list_item;

/// The most that elements may nest; what is deeper is read as if it stood at that depth.
const DEEPEST: usize = 200;

/// An element or a text.
#[derive(Debug)]
enum Node {
    Element { tag: String, class: String, style: String, span: usize, at: At, nodes: Vec<Node> },
    Text(String, At),
}

/// Elements that are never part of the page's text.
const OUTSIDE: &[&str] = &[
    "nav", "aside", "footer", "script", "style", "button", "svg", "head", "template", "noscript",
    "form", "select", "iframe",
];

/// Classes of what surrounds the page.
const OUTSIDE_CLASSES: &[&str] = &[
    "breadcrumb",
    "related-links",
    "familylinks",
    "footer",
    "table-of-contents",
    "tableofcontents",
    "sidebar",
    "navbar",
    "pagination",
    "skiptocontent",
    "hash-link",
    "toc-desktop",
    "toc_",
];

const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// Elements that end a paragraph.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "li",
    "pre",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "td",
    "th",
    "tr",
    "body",
    "html",
    "figure",
    "details",
    "summary",
    "hr",
];

/// Reads HTML; nothing where it has more nodes than `most`.
pub(super) fn read(text: &str, most: usize) -> Option<Page> {
    let root = tree(text, most)?;
    let mut page =
        Page { rendering: Rendering::Html, stripped: false, title: None, blocks: Vec::new() };
    let body =
        find(&root, "article").or_else(|| find(&root, "main")).or_else(|| find(&root, "body"));
    let mut out = Out { page: &mut page, pending: None };
    match body {
        Some(Node::Element { nodes, .. }) => out.nodes(nodes),
        _ => out.nodes(&root),
    }
    out.flush();
    if page.title.is_none()
        && let Some(Node::Element { nodes, at, .. }) = find(&root, "title")
    {
        let title = words::squeeze(&plain(nodes));
        let title = title.split(" | ").next().unwrap_or_default().trim();
        if words::is_title(title) {
            page.title = Some(Spot::new(title.to_owned(), *at));
        }
    }
    Some(page)
}

fn find<'n>(nodes: &'n [Node], name: &str) -> Option<&'n Node> {
    let mut queue: std::collections::VecDeque<&Node> = nodes.iter().collect();
    while let Some(node) = queue.pop_front() {
        if let Node::Element { tag, nodes, .. } = node {
            if tag == name {
                return Some(node);
            }
            queue.extend(nodes);
        }
    }
    None
}

/// Line and column of each byte offset, asked in ascending order.
struct Places<'t> {
    text: &'t str,
    offset: usize,
    at: At,
}

impl Places<'_> {
    fn of(&mut self, offset: usize) -> At {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        if end > self.offset {
            for c in self.text[self.offset..end].chars() {
                if c == '\n' {
                    self.at.line += 1;
                    self.at.column = 1;
                } else {
                    self.at.column += 1;
                }
            }
            self.offset = end;
        }
        self.at
    }
}

type Attributes = (String, String, usize);

/// The elements of a text. End tags that are left out are put where the next element needs them.
fn tree(text: &str, most: usize) -> Option<Vec<Node>> {
    struct Open {
        tag: String,
        attributes: Attributes,
        at: At,
        nodes: Vec<Node>,
    }
    fn close(stack: &mut Vec<Open>) {
        if stack.len() > 1
            && let Some(top) = stack.pop()
            && let Some(parent) = stack.last_mut()
        {
            let (class, style, span) = top.attributes;
            let (tag, at, nodes) = (top.tag, top.at, top.nodes);
            parent.nodes.push(Node::Element { tag, class, style, span, at, nodes });
        }
    }
    let open =
        |tag: &str, attributes, at| Open { tag: tag.to_owned(), attributes, at, nodes: Vec::new() };
    let mut stack = vec![open("", Attributes::default(), At::new(1, 1))];
    let mut places = Places { text, offset: 0, at: At::new(1, 1) };
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    for (count, token) in Tokenizer::new_with_emitter(text, emitter).enumerate() {
        let Ok(token) = token;
        if count > most {
            return None;
        }
        match token {
            Token::StartTag(start) => {
                let at = places.of(start.span.start);
                let tag = String::from_utf8_lossy(&start.name).to_ascii_lowercase();
                let ends: &[&str] = match tag.as_str() {
                    "li" => &["li", "p"],
                    "tr" => &["tr", "td", "th", "p"],
                    "td" | "th" => &["td", "th", "p"],
                    "tbody" | "thead" | "tfoot" => &["tr", "td", "th", "p", "thead", "tbody"],
                    "p" | "div" | "ul" | "ol" | "table" | "pre" | "h1" | "h2" | "h3"
                    | "section" => &["p"],
                    _ => &[],
                };
                while stack.len() > 1 && stack.last().is_some_and(|top| ends.contains(&&*top.tag)) {
                    close(&mut stack);
                }
                let value = |name: &str| {
                    start
                        .attributes
                        .iter()
                        .find(|(key, _)| key.as_slice() == name.as_bytes())
                        .map(|(_, value)| String::from_utf8_lossy(&value.value).into_owned())
                        .unwrap_or_default()
                };
                let span = value("colspan").parse().unwrap_or(1);
                let attributes = (value("class"), value("style"), span);
                stack.push(open(&tag, attributes, at));
                // In HTML only elements that are void end with their own tag.
                if VOID.contains(&&*tag) || stack.len() > DEEPEST {
                    close(&mut stack);
                }
            }
            Token::EndTag(end) => {
                let tag = String::from_utf8_lossy(&end.name).to_ascii_lowercase();
                let depth = stack.iter().rposition(|open| open.tag == tag);
                if let Some(depth) = depth.filter(|depth| *depth > 0) {
                    while stack.len() > depth {
                        close(&mut stack);
                    }
                }
            }
            Token::String(string) => {
                let at = places.of(string.span.start);
                let text = String::from_utf8_lossy(&string.value.0).into_owned();
                if let Some(top) = stack.last_mut() {
                    top.nodes.push(Node::Text(text, at));
                }
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    while stack.len() > 1 {
        close(&mut stack);
    }
    Some(stack.pop().map(|root| root.nodes).unwrap_or_default())
}

fn outside(tag: &str, class: &str) -> bool {
    if OUTSIDE.contains(&tag) {
        return true;
    }
    // The class of each heading on the newer site ends with the word navbar.
    class.split_whitespace().any(|class| {
        let class = class.to_ascii_lowercase();
        OUTSIDE_CLASSES
            .iter()
            .any(|it| class.match_indices(it).any(|(at, _)| at == 0 || class[..at].ends_with('-')))
    })
}

/// The text of nodes as it stands, with a line break where there is one.
fn plain(nodes: &[Node]) -> String {
    let mut text = String::new();
    plain_into(nodes, &mut text);
    text
}

fn plain_into(nodes: &[Node], text: &mut String) {
    for node in nodes {
        match node {
            Node::Text(own, _) => text.push_str(own),
            Node::Element { tag, .. } if tag == "br" => text.push('\n'),
            Node::Element { tag, class, nodes, .. } if !outside(tag, class) => {
                plain_into(nodes, text);
            }
            Node::Element { .. } => {}
        }
    }
}

fn first_text(nodes: &[Node]) -> Option<At> {
    nodes.iter().find_map(|node| match node {
        Node::Text(text, at) if !text.trim().is_empty() => {
            let before = text.len() - text.trim_start().len();
            let lines = text[..before].matches('\n').count();
            let column = if lines == 0 {
                at.column + u32::try_from(text[..before].chars().count()).unwrap_or(0)
            } else {
                let tail = text[..before].rsplit('\n').next().unwrap_or_default();
                1 + u32::try_from(tail.chars().count()).unwrap_or(0)
            };
            Some(At::new(at.line + u32::try_from(lines).unwrap_or(0), column))
        }
        Node::Text(..) => None,
        Node::Element { nodes, .. } => first_text(nodes),
    })
}

struct Out<'p> {
    page: &'p mut Page,
    /// Text that isn't in a paragraph of its own.
    pending: Option<Spot<String>>,
}

impl Out<'_> {
    fn flush(&mut self) {
        if let Some(pending) = self.pending.take() {
            let text = words::squeeze(&pending.value);
            if !text.is_empty() {
                let piece = Piece::Text(Spot::new(text, pending.at));
                self.page.blocks.push(Block::Piece(piece));
            }
        }
    }

    fn text(&mut self, text: &str, at: At) {
        match &mut self.pending {
            Some(pending) => pending.value.push_str(text),
            None if text.trim().is_empty() => {}
            None => {
                let at = first_text(&[Node::Text(text.to_owned(), at)]).unwrap_or(at);
                self.pending = Some(Spot::new(text.to_owned(), at));
            }
        }
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(text, at) => self.text(text, *at),
                Node::Element { tag, class, at, nodes, .. } => {
                    self.element(tag, class, *at, nodes, node);
                }
            }
        }
    }

    fn element(&mut self, tag: &str, class: &str, at: At, nodes: &[Node], node: &Node) {
        if outside(tag, class) {
            return;
        }
        let block = BLOCKS.contains(&tag);
        if block {
            self.flush();
        }
        match tag {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let text = words::squeeze(&plain(nodes));
                let spot = Spot::new(text.clone(), first_text(nodes).unwrap_or(at));
                if self.page.title.is_none() && words::is_title(&text) {
                    self.page.title = Some(spot);
                } else if let Some(part) = words::part_of(&text) {
                    self.page.blocks.push(Block::Heading(part, spot));
                } else {
                    self.page.blocks.push(Block::Piece(Piece::Text(spot)));
                }
            }
            "pre" => {
                let text = plain(nodes).trim_matches('\n').trim_end().to_owned();
                if !text.trim().is_empty() {
                    let at = first_text(nodes).unwrap_or(at);
                    self.page.blocks.push(Block::Piece(Piece::Code(Spot::new(text, at))));
                }
            }
            "table" => {
                let table = table::table(node);
                self.page.blocks.extend(table.map(|table| Block::Table(Box::new(table))));
            }
            "li" => {
                let mut pieces = Vec::new();
                list_item(nodes, false, &mut pieces);
                self.page.blocks.extend(pieces.into_iter().map(Block::Piece));
            }
            "br" => self.text("\n", at),
            _ => self.nodes(nodes),
        }
        if block {
            self.flush();
        }
    }
}
