//! Answers that no appliance gave: of a redirect, a gateway, a proxy, or another web server.
//!
//! Knows: statuses and labels that show who answered, and what a person can do then. Must not know:
//! what is asked next, or which product is meant.

use crate::address::{self, Redirect};
use crate::exchange::{Exchange, NoJson, Received, is_json};
use crate::own_words::with_own_words;
use crate::record::EndedEarly;
use crate::why::EndKind;

/// What somebody else than an appliance answered, for sure: why nothing more is asked there.
pub(super) fn certainly(base: &str, proxied: bool, exchange: &Exchange) -> Option<EndedEarly> {
    let got = exchange.got.as_ref()?;
    let asked = format!("{} {}", exchange.sent.method, exchange.sent.target);
    let status = got.status;
    let in_its_place = |who: &str, advice: &str| EndedEarly {
        kind: EndKind::Unreachable,
        what: format!("{who} answered {asked} in place of {base} ({status}){advice}"),
    };
    Some(match status {
        300..400 => EndedEarly {
            kind: EndKind::Identity,
            what: format!("{base} {}", redirected(base, &asked, &exchange.sent.target, got)),
        },
        407 if proxied => in_its_place(
            "the proxy",
            ": it wants credentials; give them with `proxy-credentials-env`",
        ),
        407 => in_its_place("a proxy", ": it wants credentials, and this program uses none here"),
        421 | 426 => EndedEarly {
            kind: EndKind::Identity,
            what: with_own_words(
                format!(
                    "{base} wants to be reached by another name or protocol ({status} on {asked}); \
                        check the url"
                ),
                Some(got),
            ),
        },
        502 | 504 => in_its_place(
            "a gateway",
            ", which it can't reach; `run --wait 15m` waits until the appliance is up",
        ),
        511 => in_its_place("the network", ": it wants a login of its own first"),
        _ => return None,
    })
}

/// Whether an answer is none that an appliance would give, though one that is broken might: a text
/// that neither is nor claims to be JSON.
pub(super) fn possibly(got: &Received) -> bool {
    let is_foreign = matches!(got.json(), Err(NoJson::Wrong(_)))
        && got.body.bytes > 0
        && !got.header("content-type").is_some_and(is_json);
    is_foreign && got.status != 429 && matches!(got.status, 200..300 | 400..500)
}

/// Where a redirect leads, and what to write instead.
fn redirected(base: &str, asked: &str, target: &str, got: &Received) -> String {
    let status = got.status;
    let told = got.header("location").unwrap_or_default();
    let Some(Redirect { place, other_door }) = address::redirect(base, told) else {
        return format!("redirects {asked} ({status}), and doesn't say where to");
    };
    let what = format!("redirects {asked} to {place} ({status}), and redirects aren't followed");
    let elsewhere = place.strip_suffix(target).filter(|other| *other != base);
    match elsewhere.map(str::to_owned).or(other_door) {
        Some(other) => format!("{what}; write {other} as its url"),
        None => format!(
            "{what}; check the url and its path, and whether the account may log in this way"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn got(status: u16, headers: &[(&str, &str)], body: &str) -> Received {
        let headers: Vec<(&str, &str)> = headers.to_vec();
        serde_json::from_value(serde_json::json!({
            "status": status, "version": "HTTP/1.1", "headers": headers, "body": { "text": body, "bytes": body.len() },
        }))
        .expect("an answer")
    }

    #[test]
    fn a_redirect_says_what_to_write_instead_and_no_secret() {
        let to = |location| {
            redirected(
                "http://lxca.example.com",
                "GET /aicc",
                "/aicc",
                &got(301, &[("location", location)], ""),
            )
        };
        assert!(
            to("https://lxca.example.com/aicc")
                .ends_with("write https://lxca.example.com as its url")
        );
        let other_door = to("https://lxca.example.com/login");
        assert!(other_door.ends_with("write https://lxca.example.com as its url"), "{other_door}");
        assert!(to("https://h:8443/lxca/aicc").ends_with("write https://h:8443/lxca as its url"));
        let login = to("/ui/login.html?password=PASSW0RD#x");
        assert!(login.contains("http://lxca.example.com/ui/login.html (301)"), "{login}");
        assert!(!login.contains("PASSW0RD") && login.contains("check the url"), "{login}");
        assert!(!to("https://user:PASSW0RD@h/aicc").contains("PASSW0RD"));
        assert!(to("http://[").contains("doesn't say where to"));
    }

    #[test]
    fn what_an_appliance_may_answer_is_no_strangers() {
        for (status, body) in
            [(404, "{}"), (500, "<html>"), (429, "x"), (503, ""), (200, "{\"a\":1}")]
        {
            assert!(!possibly(&got(status, &[], body)), "{status}");
        }
        assert!(!possibly(&got(200, &[("content-type", "application/json")], "{\"a\":")));
        assert!(!possibly(&got(204, &[], "")));
        for (status, body) in [(404, "<html>"), (200, "OK"), (400, "plain HTTP")] {
            assert!(possibly(&got(status, &[("content-type", "text/plain")], body)), "{status}");
        }
    }
}
