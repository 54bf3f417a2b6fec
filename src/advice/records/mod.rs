//! Rows of advice and of falls.

mod advised;
mod falls;

pub use advised::{
    Filter, NewAdvice, acknowledge, add, find, lift, merchants_advised, of_bank, page, unlifted,
    unlifted_of_lines,
};
pub use falls::{due, falls, forget, keep, reach};
