//! The tables are brought up to date by the program itself; each engine has its own folder of migrations.

use super::{Conn, Store, StoreError};
use diesel::migration::MigrationVersion;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

impl Store {
    /// Runs what has not been run; returns the names of what was.
    ///
    /// # Errors
    /// Where a migration fails; those before it stay.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let mut conn = self.connection()?;
        run(&mut conn).map_err(|error| StoreError::Migration(error.to_string()))
    }

    /// Whether every migration of this program has been run.
    pub fn is_migrated(&self) -> Result<bool, StoreError> {
        let mut conn = self.connection()?;
        let pending = match &mut *conn {
            Conn::Sqlite(conn) => conn.has_pending_migration(SQLITE),
            Conn::Postgres(conn) => conn.has_pending_migration(POSTGRES),
        };
        pending
            .map(|pending| !pending)
            .map_err(|error| StoreError::Migration(error.to_string()))
    }
}

fn run(conn: &mut Conn) -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>> {
    let done = match conn {
        Conn::Sqlite(conn) => names(conn.run_pending_migrations(SQLITE)?),
        Conn::Postgres(conn) => {
            // Two instances that start together must not both make the tables.
            diesel::connection::SimpleConnection::batch_execute(
                conn,
                "SELECT pg_advisory_lock(330921)",
            )?;
            let done = conn.run_pending_migrations(POSTGRES).map(names);
            diesel::connection::SimpleConnection::batch_execute(
                conn,
                "SELECT pg_advisory_unlock(330921)",
            )?;
            done?
        }
    };
    Ok(done)
}

fn names(done: Vec<MigrationVersion<'_>>) -> Vec<String> {
    done.iter().map(ToString::to_string).collect()
}
