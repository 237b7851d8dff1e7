//! When two values mean the same, however each is spelled.
//!
//! Knows: JSON numbers and times. Must not know: which member holds them.

use serde_json::{Number, Value};

use crate::moment;

/// Integers beyond this are no longer told apart once they are read as floating point, which a
/// fraction of zero makes them.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The number as an integer, where it is one: 1200, 1200.0 and 1.2e3 are.
pub(super) fn integer(value: &Value) -> Option<i128> {
    let Value::Number(number) = value else { return None };
    whole(number)
}

fn whole(number: &Number) -> Option<i128> {
    if let Some(exact) = number.as_i128() {
        return Some(exact);
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e30)?;
    #[expect(clippy::cast_possible_truncation, reason = "an integer in the range of i128")]
    let exact = float as i128;
    Some(exact)
}

/// A number as a text that is the same for each of its spellings.
pub(super) fn written(number: &Number) -> String {
    whole(number).map_or_else(|| number.to_string(), |exact| exact.to_string())
}

/// Whether a value of an answer is the one that is wanted. A captured fact is text, and also means
/// a number that is written like it.
pub(super) fn same(actual: &Value, wanted: &Value) -> bool {
    match (actual, wanted) {
        (Value::Number(actual), Value::Number(wanted)) => equal(actual, wanted),
        (Value::Number(actual), Value::String(text)) => {
            actual.to_string() == *text
                || (text.trim() == text
                    && serde_json::from_str::<Number>(text)
                        .is_ok_and(|wanted| equal(actual, &wanted)))
        }
        (Value::String(actual), Value::String(wanted)) => {
            actual == wanted || same_moment(actual, wanted)
        }
        _ => actual == wanted,
    }
}

fn equal(one: &Number, other: &Number) -> bool {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one == other,
        // At least one has lost its last digits, so that what is left of both decides.
        _ => match (one.as_f64(), other.as_f64()) {
            (Some(one), Some(other)) if one.abs() >= EXACT => {
                (one - other).abs() <= one.abs() * f64::EPSILON
            }
            (Some(one), Some(other)) => {
                one.partial_cmp(&other).is_some_and(std::cmp::Ordering::is_eq)
            }
            _ => one == other,
        },
    }
}

/// A date and a time in two spellings; dates alone and bare digits are compared as text, for they
/// may be anything.
fn same_moment(one: &str, other: &str) -> bool {
    let read = |text: &str| text.contains(['T', 't']).then(|| moment::read(text)).flatten();
    matches!((read(one), read(other)), (Some((_, one)), Some((_, other))) if one.can_equal(&other))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_integer_is_read_in_each_of_its_spellings() {
        for (text, value) in [
            ("1200", Some(1200)),
            ("1200.0", Some(1200)),
            ("1.2e3", Some(1200)),
            ("12E2", Some(1200)),
            ("-0.0", Some(0)),
            ("-5.0", Some(-5)),
            ("9223372036854775808", Some(9_223_372_036_854_775_808)),
            ("18446744073709551615", Some(18_446_744_073_709_551_615)),
            ("1e20", Some(100_000_000_000_000_000_000)),
            ("1200.5", None),
            ("1e300", None),
            ("\"1200\"", None),
            ("null", None),
            ("true", None),
        ] {
            assert_eq!(integer(&parsed(text)), value, "{text}");
        }
        let texts = |text| {
            if let Value::Number(number) = parsed(text) { written(&number) } else { String::new() }
        };
        assert_eq!(
            (texts("1.2e3"), texts("17"), texts("0.5")),
            ("1200".to_owned(), "17".to_owned(), "0.5".to_owned())
        );
    }

    #[test]
    fn values_are_the_same_whatever_their_spelling() {
        for (one, other) in [
            ("1200", "1200.0"),
            ("1.2e3", "1200"),
            ("0", "-0.0"),
            ("1200.0", "\"1200\""),
            ("17", "\"17\""),
            ("0.5", "\"0.5\""),
            ("9007199254740993", "9007199254740993.0"),
            ("9007199254740993", "\"9007199254740993\""),
            ("\"2022-09-09T01:46:08Z\"", "\"2022-09-09T03:46:08.5+02:00\""),
            ("\"2022-09-09T01:46Z\"", "\"2022-09-09T01:46:08Z\""),
            ("[1]", "[1]"),
            ("null", "null"),
        ] {
            assert!(same(&parsed(one), &parsed(other)), "{one} {other}");
        }
    }

    #[test]
    fn what_differs_in_more_than_its_spelling_isnt_the_same() {
        for (one, other) in [
            ("1200", "1201.0"),
            ("1200", "1200.5"),
            ("9007199254740993", "9007199254740992"),
            ("9223372036854775807", "9223372036854775806"),
            ("\"17\"", "17"),
            ("1200", "\" 1200\""),
            ("1200", "\"UP\""),
            ("\"1200\"", "\"1200.0\""),
            ("\"2022\"", "\"20220909\""),
            ("\"UP\"", "\"up\""),
            ("\"2022-09-09T01:46:08Z\"", "\"2022-09-09T01:46:09Z\""),
            ("true", "1"),
            ("null", "0"),
        ] {
            assert!(!same(&parsed(one), &parsed(other)), "{one} {other}");
        }
        assert!(!same(&json!(1), &json!([1])));
    }
}
