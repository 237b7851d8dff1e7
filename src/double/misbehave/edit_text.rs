//! How edits are written: `drop /*/id; status 202`.
//!
//! Knows the verbs. Must not know what an edit does to an answer, or on which call it acts.

use jiff::SignedDuration;

use super::super::http::answer::{Body, HeaderEdit};
use super::super::terms::members::{Path, Step};
use super::edit::{Edit, Holds, Pattern, Type, Which};
use super::words::{ScriptError, Words, cut};

/// The verbs, as a complaint and the documentation name them. `drop` and `status` are among the
/// deeds of scripts too, and are told apart by what follows.
pub(crate) const VERBS: &str = "`drop /path`, `set /path JSON`, `add /path JSON`, `copy /path \
    /path`, `wrap /path NAME`, `lift /path`, `as /path number` (or `string`, `lower-case`, `seconds`), \
    `replace /path \"PATTERN\" \"TEXT\"`, `time /path +2h`, `twice /path JSON`, `status 202`, \
    `type text/html`, `header NAME VALUE`, `drop header NAME`, `body JSON`";

const PATH: &str = "a path into the body, such as `/id`, `/*/id`, `/0`, `/**/text`, or `/` for \
    the whole body";
const INNER: &str = "a path to something in the body, such as `/id`, `/*/id` or `/backups/-1`";
const JSON: &str = "a JSON value, such as `17`, `\"XX\"`, `null` or `[]`";
const SHIFT: &str = "`now`, `now +1d`, or how far the time is moved: `+2h`, `-90s` (`s`, `m`, \
    `h`, `d`)";
const STATUSES: &str = "a status such as `200`, a class such as `4xx`, or several with commas";

/// Whether the next words are an edit and no other deed of a script.
pub(crate) fn is_edit(words: &Words<'_>) -> bool {
    let mut words = words.clone();
    match words.next() {
        Some("drop") => words.next().is_some_and(|word| word.starts_with('/') || word == "header"),
        Some(word) => {
            ["set", "add", "copy", "wrap", "lift", "as", "replace", "time", "twice"].contains(&word)
                || ["status", "type", "header", "body"].contains(&word)
        }
        None => false,
    }
}

/// Which answers are meant: `200`, `4xx,5xx`, `with /jobId`, `without /1`. `words` begin behind the
/// name of the place and end before the colon.
pub(crate) fn which(words: &mut Words<'_>) -> Result<Which, ScriptError> {
    let mut which = Which::default();
    if words.peek().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        let word = words.next();
        for one in word.unwrap_or_default().split(',') {
            which.statuses.push(status_range(one).ok_or_else(|| {
                let found = format!("`{}` is no status", cut(one, 60));
                words.complain(word, &found, STATUSES)
            })?);
        }
    }
    let word = words.next();
    let wanted = match word {
        None => return Ok(which),
        Some("with") => true,
        Some("without") => false,
        Some(_) => {
            let accepted = format!("{STATUSES}; `with /path`, `without /path`; or the colon");
            return Err(words.complain(word, "", accepted));
        }
    };
    let path = path(words, PATH)?;
    let value = words.peek().is_some().then(|| words.json(JSON)).transpose()?;
    which.holds = Some(Holds { path, value, wanted });
    match words.next() {
        None => Ok(which),
        word => Err(words.complain(word, "", "the colon")),
    }
}

fn status_range(text: &str) -> Option<(u16, u16)> {
    if let Some(class) = text.strip_suffix("xx") {
        let class: u16 = class.parse().ok().filter(|class| (2..=5).contains(class))?;
        return Some((class * 100, class * 100 + 99));
    }
    let status = text.parse().ok().filter(|status| (200..=599).contains(status))?;
    Some((status, status))
}

/// One edit or several, with semicolons between them.
pub(crate) fn edits(words: &mut Words<'_>) -> Result<Vec<Edit>, ScriptError> {
    let mut edits = vec![edit(words)?];
    while words.semicolon() {
        edits.push(edit(words)?);
    }
    Ok(edits)
}

fn edit(words: &mut Words<'_>) -> Result<Edit, ScriptError> {
    let verb = words.next();
    Ok(match verb {
        Some("drop") if words.peek() == Some("header") => {
            words.next();
            let name = header_name(words)?;
            let begins = if words.peek().is_some_and(|word| word.starts_with('"')) {
                words.string("the begin of the value")?
            } else {
                String::new()
            };
            Edit::Header(HeaderEdit { name, begins, value: None })
        }
        Some("drop") => Edit::Drop(inner(words)?),
        Some("set") => Edit::Set(path(words, PATH)?, words.json(JSON)?),
        Some("add") => Edit::Add(inner(words)?, words.json(JSON)?),
        Some("copy") => Edit::Copy(path(words, PATH)?, inner(words)?),
        Some("lift") => Edit::Lift(inner(words)?),
        Some("wrap") => {
            let path = path(words, PATH)?;
            let name = match words.peek() {
                None | Some(";") => None,
                Some(word) if WHENS.contains(&word) => None,
                Some(_) => Some(words.string("the name of a member")?),
            };
            Edit::Wrap(path, name)
        }
        Some("as") => {
            let path = path(words, PATH)?;
            let word = words.next();
            let wanted = match word {
                Some("number") => Type::Number,
                Some("string") => Type::String,
                Some("lower-case") => Type::LowerCase,
                Some("seconds") => Type::Seconds,
                _ => {
                    return Err(words.complain(
                        word,
                        "",
                        "`number`, `string`, `lower-case` or `seconds`",
                    ));
                }
            };
            Edit::As(path, wanted)
        }
        Some("replace") => replace(words)?,
        Some("time") => {
            let path = path(words, PATH)?;
            let (from_now, by) = shift(words)?;
            Edit::Time(path, from_now, by)
        }
        Some("twice") => {
            let mut before = words.clone();
            let path = inner(words)?;
            if !matches!(path.parent(), Some((_, Step::Named(_)))) {
                before.skip();
                let accepted = "a path that ends with the name of a member, such as `/*/id`";
                return Err(before.complaint("the path names no member".to_owned(), accepted));
            }
            Edit::Twice(path, words.json(JSON)?)
        }
        Some("status") => {
            let word = words.next();
            let status = word
                .and_then(|word| word.parse().ok())
                .filter(|status| (200..=598).contains(status));
            Edit::Status(
                status.ok_or_else(|| words.complain(word, "", "a status from 200 to 598"))?,
            )
        }
        Some("type") => {
            let accepted = "a media type, such as `text/html` or `\"text/html; charset=UTF-8\"`";
            Edit::MediaType(header_value(words, accepted)?)
        }
        Some("header") => {
            let name = header_name(words)?;
            let value = header_value(words, "the value of the header: one word, or a JSON string")?;
            Edit::Header(HeaderEdit { name, begins: String::new(), value: Some(value) })
        }
        Some("body") => body(words)?,
        _ => return Err(words.complain(verb, "", VERBS)),
    })
}

