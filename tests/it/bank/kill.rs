//! The program is killed while it answers: whatever a bank was told is in the log, byte for byte.

use super::county::{digest, items, question, score_path};
use super::process::{Process, agent};
use super::registers::{GOOD, MERCHANTS, RED};
use crate::support::Engine;
use daishan_credit::store::Conn;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const ROUNDS: u64 = 20;
const THREADS: usize = 4;

#[test]
fn what_sqlite_told_before_a_kill_is_in_the_log() {
    kill_under_load(Engine::Sqlite);
}

#[test]
fn what_postgres_told_before_a_kill_is_in_the_log() {
    if Engine::all().contains(&Engine::Postgres) {
        kill_under_load(Engine::Postgres);
    }
}

/// Bytes of answers, by their ids.
type Kept = Vec<(String, Vec<u8>)>;

fn kill_under_load(engine: Engine) {
    let process = Process::prepare(engine, &[]);
    let mut kept = Kept::new();
    let mut seed = 0x5eed_u64;
    let (mut most, mut least) = (0, usize::MAX);
    for round in 0..ROUNDS {
        let mut serving = process.serve();
        let address = serving.address.clone();
        let bearer = process.bearer(&address);
        let killed = AtomicBool::new(false);
        let told = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (address, bearer, killed) = (&*address, &*bearer, &killed);
                    scope.spawn(move || ask_until(address, bearer, number, killed))
                })
                .collect();
            // Some rounds end before the first answer, or in its midst.
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            thread::sleep(Duration::from_millis((seed >> 33) % 600));
            serving.child.kill().unwrap();
            killed.store(true, Ordering::SeqCst);
            serving.child.wait().unwrap();
            let ended = threads.into_iter().map(|thread| thread.join().unwrap());
            ended.flatten().collect::<Kept>()
        });
        (most, least) = (most.max(told.len()), least.min(told.len()));
        assert!(round < ROUNDS - 1 || !kept.is_empty(), "nothing was asked");
        kept.extend(told);
    }
    println!(
        "{engine:?}: {} answers, {least} to {most} a round",
        kept.len()
    );
    assert!(kept.len() > 200, "{} answers are no load", kept.len());
    check_log(&process, &kept);
    check_again(&process, &kept);
    if engine == Engine::Sqlite {
        assert_eq!(integrity(&process), "ok");
    }
}

/// Asks as fast as it can, one merchant and all in turn, until the program is gone.
fn ask_until(address: &str, bearer: &str, number: usize, killed: &AtomicBool) -> Kept {
    let (agent, mut kept) = (agent(), Kept::new());
    let base = format!("http://{address}");
    for turn in number.. {
        let asked = if turn % 2 == 0 {
            let path = format!("{base}{}", score_path([GOOD, RED][turn / 2 % 2]));
            agent.get(path).header("authorization", bearer).call()
        } else {
            let post = agent.post(format!("{base}/v1/scores/query"));
            let post = post.header("authorization", bearer);
            post.content_type("application/json")
                .send(question(&MERCHANTS).to_string())
        };
        let whole = asked.and_then(|mut answer| {
            let status = answer.status().as_u16();
            Ok((status, answer.body_mut().read_to_vec()?))
        });
        match whole {
            Ok((200, bytes)) if turn % 2 == 0 => kept.push((id_of(&bytes), bytes)),
            Ok((200, bytes)) => {
                let items = items(&bytes).into_iter();
                kept.extend(items.map(|item| (id_of(&item), item)));
            }
            Ok((status, bytes)) => panic!("{status} {}", String::from_utf8_lossy(&bytes)),
            Err(error) => {
                // A kill that is on its way is told to us a moment after the sockets know.
                thread::sleep(Duration::from_millis(200));
                assert!(killed.load(Ordering::SeqCst), "{error}");
                break;
            }
        }
    }
    kept
}

fn id_of(bytes: &[u8]) -> String {
    let answer: Value = serde_json::from_slice(bytes).unwrap();
    super::county::id(&answer)
}

/// Every answer has its row, and the row has the digest of its bytes.
fn check_log(process: &Process, kept: &Kept) {
    let log = process.run(&["queries", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(log.out().as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next_back(), Some("digest"));
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        (row[0].to_owned(), row[8].to_owned())
    });
    let (mut digests, mut count) = (BTreeMap::new(), 0);
    for (id, digest) in rows {
        count += 1;
        digests.insert(id, digest);
    }
    assert_eq!(digests.len(), count, "an id is there twice");
    for (id, bytes) in kept {
        let logged = digests
            .get(id)
            .unwrap_or_else(|| panic!("{id} is not in the log"));
        assert_eq!(*logged, digest(bytes), "{id}");
    }
}

/// The last program that is started gives the same bytes.
fn check_again(process: &Process, kept: &Kept) {
    let serving = process.serve();
    let bearer = process.bearer(&serving.address);
    let agent = agent();
    for (id, bytes) in kept.iter().step_by(kept.len() / 40) {
        let url = format!("http://{}/v1/answers/{id}", serving.address);
        let mut answer = agent
            .get(url)
            .header("authorization", &bearer)
            .call()
            .unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.body_mut().read_to_vec().unwrap(), *bytes);
    }
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

fn integrity(process: &Process) -> String {
    let store = process.database.open();
    let mut conn = store.connection().unwrap();
    let Conn::Sqlite(conn) = &mut *conn else {
        unreachable!("only SQLite is asked")
    };
    let told: Vec<Told> = sql_query("PRAGMA integrity_check").load(conn).unwrap();
    let lines = told.into_iter().map(|line| line.integrity_check);
    lines.collect::<Vec<_>>().join("\n")
}
