//! What passes: every byte in both directions, in pieces as they come, fifty megabytes in bounded
//! memory.
//!
//! Knows: raw servers and raw clients. Must not know: the library behind it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::raw_server::RawServer;

use super::{Recording, har};

#[test]
fn every_byte_passes_in_both_directions_but_those_that_name_the_other_side() {
    let reply = "HTTP/1.1 200 Fine  Thanks\r\nX-ODD:  spaced \r\nx-odd: again\r\nServer: L\u{e9}\r\n\
        Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n\
        5;ext=\"1\"\r\nhello\r\n0A\r\n, world...\r\n0\r\nX-Sum: 7\r\n\r\n";
    let server = RawServer::saying(reply);
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &["--allow", "destroy"]);
    let host = recording.url.trim_start_matches("http://").to_owned();
    let there = server.url.trim_start_matches("http://").to_owned();
    let body = "3;a=b\r\n{\"a\r\n004\r\n\":1}\r\n0\r\nX-Trailer: t\r\n\r\n";
    // A change has to have a path that nobody reads in two ways; whatever else passes as it is.
    let lines = ["GET /odd%2fpath/?q={\"x\"}&y=%7E", "POST /plain?q={\"x\"}&y=%7E"];
    let head = |line: &str, host: &str| {
        format!(
            "{line} HTTP/1.1\r\nHOST: {host}\r\nx-CaSe:no blank\r\n\
                Accept:  a\r\naccept: b\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
    };
    let mut stream = recording.connect();
    // Twice on one connection, and in pieces.
    for line in lines {
        let request = format!("{}{body}", head(line, &host));
        for piece in request.as_bytes().chunks(17) {
            stream.write_all(piece).unwrap();
        }
        let mut got = vec![0; reply.len()];
        stream.read_exact(&mut got).unwrap();
        assert_eq!(String::from_utf8_lossy(&got), reply);
    }
    drop(stream);
    let (exit, rows) = recording.end();
    assert_eq!((exit, rows.len()), (0, 2));
    for (request, line) in server.seen().iter().zip(lines) {
        assert_eq!(String::from_utf8_lossy(&request.head), head(line, &there));
        assert_eq!(String::from_utf8_lossy(&request.body), body);
    }
    assert_eq!(rows[0]["got"]["body"]["text"], "hello, world...");
    assert_eq!(rows[0]["sent"]["body"], "{\"a\":1}");
    assert_eq!(rows[0]["sent"]["target"], "/odd%2fpath/?q={\"x\"}&y=%7E");
}

