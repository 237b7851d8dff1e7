//! What changed between two versions of pages.
//!
//! Knows: drafts, the rules by which bodies drift, and what each change means for a client. Must
//! not know: files, contracts.

mod announced;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::shape::Class;

use super::draft::{At, Attribute, Draft, Known, Presence, Section, Spot};

pub use announced::{Announcement, Standing, announced};

/// One change. Rules that drift has too have its ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The rule.
    pub rule: Rule,
    /// What it means for a client.
    pub class: Class,
    /// Method and path.
    pub operation: String,
    /// The place in the page: `response/backups/dhcp`, `request/action`, `codes/409`, `page`.
    pub place: String,
    /// What the older page says; empty where it says nothing.
    pub before: String,
    /// What the newer page says.
    pub after: String,
    /// Line and column in the older page.
    pub before_at: Option<(u32, u32)>,
    /// Line and column in the newer page.
    pub after_at: Option<(u32, u32)>,
    /// Requirements of the contract that it is about.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// Cases that claim one of them.
    #[serde(default)]
    pub cases: Vec<String>,
    /// Waivers of a file that the person named, which are about one of them.
    #[serde(default)]
    pub waivers: Vec<TouchedWaiver>,
}

/// A waiver that a change touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TouchedWaiver {
    /// File and line.
    pub at: String,
    /// Its case.
    pub case: String,
    /// Its requirement, if it names one.
    pub requirement: Option<String>,
}

/// What is different.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Rule {
    /// An operation that wasn't documented.
    OperationAppeared,
    /// An operation that isn't documented any more.
    OperationVanished,
    /// A response code that wasn't listed.
    StatusAppeared,
    /// A response code that isn't listed any more.
    StatusVanished,
    /// A row that wasn't there.
    MemberAppeared,
    /// A row that isn't there any more.
    MemberVanished,
    /// Another type.
    Retyped,
    /// A value that wasn't listed.
    NewValue,
    /// A value that isn't listed any more.
    ValueVanished,
    /// What was required, or always there, may be absent.
    BecameOptional,
    /// What could be left out is required.
    BecameRequired,
    /// What could be absent is always there.
    AlwaysThere,
    /// Another condition.
    ConditionChanged,
    /// Another version is needed.
    SinceChanged,
    /// Credentials are needed, or not any more.
    AuthenticationChanged,
}

impl Rule {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// Every change, operation by operation in the order of the older pages.
#[must_use]
pub fn diff(old: &[Draft], new: &[Draft]) -> Vec<Change> {
    let mut found = Vec::new();
    let same = |a: &Draft, b: &Draft| key(a) == key(b);
    for before in old {
        match new.iter().find(|after| same(before, after)) {
            Some(after) => {
                Pair { operation: name(after), found: &mut found }.compare(before, after);
            }
            None => found.push(whole(Rule::OperationVanished, Class::Breaking, before, true)),
        }
    }
    for after in new.iter().filter(|after| !old.iter().any(|before| same(before, after))) {
        found.push(whole(Rule::OperationAppeared, Class::Additive, after, false));
    }
    found
}

/// Method and path, whatever the placeholders are called.
fn key(draft: &Draft) -> (String, String) {
    let path = draft.path.as_ref().map_or("", |path| path.value.as_str());
    let path: Vec<&str> = path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment })
        .collect();
    let method = draft.method.as_ref().map_or("", |method| method.value.as_str());
    (method.to_owned(), path.join("/"))
}

fn name(draft: &Draft) -> String {
    let value = |spot: &Option<Spot<String>>| {
        spot.as_ref().map_or_else(String::new, |spot| spot.value.clone())
    };
    format!("{} {}", value(&draft.method), value(&draft.path))
}

fn whole(rule: Rule, class: Class, draft: &Draft, vanished: bool) -> Change {
    let at = draft.method.as_ref().map(|spot| (spot.at.line, spot.at.column));
    let name = name(draft);
    Change {
        rule,
        class,
        operation: name.clone(),
        place: "page".to_owned(),
        before: if vanished { name.clone() } else { String::new() },
        after: if vanished { String::new() } else { name },
        before_at: at.filter(|_| vanished),
        after_at: at.filter(|_| !vanished),
        requirements: Vec::new(),
        cases: Vec::new(),
        waivers: Vec::new(),
    }
}

struct Pair<'a> {
    operation: String,
    found: &'a mut Vec<Change>,
}

