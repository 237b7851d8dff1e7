//! Whom the client believes to be the appliance: every way to trust a certificate, and every way in
//! which one can be wrong.
//!
//! Knows: a real TLS server on the loopback interface, and the binary in front of it. Must not
//! know: how a certificate is verified.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::format_collect,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use lxca_conform::double::{self, Clock, Options};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, SupportedProtocolVersion};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::command::{Answer, Served, answer, binary, lxca, read, report, text, verdicts};
use crate::support::wire::Recorder;

const HERE: [&str; 2] = ["127.0.0.1", "localhost"];
const ELSEWHERE: [&str; 1] = ["lxca.example.com"];
/// The quickest run that asks something.
const QUICK: [&str; 2] = ["--filter", "appliance.get::*"];

/// A certificate with its key.
struct Identity {
    certificate: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

impl Identity {
    fn fingerprint(&self) -> String {
        Sha256::digest(self.certificate.as_ref()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What a certificate says.
#[derive(Clone, Copy)]
struct Says {
    names: &'static [&'static str],
    expired: bool,
    ca: bool,
}

const GOOD: Says = Says { names: &HERE, expired: false, ca: false };

impl Says {
    fn params(self) -> CertificateParams {
        let names: Vec<String> = self.names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.distinguished_name.push(DnType::CommonName, "an appliance");
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after =
            if self.expired { date_time_ymd(2020, 1, 1) } else { date_time_ymd(2999, 1, 1) };
        if self.ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        params
    }

    fn self_signed(self) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = self.params().self_signed(&key).expect("a certificate");
        Identity { certificate: certificate.der().clone(), pem: certificate.pem(), key }
    }

    fn signed_by(self, authority: &Authority) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = self.params().signed_by(&key, authority).expect("a certificate");
        Identity { certificate: certificate.der().clone(), pem: certificate.pem(), key }
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    authority_called("an authority")
}

fn authority_called(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"))
        .expect("a certificate")
}

/// A server that shows `certificate` and signs with `key`, whether they belong together or not.
fn config(
    certificate: &CertificateDer<'static>,
    key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let certified = CertifiedKey::new(
        vec![certificate.clone()],
        ring::sign::any_supported_type(&key).expect("a kind of key"),
    );
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .expect("versions");
    Arc::new(
        builder
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified))),
    )
}

/// The double behind TLS, on a thread that lives as long as the tests. Its port.
fn served(config: Arc<ServerConfig>) -> u16 {
    let (listener, port) = listener();
    on_a_thread(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let _ = double::serve(
            listener,
            Options::default(),
            Clock::real(),
            std::future::pending(),
            Some(config),
        )
        .await;
    });
    port
}

/// TLS before a server that has none. Its port.
fn terminated(config: Arc<ServerConfig>, upstream: &str) -> u16 {
    let (listener, port) = listener();
    let upstream = upstream.trim_start_matches("http://").to_owned();
    on_a_thread(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let acceptor = tokio_rustls::TlsAcceptor::from(config);
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
            tokio::spawn(async move {
                let Ok(mut inside) = acceptor.accept(stream).await else { return };
                let Ok(mut outside) = tokio::net::TcpStream::connect(upstream).await else {
                    return;
                };
                let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
            });
        }
    });
    port
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener for tokio");
    let port = listener.local_addr().expect("its address").port();
    (listener, port)
}

fn on_a_thread(work: impl Future<Output = ()> + Send + 'static) {
    thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(work);
    });
}

fn good(identity: &Identity) -> u16 {
    served(config(&identity.certificate, &identity.key, rustls::ALL_VERSIONS))
}

fn at(port: u16) -> String {
    format!("https://127.0.0.1:{port}")
}

/// A folder with a file of certificates.
fn kept(pem: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("ca.pem");
    fs::write(&file, pem).expect("a file");
    (folder, file)
}

fn run(url: &str, more: &[&str]) -> (Answer, TempDir) {
    let folder = TempDir::new().expect("a temporary folder");
    let mut arguments = vec!["run", "--url", url, "--user", "USERID", "--out", text(folder.path())];
    arguments.extend(more);
    (lxca(&arguments), folder)
}

