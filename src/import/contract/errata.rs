//! The defects of a page as drafts of errata.
//!
//! Knows: what each kind of defect means for whoever is judged. Must not know: pages.

use std::fmt::Write as _;

use crate::import::draft::{Defect, DefectKind};

use super::text::quoted;

/// A draft of an erratum.
#[derive(Debug, Clone)]
pub(super) struct Erratum {
    pub(super) id: String,
    pub(super) kind: DefectKind,
    pub(super) at: String,
    pub(super) place: String,
    pub(super) says: String,
}

impl Erratum {
    pub(super) fn of(defect: &Defect, operation: &str, number: usize, at: String) -> Self {
        let mut says = defect.kind.sentence().to_owned();
        if !defect.detail.is_empty() {
            let _ = write!(says, " Seen: {}.", defect.detail);
        }
        Self {
            id: format!("E-{operation}-{number}"),
            kind: defect.kind,
            at,
            place: defect.place.clone(),
            says,
        }
    }

    fn chosen(&self) -> &'static str {
        match self.kind {
            DefectKind::TypeConflict => {
                "Both types are accepted, and it is observed which one came."
            }
            DefectKind::ExampleValue => "The value of the example is accepted as well.",
            DefectKind::TypeMissing => "Any type is accepted.",
            DefectKind::OuterShape => "The list of the example.",
            DefectKind::Code401Missing => "401 and 403 are both accepted as a refusal.",
            DefectKind::RequiredConflict => "The attribute may be left out.",
            DefectKind::EnumCount | DefectKind::EnumType => {
                "Other values are accepted too, as the list can't be whole."
            }
            DefectKind::ExampleUndocumented => "The member is accepted, as any other one.",
            DefectKind::ExampleLacks => "The table holds for requests that are sent.",
            DefectKind::DuplicateName => {
                "The first of the rows counts, and its type isn't asked for."
            }
            DefectKind::RowNameLost => "Nothing is asked of the row.",
            _ => "Nothing is asked for because of it.",
        }
    }

    fn owner(&self) -> &'static str {
        match self.kind {
            DefectKind::RowNameLost
            | DefectKind::ExampleFragment
            | DefectKind::ExampleLost
            | DefectKind::Truncated
            | DefectKind::SectionMissing
            | DefectKind::HeadingRepeated => "our copy",
            _ => "vendor page",
        }
    }

    pub(super) fn toml(&self, document: &str) -> String {
        format!(
            "\n[[erratum]]\nid       = {}\ndocument = {}\nplace    = {}\nsays     = {}\n\
            chosen   = {}\nowner    = {}\nchoice   = \"wider\"\n",
            quoted(&self.id),
            quoted(document),
            quoted(&format!("{} ({})", self.place, self.at)),
            quoted(&self.says),
            quoted(self.chosen()),
            quoted(self.owner())
        )
    }
}
