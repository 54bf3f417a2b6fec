//! The program is killed while a bank reports draws and repayments: what was answered is there, its key gives the same
//! answer again, and what was left without an answer may be sent again: each is counted once, to the fen.

use super::reports::{grant, movement, yuan};
use crate::bank::process::{Process, agent};
use crate::bank::registers::GOOD;
use crate::support::Engine;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

const ROUNDS: u64 = 20;
const THREADS: usize = 4;
const LINES: [&str; 2] = ["X-1", "X-2"];

#[test]
fn what_sqlite_said_of_lines_before_a_kill_is_so() {
    kill_under_load(Engine::Sqlite);
}

#[test]
fn what_postgres_said_of_lines_before_a_kill_is_so() {
    if Engine::all().contains(&Engine::Postgres) {
        kill_under_load(Engine::Postgres);
    }
}

/// A movement that was sent, and its answer where one came.
struct Sent {
    line: &'static str,
    serial: String,
    /// In fen; what was repaid is negative.
    amount: i64,
    answer: Option<Vec<u8>>,
}

impl Sent {
    /// Draws of 10.01 yuan and repayments of 3.00, in turn.
    fn new(number: u64) -> Self {
        Self {
            line: LINES[number as usize / 2 % 2],
            serial: format!("S-{number}"),
            amount: if number.is_multiple_of(2) {
                1_001
            } else {
                -300
            },
            answer: None,
        }
    }

    fn post(&self, address: &str, bearer: &str, key: &str) -> Result<(u16, Vec<u8>), ureq::Error> {
        let (direction, amount) = if self.amount > 0 {
            ("draw", "10.01")
        } else {
            ("repayment", "3.00")
        };
        let body = movement(&self.serial, direction, amount);
        let path = format!("/{}/movements", self.line);
        post(address, bearer, &path, key, &body)
    }
}

fn post(
    address: &str,
    bearer: &str,
    path: &str,
    key: &str,
    body: &Value,
) -> Result<(u16, Vec<u8>), ureq::Error> {
    let request = agent()
        .post(format!("http://{address}/v1/lines{path}"))
        .header("authorization", bearer)
        .header("idempotency-key", key)
        .content_type("application/json");
    let mut answer = request.send(body.to_string())?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_vec()?))
}

/// Two lines with 1,000 yuan drawn of each.
fn prepare(engine: Engine) -> Process {
    let process = Process::prepare(engine, &[]);
    let serving = process.serve();
    let bearer = process.bearer(&serving.address);
    for line in LINES {
        let mut granted = grant(line, GOOD);
        granted["limit"] = yuan("1000000.00");
        let mut first = movement(&format!("{line}-0"), "draw", "1000.00");
        first["on"] = json!("2025-05-31");
        let path = format!("/{line}/movements");
        for (path, body) in [("", &granted), (&*path, &first)] {
            let key = format!("{line}{path}");
            let (status, answer) = post(&serving.address, &bearer, path, &key, body).unwrap();
            assert_eq!(status, 201, "{}", String::from_utf8_lossy(&answer));
        }
    }
    process
}

fn kill_under_load(engine: Engine) {
    let process = prepare(engine);
    let (number, sent) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let mut seed = 0x5eed_u64;
    for _ in 0..ROUNDS {
        let mut serving = process.serve();
        let bearer = process.bearer(&serving.address);
        let killed = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                let (address, bearer) = (&*serving.address, &*bearer);
                let (number, killed, sent) = (&number, &killed, &sent);
                scope.spawn(move || report_until(address, bearer, number, killed, sent));
            }
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // Some rounds end before the first answer, or in its midst.
            thread::sleep(Duration::from_millis((seed >> 33) % 400));
            serving.child.kill().unwrap();
            killed.store(true, Ordering::SeqCst);
        });
        serving.child.wait().unwrap();
    }
    let sent = sent.into_inner().unwrap();
    let answered = sent.iter().filter(|it| it.answer.is_some()).count();
    println!("{engine:?}: {answered} of {} were answered", sent.len());
    assert!(answered > 100, "{answered} reports are no load");
    check(&process, &sent);
}

/// Reports as fast as it can until the program is gone. Each movement is sent once.
fn report_until(
    address: &str,
    bearer: &str,
    number: &AtomicU64,
    killed: &AtomicBool,
    sent: &Mutex<Vec<Sent>>,
) {
    loop {
        let mut movement = Sent::new(number.fetch_add(1, Ordering::SeqCst));
        let answer = movement.post(address, bearer, &movement.serial);
        let is_over = answer.is_err();
        match answer {
            Ok((201, answer)) => movement.answer = Some(answer),
            Ok((503, _)) | Err(_) => {}
            Ok((status, answer)) => panic!("{status} {}", String::from_utf8_lossy(&answer)),
        }
        sent.lock().unwrap().push(movement);
        if is_over {
            // A kill that is on its way is told to us a moment after the sockets know.
            thread::sleep(Duration::from_millis(200));
            assert!(
                killed.load(Ordering::SeqCst),
                "the program is gone by itself"
            );
            return;
        }
    }
}

fn check(process: &Process, sent: &[Sent]) {
    let serving = process.serve();
    let bearer = process.bearer(&serving.address);
    // What was answered is there before anything is sent again.
    let reports = || process.counts("line_report WHERE kind = 'movement'");
    let first = i64::try_from(LINES.len()).unwrap();
    let answered = sent.iter().filter(|it| it.answer.is_some()).count();
    let kept = reports() - first;
    assert!(
        kept >= i64::try_from(answered).unwrap(),
        "{kept} of {answered}"
    );
    let mut drawn: BTreeMap<&str, i64> = LINES.map(|line| (line, 100_000)).into();
    for movement in sent {
        *drawn.get_mut(movement.line).unwrap() += movement.amount;
        let (status, answer) = movement
            .post(&serving.address, &bearer, &movement.serial)
            .unwrap();
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&answer));
        if let Some(before) = &movement.answer {
            assert_eq!(answer, *before, "{}", movement.serial);
        }
    }
    // Under another key it is the same movement.
    for movement in sent.iter().step_by(sent.len() / 20) {
        let again = movement.post(&serving.address, &bearer, &format!("{}+", movement.serial));
        assert_eq!(again.unwrap().0, 200, "{}", movement.serial);
    }
    assert_eq!(reports() - first, i64::try_from(sent.len()).unwrap());
    for (line, fen) in drawn {
        let request = agent()
            .get(format!("http://{}/v1/lines/{line}", serving.address))
            .header("authorization", &bearer);
        let shown = request.call().unwrap().body_mut().read_to_vec().unwrap();
        let shown: Value = serde_json::from_slice(&shown).unwrap();
        let expected = format!("{}.{:02}", fen / 100, fen % 100);
        assert_eq!(shown["drawn"]["amount"], expected, "{line}");
        assert_eq!(shown["flags"], json!([]), "{line}");
    }
}
