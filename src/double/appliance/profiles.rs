//! `PUT /profiles/{id}`: a profile gets another name or another compliance status.
//!
//! Knows what a name may be. Must not know how a profile is read.

use serde_json::Value;

use super::super::http::answer::Answer;
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::super::site::element::Element;
use super::order;
use super::state::State;

/// What a name must not hold; the last is printed so on the page.
const FORBIDDEN: [char; 6] = ['&', '%', '<', '>', '/', '\u{201d}'];

/// `PUT /profiles/{id}`
pub(crate) fn set(state: &mut State, keys: &[String], request: &Request) -> Answer {
    order::either((|| {
        let found = match keys {
            [id] => state.site.find("profileDetails", id).and_then(|it| it.text_at("/ID")),
            _ => None,
        };
        let id =
            found.ok_or_else(|| order::unknown("No profile has the id that the path names."))?;
        let body = order::object(request)?;
        let name = order::text(&body, "profileName")?;
        let status = order::word(&body, "complianceStatus", &["VALID", "INVALID"])?;
        if let Some(name) = name {
            if name.is_empty() || name.contains(FORBIDDEN) {
                return Err(order::bad(
                    "The attribute `profileName` is empty, or has a character that a name must \
                     not hold.",
                ));
            }
            let mut others = state.site.collection("profiles").elements().iter();
            let of_another = |other: &Element| {
                other.text_at("/profileName").as_deref() == Some(name)
                    && other.text_at("/id").as_deref() != Some(&id)
            };
            if others.any(of_another) {
                return Err(order::bad("Another profile has the name in `profileName`."));
            }
        }
        if status == Some("INVALID") && !state.validated.contains(&id) {
            return Err(order::bad(
                "The attribute `complianceStatus` can be INVALID only where a user has set it to \
                 VALID.",
            ));
        }
        if !state.has(Fault::ProfileSetDoesNothing) {
            change(state, &id, name, status);
        }
        Ok(order::done())
    })())
}

fn change(state: &mut State, id: &str, name: Option<&str>, status: Option<&str>) {
    let mut changes: Vec<(&str, Value)> = Vec::new();
    if let Some(name) = name {
        changes.push(("profileName", name.into()));
        let name = Value::from(name);
        state.site.set("profileDetails", id, &[("name", name.clone()), ("displayName", name)]);
    }
    if let Some(status) = status {
        changes.push(("complianceStatus", status.to_ascii_lowercase().into()));
        if status == "VALID" {
            state.validated.insert(id.to_owned());
        } else {
            state.validated.remove(id);
        }
    }
    state.site.set("profiles", id, &changes);
}
