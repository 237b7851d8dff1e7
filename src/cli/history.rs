//! `history`: what became of each requirement, over the reports that were kept.
//!
//! Knows: files of earlier runs, and what may be asked of them. Must not know: what a query finds.

use std::path::{Path, PathBuf};

use crate::files;
use crate::history::{self, Builder, Query, WORDS};
use crate::report::{self, one_line};
use crate::store;

use super::args_gate::{HistoryArgs, HistoryForm};
use super::{Exit, Failure, Outcome, err, out};

/// The language of queries, for `--help`.
pub(super) fn query_help() -> String {
    let words: Vec<String> =
        WORDS.iter().map(|(word, meaning)| format!("  {word:<17} {meaning}")).collect();
    format!(
        "Queries:\n{}\n  … and …           both, in one run (`and` may be left out)\n  … or …            \
            either\n  ( … )             grouped\n  … then …          the one, and in a later run of \
            the appliance the other\n\nExits with 4 if nothing answers the query.",
        words.join("\n")
    )
}

/// A file or folder that isn't part of the history, and why.
type Skipped = (String, String);

pub(super) fn history(args: &HistoryArgs) -> Outcome {
    // A query that can't be read needs no file.
    let query = args.query.as_deref().map(Query::parse).transpose().map_err(Failure::usage)?;
    let (found, mut skipped) = search(&args.kept);
    if let Some(file) = args.out.as_deref().filter(|file| found.iter().any(|one| same(one, file))) {
        return Err(Failure::usage(format!(
            "write {}: it is one of the reports that are read; name another file",
            file.display()
        )));
    }
    let mut builder = Builder::default();
    for path in found {
        if let Err(why) = add(&mut builder, &path) {
            skipped.push((path.display().to_string(), why));
        }
    }
    for (path, why) in &skipped {
        err(&format!("lxca-conform: skipped {}: {}\n", one_line(path), one_line(why)));
    }
    if builder.is_empty() {
        return Err(Failure::usage(
            "show the history: there is no report of a run in what was named; name folders that \
                `lxca-conform run` wrote, or a folder that has some below it",
        ));
    }
    let history = builder.history();
    let found = history.find(query.as_ref());
    let text = match form(args) {
        HistoryForm::Text => history::text(&found),
        HistoryForm::Json => history::json(&found, &skipped),
        HistoryForm::Markdown => history::markdown(&found),
        HistoryForm::Html => history::html(&found, &skipped),
    };
    match &args.out {
        Some(file) => {
            store::write_file(file, &text).map_err(Failure::unwritten)?;
            out(&format!("history: {}\n", file.display()))?;
        }
        None => {
            out(&text)?;
        }
    }
    if found.is_empty() {
        let asked = query.as_ref().map_or("", Query::text);
        return Err(Failure {
            exit: Exit::Nothing,
            message: format!(
                "find an answer: nothing in {} answers `{asked}`; `lxca-conform history` without \
                    --query shows what there is",
                counted(history.runs.len())
            ),
        });
    }
    Ok(Exit::Conformant)
}

fn counted(runs: usize) -> String {
    if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") }
}

fn form(args: &HistoryArgs) -> HistoryForm {
    let ending = args.out.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
    args.format.unwrap_or(match ending {
        Some("html" | "htm") => HistoryForm::Html,
        Some("json") => HistoryForm::Json,
        Some("md") => HistoryForm::Markdown,
        _ => HistoryForm::Text,
    })
}

/// The files that may be reports, each once, and what is none for sure.
fn search(named: &[PathBuf]) -> (Vec<PathBuf>, Vec<Skipped>) {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    for path in named {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let kept = files::kept(path);
        let empty = kept.reports.is_empty() && kept.only_records.is_empty();
        if empty && kept.unreadable.is_empty() {
            skipped.push((path.display().to_string(), "no report lies in or below it".to_owned()));
        }
        for folder in kept.only_records {
            let name = folder.display();
            let why = format!(
                "it has a record and no report; `lxca-conform judge {name} --out {name}` makes one"
            );
            skipped.push((name.to_string(), why));
        }
        for (path, error) in kept.unreadable {
            skipped.push((path.display().to_string(), error.to_string()));
        }
        found.extend(kept.reports);
    }
    let mut distinct: Vec<PathBuf> = Vec::with_capacity(found.len());
    let mut seen = std::collections::BTreeSet::new();
    for path in found {
        if seen.insert(files::resolved(&path)) {
            distinct.push(path);
        }
    }
    (distinct, skipped)
}

fn same(one: &Path, other: &Path) -> bool {
    files::resolved(one) == files::resolved(other)
}

/// Adds a report, or says why not.
fn add(builder: &mut Builder, path: &Path) -> Result<(), String> {
    let text = files::text(path).map_err(|error| error.to_string())?;
    if path.extension().is_some_and(|ending| ending == "jsonl") {
        return Err("it is a record; name its folder, or a report.json".to_owned());
    }
    let report =
        report::read(&text).map_err(|error| format!("it isn't the report of a run: {error}"))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = path.file_name().is_some_and(|name| name == "report.json");
    // A report of this build says itself of which record it is.
    let record =
        if beside && report.record.is_none() { store::digest_of_record(folder) } else { None };
    let shown = if beside { folder } else { path };
    let from = if shown.as_os_str().is_empty() { Path::new(".") } else { shown };
    builder.add(&from.display().to_string(), report, record).map_err(|unfit| unfit.to_string())
}
