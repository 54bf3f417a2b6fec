//! Many at once, and too many.

use super::county::{County, id, items, on_both_engines, question};
use super::registers::{CAPPED, GOOD, RED, TWICE, UNKNOWN, penalties};

use crate::access::world::World;
use crate::support::{Answer, Engine};
use daishan_credit::app::App;
use daishan_credit::authorisation::Purpose;
use daishan_credit::flows::answer_bank::{Query, Reply};
use daishan_credit::store::error::Never;
use daishan_credit::store::{Conn, Failure, StoreError};
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const SOURCE: &str = "岱山县市场监督管理局";
const ASKED: [&str; 4] = [GOOD, TWICE, RED, CAPPED];
const CROWD: usize = 64;
/// How many may wait for the committer.
const QUEUE: usize = 4_096;

fn ask(world: &World, bearer: &str) -> Answer {
    let headers = [
        ("authorization", bearer),
        ("content-type", "application/json"),
    ];
    let body = question(&ASKED).to_string();
    world.send("POST", "/v1/scores/query", &headers, body)
}

/// What one of the crowd is told, as bytes, in the order asked.
fn told(world: &World, bearer: &str, rounds: usize) -> Vec<Vec<u8>> {
    let mut told = Vec::new();
    let mut last = i64::MAX;
    for _ in 0..rounds {
        let answer = ask(world, bearer);
        if answer.status == 503 {
            let refused = (answer.code(), answer.header("retry-after").to_owned());
            assert_eq!(refused, ("busy".to_owned(), "1".to_owned()));
            continue;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        for item in items(&answer.body) {
            let value: Value = serde_json::from_slice(&item).unwrap();
            let score = value["score"].as_i64().unwrap();
            let reasons = value["reasons"].as_array().unwrap().iter();
            let gaps: i64 = reasons.map(|one| one["gap"].as_i64().unwrap()).sum();
            assert_eq!(gaps, 1000 - score);
            if value["uscc"] == GOOD {
                assert!(
                    score <= last,
                    "a penalty that was told is untold: {score} after {last}"
                );
                last = score;
            }
            told.push(item);
        }
    }
    told
}

#[test]
fn a_crowd_asks_while_registers_come_in_and_scores_are_computed() {
    on_both_engines(|county| {
        let bearer = county.bearer(&county.bank);
        let asking = AtomicBool::new(true);
        let (world, scorer): (&World, World) = (&county, county.twin());
        let told: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let (asking, bearer) = (&asking, &bearer);
            let crowd: Vec<_> = (0..CROWD)
                .map(|_| scope.spawn(move || told(world, bearer, 4)))
                .collect();
            // Another instance is asked as well: it computes what is due on its own.
            scope.spawn(move || {
                while asking.load(Ordering::Relaxed) {
                    assert!([200, 503].contains(&ask(&scorer, bearer).status));
                }
            });
            for number in 0.. {
                let decision = format!("岱市监处罚〔2025〕9{number:03}号");
                let one_more = penalties(GOOD, &[("行政处罚决定书文号", &decision)]);
                let taken = county.take("penalties", SOURCE, &one_more);
                assert_eq!(taken.report.kinds["penalties"].new, 1);
                county.rescore();
                if crowd.iter().all(|one| one.is_finished()) {
                    break;
                }
            }
            asking.store(false, Ordering::Relaxed);
            crowd
                .into_iter()
                .flat_map(|one| one.join().unwrap())
                .collect()
        });
        assert!(told.len() >= CROWD * ASKED.len(), "{}", told.len());
        let logged: BTreeSet<String> = county
            .log()
            .iter()
            .map(|line| line.id.to_string())
            .collect();
        let id_of = |item: &[u8]| id(&serde_json::from_slice(item).unwrap());
        let ids: BTreeSet<String> = told.iter().map(|item| id_of(item)).collect();
        assert_eq!(ids.len(), told.len());
        assert!(ids.is_subset(&logged), "an answer is not in the log");
        for item in told.iter().step_by(40) {
            let again = county.again(&id_of(item));
            assert_eq!(again.body, *item, "{}", again.text());
        }
    });
}

fn unknown_query(app: &App, client: &str) -> Query {
    Query {
        client: client.parse().unwrap(),
        bank: "rcb".into(),
        usccs: vec![UNKNOWN.parse().unwrap()],
        purpose: Purpose::PreLoanReview,
        requested_by: "u".to_owned(),
        business_ref: "b".to_owned(),
        asked_at: app.clock.now(),
        ids: vec![app.new_id()],
    }
}

