//! `import`: saved documentation pages in; drafts, contracts, tickets and differences out.
//!
//! Knows: files and folders of pages. Must not know: how a page is read.

use std::path::PathBuf;

use crate::files;
use crate::import::{self, Draft};

use super::args_import::{ImportArgs, ImportForm};
use super::{Failure, Outcome, out};

pub(super) fn import(args: &ImportArgs) -> Outcome {
    let drafts = drafts(&args.pages)?;
    match args.format.unwrap_or(ImportForm::Draft) {
        ImportForm::Draft => print(&drafts),
        _ => Err(Failure::usage("import")),
    }
}

/// The pages that are named, each read; several of one operation as one. Says everything that is
/// wrong with any of them.
fn drafts(pages: &[PathBuf]) -> Result<Vec<Draft>, Failure> {
    let mut drafts = Vec::new();
    let mut problems = Vec::new();
    for path in pages {
        match files::pages(path) {
            Err(error) => problems.push(format!("{}: {error}", path.display())),
            Ok(found) if found.is_empty() => problems.push(format!(
                "{}: the folder holds no .txt, .html, .md or .json file",
                path.display()
            )),
            Ok(found) => {
                for (path, text) in found {
                    match import::read(&text) {
                        Ok(draft) => drafts.push(draft),
                        Err(error) => problems.push(format!("{}: {error}", path.display())),
                    }
                }
            }
        }
    }
    if problems.is_empty() {
        Ok(import::merge(drafts))
    } else {
        Err(Failure::usage(format!("read the pages:\n{}", indented(&problems))))
    }
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
