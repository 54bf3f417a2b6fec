//! The program is killed while a funder acts and claims are computed: what was answered with 200 is there, its key
//! gives the same answer again, and the books agree.

use super::funder::{body, new_key};
use super::town::{Town, statement};
use crate::bank::process::{Process, agent};
use crate::support::Engine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const ROUNDS: u64 = 50;
const THREADS: usize = 4;
const MERCHANTS: usize = 60;

#[test]
fn what_sqlite_said_of_money_before_a_kill_is_so() {
    kill_under_load(Engine::Sqlite);
}

#[test]
fn what_postgres_said_of_money_before_a_kill_is_so() {
    if Engine::all().contains(&Engine::Postgres) {
        kill_under_load(Engine::Postgres);
    }
}

/// A request that was answered with 200.
#[derive(Clone)]
struct Said {
    path: String,
    key: String,
    body: String,
    answer: Vec<u8>,
}

/// A county with 60 merchants and 720 statements of 10 yuan, and a client of its funder.
pub fn prepare(engine: Engine) -> Process {
    Process::of(engine, &[], "first", |folder| {
        let mut town = Town::new(Engine::Sqlite, "2025-12-31");
        let rest = "pool = \"100000.00\"\nrate_basis_points = 10000\npayment = \"reimburse\"\ncertified = \"every_day\"";
        town.programme("p", rest);
        for merchant in 1..=MERCHANTS {
            town.county.merchant(merchant, "2020-01-01", "2024-01-01");
            for month in 1..=12 {
                let (number, month) = (format!("n{merchant}"), format!("2025{month:02}"));
                statement(
                    &mut town.county,
                    merchant,
                    0,
                    &number,
                    &month,
                    ("10.00", "10.00"),
                );
            }
        }
        town.county.write(folder.parent().unwrap(), "county");
    })
}

fn kill_under_load(engine: Engine) {
    let process = prepare(engine);
    let (mut said, mut seed) = (Vec::new(), 0x5eed_u64);
    let mut random = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut computed = false;
    for round in 0..ROUNDS {
        // Claims are computed until that was not broken off.
        if !computed {
            let compute = ["claims", "compute", "--by", "示例员"];
            let mut child = spawn(process.cli.command(compute));
            thread::sleep(Duration::from_millis(40 + 40 * round + random(40)));
            child.kill().unwrap();
            computed = child.wait().unwrap().success();
        }
        let mut serving = process.serve();
        let bearer = process.bearer(&serving.address);
        let confirm = ["claims", "confirm", "--programme", "p", "--by", "示例员"];
        let mut confirming = spawn(process.cli.command(confirm));
        let killed = AtomicBool::new(false);
        let kept = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (address, bearer, killed, kept) = (&*serving.address, &*bearer, &killed, &kept);
                scope.spawn(move || act_until(address, bearer, number, killed, kept));
            }
            thread::sleep(Duration::from_millis(random(400)));
            confirming.kill().unwrap();
            serving.child.kill().unwrap();
            killed.store(true, Ordering::SeqCst);
        });
        serving.child.wait().unwrap();
        confirming.wait().unwrap();
        said.extend(kept.into_inner().unwrap());
    }
    println!("{engine:?}: {} times 200, computed {computed}", said.len());
    assert!(said.len() > 100, "{} requests are no load", said.len());
    check(&process, &said);
}

fn spawn(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Takes confirmed, submitted and approved claims one step further, until the program is gone.
fn act_until(
    address: &str,
    bearer: &str,
    number: usize,
    killed: &AtomicBool,
    kept: &Mutex<Vec<Said>>,
) {
    let (agent, base) = (agent(), format!("http://{address}/v1/claims"));
    for turn in number.. {
        let (status, step) = [
            ("submitted", "approve"),
            ("approved", "pay"),
            ("confirmed", "submit"),
        ][turn % 3];
        let list = agent
            .get(format!("{base}?status={status}&limit=8"))
            .header("authorization", bearer)
            .call()
            .and_then(|mut answer| answer.body_mut().read_to_vec());
        let Ok(list) = list else {
            return gone(killed);
        };
        let list: Value = serde_json::from_slice(&list).unwrap();
        for claim in list["claims"].as_array().into_iter().flatten() {
            let path = format!("/{}/{step}", claim["id"].as_str().unwrap());
            let person = if step == "submit" { "R1" } else { "R2" };
            let amount = claim["remaining"]["amount"].as_str().unwrap();
            let (key, body) = (new_key(), body(step, person, amount).to_string());
            let sent = post(&agent, &format!("{base}{path}"), bearer, &key, &body);
            match sent {
                Ok((200, answer)) => kept.lock().unwrap().push(Said {
                    path,
                    key,
                    body,
                    answer,
                }),
                // Another thread was faster, or the bureau's command holds SQLite.
                Ok((409 | 503, _)) => {}
                Ok((status, answer)) => panic!("{status} {}", String::from_utf8_lossy(&answer)),
                Err(_) => return gone(killed),
            }
        }
    }
}

fn gone(killed: &AtomicBool) {
    // A kill that is on its way is told to us a moment after the sockets know.
    thread::sleep(Duration::from_millis(200));
    assert!(
        killed.load(Ordering::SeqCst),
        "the program is gone by itself"
    );
}

pub fn post(
    agent: &ureq::Agent,
    url: &str,
    bearer: &str,
    key: &str,
    body: &str,
) -> Result<(u16, Vec<u8>), ureq::Error> {
    let request = agent
        .post(url)
        .header("authorization", bearer)
        .header("idempotency-key", key)
        .content_type("application/json");
    let mut answer = request.send(body)?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_vec()?))
}

fn check(process: &Process, said: &[Said]) {
    process.run(&["ledger", "check"]);
    let serving = process.serve();
    let (bearer, agent) = (process.bearer(&serving.address), agent());
    let base = format!("http://{}/v1/claims", serving.address);
    let mut steps: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for one in said {
        let url = format!("{base}{}", one.path);
        let again = post(&agent, &url, &bearer, &one.key, &one.body).unwrap();
        assert_eq!(again.0, 200, "{}", one.path);
        assert_eq!(again.1, one.answer, "{}", one.path);
        let (id, step) = one.path[1..].split_once('/').unwrap();
        steps.entry(id.to_owned()).or_default().push(step);
    }
    for (id, mut steps) in steps {
        let answer = agent
            .get(format!("{base}/{id}"))
            .header("authorization", &bearer);
        let answer = answer.call().unwrap().body_mut().read_to_vec().unwrap();
        let claim: Value = serde_json::from_slice(&answer).unwrap();
        let entries: Vec<&str> = claim["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["entry"].as_str().unwrap())
            .collect();
        let known = ["computed", "confirmed", "submitted", "approved", "paid"];
        assert_eq!(entries, known[..entries.len()], "{id}");
        steps.sort_unstable();
        let before = steps.len();
        steps.dedup();
        assert_eq!(steps.len(), before, "{id} took a step twice");
        let done = |step: &&str| match *step {
            "submit" => entries.contains(&"submitted"),
            "approve" => entries.contains(&"approved"),
            _ => entries.contains(&"paid"),
        };
        assert!(steps.iter().all(done), "{id} {steps:?} {entries:?}");
    }
    process.run(&["ledger", "check"]);
}
