//! Whether the rows that a case made live as long as they say, measured by the time that passed
//! between its own requests.
//!
//! Knows: the looks of one case. No clock is read and none is needed: how long a request took is
//! the uncertainty. Where answers have a `Date`, a row is accused only if by that clock, too, it
//! lived too long or too short: an appliance whose clock is set lets rows expire by the new time.
//! Must not know: other cases.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::{Contract, Severity};
use crate::moment::{Nanos, SECOND};

use super::over_time::{Rules, rules};
use super::verdict::Finding;
use super::watch::{Look, Made, Row, Watch, Watches, seconds};

/// So long after its end a row may still be listed: an appliance may clear what has expired in
/// rounds.
const GRACE: Nanos = 30 * SECOND;
/// So much before its end a row may be gone: times may be cut to the second.
const MARGIN: Nanos = 2 * SECOND;
/// So far seconds that count down may be ahead of the time: they may be told in coarser steps.
const COARSE: i128 = 60;

/// What the looks of a case show.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) findings: Vec<Finding>,
    pub(super) reached: BTreeMap<String, u64>,
}

/// Judges every list whose rows come and go.
pub(super) fn judge(contract: &Contract, watches: &Watches) -> Seen {
    let mut seen = Seen::default();
    for rules in rules(contract) {
        if let Some(looks) = watches.get(&rules.list.id) {
            let own = judge_list(contract, rules, looks);
            seen.findings.extend(own.findings);
            for (requirement, count) in own.reached {
                *seen.reached.entry(requirement).or_default() += count;
            }
        }
    }
    seen
}

fn judge_list(contract: &Contract, rules: Rules<'_>, looks: &Watch) -> Seen {
    let mut judge = Judge { contract, rules, looks, seen: Seen::default() };
    for (made, id) in looks.own() {
        judge.life(made, id);
    }
    let ids: BTreeSet<&str> = looks
        .looks
        .iter()
        .flat_map(|look| look.rows.iter().filter_map(|row| row.id.as_deref()))
        .collect();
    if looks.looks.len() > 1 {
        for id in ids {
            judge.steadiness(id);
        }
    }
    judge.seen
}

struct Judge<'a> {
    contract: &'a Contract,
    rules: Rules<'a>,
    looks: &'a Watch,
    seen: Seen,
}

