//! Renderings of a record, and of nothing else.
//!
//! Knows: the report model and its forms. Pure: texts in, texts out. Must not know: appliances, files, terminals.

mod build;
mod groups;
mod html;
mod junit;
mod markdown;
mod model;
mod rejudge;
mod share;
mod since;
mod summary;
mod timing;
mod waive;

pub use build::{Source, build};
pub use groups::{Group, groups};
pub(crate) use groups::{pattern, value_class};
pub use html::html;
pub(crate) use html::visible;
pub use junit::junit;
pub use markdown::markdown;
pub(crate) use markdown::{block, code, digest, one_line, text};
pub use model::*;
pub use rejudge::{ASKED_OTHERWISE, NOT_THEN, interrupted_cases, rejudge, unknown_outcomes};
pub use share::StandIns;
pub use since::since;
pub use summary::{Paint, summary};
pub use timing::{operation_of, timings};
pub use waive::{Overlay, Standing, Waived, drafts, drafts_of, stale, waive};

/// `report.json`: the canonical form.
#[must_use]
pub fn json(report: &Report) -> String {
    // A report is made of texts, numbers and lists; nothing in it can fail to be written as JSON.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