fn with_ca(url: &str, pem: &str) -> Answer {
    let (_folder, file) = kept(pem);
    run(url, &[&["--ca-file", text(&file)], &QUICK[..]].concat()).0
}

fn pinned(url: &str, pin: &str) -> Answer {
    run(url, &[&["--pin-sha256", pin], &QUICK[..]].concat()).0
}

/// The double answered, and what was asked held.
fn accepted(answer: &Answer) {
    assert!([0, 3].contains(&answer.exit), "{answer:?}");
    assert!(
        answer.stdout.contains("1 pass")
            || answer.stdout.contains("2 pass")
            || answer.stdout.contains("3 pass"),
        "{answer:?}"
    );
}

/// The connection was refused, and the operator is told why.
fn refused(answer: &Answer, reasons: &[&str]) {
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(answer.stdout.contains(" 0 pass"), "{answer:?}");
    for reason in reasons {
        assert!(answer.stderr.contains(reason), "`{reason}` isn't in {}", answer.stderr);
    }
}

// ---- a file of certificates

#[test]
fn a_certificate_of_the_trusted_authority_is_accepted_by_address_and_by_name() {
    let authority = authority();
    let port = good(&GOOD.signed_by(&authority));
    accepted(&with_ca(&at(port), &authority.pem()));
    accepted(&with_ca(&format!("https://localhost:{port}"), &authority.pem()));
}

#[test]
fn one_right_authority_among_several_in_the_file_is_enough() {
    let authority = authority();
    let port = good(&GOOD.signed_by(&authority));
    let file = format!("{}{}{}", self::authority().pem(), authority.pem(), GOOD.self_signed().pem);
    accepted(&with_ca(&at(port), &file));
}

#[test]
fn an_expired_certificate_of_the_trusted_authority_is_refused() {
    let authority = authority();
    let port = good(&Says { expired: true, ..GOOD }.signed_by(&authority));
    refused(&with_ca(&at(port), &authority.pem()), &["expired"]);
}

#[test]
fn a_certificate_of_the_trusted_authority_for_another_host_is_refused_and_both_names_are_told() {
    let authority = authority();
    let port = good(&Says { names: &ELSEWHERE, ..GOOD }.signed_by(&authority));
    refused(&with_ca(&at(port), &authority.pem()), &["127.0.0.1", "lxca.example.com"]);
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let port = good(&GOOD.signed_by(&authority()));
    refused(&with_ca(&at(port), &authority_called("another authority").pem()), &["UnknownIssuer"]);
    // Nor does it help to have the same name.
    refused(&with_ca(&at(port), &authority().pem()), &["BadSignature"]);
}

#[test]
fn the_appliances_own_certificate_is_trusted_when_it_is_the_file_also_when_it_says_that_it_is_an_authority()
 {
    for ca in [false, true] {
        let identity = Says { ca, ..GOOD }.self_signed();
        accepted(&with_ca(&at(good(&identity)), &identity.pem));
    }
}

#[test]
fn the_appliances_own_certificate_is_refused_when_it_expired_although_it_is_the_file() {
    for ca in [false, true] {
        let identity = Says { ca, expired: true, ..GOOD }.self_signed();
        refused(&with_ca(&at(good(&identity)), &identity.pem), &["expired"]);
    }
}

#[test]
fn the_appliances_own_certificate_is_refused_for_another_host_although_it_is_the_file() {
    for ca in [false, true] {
        let identity = Says { ca, names: &ELSEWHERE, ..GOOD }.self_signed();
        refused(&with_ca(&at(good(&identity)), &identity.pem), &["127.0.0.1"]);
    }
}

#[test]
fn another_certificate_that_says_the_same_isnt_the_one_in_the_file() {
    for ca in [false, true] {
        let says = Says { ca, ..GOOD };
        refused(&with_ca(&at(good(&says.self_signed())), &says.self_signed().pem), &[]);
    }
}

#[test]
fn a_file_without_certificates_or_no_file_ends_with_2_before_anything_is_sent() {
    let port = good(&GOOD.self_signed());
    let answer = with_ca(&at(port), "no certificate\n");
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(answer.stderr.contains("ca.pem"), "{}", answer.stderr);
    let answer = run(&at(port), &["--ca-file", "no-such-file.pem"]).0;
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(answer.stderr.contains("no-such-file.pem"), "{}", answer.stderr);
}

