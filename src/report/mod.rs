//! Renderings of a record, and of nothing else.
//!
//! Knows: the report model and its forms. Pure: texts in, texts out. Must not know: appliances,
//! files, terminals.

mod build;
mod cause;
mod claim;
mod conclusion;
mod evidence;
mod forms;
mod groups;
mod har;
mod html;
mod junit;
mod markdown;
mod markup;
mod merge;
mod model;
mod places;
mod read;
mod recorded;
mod register;
mod rejudge;
#[cfg(test)]
pub(crate) mod sample;
mod sarif;
mod shards;
mod share;
mod since;
mod summary;
mod ticket;
mod timing;
mod trim;
mod waive;
mod wire;
mod words;

pub use crate::pointer::pattern;
pub use build::{Source, build};
pub use evidence::evident;
pub use forms::{Draw, FORMS, Form, Untested, files, files_as, form, forms_table, junit_as};
pub(crate) use groups::value_class;
pub use groups::{Group, groups};
pub use har::{frame as har_frame, har, har_entry};
pub use html::html;
pub(crate) use html::visible;
pub use junit::{junit, junit_of_asked};
pub use markdown::markdown;
pub(crate) use markup::{block, code, text};
pub use merge::{Merge, MergeError, merge};
pub use model::*;
pub use places::{Place, Places};
pub use read::{ReadError, read};
pub use register::{Branch, FEW, Firm};
pub use rejudge::{interrupted_cases, rejudge, unknown_outcomes};
pub use sarif::{annotations, sarif};
pub use shards::{Shards, missing_shards};
pub use share::StandIns;
pub use since::since;
pub use summary::{Paint, summary};
pub use timing::timings;
pub use waive::{Overlay, Standing, Waived, drafts, drafts_of, stale, waive};
pub(crate) use words::{counted_as, digest, one_line, wrapped};

/// `report.json`: the canonical form.
#[must_use]
pub fn json(report: &Report) -> String {
    // A report is made of texts, numbers and lists; nothing in it can fail to be written as JSON.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
