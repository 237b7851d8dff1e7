//! A bare connection that leads through a proxy: a tunnel of HTTP, or SOCKS 5.
//!
//! Knows: the proxy that a target file names, and its credentials. Must not know: TLS, what goes
//! through the tunnel.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tower_service::Service;

use super::settings::{Credentials, Proxy};

/// The most that is read of what a proxy says instead of a tunnel, and how long it may take.
const MOST_OF_A_HEAD: u64 = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a proxy gives no tunnel to a host, if it says so. The client library keeps its status to
/// itself, so the proxy is asked once more; nothing of it reaches the host.
pub(super) async fn refusal(proxy: &Proxy, host: &str, port: u16) -> Option<String> {
    let way = proxy.url.parse::<Uri>().ok().filter(|way| way.scheme_str() == Some("http"))?;
    let at = (way.host()?.trim_matches(['[', ']']), way.port_u16().unwrap_or(80));
    let to = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let login = proxy.credentials.as_ref().map_or_else(String::new, |login| {
        let pair = format!("{}:{}", login.user, login.password.expose_secret());
        format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(pair))
    });
    let asked = async {
        let mut stream = TcpStream::connect(at).await.ok()?;
        let head = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{login}\r\n");
        stream.write_all(head.as_bytes()).await.ok()?;
        let mut line = Vec::new();
        let mut answer = BufReader::new(stream).take(MOST_OF_A_HEAD);
        answer.read_until(b'\n', &mut line).await.ok()?;
        Some(String::from_utf8_lossy(&line).trim().to_owned())
    };
    let line = tokio::time::timeout(PATIENCE, asked).await.ok()??;
    let status = line.strip_prefix("HTTP/")?.split_once(' ')?.1.trim().to_owned();
    let code = status.get(..3)?.parse::<u16>().ok().filter(|code| !(200..300).contains(code))?;
    let hint = match (code, &proxy.credentials) {
        (407, None) => {
            "; it wants credentials: name them by proxy-credentials-env in the target file"
        }
        (407, Some(_)) => {
            "; it doesn't accept the credentials that proxy-credentials-env of the target file names"
        }
        _ => "",
    };
    Some(format!("the proxy {} refused the tunnel to {to} with status {status}{hint}", proxy.url))
}

/// Connects to a host through a proxy. The name of the host is resolved by the proxy, unless it is
/// one of SOCKS that leaves that to its clients (`socks5://`).
pub(super) async fn through(proxy: &Proxy, host: &str, port: u16) -> Result<TcpStream, String> {
    let bracketed = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let uri = |text: String| text.parse::<Uri>().map_err(|error| error.to_string());
    let to = uri(format!("https://{bracketed}:{port}"))?;
    let scheme = proxy.url.split("://").next().unwrap_or_default();
    let way = uri(proxy.url.clone())?;
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    let stream = if scheme == "http" {
        let mut tunnel = Tunnel::new(way, connector);
        if let Some(Credentials { user, password }) = &proxy.credentials {
            let login = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
            let login = HeaderValue::from_str(&format!("Basic {login}"))
                .map_err(|error| error.to_string())?;
            tunnel = tunnel.with_auth(login);
        }
        match tunnel.call(to).await {
            Ok(stream) => Ok(stream),
            Err(error) => Err(match Box::pin(refusal(proxy, host, port)).await {
                Some(why) => why,
                None => error.to_string(),
            }),
        }
    } else {
        let mut socks = SocksV5::new(way, connector).local_dns(scheme == "socks5");
        if let Some(Credentials { user, password }) = &proxy.credentials {
            socks = socks.with_auth(user.clone(), password.expose_secret().to_owned());
        }
        socks.call(to).await.map_err(|error| error.to_string())
    };
    Ok(stream?.into_inner())
}
