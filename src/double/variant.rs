//! The variants: each makes the double different in a respect that the pages leave open, and still right.
//!
//! Knows their names and what each is about. Most act in the pass over the finished answer; those that change what the
//! double does act where the behaviour is written.

use super::names::named;

named! {
    /// A harmless difference that the double can be told to show.
    Variant, "variant";
    listed {
        "*" {
            VendorMediaType "vendor-media-type" "JSON comes with the vendor's media type, which carries the version."
            CharsetAbsent "charset-absent" "JSON comes as `application/json` without a charset."
            DuplicateHeaders "duplicate-headers" "Some header lines come twice, as recorded appliances send them."
            IndentedJson "indented-json" "JSON is written over several lines."
            UndocumentedMember "undocumented-member" "Objects carry a member that no page names."
            CsrfNotEnforced "csrf-not-enforced" "A session may write without its CSRF token."
        }
        "GET /aicc" {
            AiccRedirects "aicc-redirects" "Without credentials the reply is a 302 to the login page."
        }
        "POST /sessions" {
            BadLogin401 "bad-login-401" "A refused login is 401 instead of 403."
        }
        "GET /aicc/service/sftp/locks" {
            EmptyArrayForNoLocks "empty-array-for-no-locks" "Without locks the reply is 200 with an empty array."
            FractionOfSeconds "fraction-of-seconds" "Times carry milliseconds."
            UtcOffset "utc-offset" "Times end in `+00:00` instead of `Z`."
            UpperCaseLockIds "upper-case-lock-ids" "Lock ids are in upper case."
            LocksNewestFirst "locks-newest-first" "The list begins with the newest lock."
        }
        "POST /aicc/service/sftp/locks" {
            CreatedLockIdOnly "created-lock-id-only" "The reply to a creation has only the id."
        }
        "DELETE /aicc/service/sftp/locks/{id}" {
            UnknownLock400 "unknown-lock-400" "Deleting a lock that isn't there is 400 instead of 404."
        }
        "GET /managementServer/data" {
            LocationMemberRenamed "location-member-renamed" "Where a backup lies is told by `location` instead of `locations`."
            LocationMemberAbsent "location-member-absent" "Nothing tells where a backup lies."
        }
        "PUT /managementServer/data" {
            MessageAsObject "message-as-object" "`message` is a single object instead of an array."
            RecoveryAsObject "recovery-as-object" "`recovery` is a single object instead of an array."
            SuccessCarriesMessage "success-carries-message" "A success carries a message, as on the sibling pages."
            PluralMessagesToo "plural-messages-too" "`messages` comes beside `message`."
            JobIdEmptyOnCancel "job-id-empty-on-cancel" "A cancel is answered with an empty `jobId`."
            ExplanationEmpty "explanation-empty" "The explanation of a message is empty."
            TransferUnauthorized403 "transfer-unauthorized-403" "Missing or wrong credentials are 403 here, for the page doesn't list 401."
            SiblingShapeForUnauthorized "sibling-shape-for-unauthorized" "401 and 403 have the error body of the sibling pages."
            DuplicateStartAccepted "duplicate-start-accepted" "A start that is already in progress starts a second job."
        }
        "GET /tasks/{job_list}" {
            PercentageInteger "percentage-integer" "The percentage is written without a fraction."
            JobsEndAtOnce "jobs-end-at-once" "Jobs are complete when the start is answered, a push excepted."
            JobsTakeLonger "jobs-take-longer" "Jobs take twice as long."
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
        assert!(Variant::ALL.len() >= 12);
        assert!(Variant::ALL.iter().all(|v| v.name().parse() == Ok(*v)));
        assert_eq!("vendor-mediatype".parse::<Variant>().unwrap_err().kind, "variant");
    }
}
