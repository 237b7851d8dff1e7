//! The forms of an answer: a matrix of several candidates, and pages in which nothing that an
//! appliance says becomes markup.
//!
//! Knows: gates over runs against the double. Must not know: how a change is found.

use lxca_conform::catalogue::Effect;
use lxca_conform::gate::{self, Policy};

use crate::support::lab::{Asked, lab, version};

#[test]
fn several_candidates_have_one_answer_and_a_matrix() {
    let lab = lab();
    let asked = |of: Asked| Asked { allow: Effect::Read, ..of };
    let (before, one) = lab.run(&asked(version("4.1.0")));
    let (good, two) = lab.run(&asked(version("4.2.0")));
    let (bad, three) = lab.run(&asked(version("4.3.0").fault("lock-component-unknown")));
    let policy = Policy::built_in("upgrade").unwrap();
    let bench = lab.bench(&policy);
    let gate = gate::gate(&bench, &before, &[good, bad]);
    assert_eq!((gate.exit, gate.candidates[0].exit, gate.candidates[1].exit), (1, 0, 1));
    let markdown = gate::markdown(&gate);
    assert!(
        markdown.contains("| `sftp-locks.list/body/component` | ✓ held | ✓ held | ✗ broken |"),
        "{markdown}"
    );
    let matrix = gate::matrix(&[one, two, three]);
    assert_eq!(
        gate::matrix_markdown(&matrix, false)
            .lines()
            .filter(|line| line.contains("broken"))
            .count(),
        1
    );
    assert!(gate::matrix_markdown(&matrix, true).lines().count() > 250);
    assert!(gate::matrix_html(&matrix).contains("4.3.0"));
}

#[test]
fn nothing_that_an_appliance_says_becomes_markup() {
    let lab = lab();
    let (before, _) = lab.run(&Asked { allow: Effect::Read, ..version("4.1.0") });
    let (after, _) =
        lab.run(&Asked { allow: Effect::Read, ..version("4.2.0").fault("lock-component-unknown") });
    let mut gate = lab.gate(&before, &after);
    let hostile = "<script>alert(1)</script> | `x` [a](http://e.example) \u{1b}[31m\u{202e} ]]>";
    gate.because = hostile.to_owned();
    let candidate = &mut gate.candidates[0];
    candidate.because = hostile.to_owned();
    candidate.side.target.name = hostile.to_owned();
    candidate.side.target.version = Some(hostile.to_owned());
    candidate.reasons.iter_mut().for_each(|reason| reason.text = hostile.to_owned());
    candidate.cases.iter_mut().for_each(|case| case.reason = Some(hostile.to_owned()));
    let (html, markdown, junit, text) = (
        gate::html(&gate),
        gate::markdown(&gate),
        gate::junit(&gate),
        gate::text(&gate, lxca_conform::report::Paint::Plain),
    );
    for (name, drawn) in [("html", &html), ("markdown", &markdown), ("junit", &junit)] {
        assert!(!drawn.contains("<script>"), "{name}");
    }
    for (name, drawn) in
        [("html", &html), ("markdown", &markdown), ("junit", &junit), ("text", &text)]
    {
        assert!(!drawn.contains('\u{1b}') && !drawn.contains('\u{202e}'), "{name}");
    }
    assert!(!html.contains("<script") && !html.contains("src=") && !html.contains("href=\"http"));
}
