//! Coverage for people: a screen, and a table for a page.
//!
//! Knows: what was counted. Must not know: terminals, files.

use std::fmt::Write as _;

use super::{Coverage, Import, MOST_NEXT, Row};

/// Names in one line.
const MOST_NAMES: usize = 6;

/// Rows of the table in Markdown.
const MOST_ROWS: usize = 15;

/// The totals and what to import next; `all` adds every operation and every client.
#[must_use]
pub fn screen(coverage: &Coverage, all: bool) -> String {
    let totals = &coverage.totals;
    let mut text = format!(
        "{} operations are known\n  documented     {:>3} by a page of the vendor that was found, \
        {} of them in the contract\n  called         {:>3} by {} public clients, {} of them in \
        the contract\n  in contract    {:>3}\n",
        totals.known,
        totals.documented,
        totals.documented_in_contract,
        totals.called,
        coverage.clients.len(),
        totals.called_in_contract,
        totals.in_contract,
    );
    match (totals.exercised, &coverage.run) {
        (Some(exercised), Some(run)) => {
            let _ = writeln!(text, "  exercised      {exercised:>3} in {run}");
            let idle: Vec<&str> = coverage.not_exercised().collect();
            if !idle.is_empty() {
                let names = if all { idle.len() } else { MOST_NAMES };
                let _ = writeln!(text, "  not exercised  {:>3} {}", idle.len(), some(&idle, names));
            }
        }
        _ => text.push_str("  exercised        - name the folder of a run to see\n"),
    }
    let next: &[Import] = &coverage.next;
    if next.is_empty() {
        text.push_str("\nEverything that is known is in the contract.\n");
    } else {
        text.push_str("\nto import next, by the number of public clients that call it\n");
        let shown = if all { next.len() } else { MOST_NEXT.min(next.len()) };
        for one in &next[..shown] {
            let _ = writeln!(
                text,
                "  {:>2}  {:<6} {:<36} {}",
                one.callers, one.method, one.path, one.command
            );
        }
        if shown < next.len() {
            let _ = writeln!(text, "      and {} more; --all lists them", next.len() - shown);
        }
        text.push_str("Save the page first; PAGE stands for one whose address isn't known yet.\n");
    }
    if all {
        every(&mut text, coverage);
    }
    text
}

fn every(text: &mut String, coverage: &Coverage) {
    text.push_str(
        "\nevery operation: d documented, c called, k in the contract, x exercised; callers, \
        requirements exercised of those in the contract\n",
    );
    for row in &coverage.operations {
        let mark = |is: bool, letter: char| if is { letter } else { '-' };
        let exercised =
            row.exercised.map_or_else(|| "-".to_owned(), |exercised| exercised.to_string());
        let _ = writeln!(
            text,
            "  {}{}{}{}  {:>2}  {:>9}  {:<6} {:<44} {}",
            mark(row.documented, 'd'),
            mark(!row.called_by.is_empty(), 'c'),
            mark(row.in_contract, 'k'),
            mark(row.exercised > Some(0), 'x'),
            row.called_by.len(),
            format!("{exercised}/{}", row.requirements),
            row.method,
            row.path,
            row.name.as_deref().unwrap_or_default(),
        );
    }
    text.push_str(
        "\nclients: operations that they call, and how many of them are in the contract\n",
    );
    for client in &coverage.clients {
        let _ = writeln!(
            text,
            "  {:>3}  {:>3}  {} {}\n            {}; {}",
            client.calls,
            client.in_contract,
            client.id,
            client.version.as_deref().unwrap_or_default(),
            client.url,
            client.source
        );
    }
}

fn some(names: &[&str], most: usize) -> String {
    let more = names.len().saturating_sub(most);
    let shown = names[..names.len().min(most)].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// The table of a page in Markdown: the totals, and the operations that most clients call.
#[must_use]
pub fn table(coverage: &Coverage) -> String {
    let totals = &coverage.totals;
    let mut out = format!(
        "| operations | known | in the contract |\n|---|---|---|\n| documented by a page that was \
        found | {} | {} |\n| called by one of {} public clients | {} | {} |\n| all | {} | {} |\n",
        totals.documented,
        totals.documented_in_contract,
        coverage.clients.len(),
        totals.called,
        totals.called_in_contract,
        totals.known,
        totals.in_contract
    );
    let mut called: Vec<&Row> =
        coverage.operations.iter().filter(|row| !row.called_by.is_empty()).collect();
    called.sort_by(|one, other| {
        (other.called_by.len(), &one.path).cmp(&(one.called_by.len(), &other.path))
    });
    out.push_str("\n| most called | clients | in the contract |\n|---|---|---|\n");
    for row in called.iter().take(MOST_ROWS) {
        let name = row.name.as_ref().filter(|_| row.in_contract);
        let _ = writeln!(
            out,
            "| `{} {}` | {} | {} |",
            row.method,
            row.path,
            row.called_by.len(),
            name.map_or_else(|| "no".to_owned(), |name| format!("`{name}`"))
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::contract;
    use super::super::{coverage, exercised};
    use super::*;

    #[test]
    fn the_screen_begins_with_the_totals_and_stays_short() {
        let seen = exercised([("spare.list", "spare.list/status/200")].into_iter());
        let text = screen(&coverage(&contract(), Some(("here", &seen))), false);
        assert!(text.starts_with("4 operations are known\n"), "{text}");
        assert!(text.contains("exercised        1 in here\n"), "{text}");
        assert!(text.contains("not exercised    1 gadgets.get\n"), "{text}");
        let at = |what: &str| text.find(what).expect(what);
        assert!(at("put-gadgets-id") < at("parts_get.html"), "{text}");
        assert!(text.lines().count() <= 24, "{text}");
    }

    #[test]
    fn all_lists_every_operation_with_its_marks() {
        let text = screen(&coverage(&contract(), None), true);
        assert!(text.contains("  -ck-   1        -/1  GET    /gadgets/{id}"), "{text}");
        assert!(text.contains("  d---   0        -/0  GET    /parts"), "{text}");
        assert!(text.contains("    2    1  a"), "{text}");
    }

    #[test]
    fn the_table_has_the_most_called_first() {
        let text = table(&coverage(&contract(), None));
        let most = text.find("| `PUT /gadgets/{id}` | 2 | no |").expect("the most called");
        let less = text.find("| `GET /gadgets/{id}` | 1 | `gadgets.get` |").expect("the other");
        assert!(most < less, "{text}");
    }
}
