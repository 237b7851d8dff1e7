//! `import`: saved documentation pages in; drafts, contracts, tickets and differences out.
//!
//! Knows: files and folders of pages. Must not know: how a page is read.

use std::path::{Path, PathBuf};

use crate::catalogue::Catalogue;
use crate::contract::Contract;
use crate::files;
use crate::import::contract::{DECISIONS, Decisions, Folder, KnownOperation, Order, PageFile};
use crate::import::{self, Change, Draft};
use crate::judge::claims;
use crate::problem::Problems;
use crate::store::write_file;

use super::args_import::{ImportArgs, ImportForm};
use super::{Failure, Outcome, out, sources};

pub(super) fn import(args: &ImportArgs) -> Outcome {
    if let Some([old, new]) = args.diff.as_deref() {
        return diff(old, new, args);
    }
    let (drafts, pages) = drafts(&args.pages)?;
    match args.format.unwrap_or(ImportForm::Draft) {
        ImportForm::Draft => print(&drafts),
        ImportForm::Contract => contract(&drafts, &pages, args.out.as_deref()),
        ImportForm::Markdown => {
            let name = |page: u16| pages.get(usize::from(page)).map_or("", |page| &page.name);
            out(&import::ticket(&drafts, &name))
        }
    }
}

/// The pages that are named, each read; several of one operation as one. Says everything that is
/// wrong with any of them.
fn drafts(paths: &[PathBuf]) -> Result<(Vec<Draft>, Vec<PageFile>), Failure> {
    let mut drafts = Vec::new();
    let mut pages = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        match files::pages(path) {
            Err(error) => problems.push(format!("{}: {error}", path.display())),
            Ok(found) if found.is_empty() => problems.push(format!(
                "{}: the folder contains no .txt, .html, .md or .json file",
                path.display()
            )),
            Ok(found) => {
                for (path, text) in found {
                    let name = path.display().to_string();
                    match import::read(&text) {
                        Ok(mut draft) => {
                            draft.set_page(u16::try_from(pages.len()).unwrap_or(u16::MAX));
                            pages.push(PageFile { name, text });
                            drafts.push(draft);
                        }
                        Err(error) => problems.push(format!("{name}: {error}")),
                    }
                }
            }
        }
    }
    if problems.is_empty() {
        Ok((import::merge(drafts), pages))
    } else {
        Err(Failure::usage(format!("read the pages:\n{}", indented(&problems))))
    }
}

fn contract(drafts: &[Draft], pages: &[PageFile], folder: Option<&Path>) -> Outcome {
    let Some(folder) = folder else {
        return Err(Failure::usage("write a contract: name a folder for it with --out"));
    };
    let texts = files::embedded_contract();
    let built_in = crate::contract::load(&texts).map_err(|problems| {
        Failure::usage(format!("load the contract:\n{}", Problems(problems)))
    })?;
    let known: Vec<KnownOperation> = built_in
        .operations
        .values()
        .map(|one| KnownOperation {
            id: one.id.clone(),
            method: one.method.clone(),
            path: one.path.clone(),
        })
        .collect();
    let decided = folder.join(DECISIONS);
    let decisions = if decided.exists() {
        let name = decided.display().to_string();
        let text = files::text(&decided)
            .map_err(|error| Failure::usage(format!("read {name}: {error}")))?;
        Decisions::read(&name, &text)
            .map_err(|problem| Failure::usage(format!("read the decisions: {problem}")))?
    } else {
        Decisions::default()
    };
    let today = super::overlay::today().to_string();
    let appliance = texts.get(crate::contract::APPLIANCE).map_or("", String::as_str);
    let order =
        Order { drafts, pages, known: &known, appliance, decisions: &decisions, today: &today };
    let made = import::contract::contract(&order).map_err(|problems| {
        Failure::usage(format!("write a contract that loads:\n{}", Problems(problems)))
    })?;
    others(folder, &made)?;
    for (name, text) in &made.files {
        let path = folder.join(name);
        if name == DECISIONS && path.exists() {
            continue;
        }
        write_file(&path, text).map_err(Failure::unwritten)?;
    }
    let operations = made.files.keys().filter(|name| name.ends_with(".operation.toml")).count();
    out(&format!(
        "{operations} {}, {} requirements, {} of {} points to review\n  {}\n",
        if operations == 1 { "operation" } else { "operations" },
        made.review.rules.len(),
        made.review.open(),
        made.review.items.len(),
        ["review.md", "review.html", DECISIONS]
            .map(|name| folder.join(name).display().to_string())
            .join("\n  ")
    ))
}

