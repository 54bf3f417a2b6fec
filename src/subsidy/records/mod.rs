//! Rows of programmes, of what claims rest on, and of claims.

mod bases;
mod claims;
mod events;
mod programmes;

pub use bases::{Basis, NewBasis, add_bases, has_bases, latest_bases};
pub use claims::{
    Claimed, Filter, add_claims, claim, claims_of, filtered, has_claims, move_on, page, page_of,
};
pub use events::{Event, NewEvent, add_events, events_of, rejected_by_people};
pub use programmes::{add_programme, programmes};
