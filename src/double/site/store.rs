//! The collections of a site: where its elements are, and how one is found by its key.
//!
//! A site shares what it didn't change with every other site of the process, so that a new double
//! costs nothing. Knows collections by their names. Must not know which request asks.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::element::{self, Element, Link};

/// The built-in collections: the name, the member that is the key, and the elements as JSON.
const DATA: &[(&str, &str, &str)] = &[
    ("nodes", "uuid", include_str!("data/nodes.json")),
    ("chassis", "uuid", include_str!("data/chassis.json")),
    ("switches", "uuid", include_str!("data/switches.json")),
    ("cmms", "uuid", include_str!("data/cmms.json")),
    ("fans", "uuid", include_str!("data/fans.json")),
    ("fanMuxes", "uuid", include_str!("data/fanMuxes.json")),
    ("powerSupplies", "uuid", include_str!("data/powerSupplies.json")),
    ("canisters", "uuid", include_str!("data/canisters.json")),
    ("complexes", "uuid", include_str!("data/complexes.json")),
    ("storage", "uuid", include_str!("data/storage.json")),
    ("cabinets", "UUID", include_str!("data/cabinets.json")),
    ("cabinetView", "", include_str!("data/cabinetView.json")),
    ("events", "cn", include_str!("data/events.json")),
    ("patterns", "id", include_str!("data/patterns.json")),
    ("profiles", "id", include_str!("data/profiles.json")),
    ("profileDetails", "ID", include_str!("data/profileDetails.json")),
    ("policies", "id", include_str!("data/policies.json")),
    ("policyResults", "", include_str!("data/policyResults.json")),
    ("compareResults", "jobid", include_str!("data/compareResults.json")),
    ("applicableFirmware", "uuid", include_str!("data/applicableFirmware.json")),
    ("updateStatus", "", include_str!("data/updateStatus.json")),
    ("repository", "", include_str!("data/repository.json")),
    ("ownUpdates", "", include_str!("data/ownUpdates.json")),
    ("discovery", "", include_str!("data/discovery.json")),
    ("manageJobs", "id", include_str!("data/manageJobs.json")),
    ("unmanageJobs", "id", include_str!("data/unmanageJobs.json")),
    ("licenses", "", include_str!("data/licenses.json")),
    ("licenseNotifications", "", include_str!("data/licenseNotifications.json")),
    ("resourceGroups", "uuid", include_str!("data/resourceGroups.json")),
    ("osImages", "", include_str!("data/osImages.json")),
];

/// The elements of one kind, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collection {
    /// The member that is the key; empty if none is.
    key: &'static str,
    elements: Vec<Element>,
    /// Key in lower case to place.
    places: HashMap<String, usize>,
}

static BUILT_IN: LazyLock<BTreeMap<&'static str, Arc<Collection>>> = LazyLock::new(|| {
    DATA.iter()
        .map(|(name, key, text)| {
            // A test reads each of them.
            let values: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
            (*name, Arc::new(Collection::of(key, &values)))
        })
        .collect()
});

/// The names of all collections.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    DATA.iter().map(|(name, _, _)| *name)
}

/// The collection of this name, and the member that is its key; empty if none is.
pub(crate) fn named(name: &str) -> Option<(&'static str, &'static str)> {
    DATA.iter().find(|(known, _, _)| *known == name).map(|(name, key, _)| (*name, *key))
}

impl Collection {
    fn of(key: &'static str, values: &[Value]) -> Self {
        let mut collection = Self { key, ..Self::default() };
        collection.elements = values.iter().filter_map(Element::of).collect();
        collection.index();
        collection
    }

    fn index(&mut self) {
        self.places = self
            .elements
            .iter()
            .enumerate()
            .filter_map(|(place, element)| Some((key_of(element, self.key)?, place)))
            .collect();
    }

    /// The elements in their order.
    pub(crate) fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The element with this key, in either case of letters.
    pub(crate) fn find(&self, key: &str) -> Option<&Element> {
        self.place(key).and_then(|place| self.elements.get(place))
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.places.get(&key.to_ascii_lowercase()).copied()
    }
}

