//! A service over a town whose programme a bank funds: the bank's door, and the bureau's commands on the same
//! database.

use super::town::{Town, statement};
use crate::access::forge::Signer;
use crate::access::world::World;
use crate::support::{Answer, Cli, Engine};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

/// A client of a bank.
pub struct Caller(String, Signer);

pub struct Funder {
    pub world: World,
    pub bank: Caller,
    pub other: Caller,
    cli: Cli,
}

/// Runs a test on each engine.
pub fn on_both_engines(test: impl Fn(Funder)) {
    crate::support::on_both_engines(|engine| test(Funder::start(engine)));
}

impl Funder {
    /// Four merchants with claims of 10 yuan each in three months.
    pub fn start(engine: Engine) -> Self {
        let mut town = Town::new(engine, "2025-03-31");
        town.programme(
            "p",
            "pool = \"130.00\"\nrate_basis_points = 10000\npayment = \"reimburse\"\ncertified = \"every_day\"",
        );
        for merchant in 1..=4 {
            town.county.merchant(merchant, "2020-01-01", "2024-01-01");
            for month in ["202501", "202502", "202503"] {
                statement(
                    &mut town.county,
                    merchant,
                    0,
                    &format!("n{merchant}"),
                    month,
                    ("10.00", "10.00"),
                );
            }
        }
        town.import();
        town.compute();
        let world = World::start_on(town.world.database);
        let caller = |bank| {
            let signer = Signer::es256();
            Caller(world.add_client(bank, &signer.public_pem()), signer)
        };
        let (bank, other) = (caller("first"), caller("second"));
        Self {
            world,
            bank,
            other,
            cli: town.world.cli,
        }
    }

    /// The bureau, or whoever runs the service; must succeed.
    pub fn bureau(&self, arguments: &[&str]) -> String {
        let database = ["--database", &self.world.database.url];
        let done = self.cli.run(&[arguments, &database].concat());
        assert_eq!(
            done.code(),
            0,
            "{arguments:?}\n{}\n{}",
            done.out(),
            done.err()
        );
        done.out().to_owned()
    }

    pub fn check(&self) {
        self.bureau(&["ledger", "check"]);
    }

    pub fn balance(&self, account: &str) -> String {
        let text = self.bureau(&["ledger", "balance", "--json"]);
        let books: Value = serde_json::from_str(&text).unwrap();
        books["programmes"]["p"][account]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub fn bearer(&self, Caller(client, signer): &Caller) -> String {
        format!(
            "Bearer {}",
            self.world.token(&self.world.forge(signer, client))
        )
    }

    pub fn get_by(&self, by: &Caller, path: &str) -> Answer {
        self.world.with_authorization(path, &[&self.bearer(by)])
    }

    pub fn page(&self, query: &str) -> Value {
        let answer = self.get_by(&self.bank, &format!("/v1/claims{query}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub fn list(&self, query: &str) -> Vec<Value> {
        let page = self.page(query);
        assert_eq!(page["next_cursor"], Value::Null);
        page["claims"].as_array().unwrap().clone()
    }

    /// The id of the first claim that stands here.
    pub fn first(&self, status: &str) -> String {
        let claims = self.list(&format!("?status={status}"));
        claims[0]["id"].as_str().unwrap().to_owned()
    }

    pub fn claim(&self, id: &str) -> Value {
        let answer = self.get_by(&self.bank, &format!("/v1/claims/{id}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub fn send(&self, id: &str, step: &str, key: Option<&str>, body: &str) -> Answer {
        send(&self.world, &self.bearer(&self.bank), id, step, key, body)
    }

    pub fn post(&self, id: &str, step: &str, key: &str, body: &Value) -> Answer {
        self.send(id, step, Some(key), &body.to_string())
    }

    pub fn post_by(&self, by: &Caller, id: &str, step: &str, key: &str, body: &Value) -> Answer {
        send(
            &self.world,
            &self.bearer(by),
            id,
            step,
            Some(key),
            &body.to_string(),
        )
    }

    /// A step under a key of its own.
    pub fn step(&self, id: &str, step: &str, person: &str, amount: &str) -> Answer {
        self.post(id, step, &new_key(), &body(step, person, amount))
    }
}

/// Never the same twice.
pub fn new_key() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("key-{}", NUMBER.fetch_add(1, Ordering::SeqCst))
}

pub fn body(step: &str, person: &str, amount: &str) -> Value {
    let amount = json!({"amount": amount, "currency": "CNY"});
    match step {
        "pay" => json!({"person": person, "paid": amount, "reference": "B-1"}),
        "reject" => json!({"person": person, "reason": "账户不符"}),
        _ => json!({"person": person, "remaining": amount}),
    }
}

pub fn send(
    world: &World,
    bearer: &str,
    id: &str,
    step: &str,
    key: Option<&str>,
    body: &str,
) -> Answer {
    let mut headers = vec![
        ("authorization", bearer),
        ("content-type", "application/json"),
    ];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    world.send("POST", &format!("/v1/claims/{id}/{step}"), &headers, body)
}
