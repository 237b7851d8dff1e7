//! Case files: TOML in, cases out, every problem with file, line and column.
//!
//! Knows: the syntax. The only door to `toml` for cases. Must not know: whether a case makes sense
//! (that is `lint`).

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::problem::Problem;
use crate::texts::{self, FileSet, digest};

use super::Catalogue;
use super::case::{
    Appeared, Assume, Capture, Case, Condition, Effect, Expect, Poll, RequestSpec, Step, StepKind,
};
use super::generate::Level;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawCase {
    id: String,
    title: String,
    effect: Effect,
    impact: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    since: Option<String>,
    until: Option<String>,
    account: Option<Account>,
    request: Option<RequestSpec>,
    expect: Option<Expect>,
    #[serde(default)]
    step: Vec<RawStep>,
    #[serde(default)]
    cleanup: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Account {
    Unprivileged,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawStep {
    name: String,
    operation: Option<String>,
    #[serde(default)]
    request: RequestSpec,
    expect: Expect,
    #[serde(default)]
    capture: Vec<Capture>,
    wait: Option<String>,
    poll: Option<RawPoll>,
    grace: Option<String>,
    assume: Option<Assume>,
    when: Option<String>,
    unless: Option<String>,
    #[serde(default)]
    proved: bool,
    during: Option<String>,
    appeared: Option<Appeared>,
    each: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawPoll {
    until: Vec<Condition>,
    #[serde(default)]
    failed: Vec<Condition>,
    #[serde(default)]
    wrong: Vec<Condition>,
    #[serde(default)]
    wrong_after: u32,
    every: String,
    budget: String,
}

/// Whether a file holds cases: in a folder that `import` wrote, a contract and what belongs to it
/// stand beside them.
#[must_use]
pub fn is_case_file(name: &str) -> bool {
    const BESIDE: &[&str] =
        &["appliance.toml", "sources.toml", "errata.toml", "faults.toml", "decisions.toml"];
    texts::is(name, "toml")
        && !name.ends_with(".operation.toml")
        && !name.ends_with(".faults.toml")
        && !BESIDE.contains(&name)
}

/// Reads all case files; gives back either every case or every problem.
pub fn load(files: &FileSet) -> Result<Catalogue, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut cases = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| is_case_file(name)) {
        read(name, text, &mut cases, &mut problems);
    }
    problems.sort_by(|one, other| (&one.file, one.at).cmp(&(&other.file, other.at)));
    if problems.is_empty() {
        Ok(Catalogue { cases, digest: digest(files), generated: Level::None, exploration: None })
    } else {
        Err(problems)
    }
}

fn read(file: &str, text: &str, cases: &mut Vec<Case>, problems: &mut Vec<Problem>) {
    match one_by_one(file, text) {
        Some(read) => cases.extend(read),
        None => read_whole(file, text, cases, problems),
    }
}

/// The line that a case begins with, as nearly everybody writes it.
const HEADER: &str = "[[case]]";

/// Reads case after case, so that a file of twenty thousand is never held as one document. Gives
/// nothing back where anything is unusual or wrong: the whole document tells what.
///
/// A header that stands in a text of several lines isn't one. The piece before it ends within that
/// text then, and no reader takes it.
fn one_by_one(file: &str, text: &str) -> Option<Vec<Case>> {
    let mut offset = 0;
    let mut starts = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.trim_ascii_end() == HEADER {
            starts.push(offset);
        }
        offset += line.len();
    }
    let first = *starts.first()?;
    let (preamble, errors) = DeTable::parse_recoverable(text.get(..first)?);
    let mut keys = preamble.get_ref().iter();
    let (Some((key, value)), None, true) = (keys.next(), keys.next(), errors.is_empty()) else {
        return None;
    };
    let operation = value.get_ref().as_str().filter(|_| key.get_ref() == "operation")?;
    let (mut cases, mut problems) = (Vec::with_capacity(starts.len()), Vec::new());
    let (mut line, mut counted) = (1, 0);
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    for (start, end) in starts.iter().copied().zip(ends) {
        line += text.get(counted..start)?.matches('\n').count();
        counted = start;
        let piece = text.get(start..end)?;
        let (document, errors) = DeTable::parse_recoverable(piece);
        let mut keys = document.into_inner().into_iter();
        let (Some((key, value)), None, true) = (keys.next(), keys.next(), errors.is_empty()) else {
            return None;
        };
        let DeValue::Array(list) = value.into_inner() else { return None };
        let mut list = list.into_iter();
        let (Some(case), None, "case") = (list.next(), list.next(), key.get_ref().as_ref()) else {
            return None;
        };
        let place = Place { file, text: piece, line };
        parse_case(&place, Some(operation), case, &mut cases, &mut problems);
        if !problems.is_empty() {
            return None;
        }
    }
    Some(cases)
}

