//! The double in this process, behind a wiremock server on a free port: for tests, and for runs
//! without a target.
//!
//! The only place that names `wiremock`. Must not know any route: one mock hands everything to the
//! core. It can't play what [`Wire`] says exactly: it announces a longer body than it sends, so
//! that the client sees a reply that breaks off.

use std::sync::{Arc, Mutex, PoisonError};

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::super::appliance::options::Options;
use super::super::appliance::state::State;
use super::super::handling::router;
use super::super::http::request::{Reply, Request, Wire};
use super::super::terms::clock::Clock;

/// A running double. It stops when it is dropped.
#[derive(Debug)]
pub struct InProcess {
    /// There until the drop.
    server: Option<MockServer>,
    url: String,
    clock: Clock,
    state: Arc<Mutex<State>>,
}

impl InProcess {
    /// Starts a double on a free port of the loopback interface.
    pub async fn start(options: Options, clock: Clock) -> Self {
        let state = Arc::new(Mutex::new(State::new(options, clock.now())));
        // A server of its own, not one from wiremock's pool: a pooled one keeps its port open.
        let server = MockServer::builder().disable_request_recording().start().await;
        mount(&server, &state, &clock).await;
        Self { url: server.uri(), server: Some(server), clock, state }
    }

    /// Where it listens, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Looks at the state, or changes it, between two requests.
    pub fn with_state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Frees the memory that wiremock holds for each request it has served (about 5 kB). The state
    /// stays. No request may be under way.
    pub async fn forget_requests(&self) {
        if let Some(server) = &self.server {
            server.reset().await;
            mount(server, &self.state, &self.clock).await;
        }
    }
}

impl Drop for InProcess {
    /// Drops the server on a thread of its own: inside an asynchronous task its drop may wait for a
    /// lock for ever when the task has used up its turn.
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            // A panic of that thread has nothing to say to anyone here.
            let _ = std::thread::spawn(move || drop(server)).join();
        }
    }
}

async fn mount(server: &MockServer, state: &Arc<Mutex<State>>, clock: &Clock) {
    let dispatcher = Dispatcher { state: Arc::clone(state), clock: clock.clone() };
    Mock::given(any()).respond_with(dispatcher).mount(server).await;
}

struct Dispatcher {
    state: Arc<Mutex<State>>,
    clock: Clock,
}

impl Respond for Dispatcher {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let request = translate(request);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = router::handle(&mut state, &request, self.clock.now());
        template(reply)
    }
}

fn translate(request: &wiremock::Request) -> Request {
    let line = |(name, value): (&_, &wiremock::http::HeaderValue)| {
        let name: &wiremock::http::HeaderName = name;
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let target = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    let mut translated =
        Request::new(request.method.as_str(), &target).with_body(request.body.clone());
    translated.headers = request.headers.iter().map(line).collect();
    translated
}

fn template(reply: Reply) -> ResponseTemplate {
    let mut template = ResponseTemplate::new(reply.status);
    let mut body = reply.body;
    for (name, value) in reply.headers {
        template = template.append_header(name, value);
    }
    match reply.wire {
        // Right, whichever of these it is; only the other front can show it.
        Wire::Normal
        | Wire::Folded
        | Wire::BlankBeforeColon
        | Wire::ClosedSilently
        | Wire::EarlyHints => {}
        Wire::Close | Wire::CutShort | Wire::Truncate(_) | Wire::Length(_) | Wire::Garbage => {
            template = template.append_header("Content-Length", (body.len() + 1).to_string());
            body.truncate(match reply.wire {
                Wire::CutShort => body.len() / 2,
                Wire::Truncate(bytes) => bytes,
                Wire::Length(_) => body.len(),
                _ => 0,
            });
        }
    }
    if !reply.delay.is_zero() {
        template = template.set_delay(reply.delay);
    }
    template.set_body_bytes(body)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpStream;

    use super::super::super::misbehave::fault::Fault;
    use super::super::super::testing::{COPY, DATA, LOCKS, on_the_wire, speak};
    use super::*;

    async fn ask(double: &InProcess, method: &str, target: &str, body: &str) -> String {
        let stream = TcpStream::connect(double.url().trim_start_matches("http://")).await.unwrap();
        speak(stream, &on_the_wire(method, target, body)).await
    }

    #[tokio::test]
    async fn it_answers_over_http_and_follows_its_clock() {
        let double = InProcess::start(Options::default(), Clock::real()).await;
        assert!(ask(&double, "GET", LOCKS, "").await.starts_with("HTTP/1.1 200"));
        double.clock().advance(Duration::from_mins(20));
        let empty = ask(&double, "GET", LOCKS, "").await;
        assert!(empty.starts_with("HTTP/1.1 204") && empty.ends_with("\r\n\r\n"), "{empty}");
        assert!(ask(&double, "GET", "/storages", "").await.starts_with("HTTP/1.1 599"));
        assert!(ask(&double, "PUT", DATA, COPY).await.contains(r#""jobId":"17""#));
        double.forget_requests().await;
        assert!(
            ask(&double, "GET", "/tasks/17?compact=true", "").await.starts_with("HTTP/1.1 200")
        );
        assert_eq!(double.with_state(|state| state.jobs_started()), 1);
    }

    #[tokio::test]
    async fn a_poisoned_state_is_used_all_the_same() {
        let double = InProcess::start(Options::default(), Clock::real()).await;
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            double.with_state(|_| panic!("poison"))
        }));
        assert!(panicked.is_err());
        assert!(ask(&double, "GET", "/aicc", "").await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn a_reply_that_is_cut_is_shorter_than_it_says() {
        for fault in [Fault::WireCutShort, Fault::WireCloseAfterStart] {
            let options = Options { faults: [fault].into(), ..Options::default() };
            let double = InProcess::start(options, Clock::real()).await;
            let reply = ask(&double, "PUT", DATA, COPY).await;
            assert!(!reply.contains("success"), "{fault}: {reply}");
            assert_eq!(double.with_state(|state| state.jobs_started()), 1);
        }
    }

    #[tokio::test]
    async fn it_is_gone_when_it_is_dropped() {
        let double = InProcess::start(Options::default(), Clock::real()).await;
        let address = double.url().trim_start_matches("http://").to_owned();
        drop(double);
        let mut refused = false;
        for _ in 0..100 {
            refused = TcpStream::connect(&address).await.is_err();
            if refused {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(refused);
    }
}
