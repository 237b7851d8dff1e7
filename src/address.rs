//! The address of an appliance, and the one URL of each request to it.
//!
//! Knows: what an address may look like; the one door to `url`. The plan shows the URL that is
//! built here, the guard reads it, and the client sends it: there is no second reading. Must not
//! know: who sends a request, or why.

use std::fmt;

use url::Url;

/// Scheme, host, port, and the path of a reverse proxy if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Its path ends without a slash, except where it is nothing else.
    base: Url,
}

/// Why a text is no address of an appliance. It doesn't repeat credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the address `{shown}`: {why}")]
pub struct AddressError {
    shown: String,
    why: String,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestUrl {
    url: Url,
    /// Length of the path that belongs to the address.
    prefix: usize,
}

const EXAMPLE: &str = "https://192.0.2.10 or https://192.0.2.10:8443";

impl Address {
    /// Reads an address. Blanks around it are dropped; whatever else it could hold besides scheme,
    /// host, port and a plain path is refused.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let base = read(text).map_err(|why| AddressError { shown: shown(text), why })?;
        Ok(Self { base })
    }

    /// Refuses an address below which nothing is ever sent: `segment` as a part of its path, `path`
    /// as people know it.
    pub fn is_not_below(&self, segment: &str, path: &str) -> Result<(), AddressError> {
        if self.base.path().split('/').any(|part| part.eq_ignore_ascii_case(segment)) {
            return Err(AddressError {
                shown: shown(self.base.as_str()),
                why: format!(
                    "requests below {path} are never sent; write scheme, host and port \
                    only"
                ),
            });
        }
        Ok(())
    }

    /// Whether what is sent can be read on the way.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// The host as it is connected to; an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// The port as it is connected to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.base.port_or_known_default().unwrap_or(443)
    }

    /// The address without its scheme.
    #[must_use]
    pub fn name(&self) -> String {
        let text = self.to_string();
        text.split_once("://").map_or(text.clone(), |(_, rest)| rest.to_owned())
    }

    /// Path and query as they stand on the request line, also while `{{names}}` in them stand for
    /// what isn't known yet.
    #[must_use]
    pub fn line(&self, target: &str) -> String {
        format!("{}{target}", self.prefix())
    }

    fn prefix(&self) -> &str {
        self.base.path().trim_end_matches('/')
    }

    /// The URL of a request. What a URL parser would change on the way is refused: then nobody
    /// would see what is sent.
    pub fn with(&self, target: &str) -> Result<RequestUrl, String> {
        let refused = |why: &str| Err(format!("`{target}` can't be sent as it is: {why}"));
        if !target.starts_with('/') || target.starts_with("//") {
            return refused("a path begins with one slash");
        }
        let line = self.line(target);
        let mut url = self.base.clone();
        let (path, query) =
            line.split_once('?').map_or((line.as_str(), None), |(path, query)| (path, Some(query)));
        url.set_path(path);
        url.set_query(query);
        let built = url
            .query()
            .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        if built != line {
            return refused(&format!(
                "it would be sent as `{}`",
                built.strip_prefix(self.prefix()).unwrap_or(&built)
            ));
        }
        Ok(RequestUrl { prefix: self.prefix().len(), url })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.as_str().trim_end_matches('/'))
    }
}

impl RequestUrl {
    /// The path below the address, as it is sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path().get(self.prefix..).unwrap_or_default()
    }

    /// The whole path, with that of the address.
    #[must_use]
    pub fn whole_path(&self) -> &str {
        self.url.path()
    }

    /// The query, as it is sent.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.url.query()
    }

    /// What the client is given.
    #[must_use]
    pub fn into_url(self) -> Url {
        self.url
    }
}

