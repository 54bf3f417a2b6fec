//! Every store test runs on both engines; PostgreSQL where it is found.

use super::postgres;
use daishan_credit::store::{DatabaseUrl, Store};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// An engine to test on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The engines of this run.
    pub fn all() -> Vec<Self> {
        match postgres::server() {
            Some(_) if postgres::are_two() => vec![Self::Postgres],
            Some(_) => vec![Self::Sqlite, Self::Postgres],
            None => vec![Self::Sqlite],
        }
    }

    /// A new empty database, gone when it is dropped.
    pub fn database(self) -> TestDatabase {
        let folder = tempfile::tempdir().unwrap();
        let url = match self {
            Self::Sqlite => format!("sqlite:{}", folder.path().join("test.db").display()),
            Self::Postgres => {
                let name = new_name();
                postgres::administer(&format!("CREATE DATABASE {name}"));
                postgres::url_of(&name)
            }
        };
        TestDatabase { url, folder }
    }

    /// A store with the tables made.
    pub fn store(self) -> (Store, TestDatabase) {
        let database = self.database();
        let store = database.open();
        store.migrate().unwrap();
        (store, database)
    }
}

fn new_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    format!("test_{}_{number}", std::process::id())
}

/// The name of the database that a PostgreSQL URL leads to.
fn name_of(url: &str) -> &str {
    url.split('?').next().unwrap().rsplit('/').next().unwrap()
}

/// Runs a test on each engine of this run, and names the one it failed on.
pub fn on_both_engines(test: impl Fn(Engine)) {
    for engine in Engine::all() {
        let run = std::panic::AssertUnwindSafe(|| test(engine));
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("failed on {engine:?}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// A database of one test's own.
pub struct TestDatabase {
    pub url: String,
    folder: TempDir,
}

impl TestDatabase {
    pub fn url(&self) -> DatabaseUrl {
        self.url.parse().unwrap()
    }

    pub fn open(&self) -> Store {
        Store::open(&self.url(), true, 8).unwrap()
    }

    /// A folder of the test's own; the SQLite file lies in it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Another database with the same content. Nobody may be at this one meanwhile.
    pub fn copy(&self) -> Self {
        match self.url() {
            DatabaseUrl::Sqlite(path) => {
                let copy = Engine::Sqlite.database();
                for end in ["", "-wal"] {
                    let file = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
                    if file(&path).exists() {
                        std::fs::copy(file(&path), file(&copy.file())).unwrap();
                    }
                }
                copy
            }
            DatabaseUrl::Postgres(url) => {
                let (folder, name) = (tempfile::tempdir().unwrap(), new_name());
                let from = name_of(&url);
                // Connections of pools that are gone may take a while to end.
                postgres::administer(&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'"
                ));
                postgres::administer(&format!("CREATE DATABASE {name} TEMPLATE {from}"));
                let url = postgres::url_of(&name);
                Self { url, folder }
            }
        }
    }

    /// As [`Self::copy`], an SQLite file in memory where the system has a place for that: nothing of it outlives the
    /// test, so that it need not reach a disk.
    pub fn copy_to_memory(&self) -> Self {
        let memory = Path::new("/dev/shm");
        if !self.url().is_sqlite() || !memory.is_dir() {
            return self.copy();
        }
        let folder = tempfile::tempdir_in(memory).unwrap();
        let file = folder.path().join("test.db");
        std::fs::copy(self.file(), &file).unwrap();
        let url = format!("sqlite:{}", file.display());
        Self { url, folder }
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let DatabaseUrl::Postgres(url) = self.url() {
            let name = name_of(&url);
            postgres::administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}
