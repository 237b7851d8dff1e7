//! The operation file of a draft, with its schemas, cases and fault rows.
//!
//! Knows: what a page says of one operation. Must not know: other operations, files.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::import::draft::{At, Attribute, Defect, Draft, Known};
use crate::import::evidence::Ground;

use super::errata::Erratum;
use super::register::{Basis, Register, Requirement};
use super::request::{self, Requests};
use super::schema::Maker;
use super::text::{kebab, quoted};
use super::{KnownOperation, Order};

/// One operation, written.
pub(super) struct Written {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) document: String,
    /// The effect of a request, and whether a person said so.
    pub(super) effect: String,
    pub(super) source: String,
    pub(super) errata: Vec<Erratum>,
    pub(super) register: Register,
    pub(super) files: Vec<(String, String)>,
    pub(super) faults: String,
    /// Why requests aren't sent that could be.
    pub(super) unsent: Vec<(String, String)>,
}

/// The id of the operation of a draft: that of the built-in contract, or words of its path and its
/// method.
pub(super) fn id(draft: &Draft, known: &[KnownOperation], taken: &[String]) -> Option<String> {
    let (method, path) = (draft.method.as_ref()?, draft.path.as_ref()?);
    if let Some(known) =
        known.iter().find(|one| one.method == method.value && same_path(&one.path, &path.value))
    {
        return Some(known.id.clone());
    }
    let words: Vec<String> = path
        .value
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            let name = kebab(segment.trim_matches(['{', '}']));
            if segment.starts_with('{') { format!("by-{name}") } else { name }
        })
        .collect();
    let base = format!("{}.{}", words.join("-"), method.value.to_ascii_lowercase());
    let free = |id: &str| !known.iter().any(|one| one.id == id) && !taken.iter().any(|it| it == id);
    (1..100)
        .map(|count| if count == 1 { base.clone() } else { format!("{base}-{count}") })
        .find(|id| free(id))
}

