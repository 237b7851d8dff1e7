//! Which requirements a body exercised, in how many places, and which members no page names.
//!
//! Knows: bodies that lack something. Must not know: how a run counts.

use lxca_conform::contract::survey;
use serde_json::json;

use crate::support::bodies::pointers;

use super::{LOCKS, START, changed, contract, locks, started};

#[test]
fn one_wrong_leaf_changes_nothing_of_what_the_body_exercised() {
    let contract = contract();
    for (schema, body) in [(LOCKS, locks()), (START, started())] {
        let whole = survey(&contract.schemas, schema, &body);
        assert!(whole.reached.len() > 8, "{schema}: {whole:?}");
        let mut places = Vec::new();
        pointers(&body, String::new(), &mut places);
        let mut leaves = 0;
        for place in places {
            let mut wrong = body.clone();
            let leaf = wrong.pointer_mut(&place).expect("a place");
            if leaf.is_object() || leaf.is_array() {
                continue;
            }
            *leaf = json!(true);
            leaves += 1;
            assert!(
                !contract.schemas.satisfied(schema, &wrong),
                "{schema} accepts a boolean at {place}"
            );
            assert_eq!(
                survey(&contract.schemas, schema, &wrong),
                whole,
                "{schema} with a wrong {place}"
            );
        }
        assert!(leaves >= 7, "{schema}: only {leaves} leaves");
    }
}

#[test]
fn an_absent_member_takes_only_its_own_requirement_out_of_what_was_exercised() {
    let contract = contract();
    let one = json!([locks()[0]]);
    let whole = survey(&contract.schemas, LOCKS, &one).reached;
    let without =
        survey(&contract.schemas, LOCKS, &changed(&one, &[("/0/component", None)])).reached;
    let gone: Vec<&str> =
        whole.keys().filter(|id| !without.contains_key(*id)).map(|id| &**id).collect();
    assert_eq!(gone, ["sftp-locks.list/body/component"]);
}

#[test]
fn an_empty_list_exercises_nothing_below_it() {
    let contract = contract();
    let reached = survey(&contract.schemas, LOCKS, &json!([])).reached;
    assert_eq!(reached.keys().map(|id| &**id).collect::<Vec<_>>(), ["sftp-locks.list/body/shape"]);
    let reached = survey(
        &contract.schemas,
        START,
        &json!({ "jobId": "17", "result": "success", "message": [] }),
    )
    .reached;
    assert!(
        !reached.keys().any(|id| id.starts_with("backup.transfer/body/message/")
            && !id.ends_with("/message/form")
            && !id.ends_with("/message/presence")),
        "{reached:?}"
    );
}

#[test]
fn what_was_exercised_is_counted_by_places() {
    let contract = contract();
    let reached = survey(&contract.schemas, LOCKS, &locks()).reached;
    assert_eq!(reached["sftp-locks.list/body/component"], 2);
    assert_eq!(reached["sftp-locks.list/body/shape"], 1);
}

#[test]
fn members_that_no_page_names_are_found_where_they_are() {
    let contract = contract();
    assert_eq!(survey(&contract.schemas, LOCKS, &locks()).undocumented, Vec::<String>::new());
    assert_eq!(survey(&contract.schemas, START, &started()).undocumented, Vec::<String>::new());
    let body = changed(&locks(), &[("/1/owner", Some(json!("UP"))), ("/0/a~1b", Some(json!(1)))]);
    assert_eq!(survey(&contract.schemas, LOCKS, &body).undocumented, ["/0/a~01b", "/1/owner"]);
    assert!(contract.schemas.satisfied(LOCKS, &body), "drift isn't a failure");
    let body = changed(
        &started(),
        &[
            ("/status", Some(json!({ "deep": 1 }))),
            ("/message/0/severity", Some(json!("I"))),
            ("/message/0/recovery/0/url", Some(json!("u"))),
        ],
    );
    assert_eq!(
        survey(&contract.schemas, START, &body).undocumented,
        ["/message/0/recovery/0/url", "/message/0/severity", "/status"]
    );
}
