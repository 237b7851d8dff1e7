//! The double as a long-lived server: hyper on a listener that is given, with TLS if that is given
//! too.
//!
//! Knows connections, and the one path that is the double's own. Must not know any route:
//! everything else is handed to the core. Prints nothing: what it does is told to an observer.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::super::appliance::options::Options;
use super::super::appliance::snapshot;
use super::super::appliance::state::State;
use super::super::handling::router;
use super::super::http::request::{Reply, Request};
use super::super::misbehave::variant::Variant;
use super::super::terms::clock::Clock;
use super::event::{Event, Observer};
use super::raw::{self, Stage, Tap};
use super::server_http::{Whole, response, translate};

/// How many connections are served at once; more wait.
const MOST_CONNECTIONS: usize = 256;
/// How long a client may take for the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a connection may wait for the head of a request.
const IDLE: Duration = Duration::from_mins(5);
/// How long replies that are under way may take when the server is shut down.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long to wait when no connection can be accepted, for example because no file descriptor is
/// left.
const BREATH: Duration = Duration::from_millis(50);

/// Serves a double on `listener` until `shutdown` is ready.
///
/// With `tls`, cookies are marked `Secure`, whatever the options say.
///
/// # Errors
/// None at present: a connection that can't be accepted or served is given up, and the server goes
/// on.
pub async fn serve(
    listener: TcpListener,
    options: Options,
    clock: Clock,
    shutdown: impl Future<Output = ()>,
    tls: Option<Arc<ServerConfig>>,
) -> io::Result<()> {
    let state = State::new(options, clock.now());
    Service { state, clock, tls, observer: None }.run(listener, shutdown).await;
    Ok(())
}

/// A double that is ready to be served.
#[derive(Debug)]
pub struct Service {
    /// Where it begins.
    pub state: State,
    /// Its time.
    pub clock: Clock,
    /// How it does TLS, if it does. Cookies are then marked `Secure`, whatever the options say.
    pub tls: Option<Arc<ServerConfig>>,
    /// Who is told of each request. It is called between requests and must not wait for anything.
    pub observer: Option<Observer>,
}

impl Service {
    /// Serves on `listener` until `shutdown` is ready; replies that are under way then still have
    /// two seconds.
    pub async fn run(mut self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        self.state.options.secure_cookies |= self.tls.is_some();
        let server = Server {
            state: Arc::new(Mutex::new(self.state)),
            clock: self.clock,
            tls: self.tls.map(TlsAcceptor::from),
            observer: self.observer,
        };
        let (stop, stopped) = watch::channel(false);
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&listener, &places) => accepted,
                Some(_) = connections.join_next() => continue,
            };
            let Some((stream, place)) = accepted else { continue };
            let (server, stopped) = (server.clone(), stopped.clone());
            connections.spawn(async move {
                server.connection(stream, stopped).await;
                drop(place);
            });
        }
        drop(listener);
        // Nobody listening any more is fine: then there is nobody to tell.
        let _ = stop.send(true);
        let all = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            connections.shutdown().await;
        }
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

#[derive(Clone)]
struct Server {
    state: Arc<Mutex<State>>,
    clock: Clock,
    tls: Option<TlsAcceptor>,
    observer: Option<Observer>,
}

impl Server {
    async fn connection(&self, stream: TcpStream, stopped: watch::Receiver<bool>) {
        // Small replies, sent at once; where that can't be had, they are sent all the same.
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => self.drive(stream, stopped).await,
            Some(tls) => {
                if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                    self.drive(stream, stopped).await;
                }
            }
        }
    }

    async fn drive(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        mut stopped: watch::Receiver<bool>,
    ) {
        let stage = Stage::default();
        let stream = Tap::new(stream, stage.clone());
        let service = service_fn(|request| self.exchange(request, &stage));
        let lower_case = self
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .varies(Variant::LowerCaseHeaders);
        let connection = http1::Builder::new()
            .title_case_headers(!lower_case)
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let stop = async move {
            // Nobody left to stop it is a reason to stop too.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        // How a connection ends is the client's affair.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = stop => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    async fn exchange(
        &self,
        request: hyper::Request<Incoming>,
        stage: &Stage,
    ) -> io::Result<hyper::Response<Whole>> {
        let start = Instant::now();
        let request = translate(request).await?;
        let reply = self.answer(&request, start);
        if !reply.delay.is_zero() {
            tokio::time::sleep(reply.delay).await;
        }
        if let Some(bytes) = raw::bytes(&reply) {
            // What came before on this connection is sent while this waits.
            tokio::task::yield_now().await;
            stage.play(bytes);
        }
        Ok(response(reply))
    }

    fn answer(&self, request: &Request, start: Instant) -> Reply {
        let now = self.clock.now();
        if request.method == "GET" && request.path == snapshot::PATH {
            let reply = snapshot::reply(&mut self.state(), now);
            self.tell(|| Event::new(now, request, reply.status, start));
            return reply;
        }
        let mut state = self.state();
        let exchange = router::exchange(&mut state, request, now);
        self.tell(|| {
            Event::new(now, request, exchange.reply.status, start).by(exchange.user).playing(
                &state,
                &exchange.played,
                exchange.reply.wire,
            )
        });
        exchange.reply
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(observer) = &self.observer {
            observer.tell(event());
        }
    }
}

#[cfg(test)]
mod tests;
