//! A proxy that the target file names, and none that the environment names.
//!
//! Knows: the binary, and small proxies that lead every address to a double. Must not know: how a
//! proxy is spoken to.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use crate::support::command::{Answer, Served, answer, binary, lxca, read, report, text};
use crate::support::wire::Recorder;

/// A proxy that leads every connection to one address, and keeps how it was asked to.
struct Tunnel {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tunnel {
    fn start(upstream: &str, greet: fn(&mut TcpStream) -> Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (shared, upstream) = (Arc::clone(&asked), upstream.to_owned());
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (shared, upstream) = (Arc::clone(&shared), upstream.clone());
                thread::spawn(move || {
                    let asked = greet(&mut stream)?;
                    shared.lock().expect("the list").push(asked);
                    let to = TcpStream::connect(upstream).ok()?;
                    let (mut there, mut back) = (to.try_clone().ok()?, stream.try_clone().ok()?);
                    let mut here = stream;
                    thread::spawn(move || std::io::copy(&mut here, &mut there));
                    let mut from = to;
                    std::io::copy(&mut from, &mut back).ok()
                });
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the list").clone()
    }
}

/// The head of a CONNECT request.
fn connect(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    String::from_utf8(head).ok()
}

/// The name that SOCKS 5 is asked for.
fn socks(stream: &mut TcpStream) -> Option<String> {
    let mut start = [0; 2];
    stream.read_exact(&mut start).ok()?;
    let mut methods = vec![0; start[1].into()];
    stream.read_exact(&mut methods).ok()?;
    stream.write_all(&[5, 0]).ok()?;
    let mut request = [0; 5];
    stream.read_exact(&mut request).ok()?;
    let mut rest = vec![0; usize::from(request[4]) + 2];
    stream.read_exact(&mut rest).ok()?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
    let name = &rest[..rest.len() - 2];
    Some(String::from_utf8_lossy(name).into_owned())
}

/// A run of a target whose address leads nowhere by itself.
fn run(folder: &Path, url: &str, more: &str) -> Answer {
    let file = folder.join("lab.toml");
    let target = format!("name = \"lab\"\nurl = \"{url}\"\n{more}");
    fs::write(&file, target).expect("a file");
    answer(
        binary()
            .env("P", "PASSW0RD")
            .env("PROXY_LOGIN", "prx-user:prx-hunter2")
            // What the environment says doesn't count.
            .env("HTTP_PROXY", "http://127.0.0.1:1")
            .env("HTTPS_PROXY", "http://127.0.0.1:1")
            .env("NO_PROXY", "*")
            .args(["run", "--target", text(&file), "--filter", "sftp-locks.list::*"])
            .args(["--out", text(&folder.join("out"))]),
    )
}

const AUTH: &str = "[auth]\nuser = \"USERID\"\npassword-env = \"P\"\nmethod = \"session\"\n";

fn passed(answer: &Answer, folder: &Path) {
    assert_eq!(answer.exit, 0, "{answer:?}");
    let report = report(&folder.join("out"));
    assert!(report["summary"]["cases"]["pass"].as_u64() > Some(1), "{}", report["summary"]);
}

#[test]
fn plain_requests_are_handed_to_the_proxy_whole() {
    let double = Served::start(&["--quiet"]);
    let proxy = Recorder::beside(&double.url);
    let folder = TempDir::new().expect("a temporary folder");
    let more = format!("proxy = \"{}\"\n{AUTH}", proxy.url);
    let answer = run(folder.path(), "http://lxca.invalid", &more);
    passed(&answer, folder.path());
    let seen = proxy.seen();
    assert!(seen.len() > 3);
    assert!(
        seen.iter().all(|request| request.target.starts_with("http://lxca.invalid/")),
        "{:?}",
        proxy.lines()
    );
    let notes = report(&folder.path().join("out"))["notes"].to_string();
    assert!(notes.contains(&format!("through the proxy {}", proxy.url)), "{notes}");
}

#[test]
fn a_tunnel_leads_to_tls_and_its_credentials_stay_out_of_files() {
    let double = Served::start(&["--quiet", "--tls"]);
    let pin = lxca(&["fingerprint", &double.url]).stdout.trim().to_owned();
    let proxy = Tunnel::start(&double.address(), connect);
    let folder = TempDir::new().expect("a temporary folder");
    let more = format!(
        "proxy = \"http://{}\"\nproxy-credentials-env = \"PROXY_LOGIN\"\n{AUTH}[tls]\npin-sha256 = \
            \"{pin}\"\n",
        proxy.address
    );
    let answer = run(folder.path(), "https://lxca.invalid", &more);
    passed(&answer, folder.path());
    let asked = proxy.asked();
    assert!(!asked.is_empty());
    for head in &asked {
        assert!(head.starts_with("CONNECT lxca.invalid:443 HTTP/1.1\r\n"), "{head}");
        // prx-user:prx-hunter2
        assert!(head.to_lowercase().contains("proxy-authorization: basic "), "{head}");
        assert!(head.contains("cHJ4LXVzZXI6cHJ4LWh1bnRlcjI="), "{head}");
    }
    for file in fs::read_dir(folder.path().join("out")).expect("the folder") {
        let file = file.expect("a file").path();
        let kept = read(&file);
        for secret in ["prx-hunter2", "cHJ4LXVzZXI6cHJ4LWh1bnRlcjI="] {
            assert!(!kept.contains(secret), "{}", file.display());
        }
    }
}

/// Refuses each tunnel with this status.
fn refusing(line: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address").to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ = write!(stream, "HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n");
        }
    });
    address
}

