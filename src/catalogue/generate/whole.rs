//! What can be wrong or odd about a request as a whole: credentials, method, query; its body is a
//! topic of its own.
//!
//! Knows: the rules of an operation beside its tables. Must not know: single attributes.

mod bodies;

use crate::catalogue::case::{Auth, Effect, RequestSpec};

use crate::catalogue::encoded;

use super::parts::Parts;
use super::{Derived, Draft, Level, Maker, Outcome};

/// Headers that hold nothing which could be a name and a password, so that no account counts a
/// failed login.
const MALFORMED: &[(&str, &str, &str, &str)] = &[
    ("scheme-only", "with a bare `Basic` as credentials", "authorization", "Basic"),
    ("not-base64", "with credentials that can't be decoded", "authorization", "Basic %%%"),
    ("bearer-token", "with a token as credentials", "authorization", "Bearer lxca-conform"),
    (
        "unknown-scheme",
        "with an unknown authentication scheme",
        "authorization",
        "LxcaConform lxca-conform",
    ),
    (
        "unknown-session",
        "with the cookie of a session that doesn't exist",
        "cookie",
        "JSESSIONID=lxca-conform",
    ),
];

/// Last part of the id, what is odd, and the parameters.
type Odd<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

pub(super) fn cases(maker: &Maker<'_>, derived: &mut Vec<Derived>) {
    for (index, parts) in Parts::of(maker.operation).iter().enumerate() {
        let mut whole = Whole { maker, parts, derived, first: index == 0 };
        whole.credentials();
        whole.methods();
        whole.query();
        if parts.in_body() {
            whole.wrong_bodies();
            whole.odd_bodies();
            whole.labels();
        } else {
            whole.needless_bodies();
        }
    }
}

struct Whole<'a> {
    maker: &'a Maker<'a>,
    parts: &'a Parts<'a>,
    derived: &'a mut Vec<Derived>,
    /// What doesn't depend on the form is asked with the first one only.
    first: bool,
}

impl Whole<'_> {
    fn right(&self) -> RequestSpec {
        self.parts.request(&self.parts.values())
    }

    fn harmless(&self) -> RequestSpec {
        self.parts.request(&self.parts.harmless())
    }

    fn add(
        &mut self,
        id: String,
        what: String,
        request: RequestSpec,
        outcome: Outcome,
        level: Level,
    ) {
        self.worse(id, what, request, outcome, level, None);
    }

    fn worse(
        &mut self,
        id: String,
        what: String,
        request: RequestSpec,
        outcome: Outcome,
        level: Level,
        worse: Option<(Effect, String)>,
    ) {
        self.derived.push(self.maker.single(Draft {
            parts: self.parts,
            id,
            what,
            request,
            outcome,
            level,
            worse,
        }));
    }

    /// What isn't a matter of one form is rare with the others.
    fn rare(&self) -> Level {
        if self.first { Level::Core } else { Level::All }
    }

    fn credentials(&mut self) {
        let Some(rules) = self.maker.operation.request.credentials.as_ref() else { return };
        let refused = |requirement: &String, status: &[u16]| Outcome::Refused {
            requirement: requirement.clone(),
            status: status.to_vec(),
        };
        let unreadable =
            if rules.unreadable.is_empty() { &rules.status } else { &rules.unreadable };
        let request = RequestSpec { auth: Auth::None, ..self.right() };
        self.add(
            "credentials/missing".to_owned(),
            "without credentials".to_owned(),
            request,
            refused(&rules.missing, &rules.status),
            Level::Core,
        );
        for (id, what, header, value) in MALFORMED {
            let request = RequestSpec {
                auth: Auth::None,
                headers: [((*header).to_owned(), (*value).to_owned())].into(),
                ..self.right()
            };
            self.add(
                format!("credentials/{id}"),
                (*what).to_owned(),
                request,
                refused(&rules.malformed, unreadable),
                self.rare(),
            );
        }
    }

    fn methods(&mut self) {
        let Some(rules) = self.maker.operation.request.methods.as_ref().filter(|_| self.first)
        else {
            return;
        };
        for method in &rules.others {
            let mut request = RequestSpec { method: Some(method.clone()), ..self.right() };
            if request.json.is_none() && method != "DELETE" {
                request.json.clone_from(&rules.body);
            }
            let outcome = Outcome::Refused {
                requirement: rules.requirement.clone(),
                status: rules.status.clone(),
            };
            self.worse(
                format!("method/{}", method.to_lowercase()),
                format!("sent as {method}"),
                request,
                outcome,
                Level::Core,
                Some((Effect::Read, rules.impact.clone())),
            );
        }
    }

    fn query(&mut self) {
        let Some(requirement) = self.maker.operation.request.open.query.clone() else { return };
        let long = "a".repeat(1024);
        let odd: [Odd<'_>; 6] = [
            ("unknown", "with a query parameter that no page names", &[("lxca-conform", "1")]),
            ("empty", "with an empty query parameter", &[("lxca-conform", "")]),
            (
                "two",
                "with two query parameters that no page names",
                &[("lxca-conform", "1"), ("x-lxca-conform", "2")],
            ),
            (
                "non-ascii",
                "with a non-ASCII query parameter",
                &[("lxca-conform", "\u{e4}\u{4e2d}")],
            ),
            (
                "encoded",
                "with a query parameter full of characters that need encoding",
                &[("lxca-conform", "a&b=c/d?e#f%20")],
            ),
            (
                "very-long",
                "with a query parameter of a thousand characters",
                &[("lxca-conform", &long)],
            ),
        ];
        for (id, what, pairs) in odd {
            let mut request = self.harmless();
            request
                .query
                .extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), encoded(value))));
            let why =
                "the page names no query parameter, and doesn't say how one is handled".to_owned();
            self.add(
                format!("query/{id}"),
                what.to_owned(),
                request,
                Outcome::Observed { requirement: requirement.clone(), why },
                self.rare(),
            );
        }
    }
}
