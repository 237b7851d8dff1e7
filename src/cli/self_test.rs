//! `self-test`: every fault of the double must be caught where it is, and no variant may be
//! accused.
//!
//! Knows: how the outcome is shown and what it means as an exit code. Must not know: how a fault is
//! played or caught.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use globset::Glob;

use crate::catalogue::Catalogue;
use crate::contract::request_requirements;
use crate::double::Variant;
use crate::proof::KeptProof;
use crate::self_test::{
    Caught, DRAFTED, FaultEntry, FaultRow, Selection, SelfTest, draft, self_test as play,
};
use crate::store::write_file;

use super::args::{SelfTestArgs, TextOrJson};
use super::progress::Counter;
use super::{Exit, Failure, Outcome, out, sources};

pub(super) fn self_test(args: &SelfTestArgs) -> Outcome {
    let (contract, catalogue) = sources::load(&args.sources)?;
    let level = sources::level(args.generated, &args.sources);
    let catalogue = if args.only_generated {
        Catalogue::only_generated(&contract, level)
    } else {
        catalogue.with_generated(&contract, level)
    };
    let faults = sources::faults(&args.sources.contract)?;
    if let Some(requirement) = &args.draft_fault {
        let row = draft(&contract, &faults, requirement).map_err(Failure::usage)?;
        out(&row)?;
        return Ok(Exit::Conformant);
    }
    let mut selection = select(&args.filter, Selection::all(&contract, &faults))?;
    if args.only_generated {
        let named = request_requirements(&contract);
        selection.faults.retain(|fault| fault.breaks.iter().any(|id| named.contains(id)));
        selection.drafted.retain(|id| named.contains(id));
    }
    if selection.is_empty() || catalogue.cases.is_empty() {
        return Err(Failure {
            exit: Exit::Nothing,
            message: "select a fault or a variant, and a case that could catch it: nothing is \
                left; `serve --list-faults` and `serve --list-variants` show the names"
                .to_owned(),
        });
    }
    let progress = Counter::new(selection.len() + 1);
    let outcome = play(&contract, &catalogue, &faults, &selection, &|name| progress.count(name));
    progress.done();
    if let Some(file) = &args.save_score {
        if !args.filter.is_empty() || args.only_generated {
            return Err(Failure::usage(
                "save the score: only a whole self-test has one; leave out --filter and \
                --only-generated",
            ));
        }
        let kept = KeptProof {
            code: outcome.code.clone(),
            contract: outcome.contract.digest.clone(),
            catalogue: outcome.catalogue.digest.clone(),
            score: outcome.proof(),
        };
        let text = serde_json::to_string_pretty(&kept).map_err(Failure::unwritten)?;
        write_file(file, &format!("{text}\n")).map_err(Failure::unwritten)?;
    }
    match args.format {
        TextOrJson::Json => out(&format!(
            "{}\n",
            serde_json::to_string_pretty(&outcome).map_err(Failure::unwritten)?
        ))?,
        TextOrJson::Text => out(&table(&outcome, args.only_generated))?,
    };
    Ok(if outcome.holds() { Exit::Conformant } else { Exit::Nonconformant })
}

fn select(filters: &[String], mut selection: Selection) -> Result<Selection, Failure> {
    if filters.is_empty() {
        return Ok(selection);
    }
    let globs = filters.iter().map(|filter| {
        Glob::new(filter).map(|glob| glob.compile_matcher()).map_err(|error| {
            Failure::usage(format!(
                "read the filter `{filter}`: {error}; use a glob such as 'lock-*'"
            ))
        })
    });
    let globs = globs.collect::<Result<Vec<_>, _>>()?;
    let wanted = |name: &str| globs.iter().any(|glob| glob.is_match(name));
    selection.faults.retain(|fault: &FaultEntry| wanted(&fault.name));
    selection.drafted.retain(|id| wanted(&format!("{DRAFTED}{id}")));
    selection.variants.retain(|variant: &Variant| wanted(variant.name()));
    Ok(selection)
}

