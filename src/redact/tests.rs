//! Tests of `redact`, in a file of their own for their length.
//!
//! Knows: `redact`. Must not know: what uses it.

use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

use super::*;

fn redactor(secret: &str) -> Redactor {
    let mut redactor = Redactor::default();
    redactor.add(Some("USERID"), &SecretString::from(secret.to_owned()));
    redactor
}

#[test]
fn a_secret_is_found_in_each_encoding() {
    let redactor = redactor("P\"a&s/s Wörd");
    for form in [
        "P\"a&s/s Wörd",
        "P%22a%26s%2Fs%20W%C3%B6rd",
        "P%22a%26s%2fs+W%c3%b6rd",
        "P%2522a%2526s%252Fs%2520W%25C3%25B6rd",
        "P%22a%26s%2fs%20W%F6rd",
        r#"P\"a&s\/s Wörd"#,
        r#"P\\\"a&s/s W\\u00f6rd"#,
        r"P\u0022a\u0026s/s W\u00F6rd",
        "P&quot;a&amp;s/s W&ouml;rd",
        "P&#34;a&amp;s/s W&#246;rd",
        "P&amp;quot;a&amp;amp;s/s W&#xF6;rd",
        r#"\u0050\"a&s/s W\u00f6\u0072d"#,
        r#"\\u0050\"\\u0061&s/s Wörd"#,
        "%50%22%61%26s%2Fs%20W%C3%B6rd",
        "&#80;&quot;&#x61;&amp;s/s W&ouml;r&#100;",
    ] {
        assert_eq!(
            redactor.text(&format!("before {form} after")),
            format!("before {MARK} after"),
            "{form}"
        );
    }
    assert_eq!(redactor.bytes(b"before P\"a&s/s W\xF6rd \xFF"), b"before [redacted] \xFF");
    for text in ["P\"a&s/s Wörd", "USERID:P\"a&s/s Wörd"] {
        let plain = STANDARD.encode(text);
        for form in [
            plain.clone(),
            STANDARD_NO_PAD.encode(text),
            URL_SAFE.encode(text),
            URL_SAFE_NO_PAD.encode(text),
            plain.replace('/', "\\/").replace('=', "\\u003d"),
            plain.replace('=', "%3D"),
        ] {
            assert_eq!(
                redactor.text(&format!("before {form} after")),
                format!("before {MARK} after"),
                "{form}"
            );
        }
    }
    assert_eq!(redactor.text("P a s s Word"), "P a s s Word");
}

#[test]
fn renewed_ids_are_each_found_and_each_kept_once() {
    let mut redactor = redactor("secret");
    for number in 0..200 {
        let id = format!("node0abcdef{number}");
        redactor.add_renewed(&SecretString::from(id.clone()));
        assert_eq!(
            redactor.text(&format!("{{\"id\":\"{id}\"}}")),
            format!("{{\"id\":\"{MARK}\"}}")
        );
    }
    assert_eq!(redactor.text("node0abcdef7 secret"), format!("{MARK} {MARK}"));
    let sets = redactor.renewed.len();
    redactor.add_renewed(&SecretString::from("node0abcdef7".to_owned()));
    assert_eq!(redactor.renewed.len(), sets);
}

#[test]
fn secret_headers_keep_their_scheme_only() {
    let redactor = redactor("secret");
    assert_eq!(redactor.header("Authorization", "Basic abc"), "Basic [redacted]");
    assert_eq!(redactor.header("set-cookie", "csrf=abc; Path=/"), "csrf=[redacted]; Path=/");
    assert_eq!(redactor.header("x-csrf-token", "abc"), MARK);
    assert_eq!(redactor.header("date", "today"), "today");
}

#[test]
fn a_letter_whose_lower_case_is_longer_hides_no_secret_member() {
    let told = "{\"name\": \"\u{130}zmir\", \"PassWord\" : \"hush\"}";
    let shown = Redactor::default().body(told);
    assert!(!shown.contains("hush") && shown.contains("\u{130}zmir"), "{shown}");
}

#[test]
fn secret_members_are_emptied_even_in_broken_json() {
    let redactor = Redactor::default();
    assert_eq!(
        redactor.body(r#"{ "Password" : "x\"y", "a": 1 "#),
        r#"{ "Password" : "[redacted]", "a": 1 "#
    );
    assert_eq!(redactor.body(r#"{"password": "never ends"#), r#"{"password": "[redacted]"#);
    assert_eq!(redactor.body(r#"{"a":"b"}"#), r#"{"a":"b"}"#);
    assert_eq!(redactor.body(r#"{"password":""}"#), r#"{"password":""}"#);
}
