//! A county of many merchants: how long it takes to come in, to be scored and to be claimed for, beside what merely
//! reading and writing the same rows takes; and how it is to ask about it.

use super::client::{Case, measure};
use super::floors;
use super::program::{Ended, Program, codes, command, run};
use super::report::Table;
use daishan_credit::kernel::{Day, Month};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The day on which the county stands; statements are of the months before.
const UNTIL: &str = "2025-12-31";
const STATEMENTS: &str = "收单月报.csv";
const SOURCE: &str = "示例银行";

fn last_month() -> Month {
    UNTIL.parse::<Day>().unwrap().month()
}

/// How many merchants the large county has: `LOAD_MERCHANTS`; where that says nothing, none is measured.
fn merchants() -> Option<u64> {
    let named = std::env::var("LOAD_MERCHANTS").ok();
    named.map(|number| number.parse().unwrap())
}

/// A generated county, its statements apart from everything else.
struct Generated {
    merchants: u64,
    folder: PathBuf,
    statements: PathBuf,
    statement_rows: u64,
    /// For how many months each merchant has statements: as many as make a million of all, one at least and twelve at most.
    months: i32,
    /// Of all other registers.
    rows: u64,
}

impl Generated {
    fn new(into: &Path, merchants: u64) -> Self {
        let folder = into.join(format!("county-{merchants}"));
        let months = (1_000_000 / merchants).clamp(1, 12) as i32;
        let asked = [
            "generate",
            "--until",
            UNTIL,
            "--merchants",
            &merchants.to_string(),
            "--months",
            &months.to_string(),
            folder.to_str().unwrap(),
        ];
        run(&asked, into);
        let document = folder.join("county.toml");
        let text = std::fs::read_to_string(&document).unwrap();
        let feeds: Vec<&str> = text.split("\n\n").collect();
        let without: Vec<&str> = feeds
            .into_iter()
            .filter(|feed| !feed.contains("kind = \"statements\""))
            .collect();
        std::fs::write(&document, without.join("\n\n")).unwrap();
        let statements = into.join(format!("statements-{merchants}.csv"));
        std::fs::rename(folder.join(STATEMENTS), &statements).unwrap();
        let lines = |path: &Path| {
            let bytes = std::fs::read(path).unwrap();
            bytes.iter().filter(|byte| **byte == b'\n').count() as u64 - 1
        };
        let files = std::fs::read_dir(&folder).unwrap();
        let registers = files.map(|entry| entry.unwrap().path());
        let registers = registers.filter(|path| path.extension().is_some_and(|it| it == "csv"));
        let rows = registers.map(|path| lines(&path)).sum();
        Self {
            merchants,
            folder,
            statement_rows: lines(&statements),
            statements,
            months,
            rows,
        }
    }

    /// The days that the statements cover, as a command takes them.
    fn covers(&self) -> String {
        let first = last_month().plus(1 - self.months).first_day();
        format!("{first}..{UNTIL}")
    }

    fn remove(self) {
        std::fs::remove_dir_all(self.folder).unwrap();
        std::fs::remove_file(self.statements).unwrap();
    }

    /// The codes of some thousand merchants from all over the roster.
    fn some(&self) -> Vec<String> {
        let roster = std::fs::read_to_string(self.folder.join("放心消费单元名册.csv")).unwrap();
        let all = codes(&roster);
        let step = all.len().div_ceil(5_000);
        all.into_iter().step_by(step).map(str::to_owned).collect()
    }
}

/// Runs a command of the program to its end.
fn timed(arguments: &[&str], url: &str, folder: &Path) -> Ended {
    Ended::of(command(&[arguments, &["--database", url]].concat(), folder))
}

/// Takes a county in and scores it; returns how long both take.
fn take(
    table: &mut Table,
    engine: &str,
    (url, folder): (&str, &Path),
    county: &Generated,
) -> [Duration; 2] {
    let path = county.folder.to_str().unwrap();
    let import = timed(&["import", path, "--by", "load"], url, folder);
    let named = format!(
        "import of {} merchants with {} rows, and their scores",
        county.merchants, county.rows
    );
    table.work(engine, &named, &import, None, None);
    // The floor comes first, while what it writes can be forgotten; the pages are as warm and as tidy for both.
    floors::tidy_up(url);
    let floor = floors::rescoring(url);
    floors::forget_scores(url);
    let full = timed(&["rescore"], url, folder);
    let named = format!(
        "scoring of {} merchants, each score a new one",
        county.merchants
    );
    table.work(engine, &named, &full, Some(floor), Some(1.5));
    let again = timed(&["rescore", "--all"], url, folder);
    let named = format!("rescoring of {} merchants, nothing new", county.merchants);
    table.work(engine, &named, &again, Some(floor), None);
    [import.took, full.took]
}

/// Takes the time of a full scoring of a county with its statements.
fn score_again(
    table: &mut Table,
    engine: &str,
    (url, folder): (&str, &Path),
    county: &Generated,
) -> Duration {
    floors::forget_scores(url);
    let full = timed(&["rescore"], url, folder);
    let named = format!(
        "scoring of {} merchants with their statements, each score a new one",
        county.merchants
    );
    table.work(engine, &named, &full, None, None);
    full.took
}

