//! Between hyper's words and the core's: a request read within its bounds, a reply as a response.
//!
//! Must not know connections, TLS or any route.

use std::io;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};

use super::super::handling::router::MAX_BODY;
use super::super::http::request::{Reply, Request};

/// How long a client may take to send a body.
const UPLOAD: Duration = Duration::from_secs(30);
/// How long nothing of an announced body may come: a proxy that loses a body must not hold up a
/// run.
const STALL: Duration = Duration::from_secs(2);

/// Reads a request.
pub(crate) async fn translate(request: hyper::Request<Incoming>) -> io::Result<Request> {
    let (head, mut incoming) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut translated = Request::new(head.method.as_str(), target);
    translated.headers = head
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    if incoming.is_end_stream() {
        return Ok(translated);
    }
    let read = async {
        // One byte more than is allowed is enough for the core to refuse it.
        while translated.body.len() <= MAX_BODY {
            let frame = tokio::time::timeout(STALL, incoming.frame())
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
            let Some(frame) = frame else { break };
            let frame = frame.map_err(io::Error::other)?;
            if let Ok(data) = frame.into_data() {
                let room = MAX_BODY + 1 - translated.body.len();
                translated.body.extend_from_slice(&data[..data.len().min(room)]);
            }
        }
        Ok::<(), io::Error>(())
    };
    tokio::time::timeout(UPLOAD, read)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(translated)
}

/// Makes a response of a reply.
pub(crate) fn response(reply: Reply) -> hyper::Response<Whole> {
    let mut response = hyper::Response::new(Whole::new(Bytes::from(reply.body)));
    // The core gives no other statuses and headers than valid ones.
    if let Ok(status) = hyper::StatusCode::from_u16(reply.status) {
        *response.status_mut() = status;
    }
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The body of a reply, in one piece.
pub(crate) type Whole = http_body_util::Full<Bytes>;
