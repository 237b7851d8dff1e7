//! What can be wrong or odd about a body as a whole, and about its label.
//!
//! Knows: what the page says of bodies, and a right one of the form. Must not know: single
//! attributes, credentials, methods.

use crate::catalogue::case::{Effect, RequestSpec};
use crate::catalogue::generate::parts::{Body, Values, object};
use crate::catalogue::generate::{Change, Level, Outcome};

use super::Whole;

const LABELS: &[(&str, &str)] = &[
    ("text-plain", "text/plain"),
    ("xml", "application/xml"),
    ("form", "application/x-www-form-urlencoded"),
    ("octets", "application/octet-stream"),
    ("charset", "application/json; charset=iso-8859-1"),
    ("vendor-json", "application/vnd.lxca-conform+json"),
    ("no-label", ""),
];

/// Beyond what a request of this kind needs by far, and below what the smallest bound of a server
/// cuts.
const HUGE: usize = 300_000;

impl Whole<'_> {
    /// Bodies where none is documented.
    pub(super) fn needless_bodies(&mut self) {
        let Some(requirement) = self.maker.operation.request.open.body.clone() else { return };
        for (id, what, text, label) in [
            ("empty-object", "with an empty object as body", "{}", "application/json"),
            ("list", "with an empty list as body", "[]", "application/json"),
            ("object", "with an object as body", "{ \"lxca-conform\": 1 }", "application/json"),
            ("not-json", "with a body that isn't JSON", "{", "application/json"),
            ("text", "with plain text as body", "lxca-conform", "text/plain"),
            ("form", "with a form as body", "lxca-conform=1", "application/x-www-form-urlencoded"),
        ] {
            let request = RequestSpec {
                raw: Some(text.to_owned()),
                content_type: Some(label.to_owned()),
                ..self.harmless()
            };
            let why = "the page has no request body, and doesn't say how one is handled".to_owned();
            self.add(
                format!("body/{id}"),
                what.to_owned(),
                request,
                Outcome::Observed { requirement: requirement.clone(), why },
                self.rare(),
            );
        }
    }

    /// Bodies that the page refuses.
    pub(super) fn wrong_bodies(&mut self) {
        let Some(rules) = self.maker.operation.request.body.clone() else { return };
        let refused = |requirement: &String| Outcome::Refused {
            requirement: requirement.clone(),
            status: vec![400],
        };
        let right = object(&self.parts.values());
        if self.first {
            let unknown = Some((Effect::Read, "unknown, since nothing is named,".to_owned()));
            for (id, what, body, rule) in [
                ("absent", "without a body", Body::None, &rules.empty),
                ("empty", "with an empty body", Body::Raw(String::new()), &rules.empty),
                (
                    "blank",
                    "with only spaces as body",
                    Body::Raw("  \n".to_owned()),
                    &rules.malformed,
                ),
                (
                    "empty-object",
                    "with a body without any attribute",
                    Body::Json("{}".to_owned()),
                    &rules.empty,
                ),
                (
                    "empty-list",
                    "with an empty list as body",
                    Body::Json("[]".to_owned()),
                    &rules.kind,
                ),
                ("null", "with null as body", Body::Json("null".to_owned()), &rules.kind),
                ("number", "with a number as body", Body::Json("17".to_owned()), &rules.kind),
                ("true", "with true as body", Body::Json("true".to_owned()), &rules.kind),
                (
                    "string",
                    "with a JSON string as body",
                    Body::Json("\"start\"".to_owned()),
                    &rules.kind,
                ),
                (
                    "word",
                    "with a bare word as body",
                    Body::Raw("start".to_owned()),
                    &rules.malformed,
                ),
            ] {
                let request = self.parts.with_body(body, None);
                self.worse(
                    format!("body/{id}"),
                    what.to_owned(),
                    request,
                    refused(rule),
                    Level::Core,
                    unknown.clone(),
                );
            }
        }
        let pairs = self.parts.values();
        let form: Vec<String> = pairs
            .iter()
            .filter_map(|(name, change)| {
                if let Change::Text(text) = change { Some(format!("{name}={text}")) } else { None }
            })
            .collect();
        let unquoted: Vec<String> = pairs
            .iter()
            .filter_map(|(name, change)| Some(format!("{name}: {}", change.json()?)))
            .collect();
        let cut = right.trim_end_matches('}').trim_end().to_owned();
        for (id, what, body, rule, level) in [
            (
                "breaks-off",
                "with a truncated body",
                Body::Raw(cut.clone()),
                &rules.malformed,
                Level::Core,
            ),
            (
                "trailing-comma",
                "with a trailing comma after the last attribute",
                Body::Raw(format!("{cut}, }}")),
                &rules.malformed,
                Level::Core,
            ),
            (
                "two-values",
                "with a second object after the body",
                Body::Raw(format!("{right} {{}}")),
                &rules.malformed,
                Level::Core,
            ),
            (
                "single-quotes",
                "in single quotes",
                Body::Raw(right.replace('"', "'")),
                &rules.malformed,
                Level::Core,
            ),
            (
                "unquoted-names",
                "with unquoted names",
                Body::Raw(format!("{{ {} }}", unquoted.join(", "))),
                &rules.malformed,
                Level::Core,
            ),
            (
                "comment",
                "with a comment in its body",
                Body::Raw(format!("// lxca-conform\n{right}")),
                &rules.malformed,
                Level::All,
            ),
            (
                "form-encoded",
                "encoded as a form",
                Body::Raw(form.join("&")),
                &rules.malformed,
                Level::Core,
            ),
            (
                "in-a-list",
                "inside a list",
                Body::Json(format!("[{right}]")),
                &rules.kind,
                Level::Core,
            ),
            (
                "in-a-string",
                "inside a JSON string",
                Body::Json(serde_json::Value::from(right.as_str()).to_string()),
                &rules.kind,
                Level::Core,
            ),
            (
                "nested",
                "inside another object",
                Body::Json(format!("{{ \"request\": {right} }}")),
                &rules.empty,
                Level::Core,
            ),
        ] {
            let request = self.parts.with_body(body, None);
            self.add(format!("body/{id}"), what.to_owned(), request, refused(rule), level);
        }
    }

    /// Bodies of which the page says nothing.
    pub(super) fn odd_bodies(&mut self) {
        let Some(requirement) = self.maker.operation.request.open.body.clone() else { return };
        let observed =
            |why: &str| Outcome::Observed { requirement: requirement.clone(), why: why.to_owned() };
        let values = self.parts.harmless();
        let with = |name: &str, json: &str| -> Body {
            let extra = (name.to_owned(), Change::Json(json.to_owned()));
            Body::Json(object(&values.iter().cloned().chain([extra]).collect::<Values>()))
        };
        for (id, what, body, level) in [
            (
                "attribute",
                "with an attribute that no row names",
                with("lxca-conform", "\"1\""),
                Level::Core,
            ),
            (
                "null-attribute",
                "with an attribute that no row names and that is null",
                with("lxca-conform", "null"),
                Level::All,
            ),
            (
                "object-attribute",
                "with an object that no row names",
                with("lxca-conform", "{ \"a\": [1] }"),
                Level::All,
            ),
            ("empty-name", "with an attribute whose name is empty", with("", "\"1\""), Level::All),
        ] {
            let request = self.parts.with_body(body, None);
            self.add(
                format!("unnamed/{id}"),
                what.to_owned(),
                request,
                observed("the page doesn't say how an attribute that no row names is handled"),
                level,
            );
        }
        for (name, change) in values.clone() {
            let why = "the page doesn't say how a duplicate attribute is handled";
            let twice = |second: Change| {
                Body::Json(object(
                    &values.iter().cloned().chain([(name.clone(), second)]).collect::<Values>(),
                ))
            };
            let request = self.parts.with_body(twice(change), None);
            self.add(
                format!("twice/{name}"),
                format!("with {name} twice"),
                request,
                observed(why),
                Level::Core,
            );
            let request =
                self.parts.with_body(twice(Change::Text("lxca-conform".to_owned())), None);
            self.add(
                format!("twice/{name}-differs"),
                format!("with {name} twice, the second time with an unknown value"),
                request,
                observed(why),
                Level::All,
            );
            let capital = super::super::capital(&name);
            if capital != name {
                let renamed: Values = values
                    .iter()
                    .map(|(other, change)| {
                        (
                            if *other == name { capital.clone() } else { other.clone() },
                            change.clone(),
                        )
                    })
                    .collect();
                let request = self.parts.with_body(Body::Json(object(&renamed)), None);
                self.add(
                    format!("name/{capital}"),
                    format!("with {capital} instead of {name}"),
                    request,
                    observed("the page doesn't say whether names are case-sensitive"),
                    Level::All,
                );
            }
        }
        let text = object(&values);
        let mark = self.parts.with_body(Body::Raw(format!("\u{feff}{text}")), None);
        self.add(
            "body/byte-order-mark".to_owned(),
            "with a byte order mark before its body".to_owned(),
            mark,
            observed("the page doesn't mention a byte order mark"),
            self.rare(),
        );
        let huge =
            self.parts.with_body(with("lxca-conform", &format!("\"{}\"", "a".repeat(HUGE))), None);
        if self.first {
            self.add(
                "body/huge".to_owned(),
                format!("with {HUGE} characters that no row names"),
                huge,
                observed("the page gives no limit on the size of a body"),
                Level::All,
            );
        }
    }

    pub(super) fn labels(&mut self) {
        let Some(requirement) = self.maker.operation.request.open.body.clone() else { return };
        for (id, label) in LABELS {
            let request =
                self.parts.with_body(Body::Raw(object(&self.parts.harmless())), Some(label));
            let what = if label.is_empty() {
                "without a Content-Type".to_owned()
            } else {
                format!("with the Content-Type {label}")
            };
            let why = "the page doesn't say which Content-Type a body needs".to_owned();
            self.add(
                format!("label/{id}"),
                what,
                request,
                Outcome::Observed { requirement: requirement.clone(), why },
                self.rare(),
            );
        }
    }
}
