//! One look at a server that shakes no hands with us: what it chooses when it is offered what it
//! may have, and the certificate that it shows.
//!
//! Knows: the first messages of TLS up to 1.2, which are in clear, as bytes. Nothing that is learnt
//! here is trusted: it tells a person why the handshake fails. The connection ends after the
//! certificate; no key is agreed on, and nothing is sent. Must not know: policies, requests.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Whether what came isn't TLS.
    pub(super) is_something_else: bool,
    /// The version and the cipher suite that it chose.
    pub(super) hello: Option<(u16, u16)>,
    /// The first certificate, DER.
    pub(super) certificate: Option<Vec<u8>>,
    /// The curve on which it agrees on a key.
    pub(super) curve: Option<u16>,
    /// Whether it ended with an alert.
    pub(super) refused: bool,
}

impl Chosen {
    /// What of the choice this build hasn't, if that is what it is.
    pub(super) fn lacking(&self) -> Option<String> {
        let (version, suite) = self.hello?;
        let version = match version {
            0x0300 => "SSL 3.0",
            0x0301 => "TLS 1.0",
            0x0302 => "TLS 1.1",
            _ if OURS.contains(&suite) => {
                let curve = self.curve.filter(|curve| !OUR_CURVES.contains(curve))?;
                let name = if curve == 0x0019 {
                    "P-521".to_owned()
                } else {
                    format!("group {curve:#06x}")
                };
                return Some(format!(
                    "it uses {name} for key exchange, which this build doesn't support (X25519, \
                        P-256, P-384)"
                ));
            }
            _ => {
                return Some(format!(
                    "it supports none of this build's cipher suites: offered all of them, it \
                        chooses {}",
                    name(suite)
                ));
            }
        };
        Some(format!("it speaks at most {version}"))
    }
}

const OUR_CURVES: [u16; 3] = [0x001d, 0x0017, 0x0018];
const OURS: [u16; 6] = [0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9];

/// What is offered, beside what this build has: each suite that old appliances were seen to need.
const OFFERED: &[(u16, &str)] = &[
    (0xc02c, "ECDHE-ECDSA with AES-256-GCM"),
    (0xc02b, "ECDHE-ECDSA with AES-128-GCM"),
    (0xc030, "ECDHE-RSA with AES-256-GCM"),
    (0xc02f, "ECDHE-RSA with AES-128-GCM"),
    (0xcca9, "ECDHE-ECDSA with ChaCha20-Poly1305"),
    (0xcca8, "ECDHE-RSA with ChaCha20-Poly1305"),
    (0x009f, "DHE-RSA with AES-256-GCM, without an elliptic curve"),
    (0x009e, "DHE-RSA with AES-128-GCM, without an elliptic curve"),
    (0xc0ad, "ECDHE-ECDSA with AES-256-CCM"),
    (0xc0ac, "ECDHE-ECDSA with AES-128-CCM"),
    (0xc09f, "DHE-RSA with AES-256-CCM"),
    (0xc09e, "DHE-RSA with AES-128-CCM"),
    (0xc024, "ECDHE-ECDSA with AES-256-CBC and SHA-384"),
    (0xc023, "ECDHE-ECDSA with AES-128-CBC and SHA-256"),
    (0xc028, "ECDHE-RSA with AES-256-CBC and SHA-384"),
    (0xc027, "ECDHE-RSA with AES-128-CBC and SHA-256"),
    (0xc00a, "ECDHE-ECDSA with AES-256-CBC and SHA-1"),
    (0xc009, "ECDHE-ECDSA with AES-128-CBC and SHA-1"),
    (0xc014, "ECDHE-RSA with AES-256-CBC and SHA-1"),
    (0xc013, "ECDHE-RSA with AES-128-CBC and SHA-1"),
    (0x006b, "DHE-RSA with AES-256-CBC and SHA-256"),
    (0x0067, "DHE-RSA with AES-128-CBC and SHA-256"),
    (0x0039, "DHE-RSA with AES-256-CBC and SHA-1"),
    (0x0033, "DHE-RSA with AES-128-CBC and SHA-1"),
    (0x009d, "RSA key exchange with AES-256-GCM"),
    (0x009c, "RSA key exchange with AES-128-GCM"),
    (0x003d, "RSA key exchange with AES-256-CBC and SHA-256"),
    (0x003c, "RSA key exchange with AES-128-CBC and SHA-256"),
    (0x0035, "RSA key exchange with AES-256-CBC and SHA-1"),
    (0x002f, "RSA key exchange with AES-128-CBC and SHA-1"),
    (0xc012, "ECDHE-RSA with 3DES-CBC and SHA-1"),
    (0x000a, "RSA key exchange with 3DES-CBC and SHA-1"),
    (0x0005, "RSA key exchange with RC4 and SHA-1"),
];

