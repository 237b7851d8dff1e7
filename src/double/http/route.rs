//! Which paths and methods there are, as the pages name them.
//!
//! Knows paths only. Must not know the state or what an operation does.

use super::super::site::table::Read;
use super::places::Place;
use super::request::decode;

/// A path that the double knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Appliance,
    Locks,
    Lock(String),
    Backups,
    Backup(String),
    Tasks,
    TaskList(Vec<String>),
    Jobs,
    Job(String),
    Sessions,
    Session(String),
    Users,
    User(String),
    /// A path that is played by hand, and what stands for the variable in it.
    Place(Place, String),
    /// A read of the site, and the keys in its path.
    Site(&'static Read, Vec<String>),
}

/// What becomes of a method on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Play {
    /// The double plays it.
    Played,
    /// A page or a client knows it, the double doesn't play it.
    NotPlayed,
    /// No page names it.
    Undocumented,
}

impl Route {
    /// The route of a path as on the wire.
    pub(crate) fn find(path: &str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        let decoded: Vec<String>;
        let segments: Vec<&str> = if path.contains('%') {
            decoded = path.split('/').map(decode).collect();
            decoded.iter().map(String::as_str).collect()
        } else {
            path.split('/').collect()
        };
        if segments.iter().any(|segment| segment.is_empty()) {
            return None;
        }
        Some(match segments.as_slice() {
            ["aicc"] => Self::Appliance,
            ["aicc", "service", "sftp", "locks"] => Self::Locks,
            ["aicc", "service", "sftp", "locks", id] => Self::Lock((*id).to_owned()),
            ["managementServer", "data"] => Self::Backups,
            ["managementServer", "data", uuid] => Self::Backup((*uuid).to_owned()),
            ["tasks"] => Self::Tasks,
            ["tasks", list] => Self::TaskList(list.split(',').map(str::to_owned).collect()),
            ["jobs"] => Self::Jobs,
            ["jobs", id] => Self::Job((*id).to_owned()),
            ["sessions"] => Self::Sessions,
            ["sessions", id] => Self::Session((*id).to_owned()),
            ["userAccounts"] => Self::Users,
            ["userAccounts", id] => Self::User((*id).to_owned()),
            segments => {
                let place = Place::find(segments).map(|(place, id)| Self::Place(place, id));
                let site = || Read::find(segments).map(|(read, keys)| Self::Site(read, keys));
                return place.or_else(site);
            }
        })
    }

    /// The methods that are played, and those that are known and not played.
    fn methods(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let (played, known): (&[&str], &[&str]) = match self {
            Self::Site(read, _) => {
                let mut played = vec!["GET"];
                played.extend(read.changes.iter().map(String::as_str));
                return (played, read.known.iter().map(String::as_str).collect());
            }
            Self::Place(place, _) => place.methods(),
            Self::Appliance => (&["GET"], &["PUT"]),
            Self::Locks => (&["GET", "POST"], &[]),
            Self::Lock(_) => (&["GET", "DELETE"], &[]),
            Self::Backups | Self::Tasks => (&["GET", "PUT"], &["POST"]),
            Self::Backup(_) => (&["DELETE"], &["GET"]),
            Self::TaskList(_) => (&["GET", "DELETE"], &["PUT"]),
            Self::Jobs => (&["GET"], &[]),
            Self::Job(_) | Self::User(_) => (&["GET"], &["PUT", "DELETE"]),
            Self::Sessions => (&["GET", "POST", "DELETE"], &[]),
            Self::Session(_) => (&["DELETE"], &[]),
            Self::Users => (&["GET"], &["POST"]),
        };
        (played.to_vec(), known.to_vec())
    }

    /// The version that a method came with, where a page says so of one that is played.
    pub(crate) fn since(&self, method: &str) -> Option<(u32, u32)> {
        match (self, method) {
            (Self::Locks | Self::Lock(_), _) => Some((4, 1)),
            (Self::Backup(_), "DELETE") => Some((2, 2)),
            (Self::Tasks, "PUT") => Some((1, 2)),
            (Self::Place(place, _), method) => place.since(method),
            (Self::Site(read, _), "GET") => read.since,
            _ => None,
        }
    }

    /// What becomes of this method here.
    pub(crate) fn play(&self, method: &str) -> Play {
        let (played, known) = self.methods();
        if played.contains(&method) {
            Play::Played
        } else if known.contains(&method) {
            Play::NotPlayed
        } else {
            Play::Undocumented
        }
    }

    /// The value of the `Allow` header.
    pub(crate) fn allow(&self) -> String {
        let (played, known) = self.methods();
        [played, known].concat().join(", ")
    }

    /// The path with the variable part named instead of filled in.
    pub(crate) fn template(&self) -> &'static str {
        match self {
            Self::Appliance => "/aicc",
            Self::Locks => "/aicc/service/sftp/locks",
            Self::Lock(_) => "/aicc/service/sftp/locks/{id}",
            Self::Backups => "/managementServer/data",
            Self::Backup(_) => "/managementServer/data/{uuid}",
            Self::Tasks => "/tasks",
            Self::TaskList(_) => "/tasks/{job_list}",
            Self::Jobs => "/jobs",
            Self::Job(_) => "/jobs/{id}",
            Self::Sessions => "/sessions",
            Self::Session(_) => "/sessions/{id}",
            Self::Users => "/userAccounts",
            Self::User(_) => "/userAccounts/{id}",
            Self::Place(place, _) => place.template(),
            Self::Site(read, _) => &read.path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_whole_and_case_by_case() {
        assert_eq!(Route::find("/aicc/service/sftp/locks"), Some(Route::Locks));
        assert_eq!(
            Route::find("/tasks/17%2C18"),
            Some(Route::TaskList(vec!["17".into(), "18".into()]))
        );
        for path in
            ["/Aicc", "/aicc/", "//aicc", "/", "", "/managementServer/quiesce", "/managementServer"]
        {
            assert_eq!(Route::find(path), None, "{path}");
        }
    }

    #[test]
    fn a_method_is_played_known_or_undocumented() {
        assert_eq!(Route::Backups.play("PUT"), Play::Played);
        assert_eq!(Route::Backups.play("POST"), Play::NotPlayed);
        assert_eq!(Route::Backups.play("PATCH"), Play::Undocumented);
        assert_eq!(Route::Locks.allow(), "GET, POST");
    }
}
