//! What tests are built on: both engines, the real server with a clock that tests move, and the real binary.
#![allow(dead_code, reason = "each test takes what it needs")]

pub mod app;
pub mod clock;
pub mod command;
pub mod engines;
pub mod postgres;

pub use app::{Answer, TestApp};
pub use clock::{ManualClock, SeededRandomness};
pub use command::Cli;
pub use engines::{Engine, TestDatabase, on_both_engines};
