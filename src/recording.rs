//! Recordings, as one record that is judged like any other: those that somebody else made, HAR and
//! VCR, and our own.
//!
//! Knows: texts of recordings, the contract's operations, what may not be kept. Pure: texts in,
//! exchanges with their places out. Must not know: files, networks, verdicts.

mod appliances;
mod entry;
mod exchange;
mod har;
mod matching;
mod own;
mod secrets;
mod tree;
mod vcr;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::catalogue::{Catalogue, Effect};
use crate::contract::Contract;
use crate::contract::operation_of;
use crate::exchange::{Exchange, Oddity, Received};
use crate::judge::case_of;
use crate::plan::Scope;
use crate::problem::Problem;
use crate::record::{
    CatalogueId, ContractId, FORMAT, Footer, Header, Identity, OutsideContract, Record,
    RecordedFile, Recording, Row, SkippedEntry, TargetId, TargetKind, Tool,
};
use crate::texts::hex;
use crate::why::Trust;

pub use own::{Keeper, Part, Seen, SeenAnswer, completed};

use appliances::appliances;
use entry::Entry;
use exchange::{UNKNOWN, exchange};
use matching::{Bases, Place};
use secrets::Secrets;

/// A recording that was read. It holds secrets, and shows nothing of itself.
pub struct File {
    name: String,
    form: String,
    digest: [u8; 32],
    entries: Vec<Result<Entry, String>>,
}

impl File {
    /// SHA-256 of its text.
    #[must_use]
    pub fn digest(&self) -> String {
        format!("sha256:{}", hex(&self.digest))
    }
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({}, {}, {} entries)", self.name, self.form, self.entries.len())
    }
}

const FORMS: &str = "expected a HAR 1.2 (`log.entries`), or a cassette of VCR \
    (`http_interactions`) or vcrpy (`interactions`), as JSON or YAML";

/// Reads a recording, whatever its name ends in.
pub fn read(name: &str, text: &str) -> Result<File, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_start();
    if start.is_empty() {
        return Err(Problem::new(name, "the file is empty").fix(FORMS));
    }
    let root =
        if start.starts_with(['{', '[']) { tree::json(name, text) } else { tree::yaml(name, text) }
            .map_err(|problem| problem.fix(FORMS))?;
    let first_line = |what: String| Problem::new(name, what).at(text, 0).fix(FORMS);
    let lists = lists(&root);
    let read = if lists > 1 {
        Err(format!("it has {lists} lists of exchanges, where a recording has one"))
    } else if root.get("log").is_some() {
        har::entries(&root)
    } else if vcr::is_one(&root) {
        vcr::entries(&root)
    } else {
        Err(format!("it contains {}, and isn't a recording", root.kind()))
    };
    let (form, entries) = read.map_err(first_line)?;
    Ok(File {
        name: name.to_owned(),
        form,
        digest: Sha256::digest(text.as_bytes()).into(),
        entries,
    })
}

/// How many lists of exchanges a file has: of those that are called the same, most readers know the
/// last one only.
fn lists(root: &tree::Node) -> usize {
    let named: usize = ["log"].iter().chain(vcr::LISTS).map(|name| root.times(name)).sum();
    named.max(root.get("log").map_or(0, |log| log.times("entries")))
}

/// A request whose operation is known, or that is of none.
struct Met<'a> {
    file: usize,
    number: u64,
    entry: &'a Entry,
    place: Place,
    step: String,
}

