//! How a script is written: where, what and when, in one line.
//!
//! Knows the words of a script, and by what names faults go. Must not know how a reply is made or
//! sent.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::super::http::operations::{self, OPERATIONS};
use super::super::http::route::Route;
use super::edit::{Edits, Which};
use super::edit_fault::EditFault;
use super::edit_text;
use super::fault::Fault;
use super::script::{Deed, MOST_DELAY, Place, Script, When};
use super::words::{ScriptError, Words, cut};

const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"];

const DEEDS: &str = "a status from 200 to 598, `delay 2s` (or `ms`, `m`), `drop`, `drop-reply`, \
    `truncate after 10 bytes`, `content-length +10` (or `-10`), `garbage`, the name of a fault, \
    or edits of the reply, with semicolons between them: ";
const WHENS: &str = "`on call 2`, `on calls 2-4`, `from call 2`, `every 2 calls`, `always`, or \
    nothing, which is always";

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        Self::read(text, &[])
    }
}

impl Script {
    /// Reads a line, in which faults of a table can be named.
    pub fn read(text: &str, faults: &[EditFault]) -> Result<Self, ScriptError> {
        read(text, faults)
            .map_err(|error| ScriptError { script: cut(text.trim_end(), 120), ..error })
    }
}

fn read(text: &str, faults: &[EditFault]) -> Result<Script, ScriptError> {
    let mut words = Words { text, at: 0 };
    let Some(colon) = colon(text) else {
        words.at = text.len();
        return Err(words.complain(
            None,
            "",
            "a place, a colon, and what is to be done, such as `locks.list: 503 on call 2`",
        ));
    };
    let mut head = Words { text: &text[..colon], at: 0 };
    let place = place(&mut head)?;
    let before = head.clone();
    let which = edit_text::which(&mut head)?;
    words.at = colon + 1;
    let deed = if edit_text::is_edit(&words) {
        Deed::Edits(Arc::new(Edits { which, edits: edit_text::edits(&mut words)? }))
    } else if which == Which::default() {
        deed(&mut words, &place, faults)?
    } else {
        let (mut at, found) = (before, "a status or a condition goes with edits only".to_owned());
        at.skip();
        return Err(at.complaint(found, edit_text::VERBS));
    };
    let when = when(&mut words)?;
    Ok(Script { text: text.trim().to_owned(), place, deed, when, of: None })
}

/// The colon after the place. A path may hold a colon, so one before a blank counts first; in
/// quotes none counts.
fn colon(text: &str) -> Option<usize> {
    let mut quoted = false;
    let outside: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| {
            quoted ^= *c == '"';
            *c == ':' && !quoted
        })
        .map(|(place, _)| place)
        .collect();
    let blank = |at: &&usize| text[**at + 1..].starts_with(char::is_whitespace);
    outside.iter().find(blank).or(outside.first()).copied()
}

fn place(words: &mut Words<'_>) -> Result<Place, ScriptError> {
    let names: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    let accepted = format!(
        "`*`, a method and a path such as `GET /tasks`, or one of {} (`locks.` is short for \
        `sftp-locks.`)",
        names.join(", ")
    );
    words.skip();
    let Some(name) = words.next() else {
        let mut start = words.clone();
        start.at = 0;
        return Err(start.complaint("the place is missing".to_owned(), accepted));
    };
    if name == "*" {
        return Ok(Place::Any);
    }
    if let Some(operation) = operations::named(name) {
        return Ok(Place::Operation(operation));
    }
    let is_method = METHODS.contains(&name);
    match words.peek() {
        Some(path) if is_method || path.starts_with('/') => {
            if !is_method {
                let found = format!("`{}` is no method", cut(name, 60));
                return Err(words.complain(Some(name), &found, accepted));
            }
            words.next();
            if !path.starts_with('/') || path.contains('?') {
                let found = format!("`{}` is no path without a query", cut(path, 60));
                return Err(words.complain(Some(path), &found, accepted));
            }
            Ok(Place::Request(name.to_owned(), path.to_owned()))
        }
        _ => {
            let found = format!("no operation is called `{}`", cut(name, 60));
            Err(words.complain(Some(name), &found, accepted))
        }
    }
}

