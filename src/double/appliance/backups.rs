//! The backups: which there are, where they lie, and the operations that list and delete them.
//!
//! Knows the list page and the delete page. Must not know how a backup is copied, moved or pushed.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::http::answer::{Answer, Kind};
use super::super::http::errors::{self, Problem, Shape};
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::terms::names::Name;
use super::jobs;
use super::lag;
use super::state::State;
use super::things::{Backup, INTERNAL};

impl Backup {
    fn view(&self, state: &State) -> Value {
        let shown: Vec<&String> =
            self.locations.iter().filter(|place| !jobs::hides(state, &self.uuid, place)).collect();
        let checksum = format!("{:0>64}", self.uuid.replace('-', ""));
        json!({
            "backupDate": *self.date,
            "backupRequestedBy": "USERID",
            "chassis": "2",
            "checksum": if self.altered { checksum.replace('0', "1") } else { checksum },
            "dhcp": false,
            "dhcpEth": "",
            "dhcpMac": "",
            "eth0IPv4": "192.0.2.10",
            "eth0IPv6": "2001:db8::10",
            "eth1IPv4": "",
            "eth1IPv6": "",
            "filename": *self.filename,
            "firmware": "0",
            "ipRedirect": "",
            "locations": shown,
            "uuid": *self.uuid,
        })
    }
}

/// `GET /managementServer/data`
pub(crate) fn list(state: &State, now: Timestamp) -> Answer {
    let rows: Vec<Value> =
        lag::backups(state, now).iter().map(|backup| backup.view(state)).collect();
    Answer::json(200, Kind::BackupList, json!({ "backups": rows }))
}

/// `DELETE /managementServer/data/{uuid}?location=`
pub(crate) fn delete(state: &mut State, uuid: &str, request: &Request, now: Timestamp) -> Answer {
    match check_delete(state, uuid, request) {
        Ok((uuid, location)) => {
            if !state.has(Fault::DeletedBackupStaysListed) {
                lag::backups_change(state, now);
                let everywhere = location == "all" || state.has(Fault::DeleteTakesEveryCopy);
                for backup in state.backups.iter_mut().filter(|backup| backup.uuid == uuid) {
                    backup.locations.retain(|known| !everywhere && *known != location);
                }
                state.backups.retain(|backup| !backup.locations.is_empty());
                if state.has(Fault::DeleteTakesAnother) {
                    state.lose_another_backup(&uuid);
                }
                if state.has(Fault::DeleteClearsThePlace) {
                    state.clear_place_of_others(&uuid, &location);
                }
            }
            Answer::json(200, Kind::BackupDeleted, errors::success_body())
        }
        Err((_, Some(fault))) if state.has(fault) => {
            Answer::json(200, Kind::BackupDeleted, errors::success_body())
        }
        Err((problem, fault)) => {
            let unknown = fault == Some(Fault::DeleteUnknownBackupAccepted)
                && state.varies(Variant::UnknownBackup404);
            Answer::refusal(if unknown { 404 } else { 400 }, &problem, Shape::Plural)
        }
    }
}

/// Judges a deletion; with a problem comes the fault that doesn't mind it.
fn check_delete(
    state: &State,
    uuid: &str,
    request: &Request,
) -> Result<(Name, String), (Problem, Option<Fault>)> {
    let location = request.query("location").ok_or_else(|| {
        (
            errors::bad_request("The query parameter `location` is missing."),
            Some(Fault::DeleteLocationNotRequired),
        )
    })?;
    let known = location == "all"
        || location == INTERNAL
        || state.shares.iter().any(|share| share == location);
    if !known {
        let explanation =
            "The query parameter `location` is not `all`, `internal` or a configured mount point.";
        return Err((errors::bad_request(explanation), Some(Fault::DeleteUnknownLocationAccepted)));
    }
    let backup = state.backup(uuid).ok_or_else(|| {
        (
            errors::bad_request("No backup has the uuid that the path names."),
            Some(Fault::DeleteUnknownBackupAccepted),
        )
    })?;
    if location != "all" && !backup.lies_at(location) {
        return Err((
            errors::bad_request("The backup doesn't lie at the location that the request names."),
            None,
        ));
    }
    Ok((backup.uuid.clone(), location.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{BOTH, Bench, DATA, LOCAL, SHARED};

    #[test]
    fn a_backup_is_deleted_where_it_is_asked_for_and_nowhere_else() {
        let mut bench = Bench::new();
        for (uuid, location, status) in [
            (BOTH, "", 400),
            (BOTH, "?location=nowhere", 400),
            (BOTH, "?location=/mnt/second_share", 400),
            ("unknown", "?location=all", 400),
            (BOTH, "?location=internal", 200),
            (BOTH, "?location=internal", 400),
            (LOCAL, "?location=all", 200),
            (SHARED, "?location=%2Fmnt%2Fbackup_share", 200),
        ] {
            let reply = bench.send("DELETE", &format!("{DATA}/{uuid}{location}"), "");
            assert_eq!(reply.status, status, "{uuid} {location}");
        }
        let left = bench.get_json(DATA);
        assert_eq!(left["backups"].as_array().unwrap().len(), 1);
        assert_eq!(left["backups"][0]["locations"], serde_json::json!(["/mnt/backup_share"]));
    }
}
