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
