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
fn json_stays_json_whatever_the_secret_is() {
    let told = r#"{"result":"success","n":[-12345678,1.5e3,true],"a\"b":"c\nd\\","t":{"é":null}}"#;
    for secret in [
        "success", "12345678", "1", "\"", "\\", ",", ":", "n", "u", "true", "e", "é", "\":\"", "t",
        "{",
    ] {
        let kept = redactor(secret).body(told);
        let json: serde_json::Value = serde_json::from_str(&kept).expect(&kept);
        let marked = kept.contains(MARK);
        assert_eq!(marked, ![",", ":", "true", "\":\"", "{"].contains(&secret), "{secret}: {kept}");
        assert!(json.is_object(), "{secret}");
    }
    let kept = |secret: &str| redactor(secret).body(told);
    assert!(kept("success").starts_with(r#"{"result":"[redacted]","n":["#));
    assert!(kept("12345678").contains(r#""n":["[redacted]",1.5e3,true]"#));
    assert!(kept("result").starts_with(r#"{"[redacted]":"success""#), "a name can be the secret");
    assert!(kept("\\").contains(r#""[redacted]":"c[redacted]nd[redacted]""#), "no escape is torn");
    assert!(!redactor("success").body("{\"a\":\"success").contains("success"), "what isn't JSON");
    assert!(!redactor("s3cret").body("\u{feff}{\"a\":\"xs3cretx\"}").contains("s3cret"));
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

fn bodies(rows: &[(&str, &str)]) {
    let redactor = Redactor::default();
    for (told, kept) in rows {
        assert_eq!(redactor.body(told), *kept, "{told}");
        assert_eq!(redactor.body(kept), *kept, "what is clean stays as it is");
    }
}

#[test]
fn everything_below_a_secret_member_is_taken_out_and_keeps_its_type() {
    bodies(&[
        (
            r#"{"password":{"value":"x","n":[12,true]}}"#,
            r#"{"password":{"value":"[redacted]","n":[0,true]}}"#,
        ),
        (
            r#"{"passwords":["a","b\"c"],"d":"e"}"#,
            r#"{"passwords":["[redacted]","[redacted]"],"d":"e"}"#,
        ),
        (r#"{"pwd":-1.5e3,"x":1}"#, r#"{"pwd":0,"x":1}"#),
        (
            r#"{"password":null,"userPw":false,"secret":""}"#,
            r#"{"password":null,"userPw":false,"secret":""}"#,
        ),
        (
            r#"{"bindPassword":"x","communityName":"y","privPassword":"z"}"#,
            r#"{"bindPassword":"[redacted]","communityName":"[redacted]","privPassword":"[redacted]"}"#,
        ),
        (
            r#"{"pwChangeRequired":"no","passwordExpiration":"9","pwdAge":3}"#,
            r#"{"pwChangeRequired":"no","passwordExpiration":"9","pwdAge":3}"#,
        ),
        (r#"{"password":["a","#, r#"{"password":["[redacted]","#),
        (r#"{"a":"password","b":"c"}"#, r#"{"a":"password","b":"c"}"#),
    ]);
}

#[test]
fn a_secret_member_in_a_text_that_is_json_is_found() {
    for depth in 1..5 {
        let (mut told, mut kept) = (
            "{\n \"a\":\"b\",\n\t\"password\" : \"x\\\"y\",\"n\":[1]}".to_owned(),
            "{\n \"a\":\"b\",\n\t\"password\" : \"[redacted]\",\"n\":[1]}".to_owned(),
        );
        for _ in 0..depth {
            (told, kept) = (serde_json::json!({"body": told}), serde_json::json!({"body": kept}))
                .map_both(|value| value.to_string());
        }
        bodies(&[(&told, &kept)]);
        assert_eq!(secrets_in(&told), ["x\"y"], "{told}");
    }
    bodies(&[(r#"{"b":"{\"token\":\"cut"#, r#"{"b":"{\"token\":\"[redacted]"#)]);
}

trait MapBoth<T> {
    fn map_both<U>(self, map: impl Fn(T) -> U) -> (U, U);
}

impl<T> MapBoth<T> for (T, T) {
    fn map_both<U>(self, map: impl Fn(T) -> U) -> (U, U) {
        (map(self.0), map(self.1))
    }
}

#[test]
fn a_secret_is_found_by_its_name_in_bodies_of_other_forms() {
    bodies(&[
        ("user=x&passwd=s%41&y=1", "user=x&passwd=[redacted]&y=1"),
        ("password=secret-1", "password=[redacted]"),
        (
            "<a><password>x&amp;y</password><b>c</b></a>",
            "<a><password>[redacted]</password><b>c</b></a>",
        ),
        ("<n:userPw a='b'><v>x</v></n:userPw>", "<n:userPw a='b'>[redacted]</n:userPw>"),
        ("<u password=\"x y\" name=\"z\"/>", "<u password=\"[redacted]\" name=\"z\"/>"),
        ("<password/><b>c</b>", "<password/><b>c</b>"),
        ("user: a\npassword: b c # d\nx: y\n", "user: a\npassword: [redacted]\nx: y\n"),
        ("u:\n  \"password\": 'it''s'\n", "u:\n  \"password\": '[redacted]'\n"),
        ("a:\n  password: |\n    x\n\n    y\n  z: 1\n", "a:\n  password: [redacted]\n  z: 1\n"),
        ("passwords:\n- a\n- b\nc: d\n", "passwords:[redacted]\nc: d\n"),
        ("- password: a\n- password: b\n", "- password: [redacted]\n- password: [redacted]\n"),
        (
            "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nx\r\ny\r\n--B\r\n\
                Content-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--B--\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n[redacted]\r\n--B\r\n\
                Content-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--B--\r\n",
        ),
        (
            "the password was changed; passwordHistory: 3",
            "the password was changed; passwordHistory: 3",
        ),
    ]);
}

#[test]
fn a_challenge_keeps_what_it_asks_for() {
    let redactor = Redactor::default();
    let header = |value| redactor.header("WWW-Authenticate", value);
    assert_eq!(
        header("Digest realm=\"x\", nonce=\"a\\\"b\", opaque=c, qop=\"auth\""),
        "Digest realm=\"x\", nonce=\"[redacted]\", opaque=\"[redacted]\", qop=\"auth\""
    );
    assert_eq!(
        header("Negotiate YII=, Basic realm=\"x\""),
        "Negotiate [redacted], Basic realm=\"x\""
    );
    assert_eq!(header("Basic realm=\"nonce\""), "Basic realm=\"nonce\"");
    assert_eq!(redactor.header("X-Api-Key", "abc"), MARK);
    assert_eq!(redactor.header("Location", "/x?token=abc#y"), "/x?token=[redacted]#y");
    assert_eq!(
        redactor.target("/x;jsessionid=abc/y?auth=d&e=f"),
        "/x;jsessionid=[redacted]/y?auth=[redacted]&e=f"
    );
}

#[test]
fn a_body_is_searched_in_time_that_grows_with_its_length() {
    let redactor = Redactor::default();
    let rows = |row: &str, count: usize| row.repeat(count);
    for body in [
        format!("[{}", rows(r#"{"password":{"a":["b",{"c":"#, 40_000)),
        format!("{{\"a\":\"{}", rows(r#"\"password\":{"#, 60_000)),
        format!("{{\"password\":\"{}", "\\".repeat(1_000_000)),
        rows("<password>", 100_000),
        rows("Content-Disposition: form-data; name=\"password\"\n", 20_000),
        rows("<password ", 100_000),
        rows("password: x\n", 80_000),
        rows("password", 125_000),
        rows("password ", 110_000),
        format!("password:\n{}", rows("  \n", 300_000)),
    ] {
        let start = std::time::Instant::now();
        let kept = redactor.body(&body);
        assert!(kept.len() <= body.len() * 2);
        assert!(start.elapsed().as_secs() < 5, "{} took {:?}", &body[..40], start.elapsed());
    }
}
