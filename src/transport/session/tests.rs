//! Tests of `session`, in a file of their own for their length.
//!
//! Knows: `session`. Must not know: what uses it.

use std::sync::RwLock;

use super::*;

/// The login of the built-in appliance file.
fn login() -> Login {
    let contract = crate::contract::built_in();
    contract.appliance.login.clone().unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn lines(cookies: &[&str]) -> Vec<(String, Vec<u8>)> {
    let date = ("date".to_owned(), b"Sun, 01 Mar 2020 12:00:00 GMT".to_vec());
    std::iter::once(date)
        .chain(cookies.iter().map(|cookie| ("set-cookie".to_owned(), cookie.as_bytes().to_vec())))
        .collect()
}

fn opened(at: &str, cookies: &[&str]) -> (Session, Url) {
    let (mut session, address) = (Session::default(), url(at));
    session.open(
        &login(),
        Some(&(address.clone(), address.clone())),
        (200, &lines(cookies)),
        b"",
        &mut Redactor::default(),
        "USERID",
    );
    (session, address)
}

fn cookie(session: &Session, at: &Url) -> String {
    session
        .ticket(Some(&login()), Some(at), "GET")
        .headers
        .iter()
        .find(|(name, _)| *name == "cookie")
        .map(|(_, value)| value.clone())
        .unwrap_or_default()
}

fn follow(session: &mut Session, at: &Url, status: u16, cookies: &[&str]) {
    let ticket = session.ticket(Some(&login()), Some(at), "GET");
    let answer = lines(cookies);
    let answer = (status, answer.as_slice());
    session.follow(&login(), at, &ticket, answer, &RwLock::default(), "USERID");
}

#[test]
fn a_cookie_for_another_path_is_not_sent_and_hides_no_other() {
    let (session, aicc) = opened(
        "https://192.0.2.10/aicc",
        &[
            "JSESSIONID=good; Path=/; HttpOnly",
            "JSESSIONID=other;Path=/compliancePolicies;Secure;HttpOnly",
        ],
    );
    assert_eq!(cookie(&session, &aicc), "JSESSIONID=good");
    assert_eq!(
        cookie(&session, &url("https://192.0.2.10/compliancePolicies/1")),
        "JSESSIONID=other; JSESSIONID=good"
    );
    assert_eq!(session.hint(&login()), None);
}

#[test]
fn a_renewed_value_is_shown_from_then_on_and_makes_older_tickets_old() {
    let (mut session, aicc) =
        opened("https://192.0.2.10/aicc", &["JSESSIONID=first; Path=/", "csrf=token1; Path=/"]);
    let ticket = session.ticket(Some(&login()), Some(&aicc), "GET");
    follow(&mut session, &aicc, 200, &["JSESSIONID=second; Path=/", "user=USERID"]);
    assert_eq!(cookie(&session, &aicc), "JSESSIONID=second; csrf=token1; user=USERID");
    assert!(
        session.is_newer(&ticket)
            && !session.is_newer(&session.ticket(Some(&login()), Some(&aicc), "GET"))
    );
    // The same again, one that holds no secret, and one in a refusal change nothing.
    let ticket = session.ticket(Some(&login()), Some(&aicc), "GET");
    follow(&mut session, &aicc, 200, &["JSESSIONID=second; Path=/", "user=OTHER"]);
    follow(&mut session, &aicc, 401, &["JSESSIONID=strangers; Path=/"]);
    assert!(!session.is_newer(&ticket));
    session.generation += 1;
    session.follow(
        &login(),
        &aicc,
        &ticket,
        (200, &lines(&["JSESSIONID=late; Path=/"])),
        &RwLock::default(),
        "USERID",
    );
    assert!(!session.is_newer(&ticket), "an answer of the session before this one");
}

#[test]
fn the_newest_token_is_shown_whether_it_came_as_a_cookie_or_as_a_header() {
    let (mut session, aicc) = opened(
        "https://192.0.2.10/aicc",
        &["JSESSIONID=first; Path=/", "csrf=token1; Path=/", "csrf=elsewhere; Path=/other"],
    );
    let token = |session: &Session| {
        session
            .ticket(Some(&login()), Some(&url("https://192.0.2.10/aicc")), "PUT")
            .headers
            .iter()
            .find(|(name, _)| *name == "x-csrf-token")
            .map(|(_, value)| value.clone())
    };
    assert_eq!(token(&session).as_deref(), Some("token1"));
    let ticket = session.ticket(Some(&login()), Some(&aicc), "GET");
    session.follow(
        &login(),
        &aicc,
        &ticket,
        (200, &[("csrf".to_owned(), b"token2".to_vec())]),
        &RwLock::default(),
        "USERID",
    );
    assert_eq!(token(&session).as_deref(), Some("token2"));
    assert!(session.is_newer(&ticket));
    follow(&mut session, &aicc, 200, &["csrf=token3; Path=/"]);
    assert_eq!(token(&session).as_deref(), Some("token3"));
}

#[test]
fn a_cookie_ends_by_the_clock_of_the_appliance() {
    let (mut session, aicc) = opened(
        "https://192.0.2.10/aicc",
        &[
            "JSESSIONID=first; Path=/; Expires=Sun, 01 Mar 2020 13:00:00 GMT",
            "extra=1; Expires=Sun, 01-Mar-20 13:00:00 GMT",
        ],
    );
    assert_eq!(cookie(&session, &aicc), "JSESSIONID=first; extra=1");
    follow(&mut session, &aicc, 200, &["extra=1; Expires=Sun, 01 Mar 2020 11:00:00 GMT"]);
    assert_eq!(cookie(&session, &aicc), "JSESSIONID=first");
    follow(&mut session, &aicc, 200, &["JSESSIONID=; Path=/; Max-Age=0"]);
    assert_eq!(cookie(&session, &aicc), "");
    let forgotten =
        by_the_clock_of_the_peer("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", None);
    assert_eq!(forgotten, "a=b; Path=/; Max-Age=0");
    assert_eq!(by_the_clock_of_the_peer("a=b; Expires=Sun, 01 Mar 2020 11:00:00 GMT", None), "a=b");
    assert_eq!(by_the_clock_of_the_peer("a=b; Expires=never; Max-Age=5", None), "a=b; Max-Age=5");
}

#[test]
fn a_cookie_that_cant_be_sent_is_named_with_the_reason() {
    let hint = |at: &str, line: &str| opened(at, &[line]).0.hint(&login());
    let secure = hint("http://192.0.2.10/aicc", "JSESSIONID=abcdef; Path=/; Secure").unwrap();
    assert!(
        secure.contains("`JSESSIONID` is marked Secure") && !secure.contains("abcdef"),
        "{secure}"
    );
    assert_eq!(
        hint("http://127.0.0.1:8080/aicc", "JSESSIONID=abcdef; Path=/; Secure"),
        None,
        "the loopback is as good as TLS"
    );
    assert!(
        hint("https://192.0.2.10/aicc", "JSESSIONID=abcdef; Domain=lxca.example.com")
            .unwrap()
            .contains("is for lxca.example.com, but the run uses 192.0.2.10")
    );
    assert!(
        hint("https://192.0.2.10/aicc", "JSESSIONID=abcdef; Path=/sessions")
            .unwrap()
            .contains("is for the path /sessions")
    );
    assert!(opened("https://192.0.2.10/aicc", &[]).0.hint(&login()).unwrap().contains("no cookie"));
}

#[test]
fn the_quotes_of_a_cookie_are_no_part_of_its_secret() {
    let mut redactor = Redactor::default();
    let mut session = Session::default();
    let address = url("https://192.0.2.10/sessions");
    let cookies = lines(&["JSESSIONID=\"92b75eae29127\"; Path=/; HttpOnly", "csrf=\"; Path=/"]);
    session.open(
        &login(),
        Some(&(address.clone(), address.clone())),
        (200, &cookies),
        b"",
        &mut redactor,
        "USERID",
    );
    assert_eq!(cookie(&session, &address), "JSESSIONID=\"92b75eae29127\"; csrf=\"");
    assert_eq!(redactor.text("{\"id\":\"92b75eae29127\"}"), "{\"id\":\"[redacted]\"}");
    assert_eq!(redactor.text("sid 92b75eae29127."), "sid [redacted].");
    assert_eq!(redactor.text("\"\""), "\"\"");
}
