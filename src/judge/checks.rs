//! The table of checks: judging, the hints of reports, `explain` and `docs/checks.md` read the same
//! one.
//!
//! Knows: names and meanings. Must not know: how each is done.

/// A kind of check.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// The name in a finding.
    pub name: &'static str,
    /// What it looks at.
    pub about: &'static str,
    /// How it is judged.
    pub how: &'static str,
    /// What to do about a finding of it.
    pub hint: &'static str,
}

/// Every check, in the order in which an answer is judged.
pub const CHECKS: &[Check] = &[
    Check {
        name: "status",
        about: "the status is the documented one for the request",
        how: "The status must be one that the step of the case expects. If it is another one, \
            the body of a documented error, or of an answer without content, is still checked, \
            and nothing else is judged. A 500 instead of a refusal is a deviation and leaves the \
            case unresolved, because 500 is documented too.",
        hint: "Send the request again by hand. If the status stays the same, check whether your \
            automation depends on it, and report it to the vendor. If a request that should be \
            refused was accepted, look at the appliance first: it may have started something.",
    },
    Check {
        name: "media-type",
        about: "a JSON body has a JSON content type",
        how: "Every `Content-Type` of an answer with a documented JSON body must be \
            `application/json` or `application/…+json`; parameters and case don't matter.",
        hint: "Check whether a proxy or a load balancer in between rewrites the header. If the \
            appliance itself sends it, clients that choose a parser by content type will fail: \
            report it to the vendor.",
    },
    Check {
        name: "body",
        about: "a body is present or absent as documented, and is JSON",
        how: "Where a page documents a body, it must be present and be JSON text. Anything \
            unusual that can still be read, such as a byte order mark, UTF-16 or an unpaired \
            surrogate, is an observation. Where a page documents no body, there must be no \
            bytes, and a 204 must announce none. A duplicate member is an observation with its \
            name and values, and the body is judged with each of the values.",
        hint: "Look at the evidence: an HTML page comes from something between you and the \
            appliance; a truncated body points to a timeout or a proxy. Report an empty body in \
            place of JSON to the vendor.",
    },
    Check {
        name: "schema",
        about: "members are present and have their documented types and values",
        how: "The body is validated against the JSON Schema of the response row, formats included. Each error is traced to the nearest rule with a source, and so to one requirement and its place in the \
              page. At most 1000 places of one rule are kept, the rest is counted.",
        hint: "Check whether your automation reads the marked member: another type or format \
            breaks parsers, and a value that isn't on a closed list usually means a newer \
            version of the product. Make your code accept unknown values, and ask the vendor to \
            fix the page or the product.",
    },
    Check {
        name: "semantics",
        about: "what a schema can't express: ids are unique, nothing expired is listed, an error \
            has a description and reveals nothing of what was refused",
        how: "One function per statement looks at the whole answer. An error has a description \
            if it contains text that a person can read: words of any language, in any declared \
            charset, in any form; keys, placeholders, ids and numbers don't count. Some \
            functions look at all answers of a case. Times are judged by the clock of the \
            appliance, which is inferred from newly created rows and from the `Date` header, \
            with a tolerance of 60 seconds; if it isn't known, the rule isn't exercised.",
        hint: "Rule out the clock first: compare the `Date` header in the evidence with the \
            time. Then send the request again; a result that repeats is no coincidence and worth \
            a ticket.",
    },
    Check {
        name: "members",
        about: "what the case itself expects of members and rows",
        how: "The body must satisfy `present`, `absent`, `file`, `equals`, `contains` and `lacks` \
            of the step: what was created must be listed, and what was deleted must not be.",
        hint: "See in the evidence whether the row is missing or differs in one member. If \
            somebody else was working on the appliance, run the case again on its own with the \
            command below.",
    },
    Check {
        name: "reading",
        about: "a value whose member no page names, such as where a copy is",
        how: "No page names the member, so the operation file lists candidates. If none of them \
            is present, or if no list of the case ever had the missing value, the requirement is \
            not exercised, never broken. Before that, the list is read again for a short time.",
        hint: "Look at the list on the appliance itself: is the copy where it should be, and is \
            the original still there? Secure the data before you go on.",
    },
    Check {
        name: "agreement",
        about: "repeated reads of the same list, made in different ways, say the same",
        how: "What two answers show, an answer between them must show too: a row, and the values \
            of its documented members. What only one answer shows may have come and gone.",
        hint: "The finding names the steps: compare their requests in the record. They differ in \
            the login, the connection or the encoding, and a cache or a load balancer in between \
            may answer some of them.",
    },
    Check {
        name: "job",
        about: "an accepted job succeeds",
        how: "The job is polled until it ends or the budget is spent. A failed job is at most a \
            deviation and leaves the case unresolved: 200 means accepted, and a job may fail for \
            reasons that have nothing to do with the request.",
        hint: "Look up the job in the job log of the appliance; it names the reason. Fix it \
            (space, credentials of the share, network) and run the case again.",
    },
    Check {
        name: "effect",
        about: "a refused request changes nothing, and breaks no later request",
        how: "Between groups of requests that must be refused, the lists named in the appliance \
            file are read. If something is new, the refused requests are sent again, in halves \
            and then one at a time. A request is accused if it causes the change four times, and \
            nothing new appears in between; a new copy is attributed to the request that names \
            its source and destination. What appears only once is an observation: somebody else \
            may have done it.",
        hint: "Look at the appliance first: it may have started jobs or created things that \
            nobody knows of. Then send the request again by hand and watch the list of jobs; \
            report it as a security issue if the sender lacked the privilege.",
    },
    Check {
        name: "drift",
        about: "a member that no page names, or that the pages give to other versions",
        how: "Lists members that the schema doesn't know, and members and values that the pages \
            give to a later or an earlier version. Always an observation: new members are \
            expected over time.",
        hint: "Nothing. If your parser rejects unknown members, make it tolerant. A member that \
            stays is worth adding to the contract.",
    },
    Check {
        name: "observed",
        about: "answers to requests for which no page says what to expect; never judged",
        how: "Some requests are sent only to see what an appliance does with them: an attribute \
            that no row names, a query parameter, another Content-Type. The status is recorded \
            as an observation. If it is a documented one, the body is judged like any other; if \
            not, or if the request was refused with 401 or 403, nothing was checked, and the \
            case is untested.",
        hint: "Nothing. Compare it with another version of the product: automation that relies \
            on undocumented behaviour notices a change here first.",
    },
    Check {
        name: "cleanup",
        about: "the case leaves the appliance as it was",
        how: "Anything that a clean-up couldn't undo is an observation: no answer, another \
            status, a wait that didn't end, or a request that couldn't be sent because a value \
            was missing.",
        hint: "Look on the appliance for what was left behind, and remove it before the next \
            run; `lxca-conform sweep` does the clean-up that an interrupted run left undone.",
    },
];

/// The check of that name.
#[must_use]
pub fn check(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}
