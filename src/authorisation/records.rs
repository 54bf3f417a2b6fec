//! Authorisations are facts: read from their latest versions, so that a withdrawal counts from its commit on.

use super::{Authorisation, KIND};
use crate::kernel::Id;
use crate::merchant::Merchant;
use crate::register::Kinds;
use crate::register::records::latest_of_kind;
use crate::store::{Conn, StoreError};
use std::collections::HashMap;

/// The authorisations that these merchants have signed.
pub fn authorisations(
    conn: &mut Conn,
    kinds: &Kinds,
    merchants: &[Id<Merchant>],
) -> Result<HashMap<Id<Merchant>, Vec<Authorisation>>, StoreError> {
    let Some(kind) = kinds.named(KIND) else {
        return Ok(HashMap::new());
    };
    let mut signed: HashMap<_, Vec<_>> = HashMap::with_capacity(merchants.len());
    for (merchant, fact) in latest_of_kind(conn, kinds, KIND, merchants)? {
        signed
            .entry(merchant)
            .or_default()
            .extend(Authorisation::read(kind, &fact.values));
    }
    Ok(signed)
}
