//! A pinned certificate, and the fingerprint that it is pinned by.
//!
//! Knows: certificates with and without their key. Must not know: how a certificate is verified.

use std::io::{BufRead as _, BufReader};

use rcgen::KeyPair;

use crate::support::command::{Answer, Served, answer, binary, lxca};
use crate::support::wire::Recorder;

use super::{
    ELSEWHERE, GOOD, QUICK, Says, accepted, at, config, good, listener, pinned, refused, run,
    served, terminated, with_ca,
};

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
