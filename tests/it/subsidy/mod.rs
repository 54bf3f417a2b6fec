//! Fee subsidies: programmes, claims and the books, through the real program on both engines.

mod books;
mod differences;
mod programmes;
mod sample;
mod town;