/// Counties that are smaller cost more a merchant for the program's start alone.
const LEAST: u64 = 10_000;

/// Everything that is measured on a large county, and how it grows. `small`: audited queries a second of the small
/// county, in the same run.
pub fn engine(
    table: &mut Table,
    engine: &str,
    database: &dyn Fn(&str) -> String,
    folder: &Path,
    small: f64,
) {
    let Some(size) = merchants() else { return };
    let mut costs = Vec::new();
    let sizes = [100, 10, 1].map(|share| (share, size / share));
    for (share, size) in sizes {
        if share > 1 && size < LEAST {
            continue;
        }
        let (county, url) = (
            Generated::new(folder, size),
            database(&format!("large{size}")),
        );
        let took = take(table, engine, (&url, folder), &county);
        costs.push(took.map(|took| took.as_secs_f64() * 1e6 / size as f64));
        if share == 10 && county.statement_rows > 900_000 {
            statements(table, engine, (&url, folder), &county);
        }
        if share == 1 {
            whole(table, engine, (&url, folder), &county, small);
        }
        county.remove();
    }
    for (place, what) in ["import", "rescoring"].into_iter().enumerate() {
        table.growth(
            engine,
            what,
            &costs.iter().map(|cost| cost[place]).collect::<Vec<_>>(),
        );
    }
}

fn whole(
    table: &mut Table,
    engine: &str,
    (url, folder): (&str, &Path),
    county: &Generated,
    small: f64,
) {
    statements(table, engine, (url, folder), county);
    let full = score_again(table, engine, (url, folder), county);
    floors::make_due(url);
    let due = timed(&["rescore"], url, folder);
    table.work(engine, "nightly job, 1 % due", &due, Some(full), Some(0.03));
    let claims = timed(&["claims", "compute", "--by", "load"], url, folder);
    let posted = floors::transfers(url);
    let floor = floors::claims(url, posted);
    let named = format!(
        "claims of {} statements, {posted} transfers",
        county.statement_rows
    );
    table.work(engine, &named, &claims, Some(floor), Some(1.5));
    queries(table, engine, (url, folder), &county.some(), small);
}

fn statements(table: &mut Table, engine: &str, (url, folder): (&str, &Path), county: &Generated) {
    let file = county.statements.to_str().unwrap();
    let covers = county.covers();
    let arguments = [
        "import",
        file,
        "--kind",
        "statements",
        "--source",
        SOURCE,
        "--covers",
        &covers,
        "--by",
        "load",
    ];
    let floor = floors::import(url, folder, &county.statements);
    let first = timed(&arguments, url, folder).when_taken();
    table.work(
        engine,
        &format!(
            "import of {} statements of {} merchants",
            county.statement_rows, county.merchants
        ),
        &first,
        floor,
        Some(4.0),
    );
    let again = timed(&arguments, url, folder).when_taken();
    table.work(
        engine,
        "the same file again",
        &again,
        Some(first.took),
        Some(1.0),
    );
}

/// `small`: audited queries a second of the small county, in the same run.
fn queries(
    table: &mut Table,
    engine: &str,
    (url, folder): (&str, &Path),
    usccs: &[String],
    small: f64,
) {
    let usccs: Vec<&str> = usccs.iter().map(String::as_str).collect();
    let mut program = Program::serve(url, folder, "sample", &usccs);
    let cold_start = program.cold_start.as_millis() as u64;
    table.at_most(engine, "cold start to first answer, ms", cold_start, 500);
    table.at_most(engine, "server at rest, MiB", program.at_rest_mib, 150);
    let cases: Vec<Case> = program.queries();
    let alone = measure(&cases, program.process(), 64, Duration::from_secs(8));
    let named = "audited query, large county (beside the small one)";
    table.query(engine, named, &alone, (small, 0.8), 15.0);
    let batch = [program.batch()];
    let many = measure(&batch, program.process(), 8, Duration::from_secs(8));
    let rate = many.per_second() * program.batch_size() as f64;
    table.rate(
        engine,
        "batch of 1000, merchants a second (beside the single query)",
        rate,
        alone.per_second(),
        5.0,
    );

    program.renew_token();
    let cases = program.queries();
    let rescoring = Rescoring::start(url, folder);
    let during = measure(&cases, program.process(), 64, Duration::from_secs(15));
    rescoring.stop();
    let named = "audited query during a full rescoring (beside alone)";
    table.query(engine, named, &during, (alone.per_second(), 0.5), 50.0);
    table.peak(engine, "server under all of this", program.peak_mib());
}

/// Full rescorings, one after the other, for as long as something else is measured.
struct Rescoring {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Rescoring {
    fn start(url: &str, folder: &Path) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (seen, url, folder) = (Arc::clone(&is_over), url.to_owned(), folder.to_owned());
        let thread = std::thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                let _ = timed(&["rescore", "--all"], &url, &folder);
            }
        });
        Self { is_over, thread }
    }

    fn stop(self) {
        assert!(!self.thread.is_finished(), "a rescoring failed");
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}
