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

use crate::support::built_in::loaded_for_a_run as loaded;
use crate::support::hostile_server;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::hostile_server::{Deed, Hostile, answer, json};
use base64::Engine as _;
use lxca_conform::builtin::RealTime;
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::engine::Pace;
use lxca_conform::judge::Verdict;
use lxca_conform::plan::Scope;
use lxca_conform::report::{Case, Conclusion, Report, rejudge};
use lxca_conform::store::{self, Record, TargetKind};
use lxca_conform::target::{Account, PasswordSource, Target};
use lxca_conform::transport::Limits;
use tempfile::TempDir;

const PASSWORD: &str = "hostile-Passw0rd";
/// Two reads of lists: the one is documented, the other is a neighbour.
const READS: &[&str] = &["sftp-locks.list::lists-locks", "tasks.list::lists-jobs"];
/// The documented one alone.
const LOCKS: &[&str] = &["sftp-locks.list::lists-locks"];
/// Reads that show the run's own account.
const OWN: &[&str] = &[
    "appliance.get::describes-the-appliance",
    "sftp-locks.list::lists-locks",
    "sftp-locks.get::refuses-an-unknown-id",
    "backup.list::lists-backups",
    "tasks.list::lists-jobs",
    "tasks.get::returns-a-listed-job",
];

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

// ---- a run

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

// ---- connections

#[test]
fn a_reset_before_any_answer_is_no_verdict_and_a_read_is_tried_twice_at_most() {
    let server = Hostile::appliance(|_| Deed::Reset(Vec::new()));
    let ran = run(&server, READS);
    ran.all(Verdict::Unresolved, &["no answer (closed)", "before any answer"]);
    assert_eq!(
        (server.count("GET", "/tasks"), server.count("GET", "/aicc/service/sftp/locks")),
        (2, 2)
    );
    ran.notes(&["2 reads were retried"]);
}

#[test]
fn a_reset_in_the_middle_of_the_headers_is_no_verdict() {
    let server =
        Hostile::appliance(|_| Deed::Reset(b"HTTP/1.1 200 OK\r\ncontent-type: applica".to_vec()));
    run(&server, READS).all(Verdict::Unresolved, &["no answer (closed)"]);
}

#[test]
fn a_reset_after_the_headers_is_no_verdict_and_names_how_far_it_came() {
    let server = Hostile::appliance(|_| {
        Deed::Reset(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n["
                .to_vec(),
        )
    });
    let ran = run(&server, READS);
    ran.all(Verdict::Unresolved, &["no answer (closed)", "after status 200"]);
    assert_eq!(server.count("GET", "/tasks"), 1, "what was answered in part isn't asked again");
}

#[test]
fn a_body_shorter_than_announced_is_no_verdict_and_names_its_bytes() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n[]"
                .to_vec(),
        )
    });
    run(&server, READS)
        .all(Verdict::Unresolved, &["no answer (closed)", "after status 200 and 2 bytes"]);
}

#[test]
fn a_chunked_body_without_its_end_is_no_verdict() {
    let server = Hostile::appliance(|_| Deed::Close([CHUNKED.as_bytes(), &chunk(b"[]")].concat()));
    run(&server, READS)
        .all(Verdict::Unresolved, &["no answer (closed)", "after status 200 and 2 bytes"]);
}

#[test]
fn an_announced_length_beyond_any_memory_is_no_verdict() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
            18446744073709551613\r\n\r\n[]"
                .to_vec(),
        )
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer ("]);
}

#[test]
fn a_length_that_is_no_number_is_no_verdict() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: -1\r\n\r\n[]"
                .to_vec(),
        )
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (protocol)", "content-length"]);
}

#[test]
fn what_follows_the_announced_length_isnt_taken_for_the_next_answer() {
    // The body ends in the middle of a row, and what follows looks like a good answer to whatever
    // is asked next.
    let smuggled = json(locks());
    let server = Hostile::appliance(move |asked| {
        if asked.target == "/tasks" {
            return Deed::Say(json("[]"));
        }
        let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
            9\r\n\r\n[{\"id\":\"0f3a9C7b\"}]"
            .to_vec();
        bytes.extend_from_slice(&smuggled);
        Deed::Say(bytes)
    });
    let ran = run(&server, READS);
    let locks = ran.case(READS[0]);
    assert_eq!(locks.verdict, Verdict::Fail, "{}", story(locks));
    assert!(story(locks).contains("9 bytes") && story(locks).contains("EOF"), "{}", story(locks));
    let jobs = ran
        .record
        .exchanges()
        .find(|exchange| exchange.sent.target == "/tasks")
        .and_then(|exchange| exchange.got.as_ref())
        .expect("an answer");
    assert_eq!(
        jobs.body.text.as_deref(),
        Some("[]"),
        "the rest of one answer was taken for the next"
    );
    assert_eq!(server.count("GET", "/tasks"), 1);
}

#[test]
fn an_endless_body_is_cut_at_the_bound_and_the_report_says_so() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            endlessly(
                stream,
                [CHUNKED.as_bytes(), &chunk(b"[\"")].concat().as_slice(),
                &chunk(&[b'a'; 16 * 1024]),
            )
        })
    });
    let ran = run(&server, LOCKS);
    ran.all(Verdict::Unresolved, &["cut at the limit", "262144 bytes"]);
    ran.notes(&["1 bodies were cut at the limit"]);
    assert_eq!(ran.longest_body(), 256 * 1024);
}

