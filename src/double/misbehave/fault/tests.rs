//! Tests of `fault`, in a file of their own for their length.
//!
//! Knows: `fault`. Must not know: what uses it.

use super::*;

#[test]
fn every_fault_is_found_by_its_name_and_no_name_is_used_twice() {
    let apart = Fault::WIRE.iter().chain(Fault::OF_CHANGES);
    let every: Vec<Fault> = Fault::ALL.iter().chain(apart).copied().collect();
    assert!(Fault::WIRE.iter().all(|fault| fault.name().starts_with("wire-")));
    let names: std::collections::BTreeSet<_> = every.iter().map(|f| f.name()).collect();
    assert_eq!(names.len(), every.len());
    assert!(Fault::ALL.len() >= 200);
    assert!(Fault::ALL.iter().all(|fault| LISTING.contains(&fault.place())));
    for fault in every {
        assert_eq!(fault.name().parse::<Fault>(), Ok(fault));
        assert!(
            fault.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        );
        assert!(!fault.summary().is_empty());
    }
    assert_eq!("job-fials".parse::<Fault>().unwrap_err().nearest, "job-fails");
}
