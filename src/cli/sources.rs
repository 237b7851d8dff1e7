//! Contract, catalogue and faults, from what the arguments say.
//!
//! Knows: arguments and loaders. Must not know: subcommands.

mod target;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::builtin::RealTime;
use crate::catalogue::{self, Case, Catalogue, Exploration, Level};
use crate::contract::{self, Contract};
use crate::engine::Pace as _;
use crate::files;
use crate::problem::{Problem, Problems};
use crate::self_test::FaultTable;
use crate::store::CatalogueId;

use super::Failure;
use super::args::{DerivedArgs, LevelArg, SourceArgs};

pub(super) use target::{
    double_target, each_filter_selects, limit, scope, something_selected, target,
};

/// Contract and catalogue, or every problem of both.
pub(super) fn load(args: &SourceArgs) -> Result<(Contract, Catalogue), Failure> {
    let (contract, catalogue, added) = load_both(args);
    match (contract, catalogue) {
        (Ok(contract), Ok(catalogue)) => match flaws(args, &contract, &catalogue, &added) {
            found if found.is_empty() => Ok((contract, catalogue)),
            found => {
                Err(Failure::usage(format!("load contract and catalogue:\n{}", Problems(found))))
            }
        },
        (contract, catalogue) => {
            let mut problems = contract.err().unwrap_or_default();
            problems.extend(catalogue.err().unwrap_or_default());
            Err(Failure::usage(format!("load contract and catalogue:\n{}", Problems(problems))))
        }
    }
}

/// What can't be run of cases that aren't built in: those were checked before they were.
fn flaws(
    args: &SourceArgs,
    contract: &Contract,
    catalogue: &Catalogue,
    added: &Added,
) -> Vec<Problem> {
    if !added.own_catalogue && added.cases.is_empty() {
        return Vec::new();
    }
    let own = |case: &Case| added.own_catalogue || added.cases.contains_key(&case.file);
    let found = catalogue::flaws(contract, catalogue, own);
    found.into_iter().map(|problem| in_its_folder(args, added, problem)).collect()
}

/// A problem of a case, with the folder that the case is from.
pub(super) fn in_its_folder(args: &SourceArgs, added: &Added, problem: Problem) -> Problem {
    let folder = added.cases.get(&problem.file).map(PathBuf::as_path).or(args.catalogue.as_deref());
    match folder {
        Some(folder) if !problem.file.ends_with(".operation.toml") => rooted(folder, problem),
        _ => problem,
    }
}

/// The texts of the contract, and the names of the folders of contract and catalogue as a
/// repository has them.
pub(super) fn texts(args: &SourceArgs) -> Result<(files::FileSet, String, String), Failure> {
    let texts = layers(args).map_err(|problems| {
        Failure::usage(format!("load the contract:\n{}", Problems(problems)))
    })?;
    let name = |folder: Option<&Path>, built_in: &str| {
        folder.map_or_else(|| built_in.to_owned(), |folder| folder.display().to_string())
    };
    let catalogue = name(args.catalogue.as_deref(), "cases");
    Ok((texts.contract.into_owned(), name(texts.whole, "schemas"), catalogue))
}

/// What is wrong with a contract when nothing in it counts as known.
pub(super) fn checked(args: &SourceArgs) -> Vec<Problem> {
    layers(args)
        .and_then(|layers| {
            contract::load(&layers.contract).map_err(|found| named(layers.whole, found))
        })
        .err()
        .unwrap_or_default()
}

/// The texts of contract and catalogue, from the built-in folders and those that are named.
struct Layers<'a> {
    contract: Cow<'static, files::FileSet>,
    /// Case files beside the contracts that were added; none of a contract that is whole.
    cases: files::FileSet,
    /// Of which folder each of them is.
    of: BTreeMap<String, PathBuf>,
    /// Operation files that were added, and of which folder.
    added: BTreeMap<String, &'a Path>,
    /// The folder that took the place of the built-in contract.
    whole: Option<&'a Path>,
}

