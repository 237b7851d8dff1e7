//! Which texts are times, in which form, and which stretch each of them is.
//!
//! Knows: the reader alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is not as it has to be"
)]

use lxca_conform::moment::{Form, Nanos, SECOND, nanos, read, shown};
use proptest::prelude::*;

const MINUTE: Nanos = 60 * SECOND;
const HOUR: Nanos = 60 * MINUTE;
const DAY: Nanos = 24 * HOUR;

/// Seconds since 1970 of the start, and the width in nanoseconds, where the zone is told.
fn place(text: &str) -> (Form, i64, Nanos) {
    let (form, moment) = read(text).unwrap_or_else(|| panic!("{text} isn't read"));
    let (from, until) = moment.written();
    (form, i64::try_from(from.div_euclid(SECOND)).unwrap(), until - from)
}

/// 2022-09-09T01:46:08Z.
const EXAMPLE: i64 = 1_662_687_968;
const MIDNIGHT: i64 = 1_662_681_600;

#[test]
fn what_rfc_3339_and_the_w3c_note_have_is_a_profile() {
    for (text, from, width) in [
        ("2022-09-09T01:46:08Z", EXAMPLE, SECOND),
        ("2022-09-09T01:46:08.000Z", EXAMPLE, SECOND / 1000),
        ("2022-09-09T01:46:08.1Z", EXAMPLE, SECOND / 10),
        ("2022-09-09T01:46:08.123456789Z", EXAMPLE, 1),
        ("2022-09-09T01:46:08.999999999999999Z", EXAMPLE, 1),
        ("2022-09-09t01:46:08z", EXAMPLE, SECOND),
        ("2022-09-09T01:46:08+00:00", EXAMPLE, SECOND),
        ("2022-09-09T01:46:08-00:00", EXAMPLE, SECOND),
        ("2022-09-09T03:46:08+02:00", EXAMPLE, SECOND),
        ("2022-09-08T20:16:08-05:30", EXAMPLE, SECOND),
        ("2022-09-09T15:46:08+14:00", EXAMPLE, SECOND),
        ("2016-12-31T23:59:60Z", 1_483_228_800, SECOND),
        ("2017-01-01T00:59:60+01:00", 1_483_228_800, SECOND),
        ("2022-09-09T01:46Z", EXAMPLE - 8, MINUTE),
        ("2022-09-09T03:46+02:00", EXAMPLE - 8, MINUTE),
        ("2022-09-09", MIDNIGHT, DAY),
        ("2022-09", 1_661_990_400, 30 * DAY),
        ("2022-12", 1_669_852_800, 31 * DAY),
        ("2022", 1_640_995_200, 365 * DAY),
        ("2024-02-29T00:00:00Z", 1_709_164_800, SECOND),
        ("1970-01-01T00:00:00Z", 0, SECOND),
        ("1969-12-31T23:59:59Z", -1, SECOND),
        ("0000-01-01T00:00:00Z", -62_167_219_200, SECOND),
        ("9999-12-31T23:59:59Z", 253_402_300_799, SECOND),
    ] {
        assert_eq!(place(text), (Form::Profile, from, width), "{text}");
    }
}

