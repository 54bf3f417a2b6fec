//! Rows of programmes, of what claims rest on, and of claims.

mod programmes;

pub use programmes::{add_programme, programmes};
