//! The variants of what is said: a pass over a finished answer that makes it different and leaves it right.
//!
//! Knows the bodies of answers. Must not change the state or look at the request.

use serde_json::{Value, json};

use super::answer::{Answer, Kind};
use super::errors::{self, Shape};
use super::spoil::{drop_member, set_member};
use super::spoil_transfer::each;
use super::state::Options;
use super::variant::Variant;

/// Applies every variant that is set to an answer.
pub(super) fn vary(options: &Options, answer: &mut Answer) {
    let kind = answer.kind;
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
            }
            Kind::Lock => lock(variant, body),
            Kind::LockCreated => {
                lock(variant, body);
                if variant == Variant::CreatedLockIdOnly {
                    *body = json!({ "id": body["id"].take() });
                }
            }
            Kind::BackupList => {
                for row in each(body.get_mut("backups")) {
                    backup(variant, row);
                }
            }
            Kind::OneTask | Kind::Tasks => {
                body.as_array_mut().into_iter().flatten().for_each(|row| undocumented(variant, row));
            }
            Kind::TransferCancelled if variant == Variant::JobIdEmptyOnCancel => {
                body["jobId"] = "".into();
            }
            Kind::Appliance => undocumented(variant, &mut body["appliance"]),
            _ => {}
        }
        if kind != Kind::LockCreated && kind != Kind::Lock {
            undocumented(variant, body);
        }
        message(variant, body);
    }
}

fn undocumented(variant: Variant, object: &mut Value) {
    if let (Variant::UndocumentedMember, Some(members)) = (variant, object.as_object_mut()) {
        members.insert("addedInALaterVersion".to_owned(), json!({ "value": [1, "two", null] }));
    }
}

fn lock(variant: Variant, row: &mut Value) {
    undocumented(variant, row);
    let created = row["creationTimestamp"].as_str().unwrap_or_default();
    let (moment, zone) = created.split_at(created.len().min(19));
    let changed = match variant {
        Variant::FractionOfSeconds => format!("{moment}.000{zone}"),
        Variant::UtcOffset => created.replace('Z', "+00:00"),
        _ => return,
    };
    set_member(row, "creationTimestamp", changed);
}

fn backup(variant: Variant, row: &mut Value) {
    undocumented(variant, row);
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
        _ => {}
    }
}

fn success_message(kind: Kind, body: &mut Value) {
    let is_success = body["result"] == "success";
    if is_success && matches!(kind, Kind::TransferStarted | Kind::TransferCancelled) {
        body["message"] = json!([errors::success().entry(Shape::Singular)]);
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
        Variant::RecoveryAsObject => {
            for entry in each(body.get_mut("message")) {
                if let Some(step) = entry["recovery"].get(0).cloned() {
                    entry["recovery"] = step;
                }
            }
        }
        Variant::PluralMessagesToo => {
            let entries: Vec<Value> = each(body.get_mut("message")).into_iter().map(|entry| entry.clone()).collect();
            body["messages"] = Value::Array(entries);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenes;
    use super::*;

    #[test]
    fn every_variant_shows_and_only_those_about_a_status_change_one() {
        const ABOUT_STATUS: [Variant; 8] = [
            Variant::AiccRedirects,
            Variant::BadLogin401,
            Variant::CsrfNotEnforced,
            Variant::DuplicateStartAccepted,
            Variant::EmptyArrayForNoLocks,
            Variant::JobsEndAtOnce,
            Variant::TransferUnauthorized403,
            Variant::UnknownLock400,
        ];
        let plain = scenes::play(&Options::default());
        for variant in Variant::ALL.iter().copied() {
            let varied = scenes::play(&Options { variants: [variant].into(), ..Options::default() });
            let pairs = || plain.iter().flatten().zip(varied.iter().flatten());
            assert!(pairs().any(|(before, after)| before != after), "{variant} never shows");
            let changes_status = pairs().any(|((_, before), (_, after))| before.status != after.status);
            assert_eq!(changes_status, ABOUT_STATUS.contains(&variant), "{variant}");
        }
    }

    #[test]
    fn all_variants_together_still_give_json() {
        let options = Options { variants: Variant::ALL.iter().copied().collect(), ..Options::default() };
        for (place, reply) in scenes::play(&options).iter().flatten() {
            assert!(reply.body.is_empty() || reply.json().is_some(), "{place}");
        }
    }
}