/// What changed between two versions of pages, and what of the contract it touches.
fn diff(old: &Path, new: &Path, args: &ImportArgs) -> Outcome {
    let (old, _) = drafts(&[old.to_path_buf()])?;
    let (new, _) = drafts(&[new.to_path_buf()])?;
    let mut changes = import::diff(&old, &new);
    let (contract, catalogue) = sources::load(&args.sources)?;
    for change in &mut changes {
        touched(change, &contract, &catalogue);
    }
    match args.format.unwrap_or(ImportForm::Markdown) {
        ImportForm::Draft => {
            let text = serde_json::to_string_pretty(&changes)
                .map_err(|error| Failure::usage(format!("write the changes: {error}")))?;
            out(&format!("{text}\n"))
        }
        ImportForm::Markdown => out(&import::changes_markdown(&changes)),
        ImportForm::Contract => {
            Err(Failure::usage("write a difference as a contract: use --format json or markdown"))
        }
    }
}

/// Requirements of the contract that a change is about, and the cases that claim one of them.
fn touched(change: &mut Change, contract: &Contract, catalogue: &Catalogue) {
    let same = |method: &str, path: &str| format!("{method} {path}") == change.operation;
    let Some(operation) = contract.operations.values().find(|one| same(&one.method, &one.path))
    else {
        return;
    };
    let place = change.place.split('/').collect::<Vec<_>>();
    let topic = match place.as_slice() {
        ["response", path @ ..] => format!("body/{}", path.join("/")),
        ["codes", code] => format!("status/{code}"),
        ["page", "authentication"] => "auth".to_owned(),
        [] | ["page", ..] => return,
        [section, path @ ..] => format!("{section}/{}", path.join("/")),
    };
    let id = format!("{}/{topic}", operation.id);
    let below = format!("{id}/");
    change.requirements = contract
        .requirements
        .keys()
        .filter(|known| **known == id || known.starts_with(&below))
        .cloned()
        .collect();
    change.cases = catalogue
        .cases
        .iter()
        .filter(|case| {
            let claimed = claims(contract, case);
            change.requirements.iter().any(|id| claimed.contains(id))
        })
        .map(|case| case.id.clone())
        .collect();
}

/// A folder that has operations of another import would lose their sources.
fn others(folder: &Path, made: &Folder) -> Result<(), Failure> {
    if !folder.exists() {
        return Ok(());
    }
    let there = files::folder(folder).unwrap_or_default();
    let strangers: Vec<&str> = there
        .keys()
        .filter(|name| name.ends_with(".operation.toml") && !made.files.contains_key(*name))
        .map(String::as_str)
        .collect();
    if strangers.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "write to {}: it has operations that these pages don't have ({}); import all pages of a \
            folder at once, or name another folder",
        folder.display(),
        strangers.join(", ")
    )))
}

fn indented(problems: &[String]) -> String {
    problems.iter().map(|it| format!("  {it}")).collect::<Vec<_>>().join("\n")
}

/// One draft as itself, several as a list.
fn print(drafts: &[Draft]) -> Outcome {
    if let [one] = drafts {
        return out(&format!("{:#}\n", one.json()));
    }
    let all: Vec<_> = drafts.iter().map(Draft::json).collect();
    out(&format!("{:#}\n", serde_json::Value::Array(all)))
}
