//! The doors: who is asking, what is asked, and how a refusal is told. Thin: the acts are flows.

pub mod blocking;
pub mod caller;
pub mod code;
pub mod oauth;
pub mod problem;
pub mod token_request;

pub use blocking::blocking;
pub use caller::{Bank, PresentedToken};
pub use code::Code;
pub use problem::{Broken, Place, Problem};
