//! `serve`: the double on a port, for people and clients.
//!
//! Knows: how to start it and what it can play. Must not know: what it answers.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use crate::double::{self, Clock, Fault, Options, Variant};
use crate::files::hex;

use super::args::{ServeArgs, TextOrJson};
use super::{Exit, Failure, Outcome, out};

pub(super) async fn serve(args: ServeArgs) -> Outcome {
    if args.list_faults {
        return listed(args.format, Fault::ALL.iter().chain(Fault::WIRE).map(|fault| (fault.name(), fault.summary(), fault.place())));
    }
    if args.list_variants {
        return listed(args.format, Variant::ALL.iter().map(|variant| (variant.name(), variant.summary(), variant.place())));
    }
    let options = Options { version: args.version, faults: parse::<Fault>(&args.fault)?, variants: parse::<Variant>(&args.variant)?, ..Options::default() };
    let listener =
        TcpListener::bind(("127.0.0.1", args.port)).await.map_err(|error| Failure::usage(format!("listen on 127.0.0.1:{}: {error}; choose another --port, or 0 for a free one", args.port)))?;
    let address = listener.local_addr().map_err(|error| Failure::usage(format!("listen: {error}")))?;
    let tls = if args.tls { Some(own_certificate()?) } else { None };
    out(&format!("{}://{address}\n", if args.tls { "https" } else { "http" }))?;
    let shutdown = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    double::serve(listener, options, Clock::real(), shutdown, tls).await.map_err(|error| Failure::usage(format!("serve on {address}: {error}")))?;
    Ok(Exit::Conformant)
}

/// A certificate of its own, as appliances have one.
fn own_certificate() -> Result<Arc<ServerConfig>, Failure> {
    let wrong = |error: &dyn Display| Failure::usage(format!("make a certificate: {error}"));
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).map_err(|error| wrong(&error))?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(|error| wrong(&error))?;
    let certificate = made.cert.der().clone();
    super::err(&format!("certificate SHA-256 {}\n", hex(&Sha256::digest(certificate.as_ref()))));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|error| wrong(&error))?;
    let config = builder.with_no_client_auth().with_single_cert(vec![certificate], key).map_err(|error| wrong(&error))?;
    Ok(Arc::new(config))
}

fn parse<T: FromStr<Err: Display> + Ord>(names: &[String]) -> Result<BTreeSet<T>, Failure> {
    let (mut found, mut problems) = (BTreeSet::new(), Vec::new());
    for name in names {
        match name.parse() {
            Ok(value) => {
                found.insert(value);
            }
            Err(error) => problems.push(format!("{error}")),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Failure::usage(format!("play that: {}", problems.join("; ")))) }
}

fn listed<'a>(format: TextOrJson, rows: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> Outcome {
    if format == TextOrJson::Json {
        let rows: Vec<_> = rows.map(|(name, summary, place)| json!({ "name": name, "summary": summary, "place": place })).collect();
        return out(&format!("{:#}\n", serde_json::Value::Array(rows)));
    }
    let text = rows.map(|(name, summary, _)| format!("{name:<34} {summary}\n")).collect::<Vec<_>>().concat();
    out(&text)
}
