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
mod tests;
