//! What each engine says, and what it means to us.

use crate::support::Engine;
use daishan_credit::store::{Conn, StoreError};
use diesel::connection::SimpleConnection;
use std::sync::Barrier;

fn meaning(conn: &mut Conn, sql: &str) -> StoreError {
    conn.batch_execute(sql).unwrap_err().into()
}

fn with_postgres(test: impl FnOnce(Engine)) {
    if Engine::all().contains(&Engine::Postgres) {
        test(Engine::Postgres);
    }
}

#[test]
fn a_locked_sqlite_is_busy() {
    let (store, _database) = Engine::Sqlite.store();
    let (mut one, mut other) = (store.connection().unwrap(), store.connection().unwrap());
    one.batch_execute("BEGIN IMMEDIATE").unwrap();
    other.batch_execute("PRAGMA busy_timeout = 0").unwrap();
    let error = meaning(&mut other, "BEGIN IMMEDIATE");
    assert!(
        matches!(error, StoreError::Busy) && error.is_transient(),
        "{error:?}"
    );
    one.batch_execute("ROLLBACK").unwrap();
}

#[test]
fn a_full_sqlite_is_full() {
    let (store, _database) = Engine::Sqlite.store();
    let mut conn = store.connection().unwrap();
    conn.batch_execute("PRAGMA max_page_count = 1").unwrap();
    let sql = "INSERT INTO bank(id, name, recorded_at) VALUES ('b', hex(zeroblob(100000)), 0)";
    let error = meaning(&mut conn, sql);
    assert!(
        matches!(error, StoreError::Full) && error.is_temporary(),
        "{error:?}"
    );
    assert!(!error.is_transient());
}

#[test]
fn a_lock_that_does_not_come_free_on_postgres_is_busy() {
    with_postgres(|engine| {
        let (store, _database) = engine.store();
        let (mut one, mut other) = (store.connection().unwrap(), store.connection().unwrap());
        one.batch_execute("BEGIN; LOCK TABLE bank").unwrap();
        let error = meaning(
            &mut other,
            "SET lock_timeout = '10ms'; SELECT count(*) FROM bank",
        );
        assert!(matches!(error, StoreError::Busy), "{error:?}");
        let error = meaning(&mut other, "BEGIN; LOCK TABLE bank NOWAIT");
        assert!(matches!(error, StoreError::Busy), "{error:?}");
    });
}

#[test]
fn a_deadlock_on_postgres_is_busy() {
    with_postgres(|engine| {
        let (store, _database) = engine.store();
        let mut conn = store.connection().unwrap();
        conn.batch_execute(
            "INSERT INTO bank(id, name, recorded_at) VALUES ('a', 'a', 0), ('b', 'b', 0)",
        )
        .unwrap();
        let both = Barrier::new(2);
        let cross = |first: &str, second: &str| {
            let mut conn = store.connection().unwrap();
            conn.batch_execute("SET deadlock_timeout = '20ms'; BEGIN")
                .unwrap();
            conn.batch_execute(&format!("UPDATE bank SET name = 'x' WHERE id = '{first}'"))
                .unwrap();
            both.wait();
            let second =
                conn.batch_execute(&format!("UPDATE bank SET name = 'x' WHERE id = '{second}'"));
            conn.batch_execute("ROLLBACK").unwrap();
            second
        };
        let outcomes = std::thread::scope(|scope| {
            let one = scope.spawn(|| cross("a", "b"));
            let other = scope.spawn(|| cross("b", "a"));
            [one.join().unwrap(), other.join().unwrap()]
        });
        let failed: Vec<StoreError> = outcomes
            .into_iter()
            .filter_map(Result::err)
            .map(Into::into)
            .collect();
        assert!(matches!(failed[..], [StoreError::Busy]), "{failed:?}");
    });
}

#[test]
fn other_meanings_on_postgres() {
    with_postgres(|engine| {
        let (store, _database) = engine.store();
        let raise = |state: &str, text: &str| {
            format!(
                "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}', MESSAGE = '{text}'; END $$"
            )
        };
        let mut conn = store.connection().unwrap();
        let full = "could not extend file \"base/1\": No space left on device";
        let error = meaning(&mut conn, &raise("53100", full));
        assert!(matches!(error, StoreError::Full), "{error:?}");
        let error = meaning(
            &mut conn,
            &raise(
                "40001",
                "could not serialize access due to concurrent update",
            ),
        );
        assert!(matches!(error, StoreError::Busy), "{error:?}");
        let error = meaning(&mut conn, "SELECT 1 / 0");
        assert!(
            matches!(error, StoreError::Broken(_)) && !error.is_temporary(),
            "{error:?}"
        );
        let error = meaning(&mut conn, "SELECT pg_terminate_backend(pg_backend_pid())");
        assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
    });
}
