//! Appliances whose certificates or whose TLS this build can't check: each is named for what it is,
//! and none is let in without proof.
//!
//! Knows: servers on the loopback interface that show such a certificate or speak such a version,
//! and the binary in front of them. Must not know: how a signature is verified.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::format_collect,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use lxca_conform::double::{self, Clock, Options};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{ServerConfig, SignatureAlgorithm, SignatureScheme, SupportedProtocolVersion};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::command::{Answer, lxca, text};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(fixture(name)).expect("a certificate")
}

fn fingerprint_of(certificate: &CertificateDer<'_>) -> String {
    Sha256::digest(certificate.as_ref()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key(name: &str) -> Arc<dyn SigningKey> {
    ring::sign::any_supported_type(&PrivateKeyDer::from_pem_file(fixture(name)).expect("a key"))
        .expect("a kind of key")
}

/// A key of a kind that nobody here can verify. What it signs with is beside the point.
#[derive(Debug, Clone, Copy)]
struct Foreign(SignatureScheme, SignatureAlgorithm);

impl SigningKey for Foreign {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&self.0).then(|| Box::new(*self) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.1
    }
}

impl Signer for Foreign {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Ok(vec![0x30; 64])
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}

/// The double behind TLS, on a thread that lives as long as the tests. Its address.
fn served(
    certificate: &CertificateDer<'static>,
    key: Arc<dyn SigningKey>,
    versions: &[&'static SupportedProtocolVersion],
) -> String {
    served_to(WebPkiClientVerifier::no_client_auth(), certificate, key, versions)
}

/// The same, and its clients are looked at too.
fn served_to(
    clients: Arc<dyn ClientCertVerifier>,
    certificate: &CertificateDer<'static>,
    key: Arc<dyn SigningKey>,
    versions: &[&'static SupportedProtocolVersion],
) -> String {
    let certified = CertifiedKey::new(vec![certificate.clone()], key);
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .expect("versions");
    let config = Arc::new(
        builder
            .with_client_cert_verifier(clients)
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified))),
    );
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener for tokio");
    let port = listener.local_addr().expect("its address").port();
    thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(async move {
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
    });
    format!("https://127.0.0.1:{port}")
}

fn run(url: &str, more: &[&str]) -> Answer {
    let folder = TempDir::new().expect("a temporary folder");
    lxca(
        &[
            &[
                "run",
                "--url",
                url,
                "--user",
                "USERID",
                "--filter",
                "appliance.get::*",
                "--out",
                text(folder.path()),
            ],
            more,
        ]
        .concat(),
    )
}

fn accepted(answer: &Answer) {
    assert!([0, 3].contains(&answer.exit) && !answer.stdout.contains(" 0 pass"), "{answer:?}");
}

fn refused(answer: &Answer, words: &[&str], never: &[&str]) {
    assert_eq!(answer.exit, 5, "{answer:?}");
    for word in words {
        assert!(answer.stderr.contains(word), "`{word}` isn't in {}", answer.stderr);
    }
    for word in never {
        assert!(!answer.stderr.contains(word), "`{word}` is in {}", answer.stderr);
    }
}

const BOTH: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS12, &rustls::version::TLS13];

#[test]
fn a_certificate_of_version_1_can_be_pinned_and_its_owner_must_prove_to_be_one() {
    let certificate = certificate("version-1.pem");
    let pin = fingerprint_of(&certificate);
    let file = fixture("version-1.pem");
    for version in BOTH {
        let owner = served(&certificate, key("version-1.key"), &[version]);
        let answer = lxca(&["fingerprint", &owner]);
        assert_eq!(
            (answer.exit, answer.stdout.trim(), answer.stderr.as_str()),
            (0, pin.as_str(), ""),
            "{answer:?}"
        );
        accepted(&run(&owner, &["--pin-sha256", &pin]));
        accepted(&run(&owner, &["--insecure"]));
        refused(
            &run(&owner, &["--pin-sha256", &"0".repeat(64)]),
            &["the certificate changed", &pin],
            &[],
        );
        // It names nobody, so a file can't vouch for it, and a pin can.
        for trust in [vec!["--ca-file", text(&file)], vec![]] {
            refused(
                &run(&owner, &trust),
                &["X.509 version 1", "pin-sha256", "ca-file can't help"],
                &["BadSignature", "unexpected error"],
            );
        }
        // Whoever shows it without having its key is refused, however it is trusted.
        let thief = served(&certificate, Arc::new(WrongKey(key("version-1.key"))), &[version]);
        for trust in [vec!["--pin-sha256", &pin], vec!["--insecure"]] {
            refused(
                &run(&thief, &trust),
                &["BadSignature", "doesn't have the key of its certificate"],
                &["lxca-conform fingerprint"],
            );
        }
        let answer = lxca(&["fingerprint", &thief]);
        assert_eq!((answer.exit, answer.stdout.as_str()), (5, ""), "{answer:?}");
        assert!(
            answer.stderr.contains("doesn't have the key of its certificate"),
            "{}",
            answer.stderr
        );
    }
}

