//! The real program on a database that it has filled itself, and a bank's client that speaks to it.

use super::registers::{MERCHANTS, write_folder};
use crate::access::forge::{Forge, Signer};
use crate::access::world::{ISSUER, SECRET, encoded};
use crate::support::command::{Done, Serving};
use crate::support::{Cli, Engine, TestDatabase};
use daishan_credit::kernel::{Clock, SystemClock};
use daishan_credit::store::Conn;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

pub struct Process {
    pub cli: Cli,
    pub database: TestDatabase,
    signer: Signer,
    client: String,
}

impl Process {
    /// The county in a database of this engine, and a client of the bank.
    pub fn prepare(engine: Engine, environment: &[(&str, &str)]) -> Self {
        Self::of(engine, environment, "rcb", |folder| {
            write_folder(folder, &MERCHANTS)
        })
    }

    /// Another county, and a client of this bank.
    pub fn of(
        engine: Engine,
        environment: &[(&str, &str)],
        bank: &str,
        write: impl FnOnce(&Path),
    ) -> Self {
        let database = engine.database();
        let mut cli = Cli::new()
            .env("DAISHAN_DATABASE__URL", &database.url)
            .env("DAISHAN_KEYS__SECRET", SECRET)
            .env("DAISHAN_SERVER__ISSUER", ISSUER)
            .env("DAISHAN_SERVER__WORKERS", "2");
        for (name, value) in environment {
            cli = cli.env(name, value);
        }
        let folder = cli.folder().join("county");
        std::fs::create_dir(&folder).unwrap();
        write(&folder);
        let signer = Signer::es256();
        std::fs::write(cli.folder().join("key.pem"), signer.public_pem()).unwrap();
        run(&cli, &["import", "county", "--by", "test"]);
        let added = ["client", "add", "--bank", bank, "--key", "key.pem"];
        let client = run(&cli, &added).out().trim().to_owned();
        Self {
            cli,
            database,
            signer,
            client,
        }
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        run(&self.cli, arguments)
    }

    /// How many rows a table has.
    pub fn counts(&self, table: &str) -> i64 {
        let count = format!("SELECT count(*) AS count FROM {table}");
        let mut conn = self.database.open().connection().unwrap();
        let counted: Counted = match &mut *conn {
            Conn::Sqlite(conn) => sql_query(count).get_result(conn),
            Conn::Postgres(conn) => sql_query(count).get_result(conn),
        }
        .unwrap();
        counted.count
    }

    pub fn serve(&self) -> Serving {
        self.cli.serve(&["serve", "--listen", "127.0.0.1:0"])
    }

    /// `Bearer …`, good for some minutes, also after a restart.
    pub fn bearer(&self, address: &str) -> String {
        let forge = Forge {
            signer: &self.signer,
            client: self.client.clone(),
            issuer: ISSUER.to_owned(),
            now: SystemClock.now().seconds(),
        };
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let form = encoded(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", kind),
            ("client_assertion", &forge.with(|_, claims| unique(claims))),
        ]);
        let request = agent()
            .post(format!("http://{address}/oauth/token"))
            .content_type("application/x-www-form-urlencoded");
        let answer = request.send(form).unwrap().body_mut().read_to_vec();
        let answer: Value = serde_json::from_slice(&answer.unwrap()).unwrap();
        format!("Bearer {}", answer["access_token"].as_str().unwrap())
    }
}

/// Different from those of other runs on the same database.
fn unique(claims: &mut Value) {
    let prefix = std::process::id();
    claims["jti"] = format!("{prefix}-{}", claims["jti"].as_str().unwrap()).into();
}

fn run(cli: &Cli, arguments: &[&str]) -> Done {
    let done = cli.run(arguments);
    assert_eq!(done.code(), 0, "{arguments:?} {}", done.err());
    done
}

pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(20)))
        .build()
        .into()
}
