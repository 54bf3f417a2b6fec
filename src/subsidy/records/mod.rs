//! Rows of programmes, of what claims rest on, and of claims.

mod bases;
mod claims;
mod programmes;

pub use bases::{Basis, NewBasis, add_bases, latest_bases};
pub use claims::{
    Claimed, Filter, NewEvent, add_claims, add_events, claims_of, filtered, move_on, page,
};
pub use programmes::{add_programme, programmes};
