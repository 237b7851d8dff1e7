//! Runs against the double in this process, and the gate over them.
//!
//! Knows: the whole path in one process. Must not know: what a test expects.

use std::sync::LazyLock;

use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::{Catalogue, Effect};
use lxca_conform::conduct::{Outcome, Setup, conduct_rounds};
use lxca_conform::contract::Contract;
use lxca_conform::double::Options;
use lxca_conform::gate::{self, Bench, Gate, Judged, Policy, Run, Source};
use lxca_conform::plan::Scope;
use lxca_conform::record::{Footer, Record, Row};
use lxca_conform::report::Report;
use lxca_conform::self_test::FaultTable;
use lxca_conform::store::TargetKind;
use lxca_conform::waiver::Waivers;

use super::built_in;

/// The table of faults, read once.
pub(crate) fn faults() -> &'static FaultTable {
    static TABLE: std::sync::OnceLock<FaultTable> = std::sync::OnceLock::new();
    TABLE.get_or_init(|| FaultTable::built_in().expect("the table of faults loads"))
}

/// What runs are made with.
pub(crate) struct Lab {
    pub(crate) contract: Contract,
    pub(crate) catalogue: Catalogue,
    runtime: tokio::runtime::Runtime,
}

/// The built-in contract and the written cases.
pub(crate) fn lab() -> Lab {
    Lab {
        contract: built_in::contract().clone(),
        catalogue: built_in::written().clone(),
        runtime: tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime"),
    }
}

/// What is asked of the double, and of which one.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) options: Options,
    pub(crate) allow: Effect,
    pub(crate) filters: Vec<String>,
    pub(crate) rounds: u32,
}

pub(crate) fn version(version: &str) -> Asked {
    Asked {
        options: Options { version: version.to_owned(), ..Options::default() },
        allow: Effect::Destroy,
        filters: STATEFUL.map(str::to_owned).to_vec(),
        rounds: 1,
    }
}

/// The cases of the operations that have a state: those that the coded faults and the variants are
/// about, and that these tests ask. The others mostly read, and `self-test` plays all of them.
pub(crate) const STATEFUL: [&str; 5] =
    ["appliance.*", "backup.*", "session.*", "sftp-locks.*", "tasks.*"];

impl Asked {
    pub(crate) fn fault(mut self, name: &str) -> Self {
        faults().find(name).expect("a fault").play(&mut self.options);
        self
    }

    pub(crate) fn variant(mut self, name: &str) -> Self {
        self.options.variants.insert(name.parse().expect("a variant"));
        self
    }
}

impl Lab {
    pub(crate) fn run(&self, asked: &Asked) -> (Run, Report) {
        self.run_with(&self.contract, &self.catalogue, asked)
    }

    pub(crate) fn run_with(
        &self,
        contract: &Contract,
        catalogue: &Catalogue,
        asked: &Asked,
    ) -> (Run, Report) {
        let outcome = self.runtime.block_on(conducted(contract, catalogue, asked));
        let record =
            Record { digest: format!("sha256:{}", asked.options.version), ..record(&outcome) };
        (
            Run { from: asked.options.version.clone(), source: Source::Record(Box::new(record)) },
            outcome.report,
        )
    }

    pub(crate) fn gate(&self, baseline: &Run, candidate: &Run) -> Gate {
        self.gate_with(baseline, candidate, "upgrade", &Waivers::default())
    }

    pub(crate) fn gate_with(
        &self,
        baseline: &Run,
        candidate: &Run,
        policy: &str,
        waivers: &Waivers,
    ) -> Gate {
        // The record stands for itself; nothing here is changed by the gate.
        self.on_bench(policy, waivers, |bench| {
            gate::gate(bench, baseline, std::slice::from_ref(candidate))
        })
    }

    pub(crate) fn judge<'a>(&self, run: &'a Run) -> Judged<'a> {
        self.on_bench("upgrade", &Waivers::default(), |bench| gate::judge(bench, run))
    }

    pub(crate) fn gate_judged(
        &self,
        baseline: &Judged<'_>,
        candidate: &Judged<'_>,
        policy: &str,
        waivers: &Waivers,
    ) -> Gate {
        self.on_bench(policy, waivers, |bench| {
            gate::gate_judged(bench, baseline, std::slice::from_ref(candidate))
        })
    }

    fn on_bench<T>(&self, policy: &str, waivers: &Waivers, act: impl FnOnce(&Bench<'_>) -> T) -> T {
        let policy = Policy::built_in(policy).expect("a built-in policy");
        act(&Bench { waivers, ..self.bench(&policy) })
    }

    /// What a gate with a policy of one's own, and without waivers, is given.
    pub(crate) fn bench<'a>(&'a self, policy: &'a Policy) -> Bench<'a> {
        static NO_WAIVERS: LazyLock<Waivers> = LazyLock::new(Waivers::default);
        Bench {
            contract: &self.contract,
            catalogue: &self.catalogue,
            waivers: &NO_WAIVERS,
            policy,
            today: today(),
        }
    }
}

/// One run in double time.
pub(crate) async fn conducted(
    contract: &Contract,
    catalogue: &Catalogue,
    asked: &Asked,
) -> Outcome {
    let (double, target) = builtin::start(asked.options.clone()).await;
    let pace = DoubleTime(double.clock().clone());
    let scope = Scope {
        allow: asked.allow,
        filters: asked.filters.clone(),
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
        out: None,
        pace: &pace,
        clock: &RealTime,
        observer: &|_| {},
        stop: None,
    };
    conduct_rounds(setup, asked.rounds).await.expect("a run against the double comes to its end")
}

/// The record of a run that was kept in memory.
pub(crate) fn record(outcome: &Outcome) -> Record {
    let Some((Row::Header(header), rows)) = outcome.rows.split_first() else { panic!("no header") };
    let finished =
        outcome.report.finished.as_ref().expect("it came to its end").parse().expect("a time");
    let footer = Footer {
        finished,
        rows: 0,
        exchanges: 0,
        ended_early: outcome.ended_early.clone(),
        digest: String::new(),
    };
    Record {
        header: (**header).clone(),
        rows: rows.to_vec(),
        footer: Some(footer),
        flaws: Vec::new(),
        digest: String::new(),
        recording: None,
    }
}

pub(crate) fn today() -> jiff::civil::Date {
    "2030-06-15".parse().expect("a day")
}

/// Drafts of waivers with what a person fills in.
pub(crate) fn filled(drafts: &[String]) -> String {
    drafts.join("\n").replace("\"\" ", "\"known since May\" ")
}
