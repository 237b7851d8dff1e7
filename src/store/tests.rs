//! What a record that is being written keeps in memory.
//!
//! Knows: the writer. Must not know: what reports show.

use super::*;
use crate::catalogue::Auth;
use crate::exchange::{Body, Purpose, Received, Sent};

fn exchange(step: &str, body: &str) -> Exchange {
    let headers = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    Exchange {
        case: "things.list::lists".to_owned(),
        step: step.to_owned(),
        attempt: 1,
        purpose: Purpose::Case,
        at: jiff::Timestamp::UNIX_EPOCH,
        took_us: 5,
        sent: Sent {
            method: "POST".to_owned(),
            target: "/things".to_owned(),
            auth: Auth::Default,
            headers: headers("accept", "*/*"),
            body: Some("{}".to_owned()),
        },
        got: Some(Received {
            status: 200,
            version: "HTTP/1.1".to_owned(),
            headers: headers("content-type", "application/json"),
            body: Body { text: Some(body.to_owned()), bytes: body.len() as u64, ..Body::default() },
            oddities: Vec::new(),
        }),
        fault: None,
        retried: Vec::new(),
    }
}

#[test]
fn only_what_is_recalled_comes_back_with_bodies_and_headers() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RecordWriter::create(folder.path()).unwrap();
    let note = Row::Note { text: "a row between them, with \u{20ac} in it".to_owned() };
    // Longer than what is read ahead.
    let long = format!("[{}]", "3,".repeat(20_000));
    let sent =
        [exchange("one", "[1]"), exchange("two", "[\"\u{20ac}\"]"), exchange("three", &long)];
    writer.append_exchange(&sent[0]).unwrap();
    writer.append(note).unwrap();
    writer.append_exchange(&sent[1]).unwrap();
    writer.append_exchange(&sent[2]).unwrap();

    let outlines = writer.outlines();
    let bodies = outlines.iter().map(|kept| kept.got.as_ref().unwrap().body.text.as_deref());
    assert_eq!(bodies.collect::<Vec<_>>(), [None; 3]);
    assert_eq!(outlines[1].got.as_ref().unwrap().body.bytes, 7);
    writer.recall(&[1]).unwrap();
    let (rows, footer) = writer.close(jiff::Timestamp::UNIX_EPOCH, None).unwrap();
    let kept: Vec<&Exchange> = rows.iter().filter_map(Row::exchange).collect();
    assert_eq!(*kept[1], sent[1]);
    assert_eq!((kept[0].step.as_str(), &kept[0].sent.body), ("one", &None));
    assert_eq!((kept[2].step.as_str(), kept[2].got.as_ref().unwrap().status), ("three", 200));
    assert_eq!(footer.exchanges, 3);
    let text = read_text(&folder.path().join(RECORD_FILE)).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let written: Vec<Row> = rows.collect();
    assert_eq!(written.iter().filter_map(Row::exchange).collect::<Vec<_>>(), sent.each_ref());
    assert!(matches!(written.last(), Some(Row::Footer(_))), "the footer is the last row");
}
