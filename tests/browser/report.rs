//! `report.html` in a real browser, through `WebDriver`: of a run that finds nothing, of one that
//! finds ten faults, and of ten thousand cases; and `history.html`.
//!
//! Knows: the page as a reader meets it. Must not know: how it is drawn. Needs `chromium` and
//! `chromedriver`, and axe-core at `AXE`, so that it is ignored unless asked for (`.ci/run` asks).
//! Pictures for people go to `PICTURES`.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use fantoccini::key::Key;
use fantoccini::wd::PrintConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::plan::Scope;
use lxca_conform::report::{self, Case, Conclusion, Report, Since, WaiverFate, WaiverState};
use lxca_conform::self_test::FaultTable;
use lxca_conform::store::TargetKind;
use lxca_conform::{catalogue, contract, files, history, judge};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Faults that show at different checks and places.
const TEN: [&str; 10] = [
    "lock-component-unknown",
    "lock-created-with-space",
    "start-result-capitalised",
    "uuid-not-required",
    "unknown-action-accepted",
    "refusal-message-string",
    "task-percentage-string",
    "aicc-runlevel-string",
    "locks-text-html",
    "copy-deletes-original",
];
const MANY: usize = 10_000;
const MOST_BYTES: usize = 8 * 1024 * 1024;
const MOST_SECONDS: f64 = 2.0;
const WIDTHS: [u32; 3] = [1280, 480, 360];

// ---- reports

async fn run(faults: &[&str]) -> Report {
    let (contract, catalogue) = (
        contract::load(&files::embedded_contract()).expect("the contract"),
        catalogue::load(&files::embedded_catalogue()).expect("the catalogue"),
    );
    let table = FaultTable::built_in().expect("the table of faults");
    let (double, target) = builtin::start(table.options(faults).expect("faults")).await;
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
        out: None,
        pace: &pace,
        clock: &RealTime,
        observer: &|_| {},
        stop: None,
    };
    conduct(setup).await.expect("a run against the double comes to its end").report
}

/// With what a gate and a self-test add, so that every part of the page is seen.
fn with_news(mut report: Report) -> Report {
    let failing: Vec<String> = report
        .cases
        .iter()
        .filter(|case| case.verdict == judge::Verdict::Fail)
        .map(|case| case.id.clone())
        .collect();
    report.baseline = Some(Since {
        target: "staging".to_owned(),
        version: Some("4.0.0".to_owned()),
        started: "2026-01-05T08:00:00Z".to_owned(),
        new: failing
            .iter()
            .take(4)
            .map(|id| format!("{id} sftp-locks.list/body/component /*/component"))
            .collect(),
        fixed: vec!["tasks.get::tells-a-job tasks.get/body/status /*/status".to_owned()],
        still: failing.len().saturating_sub(4) as u64,
    });
    report.proof = report.proof.or(Some(report::Proof {
        checks: 248,
        proved: 206,
        faults: 115,
        caught: 115,
        variants: 29,
        accused: 0,
    }));
    let waiver = |case: &str, state| WaiverState {
        case: case.to_owned(),
        requirement: "backup.transfer/body/message".to_owned(),
        pointer: Some("/message".to_owned()),
        versions: Some(">=4.1".to_owned()),
        actual: None,
        reason: "The vendor knows it and mends it with the next release.".to_owned(),
        ticket: "LAB-17".to_owned(),
        owner: "backup team".to_owned(),
        created: "2026-01-05".to_owned(),
        expires: "2026-12-31".to_owned(),
        state,
        covers: 49,
    };
    report.waivers = vec![
        waiver("backup.transfer::refuses-*", WaiverFate::InForce),
        waiver("tasks.get::*", WaiverFate::Expired),
    ];
    report
}

fn ten_thousand(mut report: Report) -> Report {
    let pattern: Vec<Case> = report.cases.clone();
    report.cases = (0..MANY)
        .map(|index| {
            let one = &pattern[index % pattern.len()];
            Case { id: format!("{}/{index}", one.id), ..one.clone() }
        })
        .collect();
    let count = |verdict| report.cases.iter().filter(|case| case.verdict == verdict).count() as u64;
    report.summary.cases.pass = count(judge::Verdict::Pass);
    report.summary.cases.fail = count(judge::Verdict::Fail);
    report
}

// ---- the browser

