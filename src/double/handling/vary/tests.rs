//! Tests of `vary`, in a file of their own for their length.
//!
//! Knows: `vary`. Must not know: what uses it.

use super::super::super::scenes;
use super::*;

#[test]
fn every_variant_shows_and_only_those_about_a_status_change_one() {
    const ABOUT_STATUS: &[Variant] = &[
        Variant::AiccRedirects,
        Variant::BadLogin401,
        Variant::CsrfNotEnforced,
        Variant::CsrfTokenRenewed,
        Variant::DuplicateStartAccepted,
        Variant::EmptyArrayForNoLocks,
        Variant::JobIdsWithLetters,
        Variant::JobsEndAtOnce,
        Variant::JobsTakeMinutes,
        Variant::MethodsRefused404,
        Variant::MethodsRefused501,
        Variant::NoBackups,
        Variant::NoLocksAtStart,
        Variant::OneJobAtATime,
        Variant::SessionIdRenewed,
        Variant::TransferUnauthorized403,
        Variant::UnknownBackup404,
        Variant::UnknownLockGet400,
        Variant::UuidCaseSensitive,
    ];
    let plain = scenes::play(&Options::default());
    for variant in Variant::ALL.iter().copied() {
        let varied = scenes::play(&Options { variants: [variant].into(), ..Options::default() });
        let pairs = || plain.iter().flatten().zip(varied.iter().flatten());
        assert!(pairs().any(|(before, after)| before != after), "{variant} never shows");
        let changes_status = pairs().any(|((_, before), (_, after))| before.status != after.status);
        assert_eq!(changes_status, ABOUT_STATUS.contains(&variant), "{variant}");
    }
}

#[test]
fn all_variants_together_still_give_json() {
    // But the long list, which takes its time and whose rows are like all others, the errors
    // that are no JSON, and what a strict reader refuses.
    const OTHER: &[Variant] = &[
        Variant::FiftyThousandLocks,
        Variant::ByteOrderMark,
        Variant::HalfSurrogate,
        Variant::ErrorGbk,
        Variant::ErrorHtmlPage,
        Variant::ErrorLatin1,
        Variant::ErrorPlainText,
        Variant::ErrorUtf16,
        Variant::ErrorXml,
    ];
    let variants =
        Variant::ALL.iter().copied().filter(|variant| !OTHER.contains(variant)).collect();
    let options = Options { variants, ..Options::default() };
    for (place, reply) in scenes::play(&options).iter().flatten() {
        assert!(
            reply.body.is_empty()
                || reply.json().is_some()
                || reply.header("content-encoding") == Some("gzip"),
            "{place}: {} {:?}",
            reply.status,
            String::from_utf8_lossy(&reply.body)
        );
    }
}
