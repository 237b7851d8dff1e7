//! The variants of what is said: a pass over a finished answer that makes it different and leaves
//! it right.
//!
//! Knows the bodies of answers. Must not change the state or look at the request.

use serde_json::{Value, json};

use super::super::appliance::options::Options;
use super::super::http::answer::{Answer, Body, Kind};
use super::super::http::errors::{self, Problem, Shape};
use super::super::misbehave::variant::Variant;
use super::super::terms::members::{drop_member, each, set_member};
use super::times;
use super::vary_errors;
use super::wording::HALF;

/// Applies every variant that is set to an answer.
pub(crate) fn vary(options: &Options, answer: &mut Answer) {
    // To look into a body that is kept as text costs as much as to read it.
    if options.variants.is_empty() {
        return;
    }
    let (kind, status) = (answer.kind, answer.status);
    let varies = |variant| options.variants.contains(&variant);
    let Some(body) = answer.value() else { return };
    // Here because a message must be there before its shape can change.
    if varies(Variant::SuccessCarriesMessage) {
        success_message(kind, body);
    }
    if varies(Variant::ExplanationEmpty) {
        for message in each(body.get_mut("message")) {
            set_member(message, "explanation", "");
        }
    }
    for variant in options.variants.iter().copied() {
        match kind {
            Kind::LockList => {
                body.as_array_mut().into_iter().flatten().for_each(|row| lock(variant, row));
                if variant == Variant::LocksBesideOtherLists {
                    *body = json!({ "alerts": [], "links": [{ "id": "self", "href": "/aicc/service/sftp/locks" }], "locks": body.take(), "messages": [] });
                }
            }
            Kind::Lock => {
                lock(variant, body);
                if variant == Variant::SingleLockAsList {
                    *body = json!([body.take()]);
                }
            }
            Kind::LockCreated => created_lock(variant, body),
            Kind::LockDeleted => deleted_lock(variant, body),
            Kind::BackupList => backups(variant, body),
            Kind::BackupDeleted if variant == Variant::DeletedBackupResultOnly => {
                drop_member(body, "messages");
            }
            Kind::OneTask | Kind::Tasks => tasks(variant, kind, body),
            Kind::TransferStarted => started(variant, body),
            Kind::TransferCancelled => match variant {
                Variant::JobIdEmptyOnCancel => body["jobId"] = "".into(),
                Variant::JobIdNullOnCancel => body["jobId"] = Value::Null,
                _ => {}
            },
            Kind::Appliance => appliance(variant, body),
            _ => {}
        }
        if ![Kind::LockCreated, Kind::Lock].contains(&kind) {
            undocumented(variant, body);
        }
        if status >= 400 {
            sibling_error(variant, body);
        }
        message(variant, body);
    }
    if status >= 400 {
        for variant in options.variants.iter().copied() {
            vary_errors::apply(variant, answer);
        }
    }
    if varies(Variant::MemberTwiceAlike) {
        twice(answer);
    }
}

/// The first member comes twice, with the same value.
fn twice(answer: &mut Answer) {
    let Some(Value::Object(members)) = answer.value() else { return };
    let Some((name, value)) = members.iter().next() else { return };
    let first = format!("{}:{value}", Value::from(name.as_str()));
    let text = Value::Object(members.clone()).to_string();
    answer.body = Body::Written(text.replacen('{', &format!("{{{first},"), 1));
}

fn undocumented(variant: Variant, object: &mut Value) {
    let Some(members) = object.as_object_mut() else { return };
    match variant {
        Variant::UndocumentedMember => {
            members.insert("addedInALaterVersion".to_owned(), json!({ "value": [1, "two", null] }));
        }
        Variant::HalfSurrogate => {
            members.insert("comment".to_owned(), format!("cut in the middle: {HALF}").into());
        }
        _ => {}
    }
}

fn lock(variant: Variant, row: &mut Value) {
    undocumented(variant, row);
    if variant == Variant::SecondsWithPointZero {
        let seconds = row["expirationTimeOut"].as_f64().unwrap_or_default();
        set_member(row, "expirationTimeOut", seconds);
    }
    let Some(changed) =
        times::varied(variant, row["creationTimestamp"].as_str().unwrap_or_default())
    else {
        return;
    };
    set_member(row, "creationTimestamp", changed);
}

