//! The paths beside the reads of the site that are played by hand: events, updates, policies,
//! requests to manage.
//!
//! Knows paths and methods. Must not know what an operation does.

/// A path that is played by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Controller,
    Events,
    Audit,
    Policies,
    PolicyResults,
    PolicyCompare,
    PolicyFirmware,
    Components,
    Repository,
    OwnUpdates,
    ServiceData,
    Manage,
    ManageJob,
    Unmanage,
    UnmanageJob,
    Discovery,
    Discover,
    DiscoverJob,
    Licenses,
    LicenseNotifications,
    Images,
}

/// A row of the table: the place, its template, the methods that are played, and those that a page
/// or a client knows beside them.
type Row = (Place, &'static str, &'static [&'static str], &'static [&'static str]);

const ROWS: &[Row] = &[
    (Place::Controller, "/nodes/{uuid}/bmc", &["PUT"], &[]),
    (Place::Events, "/events", &["GET"], &["POST"]),
    (Place::Audit, "/events/audit", &["GET"], &[]),
    (Place::Policies, "/compliancePolicies", &["GET"], &["PUT", "POST", "DELETE"]),
    (Place::PolicyResults, "/compliancePolicies/persistedResult", &["GET"], &[]),
    (Place::PolicyCompare, "/compliancePolicies/compareResult", &["GET", "POST"], &[]),
    (Place::PolicyFirmware, "/compliancePolicies/applicableFirmware", &["GET"], &[]),
    (Place::Components, "/updatableComponents", &["GET", "PUT"], &[]),
    (Place::Repository, "/updateRepositories/firmware", &["GET", "PUT"], &["POST"]),
    (Place::OwnUpdates, "/managementServer/updates", &["GET"], &["PUT", "POST"]),
    (Place::ServiceData, "/ffdc/endpoint/{uuid}", &["GET"], &[]),
    (Place::Manage, "/manageRequest", &["POST"], &[]),
    (Place::ManageJob, "/manageRequest/jobs/{job_id}", &["GET"], &[]),
    (Place::Unmanage, "/unmanageRequest", &["POST"], &[]),
    (Place::UnmanageJob, "/unmanageRequest/jobs/{job_id}", &["GET"], &[]),
    (Place::Discovery, "/discovery", &["GET"], &[]),
    (Place::Discover, "/discoverRequest", &["POST"], &[]),
    (Place::DiscoverJob, "/discoverRequest/jobs/{id}", &["GET"], &[]),
    (Place::Licenses, "/licenseCompliance", &["GET"], &[]),
    (Place::LicenseNotifications, "/notificationsLicense", &["GET"], &[]),
    (Place::Images, "/osImages", &["GET"], &["POST", "PUT", "DELETE"]),
];

impl Place {
    /// The place of a path, and what stands for the variable in it; empty where there is none.
    pub(crate) fn find(segments: &[&str]) -> Option<(Self, String)> {
        ROWS.iter().find_map(|(place, template, _, _)| {
            let mut variable = "";
            let mut expected = template.split('/').skip(1);
            for segment in segments {
                let expected = expected.next()?;
                if expected.starts_with('{') {
                    variable = segment;
                } else if expected != *segment {
                    return None;
                }
            }
            expected.next().is_none().then(|| (*place, variable.to_owned()))
        })
    }

    /// All of them.
    #[cfg(test)]
    pub(crate) fn templates() -> impl Iterator<Item = &'static str> {
        ROWS.iter().map(|(_, template, _, _)| *template)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|(place, _, _, _)| *place == self)
    }

    /// The path with the variable named instead of filled in.
    pub(crate) fn template(self) -> &'static str {
        self.row().map_or("", |(_, template, _, _)| template)
    }

    /// The methods that are played, and those that are known and not played.
    pub(crate) fn methods(self) -> (&'static [&'static str], &'static [&'static str]) {
        self.row().map_or((&[], &[]), |(_, _, played, known)| (played, known))
    }

    /// The version that a method came with, where a page says so.
    pub(crate) fn since(self, method: &str) -> Option<(u32, u32)> {
        match (self, method) {
            (Self::PolicyFirmware, _) => Some((1, 2)),
            (Self::Repository, "PUT") => Some((2, 3)),
            (Self::Licenses, _) => Some((2, 7)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_whole_with_what_stands_for_its_variable() {
        let found = |path: &str| Place::find(&path.split('/').skip(1).collect::<Vec<_>>());
        for template in Place::templates() {
            let (place, variable) = found(&template.replace(['{', '}'], "")).unwrap();
            assert_eq!(place.template(), template);
            assert_eq!(variable.is_empty(), !template.contains('{'), "{template}");
            assert!(!place.methods().0.is_empty());
        }
        assert_eq!(found("/nodes/A/bmc"), Some((Place::Controller, "A".to_owned())));
        for path in ["/nodes/A", "/event", "/events/audit/1", "/manageRequest/jobs", "/"] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
