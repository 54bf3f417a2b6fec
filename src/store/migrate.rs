//! The tables are brought up to date by the program itself; each engine has its own folder of migrations. Several that
//! start together do it once: whoever comes later waits, looks again, and finds it done.

use super::error::Cause;
use super::{Conn, Store, StoreError};
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationVersion;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// How often SQLite is asked for its lock, each time for as long as `busy_timeout` says: a minute in all.
const ATTEMPTS: u32 = 12;

type Told = Box<dyn std::error::Error + Send + Sync>;

impl Store {
    /// Runs what has not been run; returns the names of what was.
    ///
    /// # Errors
    /// Where a migration fails; on SQLite nothing stays then, on PostgreSQL those before it do.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let mut conn = self.connection()?;
        if matches!(&mut *conn, Conn::Postgres(_)) {
            return on_postgres(&mut conn);
        }
        let mut attempt = 1;
        loop {
            match on_sqlite(&mut conn) {
                Err(StoreError::Busy) if attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    /// Whether every migration of this program has been run.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub fn is_migrated(&self) -> Result<bool, StoreError> {
        let (_, pending) = self.on_live(has_pending)?;
        Ok(!pending)
    }
}

fn has_pending(conn: &mut Conn) -> Result<bool, StoreError> {
    let pending = match conn {
        Conn::Sqlite(conn) => conn.has_pending_migration(SQLITE),
        Conn::Postgres(conn) => conn.has_pending_migration(POSTGRES),
    };
    pending.map_err(sorted)
}

/// One transaction around looking and making. A database that is up to date is not kept waiting by its writers.
fn on_sqlite(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    if !has_pending(conn)? {
        return Ok(Vec::new());
    }
    conn.begin_writing()?;
    let done = run(conn).and_then(|done| {
        conn.commit()?;
        Ok(done)
    });
    if done.is_err() {
        conn.roll_back();
    }
    done
}

/// A lock of the session around looking and making: even the table of migrations cannot be made twice at once.
fn on_postgres(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    conn.batch_execute(
        "SET lock_timeout = 0; SELECT pg_advisory_lock(330921); SET lock_timeout = '5s'",
    )?;
    let done = run(conn);
    conn.batch_execute("SELECT pg_advisory_unlock(330921)")?;
    done
}

fn run(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    match conn {
        Conn::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(names),
        Conn::Postgres(conn) => conn.run_pending_migrations(POSTGRES).map(names),
    }
    .map_err(sorted)
}

/// A database that is busy or gone is no fault of a migration.
fn sorted(error: Told) -> StoreError {
    let text = error.to_string();
    match error
        .downcast::<Cause>()
        .map(|error| StoreError::from(*error))
    {
        Ok(error) if error.is_temporary() => error,
        _ => StoreError::Migration(text),
    }
}

fn names(done: Vec<MigrationVersion<'_>>) -> Vec<String> {
    done.iter().map(ToString::to_string).collect()
}
