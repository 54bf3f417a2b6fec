//! How the rows of one file are read: which column of it is which of the kind's, and what is wrong with a row.

use super::{
    cell::{Reading, is_broken, normal},
    header::{Header, Recognised},
    refusal::{CellFault, RefusalCode},
    row::{Cells, Entry, RawCell, Row},
};
use crate::register::{Kind, Personal, Value, key_of};
use std::{borrow::Cow, sync::Arc};

/// How much of a broken cell is shown.
const SHOWN_CHARACTERS: usize = 60;

/// How the rows of one file are read.
pub(super) struct Layout {
    pub kind: Kind,
    headers: Vec<Header>,
    /// Of each column of the file the declared one.
    declared: Vec<Option<usize>>,
    readings: Vec<Reading>,
    required_when: Vec<Option<(usize, Vec<Box<str>>)>>,
    not_before: Vec<Option<usize>>,
    places: Vec<Option<usize>>,
    /// The first column of the file that is about a person.
    first_personal: Option<usize>,
}

impl Layout {
    pub fn new(kind: &Kind, headers: Vec<Header>, recognised: Recognised) -> Self {
        let places = recognised.places;
        let mut declared = vec![None; headers.len()];
        let mut readings = Vec::with_capacity(places.len());
        for (column, place) in places.iter().enumerate() {
            let unit = place.map_or(super::header::Unit::Yuan, |place| headers[place].unit);
            let in_key = kind.key().any(|part| part == column);
            readings.push(Reading::new(&kind.columns[column], in_key, unit));
            if let Some(place) = place {
                declared[*place] = Some(column);
            }
        }
        let personal =
            |column: &Option<usize>| column.is_some_and(|c| kind.columns[c].personal.is_some());
        Self {
            first_personal: declared.iter().position(personal),
            required_when: kind
                .columns
                .iter()
                .map(|column| {
                    let when = column.required_when.as_ref()?;
                    Some((kind.column(&when.column)?, normal(&when.words)))
                })
                .collect(),
            not_before: kind
                .columns
                .iter()
                .map(|column| kind.column(column.not_before.as_ref()?))
                .collect(),
            kind: kind.clone(),
            headers,
            declared,
            readings,
            places,
        }
    }

    pub fn width(&self) -> usize {
        self.headers.len()
    }

