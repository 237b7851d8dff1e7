//! A bare connection that leads through a proxy: a tunnel of HTTP, or SOCKS 5.
//!
//! Knows: the proxy that a target file names, and its credentials. Must not know: TLS, what goes
//! through the tunnel.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;
use tower_service::Service;

use super::settings::{Credentials, Proxy};

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
        tunnel.call(to).await.map_err(|error| error.to_string())
    } else {
        let mut socks = SocksV5::new(way, connector).local_dns(scheme == "socks5");
        if let Some(Credentials { user, password }) = &proxy.credentials {
            socks = socks.with_auth(user.clone(), password.expose_secret().to_owned());
        }
        socks.call(to).await.map_err(|error| error.to_string())
    };
    Ok(stream?.into_inner())
}