#[test]
fn a_full_queue_says_so_at_once_and_everybody_else_is_answered() {
    on_both_engines(|mut county| {
        county.stand_alone();
        // Its token is got before nobody can write any more.
        county.bearer(&county.bank);
        let (blocked, is_blocked) = mpsc::channel();
        let (go_on, told_to) = mpsc::channel::<()>();
        let (enough, told_enough) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            // Dropped where the test fails, so that nobody waits for ever.
            let (go_on, enough) = (go_on, enough);
            let store = &county.app.store;
            scope.spawn(move || {
                let held = store.write(|conn| {
                    if let Conn::Postgres(conn) = conn {
                        conn.batch_execute("LOCK TABLE bank_query IN ACCESS EXCLUSIVE MODE")?;
                    }
                    blocked.send(()).unwrap();
                    let _ = told_to.recv();
                    Ok::<_, Failure<Never>>(())
                });
                held.unwrap();
            });
            is_blocked.recv().unwrap();
            let (app, client): (&App, &str) = (&county.app, &county.bank.client);
            let waiting = scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_time()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let mut waiting = tokio::task::JoinSet::new();
                    // More come until it is full, for the committer may take its batch at any time.
                    while told_enough.try_recv() == Err(mpsc::TryRecvError::Empty) {
                        for _ in 0..5_000 {
                            let (answers, query) =
                                (app.answers.clone(), unknown_query(app, client));
                            waiting.spawn(async move { answers.submit(query).await });
                        }
                        tokio::time::sleep(Duration::from_millis(300)).await;
                    }
                    waiting.join_all().await
                })
            });
            let started = Instant::now();
            // Full, and still full once the committer has taken its batch.
            let is_full = || county.app.answers.waiting() == QUEUE;
            let stays_full = || {
                std::thread::sleep(Duration::from_millis(100));
                is_full()
            };
            while !(is_full() && stays_full()) {
                let waited = started.elapsed();
                assert!(waited < Duration::from_secs(20), "the queue does not fill");
                std::thread::sleep(Duration::from_millis(10));
            }
            drop(enough);
            let asked = Instant::now();
            let full = county.query(&[GOOD]);
            assert_eq!((full.status, full.code().as_str()), (503, "busy"));
            assert_eq!(full.header("retry-after"), "1");
            assert!(asked.elapsed() < Duration::from_secs(3), "it waits");
            go_on.send(()).unwrap();
            let answers = waiting.join().unwrap();
            let given = answers
                .iter()
                .filter(|one| matches!(one, Ok(Reply::Answers(_))))
                .count();
            let full = answers
                .iter()
                .filter(|one| matches!(one, Err(StoreError::QueueFull)))
                .count();
            assert_eq!(given + full, answers.len());
            assert!(given >= QUEUE && full > 0, "{given} {full}");
            assert_eq!(county.log().len(), given);
        });
        assert_eq!(county.ask(GOOD).status, 200);
    });
}

/// A file system of its own, taken away when it is dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=32m", "none"])
            .arg(folder.path())
            .output();
        mount.ok()?.status.success().then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_told_and_outlived() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("a full disk was not tried: no file system may be mounted here");
        return;
    };
    let small = format!("sqlite:{}", disk.0.path().join("small.db").display());
    let county = County::start_with(Engine::Sqlite, |settings| {
        settings.database.url = small.parse().unwrap();
    });
    assert_eq!(county.ask(GOOD).status, 200);
    let filling = disk.0.path().join("filling");
    let _ = Command::new("dd")
        .args(["if=/dev/zero", "bs=4k", "count=16384"])
        .arg(format!("of={}", filling.display()))
        .output();
    let before = county.log().len();
    let mut given = 0;
    let refused = (0..400).find_map(|_| {
        let answer = county.query(&[GOOD, TWICE, RED]);
        given += if answer.status == 200 { 3 } else { 0 };
        (answer.status != 200).then_some(answer)
    });
    let refused = refused.expect("the disk is full");
    assert_eq!((refused.status, refused.code().as_str()), (503, "busy"));
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(
        county.log().len(),
        before + given,
        "what was refused left nothing"
    );
    std::fs::remove_file(filling).unwrap();
    let answer = county.query(&[GOOD]);
    assert_eq!(
        answer.status,
        200,
        "it goes on without a restart: {}",
        answer.text()
    );
    let mut conn = county.app.store.connection().unwrap();
    let conn: &mut Conn = &mut conn;
    let checked = sql_query("PRAGMA integrity_check").get_result::<Checked>(conn);
    assert_eq!(checked.unwrap().integrity_check, "ok");
}

#[derive(QueryableByName)]
struct Checked {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}
