//! The double: a stateful stand-in for an LXCA appliance, written by hand from the vendor's pages.
//!
//! It is the second of two independent readings of one text. The checker reads the pages into
//! schemas and cases; the double reads them into behaviour; they share nothing but HTTP. Nothing
//! here may import the rest of the package.
//!
//! The core is one pure function, [`handle`]: a [`State`], a [`Request`] and the time go in, a
//! [`Reply`] comes out. It opens no socket, reads no clock and no environment, and prints nothing.
//! Two fronts put it on the wire: [`InProcess`] for tests and for runs without a target, [`serve`]
//! for a long-lived server, with TLS if wanted.
//!
//! A [`Fault`] makes it wrong in exactly one documented respect; a [`Variant`] makes it different
//! and still right.
//!
//! # Where the pages are silent, the double chose
//!
//! | question | choice |
//! |---|---|
//! | shape of the lock list | a bare array; 204 without a body when there is no lock |
//! | an unknown lock id | 404 on GET and on DELETE |
//! | an operation on a version before the one it came with (locks 4.1.0, deleting a backup 2.2.0, cancelling tasks 1.2.0) | 404 |
//! | missing or wrong credentials | 401; a refused login on `POST /sessions` is 403 |
//! | a fourth session of one user | 400, nothing is opened |
//! | a session without its CSRF token on a write | 403 |
//! | a second start of the same operation on the same backup while it runs | 400, "in progress" |
//! | any second push while one runs | 400 |
//! | cancel with no push running | 200, `result` is `warning`, one message, no `jobId` |
//! | a copy to where the backup already lies | accepted; the job completes and changes nothing |
//! | a copy from one share to another | 400: only local to share and share to local are described |
//! | a move to the local repository, or of a backup that isn't local | 400, for the same reason |
//! | members that no table names, query parameters, the request's media type | not judged |
//! | a job id that nobody knows | 404 on `/tasks/{list}` when none of the list is known |
//! | cancelling a finished job through `PUT /tasks` | 412; an unknown one 400 |
//! | deleting a job that still runs | 400 |
//! | a uuid of the site that nobody has | left out of a list of several; 404 if none of them is known |
//! | `includeAttributes` and `excludeAttributes` together | what both leave; the base always stays |
//! | `formatType=csv` | 200 with the table, and its path in `Location` |
//! | a documented path with a method that no page names | 405 with `Allow` |
//! | an operation that is documented but not played here | 599, as for a path that the double doesn't know |
//! | a request body beyond one MiB | 413 |
//! | more than 100 000 locks, or 10 000 jobs | 400 |
//! | a power action with no right `powerState`, a body with nothing that can be changed | 400 |
//! | `GET /ffdc/endpoint/{uuid}` without a query | accepted |
//! | `GET /updatableComponents` without `action` | as with `applyStatus` |
//! | filters of events other than `FIELDNOTREGEXAND` with `NOT` and `GT` | 400 |
//! | an unknown device or package in a body; in a path | 400; 404 |
//! | a device to unmanage, or a policy or a device to assign, that nobody knows | 400 |
//! | the comparison after an assignment | the same firmware as before, under the new policy |
//! | `result` of a job to manage or unmanage | 0, 50 and 100: not begun, under way, ended |
//! | an account that is locked out | its requests and logins are refused for an hour, right password or not; its open sessions go on |

mod appliance;
mod front;
mod handling;
mod http;
mod misbehave;
#[cfg(test)]
pub(crate) mod scenes;
mod site;
mod terms;
#[cfg(test)]
mod testing;

pub use appliance::options::Options;
pub use appliance::snapshot::Snapshot;
pub use appliance::snapshot_check::{StateError, StateProblem};
pub use appliance::state::State;
pub use front::event::{Event, Observer};
pub use front::in_process::InProcess;
pub use front::server::{Service, serve};
pub use front::tls::{CertificateError, OwnCertificate, given_certificate, own_certificate};
pub use handling::router::{MAX_BODY, handle};
pub use http::request::{Reply, Request, Wire};
pub use misbehave::edit_fault::EditFault;
pub use misbehave::fault::{Fault, LISTING};
pub use misbehave::script::Script;
pub use misbehave::variant::Variant;
pub use misbehave::words::ScriptError;
pub use site::size::MOST_SERVERS;
pub use terms::clock::Clock;
pub use terms::names::UnknownName;
