//! The two folders of migrations make the same tables.

use crate::support::Engine;
use daishan_credit::store::{Conn, Store};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use std::collections::BTreeSet;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(store: &Store, sqlite: &str, postgres: &str) -> BTreeSet<String> {
    let mut conn = store.connection().unwrap();
    let lines: Vec<Line> = match &mut *conn {
        Conn::Sqlite(conn) => sql_query(sqlite).load(conn),
        Conn::Postgres(conn) => sql_query(postgres).load(conn),
    }
    .unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

/// table.column type nullability
fn columns(store: &Store) -> BTreeSet<String> {
    lines(
        store,
        "SELECT t.name || '.' || c.name || ' ' || c.type || CASE WHEN c.\"notnull\" OR c.pk THEN ' not null' ELSE '' END \
         AS line FROM sqlite_schema t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite%'",
        "SELECT table_name || '.' || column_name || ' ' || \
         CASE data_type WHEN 'text' THEN 'TEXT' WHEN 'bytea' THEN 'BLOB' WHEN 'integer' THEN 'INTEGER' \
         WHEN 'bigint' THEN 'INTEGER' WHEN 'boolean' THEN 'INTEGER' ELSE data_type END \
         || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS line \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
    )
}

/// table(columns) of each unique index, primary keys included
fn unique_keys(store: &Store) -> BTreeSet<String> {
    lines(
        store,
        "SELECT t.name || '(' || (SELECT group_concat(name, ',') FROM \
            (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')' \
         || CASE i.partial WHEN 1 THEN ' partial' ELSE '' END AS line \
         FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table' AND i.\"unique\" = 1 \
         AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        "SELECT t.relname || '(' || (SELECT string_agg(a.attname::text, ',' ORDER BY k.place) \
            FROM unnest(i.indkey) WITH ORDINALITY AS k(number, place) \
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) || ')' \
         || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END AS line \
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
         WHERE i.indisunique AND n.nspname = 'public' AND t.relname NOT LIKE '\\_\\_%'",
    )
}

#[test]
fn tables_columns_and_unique_keys_are_the_same_on_both_engines() {
    if !Engine::all().contains(&Engine::Postgres) {
        return;
    }
    let (sqlite, _one) = Engine::Sqlite.store();
    let (postgres, _other) = Engine::Postgres.store();
    let difference = |a: BTreeSet<String>, b: BTreeSet<String>| -> Vec<String> {
        a.symmetric_difference(&b).cloned().collect()
    };
    let none: Vec<String> = Vec::new();
    assert!(columns(&sqlite).len() > 50);
    assert_eq!(difference(columns(&sqlite), columns(&postgres)), none);
    assert!(unique_keys(&sqlite).len() > 10);
    assert_eq!(
        difference(unique_keys(&sqlite), unique_keys(&postgres)),
        none
    );
}

#[test]
fn sqlite_tables_are_strict() {
    let (store, _database) = Engine::Sqlite.store();
    let loose = lines(
        &store,
        "SELECT name AS line FROM pragma_table_list WHERE strict = 0 AND schema = 'main' AND type = 'table' \
         AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
        "",
    );
    assert!(loose.is_empty(), "{loose:?}");
}

#[test]
fn migrations_can_be_taken_back() {
    for (folder, engine) in [("sqlite", Engine::Sqlite), ("postgres", Engine::Postgres)] {
        if !Engine::all().contains(&engine) {
            continue;
        }
        let (store, _database) = engine.store();
        let root = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut down: Vec<_> = std::fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        down.sort();
        let mut conn = store.connection().unwrap();
        for migration in down.iter().rev() {
            let sql = std::fs::read_to_string(migration.join("down.sql")).unwrap();
            diesel::connection::SimpleConnection::batch_execute(&mut *conn, &sql).unwrap();
        }
        drop(conn);
        assert_eq!(columns(&store), BTreeSet::new(), "{engine:?}");
    }
}
