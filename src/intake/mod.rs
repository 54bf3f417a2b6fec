//! Files to rows: encodings, sheets, headers, cells; and the county's own file. No database.
//!
//! [`Sheet`] reads a CSV file as a stream in bounded memory, or a workbook within its limits, finds the kind by the
//! header row, and gives [`Row`] after [`Row`]: values typed by the kind's declaration, or all that is wrong with it.
//! Of a column that is declared `dropped` nothing outlives the reading of its cell.
//!
//! [`Sheet`]: crate::intake::Sheet
//! [`Row`]: crate::intake::Row

mod ahead;
mod cell;
pub mod county;
mod csv;
mod fault;
mod header;
mod layout;
mod limits;
mod loose;
mod number;
mod refusal;
mod refused;
mod row;
mod sheet;
#[cfg(test)]
mod tests;
mod workbook;

pub use ahead::Ahead;
pub use county::{County, CountyFault};
pub use fault::FileError;
pub use limits::Limits;
pub use loose::LooseRows;
pub use refusal::{CellFault, RefusalCode};
pub use refused::{ERROR_HEADER, RefusedWriter};
pub use row::{Cells, Entry, Row};
pub use sheet::Sheet;
