//! Scripts: what the double does on which call of which operation, in one line that a person can
//! write.
//!
//! Knows the words of a script, and on which calls it acts. Must not know how a reply is made or
//! sent.

use std::str::FromStr;
use std::time::Duration;

use super::fault::Fault;
use super::operations::{self, OPERATIONS, Operation};
use super::route::Route;

/// The longest delay that can be asked for, and the longest that several scripts make together.
pub(super) const MOST_DELAY: Duration = Duration::from_mins(10);
const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// One line such as `locks.list: 503 on call 2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    text: String,
    place: Place,
    pub(super) deed: Deed,
    when: When,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Any,
    Operation(&'static Operation),
    /// A method and a path, which may be a template.
    Request(String, String),
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// This status; from 400 on nothing is carried out.
    Status(u16),
    /// The reply comes later.
    Delay(Duration),
    /// The connection is closed, and nothing is carried out.
    Drop,
    /// It is carried out, and the connection is closed without a reply.
    DropReply,
    /// The reply ends after this many bytes of its body.
    Truncate(usize),
    /// The reply ends in the middle of its body.
    Half,
    /// The stated length differs from the true one by this.
    Length(i64),
    /// Bytes that are no HTTP.
    Garbage,
    /// A named fault, in force while the call is answered and for what it leaves behind.
    Fault(Fault),
}

/// On which calls, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Calls(u64, u64),
    Every(u64),
}

impl Script {
    /// The line as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fault that it puts on its calls.
    pub(super) fn fault(&self) -> Option<Fault> {
        if let Deed::Fault(fault) = self.deed { Some(fault) } else { None }
    }

    /// Whether the script speaks of this request.
    pub(super) fn concerns(&self, method: &str, path: &str, route: Option<&Route>) -> bool {
        let template = route.map(Route::template);
        match &self.place {
            Place::Any => true,
            Place::Operation(operation) => {
                operation.method == method && Some(operation.template) == template
            }
            Place::Request(asked, place) => {
                asked == method && (place == path || Some(place.as_str()) == template)
            }
        }
    }

    /// Whether it acts on the call of this number.
    pub(super) fn acts_on(&self, call: u64) -> bool {
        match self.when {
            When::Calls(first, last) => (first..=last).contains(&call),
            When::Every(step) => call.is_multiple_of(step),
        }
    }
}

/// A line that isn't a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the script `{script}`: at character {at}, {found}; accepted: {accepted}")]
pub struct ScriptError {
    script: String,
    /// From 1.
    pub at: usize,
    found: String,
    accepted: String,
}

const DEEDS: &str = "a status from 200 to 598, `delay 2s` (or `ms`, `m`), `drop`, `drop-reply`, \
    `truncate after 10 bytes`, `content-length +10` (or `-10`), `garbage`, or the name of a fault";
const WHENS: &str = "`on call 2`, `on calls 2-4`, `from call 2`, `every 2 calls`, `always`, or \
    nothing, which is always";

/// The words of a script with where they begin.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        let start = self.at + rest.len() - rest.trim_start().len();
        let length =
            self.text[start..].find(char::is_whitespace).unwrap_or(self.text.len() - start);
        self.at = start + length;
        Some(&self.text[start..self.at]).filter(|word| !word.is_empty())
    }

    /// The complaint about the word that was read last, or about the end.
    fn complain(
        &self,
        word: Option<&str>,
        found: &str,
        accepted: impl Into<String>,
    ) -> ScriptError {
        let at = self.at - word.map_or(0, str::len);
        let found = match (word, found) {
            (Some(word), "") => format!("`{}` is not expected", cut(word, 60)),
            (None, _) => "something is missing".to_owned(),
            (Some(_), found) => found.to_owned(),
        };
        ScriptError {
            script: cut(self.text, 120),
            at: self.text[..at].chars().count() + 1,
            found,
            accepted: accepted.into(),
        }
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(most).collect()
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut words = Words { text, at: 0 };
        // A path may hold a colon, so one before a blank counts first.
        let colon = text.find(": ").or_else(|| text.find(':'));
        let Some(colon) = colon else {
            words.at = text.len();
            return Err(words.complain(
                None,
                "",
                "a place, a colon, and what is to be done, such as `locks.list: 503 on call 2`",
            ));
        };
        let place = place(&text[..colon], &words)?;
        words.at = colon + 1;
        let deed = deed(&mut words, &place)?;
        let when = when(&mut words)?;
        Ok(Self { text: text.trim().to_owned(), place, deed, when })
    }
}