#[test]
fn a_proxy_that_refuses_the_tunnel_is_told_with_its_status() {
    let login = "proxy-credentials-env = \"PROXY_LOGIN\"\n";
    for (line, more, words) in [
        ("407 Proxy Authentication Required", "", "name them by proxy-credentials-env"),
        ("407 Who are you, prx-hunter2", login, "doesn't accept the credentials"),
        ("403 Forbidden", "", "refused the tunnel to lxca.invalid:443 with status 403 Forbidden"),
        ("502 Bad Gateway", login, "with status 502 Bad Gateway"),
    ] {
        let folder = TempDir::new().expect("a temporary folder");
        let more = format!("proxy = \"http://{}\"\n{more}{AUTH}", refusing(line));
        let answer = run(folder.path(), "https://lxca.invalid", &more);
        assert_eq!(answer.exit, 5, "{answer:?}");
        let report = report(&folder.path().join("out"));
        let told = report["because"].as_str().expect("why");
        assert!(told.contains(words) && told.contains(&line[..3]), "{line}: {told}");
        assert!(!report.to_string().contains("prx-hunter2"), "{report}");
    }
}

#[test]
fn socks_is_asked_for_the_name() {
    let double = Served::start(&["--quiet"]);
    let proxy = Tunnel::start(&double.address(), socks);
    let folder = TempDir::new().expect("a temporary folder");
    let more = format!("proxy = \"socks5h://{}\"\n{AUTH}", proxy.address);
    let answer = run(folder.path(), "http://lxca.invalid", &more);
    passed(&answer, folder.path());
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked.iter().all(|name| name == "lxca.invalid"), "{asked:?}");
}

#[test]
fn without_one_in_the_target_file_none_is_used() {
    let double = Served::start(&["--quiet"]);
    let folder = TempDir::new().expect("a temporary folder");
    passed(&run(folder.path(), &double.url, AUTH), folder.path());
}

