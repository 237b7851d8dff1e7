//! The faults of what is said: a pass over a finished answer that makes it wrong in one respect.
//!
//! Knows the bodies of answers. Must not change the state or look at the request.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Body, Kind};
use super::clock::{later_by_seconds, stamp};
use super::errors::{self, Shape};
use super::fault::Fault;
use super::spoil_members;
use super::spoil_transfer::{self, each};
use super::spoil_words;
use super::state::State;
use super::times;

/// Applies every fault that the state has to an answer.
pub(super) fn spoil(state: &State, answer: &mut Answer, now: Timestamp) {
    for fault in state.options.faults.iter().copied() {
        match answer.kind {
            Kind::LockList => lock_list(fault, answer, now),
            Kind::Lock => one_lock(fault, answer),
            Kind::BackupList => backup_list(fault, answer),
            Kind::OneTask => one_task(fault, answer),
            Kind::NoLocks => no_locks(fault, answer),
            Kind::LockCreated => created_lock(fault, answer),
            Kind::SessionOpened if fault == Fault::LoginWithoutCsrfCookie => {
                answer.headers.retain(|(_, value)| !value.starts_with("csrf="));
            }
            Kind::Appliance => appliance(fault, answer),
            Kind::TransferStarted => spoil_transfer::started(fault, answer),
            Kind::TransferCancelled => spoil_transfer::cancelled(fault, answer),
            Kind::TransferRefused => spoil_transfer::refused(fault, answer),
            Kind::Unauthorized => match fault {
                Fault::Unauthorized403 => answer.status = 403,
                Fault::UnauthorizedEmptyBody => answer.body = Body::None,
                _ => {}
            },
            Kind::Forbidden => match fault {
                Fault::Forbidden404 => answer.status = 404,
                Fault::ForbiddenEmptyBody => answer.body = Body::None,
                _ => {}
            },
            _ => {}
        }
        spoil_words::apply(fault, answer);
        spoil_transfer::messages(fault, answer);
        spoil_members::apply(fault, answer);
        if answer.status >= 400 {
            sibling_error(fault, answer);
        }
    }
}

/// Takes a member out of an object.
pub(super) fn drop_member(object: &mut Value, name: &str) {
    if let Some(members) = object.as_object_mut() {
        members.remove(name);
    }
}

/// Replaces a member that is there.
pub(super) fn set_member(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(member) = object.get_mut(name) {
        *member = value.into();
    }
}

fn lock_list(fault: Fault, answer: &mut Answer, now: Timestamp) {
    match fault {
        Fault::Locks204WithLocks => {
            answer.status = 204;
            answer.body = Body::None;
        }
        Fault::LocksStatus202 => answer.status = 202,
        Fault::LocksEmptyBody => answer.body = Body::None,
        Fault::LocksNotJson => answer.broken_off = true,
        Fault::LocksTextHtml => answer.media_type = Some("text/html; charset=UTF-8"),
        _ => {}
    }
    let Some(body) = answer.value() else { return };
    match fault {
        Fault::LocksEnveloped => *body = json!({ "locks": body.take() }),
        Fault::LocksSingleObject => *body = body.get(0).cloned().unwrap_or_default(),
        _ => {}
    }
    let Some(rows) = body.as_array_mut() else { return };
    match fault {
        Fault::LockIdDuplicate => {
            if let [only] = rows.as_slice() {
                let twin = only.clone();
                rows.push(twin);
            } else if let [first, second, ..] = rows.as_mut_slice() {
                second["id"] = first["id"].clone();
            }
        }
        Fault::LocksBareIds => rows.iter_mut().for_each(|row| *row = row["id"].take()),
        Fault::LocksOnePerComponent => {
            let components: Vec<Value> = rows.iter().map(|row| row["component"].clone()).collect();
            let mut place = 0;
            rows.retain(|row| {
                place += 1;
                !components[place..].contains(&row["component"])
            });
        }
        Fault::LocksThirdRowBad => {
            if let Some(third) = rows.get_mut(2) {
                set_member(third, "component", "XX");
            }
        }
        _ => rows.iter_mut().for_each(|row| lock_row(fault, row, now)),
    }
}

fn lock_row(fault: Fault, row: &mut Value, now: Timestamp) {
    let id = row["id"].as_str().unwrap_or_default().to_owned();
    let component = row["component"].as_str().unwrap_or_default().to_lowercase();
    let created = row["creationTimestamp"].as_str().unwrap_or_default().to_owned();
    let expiry = row["expirationTimeOut"].as_i64().unwrap_or_default();
    if let Some(spoilt) = times::spoilt(fault, &created) {
        set_member(row, "creationTimestamp", spoilt);
    }
    match fault {
        Fault::LockIdShort => set_member(row, "id", id.chars().take(31).collect::<String>()),
        Fault::LockIdLong => set_member(row, "id", format!("{id}0")),
        Fault::LockIdHyphenated => {
            let hyphenate = |(place, c)| if [8, 13, 18, 23].contains(&place) { '-' } else { c };
            set_member(row, "id", id.chars().enumerate().map(hyphenate).collect::<String>());
        }
        Fault::LockIdUmlauts => set_member(row, "id", id.replace(['a', 'b', 'c'], "ä")),
        Fault::LockIdNumber => set_member(row, "id", 4_100_017),
        Fault::LockIdMissing => drop_member(row, "id"),
        Fault::LockComponentUnknown => set_member(row, "component", "XX"),
        Fault::LockComponentLowercase => set_member(row, "component", component),
        Fault::LockComponentLabel => set_member(row, "component", "Updates"),
        Fault::LockComponentNull => set_member(row, "component", Value::Null),
        Fault::LockComponentMissing => drop_member(row, "component"),
        Fault::LockCreatedNumber => set_member(row, "creationTimestamp", now.as_second()),
        Fault::LockCreatedInFuture => {
            set_member(row, "creationTimestamp", stamp(later_by_seconds(now, 24 * 60 * 60)));
        }
        Fault::LockCreatedIsNow => set_member(row, "creationTimestamp", stamp(now)),
        Fault::LockCreatedMissing => drop_member(row, "creationTimestamp"),
        Fault::LockExpiryString => set_member(row, "expirationTimeOut", expiry.to_string()),
        Fault::LockExpiryFloat => set_member(row, "expirationTimeOut", 1200.5),
        Fault::LockExpiryNegative => set_member(row, "expirationTimeOut", expiry.saturating_neg()),
        Fault::LockExpiryMissing => drop_member(row, "expirationTimeOut"),
        _ => {}
    }
}

