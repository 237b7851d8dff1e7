//! The variants: each makes the double different in a respect that the pages leave open, and still
//! right.
//!
//! Knows their names and what each is about. Most act in the pass over the finished answer; those
//! that change what the double does act where the behaviour is written.

use super::super::terms::names::named;

named! {
    /// A harmless difference that the double can be told to show.
    Variant, "variant";
    listed {
        "*" {
            VendorMediaType "vendor-media-type" "JSON comes with the vendor's media type, which \
                carries the version."
            CharsetAbsent "charset-absent" "JSON comes as `application/json` without a charset."
            DuplicateHeaders "duplicate-headers" "Some header lines come twice, as recorded \
                appliances send them."
            IndentedJson "indented-json" "JSON is written over several lines."
            UndocumentedMember "undocumented-member" "Objects carry a member that no page names."
            CsrfNotEnforced "csrf-not-enforced" "A session may write without its CSRF token."
            GzipWhereAsked "gzip-where-asked" "JSON is packed with gzip for clients that ask for \
                it."
            GzipUnasked "gzip-unasked" "Bodies are packed with gzip, though nobody asks for it."
            DeflateUnasked "deflate-unasked" "Bodies are packed with deflate, though nobody asks \
                for it."
            BrotliUnasked "brotli-unasked" "Bodies are packed with brotli, though nobody asks for \
                it."
            ByteOrderMark "byte-order-mark" "A byte order mark stands before JSON."
            HalfSurrogate "half-surrogate" "Objects carry a member that no page names, whose text \
                has half of a surrogate pair."
            TwoHundredHeaders "two-hundred-headers" "Replies have 200 header lines more."
            FoldedHeader "folded-header" "As a server, a header line of replies goes on in the \
                next line."
            BlankBeforeColon "blank-before-colon" "As a server, a blank stands before the colon \
                of header lines."
            ClosesWithoutSayingSo "closes-without-saying-so" "As a server, the connection is \
                closed after each reply, which doesn't say so."
            EarlyHints "early-hints" "As a server, an interim reply comes before each reply."
            Chunked "chunked" "Bodies come in chunks, without a length."
            CloseAfterEach "close-after-each" "The connection is closed after each reply."
            LowerCaseHeaders "lower-case-headers" "The names of header lines are in lower case."
            SecurityHeaders "security-headers" "Replies carry the header lines on security and \
                caching that recorded appliances send."
            CookieOnEveryReply "cookie-on-every-reply" "Every reply sets a cookie."
            MembersReversed "members-reversed" "The members of objects come in the reverse order."
            SlashesEscaped "slashes-escaped" "Slashes in JSON strings are escaped."
            ClockAhead "clock-ahead" "The clock of the appliance is a day ahead, in all that it \
                says."
            ClockBehind "clock-behind" "The clock of the appliance is a year behind, in all that \
                it says."
            OthersStartJobs "others-start-jobs" "Somebody else starts a job now and then."
            OthersTakeLocks "others-take-locks" "Somebody else takes a lock for half a minute now \
                and then."
            DateAbsent "date-absent" "Replies have no header Date."
            DateStandsStill "date-stands-still" "The header Date says 1970 in every reply; times \
                of creation are right."
            DateHoursBehind "date-hours-behind" "The header Date is three hours behind; times of \
                creation are right."
            DateYearsAhead "date-years-ahead" "The header Date is three years ahead; times of \
                creation are right."
            MethodsRefused404 "methods-refused-404" "A method that no page names is answered with \
                404 instead of 405."
            MethodsRefused501 "methods-refused-501" "A method that no page names is answered with \
                501 instead of 405."
            ErrorMessageObject "error-message-object" "`messages` of an error is a single object, \
                as in some recordings."
            ErrorRecoveryText "error-recovery-text" "`recovery` in `messages` of an error is a \
                text, as in some recordings."
            ErrorResultFailure "error-result-failure" "`result` of an error is `failure`, as in \
                some recordings."
            ErrorPlainText "error-plain-text" "An error is told in plain text."
            ErrorHtmlPage "error-html-page" "An error is told in a page of HTML."
            ErrorXml "error-xml" "An error is told in XML."
            ErrorSpringForm "error-spring-form" "An error has the form of Spring: timestamp, \
                status, error, message, path."
            ErrorProblemForm "error-problem-form" "An error has the form of RFC 9457: type, \
                title, status, detail."
            ErrorListOfTexts "error-list-of-texts" "The body of an error is a list of texts."
            ErrorLatin1 "error-latin-1" "An error is told in plain text, in ISO-8859-1."
            ErrorUtf16 "error-utf-16" "The body of an error is JSON in UTF-16."
            ErrorGbk "error-gbk" "An error is told in two Chinese signs, in GBK."
            ErrorTwoSigns "error-two-signs" "The text of an error's message is two Chinese signs, \
                and its explanation is empty."
            ErrorIdBeforeText "error-id-before-text" "The text of an error's message begins with \
                its id."
            MemberTwiceAlike "member-twice-alike" "The first member of an object comes twice, \
                with the same value."
            ErrorExplanationEmpty "error-explanation-empty" "The explanation in `messages` of an \
                error is empty."
        }
        "GET /aicc" {
            AiccRedirects "aicc-redirects" "Without credentials the reply is a 302 to the login \
                page."
            AiccVersionLong "aicc-version-long" "The version has a fourth part."
            AiccVersionOnly "aicc-version-only" "The reply says the version and nothing else."
        }
        "POST /sessions" {
            SessionIdRenewed "session-id-renewed" "Each reply in a session gives it a new id, and \
                the one before is worth nothing."
            CsrfTokenRenewed "csrf-token-renewed" "Each reply in a session gives it a new CSRF \
                token, in a header, and the one before is worth nothing."
            CookieForAnotherPath "cookie-for-another-path" "Every reply sets a cookie \
                `JSESSIONID` for a path that isn't asked."
            CookiesExpire "cookies-expire" "The cookies of a login end a day later, by the clock \
                of the appliance."
            BadLogin401 "bad-login-401" "A refused login is 401 instead of 403."
        }
        "GET /aicc/service/sftp/locks" {
            EmptyArrayForNoLocks "empty-array-for-no-locks" "Without locks the reply is 200 with \
                an empty array."
            FractionOfSeconds "fraction-of-seconds" "Times carry milliseconds."
            UtcOffset "utc-offset" "Times end in `+00:00` instead of `Z`."
            UpperCaseLockIds "upper-case-lock-ids" "Lock ids are in upper case."
            LocksOfOthersComeAndGo "locks-of-others-come-and-go" "Each list has a lock of \
                somebody else that no other list has."
            LocksTurn "locks-turn" "Another lock comes first in each list."
            RowsCountReads "rows-count-reads" "Locks and backups have a member that no page \
                names, and its value changes from list to list."
            LocksNewestFirst "locks-newest-first" "The list begins with the newest lock."
            FractionOfNanoseconds "fraction-of-nanoseconds" "Times carry nine digits after the \
                second."
            AnotherTimeZone "another-time-zone" "Times are those of another zone, with its offset."
            SecondsCountDown "seconds-count-down" "`expirationTimeOut` of a lock says how many \
                seconds are left."
            LocksBehind "locks-behind" "The list is a moment behind: what was created comes and \
                what was deleted goes a second and a half late."
            LocksBesideOtherLists "locks-beside-other-lists" "The list comes inside an object, \
                after other lists."
            FractionOfFifteenDigits "fraction-of-fifteen-digits" "Times carry fifteen digits \
                after the second."
            TimesWithoutSeconds "times-without-seconds" "Times end with the minute."
            TimesAreDates "times-are-dates" "Times are dates, without a time of day."
            TimesInBasicFormat "times-in-basic-format" "Times have neither hyphens nor colons, as \
                ISO 8601 allows."
            TimesWithOrdinalDate "times-with-ordinal-date" "Times have the day of the year, as \
                ISO 8601 allows."
            TimesWithWeekDate "times-with-week-date" "Times have the week and its day, as ISO \
                8601 allows."
            TimesWithHourZone "times-with-hour-zone" "The zone of times is a number of hours, as \
                ISO 8601 allows."
            TimesWithComma "times-with-comma" "Times have a comma before the fraction, as ISO \
                8601 allows."
            TimesInSmallLetters "times-in-small-letters" "The T and the Z of times are small \
                letters."
            UtcOffsetUnknown "utc-offset-unknown" "Times end in `-00:00` instead of `Z`."
            TimeZoneOfQuarters "time-zone-of-quarters" "Times are those of a zone whose offset \
                isn't whole hours."
            LockTimesStandStill "lock-times-stand-still" "All locks have the same time of \
                creation, in 2022; the header Date is right."
            LockTimesHoursBehind "lock-times-hours-behind" "Times of creation are three hours \
                behind the header Date."
            LocksClearedInRounds "locks-cleared-in-rounds" "Locks that have expired are deleted \
                once in twenty seconds."
            SecondsWithPointZero "seconds-with-point-zero" "Numbers of seconds are written with \
                `.0`."
            NoLocksAtStart "no-locks-at-start" "No lock is held when it starts."
            FiftyThousandLocks "fifty-thousand-locks" "The first list has 50 000 locks more, \
                which are given back at once."
        }
        "POST /aicc/service/sftp/locks" {
            CreatedLockIdOnly "created-lock-id-only" "The reply to a creation has only the id."
            CreatedLockAsText "created-lock-as-text" "The reply to a creation is the id as a \
                string."
            CreatedLockAsList "created-lock-as-list" "The reply to a creation is a list that \
                holds the lock."
            CreatedLockLocation "created-lock-location" "The reply to a creation has a header \
                Location."
        }
        "DELETE /aicc/service/sftp/locks/{id}" {
            DeletedLockSaysResult "deleted-lock-says-result" "The reply to a deletion has \
                `result`, as on the sibling pages."
            DeletedLockMessageObject "deleted-lock-message-object" "`messages` in the reply to a \
                deletion is a single object."
        }
        "GET /managementServer/data" {
            LocationMemberRenamed "location-member-renamed" "Where a backup lies is told by \
                `location` instead of `locations`."
            LocationMemberAbsent "location-member-absent" "Nothing tells where a backup lies."
            LocationsAsText "locations-as-text" "The places of a backup are told in one string, \
                with commas."
            BackupListedOncePerPlace "backup-listed-once-per-place" "A backup has a row for each \
                place in which it lies."
            LocalRepositoryCalledLxca "local-repository-called-lxca" "The list calls the local \
                repository LXCA."
            PlacesInWords "places-in-words" "The list says where a backup lies in words: the \
                local repository, a remote share."
            PlacesInTwoMembers "places-in-two-members" "One member tells whether a backup lies in \
                the local repository, another one on which shares."
            PlacesAsObjects "places-as-objects" "The places of a backup are objects with a type \
                and a path."
            ShareWithTrailingSlash "share-with-trailing-slash" "The list writes a mount point \
                with a slash at its end."
            ShareAsHostPath "share-as-host-path" "The list names a share by its server instead of \
                its mount point."
            BackupsBehindTheirJob "backups-behind-their-job" "The list is a moment behind: what a \
                job or a deletion changed shows after two and a half seconds."
            BackupsAfterOtherLists "backups-after-other-lists" "Other lists come before that of \
                the backups."
            BackupsInResponse "backups-in-response" "The list comes inside the object `response`, \
                as on the sibling pages."
            NoBackups "no-backups" "There is no backup."
            BackupsTurn "backups-turn" "Another backup comes first in each list."
            ManyBackups "many-backups" "There are 200 backups more, all of them on a share that \
                nothing else uses."
            DhcpOn "dhcp-on" "The backups were made with DHCP, and their addresses are filled in."
            BackupUuidUpperCase "backup-uuid-upper-case" "The uuids of backups are in upper case."
        }
        "PUT /managementServer/data" {
            MessageAsObject "message-as-object" "`message` is a single object instead of an array."
            RecoveryAsObject "recovery-as-object" "`recovery` is a single object instead of an \
                array."
            SuccessCarriesMessage "success-carries-message" "A success carries a message, as on \
                the sibling pages."
            PluralMessagesToo "plural-messages-too" "`messages` comes beside `message`."
            JobIdEmptyOnCancel "job-id-empty-on-cancel" "A cancel is answered with an empty \
                `jobId`."
            ExplanationEmpty "explanation-empty" "The explanation of a message is empty."
            TransferUnauthorized403 "transfer-unauthorized-403" "Missing or wrong credentials are \
                403 here, for the page doesn't list 401."
            UuidCaseSensitive "uuid-case-sensitive" "A uuid in other letters is unknown."
            DuplicateStartAccepted "duplicate-start-accepted" "A start that is already in \
                progress starts a second job."
            MessageEmptyObject "message-empty-object" "`message` is an object without members \
                where there is nothing to say."
            RecoveryWithoutUrl "recovery-without-url" "A recovery step has no `URL`."
            RefusalMessageText "refusal-message-text" "`message` of a refusal is a text."
            RefusalResultFailure "refusal-result-failure" "`result` of a refusal is `failure`, as \
                on sibling pages."
            RefusalTwoMessages "refusal-two-messages" "A refusal has two messages."
            JobIdNullOnCancel "job-id-null-on-cancel" "A cancel is answered with a `jobId` that \
                is null."
            StartWarns "start-warns" "A start is answered with the result `warning` and a message."
            JobIdsWithLetters "job-ids-with-letters" "Job ids have letters and hyphens."
            OneJobAtATime "one-job-at-a-time" "While a job runs no other is started."
            SlowStarts "slow-starts" "The reply to a start takes a while."
        }
        "GET /tasks/{job_list}" {
            PercentageInteger "percentage-integer" "The percentage is written without a fraction."
            JobsEndAtOnce "jobs-end-at-once" "Jobs are complete when the start is answered, a \
                push excepted."
            JobsTakeLonger "jobs-take-longer" "Jobs take twice as long."
            TaskStateNested "task-state-nested" "`status` of a job is an object that holds the \
                state and the percentage."
            TaskStateElsewhere "task-state-elsewhere" "The state of a job is in `jobState`."
            TaskStateCompleted "task-state-completed" "The state of a job that came to a good end \
                is `Completed`."
            TaskWithoutPercentage "task-without-percentage" "Jobs don't say how far they are."
            TaskWithChildren "task-with-children" "Jobs have children, which are jobs too."
            JobsTakeMinutes "jobs-take-minutes" "Jobs take three minutes."
        }
        "GET /aicc/service/sftp/locks/{id}" {
            SingleLockAsList "single-lock-as-list" "A single lock comes in a list that holds it."
            UnknownLockGet400 "unknown-lock-get-400" "Reading a lock that isn't there is 400 \
                instead of 404."
        }
        "DELETE /managementServer/data/{uuid}" {
            UnknownBackup404 "unknown-backup-404" "Deleting a backup that isn't there is 404 \
                instead of 400."
            DeletedBackupResultOnly "deleted-backup-result-only" "The reply to a deletion has \
                `result` and no `messages`."
        }
        "GET /managementServer/updates" {
            NeverUpdated "never-updated" "The history of the appliance's own updates is an empty \
                object."
        }
        "GET /licenseCompliance" {
            NoHelpPage "no-help-page" "Messages on licenses name no help page."
        }
        "GET /tasks" {
            TasksInResponse "tasks-in-response" "The list of jobs comes inside the object \
                `response`, as on the sibling pages."
            TasksNewestFirst "tasks-newest-first" "The list begins with the newest job."
        }
    }
    apart {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_is_found_by_its_name_and_no_name_is_used_twice() {
        let names: std::collections::BTreeSet<_> = Variant::ALL.iter().map(|v| v.name()).collect();
        assert_eq!(names.len(), Variant::ALL.len());
        assert!(Variant::ALL.len() >= 40);
        assert!(Variant::ALL.iter().all(|v| v.name().parse() == Ok(*v)));
        assert_eq!("vendor-mediatype".parse::<Variant>().unwrap_err().kind, "variant");
    }
}
