//! The signing keys and the verified tokens in memory. The database stays the truth: what is kept here cannot change,
//! or is asked anew within seconds, so that several instances behave as one.

use super::TOKEN_SECONDS;
use super::records;
use super::sealing::SealingError;
use super::secret::SecretSource;
use super::signing::{PublishedKey, SigningKey};
use super::token::{Caller, Presented, TokenRefusal};
use crate::kernel::{Digest, Instant, Randomness};
use crate::store::{Conn, Failure, Store};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the published keys are believed before they are read again, in seconds.
const FRESH_SECONDS: i64 = 5;
/// An unknown kid makes us read them again, at most once in so many seconds: anybody may send one.
const RELOAD_SECONDS: i64 = 1;
/// How many verified tokens are remembered.
const TOKENS: usize = 16_384;

/// Everything that issues and checks access tokens. One for a process.
pub struct Keys {
    issuer: String,
    lifetime: i64,
    source: SecretSource,
    /// The last signing key that was opened, so that opening is not paid for every token.
    opened: Mutex<Option<Arc<SigningKey>>>,
    ring: Mutex<Ring>,
    tokens: quick_cache::sync::Cache<Digest, Caller>,
}

#[derive(Default)]
struct Ring {
    read_at: Option<Instant>,
    keys: HashMap<String, Arc<PublishedKey>>,
}

impl Ring {
    /// Whether it was read less than so many seconds ago. A clock that was set back makes it stale.
    fn is_younger(&self, seconds: i64, now: Instant) -> bool {
        self.read_at
            .is_some_and(|read| read <= now && now < read.plus_seconds(seconds))
    }
}

impl Keys {
    /// The issuer is this service's public address without a slash at its end (RFC 8414, section 2).
    /// Tokens live as long as `lifetime` says, but never longer than [`TOKEN_SECONDS`].
    pub fn new(issuer: &str, source: SecretSource, lifetime: Duration) -> Self {
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(TOKEN_SECONDS);
        Self {
            issuer: issuer.trim_end_matches('/').to_owned(),
            lifetime: seconds.clamp(1, TOKEN_SECONDS),
            source,
            opened: Mutex::default(),
            ring: Mutex::default(),
            tokens: quick_cache::sync::Cache::new(TOKENS),
        }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How long a new token lives, in seconds.
    pub const fn lifetime(&self) -> i64 {
        self.lifetime
    }

    /// The key that signs now, inside the transaction that issues a token: another instance's rotation counts at
    /// once. Where there is none yet, it is made.
    pub fn signing(
        &self,
        conn: &mut Conn,
        now: Instant,
        randomness: &dyn Randomness,
    ) -> Result<Arc<SigningKey>, Failure<SealingError>> {
        let Some((kid, sealed)) = records::active_key(conn)? else {
            return self.add(conn, now, randomness);
        };
        if let Some(key) = lock(&self.opened).as_ref().filter(|key| key.kid() == kid) {
            return Ok(Arc::clone(key));
        }
        let under = self.source.key(randomness).map_err(Failure::Refused)?;
        let key = Arc::new(SigningKey::open(&kid, &sealed, &under).map_err(Failure::Refused)?);
        *lock(&self.opened) = Some(Arc::clone(&key));
        Ok(key)
    }

    /// Retires every key and adds a new one. The private halves of the retired are destroyed.
    pub fn rotate(
        &self,
        conn: &mut Conn,
        now: Instant,
        randomness: &dyn Randomness,
    ) -> Result<Arc<SigningKey>, Failure<SealingError>> {
        records::retire_keys(conn, now)?;
        self.add(conn, now, randomness)
    }

    fn add(
        &self,
        conn: &mut Conn,
        now: Instant,
        randomness: &dyn Randomness,
    ) -> Result<Arc<SigningKey>, Failure<SealingError>> {
        let under = self.source.key(randomness).map_err(Failure::Refused)?;
        let key = SigningKey::generate().map_err(Failure::Refused)?;
        let sealed = key.seal(&under, randomness).map_err(Failure::Refused)?;
        records::add_key(conn, &key, sealed, now)?;
        Ok(Arc::new(key))
    }

    /// A token that was verified before and has not expired. Touches no database.
    pub fn remembered(&self, token: &str, now: Instant) -> Option<Caller> {
        self.tokens
            .get(&Digest::of(token.as_bytes()))
            .filter(|caller| now < caller.expires_at)
    }

    /// Verifies a token, reading the published keys where they are not known or not fresh. Must not be called on an
    /// async thread.
    pub fn verify(
        &self,
        store: &Store,
        token: &str,
        now: Instant,
    ) -> Result<Caller, Failure<TokenRefusal>> {
        if let Some(caller) = self.remembered(token, now) {
            return Ok(caller);
        }
        let presented = Presented::parse(token).map_err(Failure::Refused)?;
        let key = self
            .published(store, presented.kid(), now)?
            .ok_or(Failure::Refused(TokenRefusal))?;
        let mut caller = presented
            .check(&key.public, &self.issuer, now)
            .map_err(Failure::Refused)?;
        // What is remembered must not outlive its key.
        if let Some(until) = key.until() {
            caller.expires_at = caller.expires_at.min(until);
        }
        self.tokens
            .insert(Digest::of(token.as_bytes()), caller.clone());
        Ok(caller)
    }

    fn published(
        &self,
        store: &Store,
        kid: &str,
        now: Instant,
    ) -> Result<Option<Arc<PublishedKey>>, Failure<TokenRefusal>> {
        let mut ring = lock(&self.ring);
        let may_stay = if ring.keys.contains_key(kid) {
            FRESH_SECONDS
        } else {
            RELOAD_SECONDS
        };
        if !ring.is_younger(may_stay, now) {
            let keys = store
                .read(|conn| Ok::<_, Failure<TokenRefusal>>(records::published_keys(conn)?))?;
            ring.keys = keys
                .into_iter()
                .map(|key| (key.public.thumbprint().to_owned(), Arc::new(key)))
                .collect();
            ring.read_at = Some(now);
        }
        Ok(ring.keys.get(kid).filter(|key| key.holds_at(now)).cloned())
    }
}

/// What these locks guard is whole at every moment, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({}, ***)", self.issuer)
    }
}
