//! Times as texts: ISO 8601 as a whole, with the precision that each text has.
//!
//! Knows: ISO 8601, RFC 3339 and the W3C note on date and time formats. Must not know: pages,
//! requirements, answers.
//!
//! No crate reads all of ISO 8601 and keeps what was written: the ones at hand read a profile of
//! it, and none tells a minute from its first second. Calendars are counted by `jiff` where it
//! reaches, and by the same rule beyond it.

use std::fmt;

/// Nanoseconds.
pub type Nanos = i128;

/// A second in nanoseconds.
pub const SECOND: Nanos = 1_000_000_000;
const MINUTE: Nanos = 60 * SECOND;
const HOUR: Nanos = 60 * MINUTE;
const DAY: Nanos = 24 * HOUR;
/// Local times are at most so far behind UTC, and so far ahead of it.
const MOST_BEHIND: Nanos = 12 * HOUR;
const MOST_AHEAD: Nanos = 14 * HOUR;
/// The most digits of a year: more would only be a longer number.
const MOST_YEAR_DIGITS: usize = 9;

/// How a text says its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// RFC 3339, or one of the six forms of the W3C note.
    Profile,
    /// Another form of ISO 8601.
    Other,
}

/// A stretch of time: from its first nanosecond to the one after its last, both counted from 1970
/// in UTC.
///
/// What a text leaves out makes it wider: a minute is a minute wide, a day is a day wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    from: Nanos,
    until: Nanos,
    zoned: bool,
}

impl Moment {
    /// The stretch in which it lies. Without a zone it is that of any zone.
    #[must_use]
    pub fn span(&self) -> (Nanos, Nanos) {
        if self.zoned {
            (self.from, self.until)
        } else {
            (self.from - MOST_AHEAD, self.until + MOST_BEHIND)
        }
    }

    /// The stretch as it is written: without a zone, as if that were UTC.
    #[must_use]
    pub fn written(&self) -> (Nanos, Nanos) {
        (self.from, self.until)
    }

    /// Whether the text tells its zone.
    #[must_use]
    pub fn is_zoned(&self) -> bool {
        self.zoned
    }

    /// Whether both can be the same moment, each written in its own way.
    #[must_use]
    pub fn can_equal(&self, other: &Self) -> bool {
        // Two local times of one appliance are told by one clock.
        let ((a, b), (c, d)) = if self.zoned == other.zoned {
            ((self.from, self.until), (other.from, other.until))
        } else {
            (self.span(), other.span())
        };
        a < d && c < b
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(self.from))?;
        if self.zoned { Ok(()) } else { f.write_str(" without a zone") }
    }
}

/// A moment for people, to the second.
#[must_use]
pub fn shown(at: Nanos) -> String {
    let second = i64::try_from(at.div_euclid(SECOND))
        .ok()
        .and_then(|second| jiff::Timestamp::from_second(second).ok());
    second.map_or_else(|| "a time beyond the calendar".to_owned(), |second| second.to_string())
}

/// The moment in nanoseconds.
#[must_use]
pub fn nanos(at: jiff::Timestamp) -> Nanos {
    at.as_nanosecond()
}

/// Reads a text; `None` where it isn't a date, or a date and a time, in ISO 8601.
#[must_use]
pub fn read(text: &str) -> Option<(Form, Moment)> {
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let date = Date::read(date)?;
    let Some(time) = time else {
        let (from, until) = (DAY * Nanos::from(date.first), DAY * Nanos::from(date.after));
        return Some((
            if date.plain { Form::Profile } else { Form::Other },
            Moment { from, until, zoned: false },
        ));
    };
    // A time belongs to a day.
    if date.after - date.first != 1 {
        return None;
    }
    let (clock, zone) = split_zone(time)?;
    let clock = Clock::read(clock)?;
    let zone = zone.map(Zone::read);
    let zone = match zone {
        Some(zone) => Some(zone?),
        None => None,
    };
    let offset = zone.as_ref().map_or(0, |zone| zone.offset);
    let from = DAY * Nanos::from(date.first) + clock.from - offset;
    if clock.leap && !leap_is_possible(from, zone.is_some()) {
        return None;
    }
    let upper = !text.contains(['t', 'z']);
    let zoned = zone.as_ref().is_some_and(|zone| zone.plain);
    // RFC 3339 has seconds and takes small letters; the note leaves seconds out, and doesn't.
    let profile = date.plain && date.is_day && zoned && clock.plain && (clock.seconds || upper);
    let moment = Moment { from, until: from + clock.width, zoned: zone.is_some() };
    Some((if profile { Form::Profile } else { Form::Other }, moment))
}