/// Signs as a key of the right kind does, and wrongly.
#[derive(Debug)]
struct WrongKey(Arc<dyn SigningKey>);

impl SigningKey for WrongKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        self.0.choose_scheme(offered).map(|signer| Box::new(WrongSigner(signer)) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }
}

#[derive(Debug)]
struct WrongSigner(Box<dyn Signer>);

impl Signer for WrongSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        self.0.sign(&[message, b"and more"].concat())
    }

    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }
}

#[test]
fn a_kind_of_key_that_cant_be_verified_is_named_and_its_hash_is_printed_all_the_same() {
    let ecdsa = SignatureAlgorithm::ECDSA;
    for (name, foreign, kind) in [
        ("p-521.pem", Foreign(SignatureScheme::ECDSA_NISTP521_SHA512, ecdsa), "ECDSA on P-521"),
        (
            "rsa-1024.pem",
            Foreign(SignatureScheme::RSA_PSS_SHA256, SignatureAlgorithm::RSA),
            "RSA with 1024 bits",
        ),
        (
            "rsa-pss.pem",
            Foreign(SignatureScheme::Unknown(0x0809), SignatureAlgorithm::RSA),
            "RSA for PSS only",
        ),
        ("ed448.pem", Foreign(SignatureScheme::ED448, SignatureAlgorithm::ED448), "Ed448"),
        (
            "secp256k1.pem",
            Foreign(SignatureScheme::ECDSA_NISTP256_SHA256, ecdsa),
            "ECDSA on secp256k1",
        ),
    ] {
        let certificate = certificate(name);
        let pin = fingerprint_of(&certificate);
        let url = served(&certificate, Arc::new(foreign), &[&rustls::version::TLS13]);
        let answer = lxca(&["fingerprint", &url]);
        assert_eq!((answer.exit, answer.stdout.trim()), (0, pin.as_str()), "{name}: {answer:?}");
        assert!(
            answer.stderr.contains(kind) && answer.stderr.contains("nothing proves"),
            "{name}: {}",
            answer.stderr
        );
        let file = fixture(name);
        for trust in
            [vec!["--pin-sha256", &pin], vec!["--ca-file", text(&file)], vec!["--insecure"], vec![]]
        {
            refused(
                &run(&url, &trust),
                &["this build can't check", kind, "pin-sha256, ca-file and insecure can't help"],
                &["BadSignature", "lxca-conform fingerprint"],
            );
        }
    }
}

/// A server that speaks as it did long ago: it refuses our hello, and answers one that offers more.
/// Its address.
fn old(version: [u8; 2], suite: [u8; 2], certificate: &CertificateDer<'_>, alert: u8) -> String {
    let sized = |count: usize, content: &[u8]| {
        [&content.len().to_be_bytes()[size_of::<usize>() - count..], content].concat()
    };
    let record = |kind: u8, content: &[u8]| [&[kind, 3, 1][..], &sized(2, content)].concat();
    let hello = [&version[..], &[9; 32], &[0], &suite, &[0]].concat();
    let shown = sized(3, &sized(3, certificate.as_ref()));
    let messages = [&[2][..], &sized(3, &hello), &[11], &sized(3, &shown), &[14, 0, 0, 0]].concat();
    let (answer, refusal) = (record(22, &messages), record(21, &[2, alert]));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut said = [0; 2048];
            let count = stream.read(&mut said).unwrap_or(0);
            let offered = said[..count].windows(2).any(|pair| pair == [0xc0, 0x14]);
            let _ = stream.write_all(if offered { &answer } else { &refusal });
        }
    });
    format!("https://127.0.0.1:{port}")
}

