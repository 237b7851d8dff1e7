//! What comes from the network is anything at all: the run ends in time, says what happened, passes
//! nothing for it and keeps a whole record.
//!
//! Knows: how a run is conducted, the binary, and a server that misbehaves. Must not know: how the
//! client or the judge does its work.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod binary;
mod bodies;
mod bounds;
mod connections;
mod heads;
mod pace;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use lxca_conform::builtin::RealTime;
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::engine::Pace;
use lxca_conform::judge::Verdict;
use lxca_conform::plan::Scope;
use lxca_conform::report::{Case, Conclusion, Report, rejudge};
use lxca_conform::store::{self, Record, TargetKind};
use lxca_conform::target::{Account, PasswordSource, Target};
use lxca_conform::transport::Limits;
use tempfile::TempDir;

use crate::support::built_in::loaded_for_a_run as loaded;
use crate::support::hostile_server::{Deed, Hostile, json};

const PASSWORD: &str = "hostile-Passw0rd";
/// Two reads of lists: the one is documented, the other is a neighbour.
const READS: &[&str] = &["sftp-locks.list::lists-locks", "tasks.list::lists-jobs"];
/// The documented one alone.
const LOCKS: &[&str] = &["sftp-locks.list::lists-locks"];

/// A row that is right, and still alive.
fn lock() -> String {
    // One lock of this process: it was created once.
    static CREATED: OnceLock<String> = OnceLock::new();
    let created = CREATED.get_or_init(|| RealTime.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    format!(
        r#"{{"id":"0f3a9C7b2e4D6182a5c1F0e9B8d7a6c4","component":"DS","creationTimestamp":"{created}","expirationTimeOut":61}}"#
    )
}

/// A list of one such row.
fn locks() -> String {
    format!("[{}]", lock())
}

/// Real time, but no pause is longer than a blink.
struct Hurried;

impl Pace for Hurried {
    fn now(&self) -> jiff::Timestamp {
        RealTime.now()
    }

    fn pause<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        RealTime.pause(duration.min(Duration::from_millis(10)))
    }
}

struct Ran {
    report: Report,
    record: Record,
    folder: TempDir,
    took: Duration,
}

fn run(server: &Hostile, filters: &[&str]) -> Ran {
    run_with(server, filters, |_| {})
}

/// Conducts a run and checks what holds for each one, whatever the server did.
fn run_with(server: &Hostile, filters: &[&str], change: impl FnOnce(&mut Target)) -> Ran {
    let (contract, catalogue) = loaded();
    let folder = TempDir::new().expect("a temporary folder");
    let secrets = TempDir::new().expect("a temporary folder");
    let mut target = Target::at("hostile", &server.url);
    target.account = Some(Account {
        user: "USERID".to_owned(),
        password: PasswordSource::File(password(secrets.path())),
    });
    target.limits = Limits {
        connect_timeout: Duration::from_secs(2),
        request_timeout: Duration::from_secs(1),
        max_body: 256 * 1024,
        ..Limits::default()
    };
    change(&mut target);
    let scope = Scope {
        allow: target.allow,
        filters: filters.iter().map(|filter| (*filter).to_owned()).collect(),
        strict: false,
        facts: target.facts.clone(),
        bad_logins: 0,
        shard: None,
    };
    let out = Some(folder.path().to_path_buf());
    let setup = Setup {
        contract,
        catalogue,
        target: &target,
        kind: TargetKind::Live,
        scope,
        out,
        pace: &Hurried,
        clock: &RealTime,
        observer: &|_| {},
        stop: None,
    };
    let start = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let ended = runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(25), conduct(setup)).await });
    let report = ended
        .expect("the run ends in bounded time")
        .expect("whatever a server sends, a run comes to a report")
        .report;
    let took = start.elapsed();
    let record = store::read(folder.path()).expect("the record can be read");
    assert!(record.footer.is_some(), "the record has no footer");
    assert_eq!(record.flaws, Vec::new());
    let again = rejudge(contract, catalogue, &record);
    for (first, second) in report.cases.iter().zip(&again.cases) {
        assert_eq!(first, second, "judged from the record, the case differs");
    }
    assert_eq!(report.cases.len(), again.cases.len());
    assert_eq!((report.conclusion, &report.because), (again.conclusion, &again.because));
    for entry in fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("a file of the run");
        let strange =
            bytes.iter().find(|byte| byte.is_ascii_control() && !b"\n\r\t".contains(byte));
        assert_eq!(strange, None, "a control character in {}", path.display());
        let text =
            String::from_utf8(bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            !text.contains(PASSWORD) && !text.contains("aG9zdGlsZS1QYXNzdzByZ"),
            "{} has the password",
            path.display()
        );
    }
    assert!(!report.claim, "a filtered run is no evidence");
    Ran { report, record, folder, took }
}

