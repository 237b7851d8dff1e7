//! `gate` and `matrix`: runs held against each other.
//!
//! Knows: files of earlier runs, policies, waivers, the day. Must not know: what a change does to
//! the answer.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::gate::{self, Bench, Gate, NamedProfile, Policy, Run, Source};
use crate::judge::with_recorded;
use crate::problem::{Problems, json_flaw};
use crate::report::{Paint, Report, one_line, rejudge};
use crate::store::{self, CatalogueId, StoreError, TargetKind, write_file};

use super::args::{SourceArgs, TextOrJson};
use super::args_gate::{GateArgs, MatrixArgs, MatrixForm};
use super::overlay::{today, waivers};
use super::records::{afresh, beside, report_of, step_summary};
use super::{Exit, Failure, Outcome, out, recordings, sources};

/// What `--out` gets with `--announced`.
const ANNOUNCED: &str = "announced.json";

/// What `--out` gets.
const FILES: &[&str] = &["gate.json", "gate.html", "gate.md", "gate-junit.xml"];

/// What `matrix --out` writes.
const MATRIX: &[&str] = &["matrix.md", "matrix.html"];

pub(super) fn gate(args: &GateArgs) -> Outcome {
    let _hold = beside(args.out.as_deref())?;
    let written: Vec<&str> = FILES.iter().copied().chain([ANNOUNCED]).collect();
    let inputs: Vec<&Path> = std::iter::once(&args.baseline)
        .chain(&args.candidate)
        .chain(&args.announced)
        .chain(&args.waivers)
        .chain(&args.policy)
        .map(PathBuf::as_path)
        .collect();
    afresh(args.out.as_deref(), &written, &inputs)?;
    let (files, names): (Vec<&String>, Vec<&String>) =
        args.profile.iter().partition(|name| is_file(name));
    if let [_, another, ..] = names.as_slice() {
        return Err(Failure::usage(format!(
            "use the profile `{another}` of the policy: only one can be used, and another one is \
                named; write the path of a client's profile with its `.toml`"
        )));
    }
    let policy = policy(args, names.first().map(|name| name.as_str()))?;
    let waivers = args.waivers.as_deref().map(waivers).transpose()?.unwrap_or_default();
    let baseline = read(&args.baseline, &args.sources)?;
    let candidates = args
        .candidate
        .iter()
        .map(|path| read(path, &args.sources))
        .collect::<Result<Vec<_>, _>>()?;
    let recorded: Vec<&CatalogueId> =
        std::iter::once(&baseline).chain(&candidates).map(recorded).collect();
    let (contract, mut catalogue) = sources::load_for(&args.sources, &recorded)?;
    if std::iter::once(&baseline).chain(&candidates).any(Run::is_recording) {
        catalogue = with_recorded(&contract, &catalogue);
    }
    let bench = Bench {
        contract: &contract,
        catalogue: &catalogue,
        waivers: &waivers,
        policy: &policy,
        today: today(),
    };
    let mut found = gate::gate(&bench, &baseline, &candidates);
    if !files.is_empty() {
        let paths: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let profiles: Vec<NamedProfile> = super::profile::linted(&paths, &contract)?
            .into_iter()
            .zip(files)
            .map(|(profile, file)| NamedProfile { file: file.clone(), profile })
            .collect();
        gate::judge_for(&mut found, &contract, &baseline, &candidates, &profiles);
    }
    if let Some(file) = args.announced.as_deref() {
        let changes = changes(file)?;
        for candidate in &mut found.candidates {
            candidate.announced = Some(announced(&changes, &contract, candidate));
        }
    }
    let announced = args.announced.as_ref().map(|_| announced_json(&found));
    if let Some(folder) = &args.out {
        write(folder, &found).map_err(Failure::unwritten)?;
    }
    if let (Some(folder), Some(announced)) = (&args.out, &announced) {
        write_file(&folder.join(ANNOUNCED), &format!("{announced:#}\n"))
            .map_err(Failure::unwritten)?;
    }
    step_summary(&gate::markdown(&found));
    if args.format == TextOrJson::Json {
        out(&with_announced(&gate::json(&found), announced.as_ref()))?;
    } else {
        out(&gate::text(&found, Paint::Colour))?;
        if announced.is_some() {
            out(&announced_text(&found))?;
        }
        if let Some(folder) = &args.out {
            out(&format!("gate: {}\n      {}\n", folder.display(), FILES.join("  ")))?;
        }
    }
    Ok(match found.exit {
        0 => Exit::Conformant,
        1 => Exit::Nonconformant,
        6 => Exit::Waivers,
        _ => Exit::Incomplete,
    })
}

/// The changes that pages announce.
fn changes(file: &Path) -> Result<Vec<crate::import::Change>, Failure> {
    let name = file.display();
    let text = crate::files::text(file)
        .map_err(|error| Failure::usage(format!("read {name}: {error}")))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "read {name}: it isn't the output of `import --diff OLD NEW --format json`: {}",
            json_flaw(&error)
        ))
    })
}

/// What the pages announce against what the runs of a candidate show.
fn announced(
    changes: &[crate::import::Change],
    contract: &crate::contract::Contract,
    candidate: &gate::Candidate,
) -> Vec<gate::Announced> {
    let about =
        |id: &str| contract.operations.get(id).map(|one| format!("{} {}", one.method, one.path));
    crate::import::announced(changes, &candidate.drift, &about)
        .into_iter()
        .map(|row| gate::Announced {
            standing: row.standing.word(),
            rule: row.rule,
            operation: row.operation,
            place: row.place,
            text: row.text,
        })
        .collect()
}

