//! Contract, catalogue, target and scope, from what the arguments say.
//!
//! Knows: arguments and loaders. Must not know: subcommands.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::address::{Address, holds_credentials};
use crate::builtin::{self, RealTime};
use crate::catalogue::{self, Catalogue, Effect, Exploration, Level};
use crate::contract::{self, Contract};
use crate::engine::Pace as _;
use crate::files;
use crate::pin;
use crate::plan::{self, LeftOut, Scope};
use crate::problem::{Problem, Problems};
use crate::self_test::FaultTable;
use crate::store::{CatalogueId, TargetKind};
use crate::target::{self, Account, Login, PASSWORD_VARIABLE, PasswordSource, Target};
use crate::transport::TlsPolicy;

use super::Failure;
use super::args::{AuthArg, DerivedArgs, EffectArg, LevelArg, SelectArgs, SourceArgs};
use super::shard::ShardArg;

/// Contract and catalogue, or every problem of both.
pub(super) fn load(args: &SourceArgs) -> Result<(Contract, Catalogue), Failure> {
    let (contract, catalogue, _) = load_both(args);
    match (contract, catalogue) {
        (Ok(contract), Ok(catalogue)) => Ok((contract, catalogue)),
        (contract, catalogue) => {
            let mut problems = contract.err().unwrap_or_default();
            problems.extend(catalogue.err().unwrap_or_default());
            Err(Failure::usage(format!("load contract and catalogue:\n{}", Problems(problems))))
        }
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
    /// Operation files that were added, and of which folder.
    added: BTreeMap<String, &'a Path>,
    /// The folder that took the place of the built-in contract.
    whole: Option<&'a Path>,
}

fn layers(args: &SourceArgs) -> Result<Layers<'_>, Vec<Problem>> {
    let mut layers = Layers {
        contract: Cow::Borrowed(files::built_in_contract()),
        cases: files::FileSet::new(),
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

/// Contract and catalogue, and the operation files that folders add to the built-in contract: none
/// where a folder takes its place.
pub(super) fn load_both(
    args: &SourceArgs,
) -> (Loaded<Contract>, Loaded<Catalogue>, BTreeSet<String>) {
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
            return (contract, catalogue, BTreeSet::new());
        }
    };
    // Whoever names a catalogue of his own means its cases, and no others.
    if args.catalogue.is_none() {
        cases.extend(layers.cases.clone());
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
    let added = layers.added.into_keys().collect();
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

/// The target that the arguments name; `None` means the built-in double.
pub(super) fn target(contract: &Contract, args: &SelectArgs) -> Result<Option<Target>, Failure> {
    let of_pages = contract.page_facts();
    let facts: Vec<&str> = contract.facts().chain(of_pages.iter().map(String::as_str)).collect();
    let file = match args.target.as_slice() {
        [] => None,
        [file] => Some(file),
        [_, other, ..] => {
            return Err(Failure::usage(format!(
                "choose a target: {} is the second; only `run` takes several",
                other.display()
            )));
        }
    };
    let mut target = match (file, &args.url) {
        (Some(file), _) => target::load(file, &facts).map_err(|error| {
            Failure::usage(format!("use the target file {}:\n{error}", file.display()))
        })?,
        (None, Some(url)) if holds_credentials(url) => {
            return Err(Failure::usage(
                "use --url: the address must not contain credentials; give the user name with \
                    --user, and the password in LXCA_PASSWORD",
            ));
        }
        (None, Some(url)) => {
            let address = Address::parse(url)
                .map_err(|error| Failure::usage(format!("use --url: {error}")))?;
            let mut target = Target::at(&address.name(), &address.to_string());
            let variable =
                args.password_env.clone().unwrap_or_else(|| PASSWORD_VARIABLE.to_owned());
            let given = crate::environment::environment_as_it_is(&variable).is_some();
            let password = if given || args.password_env.is_some() {
                PasswordSource::Env(variable)
            } else {
                PasswordSource::Prompt
            };
            target.account = args.user.clone().map(|user| Account { user, password });
            target
        }
        (None, None) => {
            if args.password_env.is_some()
                || args.auth.is_some()
                || args.ca_file.is_some()
                || args.pin_sha256.is_some()
                || args.insecure
            {
                return Err(Failure::usage(
                    "choose a target: options for login and certificates need --target or --url",
                ));
            }
            return Ok(None);
        }
    };
    if let (Some(variable), Some(account), true) =
        (&args.password_env, &mut target.account, file.is_some())
    {
        account.password = PasswordSource::Env(variable.clone());
    }
    match args.auth {
        Some(AuthArg::Session) => target.login = Login::Session,
        Some(AuthArg::Basic) => target.login = Login::Basic,
        None => {}
    }
    if let Some(file) = &args.ca_file {
        target.tls = TlsPolicy::CaFile(file.clone());
    }
    if let Some(pin) = &args.pin_sha256 {
        let pin =
            pin::sha_256(pin).map_err(|why| Failure::usage(format!("read --pin-sha256: {why}")))?;
        target.tls = TlsPolicy::Pin(pin);
    }
    if args.insecure {
        target.tls = TlsPolicy::Insecure;
    }
    Ok(Some(target))
}

/// The scope that the arguments ask for, on top of the target's own; the target's ceiling follows
/// it.
pub(super) fn scope(
    contract: &Contract,
    args: &SelectArgs,
    target: &mut Target,
    kind: TargetKind,
) -> Result<Scope, Failure> {
    if let Some(allow) = args.allow {
        target.allow = match allow {
            EffectArg::Read => Effect::Read,
            EffectArg::Write => Effect::Write,
            EffectArg::Destroy => Effect::Destroy,
        };
    }
    for fact in &args.fact {
        let (name, value) = fact
            .split_once('=')
            .filter(|(_, value)| !value.is_empty())
            .ok_or_else(|| Failure::usage(format!("read --fact {fact}: expected NAME=VALUE")))?;
        if !contract.is_fact(name) {
            return Err(Failure::usage(format!(
                "read --fact {fact}: no case needs `{name}`; known facts are {}",
                contract.facts().collect::<Vec<_>>().join(", ")
            )));
        }
        target.facts.insert(name.to_owned(), value.to_owned());
    }
    Ok(Scope {
        allow: target.allow,
        filters: args.filter.clone(),
        strict: args.strict,
        facts: target.facts.clone(),
        bad_logins: if kind == TargetKind::Double { u32::MAX } else { 0 },
        shard: args.shard.as_ref().map(ShardArg::shard).transpose()?,
    })
}

/// Limits a run to the operations that the clients of profiles use. Filters that were given besides
/// limit it further.
pub(super) fn limit(
    files: &[PathBuf],
    contract: &Contract,
    catalogue: &Catalogue,
    scope: &mut Scope,
) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    let profiles = super::profile::linted(files, contract)?;
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for operation in profiles.iter().flat_map(|profile| &profile.operations) {
        match crate::profile::documented(contract, operation) {
            Some(known) => drop(used.insert(&known.id)),
            None => super::err(&format!(
                "lxca-conform: the contract doesn't know {} {}, so no case asks it\n",
                operation.method, operation.path
            )),
        }
    }
    let filters: Vec<String> = if scope.filters.is_empty() {
        used.iter().map(|id| format!("{id}::*")).collect()
    } else {
        let all = Scope { allow: Effect::Destroy, ..scope.clone() };
        let matching = plan::plan(contract, catalogue, &all).map_err(Failure::usage)?;
        let filtered: BTreeSet<&str> = matching
            .left_out
            .iter()
            .filter(|(_, reason)| matches!(reason, LeftOut::Filtered))
            .map(|(case, _)| case.id.as_str())
            .collect();
        let wanted = catalogue.cases.iter().filter(|case| {
            used.contains(case.operation.as_str()) && !filtered.contains(case.id.as_str())
        });
        wanted.map(|case| globbed(&case.id)).collect()
    };
    if filters.is_empty() {
        return Err(Failure {
            exit: super::Exit::Nothing,
            message: "select a case: none of the catalogue asks an operation that the profiles \
                name"
                .to_owned(),
        });
    }
    scope.filters = filters;
    Ok(())
}

/// A glob that matches one id and nothing else.
fn globbed(id: &str) -> String {
    let special = |c: char| "*?[]{}!\\".contains(c);
    id.chars().map(|c| if special(c) { format!("[{c}]") } else { c.to_string() }).collect()
}

/// The target that `plan` speaks about when none is named.
pub(super) fn double_target() -> Target {
    let mut target = Target::at("built-in double", "http://127.0.0.1");
    target.login = Login::Session;
    target.allow = Effect::Destroy;
    target.facts = builtin::facts();
    target
}