#[test]
fn an_endless_body_without_chunks_is_cut_at_the_bound_too() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            endlessly(
                stream,
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[\"",
                &[b'a'; 16 * 1024],
            )
        })
    });
    let ran = run(&server, LOCKS);
    ran.all(Verdict::Unresolved, &["cut at the limit"]);
    assert_eq!(ran.longest_body(), 256 * 1024);
}

#[test]
fn endless_headers_end_the_exchange_before_its_time_is_up() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            endlessly(
                stream,
                b"HTTP/1.1 200 OK\r\n",
                format!("x-more: {}\r\n", "a".repeat(8000)).as_bytes(),
            )
        })
    });
    let ran = run(&server, READS);
    ran.all(Verdict::Unresolved, &["no answer (protocol)", "too large"]);
}

#[test]
fn a_header_line_without_an_end_ends_the_exchange_before_its_time_is_up() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| endlessly(stream, b"HTTP/1.1 200 OK\r\nx-more: ", &[b'a'; 16 * 1024]))
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (protocol)", "too large"]);
}

#[test]
fn interim_answers_without_end_are_bounded_by_time() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            loop {
                stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                thread::sleep(Duration::from_millis(1));
            }
        })
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (timeout)"]);
}

#[test]
fn a_byte_a_second_is_bounded_by_time() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            for byte in json("[]") {
                stream.write_all(&[byte])?;
                thread::sleep(Duration::from_secs(1));
            }
            Ok(())
        })
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (timeout)"]);
}

#[test]
fn a_body_at_a_byte_a_second_is_bounded_by_time_and_names_how_far_it_came() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: \
                application/json\r\ncontent-length: 100\r\n\r\n[",
            )?;
            for _ in 0..99 {
                thread::sleep(Duration::from_secs(1));
                stream.write_all(b" ")?;
            }
            Ok(())
        })
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (timeout)", "after status 200 and"]);
}

#[test]
fn a_server_that_never_answers_is_bounded_by_time_and_isnt_asked_twice() {
    let server = Hostile::appliance(|_| {
        Deed::play(|_| {
            thread::sleep(Duration::from_secs(20));
            Ok(())
        })
    });
    let ran = run(&server, READS);
    ran.all(Verdict::Unresolved, &["no answer (timeout)"]);
    ran.within(Duration::from_secs(5));
    assert_eq!(server.count("GET", "/tasks"), 1);
}

#[test]
fn a_chunk_without_a_length_is_no_verdict() {
    for wrong in [
        "zz\r\n[]\r\n0\r\n\r\n",
        "2\r\n[]xx0\r\n\r\n",
        "fffffffffffffffff\r\n[]\r\n0\r\n\r\n",
        "-2\r\n[]\r\n0\r\n\r\n",
    ] {
        let server = Hostile::appliance(move |_| {
            Deed::Close([CHUNKED.as_bytes(), wrong.as_bytes()].concat())
        });
        run(&server, LOCKS)
            .all(Verdict::Unresolved, &["no answer (protocol)", "after status 200", "chunk"]);
    }
}

#[test]
fn what_isnt_http_is_no_verdict() {
    for wrong in [
        &b"SSH-2.0-OpenSSH_9.6\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ] {
        let server = Hostile::appliance(move |_| Deed::Close(wrong.to_vec()));
        run(&server, LOCKS).all(Verdict::Unresolved, &["no answer (protocol)"]);
    }
}