fn read(text: &str) -> Result<Url, String> {
    if text.is_empty() {
        return Err(format!("it is empty; write, for example, {EXAMPLE}"));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it contains a space or a control character; remove it".to_owned());
    }
    if text.contains('\\') {
        return Err("it contains a backslash; use forward slashes".to_owned());
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        let host =
            text.trim_start_matches("https:").trim_start_matches("http:").trim_start_matches('/');
        return Err(format!("it has no scheme; write https://{}", origin(host)));
    };
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(format!("the scheme {scheme} isn't supported; write https://{}", origin(rest)));
    }
    if holds_credentials(text) {
        return Err("it must not contain credentials; give the user name separately, and the \
            password in an environment variable or a file"
            .to_owned());
    }
    for (mark, what) in [('#', "fragment"), ('?', "query")] {
        if rest.contains(mark) {
            return Err(format!(
                "it has a {what} (after `{mark}`), like a link copied from a browser; write \
                    scheme, host and port only: {scheme}://{}",
                origin(rest)
            ));
        }
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.is_empty() {
        return Err(format!("it has no host; write, for example, {EXAMPLE}"));
    }
    if authority.matches(':').count() > 1 && !authority.starts_with('[') {
        return Err(format!(
            "an IPv6 address needs brackets; write, for example, {scheme}://[2001:db8::1]:8443"
        ));
    }
    let path = rest.get(authority.len()..).unwrap_or_default().trim_end_matches('/');
    path.split('/').skip(1).try_for_each(prefix_segment)?;
    let url = Url::parse(&format!("{scheme}://{authority}{path}"))
        .map_err(|error| format!("{error}; write, for example, {EXAMPLE}"))?;
    if url.port() == Some(0) {
        return Err("port 0 is not a valid port; write the port of the appliance, or leave it out"
            .to_owned());
    }
    if url.path().trim_end_matches('/') != path {
        return Err(format!(
            "its path would be normalised to `{}`; write that, or scheme, host and port only",
            url.path()
        ));
    }
    Ok(url)
}

/// A part of the path of a reverse proxy. It is part of every URL, so that it must not be readable
/// in two ways.
fn prefix_segment(segment: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if segment.is_empty() || segment == "." || segment == ".." || !segment.bytes().all(plain) {
        return Err(format!(
            "its path may contain only letters, digits and - . _ ~ between single slashes, and \
                `{segment}` has something else; write scheme, host and port only"
        ));
    }
    Ok(())
}

/// The address of a proxy: scheme, host and port, or why it is none. What is wrong isn't repeated,
/// for it may hold a password.
pub fn proxy(text: &str) -> Result<String, &'static str> {
    const WANTED: &str = "give the scheme (http, socks5 or socks5h), the host and the port, such as \
        http://proxy.example.com:3128";
    if holds_credentials(text) {
        return Err("it must not contain credentials; name the variable that holds USER:PASSWORD \
            with proxy-credentials-env");
    }
    let url = Url::parse(text).map_err(|_| WANTED)?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let known = matches!(url.scheme(), "http" | "socks5" | "socks5h");
    if !known || !bare || url.host_str().is_none_or(str::is_empty) {
        return Err(WANTED);
    }
    Ok(text.trim().trim_end_matches('/').to_owned())
}

/// Where a redirect leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The address without user, query and fragment, which may be secret.
    pub place: String,
    /// Scheme, host and port, where that is the same host under another scheme or port.
    pub other_door: Option<String>,
}

/// Reads the place that an answer redirects to; none where it tells none.
#[must_use]
pub fn redirect(base: &str, told: &str) -> Option<Redirect> {
    let base = Url::parse(base).ok()?;
    let to = base.join(Some(told).filter(|told| !told.is_empty())?).ok()?;
    let origin = to.origin().ascii_serialization();
    let place = format!("{origin}{}", to.path());
    let other_door = to.host() == base.host() && to.origin() != base.origin();
    Some(Redirect { place, other_door: other_door.then_some(origin) })
}

/// What of a header's address is left where only its path may count, however it names a host. One
/// that names none is as it was.
#[must_use]
pub fn at_home(told: &str) -> String {
    const HOME: &str = "home.invalid";
    let to = Url::parse(&format!("http://{HOME}/")).and_then(|home| home.join(told));
    match to {
        Ok(to) if to.host_str().is_some_and(|host| host != HOME) => {
            let mut own = format!("/{}", to.path().trim_start_matches('/'));
            for (mark, part) in [('?', to.query()), ('#', to.fragment())] {
                own.extend(part.map(|part| format!("{mark}{part}")));
            }
            own
        }
        _ => told.to_owned(),
    }
}

/// Whether an address holds credentials. Such a one is refused and not repeated.
#[must_use]
pub fn holds_credentials(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().is_some_and(|authority| authority.contains('@'))
}

/// Host and port of what follows the scheme.
fn origin(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().filter(|host| !host.is_empty()).unwrap_or("192.0.2.10")
}

