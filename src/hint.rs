//! The names that somebody may have meant.
//!
//! Knows: how alike two names are. Must not know: what is named.

/// So alike a name must be to be meant.
const LEAST: f64 = 0.6;
/// The most names that are suggested.
const MOST: usize = 3;

/// The known names that are most like a name that isn't known, the nearest first.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let name = name.to_lowercase();
    let mut near: Vec<(f64, &str)> = known
        .into_iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(&name, &known.to_lowercase()), known))
        .filter(|(alike, _)| *alike >= LEAST)
        .collect();
    near.sort_by(|(one, a), (other, b)| other.total_cmp(one).then(a.cmp(b)));
    near.dedup_by(|one, other| one.1 == other.1);
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// `; did you mean …?` with the nearest names, or nothing where none is near.
#[must_use]
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = nearest(name, known);
    if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean `{}`?", near.join("` or `"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_comes_first_and_a_stranger_has_none() {
        let known = ["verdict", "variant", "waiver", "violation"];
        assert_eq!(nearest("verdcit", known)[0], "verdict");
        assert_eq!(nearest("WAIVERS", known), ["waiver"]);
        assert_eq!(nearest("zzzz", known), Vec::<&str>::new());
        assert_eq!(did_you_mean("vraiant", known), "; did you mean `variant`?");
        assert_eq!(did_you_mean("", known), "");
    }
}
