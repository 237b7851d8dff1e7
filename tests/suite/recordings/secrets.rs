//! What may not be kept: no secret of a recording reaches a file.
//!
//! Knows: a recording full of secrets, and every file that comes of it. Must not know: the
//! redactor.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::command::{lxca, text};

use super::{Desk, entry, judge};

#[test]
fn no_secret_of_a_recording_reaches_a_file() {
    let desk = Desk::new();
    let secrets = [
        "Us3r-info!",
        "t0k-in-query",
        "P@ss w0rd9",
        "node0abc123def456",
        "CSRFabc123456",
        "l0cation-token",
        "An0ther-one",
        "N3w-one!!",
        "jsess-99887766",
    ];
    let mut one = entry(
        "POST",
        "https://ADMIN:Us3r-info!@lxca.example.com/sessions;jsessionid=jsess-99887766\
         ?token=t0k-in-query",
        200,
        &[
            ("Content-Type", "text/html"),
            ("Set-Cookie", "csrf=CSRFabc123456; Path=/"),
            ("Location", "/x?access_token=l0cation-token"),
        ],
        "{\"result\":7,\"echo\":\"P@ss w0rd9\",\"csrf2\":\"CSRFabc123456\",\
         \"token\":\"An0ther-one\",\"b\":\"t0k-in-query N3w-one!!\"}",
    );
    one["request"]["headers"] = json!([
        { "name": "Authorization", "value": format!("Basic {}",
            STANDARD.encode("ADMIN:P@ss w0rd9")) },
        { "name": "Cookie", "value": "mode=local; JSESSIONID=node0abc123def456" },
        { "name": "X-Auth-Token", "value": "node0abc123def456" },
    ]);
    one["request"]["postData"] = json!({ "text":
        "{\"UserId\":\"ADMIN\",\"password\":\"P@ss w0rd9\",\"newPassword\":\"N3w-one!!\"}" });
    let out = text(&desk.0.path().join("out")).to_owned();
    let file = desk.har("secret.har", &[one]);
    let answer = judge(&[&file], &["--out", &out]);
    let shape = lxca(&["shape", &file]).stdout;
    let mut kept = format!("{}{}{shape}", answer.stdout, answer.stderr);
    for name in ["report.json", "report.html", "report.md", "junit.xml"] {
        kept.push_str(&std::fs::read_to_string(Path::new(&out).join(name)).expect("a report"));
    }
    assert!(kept.contains("[redacted]") && kept.contains("session.open::recorded-200"));
    let basic = STANDARD.encode("ADMIN:P@ss w0rd9");
    for secret in secrets.iter().copied().chain([basic.as_str(), "P@ss%20w0rd9", "P@ss+w0rd9"]) {
        assert!(!kept.contains(secret), "{secret}");
    }
}
