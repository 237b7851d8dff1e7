//! The faults that take what is almost a right `PUT /managementServer/data` for one: each reads an
//! attribute as what it is near to.
//!
//! Knows the attributes of the page, and what there is to be near to. Must not know what an
//! accepted request does.

use serde_json::{Map, Value};

use super::super::misbehave::fault::Fault;
use super::state::State;

/// How many letters of a uuid or of a mount point are enough for a fault that takes a part of it.
const ENOUGH: usize = 8;

/// Reads the attributes of a request as the faults of the state have it.
pub(crate) fn read(state: &State, body: &mut Map<String, Value>) {
    let Some(operation) = body
        .get("operation")
        .map(|value| unwrapped(value).as_str().unwrap_or_default().trim().to_owned())
    else {
        return;
    };
    let by = |copy, moves, push| match operation.as_str() {
        "copy" => state.has(copy),
        "move" => state.has(moves),
        "push" => state.has(push),
        _ => false,
    };
    if by(Fault::CopyListsUnwrapped, Fault::MoveListsUnwrapped, Fault::PushListsUnwrapped) {
        body.values_mut().for_each(|value| *value = unwrapped(value).clone());
    }
    if by(Fault::CopyBlanksIgnored, Fault::MoveBlanksIgnored, Fault::PushBlanksIgnored) {
        texts(body, |text| Some(text.trim().to_owned()));
    }
    let (cut, more) = (
        by(Fault::CopyUuidCutAccepted, Fault::MoveUuidCutAccepted, Fault::PushUuidCutAccepted),
        by(Fault::CopyUuidMoreAccepted, Fault::MoveUuidMoreAccepted, Fault::PushUuidMoreAccepted),
    );
    let uuids: Vec<String> = state.backups.iter().map(|backup| backup.uuid.to_string()).collect();
    text(body, "uuid", |sent| near(sent, &uuids, cut, more));
    // A push goes to no place of backups.
    let by = |copy, moves| match operation.as_str() {
        "copy" => state.has(copy),
        "move" => state.has(moves),
        _ => false,
    };
    let (cut, more) = (
        by(Fault::CopyPlaceCutAccepted, Fault::MovePlaceCutAccepted),
        by(Fault::CopyPlaceMoreAccepted, Fault::MovePlaceMoreAccepted),
    );
    text(body, "destination", |sent| near(sent, &state.shares, cut, more));
    if by(Fault::CopyPlaceCaseIgnored, Fault::MovePlaceCaseIgnored) {
        text(body, "destination", |sent| {
            state.shares.iter().find(|share| share.eq_ignore_ascii_case(sent)).cloned()
        });
    }
}

/// The one item of a list that has no other.
fn unwrapped(value: &Value) -> &Value {
    match value.as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => value,
    }
}

/// The known text that begins with what was sent, or with which that begins.
fn near(sent: &str, known: &[String], cut: bool, more: bool) -> Option<String> {
    let is_near = |known: &&String| {
        (cut && sent.len() >= ENOUGH && known.starts_with(sent))
            || (more && sent.starts_with(known.as_str()))
    };
    known
        .iter()
        .filter(|known| *known != sent)
        .find(is_near)
        .filter(|_| !known.iter().any(|known| known == sent))
        .cloned()
}

fn texts(body: &mut Map<String, Value>, read: impl Fn(&str) -> Option<String>) {
    for value in body.values_mut() {
        if let Some(text) = value.as_str().and_then(&read) {
            *value = text.into();
        }
    }
}

