//! What is read for each report is found by an index, however much has been reported.

use crate::support::{Engine, on_both_engines};
use daishan_credit::credit_line::records::{holders, movement_days, movements, reports};
use daishan_credit::store::error::Never;
use daishan_credit::store::{Conn, Failure};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// What is read of a line, as the records ask for it, and which index finds it by which columns.
const READ: [(&str, &str); 4] = [
    (
        "SELECT agreement, kind, key, version, content FROM line_report WHERE bank_id = 'a' AND kind = 'movement' AND \
         (content <> '') AND key IN (SELECT value FROM json_each('[]'))",
        "PRIMARY KEY (bank_id=? AND kind=? AND key=?)",
    ),
    (
        "SELECT agreement, kind, key, version, content FROM line_report WHERE bank_id = 'a' AND \
         (kind <> 'movement' OR version > 1) AND agreement IN (SELECT value FROM json_each('[]'))",
        "COVERING INDEX line_report_of_line (bank_id=? AND agreement=?)",
    ),
    (
        "SELECT agreement, moved_on, drawn, repaid FROM movement_day WHERE bank_id = 'a' AND \
         agreement IN (SELECT value FROM json_each('[]'))",
        "PRIMARY KEY (bank_id=? AND agreement=?)",
    ),
    (
        "SELECT uscc FROM line_of_merchant WHERE bank_id = 'a' AND agreement IN (SELECT value FROM json_each('[]'))",
        "COVERING INDEX line_of_merchant_by_line (bank_id=? AND agreement=?)",
    ),
];

#[test]
fn sqlite_finds_what_is_read_of_a_line_by_its_indexes() {
    let (store, _database) = Engine::Sqlite.store();
    let mut conn = store.connection().unwrap();
    let Conn::Sqlite(conn) = &mut *conn else {
        panic!("not SQLite")
    };
    for (sql, index) in READ {
        let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {sql}"))
            .load(conn)
            .unwrap();
        let steps: Vec<String> = steps.into_iter().map(|step| step.detail).collect();
        assert!(steps[0].ends_with(&format!("USING {index}")), "{steps:?}");
    }
}

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows of these tables this transaction has read from end to end; what SQLite does, its plans tell.
fn scanned(conn: &mut Conn) -> i64 {
    let Conn::Postgres(conn) = conn else {
        return 0;
    };
    let sql = "SELECT coalesce(sum(seq_tup_read), 0)::bigint AS rows FROM pg_stat_xact_user_tables \
        WHERE relname IN ('line_report', 'movement_day', 'line_of_merchant')";
    let read: Vec<Read> = sql_query(sql).load(conn).unwrap();
    read[0].rows
}

#[test]
fn plans_made_while_the_tables_were_empty_hold_when_they_are_not() {
    on_both_engines(|engine| {
        let (store, _database) = engine.store();
        let read = |conn: &mut Conn| -> Result<usize, Failure<Never>> {
            let line = ["L-1".to_owned()];
            let found = movements(conn, "a", ["S-1"])?.len()
                + reports(conn, "a", Some(&line))?.len()
                + movement_days(conn, "a", Some(&line))?.len();
            Ok(found + holders(conn, "a", ["L-1"])?.len())
        };
        // On one connection, so that its prepared statements grow old.
        let mut conn = store.connection().unwrap();
        for _ in 0..8 {
            assert_eq!(read(&mut conn).unwrap(), 0);
        }
        let numbers =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)";
        let empty = if engine == Engine::Sqlite {
            "x''"
        } else {
            "'\\x'::bytea"
        };
        let named = "CAST(i AS TEXT)";
        let content = "'{\"kind\":\"movement\",\"serial\":\"S\",\"direction\":\"draw\",\"amount\":\"1.00\",\"on\":\"2025-06-01\"}'";
        for sql in [
            "INSERT INTO bank VALUES ('a', '甲', 0)".to_owned(),
            format!("{numbers} INSERT INTO reported_line SELECT 'a', 'L-' || {named}, 0 FROM n"),
            format!(
                "{numbers} INSERT INTO line_report SELECT 'a', 'L-' || {named}, 'movement', 'S-' || {named}, 1, {content}, \
                 'R1', {empty}, 0 FROM n"
            ),
            format!(
                "{numbers} INSERT INTO movement_day SELECT 'a', 'L-' || {named}, 20000, 1, 0 FROM n"
            ),
        ] {
            conn.batch_execute(&sql).unwrap();
        }
        conn.batch_execute("BEGIN").unwrap();
        assert_eq!(read(&mut conn).unwrap(), 3);
        assert_eq!(scanned(&mut conn), 0);
        conn.batch_execute("ROLLBACK").unwrap();
    });
}
