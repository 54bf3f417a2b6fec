//! The program itself, as it is released, on a county of the sample.

use super::client::{Case, NUMBER};
use daishan_credit::access::{Client, ClientPair};
use daishan_credit::embedded::Configuration;
use daishan_credit::kernel::{Clock, Id, SystemClock, SystemRandomness, Uscc};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// The program, serving.
pub struct Program {
    child: Child,
    address: String,
    token: String,
    pair: ClientPair,
    client: Id<Client>,
    /// Merchants about whom the bank may be told.
    usccs: Vec<String>,
    /// From its start until it answered for the first time.
    pub cold_start: Duration,
    /// The memory that it held then, in MiB.
    pub at_rest_mib: u64,
}

/// What an import says before it scores whom the rows are about.
const TAKEN: &str = "rows are taken in";

/// A command that has ended.
pub struct Ended {
    pub took: Duration,
    /// After how long it said that all rows were taken in, where it said so.
    pub taken: Option<Duration>,
    /// The most memory it held, by the kernel's count, in MiB; and until all rows were taken in.
    pub peak_mib: u64,
    peak_when_taken: u64,
}

impl Ended {
    /// Runs a command, and asks the kernel for its high-water mark until it ends.
    pub fn of(mut command: Command) -> Self {
        let begun = Instant::now();
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let taken = Arc::new(OnceLock::new());
        let told = Arc::clone(&taken);
        // It reads to the end, or the program would come to wait.
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line.contains(TAKEN) {
                    told.get_or_init(|| begun.elapsed());
                }
            }
        });
        let (mut peak, mut peak_when_taken) = (0, 0);
        let status = loop {
            peak = peak.max(memory_mib(child.id(), "VmHWM"));
            if taken.get().is_none() {
                peak_when_taken = peak;
            }
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let took = begun.elapsed();
        reader.join().unwrap();
        assert!(status.success(), "{command:?}");
        Self {
            took,
            taken: taken.get().copied(),
            peak_mib: peak,
            peak_when_taken,
        }
    }

    /// The same until all rows were taken in: scoring is measured by itself.
    pub fn when_taken(self) -> Self {
        Self {
            took: self.taken.unwrap(),
            peak_mib: self.peak_when_taken,
            ..self
        }
    }
}

/// What /proc says of a process's memory, in MiB; 0 where it has ended.
fn memory_mib(process: u32, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kib.unwrap_or(0_u64) / 1024
}

impl Program {
    pub fn start(url: &str, folder: &Path) -> Self {
        // The other engine's demo has left its key in the same folder.
        let scheme = url.split(':').next().unwrap();
        let key = folder.join(format!("{scheme}.pem"));
        run(
            &[
                "demo",
                "--once",
                "--database",
                url,
                "--client-key",
                key.to_str().unwrap(),
            ],
            folder,
        );
        let roster = &Configuration::sample_files("daishan")["放心消费单元名册.csv"];
        let roster = String::from_utf8_lossy(roster);
        Self::serve(url, folder, "rcb", &codes(&roster))
    }

    /// Serves what the database holds to a new client of a bank, which asks about those of the merchants that it may.
    pub fn serve(url: &str, folder: &Path, bank: &str, usccs: &[&str]) -> Self {
        let pair = ClientPair::generate().unwrap();
        let public = folder.join("bank.jwk");
        std::fs::write(&public, pair.public.jwk()).unwrap();
        let id = run(
            &[
                "client",
                "add",
                "--bank",
                bank,
                "--key",
                public.to_str().unwrap(),
                "--database",
                url,
            ],
            folder,
        );
        let begun = Instant::now();
        let (child, address) = serve(url, folder);
        Case::get(&address, "/healthz", None).once();
        let cold_start = begun.elapsed();
        let mut program = Self {
            child,
            address,
            token: String::new(),
            pair,
            client: id.trim().parse().unwrap(),
            usccs: Vec::new(),
            cold_start,
            at_rest_mib: 0,
        };
        program.at_rest_mib = memory_mib(program.process(), "VmRSS");
        program.renew_token();
        program.usccs = usccs
            .chunks(program.batch_size())
            .flat_map(|usccs| program.told(usccs))
            .collect();
        program
    }