fn created_lock(variant: Variant, body: &mut Value) {
    lock(variant, body);
    match variant {
        Variant::CreatedLockIdOnly => *body = json!({ "id": body["id"].take() }),
        Variant::CreatedLockAsText => *body = body["id"].take(),
        Variant::CreatedLockAsList => *body = json!([body.take()]),
        _ => {}
    }
}

fn deleted_lock(variant: Variant, body: &mut Value) {
    match variant {
        Variant::DeletedLockSaysResult => body["result"] = "success".into(),
        Variant::DeletedLockMessageObject => body["messages"] = body["messages"][0].take(),
        _ => {}
    }
}

fn backups(variant: Variant, body: &mut Value) {
    for row in each(body.get_mut("backups")) {
        backup(variant, row);
    }
    let first = body["backups"].get(0).cloned();
    if let (Variant::ManyBackups, Some(first), Some(rows)) =
        (variant, first, body["backups"].as_array_mut())
    {
        rows.extend((0..200).map(|number| {
            let mut row = first.clone();
            row["uuid"] = format!("00000000-0000-4000-8000-{number:012}").into();
            row["locations"] = json!(["/mnt/archive"]);
            row
        }));
    }
    backup_list(variant, body);
}

/// The variants of the list as a whole.
fn backup_list(variant: Variant, body: &mut Value) {
    match variant {
        Variant::BackupListedOncePerPlace => {
            let rows = body["backups"].as_array().cloned().unwrap_or_default();
            let each = rows.iter().flat_map(|row| {
                row["locations"].as_array().into_iter().flatten().map(|place| {
                    let mut row = row.clone();
                    row["locations"] = json!([place]);
                    row
                })
            });
            body["backups"] = each.collect();
        }
        Variant::BackupsAfterOtherLists => {
            body["_links"] = json!([{ "id": "self", "location": "/managementServer/data" }]);
            body["alerts"] = json!([]);
        }
        Variant::BackupsInResponse => {
            *body = json!({ "messages": [], "response": body.take(), "result": "success" });
        }
        _ => {}
    }
}

/// The variants of the words for a place.
fn places(variant: Variant, row: &mut Value) {
    let places: Vec<String> = row["locations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let named = |local: &str, share: &dyn Fn(&str) -> String| {
        places
            .iter()
            .map(|place| if place == "internal" { local.to_owned() } else { share(place) })
            .collect::<Vec<_>>()
    };
    let words = match variant {
        Variant::LocalRepositoryCalledLxca => named("LXCA", &str::to_owned),
        Variant::PlacesInWords => {
            named("local repository", &|place| format!("remote share {place}"))
        }
        Variant::ShareWithTrailingSlash => named("internal", &|place| format!("{place}/")),
        Variant::ShareAsHostPath => {
            named("internal", &|place| place.replace("/mnt/", "//nas.example.com/"))
        }
        Variant::PlacesAsObjects => {
            let object = |place: &String| {
                if place == "internal" {
                    json!({ "type": "local", "name": "internal" })
                } else {
                    json!({ "type": "share", "path": place })
                }
            };
            row["locations"] = places.iter().map(object).collect();
            return;
        }
        Variant::PlacesInTwoMembers => {
            drop_member(row, "locations");
            row["repository"] =
                if places.iter().any(|place| place == "internal") { "internal" } else { "" }.into();
            row["mountPoints"] =
                places.iter().filter(|place| *place != "internal").cloned().collect();
            return;
        }
        _ => return,
    };
    row["locations"] = words.into();
}