#[test]
fn a_connection_that_breaks_between_two_requests_costs_a_read_one_more_try_and_the_report_counts_it()
 {
    let server = Hostile::start(|asked| match (asked.nth, asked.target.as_str()) {
        // The second request of every connection finds it gone.
        (1.., _) => Deed::Reset(Vec::new()),
        (_, "/aicc") => Deed::Say(json(hostile_server::IDENTITY)),
        (_, "/tasks") => Deed::Say(json(r#"[{"jobUID":"17"}]"#)),
        _ => Deed::Say(json(locks())),
    });
    let ran = run(&server, READS);
    for case in ran.planned() {
        assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    }
    let retried = ran.record.exchanges().filter(|exchange| !exchange.retried.is_empty()).count();
    assert!(
        retried > 0 && ran.record.exchanges().all(|exchange| exchange.retried.len() <= 1),
        "{retried}"
    );
    ran.notes(&[&format!("{retried} read"), "retried because the connection broke"]);
    let asked = |target: &str| {
        ran.record.exchanges().filter(|exchange| exchange.sent.target == target).count()
    };
    for target in ["/tasks", "/aicc/service/sftp/locks"] {
        assert!(server.count("GET", target) <= 2 * asked(target), "{target}");
    }
}

#[test]
fn a_connection_that_is_closed_after_each_answer_is_no_fault() {
    let server = Hostile::start(|asked| match asked.target.as_str() {
        "/aicc" => Deed::Close(json(hostile_server::IDENTITY)),
        "/tasks" => Deed::Close(json(r#"[{"jobUID":"17"}]"#)),
        _ => Deed::Close(json(locks())),
    });
    let ran = run(&server, READS);
    for case in ran.planned() {
        assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    }
}

#[test]
fn a_change_whose_connection_breaks_is_never_sent_twice_and_the_breaker_stops_the_rest() {
    let server = Hostile::appliance(|asked| match asked.method.as_str() {
        "GET" => Deed::Say(json(locks())),
        _ => Deed::Reset(Vec::new()),
    });
    let ran =
        run_with(&server, &["sftp-locks.create::refuses-*"], |target| target.allow = Effect::Write);
    let planned = ran.planned();
    assert!(planned.len() >= 7, "{}", planned.len());
    assert_eq!(
        server.count("POST", "/aicc/service/sftp/locks"),
        5,
        "each change is sent once, and after five faults no more"
    );
    assert!(ran.record.exchanges().all(|exchange| exchange.retried.is_empty()));
    for case in planned {
        assert_eq!(case.verdict, Verdict::Unresolved, "{}", story(case));
    }
    assert!(
        ran.report.because.contains("5 requests in a row got no answer"),
        "{}",
        ran.report.because
    );
}

#[test]
fn after_five_faults_in_a_row_nothing_more_is_sent() {
    let server = Hostile::after_identity(|_| {
        Deed::Close(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n[".to_vec())
    });
    let ran = run(&server, &["*"]);
    let planned = ran.planned();
    assert!(planned.len() > 8, "{}", planned.len());
    // Five faults, and before them the one that told who it is.
    assert_eq!(server.asked().len(), 6);
    assert!(server.connections() <= 6, "{}", server.connections());
    // A case whose fact couldn't be discovered is left out, and says which.
    for case in planned.into_iter().filter(|case| case.verdict != Verdict::Untested) {
        assert_eq!(case.verdict, Verdict::Unresolved, "{}", story(case));
        assert!(
            case.requests > 0 || story(case).contains("5 requests in a row got no answer"),
            "{}",
            story(case)
        );
    }
    assert_eq!(ran.report.conclusion, Conclusion::Incomplete);
    assert!(
        ran.report.because.contains("5 requests in a row got no answer"),
        "{}",
        ran.report.because
    );
}

#[test]
fn no_more_requests_a_second_are_sent_than_allowed_also_side_by_side() {
    let server = Hostile::appliance(|_| Deed::Say(json("[]")));
    run_with(&server, &["*"], |target| {
        target.limits.requests_per_second = 10;
        target.limits.concurrency = 4;
    });
    let times: Vec<Instant> = server.asked().iter().map(|asked| asked.at).collect();
    assert!(times.len() >= 8, "{}", times.len());
    let (first, last) = (times[0], times[times.len() - 1]);
    let shortest = Duration::from_millis(100) * u32::try_from(times.len() - 1).expect("few");
    assert!(
        last - first + Duration::from_millis(400) >= shortest,
        "{} requests within {:?}",
        times.len(),
        last - first
    );
    for window in times.windows(11) {
        assert!(
            window[10] - window[0] >= Duration::from_millis(500),
            "eleven requests within {:?}",
            window[10] - window[0]
        );
    }
}

/// Of four requests that are under way together, the first is answered last.
#[test]
fn the_record_is_in_the_order_of_the_plan_however_the_answers_come() {
    let cases = |ran: &Ran| -> Vec<String> {
        let mut cases: Vec<String> =
            ran.record.exchanges().map(|exchange| exchange.case.clone()).collect();
        cases.dedup();
        cases
    };
    let right = || Deed::Say(json("[]"));
    let one_by_one = run_with(&Hostile::appliance(move |_| right()), &["*"], |target| {
        target.limits.concurrency = 1;
    });
    let come = Arc::new((Mutex::new(0), Condvar::new()));
    let server = Hostile::appliance(move |_| {
        let come = Arc::clone(&come);
        let number = {
            let mut count = come.0.lock().expect("a count");
            *count += 1;
            come.1.notify_all();
            *count
        };
        Deed::play(move |stream| {
            if number % 4 == 1 {
                let count = come.0.lock().expect("a count");
                let bound = Duration::from_millis(300);
                drop(come.1.wait_timeout_while(count, bound, |count| *count < number + 3));
            }
            stream.write_all(&json("[]"))
        })
    });
    let overtaken = run_with(&server, &["*"], |target| target.limits.concurrency = 4);
    let (planned, kept) = (cases(&one_by_one), cases(&overtaken));
    assert!(planned.len() > 20, "{planned:?}");
    assert_eq!(kept, planned);
    let judged = |ran: &Ran| -> Vec<String> {
        ran.report.cases.iter().map(|case| case.id.clone()).collect()
    };
    assert_eq!(judged(&overtaken), judged(&one_by_one));
}

// ---- bodies

fn body(bytes: impl Into<Vec<u8>>) -> Ran {
    let bytes = bytes.into();
    run(&Hostile::appliance(move |_| Deed::Say(json(&bytes))), LOCKS)
}

#[test]
fn a_body_that_isnt_utf_8_is_named_and_kept_byte_for_byte() {
    let bytes = b"[{\"id\":\"\xff\xfe\xc3\x28\"}]".to_vec();
    let ran = body(bytes.clone());
    ran.all(Verdict::Fail, &["isn't UTF-8"]);
    let kept = ran
        .record
        .exchanges()
        .filter_map(|exchange| exchange.got.as_ref())
        .find_map(|got| got.body.base64.clone())
        .expect("a body in base64");
    assert_eq!(base64::engine::general_purpose::STANDARD.decode(kept).expect("base64"), bytes);
}

#[test]
fn a_byte_order_mark_before_the_json_is_told_and_accuses_nobody() {
    let ran = body(format!("\u{feff}{}", locks()));
    let case = ran.case(LOCKS[0]);
    assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    assert!(
        story(case).contains("observation body") && story(case).contains("byte order mark"),
        "{}",
        story(case)
    );
}

#[test]
fn a_nul_in_json_is_named() {
    body(format!("[{}]", lock().replace("DS", "D\0S"))).all(Verdict::Fail, &["control character"]);
}

#[test]
fn escaped_control_characters_are_judged_and_never_reach_a_report_raw() {
    body(format!("[{}]", lock().replace("DS", "\\u0000\\u0007\\u001b[31m\\u202e")))
        .all(Verdict::Fail, &["/0/component"]);
}

#[test]
fn half_a_surrogate_pair_is_told_and_accuses_nobody() {
    let ran = body(format!("[{}]", lock().replace("\"id\"", "\"comment\":\"\\ud800\",\"id\"")));
    let case = ran.case(LOCKS[0]);
    assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    assert!(
        story(case).contains("observation body") && story(case).contains("surrogate"),
        "{}",
        story(case)
    );
    // Where it stands for a value that is wrong, that is wrong all the same.
    body(format!("[{}]", lock().replace("DS", "\\ud800"))).all(Verdict::Fail, &["/0/component"]);
}

#[test]
fn json_in_utf_16_is_read_where_it_is_declared() {
    let bytes: Vec<u8> = locks().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let server = Hostile::appliance(move |_| {
        Deed::Say(answer("200 OK", &["content-type: application/json; charset=UTF-16LE"], &bytes))
    });
    let ran = run(&server, LOCKS);
    let case = ran.case(LOCKS[0]);
    assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    assert!(story(case).contains("UTF-16"), "{}", story(case));
}

#[test]
fn a_hundred_thousand_levels_of_json_are_refused_without_falling_over() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let ran = body(format!("{}1{}", open.repeat(20_000), close.repeat(20_000)));
        assert_eq!(
            ran.case(LOCKS[0]).verdict,
            Verdict::Unresolved,
            "{}",
            story(ran.case(LOCKS[0]))
        );
        assert!(
            story(ran.case(LOCKS[0])).contains("recursion limit"),
            "{}",
            story(ran.case(LOCKS[0]))
        );
    }
    let ran = body(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    assert_ne!(ran.case(LOCKS[0]).verdict, Verdict::Pass);
    assert!(story(ran.case(LOCKS[0])).contains("recursion limit"), "{}", story(ran.case(LOCKS[0])));
}

#[test]
fn a_hundred_levels_of_json_are_judged() {
    let deep = format!(
        "{},\"deep\":{}1{}}}",
        lock().trim_end_matches('}'),
        "[".repeat(100),
        "]".repeat(100)
    );
    let ran = body(format!("[{deep}]"));
    let case = ran.case(LOCKS[0]);
    assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    assert!(story(case).contains("drift at `/0/deep`"), "{}", story(case));
}

#[test]
fn numbers_beyond_what_can_be_held_are_named() {
    for number in ["1e400", "-1e400", &"9".repeat(400)] {
        let ran = body(format!("[{}]", lock().replace("61", number)));
        // JSON has no bound on numbers, so this is no violation; and what can't be read is no pass.
        assert_eq!(
            ran.case(LOCKS[0]).verdict,
            Verdict::Unresolved,
            "{number}: {}",
            story(ran.case(LOCKS[0]))
        );
        assert!(
            story(ran.case(LOCKS[0])).contains("number out of range"),
            "{number}: {}",
            story(ran.case(LOCKS[0]))
        );
    }
}

#[test]
fn a_member_that_comes_twice_is_told_with_its_values_and_judged_with_each() {
    for (values, verdict) in [
        (["DS", "DS"], Verdict::Pass),
        (["XX", "DS"], Verdict::Fail),
        (["DS", "XX"], Verdict::Fail),
    ] {
        let twice = lock().replace(
            "\"component\":\"DS\"",
            &values.map(|value| format!("\"component\":\"{value}\"")).join(","),
        );
        let other = twice.replace("0f3a9C7b", "1f3a9C7b");
        let ran = body(format!("[{twice},{other}]"));
        let case = ran.case(LOCKS[0]);
        let story = story(case);
        assert_eq!(case.verdict, verdict, "{story}");
        let told: Vec<_> = case
            .findings
            .iter()
            .filter(|finding| finding.actual.contains("is there 2 times"))
            .collect();
        let kinds: BTreeSet<_> =
            told.iter().map(|finding| (&finding.step, &finding.pointer, &finding.actual)).collect();
        assert!(!told.is_empty() && kinds.len() == told.len(), "once for each look: {story}");
        assert!(
            told[0].pointer == "/0/component"
                && told[0].actual.starts_with(&format!(
                    "`component` is there 2 times: {:?}, then {:?}",
                    values[0], values[1]
                ))
                && told[0].actual.contains("1 more"),
            "{story}"
        );
    }
}

#[test]
fn a_204_that_announces_a_body_has_one() {
    let answered = |more: &'static str, sent: &'static str| {
        run(
            &Hostile::appliance(move |_| {
                Deed::Close(
                    format!("HTTP/1.1 204 No Content\r\nConnection: close\r\n{more}\r\n{sent}")
                        .into_bytes(),
                )
            }),
            LOCKS,
        )
    };
    for (more, sent, told) in [
        ("Content-Length: 2\r\n", "[]", "a body of 2 bytes is announced"),
        ("Transfer-Encoding: chunked\r\n", "2\r\n[]\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    ] {
        answered(more, sent).all(Verdict::Fail, &["violation body", told]);
    }
    for more in ["", "Content-Length: 0\r\n"] {
        let ran = answered(more, "");
        assert_eq!(ran.case(LOCKS[0]).verdict, Verdict::Pass, "{}", story(ran.case(LOCKS[0])));
    }
}

#[test]
fn an_error_in_any_charset_is_read_and_one_that_cannot_be_read_accuses_nobody() {
    const STRANGER: &[&str] = &["sftp-locks.list::refuses-missing-credentials"];
    let refused = |label: &'static str, bytes: &'static [u8]| {
        let server = Hostile::appliance(move |_| {
            let head = format!(
                "HTTP/1.1 401 Unauthorized\r\nContent-Type: {label}\r\nContent-Length: {}\r\n\r\n",
                bytes.len()
            );
            Deed::Say([head.as_bytes(), bytes].concat())
        });
        let ran = run(&server, STRANGER);
        let case = ran.case(STRANGER[0]);
        (case.verdict, story(case))
    };
    for (label, bytes) in [
        ("text/plain; charset=GBK", b"\xca\xa7\xb0\xdc".as_slice()),
        ("text/plain; charset=ISO-8859-1", b"Zugriff verweigert f\xfcr alle"),
        ("application/json; charset=windows-1252", b"{\"message\":\"Zugriff \x84verweigert\x93\"}"),
        ("text/html; charset=Shift_JIS", b"<p>\x8e\xb8\x94s</p>"),
        ("application/json", b"[\"Who are you?\"]"),
    ] {
        let (verdict, story) = refused(label, bytes);
        assert_eq!(verdict, Verdict::Pass, "{label}: {story}");
    }
    let (verdict, told) = refused("text/plain; charset=ebcdic-cp-us", b"\xc2\x81\x83\x92");
    assert!(verdict == Verdict::Unresolved && told.contains("ebcdic-cp-us"), "{told}");
    for (label, bytes) in [
        ("text/plain", b"401".as_slice()),
        ("application/json", b"{\"result\":\"failed\"}"),
        ("application/json", b"null"),
        ("text/html", b"<html><body> </body></html>"),
    ] {
        let (verdict, story) = refused(label, bytes);
        assert_eq!(verdict, Verdict::Fail, "{label}: {story}");
    }
}

#[test]
fn an_error_that_nobody_expected_has_to_describe_itself_too() {
    for (status, verdict_of_words) in [(403, Verdict::Unresolved), (500, Verdict::Unresolved)] {
        for (words, verdict) in
            [(r#"{"messages":[{"text":"Not now"}]}"#, verdict_of_words), ("{}", Verdict::Fail)]
        {
            let server = Hostile::appliance(move |_| {
                Deed::Say(answer(
                    &format!("{status} No"),
                    &["content-type: application/json"],
                    words,
                ))
            });
            let ran = run(&server, LOCKS);
            let case = ran.case(LOCKS[0]);
            assert_eq!(case.verdict, verdict, "{status} {words}: {}", story(case));
            assert_eq!(
                case.findings.iter().any(|finding| finding.requirement
                    == format!("sftp-locks.list/status/{status}/message")),
                verdict == Verdict::Fail
            );
        }
    }
}

#[test]
fn an_observation_that_is_refused_is_no_pass() {
    const OBSERVED: &[&str] = &["sftp-locks.list::generated/list/query/unknown"];
    for (status, verdict) in [(403, Verdict::Untested), (400, Verdict::Untested)] {
        let server = Hostile::appliance(move |_| {
            Deed::Say(answer(
                &format!("{status} No"),
                &["content-type: application/json"],
                r#"{"messages":[{"text":"Not for you"}]}"#,
            ))
        });
        let ran = run(&server, OBSERVED);
        let case = ran.case(OBSERVED[0]);
        assert_eq!(case.verdict, verdict, "{}", story(case));
        assert!(
            case.reason.as_deref().is_some_and(|reason| reason.starts_with("observed only")),
            "{:?}",
            case.reason
        );
    }
}

#[test]
fn what_follows_the_json_is_named() {
    for rest in ["]", "garbage", "[]", "\0", "<!-- debug -->"] {
        body(format!("{}{rest}", locks())).all(Verdict::Fail, &["trailing characters"]);
    }
}

#[test]
fn json_that_ends_in_the_middle_is_named() {
    body(format!("[{}", lock().get(..40).expect("ASCII")))
        .all(Verdict::Fail, &["EOF while parsing"]);
}

#[test]
fn an_html_page_in_place_of_json_is_named() {
    let server = Hostile::appliance(|_| {
        Deed::Say(answer(
            "200 OK",
            &["content-type: text/html; charset=UTF-8"],
            "<!DOCTYPE html>\n<html><head><title>Log in</title></head></html>",
        ))
    });
    let ran = run(&server, READS);
    for case in ran.planned() {
        assert!(story(case).contains("an HTML page"), "{}", story(case));
        assert_ne!(case.verdict, Verdict::Pass, "{}", story(case));
    }
    assert_ne!(ran.report.conclusion, Conclusion::Conformant);
}

#[test]
fn an_unreadable_answer_to_a_neighbouring_operation_is_no_pass() {
    for wrong in [&b"<!DOCTYPE html>\n<html></html>"[..], b"", b"[{", b"\xff\xfe"] {
        let server = Hostile::appliance(move |_| Deed::Say(json(wrong)));
        let ran = run(&server, &["tasks.list::lists-jobs"]);
        assert_ne!(ran.planned()[0].verdict, Verdict::Pass, "{}", story(ran.planned()[0]));
        assert_ne!(ran.report.conclusion, Conclusion::Conformant);
    }
}

/// Zeros in gzip, as many as fit into so many bytes: a stored header, then one literal and copies
/// of 258 bytes in 13 bits each.
fn packed_zeros(length: usize) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut bits: Vec<u8> = vec![0, 1, 0];
    bits.extend([0, 0, 1, 1, 0, 0, 0, 0]);
    let copy = [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0];
    while bits.len() / 8 < 13 * 8 {
        bits.extend(copy);
    }
    let packed: Vec<u8> = bits
        .chunks_exact(8)
        .map(|eight| eight.iter().enumerate().fold(0, |byte, (place, bit)| byte | (bit << place)))
        .collect();
    bytes.extend_from_slice(&packed[..26]);
    // Eight copies are thirteen whole bytes, and so the pattern comes back.
    while bytes.len() < length {
        bytes.extend_from_slice(&packed[13..26]);
    }
    bytes
}

#[test]
fn nothing_packed_is_asked_for_and_a_bomb_is_cut_at_the_bound() {
    // 32 MiB when unpacked.
    let bomb = packed_zeros(200 * 1024);
    let server = Hostile::appliance(move |_| {
        Deed::Say(answer(
            "200 OK",
            &["content-type: application/json", "content-encoding: gzip"],
            &bomb,
        ))
    });
    let ran = run(&server, LOCKS);
    ran.all(Verdict::Unresolved, &["cut at the limit", "262144 bytes"]);
    ran.notes(&["1 body came compressed (gzip)", "cut at the limit"]);
    assert_eq!(ran.longest_body(), 256 * 1024);
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.head.to_lowercase().contains("accept-encoding: identity"))
    );
}

#[test]
fn a_gzip_bomb_of_any_length_is_cut_at_the_bound() {
    let bomb = packed_zeros(64 * 1024);
    let server = Hostile::appliance(move |_| {
        let bomb = bomb.clone();
        Deed::play(move |stream| {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: \
                application/json\r\ncontent-encoding: gzip\r\ncontent-length: 67108864\r\n\r\n",
            )?;
            endlessly(stream, &bomb, &bomb[36..])
        })
    });
    let ran = run(&server, LOCKS);
    ran.all(Verdict::Unresolved, &["cut at the limit"]);
    ran.notes(&["cut at the limit"]);
    assert_eq!(ran.longest_body(), 256 * 1024);
}

// ---- statuses and headers

#[test]
fn a_redirect_to_itself_is_judged_and_not_followed() {
    let server = Hostile::appliance(|asked| {
        Deed::Say(answer("302 Found", &[&format!("location: {}", asked.target)], ""))
    });
    run(&server, LOCKS).all(Verdict::Fail, &["status 302"]);
    assert_eq!(server.count("GET", "/aicc/service/sftp/locks"), 1);
}

#[test]
fn a_redirect_to_another_host_is_judged_and_nobody_is_asked_there() {
    let elsewhere = Hostile::start(|_| Deed::Say(json(locks())));
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let (there, line) = (elsewhere.url.replace("127.0.0.1", "localhost"), status.to_owned());
        let server = Hostile::appliance(move |asked| {
            let there = format!("location: {there}{}", asked.target);
            Deed::Say(answer(
                &line,
                &[&there, "refresh: 0; url=/elsewhere", "alt-svc: h2=\":443\""],
                "",
            ))
        });
        run(&server, LOCKS).all(Verdict::Fail, &[&format!("status {}", &status[..3])]);
    }
    assert_eq!((elsewhere.connections(), elsewhere.asked().len()), (0, 0));
}

#[test]
fn credentials_refused_in_mid_run_are_no_verdict_and_after_three_in_a_row_nothing_more_is_sent() {
    let refusing = || {
        Hostile::after_identity(|_| {
            Deed::Say(answer(
                "401 Unauthorized",
                &["content-type: application/json"],
                r#"{"messages":[{"text":"Who are you?"}]}"#,
            ))
        })
    };
    let (server, one_by_one) = (refusing(), refusing());
    let ran =
        [run(&server, OWN), run_with(&one_by_one, OWN, |target| target.limits.concurrency = 1)];
    assert_eq!(one_by_one.asked().len(), 1 + 3, "the account would be locked");
    // Of four that run side by side each may have been sent before the first refusal came.
    assert!((1 + 3..=1 + 4).contains(&server.asked().len()), "{}", server.asked().len());
    for ran in ran {
        three_refusals(&ran);
    }
}

fn three_refusals(ran: &Ran) {
    assert_eq!(ran.planned().len(), OWN.len());
    for case in ran.planned() {
        assert_eq!(case.verdict, Verdict::Unresolved, "{}", story(case));
        assert!(story(case).contains("credentials of the run were refused"), "{}", story(case));
    }
    assert!(
        ran.report.because.contains("credentials of the run were refused 3 times in a row"),
        "{}",
        ran.report.because
    );
}

#[test]
fn a_busy_appliance_is_no_verdict_and_the_wait_that_it_asks_for_is_named() {
    for (status, wait) in [
        ("429 Too Many Requests", "120"),
        ("503 Service Unavailable", "Wed, 21 Oct 2026 07:28:00 GMT"),
    ] {
        let server = Hostile::appliance(move |_| {
            Deed::Say(answer(status, &[&format!("retry-after: {wait}")], ""))
        });
        let ran = run(&server, READS);
        ran.all(Verdict::Unresolved, &["busy", &status[..3], wait]);
        assert_eq!(server.count("GET", "/tasks"), 1, "no silent retries");
    }
}

#[test]
fn http_1_0_is_judged_like_http_1_1_and_the_record_says_which_it_was() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            format!("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}", locks())
                .into_bytes(),
        )
    });
    let ran = run(&server, LOCKS);
    assert_eq!(ran.case(LOCKS[0]).verdict, Verdict::Pass, "{}", story(ran.case(LOCKS[0])));
    assert!(
        ran.record
            .exchanges()
            .any(|exchange| exchange.got.as_ref().is_some_and(|got| got.version == "HTTP/1.0"))
    );
}

