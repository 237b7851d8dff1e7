//! What a read operation gives: which elements, which of their members, and in which envelope.
//!
//! Knows the table and the query. Must not know HTTP.

use super::csv;
use super::element::Element;
use super::store::Site;
use super::table::{Filter, One, Read};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// JSON as it is sent.
    Json(String),
    /// A table, and the path of the file that it is in.
    Csv { text: String, file: String },
    /// None of the keys is known.
    Nothing,
}

/// The query parameters, decoded, in order.
type Query = [(String, String)];

fn given<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Reads from a site.
pub(crate) fn read(site: &Site, read: &Read, keys: &[String], query: &Query) -> Found {
    let include = names(given(query, "includeAttributes"));
    let exclude = names(given(query, "excludeAttributes"));
    let is_base = |name: &str| read.base.iter().any(|base| base == name);
    let wanted = |name: &str| {
        is_base(name)
            || (include.as_ref().is_none_or(|names| names.contains(&name))
                && !exclude.as_ref().is_some_and(|names| names.contains(&name)))
    };
    let file = format!("{}.csv", read.collection);
    let is_file = read.csv && keys == [file.as_str()];
    let found: Vec<&Element> = if keys.is_empty() || is_file {
        let all = site.collection(&read.collection).elements().iter();
        all.filter(|element| shown(read, element, query)).collect()
    } else {
        known(site, read, keys)
    };
    if found.is_empty() && !keys.is_empty() && !is_file {
        return Found::Nothing;
    }
    let one = keys.len() == 1 || read.whole;
    let kept: Vec<&Element> =
        found.into_iter().filter(|element| passes(read, element, query)).collect();
    if is_file || (read.csv && given(query, "formatType") == Some("csv")) {
        let fixed = read.path.split("/{").next().unwrap_or_default();
        let text = csv::table(kept.iter().copied(), &wanted);
        return Found::Csv { text, file: format!("{fixed}/{file}") };
    }
    let mut out = String::new();
    let write = |elements: &[&Element], out: &mut String| {
        for (place, element) in elements.iter().enumerate() {
            out.push_str(if place == 0 { "" } else { "," });
            site.write(element, &wanted, out);
        }
    };
    match (kept.as_slice(), read.one) {
        ([element], _) if read.whole => write(&[element], &mut out),
        ([element], One::Bare) if one => write(&[element], &mut out),
        ([element], One::Member) if one => {
            around(read, &mut out, |out| write(&[element], out));
        }
        (elements, _) => around(read, &mut out, |out| {
            out.push('[');
            write(elements, out);
            out.push(']');
        }),
    }
    Found::Json(out)
}

/// The names of a list between commas; nothing if there is none.
fn names(list: Option<&str>) -> Option<Vec<&str>> {
    let names: Vec<&str> =
        list?.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then_some(names)
}

/// Writes what stands around the list, and the list in it.
fn around(read: &Read, out: &mut String, list: impl FnOnce(&mut String)) {
    let Some(name) = &read.list else { return list(out) };
    out.push('{');
    // In the order in which members are written elsewhere.
    let mut list = Some(list);
    let begin = |name: &str, out: &mut String| {
        if !out.ends_with('{') {
            out.push(',');
        }
        out.push_str(&serde_json::Value::from(name).to_string());
        out.push(':');
    };
    for (other, value) in &read.around {
        if name < other
            && let Some(list) = list.take()
        {
            begin(name, out);
            list(out);
        }
        begin(other, out);
        out.push_str(&value.to_string());
    }
    if let Some(list) = list.take() {
        begin(name, out);
        list(out);
    }
    out.push('}');
}

/// The elements with these keys, each once, in the order of the keys.
fn known<'a>(site: &'a Site, read: &Read, keys: &[String]) -> Vec<&'a Element> {
    let mut asked: Vec<&str> = Vec::new();
    for key in keys.iter().map(String::as_str) {
        if !asked.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            asked.push(key);
        }
    }
    let places = || std::iter::once(&read.collection).chain(&read.also);
    asked.into_iter().filter_map(|key| places().find_map(|place| site.find(place, key))).collect()
}

/// Whether an element is in a list at all.
fn shown(read: &Read, element: &Element, query: &Query) -> bool {
    let (Some(bucket), Some(key)) = (&read.bucket, &read.key) else { return true };
    element.text_at(&format!("/{key}")).as_deref() != Some(&bucket.key)
        || given(query, &bucket.query) == Some(&bucket.value)
}

