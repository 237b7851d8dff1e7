//! What one operation file says, held against its schemas.
//!
//! Knows: the parts of an operation file. Must not know: other operations, where the texts came
//! from.

use crate::contract::operation::{Content, FaultRows, Operation, OperationFile, ResponseRow};
use crate::contract::request::{self, RequestContract};
use crate::contract::schema::Documents;
use crate::contract::semantic;
use crate::problem::Problem;
use crate::terms::Effect;
use crate::weight::is_read;

use super::{Loader, describes, schema_id};

impl Loader {
    pub(super) fn operation(
        &mut self,
        name: &str,
        text: &str,
        file: OperationFile,
        schemas: &Documents,
    ) {
        if !self.document_ids.contains(&file.document) {
            self.problem(name, format!("the document `{}` isn't in sources.toml", file.document));
        }
        if file.faults == FaultRows::Drafted {
            self.drafted_faults.insert(file.id.clone());
        }
        for requirement in file.requirement {
            if requirement.operation() != file.id {
                self.problem(
                    name,
                    format!("requirement `{}` must begin with `{}/`", requirement.id, file.id),
                );
            }
            if let Some((other, _)) = self.requirements.get(&requirement.id) {
                let other = other.clone();
                self.problem(
                    name,
                    format!("requirement `{}` is already registered in {other}", requirement.id),
                );
                continue;
            }
            self.requirements.insert(requirement.id.clone(), (name.to_owned(), requirement));
        }
        let (Some(method), Some(path)) = (file.method, file.path) else {
            return;
        };
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        if format!("/{folder}") != path
            || !name.ends_with(&format!("/{}.operation.toml", method.to_lowercase()))
        {
            self.problem(
                name,
                format!(
                    "the file of {method} {path} must be `{}/{}.operation.toml`",
                    path.trim_start_matches('/'),
                    method.to_lowercase()
                ),
            );
        }
        let since = file.since.as_deref().and_then(|since| match semver::Version::parse(since) {
            Ok(version) => Some(version),
            Err(error) => {
                self.problem(
                    name,
                    format!("`since = \"{since}\"` isn't a version such as 4.1.0: {error}"),
                );
                None
            }
        });
        let mut responses = file.response;
        for row in &mut responses {
            match (&row.schema, row.content) {
                (Some(schema), None) => {
                    let id = schema
                        .strip_prefix('/')
                        .map_or_else(|| schema_id(&format!("{folder}/{schema}")), schema_id);
                    if !schemas.contains_key(&id) {
                        self.problem(
                            name,
                            format!(
                                "response `{}` names the schema `{schema}`, \
                            which doesn't exist as {id}",
                                row.name
                            ),
                        );
                    }
                    row.schema = Some(id);
                }
                (None, Some(_)) => {}
                _ => self.problem(
                    name,
                    format!("response `{}` needs exactly one of `schema` and `content`", row.name),
                ),
            }
            if row.content == Some(Content::Empty) && row.error {
                self.problem(
                    name,
                    format!("response `{}` can't be empty and carry an error message", row.name),
                );
            }
        }
        if !self.whole {
            self.check_volatile(name, &file.volatile, &responses, schemas);
        }
        let mut body = file.body;
        if let Some(body) = &mut body {
            let id = schema_id(&format!("{folder}/{}", body.schema));
            if !schemas.contains_key(&id) {
                self.problem(
                    name,
                    format!(
                        "`[body]` names the schema `{}`, which doesn't exist as {id}",
                        body.schema
                    ),
                );
            }
            body.schema = id;
        }
        let request = RequestContract {
            credentials: file.credentials,
            methods: file.methods,
            body,
            open: file.open,
            tables: file.request,
        };
        let id = file.id.clone();
        let unsaid = if is_read(&method) { Effect::Read } else { Effect::Destroy };
        let operation = Operation {
            id: file.id,
            title: file.title,
            document: file.document,
            method,
            path,
            auth: file.auth,
            since,
            until: file.until,
            // Of a change that says nothing about itself, the worst is taken.
            effect: file.effect.unwrap_or(unsaid),
            effect_when: file.effect_when,
            destroys: file.destroys,
            query_when: file.query_when,
            undoes: file.undoes,
            responses,
            readings: file.reading,
            shows_in: file.shows_in,
            row_shape: file.row,
            lifetime: file.lifetime,
            semantics: file.check,
            volatile: file.volatile,
            request,
            file: name.to_owned(),
        };
        if !self.whole {
            let of_request = request::problems(&operation);
            for what in of_request.into_iter().chain(semantic::problems(&operation)) {
                self.problem(name, what);
            }
        }
        if operation.span().is_empty() {
            let span = operation.span();
            self.problem(name, format!("operation `{id}` is about no version: {span}"));
        }
        if let Some(other) = self.operations.insert(id.clone(), operation) {
            let at = text.find(&id).unwrap_or(0);
            self.problems.push(
                Problem::new(name, format!("operation `{id}` is already in {}", other.file))
                    .at(text, at),
            );
        }
    }

    /// Volatile members are ones that the schemas of their operation describe.
    fn check_volatile(
        &mut self,
        name: &str,
        places: &[String],
        responses: &[ResponseRow],
        schemas: &Documents,
    ) {
        for place in places {
            let member = place.rsplit('/').next().unwrap_or_default();
            let known = responses
                .iter()
                .filter_map(|row| row.schema.as_ref())
                .filter_map(|id| schemas.get(id))
                .any(|schema| describes(schema.value(), member, schemas, 0));
            if !place.starts_with('/') || !known {
                self.problem(
                    name,
                    format!(
                        "`volatile` names `{place}`, but no schema of this operation describes a \
                            member `{member}`"
                    ),
                );
            }
        }
    }
}