fn one_lock(fault: Fault, answer: &mut Answer) {
    if let (Fault::LockGetWrongId, Some(lock)) = (fault, answer.value()) {
        let id: String = lock["id"].as_str().unwrap_or_default().chars().rev().collect();
        set_member(lock, "id", id);
    }
}

fn created_lock(fault: Fault, answer: &mut Answer) {
    if let (Fault::CreatedLockIdShort, Some(lock)) = (fault, answer.value()) {
        let id: String = lock["id"].as_str().unwrap_or_default().chars().take(31).collect();
        set_member(lock, "id", id);
    }
}

fn no_locks(fault: Fault, answer: &mut Answer) {
    match fault {
        Fault::NoLocks404 => {
            *answer = Answer::refusal(404, &errors::not_found("No lock is held."), Shape::Plural);
        }
        Fault::NoLocksEmpty200 => {
            answer.status = 200;
            answer.body = Body::None;
        }
        _ => {}
    }
}

fn backup_list(fault: Fault, answer: &mut Answer) {
    if let (Fault::BackupsBare, Some(body)) = (fault, answer.value()) {
        *body = body["backups"].take();
    }
}

fn one_task(fault: Fault, answer: &mut Answer) {
    let Some(body) = answer.value() else { return };
    if fault == Fault::TaskSingleObject && body.as_array().is_some_and(|rows| rows.len() == 1) {
        *body = body[0].take();
    }
}

/// The body of an error in the shape of the sibling pages.
fn sibling_error(fault: Fault, answer: &mut Answer) {
    let Some(body) = answer.value().filter(|body| body.get("messages").is_some()) else { return };
    match fault {
        Fault::ErrorBodyList => *body = json!([body.take()]),
        Fault::ErrorSaysNothing => body["messages"] = json!([]),
        Fault::ErrorResultNumber => set_member(body, "result", 1),
        Fault::ErrorMessagesMissing => {
            let text = body["messages"][0]["text"].take();
            *body = json!({ "result": "failed", "text": text });
        }
        Fault::ErrorMessagesText => set_member(body, "messages", "The request is not valid."),
        _ => {}
    }
    for message in each(body.get_mut("messages")) {
        match fault {
            Fault::ErrorIdNumber => set_member(message, "id", 400),
            Fault::ErrorTextNumber => set_member(message, "text", 400),
            Fault::ErrorExplanationList => {
                let words = message["explanation"].take();
                set_member(message, "explanation", json!([words]));
            }
            Fault::ErrorRecoveryNumber => set_member(message, "recovery", 1),
            _ => {}
        }
        for step in each(message.get_mut("recovery")) {
            match fault {
                Fault::ErrorRecoveryTextNumber => set_member(step, "text", 400),
                Fault::ErrorUrlNull => set_member(step, "URL", Value::Null),
                _ => {}
            }
        }
    }
}

fn appliance(fault: Fault, answer: &mut Answer) {
    let Some(appliance) = answer.value().and_then(|body| body.get_mut("appliance")) else { return };
    match fault {
        Fault::AiccVersionMissing => drop_member(appliance, "version"),
        Fault::AiccVersionNumber => set_member(appliance, "version", 4.1),
        Fault::AiccRunlevelString => set_member(appliance, "runlevel", "3"),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenes;
    use super::super::state::Options;
    use super::*;

    #[test]
    fn every_fault_shows_and_shows_nowhere_but_at_its_place_or_after_it() {
        let plain = scenes::play(&Options::default());
        for fault in Fault::ALL.iter().copied() {
            let spoilt = scenes::play(&Options { faults: [fault].into(), ..Options::default() });
            // These begin with other locks, so that later ids differ too.
            let shifts_ids = [Fault::LocksThirdRowBad, Fault::LocksKeepExpired].contains(&fault);
            let mut shown = false;
            for (before, after) in plain.iter().zip(&spoilt) {
                let mut reached = false;
                for ((place, right), (_, wrong)) in before.iter().zip(after) {
                    reached |= *place == fault.place();
                    // What a change leads to is seen afterwards.
                    let follows = reached && !fault.place().starts_with("GET");
                    if right != wrong {
                        let at_place = *place == fault.place()
                            || fault.place() == "*"
                            || follows
                            || shifts_ids;
                        assert!(
                            at_place,
                            "{fault} shows at {place}: {} {:?} instead of {} {:?}",
                            wrong.status,
                            wrong.json(),
                            right.status,
                            right.json()
                        );
                        shown = true;
                    }
                }
            }
            assert!(shown, "{fault} never shows");
        }
    }

    #[test]
    fn no_two_faults_look_the_same() {
        let mut seen = Vec::new();
        for fault in Fault::ALL.iter().copied() {
            let story = scenes::play(&Options { faults: [fault].into(), ..Options::default() });
            assert_eq!(
                seen.iter().find(|(_, other)| *other == story).map(|(other, _)| other),
                None,
                "{fault}"
            );
            seen.push((fault, story));
        }
    }
}
