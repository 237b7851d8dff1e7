//! Tests of `target`, in a file of their own for their length.
//!
//! Knows: `target`. Must not know: what uses it.

use std::time::Duration;

use super::*;

#[test]
fn every_problem_of_a_target_file_is_shown_at_once() {
    let text = "nam = \"x\"\nurl = \"ftp://x\"\nallow = \"everything\"\n[auth]\nmethod = \
        \"digest\"\n[tls]\npin-sha256 = \"12\"\n[limits]\nconcurrency = 99\nrequest-timeout = \
        \"soon\"\n";
    let problems = parse("t.toml", text, Path::new(""), &["push.destination"]).unwrap_err();
    let all = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for word in [
        "unknown key `nam`",
        "`name` is missing",
        "isn't a valid address",
        "everything",
        "digest",
        "`user` is missing",
        "pin-sha256",
        "concurrency",
        "soon",
    ] {
        assert!(all.contains(word), "{word} in\n{all}");
    }
    assert!(all.contains("t.toml:2:7"), "{all}");
}

#[test]
fn a_whole_target_file_is_read() {
    let text = "name = \"lab\"\nurl = \"https://192.0.2.10/\"\nallow = \
        \"write\"\n[auth]\nmethod = \"session\"\nuser = \"U\"\npassword-env = \
        \"P\"\n[tls]\nca-file = \"ca.pem\"\n[limits]\nmax-body = \"1 MiB\"\njob-timeout = \
        \"5m\"\n[facts]\n\"backup.uuid\" = \"1\"\n[expect]\nversion = \">=4.1, <5\"\n";
    let target = parse("t.toml", text, Path::new("/etc"), &["backup.uuid"]).unwrap();
    assert_eq!(target.url, "https://192.0.2.10");
    assert_eq!(target.tls, TlsPolicy::CaFile(PathBuf::from("/etc/ca.pem")));
    assert_eq!(target.limits.max_body, 1024 * 1024);
    assert_eq!(target.limits.job_timeout, Duration::from_mins(5));
    assert_eq!(target.facts["backup.uuid"], "1");
    assert_eq!(target.login, Login::Session);
}
