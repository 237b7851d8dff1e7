//! Tests of `form`, in a file of their own for their length.
//!
//! Knows: `form`. Must not know: what uses it.

use super::*;
use crate::certificates::{certificates, private_key};

#[test]
fn a_form_is_named_with_the_command_that_converts_it_and_the_path_as_a_shell_takes_it() {
    let said = Form::Pkcs12.of_certificates(Path::new("my certs/it's.p12"));
    assert!(
        said.contains("PKCS #12")
            && said.contains(r"openssl pkcs12 -in 'my certs/it'\''s.p12' -nokeys -out"),
        "{said}"
    );
    assert!(
        Form::Pkcs7 { pem: false }
            .of_certificates(Path::new("ca.p7b"))
            .contains("openssl pkcs7 -inform DER -in ca.p7b -print_certs -out ca.p7b.pem")
    );
    assert!(
        Form::EncryptedKey
            .of_key(Path::new("k.pem"))
            .contains("openssl pkey -in k.pem -out k.pem.pem")
    );
}

#[test]
fn what_is_no_certificate_is_named() {
    for (file, form) in [
        (&b""[..], Form::Empty),
        (b"\xef\xbb\xbf \n", Form::Empty),
        (b"<!DOCTYPE html><html>login</html>", Form::Page),
        (b"hunter2\n", Form::Unknown),
        (b"-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n", Form::Pkcs7 { pem: true }),
        (
            b"-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n",
            Form::Trusted,
        ),
        (
            b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
            Form::Request,
        ),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", Form::OnlyKey),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", Form::KeyStore),
        (b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", Form::Pkcs7 { pem: false }),
    ] {
        assert_eq!(certificates(file).unwrap_err(), form, "{}", String::from_utf8_lossy(file));
    }
}

#[test]
fn stores_and_requests_are_told_apart_by_their_bytes() {
    for (file, form, key_form) in [
        (
            &include_bytes!("../../../tests/fixtures/tls/p-256.p7b")[..],
            Form::Pkcs7 { pem: false },
            Form::Pkcs7 { pem: false },
        ),
        (
            include_bytes!("../../../tests/fixtures/tls/p-256.p7b.pem"),
            Form::Pkcs7 { pem: true },
            Form::NoKey,
        ),
        (include_bytes!("../../../tests/fixtures/tls/p-256.p12"), Form::Pkcs12, Form::Pkcs12),
        (include_bytes!("../../../tests/fixtures/tls/trusted.pem"), Form::Trusted, Form::NoKey),
        (include_bytes!("../../../tests/fixtures/tls/request.der"), Form::Request, Form::Request),
        (include_bytes!("../../../tests/fixtures/tls/p-256.key"), Form::OnlyKey, Form::Unknown),
    ] {
        assert_eq!(certificates(file).unwrap_err(), form);
        if key_form != Form::Unknown {
            assert_eq!(private_key(file).unwrap_err(), key_form);
        }
    }
}

#[test]
fn what_is_no_key_is_named() {
    for (file, form) in [
        (&b""[..], Form::Empty),
        (
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            Form::EncryptedKey,
        ),
        (
            b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA \
            PRIVATE KEY-----\n",
            Form::EncryptedKey,
        ),
        (
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
            Form::OpenSshKey,
        ),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", Form::NoKey),
    ] {
        assert_eq!(private_key(file).unwrap_err(), form, "{}", String::from_utf8_lossy(file));
    }
}

#[test]
fn no_message_holds_a_word_of_the_file() {
    let secret = "-----BEGIN PRIVATE KEY-----MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    for cut in 0..secret.len() {
        let (certificate, key) = (
            certificates(&secret.as_bytes()[..cut]).unwrap_err(),
            private_key(&secret.as_bytes()[..cut]).unwrap_err(),
        );
        let said = format!(
            "{certificate:?} {key:?} {} {}",
            certificate.of_certificates(Path::new("f")),
            key.of_key(Path::new("f"))
        );
        assert!(!said.contains("MIIE") && !said.contains("77, 73"), "{said}");
    }
}
