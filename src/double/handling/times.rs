//! The time of creation in other words, as other forms of ISO 8601 write it.
//!
//! Knows: the text that the double writes, `YYYY-MM-DDThh:mm:ssZ`. Must not know the state or HTTP.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::super::misbehave::variant::Variant;
use super::super::terms::clock::{later_by_seconds, stamp};

/// The time as a variant writes it.
pub(crate) fn varied(variant: Variant, created: &str) -> Option<String> {
    let (moment, zone) = created.split_at_checked(19)?;
    let elsewhere = |minutes: i64, zone: &str| {
        stamp(later_by_seconds(created.parse().unwrap_or_default(), minutes * 60))
            .replace('Z', zone)
    };
    Some(match variant {
        Variant::FractionOfSeconds => format!("{moment}.000{zone}"),
        Variant::FractionOfNanoseconds => format!("{moment}.000000000{zone}"),
        Variant::FractionOfFifteenDigits => format!("{moment}.000000000000000{zone}"),
        Variant::TimesWithoutSeconds => format!("{}{zone}", moment.get(..16)?),
        Variant::TimesAreDates => moment.get(..10)?.to_owned(),
        Variant::TimesInBasicFormat => created.replace(['-', ':'], ""),
        Variant::TimesWithOrdinalDate => {
            format!("{}-{:03}{}", created.get(..4)?, utc(created).day_of_year(), created.get(10..)?)
        }
        Variant::TimesWithWeekDate => {
            let week = utc(created).date().iso_week_date();
            format!(
                "{:04}-W{:02}-{}{}",
                week.year(),
                week.week(),
                week.weekday().to_monday_one_offset(),
                created.get(10..)?
            )
        }
        Variant::TimesWithHourZone => created.replace('Z', "+00"),
        Variant::TimesWithComma => created.replace('Z', ",000Z"),
        Variant::TimesInSmallLetters => created.to_lowercase(),
        Variant::LockTimesStandStill => "2022-01-01T00:00:00Z".to_owned(),
        Variant::LockTimesHoursBehind => elsewhere(-180, "Z"),
        Variant::UtcOffset => created.replace('Z', "+00:00"),
        Variant::UtcOffsetUnknown => created.replace('Z', "-00:00"),
        Variant::AnotherTimeZone => elsewhere(120, "+02:00"),
        Variant::TimeZoneOfQuarters => elsewhere(-210, "-03:30"),
        _ => return None,
    })
}

fn utc(created: &str) -> Zoned {
    created.parse::<Timestamp>().unwrap_or_default().to_zoned(TimeZone::UTC)
}
