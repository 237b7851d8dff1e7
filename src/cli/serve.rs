//! `serve`: the double on a port, for people and clients.
//!
//! Knows: how to start it and what it can play. Must not know: what it answers.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

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
    let tls = if args.tls {
        let own = double::own_certificate().map_err(|error| Failure::usage(format!("make a certificate: {error}")))?;
        super::err(&format!("certificate SHA-256 {}\n", hex(&Sha256::digest(&own.certificate))));
        Some(own.config)
    } else {
        None
    };
    out(&format!("{}://{address}\n", if args.tls { "https" } else { "http" }))?;
    let shutdown = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    double::serve(listener, options, Clock::real(), shutdown, tls).await.map_err(|error| Failure::usage(format!("serve on {address}: {error}")))?;
    Ok(Exit::Conformant)
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
