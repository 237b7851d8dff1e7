//! Subcommands and their options.
//!
//! Knows: names, defaults and help texts. Must not know: what a subcommand does.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::args_gate::{GateArgs, MatrixArgs, OverlayArgs, WaiverCommand};
use super::args_import::ImportArgs;
use super::exit;

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
    /// Judge a record again, without an appliance
    #[command(after_help = "Example:\n  lxca-conform judge reports/lab/transcript.jsonl --out \
            reports/lab-again")]
    Judge(JudgeArgs),
    /// Draw a report again in another form, or several of one scope as one
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
    /// Tell the whole story of a case, a requirement, an operation, an erratum, a check, a verdict
    /// or an exit code
    #[command(after_help = "Examples:\n  lxca-conform explain sftp-locks.list/body/component\n  \
            lxca-conform explain backup.transfer::cancels-a-push\n  lxca-conform explain E003\n  \
            lxca-conform explain unresolved\n  lxca-conform explain 3")]
    Explain(ExplainArgs),
    /// Check contract and catalogue for consistency
    Lint(LintArgs),
    /// Play every fault and every variant of the double: each fault must be caught at the
    /// requirement that it breaks, no variant may be accused
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
            OPERATOR (without privilege), password PASSW0RD.\nGET /_double/state tells the \
            present state. More in docs/double.md."
    )]
    Serve(ServeArgs),
    /// Print the SHA-256 of the certificate that an appliance shows, for pin-sha256; sends nothing
    Fingerprint {
        /// The address, such as <https://192.0.2.10>
        url: String,
    },
    /// Perform the clean-ups that an interrupted run left due
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
    /// Hold a run against an earlier one: may we upgrade? yes, no, or can't tell
    #[command(after_help = "Examples:\n  lxca-conform gate --baseline reports/before --candidate \
            reports/after --out reports/gate\n  lxca-conform gate --baseline 4.1 --candidate 4.2 \
            --candidate 4.3 --waivers waivers.toml --policy policy.toml")]
    Gate(GateArgs),
    /// Print requirements × versions of several runs
    #[command(
        after_help = "Example:\n  lxca-conform matrix reports/4.1 reports/4.2 --out reports/matrix"
    )]
    Matrix(MatrixArgs),
    /// Print the shape of the bodies that a run saw, as JSON Schema
    #[command(after_help = "Example:\n  lxca-conform shape reports/lab > lab.shape.json")]
    Shape {
        /// The folder of a run, or its transcript.jsonl
        run: PathBuf,
        #[command(flatten)]
        sources: SourceArgs,
    },
    /// Check a waiver file, see which waivers a run no longer needs, or draft rows for its new
    /// failures
    #[command(subcommand)]
    Waivers(WaiverCommand),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Clone, Args)]
