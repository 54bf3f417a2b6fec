//! What is logged stays, and what must not be logged is not.

use super::county::{on_both_engines, question, score_path};
use super::process::{Process, agent};
use super::registers::{GOOD, RED, SILENT, UNKNOWN};
use crate::lines::reports::grant;
use crate::support::Engine;
use daishan_credit::store::Conn;
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[test]
fn what_was_recorded_can_be_neither_changed_nor_deleted() {
    let tables = [
        ("bank_query", "outcome = 'answered'"),
        ("answer_body", "digest = digest"),
        ("score", "merchant_id = merchant_id"),
        ("fact_version", "version = version"),
        ("coverage", "delivery_id = delivery_id"),
        ("product", "content = '{}'"),
        ("loan_prime_rate", "basis_points = 0"),
        ("line_report", "content = ''"),
    ];
    on_both_engines(|county| {
        let granted = county.report(&county.bank, "/v1/lines", &grant("X-1", GOOD));
        assert_eq!(granted.status, 201, "{}", granted.text());
        assert_eq!(county.query(&[GOOD, RED, SILENT]).status, 200);
        let mut conn = county.app.store.connection().unwrap();
        for (table, change) in tables {
            let mut count = || {
                let rows = sql_query(format!("SELECT count(*) AS rows FROM {table}"));
                let rows: Vec<Count> = match &mut *conn {
                    Conn::Sqlite(conn) => rows.load(conn),
                    Conn::Postgres(conn) => rows.load(conn),
                }
                .unwrap();
                rows[0].rows
            };
            let before = count();
            assert!(before > 0, "{table} is empty");
            let otherwise = if county.app.store.url().is_sqlite() {
                format!("REPLACE INTO {table} SELECT * FROM {table}")
            } else {
                format!("TRUNCATE {table} CASCADE")
            };
            for statement in [
                format!("UPDATE {table} SET {change}"),
                format!("DELETE FROM {table}"),
                otherwise,
            ] {
                let mut conn = county.app.store.connection().unwrap();
                let error = conn.batch_execute(&statement).unwrap_err().to_string();
                assert_eq!(error, format!("{table} is append-only"), "{statement}");
            }
            assert_eq!(count(), before);
        }
    });
}

#[test]
fn the_program_tells_nobody_s_code_name_or_token_in_its_log() {
    for format in ["text", "json"] {
        let environment = [
            ("DAISHAN_LOG__FILTER", "debug"),
            ("DAISHAN_LOG__FORMAT", format),
        ];
        let process = Process::prepare(Engine::Sqlite, &environment);
        let serving = process.serve();
        let address = serving.address.clone();
        let bearer = process.bearer(&address);
        let get = |path: &str, bearer: &str| {
            let url = format!("http://{address}{path}");
            let answer = agent().get(url).header("authorization", bearer).call();
            answer.unwrap().status().as_u16()
        };
        let post = |body: &str, bearer: &str| {
            let post = agent().post(format!("http://{address}/v1/scores/query"));
            let post = post.header("authorization", bearer);
            let answer = post.content_type("application/json").send(body);
            answer.unwrap().status().as_u16()
        };
        let whole = question(&[GOOD, SILENT, UNKNOWN]).to_string();
        let forged = format!("{bearer}x");
        let nameless = score_path(GOOD).replace("purpose=", "reason=");
        assert_eq!(get(&score_path(GOOD), &bearer), 200);
        assert_eq!(get(&score_path(SILENT), &bearer), 404);
        assert_eq!(get(&nameless, &bearer), 400);
        assert_eq!(get(&score_path("92330921MA000DT15X"), &bearer), 400);
        assert_eq!(get(&score_path(GOOD), &forged), 401);
        assert_eq!(get(&format!("/nowhere/{GOOD}?by=R007"), &bearer), 404);
        assert_eq!(get(&format!("/v1/answers/{GOOD}"), &bearer), 400);
        assert_eq!(get(&format!("/v1/scorecards/{GOOD}"), &bearer), 404);
        assert_eq!(post(&whole, &bearer), 200);
        assert_eq!(post(&whole, &forged), 401);
        assert_eq!(post(&whole[..whole.len() - 2], &bearer), 400);
        assert_eq!(
            post(&whole.replace(GOOD, "92330921MA000DT15X"), &bearer),
            400
        );
        raw(
            &address,
            &format!("GET {} HTTP/1.1\r\n{bearer}\r\n\r\n", score_path(GOOD)),
        );
        raw(&address, &format!("{GOOD} R007 {bearer}\r\n\r\n"));
        raw(
            &address,
            &format!("GET /{GOOD} R007\0 HTTP/9.9\r\nauthorization: {bearer}\r\n\r\n"),
        );

        let log = serving.log();
        for told in ["answered", "refused", "token issued"] {
            assert!(log.contains(told), "no {told} in:\n{log}");
        }
        let token = bearer.strip_prefix("Bearer ").unwrap();
        let signature = token.rsplit('.').next().unwrap();
        for secret in [
            GOOD,
            SILENT,
            UNKNOWN,
            "MA000DT15X",
            "R007",
            "DK-1",
            token,
            signature,
        ] {
            assert!(!log.contains(secret), "{secret} is in:\n{log}");
        }
    }
}

/// Bytes that are no good request; whatever comes back.
fn raw(address: &str, bytes: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut told = Vec::new();
    // It may hang up at once.
    let _ = stream.read_to_end(&mut told);
}
