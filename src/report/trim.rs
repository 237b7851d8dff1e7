//! A JSON body as a person reads it: one member a line, lists cut to their first rows, and the
//! lines of wrong values known.
//!
//! Knows: JSON text, which may break off where a bound cut it, and JSON pointers. Must not know:
//! findings, how a report is drawn.

use std::fmt::Write as _;

use super::model::Mark;

/// A body that was cut to what a person reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trimmed {
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
}

/// How much of a body is kept: rows of a list, members of an object, characters of a text.
#[derive(Debug, Clone, Copy)]
struct Limits {
    rows: usize,
    members: usize,
    text: usize,
}

/// From generous to tight: the first that fits is taken.
const LIMITS: &[Limits] = &[
    Limits { rows: 3, members: 40, text: 200 },
    Limits { rows: 2, members: 16, text: 80 },
    Limits { rows: 1, members: 6, text: 40 },
];
/// Deeper than this nobody reads.
const MOST_DEPTH: usize = 40;
/// A value without nested wrong values stays on one line up to this length.
const ONE_LINE: usize = 72;

/// The body in at most `most` bytes, with the lines at which the values of `pointers` stand. None
/// where it isn't JSON. `cut` says that the text is only the start of the body.
pub(super) fn trim(text: &str, cut: bool, pointers: &[&str], most: usize) -> Option<Trimmed> {
    if !cut && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return None;
    }
    let want = |pointer: &&str| {
        let mut rest: Vec<String> = pointer.rsplit('/').map(crate::pointer::unescape).collect();
        // What stands before the first slash is no token.
        rest.pop();
        Wanted { pointer: (*pointer).to_owned(), rest }
    };
    let wanted: Vec<Wanted> = pointers.iter().map(want).collect();
    LIMITS.iter().find_map(|limits| {
        let mut writer = Writer {
            text,
            at: 0,
            out: String::new(),
            line: 1,
            marks: Vec::new(),
            limits: *limits,
            ended: false,
        };
        writer.space();
        if !matches!(writer.peek(), Some(b'{' | b'[')) {
            return None;
        }
        let whole = writer.value(&wanted, 0).map(|()| writer.space());
        match whole {
            Ok(()) if writer.at < text.len() => return None,
            Ok(()) => {}
            Err(Stop::End) if cut => writer.ended = true,
            Err(_) => return None,
        }
        (writer.out.len() <= most).then_some(Trimmed { text: writer.out, marks: writer.marks })
    })
}

/// A pointer on the way down: what is left of it, the next token last.
#[derive(Debug, Clone)]
struct Wanted {
    pointer: String,
    rest: Vec<String>,
}

fn below(wanted: &[Wanted], token: &str) -> Vec<Wanted> {
    let step = |one: &Wanted| {
        let mut one = one.clone();
        (one.rest.pop().as_deref() == Some(token)).then_some(one)
    };
    wanted.iter().filter_map(step).collect()
}

enum Stop {
    /// The text ends within the value.
    End,
    /// It isn't JSON.
    Wrong,
}

struct Writer<'a> {
    text: &'a str,
    at: usize,
    out: String,
    line: u32,
    marks: Vec<Mark>,
    limits: Limits,
    ended: bool,
}