fn deed(words: &mut Words<'_>, place: &Place, faults: &[EditFault]) -> Result<Deed, ScriptError> {
    let word = words.next();
    match word {
        None => Err(words.complain(None, "", deeds())),
        Some(status) if status.starts_with(|c: char| c.is_ascii_digit()) => match status.parse() {
            Ok(status @ 200..=598) => Ok(Deed::Status(status)),
            _ => Err(words.complain(
                word,
                &format!("`{}` is no status from 200 to 598", cut(status, 60)),
                deeds(),
            )),
        },
        Some("delay") => {
            let word = words.next();
            let accepted = format!(
                "a time such as `250ms`, `2s` or `1m`, at most {} minutes",
                MOST_DELAY.as_secs() / 60
            );
            word.and_then(duration)
                .map(Deed::Delay)
                .ok_or_else(|| words.complain(word, "", accepted))
        }
        Some("drop") => Ok(Deed::Drop),
        Some("drop-reply") => Ok(Deed::DropReply),
        Some("garbage") => Ok(Deed::Garbage),
        Some("truncate") => truncate(words),
        Some("content-length") => {
            let word = words.next();
            let by =
                word.filter(|word| word.starts_with(['+', '-'])).and_then(|word| word.parse().ok());
            // Bounded so that a length never overflows.
            let by = by.filter(|by: &i64| *by != 0 && by.unsigned_abs() <= 1 << 40);
            by.map(Deed::Length).ok_or_else(|| {
                words.complain(
                    word,
                    "",
                    "by how much the stated length is wrong, with its sign: `+10` or `-10`",
                )
            })
        }
        Some(name) => fault(name, words, place, faults),
    }
}

fn deeds() -> String {
    format!("{DEEDS}{}", edit_text::VERBS)
}

fn truncate(words: &mut Words<'_>) -> Result<Deed, ScriptError> {
    let mut word = words.next();
    if word == Some("after") {
        word = words.next();
    }
    let bytes = word.and_then(|word| word.parse().ok()).ok_or_else(|| {
        words.complain(
            word,
            "",
            "the number of bytes of the body that still come: `truncate after 10 bytes`",
        )
    })?;
    let before = words.at;
    if !matches!(words.next(), Some("bytes" | "byte")) {
        words.at = before;
    }
    Ok(Deed::Truncate(bytes))
}

fn fault(
    name: &str,
    words: &Words<'_>,
    place: &Place,
    faults: &[EditFault],
) -> Result<Deed, ScriptError> {
    let known = faults.iter().find(|fault| fault.name() == name);
    let (home, deed) = match (known, name.parse::<Fault>()) {
        (Some(known), _) => (known.place(), Deed::Lines(known.lines().into())),
        // A fault of the connection can be played on any operation.
        (None, Ok(Fault::WireSlowStart)) => return Ok(Deed::Delay(Duration::from_secs(65))),
        (None, Ok(Fault::WireCloseBeforeStart)) => return Ok(Deed::Drop),
        (None, Ok(Fault::WireCloseAfterStart)) => return Ok(Deed::DropReply),
        (None, Ok(Fault::WireCutShort)) => return Ok(Deed::Half),
        (None, Ok(fault)) if fault.is_standing() => {
            let found = format!(
                "the fault `{name}` concerns the whole life of the double, not single calls"
            );
            return Err(words.complain(
                Some(name),
                &found,
                format!("`--fault {name}` by itself, or another fault"),
            ));
        }
        (None, Ok(fault)) => (fault.place(), Deed::Fault(fault)),
        (None, Err(_)) => {
            let found = format!(
                "`{}` is nothing that can be done, and no fault is called that",
                cut(name, 60)
            );
            return Err(words.complain(Some(name), &found, deeds()));
        }
    };
    let concerned = match place {
        Place::Any => true,
        Place::Operation(operation) => {
            home == format!("{} {}", operation.method, operation.template)
        }
        Place::Request(method, path) => {
            Some(home)
                == Route::find(path)
                    .map(|route| format!("{method} {}", route.template()))
                    .as_deref()
        }
    };
    if concerned || home == "*" {
        return Ok(deed);
    }
    let operation =
        home.split_once(' ').and_then(|(method, template)| operations::of(method, template));
    let home = operation.map_or(home, |operation| operation.name);
    Err(words.complain(
        Some(name),
        &format!("the fault `{name}` never shows there"),
        format!("`{home}: {name}`, or a fault of that place"),
    ))
}

