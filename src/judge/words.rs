//! The words of judgements and reports, as one table: `explain`, `docs/verdicts.md` and
//! `docs/checks.md` read it.
//!
//! Knows: words and meanings. Must not know: who says them, and when.

use std::fmt::Write as _;

use crate::contract::Contract;

use super::checks::CHECKS;

/// A word with a fixed meaning.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// What kind of word it is.
    pub kind: &'static str,
    /// The word as files have it.
    pub word: &'static str,
    /// When it is said.
    pub when: &'static str,
    /// What to do then.
    pub then: &'static str,
}

/// Every word, kind by kind.
pub const WORDS: &[Word] = &[
    Word {
        kind: "verdict",
        word: "pass",
        when: "the case was judged, and has no finding that fails it",
        then: "nothing; its observations, if any, are in the report",
    },
    Word {
        kind: "verdict",
        word: "fail",
        when: "at least one violation; with `--strict`, at least one deviation",
        then: "look at the cause in the report: it has the evidence, a hint, and a text for a \
            ticket",
    },
    Word {
        kind: "verdict",
        word: "unresolved",
        when: "it couldn't be judged completely, for one of the reasons below",
        then: "remove the reason that the report gives, and run the case again; it says nothing \
            for or against the appliance",
    },
    Word {
        kind: "verdict",
        word: "unsupported",
        when: "the appliance reported a version for which the page doesn't document an operation \
            of the case, the case itself or its statement: an older one, or a newer one",
        then: "nothing, if that is the version you meant to test",
    },
    Word {
        kind: "verdict",
        word: "untested",
        when: "it was left out: no filter matches, its effect is above `--allow`, a fact is \
            missing, it logs in with wrong credentials (only on the double), or its assumption \
            isn't true",
        then: "to have it judged, give the fact, widen the filter or raise `--allow`; \
            `lxca-conform plan` gives the reason for each case",
    },
    Word {
        kind: "conclusion",
        word: "nonconformant",
        when: "a case fails",
        then: "go through the causes, the gravest first; exit 1",
    },
    Word {
        kind: "conclusion",
        word: "incomplete",
        when: "the run ended early or was interrupted; a case is `unresolved`; a `stated` \
            requirement that a case in scope claims was not exercised; or no case passed",
        then: "see what couldn't be judged and what wasn't covered: the run says neither yes nor \
            no; exit 3",
    },
    Word {
        kind: "conclusion",
        word: "conformant",
        when: "none of the above",
        then: "nothing in this scope; exit 0",
    },
    Word {
        kind: "severity",
        word: "violation",
        when: "a `stated` requirement is broken",
        then: "the case fails: treat it as a difference between page and product",
    },
    Word {
        kind: "severity",
        word: "deviation",
        when: "an `example`, `inferred` or `neighbour` requirement is broken",
        then: "look at it; it fails only with `--strict`",
    },
    Word {
        kind: "severity",
        word: "observation",
        when: "the page says two things, or an answer has a member that no page names",
        then: "worth knowing, never a failure",
    },
    Word {
        kind: "basis",
        word: "stated",
        when: "the page says it",
        then: "breaking it is a violation: the case fails",
    },
    Word {
        kind: "basis",
        word: "example",
        when: "only an example shows it",
        then: "breaking it is a deviation: it fails with `--strict`",
    },
    Word {
        kind: "basis",
        word: "inferred",
        when: "the page is silent, and we had to choose",
        then: "breaking it is a deviation: it fails with `--strict`",
    },
    Word {
        kind: "basis",
        word: "neighbour",
        when: "a related page or a recorded real client says it",
        then: "breaking it is a deviation: it fails with `--strict`",
    },
    Word {
        kind: "basis",
        word: "conflict",
        when: "the page says two things",
        then: "both are accepted, and an observation says which one came",
    },
    Word {
        kind: "requirement",
        word: "held",
        when: "data reached it, and it has no finding above an observation",
        then: "nothing",
    },
    Word {
        kind: "requirement",
        word: "broken",
        when: "it has a finding above an observation",
        then: "look at the cause that names it",
    },
    Word {
        kind: "requirement",
        word: "not-exercised",
        when: "no data reached it",
        then: "provide the data (a row of a list, a fact), or widen the scope",
    },
    Word {
        kind: "requirement",
        word: "excluded",
        when: "it isn't checked, for the reason given",
        then: "nothing; `lxca-conform explain` gives the reason",
    },
    Word {
        kind: "disposition",
        word: "as-expected",
        when: "the case doesn't fail, and no waiver says that it should",
        then: "nothing",
    },
    Word {
        kind: "disposition",
        word: "known-failure",
        when: "the case fails, and waivers name every finding that fails it",
        then: "see that the reasons of the waivers still hold",
    },
    Word {
        kind: "disposition",
        word: "unexpected-pass",
        when: "a waiver names a failure of the case that no longer occurs",
        then: "remove the waiver",
    },
    Word {
        kind: "disposition",
        word: "new",
        when: "the case fails, and no waiver names it",
        then: "look at the cause",
    },
    Word {
        kind: "effect",
        word: "read",
        when: "nothing changes, whatever the appliance does with the request",
        then: "allowed by default",
    },
    Word {
        kind: "effect",
        word: "write",
        when: "something that can be undone is added if the request is accepted, such as a copy",
        then: "sent only with `--allow write`",
    },
    Word {
        kind: "effect",
        word: "destroy",
        when: "something is removed, moved or sent away if the request is accepted",
        then: "sent only with `--allow destroy`; use an appliance that you can afford to lose",
    },
];

/// The words of a kind.
pub fn words(kind: &str) -> impl Iterator<Item = &'static Word> {
    WORDS.iter().filter(move |word| word.kind == kind)
}

/// A kind as a table in Markdown.
#[must_use]
pub fn words_table(kind: &str) -> String {
    let mut out = format!("| {kind} | when | then |\n|---|---|---|\n");
    for word in words(kind) {
        let _ = writeln!(out, "| `{}` | {} | {} |", word.word, word.when, word.then);
    }
    out
}

/// `docs/checks.md`.
#[must_use]
pub fn checks_page(contract: &Contract) -> String {
    let mut out = String::from(
        "# The checks\n\nThis page is generated from the table that judging and reports use \
            (`src/judge/checks.rs`); a test keeps it current. Each finding names its check, and \
            `lxca-conform explain NAME` prints the same text.\nThe checks run in this order, and \
            a body is judged only if the status was an expected one, or a documented error.\n",
    );
    for check in CHECKS {
        let _ = write!(
            out,
            "\n## {}\n\n**What it checks:** {}.\n\n**How it is judged.** {}\n\n**What to do about a \
                finding.** {}\n",
            check.name, check.about, check.how, check.hint
        );
        if check.name == "semantics" {
            out.push_str("\n| function | requirement |\n|---|---|\n");
            for check in contract.semantics() {
                let _ = writeln!(out, "| `{}` | `{}` |", check.name, check.requirement);
            }
        }
    }
    out
}