impl Writer<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        self.space();
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Stop::Wrong),
            None => Err(Stop::End),
        }
    }

    fn newline(&mut self, depth: usize) {
        self.out.push('\n');
        self.line += 1;
        self.out.push_str(&"  ".repeat(depth));
    }

    /// Writes the value that begins here.
    fn value(&mut self, wanted: &[Wanted], depth: usize) -> Result<(), Stop> {
        for one in wanted.iter().filter(|one| one.rest.is_empty()) {
            self.marks.push(Mark { pointer: one.pointer.clone(), line: self.line });
        }
        let nested = wanted.iter().any(|one| !one.rest.is_empty());
        match self.peek().ok_or(Stop::End)? {
            opening @ (b'{' | b'[') => {
                let start = self.at;
                if depth >= MOST_DEPTH {
                    self.skip()?;
                    self.out.push('…');
                    return Ok(());
                }
                if !nested {
                    // Short ones stay on their line.
                    match self.skip() {
                        Ok(())
                            if self.at - start <= ONE_LINE
                                && !self.text[start..self.at].contains('\n') =>
                        {
                            self.out.push_str(&self.text[start..self.at]);
                            return Ok(());
                        }
                        Err(Stop::Wrong) => return Err(Stop::Wrong),
                        _ => self.at = start,
                    }
                }
                self.at += 1;
                if opening == b'{' { self.object(wanted, depth) } else { self.array(wanted, depth) }
            }
            b'"' => {
                let start = self.at;
                self.skip()?;
                let whole = &self.text[start..self.at];
                match whole.char_indices().nth(self.limits.text) {
                    None => self.out.push_str(whole),
                    Some((end, _)) => {
                        let cut = format!(
                            "{}…\" ({} characters)",
                            &whole[..end],
                            whole.chars().count().saturating_sub(2)
                        );
                        self.out.push_str(&cut);
                    }
                }
                Ok(())
            }
            _ => {
                let start = self.at;
                self.skip()?;
                let cut: String =
                    self.text[start..self.at].chars().take(self.limits.text).collect();
                self.out.push_str(&cut);
                Ok(())
            }
        }
    }

    fn object(&mut self, wanted: &[Wanted], depth: usize) -> Result<(), Stop> {
        self.out.push('{');
        let (mut all, mut shown) = (0_usize, 0_usize);
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            self.out.push('}');
            return Ok(());
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek().ok_or_else(|| self.broken(depth))? != b'"' {
                return Err(Stop::Wrong);
            }
            self.skip().map_err(|stop| self.or_broken(stop, depth))?;
            let name = &self.text[start..self.at];
            self.expect(b':').map_err(|stop| self.or_broken(stop, depth))?;
            self.space();
            let token: String = serde_json::from_str(name).map_err(|_| Stop::Wrong)?;
            let inner = below(wanted, &token);
            if shown < self.limits.members || !inner.is_empty() {
                if shown > 0 {
                    self.out.push(',');
                }
                self.newline(depth + 1);
                let short: String = name.chars().take(self.limits.text).collect();
                self.out.push_str(&short);
                self.out.push_str(": ");
                shown += 1;
                self.value(&inner, depth + 1).map_err(|stop| self.or_broken(stop, depth))?;
            } else {
                self.skip()?;
            }
            all += 1;
            self.space();
            match self.peek().ok_or_else(|| self.broken(depth))? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return Err(Stop::Wrong),
            }
        }
        self.at += 1;
        if all > shown {
            self.newline(depth + 1);
            let _ = write!(self.out, "… {shown} of {all} members");
        }
        self.newline(depth);
        self.out.push('}');
        Ok(())
    }

    fn array(&mut self, wanted: &[Wanted], depth: usize) -> Result<(), Stop> {
        self.out.push('[');
        let (mut all, mut shown, mut gap, mut beyond) = (0_usize, 0_usize, false, false);
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            self.out.push(']');
            return Ok(());
        }
        loop {
            self.space();
            let inner = below(wanted, &all.to_string());
            if all < self.limits.rows || !inner.is_empty() {
                if shown > 0 {
                    self.out.push(',');
                }
                if gap {
                    self.newline(depth + 1);
                    self.out.push('…');
                }
                (gap, beyond) = (false, beyond || all >= self.limits.rows);
                self.newline(depth + 1);
                shown += 1;
                self.value(&inner, depth + 1).map_err(|stop| self.or_broken(stop, depth))?;
            } else {
                gap = true;
                self.skip().map_err(|stop| self.or_broken(stop, depth))?;
            }
            all += 1;
            self.space();
            match self.peek().ok_or_else(|| self.broken(depth))? {
                b',' => self.at += 1,
                b']' => break,
                _ => return Err(Stop::Wrong),
            }
        }
        self.at += 1;
        if all > shown {
            self.newline(depth + 1);
            let which = if beyond {
                format!("… {shown} of {all}")
            } else {
                format!("… first {shown} of {all}")
            };
            self.out.push_str(&which);
        }
        self.newline(depth);
        self.out.push(']');
        Ok(())
    }

    /// Says once, at the innermost place, that the text ends here.
    fn broken(&mut self, depth: usize) -> Stop {
        if !self.ended {
            self.ended = true;
            self.newline(depth + 1);
            self.out.push_str("… the rest is left out");
        }
        Stop::End
    }

    fn or_broken(&mut self, stop: Stop, depth: usize) -> Stop {
        if matches!(stop, Stop::End) { self.broken(depth) } else { stop }
    }

    /// Passes over the value or the text that begins here, without recursion.
    fn skip(&mut self) -> Result<(), Stop> {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        loop {
            match bytes.get(self.at).ok_or(Stop::End)? {
                b'"' => {
                    self.at += 1;
                    loop {
                        match bytes.get(self.at).ok_or(Stop::End)? {
                            b'"' => break,
                            // A line break in a text is no JSON, and would move the marks.
                            b'\n' | b'\r' => return Err(Stop::Wrong),
                            b'\\' => self.at += 2,
                            _ => self.at += 1,
                        }
                    }
                    self.at += 1;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1).ok_or(Stop::Wrong)?;
                    self.at += 1;
                }
                b',' | b':' if depth == 0 => return Err(Stop::Wrong),
                b',' | b':' => self.at += 1,
                byte if byte.is_ascii_whitespace() => self.at += 1,
                byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.') => {
                    while bytes.get(self.at).is_some_and(|byte| {
                        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
                    }) {
                        self.at += 1;
                    }
                }
                _ => return Err(Stop::Wrong),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests;
