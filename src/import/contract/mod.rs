//! A draft as a contract: operation file, schemas, request tables, cases, and what a person has to
//! look at.
//!
//! Knows: drafts, and the format of contract folders and case files. Must not know: files,
//! terminals, how a page is written.

mod cases;
mod decisions;
mod errata;
mod operation;
mod register;
mod request;
mod review;
mod review_html;
mod schema;
mod text;

use std::collections::BTreeMap;

use serde_json::Value;

use super::draft::Draft;
use crate::catalogue::{self, Level};
use crate::contract as loaded;
use crate::problem::Problem;
use crate::texts::FileSet;

pub use decisions::{Decision, Decisions};
pub use review::{Item, Review};

use operation::Written;

/// What is known of a saved page besides its text.
#[derive(Debug, Clone)]
pub struct PageFile {
    /// What the person calls it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// An operation that a contract has already: such a page keeps its id.
#[derive(Debug, Clone)]
pub struct KnownOperation {
    /// Its id.
    pub id: String,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
}

/// What a contract is made from.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The drafts, one per operation.
    pub drafts: &'a [Draft],
    /// The pages that they were read from, as the places in them count.
    pub pages: &'a [PageFile],
    /// The operations of the built-in contract.
    pub known: &'a [KnownOperation],
    /// The file about the appliance, which the folder relies on and doesn't repeat.
    pub appliance: &'a str,
    /// What a person decided.
    pub decisions: &'a Decisions,
    /// The day on which the pages are read.
    pub today: &'a str,
}

/// The files of a contract folder, with cases and review.
#[derive(Debug)]
pub struct Folder {
    /// Texts by path.
    pub files: BTreeMap<String, String>,
    /// What a person has to look at.
    pub review: Review,
}

/// The name of the file in which a person's decisions stand.
pub const DECISIONS: &str = "decisions.toml";

/// Writes the contract of some drafts.
pub fn contract(order: &Order<'_>) -> Result<Folder, Vec<Problem>> {
    // What no case reaches can't be asked for, and which that is tells only the whole.
    let (_, _, first) = written(order)?;
    let unreached = unreached(&first, order.appliance)?;
    let decisions = order.decisions.without(unreached);
    let order = &Order { decisions: &decisions, ..*order };
    let (written, faults, mut files) = written(order)?;
    let contract = loaded::load(&only_contract(&files, order.appliance))?;
    let review = Review::of(&written, order, &contract);
    files.insert("faults.toml".to_owned(), faults);
    files.insert("review.md".to_owned(), review.markdown());
    files.insert("review.html".to_owned(), review_html::html(&review, order));
    files.insert(DECISIONS.to_owned(), decisions::template().to_owned());
    Ok(Folder { files, review })
}

/// The requirements that neither a schema nor a case reaches.
fn unreached(files: &FileSet, appliance: &str) -> Result<Vec<String>, Vec<Problem>> {
    let contract = loaded::load(&only_contract(files, appliance))?;
    let catalogue = catalogue::load(files)?.with_generated(&contract, Level::All);
    Ok(crate::judge::orphans(&contract, &catalogue))
}

fn only_contract(files: &FileSet, appliance: &str) -> FileSet {
    files
        .iter()
        .filter(|(name, _)| loaded::is_contract_file(name))
        .map(|(name, text)| (name.clone(), text.clone()))
        .chain([(loaded::APPLIANCE.to_owned(), appliance.to_owned())])
        .collect()
}

/// The operations, the rows of faults, and the files of contract and catalogue.
fn written(order: &Order<'_>) -> Result<(Vec<Written>, String, FileSet), Vec<Problem>> {
    let mut taken: Vec<String> = Vec::new();
    let mut written: Vec<Written> = Vec::new();
    let problems: Vec<Problem> =
        order.drafts.iter().filter_map(|draft| unusable(draft, order)).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    for draft in order.drafts {
        let Some(id) = operation::id(draft, order.known, &taken) else { continue };
        taken.push(id.clone());
        written.push(operation::write(draft, &id, order));
    }
    let mut files: FileSet = BTreeMap::new();
    let mut sources = String::from("# The pages that this contract was read from.\n");
    let mut errata = String::from(
        "# Drafts of errata: what the pages have wrong, as far as a machine sees it. \"wider\" \
        means that\n# whatever the texts allow is accepted, so that none of them accuses anybody.\n",
    );
    if written.iter().all(|one| one.errata.is_empty()) {
        errata.push_str("\nerratum = []\n");
    }
    let mut faults = String::from(
        "# Drafts of faults: what an appliance may do wrong, and the requirement at which a run has \
        to see it.\n# Rows count once they stand in a file called METHOD.faults.toml beside the \
        operation file, and the double\n# answers the operation (docs/self-test.md).\n",
    );
    for one in &written {
        sources.push_str(&one.source);
        for erratum in &one.errata {
            errata.push_str(&erratum.toml(&one.document));
        }
        faults.push_str(&one.faults);
        files.extend(one.files.iter().cloned());
    }
    files.insert("sources.toml".to_owned(), sources);
    files.insert("errata.toml".to_owned(), errata);
    request_schemas(&mut files, order.appliance)?;
    Ok((written, faults, files))
}

/// A path that can't be asked, or that would lead out of the folder, makes no contract.
fn unusable(draft: &Draft, order: &Order<'_>) -> Option<Problem> {
    let path = draft.path.as_ref()?;
    let whole = |segment: &str| {
        let inner = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let name = inner.unwrap_or(segment);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        !name.is_empty() && name != "." && name != ".." && name.chars().all(plain)
    };
    let rest = path.value.strip_prefix('/').unwrap_or_default();
    if rest.split('/').all(whole) && !rest.is_empty() {
        return None;
    }
    let page = order.pages.get(usize::from(path.at.page));
    let name = page.map_or("the page", |page| page.name.as_str());
    let mut problem =
        Problem::new(name, format!("no contract can be made for the path `{}`", path.value));
    problem.at = usize::try_from(path.at.line).ok().zip(usize::try_from(path.at.column).ok());
    Some(problem.fix(
        "a path has letters, digits, hyphens, dots and underscores between its slashes, and whole \
        names in braces; correct the title in the saved page",
    ))
}

/// The schemas of request bodies follow from the tables; this loads the rest and writes them.
fn request_schemas(files: &mut FileSet, appliance: &str) -> Result<(), Vec<Problem>> {
    let contract = loaded::load(&only_contract(files, appliance))?;
    for operation in contract.operations.values() {
        if let Some(schema) = loaded::request_schema(&contract, operation)
            && let Some(body) = &operation.request.body
        {
            let name = body.schema.trim_start_matches("lxca:///");
            let name = name.replace("%7B", "{").replace("%7D", "}");
            files.insert(name, pretty(&schema));
        }
    }
    Ok(())
}

/// JSON as files have it.
fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
