//! What a whole run costs beside the least that its requests can cost.
//!
//! Floor: a bare reqwest client sends the same requests, one after the other, and reads the bodies.
//! Run: plan, send, judge, record, and write every report. Both against a double in this process,
//! in turn, several rounds; the medians and their ratio are printed. What comes before, loading
//! contract and catalogue, is part of the start, which has a figure of its own. Knows: the library.
//! Must not judge: a figure is for people.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    clippy::too_many_lines,
    reason = "a test or a benchmark may stop at once, read files and print"
)]

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Outcome, Setup, conduct};
use lxca_conform::double::Options;
use lxca_conform::exchange::Exchange;
use lxca_conform::files;
use lxca_conform::plan::Scope;
use lxca_conform::store::{self, TargetKind};

const ROUNDS: usize = 21;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let exchanges: Vec<Exchange> = {
        runtime.block_on(whole_run(folder.path()));
        store::read(folder.path())
            .expect("the record of the first run")
            .exchanges()
            .cloned()
            .collect()
    };
    let (mut floor, mut run, mut load) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        floor.push(runtime.block_on(bare_loop(&exchanges)));
        run.push(runtime.block_on(whole_run(folder.path())));
        let start = Instant::now();
        let (contract, catalogue) =
            lxca_conform::load(&files::embedded_contract(), &files::embedded_catalogue());
        assert!(contract.is_ok() && catalogue.is_ok());
        load.push(start.elapsed());
    }
    let (floor, run, load) = (median(floor), median(run), median(load));
    println!("requests            {}", exchanges.len());
    println!("floor, bare reqwest {:>8.2} ms", millis(floor));
    println!("whole run           {:>8.2} ms", millis(run));
    println!("ratio               {:>8.2}", run.as_secs_f64() / floor.as_secs_f64());
    println!("load before the run {:>8.2} ms", millis(load));
    let start = median((0..ROUNDS).map(|_| start_to_first_request()).collect());
    println!(
        "start to 1st request{:>8.2} ms  (the binary, from its start to the first bytes of its \
        first request)",
        millis(start)
    );
}

/// Starts the binary against a listener, and waits for its first bytes.
fn start_to_first_request() -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let folder = tempfile::tempdir().expect("a folder");
    let start = Instant::now();
    let mut run = Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
        .args(["run", "--url", &url, "--user", "USERID", "--quiet", "--out"])
        .arg(folder.path())
        .env("LXCA_PASSWORD", "PASSW0RD")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let (mut stream, _) = listener.accept().expect("a connection");
    let read = stream.read(&mut [0; 64]).expect("the first bytes");
    let took = start.elapsed();
    assert!(read > 0);
    run.kill().expect("the binary ends");
    run.wait().expect("the binary ended");
    took
}

async fn whole_run(folder: &std::path::Path) -> Duration {
    let (double, target) = builtin::start(Options::default()).await;
    let (contract, catalogue) =
        lxca_conform::load(&files::embedded_contract(), &files::embedded_catalogue());
    let (contract, catalogue) =
        (contract.expect("the contract loads"), catalogue.expect("the catalogue loads"));
    let start = Instant::now();
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
        contract: &contract,
        catalogue: &catalogue,
        target: &target,
        kind: TargetKind::Double,
        scope,
        out: Some(folder.to_path_buf()),
        pace: &pace,
        clock: &RealTime,
        observer: &|_| {},
        stop: None,
    };
    let Outcome { report, .. } = conduct(setup).await.expect("a run against the double");
    assert_eq!(report.summary.cases.fail, 0);
    start.elapsed()
}

async fn bare_loop(exchanges: &[Exchange]) -> Duration {
    let (double, _) = builtin::start(Options::default()).await;
    let start = Instant::now();
    let client = reqwest::Client::builder().no_proxy().http1_only().build().expect("a client");
    let mut bytes = 0;
    for exchange in exchanges {
        let sent = &exchange.sent;
        let mut request = client.request(
            sent.method.parse().expect("a method"),
            format!("{}{}", double.url(), sent.target),
        );
        for (name, value) in sent.headers.iter().filter(|(name, _)| name != "authorization") {
            request = request.header(name, value);
        }
        if sent.headers.iter().any(|(name, _)| name == "authorization") {
            request = request.basic_auth("USERID", Some("PASSW0RD"));
        }
        if let Some(body) = &sent.body {
            request = request.body(body.clone());
        }
        bytes += request.send().await.expect("an answer").bytes().await.expect("a body").len();
    }
    assert!(bytes > 0);
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