// ---- the system's roots

#[test]
fn the_systems_roots_refuse_what_the_appliance_signed_itself() {
    let port = good(&GOOD.self_signed());
    refused(&run(&at(port), &QUICK).0, &[]);
}

#[test]
fn whoever_is_refused_for_a_certificate_is_told_what_to_do() {
    let identity = GOOD.self_signed();
    let port = good(&identity);
    for answer in [
        run(&at(port), &QUICK).0,
        with_ca(&at(port), &authority().pem()),
        pinned(&at(port), &"0".repeat(64)),
    ] {
        refused(&answer, &[]);
        assert!(
            answer.stderr.contains(&format!("lxca-conform fingerprint {}", at(port))),
            "{}",
            answer.stderr
        );
        assert!(
            answer.stderr.contains("pin-sha256") && answer.stderr.contains("ca-file"),
            "{}",
            answer.stderr
        );
    }
}

// ---- a pin

#[test]
fn the_pinned_certificate_is_accepted_with_and_without_colons_whatever_it_says_about_itself() {
    for says in [GOOD, Says { expired: true, names: &ELSEWHERE, ca: true }] {
        let identity = says.self_signed();
        let port = good(&identity);
        let plain = identity.fingerprint();
        let pairs: Vec<&str> = (0..32).map(|byte| &plain[byte * 2..byte * 2 + 2]).collect();
        for pin in [plain.clone(), pairs.join(":").to_uppercase()] {
            accepted(&pinned(&at(port), &pin));
        }
    }
}

#[test]
fn a_certificate_that_changed_is_refused_and_both_fingerprints_are_told() {
    let (old, new) = (GOOD.self_signed(), GOOD.self_signed());
    refused(
        &pinned(&at(good(&new)), &old.fingerprint()),
        &["changed", &old.fingerprint(), &new.fingerprint()],
    );
}

#[test]
fn whoever_has_the_pinned_certificate_but_not_its_key_is_refused_in_tls_1_2_and_1_3() {
    let identity = GOOD.self_signed();
    let other = KeyPair::generate().expect("a key");
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let thief = served(config(&identity.certificate, &other, &[version]));
        let owner = served(config(&identity.certificate, &identity.key, &[version]));
        accepted(&pinned(&at(owner), &identity.fingerprint()));
        refused(&pinned(&at(thief), &identity.fingerprint()), &["ignature"]);
        // Nor is it enough for a file, nor for a run that trusts any certificate: somebody must own
        // the one that is shown.
        refused(&with_ca(&at(thief), &identity.pem), &["ignature"]);
        assert_eq!(run(&at(thief), &[&["--insecure"], &QUICK[..]].concat()).0.exit, 5);
    }
}

// ---- anything at all

#[test]
fn an_unverified_certificate_is_accepted_on_demand_and_every_first_screen_says_so() {
    let port = good(&Says { expired: true, names: &ELSEWHERE, ca: true }.self_signed());
    let (answer, folder) = run(&at(port), &[&["--insecure"], &QUICK[..]].concat());
    accepted(&answer);
    assert!(answer.stdout.contains("NOT VERIFIED"), "{}", answer.stdout);
    let report = report(folder.path());
    assert!(report["notes"].to_string().contains("NOT VERIFIED"), "{}", report["notes"]);
    for (name, first) in [("report.md", 3_000), ("report.html", usize::MAX)] {
        let text = read(&folder.path().join(name));
        let place = text.find("NOT VERIFIED").unwrap_or_else(|| panic!("{name} doesn't say so"));
        assert!(place < first.min(text.len()), "{name} says so at {place} only");
        if let Some(cases) = text.find("appliance.get::") {
            assert!(place < cases, "{name} says so after the cases");
        }
    }
}

