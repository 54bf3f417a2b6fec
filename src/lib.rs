//! Turns a merchant's compliance history into a credit tier that a bank can ask for (以贷促信).
//!
//! The modules in order of dependence; each knows only those above it.

/// Files to rows: encodings, sheets, headers, cells, and the county's own file.
pub mod intake;
/// Words that every room shares: money, ids, days, clock.
pub mod kernel;
/// The two engines behind one face.
pub mod store;

/// Facts as versions, and how far each register reaches.
pub mod register;
/// The card, which is data, and the scoring of a history on a day, which is pure.
pub mod scorecard;
