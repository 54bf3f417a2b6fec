//! `daishan demo`: a county in a fresh database, through the ordinary importers, scored and served.

use super::claims::{compute_due, left_out};
use super::demo_client::{ClientFiles, DemoClient};
use super::import::{Folder, limits, table};
use super::progress::Progress;
use super::rescore::rescore_due;
use super::serve::{Listen, listen, serve};
use super::summary::text;
use super::{Context, Failed, print};
use crate::app::App;
use crate::delivery::Report;
use crate::embedded::Configuration;
use crate::flows::compute_claims::Wanted;
use crate::flows::slices::Slices;
use crate::flows::summarise::{LastFolder, summarise};
use crate::flows::take_file::Surroundings;
use crate::kernel::{Actor, SystemClock, SystemRandomness};
use crate::merchant::records::count;
use crate::settings::Settings;
use crate::store::error::Never;
use crate::store::{DatabaseUrl, Failure};
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// The county that comes with the program.
const SAMPLE: &str = "daishan";

/// 演示：把一个县导入新数据库，评分并启动服务 · Take a county into a fresh database, score it and serve
#[derive(Args)]
pub struct DemoCommand {
    /// 县文件夹，可重复；不写则为内置样例 · A county folder, may be repeated; otherwise the sample county
    #[arg(long, value_name = "FOLDER")]
    data: Vec<PathBuf>,
    /// 不启动服务 · Do not serve
    #[arg(long)]
    once: bool,
    /// 输出JSON · Print as JSON
    #[arg(long)]
    json: bool,
    /// 演示客户端私钥的文件，须尚不存在 · Where the demo client's private key goes; must not exist yet
    #[arg(long, value_name = "FILE")]
    client_key: Option<PathBuf>,
    #[command(flatten)]
    listen: Listen,
}

impl DemoCommand {
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        self.listen.settings()
    }

    pub(super) fn run(self, context: Context) -> Result<(), Failed> {
        let mut settings = context.settings;
        if !context.database_named {
            settings.database.url = DatabaseUrl::Sqlite(fresh_folder()?.join("daishan.db"));
        }
        let listener = if self.once {
            None
        } else {
            Some(listen(&mut settings)?)
        };
        let app = build(settings, &context.configuration)?;
        refuse_a_used_database(&app)?;
        let files = ClientFiles::of(self.client_key.as_deref(), &app.settings.database.url)?;
        eprintln!("数据库 · database {}", app.settings.database.url);
        let (reports, bank) = self.import(&app)?;
        rescore_due(&app, false, &Progress::default())?;
        let computed = compute_due(&app, &Wanted::default(), &demo()?, &Progress::default())?;
        eprint!("{}", left_out(&computed));
        let client = DemoClient::create(&app, &bank, files)?;
        print(&self.summary(&app, &reports)?)?;
        client.say();
        let Some(listener) = listener else {
            return Ok(());
        };
        say_walk(&app);
        serve(app, listener)
    }

    /// Takes the folders; returns their reports and the last one's first bank.
    fn import(&self, app: &App) -> Result<(Vec<Report>, String), Failed> {
        let by = demo()?;
        let (limits, watch) = (limits(&app.settings), Progress::default());
        let around = Surroundings {
            kinds: &app.kinds,
            limits: &limits,
            clock: &*app.clock,
            randomness: &*app.randomness,
            watch: &watch,
            by: &by,
            refused_dir: None,
        };
        let sample = if self.data.is_empty() {
            Some(Sample::lay_out()?)
        } else {
            None
        };
        let folders = sample.as_ref().map_or(self.data.as_slice(), |sample| {
            std::slice::from_ref(&sample.folder)
        });
        let folders: Vec<Folder> = folders
            .iter()
            .map(|path| Folder::open(path, app))
            .collect::<Result<_, _>>()?;
        let mut reports = Vec::with_capacity(folders.len());
        for folder in &folders {
            let import = folder
                .import(&mut Slices::Committing(&app.store), around)
                .map_err(Failed::new)?;
            import.hints.iter().for_each(|hint| eprintln!("{hint}"));
            reports.push(import.report);
        }
        let bank = folders
            .last()
            .and_then(|folder| folder.county.banks.first());
        let bank = bank.ok_or_else(|| {
            Failed::new("county.toml 没有 [[bank]] · county.toml names no [[bank]]")
        })?;
        Ok((reports, bank.id.to_string()))
    }

    fn summary(&self, app: &App, reports: &[Report]) -> Result<String, Failed> {
        let (as_of, card_name) = app
            .store
            .read(|conn| Ok::<_, Failure<Never>>(app.today(conn)?))
            .map_err(Failed::new)?;
        let card = app.cards.get(&card_name).map_err(Failed::new)?;
        let folders = last_folders(reports);
        let summary = app
            .store
            .read(|conn| summarise(conn, &app.kinds, card, as_of, &folders));
        let mut summary = summary.map_err(Failed::new)?;
        if self.json {
            summary.insert("deliveries".to_owned(), json!(reports));
            return Ok(serde_json::to_string_pretty(&summary).map_err(Failed::new)? + "\n");
        }
        Ok(reports.iter().map(table).collect::<String>() + &text(&summary, card))
    }
}

