//! Whether there are enough licenses, and the images of operating systems.
//!
//! Knows two lists that change with nothing. Must not know a device.

use serde_json::Value;

use super::super::http::answer::{Answer, Kind as Body};
use super::super::http::errors;
use super::super::http::request::Request;
use super::super::misbehave::variant::Variant;
use super::super::site::element::Element;
use super::order;
use super::state::State;

fn rows(state: &State, collection: &str) -> Vec<Value> {
    state.site.collection(collection).elements().iter().map(Element::kept).collect()
}

/// `GET /licenseCompliance`
pub(crate) fn compliance(state: &State) -> Answer {
    let mut body = errors::success_body();
    body["response"] = rows(state, "licenses").into();
    if state.varies(Variant::NoHelpPage) {
        for message in body["messages"].as_array_mut().into_iter().flatten() {
            without_url(&mut message["recovery"]);
        }
    }
    Answer::json(200, Body::Other, body)
}

/// A recovery, or a list of them, that names no help page.
fn without_url(recovery: &mut Value) {
    match recovery {
        Value::Object(members) => drop(members.remove("URL")),
        Value::Array(all) => all.iter_mut().for_each(without_url),
        _ => {}
    }
}

/// `GET /notificationsLicense`, which the vendor's own client asks for instead.
pub(crate) fn notifications(state: &State) -> Answer {
    let mut body = errors::success_body();
    body["response"] = rows(state, "licenseNotifications").pop().unwrap_or_default();
    Answer::json(200, Body::Other, body)
}

/// `GET /osImages`
pub(crate) fn images(state: &State, request: &Request) -> Answer {
    if let Err(refused) = order::query_word(request, "imageType", &["OSPROFILE"]) {
        return *refused;
    }
    let mut body = rows(state, "osImages").pop().unwrap_or_default();
    if let Some(id) = request.query("id").filter(|id| !id.is_empty()) {
        for list in body.as_object_mut().into_iter().flat_map(|lists| lists.values_mut()) {
            if let Some(files) = list.as_array_mut() {
                files.retain(|file| file["id"] == id);
            }
        }
    }
    Answer::json(200, Body::Other, body)
}