#[test]
fn what_iso_8601_has_besides_is_read_too() {
    for (text, from, width) in [
        ("20220909T014608Z", EXAMPLE, SECOND),
        ("20220909T0146Z", EXAMPLE - 8, MINUTE),
        ("20220909T01Z", EXAMPLE - 8 - 46 * 60, HOUR),
        ("20220909", MIDNIGHT, DAY),
        ("2022-252T01:46:08Z", EXAMPLE, SECOND),
        ("2022252T014608Z", EXAMPLE, SECOND),
        ("2022-252", MIDNIGHT, DAY),
        ("2022-W36-5T01:46:08Z", EXAMPLE, SECOND),
        ("2022W365T014608Z", EXAMPLE, SECOND),
        ("2022-W36", MIDNIGHT - 4 * 86_400, 7 * DAY),
        ("2020-W53-5", 1_609_459_200, DAY),
        ("2022-09-09T01Z", EXAMPLE - 8 - 46 * 60, HOUR),
        ("2022-09-09T01:46:08,000Z", EXAMPLE, SECOND / 1000),
        ("2022-09-09T01:46.5Z", EXAMPLE + 22, MINUTE / 10),
        ("2022-09-09T01:46,25Z", EXAMPLE + 7, MINUTE / 100),
        ("2022-09-09T01.5Z", MIDNIGHT + 5400, HOUR / 10),
        ("2022-09-09T01:46:08+00", EXAMPLE, SECOND),
        ("2022-09-09T03:46:08+02", EXAMPLE, SECOND),
        ("2022-09-09T01:46:08+0000", EXAMPLE, SECOND),
        ("2022-09-08T20:16:08-0530", EXAMPLE, SECOND),
        ("2022-09-08T20:46:08\u{2212}05:00", EXAMPLE, SECOND),
        ("2022-09-09T24:00:00Z", MIDNIGHT + 86_400, SECOND),
        ("2022-09-09T24:00Z", MIDNIGHT + 86_400, MINUTE),
        ("2022-09-09t01:46z", EXAMPLE - 8, MINUTE),
        ("2022-09-09T01:46:08", EXAMPLE, SECOND),
        ("2022-09-09T01:46:08.5", EXAMPLE, SECOND / 10),
        ("+010000-01-01T00:00:00Z", 253_402_300_800, SECOND),
        ("+002022-09-09T01:46:08Z", EXAMPLE, SECOND),
        ("-0001-01-01T00:00:00Z", -62_198_755_200, SECOND),
    ] {
        assert_eq!(place(text), (Form::Other, from, width), "{text}");
    }
}

#[test]
fn what_is_no_time_in_iso_8601_is_none() {
    for text in [
        "",
        " ",
        "now",
        "2022-09-09 01:46:08Z",
        " 2022-09-09T01:46:08Z",
        "2022-09-09T01:46:08Z ",
        "2022-09-09T01:46:08 Z",
        "2022-09-09T01:46:08Z\n",
        "2022-13-09T01:46:08Z",
        "2022-00-09T01:46:08Z",
        "2022-02-30T01:46:08Z",
        "2022-02-29T01:46:08Z",
        "1900-02-29",
        "2022-09-31T01:46:08Z",
        "2022-09-00",
        "2022-366T01:46:08Z",
        "2022-000",
        "2022-W53-1",
        "2022-W00-1",
        "2022-W36-0",
        "2022-W36-8",
        "2022-w36-5",
        "2022-W36T01:46:08Z",
        "2022-09T01:46:08Z",
        "2022T01:46Z",
        "202209",
        "22-09-09T01:46:08Z",
        "2022-9-9T1:46:08Z",
        "2022/09/09T01:46:08Z",
        "09.09.2022 01:46:08",
        "Fri, 09 Sep 2022 01:46:08 GMT",
        "1662687968",
        "1662687968000",
        "20220909014608",
        "10000-01-01T00:00:00Z",
        "+1234567890-01-01",
        "2022-09-09T",
        "2022-09-09TZ",
        "T01:46:08Z",
        "01:46:08Z",
        "2022-09-09T25:00:00Z",
        "2022-09-09T24:00:01Z",
        "2022-09-09T24:00:00.5Z",
        "2022-09-09T01:60:08Z",
        "2022-09-09T01:46:61Z",
        "2022-09-09T12:00:60Z",
        "2022-04-12T10:00:60Z",
        "2022-09-09T01:46:08.Z",
        "2022-09-09T01:46:08.5,5Z",
        "2022-09-09T01:46:8Z",
        "2022-09-09T01:4608Z",
        "2022-09-09T014Z",
        "2022-09-09T01:46:08:00Z",
        "2022-09-09T01:46:08+24:00",
        "2022-09-09T01:46:08+02:60",
        "2022-09-09T01:46:08+2",
        "2022-09-09T01:46:08+02:0",
        "2022-09-09T01:46:08ZZ",
        "2022-09-09T01:46:08UTC",
        "2022-09-09T01:46:08Z[UTC]",
        "2022-09-09T01:46:08Z/PT20M",
        "PT20M",
        "\u{662}\u{660}\u{662}\u{662}-09-09T01:46:08Z",
        "2022-09-09T01:46:0\u{668}Z",
        "\u{2212}",
        "é022-09-09",
        "2022-é",
        "2022-09-09Té1:46:08Z",
        "2022-09-09T01:46:08+é",
    ] {
        assert_eq!(read(text), None, "{text:?}");
    }
}