/// The record of recordings, judged together.
#[must_use]
pub fn record(contract: &Contract, catalogue: &Catalogue, files: &[File]) -> Record {
    let mut secrets = Secrets::of(contract.appliance.login.as_ref());
    for entry in files.iter().flat_map(|file| &file.entries).flatten() {
        secrets.learn(entry);
    }
    let names = short_names(files);
    let mut recording = Recording::default();
    let mut met = Vec::new();
    let mut outside = Outside::default();
    for (index, file) in files.iter().enumerate() {
        recording.files.push(RecordedFile {
            name: file.name.clone(),
            form: file.form.clone(),
            entries: file.entries.len() as u64,
            in_contract: 0,
        });
        for (number, entry) in (1..).zip(&file.entries) {
            let step = format!("{}#{number}", names[index]);
            match entry {
                Err(why) => recording.skipped.push(SkippedEntry {
                    file: file.name.clone(),
                    entry: number,
                    why: why.clone(),
                    unread: true,
                }),
                Ok(entry) => match Place::of(&entry.url) {
                    Some(place) => met.push(Met { file: index, number, entry, place, step }),
                    None => outside.add(&entry.method, "an address that isn't HTTP", &step),
                },
            }
        }
    }
    let bases =
        Bases::learn(contract, met.iter().map(|met| (met.entry.method.as_str(), &met.place)));
    let mut exchanges = Vec::new();
    for met in &met {
        let path = met.place.path(bases.length(&met.place));
        let known = operation_of(contract, &met.entry.method, &path)
            .and_then(|operation| contract.operations.get(operation));
        let Some(operation) = known else {
            let path = secrets.redactor.text(&secrets.without_session(&met.place.outline()));
            outside.add(&met.entry.method, &path, &met.step);
            continue;
        };
        let mut exchange = exchange(met, &path, &secrets);
        exchange.case = case_of(contract, operation, &exchange);
        recording.files[met.file].in_contract += 1;
        exchanges.push((secrets.redactor.text(&bases.address(&met.place)), met.file, exchange));
    }
    recording.outside = outside.rows();
    let identity = appliances(&contract.appliance.identify, &exchanges, &mut recording);
    recording.cannot_show = CANNOT_SHOW.iter().map(|what| (*what).to_owned()).collect();
    recording.lacks = lacks(&exchanges);
    let exchanges: Vec<Exchange> = exchanges.into_iter().map(|(.., exchange)| exchange).collect();
    whole(contract, catalogue, files, recording, identity, exchanges)
}

/// Every exchange of the recordings, in their order and without secrets, also those that are of no
/// operation of the contract: for whoever serves them again.
#[must_use]
pub fn exchanges(contract: &Contract, files: &[File]) -> Vec<Exchange> {
    let mut secrets = Secrets::of(contract.appliance.login.as_ref());
    let entries = || {
        files.iter().enumerate().flat_map(|(file, one)| {
            (1..).zip(&one.entries).filter_map(move |(number, entry)| {
                entry.as_ref().ok().map(|entry| (file, number, entry))
            })
        })
    };
    for (_, _, entry) in entries() {
        secrets.learn(entry);
    }
    let met: Vec<Met<'_>> = entries()
        .filter_map(|(file, number, entry)| {
            let place = Place::of(&entry.url)?;
            Some(Met { file, number, entry, place, step: String::new() })
        })
        .collect();
    let bases =
        Bases::learn(contract, met.iter().map(|met| (met.entry.method.as_str(), &met.place)));
    met.iter()
        .map(|met| exchange(met, &met.place.path(bases.length(&met.place)), &secrets))
        .collect()
}