#[test]
fn an_old_version_and_old_cipher_suites_are_named_and_the_hash_is_printed_all_the_same() {
    let certificate = certificate("p-256.pem");
    let pin = fingerprint_of(&certificate);
    for (version, suite, alert, words) in [
        ([3, 2], [0xc0, 0x14], 70, "TLS 1.1"),
        ([3, 1], [0x00, 0x2f], 70, "TLS 1.0"),
        ([3, 0], [0x00, 0x0a], 40, "SSL 3.0"),
        ([3, 3], [0xc0, 0x28], 40, "AES-256-CBC"),
        ([3, 3], [0x00, 0x9c], 40, "RSA key exchange with AES-128-GCM"),
    ] {
        let url = old(version, suite, &certificate, alert);
        let answer = lxca(&["fingerprint", &url]);
        assert_eq!((answer.exit, answer.stdout.trim()), (0, pin.as_str()), "{words}: {answer:?}");
        assert!(
            answer.stderr.contains(words) && answer.stderr.contains("nothing proves"),
            "{}",
            answer.stderr
        );
        for trust in [vec!["--pin-sha256", &pin], vec!["--insecure"], vec![]] {
            refused(
                &run(&url, &trust),
                &[words, "pin-sha256, ca-file and insecure can't help"],
                &["lxca-conform fingerprint"],
            );
        }
    }
}

#[test]
fn a_file_of_certificates_is_read_or_its_form_is_named_with_the_command_that_converts_it() {
    let url = served(&certificate("p-256.pem"), key("p-256.key"), &BOTH);
    let folder = TempDir::new().expect("a temporary folder");
    let pem = fs::read_to_string(fixture("p-256.pem")).expect("a file");
    let private = fs::read_to_string(fixture("p-256.key")).expect("a file");
    let written = |bytes: &[u8]| {
        let file = folder.path().join("ca");
        fs::write(&file, bytes).expect("a file");
        run(&url, &["--ca-file", text(&file)])
    };
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(pem.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [
        certificate("p-256.pem").to_vec(),
        format!("\u{feff}{pem}").into_bytes(),
        wide,
        pem.replace('\n', "\r\n").into_bytes(),
        pem.replace('\n', "").into_bytes(),
        pem.replace('\n', "\\n").into_bytes(),
        format!("{private}{pem}").into_bytes(),
        format!("Certificate:\n    Data:\n{pem}and more\n").into_bytes(),
    ] {
        accepted(&written(&bytes));
    }
    for (file, form, command) in [
        ("p-256.p7b", "PKCS #7 (DER)", "openssl pkcs7 -inform DER -in"),
        ("p-256.p7b.pem", "PKCS #7 (PEM)", "openssl pkcs7 -in"),
        ("p-256.p12", "PKCS #12", "openssl pkcs12 -in"),
        ("trusted.pem", "TRUSTED CERTIFICATE", "openssl x509 -in"),
        ("request.der", "certificate signing request", "name the certificate"),
        ("p-256.key", "a private key", "name the file that contains the certificate"),
        ("", "it is a folder", "cat "),
    ] {
        let answer = run(&url, &["--ca-file", text(&fixture(file))]);
        assert_eq!(answer.exit, 2, "{file}: {answer:?}");
        assert!(
            answer.stderr.contains(form) && answer.stderr.contains(command),
            "{file}: {}",
            answer.stderr
        );
    }
    for (bytes, words) in [
        (&b""[..], "empty"),
        (b"<html>login</html>", "an HTML page"),
        (&pem.as_bytes()[..200], "is truncated"),
        (b"nothing", "contains no certificate"),
    ] {
        let answer = written(bytes);
        assert!(answer.exit == 2 && answer.stderr.contains(words), "{answer:?}");
    }
}

#[test]
fn a_server_that_demands_a_client_certificate_is_named_and_one_that_asks_for_it_is_used() {
    let certificate = certificate("p-256.pem");
    let pin = fingerprint_of(&certificate);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.clone()).expect("an authority");
    let roots = Arc::new(roots);
    let provider = Arc::new(ring::default_provider());
    let clients =
        || WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
    for version in BOTH {
        let demanding = clients().build().expect("a verifier");
        let url = served_to(demanding, &certificate, key("p-256.key"), &[version]);
        for trust in [vec!["--pin-sha256", &pin], vec!["--insecure"]] {
            refused(
                &run(&url, &trust),
                &["demands a client certificate", "can't help"],
                &["then trust that certificate"],
            );
        }
        assert_eq!(lxca(&["fingerprint", &url]).stdout.trim(), pin);
        let asking = clients().allow_unauthenticated().build().expect("a verifier");
        let url = served_to(asking, &certificate, key("p-256.key"), &[version]);
        accepted(&run(&url, &["--pin-sha256", &pin]));
        refused(&run(&url, &[]), &["lxca-conform fingerprint"], &["demands"]);
    }
}