/// One list per candidate.
fn announced_json(found: &Gate) -> serde_json::Value {
    let row = |row: &gate::Announced| {
        serde_json::json!({
            "standing": row.standing, "rule": row.rule, "operation": row.operation,
            "place": row.place, "text": row.text,
        })
    };
    let list = |candidate: &gate::Candidate| {
        let rows: Vec<_> = candidate.announced.iter().flatten().map(row).collect();
        serde_json::json!({ "candidate": candidate.side.from, "changes": rows })
    };
    found.candidates.iter().map(list).collect()
}

fn with_announced(gate: &str, announced: Option<&serde_json::Value>) -> String {
    let Some(announced) = announced else { return gate.to_owned() };
    match serde_json::from_str::<serde_json::Value>(gate) {
        Ok(serde_json::Value::Object(mut members)) => {
            members.insert("announced".to_owned(), announced.clone());
            format!("{:#}\n", serde_json::Value::Object(members))
        }
        _ => gate.to_owned(),
    }
}

fn announced_text(found: &Gate) -> String {
    let mut text = String::from("\ncompared with what the pages announce:\n");
    for candidate in &found.candidates {
        let rows = candidate.announced.as_deref().unwrap_or_default();
        for row in rows {
            let _ = writeln!(
                text,
                "  {:<11} {} {} {}: {}",
                row.standing,
                one_line(&row.rule),
                one_line(&row.operation),
                one_line(&row.place),
                one_line(&row.text)
            );
        }
        if rows.is_empty() {
            text.push_str("  nothing is announced, and nothing changed\n");
        }
    }
    text
}

fn recorded(run: &Run) -> &CatalogueId {
    match &run.source {
        Source::Record(record) => &record.header.catalogue,
        Source::Report(report) => &report.catalogue,
    }
}

fn write(folder: &Path, found: &Gate) -> Result<(), StoreError> {
    let texts = [gate::json(found), gate::html(found), gate::markdown(found), gate::junit(found)];
    FILES.iter().zip(texts).try_for_each(|(name, text)| write_file(&folder.join(name), &text))
}

/// Whether a profile is a file of a client's, and not the name of one of the policy.
fn is_file(name: &str) -> bool {
    let path = Path::new(name);
    let named = path.extension().is_some_and(|extension| extension == "toml");
    named || name.contains(['/', '\\']) || (Policy::built_in(name).is_none() && path.is_file())
}

/// The policy that the arguments name: a file, a built-in one, or the usual one.
fn policy(args: &GateArgs, wanted: Option<&str>) -> Result<Policy, Failure> {
    let Some(path) = &args.policy else {
        let name = wanted.unwrap_or(gate::DEFAULT);
        return Policy::built_in(name).ok_or_else(|| {
            Failure::usage(format!(
                "find the profile `{name}`: the built-in ones are {}; name a file with --policy \
                    for others",
                gate::policy_names().join(", ")
            ))
        });
    };
    let name = path.display().to_string();
    if let (Some(policy), false, None) = (Policy::built_in(&name), path.exists(), wanted) {
        return Ok(policy);
    }
    let text = store::read_text(path).map_err(Failure::usage)?;
    gate::load_policy(&name, &text, wanted).map_err(|problems| {
        Failure::usage(format!("use the policy file {name}:\n{}", Problems(problems)))
    })
}

/// A run: its record, or only its report where there is no record.
fn read(path: &Path, args: &SourceArgs) -> Result<Run, Failure> {
    let from = path.display().to_string();
    let report = if path.is_dir() { path.join("report.json") } else { path.to_path_buf() };
    let record = if path.is_dir() { path.join("transcript.jsonl") } else { path.to_path_buf() };
    let only_report = report.extension().is_some_and(|extension| extension == "json")
        && report.exists()
        && (report == record || !record.exists())
        && !recordings::holds_exchanges(&report);
    if only_report {
        let read = report_of(&report)?;
        return Ok(Run { from, source: Source::Report(Box::new(read)) });
    }
    let record = if recordings::is_recording(path) {
        let (contract, catalogue) = sources::load(args)?;
        recordings::read(&[path.to_path_buf()], &contract, &catalogue)?
    } else {
        let record = recordings::record_of(path)?;
        if record.header.target.kind == TargetKind::Recording {
            let (contract, _) = sources::load(args)?;
            crate::recording::completed(&contract, &from, record)
        } else {
            record
        }
    };
    Ok(Run { from, source: Source::Record(Box::new(record)) })
}

pub(super) fn matrix(args: &MatrixArgs) -> Outcome {
    let _hold = beside(args.out.as_deref())?;
    afresh(args.out.as_deref(), MATRIX, &[])?;
    let records =
        args.runs.iter().map(|path| recordings::record_of(path)).collect::<Result<Vec<_>, _>>()?;
    let (contract, catalogue) = sources::load_for(
        &args.sources,
        &records.iter().map(|record| &record.header.catalogue).collect::<Vec<_>>(),
    )?;
    let judged = args.runs.iter().zip(records).map(|(path, record)| {
        let record = crate::recording::completed(&contract, &path.display().to_string(), record);
        rejudge(&contract, &catalogue, &record)
    });
    let reports: Vec<Report> = judged.collect();
    let table = gate::matrix(&reports);
    if let Some(folder) = &args.out {
        write_file(&folder.join("matrix.md"), &gate::matrix_markdown(&table, true))
            .map_err(Failure::unwritten)?;
        write_file(&folder.join("matrix.html"), &gate::matrix_html(&table))
            .map_err(Failure::unwritten)?;
    }
    out(&match args.format {
        MatrixForm::Markdown => gate::matrix_markdown(&table, args.all),
        MatrixForm::Html => gate::matrix_html(&table),
    })
}
