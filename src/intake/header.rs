//! Which kind of register a file is, by its header row.

use super::{fault, fault::FileError};
use crate::register::{CellType, Column, Kind, KindIndex, Kinds, Personal};
use std::{cmp::Reverse, sync::Arc};
use unicode_normalization::UnicodeNormalization;

/// Under these headers the USCC is met in every kind; other variants are declared per kind.
const USCC_HEADERS: [&str; 4] = [
    "统一社会信用代码",
    "社会信用代码",
    "行政相对人代码_1(统一社会信用代码)",
    "被抽样单位统一社会信用代码",
];

/// The unit of a column of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Yuan,
    WanYuan,
}

/// One cell of the header row.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// As the file has it.
    pub text: Arc<str>,
    /// What is compared: NFKC, without spaces and without the unit.
    pub name: String,
    pub unit: Unit,
}

impl Header {
    pub fn new(text: &str) -> Self {
        let (name, unit) = name_and_unit(text);
        Self {
            text: text.trim().into(),
            name,
            unit,
        }
    }
}

fn name_and_unit(text: &str) -> (String, Unit) {
    let mut name: String = text
        .nfkc()
        .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
        .collect();
    for (suffix, unit) in [("(万元)", Unit::WanYuan), ("(元)", Unit::Yuan)] {
        if let Some(stem) = name.strip_suffix(suffix) {
            name.truncate(stem.len());
            return (name, unit);
        }
    }
    (name, Unit::Yuan)
}

/// What was recognised: the kind, and of each column that it declares the place in the file.
#[derive(Debug)]
pub(super) struct Recognised {
    pub kind: KindIndex,
    pub places: Vec<Option<usize>>,
}

/// How a header row fits one kind.
struct Fit<'k> {
    index: KindIndex,
    kind: &'k Kind,
    /// Of each column all places where it is met.
    places: Vec<Vec<usize>>,
}

impl<'k> Fit<'k> {
    fn new(index: KindIndex, kind: &'k Kind, headers: &[Header]) -> Self {
        let places = kind.columns.iter().map(|column| met(column, headers));
        Self {
            index,
            kind,
            places: places.collect(),
        }
    }

    fn matched(&self) -> usize {
        self.places
            .iter()
            .filter(|places| !places.is_empty())
            .count()
    }

    fn missing(&self) -> Vec<&'k str> {
        self.kind
            .columns
            .iter()
            .zip(&self.places)
            .filter(|(column, places)| {
                places.is_empty() && column.personal != Some(Personal::Dropped)
            })
            .map(|(column, _)| &*column.header)
            .collect()
    }

    fn recognised(self, headers: &[Header]) -> Result<Recognised, FileError> {
        let missing = self.missing();
        if !missing.is_empty() {
            let zh = self.kind.to_string();
            let en = format!("{} ({})", self.kind.name.en, self.kind.id);
            return Err(fault::missing_columns(&zh, &en, &missing));
        }
        if let Some(places) = self.places.iter().find(|places| places.len() > 1) {
            let repeated: Vec<&str> = places.iter().map(|place| &*headers[*place].text).collect();
            return Err(fault::repeated_headers(&repeated));
        }
        Ok(Recognised {
            kind: self.index,
            places: self
                .places
                .into_iter()
                .map(|places| places.first().copied())
                .collect(),
        })
    }
}

/// The places of the headers that name a column.
fn met(column: &Column, headers: &[Header]) -> Vec<usize> {
    let always: &[&str] = if column.cell == CellType::Uscc {
        &USCC_HEADERS
    } else {
        &[]
    };
    let names: Vec<String> = std::iter::once(&*column.header)
        .chain(column.also.iter().map(|also| &**also))
        .chain(always.iter().copied())
        .map(|name| name_and_unit(name).0)
        .collect();
    headers
        .iter()
        .enumerate()
        .filter(|(_, header)| names.contains(&header.name))
        .map(|(place, _)| place)
        .collect()
}

/// Finds the kind that a header row fits best: every column must be there, but for those that are dropped anyway.
pub(super) fn recognise(
    headers: &[Header],
    kinds: &Kinds,
    forced: Option<&str>,
) -> Result<Recognised, FileError> {
    if let Some(id) = forced {
        let index = kinds.index(id).ok_or_else(|| fault::unknown_kind(id))?;
        return Fit::new(index, kinds.get(index), headers).recognised(headers);
    }
    let mut fits: Vec<Fit> = kinds
        .iter()
        .map(|(index, kind)| Fit::new(index, kind, headers))
        .filter(|fit| fit.matched() > 0)
        .collect();
    // Whole kinds first and the larger first; of the others the one of which the largest part is there.
    fits.sort_by_key(|fit| {
        let part = fit.matched() * 1000 / fit.kind.columns.len().max(1);
        Reverse((
            fit.missing().is_empty(),
            if fit.missing().is_empty() {
                fit.matched()
            } else {
                part
            },
        ))
    });
    let rivals: Vec<&str> = fits
        .iter()
        .filter(|fit| fit.missing().is_empty() && fit.matched() == fits[0].matched())
        .map(|fit| &*fit.kind.id)
        .collect();
    if rivals.len() > 1 {
        return Err(fault::ambiguous_kind(&rivals));
    }
    match fits.into_iter().next() {
        Some(best) => best.recognised(headers),
        None => Err(fault::not_recognised()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_widths_are_no_part_of_a_name() {
        for (text, name, unit) in [
            ("罚款金额（万元）", "罚款金额", Unit::WanYuan),
            (" 罚款 金额\u{3000}(元) ", "罚款金额", Unit::Yuan),
            ("\u{feff}争议金额", "争议金额", Unit::Yuan),
            ("作出决定机关（列入）", "作出决定机关(列入)", Unit::Yuan),
        ] {
            let header = Header::new(text);
            assert_eq!((header.name.as_str(), header.unit), (name, unit), "{text}");
        }
    }
}
