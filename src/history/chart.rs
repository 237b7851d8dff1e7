//! The plot of a history: how many requirements held and were broken, over time.
//!
//! Knows: numbers and moments. Must not know: how a page is put together.

use crate::report::State;

use super::model::{Found, Section};

/// The drawing's size, in its own units.
pub(super) const WIDTH: f64 = 960.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const PANEL: f64 = 110.0;
const TOP: f64 = 48.0;
const GAP: f64 = 44.0;
/// Room for the text of a version or of a day.
const LABEL: f64 = 96.0;

/// A plot: a panel for what is broken, and one for what held.
pub(super) struct Chart {
    pub(super) height: f64,
    pub(super) panels: Vec<Panel>,
    /// Where a version appears first.
    pub(super) versions: Vec<Label>,
    /// The moments of the first and the last run, and some between.
    pub(super) moments: Vec<Label>,
}

/// One state over time.
pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) class: &'static str,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) most: usize,
    /// Of a polyline.
    pub(super) line: String,
    pub(super) points: Vec<Point>,
}

pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    /// What it stands for.
    pub(super) told: String,
}

pub(super) struct Label {
    pub(super) x: f64,
    pub(super) y: f64,
    /// `start`, `middle` or `end`.
    pub(super) anchor: &'static str,
    pub(super) text: String,
}

impl Chart {
    /// The plot of an appliance.
    pub(super) fn of(found: &Found<'_>, section: &Section<'_>) -> Self {
        let runs: Vec<_> = section.runs.iter().map(|run| &found.history.runs[*run]).collect();
        let places =
            places(&runs.iter().map(|run| run.started.as_millisecond()).collect::<Vec<_>>());
        let panel = |index: usize, title, class, state| {
            let top = f64::from(u32::try_from(index).unwrap_or_default()).mul_add(PANEL + GAP, TOP);
            let counts: Vec<usize> =
                (0..runs.len()).map(|place| section.counted(place, state)).collect();
            let most = counts.iter().copied().max().unwrap_or_default().max(1);
            let points: Vec<Point> = counts
                .iter()
                .zip(&places)
                .zip(&runs)
                .map(|((count, x), run)| Point {
                    x: *x,
                    y: top + PANEL - PANEL * ratio(*count, most),
                    told: format!("{}, {}: {count} {}", run.time(), run.version(), state.word()),
                })
                .collect();
            let line: Vec<String> =
                points.iter().map(|point| format!("{:.1},{:.1}", point.x, point.y)).collect();
            Panel {
                title,
                class,
                top,
                bottom: top + PANEL,
                left: LEFT,
                right: WIDTH - RIGHT,
                most,
                line: line.join(" "),
                points,
            }
        };
        let panels = vec![
            panel(0, "Broken requirements", "broken", State::Broken),
            panel(1, "Requirements that held", "held", State::Held),
        ];
        let bottom = panels.last().map_or(TOP, |panel| panel.bottom);
        let told =
            |place: usize| -> String { runs[place].started.strftime("%Y-%m-%d %H:%M").to_string() };
        let changes = (0..runs.len())
            .filter(|place| *place == 0 || runs[place - 1].version() != runs[*place].version());
        let versions =
            labels(changes.map(|place| (places[place], runs[place].version().to_owned())), 16.0);
        let moments =
            labels((0..runs.len()).map(|place| (places[place], told(place))), bottom + 20.0);
        Self { height: bottom + 32.0, panels, versions, moments }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of requirements, for a drawing")]
fn ratio(count: usize, most: usize) -> f64 {
    count as f64 / most as f64
}

/// Where runs stand on the axis of time; in the middle where all are of one moment.
#[expect(clippy::cast_precision_loss, reason = "milliseconds, for a drawing")]
fn places(moments: &[i64]) -> Vec<f64> {
    let (first, last) =
        (moments.first().copied().unwrap_or_default(), moments.last().copied().unwrap_or_default());
    let wide = WIDTH - LEFT - RIGHT;
    let span = last.saturating_sub(first);
    moments
        .iter()
        .map(|moment| {
            if span == 0 {
                return LEFT + wide / 2.0;
            }
            LEFT + wide * (moment.saturating_sub(first) as f64 / span as f64)
        })
        .collect()
}

/// As many labels as have room beside each other.
fn labels(all: impl Iterator<Item = (f64, String)>, y: f64) -> Vec<Label> {
    let mut end = f64::NEG_INFINITY;
    let mut kept = Vec::new();
    for (x, text) in all {
        let anchor = if x < LEFT + LABEL / 2.0 {
            "start"
        } else if x > WIDTH - RIGHT - LABEL / 2.0 {
            "end"
        } else {
            "middle"
        };
        let start = match anchor {
            "start" => x,
            "end" => x - LABEL,
            _ => x - LABEL / 2.0,
        };
        if start >= end {
            end = start + LABEL + 16.0;
            kept.push(Label { x, y, anchor, text });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::sample::history;
    use super::*;

    #[test]
    fn a_point_stands_where_its_run_was_and_as_high_as_its_count() {
        let history = history();
        let found = history.find(None);
        let chart = Chart::of(&found, &found.sections[0]);
        let broken = &chart.panels[0];
        assert_eq!(broken.most, 1);
        let places: Vec<(f64, f64)> = broken.points.iter().map(|it| (it.x, it.y)).collect();
        assert_eq!(places.len(), 3);
        assert!((places[0].0 - LEFT).abs() < 1e-9 && (places[2].0 - (WIDTH - RIGHT)).abs() < 1e-9);
        // The second run began after two of three hours.
        let part = (places[1].0 - LEFT) / (WIDTH - RIGHT - LEFT);
        assert!((part - 2.0 / 3.0).abs() < 1e-9, "{part}");
        assert!(broken.points.iter().all(|it| (it.y - broken.top).abs() < 1e-9));
        assert_eq!(broken.points[2].told, "2026-01-01 03:00:00Z, 4.3.0: 1 broken");
        // A single run has a place too.
        let one = Chart::of(&found, &found.sections[1]);
        assert!(one.panels[0].points[0].x.is_finite());
        assert!((one.panels[0].points[0].y - one.panels[0].bottom).abs() < 1e-9);
    }

    #[test]
    fn labels_never_lie_on_each_other() {
        let many = labels((0..100).map(|at| (LEFT + f64::from(at) * 8.0, at.to_string())), 0.0);
        assert!(many.len() < 10 && many.len() > 3, "{}", many.len());
    }
}
