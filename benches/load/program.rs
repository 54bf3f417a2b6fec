//! The program itself, as it is released, on a county of the sample.

use super::client::Case;
use daishan_credit::access::{Client, ClientPair};
use daishan_credit::embedded::Configuration;
use daishan_credit::kernel::{Clock, Id, SystemClock, SystemRandomness, Uscc};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The program, serving.
pub struct Program {
    child: Child,
    address: String,
    token: String,
    /// Merchants about whom the bank may be told.
    usccs: Vec<String>,
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
        let pair = ClientPair::generate().unwrap();
        let public = folder.join("bank.jwk");
        std::fs::write(&public, pair.public.jwk()).unwrap();
        let id = run(
            &[
                "client",
                "add",
                "--bank",
                "rcb",
                "--key",
                public.to_str().unwrap(),
                "--database",
                url,
            ],
            folder,
        );
        let (child, address) = serve(url, folder);
        let mut program = Self {
            child,
            address,
            token: String::new(),
            usccs: Vec::new(),
        };
        program.token = program.fetch_token(&pair, id.trim().parse().unwrap());
        program.usccs = program.told();
        program
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

    /// Asks about every merchant of the roster, and keeps those that are answered.
    fn told(&self) -> Vec<String> {
        let roster = &Configuration::sample_files("daishan")["放心消费单元名册.csv"];
        let roster = String::from_utf8_lossy(roster);
        let mut usccs: Vec<&str> = roster
            .split([',', '\n'])
            .filter(|cell| Uscc::parse(cell).is_ok())
            .collect();
        usccs.sort_unstable();
        usccs.dedup();
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

fn command(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daishan"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder);
    command
}

fn run(arguments: &[&str], folder: &Path) -> String {
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
