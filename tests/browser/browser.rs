//! A browser with a new profile, through `WebDriver`: it reaches nobody and writes down whom it
//! asked.
//!
//! Knows: `chromedriver`, what only Chromium has, and axe-core. Must not know: which page it shows.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

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
pub(super) struct Browser {
    pub(super) driver: Client,
    /// Where this session takes commands that only Chromium has.
    own: String,
    log: PathBuf,
    _folder: TempDir,
    _server: Driver,
}

impl Browser {
    pub(super) async fn start() -> Self {
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

    pub(super) async fn tell(&self, command: &str, with: Value) -> Value {
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

    pub(super) async fn look(&self, width: u32, scheme: &str, media: &str) {
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

    pub(super) async fn open(&self, page: &Path) -> f64 {
        let before = Instant::now();
        self.driver.goto(&format!("file://{}", page.display())).await.expect("an opened page");
        before.elapsed().as_secs_f64()
    }

    pub(super) async fn ask(&self, script: &str) -> Value {
        self.driver
            .execute(script, Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// A picture of the page from its top, at most so high.
    pub(super) async fn picture(&self, name: &str, most: u32) -> Vec<u8> {
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
    pub(super) async fn grave(&self) -> Vec<String> {
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
    pub(super) async fn quit(self) -> Vec<String> {
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

pub(super) fn pictures() -> PathBuf {
    let folder = std::env::var_os("PICTURES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ci/browser"),
        PathBuf::from,
    );
    fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}
