//! Tests of `description`, in a file of their own for their length.
//!
//! Knows: `description`. Must not know: what uses it.

use serde_json::json;

use super::*;

#[test]
fn words_of_any_language_describe() {
    for text in [
        "The backup was not found.",
        "FQXHM0123J: The backup was not found",
        "[FQXHMSE0400J] Sicherung fehlt",
        "The backup {0} is unknown",
        "Das Backup ${uuid} wurde nicht gefunden",
        "Forbidden",
        "Verboten!",
        "No",
        "失败",
        "错",
        "備份失敗：17",
        "バックアップ17が見つかりません",
        "백업이 없습니다",
        "Резервная копия не найдена",
        "لم يتم العثور على النسخة",
        "לא נמצא",
        "ไม่พบข้อมูลสำรอง",
        "बैकअप नहीं मिला",
        "Αντίγραφο",
        "größe",
        "L'opération a échoué",
        "Error 400 (Bad Request)!!1",
        "Backup_17 fehlt",
        "<html><head><title>400</title></head><body><h1>Bad&nbsp;Request</h1></body></html>",
        "<error code='400' message='The backup is missing'/>",
        "<?xml version='1.0'?><error><![CDATA[The backup is missing]]></error>",
        "<p>f&uuml;r &#22833;&#36133;</p>",
        "2 < 3, and so the request is wrong",
        "Value 'x' is none of: copy, move",
        "sign-in required",
    ] {
        assert!(readable(text), "{text}");
    }
}

#[test]
fn what_stands_for_missing_words_does_not() {
    for text in [
        "",
        " \t\r\n",
        "\u{a0}\u{200b}\u{feff}",
        "\u{3164}\u{3164}",
        "...",
        "-",
        "!",
        "???",
        "400",
        "4.1.0",
        "-1",
        "0x80004005",
        "４００",
        "x",
        "é",
        "null",
        "NULL",
        "(null)",
        "<null>",
        "undefined",
        "None",
        "NaN",
        "N/A",
        "[object Object]",
        "{0}",
        "{0} {1}",
        "{}",
        "{{message}}",
        "${msg}",
        "${error.backup.missing}",
        "#{text}",
        "%s",
        "%1$s: %2$d",
        "%(message)s",
        "%message%",
        "$msg",
        "@string/backup_missing",
        "FQXHM0123J",
        "FQXHMSE0400J:",
        "[FQXHM0123J] {0}",
        "error.backup.missing",
        "error.backup.missing: {0}",
        "ERR_BACKUP_MISSING",
        "backup_not_found",
        "backup-not-found",
        "errors/backup/missing",
        "backupNotFound",
        "i18n:backup.missing",
        "???error.backup.missing???",
        "???backup???",
        "!backup!",
        "__MSG_backup__",
        "__backup__",
        "java.lang.NullPointerException: null",
        "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278",
        "0f3a9C7b2e4D6182a5c1F0e9B8d7a6c4",
        "https://lxca.example/help/FQXHM0123J",
        "<html><head></head><body></body></html>",
        "<error><code>404</code></error>",
        "<!-- nothing to say here --><p>&nbsp;</p>",
        "<script>var text = 'the backup is missing';</script>",
        "❌",
    ] {
        assert!(!readable(text), "{text:?}");
    }
}

#[test]
fn a_body_describes_in_whatever_member_has_words() {
    for body in [
        json!("The backup is missing"),
        json!(["The backup is missing"]),
        json!([["失败"]]),
        json!({ "message": "The backup is missing" }),
        json!({ "message": { "text": "missing" } }),
        json!({ "result": "failed", "messages": [{ "id": "FQXHM0123J", "text": "",
            "explanation": "It isn't there." }] }),
        json!({ "timestamp": "2026-01-01T00:00:00Z", "status": 400, "error": "Bad Request",
            "message": "", "path": "/managementServer/data" }),
        json!({ "type": "about:blank", "title": "Bad Request", "status": 400 }),
        json!({ "errors": [{ "code": "E17", "detail": "no such backup" }] }),
        json!({ "status": "The backup is missing" }),
        json!({ "fehler": "Sicherung fehlt" }),
        json!({ "error": { "root_cause": ["No backup"] } }),
    ] {
        assert!(in_body(&body), "{body}");
    }
}

#[test]
fn a_body_without_words_does_not() {
    for body in [
        json!(null),
        json!({}),
        json!([]),
        json!(400),
        json!(true),
        json!(""),
        json!("FQXHM0123J"),
        json!([null, {}, [[]]]),
        json!({ "result": "failed" }),
        json!({ "result": "failed", "message": [] }),
        json!({ "result": "failed", "message": [{ "id": "FQXHM0123J", "text": "FQXHM0123J",
            "explanation": "{0}", "recovery": [] }] }),
        json!({ "status": "error", "code": "NOT_FOUND" }),
        json!({ "timestamp": "Tue Sep 12 10:00:00 UTC 2026", "status": 400,
            "path": "/managementServer/data" }),
        json!({ "type": "about:blank", "status": 400 }),
        json!({ "jobId": "Start of a job" }),
        json!({ "messages": [{ "text": "null", "explanation": "undefined",
            "recovery": { "text": "${recovery}", "URL": "https://x.example/help me" } }] }),
    ] {
        assert!(!in_body(&body), "{body}");
    }
}

#[test]
fn hostile_text_ends_in_time_and_breaks_nothing() {
    for unit in ["<", "<a", "<!--", "{", "&", "&#", "\"", "<a b='", "<script", "😀", "&é;"] {
        readable(&unit.repeat(20_000));
    }
    assert!(in_text("error=The+backup%20is+missing&code=17", "application/x-www-form-urlencoded"));
}