fn layers(args: &SourceArgs) -> Result<Layers<'_>, Vec<Problem>> {
    let mut layers = Layers {
        contract: Cow::Borrowed(files::built_in_contract()),
        cases: files::FileSet::new(),
        of: BTreeMap::new(),
        added: BTreeMap::new(),
        whole: None,
    };
    // Whoever names both contract and catalogue means them, and no others.
    let alone = args.catalogue.is_some();
    for (index, folder) in args.contract.iter().enumerate() {
        let found = files::folder(folder)?;
        let whole = contract::is_whole(&layers.contract, &found) && layers.added.is_empty();
        if index == 0 && (alone || whole) {
            // A folder that says nothing of the appliance is about the built-in one.
            let mut built_in = layers.contract.into_owned();
            let appliance = built_in.remove_entry(contract::APPLIANCE);
            let documented = built_in.remove_entry(contract::DOCUMENTED);
            let mut whole = found;
            if !whole.contains_key(contract::APPLIANCE) {
                whole.extend(appliance);
                if !whole.contains_key(contract::DOCUMENTED) {
                    whole.extend(documented);
                }
            }
            layers.contract = Cow::Owned(whole);
            layers.whole = Some(folder);
            continue;
        }
        if contract::operation_files(&found).next().is_none() {
            let problem = Problem::new(
                folder.display().to_string(),
                "the folder has no operation file, so it adds nothing to the contract",
            );
            return Err(vec![problem.fix("name a folder like schemas/, or one written by import")]);
        }
        layers.contract = contract::layered(layers.contract.into_owned(), &found, args.replace)
            .map(Cow::Owned)
            .map_err(|problems| named(Some(folder), problems))?;
        for (name, text) in found {
            if name.ends_with(".operation.toml") {
                layers.added.insert(name, folder);
            } else if catalogue::is_case_file(&name) {
                layers.of.insert(name.clone(), folder.clone());
                layers.cases.insert(name, text);
            }
        }
    }
    Ok(layers)
}

fn named(folder: Option<&Path>, problems: Vec<Problem>) -> Vec<Problem> {
    match folder {
        Some(folder) => problems.into_iter().map(|problem| rooted(folder, problem)).collect(),
        None => problems,
    }
}

/// Contract and catalogue, with the generated and random cases.
pub(super) fn load_derived(
    args: &SourceArgs,
    derived: &DerivedArgs,
) -> Result<(Contract, Catalogue), Failure> {
    let (contract, catalogue) = load(args)?;
    let catalogue = catalogue.with_generated(&contract, level(derived.generated, args));
    let Some(count) = derived.explore else { return Ok((contract, catalogue)) };
    let seed = derived
        .seed
        .unwrap_or_else(|| u64::try_from(RealTime.now().as_microsecond()).unwrap_or_default());
    let catalogue = catalogue.explored(&contract, Exploration { count, seed });
    Ok((contract, catalogue))
}

/// Contract and catalogue, with the cases that a record was made with besides those of files.
pub(super) fn load_like(
    args: &SourceArgs,
    recorded: &CatalogueId,
) -> Result<(Contract, Catalogue), Failure> {
    let (contract, catalogue) = load(args)?;
    let catalogue = catalogue.like(&contract, recorded);
    Ok((contract, catalogue))
}

/// Contract and catalogue, with every case that any of several records was made with besides those
/// of files. Requests that were drawn at random are among them only if all records that have some
/// have the same.
pub(super) fn load_for(
    args: &SourceArgs,
    recorded: &[&CatalogueId],
) -> Result<(Contract, Catalogue), Failure> {
    let generated = recorded.iter().map(|id| id.generated).max().unwrap_or_default();
    let mut drawn: Vec<Exploration> = recorded.iter().filter_map(|id| id.exploration).collect();
    drawn.dedup();
    let exploration = if let [one] = drawn.as_slice() { Some(*one) } else { None };
    load_like(args, &CatalogueId { digest: String::new(), generated, exploration })
}

/// The level that is asked for. Whoever names a catalogue of his own means its cases, and no others
/// that could change something.
pub(super) fn level(level: Option<LevelArg>, args: &SourceArgs) -> Level {
    match level {
        Some(LevelArg::All) => Level::All,
        Some(LevelArg::None) => Level::None,
        None if args.catalogue.is_some() => Level::None,
        Some(LevelArg::Core) | None => Level::Core,
    }
}

