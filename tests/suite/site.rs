//! The site of the double over HTTP: lists, single elements, attributes, filters, tables, whether
//! its parts agree, a site of one's own, and sites of other sizes.
//!
//! Knows: the binary, and what docs/double.md promises. Must not know: the library behind it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::support::command::{binary, lxca, text};
use serde_json::{Value, json};

/// `USERID:PASSW0RD`.
const FIRST: &str = "Basic VVNFUklEOlBBU1NXMFJE";
/// `OPERATOR:PASSW0RD`.
const SECOND: &str = "Basic T1BFUkFUT1I6UEFTU1cwUkQ=";

/// Path, and the member that holds the list.
const LISTS: [(&str, &str); 11] = [
    ("/nodes", "nodeList"),
    ("/chassis", "chassisList"),
    ("/switches", "switchList"),
    ("/cmms", "cmmList"),
    ("/fans", "fanList"),
    ("/fanMuxes", "fanMuxList"),
    ("/powerSupplies", "powerSupplyList"),
    ("/canisters", "canisterList"),
    ("/scalableComplex", "complex"),
    ("/storage", "storageList"),
    ("/cabinet", "cabinetList"),
];

struct Double {
    child: Child,
    address: String,
}

impl Double {
    fn start(arguments: &[&str]) -> Self {
        let mut child =
            binary().args(["serve", "--quiet"]).args(arguments).spawn().expect("the double starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its stdout"))
            .read_line(&mut line)
            .expect("its first line");
        let address = line.trim_end().strip_prefix("http://").expect("plain HTTP").to_owned();
        Self { child, address }
    }

    /// Status, header lines and body.
    fn ask(&self, method: &str, target: &str, who: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a bound");
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: double\r\nConnection: close\r\nAuthorization: {who}\r\n\r\n"
        )
        .expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        let status = head[9..12].parse().expect("a status");
        (status, head.to_owned(), body.to_owned())
    }

    fn get(&self, target: &str) -> Value {
        let (status, _, body) = self.ask("GET", target, FIRST);
        assert_eq!(status, 200, "{target}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    fn status(&self, target: &str) -> u16 {
        self.ask("GET", target, FIRST).0
    }

    fn list(&self, path: &str) -> Vec<Value> {
        let (_, member) = LISTS.iter().find(|(known, _)| *known == path).expect("a list");
        rows(&self.get(path), member)
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rows(body: &Value, member: &str) -> Vec<Value> {
    body[member].as_array().unwrap_or_else(|| panic!("no {member}")).clone()
}

fn said(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}")).to_owned()
}

#[test]
fn every_element_of_a_list_can_be_had_alone_in_either_case_of_letters() {
    let double = Double::start(&[]);
    let bodies: BTreeMap<&str, Value> =
        LISTS.iter().map(|(path, _)| (*path, double.get(path))).collect();
    for (path, member) in LISTS {
        let key = if path == "/cabinet" { "UUID" } else { "uuid" };
        for element in rows(&bodies[path], member) {
            let uuid = said(&element, key);
            for uuid in [uuid.clone(), uuid.to_lowercase()] {
                let alone = double.get(&format!("{path}/{uuid}"));
                let alone = if path == "/storage" { alone[member][0].clone() } else { alone };
                assert_eq!(alone, element, "{path}/{uuid}");
            }
        }
        assert_eq!(double.status(&format!("{path}/NONE")), 404, "{path}");
        let (status, head, _) = double.ask("DELETE", path, FIRST);
        assert_eq!(status, 405, "{path}");
        assert!(head.to_lowercase().contains("allow: get"), "{head}");
        assert_eq!(double.ask("GET", path, SECOND).0, 403, "{path}");
        assert_eq!(double.ask("GET", path, "Basic eDp5").0, 401, "{path}");
    }
}

#[test]
fn several_keys_attributes_filters_and_tables_are_as_documented() {
    let double = Double::start(&[]);
    let nodes = double.list("/nodes");
    let [first, last] = [&nodes[0], &nodes[nodes.len() - 1]].map(|node| said(node, "uuid"));
    let both = double.get(&format!("/nodes/{last},none,{}", first.to_lowercase()));
    assert_eq!(both, json!({ "nodeList": [nodes[nodes.len() - 1], nodes[0]] }));

    let few = double.get(&format!("/nodes/{first}?includeAttributes=name,none"));
    let names: Vec<&String> = few.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["dataHandle", "name", "parent", "uri", "uuid"]);
    let most = double.get(&format!("/nodes/{first}?excludeAttributes=name,uuid"));
    assert!(most.get("name").is_none() && most.get("uuid").is_some());
    assert_eq!(most.as_object().unwrap().len() + 1, nodes[0].as_object().unwrap().len());

    assert_eq!(rows(&double.get("/nodes?status=managed"), "nodeList"), nodes);
    assert_eq!(rows(&double.get("/nodes?status=unmanaged"), "nodeList"), Vec::<Value>::new());
    assert_eq!(rows(&double.get("/chassis?status=managed"), "chassisList").len(), 2);

    let (status, head, body) = double.ask("GET", "/nodes?formatType=csv", FIRST);
    assert_eq!((status, body.lines().count()), (200, nodes.len() + 1), "{body}");
    let head = head.to_lowercase();
    assert!(head.contains("content-type: text/csv") && head.contains("location: /nodes/nodes.csv"));
    assert_eq!(double.ask("GET", "/nodes/nodes.csv", FIRST).2, body);
}

