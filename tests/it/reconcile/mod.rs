//! A bank's month-end file beside what is kept of its lines, by command.

mod ledgers;
mod reported;
mod written;
