//! The read operations of the site.
//!
//! Knows what was found. Must not know which operation asks, or what there is.

use super::super::http::answer::{Answer, Body, Kind};
use super::super::http::errors::{self, Shape};
use super::super::http::request::Request;
use super::super::site::choice::{self, Found};
use super::super::site::table::Read;
use super::state::State;

/// `GET` of a path of the table.
pub(crate) fn get(state: &State, read: &Read, keys: &[String], request: &Request) -> Answer {
    match choice::read(&state.site, read, keys, &request.query) {
        Found::Json(text) => Answer::new(200, Kind::Other, Body::Kept(text)),
        Found::Csv { text, file } => {
            let mut answer = Answer::new(200, Kind::Other, Body::Bytes(text.into_bytes()));
            answer.media_type = Some("text/csv; charset=UTF-8".to_owned());
            answer.with_header("Location", file)
        }
        Found::Nothing => {
            let problem = errors::not_found("Nothing has an id that the path names.");
            Answer::refusal(404, &problem, Shape::Plural)
        }
    }
}
