//! `judge` and `report`: from a record, or a report, to other forms of it; and what a run shows of
//! its report.
//!
//! Knows: files of an earlier run. Must not know: appliances.

use std::path::{Path, PathBuf};

use crate::catalogue::Catalogue;
use crate::conduct::write_reports_as;
use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::judge::{Disposition, Verdict};
use crate::record::Record;
use crate::recording::completed;
use crate::report::{
    self, Conclusion, Draw, Form, Merge, Paint, Places, Report, StandIns, rejudge, summary,
};
use crate::shape::Shapes;
use crate::store::{self, Hold};
use crate::target;

use super::args::{JudgeArgs, ReportArgs, SourceArgs, TextOrJson};
use super::overlay::{self, Overlay};
use super::recordings::Opened;
use super::run::exit_of;
use super::{Exit, Failure, Outcome, err, out, recordings, sources};

pub(super) fn judge(args: &JudgeArgs) -> Outcome {
    let _hold = beside(args.out.as_deref())?;
    afresh_reports(args.out.as_deref(), &args.inputs)?;
    let Opened { contract, catalogue, record } = recordings::open(&args.inputs, &args.sources)?;
    let overlay = Overlay::read(&args.overlay, &contract, &catalogue)?;
    let mut report = rejudge(&contract, &catalogue, &record);
    let standing = overlay.lay(&mut report, &contract, &catalogue);
    if let Some(folder) = &args.out {
        write_reports_as(folder, &report, args.junit_untested.untested())
            .map_err(Failure::unwritten)?;
    }
    let files: Vec<&str> = report::files().map(|(name, _)| name).collect();
    show(
        &report,
        args.out.as_deref().map(|folder| (folder, files.as_slice())),
        args.quiet,
        args.format,
    )?;
    if !args.quiet && args.format == TextOrJson::Text {
        out(&overlay::standing_lines(&report, &standing))?;
    }
    Ok(exit_of(&report, None, args.allow_incomplete, &standing))
}

/// Shows a report that was just made: on stdout, and in the summary of a CI step where there is
/// one.
pub(super) fn show(
    report: &Report,
    written: Option<(&Path, &[&str])>,
    quiet: bool,
    format: TextOrJson,
) -> Outcome {
    step_summary(&report::markdown(report));
    if format == TextOrJson::Json {
        return out(&report::json(report));
    }
    if quiet {
        return out(&format!("{}: {}\n", report.conclusion.word(), report.because));
    }
    let Some((folder, files)) = written else { return out(&summary(report, "", Paint::Colour)) };
    out(&summary(report, &folder.display().to_string(), Paint::Colour))?;
    out(&format!("        {}\n", files.join("  ")))
}

/// Where a GitHub job collects Markdown for its page.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The verdict counts more than this file, so a failure to write it is only reported.
pub(super) fn step_summary(markdown: &str) {
    let Some(file) = target::environment(STEP_SUMMARY).filter(|file| !file.is_empty()) else {
        return;
    };
    if let Err(error) = store::append(Path::new(&file), markdown) {
        err(&format!("lxca-conform: failed to write the job summary ({STEP_SUMMARY}): {error}\n"));
    }
}

/// The form in which stand-ins for names have to be links, too.
const HTML: &str = "html";

/// The form that may leave out cases.
const JUNIT: &str = "junit";

/// A report that was read, and where its record lies, if it has one.
struct Read {
    name: String,
    report: Report,
    transcript: Option<PathBuf>,
}

impl Read {
    fn record(&self) -> Result<Option<Record>, Failure> {
        self.transcript.as_deref().map(store::read).transpose().map_err(Failure::usage)
    }
}

fn read(path: &Path, contract: &Contract, catalogue: &Catalogue) -> Result<Read, Failure> {
    let name = path.display().to_string();
    let json = if path.is_dir() { path.join("report.json") } else { path.to_path_buf() };
    if json.extension().is_none_or(|extension| extension != "json") || !json.exists() {
        let record = completed(contract, &name, recordings::record_of(path)?);
        let catalogue = catalogue.clone().like(contract, &record.header.catalogue);
        return Ok(Read {
            name,
            report: rejudge(contract, &catalogue, &record),
            transcript: Some(path.to_path_buf()),
        });
    }
    let report = report_of(&json)?;
    let transcript = path.join("transcript.jsonl");
    Ok(Read {
        name,
        report,
        transcript: (path.is_dir() && transcript.exists()).then_some(transcript),
    })
}

