//! A made-up county with two banks that have granted lines: the banks' door, and the bureau's commands on the same
//! database.

use crate::access::forge::Signer;
use crate::access::world::World;
use crate::intake::folder::{County, uscc};
use crate::intake::world::World as Bureau;
use crate::support::{Answer, Cli, Engine};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// A client of a bank.
pub struct Caller(String, Signer);

pub struct Desk {
    pub http: World,
    pub first: Caller,
    pub second: Caller,
    pub county: County,
    cli: Cli,
}

/// Runs a test on each engine.
pub fn on_both_engines(test: impl Fn(Desk)) {
    crate::support::on_both_engines(|engine| test(Desk::start(engine)));
}

/// The first bank has something advised on any fall, the second on red lines, or on nothing.
fn products() -> String {
    let product = |bank: &str, id: &str, on_tier_drop: &str, on_red_line: &str| {
        format!(
            "\n[[product]]\nbank = \"{bank}\"\nid = \"{id}\"\nname = \"示例贷{id}\"\nrevolving = true\nterm_months = [12]\n\
             spread_basis_points = [60]\ncap = {{ AAA = \"900000.00\" }}\nsizing = \"bank\"\n\
             on_tier_drop = \"{on_tier_drop}\"\non_red_line = \"{on_red_line}\"\n"
        )
    };
    product("first", "p", "review", "freeze_draws")
        + &product("second", "q", "none", "review")
        + &product("second", "silent", "none", "none")
}

/// An authorisation of a merchant for both purposes.
pub fn authorisation(merchant: usize, bank: &str, withdrawn_on: &str) -> String {
    let code = uscc(merchant);
    format!(
        "SQ-{merchant}-{bank},{code},示例商户{merchant},{bank},贷前审查;贷后管理,书面,2024-01-01,,{withdrawn_on}"
    )
}

pub const FIRST: &str = "示例第一银行";
pub const SECOND: &str = "示例第二银行";

impl Desk {
    /// Three shops in good standing on 2025-06-30 that have authorised both banks.
    pub fn start(engine: Engine) -> Self {
        Self::on_day(engine, "2025-06-30")
    }

    pub fn on_day(engine: Engine, day: &str) -> Self {
        let mut county = County::new(day);
        county.more = products();
        for merchant in 1..=3 {
            county.merchant(merchant, "2012-03-05", "2021-02-01");
            for bank in [FIRST, SECOND] {
                county.row("authorisations", authorisation(merchant, bank, ""));
            }
        }
        let bureau = Bureau::empty(engine);
        bureau.import(&county.write(bureau.cli.folder(), "county"), &[]);
        let http = World::start_on(bureau.database);
        let caller = |bank| {
            let signer = Signer::es256();
            Caller(http.add_client(bank, &signer.public_pem()), signer)
        };
        let (first, second) = (caller("first"), caller("second"));
        Self {
            first,
            second,
            county,
            cli: bureau.cli,
            http,
        }
    }

    /// Runs a command that must succeed, on a business date where one is named; what it printed.
    fn run(&self, arguments: &[&str], day: Option<&str>) -> String {
        let database = ["--database", &self.http.database.url];
        let mut command = self.cli.command([arguments, &database].concat());
        if let Some(day) = day {
            command.env("DAISHAN_BUSINESS_DATE", day);
        }
        let done = command.output().unwrap();
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{arguments:?}\n{told}");
        String::from_utf8(done.stdout).unwrap()
    }

    pub fn bureau(&self, arguments: &[&str]) -> String {
        self.run(arguments, None)
    }

    /// Imports the county as it is now, and scores whoever is due.
    pub fn import(&self) {
        let folder = self.county.write(self.cli.folder(), "county");
        self.bureau(&["import", folder.to_str().unwrap(), "--by", "示例员"]);
    }

    /// What the first bank's ledger of a day holds, with its header.
    pub fn deliver(&self, day: &str, text: &str) {
        let path = self.cli.folder().join(format!("台账{day}.csv"));
        std::fs::write(&path, text).unwrap();
        let (path, covers) = (path.to_str().unwrap(), format!("2025-01-01..{day}"));
        let whose = ["--source", FIRST, "--covers", &covers];
        self.bureau(&[&["import", path, "--by", "示例员"][..], &whose].concat());
    }

    /// The business date comes, and whoever is due is scored; no register says anything new.
    pub fn turn(&self, day: &str) {
        self.run(&["rescore"], Some(day));
    }

    /// The tier of a merchant on a day, or its standing.
    pub fn tier(&self, merchant: usize, day: &str) -> String {
        let scores = self.bureau(&["scores", "--format", "csv", "--as-of", day]);
        let scores = crate::intake::world::cells(&scores);
        let row = &scores[&uscc(merchant)];
        [&row["tier"], &row["standing"]]
            .into_iter()
            .find(|cell| !cell.is_empty())
            .unwrap()
            .clone()
    }

    /// All advice: bank, agreement, cause, action, since and state.
    pub fn advice(&self) -> Vec<String> {
        let csv = self.bureau(&["advice", "--format", "csv"]);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let rows = reader.deserialize::<BTreeMap<String, String>>();
        let mut told: Vec<String> = rows
            .map(|row| row.unwrap())
            .map(|row| {
                let cells = ["bank", "agreement", "cause", "action", "since", "state"];
                cells.map(|name| row[name].clone()).join(" ")
            })
            .collect();
        told.sort();
        told
    }