/// The words that say on which calls; an edit that may end before them has to know them.
const WHENS: [&str; 4] = ["on", "from", "every", "always"];

fn body(words: &mut Words<'_>) -> Result<Edit, ScriptError> {
    Ok(match words.peek() {
        None | Some(";") => Edit::Body(Body::None),
        Some(word) if WHENS.contains(&word) => Edit::Body(Body::None),
        Some("half") => {
            words.next();
            Edit::Half
        }
        Some("text") => {
            words.next();
            Edit::Body(Body::Text(words.string("a JSON string, or one word")?))
        }
        Some(_) => Edit::Body(Body::Json(
            words.json("a JSON value, `text \"…\"`, `half`, or nothing for no body")?,
        )),
    })
}

fn replace(words: &mut Words<'_>) -> Result<Edit, ScriptError> {
    const PATTERN: &str = "a regular expression, as a JSON string";
    let path = path(words, PATH)?;
    words.peek();
    let before = words.clone();
    let pattern = words.string(PATTERN)?;
    let pattern =
        regex::RegexBuilder::new(&pattern).size_limit(1 << 20).build().map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            let mut at = before.clone();
            at.skip();
            at.complaint(format!("the pattern can't be read: {last}"), PATTERN)
        })?;
    let text =
        words.string("what comes in its place, as a JSON string; `$1` is the first group")?;
    Ok(Edit::Replace(path, Pattern(pattern), text))
}

fn path(words: &mut Words<'_>, accepted: &str) -> Result<Path, ScriptError> {
    if words.peek().is_some_and(|word| word.starts_with('"')) {
        let before = words.clone();
        let text = words.string(accepted)?;
        return Path::read(&text).ok_or_else(|| {
            let mut at = before;
            at.skip();
            at.complaint(format!("`{}` is no path", cut(&text, 60)), accepted)
        });
    }
    let word = words.next();
    word.and_then(Path::read).ok_or_else(|| words.complain(word, "", accepted))
}

/// A path that leads to something inside of the body.
fn inner(words: &mut Words<'_>) -> Result<Path, ScriptError> {
    let mut before = words.clone();
    let path = path(words, INNER)?;
    if matches!(path.parent(), Some((_, Step::Named(_) | Step::Each))) {
        return Ok(path);
    }
    before.skip();
    Err(before.complaint("the path names no member and no item".to_owned(), INNER))
}

fn header_name(words: &mut Words<'_>) -> Result<String, ScriptError> {
    const NAME: &str = "the name of a header, such as `Date` (not of one that carries the body)";
    const CARRY: [&str; 3] = ["content-length", "transfer-encoding", "connection"];
    let word = words.next();
    let is_name = |name: &&str| {
        name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
            && !CARRY.contains(&name.to_ascii_lowercase().as_str())
    };
    let name = word.filter(is_name);
    name.map(str::to_owned).ok_or_else(|| words.complain(word, "", NAME))
}

fn header_value(words: &mut Words<'_>, accepted: &str) -> Result<String, ScriptError> {
    let before = words.clone();
    let value = words.string(accepted)?;
    if value.chars().all(|c| c == '\t' || (' '..='~').contains(&c)) {
        return Ok(value);
    }
    let mut at = before;
    at.skip();
    Err(at.complaint("a header can't carry that".to_owned(), accepted))
}

fn shift(words: &mut Words<'_>) -> Result<(bool, SignedDuration), ScriptError> {
    let from_now = words.peek() == Some("now");
    if from_now {
        words.next();
        if !words.peek().is_some_and(|word| word.starts_with(['+', '-'])) {
            return Ok((true, SignedDuration::ZERO));
        }
    }
    let word = words.next();
    let by = word.and_then(signed).ok_or_else(|| words.complain(word, "", SHIFT))?;
    Ok((from_now, by))
}

fn signed(word: &str) -> Option<SignedDuration> {
    let unit = match word.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let number = word.get(..word.len() - 1).filter(|_| word.starts_with(['+', '-']))?;
    Some(SignedDuration::from_secs(number.parse::<i64>().ok()?.checked_mul(unit)?))
}
