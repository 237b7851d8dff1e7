//! The faults that stand apart: those of the connection, and those of what changes a site and of
//! reads that choose.
//!
//! Knows their names and what each is about. Where a fault acts is written where the behaviour is
//! written.

use super::Fault;

/// Declares the faults of a list, and beside them those that stand apart.
macro_rules! with_apart {
    ($($listed:tt)*) => { named! { $($listed)* apart {
        "PUT /managementServer/data" {
            WireSlowStart "wire-slow-start" "Once, the reply comes after 65 seconds, though the \
                request is carried out at once."
            WireCloseBeforeStart "wire-close-before-start" "Once, the connection is closed before \
                the request is carried out."
            WireCloseAfterStart "wire-close-after-start" "Once, the connection is closed after \
                the request was carried out."
            WireCutShort "wire-cut-short" "Once, the connection is closed in the middle of the \
                reply."
        }
        "PUT /nodes/{uuid}" {
            PowerDoesNothing "power-does-nothing" "The job of a power action completes, and the \
                server is as before."
            PowerStartsNothing "power-starts-nothing" "A power action is accepted, and names a \
                job that was never started."
            PowerJobUnknown "power-job-unknown" "The job of a power action is not among the tasks."
            PowerJobFails "power-job-fails" "The job of every power action stops with an error."
            LightsDoNothing "lights-do-nothing" "A change of lights is accepted, and they are as \
                before."
            RefusedYetPowered "refused-yet-powered" "A power action that is refused with 400 is \
                carried out as a restart all the same."
            StrangerYetPowers "stranger-yet-powers" "A power action without credentials is \
                refused with 401 and carried out all the same."
            ForbiddenYetPowers "forbidden-yet-powers" "A power action of the account without \
                privilege is refused with 403 and carried out all the same."
        }
        "PUT /nodes/{uuid}/bmc" {
            ControllerStartsNothing "controller-starts-nothing" "The restart of a management \
                controller is accepted, and names a job that was never started."
            ControllerJobUnknown "controller-job-unknown" "The job of the restart of a management \
                controller is not among the tasks."
        }
        "GET /ffdc/endpoint/{uuid}" {
            CollectStartsNothing "ffdc-starts-nothing" "A collection of service data names a job \
                that was never started."
            CollectJobUnknown "ffdc-job-unknown" "The job of a collection of service data is not \
                among the tasks."
        }
        "PUT /updatableComponents" {
            UpdateDoesNothing "update-does-nothing" "The job of an update completes, and the \
                firmware is as before."
            UpdateJobUnknown "update-job-unknown" "The job of an update is not among the tasks."
        }
        "PUT /updateRepositories/firmware" {
            RepositoryDoesNothing "repository-does-nothing" "The job of a change of the \
                repository completes, and nothing is changed."
            RepositoryJobUnknown "repository-job-unknown" "The job of a change of the repository \
                is not among the tasks."
        }
        "POST /manageRequest" {
            ManageStartsNothing "manage-starts-nothing" "A request to manage is accepted, and \
                names a job that was never started."
            ManageDoesNothing "manage-does-nothing" "The job of a request to manage completes, \
                and the device is still among those that aren't managed."
            ManageJobUnknown "manage-job-unknown" "The job of a request to manage is not among \
                the tasks."
        }
        "POST /unmanageRequest" {
            UnmanageStartsNothing "unmanage-starts-nothing" "A request to unmanage is accepted, \
                and names a job that was never started."
            UnmanageDoesNothing "unmanage-does-nothing" "The job of a request to unmanage \
                completes, and the device is still among those that are managed."
            UnmanageJobUnknown "unmanage-job-unknown" "The job of a request to unmanage is not \
                among the tasks."
        }
        "POST /compliancePolicies/compareResult" {
            AssignStartsNothing "assign-starts-nothing" "An assignment of a policy is accepted, \
                and names a job that was never started."
            AssignDoesNothing "assign-does-nothing" "An assignment of a policy is accepted, and \
                the device has the policy that it had before."
        }
        "POST /discoverRequest" {
            DiscoverStartsNothing "discover-starts-nothing" "A request to discover is accepted, \
                and names a job that was never started."
            DiscoverJobUnknown "discover-job-unknown" "The job of a request to discover is not \
                among the tasks."
        }
        "GET /discovery" {
            DiscoveryNotRefreshed "discovery-not-refreshed" "A list that is asked for anew is the \
                old one."
        }
        "PUT /profiles/{id}" {
            ProfileSetDoesNothing "profile-set-does-nothing" "A change of a profile is accepted, \
                and the profile is as before."
        }
        "GET /compliancePolicies/persistedResult" {
            PolicyResultsOfAll "policy-results-of-all" "Whatever device or type is asked for, the \
                results of all devices come."
        }
        "GET /jobs" {
            JobsFilterIgnored "jobs-filter-ignored" "Whatever state or device is asked for, all \
                jobs come."
        }
    } } };
}
pub(super) use with_apart;

impl Fault {
    /// Faults of the connection: the contract isn't broken, the exchange is.
    pub const WIRE: &'static [Self] = Self::APART.split_at(4).0;
    /// Faults of what changes a site, and of reads that choose. The cases that see them change
    /// only what an operator has named; a table of rows that is not the built-in one may leave any
    /// of them out, for people who write clients ask for them by name.
    ///
    /// A page at hand condemns `ffdc-starts-nothing`, `ffdc-job-unknown`, `policy-results-of-all`,
    /// `unmanage-starts-nothing`, `assign-starts-nothing`, and what is done for a stranger. What
    /// the others do wrong is only inferred, or known from samples and clients: nobody writes that
    /// an update changes the firmware that is listed, or that each job is among the tasks. Their
    /// rows break requirements of such a basis: those fail a run with `--strict` only, and without
    /// it, a run in which a case can't follow its job is incomplete.
    pub const OF_CHANGES: &'static [Self] = Self::APART.split_at(4).1;
}
