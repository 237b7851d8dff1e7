//! `history.html`: the plots and tables as one file for people, readable without network and
//! without scripts.
//!
//! Knows: what was found; the look is in `templates/history.html`. Must not know: files, terminals.

use askama::Template;

use crate::report::{State, visible};

use super::chart::{Chart, WIDTH};
use super::model::{Change, Found, Run, Section, Track, mark, word};
use super::text::counts;

/// Rows of a table.
const MOST_ROWS: usize = 300;
/// Runs of the table of requirements; the newest stand in it.
const MOST_RUNS: usize = 100;

#[derive(Template)]
#[template(path = "history.html")]
struct Page<'a> {
    found: &'a Found<'a>,
    views: Vec<View<'a>>,
    runs: usize,
    caveat: Option<String>,
    skipped: &'a [(String, String)],
}

/// An appliance with what its plot and tables need.
struct View<'a> {
    section: &'a Section<'a>,
    chart: Chart,
    counts: String,
    runs: Vec<RunRow<'a>>,
    /// The runs of the table of requirements: the place and the run.
    columns: Vec<(usize, &'a Run)>,
    rows: Vec<Row<'a>>,
    more: usize,
}

struct RunRow<'a> {
    run: &'a Run,
    held: usize,
    broken: usize,
    not_exercised: usize,
}

struct Row<'a> {
    id: &'a str,
    statement: &'a str,
    change: Change,
    changed: Option<usize>,
    cells: Vec<Cell>,
}

struct Cell {
    state: Option<State>,
    matched: bool,
}

impl Cell {
    fn mark(&self) -> &'static str {
        mark(self.state)
    }

    fn word(&self) -> &'static str {
        word(self.state)
    }
}

/// What was found, as one HTML file.
#[must_use]
pub fn html(found: &Found<'_>, skipped: &[(String, String)]) -> String {
    let views: Vec<View<'_>> = found.sections.iter().map(|section| view(found, section)).collect();
    let page = Page {
        found,
        runs: views.iter().map(|view| view.runs.len()).sum(),
        views,
        caveat: found.caveat(),
        skipped,
    };
    match page.render() {
        Ok(page) => visible(page),
        Err(error) => format!(
            "<!doctype html><title>lxca-conform</title><p>The history could not be rendered: \
                {error}."
        ),
    }
}

fn view<'a>(found: &'a Found<'a>, section: &'a Section<'a>) -> View<'a> {
    let run = |place: usize| &found.history.runs[section.runs[place]];
    let runs = (0..section.runs.len())
        .map(|place| RunRow {
            run: run(place),
            held: section.counted(place, State::Held),
            broken: section.counted(place, State::Broken),
            not_exercised: section.counted(place, State::NotExercised),
        })
        .collect();
    let skipped = section.runs.len().saturating_sub(MOST_RUNS);
    let columns = (skipped..section.runs.len()).map(|place| (place + 1, run(place))).collect();
    let asked = found.query.is_some();
    let telling: Vec<&Track> =
        section.tracks.iter().filter(|track| asked || track.change != Change::Same).collect();
    let rows = telling.iter().take(MOST_ROWS).map(|track| {
        let about = &found.history.requirements[track.requirement];
        Row {
            id: &about.id,
            statement: &about.statement,
            change: track.change,
            changed: track.changed.map(|place| place + 1),
            cells: (skipped..track.states.len())
                .map(|place| Cell {
                    state: track.states[place],
                    matched: track.matched.contains(&place),
                })
                .collect(),
        }
    });
    View {
        section,
        chart: Chart::of(found, section),
        counts: counts(section),
        runs,
        columns,
        rows: rows.collect(),
        more: telling.len().saturating_sub(MOST_ROWS),
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::Query;
    use super::super::sample::history;
    use super::*;

    #[test]
    fn the_page_has_a_caption_and_a_region_for_each_table_and_a_name_for_each_plot() {
        let history = history();
        let page = html(&history.find(None), &[("x.json".to_owned(), "<b>no</b>".to_owned())]);
        let tables = page.matches("<table>").count();
        assert!(tables >= 4, "{tables}");
        assert_eq!(page.matches("<caption>").count(), tables);
        // The plots have a region too, for they may be wider than the page.
        assert_eq!(page.matches("role=\"region\" aria-label=\"").count(), tables + 2);
        assert_eq!(page.matches("<svg ").count(), 2);
        assert_eq!(page.matches("role=\"img\" aria-labelledby=\"").count(), 2);
        // Whatever an appliance or a file says is text.
        assert!(!page.contains("<b>"), "{page}");
        // One file: nothing is loaded, and nothing runs.
        for word in ["<script", " src=", "url(", "@import", "<link"] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn the_page_names_the_query_and_marks_what_answers_it() {
        let history = history();
        let query = Query::parse("held then broken").unwrap();
        let page = html(&history.find(Some(&query)), &[]);
        assert!(page.contains("<code>held then broken</code>"), "{page}");
        assert_eq!(page.matches("class=\"k matched\"").count(), 2, "{page}");
        assert!(!page.contains("rows/time"), "{page}");
    }
}
