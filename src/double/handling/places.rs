//! Which operation a path that is played by hand means.
//!
//! Knows paths, methods and the names of operations. Must not know what any of them does.

use jiff::Timestamp;

use super::super::appliance::auth::Caller;
use super::super::appliance::collect;
use super::super::appliance::components;
use super::super::appliance::discovery;
use super::super::appliance::licenses;
use super::super::appliance::log;
use super::super::appliance::manage;
use super::super::appliance::order;
use super::super::appliance::policies;
use super::super::appliance::power;
use super::super::appliance::profiles;
use super::super::appliance::repository;
use super::super::appliance::state::State;
use super::super::http::answer::Answer;
use super::super::http::places::Place;
use super::super::http::request::Request;

/// Carries out the request of a sender who may make it; the method is one that is played.
pub(crate) fn serve(
    state: &mut State,
    (place, id): (Place, &str),
    method: &str,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    match (place, method) {
        (Place::Controller, _) => power::controller(state, id, request, caller, now),
        (Place::Events, _) => log::events(state, request),
        (Place::Audit, _) => log::audit(state, request),
        (Place::Policies, _) => policies::list(state, request),
        (Place::PolicyResults, _) => policies::results(state, request),
        (Place::PolicyCompare, "POST") => policies::assign(state, request, caller, now),
        (Place::PolicyCompare, _) => policies::compare(state, request, now),
        (Place::PolicyFirmware, _) => policies::firmware(state, request),
        (Place::Components, "PUT") => components::update(state, request, caller, now),
        (Place::Components, _) => components::get(state, request, now),
        (Place::Repository, "PUT") => repository::set(state, request, caller, now),
        (Place::Repository, _) => repository::get(state, request),
        (Place::OwnUpdates, _) => repository::own(state, request),
        (Place::ServiceData, _) => collect::start(state, id, caller, now),
        (Place::Manage, _) => manage::start(state, request, caller, now),
        (Place::ManageJob, _) => manage::get(state, id, now),
        (Place::Unmanage, _) => manage::unmanage(state, request, caller, now),
        (Place::UnmanageJob, _) => manage::unmanage_get(state, id, now),
        (Place::Discovery, _) => discovery::list(state, request, now),
        (Place::Discover, _) => discovery::start(state, request, caller, now),
        (Place::DiscoverJob, _) => discovery::get(state, id, now),
        (Place::Licenses, _) => licenses::compliance(state),
        (Place::LicenseNotifications, _) => licenses::notifications(state),
        (Place::Images, _) => licenses::images(state, request),
    }
}

/// Changes an element of the site; the operation that reads it is called so.
pub(crate) fn change(
    state: &mut State,
    read: &str,
    keys: &[String],
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    match read {
        "nodes.get" => power::set(state, keys, request, caller, now),
        "profiles.get" => profiles::set(state, keys, request),
        _ => *order::unknown("Nothing of this kind can be changed."),
    }
}