    /// A token lives five minutes.
    pub fn renew_token(&mut self) {
        self.token = self.fetch_token(&self.pair, self.client);
    }

    /// The most memory it has held.
    pub fn peak_mib(&self) -> u64 {
        memory_mib(self.process(), "VmHWM")
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// One request a merchant.
    pub fn queries(&self) -> Vec<Case> {
        let path = |uscc: &String| {
            format!(
                "/v1/merchants/{uscc}/score?purpose=pre_loan_review&requested_by=load&business_ref=load"
            )
        };
        self.usccs
            .iter()
            .map(|uscc| Case::get(&self.address, &path(uscc), Some(&self.token)))
            .collect()
    }

    /// As many merchants at once as a query may name.
    pub fn batch(&self) -> Case {
        let usccs: Vec<&String> = self.usccs.iter().cycle().take(self.batch_size()).collect();
        let body = json!({"usccs": usccs, "purpose": "pre_loan_review", "requested_by": "load", "business_ref": "load"});
        Case::post(
            &self.address,
            "/v1/scores/query",
            &self.token,
            &body.to_string(),
        )
    }

    /// Draws of a fen on some lines that are granted for it, each under a serial number and a key of its own.
    pub fn draws(&self) -> Vec<Case> {
        let some = self.usccs.iter().take(64).enumerate();
        let draw = |(number, uscc): (usize, &String)| {
            let agreement = format!("LOAD-{number}");
            let yuan = |amount| json!({"amount": amount, "currency": "CNY"});
            let grant = json!({
                "agreement": agreement, "uscc": uscc, "product": "load", "limit": yuan("1000000.00"), "revolving": true,
                "starts_on": "2025-01-01", "reported_by": "load",
            });
            let keyed = |path: &str, body: &Value| {
                Case::keyed(&self.address, path, &self.token, &body.to_string())
            };
            keyed("/v1/lines", &grant).once();
            let draw = json!({
                "serial": NUMBER, "direction": "draw", "amount": yuan("0.01"), "on": "2025-06-01", "reported_by": "load",
            });
            keyed(&format!("/v1/lines/{agreement}/movements"), &draw)
        };
        some.map(draw).collect()
    }

    pub const fn batch_size(&self) -> usize {
        1_000
    }

    fn fetch_token(&self, pair: &ClientPair, client: Id<Client>) -> String {
        let issuer = format!("http://{}", self.address);
        let assertion = pair
            .assertion(client, &issuer, SystemClock.now(), &SystemRandomness)
            .unwrap();
        let form = format!(
            "grant_type=client_credentials&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
        );
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST /oauth/token HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let body: Value = serde_json::from_str(body).unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks about merchants, and keeps those that are answered.
    fn told(&self, usccs: &[&str]) -> Vec<String> {
        let body = json!({"usccs": usccs, "purpose": "pre_loan_review", "requested_by": "load", "business_ref": "load"});
        let answers = Case::post(
            &self.address,
            "/v1/scores/query",
            &self.token,
            &body.to_string(),
        )
        .once();
        let answers: Value = serde_json::from_str(&answers).unwrap();
        let answered = answers["answers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["score"].is_number());
        answered
            .map(|one| one["uscc"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The codes of merchants that a roster holds.
pub fn codes(roster: &str) -> Vec<&str> {
    let cells = roster.split([',', '\n']);
    let mut usccs: Vec<&str> = cells.filter(|cell| Uscc::parse(cell).is_ok()).collect();
    usccs.sort_unstable();
    usccs.dedup();
    usccs
}

pub fn command(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daishan"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder);
    command
}

pub fn run(arguments: &[&str], folder: &Path) -> String {
    let done = command(arguments, folder).output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

fn serve(url: &str, folder: &Path) -> (Child, String) {
    let mut child = command(
        &["serve", "--database", url, "--listen", "127.0.0.1:0"],
        folder,
    )
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some((_, address)) = line.split_once("listening on http://") {
            break address.to_owned();
        }
    };
    // The log goes on being read, or its writer would come to wait.
    std::thread::spawn(move || lines.for_each(drop));
    (child, address)
}