impl Judge<'_> {
    fn reach(&mut self, requirement: Option<&str>) {
        if let Some(requirement) = requirement {
            *self.seen.reached.entry(requirement.to_owned()).or_default() += 1;
        }
    }

    fn accuse(
        &mut self,
        requirement: Option<&str>,
        look: &Look,
        pointer: &str,
        expected: String,
        actual: String,
    ) {
        self.reach(requirement);
        let Some(requirement) = requirement else { return };
        let severity = self
            .contract
            .requirements
            .get(requirement)
            .map_or(Severity::Observation, |known| known.basis.severity());
        self.seen.findings.push(Finding {
            check: "semantics".to_owned(),
            requirement: requirement.to_owned(),
            severity,
            pointer: pointer.to_owned(),
            expected,
            actual,
            step: look.step.clone(),
            more: None,
            closed: false,
        });
    }

    /// From the first look that shows it to the first that must not.
    fn life(&mut self, made: &Made, id: &str) {
        let (looks, rules) = (self.looks, self.rules);
        let what = &rules.row.name;
        let Some(asked) = made.seconds.filter(|seconds| *seconds > 0) else { return };
        let Some(first) =
            looks.looks.iter().find(|look| look.at.from >= made.at.from && look.names(id))
        else {
            return;
        };
        let told = first.of(id).and_then(|row| row.seconds);
        let passed = (first.at.until - made.at.from) / SECOND + 1;
        // What was told at once is what the row is held to; that it isn't what was asked for is
        // another finding.
        let life = match told {
            Some(told) if told > 0 && !(asked - passed..=asked + 1).contains(&told) => told,
            _ => asked,
        };
        let (earliest, latest) = (made.at.from + seconds(life), made.at.until + seconds(life));
        for look in looks.looks.iter().filter(|look| look.at.from >= first.at.from) {
            if looks
                .deleted
                .iter()
                .any(|(deleted, at)| deleted.eq_ignore_ascii_case(id) && at.from <= look.at.until)
            {
                return;
            }
            let since = |at: Nanos| format!("{} s", (at - made.at.from) / SECOND);
            let theirs = other_clock(looks, made, look);
            if look.names(id) {
                let Some(row) = look.of(id) else { continue };
                if look.at.from > latest + GRACE {
                    if theirs.is_some_and(|passed| passed + SECOND <= seconds(life) + GRACE) {
                        continue;
                    }
                    let actual = format!("listed {} after it was made", since(look.at.from));
                    return self.accuse(
                        rules.expiry,
                        look,
                        &row.pointer,
                        format!(
                            "no {what} with a lifetime of {life} s, after {} s of grace",
                            GRACE / SECOND
                        ),
                        actual,
                    );
                }
                // Past the first half, so that half a life is noticed.
                if look.at.from > made.at.until + seconds(life) / 2 && look.at.until < earliest {
                    self.reach(rules.life);
                }
            } else if look.whole && look.at.until + MARGIN < earliest {
                if theirs.is_some_and(|passed| passed + SECOND + MARGIN >= seconds(life)) {
                    return;
                }
                let actual = format!("gone {} after it was made", since(look.at.until));
                return self.accuse(
                    rules.life,
                    look,
                    "",
                    format!("the {what} with a lifetime of {life} s, which nobody deleted"),
                    actual,
                );
            } else if look.whole && look.at.from > latest {
                return self.reach(rules.expiry);
            }
        }
    }

    /// What a row says of itself stays, from look to look.
    fn steadiness(&mut self, id: &str) {
        let (looks, rules) = (self.looks, self.rules);
        let rows: Vec<(&Look, &Row)> =
            looks.looks.iter().filter_map(|look| Some((look, look.of(id)?))).collect();
        let Some(((_, first), rest)) = rows.split_first() else { return };
        let mut counted = None;
        for (index, (look, row)) in rest.iter().enumerate() {
            if let (Some(created), Some(now)) = (&first.created, &row.created) {
                if !created.can_equal(now) {
                    self.accuse(
                        rules.past,
                        look,
                        &format!("{}/{}", row.pointer, rules.lifetime.created),
                        format!("{created}, as in an earlier answer"),
                        now.to_string(),
                    );
                    return;
                }
                self.reach(rules.past);
            }
            let (before, earlier) = rows[index];
            let (Some(was), Some(is)) = (earlier.seconds, row.seconds) else { continue };
            let passed = (look.at.until - before.at.from) / SECOND + 1;
            let place = format!("{}/{}", row.pointer, rules.lifetime.seconds);
            let least = *counted.get_or_insert(was);
            if is > least + 1 {
                self.accuse(
                    rules.steady,
                    look,
                    &place,
                    format!("{least}, or less where the seconds count down"),
                    is.to_string(),
                );
                return;
            }
            if was - is > passed + COARSE {
                self.accuse(
                    rules.steady,
                    look,
                    &place,
                    format!("{was}, or at most {passed} less where the seconds count down"),
                    is.to_string(),
                );
                return;
            }
            counted = Some(least.min(is));
            self.reach(rules.steady);
        }
    }
}

