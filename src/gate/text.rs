//! The first screen of a gate: the answer, why, and what to do.
//!
//! Knows: the gate. Gives text with or without colour. Must not know: whether a terminal is there.

use std::fmt::Write as _;

use crate::report::{Paint, one_line};
use crate::shape::Class;

use super::clients::{ClassAnswer, ClientAnswer, Effect, Fate};
use super::model::{Answer, Candidate, Change, Gate, Side};
use super::policy::Action;

/// Lines that the first screen has room for.
const MOST_REASONS: usize = 12;
const MOST_DRIFT: usize = 8;
const MOST_DRAFTS: usize = 3;
const MOST_EFFECTS: usize = 8;

/// The first screen.
#[must_use]
pub fn text(gate: &Gate, paint: Paint) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}", spoken(gate.answer, paint), one_line(&gate.because));
    let _ = writeln!(out, "  baseline   {}", side(&gate.baseline));
    for candidate in &gate.candidates {
        if gate.candidates.len() > 1 {
            let _ = writeln!(
                out,
                "\n{}: {}",
                spoken(candidate.answer, paint),
                one_line(&candidate.because)
            );
        }
        let _ = writeln!(out, "  candidate  {}", side(&candidate.side));
        if candidate.same_product {
            let _ = writeln!(
                out,
                "  {}       {}",
                paint.wrap("1;33", "note"),
                one_line(&same_product(&candidate.side))
            );
        }
        write_clients(&mut out, candidate, paint);
        write_candidate(&mut out, candidate, paint);
    }
    let file =
        gate.policy.file.as_ref().map_or_else(|| "built-in".to_owned(), |file| one_line(file));
    let _ = writeln!(out, "\npolicy: {} ({file})", gate.policy.name);
    out
}

fn write_candidate(out: &mut String, candidate: &Candidate, paint: Paint) {
    let counts: Vec<String> = [
        Change::Unchanged,
        Change::Regression,
        Change::NewlyBroken,
        Change::UnjudgedBefore,
        Change::NewCaseFailure,
        Change::Unstable,
        Change::NoLongerWaived,
        Change::BecameUnresolved,
        Change::BecameUnsupported,
        Change::NotExercised,
        Change::RemovedCase,
        Change::Spread,
        Change::ChangedEvidence,
        Change::StillFailing,
        Change::Waived,
        Change::HiddenByWaiver,
        Change::NewCase,
        Change::Fixed,
        Change::NewlyExercised,
        Change::NotCompared,
    ]
    .iter()
    .filter_map(|change| {
        candidate.counts.get(change.word()).map(|count| format!("{count} {}", change.spoken()))
    })
    .collect();
    if !counts.is_empty() {
        let _ = writeln!(out, "  cases      {}", counts.join(", "));
    }
    if !candidate.drift.is_empty() {
        let _ = writeln!(out, "  drift      {}", drift_counts(candidate));
    }
    if !candidate.reasons.is_empty() {
        out.push('\n');
        if !candidate.clients.is_empty() {
            out.push_str("what the policy would say for everybody (no part of the answer):\n");
        }
    }
    for reason in candidate.reasons.iter().filter(|reason| !reason.is_drift()).take(MOST_REASONS) {
        let (colour, word) = match reason.action {
            Action::Fail => ("1;31", "fails"),
            Action::Waivers => ("1;31", "waivers"),
            Action::CantTell => ("1;33", "can't tell"),
            Action::Warn | Action::Ignore => ("1;36", "note"),
        };
        let _ = writeln!(
            out,
            "{} {}",
            paint.wrap(colour, &format!("{word:<10}")),
            one_line(&reason.text)
        );
    }
    more(
        out,
        candidate.reasons.iter().filter(|reason| !reason.is_drift()).count(),
        MOST_REASONS,
        "reason",
    );
    for drift in candidate.drift.iter().take(MOST_DRIFT) {
        let expected = if drift.allowed { ", expected by the policy" } else { "" };
        let colour = if drift.class == Class::Breaking { "1;33" } else { "1;36" };
        let word = format!("{:<10}", "drift");
        let line = format!(
            "{}, {}{expected}: {}: {} → {}",
            drift.kind.word(),
            drift.class.word(),
            one_line(&drift.address()),
            one_line(&drift.before),
            one_line(&drift.after)
        );
        let _ = writeln!(out, "{} {line}", paint.wrap(colour, &word));
    }
    more(out, candidate.drift.len(), MOST_DRIFT, "drift line");
    for time in &candidate.times {
        let _ = writeln!(
            out,
            "time       {}: median {:.1} → {:.1} ms, 95th percentile {:.1} → {:.1} ms",
            time.operation, time.median_ms[0], time.median_ms[1], time.p95_ms[0], time.p95_ms[1]
        );
    }
    if !candidate.drafts.is_empty() {
        let _ = writeln!(
            out,
            "\nto accept a failure for a limited time, fill in and paste into the waiver file:\n"
        );
        out.push_str(
            &candidate
                .drafts
                .iter()
                .take(MOST_DRAFTS)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("\n"),
        );
        more(out, candidate.drafts.len(), MOST_DRAFTS, "draft");
    }
}