fn password(folder: &Path) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("password");
    fs::write(&path, PASSWORD).expect("a written file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its owner's alone");
    path
}

impl Ran {
    fn planned(&self) -> Vec<&Case> {
        self.record.header.planned.iter().map(|id| self.case(id)).collect()
    }

    fn case(&self, id: &str) -> &Case {
        self.report
            .cases
            .iter()
            .find(|case| case.id == id)
            .unwrap_or_else(|| panic!("no case {id}"))
    }

    /// Every case that was run has this verdict, and its reason and findings name this.
    fn all(&self, verdict: Verdict, words: &[&str]) {
        let planned = self.planned();
        assert!(!planned.is_empty());
        for case in planned {
            let story = story(case);
            assert_eq!(case.verdict, verdict, "{story}");
            for word in words {
                assert!(story.contains(word), "`{word}` isn't in: {story}");
            }
        }
        assert_ne!(self.report.conclusion, Conclusion::Conformant);
        self.within(Duration::from_secs(10));
    }

    fn within(&self, bound: Duration) {
        assert!(self.took < bound, "it took {:?}", self.took);
    }

    fn notes(&self, words: &[&str]) {
        let notes = self.report.notes.join("\n");
        for word in words {
            assert!(notes.contains(word), "`{word}` isn't in the notes: {notes}");
        }
        let page = fs::read_to_string(self.folder.path().join("report.md")).expect("report.md");
        for note in &self.report.notes {
            let plain =
                |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
            assert!(plain(&page).contains(&plain(note)), "`{note}` isn't on the page");
        }
    }

    /// How many bytes of an answer the record holds at most.
    fn longest_body(&self) -> u64 {
        self.record
            .exchanges()
            .filter_map(|exchange| exchange.got.as_ref())
            .map(|got| got.body.bytes)
            .max()
            .unwrap_or(0)
    }
}

fn story(case: &Case) -> String {
    let mut story = format!(
        "{} is {}: {}",
        case.id,
        case.verdict.word(),
        case.reason.as_deref().unwrap_or("no reason")
    );
    for finding in &case.findings {
        let _ = write!(
            story,
            "; {} {} at `{}`: expected {}, got {}",
            finding.severity.word(),
            finding.check,
            finding.pointer,
            finding.expected,
            finding.actual
        );
    }
    story
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";

/// Sends the same bytes again and again until the client has enough.
fn endlessly(stream: &mut TcpStream, first: &[u8], again: &[u8]) -> std::io::Result<()> {
    stream.write_all(first)?;
    loop {
        stream.write_all(again)?;
    }
}

#[test]
fn the_server_of_these_tests_gets_a_pass_when_it_behaves() {
    let server = Hostile::appliance(|_| Deed::Say(json(locks())));
    let ran = run(&server, LOCKS);
    assert_eq!(ran.case(LOCKS[0]).verdict, Verdict::Pass, "{}", story(ran.case(LOCKS[0])));
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.head.to_lowercase().contains("authorization: basic "))
    );
}
