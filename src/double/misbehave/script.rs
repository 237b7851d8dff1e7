//! Scripts: what the double does on which call of which operation, in one line that a person can
//! write.
//!
//! Knows what a script holds, and on which calls it acts. Must not know how it is written, or how a
//! reply is made or sent.

use std::sync::Arc;
use std::time::Duration;

use super::super::http::operations::Operation;
use super::super::http::route::Route;
use super::super::terms::names::Name;
use super::edit::Edits;
use super::fault::Fault;

/// The longest delay that can be asked for, and the longest that several scripts make together.
pub(crate) const MOST_DELAY: Duration = Duration::from_mins(10);

/// One line such as `locks.list: 503 on call 2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub(crate) text: String,
    pub(crate) place: Place,
    pub(crate) deed: Deed,
    pub(crate) when: When,
    /// The fault of a table that it is a line of; the log doesn't tell of that.
    pub(crate) of: Option<Name>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Any,
    Operation(&'static Operation),
    /// A method and a path, which may be a template.
    Request(String, String),
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// This status; from 400 on nothing is carried out.
    Status(u16),
    /// The reply comes later.
    Delay(Duration),
    /// The connection is closed, and nothing is carried out.
    Drop,
    /// It is carried out, and the connection is closed without a reply.
    DropReply,
    /// The reply ends after this many bytes of its body.
    Truncate(usize),
    /// The reply ends in the middle of its body.
    Half,
    /// The stated length differs from the true one by this.
    Length(i64),
    /// Bytes that are no HTTP.
    Garbage,
    /// A named fault, in force while the call is answered and for what it leaves behind.
    Fault(Fault),
    /// Changes to the reply.
    Edits(Arc<Edits>),
    /// The lines of a named fault that only changes replies.
    Lines(Arc<[Script]>),
}

/// On which calls, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Calls(u64, u64),
    Every(u64),
}

impl Script {
    /// The line as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fault that it puts on its calls.
    pub(crate) fn fault(&self) -> Option<Fault> {
        if let Deed::Fault(fault) = self.deed { Some(fault) } else { None }
    }

    /// The edits that it makes.
    pub(crate) fn edits(&self) -> Option<Arc<Edits>> {
        if let Deed::Edits(edits) = &self.deed { Some(edits.clone()) } else { None }
    }

    /// Whether the script speaks of this request.
    pub(crate) fn concerns(&self, method: &str, path: &str, route: Option<&Route>) -> bool {
        let template = route.map(Route::template);
        match &self.place {
            Place::Any => true,
            Place::Operation(operation) => {
                operation.method == method && Some(operation.template) == template
            }
            Place::Request(asked, place) => {
                asked == method
                    && (place == path || template.is_some_and(|template| alike(place, template)))
            }
        }
    }

    /// Whether it acts on the call of this number.
    pub(crate) fn acts_on(&self, call: u64) -> bool {
        match self.when {
            When::Calls(first, last) => (first..=last).contains(&call),
            When::Every(step) => call.is_multiple_of(step),
        }
    }
}

/// Whether both are one template, whatever their variables are called.
fn alike(place: &str, template: &str) -> bool {
    let (mut some, mut others) = (place.split('/'), template.split('/'));
    loop {
        match (some.next(), others.next()) {
            (None, None) => return true,
            (Some(one), Some(other))
                if one == other || (one.starts_with('{') && other.starts_with('{')) => {}
            _ => return false,
        }
    }
}

impl Script {
    /// The same as a line of a fault of a table.
    pub(crate) fn line_of(self, fault: &Name) -> Self {
        Self { of: Some(fault.clone()), ..self }
    }

    /// Method and path template that it speaks of, or `*`.
    pub(crate) fn home(&self) -> String {
        match &self.place {
            Place::Any => "*".to_owned(),
            Place::Operation(operation) => format!("{} {}", operation.method, operation.template),
            Place::Request(method, path) => {
                let template = Route::find(path).map(|route| route.template());
                format!("{method} {}", template.unwrap_or(path))
            }
        }
    }
}
