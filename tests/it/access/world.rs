//! A service with two banks, and two doors that only the tests know: one for each extractor.

use super::forge::{Forge, Signer};
use crate::support::{Answer, Engine, TestApp, TestDatabase};
use actix_web::{HttpResponse, web};
use daishan_credit::access::{Client, PublicKey};
use daishan_credit::flows::manage_clients::{disable_client, register_client};
use daishan_credit::flows::rotate_key::rotate_key;
use daishan_credit::http::{self, Bank, PresentedToken, server::Doors};
use daishan_credit::kernel::Id;
use daishan_credit::settings::{Secret, Settings};
use daishan_credit::store::Conn;
use diesel::connection::SimpleConnection;
use std::ops::{Deref, DerefMut};
use utoipa_actix_web::service_config::ServiceConfig;

pub const ISSUER: &str = "https://credit.test";
pub const SECRET: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

pub struct World(TestApp);

impl Deref for World {
    type Target = TestApp;
    fn deref(&self) -> &TestApp {
        &self.0
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut TestApp {
        &mut self.0
    }
}

/// Runs a test on each engine.
pub fn on_both_engines(test: impl Fn(World)) {
    crate::support::on_both_engines(|engine| {
        let world = World::start(engine);
        let mut conn = world.app.store.connection().unwrap();
        let banks = "INSERT INTO bank VALUES ('bank-a','甲',0),('bank-b','乙',0)";
        conn.batch_execute(banks).unwrap();
        drop(conn);
        test(world);
    });
}

fn doors(config: &mut ServiceConfig<'_>) {
    http::routes(config);
    config.route("/test/bank", web::to(of_bank));
    config.route("/test/presented", web::to(of_token));
}

async fn of_bank(bank: Bank) -> HttpResponse {
    HttpResponse::Ok().body(bank.id.to_string())
}

async fn of_token(PresentedToken(caller): PresentedToken) -> HttpResponse {
    HttpResponse::Ok().body(caller.bank.to_string())
}

impl World {
    /// A service with no banks yet.
    pub fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| {})
    }

    pub fn start_with(engine: Engine, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_doors(engine, doors, change)
    }

    /// With other doors.
    pub fn start_doors(engine: Engine, doors: Doors, change: impl FnOnce(&mut Settings)) -> Self {
        Self(TestApp::start_with(engine, doors, |settings| {
            settings.server.issuer = Some(ISSUER.to_owned());
            settings.secret = Some(SECRET.parse::<Secret>().unwrap());
            change(settings);
        }))
    }

    /// On a database that is there already.
    pub fn start_on(database: TestDatabase) -> Self {
        Self(TestApp::start_on(database, doors, |settings| {
            settings.server.issuer = Some(ISSUER.to_owned());
            settings.secret = Some(SECRET.parse::<Secret>().unwrap());
        }))
    }

    /// Another instance beside this one.
    pub fn twin(&self) -> Self {
        Self(self.0.twin())
    }

    pub fn now(&self) -> i64 {
        self.app.clock.now().seconds()
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
    }

    pub fn add_client(&self, bank: &str, key: &str) -> String {
        let key = PublicKey::parse(key).unwrap();
        let app = &self.app;
        let client = register_client(&app.store, &*app.clock, &*app.randomness, bank, &key);
        client.unwrap().id.to_string()
    }

    pub fn disable(&self, client: &str) {
        let id: Id<Client> = client.parse().unwrap();
        assert!(disable_client(&self.app.store, &*self.app.clock, id).unwrap());
    }

    /// As another process would.
    pub fn rotate(&self) -> String {
        let other = self.beside();
        rotate_key(&other.store, &other.keys, &*other.clock, &*other.randomness).unwrap()
    }

    pub fn forge<'a>(&self, signer: &'a Signer, client: &str) -> Forge<'a> {
        Forge {
            signer,
            client: client.to_owned(),
            issuer: ISSUER.to_owned(),
            now: self.now(),
        }
    }

    /// A token that the service itself gave.
    pub fn token(&self, forge: &Forge<'_>) -> String {
        let answer = self.ask_token(&forge.good());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub fn ask_token(&self, assertion: &str) -> Answer {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        self.post_form(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", kind),
            ("client_assertion", assertion),
        ])
    }

    pub fn post_form(&self, form: &[(&str, &str)]) -> Answer {
        let header = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", "/oauth/token", &header, encoded(form))
    }

    /// A request with these `Authorization` headers.
    pub fn with_authorization(&self, path: &str, texts: &[&str]) -> Answer {
        let headers: Vec<_> = texts.iter().map(|text| ("authorization", *text)).collect();
        self.send("GET", path, &headers, "")
    }

    pub fn with_token(&self, path: &str, token: &str) -> Answer {
        self.with_authorization(path, &[&format!("Bearer {token}")])
    }

    pub fn used_assertions(&self) -> i64 {
        use daishan_credit::store::schema::used_assertion::dsl::used_assertion;
        use diesel::prelude::*;
        let mut conn = self.app.store.connection().unwrap();
        let conn: &mut Conn = &mut conn;
        used_assertion.count().get_result(conn).unwrap()
    }
}

/// `application/x-www-form-urlencoded`, everything but letters and digits escaped.
pub fn encoded(form: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        let escaped = text.bytes().map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        escaped.collect()
    };
    let pairs = form
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}
