//! Tests of `rows`, in a file of their own for their length.
//!
//! Knows: `rows`. Must not know: what uses it.

use super::*;

fn fused(line: &str, required: bool, typed: bool) -> Option<[String; 4]> {
    parts(line, Style::Fused, required, typed)
}

fn parts(line: &str, style: Style, required: bool, typed: bool) -> Option<[String; 4]> {
    let shape = Shape { required, typed };
    split(line, style, shape, &HashSet::new()).map(|cells| {
        let text = |cell: Option<(usize, String)>| cell.map(|it| it.1).unwrap_or_default();
        [cells.name.1, text(cells.required), text(cells.kind), cells.text.1]
    })
}

#[test]
fn cells_that_run_together_are_told_apart() {
    let rows = [
        ("idStringLock ID.", ["id", "", "String", "Lock ID."]),
        ("connectedStringIdStringRack", ["connectedStringId", "", "String", "Rack"]),
        ("kindStringString kind of a thing", ["kind", "", "String", "String kind of a thing"]),
        ("partsArray of objectsAll", ["parts", "", "Array of objects", "All"]),
        ("dayIntegerday", ["day", "", "Integer", "day"]),
        ("namesString or array of stringsWho", ["names", "", "String or array of strings", "Who"]),
    ];
    for (line, cells) in rows {
        assert_eq!(fused(line, false, true), Some(cells.map(str::to_owned)), "{line}");
    }
    let untyped = Some(["serverList", "", "", "List of servers"].map(str::to_owned));
    assert_eq!(fused("serverList List of servers", false, true), untyped);
    assert_eq!(fused("servers are listed One by one", false, true), None);
    let untyped = Some(["escape", "Optional", "", "number of them"].map(str::to_owned));
    assert_eq!(fused("escapeOptionalnumber of them", true, false), untyped);
    assert_eq!(fused("Strings are not checked.", false, true), None);
    assert_eq!(fused("A String of characters", false, true), None);
}

#[test]
fn conditions_end_where_the_type_begins() {
    let rows = [
        ("aRequiredStringText", ["a", "Required", "String", "Text"]),
        ("aRequired Text", ["a", "Required", "", "Text"]),
        (
            "aRequired if myString is set to x.StringText",
            ["a", "Required if myString is set to x.", "String", "Text"],
        ),
        ("aRequired if b is “c”. The d", ["a", "Required if b is “c”.", "", "The d"]),
        ("aRequired when b is c Thing to do", ["a", "Required when b is c", "", "Thing to do"]),
        (
            "stringRequiredOptionalBooleanWhether",
            ["stringRequired", "Optional", "Boolean", "Whether"],
        ),
    ];
    for (line, cells) in rows {
        assert_eq!(fused(line, true, true), Some(cells.map(str::to_owned)), "{line}");
    }
    assert_eq!(
        fused("topRequired if bottom or maxRows is specifiedNumber of rows", true, false),
        Some(
            ["top", "Required if bottom or maxRows is specified", "", "Number of rows"]
                .map(str::to_owned)
        )
    );
    assert_eq!(
        parts("a Required only for such a thing Array of strings Text", Style::Spaced, true, true),
        Some(
            ["a", "Required only for such a thing", "Array of strings", "Text"].map(str::to_owned)
        )
    );
}