/// The faults that the double can play: those that are built in, and those of a folder of the
/// contract.
pub(super) fn faults(folders: &[PathBuf]) -> Result<FaultTable, Failure> {
    let more: Result<Vec<files::FileSet>, Vec<Problem>> =
        folders.iter().map(|folder| files::folder(folder)).collect();
    let read = more.and_then(|more| {
        let built_in = files::embedded_contract();
        let folders: Vec<&files::FileSet> = std::iter::once(&built_in).chain(&more).collect();
        FaultTable::load(&folders)
    });
    read.map_err(|problems| {
        Failure::usage(format!("load the table of faults:\n{}", Problems(problems)))
    })
}

type Loaded<T> = Result<T, Vec<Problem>>;

/// What isn't built in.
#[derive(Default)]
pub(super) struct Added {
    /// The operation files that folders add to the built-in contract: none where a folder takes its
    /// place.
    pub(super) operations: BTreeSet<String>,
    /// The case files beside them that are used, each with its folder.
    cases: BTreeMap<String, PathBuf>,
    /// Whether the catalogue is another one than the built-in, or is held against another contract.
    own_catalogue: bool,
}

/// Contract and catalogue, and what of them isn't built in.
pub(super) fn load_both(args: &SourceArgs) -> (Loaded<Contract>, Loaded<Catalogue>, Added) {
    let layers = layers(args);
    let cases = read(args.catalogue.as_deref(), files::embedded_catalogue);
    let (layers, mut cases) = match (layers, cases) {
        (Ok(layers), Ok(cases)) => (layers, cases),
        (layers, cases) => {
            let contract = layers.and_then(|layers| {
                contract::load(&layers.contract).map_err(|found| named(layers.whole, found))
            });
            let catalogue = cases.and_then(|files| catalogue::load(&files));
            let catalogue = catalogue.map_err(|found| named(args.catalogue.as_deref(), found));
            return (contract, catalogue, Added::default());
        }
    };
    // Whoever names a catalogue of his own means its cases, and no others.
    let own_catalogue = args.catalogue.is_some()
        && !(args.contract.is_empty() && cases == files::embedded_catalogue());
    let mut of = BTreeMap::new();
    if args.catalogue.is_none() {
        cases.extend(layers.cases.clone());
        of.clone_from(&layers.of);
    }
    let (contract, catalogue) = crate::load(&layers.contract, &cases);
    let of_folder = |problems: Vec<Problem>| -> Vec<Problem> {
        problems
            .into_iter()
            .map(|problem| match layers.added.get(&problem.file) {
                Some(folder) => rooted(folder, problem),
                None => problem,
            })
            .collect()
    };
    let contract = contract.map_err(|found| named(layers.whole, of_folder(found)));
    let catalogue = catalogue.map_err(|found| named(args.catalogue.as_deref(), found));
    let operations = layers.added.into_keys().collect();
    let added = Added { operations, cases: of, own_catalogue };
    match (contract, catalogue) {
        (Ok(mut contract), Ok(catalogue)) if args.replace => {
            let catalogue = without_replaced(&mut contract, catalogue);
            (Ok(contract), Ok(catalogue), added)
        }
        (contract, catalogue) => (contract, catalogue, added),
    }
}

/// Cases that speak of what a replaced operation had, and its new page hasn't, are left out.
fn without_replaced(contract: &mut Contract, mut catalogue: Catalogue) -> Catalogue {
    catalogue.cases.retain(|case| catalogue::is_consistent(contract, case));
    // So are the right requests whose course is lost.
    let broken: Vec<(String, String)> = catalogue::generate(contract)
        .iter()
        .filter(|case| !catalogue::is_consistent(contract, case))
        .filter_map(|case| {
            let form = case.id.split("::generated/").nth(1)?.split('/').next()?;
            Some((case.operation.clone(), form.to_owned()))
        })
        .collect();
    for (operation, form) in broken {
        for table in contract
            .operations
            .get_mut(&operation)
            .map(|it| &mut it.request.tables)
            .into_iter()
            .flatten()
        {
            table.form.retain(|one| one.name != form);
        }
    }
    catalogue
}

pub(super) fn rooted(folder: &Path, problem: Problem) -> Problem {
    let file = Path::new(&problem.file);
    if file.starts_with(folder) {
        problem
    } else {
        Problem { file: folder.join(file).display().to_string(), ..problem }
    }
}

fn read(folder: Option<&Path>, embedded: fn() -> files::FileSet) -> Loaded<files::FileSet> {
    folder.map_or_else(|| Ok(embedded()), files::folder)
}
