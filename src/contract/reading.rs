//! How a value is found in a list when no page at hand names its member.
//!
//! Knows: the candidates that an operation file lists. Must not know: which value is right.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::rows;

/// What an operation file declares.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// For example `backup.locations`.
    pub name: String,
    /// JSON pointer to the array of rows, where the list is at its documented place.
    pub list: String,
    /// Candidate members that identify a row.
    pub key: Vec<String>,
    /// Candidate members that hold the value; `a/b` is the member `b` of the object `a`.
    pub value: Vec<String>,
    /// What a row is, in one word.
    #[serde(default = "row")]
    pub what: String,
    /// Where the value is a place: the one that is the appliance itself.
    pub here: Option<String>,
    /// Parts of other words that name the appliance itself too, in lower case.
    #[serde(default)]
    pub local: Vec<String>,
}

fn row() -> String {
    "row".to_owned()
}

/// One value in its words: a text is one word, an object has one for each text in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// Whether it is called so. A mount point is the same with and without a slash at its end.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.0.iter().any(|own| own == word || (word.starts_with('/') && bare(own) == bare(word)))
    }

    /// The mount point that it names: a path on the appliance. `//host/path` names a server
    /// instead, and an object with one of the words for the appliance itself none.
    fn mount_point(&self, own: &[String]) -> Option<&str> {
        let local = self
            .0
            .iter()
            .filter(|word| !word.starts_with('/'))
            .any(|word| own.iter().any(|part| word.to_lowercase().contains(part)));
        let mut paths = self.0.iter().map(|word| bare(word)).filter(|word| {
            word.starts_with('/')
                && !word.starts_with("//")
                && word.len() > 1
                && !word.contains(char::is_whitespace)
        });
        let path = paths.next().filter(|_| !local)?;
        paths.next().is_none().then_some(path)
    }
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

fn bare(path: &str) -> &str {
    if path.len() > 1 { path.trim_end_matches('/') } else { path }
}

/// What is read of one key: one row, or several that have the same key.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The identifying value, as the first of its rows has it.
    pub key: String,
    /// Where that row is.
    pub pointer: String,
    /// The values of all of its rows; `None` where no candidate member is there.
    pub values: Option<Vec<Words>>,
}

impl Listed {
    /// Whether it has a value that is called so.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.values.iter().flatten().any(|value| value.is(word))
    }
}

/// A list as it was read.
#[derive(Debug, Clone, Default)]
pub struct Reads {
    /// By key, in the order of the list.
    pub listed: Vec<Listed>,
    /// Whether it has rows without any of the members that identify one.
    pub nameless: bool,
}

impl Reads {
    /// What is read of a key; letters may be in either case, as in a uuid.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<&Listed> {
        self.listed.iter().find(|listed| listed.key.eq_ignore_ascii_case(key))
    }

    /// Whether any row has a value that is called so: then this list does use that word.
    #[must_use]
    pub fn knows(&self, word: &str) -> bool {
        self.listed.iter().any(|listed| listed.has(word))
    }
}

impl Reading {
    /// Whether a value is the appliance itself.
    #[must_use]
    pub fn is_here(&self, value: &Words) -> bool {
        self.here.as_ref().is_some_and(|here| value.is(here))
    }

    /// The mount point that a value names: a path on the appliance that isn't its own place.
    #[must_use]
    pub fn mount_point<'w>(&self, value: &'w Words) -> Option<&'w str> {
        value.mount_point(&self.local)
    }

    /// What a body holds for it; `None` where it has no list that can be told to be the one.
    #[must_use]
    pub fn read(&self, body: &Value) -> Option<Reads> {
        let members: Vec<&str> = self.key.iter().chain(&self.value).map(String::as_str).collect();
        let mut reads = Reads::default();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for list in rows::lists(body, &self.list, &members)? {
            for (index, row) in list.iter() {
                let Some(key) = self.key.iter().find_map(|key| text(row.get(key)?)) else {
                    reads.nameless = true;
                    continue;
                };
                let values = self.values_of(row);
                if let Some(place) = places.get(&key.to_ascii_lowercase()) {
                    let known = &mut reads.listed[*place].values;
                    match (known.as_mut(), values) {
                        (Some(known), Some(values)) => known.extend(values),
                        (None, values) => *known = values,
                        (Some(_), None) => {}
                    }
                } else {
                    places.insert(key.to_ascii_lowercase(), reads.listed.len());
                    reads.listed.push(Listed { key, pointer: list.place(index), values });
                }
            }
        }
        Some(reads)
    }

    /// The values of one row, from every candidate member that it has (`None` where it has none).
    #[must_use]
    pub fn values_of(&self, row: &Value) -> Option<Vec<Words>> {
        let told: Vec<Vec<Words>> =
            self.value.iter().filter_map(|member| values(at(row, member)?)).collect();
        (!told.is_empty()).then(|| told.into_iter().flatten().collect())
    }

    /// The one value of a row: that of the first candidate which holds no object.
    #[must_use]
    pub fn value_of<'a>(&self, row: &'a Value) -> Option<&'a Value> {
        self.value.iter().find_map(|member| {
            at(row, member).filter(|value| !value.is_object() && !value.is_null())
        })
    }

    /// The row of a key. Where there is one row only, it is that one: the answer was about this
    /// key.
    #[must_use]
    pub fn row<'a>(&self, body: &'a Value, key: &str) -> Option<&'a Value> {
        let members: Vec<&str> = self.key.iter().chain(&self.value).map(String::as_str).collect();
        let lists = rows::lists(body, &self.list, &members)?;
        let rows: Vec<&Value> = lists.iter().flat_map(|list| list.rows).collect();
        let named = rows.iter().find(|row| {
            self.key
                .iter()
                .filter_map(|name| text(row.get(name)?))
                .any(|own| own.eq_ignore_ascii_case(key))
        });
        named.or_else(|| rows.first().filter(|_| rows.len() == 1)).copied()
    }
}

