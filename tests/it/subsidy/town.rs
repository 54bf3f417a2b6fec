//! A town with programmes of its own.

use crate::intake::folder::{County, uscc};
use crate::intake::world::World;
use crate::support::Engine;
use serde_json::Value;
use std::path::PathBuf;

/// A county folder, and the program's database.
pub struct Town {
    pub county: County,
    pub world: World,
}

pub const ACQUIRERS: [&str; 2] = ["示例第一银行", "示例支付"];

/// A merchant's statement: number, acquirer, merchant number, month, fees due and charged in yuan.
pub fn statement(
    county: &mut County,
    merchant: usize,
    acquirer: usize,
    number: &str,
    month: &str,
    fees: (&str, &str),
) {
    let (code, acquirer, (due, charged)) = (uscc(merchant), ACQUIRERS[acquirer], fees);
    county.row(
        "statements",
        format!(
            "{acquirer},{number},{code},示例商户{merchant},{month},100,10000.00,0.00,{due},{charged}"
        ),
    );
}

impl Town {
    /// On a business day, with statements of both acquirers for all of 2025.
    pub fn new(engine: Engine, day: &str) -> Self {
        let mut county = County::new(day);
        let covers = |name: &&str| {
            (
                name.to_string(),
                "2025-01-01".to_owned(),
                "2025-12-31".to_owned(),
            )
        };
        county
            .covers
            .insert("statements", ACQUIRERS.iter().map(covers).collect());
        Self {
            county,
            world: World::empty(engine),
        }
    }

    /// A programme of 2025 with what is not the same for all.
    pub fn programme(&mut self, id: &str, rest: &str) {
        self.county.more += &format!(
            "\n[[programme]]\nid = \"{id}\"\nname = \"示例补贴\"\nfunder = \"{}\"\nfrom = 2025-01-01\nuntil = 2025-12-31\n{rest}\n",
            ACQUIRERS[0]
        );
    }

    pub fn folder(&self) -> PathBuf {
        self.county.write(self.world.cli.folder(), "county")
    }

    /// Imports the folder as it is now, and computes the claims.
    pub fn import(&self) {
        self.world.import(&self.folder(), &[]);
    }

    pub fn compute(&self) -> String {
        self.world.ok(&["claims", "compute", "--by", "示例员"])
    }

    pub fn check(&self) {
        self.world.ok(&["ledger", "check"]);
    }

    /// Merchant number, acquirer, month, number and what is left of each claim of a programme.
    pub fn claims(&self, programme: &str) -> Vec<(usize, usize, String, i64, String)> {
        let list = ["claims", "--format", "json", "--programme", programme];
        let claims: Value = serde_json::from_str(&self.world.ok(&list)).unwrap();
        let claim = |claim: &Value| {
            let text = |key: &str| claim[key].as_str().unwrap().to_owned();
            let merchant = (1..100)
                .find(|number| uscc(*number) == text("uscc"))
                .unwrap();
            let acquirer = ACQUIRERS.iter().position(|name| *name == text("acquirer"));
            let number = claim["number"].as_i64().unwrap();
            (
                merchant,
                acquirer.unwrap(),
                text("month"),
                number,
                text("remaining"),
            )
        };
        claims.as_array().unwrap().iter().map(claim).collect()
    }

    /// The bureau rejects a merchant's first claim on a programme.
    pub fn reject(&self, programme: &str, merchant: usize) {
        let list = ["claims", "--format", "json", "--programme", programme];
        let claims: Value = serde_json::from_str(&self.world.ok(&list)).unwrap();
        let mut claims = claims.as_array().unwrap().iter();
        let first = claims
            .find(|claim| claim["uscc"] == uscc(merchant))
            .unwrap();
        let id = first["id"].as_str().unwrap();
        let reject = [
            "claims",
            "reject",
            id,
            "--reason",
            "认定材料不实",
            "--by",
            "示例员",
        ];
        self.world.ok(&reject);
    }

    /// The same without months and numbers.
    pub fn amounts(&self, programme: &str) -> Vec<(usize, usize, String)> {
        let claims = self.claims(programme).into_iter();
        claims
            .map(|(merchant, acquirer, _, _, left)| (merchant, acquirer, left))
            .collect()
    }

    pub fn balance(&self, programme: &str, account: &str) -> String {
        let text = self.world.ok(&["ledger", "balance", "--json"]);
        let books: Value = serde_json::from_str(&text).unwrap();
        books["programmes"][programme][account]
            .as_str()
            .unwrap()
            .to_owned()
    }
}
