//! What the appliance says of itself.
//!
//! Must not know who asks.

use jiff::Timestamp;
use serde_json::json;

use super::answer::{Answer, Kind};
use super::state::State;

/// `GET /aicc`
pub(super) fn get(state: &State, now: Timestamp) -> Answer {
    let part = |format: &str| now.strftime(format).to_string().trim().parse::<i64>().unwrap_or_default();
    let body = json!({
        "appliance": {
            "uuid": state.uuid,
            "name": "lxca-double",
            "version": state.options.version,
            "build": "double",
            "date": "2022-09-09_01-46-08",
            "runlevel": 3,
            "status": "Normal",
        },
        "appliance_states": [
            { "id": 0, "description": "halted" },
            { "id": 3, "description": "normal" },
            { "id": 6, "description": "restarting" },
        ],
        "date": {
            "date_time": now.strftime("%B %-d, %Y %-I:%M:%S %p UTC").to_string(),
            "parts": {
                "year": part("%Y"),
                "month": part("%m"),
                "day": part("%d"),
                "hour": part("%H"),
                "minute": part("%M"),
                "second": part("%S"),
            },
            "utc_offset": 0,
            "timezone": "UTC",
        },
        "network_interfaces": [],
        "preferredDisplayName": "byDefault",
        "services": [{ "id": "sftp", "state": i32::from(!state.locks.is_empty()) }],
        "subscriptions": [],
    });
    Answer::json(200, Kind::Appliance, body)
}

/// Whether the appliance is old enough not to have the lock operations. A version that can't be read counts as new.
pub(super) fn before_locks(version: &str) -> bool {
    let mut parts = version.split('.').map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else { return false };
    (major, minor) < (4, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_came_with_version_4_1() {
        for (version, before) in [("4.0.9", true), ("3.10.0", true), ("4.1.0", false), ("4.10.0", false), ("10.0.0", false), ("next", false)] {
            assert_eq!(before_locks(version), before, "{version}");
        }
    }
}
