//! The faults and variants of lists that depend on who asks, how, and how often; and those that
//! leave rows out.
//!
//! Knows finished lists of locks and backups, and the request. Must not know how a list is made.

use serde_json::{Value, json};

use super::super::appliance::auth::Caller;
use super::super::appliance::state::State;
use super::super::http::answer::Answer;
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;

/// The list of locks as the faults and variants of the state have it.
pub(crate) fn locks(
    state: &State,
    request: &Request,
    caller: &Caller,
    mut answer: Answer,
) -> Answer {
    let asked = state.served("GET", "/aicc/service/sftp/locks");
    let Some(rows) = answer.value().and_then(Value::as_array_mut) else { return answer };
    let packed = request.header_lines("accept-encoding").any(|line| line.contains("gzip"));
    let (basic, session) = (caller.session.is_none(), caller.session.is_some());
    let short = [
        (Fault::LocksShortByBasic, basic),
        (Fault::LocksShortInSession, session),
        (Fault::LocksShortWhenPacked, packed),
        (Fault::LocksShortEverySecond, asked.is_multiple_of(2)),
    ];
    if short.iter().any(|(fault, holds)| *holds && state.has(*fault)) {
        rows.pop();
    }
    if state.has(Fault::LockComponentOtherByBasic) && basic {
        rows.iter_mut().take(1).for_each(|row| {
            row["component"] = if row["component"] == "UI" { "UP" } else { "UI" }.into();
        });
    }
    if state.has(Fault::LocksNewestThree) {
        rows.drain(..rows.len().saturating_sub(3));
    }
    if state.has(Fault::LocksEqualOnce) {
        let mut seen: Vec<(Value, Value)> = Vec::new();
        rows.retain(|row| {
            let like = (row["component"].clone(), row["expirationTimeOut"].clone());
            let first = !seen.contains(&like);
            seen.push(like);
            first
        });
    }
    if state.has(Fault::LocksWithoutComponent) {
        rows.retain(|row| row["component"] != "TS");
    }
    if state.has(Fault::LocksOnePerComponent) {
        let components: Vec<Value> = rows.iter().map(|row| row["component"].clone()).collect();
        let mut place = 0;
        rows.retain(|row| {
            place += 1;
            !components[place..].contains(&row["component"])
        });
    }
    if state.has(Fault::LocksLateRowBad) {
        rows.iter_mut().skip(4).for_each(|row| row["component"] = "XX".into());
    }
    if state.has(Fault::LocksThirdRowBad) {
        rows.iter_mut().skip(2).take(1).for_each(|row| row["component"] = "XX".into());
    }
    if state.varies(Variant::LocksOfOthersComeAndGo) {
        rows.insert(
            0,
            json!({ "id": format!("{asked:032}"), "component": "UI",
                "creationTimestamp": "2022-09-09T01:46:08Z", "expirationTimeOut": 2_000_000_000 }),
        );
    }
    turn(state.varies(Variant::LocksTurn), rows, asked);
    count(state.varies(Variant::RowsCountReads), rows, asked);
    answer
}

/// The list of backups as the faults and variants of the state have it.
pub(crate) fn backups(state: &State, caller: &Caller, mut answer: Answer) -> Answer {
    let asked = state.served("GET", "/managementServer/data");
    let Some(rows) = answer.value().and_then(|body| body["backups"].as_array_mut()) else {
        return answer;
    };
    if state.has(Fault::BackupNamedOtherwiseByBasic) && caller.session.is_none() {
        rows.iter_mut().take(1).for_each(|row| row["filename"] = "another.zip".into());
    }
    if state.has(Fault::BackupsShortInSession) && caller.session.is_some() {
        rows.pop();
    }
    turn(state.varies(Variant::BackupsTurn), rows, asked);
    count(state.varies(Variant::RowsCountReads), rows, asked);
    answer
}

/// Another row comes first each time.
fn turn(turns: bool, rows: &mut [Value], asked: u64) {
    if turns && !rows.is_empty() {
        let by = usize::try_from(asked).unwrap_or_default() % rows.len();
        rows.rotate_left(by);
    }
}

/// Each row tells how often the list was read.
fn count(counts: bool, rows: &mut [Value], asked: u64) {
    if counts {
        for row in rows {
            row["timesRead"] = json!(asked % 2);
        }
    }
}