/// What becomes of each client, or of each class of them.
fn write_clients(out: &mut String, candidate: &Candidate, paint: Paint) {
    for client in &candidate.clients {
        let ClientAnswer { client: name, profile, answer, because, effects, .. } = client;
        let _ = writeln!(
            out,
            "\n{} {} ({}): {}",
            fate(*answer, paint),
            one_line(name),
            one_line(profile),
            one_line(because)
        );
        // The only one is why.
        if effects.len() < 2 {
            continue;
        }
        for effect in effects.iter().take(MOST_EFFECTS) {
            let Effect { fate: does, change, .. } = effect;
            let told = one_line(&effect.told());
            let _ = writeln!(out, "           {}, {}: {told}", does.spoken(), one_line(change));
        }
        more(out, effects.len(), MOST_EFFECTS, "effect");
    }
    if candidate.classes.is_empty() {
        return;
    }
    out.push_str("\nhow clients would fare that nobody described (no part of the answer):\n");
    for class in &candidate.classes {
        let _ = writeln!(out, "{} {}", fate(class.answer, paint), class_line(class));
    }
    out.push_str("           name what yours depend on with --profile FILE\n");
}

/// The name of a class, and the first of what does something to it.
pub(super) fn class_line(class: &ClassAnswer) -> String {
    let name = class.class.replace('-', " ");
    let first = class.effects.first().map(|first| {
        let others = match class.effects.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        format!(": {}{others}", one_line(&first.told()))
    });
    let unknown = if class.answer == Fate::AtRisk { ": nothing could be compared" } else { "" };
    format!("{name}{}", first.unwrap_or_else(|| unknown.to_owned()))
}

fn fate(fate: Fate, paint: Paint) -> String {
    let colour = match fate {
        Fate::Safe => "1;32",
        Fate::AtRisk => "1;33",
        Fate::Breaks => "1;31",
    };
    paint.wrap(colour, &format!("{:<10}", fate.spoken()))
}

/// `3 differences of shape: 1 breaking, 2 additive`.
pub(super) fn drift_counts(candidate: &Candidate) -> String {
    let of = |class: Class| candidate.drift.iter().filter(|drift| drift.class == class).count();
    let allowed = candidate.drift.iter().filter(|drift| drift.allowed).count();
    let expected = if allowed > 0 {
        format!(", {allowed} of them expected by the policy")
    } else {
        String::new()
    };
    let all = candidate.drift.len();
    format!(
        "{all} {} of shape: {} breaking, {} additive{expected}",
        if all == 1 { "difference" } else { "differences" },
        of(Class::Breaking),
        of(Class::Additive)
    )
}

/// Target, version, day and place of a run.
pub(super) fn side(side: &Side) -> String {
    let version = side.target.version.as_deref().unwrap_or("unknown version");
    format!(
        "{} ({}), run of {}, {}: {}; from {}",
        one_line(&side.target.name),
        one_line(version),
        side.started,
        if side.record.is_some() { "judged again" } else { "as reported" },
        side.conclusion.word(),
        one_line(&side.from)
    )
}

/// What is said of a candidate that was not upgraded.
pub(super) fn same_product(side: &Side) -> String {
    let version = side.target.version.as_deref().unwrap_or_default();
    let build =
        side.target.build.as_deref().map_or_else(String::new, |build| format!(", build {build}"));
    format!(
        "the candidate reports the same version as the baseline ({version}{build}): was it \
            upgraded?"
    )
}

fn spoken(answer: Answer, paint: Paint) -> String {
    let colour = match answer {
        Answer::Yes => "1;32",
        Answer::No => "1;31",
        Answer::CantTell => "1;33",
    };
    paint.wrap(colour, answer.spoken())
}

fn more(out: &mut String, all: usize, most: usize, word: &str) {
    if all > most {
        let (count, ending) = (all - most, if all - most == 1 { "" } else { "s" });
        let _ = writeln!(out, "           … and {count} more {word}{ending}");
    }
}