fn name(suite: u16) -> String {
    OFFERED
        .iter()
        .find(|(code, _)| *code == suite)
        .map_or_else(|| format!("suite {suite:#06x}"), |(_, name)| (*name).to_owned())
}

/// More than any chain of certificates that was seen.
const MOST_BYTES: usize = 256 * 1024;

/// Sends a `ClientHello`, and reads until the choice of the server is known, or the end.
pub(super) async fn look(host: &str, port: u16) -> std::io::Result<Chosen> {
    let mut stream = TcpStream::connect((host, port)).await?;
    stream.write_all(&hello(host)).await?;
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 4096];
    loop {
        // Whoever refuses may cut the connection.
        let count = stream.read(&mut buffer).await.unwrap_or_default();
        bytes.extend_from_slice(&buffer[..count]);
        let (chosen, done) = read(&bytes);
        if count == 0 || done || bytes.len() > MOST_BYTES {
            return Ok(chosen);
        }
    }
}

fn sized<const N: usize>(content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    [&length[length.len() - N..], content].concat()
}

fn numbers(numbers: impl IntoIterator<Item = u16>) -> Vec<u8> {
    numbers.into_iter().flat_map(u16::to_be_bytes).collect()
}

fn hello(host: &str) -> Vec<u8> {
    let extension =
        |kind: u16, content: &[u8]| [&kind.to_be_bytes()[..], &sized::<2>(content)].concat();
    let mut extensions = Vec::new();
    // An address is no name.
    if host.parse::<std::net::IpAddr>().is_err() {
        extensions
            .extend(extension(0, &sized::<2>(&[&[0][..], &sized::<2>(host.as_bytes())].concat())));
    }
    extensions.extend(extension(
        10,
        &sized::<2>(&numbers([0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0016])),
    ));
    extensions.extend(extension(11, &[1, 0]));
    let schemes = [
        0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b,
        0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0202,
    ];
    extensions.extend(extension(13, &sized::<2>(&numbers(schemes))));
    extensions.extend(extension(0xff01, &[0]));
    let suites = numbers(OFFERED.iter().map(|(code, _)| *code).chain([0x00ff]));
    // The number that is meant to be random protects nothing here: the connection ends before any
    // key.
    let body =
        [&[3, 3][..], &[0x4c; 32], &[0], &sized::<2>(&suites), &[1, 0], &sized::<2>(&extensions)]
            .concat();
    let message = [&[1][..], &sized::<3>(&body)].concat();
    [&[22, 3, 1][..], &sized::<2>(&message)].concat()
}

/// Reads what came so far, and whether it is enough.
fn read(bytes: &[u8]) -> (Chosen, bool) {
    let mut chosen = Chosen::default();
    let mut handshake = Vec::new();
    let mut rest = bytes;
    while let [kind, major, _, high, low, after @ ..] = rest {
        if !(20..=24).contains(kind) || *major != 3 {
            chosen.is_something_else = true;
            return (chosen, true);
        }
        let Some((content, next)) =
            after.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))
        else {
            break;
        };
        match kind {
            22 => handshake.extend_from_slice(content),
            // A warning, such as about a name that isn't known, ends nothing.
            21 if content.first() == Some(&2) => chosen.refused = true,
            _ => {}
        }
        rest = next;
    }
    let mut rest = handshake.as_slice();
    while let [kind, a, b, c, after @ ..] = rest {
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        let Some((message, next)) = after.split_at_checked(length) else { break };
        match kind {
            2 => chosen.hello = server_hello(message),
            11 => chosen.certificate = first_certificate(message),
            12 => chosen.curve = curve(message),
            _ => {}
        }
        if matches!(kind, 12 | 14) {
            return (chosen, true);
        }
        rest = next;
    }
    let done = chosen.refused;
    (chosen, done)
}

