//! Several renderings of one page as one draft.
//!
//! Knows: what each rendering keeps: bars keep names and types, the others nesting and lists of
//! values. Must not know: how a rendering is read.

use super::draft::{Attribute, DefectKind, Draft, Known};
use super::evidence::Ground;
use super::page::Rendering;

/// The most cells of a table of alignment: two tables of two thousand rows.
const MOST_CELLS: usize = 4_000_000;

/// One draft of several that are about the same method and path; drafts of other operations stay
/// as they are. The order is that in which each operation comes first.
#[must_use]
pub fn merge(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut groups: Vec<Vec<Draft>> = Vec::new();
    for draft in drafts {
        let same = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| operation(first) == operation(&draft)));
        match same {
            Some(group) => group.push(draft),
            None => groups.push(vec![draft]),
        }
    }
    groups.into_iter().filter_map(merged).collect()
}

fn operation(draft: &Draft) -> (Option<&str>, Option<String>) {
    let path = draft.path.as_ref().map(|path| path.value.to_ascii_lowercase());
    (draft.method.as_ref().map(|method| method.value.as_str()), path)
}

/// How much a rendering keeps of nesting and values.
fn rank(draft: &Draft) -> u8 {
    match draft.rendering {
        Rendering::Html | Rendering::Merged | Rendering::Draft => 3,
        Rendering::Spaced | Rendering::Fused if draft.stripped => 1,
        Rendering::Spaced | Rendering::Fused => 2,
        Rendering::Pipes => 0,
    }
}

/// How sure a rendering is where a cell ends.
fn borders(draft: &Draft) -> u8 {
    match draft.rendering {
        Rendering::Html | Rendering::Merged | Rendering::Draft => 3,
        Rendering::Pipes => 2,
        Rendering::Spaced => 1,
        Rendering::Fused => 0,
    }
}

fn merged(mut group: Vec<Draft>) -> Option<Draft> {
    group.sort_by_key(|draft| std::cmp::Reverse(rank(draft)));
    let mut drafts = group.into_iter();
    let mut base = drafts.next()?;
    for other in drafts {
        fuse(&mut base, &other);
        base.rendering = Rendering::Merged;
    }
    Some(base)
}

fn fuse(base: &mut Draft, other: &Draft) {
    let surer = borders(other) > borders(base);
    if base.since.known().is_none_or(Option::is_none) && other.since.known().is_some() {
        base.since = other.since.clone();
    }
    if base.url.is_none() {
        base.url.clone_from(&other.url);
    }
    if base.outer.is_none() {
        base.outer.clone_from(&other.outer);
    }
    if base.authentication.is_none() {
        base.authentication.clone_from(&other.authentication);
    }
    fuse_rows(&mut base.query, &other.query, surer);
    fuse_rows(&mut base.response, &other.response, surer);
    match (&mut base.request, &other.request) {
        (Known::Is(own), Known::Is(others)) if !own.is_empty() => {
            for (own, other) in own.iter_mut().zip(others) {
                if own.caption.is_none() {
                    own.caption.clone_from(&other.caption);
                }
                fuse_tables(&mut own.attributes, &other.attributes, surer);
            }
            own.extend(others.iter().skip(own.len()).cloned());
        }
        (own, Known::Is(others)) if !others.is_empty() => *own = Known::Is(others.clone()),
        _ => {}
    }
    // What one of them states is stated.
    let ground =
        |draft: &Draft, code: u16| draft.code_grounds.get(&code).copied().unwrap_or(Ground::Stated);
    for code in other.codes.known().into_iter().flatten().map(|code| code.value) {
        let own = base.codes.known().is_some_and(|codes| codes.iter().any(|it| it.value == code));
        let both = ground(other, code);
        match if own { both.min(ground(base, code)) } else { both } {
            Ground::Stated => drop(base.code_grounds.remove(&code)),
            weaker => drop(base.code_grounds.insert(code, weaker)),
        }
    }
    match (&mut base.codes, &other.codes) {
        (Known::Is(own), Known::Is(others)) => {
            for code in others {
                if !own.iter().any(|it| it.value == code.value) {
                    own.push(code.clone());
                }
            }
        }
        (own @ Known::Unknown, others) => *own = others.clone(),
        _ => {}
    }
    let valid = |draft: &Draft| draft.examples.iter().filter(|it| it.valid_json).count();
    if valid(other) > valid(base) {
        base.examples.clone_from(&other.examples);
    }
    // What a rendering alone has lost is no defect of the page.
    let of_the_text = |kind: DefectKind| {
        matches!(
            kind,
            DefectKind::SectionMissing
                | DefectKind::Truncated
                | DefectKind::ExampleFragment
                | DefectKind::ExampleLost
                | DefectKind::RowNameLost
        )
    };
    let in_other = |kind: DefectKind, place: &str| {
        other.defects.iter().any(|it| it.kind == kind && it.place == place)
    };
    base.defects.retain(|it| !of_the_text(it.kind) || in_other(it.kind, &it.place));
    for defect in &other.defects {
        let known = base
            .defects
            .iter()
            .any(|it| it.kind == defect.kind && last(&it.place) == last(&defect.place));
        if !known && !of_the_text(defect.kind) {
            base.defects.push(defect.clone());
        }
    }
}

