//! The table that README shows, with what it was measured on.

use super::client::Measured;
use super::program::Ended;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// The table in the making.
pub struct Table {
    fdatasync: f64,
    rows: Vec<String>,
    /// The second table.
    works: Vec<String>,
    notes: Vec<String>,
    missed: Vec<String>,
}

/// What stands around the tables in the READMEs.
const BEGIN: &str = "<!-- load:begin -->\n";
const END: &str = "<!-- load:end -->\n";

impl Table {
    pub const fn new(fdatasync: f64) -> Self {
        Self {
            fdatasync,
            rows: Vec::new(),
            works: Vec::new(),
            notes: Vec::new(),
            missed: Vec::new(),
        }
    }

    /// A case; beside its yardstick, and against its aim, where it has them.
    pub fn row(
        &mut self,
        engine: &str,
        connections: usize,
        what: &str,
        measured: &Measured,
        beside: Option<&Measured>,
        aim: Option<f64>,
    ) {
        assert_eq!(measured.refused, 0, "{what}: requests were refused");
        let rate = measured.per_second();
        let (p50, p99) = (measured.quantile(0.50), measured.quantile(0.99));
        let share = beside.map(|beside| rate / beside.per_second());
        let shown = share.map_or_else(String::new, |share| format!("{:.0} %", share * 100.0));
        let aimed = aim.map_or_else(String::new, |aim| format!("{:.0} %", aim * 100.0));
        self.rows.push(format!(
            "| {engine} | {connections} | {what} | {rate:.0} | {p50:.2} | {p99:.2} | {:.0} | {shown} | {aimed} |",
            measured.processor()
        ));
        eprintln!("{}", self.rows.last().map_or("", String::as_str));
        if let (Some(share), Some(aim)) = (share, aim) {
            if share < aim {
                self.missed.push(format!(
                    "{engine}, {connections} connections: {:.0} % of hello world, aim {:.0} %",
                    share * 100.0,
                    aim * 100.0
                ));
            }
            if connections == 64 && p99 >= 15.0 {
                self.missed.push(format!(
                    "{engine}, {connections} connections: p99 {p99:.1} ms, aim below 15 ms"
                ));
            }
        }
    }

    /// Queries about many merchants at once: the rate is that of merchants.
    pub fn batch(&mut self, engine: &str, connections: usize, size: usize, measured: &Measured) {
        assert_eq!(measured.refused, 0, "batch: requests were refused");
        let rate = measured.per_second() * size as f64;
        let (p50, p99) = (measured.quantile(0.50), measured.quantile(0.99));
        self.rows.push(format!(
            "| {engine} | {connections} | audited query of {size} merchants, merchants a second | {rate:.0} | {p50:.2} | {p99:.2} | {:.0} | | |",
            measured.processor() / size as f64
        ));
        eprintln!("{}", self.rows.last().map_or("", String::as_str));
    }

    /// A work of the program, how much memory it took, and how many times what it is held against.
    pub fn work(
        &mut self,
        engine: &str,
        what: &str,
        ended: &Ended,
        beside: Option<Duration>,
        aim: Option<f64>,
    ) {
        let took = ended.took.as_secs_f64();
        let times = beside.map(|beside| took / beside.as_secs_f64());
        let beside = beside.map_or_else(String::new, |it| format!("{:.2} s", it.as_secs_f64()));
        let shown = times.map_or_else(String::new, |times| format!("{times:.2}"));
        let aimed = aim.map_or_else(String::new, |aim| format!("≤ {aim}"));
        self.line(format!(
            "| {engine} | {what} | {took:.2} s | {beside} | {shown} | {aimed} | {} |",
            ended.peak_mib
        ));
        if let (Some(times), Some(aim)) = (times, aim)
            && times > aim
        {
            self.missed
                .push(format!("{engine}, {what}: {times:.2} times, aim {aim}"));
        }
    }

    /// A rate beside another one, of which it should be so large a part.
    pub fn rate(&mut self, engine: &str, what: &str, rate: f64, beside: f64, aim: f64) {
        let times = rate / beside;
        self.line(format!(
            "| {engine} | {what} | {rate:.0} /s | {beside:.0} /s | {times:.2} | ≥ {aim} | |"
        ));
        if times < aim {
            self.missed
                .push(format!("{engine}, {what}: {times:.2} times, aim {aim}"));
        }
    }