fn backup(variant: Variant, row: &mut Value) {
    undocumented(variant, row);
    places(variant, row);
    match variant {
        Variant::LocationMemberRenamed => {
            let locations = row["locations"].take();
            row["location"] = locations;
            drop_member(row, "locations");
        }
        Variant::LocationMemberAbsent => {
            drop_member(row, "locations");
            drop_member(row, "location");
        }
        Variant::LocationsAsText => {
            let places: Vec<&str> = row["locations"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            row["locations"] = places.join(", ").into();
        }
        Variant::DhcpOn => {
            for (name, value) in [
                ("dhcpEth", "eth0"),
                ("dhcpMac", "02:00:5e:10:00:01"),
                ("eth1IPv4", "198.51.100.10"),
                ("eth1IPv6", "2001:db8:1::10"),
                ("ipRedirect", "192.0.2.1"),
            ] {
                set_member(row, name, value);
            }
            set_member(row, "dhcp", true);
        }
        Variant::BackupUuidUpperCase => {
            let uuid = row["uuid"].as_str().unwrap_or_default().to_uppercase();
            set_member(row, "uuid", uuid);
        }
        _ => {}
    }
}

fn tasks(variant: Variant, kind: Kind, body: &mut Value) {
    if variant == Variant::TasksInResponse {
        *body = json!({ "messages": [], "response": body.take(), "result": "success" });
    }
    let Some(rows) = body.as_array_mut() else { return };
    if variant == Variant::TasksNewestFirst && kind == Kind::Tasks {
        rows.reverse();
    }
    for row in rows {
        undocumented(variant, row);
        let status = row["status"].clone();
        match variant {
            Variant::TaskStateNested => {
                row["status"] = json!({ "state": status, "percentage": row["percentage"] });
            }
            Variant::TaskStateElsewhere => {
                drop_member(row, "status");
                row["jobState"] = status;
            }
            Variant::TaskStateCompleted if status == "Complete" => {
                set_member(row, "status", "Completed");
            }
            Variant::TaskWithoutPercentage => drop_member(row, "percentage"),
            Variant::TaskWithChildren => {
                let child = json!({ "jobUID": format!("{}.1",
                    row["jobUID"].as_str().unwrap_or_default()), "status": status,
                    "percentage": row["percentage"], "children": [] });
                set_member(row, "children", json!([child]));
            }
            _ => {}
        }
    }
}

fn appliance(variant: Variant, body: &mut Value) {
    undocumented(variant, &mut body["appliance"]);
    let version = body["appliance"]["version"].as_str().unwrap_or_default().to_owned();
    match variant {
        Variant::AiccVersionLong => body["appliance"]["version"] = format!("{version}.12").into(),
        Variant::AiccVersionOnly => *body = json!({ "appliance": { "version": version } }),
        _ => {}
    }
}

fn started(variant: Variant, body: &mut Value) {
    if variant == Variant::StartWarns {
        let warning =
            Problem::new("FQXHMSE0411W", "The job was started.", "It may take longer than usual.")
                .recover("Nothing needs to be done.");
        set_member(body, "result", "warning");
        set_member(body, "message", json!([warning.entry(Shape::Singular)]));
    }
}

fn success_message(kind: Kind, body: &mut Value) {
    let is_success = body["result"] == "success";
    if is_success && matches!(kind, Kind::TransferStarted | Kind::TransferCancelled) {
        body["message"] = json!([errors::success().entry(Shape::Singular)]);
    }
}

/// The variants of an error in the shape of the sibling pages.
fn sibling_error(variant: Variant, body: &mut Value) {
    if body.get("messages").is_none() {
        return;
    }
    match variant {
        Variant::ErrorMessageObject => body["messages"] = body["messages"][0].take(),
        Variant::ErrorResultFailure => set_member(body, "result", "failure"),
        _ => {}
    }
    for entry in each(body.get_mut("messages")) {
        match variant {
            Variant::ErrorRecoveryText => {
                let words = entry["recovery"]["text"].take();
                set_member(entry, "recovery", words);
            }
            Variant::ErrorExplanationEmpty => set_member(entry, "explanation", ""),
            _ => {}
        }
    }
}

/// The variants of `message`, which only `PUT /managementServer/data` has.
fn message(variant: Variant, body: &mut Value) {
    if body.get("message").is_none() {
        return;
    }
    match variant {
        Variant::MessageAsObject => {
            let first = body["message"].get(0).cloned();
            // Nothing to say is a message too, once it has to be an object.
            body["message"] = first.unwrap_or_else(|| errors::success().entry(Shape::Singular));
        }
        Variant::MessageEmptyObject if body["message"] == json!([]) => body["message"] = json!({}),
        Variant::RefusalTwoMessages => {
            let second = body["message"].get(0).cloned();
            body["message"]
                .as_array_mut()
                .into_iter()
                .for_each(|entries| entries.extend(second.clone()));
        }
        Variant::RecoveryAsObject | Variant::RecoveryWithoutUrl => {
            for entry in each(body.get_mut("message")) {
                if variant == Variant::RecoveryWithoutUrl {
                    for step in each(entry.get_mut("recovery")) {
                        drop_member(step, "URL");
                    }
                } else if let Some(step) = entry["recovery"].get(0).cloned() {
                    entry["recovery"] = step;
                }
            }
        }
        Variant::PluralMessagesToo => {
            let entries: Vec<Value> =
                each(body.get_mut("message")).into_iter().map(|entry| entry.clone()).collect();
            body["messages"] = Value::Array(entries);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
