//! The least that a work could cost: the same rows read and written through the same driver, and nothing else done.

use daishan_credit::kernel::{Clock, Day, Digest, Id, Money, SystemClock, SystemRandomness};
use daishan_credit::ledger::records::{Posted, open_accounts, post};
use daishan_credit::ledger::{Movement, Posting};
use daishan_credit::merchant::Merchant;
use daishan_credit::score::Score;
use daishan_credit::score::records::{self, Head, NewScore};
use daishan_credit::store::connection::AnyConnection;
use daishan_credit::store::schema::{current_score, fact_version, ledger_transfer};
use daishan_credit::store::{Conn, DatabaseUrl, Failure, Store, error::Never};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn open(url: &str) -> Store {
    let url: DatabaseUrl = url.parse().unwrap();
    Store::open(&url, false, 2).unwrap()
}

/// Reads versions of facts of these kinds (a pattern) by merchant, and drops them; their number.
fn read_facts(conn: &mut Conn, kinds: &str) -> u64 {
    let mut read = 0;
    let wanted = fact_version::table
        .filter(fact_version::kind.like(kinds))
        .order((fact_version::merchant_id, fact_version::kind))
        .select((
            fact_version::merchant_id,
            fact_version::kind,
            fact_version::content,
        ));
    type Row = (Vec<u8>, String, String);
    match conn {
        AnyConnection::Sqlite(conn) => {
            for row in wanted.load_iter::<Row, _>(conn).unwrap() {
                read += u64::from(!row.unwrap().2.is_empty());
            }
        }
        AnyConnection::Postgres(conn) => {
            use diesel::pg::PgRowByRowLoadingMode;
            let rows = wanted
                .load_iter::<Row, PgRowByRowLoadingMode>(conn)
                .unwrap();
            for row in rows {
                read += u64::from(!row.unwrap().2.is_empty());
            }
        }
    }
    read
}

/// A score by its whole key.
type ScoreKey = (Id<Merchant>, Id<Score>);

/// Reads the heads of all merchants; who they are, and the score of one that has one.
fn read_heads(conn: &mut Conn) -> (Vec<Id<Merchant>>, ScoreKey) {
    let rows = current_score::table
        .order(current_score::merchant_id)
        .select((current_score::merchant_id, current_score::score_id));
    let rows: Vec<(Id<Merchant>, Option<Id<Score>>)> = rows.load(conn).unwrap();
    let scored = rows.iter().find_map(|(id, score)| Some((*id, (*score)?)));
    let merchants = rows.iter().map(|(merchant, _)| *merchant).collect();
    (merchants, scored.unwrap())
}

/// Merely reads the heads and the facts, and writes a score and a head for each merchant: the same rows to the same
/// tables, their contents ready at hand.
pub fn rescoring(url: &str) -> Duration {
    let store = open(url);
    let begun = Instant::now();
    let (merchants, scored) = read_heads(&mut store.connection().unwrap());
    let read = read_facts(&mut store.connection().unwrap(), "%");
    assert!(read > merchants.len() as u64);
    let (id, columns) = records::columns(&mut store.connection().unwrap(), &[scored])
        .unwrap()
        .into_iter()
        .next()
        .unwrap();
    assert_eq!(id, scored.1);
    for merchants in merchants.chunks(1_024) {
        let now = SystemClock.now();
        let scores: Vec<NewScore<'_>> = merchants
            .iter()
            .map(|merchant| NewScore {
                id: Id::new(now, &SystemRandomness),
                merchant: *merchant,
                computed_at: now,
                columns: &columns,
                inputs: Digest::of(merchant.as_bytes()),
            })
            .collect();
        let heads = scores.iter().map(|score| Head {
            score: Some(score.id),
            as_of: columns.as_of,
            next_change_on: columns.next_change_on,
            ..Head::unscored(score.merchant)
        });
        let heads: Vec<Head> = heads.collect();
        let write =
            |conn: &mut Conn| Ok::<_, Failure<Never>>(records::keep(conn, &scores, &heads)?);
        store.write(write).unwrap();
    }
    // What is in the WAL still is carried over when the last connection is closed, as where the program ends.
    drop(store);
    begun.elapsed()
}

/// Forgets which scores are the present ones, so that everybody is scored as for the first time.
pub fn forget_scores(url: &str) {
    let forget = diesel::update(current_score::table).set((
        current_score::score_id.eq(None::<Id<Score>>),
        current_score::stale.eq(true),
    ));
    let forgotten = forget.execute(&mut *open(url).connection().unwrap());
    assert!(forgotten.unwrap() > 0);
    tidy_up(url);
}

