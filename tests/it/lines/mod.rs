//! Credit lines: the ledgers that banks deliver, and what is told about them.

mod financing;
mod flags;
mod kill;
mod ledger;
pub mod products;
pub mod reports;
pub mod world;
