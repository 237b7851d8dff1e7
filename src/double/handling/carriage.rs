//! The faults that refuse a right request because of how it is spelt or carried.
//!
//! Knows bytes and header lines. Must not know what a request asks for.

use super::super::appliance::state::State;
use super::super::http::answer::Answer;
use super::super::http::errors::{self, Problem, Shape};
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;

/// The refusal of a request that carries a body, or asks for an answer, in a way that a fault
/// doesn't bear.
pub(crate) fn refusal(state: &State, request: &Request, shape: Shape) -> Option<Answer> {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let body = String::from_utf8_lossy(&request.body);
    let (label, accept) = (header("content-type"), header("accept"));
    let at = |name: &str| body.find(&format!("\"{name}\""));
    let backwards =
        |first: &str, last: &str| at(first).zip(at(last)).is_some_and(|(first, last)| last < first);
    let rows = [
        (
            Fault::MemberOrderMatters,
            400,
            backwards("component", "expirationTimeOut") || backwards("action", "uuid"),
        ),
        (Fault::LineEndsRefused, 400, body.contains('\n')),
        (Fault::OneLineRefused, 400, !body.is_empty() && !body.contains(char::is_whitespace)),
        (Fault::EscapesNotRead, 400, body.contains("\\u")),
        (Fault::CharsetRefused, 415, !body.is_empty() && label.contains("charset")),
        (
            Fault::MediaTypeCaseMatters,
            415,
            label.split(';').next().is_some_and(|kind| kind.chars().any(char::is_uppercase)),
        ),
        (Fault::AcceptAllRefused, 406, accept == "*/*"),
        (Fault::AcceptRangeRefused, 406, accept == "application/*"),
        (Fault::AcceptWeightsRefused, 406, accept.contains(";q=")),
        (Fault::ExpectRefused, 417, !header("expect").is_empty()),
        (Fault::ChunkedRequestRefused, 411, header("transfer-encoding").contains("chunked")),
    ];
    let status = rows
        .into_iter()
        .find(|(fault, _, holds)| *holds && state.has(*fault))
        .map(|(_, status, _)| status)?;
    let problem: Problem = errors::bad_request(
        "The request is spelt or carried in a way that this appliance doesn't bear.",
    );
    Some(Answer::refusal(status, &problem, shape))
}
