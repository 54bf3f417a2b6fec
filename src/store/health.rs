//! Whether the database takes writes, without writing to its tables.

use super::{Conn, DatabaseUrl, Store, StoreError};
use crate::kernel::Instant;
use diesel::connection::SimpleConnection;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};

/// More than a small transaction adds to the WAL.
static PROBE: [u8; 65_536] = [1; 65_536];

/// For how long it is believed what the disk said last, in seconds: anybody may ask whether the program is ready, and
/// must not make the disk busy by it.
const BELIEVED_SECONDS: i64 = 5;

/// What stands in the way of a write to the disk.
#[derive(Clone)]
enum Obstacle {
    Full,
    Other(String),
}

/// When the disk was asked, and what it said.
#[derive(Clone)]
pub(super) struct Probed {
    at: Instant,
    said: Result<(), Obstacle>,
}

impl Store {
    /// Whether a write would pass now: not on a full disk, in a read-only folder or on a standby. SQLite can tell the
    /// first two by a write only; what came of it is believed for some seconds.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn check_writable(&self, now: Instant) -> Result<(), StoreError> {
        let asked = self.on_live(|conn| match conn {
            Conn::Postgres(conn) => Ok(conn.batch_execute("BEGIN READ WRITE; ROLLBACK")?),
            Conn::Sqlite(conn) => Ok(conn.batch_execute("SELECT count(*) FROM sqlite_schema")?),
        });
        asked?;
        match &self.url {
            DatabaseUrl::Sqlite(path) => self.probe_at_times(path, now).map_err(StoreError::from),
            DatabaseUrl::Postgres(_) => Ok(()),
        }
    }

    /// Those who ask at the same time wait for one answer.
    fn probe_at_times(&self, path: &Path, now: Instant) -> Result<(), Obstacle> {
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was put back must not make the last answer last.
        let holds = |last: &&Probed| last.at <= now && now < last.at.plus_seconds(BELIEVED_SECONDS);
        if let Some(last) = probed.as_ref().filter(holds) {
            return last.said.clone();
        }
        let said = probe(path);
        *probed = Some(Probed {
            at: now,
            said: said.clone(),
        });
        said
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
fn probe(database: &Path) -> Result<(), Obstacle> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut name = database.as_os_str().to_owned();
    name.push(format!(".probe-{}-{number}", std::process::id()));
    let written = std::fs::File::create(&name).and_then(|mut file| file.write_all(&PROBE));
    // A probe that was never made cannot be removed.
    let _ = std::fs::remove_file(&name);
    written.map_err(|error| match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Obstacle::Full,
        _ => Obstacle::Other(format!("cannot write beside the database: {error}")),
    })
}

impl From<Obstacle> for StoreError {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::Full => Self::Full,
            Obstacle::Other(text) => Self::Unreachable(text),
        }
    }
}
