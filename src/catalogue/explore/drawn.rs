//! What a drawn request is: its text, and what the request tables say of it.
//!
//! Knows: tables and the case format. Must not know: how something is drawn.

use serde_json::Value;

use crate::catalogue::Effect;
use crate::catalogue::case::{Auth, Case, RequestSpec};
use crate::catalogue::generate::{
    Body, Change, Draft, Level, Maker, Outcome, Parts, Values, combinations, right_case, set,
};
use crate::contract::{Attribute, Operation, Type};

/// One drawn request.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    /// Which form of the operation.
    pub(super) form: usize,
    pub(super) shape: Shape,
    pub(super) spelling: Spelling,
}

impl Drawn {
    /// The same in the plainest words: one spelling, and nothing that no row names.
    pub(super) fn plain(self) -> Self {
        let shape = match self.shape {
            Shape::Wrong { mistakes, .. } => Shape::Wrong { mistakes, extra: Vec::new() },
            other => other,
        };
        Self {
            shape,
            spelling: Spelling { turn: 0, backwards: false, gap: 1, escaped: false },
            ..self
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// A right request, by its number.
    Right(u8),
    /// With mistakes, each in an attribute by its number, and with attributes that no row names.
    Wrong { mistakes: Vec<(u8, Mistake)>, extra: Vec<(String, Value)> },
    /// With credentials that are none.
    Credentials { scheme: String, rest: String },
    /// With a body that breaks off.
    Cut(u16),
}

#[derive(Debug, Clone)]
pub(super) enum Mistake {
    Remove,
    Text(String),
    /// Anything but a text.
    Json(Value),
}

/// Ways to write the same JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spelling {
    /// Which attribute comes first.
    pub(super) turn: u8,
    pub(super) backwards: bool,
    /// What stands between.
    pub(super) gap: u8,
    /// Whether letters are written as escapes.
    pub(super) escaped: bool,
}

/// The case of a drawn request; none where nothing of the kind can be said of the form.
pub(super) fn case(operation: &Operation, drawn: &Drawn, id: &str) -> Option<Case> {
    let all = Parts::of(operation);
    let parts = all.get(drawn.form)?;
    let maker = Maker { operation };
    let made = match &drawn.shape {
        Shape::Right(choice) => right(&maker, parts, *choice, drawn.spelling)
            .or_else(|| wrong(&maker, parts, &[(0, Mistake::Remove)], &[], drawn.spelling)),
        Shape::Wrong { mistakes, extra } => {
            // Where nothing can be wrong about the values, the sender can.
            let scheme: String = extra.iter().map(|(name, _)| name.as_str()).collect();
            let rest: String =
                format!("{mistakes:?}").chars().filter(char::is_ascii_graphic).take(40).collect();
            wrong(&maker, parts, mistakes, extra, drawn.spelling)
                .or_else(|| credentials(&maker, parts, &scheme, &rest))
        }
        Shape::Credentials { scheme, rest } => credentials(&maker, parts, scheme, rest),
        Shape::Cut(at) => cut(&maker, parts, *at, drawn.spelling)
            .or_else(|| wrong(&maker, parts, &[(0, Mistake::Remove)], &[], drawn.spelling)),
    };
    let mut case = made?;
    id.clone_into(&mut case.id);
    Some(case)
}

fn right(maker: &Maker<'_>, parts: &Parts<'_>, choice: u8, spelling: Spelling) -> Option<Case> {
    let combined = combinations(parts);
    let values = combined.get(usize::from(choice) % combined.len().max(1))?;
    let mut case =
        right_case(maker, parts, values, &spelt(&parts.with(values), spelling), &mut Vec::new())?;
    case.title = format!("{}, with random values", case.title);
    let bodies = case.steps.iter().filter_map(|step| step.request.json.as_deref());
    let floor = bodies
        .map(|body| maker.operation.effect_of(&maker.operation.method, body))
        .max()
        .unwrap_or_default();
    case.effect = case.effect.max(floor);
    Some(case)
}

fn wrong(
    maker: &Maker<'_>,
    parts: &Parts<'_>,
    mistakes: &[(u8, Mistake)],
    extra: &[(String, Value)],
    spelling: Spelling,
) -> Option<Case> {
    // Attributes of which the tables say what is wrong.
    let open: Vec<&Attribute> = parts
        .table
        .attribute
        .iter()
        .filter(|attribute| {
            parts.form.is.contains_key(&attribute.name) && attribute.rules.ids().next().is_some()
        })
        .collect();
    let mut values = parts.values();
    let mut made: Vec<(&Attribute, String)> = Vec::new();
    let mut worse: Option<(Effect, String)> = None;
    for (number, mistake) in mistakes {
        let Some(attribute) = open.get(usize::from(*number) % open.len().max(1)) else { continue };
        if made.iter().any(|(other, _)| other.name == attribute.name) {
            continue;
        }
        let Some((change, requirement)) =
            [mistake, &Mistake::Remove, &Mistake::Text(String::new())]
                .into_iter()
                .find_map(|mistake| applied(parts, attribute, mistake))
        else {
            continue;
        };
        set(parts, &mut values, &attribute.name, change);
        let guess = attribute.guess.as_ref().map(|guess| (guess.effect, guess.impact.clone()));
        worse = worse.into_iter().chain(guess).max_by_key(|(effect, _)| *effect);
        made.push((attribute, requirement));
    }
    // Where it can't be told which table is meant, none of its other rules applies.
    let named = made
        .iter()
        .find(|(attribute, _)| parts.table.when.contains_key(&attribute.name))
        .or(made.first());
    let (attribute, requirement) =
        named.map(|(attribute, requirement)| (*attribute, requirement.clone()))?;
    let what = format!(
        "with a random mistake in {}",
        made.iter().map(|(attribute, _)| attribute.name.as_str()).collect::<Vec<_>>().join(" and ")
    );
    let more =
        extra.iter().filter(|(name, _)| parts.in_body() && parts.table.attribute(name).is_none());
    values.extend(more.map(|(name, value)| (name.clone(), Change::of(value))));
    let mut request = parts.request(&values);
    if parts.in_body() {
        request.json = Some(spelt(&values, spelling));
    }
    let outcome = Outcome::Refused { requirement, status: attribute.status.clone() };
    Some(single(maker, parts, &what, request, outcome, worse))
}

/// The change that a mistake makes, and the requirement that refuses it; none where no rule does.
fn applied(
    parts: &Parts<'_>,
    attribute: &Attribute,
    mistake: &Mistake,
) -> Option<(Change, String)> {
    let rules = &attribute.rules;
    let words = matches!(attribute.kind, None | Some(Type::String));
    match mistake {
        Mistake::Remove => Some((Change::Remove, rules.required.clone()?)),
        // The letter keeps it from being an address, a number, a digest or a documented word.
        Mistake::Text(text) if words || parts.in_body() => Some((
            Change::Text(format!("z{}", text.replace("{{", "{ {"))),
            if words { rules.values.clone()? } else { rules.kind.clone()? },
        )),
        Mistake::Json(value)
            if parts.in_body() && attribute.kind.is_some_and(|kind| !fits(kind, value)) =>
        {
            Some((Change::of(value), rules.kind.clone()?))
        }
        _ => None,
    }
}

fn fits(kind: Type, value: &Value) -> bool {
    match kind {
        Type::String => value.is_string(),
        Type::Integer => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Type::Number => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Array => value.is_array(),
        Type::Object => value.is_object(),
    }
}

fn credentials(maker: &Maker<'_>, parts: &Parts<'_>, scheme: &str, rest: &str) -> Option<Case> {
    let rules = maker.operation.request.credentials.as_ref()?;
    // No scheme that anybody knows begins so, and without a name in it nobody's account counts a
    // failed login.
    let header = format!("z{scheme} {}", rest.replace("{{", "{ {"));
    let request = RequestSpec {
        auth: Auth::None,
        headers: [("authorization".to_owned(), header.trim_end().to_owned())].into(),
        ..parts.request(&parts.values())
    };
    let status =
        if rules.unreadable.is_empty() { rules.status.clone() } else { rules.unreadable.clone() };
    Some(single(
        maker,
        parts,
        "with random credentials",
        request,
        Outcome::Refused { requirement: rules.malformed.clone(), status },
        None,
    ))
}

fn cut(maker: &Maker<'_>, parts: &Parts<'_>, at: u16, spelling: Spelling) -> Option<Case> {
    let rules = maker.operation.request.body.as_ref().filter(|_| parts.in_body())?;
    let text = spelt(&parts.values(), spelling);
    // An object is whole only with its last character.
    let mut end = 1 + usize::from(at) % (text.len() - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let request = parts.with_body(Body::Raw(text[..end].to_owned()), None);
    let outcome = Outcome::Refused { requirement: rules.malformed.clone(), status: vec![400] };
    Some(single(maker, parts, "with a body that is truncated at random", request, outcome, None))
}

fn single(
    maker: &Maker<'_>,
    parts: &Parts<'_>,
    what: &str,
    request: RequestSpec,
    outcome: Outcome,
    worse: Option<(Effect, String)>,
) -> Case {
    maker
        .single(Draft {
            parts,
            id: "drawn".to_owned(),
            what: what.to_owned(),
            request,
            outcome,
            level: Level::All,
            worse,
        })
        .case
}

/// The members as a JSON object, written in one of many ways.
fn spelt(values: &Values, spelling: Spelling) -> String {
    let mut members: Vec<(String, Change)> =
        values.iter().filter(|(_, change)| *change != Change::Remove).cloned().collect();
    if !members.is_empty() {
        let turn = usize::from(spelling.turn) % members.len();
        members.rotate_left(turn);
    }
    if spelling.backwards {
        members.reverse();
    }
    let gap = ["", " ", "\n  ", "\t"][usize::from(spelling.gap) % 4];
    let text =
        |text: &str| if spelling.escaped { escaped(text) } else { Value::from(text).to_string() };
    let all: Vec<String> = members
        .iter()
        .filter_map(|(name, change)| {
            let value =
                if let Change::Text(value) = change { text(value) } else { change.json()? };
            Some(format!("{gap}{}:{gap}{value}", text(name)))
        })
        .collect();
    format!("{{{}{gap}}}", all.join(","))
}

/// A JSON text in which letters and digits are escapes. What stands for a fact stays as it is.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    if text.contains("{{") {
        return Value::from(text).to_string();
    }
    let mut found = String::from("\"");
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            let _ = write!(found, "\\u{:04x}", u32::from(c));
        } else {
            let quoted = Value::from(c.to_string()).to_string();
            found.push_str(&quoted[1..quoted.len() - 1]);
        }
    }
    found.push('"');
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::generate::object;

    #[test]
    fn every_spelling_means_the_same() {
        let values: Values =
            [("action", "start"), ("uuid", "{{backup.uuid}}"), ("destination", "/mnt/ä \"x\"")]
                .map(|(name, text)| (name.to_owned(), Change::Text(text.to_owned())))
                .into();
        let plain: Value = serde_json::from_str(&object(&values)).unwrap_or_default();
        let mut texts = std::collections::BTreeSet::new();
        for (turn, backwards, gap, escaped) in (0..3).flat_map(|turn| {
            (0..4).flat_map(move |gap| [(turn, false, gap, true), (turn, true, gap, false)])
        }) {
            let text = spelt(&values, Spelling { turn, backwards, gap, escaped });
            assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(plain.clone()), "{text}");
            assert!(text.contains("{{backup.uuid}}"), "{text}");
            texts.insert(text);
        }
        assert_eq!(texts.len(), 24);
    }

    #[test]
    fn a_number_without_a_fraction_fits_where_an_integer_is_asked_for() {
        assert!(
            fits(Type::Integer, &serde_json::json!(5))
                && fits(Type::Integer, &serde_json::json!(5.0))
                && !fits(Type::Integer, &serde_json::json!(5.5))
        );
        assert!(!fits(Type::String, &Value::Null) && fits(Type::Array, &serde_json::json!([])));
    }
}
