//! `daishan import`: takes a county folder, or files one by one.

use super::progress::Progress;
use super::rescore::{rescore_due, say_rescored};
use super::{Context, Failed, print};
use crate::app::App;
use crate::delivery::{Counts, Report};
use crate::flows::import::{Import, import_files, import_folder};
use crate::flows::slices::Slices;
use crate::flows::take_file::{FileOrder, ImportRefusal, SourceCovers, Surroundings};
use crate::intake::{County, Limits, county};
use crate::kernel::text::normalised;
use crate::kernel::{Actor, Day};
use crate::settings::Settings;
use crate::store::{DatabaseUrl, Failure};
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// 导入县文件夹或单个文件 · Take a county folder, or files one by one
#[derive(Args)]
pub struct ImportCommand {
    /// 县文件夹（含county.toml），或登记文件 · A county folder, or files of registers
    #[arg(required = true, value_name = "FOLDER | FILE")]
    paths: Vec<PathBuf>,
    /// 导入人 · Who imports
    #[arg(long, value_name = "WHO")]
    by: Actor,
    /// 单个文件的来源；收单月报为收单机构 · Who delivers the files; of statements, the acquirer
    #[arg(long, value_name = "NAME", requires = "covers", value_parser = source)]
    source: Option<String>,
    /// 单个文件覆盖的日期，含首尾 · The days that the files cover, both ends included
    #[arg(long, value_name = "FROM..UNTIL", requires = "source", value_parser = covers)]
    covers: Option<(Day, Day)>,
    /// 登记种类；不写则按表头识别 · The kind; otherwise the headers tell
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// 文件是更正 · The files are corrections
    #[arg(long)]
    corrects: bool,
    /// 在副本上试导入，不写数据库；拒收的行仍写到 --refused-dir · Try it on a copy and report: nothing is written to the
    /// database, and refused rows still go to --refused-dir
    #[arg(long)]
    dry_run: bool,
    /// 输出JSON报告 · Print the report as JSON
    #[arg(long)]
    json: bool,
    /// 拒收的行写到此目录 · Write the refused rows into this directory
    #[arg(long, value_name = "DIR")]
    refused_dir: Option<PathBuf>,
}

/// A source is compared as a register's texts are.
pub fn source(text: &str) -> Result<String, String> {
    let source = normalised(text).into_owned();
    if source.is_empty() {
        Err("不能为空 · must not be blank".to_owned())
    } else {
        Ok(source)
    }
}

fn covers(text: &str) -> Result<(Day, Day), String> {
    let days = text
        .split_once("..")
        .and_then(|(from, until)| Some((iso(from)?, iso(until)?)));
    let days: Option<(Day, Day)> = days.filter(|(from, until)| from <= until);
    days.ok_or_else(|| {
        "应为 yyyy-MM-dd..yyyy-MM-dd · must be yyyy-MM-dd..yyyy-MM-dd, the first not after the last"
            .to_owned()
    })
}

/// yyyy-MM-dd alone; cells may be written otherwise.
pub fn iso(text: &str) -> Option<Day> {
    let day: Day = text.parse().ok()?;
    (day.to_string() == text).then_some(day)
}

/// A county folder that has been read.
pub struct Folder {
    pub path: PathBuf,
    pub county: County,
    pub document: String,
}

impl Folder {
    /// Reads the folder's county.toml.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn open(path: &Path, app: &App) -> Result<Self, Failed> {
        let county = County::open(path, &app.kinds).map_err(|faults| {
            let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
            let file = path.join(county::FILE);
            Failed::new(format!(
                "{} 有误 · is wrong:\n{}",
                file.display(),
                lines.join("\n")
            ))
        })?;
        app.cards.get(&county.scorecard).map_err(Failed::new)?;
        let document = std::fs::read_to_string(path.join(county::FILE))?;
        Ok(Self {
            path: path.to_owned(),
            county,
            document,
        })
    }

    /// Takes it.
    pub fn import(
        &self,
        slices: &mut Slices<'_>,
        around: Surroundings<'_>,
    ) -> Result<Import, Failure<ImportRefusal>> {
        import_folder(slices, around, &self.path, &self.county, &self.document)
    }
}

