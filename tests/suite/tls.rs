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

mod authorities;
mod evidence;
mod handshake;
mod pins;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

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

use crate::support::command::{Answer, lxca, text};

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
