//! What must be changed on the way so that the client stays with the proxy, and nothing else: the
//! host and the sender's address of a request, and its wish for another protocol; addresses and
//! cookies of an answer.
//!
//! Knows: both addresses. Pure. Must not know: sockets, bodies.

use super::head::{Head, Line};

/// Both ends, as they are written in headers.
#[derive(Debug, Clone)]
pub(super) struct Mender {
    /// Scheme, host and port of the appliance, and the host with its port as `Host` has it.
    there: (String, String),
    /// The same of the proxy, as its client was told.
    here: (String, String),
    /// Other names of the proxy.
    also: Vec<String>,
    /// Whether the client's connection is encrypted.
    tls: bool,
}

impl Mender {
    /// `there` is scheme, host and port of the appliance, without a path.
    pub(super) fn new(there: &str, port: u16, tls: bool) -> Self {
        let scheme = if tls { "https" } else { "http" };
        let host =
            |origin: &str| origin.split_once("://").map_or(origin, |(_, rest)| rest).to_owned();
        let here = format!("{scheme}://127.0.0.1:{port}");
        Self {
            there: (there.to_owned(), host(there)),
            here: (here.clone(), host(&here)),
            also: vec![format!("{scheme}://localhost:{port}"), format!("{scheme}://[::1]:{port}")],
            tls,
        }
    }

    /// Scheme, host and port that clients are told.
    pub(super) fn here(&self) -> &str {
        &self.here.0
    }

    /// The target below the proxy, where a request names the proxy in its target.
    pub(super) fn target<'a>(&self, target: &'a str) -> Option<&'a str> {
        if target.starts_with('/') || target == "*" {
            return Some(target);
        }
        let rest = std::iter::once(&self.here.0)
            .chain(&self.also)
            .find_map(|own| strip_prefix_of_origin(target, own))?;
        Some(if rest.is_empty() { "/" } else { rest })
    }

    /// The head of a request as the appliance gets it. What is said in another protocol, nobody
    /// weighs: the wish for one isn't passed on, and a server answers as if it didn't know it.
    pub(super) fn request(&self, head: &mut Head) {
        head.lines.retain_mut(|line| match line.name.as_str() {
            "upgrade" | "http2-settings" => false,
            "connection" => stays_with_http(line),
            _ => true,
        });
        for line in &mut head.lines {
            match line.name.as_str() {
                "host" => Head::set(line, self.there.1.clone().into_bytes()),
                "origin" | "referer" => {
                    let value = String::from_utf8_lossy(&line.value).into_owned();
                    let own = std::iter::once(&self.here.0).chain(&self.also);
                    let rest = own.into_iter().find_map(|own| strip_prefix_of_origin(&value, own));
                    if let Some(rest) = rest {
                        Head::set(line, format!("{}{rest}", self.there.0).into_bytes());
                    }
                }
                _ => {}
            }
        }
    }

    /// The head of an answer as the client gets it.
    pub(super) fn answer(&self, head: &mut Head) {
        for line in &mut head.lines {
            match line.name.as_str() {
                "location" | "content-location" | "access-control-allow-origin" => {
                    let value = String::from_utf8_lossy(&line.value).into_owned();
                    if let Some(rest) = self.below_the_appliance(&value) {
                        Head::set(line, format!("{}{rest}", self.here.0).into_bytes());
                    }
                }
                "set-cookie" => {
                    if let Some(value) = self.cookie(&line.value) {
                        Head::set(line, value);
                    }
                }
                _ => {}
            }
        }
    }

    /// What follows scheme, host and port, where an address is the appliance's. A default port may
    /// be written or not.
    fn below_the_appliance<'a>(&self, value: &'a str) -> Option<&'a str> {
        let there = &self.there.0;
        let default = if there.starts_with("https:") { ":443" } else { ":80" };
        strip_prefix_of_origin(value, there)
            .or_else(|| strip_prefix_of_origin(value, &format!("{there}{default}")))
            .or_else(|| strip_prefix_of_origin(value, there.strip_suffix(default)?))
    }

    /// A cookie that the client takes from the proxy: for its own host, and sent over a connection
    /// that isn't encrypted where the proxy's isn't. None where it is one already.
    fn cookie(&self, value: &[u8]) -> Option<Vec<u8>> {
        let is_in_the_way = |attribute: &[u8]| {
            let name = attribute.split(|byte| *byte == b'=').next().unwrap_or_default();
            let name = name.trim_ascii();
            name.eq_ignore_ascii_case(b"domain")
                || (!self.tls && name.eq_ignore_ascii_case(b"secure"))
        };
        let parts: Vec<&[u8]> = value.split(|byte| *byte == b';').collect();
        let kept: Vec<&[u8]> = parts
            .iter()
            .enumerate()
            .filter(|(index, part)| *index == 0 || !is_in_the_way(part))
            .map(|(_, part)| *part)
            .collect();
        (kept.len() < parts.len()).then(|| kept.join(&b';'))
    }
}

