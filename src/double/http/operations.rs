//! The operations by name: what scripts and the present state call them.
//!
//! The names are those that people read elsewhere in this tool; the table is the double's own.
//! Knows methods, path templates and names. Must not know what an operation does.

use std::sync::LazyLock;

use super::super::site::table;

/// An operation that the double plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) template: &'static str,
}

macro_rules! operations {
    ($($name:literal $method:literal $template:literal)+) => {
        /// Those that are played by hand.
        const BY_HAND: &[Operation] = &[ $(Operation { name: $name, method: $method,
            template: $template },)+ ];
    };
}

operations! {
    "appliance.get" "GET" "/aicc"
    "sftp-locks.list" "GET" "/aicc/service/sftp/locks"
    "sftp-locks.create" "POST" "/aicc/service/sftp/locks"
    "sftp-locks.get" "GET" "/aicc/service/sftp/locks/{id}"
    "sftp-locks.delete" "DELETE" "/aicc/service/sftp/locks/{id}"
    "backup.list" "GET" "/managementServer/data"
    "backup.transfer" "PUT" "/managementServer/data"
    "backup.delete" "DELETE" "/managementServer/data/{uuid}"
    "tasks.list" "GET" "/tasks"
    "tasks.cancel" "PUT" "/tasks"
    "tasks.get" "GET" "/tasks/{job_list}"
    "tasks.delete" "DELETE" "/tasks/{job_list}"
    "jobs.list" "GET" "/jobs"
    "jobs.get" "GET" "/jobs/{id}"
    "session.open" "POST" "/sessions"
    "session.list" "GET" "/sessions"
    "session.close" "DELETE" "/sessions"
    "session.end" "DELETE" "/sessions/{id}"
    "users.list" "GET" "/userAccounts"
    "users.get" "GET" "/userAccounts/{id}"
    "nodes.set" "PUT" "/nodes/{uuid_list}"
    "nodes.bmc" "PUT" "/nodes/{uuid}/bmc"
    "events.list" "GET" "/events"
    "events.audit" "GET" "/events/audit"
    "profiles.set" "PUT" "/profiles/{id}"
    "policies.list" "GET" "/compliancePolicies"
    "policies.results" "GET" "/compliancePolicies/persistedResult"
    "policies.compare" "GET" "/compliancePolicies/compareResult"
    "policies.assign" "POST" "/compliancePolicies/compareResult"
    "policies.firmware" "GET" "/compliancePolicies/applicableFirmware"
    "components.list" "GET" "/updatableComponents"
    "components.update" "PUT" "/updatableComponents"
    "repository.get" "GET" "/updateRepositories/firmware"
    "repository.set" "PUT" "/updateRepositories/firmware"
    "own-updates.list" "GET" "/managementServer/updates"
    "ffdc.start" "GET" "/ffdc/endpoint/{uuid}"
    "manage.start" "POST" "/manageRequest"
    "manage.get" "GET" "/manageRequest/jobs/{job_id}"
    "unmanage.start" "POST" "/unmanageRequest"
    "unmanage.get" "GET" "/unmanageRequest/jobs/{job_id}"
    "discovery.list" "GET" "/discovery"
    "discovery.start" "POST" "/discoverRequest"
    "discovery.get" "GET" "/discoverRequest/jobs/{id}"
    "licenses.get" "GET" "/licenseCompliance"
    "licenses.notifications" "GET" "/notificationsLicense"
    "os-images.list" "GET" "/osImages"
}

/// All of them: those that are played by hand, and the reads of the site.
pub(crate) static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let reads = table::reads().iter().map(|read| Operation {
        name: &read.name,
        method: "GET",
        template: &read.path,
    });
    BY_HAND.iter().copied().chain(reads).collect()
});

/// The operation of this name; `locks.` is short for `sftp-locks.`.
pub(crate) fn named(name: &str) -> Option<&'static Operation> {
    let short = name.strip_prefix("locks.");
    OPERATIONS.iter().find(|operation| {
        operation.name == name
            || short.is_some_and(|short| operation.name.strip_prefix("sftp-locks.") == Some(short))
    })
}

/// The operation of this method and path template.
pub(crate) fn of(method: &str, template: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.method == method && operation.template == template)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::route::{Play, Route};
    use super::*;

    #[test]
    fn every_method_that_is_played_has_exactly_one_name() {
        const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "PATCH"];
        let paths: BTreeSet<String> = OPERATIONS
            .iter()
            .map(|one| {
                let parts = one.template.split('/');
                let filled = parts.map(|part| if part.starts_with('{') { "x" } else { part });
                filled.collect::<Vec<_>>().join("/")
            })
            .collect();
        let mut played = 0;
        for path in &paths {
            let route = Route::find(path).unwrap();
            for method in METHODS {
                let named = OPERATIONS
                    .iter()
                    .filter(|one| one.method == method && one.template == route.template())
                    .count();
                assert_eq!(
                    named,
                    usize::from(route.play(method) == Play::Played),
                    "{method} {path}"
                );
                played += named;
            }
        }
        assert_eq!(played, OPERATIONS.len());
        assert!(
            OPERATIONS.iter().all(
                |one| named(one.name) == Some(one) && of(one.method, one.template) == Some(one)
            )
        );
    }

    #[test]
    fn locks_is_short_for_sftp_locks() {
        assert_eq!(named("locks.list").unwrap().template, "/aicc/service/sftp/locks");
        assert_eq!(named("locks.sftp"), None);
        assert_eq!(named("locks"), None);
    }
}
