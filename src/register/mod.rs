//! Facts as versions: what the registers say of a merchant, kind by kind, and how far each register reaches.

pub mod coverage;
pub mod history;
pub mod kind;
pub mod value;

pub use coverage::{Coverage, CoverageRow, Stretch};
pub use history::{Fact, History};
pub use kind::{CellType, Column, Kind, KindIndex, Kinds, Personal};
pub use value::Value;