/// A `chromedriver` on a port of its own.
struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver; Debian calls it chromium-driver");
        let mut lines = BufReader::new(child.stdout.take().expect("its stdout")).lines();
        let port = lines
            .find_map(|line| {
                line.ok()?
                    .split("on port ")
                    .nth(1)?
                    .trim_end_matches('.')
                    .parse::<u16>()
                    .ok()
                    .filter(|port| *port > 0)
            })
            .expect("the port that it tells");
        // It goes on to write there.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One browser with a new profile, that reaches nobody and writes down whom it asked.
struct Browser {
    driver: Client,
    /// Where this session takes commands that only Chromium has.
    own: String,
    log: PathBuf,
    _folder: TempDir,
    _server: Driver,
}

impl Browser {
    async fn start() -> Self {
        // Another test of this process may have done it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = Driver::start();
        let folder = TempDir::new().expect("a folder");
        let log = folder.path().join("net.json");
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--host-resolver-rules=MAP * ~NOTFOUND".to_owned(),
            format!("--log-net-log={}", log.display()),
            format!("--user-data-dir={}", folder.path().join("profile").display()),
        ];
        let wanted = serde_json::from_value(json!({ "goog:chromeOptions": { "args": arguments } }))
            .expect("an object");
        let driver = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&server.url)
            .await
            .expect("a session with chromium");
        let session = driver.session_id().await.expect("a session").expect("its id");
        let own = format!("{}/session/{session}/goog/cdp/execute", server.url);
        let browser = Self { driver, own, log, _folder: folder, _server: server };
        // What the page complains about, from its first moment.
        let listen = "window.__seen = []; addEventListener('error', event => __seen.push(String(event.message)));
            addEventListener('securitypolicyviolation', event => __seen.push(event.violatedDirective + ' ' + event.blockedURI));";
        browser.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": listen })).await;
        browser.look(1280, "light", "screen").await;
        browser
    }

    async fn tell(&self, command: &str, with: Value) -> Value {
        let body = json!({ "cmd": command, "params": with }).to_string();
        let told = reqwest::Client::new()
            .post(&self.own)
            .body(body)
            .send()
            .await
            .expect("an answer of chromedriver");
        let (status, text) = (told.status(), told.text().await.expect("a text"));
        assert!(status.is_success(), "{command}: {text}");
        serde_json::from_str::<Value>(&text).expect("JSON")["value"].take()
    }

    async fn look(&self, width: u32, scheme: &str, media: &str) {
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false }),
        )
        .await;
        self.tell(
            "Emulation.setEmulatedMedia",
            json!({ "media": media, "features": [{ "name": "prefers-color-scheme",
                "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }] }),
        )
        .await;
    }

    async fn open(&self, page: &Path) -> f64 {
        let before = Instant::now();
        self.driver.goto(&format!("file://{}", page.display())).await.expect("an opened page");
        before.elapsed().as_secs_f64()
    }

    async fn ask(&self, script: &str) -> Value {
        self.driver
            .execute(script, Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// A picture of the page from its top, at most so high.
    async fn picture(&self, name: &str, most: u32) -> Vec<u8> {
        let height = self
            .ask("return document.documentElement.scrollHeight")
            .await
            .as_u64()
            .expect("a height")
            .min(u64::from(most));
        let width = self.ask("return document.documentElement.clientWidth").await;
        let shot = self
            .tell(
                "Page.captureScreenshot",
                json!({ "format": "png", "captureBeyondViewport": true, "clip": { "x": 0, "y": 0,
                    "width": width, "height": height, "scale": 1 } }),
            )
            .await;
        let png = base64::engine::general_purpose::STANDARD
            .decode(shot["data"].as_str().expect("a picture"))
            .expect("base64");
        assert!(png.starts_with(b"\x89PNG") && png.len() > 5_000, "{name}: no picture");
        fs::write(pictures().join(format!("{name}.png")), &png).expect("a written picture");
        png
    }

    /// What axe-core finds, of the grave kinds.
    async fn grave(&self) -> Vec<String> {
        let axe =
            fs::read_to_string(std::env::var("AXE").expect("AXE names axe.min.js of axe-core"))
                .expect("axe-core");
        self.driver
            .execute(&format!("{axe};\nreturn typeof axe"), Vec::new())
            .await
            .expect("axe-core loads");
        let script = "const done = arguments[arguments.length - 1]; axe.run(document, \
            { resultTypes: ['violations'] }).then(found => done(found.violations), error => \
            done(String(error)));";
        let found = self.driver.execute_async(script, Vec::new()).await.expect("axe-core runs");
        let mut grave = Vec::new();
        for one in found.as_array().unwrap_or_else(|| panic!("{found}")) {
            let line = format!(
                "{} ({}): {} e.g. {}",
                one["id"], one["impact"], one["help"], one["nodes"][0]["html"]
            );
            println!("axe-core: {line}");
            if matches!(one["impact"].as_str(), Some("serious" | "critical")) {
                grave.push(line);
            }
        }
        grave
    }

    /// Ends the browser; gives back whom the pages asked.
    async fn quit(self) -> Vec<String> {
        let Self { driver, log, _folder, _server, .. } = self;
        driver.close().await.expect("an end");
        // The browser writes the end of its log when it goes; a reader that is too early sees it
        // cut.
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let whole: Result<Value, _> = serde_json::from_str(&text);
            match whole {
                Ok(record) => return asked(&record),
                Err(_) if Instant::now() < end => tokio::task::yield_now().await,
                Err(_) => {
                    let mended = format!("{}]}}", text.trim_end().trim_end_matches(','));
                    return asked(&serde_json::from_str(&mended).expect("a log of the network"));
                }
            }
        }
    }
}

/// The addresses that a page from a file, not the browser itself, asked for.
fn asked(record: &Value) -> Vec<String> {
    let kind = &record["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"];
    assert!(kind.is_number(), "the log knows requests");
    let events = record["events"].as_array().expect("events");
    let from_file = |event: &&Value| {
        event["type"] == *kind
            && event["params"]["network_isolation_key"]
                .as_str()
                .is_some_and(|key| key.contains("file://"))
    };
    events
        .iter()
        .filter(from_file)
        .filter_map(|event| event["params"]["url"].as_str().map(str::to_owned))
        .collect()
}

fn pictures() -> PathBuf {
    let folder = std::env::var_os("PICTURES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ci/browser"),
        PathBuf::from,
    );
    fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}

fn written(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a written page");
    path
}

// ---- what a reader meets

const LINKS: &str = "return [...document.querySelectorAll('a[href]')].map(a => \
    a.getAttribute('href')).filter(href => href.startsWith('#') ? \
    !document.getElementById(decodeURIComponent(href.slice(1))) : !href.startsWith('data:'))";
const TWICE: &str = "const seen = {}; document.querySelectorAll('[id]').forEach(one => \
    seen[one.id] = (seen[one.id] || 0) + 1); return Object.keys(seen).filter(id => seen[id] > 1)";

async fn reads(browser: &Browser, page: &Path, report: &Report) {
    assert_eq!(
        browser.ask("return document.getElementById('conclusion').textContent").await,
        json!(report.conclusion.word().to_uppercase())
    );
    assert_eq!(browser.ask("return window.__seen").await, json!([]), "the page complains");
    assert_eq!(browser.ask(LINKS).await, json!([]), "links that lead nowhere, or out");
    assert_eq!(browser.ask(TWICE).await, json!([]), "ids that are there twice");
    assert_eq!(browser.ask("return document.querySelectorAll('h1').length").await, json!(1));
    assert_eq!(
        browser
            .ask(
                "return ['header', 'nav', 'main', 'footer'].filter(name => \
        !document.querySelector('body > ' + name))"
            )
            .await,
        json!([]),
        "landmarks"
    );
    assert_eq!(
        browser
            .ask(
                "return [...document.querySelectorAll('table')].filter(one => \
        !one.caption || !one.tHead).length"
            )
            .await,
        json!(0),
        "tables without caption or head"
    );
    let size = fs::metadata(page).expect("the page").len();
    assert!(size < MOST_BYTES as u64, "{size} bytes");
    let ids: BTreeSet<String> = serde_json::from_value(
        browser.ask("return [...document.querySelectorAll('[id]')].map(one => one.id)").await,
    )
    .expect("ids");
    for id in report
        .cases
        .iter()
        .map(|case| &case.id)
        .chain(report.requirements.iter().map(|known| &known.id))
    {
        assert!(ids.contains(id), "no anchor for {id}");
    }
}

async fn looks(browser: &Browser, name: &str) {
    let light = browser.picture(&format!("{name}-light"), 2600).await;
    browser.look(1280, "dark", "screen").await;
    let dark = browser.picture(&format!("{name}-dark"), 2600).await;
    browser.look(800, "light", "print").await;
    let print = browser.picture(&format!("{name}-print"), 2600).await;
    assert!(light != dark && light != print && dark != print, "{name}: the styles look the same");
    assert_eq!(
        browser.ask("return getComputedStyle(document.querySelector('nav')).display").await,
        json!("none"),
        "the navigation isn't printed"
    );
    browser.look(1280, "light", "screen").await;
    let pdf = browser.driver.print(PrintConfiguration::default()).await.expect("a printed page");
    assert!(pdf.starts_with(b"%PDF"));
    fs::write(pictures().join(format!("{name}.pdf")), pdf).expect("a written paper");
}

async fn fits(browser: &Browser, name: &str) {
    browser.ask("document.querySelectorAll('details').forEach(one => { one.open = true; })").await;
    for width in WIDTHS {
        browser.look(width, "light", "screen").await;
        assert_eq!(
            browser
                .ask(
                    "return document.documentElement.scrollWidth - \
            document.documentElement.clientWidth"
                )
                .await,
            json!(0),
            "{name} is wider than {width}"
        );
    }
    browser.look(360, "light", "screen").await;
    browser
        .ask(
            "document.querySelectorAll('details').forEach(one => \
        { one.open = one.classList.contains('evidence'); })",
        )
        .await;
    browser.picture(&format!("{name}-narrow"), 2600).await;
    browser.look(1280, "light", "screen").await;
}

async fn filters(browser: &Browser, word: &str) {
    let visible =
        "return [...document.querySelectorAll('[data-row]')].filter(one => !one.hidden).length";
    let all = browser.ask(visible).await;
    let field = browser.driver.find(Locator::Id("filter")).await.expect("a filter");
    field.send_keys(word).await.expect("a typed word");
    let settled = format!(
        "const done = arguments[arguments.length - 1]; const until = Date.now() + 5000; const look = () => {{
            const text = document.getElementById('filtered').textContent;
            if (text || Date.now() > until) done([text, [...document.querySelectorAll('[data-row]')].filter(one => !one.hidden).length,
                [...document.querySelectorAll('[data-row]')].filter(one => !one.hidden && !(one.textContent + one.id).toLowerCase().includes({})).length]); else requestAnimationFrame(look); }}; look();",
        json!(word)
    );
    let found = browser.driver.execute_async(&settled, Vec::new()).await.expect("a filtered page");
    let count = found[1].as_u64().expect("a count");
    assert!(
        count > 0 && count < all.as_u64().expect("a count"),
        "{count} of {all} rows hold {word}"
    );
    assert_eq!(
        (found[0].as_str(), &found[2]),
        (Some(format!("{count} of {all} rows").as_str()), &json!(0))
    );
    field.send_keys(&char::from(Key::Escape).to_string()).await.expect("a pressed key");
    assert_eq!(browser.ask(visible).await, all, "everything is back");
}

