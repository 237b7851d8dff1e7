//! The HTTP clients under one transport: one that keeps connections, and two that are made when a
//! server turns out to need them.
//!
//! Knows: how a client is built. Must not know: what is sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::header::{ACCEPT_ENCODING, CONNECTION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret as _;

use super::fault::{MOST_HEADERS, chain};
use super::settings::{Credentials, Limits, Proxy, TlsPolicy, TransportError};
use super::tls;
use super::tunnel;

/// How long a connection may wait for its next request.
const IDLE: Duration = Duration::from_secs(5);
/// So many connections in a row that should have been kept and weren't show how a server is.
const SURE: usize = 2;

/// The clients.
pub(super) struct Connections {
    tls: TlsPolicy,
    proxy: Option<Proxy>,
    limits: Limits,
    plain: bool,
    usual: reqwest::Client,
    /// A connection for each request.
    fresh: OnceLock<reqwest::Client>,
    /// The same, and lines of a head that aren't HTTP are passed over.
    lenient: OnceLock<reqwest::Client>,
    reads_leniently: AtomicBool,
    under_way: AtomicUsize,
    kept: Mutex<Option<(SocketAddr, Instant)>>,
    lost: AtomicUsize,
}

/// Which client a request takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// What this server needs, as far as it is known.
    Usual,
    /// A connection of its own.
    Fresh,
    /// The same, read leniently.
    Lenient,
}

/// A request that is under way.
pub(super) struct UnderWay<'a> {
    connections: &'a Connections,
    alone: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.connections.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Connections {
    pub(super) fn new(
        tls: TlsPolicy,
        proxy: Option<Proxy>,
        limits: Limits,
        plain: bool,
    ) -> Result<Self, TransportError> {
        let usual = client(&tls, proxy.as_ref(), &limits, plain, Way::Usual)?;
        Ok(Self {
            tls,
            proxy,
            limits,
            plain,
            usual,
            fresh: OnceLock::new(),
            lenient: OnceLock::new(),
            reads_leniently: AtomicBool::new(false),
            under_way: AtomicUsize::new(0),
            kept: Mutex::new(None),
            lost: AtomicUsize::new(0),
        })
    }

    pub(super) fn is_proxied(&self) -> bool {
        self.proxy.is_some()
    }

    /// Why the proxy gives no tunnel to the host of an address, if it says so.
    pub(super) async fn refused_by_the_proxy(&self, url: &reqwest::Url) -> Option<String> {
        let proxy = self.proxy.as_ref().filter(|_| url.scheme() == "https")?;
        let host = url.host_str()?.trim_matches(['[', ']']);
        tunnel::refusal(proxy, host, url.port_or_known_default()?).await
    }

    /// The client for a request, and how its answer will be read.
    pub(super) fn client(&self, way: Way) -> (&reqwest::Client, Way) {
        let way = match way {
            Way::Usual | Way::Fresh if self.reads_leniently.load(Ordering::SeqCst) => Way::Lenient,
            Way::Usual if self.lost.load(Ordering::SeqCst) >= SURE => Way::Fresh,
            way => way,
        };
        let cell = match way {
            Way::Usual => return (&self.usual, way),
            Way::Fresh => &self.fresh,
            Way::Lenient => &self.lenient,
        };
        if let Some(client) = cell.get() {
            return (client, way);
        }
        // The usual one was built from the same parts; should this one fail all the same, that one
        // is as good as any.
        match client(&self.tls, self.proxy.as_ref(), &self.limits, self.plain, way) {
            Ok(client) => (cell.get_or_init(|| client), way),
            Err(_) => (&self.usual, Way::Usual),
        }
    }

    /// From now on lines that aren't HTTP are passed over, in answers to changes too, which can't
    /// be asked for a second time.
    pub(super) fn read_leniently(&self) {
        self.reads_leniently.store(true, Ordering::SeqCst);
    }

    /// Counts a request in until it is dropped.
    pub(super) fn begin(&self) -> UnderWay<'_> {
        let alone = self.under_way.fetch_add(1, Ordering::SeqCst) == 0;
        UnderWay { connections: self, alone }
    }

    /// Learns from an answer whether the server ends connections that it didn't say it would end. A
    /// change that is sent into such a connection is lost, and must not be sent again; so such a
    /// server gets a connection for each request.
    pub(super) fn learn(&self, under_way: &UnderWay<'_>, response: &reqwest::Response, way: Way) {
        let here = response.extensions().get::<HttpInfo>().map(HttpInfo::local_addr);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.take();
        if way != Way::Usual || !under_way.alone || self.under_way.load(Ordering::SeqCst) > 1 {
            return;
        }
        if let (Some(here), Some((there, at))) = (here, before)
            && at.elapsed() + Duration::from_secs(1) < IDLE
        {
            if here == there {
                self.lost.store(0, Ordering::SeqCst);
            } else {
                self.lost.fetch_add(1, Ordering::SeqCst);
            }
        }
        *kept = here.filter(|_| will_be_kept(response)).map(|here| (here, Instant::now()));
    }

    /// A body that wasn't read to its end takes its connection with it.
    pub(super) fn given_up(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Whether a server says, by what it sends and what it doesn't, that its connection stays.
fn will_be_kept(response: &reqwest::Response) -> bool {
    let closes = response
        .headers()
        .get_all(CONNECTION)
        .iter()
        .any(|value| value.to_str().is_ok_and(|value| value.to_lowercase().contains("close")));
    let ends = response.content_length().is_some()
        || response.headers().get("transfer-encoding").is_some()
        || response.status() == 204;
    response.version() == reqwest::Version::HTTP_11 && !closes && ends
}

fn through(proxy: &Proxy) -> Result<reqwest::Proxy, TransportError> {
    let way = reqwest::Proxy::all(&proxy.url)
        .map_err(|error| TransportError::Proxy { url: proxy.url.clone(), why: chain(&error) })?;
    Ok(match &proxy.credentials {
        Some(Credentials { user, password }) => way.basic_auth(user, password.expose_secret()),
        None => way,
    })
}

#[expect(clippy::disallowed_methods, reason = "the one door to building a client")]
fn client(
    tls: &TlsPolicy,
    proxy: Option<&Proxy>,
    limits: &Limits,
    plain: bool,
    way: Way,
) -> Result<reqwest::Client, TransportError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // What nobody asks for may come all the same, and is read then.
    let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
    let builder = reqwest::Client::builder()
        .user_agent(concat!("lxca-conform/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .no_proxy()
        .http1_only()
        .http1_max_headers(MOST_HEADERS)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(way == Way::Lenient)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(limits.connect_timeout)
        .timeout(limits.request_timeout)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true);
    // What the environment says of proxies doesn't count; what the target file says does.
    let builder = match proxy {
        Some(proxy) => builder.proxy(through(proxy)?),
        None => builder,
    };
    let builder = if way == Way::Usual { builder } else { builder.pool_max_idle_per_host(0) };
    // Loading the system's roots costs more than the rest of the start; plain HTTP has no use for
    // them.
    let builder = if plain { builder.tls_certs_only([]) } else { builder };
    let builder = match tls::config(tls)? {
        Some(config) if !plain => builder.tls_backend_preconfigured(config),
        _ => builder,
    };
    builder.build().map_err(|error| TransportError::Client(chain(&error)))
}