/// How large a delivered file may be, as the settings have it.
pub fn limits(settings: &Settings) -> Limits {
    let import = &settings.import;
    Limits {
        csv_bytes: import.csv_bytes,
        csv_lines: import.rows,
        columns: import.columns,
        xlsx_packed: import.xlsx_bytes,
        xlsx_unpacked: import.xlsx_unpacked_bytes,
        xlsx_entries: import.xlsx_entries,
        xlsx_rows: import.xlsx_rows,
        ..Limits::default()
    }
}

impl ImportCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let trial = Trial::beside(context, self.dry_run)?;
        let app = trial.context(context).app(true)?;
        let (limits, watch) = (limits(&app.settings), Progress::default());
        let around = Surroundings {
            kinds: &app.kinds,
            limits: &limits,
            clock: &*app.clock,
            randomness: &*app.randomness,
            watch: &watch,
            by: &self.by,
            refused_dir: self.refused_dir.as_deref(),
        };
        let wanted = self.wanted(&app)?;
        let import = if self.dry_run {
            wanted.try_out(&app, around)?
        } else {
            wanted.take(&app, around)?
        };
        import.hints.iter().for_each(|hint| eprintln!("{hint}"));
        if !self.dry_run {
            say_taken(&import.report);
            say_rescored(rescore_due(&app, false, &watch)?);
        }
        if self.json {
            let json = serde_json::to_string_pretty(&import.report).map_err(Failed::new)?;
            return print(&(json + "\n"));
        }
        print(&table(&import.report))
    }

    fn wanted(&self, app: &App) -> Result<Wanted<'_>, Failed> {
        let folder = match self.paths.as_slice() {
            [path] if path.is_dir() => path,
            paths if paths.iter().any(|path| path.is_dir()) => {
                return Err(Failed::usage(
                    "一次只能导入一个县文件夹 · import one county folder at a time, and no files beside it",
                ));
            }
            _ => return self.files(app).map(Wanted::Files),
        };
        if self.source.is_some() || self.kind.is_some() || self.corrects {
            return Err(Failed::usage(
                "县文件夹的来源、范围和种类由county.toml给出 · of a folder, county.toml says source, days, kind and corrections",
            ));
        }
        Folder::open(folder, app).map(|folder| Wanted::Folder(Box::new(folder)))
    }

    fn files<'a>(&'a self, app: &App) -> Result<Vec<FileOrder<'a>>, Failed> {
        let (Some(source), Some((from, until))) = (self.source.as_deref(), self.covers) else {
            if let Some(missing) = self.paths.iter().find(|path| !path.exists()) {
                let path = missing.display();
                return Err(Failed::new(format!(
                    "找不到 {path}；请核对路径 · there is no {path}; check the path"
                )));
            }
            return Err(Failed::usage(
                "导入单个文件须给出 --source 和 --covers · files given one by one need --source and --covers",
            ));
        };
        if let Some(kind) = self
            .kind
            .as_deref()
            .filter(|kind| app.kinds.named(kind).is_none())
        {
            let known: Vec<&str> = app.kinds.iter().map(|(_, kind)| &*kind.id).collect();
            let known = known.join(", ");
            return Err(Failed::usage(format!(
                "没有登记种类 {kind}；现有 {known} · there is no kind {kind}; there are: {known}"
            )));
        }
        let order = |path: &'a PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.ok_or_else(|| {
                Failed::usage(format!(
                    "{} 不是文件名 · is not a file name",
                    path.display()
                ))
            })?;
            let sources = vec![SourceCovers {
                source,
                from,
                until,
            }];
            Ok(FileOrder {
                path,
                name,
                kind: self.kind.as_deref(),
                sources,
                corrects: self.corrects,
            })
        };
        self.paths.iter().map(order).collect()
    }
}

