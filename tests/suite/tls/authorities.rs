//! A file of certificates, and the system's roots: which certificates they accept, and which they
//! refuse.
//!
//! Knows: authorities and certificates made here. Must not know: how a certificate is verified.

use super::{
    ELSEWHERE, GOOD, QUICK, Says, accepted, at, authority, authority_called, good, pinned, refused,
    run, with_ca,
};

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
