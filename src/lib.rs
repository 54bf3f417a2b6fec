//! Turns a merchant's compliance history into a credit tier that a bank can ask for (以贷促信).
//!
//! The modules in order of dependence; each knows only those above it, and a test holds it to that.
// A blank line stands between the modules so that they are not sorted by name.

/// Words that every room shares: money, ids, days, clock.
pub mod kernel;

/// The two engines behind one face.
pub mod store;

/// Facts as versions, and how far each register reaches.
pub mod register;

/// Who may ask: clients, their assertions, the signing keys and the access tokens.
pub mod access;

/// Business acts, one a file, one transaction each.
pub mod flows;

/// What is compiled in, and the directory that overrides it.
pub mod embedded;

/// Settings, checked once.
pub mod settings;

/// The log.
pub mod telemetry;

/// What is counted while the program runs.
pub mod metrics;

/// The composition root.
pub mod app;

/// The doors.
pub mod http;

/// The commands.
pub mod cli;
