//! Many at once, at two instances: the pool is never overdrawn, nothing happens twice, the books agree.

use super::funder::{Funder, body, new_key, send};
use crate::access::world::World;
use crate::support::{Answer, Engine, on_both_engines};
use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

/// Sends until it is taken up: 503 and «in flight» say that nothing was done yet.
fn insist(send: impl Fn() -> Answer) -> Answer {
    for _ in 0..500 {
        let answer = send();
        let wait = match answer.status {
            503 => true,
            409 => answer.code() == "in_flight",
            _ => false,
        };
        if !wait {
            return answer;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("never taken up");
}

/// A request to one of the instances.
type Request<'a, T> = Box<dyn Fn(&World) -> T + Send + 'a>;

/// Runs as many requests at once as there are, at the two instances in turn.
fn at_once<T: Send>(worlds: [&World; 2], requests: Vec<Request<'_, T>>) -> Vec<T> {
    thread::scope(|scope| {
        let threads: Vec<_> = requests
            .into_iter()
            .enumerate()
            .map(|(number, request)| scope.spawn(move || request(worlds[number % 2])))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

#[test]
fn two_hundred_claims_at_once_do_not_overdraw_the_pool() {
    on_both_engines(|engine| {
        // 200 claims of 10 yuan on a pool of 1,234.56.
        let funder = Funder::with(engine, 50, 4, "1234.56");
        // Four programs compute at once what nobody has computed.
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while funder
                        .try_bureau(&["claims", "compute", "--by", "示例员"])
                        .is_none()
                    {}
                });
            }
        });
        funder.check();
        assert_eq!(funder.balance("pool"), "0.00");
        assert_eq!(funder.balance("reserved"), "1234.56");
        let claims = funder.all();
        let mut sum = 0;
        let mut keys = BTreeMap::new();
        for claim in &claims {
            sum += fen(claim["amount"]["amount"].as_str().unwrap());
            *keys
                .entry((claim["uscc"].to_string(), claim["month"].to_string()))
                .or_insert(0) += 1;
        }
        assert_eq!(sum, 123_456);
        assert!(keys.values().all(|count| *count == 1));

        funder.bureau(&["claims", "confirm", "--programme", "p", "--by", "示例员"]);
        let (twin, bearer) = (funder.world.twin(), funder.bearer(&funder.bank));
        for (step, moved) in [
            ("submit", "reserved"),
            ("approve", "payable"),
            ("pay", "paid"),
        ] {
            let requests = claims.iter().flat_map(|claim| {
                let id = claim["id"].as_str().unwrap();
                let amount = claim["amount"]["amount"].as_str().unwrap();
                let bearer = &*bearer;
                // Two persons at once, neither the one who submitted.
                ["R2", "R3"].map(|person| -> Request<'_, (String, Answer)> {
                    let person = if step == "submit" { "R1" } else { person };
                    let (key, body) = (new_key(), body(step, person, amount).to_string());
                    Box::new(move |world| {
                        let answer = insist(|| send(world, bearer, id, step, Some(&key), &body));
                        (id.to_owned(), answer)
                    })
                })
            });
            let mut requests: Vec<_> = requests.collect();
            let mut won: BTreeMap<String, usize> = BTreeMap::new();
            while !requests.is_empty() {
                let some = requests.split_off(requests.len().saturating_sub(200));
                for (id, answer) in at_once([&funder.world, &twin], some) {
                    match answer.status {
                        200 => *won.entry(id).or_default() += 1,
                        _ => assert_eq!((answer.status, &*answer.code()), (409, "claim_status")),
                    }
                }
            }
            assert_eq!(won.len(), claims.len(), "{step}");
            assert!(won.values().all(|count| *count == 1), "{step}");
            assert_eq!(funder.balance(moved), "1234.56");
            funder.check();
        }
    });
}

fn fen(yuan: &str) -> i64 {
    yuan.replace('.', "").parse().unwrap()
}

#[test]
fn a_payment_under_one_key_fifty_times_at_once_is_paid_once() {
    on_both_engines(|engine| {
        let funder = Funder::start(engine);
        let id = funder.first("computed");
        funder.bureau(&["claims", "confirm", &id, "--by", "示例员"]);
        assert_eq!(funder.step(&id, "submit", "R1", "10.00").status, 200);
        assert_eq!(funder.step(&id, "approve", "R2", "10.00").status, 200);
        let (twin, bearer) = (funder.world.twin(), funder.bearer(&funder.bank));
        let body = body("pay", "R1", "10.00").to_string();
        let requests = (0..50).map(|_| -> Request<'_, Answer> {
            let (id, bearer, body) = (&*id, &*bearer, &*body);
            Box::new(move |world| insist(|| send(world, bearer, id, "pay", Some("once"), body)))
        });
        let answers = at_once([&funder.world, &twin], requests.collect());
        for answer in &answers {
            assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
        }
        let first = answers
            .iter()
            .filter(|it| it.header("idempotent-replayed").is_empty());
        assert_eq!(first.count(), 1);
        let entries = funder.claim(&id)["entries"].as_array().unwrap().len();
        assert_eq!(entries, 5);
        assert_eq!(funder.balance("paid"), "10.00");
        funder.check();
    });
}

#[test]
fn differences_and_payments_at_once_leave_the_books_in_order() {
    if !Engine::all().contains(&Engine::Postgres) {
        return;
    }
    let funder = Funder::start(Engine::Postgres);
    funder.bureau(&["claims", "confirm", "--programme", "p", "--by", "示例员"]);
    for claim in funder.all() {
        let id = claim["id"].as_str().unwrap();
        assert_eq!(funder.step(id, "submit", "R1", "10.00").status, 200);
    }
    let (claims, bearer) = (funder.all(), funder.bearer(&funder.bank));
    // All merchants lose their certification while the claims are approved and paid.
    funder.revoke_all("2025-01-20");
    thread::scope(|scope| {
        scope.spawn(|| {
            while funder
                .try_bureau(&["claims", "compute", "--by", "示例员"])
                .is_none()
            {}
        });
        for claim in &claims {
            let (id, bearer) = (claim["id"].as_str().unwrap(), &*bearer);
            let world = &funder.world;
            scope.spawn(move || {
                for (step, person) in [("approve", "R2"), ("pay", "R2")] {
                    let (key, body) = (new_key(), body(step, person, "10.00").to_string());
                    let answer = insist(|| send(world, bearer, id, step, Some(&key), &body));
                    let refused = ["claim_status", "claim_changed"];
                    assert!(answer.status == 200 || refused.contains(&&*answer.code()));
                }
            });
        }
    });
    funder.check();
    for claim in funder.all() {
        assert_eq!(claim["remaining"]["amount"], "0.00");
    }
    for account in ["reserved", "payable", "paid"] {
        assert_eq!(funder.balance(account), "0.00");
    }
}