fn text(body: &mut Map<String, Value>, name: &str, read: impl Fn(&str) -> Option<String>) {
    if let Some(value) = body.get_mut(name)
        && let Some(text) = value.as_str().and_then(read)
    {
        *value = text.into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::testing::{Bench, DATA, LOCAL};
    use super::Fault;

    const SHARE: &str = "/mnt/backup_share";
    const IP: &str = "192.0.2.1";

    /// The statuses of the near misses of a copy, a move and a push, each in a double of its own.
    fn statuses(faults: &[Fault], spoil: impl Fn(&mut Value)) -> [u16; 3] {
        [("copy", SHARE), ("move", SHARE), ("push", IP)].map(|(operation, destination)| {
            let mut bench = Bench::new();
            bench.state.options.faults.extend(faults);
            let mut body = json!({ "action": "start", "operation": operation, "uuid": LOCAL,
                "destination": destination });
            spoil(&mut body);
            bench.send("PUT", DATA, &body.to_string()).status
        })
    }

    type Near = Box<dyn Fn(&mut Value)>;

    #[test]
    fn a_near_miss_is_refused_unless_a_fault_takes_it_and_then_only_of_its_operation() {
        let with = |name: &'static str, change: fn(&str) -> Value| {
            move |body: &mut Value| body[name] = change(body[name].as_str().unwrap_or_default())
        };
        let cut = |text: &str| text[..text.len() - 1].into();
        let more = |text: &str| format!("{text}x").into();
        let blank = |text: &str| format!(" {text}").into();
        let upper = |text: &str| text.to_uppercase().into();
        let listed = |text: &str| json!([text]);
        let rows: Vec<(Near, [Option<Fault>; 3])> = vec![
            (
                Box::new(with("uuid", cut)),
                [
                    Some(Fault::CopyUuidCutAccepted),
                    Some(Fault::MoveUuidCutAccepted),
                    Some(Fault::PushUuidCutAccepted),
                ],
            ),
            (
                Box::new(with("uuid", more)),
                [
                    Some(Fault::CopyUuidMoreAccepted),
                    Some(Fault::MoveUuidMoreAccepted),
                    Some(Fault::PushUuidMoreAccepted),
                ],
            ),
            (
                Box::new(with("destination", cut)),
                [Some(Fault::CopyPlaceCutAccepted), Some(Fault::MovePlaceCutAccepted), None],
            ),
            (
                Box::new(with("destination", more)),
                [Some(Fault::CopyPlaceMoreAccepted), Some(Fault::MovePlaceMoreAccepted), None],
            ),
            (
                Box::new(with("operation", blank)),
                [
                    Some(Fault::CopyBlanksIgnored),
                    Some(Fault::MoveBlanksIgnored),
                    Some(Fault::PushBlanksIgnored),
                ],
            ),
            (
                Box::new(with("uuid", blank)),
                [
                    Some(Fault::CopyBlanksIgnored),
                    Some(Fault::MoveBlanksIgnored),
                    Some(Fault::PushBlanksIgnored),
                ],
            ),
            (
                Box::new(with("operation", listed)),
                [
                    Some(Fault::CopyListsUnwrapped),
                    Some(Fault::MoveListsUnwrapped),
                    Some(Fault::PushListsUnwrapped),
                ],
            ),
        ];
        for (row, (near, faults)) in rows.into_iter().enumerate() {
            // "192.0.2." is no address, and neither is "192.0.2.1x".
            assert_eq!(statuses(&[], &near), [400; 3], "row {row}");
            for (place, fault) in
                faults.into_iter().enumerate().filter_map(|(place, fault)| Some((place, fault?)))
            {
                let mut wanted = [400; 3];
                wanted[place] = 200;
                assert_eq!(statuses(&[fault], &near), wanted, "row {row}, {fault}");
            }
        }
        assert_eq!(
            statuses(&[], with("destination", upper)),
            [400, 400, 200],
            "an address has no letters here"
        );
        assert_eq!(
            statuses(&[Fault::CopyPlaceCaseIgnored], with("destination", upper)),
            [200, 400, 200]
        );
        assert_eq!(
            statuses(&[Fault::MovePlaceCaseIgnored], with("destination", upper)),
            [400, 200, 200]
        );
    }
}
