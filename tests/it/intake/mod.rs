//! Registers come in and merchants are scored: the real program on both engines, from the files to the cells.

mod again;
mod county;
mod demo;
pub mod folder;
mod generated;
mod held;
mod killed;
mod known_at;
mod limits;
mod nightly;
mod privacy;
mod refused;
mod scores;
pub mod table;
mod usage;
mod within;
pub mod world;