#[test]
fn headers_that_come_twice_are_all_kept_and_a_second_media_type_isnt_passed_over() {
    let server = Hostile::appliance(|_| {
        Deed::Say(answer(
            "200 OK",
            &[
                "content-type: application/json",
                "Content-Type: text/html",
                "x-twice: 1",
                "x-twice: 2",
            ],
            locks(),
        ))
    });
    let ran = run(&server, LOCKS);
    let got = ran
        .record
        .exchanges()
        .filter_map(|exchange| exchange.got.as_ref())
        .find(|got| got.header("x-twice").is_some())
        .expect("the answer");
    assert_eq!(
        got.headers
            .iter()
            .filter(|(name, _)| name == "x-twice")
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>(),
        ["1", "2"]
    );
    assert_eq!(got.headers.iter().filter(|(name, _)| name == "content-type").count(), 2);
    assert!(story(ran.case(LOCKS[0])).contains("text/html"), "{}", story(ran.case(LOCKS[0])));
}

#[test]
fn two_lengths_that_contradict_each_other_are_no_verdict() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
            2\r\ncontent-length: 7\r\n\r\n[]     "
                .to_vec(),
        )
    });
    run(&server, LOCKS).all(Verdict::Unresolved, &["no answer (protocol)", "content-length"]);
}

