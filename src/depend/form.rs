//! How values are spelt: words, numbers and times in texts; and what stands in for one of them.
//!
//! Knows: single values. Must not know: where they stand.

use serde_json::Value;

/// How the values of one place are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// There is none, or only null.
    Nothing,
    /// `true` and `false`.
    Flag,
    /// Numbers of JSON.
    Number,
    /// Texts that are numbers.
    NumberText,
    /// Texts that are dates with a time.
    Time,
    /// Texts of numbers with dots, such as versions and addresses.
    Dotted,
    /// Other texts.
    Word,
}

impl Form {
    /// How one value is spelt.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Flag,
            Value::Number(_) => Self::Number,
            Value::String(text) => Self::of_text(text),
            _ => Self::Nothing,
        }
    }

    fn of_text(text: &str) -> Self {
        let plain = text.trim();
        let number = plain.strip_prefix('-').unwrap_or(plain);
        let digits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let dots = number.matches('.').count();
        if is_time(plain) {
            Self::Time
        } else if !number.is_empty()
            && digits
            && number.starts_with(|c: char| c.is_ascii_digit())
            && number.ends_with(|c: char| c.is_ascii_digit())
        {
            if dots <= 1 { Self::NumberText } else { Self::Dotted }
        } else {
            Self::Word
        }
    }

    /// How all of them are spelt.
    #[must_use]
    pub fn of_all(values: &[Value]) -> Self {
        // An empty text says that there is no value, whatever the others are.
        let empty = |value: &&Value| value.as_str().is_some_and(str::is_empty);
        let full = || values.iter().filter(|value| !empty(value));
        if full().next().is_none() && !values.is_empty() {
            return Self::Word;
        }
        let mut forms = full().map(Self::of).filter(|form| *form != Self::Nothing);
        let Some(first) = forms.next() else { return Self::Nothing };
        forms.fold(first, |all, form| if all == form { all } else { Self::Word })
    }
}

/// Whether a text begins with a date and a time: `2019-05-02T19:28:14Z`, `2022-09-09 01:46:08`.
fn is_time(text: &str) -> bool {
    const PATTERN: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    text.len() >= PATTERN.len()
        && text.bytes().zip(PATTERN).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b' '),
            other => byte == *other,
        })
}

/// A text that stands nowhere else and is as long as another where that can be, so that it can be
/// found again in what a client sends and prints.
#[must_use]
pub(super) fn unheard(number: usize, value: &Value) -> String {
    let name = format!("zq{}x", letters(number));
    let wanted = value.as_str().map_or(0, |text| text.chars().count());
    let mut text = name;
    while text.len() < wanted {
        text.push('q');
    }
    text
}

/// A number as letters: always three or more, so that none begins another.
fn letters(number: usize) -> String {
    let letter = |digit: usize| char::from(b'a' + u8::try_from(digit % 26).unwrap_or(0));
    let mut rest = number / 26 / 26 / 26;
    let mut text =
        String::from_iter([letter(number / 26 / 26), letter(number / 26), letter(number)]);
    while rest > 0 {
        text.insert(0, letter(rest));
        rest /= 26;
    }
    text
}

/// A number that stands nowhere else, most likely.
#[must_use]
pub(super) fn far(number: usize) -> Value {
    Value::from(731_940_000_u64 + number as u64)
}

/// The neighbour of a value, in the same form: the next number, the next second.
#[must_use]
pub(super) fn next(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Some(Value::from(whole.wrapping_add(1))),
            (None, Some(part)) => serde_json::Number::from_f64(part + 1.0).map(Value::Number),
            _ => None,
        },
        Value::Bool(flag) => Some(Value::Bool(!flag)),
        Value::String(text) => Some(Value::from(next_text(text)?)),
        _ => None,
    }
}

fn next_text(text: &str) -> Option<String> {
    let at = match Form::of_text(text) {
        // The last digit of the seconds.
        Form::Time => text.char_indices().nth(18).map(|(at, _)| at + 1)?,
        Form::NumberText => text.find('.').unwrap_or(text.trim_end().len()),
        Form::Dotted => text.trim_end().len(),
        _ => return None,
    };
    let mut bytes = text.as_bytes().to_vec();
    let mut here = at;
    while here > 0 && bytes[here - 1].is_ascii_digit() {
        here -= 1;
        let seconds = Form::of_text(text) == Form::Time && here == 17;
        let last = if seconds { b'5' } else { b'9' };
        if bytes[here] < last {
            bytes[here] += 1;
            return String::from_utf8(bytes).ok();
        }
        bytes[here] = b'0';
        if Form::of_text(text) == Form::Time && here == 17 {
            return String::from_utf8(bytes).ok();
        }
    }
    bytes.insert(here, b'1');
    String::from_utf8(bytes).ok()
}

/// A time with a fraction of its second, or without the one that it has.
#[must_use]
pub(super) fn other_precision(text: &str) -> Option<String> {
    if !is_time(text) {
        return None;
    }
    let (seconds, rest) = text.split_at_checked(19)?;
    match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            Some(format!("{seconds}{zone}"))
        }
        None => Some(format!("{seconds}.250{rest}")),
    }
}

/// A text in capitals, or in small letters where it is in capitals.
#[must_use]
pub(super) fn other_case(text: &str) -> Option<String> {
    let upper = text.to_uppercase();
    let turned = if upper == text { text.to_lowercase() } else { upper };
    (turned != text).then_some(turned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_how_a_value_is_spelt() {
        for (text, form) in [
            ("12", Form::NumberText),
            ("-3.5", Form::NumberText),
            ("4.1.0", Form::Dotted),
            ("2019-05-02T19:28:14Z", Form::Time),
            ("2022-09-09 01:46:08", Form::Time),
            ("Online", Form::Word),
            ("", Form::Word),
            ("12%", Form::Word),
        ] {
            assert_eq!(Form::of(&Value::from(text)), form, "{text}");
        }
        assert_eq!(Form::of_all(&[Value::Null, Value::from(1)]), Form::Number);
        assert_eq!(Form::of_all(&[Value::from("1"), Value::from("x")]), Form::Word);
        assert_eq!(Form::of_all(&[Value::from("1"), Value::from("")]), Form::NumberText);
        assert_eq!(Form::of_all(&[Value::from("")]), Form::Word);
    }

    #[test]
    fn a_neighbour_has_the_same_form() {
        for (value, neighbour) in [
            ("9", "10"),
            ("19", "20"),
            ("1.5", "2.5"),
            ("4.1.9", "4.1.10"),
            ("2019-05-02T19:28:14Z", "2019-05-02T19:28:15Z"),
            ("2019-05-02T19:28:59Z", "2019-05-02T19:28:00Z"),
        ] {
            assert_eq!(next(&Value::from(value)), Some(Value::from(neighbour)));
        }
        assert_eq!(next(&Value::from(7)), Some(Value::from(8)));
        assert_eq!(next(&Value::from("Online")), None);
        assert_eq!(other_precision("2019-05-02T19:28:14Z").unwrap(), "2019-05-02T19:28:14.250Z");
        assert_eq!(other_precision("2019-05-02T19:28:14.123Z").unwrap(), "2019-05-02T19:28:14Z");
        assert_eq!(other_case("Online").unwrap(), "ONLINE");
        assert_eq!(other_case("12"), None);
        let names: std::collections::BTreeSet<String> =
            (0..20_000).map(|number| unheard(number, &Value::Null)).collect();
        assert_eq!(names.len(), 20_000);
        assert_eq!(unheard(7, &Value::from("a longer text")).len(), 13);
    }
}