#[test]
fn faults_and_edits_name_the_operations_of_the_site() {
    let double = Double::start(&[
        "--fault",
        "nodes.list 200: drop /nodeList/*/uuid",
        "--fault",
        "chassis.get: 503 on call 1",
        "--fault",
        "GET /fans/{uuid}: set /type \"Propeller\"",
    ]);
    let nodes = double.list("/nodes");
    assert!(nodes.len() == 8 && nodes.iter().all(|node| node.get("uuid").is_none()));
    let uuid = said(&double.list("/chassis")[0], "uuid");
    assert_eq!([0; 2].map(|_| double.status(&format!("/chassis/{uuid}"))), [503, 200]);
    let fan = said(&double.list("/fans")[0], "uuid");
    assert_eq!(double.get(&format!("/fans/{fan}"))["type"], "Propeller");
}

/// What must hold between the lists of a site.
fn agrees(double: &Double, servers: usize) {
    let by_uuid = |path: &str| -> BTreeMap<String, Value> {
        double.list(path).into_iter().map(|element| (said(&element, "uuid"), element)).collect()
    };
    let (nodes, chassis) = (by_uuid("/nodes"), by_uuid("/chassis"));
    assert_eq!(nodes.len(), servers);
    let cabinets = rows(&double.get("/cabinet?status=includestandalone"), "cabinetList");
    let cabinet_uuids: BTreeSet<String> =
        cabinets.iter().map(|cabinet| said(cabinet, "UUID")).collect();

    let mut in_chassis = 0;
    for one in chassis.values() {
        for (member, path) in [
            ("nodes", "/nodes"),
            ("cmms", "/cmms"),
            ("fans", "/fans"),
            ("fanMuxes", "/fanMuxes"),
            ("powerSupplies", "/powerSupplies"),
            ("switches", "/switches"),
        ] {
            let there = by_uuid(path);
            let mut slots = BTreeSet::new();
            for part in rows(one, member) {
                assert_eq!(there.get(&said(&part, "uuid")), Some(&part), "{member}");
                assert_eq!(part["parent"]["uuid"], one["uuid"], "{member}");
                assert!(slots.insert(part["slots"].to_string()), "a slot of {member} twice");
                in_chassis += usize::from(member == "nodes");
            }
        }
    }
    for (uuid, node) in &nodes {
        let parent = node.get("parent").map(|parent| said(parent, "uuid"));
        if let Some(parent) = parent {
            let holder = chassis.get(&parent);
            assert!(holder.is_some() || cabinet_uuids.contains(&parent), "{uuid} in {parent}");
            if let Some(holder) = holder {
                assert!(rows(holder, "nodes").contains(node), "{uuid} is in its chassis");
            }
        }
    }
    let mut shelved: Vec<Value> = Vec::new();
    for cabinet in &cabinets {
        for list in ["chassisList", "nodeList", "storageList", "switchList"] {
            for row in rows(cabinet, list) {
                assert!(row["itemInventory"]["uuid"].is_string(), "{row}");
                if list == "nodeList" {
                    shelved.push(row["itemInventory"].clone());
                }
            }
        }
    }
    assert_eq!(in_chassis + shelved.len(), servers, "each server is in a chassis or a cabinet");
    for complex in double.list("/scalableComplex") {
        let partitions = rows(&complex, "partition");
        let count = partitions.iter().map(|one| rows(one, "nodes").len()).sum::<usize>()
            + rows(&complex, "orphanNodes").len();
        assert_eq!(complex["nodeCount"], count);
        assert_eq!(complex["partitionCount"], partitions.len());
    }
    for switch in double.list("/switches") {
        for uuid in switch["attachedNodes"].as_array().into_iter().flatten() {
            assert!(nodes.contains_key(uuid.as_str().expect("a uuid")), "{uuid}");
        }
    }
    for storage in double.list("/storage") {
        for canister in storage["canisters"].as_array().into_iter().flatten() {
            assert!(double.list("/canisters").contains(canister));
        }
    }
}

