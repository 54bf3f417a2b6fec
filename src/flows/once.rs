//! An act that happens once per idempotency key.

use crate::idempotency::records::{find, keep, take};
use crate::idempotency::{Answered, Asked, Refusal};
use crate::kernel::{Clock, Digest, Instant};
use crate::store::{Conn, Failure, StoreError};
use std::collections::{HashMap, HashSet};

/// Why there is no answer: the key, or the act's own reason.
#[derive(Debug, PartialEq, Eq)]
pub enum NotOnce<R> {
    Key(Refusal),
    Act(R),
}

/// An answer, and whether it was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub answered: Answered,
    pub replayed: bool,
}

/// The idempotency keys of the acts that one transaction does.
pub struct Keys {
    now: Instant,
    /// Those that no other transaction uses, until they are looked up.
    taken: HashSet<Digest>,
    /// What was asked under them before, and what was answered.
    found: HashMap<Digest, (Digest, Answered)>,
    new: Vec<(Asked, Answered)>,
}

impl Keys {
    /// Takes the keys for the caller's transaction, and looks up what is remembered of them.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn take(conn: &mut Conn, keys: &[Digest], now: Instant) -> Result<Self, StoreError> {
        let taken = take(conn, keys)?;
        // Only now: whoever had a key before has committed what was answered.
        let found = find(conn, keys, now)?;
        let new = Vec::new();
        Ok(Self {
            now,
            taken,
            found,
            new,
        })
    }

    /// The answer that was given to the same request under the same key; none where the act is to be done. Of a key that
    /// is looked up twice the second request comes while the first is being dealt with.
    ///
    /// # Errors
    /// Where the key was used for another request or is being used.
    pub fn look_up(&mut self, asked: Asked) -> Result<Option<Given>, Refusal> {
        if !self.taken.remove(&asked.key) {
            return Err(Refusal::InFlight);
        }
        match self.found.remove(&asked.key) {
            Some((request, _)) if request != asked.request => Err(Refusal::OtherBody),
            Some((_, answered)) => Ok(Some(Given {
                answered,
                replayed: true,
            })),
            None => Ok(None),
        }
    }

    /// Notes what an act that was done is answered.
    pub fn remember(&mut self, asked: Asked, answered: Answered) -> Given {
        self.new.push((asked, answered.clone()));
        Given {
            answered,
            replayed: false,
        }
    }

    /// Writes the keys of what was done, with the answers.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn keep(self, conn: &mut Conn) -> Result<(), StoreError> {
        Ok(keep(conn, &self.new, self.now)?)
    }
}

/// Does the act, or gives the answer that was given to the same request under the same key. The key, the effect and
/// the answer are of the caller's one transaction. An act that is refused leaves no key.
///
/// # Errors
/// Where the key was used for another request or is being used, the act refuses, or the store fails; then the
/// transaction must not be committed.
pub fn once<R>(
    conn: &mut Conn,
    asked: Asked,
    clock: &dyn Clock,
    act: impl FnOnce(&mut Conn) -> Result<Answered, Failure<R>>,
) -> Result<Given, Failure<NotOnce<R>>> {
    let mut keys = Keys::take(conn, &[asked.key], clock.now())?;
    let known = keys.look_up(asked);
    if let Some(given) = known.map_err(|refusal| Failure::Refused(NotOnce::Key(refusal)))? {
        return Ok(given);
    }
    let answered = act(conn).map_err(|failure| match failure {
        Failure::Refused(refusal) => Failure::Refused(NotOnce::Act(refusal)),
        Failure::Store(error) => Failure::Store(error),
    })?;
    let given = keys.remember(asked, answered);
    keys.keep(conn)?;
    Ok(given)
}