fn read_whole(file: &str, text: &str, cases: &mut Vec<Case>, problems: &mut Vec<Problem>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    problems.extend(errors.iter().map(|error| Problem::from_toml(file, text, error)));
    if !errors.is_empty() {
        return;
    }
    let document = document.into_inner();
    let operation =
        document.get("operation").and_then(|value| value.get_ref().as_str()).map(str::to_owned);
    if operation.is_none() {
        problems
            .push(Problem::new(file, "the key `operation` (a string) is missing").fix(
                "name the operation of the file, for example operation = \"backup.transfer\"",
            ));
        return;
    }
    for (key, value) in document {
        let span = value.span();
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("operation", DeValue::String(_)) => {}
            ("case", DeValue::Array(_)) => {
                let DeValue::Array(list) = value.into_inner() else { continue };
                // Counted from case to case: a file may have ten thousand of them.
                let (mut line, mut counted) = (1, 0);
                for case in list {
                    let start = case.span().start.min(text.len());
                    if let Some(between) = text.get(counted..start) {
                        line += between.matches('\n').count();
                        counted = start;
                    }
                    let place = Place { file, text, line };
                    parse_case(&place, operation.as_deref(), case, cases, problems);
                }
            }
            (other, _) => problems.push(
                Problem::new(
                    file,
                    format!(
                        "unknown key `{other}`, or one of the wrong type; expected `operation` \
                            (a string) and `[[case]]`"
                    ),
                )
                .at(text, key.span().start.min(span.start)),
            ),
        }
    }
}

/// Where a case stands.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
    /// From 1.
    line: usize,
}

fn parse_case(
    place: &Place<'_>,
    operation: Option<&str>,
    case: Spanned<DeValue<'_>>,
    cases: &mut Vec<Case>,
    problems: &mut Vec<Problem>,
) {
    let Place { file, text, line } = *place;
    let start = case.span().start;
    let raw = match RawCase::deserialize(ValueDeserializer::from(case)) {
        Ok(raw) => raw,
        Err(error) => {
            let problem = Problem::from_toml(file, text, &error);
            problems.push(if problem.at.is_some() { problem } else { problem.at(text, start) });
            return;
        }
    };
    let Some(operation) = operation else { return };
    let mut say = |what: String| {
        problems.push(Problem::new(file, format!("case `{}`: {what}", raw.id)).at(text, start));
    };
    let mut version = |key: &str, text: Option<&str>| {
        let text = text?;
        semver::Version::parse(text)
            .map_err(|error| {
                say(format!("`{key} = \"{text}\"` isn't a version such as 4.1.0: {error}"));
            })
            .ok()
    };
    let since = version("since", raw.since.as_deref());
    let until = version("until", raw.until.as_deref());
    if since.is_some() && until.is_some() && since >= until {
        say("`since` isn't below `until`, so that it is about no version".to_owned());
    }
    let single = match (raw.request, raw.expect, raw.step.is_empty()) {
        (Some(request), Some(expect), true) => {
            Some(Step::plain("request", operation, request, expect))
        }
        (None, None, false) => None,
        _ => {
            say("a case needs either `request` and `expect`, or `[[case.step]]` tables".to_owned());
            None
        }
    };
    let mut converted = |kind: StepKind, list: Vec<RawStep>| -> Vec<Step> {
        list.into_iter().map(|step| convert(operation, kind, step, &mut say)).collect()
    };
    // One step is one step: `push` would make room for four.
    let steps = match single {
        Some(step) => vec![step],
        None => converted(StepKind::Claim, raw.step),
    };
    let cleanup = converted(StepKind::Cleanup, raw.cleanup);
    let mut needs = raw.needs;
    if matches!(raw.account, Some(Account::Unprivileged)) {
        needs.push("account.unprivileged".to_owned());
    }
    if steps.iter().any(|step| step.request.own.is_some()) {
        needs.push(super::SESSION.to_owned());
    }
    cases.push(Case {
        id: format!("{operation}::{}", raw.id),
        aliases: raw.aliases.iter().map(|alias| format!("{operation}::{alias}")).collect(),
        operation: operation.to_owned(),
        title: raw.title,
        effect: raw.effect,
        impact: raw.impact,
        needs,
        since,
        until,
        steps,
        cleanup,
        generated: false,
        file: file.to_owned(),
        line,
    });
}

