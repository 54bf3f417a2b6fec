//! One binary for all tests from outside: the doors, the commands, the store on both engines, and our own source.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod access;
mod advice;
mod bank;
mod cli;
mod committer;
mod county;
mod doors;
mod errors;
mod health;
mod idempotency;
mod intake;
mod lines;
mod lost;
mod openapi;
mod parents;
mod parity;
mod readme;
mod reconcile;
mod report;
mod settings;
mod start;
mod subsidy;
mod support;
mod tidy;
