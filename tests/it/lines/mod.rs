//! Credit lines: the ledgers that banks deliver, and what is told about them.

mod financing;
mod flags;
mod kill;
mod ledger;
mod plans;
pub mod products;
pub mod reports;
mod together;
pub mod world;