async fn copies(browser: &Browser) {
    let wanted = browser.ask("return document.getElementById('ticket-1').value").await;
    assert!(
        wanted.as_str().is_some_and(|text| text.starts_with("## ")
            && text.contains("- Expected: ")
            && text.contains("curl -i")),
        "{wanted}"
    );
    browser
        .driver
        .find(Locator::Css("button[data-copy=ticket-1]"))
        .await
        .expect("a button")
        .click()
        .await
        .expect("a click");
    let told = "const done = arguments[arguments.length - 1]; const until = Date.now() + 5000; \
        const look = () => \
        { const text = document.getElementById('said').textContent; if (text || Date.now() > until) done(text); else requestAnimationFrame(look); }; look();";
    assert_eq!(
        browser.driver.execute_async(told, Vec::new()).await.expect("an answer"),
        json!("Copied")
    );
    // Pasted as a person would.
    browser
        .ask(
            "const field = document.createElement('textarea'); field.id = 'pasted'; \
        document.body.prepend(field); field.focus()",
        )
        .await;
    browser
        .driver
        .find(Locator::Id("pasted"))
        .await
        .expect("a field")
        .send_keys(&format!("{}v", char::from(Key::Control)))
        .await
        .expect("a paste");
    assert_eq!(browser.ask("return document.getElementById('pasted').value").await, wanted);
    browser.ask("document.getElementById('pasted').remove()").await;
}

