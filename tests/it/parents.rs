//! Nothing names what is not there, and what is named stays.

use crate::intake::world::{World, query};
use crate::support::{Engine, on_both_engines};
use diesel::connection::SimpleConnection;

/// A row of a table once more, but for these columns.
struct Orphan {
    table: &'static str,
    /// In the order of the table, each as itself or with what stands in its place.
    columns: &'static [&'static str],
}

const ORPHANS: [Orphan; 9] = [
    Orphan {
        table: "fact",
        columns: &["kind", "key || 'x'", "NONE", "version", "source"],
    },
    Orphan {
        table: "fact_version",
        columns: &[
            "NONE",
            "kind",
            "key",
            "version",
            "recorded_at",
            "delivery_id",
            "content",
        ],
    },
    Orphan {
        table: "fact_version",
        columns: &[
            "merchant_id",
            "kind",
            "key || 'x'",
            "version",
            "recorded_at",
            "NONE",
            "content",
        ],
    },
    Orphan {
        table: "score",
        columns: &[
            "NONE",
            "id",
            "as_of",
            "computed_at",
            "card",
            "standing",
            "points",
            "tier",
            "tier_cap",
            "completeness",
            "next_change_on",
            "parts",
            "red_lines",
            "inputs",
        ],
    },
    Orphan {
        table: "ledger_transfer",
        columns: &[
            "programme",
            "NONE",
            "'nobody'",
            "credit",
            "amount",
            "reason",
            "claim_id",
            "posted_on",
            "recorded_at",
            "recorded_by",
        ],
    },
    Orphan {
        table: "ledger_transfer",
        columns: &[
            "programme",
            "NONE",
            "debit",
            "'nobody'",
            "amount",
            "reason",
            "claim_id",
            "posted_on",
            "recorded_at",
            "recorded_by",
        ],
    },
    Orphan {
        table: "claim",
        columns: &[
            "NONE",
            "programme",
            "NONE",
            "acquirer",
            "month",
            "number",
            "fee",
            "amount",
            "remaining",
            "status",
            "version",
            "submitted_by",
            "computed_at",
        ],
    },
    Orphan {
        table: "claim_basis",
        columns: &[
            "NONE",
            "programme",
            "acquirer",
            "month",
            "version",
            "fee",
            "rate",
            "tier",
            "certified",
            "entitled",
            "granted",
            "cause",
            "record_id",
            "known_at",
            "recorded_at",
            "recorded_by",
        ],
    },
    Orphan {
        table: "claim_event",
        columns: &[
            "NONE",
            "number",
            "event",
            "amount",
            "reference",
            "acted_at",
            "acted_by",
        ],
    },
];

#[test]
fn a_row_that_names_what_is_not_there_is_refused() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let (none, told) = match engine {
            Engine::Sqlite => ("zeroblob(16)", "FOREIGN KEY constraint failed"),
            Engine::Postgres => ("decode(repeat('00', 16), 'hex')", "that is not there"),
        };
        let store = world.database.open();
        let mut conn = store.connection().unwrap();
        for Orphan { table, columns } in ORPHANS {
            let columns = columns.join(", ").replace("NONE", none);
            let orphan = format!("INSERT INTO {table} SELECT {columns} FROM {table} LIMIT 1");
            let error = conn.batch_execute(&orphan).unwrap_err().to_string();
            assert!(error.contains(told), "{orphan}: {error}");
        }
        let given_away = format!("UPDATE fact SET merchant_id = {none}");
        let error = conn.batch_execute(&given_away).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    });
}

#[test]
fn what_is_named_is_not_removed() {
    let parents = [
        ("merchant", "id = id"),
        ("delivery", "id = id"),
        ("ledger_account", "account = account"),
        ("claim", "id = id"),
    ];
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let store = world.database.open();
        let mut conn = store.connection().unwrap();
        let before = world.tables();
        for (table, change) in parents {
            for statement in [
                format!("DELETE FROM {table}"),
                format!("UPDATE {table} SET {change}"),
            ] {
                let error = conn.batch_execute(&statement).unwrap_err().to_string();
                assert_eq!(error, format!("{table} is append-only"), "{statement}");
            }
            if matches!(engine, Engine::Postgres) {
                let all = format!("TRUNCATE {table} CASCADE");
                let error = conn.batch_execute(&all).unwrap_err().to_string();
                assert!(error.ends_with("is append-only"), "{all}: {error}");
            }
        }
        assert!(before == world.tables());
        assert!(!query(&store, "SELECT uscc AS line FROM merchant").is_empty());
    });
}