pub(super) fn convert(
    operation: &str,
    kind: StepKind,
    raw: RawStep,
    say: &mut impl FnMut(String),
) -> Step {
    let mut duration = |key: &str, text: &str| {
        crate::reader::duration(text).unwrap_or_else(|| {
            say(format!(
                "step `{}`: `{key} = \"{text}\"` isn't a duration such as 500ms, 2s or 10m",
                raw.name
            ));
            Duration::from_secs(1)
        })
    };
    let poll = raw.poll.map(|poll| {
        Box::new(Poll {
            every: duration("every", &poll.every),
            budget: duration("budget", &poll.budget),
            until: poll.until,
            failed: poll.failed,
            wrong: poll.wrong,
            wrong_after: poll.wrong_after,
        })
    });
    let wait = raw.wait.map_or(Duration::ZERO, |wait| duration("wait", &wait));
    let grace = raw.grace.map(|grace| duration("grace", &grace));
    Step {
        name: raw.name,
        kind,
        operation: raw.operation.unwrap_or_else(|| operation.to_owned()),
        request: raw.request,
        expect: raw.expect,
        capture: raw.capture,
        wait,
        poll,
        grace,
        assume: raw.assume.map(Box::new),
        when: raw.when,
        unless: raw.unless,
        proved: raw.proved,
        during: raw.during,
        appeared: raw.appeared.map(Box::new),
        each: raw.each,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<Problem> {
        load(&FileSet::from([("x/get.toml".to_owned(), text.to_owned())])).err().unwrap_or_default()
    }

    /// What both ways of reading make of a text: by pieces, if they take it, and whole.
    fn both(text: &str) -> (Option<Vec<Case>>, Vec<Case>, Vec<Problem>) {
        let (mut cases, mut problems) = (Vec::new(), Vec::new());
        read_whole("x/get.toml", text, &mut cases, &mut problems);
        (one_by_one("x/get.toml", text), cases, problems)
    }

    #[test]
    fn a_file_read_by_pieces_gives_the_cases_and_lines_of_the_whole() {
        let case = |id: &str| {
            format!(
                "[[case]]\nid = \"{id}\"\ntitle = \"t\"\neffect = \"read\"\n\n[[case.step]]\nname = \
                \"a\"\nexpect = {{ status = [200] }}\n"
            )
        };
        let text = format!("# é\noperation = \"a.b\"\r\n\n{}\n# b\n{}", case("x"), case("y"));
        let (pieces, whole, problems) = both(&text);
        assert_eq!(problems, []);
        assert_eq!(whole.iter().map(|case| case.line).collect::<Vec<_>>(), [4, 14]);
        assert_eq!(format!("{pieces:?}"), format!("{:?}", Some(whole)));
    }

    #[test]
    fn what_looks_like_the_header_of_a_case_within_a_text_is_none() {
        let text = "operation = \"a.b\"\n[[case]]\nid = \"x\"\ntitle = \"\"\"\n[[case]]\nid = \
            \"y\"\n\"\"\"\neffect = \"read\"\nrequest = {}\nexpect = { status = [200] }\n";
        let (pieces, whole, problems) = both(text);
        assert!(pieces.is_none() && problems.is_empty(), "{problems:?}");
        assert_eq!(whole.len(), 1);
        assert_eq!(whole[0].title, "[[case]]\nid = \"y\"\n");
    }

    #[test]
    fn a_file_with_anything_unusual_is_read_whole() {
        let case = "id = \"x\"\ntitle = \"t\"\neffect = \"read\"\nrequest = {}\nexpect = { \
            status = [200] }\n";
        for text in [
            format!("operation = \"a.b\"\n[[case]]\n{case}[[ case ]]\n{case}"),
            format!("operation = \"a.b\"\n[[case]]\n{case}[other]\na = 1\n"),
            format!("operation = \"a.b\"\ncase = []\n[[case]]\n{case}"),
            format!("operation = \"a.b\"\n[[case]]\n{case}id = \"y\"\n"),
            format!("[[case]]\n{case}"),
            "operation = \"a.b\"\n".to_owned(),
        ] {
            assert!(both(&text).0.is_none(), "{text}");
        }
    }

    #[test]
    fn a_mistyped_key_is_named_with_its_place_and_the_accepted_keys() {
        let found = problems(
            "operation = \"a.b\"\n[[case]]\nid = \"x\"\ntitle = \"t\"\neffct = \"read\"\nrequest \
            = {}\nexpect = { status = [200] }\n",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].at, Some((5, 1)));
        assert!(
            found[0].what.contains("effct") && found[0].what.contains("`effect`"),
            "{}",
            found[0].what
        );
    }

    #[test]
    fn the_problems_of_all_cases_are_shown_at_once() {
        let found = problems(
            "operation = \"a.b\"\n[[case]]\nid = 1\n[[case]]\nid = \"x\"\ntitle = \"t\"\neffect = \
            \"raed\"\n",
        );
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
