//! `sweep`: what an interrupted run left due is done now.
//!
//! Knows: a record and a target. The clean-ups are those of the catalogue, with the facts that the
//! record holds. Must not know: anything to judge.

use std::fmt::Write as _;
use std::path::Path;

use crate::address::Address;
use crate::builtin::RealTime;
use crate::catalogue::Effect;
use crate::conduct;
use crate::engine::{Engine, Pace as _, Recorder as _};
use crate::identify::probe;
use crate::judge::Next;
use crate::report::{interrupted_cases, unknown_outcomes};
use crate::store::{self, RecordWriter, Row, TargetKind};

use super::args::SweepArgs;
use super::run::default_folder;
use super::{Exit, Failure, Outcome, out, sources};

pub(super) async fn sweep(args: SweepArgs) -> Outcome {
    let (known, _) = sources::load(&args.select.sources)?;
    let mut target = sources::target(&known, &args.select)?.ok_or_else(|| {
        Failure::usage(
            "choose a target: give the appliance of the interrupted run with --target or --url",
        )
    })?;
    let record = store::read(&args.transcript).map_err(Failure::usage)?;
    // A clean-up takes back what its own run made, or changes again what that was allowed to
    // change; nothing else is sent.
    target.allow = target.allow.max(Effect::Write).max(record.header.scope.allow);
    let (contract, catalogue) = sources::load_like(&args.select.sources, &record.header.catalogue)?;
    // An older record holds the address as it was given.
    let made_at = Address::parse(&record.header.target.url)
        .map_or_else(|_| record.header.target.url.clone(), |address| address.to_string());
    if made_at != target.url {
        return Err(Failure::usage(format!(
            "sweep {}: the record was made at {}",
            target.url, record.header.target.url
        )));
    }
    let due = interrupted_cases(&contract, &catalogue, &record);
    let unknown = unknown_outcomes(&contract, &catalogue, &record);
    let told =
        unknown.iter().map(|(case, what)| format!("{case}: {what}\n")).collect::<Vec<_>>().concat();
    if due.is_empty() && !unknown.is_empty() {
        out(&told)?;
        return Ok(Exit::Incomplete);
    }
    if due.is_empty() {
        return out("nothing to do: every clean-up of that run was done\n");
    }
    let transport =
        conduct::transport(&contract, &target, TargetKind::Live).map_err(Failure::usage)?;
    let folder = args.out.clone().map_or_else(
        || {
            let mut name = default_folder(&target).into_os_string();
            name.push("-sweep");
            store::fresh(Path::new(&name))
        },
        Ok,
    );
    let mut recorder = RecordWriter::create(&folder.map_err(|error| Failure::stored(&error))?)
        .map_err(|error| Failure::stored(&error))?;
    recorder
        .row(Row::Header(Box::new(store::Header {
            scope: record.header.scope.clone(),
            ..record.header.clone()
        })))
        .map_err(Failure::unwritten)?;
    let mut text = told;
    let mut left = unknown.len();
    {
        let engine = Engine::new(
            &contract,
            &record.header.scope,
            &transport,
            &RealTime,
            &|_| {},
            &mut recorder,
        );
        let probe = probe(&transport, &RealTime, &target.expected).await;
        if let Err(early) = &probe.outcome {
            // The login may have gone through before the target turned out to be another one.
            engine.logout().await;
            return Err(Failure {
                exit: Exit::Unreachable,
                message: format!("reach the target: {}", early.what),
            });
        }
        for (case, mut run) in due {
            // Nothing of the claim is sent any more: only what it left due.
            run.take_up_again();
            // The guard holds each clean-up against what its case did, as the record tells it.
            transport.begin();
            record
                .exchanges()
                .filter(|exchange| exchange.case == case.id)
                .for_each(|exchange| transport.recall(exchange));
            if matches!(run.next(), Next::Send { .. }) {
                engine.drive(case, &mut run).await;
            }
            let judged = run.finish();
            left += judged.left_over.len();
            let told = if judged.left_over.is_empty() {
                "cleaned up".to_owned()
            } else {
                judged.left_over.join("; ")
            };
            let _ = writeln!(text, "{}: {told}", case.id);
        }
        engine.logout().await;
        engine.check_record().map_err(Failure::unwritten)?;
    }
    recorder.close(RealTime.now(), None).map_err(Failure::unwritten)?;
    out(&text)?;
    Ok(if left == 0 { Exit::Conformant } else { Exit::Incomplete })
}
