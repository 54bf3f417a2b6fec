//! Rows that come in no file: their cells are texts by column, read and refused as the same cells of a file would be.

use super::header::{Header, Recognised, Unit};
use super::layout::Layout;
use super::refusal::{CellFault, RefusalCode};
use super::row::{RawCell, Row};
use crate::register::{Kind, KindIndex, Value};
use std::borrow::Cow;

/// How loose rows of one kind are read. Faults name a column by its id.
pub struct LooseRows(Layout);

impl LooseRows {
    pub fn new(index: KindIndex, kind: &Kind) -> Self {
        let header = |id: &str| Header {
            text: id.into(),
            name: id.to_owned(),
            unit: Unit::Yuan,
        };
        let headers = kind.columns.iter().map(|column| header(&column.id));
        let recognised = Recognised {
            kind: index,
            places: (0..kind.columns.len()).map(Some).collect(),
        };
        Self(Layout::new(kind, headers.collect(), recognised))
    }

    /// Reads a row that has a cell for every column of the kind, in their order; money is in yuan.
    pub fn row(&self, number: u64, cells: &[&str]) -> Row {
        let cells = cells.iter().map(|text| RawCell {
            text: Cow::Borrowed(*text),
            broken: false,
        });
        let cells: Vec<RawCell<'_>> = cells.collect();
        self.0.row(number, &cells)
    }

    /// What is wrong with a column of a row that can be read, as only somebody else can tell.
    pub fn fault_of(&self, column: usize, code: RefusalCode) -> Option<CellFault> {
        self.0.fault_of(column, code, &Value::Blank)
    }
}