fn at<'a>(row: &'a Value, member: &str) -> Option<&'a Value> {
    member.split('/').try_fold(row, |value, name| value.get(name))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A text holds one value or several, with commas; a list one for each item; an object is one.
fn values(value: &Value) -> Option<Vec<Words>> {
    match value {
        Value::String(one) => Some(
            one.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Words(vec![part.to_owned()]))
                .collect(),
        ),
        Value::Array(many) => many
            .iter()
            .map(|item| if item.is_array() { None } else { values(item) })
            .collect::<Option<Vec<_>>>()
            .map(|items| items.concat()),
        Value::Object(members) => {
            let words: Vec<String> = members
                .values()
                .filter_map(Value::as_str)
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect();
            (!words.is_empty()).then(|| vec![Words(words)])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reading() -> Reading {
        let name = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Reading {
            name: "r".to_owned(),
            list: "/backups".to_owned(),
            key: name(&["uuid"]),
            value: name(&["locations", "location", "remoteShare"]),
            what: "backup".to_owned(),
            here: Some("internal".to_owned()),
            local: name(&["internal", "local", "lxca", "appliance", "repository"]),
        }
    }

    fn read(rows: impl Into<Value>) -> Reads {
        let rows: Value = rows.into();
        reading().read(&json!({ "links": [{ "rel": "self" }], "backups": rows })).unwrap()
    }

    #[test]
    fn the_places_of_several_rows_of_one_key_count_together() {
        let reads = read(json!([{ "uuid": "AB", "location": "internal" }, { "uuid": "ab",
                "location": "/mnt/s/" }, { "uuid": "c", "location": "" }]));
        assert_eq!(reads.listed.len(), 2);
        let both = reads.of("aB").unwrap();
        assert!(
            both.has("internal") && both.has("/mnt/s") && both.has("/mnt/s/") && !both.has("/mnt")
        );
        assert!(reads.knows("internal") && !reads.knows("LXCA"));
        assert_eq!(reads.of("c").unwrap().values, Some(Vec::new()));
    }

    #[test]
    fn places_are_read_from_objects_and_from_more_than_one_member() {
        let reads = read(json!([
            { "uuid": "a", "locations": [{ "type": "share", "path": "/mnt/s" },
                { "type": "internal" }] },
            { "uuid": "b", "location": "internal", "remoteShare": "/mnt/s" },
            { "uuid": "c", "locations": null },
        ]));
        for key in ["a", "b"] {
            assert!(
                reads.of(key).unwrap().has("internal") && reads.of(key).unwrap().has("/mnt/s"),
                "{key}"
            );
        }
        assert_eq!(reads.of("c").unwrap().values, None);
    }

    #[test]
    fn a_mount_point_is_a_path_of_the_appliance_that_isnt_its_own_repository() {
        let reading = reading();
        let mount =
            |value: Value| reading.mount_point(&values(&value).unwrap()[0]).map(str::to_owned);
        assert_eq!(mount(json!("/mnt/s/")).as_deref(), Some("/mnt/s"));
        assert_eq!(mount(json!({ "type": "NFS", "path": "/mnt/s" })).as_deref(), Some("/mnt/s"));
        for other in [
            json!("LXCA"),
            json!("//nas/backups"),
            json!("nas:/backups"),
            json!("/"),
            json!({ "type": "local", "path": "/var/backups" }),
            json!({ "from": "/a", "to": "/b" }),
        ] {
            assert_eq!(mount(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn the_row_of_a_key_is_found_among_others_and_the_only_row_is_the_one() {
        let reading = Reading { list: String::new(), ..reading() };
        let body = json!([{ "uuid": "1", "location": "x" }, { "uuid": "2", "location": "y" }]);
        assert_eq!(reading.value_of(reading.row(&body, "2").unwrap()), Some(&json!("y")));
        assert!(reading.row(&body, "3").is_none());
        assert!(reading.row(&json!({ "response": [{ "location": "x" }] }), "3").is_some());
    }
}
