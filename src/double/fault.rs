//! The faults: each breaks exactly one thing that the pages document.
//!
//! Knows their names and what each is about. Where a fault acts is written where the behaviour is
//! written (what the appliance *does* wrong) or in the passes over the finished answer (what it
//! *says* wrong).

use super::names::named;

named! {
    /// A documented thing that the double can be told to do wrong.
    ///
    /// [`Fault::ALL`] are faults of what is said and done; [`Fault::WIRE`] are faults of the
    /// connection, each played once, on the first `PUT /managementServer/data`.
    Fault, "fault";
    listed {
        "*" {
            AuthOff "auth-off" "A request without any credentials is served as if the default \
                account had sent it."
            WrongPasswordAccepted "wrong-password-accepted" "Any password is taken for an \
                existing user."
            PrivilegesNotChecked "privileges-not-checked" "The account without privilege may do \
                everything."
            Unauthorized403 "unauthorized-403" "Missing or wrong credentials are answered with \
                403 instead of 401."
            UnauthorizedEmptyBody "unauthorized-empty-body" "A 401 comes without the descriptive \
                error body."
            UnauthorizedShowsLocks "unauthorized-shows-locks" "A 401 to the list of locks carries \
                the locks."
            ForbiddenShowsBackups "forbidden-shows-backups" "A 403 to the list of backups carries \
                the backups."
            ForbiddenEmptyBody "forbidden-empty-body" "A 403 comes without the descriptive error \
                body."
            Forbidden404 "forbidden-404" "A lack of privilege is answered with 404 instead of 403."
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
            ErrorBodyList "error-body-list" "The body of an error is a list."
            ErrorSaysNothing "error-says-nothing" "The message of an error has no words."
            ErrorKeysOnly "error-keys-only" "The texts of an error are the keys of texts."
            ErrorBodyNull "error-body-null" "The body of an error is `null`."
            ErrorBodyEmptyObject "error-body-empty-object" "The body of an error is an object \
                without members."
            ErrorOnlyPunctuation "error-only-punctuation" "The body of an error is a line of \
                points and dashes."
            ErrorSaysSuccess "error-says-success" "`result` of an error is `success`."
            ErrorResultNumber "error-result-number" "`result` of an error is a number."
            ErrorMessagesMissing "error-messages-missing" "An error has its text, but no \
                `messages`."
            ErrorMessagesText "error-messages-text" "`messages` of an error is a string."
            ErrorIdNumber "error-id-number" "`id` of a message in `messages` is a number."
            ErrorTextNumber "error-text-number" "`text` of a message in `messages` is a number."
            ErrorExplanationList "error-explanation-list" "`explanation` of a message in \
                `messages` is a list."
            ErrorRecoveryNumber "error-recovery-number" "`recovery` of a message in `messages` is \
                a number."
            ErrorRecoveryTextNumber "error-recovery-text-number" "`text` of a recovery in \
                `messages` is a number."
            ErrorUrlNull "error-url-null" "`URL` of a recovery in `messages` is null."
        }
        "GET /aicc" {
            AiccVersionMissing "aicc-version-missing" "The appliance doesn't say its version."
            AiccVersionNumber "aicc-version-number" "The version is a number instead of a string."
            AiccRunlevelString "aicc-runlevel-string" "The runlevel is a string instead of an \
                integer."
            AiccStatus202 "aicc-status-202" "The appliance is described with status 202, which \
                isn't documented."
            AiccTextHtml "aicc-text-html" "The description of the appliance is said to be HTML."
            AiccList "aicc-list" "The description of the appliance comes inside a list."
            AiccApplianceMissing "aicc-appliance-missing" "The reply has no `appliance`."
            AiccApplianceList "aicc-appliance-list" "`appliance` is a list instead of an object."
            AiccUuidNumber "aicc-uuid-number" "The uuid of the appliance is a number."
            AiccNameNumber "aicc-name-number" "The name of the appliance is a number."
            AiccBuildNumber "aicc-build-number" "The build is a number."
            AiccDateNumber "aicc-date-number" "The date of the build is a number."
            AiccStatusNumber "aicc-status-number" "The status of the appliance is a number."
        }
        "GET /aicc/service/sftp/locks" {
            LockIdShort "lock-id-short" "Lock ids have 31 characters instead of 32."
            LockIdLong "lock-id-long" "Lock ids have 33 characters instead of 32."
            LockIdHyphenated "lock-id-hyphenated" "Lock ids have 32 characters, some of them \
                hyphens."
            LockIdUmlauts "lock-id-umlauts" "Lock ids have 32 characters, some of them umlauts."
            LockIdNumber "lock-id-number" "Lock ids are numbers instead of strings."
            LockIdMissing "lock-id-missing" "Locks have no id."
            LockIdDuplicate "lock-id-duplicate" "Two locks in the list have the same id."
            LockComponentUnknown "lock-component-unknown" "The component is a code that is not on \
                the list."
            LockComponentLowercase "lock-component-lowercase" "The component code is in lower case."
            LockComponentLabel "lock-component-label" "The component is given by its label \
                instead of its code."
            LockComponentNull "lock-component-null" "The component is null."
            LockComponentMissing "lock-component-missing" "Locks have no component."
            LockCreatedWithSpace "lock-created-with-space" "The time of creation has a space \
                where ISO 8601 has a T."
            LockCreatedMonth13 "lock-created-month-13" "The time of creation lies in a thirteenth \
                month."
            LockCreatedFebruary30 "lock-created-february-30" "The time of creation lies on a \
                thirtieth of February."
            LockCreatedInLocalTime "lock-created-in-local-time" "The time of creation is that of \
                a zone two hours ahead, and is said to be UTC."
            LockCreatedDrifts "lock-created-drifts" "The time of creation is a minute and a half \
                earlier in each list than in the one before."
            LockCreatedEmpty "lock-created-empty" "The time of creation is an empty string."
            LockCreatedEpochText "lock-created-epoch-text" "The time of creation is a string with \
                the milliseconds since 1970."
            LockCreatedWithoutZone "lock-created-without-zone" "The time of creation has no zone."
            LockCreatedNumber "lock-created-number" "The time of creation is a number of seconds \
                instead of a string."
            LockCreatedInFuture "lock-created-in-future" "The time of creation lies a day ahead."
            LockCreatedMissing "lock-created-missing" "Locks have no time of creation."
            LockExpiryString "lock-expiry-string" "The number of seconds is a string instead of \
                an integer."
            LockExpiryFloat "lock-expiry-float" "The number of seconds has a fraction."
            LockExpiryNegative "lock-expiry-negative" "The number of seconds is negative."
            LockExpiryMissing "lock-expiry-missing" "Locks have no number of seconds."
            LocksEnveloped "locks-enveloped" "The list comes inside an object."
            LocksSingleObject "locks-single-object" "The first lock comes instead of a list of \
                locks."
            LocksThirdRowBad "locks-third-row-bad" "Of three locks only the third has an unknown \
                component."
            LocksKeepExpired "locks-keep-expired" "A lock stays in the list when its time is \
                over; one is there from the start."
            Locks204WithLocks "locks-204-with-locks" "204 is answered although there are locks."
            LocksStatus202 "locks-status-202" "The list comes with status 202, which isn't \
                documented."
            LocksEmptyBody "locks-empty-body" "200 is answered without a body."
            Locks500Empty "locks-500-empty" "The list of locks is answered with 500 and no body."
            LockComponentTwice "lock-component-twice" "Locks have `component` twice, first with \
                an unknown code."
            LocksNotJson "locks-not-json" "The body breaks off in the middle and isn't JSON."
            LocksTextHtml "locks-text-html" "The body is said to be HTML."
            AuthOffLocksList "auth-off-locks-list" "The locks are listed for anybody."
            PrivilegeOffLocksList "privilege-off-locks-list" "The locks are listed for every \
                account."
            StrangerSpoilsNextList "stranger-spoils-next-list" "After a request without \
                credentials was refused, the next list of locks is an internal error."
            LocksNotServed "locks-not-served" "The list of locks is answered with 404, as if \
                there were no such path."
            LocksNeedParameter "locks-need-parameter" "The list of locks is refused with 400 \
                unless the query names a component."
            LocksBareIds "locks-bare-ids" "The list has the ids of the locks instead of the locks."
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
            LockCreatedIsNow "lock-created-is-now" "The time of creation is the time of the reply."
            NoLocks404 "no-locks-404" "Without locks the reply is 404."
            NoLocksEmpty200 "no-locks-empty-200" "Without locks the reply is 200 without a body."
        }
        "POST /aicc/service/sftp/locks" {
            CreatedLockNotListed "created-lock-not-listed" "A lock that was created doesn't \
                appear in the list."
            FifthLockDropsOldest "fifth-lock-drops-oldest" "When a fifth lock is created, the \
                oldest one goes."
            CreateLockStatus200 "create-lock-status-200" "A created lock is answered with 200 \
                instead of 201."
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
            CreateLockRefusal422 "create-lock-refusal-422" "A wrong request to create a lock is \
                answered with 422 instead of 400."
            CreatedLockTextHtml "created-lock-text-html" "The reply to a creation is said to be \
                HTML."
            CreatedLockNumber "created-lock-number" "The reply to a creation is a number."
            CreatedLockIdShort "created-lock-id-short" "The id in the reply to a creation has 31 \
                characters."
        }
        "GET /aicc/service/sftp/locks/{id}" {
            LockGetWrongId "lock-get-wrong-id" "A single lock comes with another id than was \
                asked for."
            AuthOffLockGet "auth-off-lock-get" "A single lock is shown to anybody."
            PrivilegeOffLockGet "privilege-off-lock-get" "A single lock is shown to every account."
            LockGetFirst "lock-get-first" "Whatever lock is asked for, the first one of the list \
                comes."
            LockGetUnknownAnswered "lock-get-unknown-answered" "An id that no lock has is \
                answered with a lock that was never taken."
            LockProlongedByReading "lock-prolonged-by-reading" "A lock that is read by its id \
                lives as long again."
            LockGetNotFound "lock-get-not-found" "A lock that is in the list can't be read by its \
                id."
            LockGetTextHtml "lock-get-text-html" "A single lock is said to be HTML."
            LockGetText "lock-get-text" "A single lock comes as a string."
            LockGetIdNumber "lock-get-id-number" "The id of a single lock is a number."
            LockGetIdMissing "lock-get-id-missing" "A single lock has no id."
            LockGetComponentUnknown "lock-get-component-unknown" "The component of a single lock \
                is no documented code."
            LockGetComponentMissing "lock-get-component-missing" "A single lock has no component."
            LockGetCreatedNumber "lock-get-created-number" "The time of creation of a single lock \
                is a number."
            LockGetCreatedMissing "lock-get-created-missing" "A single lock has no time of \
                creation."
            LockGetExpiryString "lock-get-expiry-string" "The number of seconds of a single lock \
                is a string."
            LockGetExpiryMissing "lock-get-expiry-missing" "A single lock has no number of seconds."
        }
        "DELETE /aicc/service/sftp/locks/{id}" {
            DeletedLockStaysListed "deleted-lock-stays-listed" "A lock that was deleted is still \
                in the list."
            UnknownLock400 "unknown-lock-400" "Deleting a lock that isn't there is answered with \
                400 instead of 404."
            UnknownLockDeleted "unknown-lock-deleted" "Deleting a lock that isn't there is \
                answered with 200."
            AuthOffLockDelete "auth-off-lock-delete" "Anybody may delete a lock."
            PrivilegeOffLockDelete "privilege-off-lock-delete" "Every account may delete a lock."
            StrangerYetDeletesLock "stranger-yet-deletes-lock" "A deletion without credentials is \
                refused with 401, and the lock is gone all the same."
            ForbiddenYetDeletesLock "forbidden-yet-deletes-lock" "A deletion by the account \
                without privilege is refused with 403, and the lock is gone all the same."
            DeletedLockStatus202 "deleted-lock-status-202" "A deleted lock is answered with 202, \
                which isn't documented."
            DeletedLockTextHtml "deleted-lock-text-html" "The reply to the deletion of a lock is \
                said to be HTML."
            DeletedLockList "deleted-lock-list" "The reply to the deletion of a lock is a list."
            DeletedLockMessagesText "deleted-lock-messages-text" "`messages` in the reply to the \
                deletion of a lock is a string."
        }
        "GET /managementServer/data" {
            BackupsBare "backups-bare" "The backups come as a bare array instead of in an object."
            BackupUuidMissing "backup-uuid-missing" "Backups have no uuid."
            BackupDhcpString "backup-dhcp-string" "`dhcp` is a string instead of a boolean."
            BackupDateMissing "backup-date-missing" "Backups have no date."
            AuthOffBackupsList "auth-off-backups-list" "The backups are listed for anybody."
            PrivilegeOffBackupsList "privilege-off-backups-list" "The backups are listed for \
                every account."
            BackupNamedOtherwiseByBasic "backup-named-otherwise-by-basic" "Asked with HTTP Basic, \
                the list has another file name for the first backup."
            BackupsShortInSession "backups-short-in-session" "Asked in a session, the list lacks \
                its last backup."
            BackupsStatus202 "backups-status-202" "The backups come with status 202, which isn't \
                documented."
            BackupsTextHtml "backups-text-html" "The list of backups is said to be HTML."
            BackupsMissing "backups-missing" "The reply has no `backups`."
            BackupsObject "backups-object" "`backups` is an object instead of a list."
            BackupPlaceMissing "backup-place-missing" "Of the last backup the list doesn't say \
                where it lies."
            BackupUuidNumber "backup-uuid-number" "The uuid of the last backup is a number."
            BackupDateNumber "backup-date-number" "`backupDate` is a number."
            BackupRequesterNumber "backup-requester-number" "`backupRequestedBy` is a number."
            BackupChassisNumber "backup-chassis-number" "`chassis` is a number."
            BackupChecksumNumber "backup-checksum-number" "`checksum` is a number."
            BackupDhcpEthNull "backup-dhcp-eth-null" "`dhcpEth` is null."
            BackupDhcpMacNull "backup-dhcp-mac-null" "`dhcpMac` is null."
            BackupEth0Ipv4List "backup-eth0-ipv4-list" "`eth0IPv4` is a list."
            BackupEth0Ipv6List "backup-eth0-ipv6-list" "`eth0IPv6` is a list."
            BackupEth1Ipv4Null "backup-eth1-ipv4-null" "`eth1IPv4` is null."
            BackupEth1Ipv6Null "backup-eth1-ipv6-null" "`eth1IPv6` is null."
            BackupFilenameList "backup-filename-list" "`filename` is a list."
            BackupFirmwareNumber "backup-firmware-number" "`firmware` is a number."
            BackupIpRedirectFalse "backup-ip-redirect-false" "`ipRedirect` is a boolean."
            BackupRequesterMissing "backup-requester-missing" "Backups have no `backupRequestedBy`."
            BackupChassisMissing "backup-chassis-missing" "Backups have no `chassis`."
            BackupChecksumMissing "backup-checksum-missing" "Backups have no `checksum`."
            BackupDhcpMissing "backup-dhcp-missing" "Backups have no `dhcp`."
            BackupDhcpEthMissing "backup-dhcp-eth-missing" "Backups have no `dhcpEth`."
            BackupDhcpMacMissing "backup-dhcp-mac-missing" "Backups have no `dhcpMac`."
            BackupEth0Ipv4Missing "backup-eth0-ipv4-missing" "Backups have no `eth0IPv4`."
            BackupEth0Ipv6Missing "backup-eth0-ipv6-missing" "Backups have no `eth0IPv6`."
            BackupEth1Ipv4Missing "backup-eth1-ipv4-missing" "Backups have no `eth1IPv4`."
            BackupEth1Ipv6Missing "backup-eth1-ipv6-missing" "Backups have no `eth1IPv6`."
            BackupFilenameMissing "backup-filename-missing" "Backups have no `filename`."
            BackupFirmwareMissing "backup-firmware-missing" "Backups have no `firmware`."
            BackupIpRedirectMissing "backup-ip-redirect-missing" "Backups have no `ipRedirect`."
        }
        "DELETE /managementServer/data/{uuid}" {
            DeletedBackupStaysListed "deleted-backup-stays-listed" "A backup that was deleted is \
                still in the list."
            AuthOffBackupDelete "auth-off-backup-delete" "Anybody may delete a backup."
            PrivilegeOffBackupDelete "privilege-off-backup-delete" "Every account may delete a \
                backup."
            DeleteTakesEveryCopy "delete-takes-every-copy" "A backup that is to be deleted from \
                one place is deleted from all."
            DeleteLocationNotRequired "delete-location-not-required" "A deletion that doesn't say \
                where is answered as done."
            DeleteUnknownLocationAccepted "delete-unknown-location-accepted" "A deletion from a \
                place that isn't one is answered as done."
            DeleteUnknownBackupAccepted "delete-unknown-backup-accepted" "The deletion of a \
                backup that isn't there is answered as done."
            DeletedBackupStatus202 "deleted-backup-status-202" "A deleted backup is answered with \
                202, which isn't documented."
            DeletedBackupTextHtml "deleted-backup-text-html" "The reply to the deletion of a \
                backup is said to be HTML."
            DeletedBackupList "deleted-backup-list" "The reply to the deletion of a backup is a \
                list."
            DeletedBackupResultUnknown "deleted-backup-result-unknown" "`result` in the reply to \
                the deletion of a backup is no documented value."
            DeletedBackupMessagesText "deleted-backup-messages-text" "`messages` in the reply to \
                the deletion of a backup is a string."
        }
        "PUT /managementServer/data" {
            StartWithoutJobId "start-without-job-id" "A start is answered without `jobId`."
            StartJobIdNumber "start-job-id-number" "`jobId` is a number instead of a string."
            StartJobIdEmpty "start-job-id-empty" "`jobId` is empty although a job was made."
            StartJobIdReused "start-job-id-reused" "Every start is answered with the id of the \
                first job."
            StartResultCapitalised "start-result-capitalised" "`result` is `Success`."
            StartResultMissing "start-result-missing" "A start is answered without `result`."
            StartResultFailed "start-result-failed" "`result` is `failed` although the job was \
                started."
            StartResultTwice "start-result-twice" "A start is answered with `result` twice, first \
                `failed` and then `success`."
            StartWarnsWithoutMessage "start-warns-without-message" "A start is answered with \
                `warning` and no message."
            StartWarnsBlank "start-warns-blank" "A start is answered with `warning` and a message \
                of blanks."
            StartWarnsKey "start-warns-key" "A start is answered with `warning`, and the text of \
                its message is a key."
            StartWarnsPlaceholder "start-warns-placeholder" "A start is answered with `warning`, \
                and its message is a placeholder."
            StartMessageString "start-message-string" "`message` is a string."
            StartMessageMissing "start-message-missing" "A start is answered without `message`."
            StartStatus202 "start-status-202" "A start is answered with 202, which isn't \
                documented."
            StartEmptyBody "start-empty-body" "A start is answered with 200 and no body."
            StartNotJson "start-not-json" "The answer to a start breaks off in the middle and \
                isn't JSON."
            StartTextHtml "start-text-html" "The answer to a start is said to be HTML."
            CancelWithJobId "cancel-with-job-id" "A cancel is answered with a `jobId`."
            CancelResultMissing "cancel-result-missing" "A cancel is answered without `result`."
            CancelMessageMissing "cancel-message-missing" "A cancel is answered without `message`."
            CancelWarnsWithoutMessage "cancel-warns-without-message" "A cancel is answered with \
                `warning` and no message."
            CancelWarnsNull "cancel-warns-null" "A cancel is answered with `warning`, and the \
                text of its message is `null`."
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
            MoveRefused "move-refused" "Every move is refused."
            PushRefused "push-refused" "Every push is refused."
            JobUnknown "job-unknown" "The job that was answered is not among the tasks."
            JobFails "job-fails" "Every job stops with an error."
            JobNeverEnds "job-never-ends" "No job ever ends."
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
            RefusalEmptyBody "refusal-empty-body" "A 400 comes without the descriptive error body."
            Refusal422 "refusal-422" "A wrong request is answered with 422 instead of 400."
            Refusal500 "refusal-500" "A wrong request is answered with 500 instead of 400."
            Refusal200 "refusal-200" "A wrong request is answered with 200 and an error body."
            RefusalSaysSuccess "refusal-says-success" "A 400 says `success` in `result`."
            RefusalSaysWarning "refusal-says-warning" "A 400 says `warning` in `result`."
            RefusalNamesJob "refusal-names-job" "A 400 names a job."
            RefusalJobTwice "refusal-job-twice" "A 400 has `jobId` twice: first with a job, then \
                empty."
            UnauthorizedNamesJob "unauthorized-names-job" "A 401 names a job."
            RefusalBareNumber "refusal-bare-number" "The body of a 400 is the number of its status."
            RefusalTextPlaceholder "refusal-text-placeholder" "The text of a refusal's message is \
                a placeholder."
            Refusal500Empty "refusal-500-empty" "A wrong request is answered with 500 and no body."
            RefusalResultMissing "refusal-result-missing" "A 400 comes without `result`."
            RefusalMessageEmpty "refusal-message-empty" "A 400 comes with an empty `message`."
            RefusalMessageString "refusal-message-string" "A 400 comes with a string for `message`."
            RefusalRecoveryString "refusal-recovery-string" "`recovery` of a message is a string."
            RefusalRecoveryTextNumber "refusal-recovery-text-number" "`text` of a recovery step \
                is a number."
            RefusalUrlNumber "refusal-url-number" "`URL` of a recovery step is a number."
            MessageIdNumber "message-id-number" "`id` of a message is a number."
            MessageTextMissing "message-text-missing" "A message has no `text`."
            MessageTextNumber "message-text-number" "`text` of a message is a number."
            MessageExplanationNumber "message-explanation-number" "`explanation` of a message is \
                a number."
            AuthOffTransfer "auth-off-transfer" "Anybody may transfer a backup."
            PrivilegeOffTransfer "privilege-off-transfer" "Every account may transfer a backup."
            TransferUnauthorized404 "transfer-unauthorized-404" "Missing or wrong credentials are \
                answered with 404 here."
            SiblingShapeForUnauthorized "sibling-shape-for-unauthorized" "401 and 403 have the \
                error body of the sibling pages."
            TransferNotServed "transfer-not-served" "Every transfer is answered with 404, as if \
                there were no such path."
            StartMessagesPlural "start-messages-plural" "A start is answered with `messages` \
                instead of `message`."
            StartMessageObject "start-message-object" "`message` is one object, as the table of \
                the page has it and its examples don't."
            CancelEmptyBody "cancel-empty-body" "A cancel is answered with 200 and no body."
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
            RefusalRecoveryObject "refusal-recovery-object" "`recovery` is one object, as \
                recorded appliances send it and the page doesn't."
            MessageIdMissing "message-id-missing" "A message has no `id`."
            MessageExplanationMissing "message-explanation-missing" "A message has no \
                `explanation`."
            MessageRecoveryMissing "message-recovery-missing" "A message has no `recovery`."
            RecoveryTextMissing "recovery-text-missing" "A recovery step has no `text`."
        }
        "GET /tasks/{job_list}" {
            TaskSingleObject "task-single-object" "A single task comes as an object instead of in \
                an array."
            TaskPercentageString "task-percentage-string" "The percentage is a string instead of \
                a number."
            TaskStatusMissing "task-status-missing" "Tasks have no status."
            AuthOffTaskGet "auth-off-task-get" "A job is shown to anybody."
            TaskGetStatus202 "task-get-status-202" "A job comes with status 202, which isn't \
                documented."
            TaskGetNotFound "task-get-not-found" "A job that ended more than a minute ago can't \
                be read by its id."
            TasksOfListFirstOnly "tasks-of-list-first-only" "Of several jobs that are asked for \
                only the first is answered."
            TaskOfAnotherJob "task-of-another-job" "Whatever job is asked for, the first one comes."
            TaskGetAll "task-get-all" "Whatever job is asked for, all come."
            TaskTextHtml "task-text-html" "A job is said to be HTML."
            TaskJobUidNumber "task-job-uid-number" "`jobUID` of a job is a number."
            TaskJobUidMissing "task-job-uid-missing" "A job has no `jobUID`."
            TaskChildrenObject "task-children-object" "`children` of a job is an object instead \
                of a list."
        }
        "GET /tasks" {
            AuthOffTasksList "auth-off-tasks-list" "The jobs are listed for anybody."
            TasksStatus202 "tasks-status-202" "The jobs come with status 202, which isn't \
                documented."
            TasksTextHtml "tasks-text-html" "The list of jobs is said to be HTML."
            TasksEnveloped "tasks-enveloped" "The list of jobs comes inside an object."
            TasksOnlyEnded "tasks-only-ended" "The list of jobs lacks those that are under way."
            TasksJobUidNumber "tasks-job-uid-number" "`jobUID` of the jobs in the list is a number."
            TasksJobUidMissing "tasks-job-uid-missing" "The jobs in the list have no `jobUID`."
            TasksPercentageString "tasks-percentage-string" "The percentage of the jobs in the \
                list is a string."
            TasksChildrenObject "tasks-children-object" "`children` of the jobs in the list is an \
                object."
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
            TasksCancelRefusal422 "tasks-cancel-refusal-422" "A wrong request to cancel jobs is \
                answered with 422 instead of 400."
            TasksCancelStatus202 "tasks-cancel-status-202" "Cancelled jobs are answered with 202, \
                which isn't documented."
            TasksCancelWithBody "tasks-cancel-with-body" "Cancelled jobs are answered with a body."
        }
        "POST /sessions" {
            LoginWithoutUserAccepted "login-without-user-accepted" "A login that names no user \
                opens a session of the default account."
            LoginWithoutPasswordAccepted "login-without-password-accepted" "A login without a \
                password opens a session."
            LoginMalformedAccepted "login-malformed-accepted" "A login that isn't JSON opens a \
                session of the default account."
            LoginRefusalTextHtml "login-refusal-text-html" "The reply to a refused login is said \
                to be HTML."
            LoginStatus202 "login-status-202" "A login is answered with 202, which isn't \
                documented."
            LoginList "login-list" "The reply to a login is a list."
            LoginWithoutCsrfCookie "login-without-csrf-cookie" "A login doesn't set the cookie \
                csrf."
            LoginResponseList "login-response-list" "`response` in the reply to a login is a list."
            LoginPasswordChangeText "login-password-change-text" "`pwChangeRequired` is a string."
            LoginSessionList "login-session-list" "`session` in the reply to a login is a list."
            LoginSessionIdNumber "login-session-id-number" "The id of a session is a number."
            LoginSessionCsrfNumber "login-session-csrf-number" "`csrf` of a session is a number."
            LoginSessionUserNumber "login-session-user-number" "`UserId` of a session is a number."
            LoginResultNumber "login-result-number" "`result` in the reply to a login is a number."
            LoginMessagesText "login-messages-text" "`messages` in the reply to a login is a \
                string."
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
            LogoutStatus202 "logout-status-202" "A log-off is answered with 202, which isn't \
                documented."
            LogoutTextHtml "logout-text-html" "The reply to a log-off is said to be HTML."
            LogoutList "logout-list" "The reply to a log-off is a list."
            LogoutResultMissing "logout-result-missing" "The reply to a log-off has no `result`."
            LogoutResultUnknown "logout-result-unknown" "`result` in the reply to a log-off is no \
                documented value."
            LogoutMessagesText "logout-messages-text" "`messages` in the reply to a log-off is a \
                string."
        }
    }
    apart {
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
        assert!(Fault::ALL.len() >= 250);
        for fault in every {
            assert_eq!(fault.name().parse::<Fault>(), Ok(fault));
            assert!(
                fault
                    .name()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            );
            assert!(!fault.summary().is_empty());
        }
        assert_eq!("lock-id-shrot".parse::<Fault>().unwrap_err().nearest, "lock-id-short");
    }
}
