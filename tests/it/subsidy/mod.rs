//! Fee subsidies: programmes, claims and the books, through the real program on both engines.

mod bank;
mod books;
mod differences;
mod funder;
mod programmes;
mod sample;
mod town;
