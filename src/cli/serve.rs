//! `serve`: the double on a port, for people and clients.
//!
//! Knows: how to start it, what it can play, and when it ends. Must not know: what it answers.

use std::future::Future;
use std::path::Path;

use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use crate::certificates;
use crate::double::{self, Clock, Options, Script, Service, Snapshot, State, Variant};
use crate::files::{self, hex};
use crate::self_test::FaultTable;

use super::args::{ServeArgs, TextOrJson};
use super::serve_log::Log;
use super::{Exit, Failure, Outcome, out, sources};

/// The version that is played unless something else is asked for.
const USUAL_VERSION: &str = "4.1.0";

pub(super) async fn serve(args: ServeArgs) -> Outcome {
    if args.list_faults {
        return listed(
            args.format,
            sources::faults(&[])?
                .known()
                .map(|fault| (fault.name.as_str(), fault.summary.as_str(), fault.place.as_str())),
        );
    }
    if args.list_variants {
        return listed(
            args.format,
            Variant::ALL.iter().map(|variant| (variant.name(), variant.summary(), variant.place())),
        );
    }
    let mut options = played(&args.fault, &sources::faults(&[])?)?;
    options.variants = each(&args.variant.iter().collect::<Vec<_>>(), str::parse::<Variant>)?
        .into_iter()
        .collect();
    let snapshot = args.state.as_deref().map(snapshot).transpose()?;
    let version = args
        .version
        .as_deref()
        .or(snapshot.as_ref().and_then(Snapshot::version))
        .unwrap_or(USUAL_VERSION);
    if version.is_empty()
        || version.len() > 40
        || !version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
    {
        return Err(Failure::usage(format!(
            "report the version `{version}`: a version is 1 to 40 letters, digits, dots and \
                hyphens, such as {USUAL_VERSION}"
        )));
    }
    version.clone_into(&mut options.version);
    let tls = certificate(&args)?;

    let listener = TcpListener::bind(("127.0.0.1", args.port)).await.map_err(|error| {
        Failure::usage(format!(
            "listen on 127.0.0.1:{}: {error}; choose another --port, or 0 for a free one",
            args.port
        ))
    })?;
    let address =
        listener.local_addr().map_err(|error| Failure::usage(format!("listen: {error}")))?;
    // Before the address is told, so that whoever reads it can end the double from then on.
    let ended = ended()?;
    let clock = args.time_scale.map_or_else(Clock::real, Clock::scaled);
    let state = match snapshot {
        Some(snapshot) => State::restored(options, snapshot, clock.now()),
        None => State::new(options, clock.now()),
    };
    let size = args.size.and_then(|size| usize::try_from(size).ok());
    let state = match size {
        Some(servers) => state.with_servers(servers),
        None => state,
    };
    let (log, observer) = if args.quiet { (None, None) } else { Some(Log::start()).unzip() };
    out(&format!("{}://{address}\n", if tls.is_some() { "https" } else { "http" }))?;
    let service = Service { state, clock, tls: tls.map(|tls| tls.config), observer };
    service.run(listener, ended).await;
    if let Some(log) = log {
        log.end();
    }
    Ok(Exit::Conformant)
}

/// Ready when the process is asked to end. What is needed to notice that is there when this
/// returns.
#[cfg(unix)]
pub(super) fn ended() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let catch =
        |kind| signal(kind).map_err(|error| Failure::usage(format!("listen for signals: {error}")));
    let (mut interrupt, mut terminate) =
        (catch(SignalKind::interrupt())?, catch(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "where there are signals, they may be refused")]
pub(super) fn ended() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// A double with the faults, and with the scripts, which have a colon.
fn played(texts: &[String], faults: &FaultTable) -> Result<Options, Failure> {
    let (scripts, names): (Vec<&String>, Vec<&String>) =
        texts.iter().partition(|text| text.contains(':'));
    let mut options = Options::default();
    for fault in each(&names, |name| faults.find(name))? {
        fault.play(&mut options);
    }
    options.scripts.extend(each(&scripts, |text| Script::read(text, faults.edits()))?);
    Ok(options)
}

/// What is read of every text, or everything that is wrong with any.
fn each<'a, T, E: std::fmt::Display>(
    texts: &[&'a String],
    read: impl Fn(&'a str) -> Result<T, E>,
) -> Result<Vec<T>, Failure> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for text in texts {
        match read(text) {
            Ok(value) => found.push(value),
            Err(error) => problems.push(format!("{error}")),
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(Failure::usage(format!("enable the fault: {}", problems.join("; "))))
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    files::bytes(path).map_err(|error| Failure::usage(format!("read {}: {error}", path.display())))
}

fn read(path: &Path) -> Result<String, Failure> {
    files::text(path).map_err(|error| Failure::usage(format!("read {}: {error}", path.display())))
}

fn snapshot(path: &Path) -> Result<Snapshot, Failure> {
    read(path)?.parse().map_err(|error| {
        Failure::usage(format!("start with the state in {}:\n{error}", path.display()))
    })
}

/// What TLS needs, if there is to be TLS.
fn certificate(args: &ServeArgs) -> Result<Option<double::OwnCertificate>, Failure> {
    let certificate = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => {
            let named = format!("serve with --cert {} --key {}", cert.display(), key.display());
            let chain = certificates::certificates(&bytes(cert)?).map_err(|form| {
                Failure::usage(format!(
                    "use --cert {}: {}",
                    cert.display(),
                    form.of_certificates(cert)
                ))
            })?;
            let (label, private) = certificates::private_key(&bytes(key)?).map_err(|form| {
                Failure::usage(format!("use --key {}: {}", key.display(), form.of_key(key)))
            })?;
            let chain: String =
                chain.iter().map(|one| certificates::pem("CERTIFICATE", one)).collect();
            double::given_certificate(
                chain.as_bytes(),
                certificates::pem(&label, &private).as_bytes(),
            )
            .map_err(|error| Failure::usage(format!("{named}: can't {error}")))?
        }
        _ if args.tls => double::own_certificate().map_err(Failure::usage)?,
        _ => return Ok(None),
    };
    super::err(&format!(
        "certificate SHA-256 {}\n",
        hex(&Sha256::digest(&certificate.certificate))
    ));
    Ok(Some(certificate))
}

fn listed<'a>(
    format: TextOrJson,
    rows: impl Iterator<Item = (&'a str, &'a str, &'a str)>,
) -> Outcome {
    if format == TextOrJson::Json {
        let rows: Vec<_> = rows
            .map(|(name, summary, place)| {
                json!({ "name": name, "summary": summary, "place": place })
            })
            .collect();
        return out(&format!("{:#}\n", serde_json::Value::Array(rows)));
    }
    let text = rows
        .map(|(name, summary, _)| format!("{name:<34} {summary}\n"))
        .collect::<Vec<_>>()
        .concat();
    out(&text)
}