impl Pair<'_> {
    fn say(
        &mut self,
        (rule, class): (Rule, Class),
        place: &str,
        before: (String, Option<At>),
        after: (String, Option<At>),
    ) {
        let at = |at: Option<At>| at.filter(|at| at.line > 0).map(|at| (at.line, at.column));
        self.found.push(Change {
            rule,
            class,
            operation: self.operation.clone(),
            place: place.to_owned(),
            before: before.0,
            after: after.0,
            before_at: at(before.1),
            after_at: at(after.1),
            requirements: Vec::new(),
            cases: Vec::new(),
            waivers: Vec::new(),
        });
    }

    fn compare(mut self, before: &Draft, after: &Draft) {
        if let (Known::Is(old), Known::Is(new)) = (&before.since, &after.since) {
            let value = |since: &Option<Spot<String>>| {
                since.as_ref().map_or_else(String::new, |since| since.value.clone())
            };
            let at = |since: &Option<Spot<String>>| since.as_ref().map(|since| since.at);
            if value(old) != value(new) {
                let class = if new.is_some() { Class::Breaking } else { Class::Additive };
                let change = (Rule::SinceChanged, class);
                self.say(change, "page/since", (value(old), at(old)), (value(new), at(new)));
            }
        }
        if let (Some(old), Some(new)) = (&before.authentication, &after.authentication)
            && old.value != new.value
        {
            let word = |needed: bool| if needed { "required" } else { "not required" }.to_owned();
            let class = if new.value { Class::Breaking } else { Class::Additive };
            self.say(
                (Rule::AuthenticationChanged, class),
                "page/authentication",
                (word(old.value), Some(old.at)),
                (word(new.value), Some(new.at)),
            );
        }
        if let (Known::Is(old), Known::Is(new)) = (&before.codes, &after.codes) {
            for code in old.iter().filter(|code| !new.iter().any(|it| it.value == code.value)) {
                let text = code.value.to_string();
                let place = format!("codes/{text}");
                let change = (Rule::StatusVanished, Class::Additive);
                self.say(change, &place, (text, Some(code.at)), (String::new(), None));
            }
            for code in new.iter().filter(|code| !old.iter().any(|it| it.value == code.value)) {
                let text = code.value.to_string();
                let place = format!("codes/{text}");
                let change = (Rule::StatusAppeared, Class::Breaking);
                self.say(change, &place, (String::new(), None), (text, Some(code.at)));
            }
        }
        if let (Known::Is(old), Known::Is(new)) = (&before.query, &after.query) {
            self.rows(old, new, Section::Query, "query");
        }
        if let (Known::Is(old), Known::Is(new)) = (&before.request, &after.request) {
            for (index, old) in old.iter().enumerate() {
                let empty = Vec::new();
                let rows = new.get(index).map_or(&empty, |table| &table.attributes);
                self.rows(&old.attributes, rows, Section::Request, "request");
            }
            for table in new.iter().skip(old.len()) {
                self.rows(&[], &table.attributes, Section::Request, "request");
            }
        }
        if let (Known::Is(old), Known::Is(new)) = (&before.response, &after.response) {
            self.rows(old, new, Section::Response, "response");
        }
    }

    fn rows(&mut self, old: &[Attribute], new: &[Attribute], section: Section, prefix: &str) {
        let sent = section != Section::Response;
        let named = |rows: &'_ [Attribute], name: &str| {
            rows.iter().position(|row| row.name() == Some(name))
        };
        for row in old {
            let Some(name) = row.name() else { continue };
            let place = format!("{prefix}/{name}");
            let Some(index) = named(new, name) else {
                let change = (Rule::MemberVanished, Class::Breaking);
                self.say(change, &place, (name.to_owned(), Some(row.at)), (String::new(), None));
                continue;
            };
            self.row(row, &new[index], sent, &place);
            if let (Known::Is(below), Known::Is(beneath)) = (&row.children, &new[index].children) {
                self.rows(below, beneath, section, &place);
            }
        }
        for row in new {
            let Some(name) = row.name() else { continue };
            if named(old, name).is_some() {
                continue;
            }
            let required =
                sent && row.presence.as_ref().is_some_and(|it| it.value == Presence::Required);
            let class = if required { Class::Breaking } else { Class::Additive };
            let place = format!("{prefix}/{name}");
            let change = (Rule::MemberAppeared, class);
            self.say(change, &place, (String::new(), None), (name.to_owned(), Some(row.at)));
        }
    }

    fn row(&mut self, old: &Attribute, new: &Attribute, sent: bool, place: &str) {
        let text = |spot: &Option<Spot<String>>| {
            spot.as_ref().map_or_else(String::new, |spot| spot.value.clone())
        };
        if let (Some(was), Some(is)) = (&old.kind, &new.kind)
            && !was.value.eq_ignore_ascii_case(&is.value)
        {
            let change = (Rule::Retyped, Class::Breaking);
            let (before, after) = (was.value.clone(), is.value.clone());
            self.say(change, place, (before, Some(was.at)), (after, Some(is.at)));
        }
        if let (Known::Is(was), Known::Is(is)) = (&old.values, &new.values) {
            for value in is.iter().filter(|value| !was.iter().any(|it| it.value == value.value)) {
                let change = (Rule::NewValue, Class::Additive);
                let after = (value.value.clone(), Some(value.at));
                self.say(change, place, (String::new(), None), after);
            }
            for value in was.iter().filter(|value| !is.iter().any(|it| it.value == value.value)) {
                let class = if sent { Class::Breaking } else { Class::Additive };
                let before = (value.value.clone(), Some(value.at));
                self.say((Rule::ValueVanished, class), place, before, (String::new(), None));
            }
        }
        if sent {
            let (Some(was), Some(is)) = (&old.presence, &new.presence) else { return };
            let before = (words(was.value, &text(&old.condition)), Some(was.at));
            let after = (words(is.value, &text(&new.condition)), Some(is.at));
            match (was.value, is.value) {
                (one, other) if one == other => {
                    if before.0 != after.0 {
                        self.say((Rule::ConditionChanged, Class::Breaking), place, before, after);
                    }
                }
                (_, Presence::Optional) | (Presence::Required, _) => {
                    self.say((Rule::BecameOptional, Class::Additive), place, before, after);
                }
                _ => self.say((Rule::BecameRequired, Class::Breaking), place, before, after),
            }
            return;
        }
        let at = |spot: &Option<Spot<String>>| spot.as_ref().map(|spot| spot.at);
        let (before, after) =
            ((text(&old.absent), at(&old.absent)), (text(&new.absent), at(&new.absent)));
        match (&old.absent, &new.absent) {
            (None, Some(_)) => {
                self.say((Rule::BecameOptional, Class::Breaking), place, before, after);
            }
            (Some(_), None) => {
                self.say((Rule::AlwaysThere, Class::Additive), place, before, after);
            }
            _ => {}
        }
    }
}

