//! How the program starts: several at once on a database that is not there yet, and where it listens.

use crate::support::command::Serving;
use crate::support::{Cli, on_both_engines};
use daishan_credit::store::Store;
use std::sync::Barrier;

const AT_ONCE: usize = 8;
const ROUNDS: usize = 5;

#[test]
fn several_that_start_at_once_on_an_empty_database_all_serve() {
    on_both_engines(|engine| {
        for _ in 0..2 {
            let (cli, database) = (Cli::new(), engine.database());
            let start = || {
                let serve = ["serve", "--listen", "127.0.0.1:0", "--database"];
                cli.serve(&[&serve[..], &[&database.url]].concat())
            };
            let serving: Vec<Serving> = std::thread::scope(|scope| {
                let started: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(start)).collect();
                started.into_iter().map(|it| it.join().unwrap()).collect()
            });
            assert_eq!(serving.len(), AT_ONCE);
        }
    });
}

#[test]
fn of_several_that_migrate_at_once_one_does_and_none_fails() {
    on_both_engines(|engine| {
        for _ in 0..ROUNDS {
            let (database, barrier) = (engine.database(), Barrier::new(AT_ONCE));
            let migrate = || {
                barrier.wait();
                let store = Store::open(&database.url(), true, 2).unwrap();
                store.migrate().unwrap().len()
            };
            let done: Vec<usize> = std::thread::scope(|scope| {
                let started: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(migrate)).collect();
                started.into_iter().map(|it| it.join().unwrap()).collect()
            });
            let some = done.iter().filter(|made| **made > 0).count();
            assert_eq!(some, 1, "{done:?}");
            assert!(database.open().is_migrated().unwrap());
        }
    });
}

#[test]
fn a_name_may_be_listened_on_and_is_the_issuer_then() {
    let serve = ["serve", "--database", "sqlite:s.db", "--listen"];
    let cli = Cli::new();
    let done = cli.run(&[&serve[..], &["no-such-host.invalid:0"]].concat());
    assert_eq!((done.code(), done.out()), (1, ""));
    for part in ["no-such-host.invalid", "找不到主机", "--listen"] {
        assert!(done.err().contains(part), "{}", done.err());
    }
    let serving = cli.serve(&[&serve[..], &["localhost:0"]].concat());
    let port = serving.address.rsplit_once(':').unwrap().1;
    assert_eq!(issuer(&serving), format!("http://localhost:{port}"));
}

#[test]
fn listening_everywhere_without_an_issuer_is_warned_about() {
    for (issuer, warned) in [("", 1), ("https://credit.example", 0)] {
        let cli = Cli::new().env("DAISHAN_SERVER__ISSUER", issuer);
        for listen in ["0.0.0.0:0", "127.0.0.1:0"] {
            let serve = ["serve", "--database", "sqlite:s.db", "--listen", listen];
            let log = cli.serve(&serve).log();
            let warnings = log.matches("DAISHAN_SERVER__ISSUER").count();
            let expected = if listen.starts_with('0') { warned } else { 0 };
            assert_eq!(warnings, expected, "{listen} {issuer}\n{log}");
        }
    }
}

fn issuer(serving: &Serving) -> String {
    let metadata = format!(
        "http://{}/.well-known/oauth-authorization-server",
        serving.address
    );
    let mut answer = ureq::get(metadata).call().unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
    metadata["issuer"].as_str().unwrap().to_owned()
}
