//! The planted client in Rust: this test binary once more, as the command of `depend`.
//!
//! Knows: HTTP as a client needs it, and what it depends on. Must not know: who serves it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

/// The words of the command that is this client.
pub(super) fn words() -> Vec<String> {
    let program = std::env::current_exe().expect("this program");
    let program = program.to_str().expect("a path in UTF-8").to_owned();
    let test = "depend::client::a_client_for_depend";
    vec![program, "--ignored".into(), "--exact".into(), "--nocapture".into(), test.into()]
}

/// What it does: one of the words of `PLANTED`.
#[test]
#[ignore = "it is the client of other tests, which give it something to ask"]
fn a_client_for_depend() {
    let (Ok(url), Ok(what)) = (std::env::var("LXCA_URL"), std::env::var("PLANTED")) else { return };
    let passes = match what.as_str() {
        "hang" => hang(&url),
        other => other.split(' ').all(|part| reads(&url, part).is_some()),
    };
    std::process::exit(i32::from(!passes));
}

fn ask(url: &str, path: &str) -> Option<(u16, String)> {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).ok()?;
    // "Basic USERID:PASSW0RD"
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic \
         VVNFUklEOlBBU1NXMFJE\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

fn rows(url: &str, path: &str) -> Option<Vec<Value>> {
    let (status, body) = ask(url, path)?;
    if status >= 400 {
        return None;
    }
    let answer: Value = serde_json::from_str(&body).ok()?;
    answer.get("list")?.as_array().cloned()
}

/// A client that never ends where a member isn't there.
fn hang(url: &str) -> bool {
    let rows = rows(url, "/cabinet").unwrap_or_default();
    while rows.iter().any(|row| row.get("t03").is_none()) {
        std::thread::park();
    }
    true
}

/// What each part of the client reads; the same as `tests/clients/planted.py` and `planted.sh`.
fn reads(url: &str, part: &str) -> Option<()> {
    let rows = rows(url, &format!("/{part}"))?;
    let texts = |members: &str| -> Option<()> {
        for row in &rows {
            for member in members.split(' ') {
                row.get(member)?.as_str()?;
            }
        }
        Some(())
    };
    let state = |row: &Value| row.get("state").and_then(Value::as_str).map(str::to_owned);
    let must = |holds: bool| holds.then_some(());
    match part {
        "nodes" => {
            texts("t00 t01 t05 t11 t07")?;
            for row in &rows {
                if state(row).as_deref() == Some("Offline") {
                    row.get("reason")?;
                }
                must(!row.get("tags")?.as_array()?.is_empty())?;
            }
        }
        "chassis" => {
            texts("t02 t03 t04 t06 t08 t09")?;
            for row in &rows {
                must(["Online", "Offline"].contains(&state(row)?.as_str()))?;
                must(row.get("inner")?.get("on")? == &Value::Bool(true))?;
            }
        }
        "cmms" => {
            texts("t00 t10")?;
            let online =
                |row: &&Value| state(row).is_some_and(|state| state.to_lowercase() == "online");
            must(rows.iter().filter(online).count() == 3)?;
        }
        "switches" => {
            texts("t01 t02 t03 t04 t05 t06")?;
            rows.get(2)?.get("t00")?;
        }
        "fans" => {
            texts("t08 t09 t10 t11")?;
            for row in &rows {
                row.get("slots")?.as_str()?.parse::<u32>().ok()?;
                must(!row.get("made").and_then(Value::as_str).unwrap_or_default().contains('.'))?;
            }
        }
        "powerSupplies" => {
            texts("t00 t02 t04 t06 t08 t10")?;
            for row in &rows {
                let slots = row.get("slots").map_or(Some("0"), Value::as_str)?;
                slots.parse::<u32>().ok()?;
            }
        }
        "canisters" => {
            texts("t01 t03 t05 t07 t09 t11")?;
            must(rows.len() == 4)?;
        }
        "cabinet" => {
            texts("t00 t01 t02 t03 t04")?;
            let levels: Option<Vec<u64>> =
                rows.iter().map(|row| row.get("inner")?.get("level")?.as_u64()).collect();
            must(levels?.is_sorted())?;
            must(rows.iter().all(|row| row.get("code").is_none_or(|code| code == 200)))?;
        }
        _ => return None,
    }
    Some(())
}