fn words(presence: Presence, condition: &str) -> String {
    match presence {
        Presence::Required => "Required".to_owned(),
        Presence::Optional => "Optional".to_owned(),
        Presence::Conditional => format!("Required {condition}"),
    }
}

/// The changes in Markdown.
#[must_use]
pub fn changes_markdown(changes: &[Change]) -> String {
    use std::fmt::Write as _;
    let breaking = changes.iter().filter(|change| change.class == Class::Breaking).count();
    let mut text = format!(
        "# What changed between the pages\n\n{} changes, {breaking} breaking for a client.\n",
        changes.len()
    );
    let mut last = "";
    for change in changes {
        if change.operation != last {
            last = &change.operation;
            let _ = write!(
                text,
                "\n## {last}\n\n| class | rule | place | before | after | touches |\n\
                |---|---|---|---|---|---|\n"
            );
        }
        let cell = |text: &str| {
            let line: Vec<&str> = text.split_whitespace().collect();
            line.join(" ").replace('|', "\\|")
        };
        let place = |at: Option<(u32, u32)>| {
            at.map_or_else(String::new, |(line, column)| format!(" ({line}:{column})"))
        };
        let waivers = change.waivers.iter().map(|waiver| format!("waiver {}", cell(&waiver.at)));
        let touches: Vec<String> = change
            .requirements
            .iter()
            .chain(&change.cases)
            .map(|id| format!("`{id}`"))
            .chain(waivers)
            .collect();
        let _ = writeln!(
            text,
            "| {} | {} | `{}` | {}{} | {}{} | {} |",
            change.class.word(),
            change.rule.word(),
            cell(&change.place),
            cell(&change.before),
            place(change.before_at),
            cell(&change.after),
            place(change.after_at),
            touches.join(", ")
        );
    }
    text
}
