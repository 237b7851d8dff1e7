//! Subcommands and the options that are their own.
//!
//! Knows: names, defaults and help texts. Must not know: what a subcommand does.

mod shared;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

use crate::double::MOST_SERVERS;
use crate::reader::duration;
use crate::report::{self, FORMS, Form};

use super::args_depend::DependArgs;
use super::args_gate::{GateArgs, HistoryArgs, MatrixArgs, OverlayArgs, WaiverCommand};
use super::args_import::ImportArgs;
use super::args_record::{ProfileCommand, RecordArgs};
use super::coverage::CoverageArgs;
use super::exit;

pub(super) use shared::{
    AuthArg, DerivedArgs, EffectArg, LevelArg, SelectArgs, SourceArgs, TextOrJson, UntestedArg,
};

/// Tells whether an appliance still behaves as its documentation says.
#[derive(Debug, Parser)]
#[command(name = "lxca-conform", version, about, max_term_width = 110, after_help = exit::table())]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the catalogue against a target and write a report; without a target, against the
    /// built-in double
    #[command(
        after_help = "Examples:\n  lxca-conform run\n  lxca-conform run --target lab.toml --out \
            reports/lab\n  LXCA_PASSWORD=… lxca-conform run --url https://192.0.2.10 --user \
            CONFORMANCE --filter 'sftp-locks.*'"
    )]
    Run(RunArgs),
    /// Print each request that `run` would send; sends nothing
    #[command(
        after_help = "Examples:\n  lxca-conform plan --allow read\n  lxca-conform plan --target \
            lab.toml --format json"
    )]
    Plan(PlanArgs),
    /// Judge a record again, without an appliance; or what somebody else recorded
    #[command(after_help = "Examples:\n  lxca-conform judge reports/lab/transcript.jsonl --out \
            reports/lab-again\n  lxca-conform judge browser.har cassettes/*.yml --out \
            reports/recorded")]
    Judge(JudgeArgs),
    /// Render a report in another form, or merge several reports of one scope
    #[command(after_help = "Examples:\n  lxca-conform report reports/lab --format markdown >> \
            \"$GITHUB_STEP_SUMMARY\"\n  lxca-conform report reports/lab --format sarif > \
            lab.sarif\n  lxca-conform report reports/shard-1 reports/shard-2 --out reports/whole")]
    Report(ReportArgs),
    /// List the cases of the catalogue
    #[command(
        after_help = "Examples:\n  lxca-conform list 'backup.transfer::refuses-*'\n  lxca-conform \
            list --format json"
    )]
    List(ListArgs),
    /// Explain a case, a requirement, an operation, an erratum, a check, an exit code, or a word
    /// of this tool such as `verdict` or `deviation`
    #[command(after_help = "Examples:\n  lxca-conform explain sftp-locks.list/body/component\n  \
            lxca-conform explain backup.transfer::cancels-a-push\n  lxca-conform explain E003\n  \
            lxca-conform explain unresolved\n  lxca-conform explain deviation\n  lxca-conform \
            explain 3\n\nWhere an operation has many requirements, a part of them can be asked for by what \
            their\nids begin with.")]
    Explain(ExplainArgs),
    /// Check that the contract and the catalogue are consistent
    Lint(LintArgs),
    /// Run against every fault and every variant of the double: each fault must be caught at the
    /// requirement it breaks, and no variant may be accused
    #[command(
        after_help = "Examples:\n  lxca-conform self-test\n  lxca-conform self-test --filter \
            'lock-*'\n  lxca-conform self-test --format json > self-test.json"
    )]
    SelfTest(SelfTestArgs),
    /// Serve the double over HTTP, for people and clients; prints its URL on the first line
    #[command(
        after_help = "Examples:\n  lxca-conform serve --port 8080\n  lxca-conform serve --fault \
            lock-component-unknown\n  lxca-conform serve --fault 'locks.list: 503 on call 2' \
            --fault '*: delay 200ms'\n  lxca-conform serve --list-faults\n\nAccounts: USERID and \
            OPERATOR (unprivileged), password PASSW0RD.\nGET /_double/state returns the \
            current state. See docs/double.md."
    )]
    Serve(ServeArgs),
    /// Print the SHA-256 of an appliance's certificate, for pin-sha256; sends no request
    Fingerprint {
        /// The address, such as <https://192.0.2.10>
        url: String,
    },
    /// Do the clean-up that an interrupted run left undone
    #[command(after_help = "Example:\n  lxca-conform sweep reports/lab/transcript.jsonl --target \
            lab.toml --out reports/lab-sweep")]
    Sweep(SweepArgs),
    /// Read saved documentation pages: as drafts, as a contract, or as a list of their defects
    #[command(
        after_help = "Examples:\n  lxca-conform import rest_api_cabinet_get.html\n  lxca-conform \
            import pages/ --format contract --out lab-contract\n  lxca-conform import page.txt \
            --format markdown > ticket.md\n  lxca-conform import --diff old.html new.html"
    )]
    Import(ImportArgs),
    /// Record what a client asks an appliance, through a proxy on 127.0.0.1
    #[command(after_help = "Examples:\n  lxca-conform record --target lab.toml --out nightly -- \
            ./nightly.sh\n  lxca-conform record --target lab.toml --allow write -- python3 \
            backup.py --url {url}\n  lxca-conform record --target lab.toml --port 8080\n\nThe \
            client logs in itself, and reaches the appliance through LXCA_URL. Nothing is sent \
            but what it sends. See docs/consumers.md.")]
    Record(RecordArgs),
    /// Check, merge, explain or compare profiles: what clients depend on
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Compare a run with an earlier one: is the upgrade safe? Yes, no, or can't tell
    #[command(after_help = "Examples:\n  lxca-conform gate --baseline reports/before --candidate \
            reports/after --out reports/gate\n  lxca-conform gate --baseline 4.1 --candidate 4.2 \
            --candidate 4.3 --waivers waivers.toml --policy policy.toml")]
    Gate(GateArgs),
    /// Learn what a client depends on: run its test command again and again, each time with one
    /// change to what it fetches
    #[command(
        after_help = "Examples:\n  lxca-conform depend -- ./nightly.sh '{url}'\n  lxca-conform \
            depend --recording nightly.har --out nightly.toml -j 4 -- ./nightly.sh '{url}'\n  \
            lxca-conform depend --budget 10m --compare stdout -- python3 inventory.py\n\nThe \
            address is in LXCA_URL, an account in LXCA_USER and LXCA_PASSWORD. Exit codes: 0 \
            learned, 2\nthe command fails unchanged, 3 budget spent or flaky. See \
            docs/consumers.md."
    )]
    Depend(DependArgs),
    /// Print a table of requirements by version for several runs
    #[command(
        after_help = "Example:\n  lxca-conform matrix reports/4.1 reports/4.2 --out reports/matrix"
    )]
    Matrix(MatrixArgs),
    /// Show what became of each requirement from run to run, over the reports that were kept
    #[command(after_help = format!(
        "Examples:\n  lxca-conform history reports/runs\n  lxca-conform history reports/runs \
            --query 'held then broken' --out history.html\n  lxca-conform history reports/runs \
            --query 'requirement sftp-locks.* and version >=4.1, <5 and broken' --format \
            json\n\n{}",
        super::history::query_help()
    ))]
    History(HistoryArgs),
    /// Show which documented and called operations the contract covers, which of them a run
    /// exercised, and what to import next
    #[command(
        after_help = "Examples:\n  lxca-conform coverage\n  lxca-conform coverage reports/lab \
            --all\n  lxca-conform coverage --format json"
    )]
    Coverage(CoverageArgs),
    /// Print the shape of the response bodies of a run as JSON Schema
    #[command(after_help = "Example:\n  lxca-conform shape reports/lab > lab.shape.json")]
    Shape {
        /// The folder of a run, or its transcript.jsonl; or recordings: HAR 1.2, VCR cassettes
        #[arg(required = true)]
        run: Vec<PathBuf>,
        #[command(flatten)]
        sources: SourceArgs,
    },
    /// Check a waiver file, list the waivers that a run no longer needs, or draft waivers for its
    /// new failures
    #[command(subcommand)]
    Waivers(WaiverCommand),
    /// Print a shell completion script
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// A length of time of an option.
fn time(text: &str) -> Result<Duration, String> {
    duration(text)
        .filter(|time| *time > Duration::ZERO)
        .ok_or_else(|| "expected a length of time such as 30s, 15m or 1h".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// Run against the appliance of each target file in this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["url", "user"])]
    pub(super) targets: Option<PathBuf>,
    /// Run against up to N appliances at a time, where there are several [default: 16 for each
    /// processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(super) appliances: Option<u16>,
    #[command(flatten)]
    pub(super) overlay: OverlayArgs,
    #[command(flatten)]
    pub(super) derived: DerivedArgs,
    /// Run only cases of operations that a client uses: its profile (see docs/consumers.md); may be
    /// given several times
    #[arg(long, value_name = "FILE")]
    pub(super) profile: Vec<PathBuf>,
    /// Minimise each random case that fails, and write it as a case file below this folder
    #[arg(long, value_name = "DIR", requires = "explore")]
    pub(super) write_case: Option<PathBuf>,
    /// Exit 0 when the run is incomplete; the report still says so
    #[arg(long)]
    pub(super) allow_incomplete: bool,
    /// Write the record and the reports to this folder [default: reports/runs/TIME-TARGET]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Run up to N read-only cases at a time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(super) concurrency: Option<u8>,
    /// Wait up to this long, such as 15m, until the appliance answers and says what it is
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) wait: Option<Duration>,
    /// Whether junit.xml has the cases that were left out, as skipped tests
    #[arg(long, value_enum, value_name = "WHAT", default_value = "skip")]
    pub(super) junit_untested: UntestedArg,
    /// Run only if the plan has this digest, as `plan` prints it
    #[arg(long, value_name = "DIGEST")]
    pub(super) approve: Option<String>,
    /// Send up to N requests with wrong credentials [default: 0; no limit for the built-in double]
    #[arg(long, value_name = "N")]
    pub(super) allow_bad_logins: Option<u32>,
    /// Run every case N times; a case whose verdict changes is unresolved (unstable)
    #[arg(long, value_name = "N", default_value = "1",
        value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(super) repeat: u32,
    /// Also write the files without names, addresses, UUIDs and serial numbers to OUT/share
    #[arg(long)]
    pub(super) share: bool,
    /// Print nothing but the conclusion
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// What goes to stdout; json is report.json and nothing else
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    #[command(flatten)]
    pub(super) derived: DerivedArgs,
    /// As for `run`
    #[arg(long, value_name = "FILE")]
    pub(super) profile: Vec<PathBuf>,
    /// As for `run`
    #[arg(long, value_name = "N")]
    pub(super) allow_bad_logins: Option<u32>,
    /// The output format
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
}

#[derive(Debug, Args)]
pub(super) struct JudgeArgs {
    /// A transcript.jsonl, or the folder that holds one; or recordings: HAR 1.2, VCR cassettes
    #[arg(required = true, value_name = "RECORD|HAR|VCR")]
    pub(super) inputs: Vec<PathBuf>,
    /// Write the reports to this folder; without it, only the summary is printed
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Whether junit.xml has the cases that were left out, as skipped tests
    #[arg(long, value_enum, value_name = "WHAT", default_value = "skip")]
    pub(super) junit_untested: UntestedArg,
    /// Exit 0 when the record is incomplete; the report still says so
    #[arg(long)]
    pub(super) allow_incomplete: bool,
    /// Print nothing but the conclusion
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// What goes to stdout; json is report.json and nothing else
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
    #[command(flatten)]
    pub(super) overlay: OverlayArgs,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct SweepArgs {
    /// The transcript.jsonl of the interrupted run, or the folder that holds it
    pub(super) transcript: PathBuf,
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// Write the record of the sweep to this folder [default: reports/runs/TIME-TARGET-sweep]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

/// The forms of a report as values of an option.
fn forms() -> impl TypedValueParser<Value = &'static Form> {
    let values = FORMS.iter().map(|form| PossibleValue::new(form.name).help(form.help));
    PossibleValuesParser::new(values).try_map(|name| report::form(&name).ok_or("no such form"))
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The folder of a run, a report.json, or a transcript.jsonl; several of one scope are merged
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) inputs: Vec<PathBuf>,
    /// Print this form to stdout; with --out, write it as a further file
    #[arg(long, value_parser = forms(), required_unless_present = "out")]
    pub(super) format: Option<&'static Form>,
    /// Write report.json, report.html, report.md and junit.xml into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "share")]
    pub(super) out: Option<PathBuf>,
    /// Whether junit.xml has the cases that were left out, as skipped tests
    #[arg(long, value_enum, value_name = "WHAT", default_value = "skip")]
    pub(super) junit_untested: UntestedArg,
    /// Leave out names, addresses, UUIDs and serial numbers
    #[arg(long)]
    pub(super) share: bool,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// List only ids that match this glob
    pub(super) glob: Option<String>,
    /// Which cases to list of those generated from the request tables [default: core; none with
    /// --catalogue]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) generated: Option<LevelArg>,
    /// List the documented statements about requests instead, with the cases that test each of
    /// them from either side
    #[arg(long, conflicts_with = "glob")]
    pub(super) statements: bool,
    /// The output format
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The id of a case, requirement, operation, erratum or check, a word of this tool, or an exit
    /// code
    pub(super) id: String,
    /// List every requirement of an operation, or of a part of it, however many there are
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// Print the JSON Schema that the request tables of an operation give, and check nothing
    #[arg(long, value_name = "OPERATION")]
    pub(super) request_schema: Option<String>,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct SelfTestArgs {
    /// Run only faults and variants whose name matches this glob; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub(super) filter: Vec<String>,
    /// Which cases to include of those generated from the request tables [default: core; none
    /// with --catalogue]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) generated: Option<LevelArg>,
    /// Use only generated cases, and only the faults that those are about
    #[arg(long)]
    pub(super) only_generated: bool,
    /// Draft the row of a fault that breaks this requirement, and run nothing
    #[arg(long, value_name = "REQUIREMENT")]
    pub(super) draft_fault: Option<String>,
    /// Keep the score for this build's reports
    #[arg(long, value_name = "FILE", hide = true)]
    pub(super) save_score: Option<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct ServeArgs {
    /// The port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value = "0")]
    pub(super) port: u16,
    /// Serve over TLS with a self-signed certificate for `localhost`, `127.0.0.1` and `::1`; its
    /// SHA-256 is printed to stderr
    #[arg(long)]
    pub(super) tls: bool,
    /// Serve over TLS with the certificate in this PEM file
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) cert: Option<PathBuf>,
    /// The private key for --cert: PEM, without a passphrase
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) key: Option<PathBuf>,
    /// The product version to report [default: that of --state, or 4.1.0]
    #[arg(long, value_name = "V")]
    pub(super) version: Option<String>,
    /// Start with the state in this JSON file, as `GET /_double/state` returns it
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// Make a site of N servers, with the chassis and cabinets that they need
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_SERVERS))]
    pub(super) size: Option<u64>,
    /// Let time pass N times as fast for jobs, locks and sessions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(super) time_scale: Option<u16>,
    /// Don't log requests to stderr
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// Enable a fault, or a script such as 'locks.list: 503 on call 2'; may be given several times
    #[arg(long, value_name = "NAME|SCRIPT")]
    pub(super) fault: Vec<String>,
    /// Enable a variant: a difference that the documents allow; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) variant: Vec<String>,
    /// List the faults
    #[arg(long)]
    pub(super) list_faults: bool,
    /// List the variants
    #[arg(long)]
    pub(super) list_variants: bool,
    /// The output format of the lists
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
}
