//! A service over a town whose programme a bank funds: the bank's door, and the bureau's commands on the same
//! database.

use super::town::{Town, statement};
use crate::access::forge::Signer;
use crate::access::world::World;
use crate::intake::folder::County;
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
    pub county: County,
}

/// Runs a test on each engine.
pub fn on_both_engines(test: impl Fn(Funder)) {
    crate::support::on_both_engines(|engine| test(Funder::start(engine)));
}

impl Funder {
    /// Four merchants with claims of 10 yuan each in three months.
    pub fn start(engine: Engine) -> Self {
        let funder = Self::with(engine, 4, 3, "130.00");
        funder.bureau(&["claims", "compute", "--by", "示例员"]);
        funder
    }

    /// So many merchants with fees of 10 yuan in each of so many months, and nothing computed yet.
    pub fn with(engine: Engine, merchants: usize, months: usize, pool: &str) -> Self {
        let mut town = Town::new(engine, "2025-12-31");
        let rest = "rate_basis_points = 10000\npayment = \"reimburse\"\ncertified = \"every_day\"";
        town.programme("p", &format!("pool = \"{pool}\"\n{rest}"));
        for merchant in 1..=merchants {
            town.county.merchant(merchant, "2020-01-01", "2024-01-01");
            for month in 1..=months {
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
        town.import();
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
            county: town.county,
        }
    }

    /// The roster says that all units were revoked on a day.
    pub fn revoke_all(&self, day: &str) {
        let mut county = self.county.clone();
        for row in county.rows.get_mut("roster").unwrap() {
            *row = row.replace("在期,", &format!("撤销,{day}"));
        }
        self.import_of(&county);
    }

    /// Imports the county as it is now; the report.
    pub fn import(&self) -> Value {
        self.import_of(&self.county)
    }

    fn import_of(&self, county: &County) -> Value {
        let folder = county.write(self.cli.folder(), "county");
        let import = [
            "import",
            folder.to_str().unwrap(),
            "--by",
            "示例员",
            "--json",
        ];
        serde_json::from_str(&self.bureau(&import)).unwrap()
    }

    /// All claims of the bank's programmes.
    pub fn all(&self) -> Vec<Value> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.page(&format!("?limit=200{cursor}"));
            all.extend(page["claims"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// As [`Self::bureau`]; none where the database was too busy.
    pub fn try_bureau(&self, arguments: &[&str]) -> Option<String> {
        let database = ["--database", &self.world.database.url];
        let done = self.cli.run(&[arguments, &database].concat());
        if done.code() == 1 && done.err().contains("busy") {
            return None;
        }
        assert_eq!(
            done.code(),
            0,
            "{arguments:?}\n{}\n{}",
            done.out(),
            done.err()
        );
        Some(done.out().to_owned())
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
