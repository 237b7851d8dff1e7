//! What the appliance says of itself.
//!
//! Must not know who asks.

use jiff::Timestamp;
use serde_json::json;

use super::super::http::answer::{Answer, Kind};
use super::super::http::errors::{self, Shape};
use super::state::State;

/// `GET /aicc`
pub(crate) fn get(state: &State, now: Timestamp) -> Answer {
    let part =
        |format: &str| now.strftime(format).to_string().trim().parse::<i64>().unwrap_or_default();
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

/// The answer of an appliance that is too old to have an operation. A version that can't be read
/// counts as new.
pub(crate) fn too_old(version: &str, since: (u32, u32)) -> Option<Answer> {
    let mut parts = version.split('.').map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else { return None };
    if (major, minor) >= since {
        return None;
    }
    let explanation = format!(
        "The operation came with version {}.{}.0; this appliance has version {version}.",
        since.0, since.1
    );
    Some(Answer::refusal(404, &errors::not_found(explanation), Shape::Plural))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_there_from_its_version_on() {
        for (version, before) in [
            ("4.0.9", true),
            ("3.10.0", true),
            ("4.1.0", false),
            ("4.10.0", false),
            ("10.0.0", false),
            ("next", false),
            ("4", false),
        ] {
            assert_eq!(too_old(version, (4, 1)).is_some(), before, "{version}");
        }
        let answer = too_old("4.0.9", (4, 1)).unwrap();
        assert_eq!(answer.status, 404);
        assert!(format!("{:?}", answer.body).contains("4.1.0"));
    }
}