fn last(place: &str) -> (&str, &str) {
    let section = place.split('/').next().unwrap_or_default();
    (section, place.rsplit('/').next().unwrap_or_default())
}

fn fuse_rows(base: &mut Known<Vec<Attribute>>, other: &Known<Vec<Attribute>>, surer: bool) {
    match (base, other) {
        (Known::Is(own), Known::Is(others)) if !own.is_empty() => fuse_tables(own, others, surer),
        (own, Known::Is(others)) if !others.is_empty() => *own = Known::Is(others.clone()),
        (own @ Known::Unknown, others) => *own = others.clone(),
        _ => {}
    }
}

/// The rows of a table in its order, whatever their depth.
fn flat<'a>(rows: &'a [Attribute], found: &mut Vec<&'a Attribute>) {
    for row in rows {
        found.push(row);
        flat(row.rows(), found);
    }
}

fn visit(rows: &mut [Attribute], index: &mut usize, change: &mut dyn FnMut(usize, &mut Attribute)) {
    for row in rows {
        change(*index, row);
        *index += 1;
        if let Known::Is(children) = &mut row.children {
            visit(children, index, change);
        }
    }
}

fn fuse_tables(own: &mut [Attribute], others: &[Attribute], surer: bool) {
    let mut theirs = Vec::new();
    flat(others, &mut theirs);
    let mut ours = Vec::new();
    flat(own, &mut ours);
    let pairs = align(&ours, &theirs);
    visit(own, &mut 0, &mut |index, row| {
        let Some(other) = pairs.get(index).copied().flatten().and_then(|it| theirs.get(it)) else {
            return;
        };
        row.evidence.ground = row.evidence.ground.min(other.evidence.ground);
        if row.name.is_none() || (surer && other.name.is_some()) {
            row.name.clone_from(&other.name);
            row.written.clone_from(&other.written);
        }
        if row.kind.is_none() || (surer && other.kind.is_some()) {
            row.kind.clone_from(&other.kind);
        }
        if row.presence.is_none() || (surer && other.presence.is_some()) {
            row.presence.clone_from(&other.presence);
            row.condition.clone_from(&other.condition);
        }
        if row.values.known().is_none_or(Vec::is_empty) && other.values.known().is_some() {
            row.values = other.values.clone();
            row.promised = other.promised;
        }
    });
}

/// For each of our rows the one of theirs that is the same: those of equal names in order, and
/// between two of them, rows of which one has lost its name.
fn align(ours: &[&Attribute], theirs: &[&Attribute]) -> Vec<Option<usize>> {
    if ours.len() == theirs.len() {
        return (0..ours.len()).map(Some).collect();
    }
    let mut pairs = vec![None; ours.len()];
    if ours.len() * theirs.len() > MOST_CELLS {
        return pairs;
    }
    let width = theirs.len() + 1;
    let same = |a: &Attribute, b: &Attribute| a.name().is_some() && a.name() == b.name();
    let mut longest = vec![0_u32; (ours.len() + 1) * width];
    for (i, our) in ours.iter().enumerate().rev() {
        for (j, their) in theirs.iter().enumerate().rev() {
            let skip = longest[(i + 1) * width + j].max(longest[i * width + j + 1]);
            let both = longest[(i + 1) * width + j + 1] + 1;
            longest[i * width + j] = if same(our, their) { both.max(skip) } else { skip };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < ours.len() && j < theirs.len() {
        if same(ours[i], theirs[j])
            && longest[i * width + j] == longest[(i + 1) * width + j + 1] + 1
        {
            pairs[i] = Some(j);
            i += 1;
            j += 1;
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    for index in 0..ours.len() {
        if pairs[index].is_none() && ours[index].name().is_none() {
            let before = if index == 0 { Some(0) } else { pairs[index - 1].map(|it| it + 1) };
            let after = match pairs.get(index + 1) {
                Some(next) => *next,
                None => Some(theirs.len()),
            };
            if let (Some(from), Some(to)) = (before, after)
                && from + 1 == to
            {
                pairs[index] = Some(from);
            }
        }
    }
    pairs
}
