//! The cases of an operation of which nothing is known but its page.
//!
//! Knows: the case format, and which requests may be sent as they are. Must not know: how a page
//! says what it says.

use std::fmt::Write as _;

use serde_json::json;

use crate::contract::page_fact;
use crate::import::draft::Draft;

use super::operation::{Auth, Response, Written};
use super::request::Table;
use super::text::{list, quoted};

/// The case of a right request. Only a read of which everything is known is sent as it is; any
/// other waits for the facts that it needs, and for somebody who knows what it does.
fn accepted(
    written: &Written,
    draft: &Draft,
    tables: &[&Table],
    successes: &[&Response],
    first: &Response,
    placeholders: &[String],
    effect: &str,
) -> String {
    let reads = written.method == "GET";
    let mut needs: Vec<String> = placeholders.iter().map(|name| page_fact(name)).collect();
    let mut sent = Vec::new();
    let mut by_hand = draft.query.known().is_none();
    if !placeholders.is_empty() {
        let values: Vec<String> = placeholders
            .iter()
            .map(|name| {
                format!("{} = {}", quoted(name), quoted(&format!("{{{{{}}}}}", page_fact(name))))
            })
            .collect();
        sent.push(format!("path = {{ {} }}", values.join(", ")));
    }
    for table in tables.iter().filter(|table| table.query) {
        let Some(right) = &table.right else {
            by_hand = true;
            continue;
        };
        if right.is_empty() {
            continue;
        }
        let pairs: Vec<String> = right
            .iter()
            .map(|(name, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("{} = {}", quoted(name), quoted(&text))
            })
            .collect();
        sent.push(format!("query = {{ {} }}", pairs.join(", ")));
    }
    if !reads {
        match tables.iter().find(|table| !table.query).map(|table| &table.right) {
            Some(Some(right)) => {
                sent.push(format!("json = {}", quoted(&json!(right).to_string())));
            }
            // A body is documented, and no right one is known.
            Some(None) => by_hand = true,
            None => by_hand |= draft.request.known().is_none_or(|tables| !tables.is_empty()),
        }
        needs.push("page.send".to_owned());
    }
    if by_hand {
        needs.push("page.by-hand".to_owned());
    }
    // Which success it is can't be told where the page has lost its codes.
    let statuses: Vec<u16> = if first.inferred {
        vec![200, 201, 202, 204]
    } else {
        successes.iter().map(|row| row.status).collect()
    };
    let (id, title) = if reads {
        ("answers-as-documented", "A GET is answered as the page says")
    } else {
        ("accepts-a-right-request", "A right request is accepted")
    };
    let mut text = String::new();
    if by_hand {
        text.push_str("\n# Write the request, and take page.by-hand away.");
    }
    let needs =
        if needs.is_empty() { String::new() } else { format!("needs   = {}\n", list(&needs)) };
    let sent = if sent.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", sent.join(", ")) };
    let _ = write!(
        text,
        "\n[[case]]\nid      = {}\ntitle   = {}\n{effect}{needs}request = {sent}\n\
        expect  = {{ status = {statuses:?}, requirement = {} }}\n",
        quoted(id),
        quoted(title),
        quoted(&first.requirement)
    );
    text
}

pub(super) fn placeholders(path: &str) -> Vec<String> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}').map(str::to_owned))
        .collect()
}

/// The cases of an operation of which nothing is known but its page, and the requirements that
/// they reach.
pub(super) fn cases(
    written: &Written,
    draft: &Draft,
    tables: &[&Table],
    responses: &[Response],
    auth: Option<&Auth>,
    placeholders: &[String],
) -> (Option<String>, Vec<String>) {
    let mut reached = Vec::new();
    let mut text = format!(
        "# {} {}: a skeleton, written by `import`. Add what an accepted request leads to.\n\n\
        operation = {}\n",
        written.method,
        written.path,
        quoted(&written.id)
    );
    let path = if placeholders.is_empty() {
        String::new()
    } else {
        let values: Vec<String> = placeholders
            .iter()
            .map(|name| format!("{} = \"lxca-conform-none\"", quoted(name)))
            .collect();
        format!("path = {{ {} }}", values.join(", "))
    };
    let reads = written.method == "GET";
    let effect = if reads {
        "effect = \"read\"\n".to_owned()
    } else {
        let impact = format!(
            "none when refused; whatever {} {} does when wrongly accepted",
            written.method, written.path
        );
        format!("effect = \"destroy\"\nimpact = {}\n", quoted(&impact))
    };
    let query = tables.iter().find(|table| table.query);
    let successes: Vec<&Response> = responses.iter().filter(|row| row.succeeds()).collect();
    if let Some(first) = successes.first() {
        text.push_str(&accepted(written, draft, tables, &successes, first, placeholders, &effect));
        reached.extend(successes.iter().map(|row| row.requirement.clone()));
    }
    if let Some(auth) = auth.filter(|auth| written.register.asked(&auth.requirement)) {
        let sent = if path.is_empty() { String::new() } else { format!(", {path}") };
        let _ = write!(
            text,
            "\n[[case]]\nid      = \"refuses-missing-credentials\"\n\
            title   = \"A request without credentials is refused\"\n{effect}\
            request = {{ auth = \"none\"{sent} }}\nexpect  = {{ status = {:?}, requirement = {} }}\n",
            auth.status,
            quoted(&auth.requirement)
        );
        reached.push(auth.requirement.clone());
        reached.extend(
            responses
                .iter()
                .filter(|row| auth.status.contains(&row.status))
                .map(|row| row.requirement.clone()),
        );
    }
    let unknown = responses.iter().find(|row| row.status == 404);
    if let (Some(unknown), false) = (unknown, placeholders.is_empty())
        && (reads || query.is_none())
        && written.register.asked(&unknown.requirement)
    {
        let _ = write!(
            text,
            "\n[[case]]\nid      = \"refuses-what-is-not-there\"\n\
            title   = \"A request for what isn't there is refused with 404\"\n{effect}\
            request = {{ {path} }}\nexpect  = {{ status = [404], requirement = {} }}\n",
            quoted(&unknown.requirement)
        );
        reached.push(unknown.requirement.clone());
    }
    let none = reached.is_empty();
    ((!none).then_some(text), reached)
}
