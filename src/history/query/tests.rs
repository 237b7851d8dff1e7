//! Tests of `query`, in a file of their own for their length.
//!
//! Knows: `query`. Must not know: what uses it.

use super::*;

fn column(text: &str) -> (usize, String) {
    let error = Query::parse(text).unwrap_err();
    (error.column, error.what)
}

#[test]
fn what_is_wrong_is_said_with_its_column() {
    assert_eq!(column(""), (1, "the query is empty".to_owned()));
    let (at, what) = column("held then brokn");
    assert_eq!(at, 11);
    assert!(what.contains("`brokn`") && what.contains("did you mean `broken`?"), "{what}");
    assert_eq!(column("held then").0, 10);
    assert_eq!(column("held and then broken").0, 10);
    assert_eq!(column("(held or broken").0, 1);
    assert_eq!(column("held)").0, 5);
    assert_eq!(column("(held then broken)").0, 7);
    assert_eq!(column("requirement").0, 12);
    assert_eq!(column("requirement and held").0, 13);
    assert_eq!(column("requirement [").0, 13);
    assert_eq!(column("version soon and held").0, 9);
    assert_eq!(column("requirement 'a").0, 13);
    assert_eq!(column("über").0, 1);
    let (at, what) = column("held and broken");
    assert_eq!(at, 10);
    assert!(what.contains("`held then broken`"), "{what}");
}

#[test]
fn the_message_shows_the_place_and_what_is_accepted() {
    let text = Query::parse("held then\nbrokn").unwrap_err().to_string();
    assert!(text.contains("\n  held then brokn\n            ^\n"), "{text}");
    for (word, _) in WORDS {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[test]
fn a_range_may_have_spaces_and_a_version_alone_means_itself() {
    let range = |text: &str| match &Query::parse(text).unwrap().steps[0] {
        Term::Version(range) => range.to_string(),
        Term::All(terms) => match &terms[0] {
            Term::Version(range) => range.to_string(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(range("version 4.2"), "=4.2");
    assert_eq!(range("version >=4.1, <5 and held"), ">=4.1, <5");
    assert_eq!(range("version >= 4.1 < 5 held"), ">=4.1, <5");
    assert_eq!(range("version '>=4.1, <5' held"), ">=4.1, <5");
    assert_eq!(range("version 4.*"), "4.*");
}

#[test]
fn words_may_be_joined_and_grouped_in_any_case() {
    let query = Query::parse("REQUIREMENT a.* AND (held or excluded) THEN broken").unwrap();
    assert_eq!(query.steps.len(), 2);
    assert!(matches!(&query.steps[0], Term::All(terms) if terms.len() == 2));
    // A quoted word is never a keyword.
    assert!(Query::parse("requirement 'then'").is_ok());
    assert!(Query::parse("'held'").is_err());
}
