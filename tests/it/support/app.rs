//! The real server in this process, on a port of its own.

use super::postgres::are_two;
use super::{Engine, ManualClock, SeededRandomness, TestDatabase};
use actix_web::web::Data;
use daishan_credit::app::App;
use daishan_credit::embedded::Configuration;
use daishan_credit::http::{self, server::Doors};
use daishan_credit::settings::Settings;
use serde_json::Value;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A running server. Stops when it is dropped. With `TEST_INSTANCES=2` there are two on one PostgreSQL, and requests go
/// to them in turn.
pub struct TestApp {
    pub app: Data<App>,
    pub clock: Arc<ManualClock>,
    pub address: SocketAddr,
    pub database: Arc<TestDatabase>,
    agent: ureq::Agent,
    doors: Doors,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    second: Option<Box<Self>>,
    turn: AtomicUsize,
}

impl TestApp {
    /// The program's own doors on a fresh database; it is 10 o'clock on 2026-01-05 in Shanghai.
    pub fn start(engine: Engine) -> Self {
        Self::start_with(engine, http::routes, |_| {})
    }

    /// Other doors, or other settings.
    pub fn start_with(engine: Engine, doors: Doors, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_on(engine.database(), doors, change)
    }

    /// On a database that is there already.
    pub fn start_on(
        database: TestDatabase,
        doors: Doors,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let command_line = [
            ("database.url", database.url.clone()),
            ("database.connections", "4".to_owned()),
            ("server.listen", address.to_string()),
            ("server.workers", "1".to_owned()),
            ("limits.drain_seconds", "2".to_owned()),
        ];
        let configuration = Configuration::embedded();
        let mut settings = Settings::load(&configuration, [], command_line).unwrap();
        change(&mut settings);
        let clock = Arc::new(ManualClock::at("2026-01-05T10:00:00+08:00"));
        let randomness = Arc::new(SeededRandomness::default());
        let app = App::build(settings, &configuration, clock.clone(), randomness).unwrap();
        let app = Data::new(app);
        let (stop, thread) = serve(app.clone(), listener, doors);
        let mut first = Self {
            app,
            clock,
            address,
            database: Arc::new(database),
            agent: agent(),
            doors,
            stop: Some(stop),
            thread: Some(thread),
            second: None,
            turn: AtomicUsize::new(0),
        };
        first.join_second();
        first
    }

    fn join_second(&mut self) {
        let joins = are_two() && !self.database.url().is_sqlite();
        self.second = joins.then(|| Box::new(self.twin()));
    }

    /// Without a second instance: for what is of one instance, such as its queue.
    pub fn stand_alone(&mut self) {
        self.second = None;
    }

    /// Ends the server and starts another on the same database, with an empty memory and a port of its own.
    pub fn restart(&mut self) {
        self.second = None;
        self.stop();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        self.address = listener.local_addr().unwrap();
        self.app = self.beside();
        let (stop, thread) = serve(self.app.clone(), listener, self.doors);
        self.stop = Some(stop);
        self.thread = Some(thread);
        self.join_second();
    }

    /// Another instance that serves, on the same database and at the same time of day.
    pub fn twin(&self) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let app = self.beside();
        let (stop, thread) = serve(app.clone(), listener, self.doors);
        Self {
            app,
            clock: self.clock.clone(),
            address,
            database: self.database.clone(),
            agent: agent(),
            doors: self.doors,
            stop: Some(stop),
            thread: Some(thread),
            second: None,
            turn: AtomicUsize::new(0),
        }
    }

    /// The parts of another instance on the same database.
    pub fn beside(&self) -> Data<App> {
        let settings = self.app.settings.clone();
        let (clock, randomness) = (self.app.clock.clone(), self.app.randomness.clone());
        let configuration = Configuration::embedded();
        Data::new(App::build(settings, &configuration, clock, randomness).unwrap())
    }

    fn stop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            ended.unwrap().unwrap();
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.send("POST", path, &json, body.to_string())
    }

    /// Any request at all. An empty body is not sent.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let second = self
            .second
            .as_ref()
            .filter(|_| self.turn.fetch_add(1, Ordering::SeqCst) % 2 == 1);
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(second.map_or_else(|| self.url(path), |second| second.url(path)))
            .header("connection", "close");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.into();
        let answer = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        Answer::read(answer.unwrap())
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop();
    }
}

type Running = (tokio::sync::oneshot::Sender<()>, JoinHandle<()>);

fn serve(app: Data<App>, listener: TcpListener, doors: Doors) -> Running {
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let thread = std::thread::spawn(move || {
        let shutdown = async { drop(stopped.await) };
        let server = http::server::serve_doors(app, listener, shutdown, doors);
        actix_web::rt::System::new().block_on(server).unwrap();
    });
    (stop, thread)
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    fn read(answer: ureq::http::Response<ureq::Body>) -> Self {
        let (head, mut body) = answer.into_parts();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.read_to_vec().unwrap(),
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The code of a problem, once it is sure that it is one.
    pub fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(
            problem["instance"],
            format!("urn:uuid:{}", self.header("x-request-id"))
        );
        problem["code"].as_str().unwrap().to_owned()
    }
}