#[test]
fn one_moment_in_two_spellings_is_the_same_and_its_precision_may_differ() {
    let read = |text| read(text).unwrap().1;
    for (one, other) in [
        ("2022-09-09T01:46:08Z", "2022-09-09T03:46:08+02:00"),
        ("2022-09-09T01:46:08.750Z", "2022-09-09T01:46:08Z"),
        ("2022-09-09T01:46:08Z", "2022-09-09T01:46Z"),
        ("2022-09-09T01:46:08Z", "20220909T014608Z"),
        ("2022-09-09T01:46:08Z", "2022-W36-5T01:46:08Z"),
        ("2022-09-09T24:00:00Z", "2022-09-10T00:00:00Z"),
        ("2022-09-09T01:46:08", "2022-09-09T01:46:08Z"),
        ("2022-09-09", "2022-09-09T23:46:08-11:00"),
    ] {
        assert!(
            read(one).can_equal(&read(other)) && read(other).can_equal(&read(one)),
            "{one} {other}"
        );
    }
    for (one, other) in [
        ("2022-09-09T01:46:08Z", "2022-09-09T01:46:09Z"),
        ("2022-09-09T01:46:08Z", "2022-09-09T01:46:08+00:01"),
        ("2022-09-09T01:46:08.750Z", "2022-09-09T01:46:08.749Z"),
        ("2022-09-09T01:46:08", "2022-09-09T01:46:09"),
        ("2022-09-09T01:46:08", "2022-09-11T01:46:08Z"),
    ] {
        assert!(
            !read(one).can_equal(&read(other)) && !read(other).can_equal(&read(one)),
            "{one} {other}"
        );
    }
}

#[test]
fn a_moment_is_shown_to_the_second() {
    assert_eq!(shown(nanos("2022-09-09T01:46:08.75Z".parse().unwrap())), "2022-09-09T01:46:08Z");
    assert_eq!(shown(Nanos::MAX), "a time beyond the calendar");
    assert_eq!(
        read("2022-09-09T01:46:08").unwrap().1.to_string(),
        "2022-09-09T01:46:08Z without a zone"
    );
}

proptest! {
    #[test]
    fn every_second_that_the_calendar_has_is_read_in_each_of_its_spellings(second in -377_705_000_000_i64..253_402_200_000) {
        let at = jiff::Timestamp::from_second(second).unwrap();
        let zoned = at.to_zoned(jiff::tz::TimeZone::UTC);
        let (date, year) = (zoned.date(), zoned.year());
        prop_assume!(year >= 0);
        let week = date.iso_week_date();
        prop_assume!(week.year() >= 0);
        let clock = zoned.strftime("%H:%M:%S").to_string();
        let east = (at + jiff::SignedDuration::from_mins(345)).strftime("%Y-%m-%dT%H:%M:%S").to_string();
        for text in [
            format!("{}T{clock}Z", date.strftime("%Y-%m-%d")),
            format!("{}T{}Z", date.strftime("%Y%m%d"), clock.replace(':', "")),
            format!("{year:04}-{:03}T{clock}Z", date.day_of_year()),
            format!("{:04}-W{:02}-{}T{clock}Z", week.year(), week.week(),
                week.weekday().to_monday_one_offset()),
            format!("{east}+05:45"),
            format!("{east}+0545"),
            format!("+00{year:04}-{}T{clock},0Z", date.strftime("%m-%d")),
        ] {
            let (_, moment) = read(&text).unwrap_or_else(|| panic!("{text} isn't read"));
            prop_assert_eq!(moment.span().0, nanos(at), "{}", text);
        }
    }

    #[test]
    fn no_text_stops_the_reader(text in "[-+0-9TtZzW:.,\u{2212}é ]{0,40}") {
        let _ = read(&text);
    }
}