/// The report in a file.
pub(super) fn report_of(path: &Path) -> Result<Report, Failure> {
    let text = store::read_text(path).map_err(Failure::usage)?;
    report::read(&text).map_err(|error| Failure::usage(format!("read {}: {error}", path.display())))
}

/// The folder that something is written into, if it is named, kept from runs; an error where a run
/// has it.
pub(super) fn beside(folder: Option<&Path>) -> Result<Option<Hold>, Failure> {
    folder.map_or(Ok(None), |folder| store::beside(folder).map_err(|error| Failure::stored(&error)))
}

/// Takes away what an earlier answer left in a folder, before anything is read: where there is no
/// answer this time, the last one mustn't stand for it. What is read itself stays.
pub(super) fn afresh(
    folder: Option<&Path>,
    files: &[&str],
    inputs: &[&Path],
) -> Result<(), Failure> {
    let Some(folder) = folder else { return Ok(()) };
    let read: Vec<PathBuf> = inputs.iter().map(|input| crate::files::resolved(input)).collect();
    files
        .iter()
        .map(|file| folder.join(file))
        .filter(|path| !read.contains(&crate::files::resolved(path)))
        .try_for_each(|path| store::remove(&path).map_err(Failure::unwritten))
}

/// The same for the reports of a run; a folder that is read from keeps its own until there are
/// others.
fn afresh_reports(folder: Option<&Path>, inputs: &[PathBuf]) -> Result<(), Failure> {
    let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    let same = |folder: &Path| {
        let here = crate::files::resolved(folder);
        inputs.iter().any(|input| {
            let input = crate::files::resolved(input);
            input == here || input.parent() == Some(here.as_path())
        })
    };
    if folder.is_some_and(same) {
        return Ok(());
    }
    let files: Vec<&str> = report::files().map(|(name, _)| name).collect();
    afresh(folder, &files, &inputs)
}

pub(super) fn report(args: &ReportArgs) -> Outcome {
    if super::fleet_join::is_meant(args) {
        return super::fleet_join::report(args);
    }
    let _hold = beside(args.out.as_deref())?;
    // What is drawn from the record goes beside the reports.
    if !matches!(args.format, Some(Form { draw: Draw::Record(_), .. })) {
        afresh_reports(args.out.as_deref(), &args.inputs)?;
    }
    let (contract, catalogue) = sources::load(&args.sources)?;
    let mut read: Vec<Read> = args
        .inputs
        .iter()
        .map(|path| read(path, &contract, &catalogue))
        .collect::<Result<_, _>>()?;
    let widest = read
        .iter()
        .map(|one| &one.report.catalogue)
        .max_by_key(|recorded| (recorded.generated, recorded.exploration.is_some()))
        .cloned();
    let catalogue = widest
        .map_or_else(|| catalogue.clone(), |recorded| catalogue.clone().like(&contract, &recorded));
    if let Some(Form { draw: Draw::Record(draw), file, .. }) = args.format {
        return of_record(args, &read, *draw, file.unwrap_or_default());
    }
    // One shard alone isn't the whole either.
    let joined = read.iter().any(|one| one.report.scope.shard.is_some());
    let report = if read.len() == 1 && !joined {
        read.remove(0).report
    } else {
        merged(&contract, &catalogue, read)?
    };
    let exit = if joined { exit_of_joined(&report) } else { Exit::Conformant };
    let untested = args.junit_untested.untested();
    if let Some(folder) = &args.out {
        write_reports_as(folder, &report, untested).map_err(Failure::unwritten)?;
        if let Some((form, file)) = args.format.and_then(|form| Some((form, form.file?)))
            && !form.always
        {
            let text = drawn(form, &report, &catalogue, &args.sources)?;
            store::write_file(&folder.join(file), &text).map_err(Failure::unwritten)?;
        }
        out(&format!(
            "{}: {}\nreport: {}\n",
            report.conclusion.word(),
            report.because,
            folder.display()
        ))?;
        return Ok(exit);
    }
    let Some(wanted) = args.format else {
        return Err(Failure::usage("render the report: choose a --format, or a folder with --out"));
    };
    let text = if wanted.name == JUNIT {
        report::junit_as(untested)(&report)
    } else {
        drawn(wanted, &report, &catalogue, &args.sources)?
    };
    if !args.share {
        out(&text)?;
        return Ok(exit);
    }
    let mut stand_ins =
        StandIns::learned(&[&report::json(&report), &text], &crate::conduct::names_of(&report));
    out(&if wanted.name == HTML { stand_ins.put_page(&text) } else { stand_ins.put(&text) })?;
    Ok(exit)
}

