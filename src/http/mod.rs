//! The doors: who is asking, what is asked, and how a refusal is told. Thin: the acts are flows.

pub mod blocking;
pub mod body;
pub mod code;
pub mod decode;
pub mod field;
pub mod problem;
pub mod wire;

pub use blocking::blocking;
pub use body::{Body, Form, Params};
pub use code::Code;
pub use field::{Field, List, Optional};
pub use problem::{Broken, Place, Problem};
pub use wire::{Cause, Whole, Wire, Words};