/// How much time passed between a request and a look by the clock of the appliance, where that
/// isn't what passed by ours.
fn other_clock(looks: &Watch, made: &Made, look: &Look) -> Option<Nanos> {
    let ours = look.at.from - made.at.until - MARGIN..=look.at.until - made.at.from + MARGIN;
    looks.passed(made.at, look.at).filter(|passed| !ours.contains(passed))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::judge::watch::Ours;
    use crate::moment;

    const EXPIRY: &str = "sftp-locks.list/behaviour/expiry";
    const LIFETIME: &str = "sftp-locks.list/behaviour/lifetime";
    const MEANING: &str = "sftp-locks.list/body/creationTimestamp/meaning";
    const SECONDS: &str = "sftp-locks.list/body/expirationTimeOut/meaning";
    const ID: &str = "0123456789abcdef0123456789ABCDEF";

    fn at(millisecond: i128) -> Ours {
        Ours { from: millisecond * SECOND / 1000, until: (millisecond + 200) * SECOND / 1000 }
    }

    /// Watch at a lock of so many seconds that was made at zero: when, what seconds it shows if it
    /// is there, and its time of creation.
    fn seen(life: i128, looks: &[(i128, Option<i128>, &str)]) -> Vec<String> {
        seen_by(life, looks, |_| None)
    }

    /// The same, with the seconds that the clock of the appliance shows at each millisecond.
    fn seen_by(
        life: i128,
        looks: &[(i128, Option<i128>, &str)],
        date: impl Fn(i128) -> Option<i128>,
    ) -> Vec<String> {
        let dates = std::iter::once(0)
            .chain(looks.iter().map(|(when, ..)| *when))
            .filter_map(|when| Some((at(when), date(when)? * SECOND)))
            .collect();
        let contract = crate::contract::built_in();
        let row = |seconds: i128, created: &str| Row {
            pointer: "/0".to_owned(),
            id: Some(ID.to_owned()),
            kind: Some("UP".to_owned()),
            created: moment::read(created).map(|(_, moment)| moment),
            seconds: Some(seconds),
        };
        let looks = looks
            .iter()
            .map(|(when, shown, created)| Look {
                step: "look".to_owned(),
                at: at(*when),
                rows: shown.iter().map(|seconds| row(*seconds, created)).collect(),
                whole: true,
            })
            .collect();
        let made =
            vec![Made { at: at(0), id: None, kind: Some("UP".to_owned()), seconds: Some(life) }];
        let watch = Watch { looks, made, dates, ..Watch::default() };
        judge(contract, &Watches::from(("sftp-locks.list", watch)))
            .findings
            .into_iter()
            .map(|finding| finding.requirement)
            .collect()
    }

    const C: &str = "2022-09-09T01:46:08Z";

    #[test]
    fn a_lock_that_lives_its_seconds_is_accused_of_nothing() {
        let none: [&str; 0] = [];
        for looks in [
            vec![
                (500, Some(34), C),
                (20_000, Some(34), C),
                (33_900, Some(34), C),
                (34_500, None, C),
            ],
            // Counted down, and another spelling of the same moment.
            vec![
                (500, Some(34), C),
                (20_000, Some(14), "20220909T034608+02"),
                (33_000, Some(1), C),
                (35_000, None, C),
            ],
            // Cut to the second, and cleared in a round.
            vec![(500, Some(34), C), (32_200, None, C)],
            vec![(500, Some(34), C), (63_900, Some(34), C), (70_000, None, C)],
            // Never seen: that is another finding.
            vec![(500, None, C), (10_000, None, C)],
        ] {
            assert_eq!(seen(34, &looks), none, "{looks:?}");
        }
    }

    #[test]
    fn a_lock_lives_by_the_clock_of_the_appliance_where_that_was_set() {
        let none: [&str; 0] = [];
        let gone: [(i128, _, _); 2] = [(500, Some(34), C), (10_000, None, C)];
        let stays: [(i128, _, _); 2] = [(500, Some(34), C), (70_000, Some(34), C)];
        let (right, set) = (
            |when: i128| Some(when / 1000),
            |by: i128| move |when: i128| Some(when / 1000 + if when > 5000 { by } else { 0 }),
        );
        assert_eq!(seen_by(34, &gone, right), [LIFETIME]);
        let just: [(i128, _, _); 2] = [(500, Some(34), C), (31_000, None, C)];
        assert_eq!(seen_by(34, &just, right), [LIFETIME], "judged by ours, which is finer");
        assert_eq!(seen_by(34, &stays, right), [EXPIRY]);
        assert_eq!(seen_by(34, &gone, set(60)), none, "set ahead");
        assert_eq!(seen_by(34, &stays, set(-60)), none, "set back");
        assert_eq!(seen_by(34, &gone, set(-60)), [LIFETIME], "too early by both");
        assert_eq!(seen_by(34, &stays, set(60)), [EXPIRY], "too late by both");
        assert_eq!(seen_by(34, &gone, |when| Some(when / 20)), none, "runs fifty times as fast");
        // It tells nothing.
        assert_eq!(seen_by(34, &gone, |_| Some(7)), [LIFETIME]);
        assert_eq!(seen_by(34, &stays, |_| Some(7)), [EXPIRY]);
    }

    #[test]
    fn a_lock_that_goes_too_early_or_too_late_is_told_from_one_that_changes() {
        assert_eq!(seen(34, &[(500, Some(34), C), (31_000, None, C)]), [LIFETIME]);
        assert_eq!(seen(8, &[(500, Some(8), C), (5000, None, C)]), [LIFETIME]);
        assert_eq!(seen(34, &[(500, Some(34), C), (64_500, Some(34), C)]), [EXPIRY]);
        assert_eq!(seen(34, &[(500, Some(34), C), (3000, Some(36), C)]), [SECONDS]);
        assert_eq!(seen(1200, &[(500, Some(1200), C), (3000, Some(1000), C)]), [SECONDS]);
        assert_eq!(
            seen(34, &[(500, Some(34), C), (3000, Some(34), "2022-09-09T01:46:11Z")]),
            [MEANING]
        );
        // Held to what it says, where that isn't what was asked for.
        assert_eq!(seen(8, &[(500, Some(1200), C), (60_000, Some(1200), C)]), Vec::<String>::new());
    }
}
