//! Whether the database takes writes, without writing to its tables.

use super::{Conn, DatabaseUrl, Store, StoreError};
use diesel::connection::SimpleConnection;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// More than a small transaction adds to the WAL.
static PROBE: [u8; 65_536] = [1; 65_536];

impl Store {
    /// Whether a write would pass now: not on a full disk, in a read-only folder or on a standby.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        let asked = self.on_live(|conn| match conn {
            Conn::Postgres(conn) => Ok(conn.batch_execute("BEGIN READ WRITE; ROLLBACK")?),
            Conn::Sqlite(conn) => Ok(conn.batch_execute("SELECT count(*) FROM sqlite_schema")?),
        });
        asked?;
        match &self.url {
            DatabaseUrl::Sqlite(path) => probe(path),
            DatabaseUrl::Postgres(_) => Ok(()),
        }
    }

    /// Brings what SQLite has in its log into the database file, as far as nobody else is at it.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub fn settle(&self) -> Result<(), StoreError> {
        match &mut *self.connection()? {
            Conn::Sqlite(conn) => Ok(conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?),
            Conn::Postgres(_) => Ok(()),
        }
    }

    /// The engine and its version, as it tells them itself.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub fn engine(&self) -> Result<String, StoreError> {
        let mut conn = self.connection()?;
        Ok(conn.engine()?)
    }
}

/// A file beside the database says what the disk would say to the WAL, and takes no lock.
fn probe(database: &Path) -> Result<(), StoreError> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut name = database.as_os_str().to_owned();
    name.push(format!(".probe-{}-{number}", std::process::id()));
    let written = std::fs::File::create(&name).and_then(|mut file| file.write_all(&PROBE));
    // A probe that was never made cannot be removed.
    let _ = std::fs::remove_file(&name);
    written.map_err(|error| match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Unreachable(format!("cannot write beside the database: {error}")),
    })
}