fn key_of(element: &Element, key: &str) -> Option<String> {
    let member = element.members().find(|member| member.name == key)?;
    member.value().as_str().map(str::to_ascii_lowercase)
}

/// A site: the built-in one, and what is different here.
#[derive(Clone, Default)]
pub(crate) struct Site {
    other: BTreeMap<&'static str, Arc<Collection>>,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.other.iter().map(|(name, there)| (name, there.elements.len()));
        f.debug_map().entries(counts).finish()
    }
}

impl Site {
    /// A collection; an empty one if none is called that.
    pub(crate) fn collection(&self, name: &str) -> &Collection {
        static NONE: LazyLock<Collection> = LazyLock::new(Collection::default);
        self.other.get(name).or_else(|| BUILT_IN.get(name)).map_or(&*NONE, |there| there)
    }

    /// An element of a collection; letters of the key may be in either case.
    pub(crate) fn find(&self, collection: &str, key: &str) -> Option<&Element> {
        self.collection(collection).find(key)
    }

    /// Takes these elements instead of those that a collection has.
    pub(crate) fn replace(&mut self, collection: &str, values: &[Value]) {
        if let Some((name, key)) = named(collection) {
            self.other.insert(name, Arc::new(Collection::of(key, values)));
        }
    }

    /// Takes an element instead of the one with its key, or adds it. Where it stands in others, it
    /// is changed as well.
    pub(crate) fn put(&mut self, collection: &str, value: &Value) {
        let (Some(element), Some(there)) = (Element::of(value), self.change(collection)) else {
            return;
        };
        let known = key_of(&element, there.key).and_then(|key| there.place(&key));
        if let Some(old) = known.and_then(|place| there.elements.get_mut(place)) {
            *old = element;
        } else {
            there.elements.push(element);
            there.index();
        }
    }

    /// Changes members of an element; says whether there is such an element.
    pub(crate) fn set(&mut self, collection: &str, key: &str, members: &[(&str, Value)]) -> bool {
        let Some(mut value) = self.find(collection, key).map(Element::kept) else { return false };
        for (name, member) in members {
            value[*name] = member.clone();
        }
        self.put(collection, &value);
        true
    }

    /// Adds elements behind those that there are.
    pub(crate) fn extend(&mut self, collection: &str, values: &[Value]) {
        if values.is_empty() {
            return;
        }
        if let Some(there) = self.change(collection) {
            there.elements.extend(values.iter().filter_map(Element::of));
            there.index();
        }
    }

    /// Whether there is the element that should stand somewhere.
    pub(crate) fn knows(&self, link: &Link) -> bool {
        self.find(&link.collection, &link.key).is_some()
    }

    /// Takes what isn't there out of all that it stands in.
    pub(crate) fn prune(&mut self) {
        for (name, _, _) in DATA {
            let stale: Vec<Value> = self
                .collection(name)
                .elements()
                .iter()
                .filter(|element| !element.links().iter().all(|link| self.knows(link)))
                .map(Element::kept)
                .collect();
            for mut value in stale {
                self.strip(&mut value);
                self.put(name, &value);
            }
        }
    }

    /// Takes links that lead nowhere out of arrays, and items that have one as a member.
    fn strip(&self, value: &mut Value) {
        let leads = |value: &Value| {
            element::link(value)
                .is_none_or(|(collection, key)| self.find(collection, key).is_some())
        };
        match value {
            Value::Array(items) => {
                items.retain(|item| {
                    leads(item)
                        && item.as_object().is_none_or(|members| members.values().all(leads))
                });
                for item in items {
                    self.strip(item);
                }
            }
            Value::Object(members) => {
                for member in members.values_mut() {
                    self.strip(member);
                }
            }
            _ => {}
        }
    }

    fn change(&mut self, collection: &str) -> Option<&mut Collection> {
        let (name, _) = named(collection)?;
        let there = self
            .other
            .entry(name)
            .or_insert_with(|| BUILT_IN.get(name).cloned().unwrap_or_default());
        Some(Arc::make_mut(there))
    }

