//! Which requests this process is dealing with. Another process tells by a lock in the database.

use crate::kernel::Digest;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The keys of the requests that are being dealt with.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<Digest>>>);

/// A request is being dealt with as long as this is held.
pub struct Guard {
    all: InFlight,
    key: Digest,
}

impl InFlight {
    /// None where the same request is being dealt with already.
    pub fn enter(&self, key: Digest) -> Option<Guard> {
        let is_new = self.keys().insert(key);
        // A guard that is made removes its key when it goes, so none is made where the key is another's.
        is_new.then(|| Guard {
            all: self.clone(),
            key,
        })
    }

    /// A panic while the set is held leaves it as it was: it is one insertion or removal.
    fn keys(&self) -> MutexGuard<'_, HashSet<Digest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.all.keys().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_held_until_its_request_is_done() {
        let all = InFlight::default();
        let (one, other) = (Digest::of(b"1"), Digest::of(b"2"));
        let guard = all.enter(one);
        assert!(guard.is_some() && all.enter(one).is_none() && all.enter(other).is_some());
        drop(guard);
        assert!(all.enter(one).is_some());
    }
}
