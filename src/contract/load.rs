//! Turns the files of `schemas/` into a `Contract`, or says everything that is wrong with them at
//! once.
//!
//! Knows: file names and formats. Must not know: where the texts came from.

mod appliance;
mod operation;
mod registers;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::appliance::Appliance;
use crate::problem::Problem;
use crate::texts::{self, FileSet, digest_of};

use super::Contract;
use super::documented::{DOCUMENTED, Documented};
use super::operation::{Operation, OperationFile};
use super::requirement::{Choice, Document as Source, Erratum, Requirement};
use super::schema::{Document, Documents, Linked, Schemas};

const SCHEME: &str = "lxca:///";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sources {
    document: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Errata {
    erratum: Vec<Erratum>,
}

/// Loads and cross-checks a contract. Files at the top of the folder that end in `.schema.json`
/// describe our own formats, those that end in `.faults.toml` what the double can do wrong, and
/// `documented.toml` what the contract could cover; nothing is judged by them, so that they don't
/// count for its identity.
pub fn load(files: &FileSet) -> Result<Contract, Vec<Problem>> {
    load_beside(files, &Known { texts: &FileSet::new(), converted: &|_| None })
}

/// A contract that is known to be right, such as the built-in one.
pub struct Known<'a> {
    /// Its files.
    pub texts: &'a FileSet,
    /// An operation file of it as JSON, which is read in a fraction of the time.
    pub converted: &'a dyn Fn(&str) -> Option<&'static str>,
}

/// Loads a contract, of which some files may be as in one that is known to be right. A schema of
/// which every text is known is read and compiled when a body is first held against it, and where
/// all files are known, nothing is checked again: both together are most of the time and memory of
/// a start.
pub fn load_beside(texts: &FileSet, known: &Known<'_>) -> Result<Contract, Vec<Problem>> {
    let mut problems = Vec::new();
    let documented = documented(texts, &mut problems);
    let is_known = |name: &str| {
        known.texts.get(name).is_some_and(|text| texts.get(name).is_some_and(|own| own == text))
    };
    let files: Counted<'_> = counted(texts).collect();
    let whole = !known.texts.is_empty()
        && files.len() == counted(known.texts).count()
        && files.keys().all(|name| is_known(name));
    let documents = table::<Sources>(&files, "sources.toml", &mut problems)
        .map(|sources| sources.document)
        .unwrap_or_default();
    let errata = table::<Errata>(&files, "errata.toml", &mut problems)
        .map(|errata| errata.erratum)
        .unwrap_or_default();
    let appliance = table::<Appliance>(&files, "appliance.toml", &mut problems);
    let mut loader = Loader {
        document_ids: documents.iter().map(|document| document.id.clone()).collect(),
        errata: errata.iter().map(|erratum| (erratum.id.clone(), erratum.choice)).collect(),
        operations: BTreeMap::new(),
        requirements: BTreeMap::new(),
        drafted_faults: BTreeSet::new(),
        whole,
        problems,
    };
    for erratum in &errata {
        if !loader.document_ids.contains(&erratum.document) {
            loader.problems.push(Problem::new(
                "errata.toml",
                format!("erratum {} names the unknown document `{}`", erratum.id, erratum.document),
            ));
        }
        if erratum.choice.is_none() {
            let problem =
                Problem::new("errata.toml", format!("erratum {} has no `choice`", erratum.id));
            loader.problems.push(problem.fix(
                "add `choice = \"wider\"`, `\"page\"`, `\"restored\"` or `\"narrower\"`; the top \
                    of errata.toml explains them",
            ));
        }
    }
    let schemas = schema_documents(&files, whole, &mut loader.problems);
    // Compiling the schemas needs nothing of the operation files, so both go side by side.
    let (compiled, digest) = std::thread::scope(|scope| {
        let compiling = scope.spawn(|| {
            let linked = if whole {
                Ok(Linked::known(&schemas))
            } else {
                Linked::new(&schemas).and_then(|linked| {
                    let problems = linked.problems(&schemas, is_known);
                    if problems.is_empty() { Ok(linked) } else { Err(problems) }
                })
            };
            (linked, digest_of(files.iter().map(|(name, text)| (*name, *text))))
        });
        for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".operation.toml")) {
            let converted = (known.converted)(name)
                .filter(|_| is_known(name))
                .and_then(|json| serde_json::from_str::<OperationFile>(json).ok());
            let read = converted.map_or_else(|| toml::from_str::<OperationFile>(text), Ok);
            match read {
                Ok(file) => loader.operation(name, text, file, &schemas),
                Err(error) => loader.problems.push(Problem::from_toml(name, text, &error)),
            }
        }
        if !whole {
            loader.check_registers();
            for document in schemas.values() {
                loader.check_schema(&document.file, document.value(), "", false);
            }
        }
        compiling.join().unwrap_or_else(|_| {
            (
                Err(vec![Problem::new(
                    "schemas",
                    "compiling them panicked; this is a bug of lxca-conform",
                )]),
                String::new(),
            )
        })
    });
    if let Some(appliance) = appliance.as_ref().filter(|_| !whole) {
        loader.check_appliance(appliance);
    }
    let Loader { operations, requirements, drafted_faults, mut problems, .. } = loader;
    match (compiled, appliance) {
        (Ok(linked), Some(appliance)) if problems.is_empty() => {
            let requirements: BTreeMap<String, Requirement> =
                requirements.into_iter().map(|(id, (_, requirement))| (id, requirement)).collect();
            let spans = requirements
                .values()
                .filter(|requirement| !requirement.span().is_all())
                .map(|requirement| (requirement.id.clone(), requirement.span()))
                .collect();
            let ids = requirements.keys().map(|id| id.as_str().into()).collect();
            Ok(Contract {
                appliance,
                documents,
                errata,
                operations,
                requirements,
                spans,
                drafted_faults,
                schemas: Arc::new(Schemas::new(schemas, linked)),
                documented,
                digest,
                ids,
            })
        }
        (Ok(_), _) => Err(problems),
        (Err(more), _) => {
            problems.extend(more);
            Err(problems)
        }
    }
}