/// Leap seconds end a day of UTC; where the zone isn't told, they end a quarter of an hour of it.
fn leap_is_possible(at: Nanos, zoned: bool) -> bool {
    at.rem_euclid(if zoned { DAY } else { 15 * MINUTE }) < SECOND
}

struct Date {
    /// Days from 1970-01-01 to its first day, and to the one after its last.
    first: i64,
    after: i64,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    plain: bool,
    is_day: bool,
}

impl Date {
    fn read(text: &str) -> Option<Self> {
        let (sign, rest) = match text.chars().next()? {
            '+' => (1, &text[1..]),
            '-' => (-1, &text[1..]),
            '\u{2212}' => (-1, &text['\u{2212}'.len_utf8()..]),
            _ => (0, text),
        };
        // A year without a sign has four digits; with one it has as many as stand before the first
        // mark.
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let expanded = sign != 0;
        let year_digits = if expanded { digits } else { 4 };
        if digits < 4 || year_digits > MOST_YEAR_DIGITS {
            return None;
        }
        let year = number(&rest[..year_digits])? * if sign < 0 { -1 } else { 1 };
        let rest = &rest[year_digits..];
        let extended = rest.starts_with('-');
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let day = |first: i64, plain: bool| {
            Some(Self { first, after: first + 1, plain: plain && !expanded, is_day: true })
        };
        if let Some(week) = rest.strip_prefix('W') {
            let (week, weekday) = match (week.len(), extended) {
                (2, _) => (number(week)?, None),
                (4, true) => {
                    (number(week.get(..2)?)?, Some(number(week.get(2..)?.strip_prefix('-')?)?))
                }
                (3, false) => (number(week.get(..2)?)?, Some(number(week.get(2..)?)?)),
                _ => return None,
            };
            if !(1..=weeks_in(year)).contains(&week)
                || weekday.is_some_and(|day| !(1..=7).contains(&day))
            {
                return None;
            }
            let monday = first_monday(year) + 7 * (week - 1);
            return match weekday {
                Some(weekday) => day(monday + weekday - 1, false),
                None => {
                    Some(Self { first: monday, after: monday + 7, plain: false, is_day: false })
                }
            };
        }
        match (rest.len(), extended) {
            (0, false) => Some(Self {
                first: days(year, 1, 1),
                after: days(year + 1, 1, 1),
                plain: !expanded,
                is_day: false,
            }),
            (2, true) => {
                let month = number(rest).filter(|month| (1..=12).contains(month))?;
                let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                Some(Self {
                    first: days(year, month, 1),
                    after: days(next_year, next, 1),
                    plain: !expanded,
                    is_day: false,
                })
            }
            (3, _) => {
                let ordinal = number(rest).filter(|ordinal| {
                    (1..=days(year + 1, 1, 1) - days(year, 1, 1)).contains(ordinal)
                })?;
                day(days(year, 1, 1) + ordinal - 1, false)
            }
            (5, true) => day(
                checked_day(
                    year,
                    number(rest.get(..2)?)?,
                    number(rest.get(2..)?.strip_prefix('-')?)?,
                )?,
                true,
            ),
            (4, false) => {
                day(checked_day(year, number(rest.get(..2)?)?, number(rest.get(2..)?)?)?, false)
            }
            _ => None,
        }
    }
}

struct Clock {
    from: Nanos,
    width: Nanos,
    /// Whether it is written to the second.
    seconds: bool,
    leap: bool,
    /// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s`.
    plain: bool,
}