#[test]
fn the_parts_of_a_site_agree_whatever_its_size() {
    agrees(&Double::start(&[]), 8);
    agrees(&Double::start(&["--size", "60"]), 60);
    agrees(&Double::start(&["--size", "3"]), 3);
}

#[test]
fn a_site_has_every_kind_of_server_and_switch() {
    let double = Double::start(&[]);
    let kinds = |path: &str| -> Vec<String> {
        let kinds: BTreeSet<String> =
            double.list(path).iter().map(|element| said(element, "type")).collect();
        kinds.into_iter().collect()
    };
    assert_eq!(kinds("/nodes"), ["ITE", "NeXtScale", "Rack-Tower Server"]);
    assert_eq!(kinds("/switches"), ["Rackswitch", "Switch"]);
    assert_eq!(kinds("/chassis"), ["Chassis", "DenseChassis"]);
    assert_eq!(kinds("/storage"), ["Lenovo Storage", "SCU"]);
}

#[test]
fn a_thousand_servers_are_answered_at_once_and_the_same_each_time() {
    let double = Double::start(&["--size", "1000"]);
    let body = double.ask("GET", "/nodes", FIRST).2;
    let begun = Instant::now();
    let again = double.ask("GET", "/nodes", FIRST).2;
    let took = begun.elapsed();
    assert_eq!(body, again);
    assert_eq!(rows(&serde_json::from_str(&body).expect("JSON"), "nodeList").len(), 1000);
    // Nothing is read or made per request; a debug build on a busy machine takes some 100 ms.
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(Double::start(&["--size", "1000"]).ask("GET", "/nodes", FIRST).2, body);
}

#[test]
fn a_site_of_ones_own_replaces_what_it_names_and_comes_back_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.json");
    let own = json!({ "site": {
        "nodes": [{ "uuid": "AB12", "name": "mine", "type": "ITE" }],
        "chassis": [{ "uuid": "CD34", "nodes": [{ "$element": "nodes/AB12" }] }],
        "fans": [],
    } });
    fs::write(&file, own.to_string()).expect("a file");
    let path = text(&file);
    let double = Double::start(&["--state", path]);
    assert_eq!(double.get("/nodes")["nodeList"], own["site"]["nodes"]);
    assert_eq!(double.get("/chassis/cd34")["nodes"][0]["name"], "mine");
    assert_eq!(double.get("/fans"), json!({ "fanList": [] }));
    assert_eq!(double.list("/cmms").len(), 2, "what isn't named is as in every double");
    let cabinets = rows(&double.get("/cabinet?status=includestandalone"), "cabinetList");
    assert!(cabinets.iter().all(|cabinet| rows(cabinet, "nodeList").is_empty()));

    let told = double.get("/_double/state");
    assert_eq!(told["site"]["nodes"], own["site"]["nodes"]);
    assert_eq!(told["site"]["chassis"], own["site"]["chassis"]);
    fs::write(&file, told.to_string()).expect("a file");
    let again = Double::start(&["--state", path]);
    for (list, _) in LISTS {
        assert_eq!(again.get(list), double.get(list), "{list}");
    }
    assert!(Double::start(&[]).get("/_double/state").get("site").is_none());
}

#[test]
fn a_wrong_site_or_size_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.json");
    fs::write(&file, "{\n  \"site\": {\n    \"nodes\": [{ \"name\": \"x\" }]\n  }\n}").unwrap();
    let answer = lxca(&["serve", "--state", text(&file)]);
    let said = answer.stderr;
    assert_eq!(answer.exit, 2, "{said}");
    assert!(said.contains("line 3, column 15: an element has a string `uuid`"), "{said}");
    for size in ["0", "10001", "many"] {
        let answer = lxca(&["serve", "--size", size]);
        assert_eq!(answer.exit, 2, "{size}");
    }
}