/// The text as it may be repeated.
fn shown(text: &str) -> String {
    if !text.contains('@') {
        return text
            .chars()
            .take(200)
            .flat_map(|c| {
                if c.is_control() { c.escape_default().to_string() } else { c.to_string() }
                    .chars()
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    format!("{scheme}://[redacted]@{}", origin(text.rsplit('@').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Address::parse(text).map(|address| address.to_string()).expect_err(text).to_string()
    }

    #[test]
    fn an_address_is_scheme_host_and_port_and_at_most_a_plain_path() {
        for (text, whole) in [
            ("https://192.0.2.10", "https://192.0.2.10"),
            ("https://192.0.2.10/", "https://192.0.2.10"),
            ("https://192.0.2.10//", "https://192.0.2.10"),
            (" https://192.0.2.10:8443\r\n", "https://192.0.2.10:8443"),
            ("HTTPS://LXCA.example:443", "https://lxca.example"),
            ("http://[0:0::1]:8080", "http://[::1]:8080"),
            ("https://proxy.example/lab/lxca-1/", "https://proxy.example/lab/lxca-1"),
            ("http://z\u{fc}rich.invalid", "http://xn--zrich-kva.invalid"),
        ] {
            let address = Address::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(address.to_string(), whole);
            assert_eq!(
                Address::parse(&address.to_string()),
                Ok(address),
                "read twice it is the same"
            );
        }
    }

    #[test]
    fn an_address_below_which_nothing_is_sent_is_refused() {
        let address = |text: &str| Address::parse(text).unwrap();
        let refused = address("https://lxca.example/managementServer/Quiesce")
            .is_not_below("quiesce", "/managementServer/quiesce")
            .unwrap_err();
        assert!(refused.to_string().contains("below /managementServer/quiesce"), "{refused}");
        for other in ["https://quiesce.example", "https://lxca.example/quiesced"] {
            assert_eq!(address(other).is_not_below("quiesce", "/x"), Ok(()), "{other}");
        }
    }

    #[test]
    fn whatever_else_is_refused_with_what_to_write_instead() {
        for (text, hint) in [
            ("", "it is empty"),
            (" ", "it is empty"),
            ("127.0.0.1:8443", "write https://127.0.0.1:8443"),
            ("localhost:8443", "write https://localhost:8443"),
            ("https:/lxca.example", "write https://lxca.example"),
            ("ftp://lxca.example/x", "write https://lxca.example"),
            ("https://lxca.example/ui/login.html#/dash", "fragment"),
            ("https://lxca.example/ui/login.html#/dash", "only: https://lxca.example"),
            ("http://lxca.example:80/managementServer/quiesce#", "fragment"),
            ("https://lxca.example/?x=1", "query"),
            ("https://lxca.example?", "query"),
            ("https://lxca.example/a/%71uiesce", "letters, digits"),
            ("https://lxca.example/a/../b", "letters, digits"),
            ("https://lxca.example/a//b", "letters, digits"),
            ("https://lxca.example/a;b", "letters, digits"),
            ("https://lxca.example/\u{ff51}uiesce", "letters, digits"),
            ("https://lxca.example\\x", "backslash"),
            ("https://lx ca.example", "space"),
            ("https://lxca.example/a\tb", "space"),
            ("https://2001:db8::1:8443", "brackets"),
            ("https://[fe80::1%25lo]", "IPv6"),
            ("https://lxca.example:0", "port 0"),
            ("https://lxca.example:99999", "port"),
            ("https://", "write, for example"),
            ("https:///x", "write, for example"),
        ] {
            let error = refused(text);
            assert!(error.contains(hint), "{text}: {error}");
        }
        for text in [
            "https://USERID:GEHEIM@lxca.example",
            "USERID:GEHEIM@lxca.example",
            "https://USERID:GEHEIM@lxca.example/#x",
            "https://USERID:GEH EIM@lxca.example",
        ] {
            assert!(
                !refused(text).contains("GEH") && !refused(text).contains("EIM"),
                "{}",
                refused(text)
            );
        }
    }

    #[test]
    fn a_request_leaves_as_it_was_written_or_not_at_all() {
        let address = Address::parse("https://proxy.example/lab").unwrap();
        let url = address.with("/managementServer/data/a%20b?location=%2Fmnt%2Fx").unwrap();
        assert_eq!(
            (url.path(), url.whole_path(), url.query()),
            (
                "/managementServer/data/a%20b",
                "/lab/managementServer/data/a%20b",
                Some("location=%2Fmnt%2Fx")
            )
        );
        assert_eq!(
            url.into_url().as_str(),
            "https://proxy.example/lab/managementServer/data/a%20b?location=%2Fmnt%2Fx"
        );
        for target in [
            "",
            "x",
            "//evil.example/x",
            "https://evil.example/x",
            "/a/../b",
            "/a/%2e%2E/b",
            "/a/.",
            "/a\\..\\b",
            "/a#b",
            "/a b",
            "/a?b'c",
            "/\u{ff51}uiesce",
            "/a\nb",
            "/tasks?a#b",
        ] {
            assert!(address.with(target).is_err(), "{target}");
        }
    }
}
