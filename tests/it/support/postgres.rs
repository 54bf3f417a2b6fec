//! PostgreSQL for the run: the server that `TEST_POSTGRES_URL` names, else one of our own where its binaries are found.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// The URL of a database in which others may be made; None where there is no PostgreSQL.
pub fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    let url = SERVER.get_or_init(|| {
        let named = std::env::var("TEST_POSTGRES_URL").ok();
        let url = named.filter(|url| !url.is_empty()).or_else(|| start("off"));
        let told = match &url {
            Some(_) if are_two() => "engines tested: PostgreSQL, with two instances\n",
            Some(_) => "engines tested: SQLite, PostgreSQL\n",
            None => {
                "engines tested: SQLite only; no PostgreSQL was found (set TEST_POSTGRES_URL or install its server)\n"
            }
        };
        // Written past the capture of test output, so that it is seen once in every run.
        std::io::stderr().write_all(told.as_bytes()).unwrap();
        url
    });
    url.as_deref()
}

/// Whether servers of tests are two instances on one PostgreSQL, as `TEST_INSTANCES=2` asks.
pub fn are_two() -> bool {
    std::env::var("TEST_INSTANCES").is_ok_and(|number| number == "2")
}

/// Runs SQL on the server's own database.
pub fn administer(sql: &str) {
    let mut conn = PgConnection::establish(server().unwrap()).unwrap();
    conn.batch_execute(sql).unwrap();
}

/// The same server, another database.
pub fn url_of(database: &str) -> String {
    let (head, query) = match server().unwrap().split_once('?') {
        Some((head, query)) => (head, format!("?{query}")),
        None => (server().unwrap(), String::new()),
    };
    let start_of_path = head.find("://").unwrap() + 3;
    let host_end = head[start_of_path..].find('/').map(|at| start_of_path + at);
    format!(
        "{}/{database}{query}",
        &head[..host_end.unwrap_or(head.len())]
    )
}

fn binaries() -> Option<PathBuf> {
    let holds = |folder: &Path| folder.join("initdb").exists() && folder.join("postgres").exists();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    folders.sort();
    folders
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&path))
        .find(|folder| holds(folder))
}

/// Starts a server that ends with this process: its shell waits for the end of a pipe that only we hold. `fsync` is
/// `off` for tests, which are in a hurry, and `on` for whoever measures.
pub fn start(fsync: &str) -> Option<String> {
    let binaries = binaries()?;
    let folder = std::env::temp_dir().join(format!("daishan-pg-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    let script = r#"
        "$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C -N >"$2/log" 2>&1 || exit 1
        "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync="$3" -c max_connections=300 >>"$2/log" 2>&1 &
        server=$!
        cat
        kill -INT $server
        wait $server
        cd / && rm -rf "$2"
    "#;
    let mut shell = unprivileged(&folder);
    let child = shell
        .args(["sh", "-c", script, "sh"])
        .args([&binaries, &folder])
        .arg(fsync)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    // Kept for the life of the process.
    std::mem::forget(child.ok()?);
    let url = format!(
        "postgres:///postgres?host={}&user=postgres",
        folder.display()
    );
    for _ in 0..600 {
        if PgConnection::establish(&url).is_ok() {
            return Some(url);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    panic!("PostgreSQL was found but did not start:\n{log}");
}

/// PostgreSQL refuses to run as root, so root runs it as somebody else.
fn unprivileged(folder: &Path) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() != b"0" {
        return Command::new("env");
    }
    let user = ["postgres", "nobody"].into_iter().find(|user| {
        let known = Command::new("id").arg(user).output();
        known.is_ok_and(|known| known.status.success())
    });
    let user = user.unwrap_or("nobody");
    let owned = Command::new("chown").arg(user).arg(folder).status();
    assert!(owned.unwrap().success());
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]);
    command
}
