//! One connection of either engine, opened by the URL's scheme, and its transactions.

use super::{DatabaseUrl, StoreError};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{Connection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection};
use std::time::Duration;

/// A connection to SQLite or to PostgreSQL.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// `busy_timeout` comes first, since setting WAL may itself have to wait. With `recursive_triggers` a row that must not
/// be deleted cannot be replaced either.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000; \
    PRAGMA recursive_triggers = ON;";

/// How often a connection tries to set these.
const SET_UPS: u32 = 250;

/// Rows are asked for by their keys. With the default price of a random page, which is that of a spinning disk, tables
/// of less than some thousand merchants are read from end to end for each batch of answers.
const POSTGRES_SETTINGS: &str =
    "SET lock_timeout = '5s'; SET TIME ZONE 'UTC'; SET random_page_cost = 1.1";

/// The last SQLite that may lose rows when the WAL is reset has this number minus one.
const SQLITE_AT_LEAST: i32 = 3_051_003;

diesel::define_sql_function! { fn sqlite_version() -> Text; }
diesel::define_sql_function! { fn version() -> Text; }

impl AnyConnection {
    pub(super) fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let path = path
                    .to_str()
                    .ok_or_else(|| StoreError::Unreachable("path is not UTF-8".to_owned()))?;
                let mut conn = SqliteConnection::establish(path).map_err(unreachable)?;
                set_up_sqlite(&mut conn)?;
                Ok(Self::Sqlite(conn))
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url).map_err(unreachable)?;
                // Needs a privilege that an ordinary role may lack; then the server's own language has to be English.
                let _ = conn.batch_execute("SET lc_messages = 'C'");
                conn.batch_execute(POSTGRES_SETTINGS)?;
                Ok(Self::Postgres(conn))
            }
        }
    }

    pub const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// The engine and its version.
    pub(super) fn engine(&mut self) -> QueryResult<String> {
        match self {
            Self::Sqlite(conn) => {
                let version: String = diesel::select(sqlite_version()).get_result(conn)?;
                Ok(format!("SQLite {version}"))
            }
            Self::Postgres(conn) => diesel::select(version()).get_result(conn),
        }
    }

    pub(super) fn begin_reading(&mut self) -> QueryResult<()> {
        self.begin("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    pub(super) fn begin_writing(&mut self) -> QueryResult<()> {
        self.begin("BEGIN IMMEDIATE", "BEGIN ISOLATION LEVEL READ COMMITTED")
    }

    fn begin(&mut self, sqlite: &str, postgres: &str) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite),
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, postgres),
        }
    }

    pub(super) fn commit(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::commit_transaction(conn),
            Self::Postgres(conn) => AnsiTransactionManager::commit_transaction(conn),
        }
    }

    /// Says that the connection is lost, so that the pool makes another in its place.
    pub(super) fn give_up(&mut self) {
        match self {
            Self::Sqlite(conn) => {
                AnsiTransactionManager::transaction_manager_status_mut(conn).set_in_error();
            }
            Self::Postgres(conn) => {
                AnsiTransactionManager::transaction_manager_status_mut(conn).set_in_error();
            }
        }
    }

    /// A connection whose rollback fails is broken, and the pool drops it.
    pub(super) fn roll_back(&mut self) {
        let _ = match self {
            Self::Sqlite(conn) => AnsiTransactionManager::rollback_transaction(conn),
            Self::Postgres(conn) => AnsiTransactionManager::rollback_transaction(conn),
        };
    }
}

fn unreachable(error: diesel::ConnectionError) -> StoreError {
    StoreError::Unreachable(error.to_string())
}

/// A new file goes over to WAL once, and whoever opens it in that moment is told «busy» without being kept waiting.
fn set_up_sqlite(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut attempt = 1;
    loop {
        match check_and_set(conn) {
            Err(StoreError::Busy) if attempt < SET_UPS => {
                std::thread::sleep(Duration::from_millis(20));
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

fn check_and_set(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    check_sqlite(conn)?;
    Ok(conn.batch_execute(SQLITE_SETTINGS)?)
}

fn check_sqlite(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let version: String = diesel::select(sqlite_version()).get_result(conn)?;
    let mut number = 0;
    for part in version.split('.').chain(std::iter::repeat("0")).take(3) {
        number = number * 1000 + part.parse().unwrap_or(0);
    }
    if number < SQLITE_AT_LEAST {
        Err(StoreError::SqliteTooOld(version))
    } else {
        Ok(())
    }
}

/// Makes connections for the pool.
pub struct Connector(DatabaseUrl);

impl Connector {
    pub const fn new(url: DatabaseUrl) -> Self {
        Self(url)
    }
}

impl r2d2::ManageConnection for Connector {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection, StoreError> {
        AnyConnection::open(&self.0)
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), StoreError> {
        Ok(conn.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, conn: &mut AnyConnection) -> bool {
        match conn {
            AnyConnection::Sqlite(conn) => {
                AnsiTransactionManager::is_broken_transaction_manager(conn)
            }
            AnyConnection::Postgres(conn) => {
                AnsiTransactionManager::is_broken_transaction_manager(conn)
            }
        }
    }
}
