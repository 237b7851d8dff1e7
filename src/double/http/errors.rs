//! What an error body looks like: the two shapes that the pages document, and the messages in them.
//!
//! Knows the members of a message. Must not know which request led to it.

use serde_json::{Value, json};

/// Which of the two documented shapes a body has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As the table of `PUT /managementServer/data` has it: `message`, with `recovery` an array.
    Singular,
    /// As the sibling pages have it: `messages`, with `recovery` an object.
    Plural,
}

impl Shape {
    /// The name of the member that carries the messages.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::Singular => "message",
            Self::Plural => "messages",
        }
    }
}

/// One thing that is wrong, in the words of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) id: &'static str,
    pub(crate) text: String,
    pub(crate) explanation: String,
    pub(crate) recovery: String,
}

impl Problem {
    pub(crate) fn new(
        id: &'static str,
        text: impl Into<String>,
        explanation: impl Into<String>,
    ) -> Self {
        Self {
            id,
            text: text.into(),
            explanation: explanation.into(),
            recovery: "Correct the request as the explanation says, and send it again.".to_owned(),
        }
    }

    pub(crate) fn recover(mut self, recovery: impl Into<String>) -> Self {
        self.recovery = recovery.into();
        self
    }

    /// The message as a member of a body of this shape.
    pub(crate) fn entry(&self, shape: Shape) -> Value {
        let step = json!({ "text": self.recovery, "URL": format!("https://double.invalid/help/{}",
            self.id) });
        let recovery = match shape {
            Shape::Singular => json!([step]),
            Shape::Plural => step,
        };
        json!({ "id": self.id, "text": self.text, "explanation": self.explanation,
            "recovery": recovery })
    }

    /// The whole error body.
    pub(crate) fn body(&self, shape: Shape) -> Value {
        json!({ "result": "failed", shape.member(): [self.entry(shape)] })
    }
}

/// The message that goes with a success.
pub(crate) fn success() -> Problem {
    Problem::new(
        "FQXHMSE0001I",
        "The request was carried out.",
        "Nothing went wrong; there is nothing to explain.",
    )
    .recover("Nothing needs to be done.")
}

/// The body of a success on the sibling pages.
pub(crate) fn success_body() -> Value {
    json!({ "result": "success", "messages": [success().entry(Shape::Plural)] })
}

/// The requester is nobody that the appliance knows.
pub(crate) fn unauthorized(explanation: &str) -> Problem {
    Problem::new(
        "FQXHMSE0401J",
        "The request was refused because its sender is not known.",
        explanation,
    )
    .recover("Send the user name and password of an account of this appliance, or log in first.")
}

/// The requester is known and may not do this.
pub(crate) fn forbidden(explanation: &str) -> Problem {
    Problem::new(
        "FQXHMSE0403J",
        "The request was refused because its sender may not make it.",
        explanation,
    )
    .recover("Use an account with the privilege that this operation needs.")
}

/// The thing that the request names isn't there.
pub(crate) fn not_found(explanation: impl Into<String>) -> Problem {
    Problem::new("FQXHMSE0404J", "What the request names is not on this appliance.", explanation)
        .recover("List what there is, and use an id from that list.")
}

/// The request itself is wrong.
pub(crate) fn bad_request(explanation: impl Into<String>) -> Problem {
    Problem::new(
        "FQXHMSE0400J",
        "The request is missing something, or something in it is not valid.",
        explanation,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_shapes_differ_in_the_member_and_in_recovery_only() {
        let problem = bad_request("because");
        assert!(problem.body(Shape::Singular)["message"][0]["recovery"].is_array());
        assert!(problem.body(Shape::Plural)["messages"][0]["recovery"].is_object());
        for shape in [Shape::Singular, Shape::Plural] {
            let entry = &problem.body(shape)[shape.member()][0];
            assert!(
                ["id", "text", "explanation"]
                    .iter()
                    .all(|m| entry[m].as_str().is_some_and(|t| !t.is_empty()))
            );
        }
    }
}