    fn bearer(&self, Caller(client, signer): &Caller) -> String {
        let token = self.http.token(&self.http.forge(signer, client));
        format!("Bearer {token}")
    }

    pub fn get(&self, by: &Caller, path: &str) -> Answer {
        self.http.with_authorization(path, &[&self.bearer(by)])
    }

    /// Posts under a key of its own.
    pub fn post(&self, by: &Caller, path: &str, body: &Value) -> Answer {
        static KEY: AtomicU32 = AtomicU32::new(0);
        let key = format!("key-{}", KEY.fetch_add(1, Ordering::SeqCst));
        let bearer = self.bearer(by);
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", &*key),
        ];
        self.http.send("POST", path, &headers, body.to_string())
    }

    /// A bank takes note of advice.
    pub fn acknowledge(&self, by: &Caller, id: &str, person: &str) -> Answer {
        let body = json!({"acknowledged_by": person, "note": "已联系商户"});
        self.post(by, &format!("/v1/advice/{id}/acknowledgement"), &body)
    }

    /// The first merchant takes back what it let the first bank know.
    pub fn withdraw(&mut self) {
        let rows = self.county.rows.get_mut("authorisations").unwrap();
        let signed = authorisation(1, FIRST, "");
        rows.retain(|row| *row != signed);
        rows.push(authorisation(1, FIRST, "2025-06-30"));
        self.import();
    }

    /// Of each query logged for the first bank: purpose, who asked, for what, and how it ended.
    pub fn log(&self) -> Vec<String> {
        let text = self.bureau(&["queries", "--format", "json", "--bank", "first"]);
        let log: Value = serde_json::from_str(&text).unwrap();
        let line = |line: &Value| {
            assert_eq!(line["digest"].as_str().unwrap().len(), 64);
            let words = ["purpose", "requested_by", "business_ref", "outcome"];
            let words = words.map(|name| line[name].as_str().unwrap().to_owned());
            words.join(" ")
        };
        let mut log: Vec<String> = log.as_array().unwrap().iter().map(line).collect();
        // Of one moment: their ids have no order.
        log.sort();
        log
    }

    /// A bank reports a line of 2025 to a merchant.
    pub fn grant(&self, by: &Caller, agreement: &str, merchant: usize, product: &str) {
        self.grant_from(by, agreement, merchant, product, "2025-01-01");
    }

    pub fn grant_from(
        &self,
        by: &Caller,
        agreement: &str,
        merchant: usize,
        product: &str,
        starts_on: &str,
    ) {
        let body = json!({
            "agreement": agreement, "uscc": uscc(merchant), "product": product,
            "limit": {"amount": "100000.00", "currency": "CNY"}, "revolving": true, "starts_on": starts_on,
            "ends_on": "2025-12-31", "reported_by": "R1",
        });
        let answer = self.post(by, "/v1/lines", &body);
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Something happens to a line of the first bank.
    pub fn event(&self, agreement: &str, event: &str, on: &str) {
        let body = json!({"event": event, "on": on, "reported_by": "R1"});
        let path = format!("/v1/lines/{agreement}/events");
        let answer = self.post(&self.first, &path, &body);
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// The messages that a bank has not received.
    pub fn messages(&self, by: &Caller) -> Vec<Value> {
        let answer = self.get(by, "/v1/messages?requested_by=R7");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["messages"].as_array().unwrap().clone()
    }

    /// The same in short: kind, agreement, cause, action and state, or that the bank has to ask again.
    pub fn told(&self, by: &Caller) -> Vec<String> {
        let messages = self.messages(by).into_iter();
        let short = |message: Value| {
            if message["ask_again"] == true {
                assert_eq!(message["kind"], json!(null));
                return "ask again".to_owned();
            }
            let kind = message["kind"].as_str().unwrap();
            let words = ["agreement", "cause", "action", "state"];
            let words = words.map(|name| message["advice"][name].as_str().unwrap().to_owned());
            format!("{kind} {}", words.join(" "))
        };
        messages.map(short).collect()
    }

    /// A serious violation is listed, and later removed.
    pub fn list_violation(&mut self, merchant: usize, removed_on: &str) {
        let code = uscc(merchant);
        let row = format!(
            "{code},示例商户{merchant},严重违法失信名单,2025-06-20,示例原因,示例市场监督管理局,{removed_on}"
        );
        let rows = self.county.rows.get_mut("listings").unwrap();
        rows.retain(|row| !row.contains(&code));
        rows.push(row);
        self.import();
    }

    /// A fine that lowers the tier, and later is overturned.
    pub fn fine(&mut self, merchant: usize, overturned_on: &str) {
        self.county.rows.get_mut("penalties").unwrap().clear();
        self.county
            .fine("处罚1号", merchant, "2025-06-20", "200000.00");
        let rows = self.county.rows.get_mut("penalties").unwrap();
        for row in rows {
            *row = row.replace(",,,,是", &format!(",,,{overturned_on},是"));
        }
        self.import();
    }
}
