//! Turns a merchant's compliance history into a credit tier that a bank can ask for (以贷促信).
//!
//! The modules in order of dependence; each knows only those above it, and a test holds it to that.
// A blank line stands between the modules so that they are not sorted by name.

/// Words that every room shares: money, ids, days, clock.
pub mod kernel;

/// The two engines behind one face.
pub mod store;

/// Who the merchants are.
pub mod merchant;

/// Facts as versions, and how far each register reaches.
pub mod register;

/// Files to rows: encodings, sheets, headers, cells, and the county's own file.
pub mod intake;

/// Changes of what should not change, until a person decides.
pub mod held;

/// What became of the rows of a delivery.
pub mod delivery;

/// The county and its banks.
pub mod county;

/// What banks offer, and the rates that it is priced by.
pub mod product;

/// The card, which is data, and the scoring of a history on a day, which is pure.
pub mod scorecard;

/// Facts that merchants dispute.
pub mod dispute;

/// The scores given.
pub mod score;

/// Who may be told, or may use, what, for what purpose.
pub mod authorisation;

/// What a bank asked, why, and what it was told.
pub mod answer;

/// The lines of credit that banks report.
pub mod credit_line;

/// What banks are advised about their lines when a merchant falls.
pub mod advice;

/// Messages promised to banks, until they are received.
pub mod outbox;

/// Who may ask: clients, their assertions, the signing keys and the access tokens.
pub mod access;

/// Requests that have an effect once per key.
pub mod idempotency;

/// Jobs that run once per business date.
pub mod job;

/// The books under the subsidy: double entry.
pub mod ledger;

/// Programmes that pay merchants' acquiring fees, and the claims on them.
pub mod subsidy;

/// What the programme has come to: figures, each with the list behind it.
pub mod report;

/// Business acts, one a file, one transaction each.
pub mod flows;

/// What is compiled in, and the directory that overrides it.
pub mod embedded;

/// Settings, checked once.
pub mod settings;

/// What is counted while the program runs.
pub mod metrics;

/// The log.
pub mod telemetry;

/// The composition root.
pub mod app;

/// The job that runs inside the server.
pub mod nightly;

/// The doors.
pub mod http;

/// The commands.
pub mod cli;
