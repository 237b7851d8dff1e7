//! The stage on the loopback interface: hyper on a listener that is given.
//!
//! Knows: connections. Must not know: what is asked, or what is answered.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::stage::{Asked, Stage};

/// The longest body of a request.
const MOST_BODY: usize = 16 * 1024 * 1024;
/// How long to wait when no connection can be accepted.
const BREATH: Duration = Duration::from_millis(50);

/// A server; it ends when this is dropped, with its connections.
pub(super) struct Serving(JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves a stage.
pub(super) fn serve(listener: TcpListener, stage: Arc<Stage>) -> Serving {
    Serving(tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
            };
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let stage = Arc::clone(&stage);
            connections.spawn(async move {
                let service = service_fn(|request| exchange(request, Arc::clone(&stage)));
                // How a connection ends is the client's affair.
                let _ = http1::Builder::new()
                    .title_case_headers(true)
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    }))
}

async fn exchange(
    request: hyper::Request<Incoming>,
    stage: Arc<Stage>,
) -> io::Result<hyper::Response<Full<Bytes>>> {
    let (head, incoming) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers =
        head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let body =
        Limited::new(incoming, MOST_BODY).collect().await.map_err(io::Error::other)?.to_bytes();
    let method = head.method.as_str().to_owned();
    let reply = stage.answer(Asked { method, target, headers, body: body.to_vec() });
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    let mut response = hyper::Response::new(Full::new(Bytes::from(reply.answer.body)));
    if let Ok(status) = hyper::StatusCode::from_u16(reply.answer.status) {
        *response.status_mut() = status;
    }
    for (name, value) in reply.answer.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}
