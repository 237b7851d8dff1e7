//! The page and the contract side by side, as one file without scripts.
//!
//! Knows: the review and the saved pages; the look is in `templates/review.html`. Must not know:
//! how points are found.

use askama::Template;

use super::Order;
use super::review::{Item, Review, Rule};

/// Lines of a page that are shown.
const MOST_LINES: usize = 5000;

#[derive(Template)]
#[template(path = "review.html")]
struct View<'a> {
    review: &'a Review,
    items: Vec<Row<'a>>,
    rules: Vec<Linked<'a>>,
    pages: Vec<Shown<'a>>,
}

struct Row<'a> {
    item: &'a Item,
    anchor: String,
}

struct Linked<'a> {
    rule: &'a Rule,
    anchor: String,
}

struct Shown<'a> {
    name: &'a str,
    lines: Vec<(String, usize, &'a str)>,
}

pub(super) fn html(review: &Review, order: &Order<'_>) -> String {
    let anchor_of = |place: &str| anchor(place, order);
    let view = View {
        review,
        items: review
            .items
            .iter()
            .map(|item| Row { item, anchor: anchor_of(&item.place) })
            .collect(),
        rules: review
            .rules
            .iter()
            .map(|rule| Linked { rule, anchor: anchor_of(&rule.place) })
            .collect(),
        pages: order
            .pages
            .iter()
            .enumerate()
            .map(|(index, page)| Shown {
                name: &page.name,
                lines: page
                    .text
                    .lines()
                    .take(MOST_LINES)
                    .enumerate()
                    .map(|(line, text)| (format!("p{index}-{}", line + 1), line + 1, text))
                    .collect(),
            })
            .collect(),
    };
    match view.render() {
        Ok(text) => text,
        Err(error) => format!(
            "<!doctype html><title>lxca-conform</title><p>The review could not be drawn: {error}."
        ),
    }
}

/// The line that a place names, as the id of an element; empty where it names none.
fn anchor(place: &str, order: &Order<'_>) -> String {
    let inner = place.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    let Some(mut parts) = inner.map(|inner| inner.rsplitn(3, ':')) else { return String::new() };
    let (_, line, name) = (parts.next(), parts.next(), parts.next());
    let (Some(line), Some(name)) = (line, name) else { return String::new() };
    let page =
        order.pages.iter().position(|page| page.name.rsplit(['/', '\\']).next() == Some(name));
    page.map(|page| format!("p{page}-{line}")).unwrap_or_default()
}
