//! The backups: which there are, where they lie, and the operations that list and delete them.
//!
//! Knows the list page and the delete page. Must not know how a backup is copied, moved or pushed.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Kind};
use super::errors::{self, Problem, Shape};
use super::fault::Fault;
use super::jobs;
use super::lag;
use super::names::Name;
use super::request::Request;
use super::state::{Options, State};
use super::variant::Variant;

/// The name of the local repository.
pub(super) const INTERNAL: &str = "internal";

/// The mount points of the remote shares that every double starts with; the last is that of the
/// page's example.
pub(super) const MOUNT_POINTS: [&str; 3] =
    ["/mnt/backup_share", "/mnt/second_share", "/mnt/my_remote_share"];

#[derive(Debug, Clone)]
pub(super) struct Backup {
    pub(super) uuid: Name,
    pub(super) date: Name,
    pub(super) filename: Name,
    pub(super) locations: Vec<String>,
    /// Whether a copy has changed what it holds.
    pub(super) altered: bool,
}

impl Backup {
    pub(super) fn lies_at(&self, location: &str) -> bool {
        self.locations.iter().any(|known| known == location)
    }

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

/// The backups that every double starts with: one only local, one only on a share, one on both.
pub(super) fn at_start(options: &Options) -> Vec<Backup> {
    if options.variants.contains(&Variant::NoBackups) {
        return Vec::new();
    }
    let backup = |uuid: &str, date: &str, filename: &str, locations: &[&str]| Backup {
        uuid: uuid.into(),
        date: date.into(),
        filename: filename.into(),
        locations: locations.iter().map(|location| (*location).to_owned()).collect(),
        altered: false,
    };
    vec![
        backup(
            "0b7c9f52-6a3e-4d18-9a57-2f1d8c4e6b90",
            "2022-09-01T02:00:00Z",
            "first.zip",
            &[INTERNAL],
        ),
        backup(
            "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278",
            "2022-09-04T02:00:00Z",
            "second.zip",
            &[MOUNT_POINTS[0]],
        ),
        backup(
            "c2d1e8a4-93f7-4b60-8e15-7a6f0d3b5c21",
            "2022-09-08T02:00:00Z",
            "third.zip",
            &[INTERNAL, MOUNT_POINTS[0]],
        ),
    ]
}

/// The backup of this uuid; letters may be in either case.
pub(super) fn find<'a>(state: &'a State, uuid: &str) -> Option<&'a Backup> {
    state.backups.iter().find(|backup| {
        if state.varies(Variant::UuidCaseSensitive) {
            *backup.uuid == *uuid
        } else {
            backup.uuid.eq_ignore_ascii_case(uuid)
        }
    })
}

/// `GET /managementServer/data`
pub(super) fn list(state: &State, now: Timestamp) -> Answer {
    let rows: Vec<Value> =
        lag::backups(state, now).iter().map(|backup| backup.view(state)).collect();
    Answer::json(200, Kind::BackupList, json!({ "backups": rows }))
}

/// `DELETE /managementServer/data/{uuid}?location=`
pub(super) fn delete(state: &mut State, uuid: &str, request: &Request, now: Timestamp) -> Answer {
    match check_delete(state, uuid, request) {
        Ok((uuid, location)) => {
            if !state.has(Fault::DeletedBackupStaysListed) {
                lag::backups_change(state, now);
                let everywhere = location == "all" || state.has(Fault::DeleteTakesEveryCopy);
                for backup in state.backups.iter_mut().filter(|backup| backup.uuid == uuid) {
                    backup.locations.retain(|known| !everywhere && *known != location);
                }
                state.backups.retain(|backup| !backup.locations.is_empty());
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
    let backup = find(state, uuid).ok_or_else(|| {
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
    use super::super::testing::{BOTH, Bench, DATA, LOCAL, SHARED};

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
