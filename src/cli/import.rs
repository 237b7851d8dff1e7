//! `import`: saved documentation pages in; drafts, contracts, tickets and differences out.
//!
//! Knows: files and folders of pages. Must not know: how a page is read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::catalogue::Catalogue;
use crate::contract::{Contract, Operation};
use crate::files;
use crate::import::contract::{DECISIONS, Decisions, Folder, KnownOperation, Order, PageFile};
use crate::import::{self, Change, Draft, TouchedWaiver, list};
use crate::judge::claims;
use crate::problem::Problems;
use crate::store::write_file;
use crate::waiver::{Waiver, Waivers};

use super::args_import::{ImportArgs, ImportForm};
use super::{Failure, Outcome, out, overlay, sources};

pub(super) fn import(args: &ImportArgs) -> Outcome {
    if let Some([old, new]) = args.diff.as_deref() {
        return diff(old, new, args);
    }
    if args.waivers.is_some() {
        return Err(Failure::usage(
            "use --waivers: they are held against changes, so give --diff OLD NEW as well",
        ));
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
    let mut found = Found::default();
    for path in paths {
        found.named(path);
    }
    if found.problems.is_empty() {
        Ok((import::merge(found.drafts), found.pages))
    } else {
        Err(Failure::usage(format!("read the pages:\n{}", indented(&found.problems))))
    }
}

/// What is found behind the names that the arguments have.
#[derive(Default)]
struct Found {
    drafts: Vec<Draft>,
    pages: Vec<PageFile>,
    problems: Vec<String>,
}

impl Found {
    /// A page, a list of pages, or a folder of both.
    fn named(&mut self, path: &Path) {
        let name = path.display();
        if ["http://", "https://"].iter().any(|it| name.to_string().starts_with(it)) {
            self.problems.push(format!(
                "{name}: nothing is fetched; save the page, as with `curl -O`, and name the file"
            ));
            return;
        }
        let texts = match files::pages(path) {
            Ok(texts) => texts,
            Err(error) => return self.problems.push(format!("{name}: {error}")),
        };
        if texts.is_empty() {
            let what = "the folder contains no .txt, .html, .md or .json file";
            return self.problems.push(format!("{name}: {what}"));
        }
        let (lists, pages): (Vec<_>, Vec<_>) = texts
            .into_iter()
            .partition(|(path, text)| list::is_list(&path.to_string_lossy(), text));
        let mut addresses: BTreeMap<PathBuf, String> = BTreeMap::new();
        let mut listed: Vec<PathBuf> = Vec::new();
        for (path, text) in &lists {
            self.list(path, text, &mut addresses, &mut listed);
        }
        // What a list names is a page whatever it is called.
        let missing: Vec<PathBuf> =
            listed.into_iter().filter(|it| !pages.iter().any(|(page, _)| page == it)).collect();
        for path in missing {
            match files::pages(&path) {
                Ok(texts) => {
                    for (path, text) in texts {
                        self.page(&path, text, &addresses);
                    }
                }
                Err(error) => self.problems.push(format!("{}: {error}", path.display())),
            }
        }
        for (path, text) in pages {
            self.page(&path, text, &addresses);
        }
    }

    /// The files that a list names, with the addresses that they were saved from.
    fn list(
        &mut self,
        path: &Path,
        text: &str,
        addresses: &mut BTreeMap<PathBuf, String>,
        listed: &mut Vec<PathBuf>,
    ) {
        let name = path.display().to_string();
        let entries = match list::entries(&name, text) {
            Ok(entries) => entries,
            Err(problems) => {
                self.problems.extend(problems.iter().map(ToString::to_string));
                return;
            }
        };
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        for entry in entries {
            let line = entry.line;
            let file = entry.files.iter().map(|file| folder.join(file)).find(|it| it.is_file());
            let Some(file) = file else {
                let first = entry.files.first().map_or("", String::as_str);
                self.problems.push(match (&entry.url, entry.files.len()) {
                    (Some(url), 2..) => format!(
                        "{name}:{line}: no saved page of {url} is beside the list, such as {first} \
                        or {first}.html; save it, or write its file behind the address"
                    ),
                    _ => format!("{name}:{line}: there is no file {first} beside the list"),
                });
                continue;
            };
            if listed.contains(&file) {
                let file = file.display();
                self.problems.push(format!("{name}:{line}: {file} is in the list twice"));
                continue;
            }
            if let Some(url) = entry.url {
                addresses.insert(file.clone(), url);
            }
            listed.push(file);
        }
    }

    fn page(&mut self, path: &Path, text: String, addresses: &BTreeMap<PathBuf, String>) {
        let name = path.display().to_string();
        match import::read(&text) {
            Ok(mut draft) => {
                draft.set_page(u16::try_from(self.pages.len()).unwrap_or(u16::MAX));
                if let Some(url) = addresses.get(path) {
                    draft.url = Some(url.clone());
                }
                self.pages.push(PageFile { name, text });
                self.drafts.push(draft);
            }
            Err(error) => self.problems.push(format!("{name}: {error}")),
        }
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
    let waivers = args.waivers.as_deref().map(overlay::waivers).transpose()?.unwrap_or_default();
    let (contract, catalogue) = sources::load(&args.sources)?;
    for change in &mut changes {
        touched(change, &contract, &catalogue);
        change.waivers = touched_waivers(change, &contract, &catalogue, &waivers);
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

/// The waivers that are about what a change touches. One of a whole operation touches all that are
/// about the operation.
fn touched_waivers(
    change: &Change,
    contract: &Contract,
    catalogue: &Catalogue,
    waivers: &Waivers,
) -> Vec<TouchedWaiver> {
    let whole = (change.place == "page")
        .then(|| {
            let about = |one: &&Operation| format!("{} {}", one.method, one.path);
            contract.operations.values().find(|one| about(one) == change.operation)
        })
        .flatten();
    let touched = |waiver: &&Waiver| match whole {
        Some(operation) => {
            catalogue.cases.iter().any(|it| it.operation == operation.id && waiver.names(it))
        }
        None => waiver.touches(
            &change.requirements,
            catalogue.cases.iter().filter(|case| change.cases.contains(&case.id)),
        ),
    };
    let told = |waiver: &Waiver| TouchedWaiver {
        at: format!("{}:{}", waivers.file, waiver.line),
        case: waiver.case.clone(),
        requirement: waiver.requirement.clone(),
    };
    waivers.list.iter().filter(touched).map(told).collect()
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