impl Clock {
    fn read(text: &str) -> Option<Self> {
        let (whole, fraction) = match text.split_once(['.', ',']) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let extended = whole.contains(':');
        let parts: Vec<&str> = if extended {
            whole.split(':').collect()
        } else {
            (0..whole.len()).step_by(2).map(|at| whole.get(at..at + 2)).collect::<Option<_>>()?
        };
        if parts.is_empty() || parts.len() > 3 || parts.iter().any(|part| part.len() != 2) {
            return None;
        }
        let numbers = parts.iter().map(|part| number(part)).collect::<Option<Vec<i64>>>()?;
        let at = |index: usize| numbers.get(index).copied().unwrap_or(0);
        let (hour, minute, second) = (at(0), at(1), at(2));
        let unit = [HOUR, MINUTE, SECOND][numbers.len() - 1];
        let (past, width) = match fraction {
            Some(digits) => share(digits, unit)?,
            None => (0, unit),
        };
        let midnight = hour == 24 && minute == 0 && second == 0 && past == 0;
        if !(midnight || hour < 24) || minute > 59 || second > 60 {
            return None;
        }
        let from = HOUR * Nanos::from(hour)
            + MINUTE * Nanos::from(minute)
            + SECOND * Nanos::from(second)
            + past;
        let plain = extended
            && !midnight
            && (fraction.is_none() || (numbers.len() == 3 && !text.contains(',')));
        Some(Self { from, width, seconds: numbers.len() == 3, leap: second == 60, plain })
    }
}

/// What a decimal fraction is of a unit, and how wide its last digit is.
fn share(digits: &str, unit: Nanos) -> Option<(Nanos, Nanos)> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Beyond these digits nothing is left of an hour.
    let kept = &digits[..digits.len().min(15)];
    let scale: Nanos = 10_i128.pow(u32::try_from(kept.len()).unwrap_or(15));
    Some((kept.parse::<Nanos>().ok()? * unit / scale, (unit / scale).max(1)))
}

struct Zone {
    offset: Nanos,
    /// `Z` or `±hh:mm`.
    plain: bool,
}

impl Zone {
    fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("z") {
            return Some(Self { offset: 0, plain: true });
        }
        let sign = text.chars().next()?;
        let rest = &text[sign.len_utf8()..];
        let (hour, minute) = match rest.len() {
            2 => (rest, "00"),
            4 => (rest.get(..2)?, rest.get(2..)?),
            5 => (rest.get(..2)?, rest.get(2..)?.strip_prefix(':')?),
            _ => return None,
        };
        let (hours, minutes) = (
            number(hour).filter(|hours| *hours < 24)?,
            number(minute).filter(|minutes| *minutes < 60)?,
        );
        let offset = HOUR * Nanos::from(hours) + MINUTE * Nanos::from(minutes);
        Some(Self {
            offset: if sign == '+' { offset } else { -offset },
            plain: rest.len() == 5 && sign.is_ascii(),
        })
    }
}

/// The time of day and its zone.
fn split_zone(text: &str) -> Option<(&str, Option<&str>)> {
    let at = text.find(['Z', 'z', '+', '-', '\u{2212}']);
    let (clock, zone) = at.map_or((text, None), |at| (&text[..at], Some(&text[at..])));
    clock.starts_with(|c: char| c.is_ascii_digit()).then_some((clock, zone))
}

/// ASCII digits and nothing else.
fn number(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn checked_day(year: i64, month: i64, day: i64) -> Option<i64> {
    let last = match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=last).contains(&day).then(|| days(year, month, day))
}

/// Days since 1970-01-01, in the calendar of ISO 8601, for any year: counted from March, so that a
/// leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day on which week 1 begins: the Monday of the week that holds 4 January.
fn first_monday(year: i64) -> i64 {
    let fourth = days(year, 1, 4);
    // 1970-01-01 was a Thursday.
    fourth - (fourth + 3).rem_euclid(7)
}

fn weeks_in(year: i64) -> i64 {
    (first_monday(year + 1) - first_monday(year)) / 7
}
