//! The target and the scope of a run, from what the arguments say.
//!
//! Knows: arguments and target files. Must not know: subcommands.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::address::{Address, holds_credentials};
use crate::catalogue::{Catalogue, Effect};
use crate::cli::Failure;
use crate::cli::args::{AuthArg, EffectArg, SelectArgs};
use crate::cli::shard::ShardArg;
use crate::conduct::nothing_selected;
use crate::contract::Contract;
use crate::plan::{self, LeftOut, Scope};
use crate::store::TargetKind;
use crate::target::{self, Account, Login, PASSWORD_VARIABLE, PasswordSource, Target};
use crate::transport::TlsPolicy;
use crate::{builtin, pin};

/// The target that the arguments name; `None` means the built-in double.
pub(in crate::cli) fn target(
    contract: &Contract,
    args: &SelectArgs,
) -> Result<Option<Target>, Failure> {
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
pub(in crate::cli) fn scope(
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
pub(in crate::cli) fn limit(
    files: &[PathBuf],
    contract: &Contract,
    catalogue: &Catalogue,
    scope: &mut Scope,
) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    let profiles = crate::cli::profile::linted(files, contract)?;
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for operation in profiles.iter().flat_map(|profile| &profile.operations) {
        match crate::profile::documented(contract, operation) {
            Some(known) => drop(used.insert(&known.id)),
            None => crate::cli::err(&format!(
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
            exit: crate::cli::Exit::Nothing,
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

/// Refuses a filter that matches no case, also beside others that do: it is mistyped.
pub(in crate::cli) fn each_filter_selects(
    catalogue: &Catalogue,
    scope: &Scope,
) -> Result<(), Failure> {
    let unmatched = plan::unmatched(catalogue, &scope.filters).map_err(Failure::usage)?;
    unmatched.map_or(Ok(()), |filter| {
        let shows = "`lxca-conform list` shows all ids";
        Err(not_selected(&format!("no case matches --filter {filter}; {shows}")))
    })
}

/// Refuses a scope in which nothing would run.
pub(in crate::cli) fn something_selected(
    contract: &Contract,
    catalogue: &Catalogue,
    scope: &Scope,
) -> Result<(), Failure> {
    each_filter_selects(catalogue, scope)?;
    let reason = nothing_selected(contract, catalogue, scope).map_err(Failure::usage)?;
    reason.map_or(Ok(()), |reason| Err(not_selected(&reason)))
}

fn not_selected(reason: &str) -> Failure {
    Failure { exit: crate::cli::Exit::Nothing, message: format!("select a case: {reason}") }
}

/// The target that `plan` speaks about when none is named.
pub(in crate::cli) fn double_target() -> Target {
    let mut target = Target::at("built-in double", "http://127.0.0.1");
    target.login = Login::Session;
    target.allow = Effect::Destroy;
    target.facts = builtin::facts();
    target
}
