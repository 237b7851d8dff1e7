//! `gate.md`: the answer for a job summary.
//!
//! Knows: the gate, and how to keep appliance-made text from becoming markup. Must not know: files,
//! CI systems.

use std::fmt::Write as _;

use crate::report::{block, code, digest, text};

use super::clients::Effect;
use super::matrix::{Matrix, markdown as matrix_markdown};
use super::model::{Candidate, Change, Gate, Side};
use super::text::{class_line, drift_counts, same_product};

/// Rows of a table.
const MOST_ROWS: usize = 30;
const MOST_DRAFTS: usize = 10;

/// The gate in Markdown.
#[must_use]
pub fn markdown(gate: &Gate) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# {} {}: {}\n",
        gate.answer.mark(),
        gate.answer.spoken(),
        text(&gate.because)
    );
    for candidate in gate.candidates.iter().filter(|candidate| candidate.same_product) {
        let _ = writeln!(out, "> **Note:** {}\n", text(&same_product(&candidate.side)));
    }
    let _ = writeln!(
        out,
        "| | target | version | run of | judged again | record |\n|---|---|---|---|---|---|"
    );
    row(&mut out, "baseline", &gate.baseline);
    for candidate in &gate.candidates {
        row(&mut out, "candidate", &candidate.side);
    }
    let file = gate.policy.file.as_deref().unwrap_or("built-in");
    let _ = writeln!(
        out,
        "\nAll records were judged again with contract {} and catalogue {}, by the policy {} \
        ({}), on {}.\n",
        digest(&gate.contract.digest),
        digest(&gate.catalogue.digest),
        code(&gate.policy.name),
        text(file),
        gate.judged
    );
    for candidate in &gate.candidates {
        if gate.candidates.len() > 1 {
            let _ = writeln!(
                out,
                "# {} {}: {}\n",
                candidate.answer.mark(),
                text(&candidate.side.from),
                text(&candidate.because)
            );
        }
        write_candidate(&mut out, candidate);
    }
    if gate.candidates.len() > 1 {
        let _ = writeln!(
            out,
            "## Requirements by version\n\n{}",
            matrix_markdown(&Matrix::of(gate), false)
        );
    }
    if !gate.waivers.is_empty() {
        let _ = writeln!(
            out,
            "## Waivers: {}\n\n| state | case | requirement | ticket | owner | expires | covers \
            |\n|---|---|---|---|---|---|---|",
            gate.waivers.len()
        );
        for waiver in gate.waivers.iter().take(MOST_ROWS) {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} |",
                waiver.state.word(),
                code(&waiver.case),
                code(&waiver.requirement),
                text(&waiver.ticket),
                text(&waiver.owner),
                text(&waiver.expires),
                waiver.covers
            );
        }
        more(&mut out, gate.waivers.len(), MOST_ROWS);
    }
    let _ = writeln!(
        out,
        "`gate.json` has every case, requirement and difference; `lxca-conform explain ID` \
            explains an id."
    );
    out
}

fn row(out: &mut String, name: &str, side: &Side) {
    let version = side.target.version.as_deref().unwrap_or("unknown");
    let record = side
        .record
        .as_deref()
        .map_or_else(|| "none, a report only".to_owned(), |record| code(&digest(record)));
    let _ = writeln!(
        out,
        "| {name} {} | {} | {} | {} | {} | {record} |",
        code(&side.from),
        code(&side.target.name),
        code(version),
        text(&side.started),
        side.conclusion.word()
    );
}

/// What becomes of each client, or of each class of them.
fn write_clients(out: &mut String, candidate: &Candidate) {
    if !candidate.clients.is_empty() {
        let _ = writeln!(
            out,
            "## Clients: {}\n\n| | client | why |\n|---|---|---|",
            candidate.clients.len()
        );
        for client in &candidate.clients {
            let (answer, name) = (client.answer.spoken(), code(&client.client));
            let _ = writeln!(out, "| **{answer}** | {name} | {} |", text(&client.because));
        }
        out.push('\n');
    }
    for client in candidate.clients.iter().filter(|client| !client.effects.is_empty()) {
        let _ = writeln!(
            out,
            "### {}\n\n| | operation | member | change | |\n|---|---|---|---|---|",
            text(&client.client)
        );
        for effect in client.effects.iter().take(MOST_ROWS) {
            let Effect { fate, operation, place, change, text: what } = effect;
            let _ = writeln!(
                out,
                "| {} | {} | {} | {change} | {} |",
                fate.spoken(),
                code(operation),
                code(place),
                text(what)
            );
        }
        more(out, client.effects.len(), MOST_ROWS);
        out.push('\n');
    }
    if !candidate.classes.is_empty() {
        let _ = writeln!(
            out,
            "## How clients would fare that nobody described\n\nNo part of the answer; \
                `--profile` names what yours depend on.\n\n| | client | |\n|---|---|---|"
        );
        for class in &candidate.classes {
            let (answer, line) = (class.answer.spoken(), text(&class_line(class)));
            let _ = writeln!(out, "| **{answer}** | {} | {line} |", text(&class.about));
        }
        out.push('\n');
    }
}