#[test]
fn a_report_is_evidence_only_where_the_certificate_was_verified() {
    let double = Served::start(&[]);
    let appliance = Recorder::before(&double.url);
    let identity = GOOD.self_signed();
    let port = terminated(
        config(&identity.certificate, &identity.key, rustls::ALL_VERSIONS),
        &appliance.url,
    );
    for (trust, claim) in [
        (vec!["--pin-sha256".to_owned(), identity.fingerprint()], true),
        (vec!["--insecure".to_owned()], false),
    ] {
        let trust: Vec<&str> = trust.iter().map(String::as_str).collect();
        let (answer, folder) = run(&at(port), &trust);
        let report = report(folder.path());
        assert_eq!(report["claim"], claim, "{trust:?}: {answer:?}");
        assert_eq!(answer.stdout.contains("claim      none"), !claim, "{}", answer.stdout);
    }
}

#[test]
fn a_report_is_evidence_only_where_the_appliance_told_its_version_and_showed_something() {
    let double = Served::start(&[]);
    let aicc = |version: &str| {
        format!(
            r#"{{"appliance":{{"version":{version},"build":"133","name":"x","uuid":"3A6C0E5871D94F2B9E8405B7C1D82FA6"}}}}"#
        )
    };
    let with_version = |version: &str| {
        let body = aicc(version);
        Recorder::between(&double.url, move |seen| {
            (seen.target == "/aicc" && seen.header("authorization").is_some())
                .then(|| json_answer("200 OK", &body))
        })
    };
    let forbidden = {
        let body = aicc("\"4.1.0\"");
        let message = r#"{"result":"failed","messages":[{"id":"FQXHMSE0010M","text":"The user has no privilege for this operation.","explanation":"","recovery":[]}]}"#;
        Recorder::between(&double.url, move |seen| {
            match (seen.header("authorization"), seen.target.as_str()) {
                (None, _) => None,
                (_, "/aicc") => Some(json_answer("200 OK", &body)),
                _ => Some(json_answer("403 Forbidden", message)),
            }
        })
    };
    let identity = GOOD.self_signed();
    for (appliance, why) in [
        (with_version("\"\""), "no version"),
        (with_version("\"latest\""), "no version"),
        (with_version("\" \""), "no version"),
        (forbidden, "403"),
        (with_version("\"4.1.0\""), ""),
    ] {
        let port = terminated(
            config(&identity.certificate, &identity.key, rustls::ALL_VERSIONS),
            &appliance.url,
        );
        let (answer, folder) = run(&at(port), &["--pin-sha256", &identity.fingerprint()]);
        let report = report(folder.path());
        assert_eq!(report["claim"], why.is_empty(), "{why}: {answer:?}");
        assert!(
            report["no_claim"].as_str().unwrap_or_default().contains(why),
            "{why}: {}",
            report["no_claim"]
        );
    }
}

