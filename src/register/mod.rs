//! Facts as versions: what the registers say of a merchant, kind by kind, and how far each register reaches.

pub mod book;
pub mod content;
pub mod coverage;
pub mod history;
pub mod kind;
pub mod place;
pub mod records;
pub mod unit;
pub mod value;
pub mod verdict;

pub use book::{Entry, Said};
pub use content::{
    Change, ContentError, compare, content, key_of, key_of_source, values_from_content,
};
pub use coverage::{Coverage, CoverageRow, Stretch};
pub use history::{Fact, History};
pub use kind::{CellType, Column, Kind, KindIndex, Kinds, Personal};
pub use place::Place;
pub use value::Value;
