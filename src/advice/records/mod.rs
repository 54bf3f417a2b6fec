//! Rows of advice and of falls.

mod advised;
mod falls;

pub use advised::{
    Filter, NewAdvice, acknowledge, add, find, lift, merchants_advised, of_bank, page, unlifted,
};
pub use falls::{due, falls, forget, keep, reach};