/// Whether an element is as the query wants it.
fn passes(read: &Read, element: &Element, query: &Query) -> bool {
    read.filter.iter().all(|(name, filter)| match (given(query, name), filter) {
        (None | Some(""), _) => true,
        (Some(asked), Filter::Equal(pointer)) => {
            element.text_at(pointer).is_some_and(|there| there.eq_ignore_ascii_case(asked))
        }
        (Some(asked), Filter::There(pointers)) => {
            pointers.get(asked).is_some_and(|pointer| match pointer.strip_prefix('!') {
                Some(pointer) => element.value(pointer).is_none(),
                None => element.value(pointer).is_some(),
            })
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn site() -> Site {
        let mut site = Site::default();
        let node = |uuid: &str, status: &str, kind: &str| {
            json!({
                "dataHandle": 1, "parent": { "uuid": "C1" }, "uri": format!("nodes/{uuid}"),
                "uuid": uuid, "name": format!("n-{uuid}"), "mgmtProcType": kind,
                "status": { "message": status, "name": status.to_uppercase() },
            })
        };
        site.replace(
            "nodes",
            &[
                node("A1", "managed", "XCC"),
                node("B2", "unmanaged", "IMM2"),
                node("C3", "managed", "IMM2"),
            ],
        );
        site.replace("canisters", &[json!({ "uuid": "D4", "name": "n-D4" })]);
        site
    }

    fn asked(target: &str) -> Found {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let (operation, keys) = Read::find(&segments).unwrap();
        let query: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        read(&site(), operation, &keys, &query)
    }

    fn body(target: &str) -> Value {
        match asked(target) {
            Found::Json(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{target}: {other:?}"),
        }
    }

    fn uuids(body: &Value) -> Vec<&str> {
        body["nodeList"].as_array().unwrap().iter().map(|e| e["uuid"].as_str().unwrap()).collect()
    }

    #[test]
    fn one_key_gives_the_element_and_several_the_list_in_their_order() {
        assert_eq!(uuids(&body("/nodes")), ["A1", "B2", "C3"]);
        assert_eq!(body("/nodes/b2")["name"], "n-B2");
        assert_eq!(uuids(&body("/nodes/C3,a1,c3")), ["C3", "A1"]);
        assert_eq!(uuids(&body("/nodes/C3,none")), ["C3"]);
        assert_eq!(body("/nodes/d4")["name"], "n-D4");
        for target in ["/nodes/none", "/nodes/", "/nodes/x,y"] {
            assert_eq!(asked(target), Found::Nothing, "{target}");
        }
        let uuid = Site::default().collection("storage").elements()[0].text_at("/uuid").unwrap();
        assert_eq!(body(&format!("/storage/{uuid}"))["storageList"][0]["uuid"], uuid.as_str());
    }

    #[test]
    fn attributes_are_chosen_by_name_and_the_base_stays() {
        let names = |target: &str| {
            let body = body(target);
            let element = body.get("nodeList").map_or(&body, |list| &list[0]);
            element.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
        };
        let base = "dataHandle parent uri uuid";
        let all = "dataHandle mgmtProcType name parent status uri uuid";
        for (query, left) in [
            ("", all),
            ("?includeAttributes=", all),
            ("?includeAttributes=name", "dataHandle name parent uri uuid"),
            ("?includeAttributes=none,name, ", "dataHandle name parent uri uuid"),
            ("?includeAttributes=none", base),
            ("?excludeAttributes=uuid,name,none", "dataHandle mgmtProcType parent status uri uuid"),
            (
                "?includeAttributes=name,status&excludeAttributes=name",
                "dataHandle parent status uri uuid",
            ),
            ("?anything=else", all),
        ] {
            assert_eq!(names(&format!("/nodes{query}")), left, "{query}");
            assert_eq!(names(&format!("/nodes/A1{query}")), left, "{query}");
        }
    }

    #[test]
    fn filters_are_by_equality() {
        for (query, left) in [
            ("status=managed", vec!["A1", "C3"]),
            ("status=UNMANAGED", vec!["B2"]),
            ("status=all", vec![]),
            ("status=", vec!["A1", "B2", "C3"]),
            ("mgmtProcType=IMM2", vec!["B2", "C3"]),
            ("mgmtProcType=IMM2&status=managed", vec!["C3"]),
        ] {
            assert_eq!(uuids(&body(&format!("/nodes?{query}"))), left, "{query}");
        }
        let all = body("/scalableComplex")["complex"].as_array().unwrap().len();
        let one = |kind: &str| {
            let body = body(&format!("/scalableComplex?complexType={kind}"));
            body["complex"].as_array().unwrap().len()
        };
        assert!(one("flex") > 0 && one("rackserver") > 0 && one("none") == 0);
        assert_eq!(one("flex") + one("rackserver"), all);
    }

    #[test]
    fn the_bucket_of_what_stands_nowhere_is_shown_where_it_is_asked_for() {
        let count = |target: &str| body(target)["cabinetList"].as_array().unwrap().len();
        assert_eq!(count("/cabinet") + 1, count("/cabinet?status=includestandalone"));
        assert_eq!(body("/cabinet/view"), json!({ "topToBottomView": true }));
    }

    #[test]
    fn a_table_is_a_file_of_the_same_elements() {
        let Found::Csv { text, file } = asked("/nodes/A1,B2?formatType=csv") else { panic!() };
        assert_eq!(file, "/nodes/nodes.csv");
        assert!(text.starts_with("dataHandle,mgmtProcType,name,uri,uuid\r\n1,XCC,n-A1,"), "{text}");
        assert_eq!(text.lines().count(), 3);
        let Found::Csv { text, .. } = asked(&file) else { panic!() };
        assert_eq!(text.lines().count(), 4);
        assert_eq!(uuids(&body("/nodes?formatType=json")).len(), 3);
        assert_eq!(asked("/fans/fans.csv"), Found::Nothing);
    }

    #[test]
    fn what_stands_around_a_list_is_in_the_order_of_names() {
        let read: Read = toml_of("list = 'items'\naround = { identifier = 'id', label = 'x' }");
        let mut out = String::new();
        around(&read, &mut out, |out| out.push_str("[]"));
        assert_eq!(out, r#"{"identifier":"id","items":[],"label":"x"}"#);
        let bare = toml_of("");
        let mut out = String::new();
        around(&bare, &mut out, |out| out.push_str("[]"));
        assert_eq!(out, "[]");
    }

    fn toml_of(more: &str) -> Read {
        super::super::table::read_of(&format!(
            "name = 'a'\npath = '/a'\ncollection = 'nodes'\n{more}"
        ))
    }
}