/// A link to what is closed opens it.
async fn opens(browser: &Browser, id: &str) {
    let shown = format!(
        "const one = document.getElementById({}); return !!one && one.checkVisibility()",
        json!(id)
    );
    assert_eq!(browser.ask(&shown).await, json!(false), "{id} is closed at first");
    browser.ask(&format!("location.hash = {}", json!(id))).await;
    let waits = format!(
        "const done = arguments[arguments.length - 1]; const until = Date.now() + 5000; const \
        look = () => {{ const one = document.getElementById({}); if (one.checkVisibility() || \
        Date.now() > until) done(one.checkVisibility()); else requestAnimationFrame(look); }}; \
        look();",
        json!(id)
    );
    assert_eq!(
        browser.driver.execute_async(&waits, Vec::new()).await.expect("an answer"),
        json!(true),
        "{id} is open"
    );
}

/// The first key leads past the head; everything can be reached by keys, and what has the focus is
/// seen.
async fn keys(browser: &Browser) {
    browser
        .driver
        .find(Locator::Css("body"))
        .await
        .expect("the body")
        .send_keys(&char::from(Key::Tab).to_string())
        .await
        .expect("a pressed key");
    assert_eq!(
        browser
            .ask(
                "return [document.activeElement.className, \
        document.activeElement.getBoundingClientRect().left >= 0]"
            )
            .await,
        json!(["skip", true])
    );
}

