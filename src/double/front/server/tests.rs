//! Tests of `server`, in a file of their own for their length.
//!
//! Knows: `server`. Must not know: what uses it.

use std::net::SocketAddr;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, pki_types};

use super::super::super::handling::router::MAX_BODY;
use super::super::super::misbehave::fault::Fault;
use super::super::super::testing::{COPY, DATA, LOCKS, on_the_wire, speak};
use super::*;

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
}

async fn start(options: Options, tls: Option<Arc<ServerConfig>>) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async { drop(stopped.await) };
    let server = tokio::spawn(serve(listener, options, Clock::real(), shutdown, tls));
    Running { address, stop, server }
}

async fn ask(address: SocketAddr, method: &str, target: &str, body: &str) -> String {
    speak(TcpStream::connect(address).await.unwrap(), &on_the_wire(method, target, body)).await
}

fn faulty(fault: Fault) -> Options {
    Options { faults: [fault].into(), ..Options::default() }
}

#[tokio::test]
async fn it_answers_like_the_core_and_stops_when_told_even_with_a_connection_open() {
    let running = start(Options::default(), None).await;
    assert!(ask(running.address, "GET", LOCKS, "").await.starts_with("HTTP/1.1 200"));
    assert!(
        ask(running.address, "GET", "/tasks/99?compact=true", "").await.starts_with("HTTP/1.1 404")
    );
    let unknown = ask(running.address, "PUT", "/managementServer/quiesce", "{}").await;
    assert!(unknown.starts_with("HTTP/1.1 599") && unknown.contains("no-route"), "{unknown}");
    assert_eq!(unknown.to_ascii_lowercase().matches("\r\ndate:").count(), 1);
    let idle = TcpStream::connect(running.address).await.unwrap();
    running.stop.send(()).unwrap();
    running.server.await.unwrap().unwrap();
    drop(idle);
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_refused_without_being_read_to_its_end() {
    let running = start(Options::default(), None).await;
    let reply = ask(running.address, "PUT", DATA, &" ".repeat(MAX_BODY + 1)).await;
    assert!(reply.starts_with("HTTP/1.1 413"), "{reply}");
}

#[tokio::test]
async fn faults_of_the_connection_are_played_and_the_server_goes_on() {
    let running = start(faulty(Fault::WireCloseBeforeStart), None).await;
    assert_eq!(ask(running.address, "PUT", DATA, COPY).await, "");
    assert!(ask(running.address, "PUT", DATA, COPY).await.contains(r#""jobId":"17""#));

    let running = start(faulty(Fault::WireCutShort), None).await;
    let cut = ask(running.address, "PUT", DATA, COPY).await;
    assert!(cut.starts_with("HTTP/1.1 200") && !cut.contains("success"), "{cut}");
    assert!(ask(running.address, "PUT", DATA, COPY).await.starts_with("HTTP/1.1 400"));
}

fn scripted(line: &str) -> Options {
    Options { scripts: vec![line.parse().unwrap()], ..Options::default() }
}

#[tokio::test]
async fn any_fault_of_the_connection_is_played_on_any_call() {
    // In tenths of the body, what of it is sent.
    for (line, start, sent) in [
        ("locks.list: drop on call 2", "", 0),
        ("locks.list: drop-reply on call 2", "", 0),
        ("locks.list: truncate after 0 bytes on call 2", "HTTP/1.1 200 OK\r\n", 0),
        ("locks.list: wire-cut-short on call 2", "HTTP/1.1 200 OK\r\n", 5),
        ("locks.list: content-length +7 on call 2", "HTTP/1.1 200 OK\r\n", 10),
        ("locks.list: content-length -7 on call 2", "HTTP/1.1 200 OK\r\n", 10),
        ("locks.list: garbage on call 2", "\0\u{fffd}", 0),
    ] {
        let running = start_with(line).await;
        let whole = ask(running.address, "GET", LOCKS, "").await;
        assert!(whole.starts_with("HTTP/1.1 200") && whole.ends_with("}]"), "{line}");
        let body = whole.rsplit("\r\n\r\n").next().unwrap();
        let length = body.len();
        let played = ask(running.address, "GET", LOCKS, "").await;
        assert!(
            played.starts_with(start) && played.is_empty() == start.is_empty(),
            "{line}: {played:?}"
        );
        assert_eq!(played.rsplit("\r\n\r\n").next(), Some(&body[..length * sent / 10]), "{line}");
        let stated =
            |more: i64| format!("Content-Length: {}\r\n", i64::try_from(length).unwrap() + more);
        let more = if line.contains("+7") { 7 } else { -7 };
        assert_eq!(
            played.contains(&stated(more)),
            line.contains("content-length"),
            "{line}: {played:?}"
        );
        assert_eq!(ask(running.address, "GET", LOCKS, "").await.len(), whole.len(), "{line}");
    }
}

async fn start_with(line: &str) -> Running {
    start(scripted(line), None).await
}

#[tokio::test]
async fn a_reply_before_a_dropped_connection_arrives_also_when_both_requests_came_at_once() {
    let running = start_with("tasks.list: drop").await;
    let request =
        |target: &str| on_the_wire("GET", target, "").replace("Connection: close\r\n", "");
    let both = format!("{}{}", request("/aicc"), request("/tasks"));
    let reply = speak(TcpStream::connect(running.address).await.unwrap(), &both).await;
    assert!(
        reply.starts_with("HTTP/1.1 200")
            && reply.contains("lxca-double")
            && reply.matches("HTTP/1.1").count() == 1,
        "{reply}"
    );
}

#[tokio::test]
async fn a_delay_holds_back_one_reply_and_nobody_else() {
    let running = start_with("tasks.list: delay 400ms").await;
    let start = Instant::now();
    let held = tokio::spawn(async move { ask(running.address, "GET", "/tasks", "").await });
    while !ask(running.address, "GET", snapshot::PATH, "").await.contains(r#""calls": 1"#) {}
    assert!(ask(running.address, "GET", "/aicc", "").await.starts_with("HTTP/1.1 200"));
    assert!(!held.is_finished() || start.elapsed() >= Duration::from_millis(400));
    assert!(held.await.unwrap().starts_with("HTTP/1.1 200"));
    assert!(start.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn the_state_is_told_at_a_path_of_its_own_and_nowhere_else() {
    let running = start(Options::default(), None).await;
    let told = ask(running.address, "GET", snapshot::PATH, "").await;
    assert!(
        told.starts_with("HTTP/1.1 200")
            && told.to_lowercase().contains("x-lxca-conform-double: 1")
            && told.contains(r#""nextJob": 17"#),
        "{told}"
    );
    for (method, target) in [
        ("POST", "/_double/state"),
        ("GET", "/_double"),
        ("GET", "/_double/state/"),
        ("GET", "/_double/other"),
    ] {
        assert!(
            ask(running.address, method, target, "").await.starts_with("HTTP/1.1 599"),
            "{method} {target}"
        );
    }
}

#[tokio::test]
async fn an_observer_is_told_of_each_request() {
    let (sender, events) = std::sync::mpsc::channel();
    let observer = Observer::new(move |event| drop(sender.send(event)));
    let options = Options {
        scripts: ["locks.list: 503 on call 2", "locks.list: drop on call 3"]
            .map(|line| line.parse().unwrap())
            .into(),
        ..Options::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let clock = Clock::fixed("2026-03-01T12:00:00Z".parse().unwrap());
    let service = Service {
        state: State::new(options, clock.now()),
        clock,
        tls: None,
        observer: Some(observer),
    };
    tokio::spawn(service.run(listener, std::future::pending()));
    for _ in 0..3 {
        ask(address, "GET", LOCKS, "").await;
    }
    speak(
        TcpStream::connect(address).await.unwrap(),
        "GET /tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    speak(
        TcpStream::connect(address).await.unwrap(),
        &on_the_wire("POST", "/sessions", r#"{"UserId": "OPERATOR", "password": "PASSW0RD"}"#),
    )
    .await;
    ask(address, "GET", snapshot::PATH, "").await;
    let lines: Vec<String> = events
        .try_iter()
        .map(|event| {
            format!(
                "{} {} {:?} {:?} {:?}",
                event.method,
                event.path,
                event.status,
                event.user.as_deref(),
                event.scripts
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            r#"GET /aicc/service/sftp/locks Some(200) Some("USERID") []"#,
            r#"GET /aicc/service/sftp/locks Some(503) None ["locks.list: 503 on call 2"]"#,
            r#"GET /aicc/service/sftp/locks None None ["locks.list: drop on call 3"]"#,
            "GET /tasks Some(401) None []",
            r#"POST /sessions Some(200) Some("OPERATOR") []"#,
            "GET /_double/state Some(200) None []",
        ]
    );
}

#[tokio::test]
async fn it_speaks_tls_with_secure_cookies() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = pki_types::PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    let running = start(Options::default(), Some(Arc::new(config))).await;

    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = pki_types::ServerName::try_from("127.0.0.1").unwrap();
    let stream = TcpStream::connect(running.address).await.unwrap();
    let stream =
        tokio_rustls::TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap();
    let login = r#"{"UserId": "USERID", "password": "PASSW0RD"}"#;
    let reply = speak(stream, &on_the_wire("POST", "/sessions", login)).await;
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert_eq!(reply.matches("; Secure").count(), 4);
}
