//! The faults of behaviour: each breaks exactly one thing that the pages document, and takes code
//! to play.
//!
//! Knows their names and what each is about. Where a fault acts is written where the behaviour is
//! written. What only changes a finished reply is no fault of this list but an
//! [`EditFault`](super::EditFault), and lies in a table outside of the double. Those that stand
//! apart from the list are in a file of their own.

mod apart;

use super::super::terms::names::named;

use apart::with_apart;

with_apart! {
    /// A documented thing that the double can be told to do wrong.
    ///
    /// [`Fault::ALL`] are faults of what is done; [`Fault::WIRE`] are faults of the
    /// connection, each played once, on the first `PUT /managementServer/data`;
    /// [`Fault::OF_CHANGES`] are faults of changes to a site.
    Fault, "fault";
    listed {
        "*" {
            AuthOff "auth-off" "A request without any credentials is served as if the default \
                account had sent it."
            StrangersSeeWhatIsThere "strangers-see-what-is-there" "Without credentials, a GET of \
                one thing is served where there is such a thing, and refused where there is none."
            WrongPasswordAccepted "wrong-password-accepted" "Any password is taken for an \
                existing user."
            PrivilegesNotChecked "privileges-not-checked" "The account without privilege may do \
                everything."
            UnauthorizedShowsLocks "unauthorized-shows-locks" "A 401 to the list of locks carries \
                the locks."
            ForbiddenShowsBackups "forbidden-shows-backups" "A 403 to the list of backups carries \
                the backups."
            AuthRemembered "auth-remembered" "A request without credentials is served as the \
                supervisor who asked last."
            UnreadableCredentialsAccepted "unreadable-credentials-accepted" "Credentials that \
                can't be decoded are taken for those of the default account."
            UnknownUserAccepted "unknown-user-accepted" "A user that doesn't exist is served as \
                the default account."
            PrivilegeRemembered "privilege-remembered" "Once a supervisor has asked, every \
                account may do everything."
            MissingCredentials403 "missing-credentials-403" "Missing credentials are answered \
                with 403 instead of 401; wrong ones aren't."
            WrongCredentials403 "wrong-credentials-403" "Wrong credentials are answered with 403 \
                instead of 401; missing ones aren't."
            MemberOrderMatters "member-order-matters" "A body whose members come in another order \
                than in the table of the page is refused."
            LineEndsRefused "line-ends-refused" "A body of several lines is refused."
            OneLineRefused "one-line-refused" "A body without any white space is refused."
            EscapesNotRead "escapes-not-read" "A body with an escaped letter is refused."
            CharsetRefused "charset-refused" "A body whose label has a charset is refused with 415."
            MediaTypeCaseMatters "media-type-case-matters" "A body whose label has upper-case \
                letters is refused with 415."
            AcceptAllRefused "accept-all-refused" "A request that accepts everything is refused \
                with 406."
            AcceptRangeRefused "accept-range-refused" "A request that accepts `application/*` is \
                refused with 406."
            AcceptWeightsRefused "accept-weights-refused" "A request that weighs what it accepts \
                is refused with 406."
            ExpectRefused "expect-refused" "A request that waits for leave to send its body is \
                refused with 417."
            ChunkedRequestRefused "chunked-request-refused" "A request whose body comes in chunks \
                is refused with 411."
        }
        "GET /aicc/service/sftp/locks" {
            LockCreatedDrifts "lock-created-drifts" "The time of creation is a minute and a half \
                earlier in each list than in the one before."
            LocksThirdRowBad "locks-third-row-bad" "Of three locks only the third has an unknown \
                component."
            LocksKeepExpired "locks-keep-expired" "A lock stays in the list when its time is \
                over; one is there from the start."
            AuthOffLocksList "auth-off-locks-list" "The locks are listed for anybody."
            PrivilegeOffLocksList "privilege-off-locks-list" "The locks are listed for every \
                account."
            StrangerSpoilsNextList "stranger-spoils-next-list" "After a request without \
                credentials was refused, the next list of locks is an internal error."
            LocksNeedParameter "locks-need-parameter" "The list of locks is refused with 400 \
                unless the query names a component."
            LocksShortByBasic "locks-short-by-basic" "Asked with HTTP Basic, the list lacks its \
                last lock."
            LocksShortInSession "locks-short-in-session" "Asked in a session, the list lacks its \
                last lock."
            LocksShortWhenPacked "locks-short-when-packed" "Asked for gzip, the list lacks its \
                last lock."
            LocksShortEverySecond "locks-short-every-second" "Every second list lacks its last \
                lock."
            LockComponentOtherByBasic "lock-component-other-by-basic" "Asked with HTTP Basic, the \
                first lock has another component."
            LocksNewestThree "locks-newest-three" "Of the locks only the newest three are listed."
            LocksEqualOnce "locks-equal-once" "Locks of one component and one number of seconds \
                are listed once."
            LocksWithoutComponent "locks-without-component" "The locks of one component aren't \
                listed."
            LocksLateRowBad "locks-late-row-bad" "From the fifth lock on the list has unknown \
                components."
            LocksOnePerComponent "locks-one-per-component" "Of the locks of one component only \
                the last is listed."
            LocksExpireTogether "locks-expire-together" "When one lock expires, all of them go."
            LocksLiveHalf "locks-live-half" "A lock lives half as long as it was made for."
            LocksLiveDouble "locks-live-double" "A lock lives twice as long as it was made for."
            LocksLiveHalfAMinuteAtMost "locks-live-half-a-minute-at-most" "No lock lives for more \
                than thirty seconds."
            LocksLiveTheDefault "locks-live-the-default" "Every lock lives 1200 seconds, whatever \
                it was made for."
            LocksProlongedByTheList "locks-prolonged-by-the-list" "A list begins the life of each \
                of its locks anew."
            LocksGrowAtEachLook "locks-grow-at-each-look" "Each list gives its locks ten seconds \
                more, and says so."
            LockSecondsGrow "lock-seconds-grow" "Each list says ten seconds more of a lock, which \
                ends in time all the same."
            LockSecondsDrop "lock-seconds-drop" "From the second list on a lock has a tenth of \
                its seconds; it ends in time all the same."
        }
        "POST /aicc/service/sftp/locks" {
            CreatedLockNotListed "created-lock-not-listed" "A lock that was created doesn't \
                appear in the list."
            FifthLockDropsOldest "fifth-lock-drops-oldest" "When a fifth lock is created, the \
                oldest one goes."
            CreateLockComponentIgnored "create-lock-component-ignored" "A created lock has \
                another component than was asked for."
            CreateLockExpiryIgnored "create-lock-expiry-ignored" "A created lock has another \
                number of seconds than was asked for."
            CreateLockBadComponentAccepted "create-lock-bad-component-accepted" "An unknown \
                component code is accepted."
            CreateLockBadExpiryAccepted "create-lock-bad-expiry-accepted" "A number of seconds \
                that isn't a positive integer is accepted."
            AuthOffLockCreate "auth-off-lock-create" "Anybody may create a lock."
            PrivilegeOffLockCreate "privilege-off-lock-create" "Every account may create a lock."
            CreateLockComponentNotRequired "create-lock-component-not-required" "A lock without a \
                component is created."
            CreateLockExpiryNotRequired "create-lock-expiry-not-required" "A lock without a \
                number of seconds is created."
            CreateLockNothingRequired "create-lock-nothing-required" "A lock without component \
                and number of seconds is created; one that lacks either isn't."
            CreateLockMalformedAccepted "create-lock-malformed-accepted" "A body that isn't JSON \
                creates a lock."
            RefusedYetLocked "refused-yet-locked" "A request to create a lock that is refused \
                with 400 creates one all the same."
            RefusedSecondsYetLocked "refused-seconds-yet-locked" "A request to create a lock that \
                is refused for its number of seconds creates one all the same."
            StrangerYetLocked "stranger-yet-locked" "A request without credentials to create a \
                lock is refused with 401 and creates one all the same."
            ForbiddenYetLocked "forbidden-yet-locked" "A request of the account without privilege \
                to create a lock is refused with 403 and creates one all the same."
            RefusalSpoilsNextLock "refusal-spoils-next-lock" "After a refused request to create a \
                lock, the next right one is refused too."
        }
        "GET /aicc/service/sftp/locks/{id}" {
            AuthOffLockGet "auth-off-lock-get" "A single lock is shown to anybody."
            PrivilegeOffLockGet "privilege-off-lock-get" "A single lock is shown to every account."
            LockGetFirst "lock-get-first" "Whatever lock is asked for, the first one of the list \
                comes."
            LockGetUnknownAnswered "lock-get-unknown-answered" "An id that no lock has is \
                answered with a lock that was never taken."
            LockGetShowsEnded "lock-get-shows-ended" "A lock that was deleted, or whose time is \
                over, is still shown by its id."
            LockProlongedByReading "lock-prolonged-by-reading" "A lock that is read by its id \
                lives as long again."
        }
        "DELETE /aicc/service/sftp/locks/{id}" {
            DeletedLockStaysListed "deleted-lock-stays-listed" "A lock that was deleted is still \
                in the list."
            DeleteTakesEveryLock "delete-takes-every-lock" "When one lock is deleted, all of them \
                go."
            DeleteTakesTheComponent "delete-takes-the-component" "A deletion takes all of a component."
            UnknownLockDeleted "unknown-lock-deleted" "Deleting a lock that isn't there is \
                answered with 200."
            AuthOffLockDelete "auth-off-lock-delete" "Anybody may delete a lock."
            PrivilegeOffLockDelete "privilege-off-lock-delete" "Every account may delete a lock."
            StrangerYetDeletesLock "stranger-yet-deletes-lock" "A deletion without credentials is \
                refused with 401, and the lock is gone all the same."
            ForbiddenYetDeletesLock "forbidden-yet-deletes-lock" "A deletion by the account \
                without privilege is refused with 403, and the lock is gone all the same."
        }
        "GET /managementServer/data" {
            AuthOffBackupsList "auth-off-backups-list" "The backups are listed for anybody."
            PrivilegeOffBackupsList "privilege-off-backups-list" "The backups are listed for \
                every account."
            BackupNamedOtherwiseByBasic "backup-named-otherwise-by-basic" "Asked with HTTP Basic, \
                the list has another file name for the first backup."
            BackupsShortInSession "backups-short-in-session" "Asked in a session, the list lacks \
                its last backup."
        }
        "DELETE /managementServer/data/{uuid}" {
            DeletedBackupStaysListed "deleted-backup-stays-listed" "A backup that was deleted is \
                still in the list."
            AuthOffBackupDelete "auth-off-backup-delete" "Anybody may delete a backup."
            PrivilegeOffBackupDelete "privilege-off-backup-delete" "Every account may delete a \
                backup."
            DeleteTakesEveryCopy "delete-takes-every-copy" "A backup that is to be deleted from \
                one place is deleted from all."
            DeleteTakesAnother "delete-takes-another" "When a backup is deleted, another one goes \
                too."
            DeleteClearsThePlace "delete-clears-the-place" "A deletion takes others' copies there."
            DeleteLocationNotRequired "delete-location-not-required" "A deletion that doesn't say \
                where is answered as done."
            DeleteUnknownLocationAccepted "delete-unknown-location-accepted" "A deletion from a \
                place that isn't one is answered as done."
            DeleteUnknownBackupAccepted "delete-unknown-backup-accepted" "The deletion of a \
                backup that isn't there is answered as done."
        }
        "PUT /managementServer/data" {
            CancelWithoutEffect "cancel-without-effect" "A cancelled push goes on."
            CancelStopsEveryJob "cancel-stops-every-job" "The cancel of a push stops every job \
                that is under way."
            CancelledPushResumes "cancelled-push-resumes" "A cancelled push goes on a second later."
            CancelNeedsUuid "cancel-needs-uuid" "A cancel without uuid and destination is refused."
            CancelCopyAccepted "cancel-copy-accepted" "`cancel` is accepted for copy and move."
            CopyDoesNothing "copy-does-nothing" "A copy job completes and nothing was copied."
            CopyAltersBackup "copy-alters-backup" "After a copy the backup has another checksum."
            CopyHidesOriginal "copy-hides-original" "While a copy runs, the original isn't listed."
            CopyFailsAndDeletes "copy-fails-and-deletes" "The job of every copy stops with an \
                error, and the original is gone."
            CopyDeletesOriginal "copy-deletes-original" "A copy job deletes the original."
            CopyRefused "copy-refused" "Every copy is refused."
            MoveDeletesFirst "move-deletes-first" "A move deletes the original before it has made \
                the copy."
            MoveFailsAndDeletes "move-fails-and-deletes" "The job of every move stops with an \
                error, and the original is gone."
            CopyForbiddenEmpty "copy-forbidden-empty" "Every copy is answered with 403 and no body."
            MoveKeepsOriginal "move-keeps-original" "A move job leaves the original where it was."
            MoveCopiesNothing "move-copies-nothing" "A move job deletes the original and makes no \
                copy."
            CopyTakesAnother "copy-takes-another" "When a copy job ends, another backup goes."
            MoveTakesAnother "move-takes-another" "When a move job ends, another backup goes."
            MoveClearsThePlace "move-clears-the-place" "A move takes the copies of other backups."
            CopyGoesFurther "copy-goes-further" "A copy also lands on a share nobody named."
            MoveRefused "move-refused" "Every move is refused."
            PushRefused "push-refused" "Every push is refused."
            JobUnknown "job-unknown" "The job that was answered is not among the tasks."
            JobFails "job-fails" "Every job stops with an error."
            JobNeverEnds "job-never-ends" "No job of a backup ever ends."
            MalformedJsonAccepted "malformed-json-accepted" "A body that isn't JSON starts a job."
            WrongTypesAccepted "wrong-types-accepted" "Attributes of the wrong JSON type are \
                accepted."
            ActionNotRequired "action-not-required" "A request without `action` is taken for a \
                start."
            OperationNotRequired "operation-not-required" "A request without `operation` is \
                accepted."
            UuidNotRequired "uuid-not-required" "A start without `uuid` is accepted."
            DestinationNotRequired "destination-not-required" "A start without `destination` is \
                accepted."
            UnknownActionAccepted "unknown-action-accepted" "An unknown `action` is accepted."
            UnknownOperationAccepted "unknown-operation-accepted" "An unknown `operation` is \
                accepted."
            UnknownUuidAccepted "unknown-uuid-accepted" "A uuid that no backup has is accepted."
            UnknownDestinationAccepted "unknown-destination-accepted" "A destination that isn't \
                one is accepted."
            RefusedYetStarted "refused-yet-started" "A request that is refused with 400 starts a \
                job all the same."
            RefusedWithoutUuidYetStarted "refused-without-uuid-yet-started" "A start that is \
                refused for its missing `uuid` starts a job all the same."
            RefusedOperationYetStarted "refused-operation-yet-started" "A request that is refused \
                for an unknown `operation` starts a job all the same."
            RefusedDestinationYetStarted "refused-destination-yet-started" "A copy that is \
                refused for its `destination` starts a job all the same."
            RefusedUuidYetStarted "refused-uuid-yet-started" "A copy that is refused because no \
                backup has its `uuid` starts a job all the same."
            RefusedActionYetCopied "refused-action-yet-copied" "A copy that is refused for its \
                `action` is made all the same, without a job."
            StrangerYetStarted "stranger-yet-started" "A transfer without credentials is refused \
                with 401 and starts a job all the same."
            StrangerYetCopied "stranger-yet-copied" "A copy without credentials is refused with \
                401 and made all the same, without a job."
            StrangerYetCancelsPush "stranger-yet-cancels-push" "A cancel without credentials is \
                refused with 401 and stops the push all the same."
            ForbiddenYetStarted "forbidden-yet-started" "A transfer of the account without \
                privilege is refused with 403 and starts a job all the same."
            ForbiddenYetCopied "forbidden-yet-copied" "A copy of the account without privilege is \
                refused with 403 and made all the same, without a job."
            ForbiddenYetCancelsPush "forbidden-yet-cancels-push" "A cancel of the account without \
                privilege is refused with 403 and stops the push all the same."
            RefusalSpoilsNextList "refusal-spoils-next-list" "After a transfer was refused with \
                400, the next list of locks is an internal error."
            RefusalSpoilsNextStart "refusal-spoils-next-start" "After a transfer was refused with \
                400, the next right one is refused too."
            TwoMissingAccepted "two-missing-accepted" "A request that lacks two attributes is \
                accepted; one that lacks one isn't."
            AuthOffTransfer "auth-off-transfer" "Anybody may transfer a backup."
            PrivilegeOffTransfer "privilege-off-transfer" "Every account may transfer a backup."
            TransferNotServed "transfer-not-served" "Every transfer is answered with 404, as if \
                there were no such path."
            CopyToInternalRefused "copy-to-internal-refused" "Every copy to the local repository \
                is refused."
            CopyToShareRefused "copy-to-share-refused" "Every copy to a share is refused."
            CopyFindsNoShare "copy-finds-no-share" "A copy to the local repository doesn't look \
                on the shares: its job completes and nothing was copied."
            CopyToShareDoesNothing "copy-to-share-does-nothing" "A copy to a share completes and \
                nothing was copied."
            CopyJobFails "copy-job-fails" "The job of every copy stops with an error."
            CopyJobUnknown "copy-job-unknown" "The job of a copy is not among the tasks."
            MoveJobFails "move-job-fails" "The job of every move stops with an error."
            MoveJobUnknown "move-job-unknown" "The job of a move is not among the tasks."
            PushJobFails "push-job-fails" "The job of every push stops with an error."
            PushJobUnknown "push-job-unknown" "The job of a push is not among the tasks."
            PushFromShareRefused "push-from-share-refused" "A push of a backup that isn't in the \
                local repository is refused."
            PushFromShareFails "push-from-share-fails" "The job of a push whose backup isn't in \
                the local repository stops with an error."
            PushNeverEnds "push-never-ends" "No push ever ends."
            JobForgotten "job-forgotten" "A job is forgotten when it has ended."
            CaseIgnored "case-ignored" "Values are taken in upper and in lower case."
            CopyUuidCutAccepted "copy-uuid-cut-accepted" "A copy of a uuid that is cut short is \
                taken for one of the backup whose uuid begins so."
            CopyUuidMoreAccepted "copy-uuid-more-accepted" "A copy of a uuid with more behind it \
                is taken for one of the backup with the uuid at its begin."
            CopyPlaceCutAccepted "copy-place-cut-accepted" "A copy to a mount point that is cut \
                short goes to the share whose mount point begins so."
            CopyPlaceMoreAccepted "copy-place-more-accepted" "A copy to a mount point with more \
                behind it goes to the share that it begins with."
            CopyPlaceCaseIgnored "copy-place-case-ignored" "A copy takes a mount point in upper \
                and in lower case."
            CopyBlanksIgnored "copy-blanks-ignored" "Blanks around the values of a copy are taken \
                away."
            CopyListsUnwrapped "copy-lists-unwrapped" "A list of one is taken for its item in a \
                copy."
            MoveUuidCutAccepted "move-uuid-cut-accepted" "A move of a uuid that is cut short is \
                taken for one of the backup whose uuid begins so."
            MoveUuidMoreAccepted "move-uuid-more-accepted" "A move of a uuid with more behind it \
                is taken for one of the backup with the uuid at its begin."
            MovePlaceCutAccepted "move-place-cut-accepted" "A move to a mount point that is cut \
                short goes to the share whose mount point begins so."
            MovePlaceMoreAccepted "move-place-more-accepted" "A move to a mount point with more \
                behind it goes to the share that it begins with."
            MovePlaceCaseIgnored "move-place-case-ignored" "A move takes a mount point in upper \
                and in lower case."
            MoveBlanksIgnored "move-blanks-ignored" "Blanks around the values of a move are taken \
                away."
            MoveListsUnwrapped "move-lists-unwrapped" "A list of one is taken for its item in a \
                move."
            PushUuidCutAccepted "push-uuid-cut-accepted" "A push of a uuid that is cut short is \
                taken for one of the backup whose uuid begins so."
            PushUuidMoreAccepted "push-uuid-more-accepted" "A push of a uuid with more behind it \
                is taken for one of the backup with the uuid at its begin."
            PushBlanksIgnored "push-blanks-ignored" "Blanks around the values of a push are taken \
                away."
            PushListsUnwrapped "push-lists-unwrapped" "A list of one is taken for its item in a \
                push."
            CopyActionNotRequired "copy-action-not-required" "A copy or move without `action` is \
                taken for a start."
            CopyUuidNotRequired "copy-uuid-not-required" "A copy or move without `uuid` is \
                accepted."
            CopyDestinationNotRequired "copy-destination-not-required" "A copy or move without \
                `destination` is accepted."
            CopyUnknownActionAccepted "copy-unknown-action-accepted" "An unknown `action` of a \
                copy or move is accepted."
            CopyUnknownUuidAccepted "copy-unknown-uuid-accepted" "A copy or move of a backup that \
                isn't there is accepted."
            CopyUnknownDestinationAccepted "copy-unknown-destination-accepted" "A copy or move to \
                a place that isn't one is accepted."
            PushActionNotRequired "push-action-not-required" "A push without `action` is taken \
                for a start."
            PushUuidNotRequired "push-uuid-not-required" "A push without `uuid` is accepted."
            PushDestinationNotRequired "push-destination-not-required" "A push without \
                `destination` is accepted."
            PushUnknownActionAccepted "push-unknown-action-accepted" "An unknown `action` of a \
                push is accepted."
            PushUnknownUuidAccepted "push-unknown-uuid-accepted" "A push of a backup that isn't \
                there is accepted."
            PushUnknownDestinationAccepted "push-unknown-destination-accepted" "A push to what \
                isn't an address is accepted."
            ActionTypeNotChecked "action-type-not-checked" "An `action` that isn't a string is \
                accepted."
            OperationTypeNotChecked "operation-type-not-checked" "An `operation` that isn't a \
                string is accepted."
            UuidTypeNotChecked "uuid-type-not-checked" "A `uuid` that isn't a string is accepted."
            DestinationTypeNotChecked "destination-type-not-checked" "A `destination` that isn't \
                a string is accepted."
        }
        "GET /tasks/{job_list}" {
            AuthOffTaskGet "auth-off-task-get" "A job is shown to anybody."
            TaskGetNotFound "task-get-not-found" "A job that ended more than a minute ago can't \
                be read by its id."
            TasksOfListFirstOnly "tasks-of-list-first-only" "Of several jobs that are asked for \
                only the first is answered."
            TaskOfAnotherJob "task-of-another-job" "Whatever job is asked for, the first one comes."
            TaskGetAll "task-get-all" "Whatever job is asked for, all come."
        }
        "GET /tasks" {
            AuthOffTasksList "auth-off-tasks-list" "The jobs are listed for anybody."
            TasksOnlyEnded "tasks-only-ended" "The list of jobs lacks those that are under way."
        }
        "PUT /tasks" {
            AuthOffTasksCancel "auth-off-tasks-cancel" "Anybody may cancel a job."
            PrivilegeOffTasksCancel "privilege-off-tasks-cancel" "Every account may cancel a job."
            StrangerYetCancelsJob "stranger-yet-cancels-job" "A cancel without credentials is \
                refused with 401, and the job is cancelled all the same."
            ForbiddenYetCancelsJob "forbidden-yet-cancels-job" "A cancel by the account without \
                privilege is refused with 403, and the job is cancelled all the same."
            TasksCancelActionNotChecked "tasks-cancel-action-not-checked" "Any `action`, and \
                none, is taken for a cancel."
            TasksCancelStopsEveryJob "tasks-cancel-stops-every-job" "A cancel stops every job \
                that is under way, not only those that it names."
            TasksCancelListNotRequired "tasks-cancel-list-not-required" "A cancel that names no \
                job is answered as done."
        }
        "POST /sessions" {
            LoginWithoutUserAccepted "login-without-user-accepted" "A login that names no user \
                opens a session of the default account."
            LoginWithoutPasswordAccepted "login-without-password-accepted" "A login without a \
                password opens a session."
            LoginMalformedAccepted "login-malformed-accepted" "A login that isn't JSON opens a \
                session of the default account."
        }
        "PUT /aicc/service/sftp/locks" {
            LocksPutServed "locks-put-served" "A PUT on the locks creates one."
        }
        "PATCH /aicc/service/sftp/locks" {
            LocksPatchServed "locks-patch-served" "A PATCH on the locks creates one."
        }
        "DELETE /aicc/service/sftp/locks" {
            LocksDeleteServed "locks-delete-served" "A DELETE on the locks deletes all of them."
        }
        "PATCH /managementServer/data" {
            TransferPatchServed "transfer-patch-served" "A PATCH is served like a PUT."
        }
        "DELETE /sessions" {
            SessionSurvivesLogout "session-survives-logout" "A log-off is answered as it should \
                be, and the session goes on."
        }
    }
}

/// The places of operations in the order in which lists of faults have them.
pub const LISTING: &[&str] = &[
    "*",
    "GET /aicc",
    "GET /aicc/service/sftp/locks",
    "POST /aicc/service/sftp/locks",
    "GET /aicc/service/sftp/locks/{id}",
    "DELETE /aicc/service/sftp/locks/{id}",
    "GET /managementServer/data",
    "DELETE /managementServer/data/{uuid}",
    "PUT /managementServer/data",
    "GET /tasks/{job_list}",
    "GET /tasks",
    "PUT /tasks",
    "POST /sessions",
    "PUT /aicc/service/sftp/locks",
    "PATCH /aicc/service/sftp/locks",
    "DELETE /aicc/service/sftp/locks",
    "PATCH /managementServer/data",
    "DELETE /sessions",
];

#[cfg(test)]
mod tests;
