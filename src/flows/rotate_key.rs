//! The signing key is made when first needed and changed at will; tokens signed before stay good until they expire.

use crate::access::{Keys, SealingError};
use crate::kernel::{Clock, Randomness};
use crate::store::{Failure, Store};

/// Makes a new signing key and retires those before it. Returns its kid.
pub fn rotate_key(
    store: &Store,
    keys: &Keys,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
) -> Result<String, Failure<SealingError>> {
    let now = clock.now();
    let key = store.write(|conn| keys.rotate(conn, now, randomness))?;
    Ok(key.kid().to_owned())
}

/// Makes sure at the start that a key can sign, so that a missing secret is told then and not to the first client.
pub fn ensure_key(
    store: &Store,
    keys: &Keys,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
) -> Result<String, Failure<SealingError>> {
    let now = clock.now();
    let key = store.write(|conn| keys.signing(conn, now, randomness))?;
    Ok(key.kid().to_owned())
}
