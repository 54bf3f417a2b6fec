//! The command line: one file a command. stdout carries only what the command was asked to print.

pub mod advice;
pub mod claims;
pub mod client;
pub mod demo;
pub mod demo_client;
pub mod dispute;
pub mod doctor;
pub mod generate;
pub mod held;
pub mod import;
pub mod key;
pub mod ledger;
pub mod lines;
pub mod migrate;
pub mod openapi;
pub mod progress;
pub mod queries;
pub mod reconcile;
pub mod report;
pub mod rescore;
pub mod score;
pub mod scorecard;
pub mod scores;
pub mod serve;
pub mod summary;
pub mod table;

use crate::app::{App, BuildError};
use crate::county::records::Bank;
use crate::embedded::Configuration;
use crate::flows::find_bank::find_bank;
use crate::kernel::{Digest, SystemClock, SystemRandomness};
use crate::settings::{Settings, SettingsError};
use crate::store::{Failure, Store, StoreError};
use crate::telemetry;
use clap::{Parser, Subcommand};
use std::fmt::Display;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// 岱山放心消费商户信用评分 · Scores merchants from their compliance history for the banks of a county.
#[derive(Parser)]
#[command(name = "daishan", version, propagate_version = true)]
struct Cli {
    /// 数据库：sqlite:路径 或 postgres://… · Where the database is
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// 配置目录，逐个文件覆盖内置配置 · A directory whose files override what is compiled in
    #[arg(long, global = true, value_name = "DIR")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::DemoCommand),
    Import(import::ImportCommand),
    Scores(scores::ScoresCommand),
    Score(score::ScoreCommand),
    Rescore(rescore::RescoreCommand),
    Held(held::HeldCommand),
    Lines(lines::LinesCommand),
    Advice(advice::AdviceCommand),
    Reconcile(reconcile::ReconcileCommand),
    Dispute(dispute::DisputeCommand),
    Queries(queries::QueriesCommand),
    Claims(claims::ClaimsCommand),
    Ledger(ledger::LedgerCommand),
    Report(report::ReportCommand),
    Scorecard(scorecard::ScorecardCommand),
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Client(client::Client),
    Key(key::Key),
    Doctor(doctor::Doctor),
    Openapi(openapi::Openapi),
    #[command(hide = true)]
    Generate(generate::GenerateCommand),
}

impl Command {
    /// What the command line says of settings, beside what every command takes.
    fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Serve(serve) => serve.settings(),
            Self::Demo(demo) => demo.settings(),
            _ => Vec::new(),
        }
    }

    fn run(self, context: Context) -> Result<(), Failed> {
        match self {
            Self::Demo(command) => command.run(context),
            Self::Import(command) => command.run(&context),
            Self::Scores(command) => command.run(&context),
            Self::Score(command) => command.run(&context),
            Self::Rescore(command) => command.run(&context),
            Self::Held(command) => command.run(&context),
            Self::Lines(command) => command.run(&context),
            Self::Advice(command) => command.run(&context),
            Self::Reconcile(command) => command.run(&context),
            Self::Dispute(command) => command.run(&context),
            Self::Queries(command) => command.run(&context),
            Self::Claims(command) => command.run(&context),
            Self::Ledger(command) => command.run(&context),
            Self::Report(command) => command.run(&context),
            Self::Scorecard(command) => command.run(&context),
            Self::Serve(command) => command.run(context),
            Self::Migrate(command) => command.run(&context),
            Self::Client(command) => command.run(&context),
            Self::Key(command) => command.run(&context),
            Self::Doctor(command) => command.run(&context),
            Self::Openapi(command) => command.run(),
            Self::Generate(command) => command.run(&context),
        }
    }
}

/// Why a command did not do what it was asked; told on stderr.
#[derive(Debug)]
pub enum Failed {
    /// Exit 1: it failed, or a check found differences.
    Failed(String),
    /// Exit 2: wrong usage or settings.
    Usage(String),
}

impl Failed {
    pub fn new(cause: impl Display) -> Self {
        Self::Failed(cause.to_string())
    }