fn place(text: &str, whole: &Words<'_>) -> Result<Place, ScriptError> {
    let name = text.trim();
    let blanks = text.len() - text.trim_start().len();
    let complain = |found: String, at: usize| {
        let names: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
        let accepted = format!(
            "`*`, a method and a path such as `GET /tasks`, or one of {} (`locks.` is short for \
            `sftp-locks.`)",
            names.join(", ")
        );
        ScriptError {
            script: cut(whole.text, 120),
            at: whole.text[..at].chars().count() + 1,
            found,
            accepted,
        }
    };
    if name == "*" {
        return Ok(Place::Any);
    }
    if let Some((method, path)) = name.split_once(char::is_whitespace) {
        let path = path.trim_start();
        if !METHODS.contains(&method) {
            return Err(complain(format!("`{}` is no method", cut(method, 60)), blanks));
        }
        if !path.starts_with('/') || path.contains(['?', ' ']) {
            return Err(complain(
                format!("`{}` is no path without a query", cut(path, 60)),
                blanks + name.len() - path.len(),
            ));
        }
        return Ok(Place::Request(method.to_owned(), path.to_owned()));
    }
    match operations::named(name) {
        Some(operation) => Ok(Place::Operation(operation)),
        None if name.is_empty() => Err(complain("the place is missing".to_owned(), blanks)),
        None => Err(complain(format!("no operation is called `{}`", cut(name, 60)), blanks)),
    }
}

fn deed(words: &mut Words<'_>, place: &Place) -> Result<Deed, ScriptError> {
    let word = words.next();
    match word {
        None => Err(words.complain(None, "", DEEDS)),
        Some(status) if status.starts_with(|c: char| c.is_ascii_digit()) => match status.parse() {
            Ok(status @ 200..=598) => Ok(Deed::Status(status)),
            _ => Err(words.complain(
                word,
                &format!("`{}` is no status from 200 to 598", cut(status, 60)),
                DEEDS,
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
        Some(name) => fault(name, words, place),
    }
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

fn fault(name: &str, words: &Words<'_>, place: &Place) -> Result<Deed, ScriptError> {
    let Ok(fault) = name.parse::<Fault>() else {
        return Err(words.complain(
            Some(name),
            &format!(
                "`{}` is nothing that can be done, and no fault is called that",
                cut(name, 60)
            ),
            DEEDS,
        ));
    };
    match fault {
        // A fault of the connection can be played on any operation.
        Fault::WireSlowStart => return Ok(Deed::Delay(Duration::from_secs(65))),
        Fault::WireCloseBeforeStart => return Ok(Deed::Drop),
        Fault::WireCloseAfterStart => return Ok(Deed::DropReply),
        Fault::WireCutShort => return Ok(Deed::Half),
        _ => {}
    }
    if fault.is_standing() {
        let found =
            format!("the fault `{name}` concerns the whole life of the double, not single calls");
        return Err(words.complain(
            Some(name),
            &found,
            format!("`--fault {name}` by itself, or another fault"),
        ));
    }
    let concerned = match place {
        Place::Any => true,
        Place::Operation(operation) => {
            fault.place() == format!("{} {}", operation.method, operation.template)
        }
        Place::Request(method, path) => {
            Some(fault.place())
                == Route::find(path)
                    .map(|route| format!("{method} {}", route.template()))
                    .as_deref()
        }
    };
    if concerned || fault.place() == "*" {
        return Ok(Deed::Fault(fault));
    }
    let operation = fault
        .place()
        .split_once(' ')
        .and_then(|(method, template)| operations::of(method, template));
    let home = operation.map_or(fault.place(), |operation| operation.name);
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
            ("locks.list: lock-id-short", Deed::Fault(Fault::LockIdShort)),
            ("*: lock-id-short", Deed::Fault(Fault::LockIdShort)),
            ("GET /tasks/17: task-status-missing", Deed::Fault(Fault::TaskStatusMissing)),
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
            ("GET /tasks: lock-id-short", 13, "sftp-locks.list: lock-id-short"),
            ("locks.list: 503 on", 19, "on call 2"),
            ("locks.list: 503 on call", 24, "from 1"),
            ("locks.list: 503 on call 0", 25, "from 1"),
            ("locks.list: 503 on calls 4-2", 26, "2-4"),
            ("locks.list: 503 sometimes", 17, "always"),
            ("locks.list: 503 every second call", 23, "every 2 calls"),
            ("locks.list: 503 on call 2 and 3", 27, "several --fault"),
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
