//! Who may ask: assertions, tokens, keys and clients, over HTTP and on both engines.

mod assertions;
mod bad_assertions;
mod clients;
mod command_line;
pub mod forge;
mod keys;
mod tokens;
pub mod world;
