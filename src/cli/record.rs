//! `record`: a proxy between a client and the appliance, and a record of what passes.
//!
//! Knows: how the proxy and the client's command are started, and what their end means as an exit
//! code. Must not know: how a request is passed on.

use std::fmt::Write as _;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::address::Address;
use crate::builtin::RealTime;
use crate::catalogue::Catalogue;
use crate::certificates;
use crate::contract::Contract;
use crate::double;
use crate::pace::Pace as _;
use crate::password;
use crate::plan::Scope;
use crate::proxy::{self, HAR_FILE, Keep, Kept, Proxy};
use crate::report::counted_as;
use crate::store::{
    self, CatalogueId, ContractId, EndedEarly, Header, RecordWriter, TargetKind, Tool,
};
use crate::target::Target;
use crate::texts::hex;
use crate::transport::Guard;
use crate::why::EndKind;

use super::args::SelectArgs;
use super::args_record::RecordArgs;
use super::run::default_folder;
use super::serve::ended;
use super::{Exit, Failure, Outcome, err, out, sources};

/// The variable with the address of the proxy.
const URL: &str = "LXCA_URL";
/// The variable with the file of its certificate.
const CA_FILE: &str = "LXCA_CA_FILE";
/// The certificate of the proxy, in the folder of the record.
const CERTIFICATE: &str = "proxy-certificate.pem";

pub(super) async fn record(args: RecordArgs) -> Outcome {
    let (contract, catalogue) = sources::load(&args.sources)?;
    let target = target(&contract, &args)?;
    let address = Address::parse(&target.url)
        .map_err(|error| Failure::usage(format!("use the target: {error}")))?;
    for never in &contract.appliance.never {
        address
            .is_not_below(&never.word, &never.path)
            .map_err(|error| Failure::usage(format!("use the target: {error}")))?;
    }
    let certificate = args.tls.then(double::own_certificate).transpose().map_err(Failure::usage)?;
    let listener = TcpListener::bind(("127.0.0.1", args.port)).await.map_err(|error| {
        Failure::usage(format!(
            "listen on 127.0.0.1:{}: {error}; choose another --port, or 0 for a free one",
            args.port
        ))
    })?;
    let port =
        listener.local_addr().map_err(|error| Failure::usage(format!("listen: {error}")))?.port();
    let folder = folder(&args, &target)?;
    let writer = RecordWriter::create(&folder).map_err(|error| Failure::stored(&error))?;
    let _hold = writer.hold().map_err(Failure::unwritten)?;
    let header = header(&contract, &catalogue, &target);
    let login = contract.appliance.login.as_ref();
    let keep = Keep::new(&folder, writer, header, target.limits.max_body, login)
        .map_err(Failure::unwritten)?;
    let settings = proxy::Settings {
        address,
        trust: target.tls.clone(),
        guard: Guard::new(target.allow, contract.known(), contract.appliance.clone()),
        limits: target.limits.clone(),
        tls: certificate.as_ref().map(|made| made.config.clone()),
        way: target.proxy.as_ref().map(password::proxy).transpose().map_err(Failure::usage)?,
        now: || RealTime.now(),
    };
    let proxy = Proxy::new(settings, port, keep.clone())
        .map_err(|error| Failure::usage(format!("start the proxy: {error}")))?;
    let mut environment = vec![(URL, proxy.url())];
    if let Some(made) = &certificate {
        let path = folder.join(CERTIFICATE);
        store::write_file(&path, &certificates::pem("CERTIFICATE", &made.certificate))
            .map_err(Failure::unwritten)?;
        err(&format!("certificate SHA-256 {}\n", hex(&Sha256::digest(&made.certificate))));
        environment.push((CA_FILE, path.display().to_string()));
    }
    // Before the address is told, so that whoever reads it can end the recording from then on.
    let asked = ended()?;
    let ended = if args.command.is_empty() {
        out(&format!("{}\n", proxy.url()))?;
        err(&format!(
            "lxca-conform: recording {} at {}; interrupt to end\n",
            target.name,
            proxy.url()
        ));
        proxy.run(listener, asked).await;
        Ended::Asked
    } else {
        let words = words(&args.command, &proxy.url());
        run(proxy, listener, asked, &words, &environment).await
    };
    finish(&keep, &folder, &ended)
}

/// How a recording came to its end.
enum Ended {
    /// There was no command, and somebody asked for the end.
    Asked,
    /// The command ended.
    Command(ExitStatus),
    /// The command couldn't be started, for this reason.
    NotStarted(String),
    /// Somebody interrupted before the command ended.
    Interrupted,
    /// A row couldn't be written.
    Unwritten,
}

