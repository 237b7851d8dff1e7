//! The record and the report of a run: whole, cut, judged again, and without secrets.
//!
//! Knows: a run against the double in this process, and the files that it leaves. Must not know:
//! how a case is judged.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod again;
mod whole;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::double::Options;
use lxca_conform::plan::Scope;
use lxca_conform::report::Report;
use lxca_conform::self_test::FaultTable;
use lxca_conform::store::TargetKind;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::built_in::loaded;

/// A run that came to its end, and the folder that it wrote.
struct Run {
    folder: TempDir,
    report: Report,
}

fn run(options: Options) -> Run {
    let (contract, catalogue) = loaded();
    let folder = TempDir::new().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let report = runtime.block_on(async {
        let (double, target) = builtin::start(options).await;
        let pace = DoubleTime(double.clock().clone());
        let scope = Scope {
            allow: Effect::Destroy,
            filters: Vec::new(),
            strict: false,
            facts: target.facts.clone(),
            bad_logins: u32::MAX,
            shard: None,
        };
        let setup = Setup {
            contract,
            catalogue,
            target: &target,
            kind: TargetKind::Double,
            scope,
            out: Some(folder.path().to_path_buf()),
            pace: &pace,
            clock: &RealTime,
            observer: &|_| {},
            stop: None,
        };
        conduct(setup).await.expect("a run against the double comes to its end").report
    });
    Run { folder, report }
}

/// The run against the double without faults: one for all tests.
fn right() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| run(Options::default()))
}

/// A run against a double that is wrong in several respects.
fn wrong() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let mut options = Options::default();
        let table = FaultTable::built_in().expect("the table of faults");
        let third = table.entries().iter().filter(|fault| !fault.is_wire()).step_by(3);
        third.for_each(|fault| fault.play(&mut options));
        run(options)
    })
}

fn validator() -> jsonschema::Validator {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report.schema.json"),
    )
    .expect("schemas/report.schema.json");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("the schema is a schema");
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("the schema compiles")
}

fn refused(validator: &jsonschema::Validator, report: &Value) -> Vec<String> {
    validator
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn transcript(run: &Run) -> String {
    fs::read_to_string(run.folder.path().join("transcript.jsonl")).expect("the record")
}

/// The files of a run besides its record.
fn report_files() -> impl Iterator<Item = &'static str> {
    lxca_conform::report::files().map(|(name, _)| name)
}
