//! A site of another size: servers that are like those that there are, in chassis and cabinets of
//! their own, or fewer of them.
//!
//! The same number always gives the same site. Knows how elements of a site hang together. Must not
//! know who asks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::element::{Element, LINK, link};
use super::store::Site;

/// The most servers that a site can have.
pub const MOST_SERVERS: u64 = 10_000;
/// How many servers a chassis takes that doesn't say.
const USUAL_BAYS: usize = 12;
/// How many units a new cabinet has, and how many a server in it takes.
const CABINET_HEIGHT: usize = 42;
const SERVER_HEIGHT: usize = 2;
/// The parts of a chassis: the member that holds them, which is also their collection.
const PARTS: [&str; 5] = ["cmms", "fans", "fanMuxes", "powerSupplies", "switches"];

impl Site {
    /// The same site with this many servers.
    pub(crate) fn with_servers(mut self, servers: usize) -> Self {
        let there = self.collection("nodes").elements().len();
        if servers < there {
            self.shrink(servers);
        } else if servers > there {
            self.grow(servers - there);
        }
        self
    }

    /// Only the first servers stay.
    fn shrink(&mut self, servers: usize) {
        let nodes: Vec<Value> =
            self.collection("nodes").elements().iter().take(servers).map(Element::kept).collect();
        self.replace("nodes", &nodes);
        let switches: Vec<Value> = self
            .collection("switches")
            .elements()
            .iter()
            .map(|switch| {
                let mut switch = switch.kept();
                if let Some(attached) =
                    switch.get_mut("attachedNodes").and_then(Value::as_array_mut)
                {
                    let there = |uuid: &Value| {
                        uuid.as_str().is_some_and(|uuid| self.find("nodes", uuid).is_some())
                    };
                    attached.retain(there);
                }
                switch
            })
            .collect();
        self.replace("switches", &switches);
        // Half a complex would count servers that aren't there.
        let whole: Vec<Value> = self
            .collection("complexes")
            .elements()
            .iter()
            .filter(|complex| complex.links().iter().all(|link| self.knows(link)))
            .map(Element::kept)
            .collect();
        if whole.len() < self.collection("complexes").elements().len() {
            self.replace("complexes", &whole);
        }
        self.prune();
    }

    fn grow(&mut self, more: usize) {
        let templates = self.templates();
        if templates.is_empty() {
            return;
        }
        let first = self.collection("nodes").elements().len();
        let mut growth = Growth { next: first + 1, ..Growth::default() };
        for nth in 0..more {
            let template = &templates[nth % templates.len()];
            let number = first + nth + 1;
            let node = renewed(template, number);
            let chassis = template["parent"]["uuid"]
                .as_str()
                .and_then(|parent| self.find("chassis", parent))
                .map(Element::kept);
            match chassis {
                Some(chassis) => growth.add_to_chassis(self, node, &chassis),
                None => growth.add_to_cabinet(node),
            }
        }
        growth.finish(self);
    }

    /// A server of each kind: the plainest one that is no part of a complex.
    fn templates(&self) -> Vec<Value> {
        let mut kinds: Vec<(String, usize, Value)> = Vec::new();
        for element in self.collection("nodes").elements() {
            let value = element.kept();
            if value.get("parentComplexID").is_some() {
                continue;
            }
            let kind = element.text_at("/type").unwrap_or_default();
            let length = value.to_string().len();
            match kinds.iter_mut().find(|(known, _, _)| *known == kind) {
                Some(known) if length < known.1 => *known = (kind, length, value),
                Some(_) => {}
                None => kinds.push((kind, length, value)),
            }
        }
        kinds.into_iter().map(|(_, _, value)| value).collect()
    }
}

/// What is added to a site.
#[derive(Default)]
struct Growth {
    next: usize,
    nodes: Vec<Value>,
    /// By the uuid of the chassis that they are like: the one that has room, and its servers.
    open: BTreeMap<String, (Value, Vec<Value>)>,
    chassis: Vec<Value>,
    parts: BTreeMap<&'static str, Vec<Value>>,
    cabinets: Vec<Value>,
    /// How many units of the last cabinet are taken.
    taken: usize,
}

