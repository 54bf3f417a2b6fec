use crate::support::{Cli, on_both_engines};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

#[test]
fn wrong_usage_and_wrong_settings_exit_2() {
    let cli = Cli::new();
    for arguments in [
        vec!["no-such-command"],
        vec!["doctor", "--no-such-option"],
        vec!["doctor", "--database", "mysql://h/d"],
        vec!["doctor", "--database", "daishan.db"],
        vec!["doctor", "--config", "no-such-folder"],
        vec!["serve", "--listen", "nowhere"],
        vec![],
    ] {
        let done = cli.run(&arguments);
        assert_eq!(
            (done.code(), done.out()),
            (2, ""),
            "{arguments:?}\n{}",
            done.err()
        );
    }
    let cli = Cli::new()
        .env("DAISHAN_LOG__FORMAT", "xml")
        .env("DAISHAN_NO_SUCH", "1");
    let done = cli.run(&["openapi"]);
    assert_eq!(done.code(), 2);
    assert!(
        done.err().contains("log.format") && done.err().contains("no_such"),
        "{}",
        done.err()
    );
}

#[test]
fn help_and_version_exit_0() {
    let cli = Cli::new();
    assert!(cli.run(&["--version"]).out().starts_with("daishan "));
    for command in ["serve", "migrate", "doctor", "openapi"] {
        assert_eq!(cli.run(&[command, "--help"]).code(), 0, "{command}");
    }
}

#[test]
fn a_missing_database_is_refused_by_all_but_those_that_make_it() {
    let cli = Cli::new();
    for command in ["migrate", "doctor"] {
        let done = cli.run(&[command, "--database", "sqlite:none.db"]);
        assert_eq!(done.code(), 1, "{command}");
    }
    assert!(!cli.folder().join("none.db").exists());
    let serving = cli.serve(&[
        "serve",
        "--database",
        "sqlite:made.db",
        "--listen",
        "127.0.0.1:0",
    ]);
    assert!(!serving.address.ends_with(":0"));
    assert!(cli.folder().join("made.db").exists());
    let done = cli.run(&["migrate", "--database", "sqlite:made.db"]);
    assert_eq!((done.code(), done.out()), (0, ""));
}

#[test]
fn the_doctor_names_the_engine() {
    on_both_engines(|engine| {
        let (_store, database) = engine.store();
        let cli = Cli::new();
        let done = cli.run(&["doctor", "--database", &database.url]);
        assert!(done.out().contains("✓ 引擎 · engine"), "{}", done.out());
        assert!(done.out().contains("✓ 磁盘 · disk"), "{}", done.out());
        let wrong = done
            .out()
            .lines()
            .filter(|line| line.starts_with('✗'))
            .count();
        assert_eq!(done.code(), i32::from(wrong > 0));
    });
}

#[test]
fn the_document_is_printed_and_nothing_else() {
    let done = Cli::new().run(&["openapi"]);
    let checked_in = include_str!("../../openapi.json");
    assert_eq!(
        (done.code(), done.out() == checked_in, done.err()),
        (0, true, "")
    );
}

#[test]
fn a_server_that_is_told_to_stop_does_so_soon_and_finishes_what_it_answers() {
    let cli = Cli::new();
    let mut serving = cli.serve(&[
        "serve",
        "--database",
        "sqlite:s.db",
        "--listen",
        "127.0.0.1:0",
    ]);
    // A connection that is kept alive and asks for nothing must not hold the server up.
    let mut idle = TcpStream::connect(&serving.address).unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    let mut answer = [0; 15];
    idle.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    let started = Instant::now();
    let told = std::process::Command::new("kill")
        .arg(serving.child.id().to_string())
        .status();
    assert!(told.unwrap().success());
    let ended = serving.child.wait().unwrap();
    assert!(ended.success(), "{ended}");
    assert!(
        started.elapsed() < Duration::from_secs(8),
        "{:?}",
        started.elapsed()
    );
}
