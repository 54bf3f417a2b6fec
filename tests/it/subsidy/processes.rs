//! Two processes of the program on one database: a token of one is good at the other, a step is taken once whichever of
//! them is asked, and a key has one effect and one answer at both.

use super::funder::{body, new_key};
use super::kill::{post, prepare};
use crate::bank::process::{Process, agent};
use crate::support::on_both_engines;
use serde_json::Value;
use std::thread;
use std::time::Duration;

/// How many claims are gone through.
const CLAIMS: usize = 24;

/// Who asks where.
struct Asking<'a> {
    addresses: [&'a str; 2],
    bearer: &'a str,
}

/// What is asked of one process: a step of a claim, by a person, under a key.
struct Step<'a> {
    place: usize,
    id: &'a str,
    step: &'a str,
    person: &'a str,
    key: String,
}

impl Asking<'_> {
    /// Sends until it is taken up: 503 and «in flight» say that nothing was done.
    fn insist(&self, step: &Step<'_>) -> (u16, Vec<u8>) {
        let address = self.addresses[step.place % 2];
        let url = format!("http://{address}/v1/claims/{}/{}", step.id, step.step);
        let body = body(step.step, step.person, "10.00").to_string();
        for _ in 0..500 {
            let answer = post(&agent(), &url, self.bearer, &step.key, &body).unwrap();
            let told = String::from_utf8_lossy(&answer.1);
            if answer.0 != 503 && !(answer.0 == 409 && told.contains("in_flight")) {
                return answer;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("never taken up");
    }

    /// Sends all at once.
    fn at_once(&self, steps: &[Step<'_>]) -> Vec<(u16, Vec<u8>)> {
        thread::scope(|scope| {
            let send = |step| scope.spawn(move || self.insist(step));
            let sent: Vec<_> = steps.iter().map(send).collect();
            sent.into_iter().map(|one| one.join().unwrap()).collect()
        })
    }

    fn confirmed(&self) -> Vec<String> {
        let url = format!(
            "http://{}/v1/claims?status=confirmed&limit={CLAIMS}",
            self.addresses[1]
        );
        let request = agent().get(url).header("authorization", self.bearer);
        let list = request.call().unwrap().body_mut().read_to_vec().unwrap();
        let list: Value = serde_json::from_slice(&list).unwrap();
        let claims = list["claims"].as_array().unwrap().iter();
        claims
            .map(|claim| claim["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// One step of every claim, asked of both processes at once by two persons under keys of their own: one wins.
fn one_wins(asking: &Asking<'_>, claims: &[String], step: &str, persons: [&str; 2]) {
    let both = claims.iter().flat_map(|id| {
        persons
            .into_iter()
            .enumerate()
            .map(move |(place, person)| Step {
                place,
                id,
                step,
                person,
                key: new_key(),
            })
    });
    let steps: Vec<Step<'_>> = both.collect();
    for (claim, answers) in claims.iter().zip(asking.at_once(&steps).chunks(2)) {
        let mut statuses = [answers[0].0, answers[1].0];
        statuses.sort_unstable();
        let told = answers
            .iter()
            .map(|(_, body)| String::from_utf8_lossy(body));
        assert_eq!(
            statuses,
            [200, 409],
            "{claim} {step} {:?}",
            told.collect::<Vec<_>>()
        );
    }
}

fn paid_once(asking: &Asking<'_>, id: &str) {
    let key = new_key();
    let pay = |place| Step {
        place,
        id,
        step: "pay",
        person: "R1",
        key: key.clone(),
    };
    let steps: Vec<Step<'_>> = (0..50).map(pay).collect();
    let answers = asking.at_once(&steps);
    for answer in &answers {
        assert_eq!(answer, &(200, answers[0].1.clone()), "{id}");
    }
}

fn act(process: &Process) {
    let servers = [process.serve(), process.serve()];
    let addresses = [&*servers[0].address, &*servers[1].address];
    let bearer = process.bearer(addresses[0]);
    let bearer = &*bearer;
    let asking = Asking { addresses, bearer };
    let claims = asking.confirmed();
    assert_eq!(claims.len(), CLAIMS);
    one_wins(&asking, &claims, "submit", ["R1", "R2"]);
    // Whoever submitted may not approve; of two others one does.
    one_wins(&asking, &claims, "approve", ["R3", "R4"]);
    paid_once(&asking, &claims[0]);
    one_wins(&asking, &claims[1..], "pay", ["R1", "R5"]);
}

#[test]
fn two_processes_are_one_service() {
    on_both_engines(|engine| {
        let process = prepare(engine);
        process.run(&["claims", "compute", "--by", "示例员"]);
        process.run(&["claims", "confirm", "--programme", "p", "--by", "示例员"]);
        act(&process);
        process.run(&["ledger", "check"]);
        let balance = process.run(&["ledger", "balance"]);
        // 24 claims of 10 yuan, each paid once.
        assert!(balance.out().contains("240.00"), "{}", balance.out());
    });
}
