//! Whether a report may be read as evidence on a product, and why not.
//!
//! Knows: how the target was reached, what it told, what was asked and what came. Must not know:
//! how a report is drawn.

use crate::catalogue::Auth;
use crate::exchange::{Exchange, Purpose};
use crate::judge::Verdict;
use crate::record::TargetKind;
use crate::terms::Shard;
use crate::why::Trust;

use super::model::{Case, Report};

/// What a claim stands on.
pub(super) struct Footing<'a> {
    pub(super) kind: TargetKind,
    pub(super) filtered: bool,
    /// Whether the run completed.
    pub(super) whole: bool,
    pub(super) recognised: bool,
    pub(super) url: &'a str,
    /// What the target should be, with its article.
    pub(super) product: &'a str,
    /// Where it is asked who it is.
    pub(super) identify: &'a str,
    pub(super) trust: Trust,
    pub(super) version: Option<&'a str>,
    pub(super) cases: &'a [Case],
    pub(super) exchanges: &'a [&'a Exchange],
}

impl Footing<'_> {
    /// Why it holds no claim, if it holds none.
    pub(super) fn lacks(&self) -> Option<String> {
        let why = match self.kind {
            TargetKind::Double => Some(DOUBLE),
            TargetKind::Replay => Some(REPLAY),
            TargetKind::Recording => Some(RECORDING),
            TargetKind::Live if self.filtered => Some("the run was filtered"),
            TargetKind::Live if !self.whole => Some("the run didn't complete"),
            TargetKind::Live if !self.recognised => {
                return Some(format!("the target wasn't recognised as {}", self.product));
            }
            TargetKind::Live if is_plain(self.url) => {
                Some("the connection was plain HTTP, so anyone could have answered")
            }
            TargetKind::Live if self.trust.is_unverified() => {
                Some("the certificate wasn't verified, so anyone could have answered")
            }
            TargetKind::Live if !self.version.is_some_and(names_a_version) => Some(
                "the appliance reported no version, so it isn't known which product this is \
                    about",
            ),
            TargetKind::Live
                if !self
                    .cases
                    .iter()
                    .any(|case| matches!(case.verdict, Verdict::Pass | Verdict::Fail)) =>
            {
                Some("nothing was checked")
            }
            TargetKind::Live if only_forbidden(self.exchanges, self.identify) => {
                Some("every answer to the account of the run was 403, so nothing was shown")
            }
            TargetKind::Live => None,
        };
        why.map(str::to_owned)
    }
}

const DOUBLE: &str = "this is the built-in double; it says nothing about any appliance";
const REPLAY: &str = "this judges an old record";
const RECORDING: &str = "this judges what somebody else recorded, which may have been edited since";

/// Why a part of a run is no evidence.
pub(super) fn only_a_part(part: Shard) -> String {
    format!("this is shard {part} of a run; join its shards with `lxca-conform report`")
}

/// Why a report is no evidence about a product, if it isn't.
pub(super) fn no_claim(report: &Report) -> Option<&str> {
    let older = || match report.target.kind {
        TargetKind::Double => DOUBLE,
        TargetKind::Replay => REPLAY,
        TargetKind::Recording => RECORDING,
        TargetKind::Live => "the report makes none",
    };
    (!report.claim).then(|| report.no_claim.as_deref().unwrap_or_else(older))
}

/// Whether an address has no TLS.
pub(super) fn is_plain(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("http"))
}

/// Whether any request carried the password of an account where everybody on the way could read it.
pub(super) fn password_in_clear(url: &str, exchanges: &[&Exchange]) -> bool {
    let carries = |exchange: &&Exchange| {
        exchange.purpose == Purpose::Login
            || exchange
                .sent
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
    };
    is_plain(url) && exchanges.iter().any(carries)
}

/// `4.1.0`, `v4.2` or `4.1.0-build`, but not `latest`: two numbers at least.
fn names_a_version(text: &str) -> bool {
    let text = text.trim();
    let mut parts = text.strip_prefix(['v', 'V']).unwrap_or(text).split(['.', '-', '_', ' ']);
    let mut number = || {
        parts
            .next()
            .is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    number() && number()
}

/// Whether the run's own account was refused whatever it asked in a case, apart from the path that
/// tells who the target is, and not how it behaves.
fn only_forbidden(exchanges: &[&Exchange], identify: &str) -> bool {
    let asked = exchanges.iter().filter(|exchange| {
        exchange.purpose == Purpose::Case
            && exchange.sent.auth == Auth::Default
            && exchange.sent.target != identify
    });
    let mut answers =
        asked.filter_map(|exchange| exchange.got.as_ref()).map(|got| got.status).peekable();
    answers.peek().is_some() && answers.all(|status| status == 403)
}

#[cfg(test)]
mod tests {
    use super::super::sample::conformant;
    use super::*;

    fn lacks(change: impl Fn(&mut Footing<'_>)) -> Option<String> {
        let report = conformant();
        let mut footing = Footing {
            kind: TargetKind::Live,
            filtered: false,
            whole: true,
            recognised: true,
            url: "https://192.0.2.10",
            product: "an LXCA",
            identify: "/aicc",
            trust: Trust::Verified,
            version: Some("4.1.0"),
            cases: &report.cases,
            exchanges: &[],
        };
        change(&mut footing);
        footing.lacks()
    }

    #[test]
    fn a_claim_stands_on_all_of_its_grounds() {
        assert_eq!(lacks(|_| {}), None);
        for version in ["4.1.0", "v4.2", " 4.1.0 ", "4.1.0-b133", "4.1"] {
            assert_eq!(lacks(|footing| footing.version = Some(version)), None, "{version}");
        }
        for version in ["", " ", "latest", "v", "4", "4.x", ".1", "unknown", "four.one"] {
            assert!(
                lacks(|footing| footing.version = Some(version))
                    .is_some_and(|why| why.contains("version")),
                "{version}"
            );
        }
        assert!(lacks(|footing| footing.version = None).is_some());
        for url in ["http://192.0.2.10", "HTTP://192.0.2.10"] {
            assert!(
                lacks(|footing| footing.url = url).is_some_and(|why| why.contains("plain HTTP")),
                "{url}"
            );
        }
        assert!(
            lacks(|footing| footing.trust = Trust::Unverified)
                .is_some_and(|why| why.contains("certificate"))
        );
        assert!(
            lacks(|footing| footing.cases = &[])
                .is_some_and(|why| why.contains("nothing was checked"))
        );
        assert!(lacks(|footing| footing.filtered = true).is_some());
        assert!(lacks(|footing| footing.whole = false).is_some());
        assert!(lacks(|footing| footing.recognised = false).is_some());
    }
}
