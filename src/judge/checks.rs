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
        about: "the status is the documented one for this request",
        how: "The status is held against the list that the step of the case expects. If it is another one, the body of a documented error, or of an answer without content, is still held against its row, and nothing else is judged. A 500 where a refusal was due is a deviation and \
              leaves the case unresolved, because 500 is documented too.",
        hint: "Send the request again by hand. If the status stays, look whether automation of yours branches on it, and raise it with the vendor. Where a refusal was due and the request was \
               accepted, look at the appliance first: something may have been started.",
    },
    Check {
        name: "media-type",
        about: "a JSON body is labelled as JSON",
        how: "Every `Content-Type` of an answer with a documented JSON body must be \
            `application/json` or `application/…+json`; parameters and case don't matter.",
        hint: "See whether a proxy or a load balancer in between rewrites the header. If the \
            appliance itself sends it, clients that choose a parser by the label will fail: raise \
            it.",
    },
    Check {
        name: "body",
        about: "a body is there, or isn't, as documented, and is JSON",
        how: "Where a page promises a body it must be there and be JSON text; what is unusual \
            about its form and can be read, such as a byte order mark, UTF-16 or half of a \
            surrogate pair, is an observation. Where it promises none there must be no byte, and \
            a 204 must announce none. A member that comes twice is an observation with its name \
            and values, and the body is judged with each of the values.",
        hint: "Look at the evidence: an HTML page comes from something between you and the \
            appliance; a body that breaks off points at a time-out or a proxy. Empty where JSON \
            is due is for the vendor.",
    },
    Check {
        name: "schema",
        about: "members are present and have their documented types and values",
        how: "The body is validated against the JSON Schema of the response row, formats included. Each error is traced to the nearest rule with a source, and so to one requirement and its place in the \
              page. At most 1000 places of one rule are kept, the rest is counted.",
        hint: "See whether automation of yours reads the marked member: another type or format breaks parsers, and a value that isn't on a closed list usually means a newer version of the product. Make \
               your code accept what it doesn't know, and ask the vendor to mend the page or the product.",
    },
    Check {
        name: "semantics",
        about: "what a schema can't say: ids are unique, nothing expired is listed, an error is \
            described and shows nothing of what was refused",
        how: "A function per statement looks at the whole answer. An error is described when a \
            person can read something in it: words of any language, in any declared charset, in \
            any form; keys, placeholders, ids and numbers are none. Some functions look at all \
            answers of a case. Times are judged by the appliance's own clock, which is learned \
            from the rows that were just made and from the `Date` header, with 60 seconds to \
            spare; where it isn't known, the rule isn't exercised.",
        hint: "Rule out the clock first: compare the `Date` header of the evidence with the time. \
            Then send the request again; what shows twice is no coincidence and worth a ticket.",
    },
    Check {
        name: "members",
        about: "the case's own expectation of members and rows",
        how: "`present`, `absent`, `equals`, `contains` and `lacks` of the step are held against \
            the body: what was created must be listed, what was deleted must not be.",
        hint: "See in the evidence whether the row is missing or differs in one member. If \
            somebody else worked on the appliance meanwhile, run the case again alone with the \
            command below.",
    },
    Check {
        name: "reading",
        about: "a value that is read by declared candidates, such as where a thing lies",
        how: "No page names the member, so the operation file lists those that may hold the value. Where none is there, or where no list of the case ever had the value that is missing, the requirement is not \
              exercised, never broken. A list is asked again for a short while first.",
        hint: "Look at the list on the appliance itself: is the copy where it should \
            be, is the original still there? Secure the data before you go on.",
    },
    Check {
        name: "agreement",
        about: "several readings of one thing, asked in different ways, that must say the same",
        how: "What an answer before and an answer after both show, the one between them must show \
            too: a row, and the values of its documented members. What only one answer has may \
            have come and gone.",
        hint: "The finding names the steps: compare their requests in the record. They differ in the login, the connection or the encoding, and whatever stands between (a cache, a balancer) may answer \
               for some of them.",
    },
    Check {
        name: "job",
        about: "an accepted job comes to a good end",
        how: "The task is asked for until it ends or the budget is spent. A job that failed is at most a deviation and leaves the case unresolved: 200 means accepted, and a job may fail for reasons that \
              no request can help.",
        hint: "Look up the job in the log of jobs of the appliance; it names the reason. Mend \
            that (space, credentials of the share, network) and run the case again.",
    },
    Check {
        name: "effect",
        about: "a refused request does nothing, and harms no request after it",
        how: "Between groups of requests that must be refused, the lists of the appliance file are asked for. Where something is new, the refused requests are sent again, in halves and then alone. One \
              is accused when it was seen to do it four times, with looks between that show nothing new; a copy that appears is charged to the one that names thing and place. What shows \
              only once is an observation: somebody else may have done it.",
        hint: "Look at the appliance first: jobs may have been started and things made that nobody knows of. Then send the request again by hand and watch the list of jobs; raise it as a fault of security \
               where the sender had no right to it.",
    },
    Check {
        name: "drift",
        about: "a member that no page names, or that the pages give to other versions",
        how: "Members that the schema doesn't know are listed, and members and values that came \
            with a later version or were gone with an earlier one. It is always an observation: \
            new members are expected over time.",
        hint: "Nothing has to be done. If your parser refuses members that it doesn't know, make \
            it tolerant. A member that stays is worth a line in the contract.",
    },
    Check {
        name: "observed",
        about: "what came where no page says what has to come; never judged",
        how: "Some requests are sent only to see what an appliance does with them: an attribute that no row names, a query parameter, another label of the body. The status is kept as an observation. If it \
              is a documented one, the body is held against its documents like any other; if not, or if the request was refused with 401 or 403, nothing of what it asks was looked at, and the case stays untested.",
        hint: "Nothing has to be done. Compare it with another version of the product: a change \
            here is the first that automation beyond the pages stumbles over.",
    },
    Check {
        name: "cleanup",
        about: "the case leaves the appliance as it was",
        how: "What a clean-up couldn't take back is an observation: no answer, another status, a \
            wait that didn't end, or a request that couldn't be sent because a value was missing.",
        hint: "Look on the appliance for what was left behind and remove it before the next run; \
            `lxca-conform sweep` does what an interrupted run left due.",
    },
];

/// The check of that name.
#[must_use]
pub fn check(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}
