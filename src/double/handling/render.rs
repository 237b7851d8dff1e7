//! An answer put into bytes, with the header lines around it.
//!
//! Knows header lines and the variants of them. Must not know why an answer was given.

use jiff::Timestamp;

use super::super::appliance::options::Options;
use super::super::http::answer::{Answer, Body};
use super::super::http::request::{Reply, Request, Wire};
use super::super::misbehave::variant::Variant;
use super::super::terms::clock;
use super::wording;

/// Puts the answer into bytes, for the client that sent this request.
pub(crate) fn render(
    answer: Answer,
    options: &Options,
    request: &Request,
    now: Timestamp,
) -> Reply {
    let varies = |variant| options.variants.contains(&variant);
    // As recorded appliances send them, without the order to come back by TLS only: a browser
    // would keep that for localhost.
    let usual = [
        ("x-lxca-conform-double", "1"),
        ("Cache-Control", "no-store, no-cache, must-revalidate"),
        ("Pragma", "no-cache"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "SAMEORIGIN"),
    ];
    let mut headers: Vec<(String, String)> =
        usual.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    headers.extend(options.date(now).map(|date| ("Date".to_owned(), clock::http_date(date))));
    let (mut body, usual) = match answer.body {
        Body::None => (Vec::new(), None),
        Body::Text(text) => (text.into_bytes(), Some("text/plain; charset=UTF-8".to_owned())),
        // Where a variant is set, nothing is left as it is kept.
        Body::Kept(text) | Body::Written(text) => {
            (text.into_bytes(), Some(json_media_type(options)))
        }
        Body::Bytes(bytes) => (bytes, None),
        Body::Json(value) => (wording::json_bytes(&value, options), Some(json_media_type(options))),
    };
    if answer.broken_off {
        body.truncate(body.len() / 2);
    }
    if let Some(media_type) = answer.media_type.filter(|_| !body.is_empty()).or(usual) {
        headers.push(("Content-Type".to_owned(), media_type));
    }
    let mut say = |lines: &[(&str, &str)]| {
        headers.extend(lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    };
    if varies(Variant::DuplicateHeaders) {
        say(&[
            ("Cache-Control", "no-store"),
            ("Expires", "-1"),
            ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Content-Type-Options", "nosniff"),
        ]);
    }
    if varies(Variant::SecurityHeaders) {
        say(&[
            ("Pragma", "no-cache"),
            ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
            ("X-Frame-Options", "SAMEORIGIN"),
        ]);
        say(&[
            ("Content-Security-Policy", "default-src 'self'"),
            ("X-XSS-Protection", "1; mode=block"),
            ("Vary", "Accept-Encoding, User-Agent"),
        ]);
    }
    if varies(Variant::CookieOnEveryReply) {
        say(&[("Set-Cookie", "userAuthenticationMethod=local; Path=/")]);
    }
    if varies(Variant::CloseAfterEach) {
        say(&[("Connection", "close")]);
    }
    if let Some((coding, packed)) = wording::packed(&body, options, request) {
        body = packed;
        say(&[("Content-Encoding", coding), ("Vary", "Accept-Encoding")]);
    }
    if varies(Variant::Chunked) && !body.is_empty() {
        say(&[("Transfer-Encoding", "chunked")]);
    }
    headers.extend(answer.headers);
    if varies(Variant::CookieForAnotherPath) {
        headers.push((
            "Set-Cookie".to_owned(),
            "JSESSIONID=0000000000000000;Path=/compliancePolicies;Secure;HttpOnly".to_owned(),
        ));
    }
    if varies(Variant::TwoHundredHeaders) {
        headers.extend((0..200).map(|number| (format!("X-Detail-{number}"), "none".to_owned())));
    }
    answer.header_edits.iter().for_each(|edit| edit.apply(&mut headers));
    if varies(Variant::LowerCaseHeaders) {
        for (name, _) in &mut headers {
            name.make_ascii_lowercase();
        }
    }
    // What is broken on purpose stays so.
    let unusual = UNUSUAL
        .iter()
        .find(|(variant, _)| answer.wire == Wire::Normal && varies(*variant))
        .map(|(_, wire)| *wire);
    Reply {
        status: answer.status,
        headers,
        body,
        delay: answer.delay,
        wire: unusual.unwrap_or(answer.wire),
    }
}

/// What only a server of its own bytes can show.
const UNUSUAL: &[(Variant, Wire)] = &[
    (Variant::FoldedHeader, Wire::Folded),
    (Variant::BlankBeforeColon, Wire::BlankBeforeColon),
    (Variant::ClosesWithoutSayingSo, Wire::ClosedSilently),
    (Variant::EarlyHints, Wire::EarlyHints),
];

fn json_media_type(options: &Options) -> String {
    if options.variants.contains(&Variant::VendorMediaType) {
        format!("application/com.lenovo.lxca-v{}+json; charset=UTF-8", options.version)
    } else if options.variants.contains(&Variant::CharsetAbsent) {
        "application/json".to_owned()
    } else {
        "application/json; charset=UTF-8".to_owned()
    }
}
