//! The table that README shows, with what it was measured on.

use super::client::Measured;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// The table in the making.
pub struct Table {
    fdatasync: f64,
    rows: Vec<String>,
    missed: Vec<String>,
}

impl Table {
    pub const fn new(fdatasync: f64) -> Self {
        Self {
            fdatasync,
            rows: Vec::new(),
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

    pub fn print(&self) {
        println!(
            "{}, {} cores, {}, {} of memory; one write and fdatasync of 4 KiB takes {:.2} ms (median). Client, \
            servers and database share the machine.\n",
            date(),
            cores(),
            processor(),
            memory(),
            self.fdatasync
        );
        println!(
            "| engine | connections | case | a second | p50 ms | p99 ms | server CPU µs | of hello world | aim |"
        );
        println!("|---|---:|---|---:|---:|---:|---:|---:|---:|");
        self.rows.iter().for_each(|row| println!("{row}"));
        println!();
        if self.missed.is_empty() {
            println!("Every aim is met.");
        }
        self.missed
            .iter()
            .for_each(|missed| println!("Aim missed: {missed}"));
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
