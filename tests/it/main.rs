//! The integration tests, one binary.

mod access;
