//! Which operation a request belongs to.
//!
//! Knows: methods and path templates. Must not know: who sends the request.

use super::Contract;

/// The operation that a request line addresses: the one with the fewest place-holders, where
/// several match.
#[must_use]
pub fn operation_of<'a>(contract: &'a Contract, method: &str, target: &str) -> Option<&'a str> {
    let path = target.split('?').next().unwrap_or_default();
    let matching = contract
        .operations
        .values()
        .filter(|operation| operation.method == method && matches(&operation.path, path));
    matching
        .min_by_key(|operation| operation.path.matches('{').count())
        .map(|operation| operation.id.as_str())
}

fn matches(template: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found))
                if wanted == found || (wanted.starts_with('{') && !found.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_takes_one_whole_segment() {
        assert!(matches("/tasks/{job_list}", "/tasks/1,2"));
        assert!(!matches("/tasks/{job_list}", "/tasks"));
        assert!(!matches("/tasks/{job_list}", "/tasks/"));
        assert!(!matches("/tasks", "/tasks/1"));
    }
}