#[test]
fn bytes_in_a_header_that_arent_text_are_kept_and_harm_nothing() {
    let server = Hostile::appliance(|_| {
        let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-strange: \
            \xff\xfe\x80\r\ncontent-length: "
            .to_vec();
        let body = locks();
        bytes.extend_from_slice(format!("{}\r\n\r\n{body}", body.len()).as_bytes());
        Deed::Say(bytes)
    });
    let ran = run(&server, LOCKS);
    assert_eq!(ran.case(LOCKS[0]).verdict, Verdict::Pass, "{}", story(ran.case(LOCKS[0])));
}

#[test]
fn a_status_that_no_page_knows_is_a_finding_and_no_pass() {
    for status in [
        "206 Partial Content",
        "299 Strange",
        "304 Not Modified",
        "418 I'm a teapot",
        "599 Strange",
        "999 Strange",
    ] {
        let server = Hostile::appliance(move |_| {
            Deed::Close(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").into_bytes())
        });
        run(&server, LOCKS).all(Verdict::Fail, &[&format!("status {}", &status[..3])]);
    }
}

#[test]
fn secrets_that_a_server_sends_back_reach_no_file() {
    let server = Hostile::appliance(|asked| {
        let sent = asked
            .head
            .lines()
            .find_map(|line| {
                line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            })
            .map(|(_, value)| value.to_owned())
            .unwrap_or_default();
        let body =
            format!("{{\"echo\":\"{sent}\",\"password\":\"{PASSWORD}\",\"other\":\"{PASSWORD}\"}}");
        Deed::Say(answer(
            "200 OK",
            &[
                "content-type: application/json",
                &format!("x-echo: {sent}"),
                &format!("set-cookie: session={PASSWORD}; path=/"),
            ],
            body,
        ))
    });
    // That no file of a run has the password is looked at in each run.
    run(&server, READS).within(Duration::from_secs(5));
}

// ---- the binary

struct Ended {
    exit: i32,
    stdout: String,
    stderr: String,
    /// The most memory that it ever held, in KiB.
    peak: u64,
    took: Duration,
}

fn binary(server: &Hostile, folder: &Path, limits: &str, more: &[&str]) -> Ended {
    let target = folder.join("target.toml");
    fs::write(
        &target,
        format!(
            "name = \"hostile\"\nurl = \"{}\"\n[auth]\nuser = \
        \"USERID\"\npassword-file = \
        \"password\"\n[limits]\n{limits}",
            server.url
        ),
    )
    .expect("a written file");
    password(folder);
    let out = folder.join("out");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lxca-conform"));
    command
        .args(["run", "--target"])
        .arg(&target)
        .arg("--out")
        .arg(&out)
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().expect("the binary starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("its state").is_none() {
        let seen = fs::read_to_string(&status).unwrap_or_default();
        let most = seen.lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok()
        });
        peak = peak.max(most.unwrap_or(0));
        assert!(start.elapsed() < Duration::from_mins(3), "the run doesn't end");
        thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("its end");
    Ended {
        exit: output.status.code().expect("an exit code, not a signal"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        peak,
        took: start.elapsed(),
    }
}

#[test]
fn a_login_page_for_every_path_ends_with_5_and_is_recognised_as_no_appliance() {
    let server = Hostile::start(|_| {
        Deed::Say(answer(
            "200 OK",
            &["content-type: text/html; charset=UTF-8", "server: gateway"],
            "<!DOCTYPE html>\n<html><form action=/login></form></html>",
        ))
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(&server, folder.path(), "", &[]);
    assert_eq!(ended.exit, 5, "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stderr.contains("isn't recognised as an LXCA") && ended.stderr.contains("text/html"),
        "{}",
        ended.stderr
    );
    assert_eq!(server.asked().len(), 1, "a stranger was asked more than who it is");
}

#[test]
fn a_stranger_that_redirects_every_request_is_asked_nothing_elsewhere_and_gets_no_credentials_there()
 {
    let elsewhere = Hostile::start(|_| Deed::Say(json(hostile_server::IDENTITY)));
    let there = elsewhere.url.clone();
    let server = Hostile::start(move |asked| {
        Deed::Say(answer("302 Found", &[&format!("location: {there}{}", asked.target)], ""))
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(&server, folder.path(), "", &[]);
    assert!([1, 3, 5].contains(&ended.exit), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn an_endless_body_never_needs_more_than_200_mib() {
    let server = Hostile::after_identity(|_| {
        Deed::play(|stream| {
            endlessly(
                stream,
                [CHUNKED.as_bytes(), &chunk(b"[\"")].concat().as_slice(),
                &chunk(&vec![b'a'; 64 * 1024]),
            )
        })
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(
        &server,
        folder.path(),
        "max-body = \"8 MiB\"\nrequest-timeout = \"20s\"\n",
        &["--filter", "sftp-locks.*", "--filter", "tasks.*"],
    );
    println!("peak {} KiB in {:?}", ended.peak, ended.took);
    assert!([1, 3].contains(&ended.exit), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.peak > 0 && ended.peak < 200 * 1024, "{} KiB", ended.peak);
}

#[test]
fn a_body_of_64_mib_never_needs_more_than_200_mib() {
    let server = Hostile::after_identity(|_| {
        Deed::play(|stream| {
            // Rows upon rows, so that it would be dear to read as JSON, too.
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: \
                application/json\r\ncontent-length: 67108864\r\n\r\n[0",
            )?;
            let rows = ",{}".repeat(20 * 1024);
            for _ in 0..2000 {
                stream.write_all(rows.as_bytes())?;
            }
            Ok(())
        })
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(
        &server,
        folder.path(),
        "max-body = \"8 MiB\"\nrequest-timeout = \"20s\"\n",
        &["--filter", "sftp-locks.*", "--filter", "tasks.*"],
    );
    println!("peak {} KiB in {:?}", ended.peak, ended.took);
    assert!([1, 3].contains(&ended.exit), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.peak > 0 && ended.peak < 200 * 1024, "{} KiB", ended.peak);
}

#[test]
fn a_whole_body_of_millions_of_wrong_rows_is_judged_in_bounded_time_and_memory() {
    // Each row breaks four rules.
    let rows: &'static str =
        Box::leak(format!("[0{}]", ",{}".repeat(1024 * 1024)).into_boxed_str());
    let server = Hostile::after_identity(move |_| Deed::Say(json(rows)));
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(
        &server,
        folder.path(),
        "max-body = \"8 MiB\"\nrequest-timeout = \"20s\"\n",
        &["--filter", LOCKS[0]],
    );
    println!("peak {} KiB in {:?}", ended.peak, ended.took);
    assert_eq!(ended.exit, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.lines().count() <= 40, "more than a screen: {}", ended.stdout);
    assert!(ended.peak > 0 && ended.peak < 200 * 1024, "{} KiB", ended.peak);
    let report = fs::metadata(folder.path().join("out").join("report.json")).expect("report.json");
    assert!(report.len() < 8 * 1024 * 1024, "{} bytes of report", report.len());
}

#[test]
fn ten_thousand_wrong_rows_print_no_more_than_a_screen() {
    let server = Hostile::after_identity(|_| {
        Deed::Say(json(format!("[{}]", vec![lock().replace("DS", "XX"); 10_000].join(","))))
    });
    let folder = TempDir::new().expect("a temporary folder");
    let ended = binary(
        &server,
        folder.path(),
        "max-body = \"8 MiB\"\nrequest-timeout = \"20s\"\n",
        &["--filter", LOCKS[0]],
    );
    assert_eq!(ended.exit, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.lines().count() <= 40, "more than a screen: {}", ended.stdout);
    assert!(ended.stdout.contains("component"), "{}", ended.stdout);
}

#[test]
fn a_flood_of_one_difference_hides_no_other() {
    let flood = vec![lock().replace(":61", ":-1"); 3000].join(",");
    let body =
        serde_json::from_str(&format!("[{flood},{}]", lock().replace("DS", "XX"))).expect("JSON");
    let violations =
        loaded().0.schemas.violations("lxca:///aicc/service/sftp/locks/get.200.json", &body);
    assert!(
        violations.iter().any(|violation| violation.requirement.ends_with("/component")),
        "{} differences, and none is about the component",
        violations.len()
    );
    assert!(violations.len() < 3000, "{}", violations.len());
}