#[test]
fn a_proxy_that_isnt_there_is_a_5_and_one_that_is_written_wrong_a_2() {
    let folder = TempDir::new().expect("a temporary folder");
    let url = "http://lxca.invalid";
    let answer = run(folder.path(), url, &format!("proxy = \"http://127.0.0.1:1\"\n{AUTH}"));
    assert_eq!(answer.exit, 5, "{answer:?}");
    for (proxy, words) in [
        ("proxy = \"http://me:hunter2@proxy:3128\"", "must not contain credentials"),
        ("proxy = \"ftp://proxy:21\"", "give the scheme"),
        ("proxy = \"proxy:3128\"", "give the scheme"),
        ("proxy = \"http://proxy:3128/path\"", "give the scheme"),
        ("proxy-credentials-env = \"PROXY_LOGIN\"", "needs `proxy`"),
        ("proxy = \"http://proxy:3128\"\nproxy-credentials-env = \"NOT_SET\"", "isn't set"),
        ("proxy = \"http://proxy:3128\"\nproxy-credentials-env = \"P_\"", "isn't set"),
        ("proxy = \"http://proxy:3128\"\nproxy-credentials-env = \"P\"", "expected USER:PASSWORD"),
    ] {
        let answer = run(folder.path(), url, &format!("{proxy}\n{AUTH}"));
        assert_eq!(answer.exit, 2, "{proxy}: {answer:?}");
        assert!(answer.stderr.contains(words), "{words} in {}", answer.stderr);
        assert!(!answer.stderr.contains("hunter2"), "{}", answer.stderr);
    }
}

/// A recording of one request to a target whose address leads nowhere by itself.
fn recorded(folder: &Path, url: &str, more: &str) -> Answer {
    let file = folder.join("lab.toml");
    fs::write(&file, format!("name = \"lab\"\nurl = \"{url}\"\n{more}")).expect("a file");
    answer(
        binary()
            .env("PROXY_LOGIN", "prx-user:prx-hunter2")
            .args(["record", "--target", text(&file), "--out", text(&folder.join("out"))])
            .args(["--", "curl", "--silent", "--fail", "-u", "USERID:PASSW0RD", "{url}/aicc"]),
    )
}

#[test]
fn a_recording_goes_through_a_tunnel_or_socks_like_a_run() {
    let encrypted = Served::start(&["--quiet", "--tls"]);
    let pin = lxca(&["fingerprint", &encrypted.url]).stdout.trim().to_owned();
    let tunnel = Tunnel::start(&encrypted.address(), connect);
    let folder = TempDir::new().expect("a temporary folder");
    let more = format!(
        "proxy = \"http://{}\"\nproxy-credentials-env = \"PROXY_LOGIN\"\n[tls]\npin-sha256 = \
            \"{pin}\"\n",
        tunnel.address
    );
    let answer = recorded(folder.path(), "https://lxca.invalid", &more);
    assert_eq!(answer.exit, 0, "{answer:?}");
    assert!(answer.stdout.contains("\"appliance\""), "{answer:?}");
    let heads = tunnel.asked();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with("CONNECT lxca.invalid:443 HTTP/1.1\r\n"), "{heads:?}");
    assert!(heads[0].contains("Basic cHJ4LXVzZXI6cHJ4LWh1bnRlcjI="), "{heads:?}");
    for name in ["transcript.jsonl", "exchanges.har"] {
        let kept = read(&folder.path().join("out").join(name));
        assert!(!kept.contains("prx-hunter2") && !kept.contains("cHJ4LXVzZXI"), "{name}");
    }

    let plain = Served::start(&["--quiet"]);
    let socks = Tunnel::start(&plain.address(), socks);
    let folder = TempDir::new().expect("a temporary folder");
    let more = format!("proxy = \"socks5h://{}\"\n", socks.address);
    let answer = recorded(folder.path(), "http://lxca.invalid", &more);
    assert_eq!((answer.exit, socks.asked()), (0, vec!["lxca.invalid".to_owned()]), "{answer:?}");

    let folder = TempDir::new().expect("a temporary folder");
    let nowhere = "proxy = \"http://127.0.0.1:1\"\n";
    let answer = recorded(folder.path(), "http://lxca.invalid", nowhere);
    assert_eq!(answer.exit, 5, "{answer:?}");
    let kept = read(&folder.path().join("out/transcript.jsonl"));
    assert!(kept.contains("through the proxy http://127.0.0.1:1"), "{kept}");
}