async fn run(
    proxy: Proxy,
    listener: TcpListener,
    asked: impl Future<Output = ()>,
    words: &[String],
    environment: &[(&str, String)],
) -> Ended {
    let Some((program, rest)) = words.split_first() else { return Ended::Asked };
    let mut command = Command::new(program);
    command.args(rest).kill_on_drop(true);
    for (name, value) in environment {
        command.env(name, value);
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ended::NotStarted(format!("{program}: {error}")),
    };
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let serving = proxy.run(listener, async {
        let _ = stopping.await;
    });
    let mut serving = std::pin::pin!(serving);
    // An interrupt from a terminal reaches the command, too.
    let ended = tokio::select! {
        biased;
        () = asked => Ended::Interrupted,
        status = child.wait() => match status {
            Ok(status) => Ended::Command(status),
            Err(error) => Ended::NotStarted(format!("{program}: {error}")),
        },
        _ = &mut serving => return Ended::Unwritten,
    };
    let _ = stop.send(());
    serving.await;
    ended
}

/// The words of the command, with the address of the proxy for `{url}`.
fn words(command: &[String], url: &str) -> Vec<String> {
    command.iter().map(|word| word.replace("{url}", url)).collect()
}

/// Closes the record, says what is in it, and what that means.
fn finish(keep: &Keep, folder: &Path, ended: &Ended) -> Outcome {
    let early = match ended {
        Ended::Interrupted => Some(EndedEarly {
            kind: EndKind::Interrupted,
            what: "the recording was interrupted".to_owned(),
        }),
        _ => None,
    };
    let kept = keep.kept();
    keep.close(RealTime.now(), early).map_err(Failure::unwritten)?;
    let Kept { exchanges, answered, refused } = kept;
    let counted = counted_as(exchanges, "exchange", "exchanges");
    let mut said = format!("lxca-conform: recorded {counted}, {answered} answered");
    if refused > 0 {
        let _ =
            write!(said, ", {refused} refused by the proxy (--allow names what may be passed on)");
    }
    err(&format!("{said}\nrecord: {}\n        transcript.jsonl  {HAR_FILE}\n", folder.display()));
    let failure = |exit, message: String| Err(Failure { exit, message });
    match ended {
        Ended::Unwritten => failure(Exit::Unwritten, "write the record".to_owned()),
        Ended::NotStarted(why) => {
            failure(Exit::Usage, format!("start the command {why}; it comes after `--`"))
        }
        Ended::Interrupted => Ok(Exit::Interrupted),
        // What the proxy refuses never leaves for the target.
        _ if answered == 0 && exchanges > refused => failure(
            Exit::Unreachable,
            "reach the target: it answered no request; the record says why".to_owned(),
        ),
        Ended::Command(status) if !status.success() => failure(
            Exit::Incomplete,
            format!(
                "see the command succeed: it ended with {status}; the record is whole up to \
                there, and may lack what the command would have asked next"
            ),
        ),
        _ if refused > 0 && answered == 0 => failure(
            Exit::Nothing,
            "record any answer: the proxy refused every request; --allow names what may be passed \
                on"
            .to_owned(),
        ),
        _ if exchanges == 0 => failure(
            Exit::Nothing,
            format!(
                "record anything: no request came; send the client to the address in {URL}, \
                or to {{url}} in the words of its command"
            ),
        ),
        Ended::Command(_) | Ended::Asked => Ok(Exit::Conformant),
    }
}

/// The target; it needs no account, because the client logs in.
fn target(contract: &Contract, args: &RecordArgs) -> Result<Target, Failure> {
    let select = SelectArgs {
        target: args.target.iter().cloned().collect(),
        url: args.url.clone(),
        user: None,
        password_env: None,
        auth: None,
        ca_file: args.ca_file.clone(),
        pin_sha256: args.pin_sha256.clone(),
        insecure: args.insecure,
        allow: args.allow,
        filter: Vec::new(),
        shard: None,
        fact: Vec::new(),
        strict: false,
        sources: args.sources.clone(),
    };
    let mut target = sources::target(contract, &select)?
        .ok_or_else(|| Failure::usage("choose a target: name its file with --target"))?;
    sources::scope(contract, &select, &mut target, TargetKind::Recording)?;
    Ok(target)
}

fn folder(args: &RecordArgs, target: &Target) -> Result<PathBuf, Failure> {
    if let Some(folder) = &args.out {
        return Ok(folder.clone());
    }
    let runs = default_folder(target);
    let name = runs.file_name().unwrap_or_default();
    store::fresh(&Path::new("reports").join("recordings").join(name))
        .map_err(|error| Failure::stored(&error))
}

/// A recording is what somebody's client asked and was answered; it claims nothing of the product.
fn header(contract: &Contract, catalogue: &Catalogue, target: &Target) -> Header {
    Header {
        format: store::FORMAT.to_owned(),
        tool: Tool::this(),
        contract: ContractId {
            digest: contract.digest.clone(),
            documents: contract.documents.iter().map(Into::into).collect(),
        },
        catalogue: CatalogueId::from(catalogue),
        target: target.id(TargetKind::Recording),
        scope: Scope {
            allow: target.allow,
            filters: Vec::new(),
            strict: false,
            facts: std::collections::BTreeMap::new(),
            bad_logins: 0,
            shard: None,
        },
        planned: Vec::new(),
        left_out: Vec::new(),
        started: RealTime.now(),
    }
}
