//! The load script: `cargo bench --bench load`. Starts the program on each engine, and prints from one run how many
//! audited queries it answers beside a bare hello world on the same actix. Client and servers share the machine.
//!
//! `LOAD_MERCHANTS=1000000 cargo bench --bench load` measures a county of that size as well. `-- sqlite` and
//! `-- postgres` measure one engine only; `-- readme` also builds the program from nothing, and writes the tables into
//! README.md and README.zh-CN.md.
#![allow(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a measurement stops at the first surprise"
)]

mod client;
mod floors;
mod hello;
mod large;
#[path = "../../tests/it/support/postgres.rs"]
#[allow(
    dead_code,
    reason = "the tests' own starter, of which a run needs only the start"
)]
mod postgres;
mod program;
mod report;

use client::{Case, Measured, measure};
use program::Program;
use report::Table;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long each case is measured, twice.
const SECONDS: u64 = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(port) = arguments.iter().position(|word| word == "hello") {
        return hello::serve(arguments[port + 1].parse().unwrap());
    }
    // `cargo test --benches` only wants to know that it builds.
    if !arguments.iter().any(|word| word == "--bench") {
        return;
    }
    let folder = tempfile::Builder::new()
        .prefix("load-")
        .tempdir_in(target())
        .unwrap();
    let mut table = Table::new(report::fdatasync(folder.path()));
    let hello = hello::Hello::start();
    let sqlite = format!("sqlite:{}", folder.path().join("load.db").display());
    // `cargo bench --bench load -- postgres` measures one engine only.
    let wanted = |engine: &str| {
        let named = ["sqlite", "postgres"]
            .into_iter()
            .any(|name| arguments.iter().any(|word| word == name));
        !named || arguments.iter().any(|word| word == engine)
    };
    if wanted("sqlite") {
        let name = "SQLite (synchronous FULL)";
        let small = engine(
            &mut table,
            name,
            &sqlite,
            folder.path(),
            &hello,
            [0.35, 0.50],
        );
        let database = |file: &str| {
            let path = folder.path().join(format!("{file}.db"));
            format!("sqlite:{}", path.display())
        };
        large::engine(&mut table, name, &database, folder.path(), small);
    }
    match Some("on")
        .filter(|_| wanted("postgres"))
        .map(postgres::start)
    {
        Some(Some(url)) => {
            let name = "PostgreSQL (fsync on)";
            let small = engine(&mut table, name, &url, folder.path(), &hello, [0.20, 0.35]);
            let database = |name: &str| floors::another(&url, name);
            large::engine(&mut table, name, &database, folder.path(), small);
        }
        Some(None) => eprintln!("PostgreSQL was not found; only SQLite is measured"),
        None => {}
    }
    let binary = std::fs::metadata(env!("CARGO_BIN_EXE_daishan")).unwrap();
    table.note(&format!("The program is {} MiB large.", binary.len() >> 20));
    let is_for_readme = arguments.iter().any(|word| word == "readme");
    table.print();
    if is_for_readme {
        table.write_readmes();
        let took = clean_build(folder.path()).as_secs();
        table.note(&format!("A clean build of it takes {took} s."));
        table.write_readmes();
    }
}

/// Builds the program and all that it is made of, from nothing.
fn clean_build(folder: &std::path::Path) -> Duration {
    let begun = Instant::now();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "build",
            "--release",
            "--locked",
            "--bin",
            "daishan",
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.join("build"));
    let built = cargo.stderr(Stdio::null()).status().unwrap();
    assert!(built.success(), "{cargo:?}");
    begun.elapsed()
}

/// The build folder lies on a real disk; the system's temporary folder may lie in memory.
fn target() -> std::path::PathBuf {
    std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned()
}

fn engine(
    table: &mut Table,
    name: &str,
    url: &str,
    folder: &std::path::Path,
    hello: &hello::Hello,
    aims: [f64; 2],
) -> f64 {
    let program = Program::start(url, folder);
    let queries = program.queries();
    let plain = [Case::get(hello.address(), "/", None)];
    let both = |one: &[Case], other: &[Case], connections| {
        both(
            (one, hello.process()),
            (other, program.process()),
            connections,
        )
    };
    let mut audited = 0.0;
    for (connections, aim) in [(64, aims[0]), (256, aims[1])] {
        // Turn and turn about, so that a slow moment of the machine strikes both.
        let bare = both(&plain, &queries, connections);
        table.row(
            name,
            connections,
            "hello world, same actix",
            &bare.0,
            None,
            None,
        );
        table.row(
            name,
            connections,
            "audited query",
            &bare.1,
            Some(&bare.0),
            Some(aim),
        );
        if connections == 64 {
            audited = bare.1.per_second();
        }
    }
    let health = [Case::get(program.address(), "/healthz", None)];
    let batch = [program.batch()];
    let pair = both(&plain, &health, 64);
    table.row(name, 64, "/healthz", &pair.1, Some(&pair.0), None);
    let pair = both(&plain, &batch, 8);
    table.batch(name, 8, program.batch_size(), &pair.1);
    let draws = program.draws();
    let second = Duration::from_secs(SECONDS);
    let drawn = measure(&draws, program.process(), 64, second);
    table.query(
        name,
        "reports of draws, 64 connections, beside the audited query",
        &drawn,
        (audited, 0.5),
        1_000.0,
    );
    audited
}

/// Cases, and the process that answers them.
type Asked<'a> = (&'a [Case], u32);

fn both(one: Asked<'_>, other: Asked<'_>, connections: usize) -> (Measured, Measured) {
    let time = Duration::from_secs(SECONDS);
    let (mut first, mut second) = (Measured::default(), Measured::default());
    for (cases, process) in [one, other] {
        measure(cases, process, connections, Duration::from_secs(1));
    }
    for _ in 0..2 {
        first.add(measure(one.0, one.1, connections, time));
        second.add(measure(other.0, other.1, connections, time));
    }
    (first, second)
}
