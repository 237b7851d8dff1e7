//! Clients as functions in this process: what they are served is changed as a run of `depend`
//! would, without processes and servers, so that runs can be counted.
//!
//! Knows: clients and what they depend on. Must not know: how the experiments are planned.

use std::collections::{BTreeMap, BTreeSet};

use lxca_conform::contract::Contract;
use lxca_conform::depend::{Call, End, Experiment, Outcome, Outcomes, Seen, Step, learn, to_come};
use lxca_conform::profile::{Change, Grade, Member, Profile};
use serde_json::{Map, Value, json};

/// What a client is given: an answer by its path, or a status that isn't 200.
pub(super) type Site<'a> = &'a dyn Fn(&str) -> Result<Value, u16>;
/// A client: nothing where it fails, and else what it prints.
pub(super) type Client = fn(Site<'_>) -> Option<String>;

pub(super) fn contract() -> Contract {
    lxca_conform::contract::load(&lxca_conform::files::embedded_contract()).unwrap()
}

/// What was learned, and in how many runs.
pub(super) struct Known {
    pub(super) seen: Seen,
    pub(super) step: Step,
    profile: Profile,
}

pub(super) fn learned(
    contract: &Contract,
    site: &[(&str, Value)],
    client: Client,
    compare: bool,
) -> Known {
    let answers: Vec<(String, String)> =
        site.iter().map(|(path, answer)| ((*path).to_owned(), answer.to_string())).collect();
    let calls: Vec<Call> = answers
        .iter()
        .map(|(path, answer)| Call {
            method: "GET".to_owned(),
            target: path.clone(),
            status: 200,
            answer: answer.clone(),
            ..Call::default()
        })
        .collect();
    let seen = Seen::of(contract, &calls);
    let run = |experiment: &Experiment| {
        let site = |path: &str| {
            // As the server does, for values that were put in.
            let path = lxca_conform::depend::put_back(path, &experiment.put_in(&seen)).into_owned();
            let number = answers.iter().position(|(known, _)| *known == path).ok_or(404_u16)?;
            let answer = experiment.change(&seen, number, 200, &answers[number].1);
            if (200..300).contains(&answer.status) {
                serde_json::from_str(&answer.body).map_err(|_| answer.status)
            } else {
                Err(answer.status)
            }
        };
        let printed = client(&site);
        let end = End::Exit(i32::from(printed.is_none()));
        let output = printed.filter(|_| compare);
        let back = output.as_ref().map(|output| {
            lxca_conform::depend::put_back(output, &experiment.put_in(&seen)).into_owned()
        });
        Outcome { end, output, back }
    };
    let unchanged = run(&Experiment::default());
    assert_eq!(unchanged.end, End::Exit(0), "the client passes unchanged");
    let mut known = Outcomes::new();
    let mut estimate = to_come(&seen, &known, &unchanged);
    loop {
        let step = learn(&seen, &known, &unchanged);
        assert!(!step.flaky, "a client that always does the same isn't flaky");
        if step.wanted.is_empty() {
            assert_eq!(step.made, known.len(), "no run was made in vain");
            let about = lxca_conform::depend::About {
                name: "planted".to_owned(),
                command: Vec::new(),
                learned: jiff::Timestamp::UNIX_EPOCH,
                from: lxca_conform::profile::From::Recording,
                source: None,
                version: None,
                compare: lxca_conform::profile::Compare::ExitStatus,
                runs: step.made as u64,
                why: None,
            };
            let profile = lxca_conform::depend::profile(contract, &seen, &step, &about);
            return Known { seen, step, profile };
        }
        assert!(estimate > 0, "what is to come is never said to be nothing too early");
        // One at a time is the worst that can happen to the estimate.
        let next = step.wanted[0].clone();
        let outcome = run(&next);
        known.insert(next, outcome);
        if known.len().is_multiple_of(50) {
            estimate = to_come(&seen, &known, &unchanged);
        }
    }
}

impl Known {
    pub(super) fn members(&self) -> BTreeMap<String, &Member> {
        let rows = |one: &'_ lxca_conform::profile::Operation| one.path.clone();
        self.profile
            .operations
            .iter()
            .flat_map(|one| {
                one.needs.iter().map(move |row| (format!("{}{}", rows(one), row.path), row))
            })
            .collect()
    }

    /// The places of members that hold no others and that the client breaks without.
    pub(super) fn needed(&self) -> BTreeSet<String> {
        let holds = |path: &str| {
            self.seen.elements.iter().any(|one| {
                one.holds
                    && format!("{}{}", self.seen.operations[one.operation].path, one.path) == path
            })
        };
        self.members()
            .into_iter()
            .filter(|(path, row)| row.needed && !holds(path))
            .map(|(path, _)| path)
            .collect()
    }
}

/// Eight operations with 39 members each, three rows in every list.
fn site() -> Vec<(&'static str, Value)> {
    let paths = ["/a0", "/a1", "/a2", "/a3", "/a4", "/a5", "/a6", "/a7"];
    let row = |number: usize| {
        let mut row = Map::new();
        for member in 0..30 {
            row.insert(format!("m{member:02}"), json!(format!("text {number} {member}")));
        }
        let state = ["Online", "Offline", "Online"][number];
        row.insert("state".to_owned(), json!(state));
        row.insert("reason".to_owned(), json!("cable"));
        row.insert("slots".to_owned(), json!((number + 11).to_string()));
        row.insert("code".to_owned(), json!(200));
        row.insert("made".to_owned(), json!("2019-05-02T19:28:14Z"));
        row.insert("inner".to_owned(), json!({ "on": true, "level": number }));
        Value::Object(row)
    };
    let answer = || json!({ "rows": [row(0), row(1), row(2)] });
    paths.into_iter().map(|path| (path, answer())).collect()
}

/// 41 dependencies.
fn client(site: Site<'_>) -> Option<String> {
    let rows =
        |path: &str| -> Option<Vec<Value>> { site(path).ok()?.get("rows")?.as_array().cloned() };
    // 1 to 30: members that are read as texts, in every row.
    for (path, members) in [
        ("/a0", &["m00", "m07", "m08", "m29", "m12"][..]),
        ("/a1", &["m01", "m15", "m16"]),
        ("/a2", &["m02", "m03", "m04", "m05", "m06", "m20", "m21"]),
        ("/a3", &["m10", "m28"]),
        ("/a4", &["m11"]),
        ("/a5", &["m13", "m14", "m22", "m23", "m24", "m25"]),
        ("/a6", &["m26", "m27", "m09", "m19"]),
        ("/a7", &["m17", "m18"]),
    ] {
        for row in rows(path)? {
            for member in members {
                row.get(member)?.as_str()?;
            }
        }
    }
    // 31, 32: the value of one, and another that is read only where it is that; a tolerant guard.
    for row in rows("/a0")? {
        if row.get("state").and_then(Value::as_str) == Some("Offline") {
            row.get("reason")?;
        }
    }
    // 33: a value that must be one of two.
    for row in rows("/a1")? {
        if !["Online", "Offline"].contains(&row.get("state")?.as_str()?) {
            return None;
        }
    }
    // 34: a value in whatever case.
    let online = |row: &Value| {
        row.get("state").and_then(Value::as_str).is_some_and(|s| s.to_lowercase() == "online")
    };
    if rows("/a2")?.iter().filter(|row| online(row)).count() != 2 {
        return None;
    }
    // 35: the third row.
    rows("/a3")?.get(2)?.get("m00")?;
    // 36: a number parsed from a text; 37: the same with a default where it is missing.
    for row in rows("/a4")? {
        row.get("slots")?.as_str()?.parse::<u32>().ok()?;
    }
    for row in rows("/a5")? {
        row.get("slots").map_or("0", |slots| slots.as_str().unwrap_or("x")).parse::<u32>().ok()?;
    }
    // 38: a count. 39: an order.
    if rows("/a6")?.len() != 3 {
        return None;
    }
    let levels: Vec<u64> = rows("/a7")?
        .iter()
        .map(|row| row.get("inner")?.get("level")?.as_u64())
        .collect::<Option<_>>()?;
    if !levels.is_sorted() {
        return None;
    }
    // 40: a number that must be that. 41: a time with whole seconds.
    for row in rows("/a7")? {
        if row.get("code").is_some_and(|code| code != 200) {
            return None;
        }
        if row.get("made").and_then(Value::as_str).is_some_and(|made| made.contains('.')) {
            return None;
        }
    }
    Some(String::new())
}

#[test]
fn forty_one_dependencies_of_312_members_are_found_within_the_bound() {
    let known = learned(&contract(), &site(), client, false);
    let members: usize = known.seen.operations.iter().map(|one| one.members).sum();
    assert_eq!(members, 312);
    let bound = 3.0 * 41.0 * 312_f64.log2();
    println!("{} runs of at most {bound:.0}", known.step.made);
    #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
    let made = known.step.made as f64;
    assert!(made <= bound, "{made} runs of at most {bound:.0}");

    let mut needed: BTreeSet<String> = BTreeSet::new();
    for (path, members) in [
        ("/a0", "m00 m07 m08 m29 m12 reason"),
        ("/a1", "m01 m15 m16 state"),
        ("/a2", "m02 m03 m04 m05 m06 m20 m21 state"),
        ("/a3", "m10 m28"),
        ("/a4", "m11 slots"),
        ("/a5", "m13 m14 m22 m23 m24 m25"),
        ("/a6", "m26 m27 m09 m19"),
        ("/a7", "m17 m18 inner/level"),
    ] {
        needed.extend(members.split(' ').map(|member| format!("{path}/rows/*/{member}")));
    }
    needed.insert("/a3/rows/2/m00".to_owned());
    assert_eq!(known.needed(), needed);

    let rows = known.members();
    let values: BTreeMap<&str, Vec<&str>> = rows
        .iter()
        .filter(|(_, row)| !row.values.is_empty())
        .map(|(path, row)| {
            (path.as_str(), row.values.iter().map(|v| v.as_str().unwrap_or("(a number)")).collect())
        })
        .collect();
    let expected = BTreeMap::from([
        ("/a0/rows/*/state", vec!["Offline"]),
        ("/a1/rows/*/state", vec!["Offline", "Online"]),
        ("/a2/rows/*/state", vec!["Online"]),
        ("/a7/rows/*/code", vec!["(a number)"]),
    ]);
    assert_eq!(values, expected);
    let breaks = |path: &str, change: Change| rows[path].breaks.contains(&change);
    assert!(rows["/a2/rows/*/state"].tolerates.contains(&Change::Case));
    assert!(breaks("/a1/rows/*/state", Change::Case));
    let number = rows["/a4/rows/*/slots"];
    assert!(number.values.is_empty() && breaks("/a4/rows/*/slots", Change::UnknownValue));
    assert_eq!(number.note.as_deref(), Some("a number in a text"));
    let default = rows["/a5/rows/*/slots"];
    assert!(!default.needed && default.grade == Grade::IfImplemented);
    assert!(breaks("/a5/rows/*/slots", Change::Type));
    assert!(breaks("/a6/rows", Change::Two) && breaks("/a6/rows", Change::Empty));
    assert!(breaks("/a7/rows", Change::Order) && !breaks("/a6/rows", Change::Order));
    assert!(breaks("/a7/rows/*/made", Change::TimePrecision));
    let note = rows["/a0/rows/*/reason"].note.as_deref();
    assert_eq!(note, Some("read where /rows/*/state is \"Offline\""));
    let other: Vec<&String> = rows
        .iter()
        .filter(|(_, row)| !row.needed && row.breaks.iter().any(|one| *one != Change::Gone))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(other, ["/a5/rows/*/slots", "/a7/rows/*/code", "/a7/rows/*/made"]);
}

#[test]
fn a_value_that_is_looked_at_first_is_relied_on() {
    let row = |kind: &str, name: &str| json!({ "kind": kind, "name": name, "x": "1", "on": true });
    let answer = json!({ "rows": [row("Rack", "a"), row("Rack", "b"), row("Flex", "c")] });
    let client: Client = |site| {
        for row in site("/a").ok()?.get("rows")?.as_array()? {
            let kind = row.get("kind").and_then(Value::as_str);
            if kind.is_some_and(|kind| kind.to_lowercase() != "rack") {
                continue;
            }
            row.get("name")?;
            row.get("x")?;
        }
        Some(String::new())
    };
    let known = learned(&contract(), &one(answer), client, false);
    let rows = known.members();
    assert_eq!(rows["/a/rows/*/kind"].values, [json!("Rack")]);
    assert!(!rows["/a/rows/*/kind"].needed);
    assert!(rows["/a/rows/*/kind"].tolerates.contains(&Change::Case));
    for member in ["/a/rows/*/name", "/a/rows/*/x"] {
        assert!(rows[member].needed && rows[member].grade == Grade::Mandatory, "{member}");
        assert_eq!(rows[member].note.as_deref(), Some("read where /rows/*/kind is \"Rack\""));
    }
    assert_eq!(rows.len(), 4, "{rows:?}");
}

#[test]
fn a_row_matters_by_its_number_only_where_other_rows_have_the_member_too() {
    let answer = json!({ "groups": [
        { "cmms": [{ "a": "x", "b": "x" }] },
        { "racks": [{ "a": "x", "b": "x" }, { "a": "x", "b": "x" }, { "a": "x", "b": "x" }] },
        { "racks": [{ "a": "x", "b": "x" }] },
    ] });
    let client: Client = |site| {
        for group in site("/a").ok()?.get("groups")?.as_array()? {
            for cmm in group.get("cmms").and_then(Value::as_array).into_iter().flatten() {
                cmm.get("a")?;
            }
            let racks = group.get("racks").and_then(Value::as_array);
            if let Some(second) = racks.and_then(|racks| racks.get(1)) {
                second.get("b")?;
            }
        }
        Some(String::new())
    };
    let known = learned(&contract(), &one(answer), client, false);
    let expected = ["/a/groups/*/cmms/*/a", "/a/groups/1/racks/1/b"];
    assert_eq!(known.needed(), expected.map(str::to_owned).into());
}

pub(super) fn one(answer: Value) -> Vec<(&'static str, Value)> {
    vec![("/a", answer)]
}

#[test]
fn a_member_that_is_read_only_under_a_value_that_was_never_served_is_found() {
    let row = |state: &str| json!({ "state": state, "reason": "x", "other": 1, "more": "text" });
    let answer = json!({ "rows": [row("On"), row("On")] });
    let client: Client = |site| {
        for row in site("/a").ok()?.get("rows")?.as_array()? {
            if row.get("state").and_then(Value::as_str) != Some("On") {
                row.get("more")?;
            }
        }
        Some(String::new())
    };
    let known = learned(&contract(), &one(answer), client, false);
    let rows = known.members();
    let more = rows["/a/rows/*/more"];
    assert!(more.needed && more.grade == Grade::IfImplemented, "{more:?}");
    assert_eq!(
        more.note.as_deref(),
        Some(
            "read where /rows/*/state has a value that isn't \
             known; needed where there is no /rows/*/state"
        )
    );
    assert_eq!(known.needed(), BTreeSet::from(["/a/rows/*/more".to_owned()]));
}

#[test]
fn one_of_two_members_is_needed_and_neither_alone() {
    let answer = json!({ "rows": [{ "id": "a", "uuid": "b", "x": 1, "y": 2, "z": 3 }] });
    let client: Client = |site| {
        for row in site("/a").ok()?.get("rows")?.as_array()? {
            row.get("uuid").or_else(|| row.get("id"))?;
            row.get("z")?;
        }
        Some(String::new())
    };
    let known = learned(&contract(), &one(answer), client, false);
    assert_eq!(known.needed(), BTreeSet::from(["/a/rows/*/z".to_owned()]));
    let rows = known.members();
    assert_eq!(rows["/a/rows/*/id"].note.as_deref(), Some("needed where there is no /rows/*/uuid"));
    assert_eq!(rows["/a/rows/*/uuid"].grade, Grade::Recommended);
}

#[test]
fn a_value_that_is_only_passed_on_is_not_relied_on() {
    let row = |name: &str, state: &str| json!({ "name": name, "state": state, "n": 4, "z": true });
    let answer = json!({ "rows": [row("one", "On"), row("two", "Off"), row("three", "On")] });
    let client: Client = |site| {
        let mut printed = String::new();
        for row in site("/a").ok()?.get("rows")?.as_array()? {
            let text = |name: &str| row.get(name).map(ToString::to_string).unwrap_or_default();
            printed += &[text("name"), text("state"), text("n"), "\n".to_owned()].join(" ");
            if row.get("state").and_then(Value::as_str) == Some("Off") {
                printed += "alarm\n";
            }
        }
        Some(printed)
    };
    let known = learned(&contract(), &one(answer), client, true);
    let rows = known.members();
    for (path, values) in [("name", vec![]), ("n", vec![]), ("state", vec![json!("Off")])] {
        let row = rows[&format!("/a/rows/*/{path}")];
        assert_eq!((&row.values, row.needed), (&values, true), "{path}: {row:?}");
    }
    assert!(!rows.contains_key("/a/rows/*/z"));
}

#[test]
fn a_number_that_is_reckoned_with_is_minded_and_one_that_decides_is_relied_on() {
    let row = |size: u64| json!({ "size": size, "code": 200, "name": "x" });
    let answer = json!({ "rows": [row(16), row(16), row(32)] });
    let client: Client = |site| {
        let mut sum = 0;
        let mut good = 0;
        for row in site("/a").ok()?.get("rows")?.as_array()? {
            sum += row.get("size")?.as_u64()?;
            good += u64::from(row.get("code")?.as_u64()? == 200);
        }
        Some(format!("{good} {sum}"))
    };
    let known = learned(&contract(), &one(answer), client, true);
    let rows = known.members();
    let (size, code) = (rows["/a/rows/*/size"], rows["/a/rows/*/code"]);
    assert!(size.breaks.contains(&Change::OtherValue) && size.values.is_empty(), "{size:?}");
    assert_eq!(code.values, [json!(200)]);
}

#[test]
fn an_id_that_is_asked_for_again_is_not_relied_on() {
    let row = |id: &str| json!({ "uuid": id, "kind": "Rack" });
    let site = vec![
        ("/a", json!({ "rows": [row("e3b0a"), row("b7a1c")] })),
        ("/a/e3b0a", json!({ "slots": 4 })),
        ("/a/b7a1c", json!({ "slots": 5 })),
    ];
    let client: Client = |site| {
        for row in site("/a").ok()?.get("rows")?.as_array()? {
            site(&format!("/a/{}", row.get("uuid")?.as_str()?)).ok()?.get("slots")?;
        }
        Some(String::new())
    };
    let known = learned(&contract(), &site, client, false);
    let row = known.members()["/a/rows/*/uuid"].clone();
    assert!(row.needed && row.values.is_empty(), "{row:?}");
}
