//! History: what became of each requirement from run to run, over the reports that were kept.
//!
//! Knows: reports, and a small language of questions about them. Pure: texts in, texts out. Must
//! not know: files, terminals, how a report was made.

mod chart;
mod collect;
mod find;
mod html;
mod json;
mod markdown;
mod model;
mod query;
#[cfg(test)]
mod sample;
mod text;

pub use collect::{Builder, Unfit};
pub use html::html;
pub use json::{FORMAT, json};
pub use markdown::markdown;
pub use model::{Appliance, Change, Found, History, Run, Track};
pub use query::{Query, QueryError, WORDS};
pub use text::text;