fn write_candidate(out: &mut String, candidate: &Candidate) {
    write_clients(out, candidate);
    if !candidate.reasons.is_empty() {
        let why = if candidate.clients.is_empty() {
            "Why"
        } else {
            "What the policy would say for everybody"
        };
        let _ = writeln!(out, "## {why}\n\n| | reason | cases |\n|---|---|---|");
        for reason in candidate.reasons.iter().take(MOST_ROWS) {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                reason.action.word(),
                text(&reason.text),
                reason.cases.len()
            );
        }
        more(out, candidate.reasons.len(), MOST_ROWS);
    }
    if !candidate.counts.is_empty() {
        let told: Vec<String> =
            candidate.counts.iter().map(|(change, count)| format!("{count} {change}")).collect();
        let _ = writeln!(out, "Cases: {}.\n", told.join(", "));
    }
    let changed: Vec<_> = candidate
        .requirements
        .iter()
        .filter(|known| !matches!(known.change, Change::Unchanged | Change::NotCompared))
        .collect();
    if !changed.is_empty() {
        let _ = writeln!(
            out,
            "## Requirements that changed, or are broken\n\n| requirement | what | before | now \
            |\n|---|---|---|---|"
        );
        for known in changed.iter().take(MOST_ROWS) {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                code(&known.id),
                known.change.spoken(),
                known.before.word(),
                known.after.word()
            );
        }
        more(out, changed.len(), MOST_ROWS);
    }
    if !candidate.drift.is_empty() {
        let _ = writeln!(
            out,
            "## Drift: {}\n\n| | what | where | before | now |\n|---|---|---|---|---|",
            drift_counts(candidate)
        );
        for drift in candidate.drift.iter().take(MOST_ROWS) {
            let class = if drift.allowed {
                format!("{}, expected", drift.class.word())
            } else {
                drift.class.word().to_owned()
            };
            let _ = writeln!(
                out,
                "| {class} | {} | {} | {} | {} |",
                drift.kind.word(),
                code(&drift.address()),
                code(&drift.before),
                code(&drift.after)
            );
        }
        more(out, candidate.drift.len(), MOST_ROWS);
    }
    if let (Some(rows), Some(counts)) = (&candidate.announced, candidate.announcements()) {
        let _ = writeln!(out, "## Against what the pages announce: {counts}\n");
        if !rows.is_empty() {
            out.push_str(
                "| | what | operation | where | before and after |\n|---|---|---|---|---|\n",
            );
        }
        for row in rows.iter().take(MOST_ROWS) {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                row.standing,
                text(&row.rule),
                code(&row.operation),
                code(&row.place),
                text(&row.text)
            );
        }
        if rows.len() > MOST_ROWS {
            let more = rows.len() - MOST_ROWS;
            let _ = writeln!(out, "\n… and {more} more in `announced.json`.");
        }
        out.push('\n');
    }
    if !candidate.times.is_empty() {
        let _ = writeln!(
            out,
            "## Response times\n\nInformation only.\n\n| operation | samples | median | 95th \
            percentile |\n|---|---|---|---|"
        );
        for time in &candidate.times {
            let _ = writeln!(
                out,
                "| {} | {}, {} | {:.1} → {:.1} ms | {:.1} → {:.1} ms |",
                code(&time.operation),
                time.samples[0],
                time.samples[1],
                time.median_ms[0],
                time.median_ms[1],
                time.p95_ms[0],
                time.p95_ms[1]
            );
        }
        out.push('\n');
    }
    if !candidate.drafts.is_empty() {
        let _ = writeln!(
            out,
            "## To accept a failure for a limited time\n\nFill in reason, ticket and owner, and \
                paste into the waiver file.\n"
        );
        for draft in candidate.drafts.iter().take(MOST_DRAFTS) {
            let _ = writeln!(out, "{}", block("toml", draft));
        }
        more(out, candidate.drafts.len(), MOST_DRAFTS);
    }
}

fn more(out: &mut String, all: usize, most: usize) {
    if all > most {
        let _ = writeln!(out, "\n… and {} in `gate.json`.", format_args!("{} more", all - most));
    }
    out.push('\n');
}
