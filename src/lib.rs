//! Contract and conformance harness for the REST API of Lenovo `XClarity` Administrator.
//!
//! documents → `contract` → `catalogue` → `plan` → `exchange` → findings (`judge`) → record
//! (`store`) → `report`. The core is pure; `engine`, `transport`, `store`, `target` and `cli` are
//! the shell around it. `double` imports nothing of the rest.

pub mod address;
pub mod appliance;
pub mod builtin;
use catalogue::Catalogue;
use contract::Contract;
use problem::Problem;

/// Contract and catalogue from their texts, side by side; each with all of its problems.
pub fn load(
    contract: &files::FileSet,
    catalogue: &files::FileSet,
) -> (Result<Contract, Vec<Problem>>, Result<Catalogue, Vec<Problem>>) {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| catalogue::load(catalogue));
        // `lint` and a test hold that the built-in contract is right.
        let known = contract::KnownContract {
            texts: files::built_in_contract(),
            converted: &files::converted_operation,
        };
        let contract = contract::load_beside(contract, &known);
        let catalogue = other.join().unwrap_or_else(|_| {
            Err(vec![Problem::new(
                "the catalogue",
                "reading it panicked; this is a bug of lxca-conform",
            )])
        });
        (contract, catalogue)
    })
}

pub mod catalogue;
pub mod certificates;
pub mod cli;
pub mod conduct;
pub mod contract;
pub mod coverage;
pub mod decode;
pub mod depend;
pub mod double;
pub mod engine;
pub mod environment;
pub mod event;
pub mod exchange;
pub mod files;
pub mod fleet;
pub mod gate;
pub mod hint;
pub mod history;
pub mod identify;
pub mod identity;
pub mod import;
pub mod judge;
pub mod moment;
pub mod own_words;
pub mod pace;
pub mod password;
pub mod pin;
pub mod plan;
pub mod pointer;
pub mod problem;
pub mod profile;
pub mod proof;
pub mod proxy;
pub mod reader;
mod receive;
pub mod record;
pub mod recording;
pub mod redact;
pub mod report;
mod rows;
pub mod self_test;
pub mod shape;
pub mod store;
pub mod target;
pub mod terms;
pub mod texts;
pub mod transport;
pub mod trial;
mod unpack;
pub mod waiver;
pub mod weight;
pub mod why;
