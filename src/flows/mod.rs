//! Business acts, one a file, one transaction each.

pub mod issue_token;
pub mod manage_clients;
pub mod rotate_key;