/// The header and the footer around the exchanges.
fn whole(
    contract: &Contract,
    catalogue: &Catalogue,
    files: &[File],
    recording: Recording,
    identity: Identity,
    exchanges: Vec<Exchange>,
) -> Record {
    let mut digest = Sha256::new();
    for file in files {
        digest.update(file.digest);
    }
    let digest = format!("sha256:{}", hex(&digest.finalize()));
    let known = || exchanges.iter().map(|exchange| exchange.at).filter(|at| *at != UNKNOWN);
    let (started, finished) = (known().min().unwrap_or(UNKNOWN), known().max().unwrap_or(UNKNOWN));
    let planned: BTreeSet<String> =
        exchanges.iter().map(|exchange| exchange.case.clone()).collect();
    let addresses: BTreeSet<&str> =
        recording.appliances.iter().map(|one| one.address.as_str()).collect();
    let url = match addresses.into_iter().collect::<Vec<_>>().as_slice() {
        [only] if !only.is_empty() => (*only).to_owned(),
        _ => NO_ADDRESS.to_owned(),
    };
    let name = match files {
        [only] => only.name.clone(),
        several => format!("{} recordings", several.len()),
    };
    let header = Header {
        format: FORMAT.to_owned(),
        tool: Tool::this(),
        contract: ContractId {
            digest: contract.digest.clone(),
            documents: contract.documents.iter().map(Into::into).collect(),
        },
        catalogue: CatalogueId::from(catalogue),
        target: TargetId {
            name,
            kind: TargetKind::Recording,
            url,
            tls: "not known: the connection was somebody else's".to_owned(),
            trust: Some(Trust::Unverified),
            digest: digest.clone(),
        },
        scope: Scope {
            allow: Effect::Read,
            filters: Vec::new(),
            strict: false,
            facts: BTreeMap::new(),
            bad_logins: 0,
            shard: None,
        },
        planned: planned.into_iter().collect(),
        left_out: Vec::new(),
        started,
    };
    let footer = Footer {
        finished,
        rows: exchanges.len() as u64 + 1,
        exchanges: exchanges.len() as u64,
        ended_early: None,
        digest: digest.clone(),
    };
    let rows = std::iter::once(Row::Identity(identity))
        .chain(exchanges.into_iter().map(|exchange| Row::Exchange(Box::new(exchange))))
        .collect();
    Record {
        header,
        rows,
        footer: Some(footer),
        flaws: Vec::new(),
        digest,
        recording: Some(recording),
    }
}

/// The placeholder for the address where there are several, or none.
const NO_ADDRESS: &str = "https://ADDRESS";

/// The last part of each name, where that tells the files apart.
fn short_names(files: &[File]) -> Vec<String> {
    let short = |file: &File| file.name.rsplit(['/', '\\']).next().unwrap_or(&file.name).to_owned();
    let names: Vec<String> = files.iter().map(short).collect();
    let all: BTreeSet<&String> = names.iter().collect();
    if all.len() == names.len() {
        return names;
    }
    files.iter().map(|file| file.name.clone()).collect()
}

/// Requests outside of the contract, by method and path.
#[derive(Default)]
struct Outside(BTreeMap<(String, String), (u64, String)>);

impl Outside {
    fn add(&mut self, method: &str, path: &str, step: &str) {
        let key = (path.to_owned(), method.to_owned());
        self.0.entry(key).or_insert_with(|| (0, step.to_owned())).0 += 1;
    }

    fn rows(self) -> Vec<OutsideContract> {
        let row = |((path, method), (exchanges, first))| OutsideContract {
            method,
            path,
            exchanges,
            first,
        };
        self.0.into_iter().map(row).collect()
    }
}

/// What a reader learns from no recording.
const CANNOT_SHOW: [&str; 4] = [
    "that an appliance sent it, because a recording can be edited",
    "whether unauthenticated requests are refused, because recorders leave out credentials",
    "whether an answer fits its request, and what effect the request had",
    "rules about time, because the clock of the appliance isn't known",
];

/// What checks need and these recordings don't have.
fn lacks(exchanges: &[(String, usize, Exchange)]) -> Vec<String> {
    let mut found = Vec::new();
    if exchanges.iter().all(|(.., exchange)| exchange.at == UNKNOWN) && !exchanges.is_empty() {
        found.push("every time".to_owned());
    }
    let count = |is: &dyn Fn(&Exchange) -> bool| {
        exchanges.iter().filter(|(.., exchange)| is(exchange)).count()
    };
    let answered =
        |exchange: &Exchange, is: &dyn Fn(&Received) -> bool| exchange.got.as_ref().is_some_and(is);
    let unlabelled = |got: &Received| got.body.bytes > 0 && got.header("content-type").is_none();
    for (number, what) in [
        (count(&|one| answered(one, &unlabelled)), "the Content-Type"),
        (
            count(&|one| answered(one, &|got| got.oddities.contains(&Oddity::BodyUnsure))),
            "the body as it was sent",
        ),
        (count(&|one| one.got.is_none()), "the answer, or its status"),
    ] {
        if number > 0 {
            found.push(format!("{what} ({number} of {} answers)", exchanges.len()));
        }
    }
    found
}
