//! The faults of what is said that need no words but a place: a status, a label, a body or a member
//! of it that is wrong.
//!
//! Two tables, written by hand. Knows the bodies of answers. Must not change the state or look at
//! the request.

use serde_json::{Value, json};

use super::answer::{Answer, Body, Kind};
use super::fault::Fault;
use super::spoil::drop_member;
use super::spoil_transfer::each;

/// What is wrong with a whole answer.
#[derive(Clone, Copy)]
enum Whole {
    Status(u16),
    /// Said to be HTML.
    Html,
    /// No body.
    Empty,
    /// The body stands in a list.
    Listed,
    /// The body stands in an object.
    Enveloped,
    /// A number in place of the body.
    Number,
    /// A text in place of the body.
    Text,
}

/// Where the objects are that have the member.
#[derive(Clone, Copy)]
enum At {
    /// The body itself.
    Body,
    /// The rows of the body, which is a list.
    Rows,
    /// The objects of this member, an object or a list of them.
    In(&'static str),
    /// The last of those.
    LastIn(&'static str),
    /// The session that was opened.
    Session,
}

/// What is wrong with a member.
#[derive(Clone, Copy)]
enum Wrong {
    Missing,
    Number,
    Text,
    False,
    Null,
    List,
    Object,
}

use At::{Body as InBody, In, LastIn, Rows, Session};
use Wrong::{False, List, Missing, Null, Number, Object, Text};

const WHOLE: &[(Fault, Kind, Whole)] = &[
    (Fault::AiccStatus202, Kind::Appliance, Whole::Status(202)),
    (Fault::AiccTextHtml, Kind::Appliance, Whole::Html),
    (Fault::AiccList, Kind::Appliance, Whole::Listed),
    (Fault::CreateLockRefusal422, Kind::CreateLockRefused, Whole::Status(422)),
    (Fault::CreatedLockTextHtml, Kind::LockCreated, Whole::Html),
    (Fault::CreatedLockNumber, Kind::LockCreated, Whole::Number),
    (Fault::LockGetTextHtml, Kind::Lock, Whole::Html),
    (Fault::LockGetText, Kind::Lock, Whole::Text),
    (Fault::DeletedLockStatus202, Kind::LockDeleted, Whole::Status(202)),
    (Fault::DeletedLockTextHtml, Kind::LockDeleted, Whole::Html),
    (Fault::DeletedLockList, Kind::LockDeleted, Whole::Listed),
    (Fault::BackupsStatus202, Kind::BackupList, Whole::Status(202)),
    (Fault::BackupsTextHtml, Kind::BackupList, Whole::Html),
    (Fault::DeletedBackupStatus202, Kind::BackupDeleted, Whole::Status(202)),
    (Fault::DeletedBackupTextHtml, Kind::BackupDeleted, Whole::Html),
    (Fault::DeletedBackupList, Kind::BackupDeleted, Whole::Listed),
    (Fault::CancelEmptyBody, Kind::TransferCancelled, Whole::Empty),
    (Fault::TaskGetStatus202, Kind::OneTask, Whole::Status(202)),
    (Fault::TaskTextHtml, Kind::OneTask, Whole::Html),
    (Fault::TasksStatus202, Kind::Tasks, Whole::Status(202)),
    (Fault::TasksTextHtml, Kind::Tasks, Whole::Html),
    (Fault::TasksEnveloped, Kind::Tasks, Whole::Enveloped),
    (Fault::TasksCancelRefusal422, Kind::TasksCancelRefused, Whole::Status(422)),
    (Fault::TasksCancelStatus202, Kind::TasksCancelled, Whole::Status(202)),
    (Fault::TasksCancelWithBody, Kind::TasksCancelled, Whole::Enveloped),
    (Fault::LoginRefusalTextHtml, Kind::LoginRefused, Whole::Html),
    (Fault::LoginStatus202, Kind::SessionOpened, Whole::Status(202)),
    (Fault::LoginList, Kind::SessionOpened, Whole::Listed),
    (Fault::LogoutStatus202, Kind::SessionClosed, Whole::Status(202)),
    (Fault::LogoutTextHtml, Kind::SessionClosed, Whole::Html),
    (Fault::LogoutList, Kind::SessionClosed, Whole::Listed),
];

const MEMBERS: &[(Fault, Kind, At, &str, Wrong)] = &[
    (Fault::AiccApplianceMissing, Kind::Appliance, InBody, "appliance", Missing),
    (Fault::AiccApplianceList, Kind::Appliance, InBody, "appliance", List),
    (Fault::AiccUuidNumber, Kind::Appliance, In("appliance"), "uuid", Number),
    (Fault::AiccNameNumber, Kind::Appliance, In("appliance"), "name", Number),
    (Fault::AiccBuildNumber, Kind::Appliance, In("appliance"), "build", Number),
    (Fault::AiccDateNumber, Kind::Appliance, In("appliance"), "date", Number),
    (Fault::AiccStatusNumber, Kind::Appliance, In("appliance"), "status", Number),
    (Fault::LockGetIdNumber, Kind::Lock, InBody, "id", Number),
    (Fault::LockGetIdMissing, Kind::Lock, InBody, "id", Missing),
    (Fault::LockGetComponentUnknown, Kind::Lock, InBody, "component", Text),
    (Fault::LockGetComponentMissing, Kind::Lock, InBody, "component", Missing),
    (Fault::LockGetCreatedNumber, Kind::Lock, InBody, "creationTimestamp", Number),
    (Fault::LockGetCreatedMissing, Kind::Lock, InBody, "creationTimestamp", Missing),
    (Fault::LockGetExpiryString, Kind::Lock, InBody, "expirationTimeOut", Text),
    (Fault::LockGetExpiryMissing, Kind::Lock, InBody, "expirationTimeOut", Missing),
    (Fault::DeletedLockMessagesText, Kind::LockDeleted, InBody, "messages", Text),
    (Fault::BackupsMissing, Kind::BackupList, InBody, "backups", Missing),
    (Fault::BackupsObject, Kind::BackupList, InBody, "backups", Object),
    (Fault::BackupPlaceMissing, Kind::BackupList, LastIn("backups"), "locations", Missing),
    (Fault::BackupUuidNumber, Kind::BackupList, LastIn("backups"), "uuid", Number),
    (Fault::BackupDateNumber, Kind::BackupList, In("backups"), "backupDate", Number),
    (Fault::BackupRequesterNumber, Kind::BackupList, In("backups"), "backupRequestedBy", Number),
    (Fault::BackupChassisNumber, Kind::BackupList, In("backups"), "chassis", Number),
    (Fault::BackupChecksumNumber, Kind::BackupList, In("backups"), "checksum", Number),
    (Fault::BackupDhcpEthNull, Kind::BackupList, In("backups"), "dhcpEth", Null),
    (Fault::BackupDhcpMacNull, Kind::BackupList, In("backups"), "dhcpMac", Null),
    (Fault::BackupEth0Ipv4List, Kind::BackupList, In("backups"), "eth0IPv4", List),
    (Fault::BackupEth0Ipv6List, Kind::BackupList, In("backups"), "eth0IPv6", List),
    (Fault::BackupEth1Ipv4Null, Kind::BackupList, In("backups"), "eth1IPv4", Null),
    (Fault::BackupEth1Ipv6Null, Kind::BackupList, In("backups"), "eth1IPv6", Null),
    (Fault::BackupFilenameList, Kind::BackupList, In("backups"), "filename", List),
    (Fault::BackupFirmwareNumber, Kind::BackupList, In("backups"), "firmware", Number),
    (Fault::BackupIpRedirectFalse, Kind::BackupList, In("backups"), "ipRedirect", False),
    (Fault::BackupUuidMissing, Kind::BackupList, In("backups"), "uuid", Missing),
    (Fault::BackupDateMissing, Kind::BackupList, In("backups"), "backupDate", Missing),
    (Fault::BackupRequesterMissing, Kind::BackupList, In("backups"), "backupRequestedBy", Missing),
    (Fault::BackupChassisMissing, Kind::BackupList, In("backups"), "chassis", Missing),
    (Fault::BackupChecksumMissing, Kind::BackupList, In("backups"), "checksum", Missing),
    (Fault::BackupDhcpString, Kind::BackupList, In("backups"), "dhcp", Text),
    (Fault::BackupDhcpMissing, Kind::BackupList, In("backups"), "dhcp", Missing),
    (Fault::BackupDhcpEthMissing, Kind::BackupList, In("backups"), "dhcpEth", Missing),
    (Fault::BackupDhcpMacMissing, Kind::BackupList, In("backups"), "dhcpMac", Missing),
    (Fault::BackupEth0Ipv4Missing, Kind::BackupList, In("backups"), "eth0IPv4", Missing),
    (Fault::BackupEth0Ipv6Missing, Kind::BackupList, In("backups"), "eth0IPv6", Missing),
    (Fault::BackupEth1Ipv4Missing, Kind::BackupList, In("backups"), "eth1IPv4", Missing),
    (Fault::BackupEth1Ipv6Missing, Kind::BackupList, In("backups"), "eth1IPv6", Missing),
    (Fault::BackupFilenameMissing, Kind::BackupList, In("backups"), "filename", Missing),
    (Fault::BackupFirmwareMissing, Kind::BackupList, In("backups"), "firmware", Missing),
    (Fault::BackupIpRedirectMissing, Kind::BackupList, In("backups"), "ipRedirect", Missing),
    (Fault::DeletedBackupResultUnknown, Kind::BackupDeleted, InBody, "result", Text),
    (Fault::DeletedBackupMessagesText, Kind::BackupDeleted, InBody, "messages", Text),
    (Fault::MessageIdMissing, Kind::TransferRefused, In("message"), "id", Missing),
    (Fault::MessageIdMissing, Kind::TransferStarted, In("message"), "id", Missing),
    (Fault::MessageTextMissing, Kind::TransferRefused, In("message"), "text", Missing),
    (Fault::MessageTextMissing, Kind::TransferStarted, In("message"), "text", Missing),
    (
        Fault::MessageExplanationMissing,
        Kind::TransferRefused,
        In("message"),
        "explanation",
        Missing,
    ),
    (
        Fault::MessageExplanationMissing,
        Kind::TransferStarted,
        In("message"),
        "explanation",
        Missing,
    ),
    (Fault::MessageRecoveryMissing, Kind::TransferRefused, In("message"), "recovery", Missing),
    (Fault::MessageRecoveryMissing, Kind::TransferStarted, In("message"), "recovery", Missing),
    (Fault::TaskJobUidNumber, Kind::OneTask, Rows, "jobUID", Number),
    (Fault::TaskJobUidMissing, Kind::OneTask, Rows, "jobUID", Missing),
    (Fault::TaskPercentageString, Kind::OneTask, Rows, "percentage", Text),
    (Fault::TaskChildrenObject, Kind::OneTask, Rows, "children", Object),
    (Fault::TaskStatusMissing, Kind::OneTask, Rows, "status", Missing),
    (Fault::TasksJobUidNumber, Kind::Tasks, Rows, "jobUID", Number),
    (Fault::TasksJobUidMissing, Kind::Tasks, Rows, "jobUID", Missing),
    (Fault::TasksPercentageString, Kind::Tasks, Rows, "percentage", Text),
    (Fault::TasksChildrenObject, Kind::Tasks, Rows, "children", Object),
    (Fault::LoginResponseList, Kind::SessionOpened, InBody, "response", List),
    (Fault::LoginPasswordChangeText, Kind::SessionOpened, In("response"), "pwChangeRequired", Text),
    (Fault::LoginSessionList, Kind::SessionOpened, In("response"), "session", List),
    (Fault::LoginSessionIdNumber, Kind::SessionOpened, Session, "id", Number),
    (Fault::LoginSessionCsrfNumber, Kind::SessionOpened, Session, "csrf", Number),
    (Fault::LoginSessionUserNumber, Kind::SessionOpened, Session, "UserId", Number),
    (Fault::LoginResultNumber, Kind::SessionOpened, InBody, "result", Number),
    (Fault::LoginMessagesText, Kind::SessionOpened, InBody, "messages", Text),
    (Fault::LogoutResultMissing, Kind::SessionClosed, InBody, "result", Missing),
    (Fault::LogoutResultUnknown, Kind::SessionClosed, InBody, "result", Text),
    (Fault::LogoutMessagesText, Kind::SessionClosed, InBody, "messages", Text),
];

/// Applies a fault to an answer, if it is one of the tables.
pub(super) fn apply(fault: Fault, answer: &mut Answer) {
    let here = answer.kind;
    for (_, _, whole) in WHOLE.iter().filter(|(named, kind, _)| *named == fault && *kind == here) {
        spoil_whole(*whole, answer);
    }
    for (_, _, at, name, wrong) in
        MEMBERS.iter().filter(|(named, kind, ..)| *named == fault && *kind == here)
    {
        let Some(body) = answer.value() else { continue };
        for object in objects(*at, body) {
            spoil_member(object, name, *wrong);
        }
    }
}

fn spoil_whole(whole: Whole, answer: &mut Answer) {
    let body = match whole {
        Whole::Status(status) => {
            answer.status = status;
            return;
        }
        Whole::Html => {
            answer.media_type = Some("text/html; charset=UTF-8");
            return;
        }
        Whole::Empty => {
            answer.body = Body::None;
            return;
        }
        Whole::Listed => json!([answer.value().map(Value::take)]),
        Whole::Enveloped => json!({ "list": answer.value().map(Value::take) }),
        Whole::Number => json!(17),
        Whole::Text => json!("as above"),
    };
    answer.body = Body::Json(body);
}

fn objects(at: At, body: &mut Value) -> Vec<&mut Value> {
    match at {
        At::Body => vec![body],
        At::Rows => each(Some(body)),
        At::In(member) => each(body.get_mut(member)),
        At::LastIn(member) => each(body.get_mut(member)).pop().into_iter().collect(),
        At::Session => each(body.pointer_mut("/response/session")),
    }
}

fn spoil_member(object: &mut Value, name: &str, wrong: Wrong) {
    let Some(member) = object.get_mut(name) else { return };
    *member = match wrong {
        Wrong::Missing => return drop_member(object, name),
        // What looks like a number stays the same number.
        Wrong::Number => {
            member.as_str().and_then(|text| text.parse::<u64>().ok()).unwrap_or(4_100_017).into()
        }
        Wrong::Text => {
            if member.is_string() {
                "as above".into()
            } else {
                member.to_string().into()
            }
        }
        Wrong::False => false.into(),
        Wrong::Null => Value::Null,
        Wrong::List => json!([member.take()]),
        Wrong::Object => json!({ "first": member.take() }),
    };
}