/// Whether two paths are one, whatever their placeholders are called.
pub(super) fn same_path(a: &str, b: &str) -> bool {
    let mut a = a.split('/');
    let mut b = b.split('/');
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(one), Some(two)) => {
                let both = one.starts_with('{') && two.starts_with('{');
                if !both && one != two {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// A place in the contract: the words of the page, and where in the saved page.
pub(super) fn placed(place: &str, at: At, order: &Order<'_>) -> String {
    match order.pages.get(usize::from(at.page)) {
        Some(page) if at.line > 0 => {
            let name = page.name.rsplit(['/', '\\']).next().unwrap_or(&page.name);
            format!("{place} ({name}:{}:{})", at.line, at.column)
        }
        _ => place.to_owned(),
    }
}

/// Where a row stands: in the page, in that of another operation, or in what was seen.
pub(super) fn shown(row: &Attribute, section: &str, path: &str) -> String {
    let evidence = &row.evidence;
    match evidence.ground {
        Ground::Stated => format!("{section}, row {path}"),
        Ground::Neighbour => {
            let from = evidence.from.as_deref().unwrap_or("a related page");
            format!("{from}, {section}, row {path}")
        }
        Ground::Example if evidence.seen.is_empty() => format!("samples, {section}, member {path}"),
        Ground::Example => {
            format!("samples, {section}, member {path} ({})", evidence.seen.join(", "))
        }
    }
}

/// The statement that a request without credentials is refused.
pub(super) struct Auth {
    pub(super) requirement: String,
    pub(super) status: Vec<u16>,
}

pub(super) fn write(draft: &Draft, id: &str, order: &Order<'_>) -> Written {
    let method = draft.method.as_ref().map(|spot| spot.value.clone()).unwrap_or_default();
    let path = draft.path.as_ref().map(|spot| spot.value.clone()).unwrap_or_default();
    // Placeholders of an operation that is known already keep their names.
    let path =
        order.known.iter().find(|known| known.id == id).map_or(path, |known| known.path.clone());
    let document = format!("imported-{}", kebab(&id.replace('.', "-")));
    let errata: Vec<Erratum> = draft
        .defects
        .iter()
        .enumerate()
        .map(|(index, defect)| erratum(defect, id, index + 1, order))
        .collect();
    let mut written = Written {
        id: id.to_owned(),
        effect: effect(&method, id, order),
        source: source(draft, &document, &method, &path, order),
        method,
        path,
        document,
        errata,
        register: Register::default(),
        files: Vec::new(),
        faults: String::new(),
        unsent: Vec::new(),
    };
    let auth = auth(draft, &mut written, order);
    let rows = responses(draft, &mut written, order);
    let requests = request::tables(draft, &mut written, order, &rows, auth.as_ref());
    let file = file(draft, &written, &rows, auth.as_ref(), &requests);
    let folder = written.path.trim_start_matches('/').to_owned();
    let stem = format!("{folder}/{}", written.method.to_ascii_lowercase());
    if requests.has_body {
        let id = schema_id(&format!("{stem}.request.json"));
        let stub = serde_json::json!({ "$id": id });
        written.files.push((format!("{stem}.request.json"), format!("{stub:#}\n")));
    }
    written.files.push((format!("{stem}.operation.toml"), file));
    if let Some(cases) = requests.cases {
        written.files.push((format!("{stem}.toml"), cases));
    }
    written
}

fn erratum(defect: &Defect, id: &str, number: usize, order: &Order<'_>) -> Erratum {
    Erratum::of(defect, id, number, placed("page", defect.at, order))
}

/// Of what changes something, the worst is taken until somebody says otherwise.
fn effect(method: &str, id: &str, order: &Order<'_>) -> String {
    let safest = if method == "GET" { "read" } else { "destroy" };
    order.decisions.effect(id).unwrap_or(safest).to_owned()
}

fn source(draft: &Draft, document: &str, method: &str, path: &str, order: &Order<'_>) -> String {
    let version = match draft.since.known().and_then(Option::as_ref) {
        Some(since) => format!("{} or later", since.value),
        None => "not stated".to_owned(),
    };
    let page = draft.path.as_ref().and_then(|spot| order.pages.get(usize::from(spot.at.page)));
    let mut text = format!(
        "\n[[document]]\nid      = {}\ntitle   = {}\nproduct = \"Lenovo XClarity Administrator\"\n\
        version = {}\nread    = {}\n",
        quoted(document),
        quoted(&format!("{method} {path}")),
        quoted(&version),
        quoted(order.today)
    );
    if let Some(url) = &draft.url {
        let _ = writeln!(text, "url     = {}", quoted(url));
    }
    if let Some(page) = page {
        let hash = Sha256::digest(page.text.as_bytes());
        let _ = writeln!(text, "sha256  = {}", quoted(&crate::texts::hex(&hash)));
    }
    text.push_str("role    = \"imported\"\n");
    text
}

fn requirement(id: String, basis: Basis, statement: String, place: String) -> Requirement {
    Requirement { id, basis, statement, place, erratum: None, excluded: None, one_sided: None }
}

fn auth(draft: &Draft, written: &mut Written, order: &Order<'_>) -> Option<Auth> {
    let spot = draft.authentication.as_ref().filter(|spot| spot.value)?;
    let listed = |code: u16| {
        draft.codes.known().is_some_and(|codes| codes.iter().any(|it| it.value == code))
    };
    // A request without a body may be refused for that before anybody asks who sends it.
    let bare = written.method != "GET" && (listed(400) || draft.codes.known().is_none());
    let mut status = if listed(401) { vec![401] } else { vec![401, 403] };
    if bare {
        status.insert(0, 400);
    }
    let mut one = requirement(
        format!("{}/auth", written.id),
        Basis::Stated,
        "A request without valid credentials is refused.".to_owned(),
        placed("Authentication", spot.at, order),
    );
    one.erratum = written
        .errata
        .iter()
        .find(|erratum| erratum.kind == crate::import::DefectKind::Code401Missing)
        .map(|erratum| erratum.id.clone());
    let requirement = written.register.add(one, order.decisions);
    Some(Auth { requirement, status })
}

/// One documented answer.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) name: String,
    pub(super) requirement: String,
    schema: Option<String>,
    empty: bool,
    /// Whether the page doesn't list it.
    pub(super) inferred: bool,
}

impl Response {
    pub(super) fn succeeds(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

fn schema_id(path: &str) -> String {
    format!("lxca:///{}", path.replace('{', "%7B").replace('}', "%7D"))
}

fn responses(draft: &Draft, written: &mut Written, order: &Order<'_>) -> Vec<Response> {
    let none = Vec::new();
    let codes = draft.codes.known().unwrap_or(&none);
    let attributes = draft.response.known().map_or(&[][..], Vec::as_slice);
    let mut rows = Vec::new();
    let mut described = false;
    for code in codes {
        let status = code.value;
        let ground = draft.code_grounds.get(&status).copied().unwrap_or_default();
        let id = format!("{}/status/{status}", written.id);
        let statement = match status {
            204 => {
                "A request that succeeds without an answer has status 204 and no body.".to_owned()
            }
            200..300 => format!("A request that succeeds has status {status}."),
            _ => format!("{status} is one of the documented statuses."),
        };
        let place = match ground {
            Ground::Stated => placed("Response codes", code.at, order),
            Ground::Neighbour => "Response codes of a related page".to_owned(),
            Ground::Example => "recorded answers".to_owned(),
        };
        let one = requirement(id, Basis::on(ground), statement, place);
        let requirement = written.register.add(one, order.decisions);
        let mut row = Response {
            status,
            name: format!("{}-{status}", if status < 400 { "answer" } else { "error" }),
            requirement,
            schema: None,
            empty: status == 204,
            inferred: false,
        };
        if row.succeeds() && status != 204 && !described && !attributes.is_empty() {
            described = true;
            row.schema = Some(described_by(draft, attributes, status, written, order));
        }
        rows.push(row);
    }
    // Where the page has lost its codes, or lists none for these, what they are is inferred.
    let inferred =
        |status: u16, topic: &str, basis, statement: &str, place: &str, written: &mut Written| {
            let id = format!("{}/{topic}", written.id);
            let one = requirement(id, basis, statement.to_owned(), place.to_owned());
            let requirement = written.register.add(one, order.decisions);
            Response {
                status,
                name: format!("{}-{status}", if status < 400 { "answer" } else { "error" }),
                requirement,
                schema: None,
                empty: false,
                inferred: true,
            }
        };
    let listed = |wanted: &dyn Fn(u16) -> bool| codes.iter().any(|code| wanted(code.value));
    if !listed(&|code| (200..300).contains(&code)) {
        let statement = "A right request is accepted.";
        let mut row = inferred(200, "purpose", Basis::Stated, statement, "Title", written);
        // An answer that is described without any code is that of a success.
        if !attributes.is_empty() && draft.codes == Known::Unknown {
            row.schema = Some(described_by(draft, attributes, 200, written, order));
        }
        rows.push(row);
    }
    let demanded = draft.authentication.as_ref().is_some_and(|spot| spot.value);
    if demanded && !listed(&|code| code == 401) {
        let statement = "A request that is refused for its credentials has status 401.";
        let place = "no such response code";
        rows.push(inferred(401, "status/401", Basis::Inferred, statement, place, written));
    }
    rows
}

/// Writes the schema of an answer, with the faults that it can tell; gives the name of its file.
fn described_by(
    draft: &Draft,
    attributes: &[Attribute],
    status: u16,
    written: &mut Written,
    order: &Order<'_>,
) -> String {
    let name = format!("{}.{status}.json", written.method.to_ascii_lowercase());
    let file = format!("{}/{name}", written.path.trim_start_matches('/'));
    let title = format!("Answer to {} {}", written.method, written.path);
    let mut maker = Maker {
        operation: &written.id,
        order,
        errata: &written.errata,
        register: &mut written.register,
        faults: Vec::new(),
    };
    let schema: Value = maker.schema(&schema_id(&file), &title, attributes, draft);
    for (edit, requirement) in maker.faults {
        let _ = write!(
            written.faults,
            "\n[[fault]]\nname    = {}\nsummary = {}\nedit    = {}\nbreaks  = [{}]\n",
            quoted(&format!("{}-broken", requirement.replace(['/', '.', '*'], "-"))),
            quoted(&format!("{requirement} is broken.")),
            quoted(&format!("{} {} {status}: {edit}", written.method, written.path)),
            quoted(&requirement)
        );
    }
    written.files.push((file, format!("{schema:#}\n")));
    name
}

fn file(
    draft: &Draft,
    written: &Written,
    rows: &[Response],
    auth: Option<&Auth>,
    requests: &Requests,
) -> String {
    let mut text = format!(
        "# {} {}: imported from a saved page; see review.md for what a person has to look at.\n\n\
        id       = {}\nmethod   = {}\npath     = {}\ntitle    = {}\ndocument = {}\nauth     = {}\n",
        written.method,
        written.path,
        quoted(&written.id),
        quoted(&written.method),
        quoted(&written.path),
        quoted(&format!("{} {}", written.method, written.path)),
        quoted(&written.document),
        quoted(if auth.is_none() && draft.authentication.is_some() { "none" } else { "required" }),
    );
    if let Some(since) =
        draft.since.known().and_then(Option::as_ref).and_then(|it| semver(&it.value))
    {
        let _ = writeln!(text, "since    = {}", quoted(&since));
    }
    let _ = writeln!(text, "effect   = {}", quoted(&written.effect));
    for row in rows {
        let _ = write!(
            text,
            "\n[[response]]\nstatus      = {}\nname        = {}\n",
            row.status,
            quoted(&row.name)
        );
        match &row.schema {
            Some(schema) => {
                let _ = writeln!(text, "schema      = {}", quoted(schema));
            }
            None if row.empty => text.push_str("content     = \"empty\"\n"),
            None => text.push_str("content     = \"unspecified\"\n"),
        }
        let _ = writeln!(text, "requirement = {}", quoted(&row.requirement));
    }
    text.push_str(&requests.text);
    text.push_str(&written.register.toml());
    text
}

/// A version with three numbers.
fn semver(version: &str) -> Option<String> {
    let mut numbers: Vec<u64> =
        version.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    numbers.resize(3, 0);
    Some(numbers.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}
