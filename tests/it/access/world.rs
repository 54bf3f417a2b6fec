//! A service with two banks, its clock in our hands, and two routes that only the tests know: one for each extractor.

use super::forge::{Forge, Signer};
use actix_web::middleware::from_fn;
use actix_web::{App as Doors, HttpResponse, HttpServer, web};
use daishan_credit::access::{Client, PublicKey};
use daishan_credit::app::App;
use daishan_credit::embedded::Configuration;
use daishan_credit::flows::manage_clients::{disable_client, register_client};
use daishan_credit::flows::rotate_key::rotate_key;
use daishan_credit::http::shell::shell;
use daishan_credit::http::{self, Bank, PresentedToken};
use daishan_credit::kernel::{Clock, Id, Instant, SystemClock, SystemRandomness};
use daishan_credit::settings::Settings;
use daishan_credit::store::Conn;
use diesel::connection::SimpleConnection;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use utoipa_actix_web::AppExt;

pub const ISSUER: &str = "https://credit.test";
pub const SECRET: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

/// A clock that stands still until it is moved.
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::SeqCst))
    }
}

pub struct World {
    pub app: web::Data<App>,
    settings: Settings,
    clock: Arc<TestClock>,
    server: Option<Server>,
    agent: ureq::Agent,
    database: Database,
}

struct Server {
    base: String,
    handle: actix_web::dev::ServerHandle,
    thread: std::thread::JoinHandle<()>,
}

/// Where an engine keeps this test's rows until the test ends.
pub struct Database {
    pub url: String,
    _folder: tempfile::TempDir,
}

pub struct Answer {
    pub status: u16,
    pub text: String,
    headers: ureq::http::HeaderMap,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// Runs a test on SQLite, and on PostgreSQL where `TEST_POSTGRES_URL` names a server.
pub fn on_both_engines(test: impl Fn(World)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    test(World::start(Database {
        url,
        _folder: folder,
    }));
    if let Ok(server) = std::env::var("TEST_POSTGRES_URL") {
        test(World::start(fresh_postgres(&server)));
    }
}

fn fresh_postgres(server: &str) -> Database {
    use diesel::Connection;
    let folder = tempfile::tempdir().unwrap();
    let name = format!(
        "access_{}",
        Id::<Client>::new(SystemClock.now(), &SystemRandomness)
    );
    let mut conn = diesel::PgConnection::establish(server).unwrap();
    conn.batch_execute(&format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
    ))
    .unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    Database {
        url: format!("{base}/{name}"),
        _folder: folder,
    }
}

impl World {
    fn start(database: Database) -> Self {
        let settings = settings(&database.url, Some(SECRET));
        let clock = Arc::new(TestClock(AtomicI64::new(1_767_225_600_000_000)));
        let app = build(&settings, &clock);
        let mut conn = app.store.connection().unwrap();
        conn.batch_execute("INSERT INTO bank VALUES ('bank-a','甲',0),('bank-b','乙',0)")
            .unwrap();
        drop(conn);
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let server = Some(serve(app.clone()));
        Self {
            app,
            settings,
            clock,
            server,
            agent,
            database,
        }
    }

    /// Another process on the same database.
    pub fn restart(&mut self) {
        self.stop();
        self.app = build(&self.settings, &self.clock);
        self.server = Some(serve(self.app.clone()));
    }

    fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            drop(server.handle.stop(true));
            server.thread.join().unwrap();
        }
    }

    /// A second instance beside this one, with its own memory.
    pub fn second_instance(&self) -> web::Data<App> {
        build(&self.settings, &self.clock)
    }

    pub fn database(&self) -> &str {
        &self.database.url
    }

    pub fn now(&self) -> i64 {
        self.clock.now().seconds()
    }

    pub fn advance(&self, seconds: i64) {
        self.clock
            .0
            .fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub fn add_client(&mut self, bank: &str, key: &str) -> String {
        let key = PublicKey::parse(key).unwrap();
        let client = register_client(&self.app.store, &*self.clock, &SystemRandomness, bank, &key);
        client.unwrap().id.to_string()
    }

    pub fn disable(&self, client: &str) {
        let id: Id<Client> = client.parse().unwrap();
        assert!(disable_client(&self.app.store, &*self.clock, id).unwrap());
    }

    /// As another process would.
    pub fn rotate(&self) -> String {
        let other = self.second_instance();
        rotate_key(&other.store, &other.keys, &*self.clock, &SystemRandomness).unwrap()
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
        assert_eq!(answer.status, 200, "{}", answer.text);
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
        let request = self.agent.post(self.url("/oauth/token"));
        answer(request.send_form(form.iter().copied()).unwrap())
    }

    pub fn post(&self, path: &str, headers: &[(&str, impl AsRef<str>)], body: &str) -> Answer {
        let mut request = self.agent.post(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, value.as_ref());
        }
        answer(request.send(body).unwrap())
    }

    pub fn get(&self, path: &str, headers: &[(&str, impl AsRef<str>)]) -> Answer {
        let mut request = self.agent.get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, value.as_ref());
        }
        answer(request.call().unwrap())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.as_ref().unwrap().base)
    }

    pub fn used_assertions(&self) -> i64 {
        use daishan_credit::store::schema::used_assertion::dsl::used_assertion;
        use diesel::prelude::*;
        let mut conn = self.app.store.connection().unwrap();
        let conn: &mut Conn = &mut conn;
        used_assertion.count().get_result(conn).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

pub fn settings(url: &str, secret: Option<&str>) -> Settings {
    let mut told = vec![
        ("database.url", url.to_owned()),
        ("server.issuer", ISSUER.to_owned()),
    ];
    if let Some(secret) = secret {
        told.push(("keys.secret", secret.to_owned()));
    }
    Settings::load(&Configuration::embedded(), [], told).unwrap()
}

fn build(settings: &Settings, clock: &Arc<TestClock>) -> web::Data<App> {
    let (clock, randomness) = (clock.clone(), Arc::new(SystemRandomness));
    let app = App::build(
        settings.clone(),
        &Configuration::embedded(),
        clock,
        randomness,
    );
    web::Data::new(app.unwrap())
}

async fn of_bank(bank: Bank) -> HttpResponse {
    HttpResponse::Ok().body(bank.id.to_string())
}

async fn of_token(PresentedToken(caller): PresentedToken) -> HttpResponse {
    HttpResponse::Ok().body(caller.bank.to_string())
}

fn serve(app: web::Data<App>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                Doors::new()
                    .app_data(app.clone())
                    .into_utoipa_app()
                    .configure(http::routes)
                    .into_app()
                    .wrap(from_fn(shell))
                    .route("/test/bank", web::to(of_bank))
                    .route("/test/presented", web::to(of_token))
            });
            let server = server
                .workers(1)
                .disable_signals()
                .listen(listener)
                .unwrap()
                .run();
            sender.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    Server {
        base,
        handle: receiver.recv().unwrap(),
        thread,
    }
}

fn answer(mut answer: ureq::http::Response<ureq::Body>) -> Answer {
    Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        text: answer.body_mut().read_to_string().unwrap(),
    }
}
