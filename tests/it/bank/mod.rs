//! The bank's door: who is told what about whom, over HTTP and on both engines.

pub mod county;
mod crowd;
mod fresh;
mod kill;
mod log;
mod matrix;
mod missing_card;
pub mod process;
mod race;
mod raw;
mod refusals;
pub mod registers;
mod shape;
mod two;
mod withdrawal;

pub use county::County;
pub use registers::GOOD;
