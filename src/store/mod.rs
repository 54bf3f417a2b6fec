//! The only place that knows that there are two engines.
//!
//! `read` and `write` are the doors for single acts, `committer` the one for acts that come in crowds. Queries are
//! written in each room's `records.rs`, on `Conn`.

pub mod committer;
pub mod connection;
pub mod error;
pub mod health;
pub mod insert;
pub mod lock;
pub mod migrate;
pub mod one_of;
pub mod schema;
pub mod seek;
pub mod trial;
pub mod types;
pub mod url;

pub use committer::{Batch, Committer};
pub use connection::AnyConnection as Conn;
pub use error::{Failure, StoreError};
pub use url::DatabaseUrl;

use connection::Connector;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often a write whose transaction lost a race is tried again before it answers «busy».
const ATTEMPTS: u32 = 6;

/// A database of either engine. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: r2d2::Pool<Connector>,
    url: DatabaseUrl,
    /// Every writer of this process passes it in turn on SQLite, where two writers cannot work side by side.
    gate: Arc<tokio::sync::Mutex<()>>,
    /// What the disk said last, of SQLite.
    probed: Arc<Mutex<Option<health::Probed>>>,
}

impl Store {
    /// Opens an existing database; a missing SQLite file is made only where `create` says so.
    ///
    /// # Errors
    /// Where the database cannot be reached, is missing, or its SQLite is older than 3.51.3.
    pub fn open(url: &DatabaseUrl, create: bool, connections: u32) -> Result<Self, StoreError> {
        url.check_presence(create)?;
        let manager = Connector::new(url.clone());
        // The first connection is made outside the pool, so that its error is told as it is. It stays until the pool has
        // its own: the last one of a SQLite file to be closed locks out whoever opens it then.
        let first = r2d2::ManageConnection::connect(&manager)?;
        let pool = r2d2::Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(1))
            .test_on_check_out(false)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build(manager)
            .map_err(|_| StoreError::Busy)?;
        drop(first);
        Ok(Self {
            pool,
            url: url.clone(),
            gate: Arc::default(),
            probed: Arc::default(),
        })
    }

    pub const fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Reads from one snapshot of the database. Must not be called on an async thread.
    pub fn read<T, R>(
        &self,
        act: impl FnOnce(&mut Conn) -> Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        let (mut conn, ()) = self.on_live(|conn| Ok(conn.begin_reading()?))?;
        let outcome = act(&mut conn);
        conn.roll_back();
        outcome
    }

    /// Runs one business act in one transaction; the closure may run more than once, so its effects on the world
    /// must be rows. Must not be called on an async thread.
    pub fn write<T, R>(
        &self,
        mut act: impl FnMut(&mut Conn) -> Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        let mut attempt = 1;
        loop {
            match self.attempt(&mut act) {
                Err(Failure::Store(error)) if error.is_transient() && attempt < ATTEMPTS => {
                    std::thread::sleep(Duration::from_millis(1 << attempt));
                    attempt += 1;
                }
                Err(Failure::Store(error)) if error.is_transient() => {
                    return Err(StoreError::Busy.into());
                }
                outcome => return outcome,
            }
        }
    }

    fn attempt<T, R>(
        &self,
        act: &mut impl FnMut(&mut Conn) -> Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        let _turn = self.url.is_sqlite().then(|| self.gate.blocking_lock());
        let (mut conn, ()) = self.on_live(|conn| Ok(conn.begin_writing()?))?;
        // Of an act that panics nothing is held any more when the panic goes on: a server notices only after a while that a
        // connection was dropped, and whoever tries the rest of the batch would find its keys in use.
        let acted = catch_unwind(AssertUnwindSafe(|| act(&mut conn)));
        let acted = acted.unwrap_or_else(|panic| {
            conn.roll_back();
            resume_unwind(panic)
        });
        match acted {
            Ok(done) => {
                if let Err(error) = conn.commit() {
                    conn.roll_back();
                    return Err(error.into());
                }
                Ok(done)
            }
            Err(failure) => {
                conn.roll_back();
                Err(failure)
            }
        }
    }

    /// Sends the first words on a connection, and gives it with what they came to. Where it was lost while it lay in the
    /// pool (the server was restarted), nothing has been done yet, and the same is tried on another one, until none of
    /// the old ones can be left.
    fn on_live<T>(
        &self,
        mut first: impl FnMut(&mut Conn) -> Result<T, StoreError>,
    ) -> Result<(r2d2::PooledConnection<Connector>, T), StoreError> {
        for _ in 0..=self.pool.max_size() {
            let mut conn = self.connection()?;
            match first(&mut conn) {
                Err(StoreError::Unreachable(_)) => conn.give_up(),
                outcome => return outcome.map(|done| (conn, done)),
            }
        }
        Err(StoreError::Unreachable("connection lost".to_owned()))
    }

    /// A connection for what needs no transaction around it (health, streaming in slices).
    pub fn connection(&self) -> Result<r2d2::PooledConnection<Connector>, StoreError> {
        self.pool.get().map_err(|_| StoreError::Busy)
    }
}
