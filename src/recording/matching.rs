//! Which operation of the contract a recorded request is of: host, base path and a slash at the end
//! aside.
//!
//! Knows: methods, paths and path templates. Must not know: answers.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::Contract;
use crate::contract::operation_of;
use crate::redact::split;

/// Where a request went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Scheme and host, in lower case, without a user and without the port that the scheme has
    /// anyway.
    pub(super) origin: String,
    /// The parts of the path, without parameters such as `;jsessionid=…`.
    pub(super) parts: Vec<String>,
    pub(super) query: Option<String>,
}

impl Place {
    /// The place that an address names; None where it isn't one of HTTP.
    pub(super) fn of(url: &str) -> Option<Self> {
        let (scheme, authority, rest) = split(url);
        let scheme = scheme.to_lowercase();
        if !["", "http", "https"].contains(&scheme.as_str())
            || (scheme.is_empty() && !rest.starts_with('/'))
        {
            return None;
        }
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_lowercase();
        let usual = if scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(usual).unwrap_or(&host).trim_end_matches('.');
        let (path, query) =
            rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let parts = path
            .split('/')
            .map(|part| part.split(';').next().unwrap_or_default().to_owned())
            .filter(|part| !part.is_empty())
            .collect();
        let origin = if host.is_empty() { String::new() } else { format!("{scheme}://{host}") };
        Some(Self { origin, parts, query: query.map(str::to_owned) })
    }

    pub(super) fn path(&self, base: usize) -> String {
        let parts = self.parts.get(base..).unwrap_or_default();
        format!("/{}", parts.join("/"))
    }

    /// The path with `*` for each part that looks like an id.
    pub(super) fn outline(&self) -> String {
        let parts = self.parts.iter().map(|part| if is_id(part) { "*" } else { part.as_str() });
        format!("/{}", parts.collect::<Vec<_>>().join("/"))
    }
}

/// The base path of each origin: that of a proxy that has the appliance below a path of its own.
#[derive(Debug, Default)]
pub(super) struct Bases(BTreeMap<String, Vec<String>>);

impl Bases {
    /// Learns them from all requests together. An origin has a base path only where none of its
    /// requests is of an operation without it, and where enough speaks for it: each request lies
    /// below it, or two operations do. The path of one operation alone must have no placeholder, or
    /// several parts besides, for the end of some other path may look like `/jobs/{id}`.
    pub(super) fn learn<'a>(
        contract: &Contract,
        requests: impl Iterator<Item = (&'a str, &'a Place)>,
    ) -> Self {
        let mut by_origin: BTreeMap<&str, Vec<(&str, &Place)>> = BTreeMap::new();
        for (method, place) in requests {
            by_origin.entry(&place.origin).or_default().push((method, place));
        }
        let mut bases = BTreeMap::new();
        for (origin, requests) in by_origin {
            if requests
                .iter()
                .any(|(method, place)| operation_of(contract, method, &place.path(0)).is_some())
            {
                continue;
            }
            let mut below: BTreeMap<&[String], BTreeSet<&str>> = BTreeMap::new();
            for (method, place) in &requests {
                for base in 1..place.parts.len() {
                    let prefix = &place.parts[..base];
                    if let Some(operation) = operation_of(contract, method, &place.path(base))
                        && !prefix.iter().any(|part| is_id(part))
                    {
                        below.entry(prefix).or_default().insert(operation);
                    }
                }
            }
            let literal = |operation: &str| {
                let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).count();
                contract.operations.get(operation).is_some_and(|known| {
                    let open = known.path.matches('{').count();
                    open == 0 || parts(&known.path) - open > 1
                })
            };
            let good = below.into_iter().filter(|(prefix, operations)| {
                let all = requests.iter().all(|(_, place)| place.parts.starts_with(prefix));
                operations.len() > 1 || (all && operations.iter().any(|one| literal(one)))
            });
            // Where two fit, the one with more below it; then the shorter one.
            let best = good.max_by_key(|(prefix, operations)| {
                (operations.len(), std::cmp::Reverse(prefix.len()))
            });
            if let Some((prefix, _)) = best {
                bases.insert(origin.to_owned(), prefix.to_vec());
            }
        }
        Self(bases)
    }

    /// How many parts of the path are its base.
    pub(super) fn length(&self, place: &Place) -> usize {
        let base = self.0.get(&place.origin);
        base.filter(|base| place.parts.starts_with(base)).map_or(0, Vec::len)
    }

    /// Origin and base path.
    pub(super) fn address(&self, place: &Place) -> String {
        let base: String = place
            .parts
            .iter()
            .take(self.length(place))
            .flat_map(|part| ["/", part.as_str()])
            .collect();
        format!("{}{base}", place.origin)
    }
}