    pub fn usage(cause: impl Display) -> Self {
        Self::Usage(cause.to_string())
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::new(error)
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}

impl From<SettingsError> for Failed {
    fn from(error: SettingsError) -> Self {
        Self::usage(error)
    }
}

impl From<BuildError> for Failed {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Configuration(error) => Self::usage(error),
            BuildError::Store(error) => Self::new(error),
            BuildError::Thread(error) => Self::new(error),
        }
    }
}

impl<R: Display> From<Failure<R>> for Failed {
    fn from(failure: Failure<R>) -> Self {
        Self::new(failure)
    }
}

/// What every command is handed.
#[derive(Clone)]
pub struct Context {
    pub settings: Settings,
    pub configuration: Configuration,
    /// Whether `--database` was given.
    pub database_named: bool,
}

impl Context {
    /// Opens the database. With `create` a missing SQLite file is made and the tables are brought up to date; without,
    /// both are asked for.
    ///
    /// # Errors
    /// Where the database is missing, out of reach or not up to date.
    pub fn open(&self, create: bool) -> Result<Store, Failed> {
        let database = &self.settings.database;
        let store = Store::open(&database.url, create, database.connections)?;
        if create {
            store.migrate()?;
        } else if !store.is_migrated()? {
            return Err(Failed::new(
                "数据库结构不是最新，先运行 daishan migrate · the tables are not up to date, run daishan migrate first",
            ));
        }
        Ok(store)
    }

    /// All parts of the program, around a database opened as [`Self::open`] does.
    ///
    /// # Errors
    /// As [`Self::open`]; and where the configuration is not fit for use.
    pub fn app(&self, create: bool) -> Result<App, Failed> {
        let store = self.open(create)?;
        Ok(App::assemble(
            store,
            self.settings.clone(),
            &self.configuration,
            Arc::new(SystemClock),
            Arc::new(SystemRandomness),
        )?)
    }
}

/// The bank that `--bank` names by its id or name; none where none is named.
///
/// # Errors
/// Where there is no such bank, told with those that there are, or the store fails.
fn named_bank(store: &Store, called: Option<&str>) -> Result<Option<Bank>, Failed> {
    let find = |called| store.read(|conn| find_bank(conn, called));
    called.map(find).transpose().map_err(Failed::new)
}

/// Prints what the command was asked for. A reader that has gone away is no failure.
///
/// # Errors
/// Where stdout cannot be written to.
pub fn print(text: &str) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Parses the command line and runs the command.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = context(&cli).and_then(|context| {
        telemetry::start(&context.settings.log);
        cli.command.run(context)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed::Failed(cause)) => {
            eprintln!("{cause}");
            ExitCode::from(1)
        }
        Err(Failed::Usage(cause)) => {
            eprintln!("{cause}");
            ExitCode::from(2)
        }
    }
}

/// Where a user's programs keep what must survive a restart (XDG Base Directory Specification).
fn state_directory() -> Option<PathBuf> {
    let named = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    named("XDG_STATE_HOME").or_else(|| Some(named("HOME")?.join(".local/state")))
}

fn context(cli: &Cli) -> Result<Context, Failed> {
    let configuration = Configuration::locate(cli.config.as_deref()).map_err(Failed::usage)?;
    let environment = std::env::vars_os().filter_map(|(name, text)| {
        let name = name.into_string().ok()?;
        Some((name, text.to_string_lossy().into_owned()))
    });
    let database = cli.database.clone().map(|url| ("database.url", url));
    let command_line = cli.command.settings().into_iter().chain(database);
    let mut settings = Settings::load(&configuration, environment, command_line)?;
    if settings.key_file.is_none() && !settings.database.url.is_sqlite() {
        settings.key_file = state_directory().map(|folder| {
            let name = Digest::of(settings.database.url.to_string().as_bytes()).to_string();
            folder.join("daishan").join(format!("{}.key", &name[..16]))
        });
    }
    Ok(Context {
        settings,
        configuration,
        database_named: cli.database.is_some(),
    })
}
