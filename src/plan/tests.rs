//! Tests of `plan`, in a file of their own for their length.
//!
//! Knows: `plan`. Must not know: what uses it.

use super::*;

#[test]
fn the_reason_for_leaving_a_case_out_tells_what_to_do() {
    assert_eq!(
        LeftOut::EffectNotAllowed { effect: Effect::Write }.to_string(),
        "needs --allow write"
    );
}
