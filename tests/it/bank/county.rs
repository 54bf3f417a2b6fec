//! A service with a few merchants of the sample county and two banks that ask about them.

use super::registers::{MERCHANTS, take_folder, write_folder};
use crate::access::forge::Signer;
use crate::access::world::World;
use crate::support::{Answer, Engine};
use daishan_credit::answer::records::{LogLine, page};
use daishan_credit::flows::rescore::rescore;
use daishan_credit::flows::slices::Slices;
use daishan_credit::flows::watch::Unwatched;
use daishan_credit::kernel::Digest;
use daishan_credit::settings::Settings;
use daishan_credit::store::Conn;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use tempfile::TempDir;

/// A client of a bank, and its newest token with the time at which it was given.
pub struct Caller {
    pub client: String,
    pub signer: Signer,
    token: RefCell<(i64, String)>,
}

/// The service, the folder that it was filled from, and two banks.
pub struct County {
    world: World,
    pub folder: TempDir,
    pub bank: Caller,
    pub other: Caller,
}

impl Deref for County {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for County {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

/// Runs a test on each engine.
pub fn on_both_engines(test: impl Fn(County)) {
    crate::support::on_both_engines(|engine| test(County::start(engine)));
}

impl County {
    pub fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| {})
    }

    pub fn start_with(engine: Engine, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_folder(folder.path(), &MERCHANTS);
        let world = World::start_with(engine, change);
        take_folder(&world, folder.path());
        let caller = |bank| {
            let signer = Signer::es256();
            let client = world.add_client(bank, &signer.public_pem());
            let token = RefCell::default();
            Caller {
                client,
                signer,
                token,
            }
        };
        let (bank, other) = (caller("rcb"), caller("other"));
        let county = Self {
            world,
            folder,
            bank,
            other,
        };
        county.rescore();
        county
    }

    pub fn rescore(&self) {
        let app = &self.app;
        let read = app
            .store
            .read(|conn| -> Result<_, Never> { Ok(app.today(conn)?) });
        let (today, name) = read.unwrap();
        let scoring = app.scoring(app.cards.get(&name).unwrap(), &name, today);
        let slices = &mut Slices::Committing(&app.store);
        rescore(slices, scoring, false, &Unwatched).unwrap();
    }

    /// The rows of the query log, in the order asked.
    pub fn log(&self) -> Vec<LogLine> {
        let read = |conn: &mut Conn| -> Result<_, Never> { Ok(page(conn, None, None, 10_000)?) };
        let mut lines = self.app.store.read(read).unwrap();
        lines.sort_by_key(|line| line.id);
        lines
    }

    /// `Bearer …`, good at this time.
    pub fn bearer(&self, caller: &Caller) -> String {
        let mut kept = caller.token.borrow_mut();
        if kept.1.is_empty() || kept.0 != self.now() {
            let token = self.token(&self.forge(&caller.signer, &caller.client));
            *kept = (self.now(), format!("Bearer {token}"));
        }
        kept.1.clone()
    }

    pub fn by(&self, caller: &Caller, path: &str) -> Answer {
        self.with_authorization(path, &[&self.bearer(caller)])
    }

    /// The bank asks about one merchant before a loan.
    pub fn ask(&self, uscc: &str) -> Answer {
        self.by(&self.bank, &score_path(uscc))
    }

    /// The bank asks about some merchants before a loan.
    pub fn query(&self, usccs: &[&str]) -> Answer {
        self.query_with(&question(usccs))
    }

    pub fn query_with(&self, question: &Value) -> Answer {
        let bearer = self.bearer(&self.bank);
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
        ];
        self.send("POST", "/v1/scores/query", &headers, question.to_string())
    }

    /// The bank asks for an answer again.
    pub fn again(&self, id: &str) -> Answer {
        self.by(&self.bank, &format!("/v1/answers/{id}"))
    }
}

pub fn score_path(uscc: &str) -> String {
    format!(
        "/v1/merchants/{uscc}/score?purpose=pre_loan_review&requested_by=R007&business_ref=DK-1"
    )
}

pub fn question(usccs: &[&str]) -> Value {
    json!({"usccs": usccs, "purpose": "pre_loan_review", "requested_by": "R007", "business_ref": "DK-1"})
}

/// The id of an answer, given or refused.
pub fn id(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

/// The bytes of each answer of a batch.
pub fn items(batch: &[u8]) -> Vec<Vec<u8>> {
    #[derive(serde::Deserialize)]
    struct Batch<'a> {
        #[serde(borrow)]
        answers: Vec<&'a serde_json::value::RawValue>,
    }
    let batch: Batch<'_> = serde_json::from_slice(batch).unwrap();
    let items = batch.answers.into_iter();
    items.map(|item| item.get().as_bytes().to_vec()).collect()
}

pub fn digest(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

type Never = daishan_credit::store::Failure<daishan_credit::store::error::Never>;