/// What the walk of README starts from, for somebody who has just started the demo.
fn say_walk(app: &App) {
    let (base, database) = (app.issuer(), &app.settings.database.url);
    eprintln!(
        "在另一个终端设好下面两个变量，再照 README「银行的第一次查询」的第1步做起 · \
         in another terminal set these two and follow README, «A bank's first query», from step 1:"
    );
    eprintln!("  export BASE=\"{base}\" DATABASE=\"{database}\"");
}

/// Who does what the demo does.
fn demo() -> Result<Actor, Failed> {
    Actor::parse("demo").map_err(Failed::new)
}

fn build(settings: Settings, configuration: &Configuration) -> Result<App, Failed> {
    Ok(App::build(
        settings,
        configuration,
        Arc::new(SystemClock),
        Arc::new(SystemRandomness),
    )?)
}

fn refuse_a_used_database(app: &App) -> Result<(), Failed> {
    let merchants = app
        .store
        .read(|conn| Ok::<_, Failure<Never>>(count(conn)?))
        .map_err(Failed::new)?;
    if merchants == 0 {
        return Ok(());
    }
    Err(Failed::new(format!(
        "数据库中已有 {merchants} 户商户，演示需要空数据库；去掉 --database 即可 · the database holds {merchants} merchants \
         already, and demo needs an empty one; leave --database out"
    )))
}

/// A new folder in the system's temporary one, which stays after the demo.
fn fresh_folder() -> Result<PathBuf, Failed> {
    Ok(tempfile::Builder::new()
        .prefix("daishan-demo-")
        .tempdir()?
        .keep())
}

/// The sample county as files, taken away again when it has been read.
struct Sample {
    _within: TempDir,
    folder: PathBuf,
}

impl Sample {
    fn lay_out() -> Result<Self, Failed> {
        let within = tempfile::tempdir()?;
        let folder = within.path().join(SAMPLE);
        std::fs::create_dir(&folder)?;
        for (name, content) in Configuration::sample_files(SAMPLE) {
            std::fs::write(folder.join(name), content)?;
        }
        Ok(Self {
            _within: within,
            folder,
        })
    }
}

/// Of each kind, what the last folder that has it held.
fn last_folders(reports: &[Report]) -> BTreeMap<String, LastFolder> {
    let mut folders = BTreeMap::new();
    for report in reports {
        for (kind, read) in &report.read {
            let refused = report.kinds.get(kind).map_or(0, |counts| counts.refused);
            folders.insert(
                kind.clone(),
                LastFolder {
                    read: *read,
                    refused,
                },
            );
        }
    }
    folders
}
