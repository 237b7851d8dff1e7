//! Any text is read into a draft or refused with a reason; a draft is printed, read again, and
//! printed the same.
//!
//! Knows: the reader of pages. Must not know: what a page says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lxca_conform::import::{Draft, merge, read};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(draft) = read(text) else { return };
    let printed = draft.json();
    let again = Draft::from_json(&printed).expect("a printed draft is one");
    assert_eq!(again.json()["response"], printed["response"]);
    assert_eq!(merge(vec![draft.clone(), draft]).len(), 1);
});