/// What can be read without scripts is what can be read with them.
async fn without_scripts(browser: &Browser, page: &Path) {
    let text = "return document.querySelector('main').innerText.replaceAll('Copy as Markdown', \
        '').replace(/\\s+/g, ' ')";
    let shown = "return [...document.querySelectorAll('[data-script]')].filter(one => \
        one.checkVisibility()).length";
    browser.open(page).await;
    let with = browser.ask(text).await;
    assert!(browser.ask(shown).await.as_u64() > Some(0), "with scripts there are buttons");
    browser.tell("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    browser.open(page).await;
    let (without, buttons) = (browser.ask(text).await, browser.ask(shown).await);
    browser.picture("without-scripts", 1200).await;
    browser.tell("Emulation.setScriptExecutionDisabled", json!({ "value": false })).await;
    assert_eq!(buttons, json!(0), "nothing is there that doesn't work");
    assert!(with == without, "the text differs without scripts");
    browser.open(page).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn a_conformant_report() {
    let report = run(&[]).await;
    assert_eq!(report.conclusion, Conclusion::Conformant);
    let folder = TempDir::new().expect("a folder");
    let page = written(&folder, "report.html", &report::html(&report));
    let browser = Browser::start().await;
    browser.open(&page).await;
    reads(&browser, &page, &report).await;
    looks(&browser, "conformant").await;
    keys(&browser).await;
    filters(&browser, "component").await;
    opens(&browser, &report.cases[0].id).await;
    assert_eq!(browser.grave().await, Vec::<String>::new());
    without_scripts(&browser, &page).await;
    fits(&browser, "conformant").await;
    assert_eq!(
        browser
            .quit()
            .await
            .into_iter()
            .filter(|url| !url.starts_with("file://"))
            .collect::<Vec<_>>(),
        Vec::<String>::new(),
        "the page asks for something"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn a_history_of_two_runs() {
    let mut builder = history::Builder::default();
    for (day, faults) in [(1, &[][..]), (2, &TEN[..])] {
        let mut report = run(faults).await;
        report.started = format!("2026-01-0{day}T08:00:00.000Z");
        builder.add(&format!("reports/{day}"), report, None).expect("a report of today");
    }
    let history = builder.history();
    let found = history.find(None);
    let skipped = [("x.json".to_owned(), "it isn't the report of a run".to_owned())];
    let folder = TempDir::new().expect("a folder");
    let page = written(&folder, "history.html", &history::html(&found, &skipped));
    let browser = Browser::start().await;
    browser.open(&page).await;
    for scheme in ["dark", "light"] {
        browser.look(1280, scheme, "screen").await;
        assert_eq!(browser.grave().await, Vec::<String>::new(), "{scheme}");
        browser.picture(&format!("history-{scheme}"), 2600).await;
    }
    // A point per run in each of the two panels, within the drawing.
    let points = browser.ask("return document.querySelectorAll('svg circle').length").await;
    assert_eq!(points, json!(4));
    fits(&browser, "history").await;
    let asked: Vec<String> =
        browser.quit().await.into_iter().filter(|url| !url.starts_with("file://")).collect();
    assert_eq!(asked, Vec::<String>::new(), "the page asks for something");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn a_report_of_ten_faults() {
    let report = run(&TEN).await;
    assert_eq!(report.conclusion, Conclusion::Nonconformant);
    let folder = TempDir::new().expect("a folder");
    let browser = Browser::start().await;
    // As the run gave it: this picture stands in the README.
    browser.open(&written(&folder, "as-it-is.html", &report::html(&report))).await;
    browser.picture("readme", 1560).await;
    let report = with_news(report);
    let page = written(&folder, "report.html", &report::html(&report));
    browser.open(&page).await;
    reads(&browser, &page, &report).await;
    looks(&browser, "nonconformant").await;
    assert!(
        browser
            .ask("return document.querySelectorAll('article.cause.violation').length")
            .await
            .as_u64()
            >= Some(10),
        "a cause for each fault"
    );
    assert!(
        browser
            .ask(
                "return [...document.querySelectorAll('.evidence mark')].filter(one => \
        one.checkVisibility()).length"
            )
            .await
            .as_u64()
            > Some(0),
        "a wrong value is marked where it is seen"
    );
    filters(&browser, "component").await;
    copies(&browser).await;
    opens(&browser, "sftp-locks.list/body/component").await;
    assert_eq!(browser.grave().await, Vec::<String>::new());
    browser.look(1280, "dark", "screen").await;
    assert_eq!(browser.grave().await, Vec::<String>::new(), "in the dark");
    browser.look(1280, "light", "screen").await;
    without_scripts(&browser, &page).await;
    fits(&browser, "nonconformant").await;
    assert_eq!(
        browser
            .quit()
            .await
            .into_iter()
            .filter(|url| !url.starts_with("file://"))
            .collect::<Vec<_>>(),
        Vec::<String>::new(),
        "the page asks for something"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn a_report_of_ten_thousand_cases() {
    let report = ten_thousand(run(&TEN[..2]).await);
    let folder = TempDir::new().expect("a folder");
    let page = written(&folder, "report.html", &report::html(&report));
    println!("{} bytes for {MANY} cases", fs::metadata(&page).expect("the page").len());
    let browser = Browser::start().await;
    // The best of three: other tests may be busy at the same time.
    let mut took = f64::MAX;
    for _ in 0..3 {
        took = took.min(browser.open(&page).await);
    }
    println!("opened in {took:.2} s");
    reads(&browser, &page, &report).await;
    assert!(took < MOST_SECONDS, "opened in {took:.2} s");
    assert!(
        browser.ask("return document.querySelectorAll('article.cause').length").await.as_u64()
            < Some(20),
        "one cause is one group"
    );
    looks(&browser, "ten-thousand").await;
    filters(&browser, "/9999").await;
    assert_eq!(
        browser
            .quit()
            .await
            .into_iter()
            .filter(|url| !url.starts_with("file://"))
            .collect::<Vec<_>>(),
        Vec::<String>::new(),
        "the page asks for something"
    );
}

/// What the tests look for must be seen where it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn what_is_looked_for_is_seen_where_it_is() {
    let good = report::html(&run(&[]).await);
    let folder = TempDir::new().expect("a folder");
    let (picture, script) =
        ("<img src=\"http://192.0.2.7/x.png\">", "<script>throw new Error('ran')</script>");
    let guarded = good.replace(
        "</main>",
        &format!(
            "{picture}{script}<a href=\"#nowhere\">x</a><p \
        id=\"main\" style=\"width: 1500px; color: #eee; background: #fff\">wide and \
        pale</p></main>"
        ),
    );
    let policy = guarded.find("<meta http-equiv").expect("a policy");
    let end = policy + guarded[policy..].find('>').expect("its end") + 1;
    let open = format!("{}{}", &guarded[..policy], &guarded[end..]);
    let browser = Browser::start().await;
    browser.open(&written(&folder, "guarded.html", &guarded)).await;
    let seen = browser.ask("return window.__seen").await;
    assert!(
        seen.as_array().is_some_and(|seen| seen.len() >= 2
            && seen.iter().all(|line| line
                .as_str()
                .is_some_and(|line| line.contains("-src") || line.contains("style")))),
        "the policy stops the picture and the script: {seen}"
    );
    assert_eq!(browser.ask(LINKS).await, json!(["#nowhere"]));
    assert_eq!(browser.ask(TWICE).await, json!(["main"]));
    browser.open(&written(&folder, "open.html", &open)).await;
    assert!(
        browser.ask("return window.__seen").await.to_string().contains("ran"),
        "without the policy the script runs"
    );
    assert!(
        browser
            .ask(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            .await
            .as_u64()
            > Some(0),
        "a page that is too wide is found"
    );
    assert!(
        browser.grave().await.iter().any(|line| line.contains("color-contrast")),
        "a pale text is found"
    );
    let asked = browser.quit().await;
    assert!(
        asked.iter().any(|url| url.starts_with("http://192.0.2.7")),
        "without the policy the picture is asked for: {asked:?}"
    );
}