    /// The headers under which cells are kept, as the file has them and in its order.
    pub fn kept_headers(&self) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .zip(&self.declared)
            .filter(|(_, declared)| declared.is_some())
            .map(|(header, _)| &*header.text)
    }

    pub fn ignored_headers(&self) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .zip(&self.declared)
            .filter(|(header, declared)| declared.is_none() && !header.name.is_empty())
            .map(|(header, _)| &*header.text)
    }

    /// The declared column at a place of the file.
    pub fn column(&self, place: usize) -> Option<&crate::register::Column> {
        self.kind.columns.get((*self.declared.get(place)?)?)
    }

    fn personal(&self, place: usize) -> Option<Personal> {
        self.column(place)?.personal
    }

    fn fault(&self, place: usize, code: RefusalCode, cell: Option<&RawCell>) -> CellFault {
        let shown = cell.filter(|cell| {
            code != RefusalCode::BrokenText
                && self.personal(place).is_none()
                && !cell.text.is_empty()
        });
        CellFault {
            column: place,
            header: self.headers[place].text.clone(),
            code,
            value: shown.map(|cell| {
                cell.text
                    .chars()
                    .take(SHOWN_CHARACTERS)
                    .collect::<String>()
                    .into()
            }),
        }
    }

    /// What is wrong with a declared column of a row that can be read, as only somebody else can tell.
    pub fn fault_of(&self, column: usize, code: RefusalCode, value: &Value) -> Option<CellFault> {
        let place = self.places.get(column).copied().flatten()?;
        let text = value.to_string();
        Some(self.fault(
            place,
            code,
            Some(&RawCell {
                text: Cow::Borrowed(&text),
                broken: false,
            }),
        ))
    }

    fn cells(&self, cells: &[RawCell], trusted: usize) -> Cells {
        let mut kept = Cells::default();
        for place in (0..self.width()).filter(|place| self.declared[*place].is_some()) {
            let text = cells
                .get(place)
                .filter(|_| place < trusted && self.personal(place).is_none());
            kept.push(text.map_or("", |cell| &cell.text));
        }
        kept
    }

    /// Reads a row that has a cell for every header.
    pub fn row(&self, line: u64, cells: &[RawCell]) -> Row {
        let mut faults: Vec<CellFault> = Vec::new();
        let mut values = vec![Value::Blank; self.kind.columns.len()];
        let mut read = vec![true; values.len()];
        for (place, cell) in cells.iter().enumerate() {
            let column = self.declared[place];
            let dropped = self.personal(place) == Some(Personal::Dropped);
            let value = match column {
                _ if cell.broken => Err(RefusalCode::BrokenText),
                Some(column) if !dropped => self.readings[column].value(&cell.text),
                _ if is_broken(&cell.text) => Err(RefusalCode::BrokenText),
                _ => continue,
            };
            match (value, column) {
                (Ok(value), Some(column)) => values[column] = value,
                (Ok(_), None) => {}
                (Err(code), column) => {
                    faults.push(self.fault(place, code, Some(cell)));
                    if let Some(column) = column {
                        read[column] = false;
                    }
                }
            }
        }
        self.check_together(cells, &values, &read, &mut faults);
        faults.sort_by_key(|fault| fault.column);
        let key_read = self.kind.key().all(|column| read[column]);
        Row {
            line,
            key: key_read.then(|| key_of(&self.kind, &values)),
            cells: self.cells(cells, self.width()),
            outcome: if faults.is_empty() {
                Ok(Entry::new(&self.kind, values))
            } else {
                Err(faults)
            },
        }
    }

    /// The rules that look at two columns.
    fn check_together(
        &self,
        cells: &[RawCell],
        values: &[Value],
        read: &[bool],
        faults: &mut Vec<CellFault>,
    ) {
        for (column, value) in values
            .iter()
            .enumerate()
            .filter(|(column, _)| read[*column])
        {
            let Some(place) = self.places[column] else {
                continue;
            };
            if let Some((other, words)) = &self.required_when[column] {
                let asked = words.iter().any(|word| **word == *values[*other].as_text());
                if asked && value.is_blank() {
                    faults.push(self.fault(place, RefusalCode::MissingValue, None));
                }
            }
            let earlier = self.not_before[column].and_then(|other| values[other].as_day());
            if let (Some(day), Some(earlier)) = (value.as_day(), earlier)
                && day < earlier
            {
                faults.push(self.fault(place, RefusalCode::DateOrder, cells.get(place)));
            }
        }
    }

    /// Refuses a row whose cells do not fit the header. `torn`: from that cell on nothing can be told apart.
    ///
    /// A cell too few or too many may have moved a person's cell under another header: only what surely stands
    /// before the first of them is kept or looked at.
    pub fn unfit_row(&self, line: u64, cells: &[RawCell], torn: Option<usize>) -> Row {
        let lacking = self.width().saturating_sub(cells.len());
        let safe = match (self.first_personal, torn) {
            (None, _) => cells.len(),
            (Some(personal), Some(_)) => personal,
            (Some(personal), None) => personal.saturating_sub(lacking),
        };
        let trusted = safe.min(cells.len()).min(self.width());
        let place = torn.unwrap_or(cells.len()).min(self.width() - 1);
        let key_stands = self
            .kind
            .key()
            .all(|column| self.places[column].is_some_and(|place| place < trusted));
        let key = || {
            let mut values = vec![Value::Blank; self.kind.columns.len()];
            for column in self.kind.key() {
                let cell = cells.get(self.places[column]?)?;
                values[column] = self.readings[column].value(&cell.text).ok()?;
            }
            Some(key_of(&self.kind, &values))
        };
        Row {
            line,
            key: key_stands.then(key).flatten(),
            // Where quotes are torn, cells may be lacking as well.
            cells: self.cells(
                cells,
                if torn.is_some() && self.first_personal.is_some() {
                    0
                } else {
                    trusted
                },
            ),
            outcome: Err(vec![self.fault(place, RefusalCode::BrokenText, None)]),
        }
    }
}

/// The headers of a file, for whoever writes its rows back.
pub(super) fn header_texts<'a>(headers: impl Iterator<Item = &'a str>) -> Vec<Arc<str>> {
    headers.map(Arc::from).collect()
}