    /// The same of requests, with the slowest of a hundred, which should take less than so many milliseconds.
    pub fn query(
        &mut self,
        engine: &str,
        what: &str,
        measured: &Measured,
        (beside, aim): (f64, f64),
        most: f64,
    ) {
        assert_eq!(measured.refused, 0, "{what}: requests were refused");
        let p99 = measured.quantile(0.99);
        let what = format!("{what}, p99 {p99:.1} ms");
        self.rate(engine, &what, measured.per_second(), beside, aim);
        if p99 >= most {
            self.missed
                .push(format!("{engine}, {what}: aim below {most} ms"));
        }
    }

    /// The most memory that a process held.
    pub fn peak(&mut self, engine: &str, what: &str, mib: u64) {
        self.line(format!("| {engine} | {what} | | | | | {mib} |"));
    }

    /// A figure that should be no larger than another.
    pub fn at_most(&mut self, engine: &str, what: &str, figure: u64, aim: u64) {
        self.line(format!("| {engine} | {what} | {figure} | | | < {aim} | |"));
        if figure >= aim {
            self.missed
                .push(format!("{engine}, {what}: {figure}, aim below {aim}"));
        }
    }

    /// What a merchant costs, in microseconds, as the county grows: by no more than a fifth.
    pub fn growth(&mut self, engine: &str, what: &str, costs: &[f64]) {
        let shown: Vec<String> = costs.iter().map(|cost| format!("{cost:.0}")).collect();
        let shown = shown.join(" / ");
        let times = costs.iter().copied().fold(0.0, f64::max)
            / costs.iter().copied().fold(f64::INFINITY, f64::min);
        self.line(format!(
            "| {engine} | {what} a merchant, µs, as the county grows tenfold and again | {shown} | | {times:.2} | ≤ 1.2 | |"
        ));
        if times > 1.2 {
            self.missed.push(format!(
                "{engine}, {what} a merchant: {times:.2} times, aim 1.2"
            ));
        }
    }

    fn line(&mut self, line: String) {
        eprintln!("{line}");
        self.works.push(line);
    }

    /// A sentence under the tables.
    pub fn note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    pub fn print(&self) {
        print!("{}", self.text());
    }

    fn text(&self) -> String {
        let mut lines = vec![
            format!(
                "{}, {} cores, {}, {} of memory; one write and fdatasync of 4 KiB takes {:.2} ms (median). Client, \
                servers and database share the machine.",
                date(),
                cores(),
                processor(),
                memory(),
                self.fdatasync
            ),
            String::new(),
            "| engine | connections | case | a second | p50 ms | p99 ms | server CPU µs | of hello world | aim |".to_owned(),
            "|---|---:|---|---:|---:|---:|---:|---:|---:|".to_owned(),
        ];
        lines.extend(self.rows.iter().cloned());
        if !self.works.is_empty() {
            lines.extend(
                [
                    "",
                    "| engine | work | it takes | beside | times | aim | peak MiB |",
                    "|---|---|---:|---:|---:|---:|---:|",
                ]
                .map(str::to_owned),
            );
            lines.extend(self.works.iter().cloned());
        }
        lines.push(String::new());
        lines.extend(self.notes.iter().cloned());
        lines.push(String::new());
        if self.missed.is_empty() {
            lines.push("Every aim is met.".to_owned());
        }
        let missed = self.missed.iter();
        lines.extend(missed.map(|missed| format!("- Aim missed: {missed}")));
        lines.join("\n") + "\n"
    }

    /// Puts the tables where the last ones stand.
    pub fn write_readmes(&self) {
        for name in ["README.md", "README.zh-CN.md"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            let readme = std::fs::read_to_string(&path).unwrap();
            let (before, rest) = readme.split_once(BEGIN).unwrap();
            let (_, after) = rest.split_once(END).unwrap();
            let written = format!("{before}{BEGIN}{}{END}{after}", self.text());
            std::fs::write(&path, written).unwrap();
        }
    }
}

/// The median time of one write of 4 KiB and its fdatasync in a folder, in milliseconds.
pub fn fdatasync(folder: &Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("probe")).unwrap();
    let mut times: Vec<u128> = (0..300)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&[7; 4096]).unwrap();
            file.sync_data().unwrap();
            begun.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2] as f64 / 1000.0
}

fn date() -> String {
    use daishan_credit::kernel::{Clock, SystemClock};
    SystemClock.now().day_in_shanghai().to_string()
}

fn cores() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

fn first(file: &str, key: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(key));
    line.and_then(|line| line.split_once(':'))
        .map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

fn processor() -> String {
    first("/proc/cpuinfo", "model name")
}

fn memory() -> String {
    let kib: u64 = first("/proc/meminfo", "MemTotal")
        .trim_end_matches(" kB")
        .parse()
        .unwrap_or(0);
    format!("{} GiB", kib.div_ceil(1024 * 1024))
}
