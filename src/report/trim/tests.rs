//! Tests of `trim`, in a file of their own for their length.
//!
//! Knows: `trim`. Must not know: what uses it.

use super::*;

fn rows(count: usize) -> String {
    let rows: Vec<String> = (0..count)
        .map(|index| format!(r#"{{"id":"{}","component":"{}","expirationTimeOut":{index},"creationTimestamp":"2022-09-09T01:46:08.000Z"}}"#, "a".repeat(32), if index == 57 { "XX" } else { "DM" }))
        .collect();
    format!("[{}]", rows.join(","))
}

#[test]
fn a_list_is_cut_to_its_first_rows_and_the_wrong_one_is_kept_and_known() {
    let trimmed = trim(&rows(412), false, &["/57/component"], 4000).unwrap();
    let lines: Vec<&str> = trimmed.text.lines().collect();
    let [mark] = trimmed.marks.as_slice() else { panic!("{trimmed:?}") };
    assert_eq!(lines[mark.line as usize - 1].trim(), r#""component": "XX","#);
    assert!(lines.contains(&"  … 4 of 412") && lines.contains(&"  …"), "{}", trimmed.text);
    let plain = trim(&rows(412), false, &[], 4000).unwrap();
    assert!(plain.text.ends_with("  … first 3 of 412\n]"), "{}", plain.text);
}

#[test]
fn a_body_that_a_bound_cut_is_shown_as_far_as_it_goes() {
    let whole = rows(412);
    let trimmed = trim(&whole[..5000], true, &["/1/component", "/300/component"], 4000).unwrap();
    assert_eq!(
        trimmed.marks.iter().map(|mark| mark.pointer.as_str()).collect::<Vec<_>>(),
        ["/1/component"]
    );
    assert_eq!(trimmed.text.matches("the rest is left out").count(), 1);
    assert_eq!(trim(&whole[..5000], false, &[], 4000), None);
}

#[test]
fn what_isnt_json_is_left_to_the_caller() {
    for text in
        ["", "<html>", "\"text\"", "[1,]2", "{\"a\" 1}", "{1:2}", "[} ]", "[1] x", "{\"a\":,}"]
    {
        assert_eq!(trim(text, false, &[], 4000), None, "{text}");
    }
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    assert!(trim(&deep, false, &[], 4000).is_some_and(|trimmed| trimmed.text.contains('…')));
    assert!(
        trim(&deep[..200_000], true, &[], 4000).is_some_and(|trimmed| trimmed.text.contains('…'))
    );
}

#[test]
fn short_values_stay_on_one_line_and_long_ones_are_cut() {
    let text = format!(
        r#"{{"result":"success","messages":[],"a/b":{{"x":[1,2,3]}},"long":"{}","message":{{"id":7,"text":"no","explanation":"{}"}}}}"#,
        "ä".repeat(500),
        "e".repeat(90)
    );
    let trimmed = trim(&text, false, &["/a~1b/x", "/message/id", ""], 4000).unwrap();
    assert!(
        trimmed.text.contains("\"messages\": [],\n")
            && trimmed.text.contains("…\" (500 characters)"),
        "{}",
        trimmed.text
    );
    let lines: Vec<&str> = trimmed.text.lines().collect();
    let marked: Vec<(&str, &str)> = trimmed
        .marks
        .iter()
        .map(|mark| (mark.pointer.as_str(), lines[mark.line as usize - 1].trim()))
        .collect();
    assert_eq!(marked, [("", "{"), ("/a~1b/x", "\"x\": [1,2,3]"), ("/message/id", "\"id\": 7,")]);
}

#[test]
fn tight_limits_come_where_generous_ones_dont_fit() {
    let members: Vec<String> =
        (0..200).map(|index| format!("\"member-{index}\":\"{}\"", "v".repeat(150))).collect();
    let trimmed =
        trim(&format!("{{{}}}", members.join(",")), false, &["/member-150"], 1500).unwrap();
    assert!(
        trimmed.text.len() <= 1500
            && trimmed.text.contains("member-150")
            && trimmed.text.contains("7 of 200 members"),
        "{}",
        trimmed.text
    );
}