#[test]
fn answers_without_a_length_without_a_body_and_before_the_real_one_pass_as_they_are() {
    let server = RawServer::start(|request, out| match request.target().as_str() {
        "/end" => {
            out.write_all(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")?;
            Err(std::io::ErrorKind::Other.into())
        }
        "/early" => {
            out.write_all(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\nX: 1\r\n\r\n")
        }
        _ => out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"),
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let head = |line: &str| format!("{line} HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(recording.ask(&head("GET /end")), "HTTP/1.0 200 OK\r\n\r\nuntil the end");
    assert_eq!(
        recording.ask(&head("GET /early")),
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\nX: 1\r\n\r\n"
    );
    assert_eq!(recording.ask(&head("HEAD /head")), "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
    let (_, rows) = recording.end();
    let status: Vec<_> = rows.iter().map(|row| row["got"]["status"].as_u64().unwrap()).collect();
    assert_eq!(status, [200, 204, 200]);
}

#[test]
fn a_poll_that_waits_gets_each_piece_as_it_comes() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server = RawServer::start(move |_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")?;
        // The rest comes only after the client has seen the start.
        wait.lock().unwrap().recv_timeout(Duration::from_secs(30)).unwrap();
        out.write_all(b"3\r\ntwo\r\n0\r\n\r\n")
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let mut stream = recording.connect();
    stream.write_all(b"GET /poll HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut start = vec![0; 55];
    stream.read_exact(&mut start).unwrap();
    assert!(start.ends_with(b"3\r\none\r\n"), "{}", String::from_utf8_lossy(&start));
    go.send(()).unwrap();
    let mut rest = vec![0; 13];
    stream.read_exact(&mut rest).unwrap();
    assert_eq!(rest, b"3\r\ntwo\r\n0\r\n\r\n");
    assert_eq!(recording.end().1[0]["got"]["body"]["text"], "onetwo");
}

/// The most memory that a process had, in kilobytes.
#[cfg(target_os = "linux")]
fn peak(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn bodies_of_fifty_megabytes_pass_whole_in_bounded_memory() {
    const SIZE: usize = 50 << 20;
    let byte = |at: usize| u8::try_from(at.wrapping_mul(2_654_435_761) >> 7 & 0xff).unwrap();
    let server = RawServer::start(move |request, out| {
        let whole: Vec<u8> = (0..SIZE).map(byte).collect();
        if request.body.is_empty() {
            out.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n").as_bytes())?;
            out.write_all(&whole)
        } else {
            let same = request.body == whole;
            let status = if same { "201 Same" } else { "400 Other" };
            out.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes())
        }
    });
    let folder = tempfile::tempdir().unwrap();
    // What is kept of a body is bounded by the target file, whatever passes.
    let limits = "[limits]\nmax-body = \"4 MiB\"\n";
    let more = ["--allow", "destroy"];
    let recording = Recording::start_with(folder.path(), &server.url, limits, &more);
    let whole: Vec<u8> = (0..SIZE).map(byte).collect();
    let mut stream = BufReader::new(recording.connect());
    stream.get_mut().write_all(b"GET /ffdc HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).unwrap();
    }
    let mut got = vec![0; SIZE];
    stream.read_exact(&mut got).unwrap();
    assert!(got == whole, "each byte of the answer is as it was sent");
    let head = format!("POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: {SIZE}\r\n\r\n");
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    stream.get_mut().write_all(&whole).unwrap();
    line.clear();
    stream.read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 201 Same\r\n");
    drop(stream);
    let peak = peak(&recording.child);
    assert!(peak < 160 * 1024, "{peak} kB are less than three bodies");
    let (_, rows) = recording.end();
    assert_eq!(rows[0]["got"]["body"]["truncated"], true);
    assert!(rows[1]["sent"]["body"].as_str().unwrap().contains("52428800 bytes"));
}

/// Sends requests from several clients at once, each with a body that only it has.
fn flood(count: usize) {
    let server = RawServer::start(|request, out| {
        let body = format!("{{\"for\":\"{}\",\"got\":{}}}", request.target(), request.body.len());
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        out.write_all(format!("{head}{body}").as_bytes())
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &["--allow", "destroy"]);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut stream = BufReader::new(recording.connect());
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        break;
                    }
                    let body = "x".repeat(number % 1500);
                    let request = format!(
                        "POST /r/{number} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    stream.get_mut().write_all(request.as_bytes()).unwrap();
                    let wanted = format!("{{\"for\":\"/r/{number}\",\"got\":{}}}", body.len());
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        assert!(stream.read_line(&mut head).unwrap() > 0, "{number}: {head}");
                    }
                    let mut got = vec![0; wanted.len()];
                    stream.read_exact(&mut got).unwrap();
                    assert_eq!(String::from_utf8_lossy(&got), wanted);
                }
            });
        }
    });
    let out = recording.out.clone();
    let (exit, rows) = recording.end();
    assert_eq!((exit, rows.len(), server.seen().len()), (0, count, count));
    for row in &rows {
        let target = row["sent"]["target"].as_str().unwrap();
        let number: usize = target.trim_start_matches("/r/").parse().unwrap();
        let body = format!("{{\"for\":\"{target}\",\"got\":{}}}", number % 1500);
        assert_eq!(row["got"]["body"]["text"], body.as_str());
        assert_eq!(row["sent"]["body"].as_str().unwrap_or_default().len(), number % 1500);
    }
    assert_eq!(har(&out).len(), count);
}

#[test]
fn no_byte_is_lost_on_ten_thousand_requests_with_eight_in_flight() {
    flood(10_000);
}

#[test]
fn cookies_and_addresses_keep_the_client_at_the_proxy() {
    let server = RawServer::start(|request, out| {
        let head = String::from_utf8_lossy(&request.head).into_owned();
        let host = head.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
        out.write_all(
            format!(
                "HTTP/1.1 302 Found\r\nLocation: http://{host}/next?a=b\r\n\
                    Set-Cookie: JSESSIONID=abc123def456; Domain={host}; Path=/; Secure; HttpOnly\r\n\
                    Content-Length: 0\r\n\r\n"
            )
            .as_bytes(),
        )
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let url = recording.url.clone();
    let host = url.trim_start_matches("http://").to_owned();
    let reply = recording.ask(&format!(
        "GET /a HTTP/1.1\r\nHost: {host}\r\nReferer: {url}/from\r\nOrigin: {url}\r\n\r\n"
    ));
    assert_eq!(
        reply,
        format!(
            "HTTP/1.1 302 Found\r\nLocation: {url}/next?a=b\r\n\
                Set-Cookie: JSESSIONID=abc123def456; Path=/; HttpOnly\r\nContent-Length: 0\r\n\r\n"
        )
    );
    let seen = String::from_utf8_lossy(&server.seen()[0].head).into_owned();
    assert!(seen.contains(&format!("Referer: {}/from\r\nOrigin: {}\r\n", server.url, server.url)));
    assert_eq!(server.seen().len(), 1, "no redirect is followed");
    // The record has what the appliance said, without the secret.
    let headers = recording.end().1[0]["got"]["headers"].to_string();
    assert!(headers.contains("Domain=") && headers.contains(&format!("{}/next", server.url)));
    assert!(!headers.contains("abc123def456"), "{headers}");
}
