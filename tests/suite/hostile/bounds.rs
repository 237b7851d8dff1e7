//! What has no end, or ends late: bodies and heads that go on for ever, a byte a second, packed
//! bombs. Each is cut at its bound of size or time.
//!
//! Knows: a server that never stops. Must not know: how the client counts.

use std::io::Write as _;
use std::thread;
use std::time::Duration;

use lxca_conform::judge::Verdict;

use crate::support::hostile_server::{Deed, Hostile, answer, json};

use super::{CHUNKED, LOCKS, READS, chunk, endlessly, run};

#[test]
fn an_endless_body_is_cut_at_the_bound_and_the_report_says_so() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            endlessly(
                stream,
                [CHUNKED.as_bytes(), &chunk(b"[\"")].concat().as_slice(),
                &chunk(&[b'a'; 16 * 1024]),
            )
        })
    });
    let ran = run(&server, LOCKS);
    ran.all(Verdict::Unresolved, &["cut at the limit", "262144 bytes"]);
    ran.notes(&["1 bodies were cut at the limit"]);
    assert_eq!(ran.longest_body(), 256 * 1024);
}

#[test]
fn an_endless_body_without_chunks_is_cut_at_the_bound_too() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            endlessly(
                stream,
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[\"",
                &[b'a'; 16 * 1024],
            )
        })
    });
    let ran = run(&server, LOCKS);
    ran.all(Verdict::Unresolved, &["cut at the limit"]);
    assert_eq!(ran.longest_body(), 256 * 1024);
}

#[test]
fn endless_headers_end_the_exchange_before_its_time_is_up() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            endlessly(
                stream,
                b"HTTP/1.1 200 OK\r\n",
                format!("x-more: {}\r\n", "a".repeat(8000)).as_bytes(),
            )
        })
    });
    let ran = run(&server, READS);
    ran.all(Verdict::Unresolved, &["no answer (protocol)", "too large"]);
}

#[test]
fn a_header_line_without_an_end_ends_the_exchange_before_its_time_is_up() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| endlessly(stream, b"HTTP/1.1 200 OK\r\nx-more: ", &[b'a'; 16 * 1024]))
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (protocol)", "too large"]);
}

#[test]
fn interim_answers_without_end_are_bounded_by_time() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            loop {
                stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                thread::sleep(Duration::from_millis(1));
            }
        })
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (timeout)"]);
}

#[test]
fn a_byte_a_second_is_bounded_by_time() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            for byte in json("[]") {
                stream.write_all(&[byte])?;
                thread::sleep(Duration::from_secs(1));
            }
            Ok(())
        })
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (timeout)"]);
}

#[test]
fn a_body_at_a_byte_a_second_is_bounded_by_time_and_names_how_far_it_came() {
    let server = Hostile::appliance(|_| {
        Deed::play(|stream| {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: \
                application/json\r\ncontent-length: 100\r\n\r\n[",
            )?;
            for _ in 0..99 {
                thread::sleep(Duration::from_secs(1));
                stream.write_all(b" ")?;
            }
            Ok(())
        })
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (timeout)", "after status 200 and"]);
}

#[test]
fn a_server_that_never_answers_is_bounded_by_time_and_isnt_asked_twice() {
    let server = Hostile::appliance(|_| {
        Deed::play(|_| {
            thread::sleep(Duration::from_secs(20));
            Ok(())
        })
    });
    let ran = run(&server, READS);
    ran.all(Verdict::Unresolved, &["no answer (timeout)"]);
    ran.within(Duration::from_secs(5));
    assert_eq!(server.count("GET", "/tasks"), 1);
}

/// Zeros in gzip, as many as fit into so many bytes: a stored header, then one literal and copies
/// of 258 bytes in 13 bits each.
fn packed_zeros(length: usize) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut bits: Vec<u8> = vec![0, 1, 0];
    bits.extend([0, 0, 1, 1, 0, 0, 0, 0]);
    let copy = [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0];
    while bits.len() / 8 < 13 * 8 {
        bits.extend(copy);
    }
    let packed: Vec<u8> = bits
        .chunks_exact(8)
        .map(|eight| eight.iter().enumerate().fold(0, |byte, (place, bit)| byte | (bit << place)))
        .collect();
    bytes.extend_from_slice(&packed[..26]);
    // Eight copies are thirteen whole bytes, and so the pattern comes back.
    while bytes.len() < length {
        bytes.extend_from_slice(&packed[13..26]);
    }
    bytes
}

#[test]
fn nothing_packed_is_asked_for_and_a_bomb_is_cut_at_the_bound() {
    // 32 MiB when unpacked.
    let bomb = packed_zeros(200 * 1024);
    let server = Hostile::appliance(move |_| {
        Deed::Say(answer(
            "200 OK",
            &["content-type: application/json", "content-encoding: gzip"],
            &bomb,
        ))
    });
    let ran = run(&server, LOCKS);
    ran.all(Verdict::Unresolved, &["cut at the limit", "262144 bytes"]);
    ran.notes(&["1 body came compressed (gzip)", "cut at the limit"]);
    assert_eq!(ran.longest_body(), 256 * 1024);
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.head.to_lowercase().contains("accept-encoding: identity"))
    );
}

#[test]
fn a_gzip_bomb_of_any_length_is_cut_at_the_bound() {
    let bomb = packed_zeros(64 * 1024);
    let server = Hostile::appliance(move |_| {
        let bomb = bomb.clone();
        Deed::play(move |stream| {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: \
                application/json\r\ncontent-encoding: gzip\r\ncontent-length: 67108864\r\n\r\n",
            )?;
            endlessly(stream, &bomb, &bomb[36..])
        })
    });
    let ran = run(&server, LOCKS);
    ran.all(Verdict::Unresolved, &["cut at the limit"]);
    ran.notes(&["cut at the limit"]);
    assert_eq!(ran.longest_body(), 256 * 1024);
}