/// Takes another protocol out of a `Connection` line; whether something is left of it.
fn stays_with_http(line: &mut Line) -> bool {
    let leaves = |word: &[u8]| {
        [&b"upgrade"[..], b"http2-settings"].iter().any(|known| word.eq_ignore_ascii_case(known))
    };
    let words = line.value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let kept: Vec<&[u8]> = words.clone().filter(|word| !leaves(word)).collect();
    let stays = !kept.is_empty();
    if kept.len() < words.count() {
        let value = kept.join(&b", "[..]);
        Head::set(line, value);
    }
    stays
}

/// What follows an origin in an address; scheme and host may be in any case.
fn strip_prefix_of_origin<'a>(value: &'a str, origin: &str) -> Option<&'a str> {
    let start = value.get(..origin.len())?;
    let rest = &value[origin.len()..];
    (start.eq_ignore_ascii_case(origin) && (rest.is_empty() || rest.starts_with(['/', '?', '#'])))
        .then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(head: &str, answer: bool, tls: bool) -> String {
        let mender = Mender::new("https://lxca.example", 4711, tls);
        let mut head = Head::read(head.as_bytes());
        if answer {
            mender.answer(&mut head);
        } else {
            mender.request(&mut head);
        }
        String::from_utf8(head.bytes()).unwrap()
    }

    #[test]
    fn a_request_names_the_appliance_where_it_named_the_proxy() {
        let head = "GET / HTTP/1.1\r\nHOST:127.0.0.1:4711\r\nReferer: http://localhost:4711/a\r\n\
            Origin: http://elsewhere\r\nX: http://127.0.0.1:4711\r\n\r\n";
        assert_eq!(
            mended(head, false, false),
            "GET / HTTP/1.1\r\nHOST: lxca.example\r\nReferer: https://lxca.example/a\r\n\
            Origin: http://elsewhere\r\nX: http://127.0.0.1:4711\r\n\r\n"
        );
        let mender = Mender::new("https://lxca.example", 4711, false);
        assert_eq!(mender.target("http://127.0.0.1:4711/a?b"), Some("/a?b"));
        assert_eq!(mender.target("http://lxca.example/a"), None);
    }

    #[test]
    fn a_wish_for_another_protocol_stays_with_the_proxy() {
        let head = "GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
            HTTP2-Settings: AAMA\r\nX: 1\r\n\r\n";
        assert_eq!(mended(head, false, false), "GET / HTTP/1.1\r\nX: 1\r\n\r\n");
        let head = "GET / HTTP/1.1\r\nConnection:keep-alive,upgrade\r\nConnection: close\r\n\r\n";
        assert_eq!(
            mended(head, false, false),
            "GET / HTTP/1.1\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n"
        );
    }

    #[test]
    fn an_answer_keeps_its_client_at_the_proxy() {
        let head = "HTTP/1.1 302 Found\r\nlocation: HTTPS://LXCA.example:443/b\r\n\
            Content-Location: https://lxca.example.org/b\r\n\
            Set-Cookie: a=\"1;2\"; Path=/; Domain=lxca.example; Secure;HttpOnly\r\n\
            set-cookie:b=domain; Path=/\r\n\r\n";
        assert_eq!(
            mended(head, true, false),
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:4711/b\r\n\
            Content-Location: https://lxca.example.org/b\r\n\
            Set-Cookie: a=\"1;2\"; Path=/;HttpOnly\r\nset-cookie:b=domain; Path=/\r\n\r\n"
        );
        assert!(mended(head, true, true).contains("; Path=/; Secure;HttpOnly"));
    }
}