    /// The collections that are not the built-in ones, as a document has them.
    pub(crate) fn different(&self) -> BTreeMap<String, Vec<Value>> {
        self.other
            .iter()
            .map(|(name, there)| {
                ((*name).to_owned(), there.elements.iter().map(Element::kept).collect())
            })
            .collect()
    }

    /// Writes an element, or the members of it that are wanted, with the elements in it.
    pub(crate) fn write(&self, element: &Element, wanted: &dyn Fn(&str) -> bool, out: &mut String) {
        self.write_within(element, wanted, MOST_DEEP, out);
    }

    fn write_within(
        &self,
        element: &Element,
        wanted: &dyn Fn(&str) -> bool,
        depth: usize,
        out: &mut String,
    ) {
        out.push('{');
        let start = out.len();
        for member in element.members().filter(|member| wanted(member.name)) {
            if out.len() > start {
                out.push(',');
            }
            member.write(out, &mut |link, out| {
                let Some(depth) = depth.checked_sub(1) else { return false };
                let Some(inner) = self.find(&link.collection, &link.key) else { return false };
                self.write_within(inner, &|_| true, depth, out);
                true
            });
        }
        out.push('}');
    }
}

/// How deep elements may stand in each other: a given site could have a circle.
const MOST_DEEP: usize = 8;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::table;
    use super::*;

    #[test]
    fn every_collection_can_be_read_and_each_key_is_there_once() {
        for (name, key, text) in DATA {
            let values: Vec<Value> =
                serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!values.is_empty(), "{name} is empty");
            let collection = Collection::of(key, &values);
            assert_eq!(collection.elements.len(), values.len(), "{name}");
            if !key.is_empty() {
                assert_eq!(collection.places.len(), values.len(), "{name} has a key twice");
            }
            for (element, value) in collection.elements.iter().zip(&values) {
                assert_eq!(element.kept(), *value, "{name}");
                for link in element.links() {
                    assert!(
                        Site::default().find(&link.collection, &link.key).is_some(),
                        "{name} holds {link:?}"
                    );
                }
            }
        }
        for read in table::reads() {
            for name in std::iter::once(&read.collection).chain(&read.also) {
                assert!(named(name).is_some(), "no data for {name}");
            }
        }
    }

    #[test]
    fn a_change_shows_wherever_the_element_stands_and_in_no_other_site() {
        let mut site = Site::default();
        let uuid = site.collection("fans").elements()[0].text_at("/uuid").unwrap();
        let shown = |site: &Site, collection: &str| {
            let mut out = String::new();
            for element in site.collection(collection).elements() {
                site.write(element, &|_| true, &mut out);
            }
            out.matches("\"powerState\":\"Standby\"").count()
        };
        assert_eq!((shown(&site, "fans"), shown(&site, "chassis")), (0, 0));
        assert!(site.set("fans", &uuid.to_lowercase(), &[("powerState", json!("Standby"))]));
        assert_eq!((shown(&site, "fans"), shown(&site, "chassis")), (1, 1));
        assert_eq!(site.different().keys().collect::<Vec<_>>(), ["fans"]);
        site.replace("fans", &[]);
        site.prune();
        assert_eq!((shown(&site, "fans"), shown(&site, "chassis")), (0, 0));
        let held = |site: &Site| {
            site.collection("chassis").elements().iter().map(|one| one.links().len()).sum::<usize>()
        };
        let fans = Site::default().collection("fans").elements().len();
        assert_eq!(held(&site) + fans, held(&Site::default()), "they are gone from their chassis");
        assert!(!site.set("fans", &uuid, &[]));
        assert!(Site::default().different().is_empty());
    }

    #[test]
    fn elements_that_stand_in_each_other_in_a_circle_come_to_an_end() {
        let mut site = Site::default();
        site.replace("fans", &[json!({ "uuid": "A", "in": [{ "$element": "fans/A" }] })]);
        let mut out = String::new();
        site.write(&site.collection("fans").elements()[0].clone(), &|_| true, &mut out);
        assert_eq!(out.matches("\"uuid\":\"A\"").count(), MOST_DEEP + 1);
    }
}
