//! The defects of pages as a ticket for their owner.
//!
//! Knows: defects and their places. Must not know: files, contracts.

use std::fmt::Write as _;

use super::draft::{Defect, DefectKind, Draft};

/// Defects that a saved copy may have and the page not.
const OF_THE_COPY: &[DefectKind] = &[
    DefectKind::ExampleFragment,
    DefectKind::ExampleLost,
    DefectKind::RowNameLost,
    DefectKind::SectionMissing,
    DefectKind::Truncated,
];

/// The ticket, one part per page. `name` tells what a page is called.
#[must_use]
pub fn ticket<'n>(drafts: &[Draft], name: &dyn Fn(u16) -> &'n str) -> String {
    let mut text = String::from("# Defects in the REST API reference\n");
    for draft in drafts {
        let value = |spot: &Option<super::draft::Spot<String>>| {
            spot.as_ref().map_or("", |spot| spot.value.as_str()).to_owned()
        };
        let _ = write!(text, "\n## {} {}\n\n", value(&draft.method), value(&draft.path));
        let page = draft.method.as_ref().map_or("", |spot| name(spot.at.page));
        let page = page.rsplit(['/', '\\']).next().unwrap_or_default();
        if draft.defects.is_empty() {
            let _ = writeln!(text, "No defect was found in `{page}`.");
            continue;
        }
        let (copy, own): (Vec<&Defect>, Vec<&Defect>) =
            draft.defects.iter().partition(|defect| OF_THE_COPY.contains(&defect.kind));
        rows(&mut text, &own, name);
        if !copy.is_empty() {
            text.push_str("\nThese may be of the saved copy alone; please look at the page:\n\n");
            rows(&mut text, &copy, name);
        }
    }
    text
}

fn rows<'n>(text: &mut String, defects: &[&Defect], name: &dyn Fn(u16) -> &'n str) {
    for (number, defect) in defects.iter().enumerate() {
        let _ = write!(
            text,
            "{}. `{}`: {} ({}, {}:{}:{}",
            number + 1,
            defect.place,
            defect.kind.sentence().trim_end_matches('.'),
            defect.kind.word(),
            name(defect.at.page).rsplit(['/', '\\']).next().unwrap_or_default(),
            defect.at.line,
            defect.at.column
        );
        if defect.detail.is_empty() {
            text.push_str(")\n");
        } else {
            let detail: Vec<&str> = defect.detail.split_whitespace().collect();
            let _ = writeln!(text, "; {})", detail.join(" "));
        }
    }
}
