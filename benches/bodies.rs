//! What judging a body costs beside reading it: lists of locks and of servers, right and wrong.
//!
//! The least that it can cost is to read the JSON and to walk it for coverage; the same is done by
//! hand beside it. Medians of several rounds, one thread, no network. Knows: the library. Must not
//! judge: a figure is for people.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark may stop at once, and print"
)]

use std::time::{Duration, Instant};

use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::{Case, Catalogue, Effect};
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::contract::{Contract, survey};
use lxca_conform::double::Options;
use lxca_conform::exchange::Exchange;
use lxca_conform::files;
use lxca_conform::judge::{CaseRecord, CaseRun};
use lxca_conform::plan::Scope;
use lxca_conform::record::Row;
use lxca_conform::store::TargetKind;
use serde_json::{Value, json};

const ROUNDS: usize = 7;

fn main() {
    let (contract, catalogue) =
        lxca_conform::load(files::built_in_contract(), &files::embedded_catalogue());
    let contract = contract.expect("the contract loads");
    let catalogue = catalogue.expect("the catalogue loads");
    let bench = Bench { contract: &contract, catalogue: &catalogue };
    println!(
        "{:<34}{:>9}{:>12}{:>12}{:>8}{:>10}",
        "body", "MB", "floor ms", "judged ms", "ratio", "findings"
    );
    for rows in [1, 1_000, 100_000] {
        for wrong in [0, 10, 100] {
            if rows > 1 || wrong != 10 {
                bench.measure("sftp-locks.list", "locks", rows, wrong);
            }
        }
    }
    for wrong in [0, 10, 100] {
        bench.measure("nodes.list", "servers", 1_000, wrong);
    }
}

struct Bench<'a> {
    contract: &'a Contract,
    catalogue: &'a Catalogue,
}

impl Bench<'_> {
    /// A list with as many rows, of which `wrong` of 100 have an id that is a number.
    fn measure(&self, operation: &str, what: &str, rows: usize, wrong: usize) {
        let (case, mut exchange) = self.asked(operation);
        let schema = self.contract.operations[operation]
            .row(200, case.steps[0].expect.body.as_deref())
            .and_then(|row| row.schema.clone())
            .expect("a schema of the list");
        let got = exchange.got.as_mut().expect("an answer");
        let body: Value =
            serde_json::from_str(got.body.text.as_deref().expect("a body")).expect("JSON");
        let text = many(&body, rows, wrong).to_string();
        got.body.bytes = text.len() as u64;
        got.body.text = Some(text.clone());
        let floor = median(|| {
            let value: Value = serde_json::from_str(&text).expect("JSON");
            let reached = survey(&self.contract.schemas, &schema, &value).reached.len();
            assert!(reached > 0);
        });
        let mut record = None;
        let judged = median(|| record = Some(self.judge(case, &exchange)));
        let findings = record.map(|record| record.findings.len()).unwrap_or_default();
        let ratio = judged.as_secs_f64() / floor.as_secs_f64();
        println!(
            "{:<34}{:>9.2}{:>12.3}{:>12.3}{ratio:>8.2}{findings:>10}",
            format!("{rows} {what}, {wrong} % wrong"),
            text.len() as f64 / 1e6,
            millis(floor),
            millis(judged),
        );
    }

    fn judge(&self, case: &Case, exchange: &Exchange) -> CaseRecord {
        let mut run = CaseRun::new(self.contract, case, &builtin::facts(), false);
        let _ = run.next();
        run.feed(exchange);
        run.finish()
    }

    /// A case of one request for the list, and what the double answers to it.
    fn asked(&self, operation: &str) -> (&Case, Exchange) {
        let is_plain = |case: &&Case| {
            case.operation == operation
                && case.steps.len() == 1
                && case.steps[0].expect.status.contains(&200)
                && case.steps[0].request.query.is_empty()
                && case.steps[0].request.method.is_none()
        };
        let case = self.catalogue.cases.iter().find(is_plain).expect("a case of one request");
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let outcome = runtime.block_on(async {
            let (double, target) = builtin::start(Options::default()).await;
            let pace = DoubleTime(double.clock().clone());
            let setup = Setup {
                contract: self.contract,
                catalogue: self.catalogue,
                target: &target,
                kind: TargetKind::Double,
                scope: Scope {
                    allow: Effect::Read,
                    filters: vec![case.id.clone()],
                    strict: false,
                    facts: target.facts.clone(),
                    bad_logins: 0,
                    shard: None,
                },
                out: None,
                pace: &pace,
                clock: &RealTime,
                observer: &|_| {},
                stop: None,
            };
            conduct(setup).await.expect("a run against the double")
        });
        let exchange = outcome.rows.into_iter().find_map(|row| match row {
            Row::Exchange(exchange) if exchange.case == case.id => Some(*exchange),
            _ => None,
        });
        (case, exchange.expect("the exchange of the case"))
    }
}

/// The list with its first row many times, each with an id of its own.
fn many(body: &Value, rows: usize, wrong: usize) -> Value {
    let listed = |list: &[Value]| {
        let row = list.first().expect("a row");
        let rows = (0..rows).map(|index| {
            let mut row = row.clone();
            let name = if row.get("id").is_some() { "id" } else { "uuid" };
            let text = row[name].as_str().expect("an id").to_owned();
            let digits = format!("{index:08x}");
            let own = format!("{digits}{}", text.get(digits.len()..).unwrap_or_default());
            // Spread over the list, so that no run of rows is all wrong.
            let is_wrong = index % 100 * 37 % 100 < wrong;
            row[name] = if is_wrong { json!(index) } else { json!(own) };
            row
        });
        Value::Array(rows.collect())
    };
    match body {
        Value::Array(list) => listed(list),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match value.as_array().filter(|list| !list.is_empty()) {
                Some(list) => (name.clone(), listed(list)),
                None => (name.clone(), value.clone()),
            })
            .collect(),
        other => other.clone(),
    }
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
