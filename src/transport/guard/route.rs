//! What besides method and path decides what a server makes of a request: headers and parameters
//! that name another method or another target, and a body where none belongs.
//!
//! Knows: headers of front ends and frameworks. Pure. Must not know: operations, effects.

use crate::exchange::Outgoing;

use super::readings::layers;

/// Headers by which some servers take one method for another.
const OVERRIDES: &[&str] = &[
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-method",
    "x-original-method",
    "x-rewrite-method",
    "x-forwarded-method",
];

/// Whether a server could take the method for another one.
pub(super) fn is_overridden(request: &Outgoing, query: Option<&str>) -> bool {
    let header = request.headers.iter().any(|(name, _)| OVERRIDES.contains(&plain(name).as_str()));
    header
        || query.is_some_and(|query| {
            layers(query).any(|query| query.to_lowercase().contains("_method"))
        })
}

/// Whether a request carries a body.
pub(super) fn has_body(request: &Outgoing) -> bool {
    request.body.as_ref().is_some_and(|body| !body.is_empty())
        || request.headers.iter().any(|(name, value)| match plain(name).as_str() {
            "content-length" => value.trim() != "0",
            "transfer-encoding" => true,
            _ => false,
        })
}

/// The targets that headers of a request name, each with the header: path, and query. A front end
/// that obeys one may keep the query of the request itself, or put the path behind the other.
pub(super) fn elsewhere(
    request: &Outgoing,
    path: &str,
    query: Option<&str>,
) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for (name, value) in request.headers.iter().filter(|(name, _)| names_a_target(name)) {
        for one in value.split(',').chain(value.contains(',').then_some(value.as_str())) {
            let one = one.trim();
            let one = one
                .split_once("://")
                .map_or(one, |(_, rest)| rest.find(['/', '?']).map_or("/", |at| &rest[at..]));
            let (other, its) =
                one.split_once('?').map_or((one, None), |(other, its)| (other, Some(its)));
            let slash = if other.starts_with('/') { "" } else { "/" };
            let both = [its, query].into_iter().flatten().collect::<Vec<_>>().join("&");
            let other = format!("{slash}{other}");
            let behind = format!("{}{path}", other.trim_end_matches('/'));
            found.push((name.clone(), other, both.clone()));
            if plain(name).ends_with("prefix") {
                found.push((name.clone(), behind, both));
            }
        }
    }
    found
}

/// `X-Original-URL`, `X-Rewrite-URL`, `X-Forwarded-Prefix`, and their like.
fn names_a_target(name: &str) -> bool {
    const WHAT: &[&str] = &["url", "uri", "path", "prefix", "target", "destinationurl"];
    const HOW: &[&str] = &[
        "original",
        "rewrite",
        "rewritten",
        "forwarded",
        "override",
        "overridden",
        "request",
        "real",
        "envoy",
        "http",
        "proxy",
        "replaced",
    ];
    let name = plain(name);
    let mut words = name.split('-').rev();
    words.next().is_some_and(|last| WHAT.contains(&last)) && words.any(|word| HOW.contains(&word))
}

/// The name of a header as whoever makes a variable of it sees it.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace('_', "-")
}