/// Has PostgreSQL tidy up after what was written, which it would else do while something is measured.
pub fn tidy_up(url: &str) {
    if let AnyConnection::Postgres(conn) = &mut *open(url).connection().unwrap() {
        for table in ["current_score", "score", "fact", "fact_version"] {
            conn.batch_execute(&format!("VACUUM (ANALYZE) {table}"))
                .unwrap();
        }
    }
}

/// Merely reads the statements, and posts as many transfers to books of its own in one transaction: real rows, with
/// their keys, their triggers and the accounts that they must name. Each is of a claim that nobody has.
pub fn claims(url: &str, transfers: u64) -> Duration {
    let store = open(url);
    let (clock, randomness) = (&SystemClock, &SystemRandomness);
    let begun = Instant::now();
    read_facts(&mut store.connection().unwrap(), "statements");
    let count = usize::try_from(transfers).unwrap();
    let reserved = Id::ascending(clock.now(), randomness, count).into_iter();
    let posting = |movement, fen, claim| Posting {
        movement,
        amount: Money::from_fen(fen),
        claim,
        posted_on: Day::from_number(0),
    };
    let all = i64::try_from(transfers).unwrap() + 1;
    let postings: Vec<Posting> = std::iter::once(posting(Movement::Fund, all, None))
        .chain(reserved.map(|claim| posting(Movement::Reserve, 1, Some(claim))))
        .collect();
    let by = "floor".parse().unwrap();
    let posted = Posted {
        by: &by,
        clock,
        randomness,
    };
    let write = |conn: &mut Conn| {
        open_accounts(conn, "floor")?;
        post(conn, "floor", &postings, posted)
    };
    store.write(write).unwrap();
    drop(store);
    begun.elapsed()
}

/// Another database of the same PostgreSQL.
pub fn another(url: &str, name: &str) -> String {
    let mut conn = PgConnection::establish(url).unwrap();
    conn.batch_execute(&format!("CREATE DATABASE {name}"))
        .unwrap();
    url.replacen("/postgres?", &format!("/{name}?"), 1)
}

/// Makes one merchant in a hundred due, as new facts would.
pub fn make_due(url: &str) {
    let sql = "UPDATE current_score SET stale = STALE WHERE merchant_id IN (SELECT id FROM merchant WHERE uscc LIKE '%00_')";
    let store = open(url);
    let mut conn = store.connection().unwrap();
    let stale = if conn.is_sqlite() { "1" } else { "TRUE" };
    conn.batch_execute(&sql.replace("STALE", stale)).unwrap();
}

/// How many transfers the books hold.
pub fn transfers(url: &str) -> u64 {
    let counted = ledger_transfer::table.count();
    let counted: i64 = counted
        .get_result(&mut *open(url).connection().unwrap())
        .unwrap();
    counted.unsigned_abs()
}

/// The engine's own way to take a file of statements into a table with the same key, headers and all; none where its
/// shell is not at hand.
pub fn import(url: &str, folder: &Path, file: &Path) -> Option<Duration> {
    let columns = "a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT, h TEXT, i TEXT, j TEXT, PRIMARY KEY (a, b, e)";
    let file = file.display();
    let mut command;
    if url.starts_with("sqlite:") {
        let database = folder.join("floor.db");
        command = Command::new("sqlite3");
        command.arg(&database).args([
            "PRAGMA journal_mode = WAL;",
            &format!("CREATE TABLE s ({columns}) WITHOUT ROWID;"),
            ".mode csv",
            &format!(".import {file} s"),
        ]);
    } else {
        command = Command::new("psql");
        command.arg(url).args([
            "-c",
            &format!("CREATE TABLE floor ({columns})"),
            "-c",
            &format!("\\copy floor FROM '{file}' CSV HEADER"),
        ]);
    }
    let begun = Instant::now();
    let done = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let took = begun.elapsed();
    let _ = std::fs::remove_file(folder.join("floor.db"));
    if !url.starts_with("sqlite:") {
        let mut conn = PgConnection::establish(url).unwrap();
        conn.batch_execute("DROP TABLE IF EXISTS floor").unwrap();
    }
    done.is_ok_and(|status| status.success()).then_some(took)
}