fn table(outcome: &SelfTest, only_generated: bool) -> String {
    let mut text = String::new();
    // The drafted ones are too many for a screen: those that hold are counted.
    let counted = |row: &&FaultRow| row.edit.is_some() && row.outcome == Caught::Caught;
    let widest = outcome
        .fault_rows
        .iter()
        .filter(|row| !counted(row))
        .map(|row| row.name.len())
        .chain(outcome.variant_rows.iter().map(|row| row.name.len()))
        .max()
        .unwrap_or(0);
    for row in outcome.fault_rows.iter().filter(|row| !counted(row)) {
        let what = match (&row.error, row.outcome) {
            (Some(error), _) => format!("no report: {error}"),
            (None, Caught::Caught) if row.breaks.is_empty() => "stays without a verdict".to_owned(),
            (None, Caught::Caught) => row.breaks.join(", "),
            (None, Caught::Mislocated) => format!(
                "made to break {}; accused: {}",
                row.missed.join(", "),
                row.accused.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
            ),
            (None, Caught::Survived) => format!("made to break {}", row.missed.join(", ")),
        };
        let _ =
            writeln!(text, "fault    {:<widest$}  {:<10}  {what}", row.name, row.outcome.word());
    }
    let mut drafted: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in outcome.fault_rows.iter().filter(|row| row.edit.is_some()) {
        let id = row.breaks.first().map_or("", String::as_str);
        let (caught, all) = drafted.entry(id.split('/').next().unwrap_or_default()).or_default();
        *caught += usize::from(row.outcome == Caught::Caught);
        *all += 1;
    }
    for (register, (caught, all)) in drafted {
        let _ = writeln!(text, "drafted  {register:<widest$}  {caught} of {all} caught");
    }
    for row in &outcome.variant_rows {
        let what = match &row.error {
            Some(error) => format!("no report: {error}"),
            None if row.accused => row.violations.join(", "),
            None => row
                .deviations
                .iter()
                .map(|requirement| format!("deviation {requirement}"))
                .chain(row.unresolved.iter().map(|case| format!("unresolved {case}")))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let _ = writeln!(
            text,
            "{}",
            format!(
                "variant  {:<widest$}  {:<10}  {what}",
                row.name,
                if row.accused { "ACCUSED" } else { "passes" }
            )
            .trim_end()
        );
    }
    let SelfTest { right, faults, variants, checks, unneeded, .. } = outcome;
    let _ = writeln!(text);
    let _ = writeln!(text, "{}", if outcome.holds() { "HOLDS" } else { "DOESN'T HOLD" });
    let _ = writeln!(text, "  right double  {}: {}", right.conclusion.word(), right.because);
    let _ = writeln!(
        text,
        "  faults        {} of {} caught where they are, {} elsewhere, {} not at all",
        faults.caught,
        faults.total,
        faults.mislocated,
        faults.survived.len()
    );
    if faults.drafted > 0 {
        let _ = writeln!(text, "                {} of them drafted from schemas", faults.drafted);
    }
    let _ =
        writeln!(text, "  variants      {} of {} accused", variants.accused.len(), variants.total);
    if !only_generated {
        let _ = writeln!(
            text,
            "  checks        {} of {} proved able to fail on this build",
            checks.proved, checks.total
        );
        listed(&mut text, "never seen to fail", &checks.unproved);
        let why = |id: &String| {
            let one = checks.undrafted.iter().find(|one| one.requirement == *id);
            one.map_or_else(|| id.clone(), |one| format!("{id}: {}", one.because))
        };
        let gaps: Vec<String> = checks.gaps.iter().map(why).collect();
        listed(&mut text, "checked, and no fault is made to break it", &gaps);
        if let Some(gap) = checks.gaps.first() {
            let _ =
                writeln!(text, "  draft a row with: lxca-conform self-test --draft-fault {gap}");
        }
    }
    listed(&mut text, "cases that no fault makes fail", unneeded);
    text
}

/// Rows of a list on the screen; `--format json` has all.
const MOST_ROWS: usize = 10;

fn listed(text: &mut String, what: &str, ids: &[String]) {
    if ids.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{what}: {}", ids.len());
    for id in ids.iter().take(MOST_ROWS) {
        let _ = writeln!(text, "  {id}");
    }
    if ids.len() > MOST_ROWS {
        let _ = writeln!(text, "  and {} more (--format json has all)", ids.len() - MOST_ROWS);
    }
}