pub(super) struct SourceArgs {
    /// Add the operations of this folder to the built-in contract, with the cases beside them; a
    /// folder that has all of the built-in operations takes its place. May be given several times
    #[arg(long, value_name = "DIR")]
    pub(super) contract: Vec<PathBuf>,
    /// Let an operation of --contract take the place of the one that the contract has already
    #[arg(long, requires = "contract")]
    pub(super) replace: bool,
    /// Read the catalogue from this folder instead of the built-in one
    #[arg(long, value_name = "DIR")]
    pub(super) catalogue: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum EffectArg {
    /// Nothing changes
    Read,
    /// Adds what can be taken back: a lock, a copy
    Write,
    /// Removes, moves or sends away
    Destroy,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum AuthArg {
    /// One session for the run
    Session,
    /// HTTP Basic with each request
    Basic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LevelArg {
    /// Only cases that somebody wrote
    None,
    /// With those that follow from the request tables: what they state, and what is cheap to
    /// observe
    Core,
    /// With everything that follows from them: rarer spellings, and pairs of mistakes
    All,
}

/// Cases that nobody wrote.
#[derive(Debug, Clone, Args)]
pub(super) struct DerivedArgs {
    /// How many of the cases that follow from the request tables take part [default: core; none
    /// with --catalogue]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) generated: Option<LevelArg>,
    /// Add N requests per operation, drawn at random from the request tables
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) explore: Option<u32>,
    /// Where the drawing begins: the same seed gives the same requests [default: the time; it is
    /// printed]
    #[arg(long, value_name = "S", requires = "explore")]
    pub(super) seed: Option<u64>,
}

#[derive(Debug, Clone, Args)]
pub(super) struct SelectArgs {
    /// A target file (see target.example.toml)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "user"])]
    pub(super) target: Option<PathBuf>,
    /// The address of a target, instead of a target file
    #[arg(long, value_name = "URL", requires = "user")]
    pub(super) url: Option<String>,
    /// The user of --url
    #[arg(long, value_name = "NAME", requires = "url")]
    pub(super) user: Option<String>,
    /// The environment variable that holds the password [default: `LXCA_PASSWORD`]
    #[arg(long, value_name = "VAR")]
    pub(super) password_env: Option<String>,
    /// How to log in [default: basic with --url]
    #[arg(long, value_enum)]
    pub(super) auth: Option<AuthArg>,
    /// Trust the certificates in this file
    #[arg(long, value_name = "FILE", group = "trust")]
    pub(super) ca_file: Option<PathBuf>,
    /// Trust the one certificate with this SHA-256
    #[arg(long, value_name = "HASH", group = "trust")]
    pub(super) pin_sha256: Option<String>,
    /// Trust any certificate; every report says so
    #[arg(long, group = "trust")]
    pub(super) insecure: bool,
    /// The worst effect a case may have [default: read; destroy for the built-in double]
    #[arg(long, value_enum)]
    pub(super) allow: Option<EffectArg>,
    /// Run only cases whose id matches this glob; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub(super) filter: Vec<String>,
    /// A fact of the target, such as backup.uuid=…; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) fact: Vec<String>,
    /// Let deviations fail too
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    #[command(flatten)]
    pub(super) overlay: OverlayArgs,
    #[command(flatten)]
    pub(super) derived: DerivedArgs,
    /// Write each random case that fails, in its smallest form, as a case file below this folder
    #[arg(long, value_name = "DIR", requires = "explore")]
    pub(super) write_case: Option<PathBuf>,
    /// Exit 0 when the run is incomplete; the report still says so
    #[arg(long)]
    pub(super) allow_incomplete: bool,
    /// Where the record and the reports go [default: reports/runs/TIME-TARGET]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// How many reading cases run side by side
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(super) concurrency: Option<u8>,
    /// Follow only the plan with this digest, as `plan` prints it
    #[arg(long, value_name = "DIGEST")]
    pub(super) approve: Option<String>,
    /// Send up to N requests with wrong credentials [default: 0; no limit for the built-in double]
    #[arg(long, value_name = "N")]
    pub(super) allow_bad_logins: Option<u32>,
    /// Ask everything N times; a case whose verdict changes is unresolved (unstable)
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(super) repeat: u32,
    /// Write a second set of files, without names, addresses, uuids and serials, to OUT/share
    #[arg(long)]
    pub(super) share: bool,
    /// Print nothing but the conclusion
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// What goes to stdout; json is report.json and nothing else
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TextOrJson {
    /// For people
    Text,
    /// One JSON document
    Json,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    #[command(flatten)]
    pub(super) derived: DerivedArgs,
    /// As for `run`
    #[arg(long, value_name = "N")]
    pub(super) allow_bad_logins: Option<u32>,
    /// The form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
}

#[derive(Debug, Args)]
pub(super) struct JudgeArgs {
    /// A transcript.jsonl, or the folder that holds one
    pub(super) transcript: PathBuf,
    /// Where the reports go; none prints the summary only
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
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
    /// Where the record of the sweep goes [default: reports/runs/TIME-TARGET-sweep]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportForm {
    /// One file for a browser
    Html,
    /// For a CI job's summary
    Markdown,
    /// For a CI job's list of tests
    Junit,
    /// The canonical form
    Json,
    /// SARIF 2.1.0: each cause at the file and line of its rule
    Sarif,
    /// HAR 1.2: the redacted exchanges of a record
    Har,
    /// Annotations of a GitHub job
    Github,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The folder of a run, a report.json, or a transcript.jsonl; several of one scope are merged
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) inputs: Vec<PathBuf>,
    /// The form, on stdout; with --out, a further file
    #[arg(long, value_enum, required_unless_present = "out")]
    pub(super) format: Option<ReportForm>,
    /// Write report.json, report.html, report.md and junit.xml into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "share")]
    pub(super) out: Option<PathBuf>,
    /// Without names, addresses, uuids and serials
    #[arg(long)]
    pub(super) share: bool,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only ids that match this glob
    pub(super) glob: Option<String>,
    /// How many of the cases that follow from the request tables are listed [default: core; none
    /// with --catalogue]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) generated: Option<LevelArg>,
    /// List the documented statements about requests instead, and which cases try each of them from
    /// which side
    #[arg(long, conflicts_with = "glob")]
    pub(super) statements: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The id of a case, requirement, operation, erratum or check, a word such as a verdict, or an
    /// exit code
    pub(super) id: String,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// Print the schema of an operation's request, as its tables have it, and check nothing
    #[arg(long, value_name = "OPERATION")]
    pub(super) request_schema: Option<String>,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct SelfTestArgs {
    /// Play only faults and variants whose name matches this glob; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub(super) filter: Vec<String>,
    /// How many of the cases that follow from the request tables take part [default: core; none
    /// with --catalogue]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) generated: Option<LevelArg>,
    /// Use only cases that were derived from the request tables, and play only faults that those
    /// are about
    #[arg(long)]
    pub(super) only_generated: bool,
    /// Keep the score for this build's reports
    #[arg(long, value_name = "FILE", hide = true)]
    pub(super) save_score: Option<PathBuf>,
    /// The form of the output
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct ServeArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value = "0")]
    pub(super) port: u16,
    /// Serve over TLS, with a certificate of its own for `localhost`, `127.0.0.1` and `::1`; its
    /// SHA-256 goes to stderr
    #[arg(long)]
    pub(super) tls: bool,
    /// Serve over TLS with the certificate in this PEM file
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) cert: Option<PathBuf>,
    /// The key of --cert, PEM, without a passphrase
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) key: Option<PathBuf>,
    /// The product version it plays [default: what --state says, or 4.1.0]
    #[arg(long, value_name = "V")]
    pub(super) version: Option<String>,
    /// Begin with the state in this JSON file, as `GET /_double/state` tells it
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// Write no line to stderr for each request
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// Be wrong in one respect, or play a script such as 'locks.list: 503 on call 2'; may be given
    /// several times
    #[arg(long, value_name = "NAME|SCRIPT")]
    pub(super) fault: Vec<String>,
    /// Be different, and still right; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) variant: Vec<String>,
    /// List the faults
    #[arg(long)]
    pub(super) list_faults: bool,
    /// List the variants
    #[arg(long)]
    pub(super) list_variants: bool,
    /// The form of the lists
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
}