fn server_hello(message: &[u8]) -> Option<(u16, u16)> {
    let version = u16::from_be_bytes([*message.first()?, *message.get(1)?]);
    let id = usize::from(*message.get(34)?);
    Some((version, u16::from_be_bytes([*message.get(35 + id)?, *message.get(36 + id)?])))
}

fn curve(message: &[u8]) -> Option<u16> {
    let [3, high, low, ..] = message else { return None };
    Some(u16::from_be_bytes([*high, *low]))
}

fn first_certificate(message: &[u8]) -> Option<Vec<u8>> {
    let [_, _, _, a, b, c, rest @ ..] = message else { return None };
    rest.get(..usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c)).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[kind, 3, 2][..], &sized::<2>(content)].concat()
    }

    fn answered(version: u16, suite: u16) -> Vec<u8> {
        let hello =
            [&version.to_be_bytes()[..], &[7; 32], &[0], &suite.to_be_bytes(), &[0]].concat();
        let certificate = sized::<3>(&sized::<3>(b"a certificate"));
        let messages = [
            &[2][..],
            &sized::<3>(&hello),
            &[11],
            &sized::<3>(&certificate),
            &[12],
            &sized::<3>(&[3, 0, 0x19, 0]),
        ]
        .concat();
        // A message may be cut by records anywhere.
        [record(22, &messages[..20]), record(22, &messages[20..])].concat()
    }

    #[test]
    fn the_choice_and_the_certificate_are_read_wherever_the_bytes_are_cut() {
        let bytes = answered(0x0302, 0xc014);
        let (chosen, done) = read(&bytes);
        assert!(done);
        assert_eq!(
            (chosen.hello, chosen.certificate.as_deref()),
            (Some((0x0302, 0xc014)), Some(&b"a certificate"[..]))
        );
        assert_eq!(chosen.lacking().as_deref(), Some("it speaks at most TLS 1.1"));
        for cut in 0..bytes.len() {
            assert!(!read(&bytes[..cut]).1, "{cut}");
        }
    }

    #[test]
    fn a_suite_that_this_build_lacks_is_named_and_one_that_it_has_is_none() {
        let lacking = |suite| read(&answered(0x0303, suite)).0.lacking();
        assert!(lacking(0xc028).is_some_and(|what| what.contains("AES-256-CBC")));
        assert!(lacking(0x1234).is_some_and(|what| what.contains("0x1234")));
        assert!(
            lacking(0xc02f).is_some_and(|what| what.contains("P-521")),
            "the curve is none of ours"
        );
        let ours = Chosen { hello: Some((0x0303, 0xc02f)), curve: Some(0x1d), ..Chosen::default() };
        assert_eq!(ours.lacking(), None);
    }

    #[test]
    fn an_alert_and_another_protocol_end_the_look() {
        let (chosen, done) = read(&record(21, &[2, 40]));
        assert!(done && chosen.refused && !chosen.is_something_else, "{chosen:?}");
        let (chosen, done) = read(b"HTTP/1.1 400 Bad Request\r\n");
        assert!(done && chosen.is_something_else, "{chosen:?}");
        assert_eq!(read(b""), (Chosen::default(), false));
    }

    #[test]
    fn the_hello_says_its_own_lengths() {
        for (host, named) in [("lxca.example", true), ("192.0.2.10", false), ("2001:db8::1", false)]
        {
            let hello = hello(host);
            assert_eq!(usize::from(u16::from_be_bytes([hello[3], hello[4]])), hello.len() - 5);
            assert_eq!(
                hello.windows(host.len()).any(|part| part == host.as_bytes()),
                named,
                "{host}"
            );
        }
    }
}