impl Growth {
    fn add_to_chassis(&mut self, site: &Site, mut node: Value, like: &Value) {
        let key = like["uuid"].as_str().unwrap_or_default().to_owned();
        if !self.open.contains_key(&key) {
            let chassis = self.new_chassis(site, like);
            self.open.insert(key.clone(), (chassis, Vec::new()));
        }
        let Some((chassis, servers)) = self.open.get_mut(&key) else { return };
        let bays = like["bladeSlots"].as_u64().and_then(|bays| usize::try_from(bays).ok());
        let bays = bays.filter(|bays| *bays > 0).unwrap_or(USUAL_BAYS);
        let uuid = chassis["uuid"].as_str().unwrap_or_default().to_owned();
        node["parent"] = json!({ "uri": format!("chassis/{uuid}"), "uuid": uuid });
        node["slots"] = json!([servers.len() + 1]);
        node["location"] = chassis["location"].clone();
        servers.push(node);
        if servers.len() == bays
            && let Some((chassis, servers)) = self.open.remove(&key)
        {
            self.close(chassis, servers);
        }
    }

    /// A chassis like another one, with parts of its own and without servers, in a cabinet.
    fn new_chassis(&mut self, site: &Site, like: &Value) -> Value {
        let number = self.next;
        self.next += 1;
        let mut chassis = renewed(like, number);
        let (old, new) = (text(like, "uuid"), text(&chassis, "uuid"));
        for part in PARTS {
            let links = like[part].as_array().map(Vec::as_slice).unwrap_or_default();
            let mut own = Vec::new();
            for there in links.iter().filter_map(link) {
                let Some(element) = site.find(there.0, there.1) else { continue };
                let mut value = renewed(&element.kept(), number);
                replace(&mut value, &[(old.clone(), new.clone())]);
                own.push(linked(part, &value));
                self.parts.entry(part).or_default().push(value);
            }
            chassis[part] = own.into();
        }
        chassis["complex"] = json!([]);
        let height = usize::try_from(like["height"].as_u64().unwrap_or_default()).unwrap_or(0);
        let kind = if height == 0 { "DenseChassis" } else { "BladeCenter-X" };
        let (unit, cabinet) = self.room(height.max(SERVER_HEIGHT));
        place(&mut chassis, cabinet, unit);
        let row = row(&chassis, "chassis", "CHASSIS", kind, unit, height.max(SERVER_HEIGHT));
        push(&mut cabinet["chassisList"], row);
        chassis
    }