/// The texts that count for the identity of a contract.
type Counted<'a> = BTreeMap<&'a str, &'a str>;

fn counted(files: &FileSet) -> impl Iterator<Item = (&str, &str)> {
    files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .filter(|(name, _)| !name.ends_with(".schema.json") && !name.ends_with(".faults.toml"))
        .filter(|(name, _)| *name != DOCUMENTED)
}

fn documented(files: &FileSet, problems: &mut Vec<Problem>) -> Documented {
    let Some(text) = files.get(DOCUMENTED) else { return Documented::default() };
    let files = Counted::from([(DOCUMENTED, text.as_str())]);
    let found = table::<Documented>(&files, DOCUMENTED, problems).unwrap_or_default();
    problems.extend(found.problems());
    found
}

fn table<T: serde::de::DeserializeOwned>(
    files: &Counted<'_>,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let Some(text) = files.get(name) else {
        problems.push(
            Problem::new(name, "the file is missing").fix(
                "a contract folder has appliance.toml, sources.toml and errata.toml at its root",
            ),
        );
        return None;
    };
    toml::from_str(text).map_err(|error| problems.push(Problem::from_toml(name, text, &error))).ok()
}

fn schema_documents(files: &Counted<'_>, whole: bool, problems: &mut Vec<Problem>) -> Documents {
    let mut documents = Documents::new();
    for (name, text) in files.iter().filter(|(name, _)| texts::is(name, "json")) {
        let id = schema_id(name);
        if whole {
            documents.insert(id, Document::known(name, text));
            continue;
        }
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                problems.push(Problem::from_json(name, &error));
                continue;
            }
        };
        if value.get("$id").and_then(Value::as_str) != Some(id.as_str()) {
            problems.push(Problem::new(
                *name,
                format!("`$id` must be `{id}`, because it mirrors the path of the file"),
            ));
        }
        documents.insert(id, Document::read(name, value));
    }
    documents
}

/// The `$id` that mirrors a path; braces of a placeholder can't stand in a URI as they are.
fn schema_id(path: &str) -> String {
    format!("{SCHEME}{}", path.replace('{', "%7B").replace('}', "%7D"))
}

/// Whether a schema, or one that it refers to, describes a member of that name.
fn describes(schema: &Value, member: &str, schemas: &Documents, depth: usize) -> bool {
    const DEEPEST: usize = 16;
    match schema {
        Value::Object(members) => {
            let referred = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| schemas.get(reference.split('#').next().unwrap_or_default()))
                .filter(|_| depth < DEEPEST);
            members.get("properties").is_some_and(|properties| properties.get(member).is_some())
                || members.values().any(|part| describes(part, member, schemas, depth))
                || referred
                    .is_some_and(|other| describes(other.value(), member, schemas, depth + 1))
        }
        Value::Array(parts) => parts.iter().any(|part| describes(part, member, schemas, depth)),
        _ => false,
    }
}

struct Loader {
    document_ids: BTreeSet<String>,
    errata: BTreeMap<String, Option<Choice>>,
    operations: BTreeMap<String, Operation>,
    requirements: BTreeMap<String, (String, Requirement)>,
    drafted_faults: BTreeSet<String>,
    /// Whether all files are known to be right.
    whole: bool,
    problems: Vec<Problem>,
}

impl Loader {
    fn problem(&mut self, file: &str, what: String) {
        self.problems.push(Problem::new(file, what));
    }
}
