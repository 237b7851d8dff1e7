//! What passes between a client and the appliance, byte for byte, and a record of it.
//!
//! Knows: a listener on the loopback, the appliance's address, what a request can do. Each
//! connection of a client has one of its own to the appliance, so that each sees the other's
//! connection as it is. Sends nothing of its own, follows nothing, retries nothing. Must not know:
//! cases, verdicts, command lines.

mod connection;
mod course;
mod framing;
mod head;
mod keep;
mod mend;
mod pipe;
mod replies;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::address::Address;
use crate::transport::{self, Dialer, Guard, Limits, TlsPolicy, TransportError};

pub use keep::{HAR_FILE, Keep, Kept};
use mend::Mender;

/// How many connections are served at once; more wait.
const MOST_CONNECTIONS: usize = 256;
/// How long a client may take for the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long what is under way may take when the recording ends.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long to wait when no connection can be accepted, for example because no file descriptor is
/// left.
const BREATH: Duration = Duration::from_millis(50);

/// What a proxy needs.
pub struct Settings {
    /// The appliance.
    pub address: Address,
    /// How its certificate is trusted.
    pub trust: TlsPolicy,
    /// Bounds: to connect, and on what is kept of a body.
    pub limits: Limits,
    /// What may be passed on.
    pub guard: Guard,
    /// What clients' connections are encrypted with, if they are.
    pub tls: Option<Arc<ServerConfig>>,
    /// The proxy through which the appliance is reached, if it is.
    pub way: Option<transport::Proxy>,
    /// What is asked for the time.
    pub now: fn() -> jiff::Timestamp,
}

/// A proxy that is ready to serve.
pub struct Proxy {
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
}

/// What all connections share.
struct Shared {
    dialer: Dialer,
    mender: Mender,
    guard: Guard,
    /// The path of the appliance's address.
    prefix: String,
    most: u64,
    number: AtomicU64,
    keep: Keep,
    now: fn() -> jiff::Timestamp,
    ended: watch::Receiver<bool>,
    end: watch::Sender<bool>,
}

impl Proxy {
    /// A proxy behind a port; connects to nothing yet.
    pub fn new(settings: Settings, port: u16, keep: Keep) -> Result<Self, TransportError> {
        let Settings { address, trust, limits, guard, tls, way, now } = settings;
        let dialer = Dialer::new(&address, &trust, &limits, way)?;
        let prefix = address.line("");
        let whole = address.to_string();
        let origin = whole.strip_suffix(prefix.as_str()).unwrap_or(&whole);
        let (end, ended) = watch::channel(false);
        let shared = Shared {
            dialer,
            mender: Mender::new(origin, port, tls.is_some()),
            guard,
            prefix,
            most: limits.max_body,
            number: AtomicU64::new(0),
            keep,
            now,
            ended,
            end,
        };
        Ok(Self { shared: Arc::new(shared), tls: tls.map(TlsAcceptor::from) })
    }

    /// The address that clients use.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}{}", self.shared.mender.here(), self.shared.prefix)
    }

    /// Serves until `shutdown` is ready; what is under way then still has two seconds, and is kept
    /// as unfinished after them. Gives back what was kept.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Kept {
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut shutdown => break,
                () = self.shared.keep.failed() => break,
                Some(_) = connections.join_next() => continue,
                accepted = accept(&listener, &places) => accepted,
            };
            let Some((stream, place)) = accepted else { continue };
            let (shared, tls) = (Arc::clone(&self.shared), self.tls.clone());
            connections.spawn(async move {
                serve(&shared, tls, stream).await;
                drop(place);
            });
        }
        drop(listener);
        let _ = self.shared.end.send(true);
        while connections.join_next().await.is_some() {}
        self.shared.keep.kept()
    }
}

type Place = tokio::sync::OwnedSemaphorePermit;

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, Place)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    if let Ok((stream, _)) = listener.accept().await {
        return Some((stream, place));
    }
    tokio::time::sleep(BREATH).await;
    None
}

async fn serve(shared: &Shared, tls: Option<TlsAcceptor>, stream: TcpStream) {
    // Small answers go at once; where that can't be had, they go all the same.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return connection::serve(shared, Box::new(stream)).await;
    };
    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
        connection::serve(shared, Box::new(stream)).await;
    }
}

impl Shared {
    fn next_number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Ready when the recording is to end.
    async fn ending(&self) {
        let mut ended = self.ended.clone();
        // The sender lives as long as `self`.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Ready when what is under way has had its time after that.
    async fn over(&self) {
        self.ending().await;
        tokio::time::sleep(FAREWELL).await;
    }
}