    fn close(&mut self, mut chassis: Value, servers: Vec<Value>) {
        let uuids: Vec<Value> = servers.iter().map(|node| node["uuid"].clone()).collect();
        chassis["nodes"] = servers.iter().map(|node| linked("nodes", node)).collect();
        let own: Vec<String> = chassis["switches"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(link)
            .map(|(_, key)| key.to_owned())
            .collect();
        for switch in self.parts.entry("switches").or_default() {
            if switch.get("attachedNodes").is_some() && own.contains(&text(switch, "uuid")) {
                switch["attachedNodes"] = uuids.clone().into();
            }
        }
        self.chassis.push(chassis);
        self.nodes.extend(servers);
    }

    fn add_to_cabinet(&mut self, mut node: Value) {
        let (unit, cabinet) = self.room(SERVER_HEIGHT);
        place(&mut node, cabinet, unit);
        let mut row = row(&node, "nodes", "SERVER", "", unit, SERVER_HEIGHT);
        for member in ["complexNodeCount", "nodeCount", "physicalID"] {
            row[member] = (-1).into();
        }
        push(&mut cabinet["nodeList"], row);
        self.nodes.push(node);
    }

    /// The next units in a cabinet that has room for so many.
    fn room(&mut self, units: usize) -> (usize, &mut Value) {
        if self.cabinets.is_empty() || self.taken + units > CABINET_HEIGHT {
            let number = self.cabinets.len() + 2;
            let digits = digits("cabinet", number);
            let uuid = format!(
                "{}-{}-{}-{}-{}",
                &digits[..8],
                &digits[8..12],
                &digits[12..16],
                &digits[16..20],
                &digits[20..]
            );
            self.taken = 0;
            self.cabinets.push(json!({
                "UUID": uuid, "cabinetName": format!("Rack {number}"), "chassisList": [],
                "complexList": [], "height": CABINET_HEIGHT, "location": "Data hall 1",
                "nodeList": [], "placeholderList": [], "room": "Room 1", "storageList": [],
                "switchList": [],
            }));
        }
        let unit = self.taken + 1;
        self.taken += units;
        let last = self.cabinets.len() - 1;
        (unit, &mut self.cabinets[last])
    }

    fn finish(mut self, site: &mut Site) {
        for (_, (chassis, servers)) in std::mem::take(&mut self.open) {
            self.close(chassis, servers);
        }
        site.extend("nodes", &self.nodes);
        site.extend("chassis", &self.chassis);
        for (collection, parts) in &self.parts {
            site.extend(collection, parts);
        }
        site.extend("cabinets", &self.cabinets);
    }
}

fn push(list: &mut Value, item: Value) {
    if let Some(items) = list.as_array_mut() {
        items.push(item);
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}

fn linked(collection: &str, value: &Value) -> Value {
    json!({ LINK: format!("{collection}/{}", text(value, "uuid")) })
}

/// Says of an element in which cabinet it is, and at which unit.
fn place(value: &mut Value, cabinet: &Value, unit: usize) {
    let uuid = text(cabinet, "UUID");
    value["parent"] = json!({ "uri": format!("cabinet/{uuid}"), "uuid": uuid });
    value["location"] = json!({
        "location": cabinet["location"], "lowestRackUnit": unit, "rack": cabinet["cabinetName"],
        "room": cabinet["room"],
    });
}

/// What a cabinet says of an element in it.
fn row(
    value: &Value,
    collection: &str,
    kind: &str,
    sub: &str,
    unit: usize,
    height: usize,
) -> Value {
    json!({
        "itemHeight": height, "itemInventory": linked(collection, value),
        "itemLocation": value["location"]["location"],
        "itemLocationRack": value["location"]["rack"],
        "itemLocationRoom": value["location"]["room"], "itemLowerUnit": unit,
        "itemName": value["name"], "itemParentUUID": "", "itemSubType": sub, "itemType": kind,
        "itemUUID": value["uuid"],
    })
}

/// The same element with another uuid, name, serial number and addresses.
fn renewed(like: &Value, number: usize) -> Value {
    let mut value = like.clone();
    let uuid = text(like, "uuid");
    let mut pairs = vec![(uuid.clone(), digits(&uuid, number))];
    let name = text(like, "name");
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    // Parts have the same name in every chassis, as a bay has.
    if stem.ends_with('-') {
        pairs.push((name.clone(), format!("{stem}{number}")));
    }
    let (high, middle, low) = (number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff);
    // Of the networks that are for documents and for measuring (RFC 2544, RFC 3849).
    for (member, new) in [
        ("serialNumber", format!("SAMPLE{:06}", 10_000 + number)),
        ("mgmtProcIPaddress", format!("198.18.{middle}.{low}")),
        ("macAddress", format!("02:00:5F:{high:02X}:{middle:02X}:{low:02X}")),
    ] {
        pairs.push((text(like, member), new));
    }
    pairs.push((
        like["ipv6Addresses"][0].as_str().unwrap_or_default().to_owned(),
        format!("2001:db8::{number:x}"),
    ));
    pairs.retain(|(old, _)| !old.is_empty());
    replace(&mut value, &pairs);
    value
}

/// Puts other strings in the place of these, also at the end of a path or before a domain.
fn replace(value: &mut Value, pairs: &[(String, String)]) {
    match value {
        Value::String(text) => {
            for (old, new) in pairs {
                if text == old {
                    text.clone_from(new);
                    return;
                }
                if let Some(before) = text.strip_suffix(old.as_str())
                    && before.ends_with('/')
                {
                    *text = format!("{before}{new}");
                    return;
                }
                if let Some(rest) = text.strip_prefix(old.as_str())
                    && rest.starts_with(".example.")
                {
                    *text = format!("{new}{rest}");
                    return;
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, pairs)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, pairs)),
        _ => {}
    }
}

/// 32 digits that are a function of these.
fn digits(of: &str, number: usize) -> String {
    let seed = of.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let spread = |salt: u64| {
        let mut z = seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    format!("{:016X}{:016X}", spread(1), spread(2))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::store;
    use super::*;

    fn whole(site: &Site, collection: &str) -> Vec<Value> {
        let write = |element: &Element| {
            let mut out = String::new();
            site.write(element, &|_| true, &mut out);
            serde_json::from_str(&out).unwrap()
        };
        site.collection(collection).elements().iter().map(write).collect()
    }

    #[test]
    fn a_larger_site_is_as_consistent_as_a_small_one() {
        let site = Site::default().with_servers(100);
        let nodes = whole(&site, "nodes");
        assert_eq!(nodes.len(), 100);
        for member in ["uuid", "name", "serialNumber", "mgmtProcIPaddress", "macAddress"] {
            let values: BTreeSet<&str> =
                nodes.iter().map(|node| node[member].as_str().unwrap()).collect();
            assert_eq!(values.len(), 100, "{member}");
        }
        let mut bays = BTreeSet::new();
        for node in &nodes {
            let Some(parent) = node.get("parent").and_then(|parent| parent["uuid"].as_str()) else {
                continue;
            };
            assert!(
                site.find("chassis", parent).or_else(|| site.find("cabinets", parent)).is_some(),
                "{} is in {parent}",
                node["name"]
            );
            if site.find("chassis", parent).is_some() {
                assert!(bays.insert((parent.to_owned(), node["slots"].to_string())));
            }
        }
        let mut seen = BTreeSet::new();
        for chassis in whole(&site, "chassis") {
            for node in chassis["nodes"].as_array().unwrap() {
                assert_eq!(node["parent"]["uuid"], chassis["uuid"]);
                assert!(seen.insert(node["uuid"].to_string()));
            }
            for part in PARTS {
                for one in chassis[part].as_array().unwrap() {
                    assert_eq!(one["parent"]["uuid"], chassis["uuid"], "{part}");
                    assert!(seen.insert(one["uuid"].to_string()), "{part} {one}");
                }
            }
        }
        assert!(bays.len() > 60 && seen.len() > 100, "{} {}", bays.len(), seen.len());
        let mut shelved = 0;
        for cabinet in whole(&site, "cabinets") {
            let units = |list: &str| cabinet[list].as_array().unwrap().clone();
            for row in units("chassisList").into_iter().chain(units("nodeList")) {
                assert_eq!(row["itemInventory"]["uuid"], row["itemUUID"]);
                shelved += 1;
            }
        }
        let chassis = site.collection("chassis").elements().len();
        assert_eq!(shelved, chassis + 100 - bays.len());
    }

    #[test]
    fn the_same_number_gives_the_same_site_and_a_smaller_one_is_a_part_of_it() {
        let of = |servers| whole(&Site::default().with_servers(servers), "cabinets");
        assert_eq!(of(50), of(50));
        let built_in = Site::default();
        for servers in 0..8 {
            let site = Site::default().with_servers(servers);
            assert_eq!(whole(&site, "nodes"), whole(&built_in, "nodes")[..servers]);
            for name in store::names() {
                for element in site.collection(name).elements() {
                    assert!(element.links().iter().all(|link| site.knows(link)), "{name}");
                }
            }
        }
        assert!(Site::default().with_servers(8).different().is_empty());
    }
}