fn duration(word: &str) -> Option<Duration> {
    let digits = word.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = word[..digits].parse().ok()?;
    let time = match &word[digits..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    Some(time).filter(|time| *time <= MOST_DELAY && !time.is_zero())
}

fn when(words: &mut Words<'_>) -> Result<When, ScriptError> {
    let word = words.next();
    let when = match word {
        None => return Ok(When::Calls(1, u64::MAX)),
        Some("always") => When::Calls(1, u64::MAX),
        Some("on") => {
            call(words)?;
            let word = words.next();
            let (first, last) =
                word.map_or(("", ""), |word| word.split_once('-').unwrap_or((word, word)));
            match (positive(first), positive(last)) {
                (Some(first), Some(last)) if first <= last => When::Calls(first, last),
                _ => {
                    return Err(words.complain(
                        word,
                        "",
                        "the number of a call from 1, or the \
                    first and the last of several: `on calls 2-4`",
                    ));
                }
            }
        }
        Some("from") => {
            call(words)?;
            let word = words.next();
            When::Calls(
                word.and_then(positive).ok_or_else(|| {
                    words.complain(word, "", "the number of a call from 1: `from call 2`")
                })?,
                u64::MAX,
            )
        }
        Some("every") => {
            let word = words.next();
            let step = word
                .and_then(positive)
                .ok_or_else(|| words.complain(word, "", "a number from 1: `every 2 calls`"))?;
            call(words)?;
            When::Every(step)
        }
        Some(_) => return Err(words.complain(word, "", WHENS)),
    };
    match words.next() {
        None => Ok(when),
        word => Err(words.complain(
            word,
            "",
            "the end of the script; several scripts are several --fault",
        )),
    }
}

fn call(words: &mut Words<'_>) -> Result<(), ScriptError> {
    match words.next() {
        Some("call" | "calls") => Ok(()),
        word => Err(words.complain(word, "", WHENS)),
    }
}

fn positive(word: &str) -> Option<u64> {
    word.parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Script {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    fn calls(text: &str) -> Vec<u64> {
        let script = script(text);
        (1..=9).filter(|call| script.acts_on(*call)).collect()
    }

    #[test]
    fn a_script_says_where_what_and_when() {
        assert_eq!(
            script("locks.list: 503 on call 2"),
            Script {
                text: "locks.list: 503 on call 2".into(),
                ..script("sftp-locks.list:503 on calls 2-2")
            }
        );
        for (text, deed) in [
            ("*: 302", Deed::Status(302)),
            ("backup.transfer: delay 250ms", Deed::Delay(Duration::from_millis(250))),
            ("backup.transfer: delay 10m", Deed::Delay(MOST_DELAY)),
            ("backup.transfer: drop", Deed::Drop),
            ("backup.transfer: drop-reply", Deed::DropReply),
            ("GET /tasks: truncate 0", Deed::Truncate(0)),
            ("GET /tasks/{job_list}: truncate after 1 byte always", Deed::Truncate(1)),
            ("PUT /managementServer/data: truncate 10 bytes on call 1", Deed::Truncate(10)),
            ("  tasks.get :  content-length -5  ", Deed::Length(-5)),
            ("GET /nodes: garbage", Deed::Garbage),
            ("locks.list: locks-newest-three", Deed::Fault(Fault::LocksNewestThree)),
            ("*: locks-newest-three", Deed::Fault(Fault::LocksNewestThree)),
            ("GET /tasks/17: task-of-another-job", Deed::Fault(Fault::TaskOfAnotherJob)),
            ("tasks.list: auth-off", Deed::Fault(Fault::AuthOff)),
            ("tasks.list: wire-cut-short", Deed::Half),
            ("tasks.list: wire-slow-start", Deed::Delay(Duration::from_secs(65))),
            ("tasks.list: wire-close-before-start", Deed::Drop),
            ("tasks.list: wire-close-after-start", Deed::DropReply),
        ] {
            assert_eq!(script(text).deed, deed, "{text}");
        }
    }

    #[test]
    fn calls_are_counted_from_one() {
        assert_eq!(calls("tasks.get: 500"), (1..=9).collect::<Vec<_>>());
        assert_eq!(calls("tasks.get: 500 always"), (1..=9).collect::<Vec<_>>());
        assert_eq!(calls("tasks.get: 500 on call 3"), [3]);
        assert_eq!(calls("tasks.get: 500 on calls 2-4"), [2, 3, 4]);
        assert_eq!(calls("tasks.get: 500 from call 7"), [7, 8, 9]);
        assert_eq!(calls("tasks.get: 500 every 3 calls"), [3, 6, 9]);
    }

    #[test]
    fn what_is_no_script_is_told_with_its_place_and_what_would_be_one() {
        for (text, at, accepted) in [
            ("503", 4, "locks.list: 503 on call 2"),
            (": 503", 1, "sftp-locks.list"),
            ("lock.list: 503", 1, "sftp-locks.list"),
            ("  lock.list: 503", 3, "sftp-locks.list"),
            ("FETCH /tasks: 503", 1, "GET /tasks"),
            ("GET tasks: 503", 5, "GET /tasks"),
            ("GET /tasks?compact=true: 503", 5, "GET /tasks"),
            ("locks.list:", 12, "a status"),
            ("locks.list: 199", 13, "200 to 598"),
            ("locks.list: 599", 13, "200 to 598"),
            ("locks.list: 50x", 13, "200 to 598"),
            ("locks.list: explode", 13, "garbage"),
            ("locks.list: delay", 18, "250ms"),
            ("locks.list: delay 11m", 19, "10 minutes"),
            ("locks.list: delay 0s", 19, "250ms"),
            ("locks.list: delay 2", 19, "250ms"),
            ("locks.list: delay 99999999999999999999m", 19, "250ms"),
            ("locks.list: truncate", 21, "bytes"),
            ("locks.list: truncate after all", 28, "bytes"),
            ("locks.list: content-length 10", 28, "+10"),
            ("locks.list: content-length +0", 28, "+10"),
            ("locks.list: job-fails", 13, "backup.transfer: job-fails"),
            ("GET /tasks: locks-newest-three", 13, "sftp-locks.list: locks-newest-three"),
            ("locks.list: 503 on", 19, "on call 2"),
            ("locks.list: 503 on call", 24, "from 1"),
            ("locks.list: 503 on call 0", 25, "from 1"),
            ("locks.list: 503 on calls 4-2", 26, "2-4"),
            ("locks.list: 503 sometimes", 17, "always"),
            ("locks.list: 503 every second call", 23, "every 2 calls"),
            ("locks.list: 503 on call 2 and 3", 27, "several --fault"),
            ("locks.list 200: 503", 12, "drop /path"),
            ("locks.list 2000: drop /id", 12, "4xx"),
            ("locks.list 200 when /id: drop /id", 16, "without"),
            ("locks.list with id: drop /id", 17, "/**/text"),
            ("locks.list with /id 17 18: drop /id", 24, "the colon"),
            ("locks.list: drop /", 18, "/*/id"),
            ("locks.list: drop /**", 18, "/*/id"),
            ("locks.list: drop header", 24, "Date"),
            ("locks.list: drop header Content-Length", 25, "Date"),
            ("locks.list: set id 17", 17, "/**/text"),
            ("locks.list: set /id", 20, "JSON"),
            ("locks.list: set /id XX", 21, "JSON"),
            ("locks.list: set /id [1, 2", 26, "JSON"),
            ("locks.list: set /id 17 18", 24, "on call 2"),
            ("locks.list: as /id text", 20, "lower-case"),
            ("locks.list: replace /id \"(\" \"\"", 25, "regular expression"),
            ("locks.list: time /x 2h", 21, "+2h"),
            ("locks.list: twice /* 17", 19, "name of a member"),
            ("locks.list: status 99", 20, "200 to 598"),
            ("locks.list: type \"ü\"", 18, "media type"),
            ("locks.list: body text", 22, "a JSON string"),
            ("locks.list: drop /id; garbage", 23, "drop /path"),
            ("locks.list: drop /id;", 22, "drop /path"),
            ("löcks.list: 503 on cäll 2", 1, "sftp-locks.list"),
            ("GET /ä: 503 ön", 13, "on call 2"),
        ] {
            let error = text.parse::<Script>().unwrap_err();
            assert_eq!(error.at, at, "{error}");
            assert!(
                error.to_string().split("accepted: ").nth(1).unwrap().contains(accepted),
                "{error}"
            );
        }
    }

    #[test]
    fn edits_are_read_with_the_answers_that_they_are_for_and_the_calls() {
        for text in [
            "locks.list: drop /*/id",
            "sftp-locks.list 200,5xx with /0/id \"a: b; c\": set /0/component \"X; Y\" on call 2",
            "* 4xx: body; status 500; type \"text/html; charset=UTF-8\" from call 7",
            "GET /nodes: status 200; body { \"nodes\": [] }; header Date \"Thu, 01 Jan 1970\"",
            "tasks.get without /1: lift /0; wrap /; wrap /0 task always",
            "locks.list: wrap / on call 3",
            "locks.list: body every 2 calls",
            "locks.list: twice /**/\u{64} \"XX\"; add \"/a b\" null; copy /0 /-; time /*/t now -90s",
            "session.open: drop header Set-Cookie \"csrf=\"; replace /a \"^(.)\" \"$1$1\"",
        ] {
            assert!(matches!(script(text).deed, Deed::Edits(_)), "{text}");
        }
        assert_eq!(calls("locks.list: body half on calls 2-4"), [2, 3, 4]);
        assert_eq!(script("locks.list: drop").deed, Deed::Drop);
    }

    #[test]
    fn a_script_concerns_its_operation_its_path_or_everything() {
        let concerns = |text: &str, method: &str, path: &str| {
            script(text).concerns(method, path, Route::find(path).as_ref())
        };
        assert!(concerns("*: 500", "GET", "/nodes"));
        assert!(
            concerns("tasks.get: 500", "GET", "/tasks/17")
                && !concerns("tasks.get: 500", "DELETE", "/tasks/17")
        );
        assert!(
            concerns("GET /tasks/17: 500", "GET", "/tasks/17")
                && !concerns("GET /tasks/17: 500", "GET", "/tasks/18")
        );
        assert!(
            concerns("GET /tasks/{job_list}: 500", "GET", "/tasks/18")
                && !concerns("GET /tasks: 500", "GET", "/tasks/18")
        );
        assert!(
            concerns("GET /nodes: 500", "GET", "/nodes")
                && !concerns("GET /nodes: 500", "PUT", "/nodes")
        );
    }
}