/// A trial writes nothing: where the SQLite file is missing, it has one of its own that goes with it.
struct Trial(Option<(TempDir, Context)>);

impl Trial {
    fn beside(context: &Context, dry_run: bool) -> Result<Self, Failed> {
        match &context.settings.database.url {
            DatabaseUrl::Sqlite(path) if dry_run && !path.exists() => {
                let folder = tempfile::tempdir()?;
                let mut own = context.clone();
                own.settings.database.url = DatabaseUrl::Sqlite(folder.path().join("trial.db"));
                Ok(Self(Some((folder, own))))
            }
            _ => Ok(Self(None)),
        }
    }

    fn context<'a>(&'a self, given: &'a Context) -> &'a Context {
        self.0.as_ref().map_or(given, |(_, own)| own)
    }
}

/// What is to be imported.
enum Wanted<'a> {
    Folder(Box<Folder>),
    Files(Vec<FileOrder<'a>>),
}

impl Wanted<'_> {
    fn import(
        &self,
        slices: &mut Slices<'_>,
        around: Surroundings<'_>,
    ) -> Result<Import, Failure<ImportRefusal>> {
        match self {
            Self::Folder(folder) => folder.import(slices, around),
            Self::Files(orders) => import_files(slices, around, orders),
        }
    }

    fn take(&self, app: &App, around: Surroundings<'_>) -> Result<Import, Failed> {
        self.import(&mut Slices::Committing(&app.store), around)
            .map_err(Failed::new)
    }

    /// The whole import on a copy that is thrown away.
    fn try_out(&self, app: &App, around: Surroundings<'_>) -> Result<Import, Failed> {
        let tried = app
            .store
            .try_out(|conn| self.import(&mut Slices::Trial(conn), around))
            .map_err(Failed::new)?;
        eprintln!("试运行，没有写入数据库 · a trial: nothing was written to the database");
        Ok(tried)
    }
}

/// Says that what the rows told is durable: whoever breaks off from here on need not import them again.
fn say_taken(report: &Report) {
    let taken = |counts: &Counts| counts.new + counts.changed + counts.unchanged + counts.held;
    let rows: u64 = report.kinds.values().map(taken).sum();
    eprintln!("已收入 {rows} 行，开始评分 · {rows} rows are taken in, scoring begins");
}

/// The report for people: the counts of each kind, then the refused rows.
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    let head = [
        "新增 new",
        "变更 changed",
        "不变 unchanged",
        "待定 held",
        "拒收 refused",
        "缺失 absent",
    ];
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:<22}{}",
        "",
        head.map(|word| format!("{word:>16}")).concat()
    );
    for (
        kind,
        Counts {
            new,
            changed,
            unchanged,
            held,
            refused,
            absent,
        },
    ) in &report.kinds
    {
        let counts =
            [new, changed, unchanged, held, refused, absent].map(|count| format!("{count:>18}"));
        let _ = writeln!(text, "{kind:<22}{}", counts.concat());
    }
    for row in &report.refusals {
        let value = row
            .value
            .as_deref()
            .map_or_else(String::new, |value| format!("「{value}」"));
        let (cause, cure) = (row.code.cause(), row.code.cure());
        let _ = writeln!(
            text,
            "拒收 refused  {}:{}  {}{value}  {}",
            row.file, row.line, row.column, row.code
        );
        let _ = writeln!(
            text,
            "  {}；{} · {}; {}",
            cause.zh, cure.zh, cause.en, cure.en
        );
    }
    if report.kinds.values().any(|counts| counts.held > 0) {
        text.push_str("待定变更用 daishan held 查看和决定 · daishan held lists held changes and decides them\n");
    }
    text
}
