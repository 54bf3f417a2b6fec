//! The doors: who is asking, what is asked, and how a refusal is told. Thin: the acts are flows.

pub mod blocking;
pub mod code;
pub mod problem;

pub use blocking::blocking;
pub use code::Code;
pub use problem::{Broken, Place, Problem};
