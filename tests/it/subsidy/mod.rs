//! Fee subsidies: programmes, claims and the books, through the real program on both engines.

mod bank;
mod books;
mod crowd;
mod differences;
mod funder;
mod kill;
mod processes;
mod programmes;
mod reported;
mod sample;
mod simulation;
mod statements;
mod town;