fn json_answer(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

// ---- the fingerprint

#[test]
fn fingerprint_prints_the_sha_256_of_the_certificate_and_sends_no_request() {
    let double = Served::start(&[]);
    let recorder = Recorder::before(&double.url);
    for says in [GOOD, Says { expired: true, names: &ELSEWHERE, ca: true }] {
        let identity = says.self_signed();
        let port = terminated(
            config(&identity.certificate, &identity.key, rustls::ALL_VERSIONS),
            &recorder.url,
        );
        for url in [at(port), format!("{}/", at(port)), format!("https://localhost:{port}")] {
            let answer = lxca(&["fingerprint", &url]);
            assert_eq!(
                (answer.exit, answer.stdout.trim(), answer.stderr.as_str()),
                (0, identity.fingerprint().as_str(), ""),
                "{answer:?}"
            );
        }
    }
    assert_eq!(recorder.lines(), Vec::<String>::new());
}

#[test]
fn fingerprint_ends_with_5_where_nobody_listens_and_with_2_where_there_can_be_no_certificate() {
    let (listener, port) = listener();
    drop(listener);
    let answer = lxca(&["fingerprint", &at(port)]);
    assert_eq!((answer.exit, answer.stdout.as_str()), (5, ""), "{answer:?}");
    assert!(answer.stderr.contains(&at(port)), "{}", answer.stderr);
    for url in ["http://127.0.0.1:1", "127.0.0.1", "nonsense"] {
        let answer = lxca(&["fingerprint", url]);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{url}: {answer:?}");
    }
}

#[test]
fn fingerprint_doesnt_believe_whoever_shows_a_certificate_without_having_its_key() {
    let identity = GOOD.self_signed();
    let thief = served(config(
        &identity.certificate,
        &KeyPair::generate().expect("a key"),
        rustls::ALL_VERSIONS,
    ));
    let answer = lxca(&["fingerprint", &at(thief)]);
    assert_eq!((answer.exit, answer.stdout.as_str()), (5, ""), "{answer:?}");
}

// ---- what isn't TLS

#[test]
fn a_server_without_tls_behind_an_https_address_ends_with_5_and_is_named() {
    let double = Served::start(&[]);
    let answer =
        run(&double.url.replace("http://", "https://"), &[&["--insecure"], &QUICK[..]].concat()).0;
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(answer.stderr.contains("tls") || answer.stderr.contains("TLS"), "{}", answer.stderr);
}

#[test]
fn a_server_that_never_shakes_hands_ends_with_5_when_the_time_to_connect_is_over() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("its address").port();
    let folder = TempDir::new().expect("a temporary folder");
    let target = folder.path().join("target.toml");
    fs::write(
        &target,
        format!(
            "name = \"silent\"\nurl = \"{}\"\n[auth]\nuser = \"USERID\"\npassword-env = \
            \"LXCA_PASSWORD\"\n[limits]\nconnect-timeout = \"1s\"\nrequest-timeout = \
            \"3s\"\n",
            at(port)
        ),
    )
    .expect("a file");
    let start = Instant::now();
    let answer =
        lxca(&["run", "--target", text(&target), "--out", text(&folder.path().join("out"))]);
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

// ---- the whole path

#[test]
fn a_read_only_run_over_tls_gives_the_same_verdicts_as_over_http() {
    let authority = authority();
    let port = good(&GOOD.signed_by(&authority));
    let double = Served::start(&[]);
    let (_folder, file) = kept(&authority.pem());
    for auth in ["basic", "session"] {
        let (tls, secure) = run(&at(port), &["--ca-file", text(&file), "--auth", auth]);
        let (plain, open) = run(&double.url, &["--auth", auth]);
        assert_eq!(tls.exit, plain.exit, "{tls:?}\n{plain:?}");
        let (secure, open) = (report(secure.path()), report(open.path()));
        assert_eq!(verdicts(&secure), verdicts(&open));
        assert_eq!(secure["summary"]["findings"], open["summary"]["findings"]);
        assert!(secure["summary"]["cases"]["pass"].as_u64() > Some(10), "{}", secure["summary"]);
        assert!(
            secure["target"]["tls"].as_str().is_some_and(|tls| tls.contains("ca.pem")),
            "{}",
            secure["target"]
        );
    }
}

#[test]
fn serve_tells_its_fingerprint_and_run_pins_it_as_two_processes() {
    let mut child = binary().args(["serve", "--tls"]).spawn().expect("the double starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its stdout"))
        .read_line(&mut line)
        .expect("its first line");
    let mut told = String::new();
    BufReader::new(child.stderr.take().expect("its stderr"))
        .read_line(&mut told)
        .expect("its fingerprint");
    let served = Served { child, url: line.trim().to_owned() };
    assert!(served.url.starts_with("https://127.0.0.1:"), "{}", served.url);
    let pin = told.trim().rsplit(' ').next().expect("a word").to_owned();
    assert_eq!(lxca(&["fingerprint", &served.url]).stdout.trim(), pin, "{told}");
    for auth in ["basic", "session"] {
        accepted(
            &run(&served.url, &[&["--pin-sha256", &pin, "--auth", auth], &QUICK[..]].concat()).0,
        );
    }
    refused(&pinned(&served.url, &"0".repeat(64)), &["changed", &pin]);
    let answer = answer_without_password(&served.url, &pin);
    assert_eq!(answer.exit, 2, "{answer:?}");
}

fn answer_without_password(url: &str, pin: &str) -> Answer {
    answer(binary().args(["run", "--url", url, "--user", "USERID", "--pin-sha256", pin]))
}
