//! What a client depends on, learned by experiments: its command is run again and again, each time
//! with one change to what it is served, and what makes it fail is a dependency.
//!
//! Knows: requests and answers as they were served, and what came of runs of a command. Pure: it
//! says which experiments to make, changes answers, and makes a profile of what is found. Must not
//! know: processes, servers, files, clocks.

mod asking;
mod conditions;
mod edit;
mod element;
mod experiment;
mod finding;
mod form;
mod guards;
mod learn;
mod profiled;
mod replay;
mod tree;
mod values;
mod vocabulary;
mod walk;

pub use asking::Outcomes;
pub use edit::{Changed, put_back};
pub use element::{Call, Element, Fetched, Key, Seen, Shape};
pub use experiment::{Edit, End, Experiment, How, Outcome};
pub use finding::Finding;
pub use learn::{Step, learn, to_come};
pub use profiled::{About, profile};
pub use replay::{Recorded, Replay, Served};
