//! A certificate that is given to `serve`: shown, and trusted by whoever is told to.
//!
//! Knows: the binary and a TLS client. Must not know: the library behind it.

use crate::support::command::{lxca, text};

use super::{Double, refused, written};

#[test]
fn a_given_certificate_is_shown_and_trusted_when_a_client_is_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let cert = written(folder.path(), "cert.pem", &made.cert.pem());
    let key = written(folder.path(), "key.pem", &made.signing_key.serialize_pem());
    let double = Double::start(&["--cert", &cert, "--key", &key]);
    assert!(double.url.starts_with("https://127.0.0.1:"), "{}", double.url);
    let shown = lxca(&["fingerprint", &double.url]);
    assert_eq!(shown.exit, 0, "{}", shown.stderr);
    let out = folder.path().join("out");
    let run = [
        "run",
        "--url",
        &double.url,
        "--user",
        "USERID",
        "--ca-file",
        &cert,
        "--filter",
        "appliance.get::*",
        "--allow-incomplete",
        "--out",
        text(&out),
    ];
    let ran = lxca(&run);
    assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
    let (exit, said) = double.end("INT");
    assert_eq!(exit, 0);
    assert_eq!(
        said.lines().next(),
        Some(format!("certificate SHA-256 {}", shown.stdout.trim()).as_str())
    );
    assert!(said.contains(" GET /aicc 200 USERID "), "{said}");

    let other =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let other = written(folder.path(), "other.pem", &other.signing_key.serialize_pem());
    for (cert, key, words) in [
        (&cert, &other, "the key must belong to it"),
        (&key, &key, "-----BEGIN CERTIFICATE-----"),
        (&cert, &cert, "no private key"),
    ] {
        let said = refused(&["--cert", cert, "--key", key]);
        assert!(said.contains(words) && said.contains(".pem"), "{said}");
    }
    assert!(refused(&["--cert", &cert]).contains("--key"));
    assert!(refused(&["--key", &key]).contains("--cert"));
    assert!(
        refused(&["--cert", "no-such.pem", "--key", &key])
            .contains("read no-such.pem: No such file")
    );
}
