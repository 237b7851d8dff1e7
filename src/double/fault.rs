//! The faults: each breaks exactly one thing that the pages document.
//!
//! Knows their names and what each is about. Where a fault acts is written where the behaviour is written (what the
//! appliance *does* wrong) or in the passes over the finished answer (what it *says* wrong).

use super::names::named;

named! {
    /// A documented thing that the double can be told to do wrong.
    ///
    /// [`Fault::ALL`] are faults of what is said and done; [`Fault::WIRE`] are faults of the connection, each played
    /// once, on the first `PUT /managementServer/data`.
    Fault, "fault";
    listed {
        "*" {
            AuthOff "auth-off" "A request without any credentials is served as if the default account had sent it."
            WrongPasswordAccepted "wrong-password-accepted" "Any password is taken for an existing user."
            PrivilegesNotChecked "privileges-not-checked" "The account without privilege may do everything."
            Unauthorized403 "unauthorized-403" "Missing or wrong credentials are answered with 403 instead of 401."
            UnauthorizedEmptyBody "unauthorized-empty-body" "A 401 comes without the descriptive error body."
            ForbiddenEmptyBody "forbidden-empty-body" "A 403 comes without the descriptive error body."
            Forbidden404 "forbidden-404" "A lack of privilege is answered with 404 instead of 403."
        }
        "GET /aicc" {
            AiccVersionMissing "aicc-version-missing" "The appliance doesn't say its version."
            AiccVersionNumber "aicc-version-number" "The version is a number instead of a string."
            AiccRunlevelString "aicc-runlevel-string" "The runlevel is a string instead of an integer."
        }
        "GET /aicc/service/sftp/locks" {
            LockIdShort "lock-id-short" "Lock ids have 31 characters instead of 32."
            LockIdLong "lock-id-long" "Lock ids have 33 characters instead of 32."
            LockIdHyphenated "lock-id-hyphenated" "Lock ids have 32 characters, some of them hyphens."
            LockIdNumber "lock-id-number" "Lock ids are numbers instead of strings."
            LockIdMissing "lock-id-missing" "Locks have no id."
            LockIdDuplicate "lock-id-duplicate" "Two locks in the list have the same id."
            LockComponentUnknown "lock-component-unknown" "The component is a code that is not on the list."
            LockComponentLowercase "lock-component-lowercase" "The component code is in lower case."
            LockComponentLabel "lock-component-label" "The component is given by its label instead of its code."
            LockComponentNull "lock-component-null" "The component is null."
            LockComponentMissing "lock-component-missing" "Locks have no component."
            LockCreatedWithSpace "lock-created-with-space" "The time of creation has a space where ISO 8601 has a T."
            LockCreatedMonth13 "lock-created-month-13" "The time of creation lies in a thirteenth month."
            LockCreatedWithoutZone "lock-created-without-zone" "The time of creation has no zone."
            LockCreatedNumber "lock-created-number" "The time of creation is a number of seconds instead of a string."
            LockCreatedInFuture "lock-created-in-future" "The time of creation lies a day ahead."
            LockCreatedMissing "lock-created-missing" "Locks have no time of creation."
            LockExpiryString "lock-expiry-string" "The number of seconds is a string instead of an integer."
            LockExpiryFloat "lock-expiry-float" "The number of seconds has a fraction."
            LockExpiryNegative "lock-expiry-negative" "The number of seconds is negative."
            LockExpiryMissing "lock-expiry-missing" "Locks have no number of seconds."
            LocksEnveloped "locks-enveloped" "The list comes inside an object."
            LocksSingleObject "locks-single-object" "The first lock comes instead of a list of locks."
            LocksThirdRowBad "locks-third-row-bad" "Of three locks only the third has an unknown component."
            LocksKeepExpired "locks-keep-expired" "A lock stays in the list when its time is over; one is there from the start."
            Locks204WithLocks "locks-204-with-locks" "204 is answered although there are locks."
            LocksStatus202 "locks-status-202" "The list comes with status 202, which isn't documented."
            LocksEmptyBody "locks-empty-body" "200 is answered without a body."
            LocksNotJson "locks-not-json" "The body breaks off in the middle and isn't JSON."
            LocksTextHtml "locks-text-html" "The body is said to be HTML."
        }
        "POST /aicc/service/sftp/locks" {
            CreatedLockNotListed "created-lock-not-listed" "A lock that was created doesn't appear in the list."
            CreateLockStatus200 "create-lock-status-200" "A created lock is answered with 200 instead of 201."
            CreateLockComponentIgnored "create-lock-component-ignored" "A created lock has another component than was asked for."
            CreateLockExpiryIgnored "create-lock-expiry-ignored" "A created lock has another number of seconds than was asked for."
            CreateLockBadComponentAccepted "create-lock-bad-component-accepted" "An unknown component code is accepted."
            CreateLockBadExpiryAccepted "create-lock-bad-expiry-accepted" "A number of seconds that isn't a positive integer is accepted."
        }
        "GET /aicc/service/sftp/locks/{id}" {
            LockGetWrongId "lock-get-wrong-id" "A single lock comes with another id than was asked for."
        }
        "DELETE /aicc/service/sftp/locks/{id}" {
            DeletedLockStaysListed "deleted-lock-stays-listed" "A lock that was deleted is still in the list."
            UnknownLockDeleted "unknown-lock-deleted" "Deleting a lock that isn't there is answered with 200."
        }
        "GET /managementServer/data" {
            BackupsBare "backups-bare" "The backups come as a bare array instead of in an object."
            BackupUuidMissing "backup-uuid-missing" "Backups have no uuid."
            BackupDhcpString "backup-dhcp-string" "`dhcp` is a string instead of a boolean."
            BackupDateMissing "backup-date-missing" "Backups have no date."
        }
        "DELETE /managementServer/data/{uuid}" {
            DeletedBackupStaysListed "deleted-backup-stays-listed" "A backup that was deleted is still in the list."
        }
        "PUT /managementServer/data" {
            StartWithoutJobId "start-without-job-id" "A start is answered without `jobId`."
            StartJobIdNumber "start-job-id-number" "`jobId` is a number instead of a string."
            StartJobIdEmpty "start-job-id-empty" "`jobId` is empty although a job was made."
            StartJobIdReused "start-job-id-reused" "Every start is answered with the id of the first job."
            StartResultCapitalised "start-result-capitalised" "`result` is `Success`."
            StartResultMissing "start-result-missing" "A start is answered without `result`."
            StartResultFailed "start-result-failed" "`result` is `failed` although the job was started."
            StartMessageString "start-message-string" "`message` is a string."
            StartMessageMissing "start-message-missing" "A start is answered without `message`."
            StartStatus202 "start-status-202" "A start is answered with 202, which isn't documented."
            StartEmptyBody "start-empty-body" "A start is answered with 200 and no body."
            StartNotJson "start-not-json" "The answer to a start breaks off in the middle and isn't JSON."
            StartTextHtml "start-text-html" "The answer to a start is said to be HTML."
            CancelWithJobId "cancel-with-job-id" "A cancel is answered with a `jobId`."
            CancelResultMissing "cancel-result-missing" "A cancel is answered without `result`."
            CancelMessageMissing "cancel-message-missing" "A cancel is answered without `message`."
            CancelWithoutEffect "cancel-without-effect" "A cancelled push goes on."
            CancelNeedsUuid "cancel-needs-uuid" "A cancel without uuid and destination is refused."
            CancelCopyAccepted "cancel-copy-accepted" "`cancel` is accepted for copy and move."
            CopyDoesNothing "copy-does-nothing" "A copy job completes and nothing was copied."
            CopyDeletesOriginal "copy-deletes-original" "A copy job deletes the original."
            CopyRefused "copy-refused" "Every copy is refused."
            MoveKeepsOriginal "move-keeps-original" "A move job leaves the original where it was."
            MoveCopiesNothing "move-copies-nothing" "A move job deletes the original and makes no copy."
            MoveRefused "move-refused" "Every move is refused."
            PushRefused "push-refused" "Every push is refused."
            JobUnknown "job-unknown" "The job that was answered is not among the tasks."
            JobFails "job-fails" "Every job stops with an error."
            JobNeverEnds "job-never-ends" "No job ever ends."
            MalformedJsonAccepted "malformed-json-accepted" "A body that isn't JSON starts a job."
            WrongTypesAccepted "wrong-types-accepted" "Attributes of the wrong JSON type are accepted."
            ActionNotRequired "action-not-required" "A request without `action` is taken for a start."
            OperationNotRequired "operation-not-required" "A request without `operation` is accepted."
            UuidNotRequired "uuid-not-required" "A start without `uuid` is accepted."
            DestinationNotRequired "destination-not-required" "A start without `destination` is accepted."
            UnknownActionAccepted "unknown-action-accepted" "An unknown `action` is accepted."
            UnknownOperationAccepted "unknown-operation-accepted" "An unknown `operation` is accepted."
            UnknownUuidAccepted "unknown-uuid-accepted" "A uuid that no backup has is accepted."
            UnknownDestinationAccepted "unknown-destination-accepted" "A destination that isn't one is accepted."
            RefusalEmptyBody "refusal-empty-body" "A 400 comes without the descriptive error body."
            Refusal422 "refusal-422" "A wrong request is answered with 422 instead of 400."
            Refusal500 "refusal-500" "A wrong request is answered with 500 instead of 400."
            Refusal200 "refusal-200" "A wrong request is answered with 200 and an error body."
            RefusalSaysSuccess "refusal-says-success" "A 400 says `success` in `result`."
            RefusalResultMissing "refusal-result-missing" "A 400 comes without `result`."
            RefusalMessageEmpty "refusal-message-empty" "A 400 comes with an empty `message`."
            RefusalMessageString "refusal-message-string" "A 400 comes with a string for `message`."
            RefusalRecoveryString "refusal-recovery-string" "`recovery` of a message is a string."
            RefusalRecoveryTextNumber "refusal-recovery-text-number" "`text` of a recovery step is a number."
            RefusalUrlNumber "refusal-url-number" "`URL` of a recovery step is a number."
            MessageIdNumber "message-id-number" "`id` of a message is a number."
            MessageTextMissing "message-text-missing" "A message has no `text`."
            MessageTextNumber "message-text-number" "`text` of a message is a number."
            MessageExplanationNumber "message-explanation-number" "`explanation` of a message is a number."
        }
        "GET /tasks/{job_list}" {
            TaskSingleObject "task-single-object" "A single task comes as an object instead of in an array."
            TaskPercentageString "task-percentage-string" "The percentage is a string instead of a number."
            TaskStatusMissing "task-status-missing" "Tasks have no status."
        }
    }
    apart {
        "PUT /managementServer/data" {
            WireSlowStart "wire-slow-start" "Once, the reply comes after 65 seconds, though the request is carried out at once."
            WireCloseBeforeStart "wire-close-before-start" "Once, the connection is closed before the request is carried out."
            WireCloseAfterStart "wire-close-after-start" "Once, the connection is closed after the request was carried out."
            WireCutShort "wire-cut-short" "Once, the connection is closed in the middle of the reply."
        }
    }
}

impl Fault {
    /// Faults of the connection: the contract isn't broken, the exchange is.
    pub const WIRE: &'static [Self] = Self::APART;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name_and_no_name_is_used_twice() {
        let every: Vec<Fault> = Fault::ALL.iter().chain(Fault::WIRE).copied().collect();
        let names: std::collections::BTreeSet<_> = every.iter().map(|f| f.name()).collect();
        assert_eq!(names.len(), every.len());
        assert!(Fault::ALL.len() >= 40);
        for fault in every {
            assert_eq!(fault.name().parse::<Fault>(), Ok(fault));
            assert!(fault.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert!(!fault.summary().is_empty());
        }
        assert_eq!("lock-id-shrot".parse::<Fault>().unwrap_err().nearest, "lock-id-short");
    }
}
