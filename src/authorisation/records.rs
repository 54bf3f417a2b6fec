//! Authorisations are facts: read from their latest versions, so that a withdrawal counts from its commit on.

use super::{Authorisation, KIND};
use crate::kernel::Id;
use crate::merchant::Merchant;
use crate::register::records::{latest_of_kind, versions_of_kind};
use crate::register::{Fact, Kinds};
use crate::store::{Conn, StoreError};
use std::collections::HashMap;

/// The authorisations that these merchants have signed.
pub fn authorisations(
    conn: &mut Conn,
    kinds: &Kinds,
    merchants: &[Id<Merchant>],
) -> Result<HashMap<Id<Merchant>, Vec<Authorisation>>, StoreError> {
    Ok(read(kinds, latest_of_kind(conn, kinds, KIND, merchants)?))
}

/// The same in every version that was ever recorded, also of those that hold no more.
pub fn ever_authorised(
    conn: &mut Conn,
    kinds: &Kinds,
    merchants: &[Id<Merchant>],
) -> Result<HashMap<Id<Merchant>, Vec<Authorisation>>, StoreError> {
    Ok(read(kinds, versions_of_kind(conn, kinds, KIND, merchants)?))
}

fn read(
    kinds: &Kinds,
    facts: Vec<(Id<Merchant>, Fact)>,
) -> HashMap<Id<Merchant>, Vec<Authorisation>> {
    let mut signed: HashMap<_, Vec<_>> = HashMap::new();
    let Some(kind) = kinds.named(KIND) else {
        return signed;
    };
    for (merchant, fact) in facts {
        signed
            .entry(merchant)
            .or_default()
            .extend(Authorisation::read(kind, &fact.values));
    }
    signed
}
