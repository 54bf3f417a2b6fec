//! The books cannot be rewritten, and whatever was rewritten nevertheless is found.

use crate::intake::world::{World, query};
use crate::support::{Engine, on_both_engines};
use daishan_credit::store::Conn;
use diesel::connection::SimpleConnection;
use diesel::{RunQueryDsl, sql_query};

fn execute(world: &World, sql: &str) -> Result<(), String> {
    let store = world.database.open();
    let mut conn = store.connection().unwrap();
    let done = match &mut *conn {
        Conn::Sqlite(conn) => sql_query(sql).execute(conn).map(drop),
        Conn::Postgres(conn) => conn.batch_execute(sql),
    };
    done.map_err(|error| error.to_string())
}

#[test]
fn what_is_append_only_stays_and_no_account_falls_below_zero() {
    let tables = [
        ("programme_record", "pool = 1"),
        ("ledger_transfer", "amount = amount"),
        ("claim_basis", "fee = 0"),
        ("claim_event", "amount = 0"),
    ];
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let before = world.tables();
        for (table, change) in tables {
            assert!(!before[table].is_empty(), "{table}");
            let otherwise = match engine {
                Engine::Sqlite => format!("REPLACE INTO {table} SELECT * FROM {table}"),
                Engine::Postgres => format!("TRUNCATE {table} CASCADE"),
            };
            for statement in [
                format!("UPDATE {table} SET {change}"),
                format!("DELETE FROM {table}"),
                otherwise,
            ] {
                let error = execute(&world, &statement).unwrap_err();
                assert_eq!(error, format!("{table} is append-only"), "{statement}");
            }
        }
        for statement in [
            "UPDATE ledger_account SET balance = -1 WHERE account = 'pool'",
            "INSERT INTO ledger_transfer SELECT programme, claim_id, 'pool', 'pool', 1, reason, NULL, posted_on, \
             recorded_at, recorded_by FROM ledger_transfer WHERE claim_id IS NOT NULL",
            "INSERT INTO ledger_transfer SELECT programme, claim_id, debit, credit, -1, reason, NULL, posted_on, \
             recorded_at, recorded_by FROM ledger_transfer WHERE claim_id IS NOT NULL",
            "UPDATE claim SET remaining = remaining + amount",
            "UPDATE claim SET number = 0, acquirer = 'x', month = 1, merchant_id = (SELECT min(merchant_id) FROM claim)",
        ] {
            assert!(execute(&world, statement).is_err(), "{statement}");
        }
        assert!(before == world.tables());
    });
}

#[test]
fn a_check_names_what_was_changed_past_the_program() {
    on_both_engines(|engine| {
        let sample = World::sample(engine);
        let claim = query(
            &sample.database.open(),
            "SELECT 'id' AS line FROM claim WHERE number = 0",
        );
        assert_eq!(claim.len(), 3_000);
        let first = "id = (SELECT id FROM claim ORDER BY id LIMIT 1)";
        let changes = [
            ("UPDATE ledger_account SET balance = 1 WHERE account = 'paid'".to_owned(), 2),
            (
                "UPDATE ledger_account SET balance = balance + 1 WHERE account IN ('pool', 'funding')".to_owned(),
                3,
            ),
            (format!("UPDATE claim SET status = 'paid' WHERE {first}"), 2),
            (format!("UPDATE claim SET status = 'rejected' WHERE {first}"), 2),
            (format!("UPDATE claim SET remaining = remaining - 1 WHERE {first}"), 1),
            (format!("UPDATE claim SET amount = amount + 1 WHERE {first}"), 1),
            (
                "INSERT INTO ledger_transfer SELECT programme, claim_id, 'pool', 'reserved', 7, reason, NULL, \
                 posted_on, recorded_at, recorded_by FROM ledger_transfer WHERE claim_id = \
                 (SELECT id FROM claim ORDER BY id LIMIT 1)"
                    .to_owned(),
                2,
            ),
        ];
        for (change, differences) in changes {
            let world = sample.copy();
            execute(&world, &change).unwrap();
            // On a machine that is busy with other tests a connection may take longer than the program waits.
            let done = loop {
                let done = world.run(&["ledger", "check"]);
                if !done.err().contains("busy") {
                    break done;
                }
            };
            assert_eq!(done.code(), 1, "{change}");
            let told = format!("{differences} differences");
            assert!(
                done.err().contains(&told),
                "{change}\n{}\n{}",
                done.out(),
                done.err()
            );
            assert_eq!(
                done.out().lines().count(),
                differences + 1,
                "{change}\n{}",
                done.out()
            );
        }
    });
}