/// A number, a uuid, or a list of them.
fn is_id(part: &str) -> bool {
    part.split([',', '.']).all(|one| {
        let digits = one.bytes().filter(u8::is_ascii_digit).count();
        let hex = one.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-');
        (digits > 0 && digits == one.len()) || (hex && one.len() >= 16)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_is_one_however_it_is_written() {
        let origin = |url| Place::of(url).map(|place| place.origin);
        for url in ["https://LXCA.example.com:443/aicc", "https://a@lxca.example.com./aicc"] {
            assert_eq!(origin(url).as_deref(), Some("https://lxca.example.com"), "{url}");
        }
        assert_eq!(origin("http://lxca:80/x").as_deref(), Some("http://lxca"));
        assert_eq!(origin("http://lxca:443/x").as_deref(), Some("http://lxca:443"));
        assert_eq!(origin("https://lxca:8443/x").as_deref(), Some("https://lxca:8443"));
    }

    fn contract() -> &'static Contract {
        crate::contract::built_in()
    }

    fn operations(requests: &[(&str, &str)]) -> Vec<Option<String>> {
        let contract = contract();
        let places: Vec<(&str, Place)> = requests
            .iter()
            .map(|(method, url)| (*method, Place::of(url).expect("a place")))
            .collect();
        let bases = Bases::learn(contract, places.iter().map(|(method, place)| (*method, place)));
        places
            .iter()
            .map(|(method, place)| {
                operation_of(contract, method, &place.path(bases.length(place))).map(str::to_owned)
            })
            .collect()
    }

    #[test]
    fn host_base_path_and_a_slash_at_the_end_do_not_matter() {
        let found = |id: &str| Some(id.to_owned());
        for url in [
            "https://192.0.2.1/aicc",
            "https://LXCA.example.com:443/aicc/",
            "https://<LXCA_HOST>/aicc?x=1",
            "https://user:pw@lxca//aicc;jsessionid=1",
            "/aicc",
            "https://proxy/site/lxca/aicc",
        ] {
            assert_eq!(operations(&[("GET", url)]), [found("appliance.get")], "{url}");
        }
        let below = [
            ("GET", "https://proxy/lxca/tasks/17"),
            ("POST", "https://proxy/lxca/sessions"),
            ("GET", "https://proxy/favicon.ico"),
        ];
        assert_eq!(operations(&below), [found("tasks.get"), found("session.open"), None]);
    }

    #[test]
    fn the_end_of_another_path_is_no_operation() {
        assert_eq!(operations(&[("GET", "https://lxca/unmanageRequest/tasks/17")]), [None]);
        assert_eq!(operations(&[("GET", "https://lxca/nodes/17/aicc")]), [None]);
        let two = [("GET", "https://lxca/aicc"), ("GET", "https://lxca/hosts/tasks")];
        assert_eq!(operations(&two), [Some("appliance.get".to_owned()), None]);
        assert_eq!(operations(&[("PUT", "https://lxca/aicc")]), [None]);
        assert_eq!(Place::of("data:text/plain,x"), None);
        assert_eq!(
            Place::of("https://h/nodes/10247AA079C85AA4059E5B667A9BBC46/x/7").unwrap().outline(),
            "/nodes/*/x/*"
        );
    }
}