/// What the shards of a run come to, as the run itself would have ended. The waivers were laid over
/// each of them.
fn exit_of_joined(report: &Report) -> Exit {
    let new = report
        .cases
        .iter()
        .any(|case| case.verdict == Verdict::Fail && case.disposition != Disposition::KnownFailure);
    let unresolved = report.cases.iter().any(|case| case.verdict == Verdict::Unresolved);
    let disorder = report.waivers.iter().any(|waiver| waiver.state.is_out_of_order());
    if new {
        Exit::Nonconformant
    } else if report.scope.shard.is_some()
        || unresolved
        || report.conclusion == Conclusion::Incomplete
    {
        Exit::Incomplete
    } else if disorder {
        Exit::Waivers
    } else {
        Exit::Conformant
    }
}

fn merged(contract: &Contract, catalogue: &Catalogue, read: Vec<Read>) -> Result<Report, Failure> {
    let (mut records, mut parts) = (Vec::new(), Vec::new());
    let all = read.len();
    for one in read {
        records.extend(one.record()?);
        let Read { name, report, .. } = one;
        parts.push(Merge { name, report });
    }
    let exchanges: Vec<&Exchange> = records.iter().flat_map(Record::exchanges).collect();
    report::merge(contract, catalogue, parts, (records.len() == all).then_some(&exchanges))
        .map_err(Failure::usage)
}

fn drawn(
    form: &Form,
    report: &Report,
    catalogue: &Catalogue,
    args: &SourceArgs,
) -> Result<String, Failure> {
    Ok(match form.draw {
        Draw::Report(draw) => draw(report),
        Draw::Placed(draw) => {
            let (texts, schemas, cases) = sources::texts(args)?;
            draw(report, &Places::read(&texts, &schemas, catalogue, &cases))
        }
        Draw::Record(_) => {
            return Err(Failure::usage(format!(
                "render the form {}: it needs a record",
                form.name
            )));
        }
    })
}

/// Writes a form that is drawn from a record.
fn of_record(args: &ReportArgs, read: &[Read], draw: fn(&Record) -> String, file: &str) -> Outcome {
    let [one] = read else {
        return Err(Failure::usage(
            "write a HAR: it contains the exchanges of one record; name one",
        ));
    };
    let Read { name, report, .. } = one;
    let Some(record) = one.record()? else {
        return Err(Failure::usage(format!(
            "write a HAR: {name} is a report, which has only some exchanges, shortened; name the \
                transcript.jsonl, or its folder"
        )));
    };
    let text = draw(&record);
    match &args.out {
        Some(folder) => {
            let path = folder.join(file);
            store::write_file(&path, &text).map_err(Failure::unwritten)?;
            out(&format!("exchanges: {}\n", path.display()))
        }
        None if args.share => out(&StandIns::learned(
            &[&report::json(report), &text],
            &crate::conduct::names_of(report),
        )
        .put(&text)),
        None => out(&text),
    }
}

/// Prints what the bodies of a run looked like.
pub(super) fn shape(run: &[PathBuf], args: &SourceArgs) -> Outcome {
    let Opened { contract, record, .. } = recordings::open(run, args)?;
    let version = record.identity().version.unwrap_or_else(|| "unknown version".to_owned());
    let schema = Shapes::observe(&contract, record.exchanges())
        .schema(&format!("{} ({version}) on {}", record.header.target.name, record.header.started));
    out(&format!("{schema:#}\n"))
}
