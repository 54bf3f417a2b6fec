//! The declaration of a register: its columns, its key and what may evolve. One TOML file a kind, under
//! `config/kinds/`; a new kind or a new column is a new line there, not code.

use crate::kernel::Bilingual;
use serde::Deserialize;
use std::{collections::BTreeSet, fmt};

/// The place of a kind among the kinds declared; the same for the life of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindIndex(pub u16);

/// One kind of register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// As county.toml and every table name it: `penalties`.
    pub id: Box<str>,
    pub name: Bilingual,
    /// The ids of the columns by which a row is known.
    #[serde(rename = "key")]
    pub key_columns: Vec<Box<str>>,
    /// The date of the fact, where it has one.
    pub date: Option<Box<str>>,
    /// Whether its rows make merchants (the roster) instead of naming known ones.
    #[serde(default)]
    pub founds_merchants: bool,
    /// Whether a delivery holds the whole register, so that an absent key is worth telling.
    #[serde(default = "yes")]
    pub full_export: bool,
    /// The column whose party the delivery's coverage is for (statements: the acquirer); otherwise the whole kind.
    pub covered_by: Option<Box<str>>,
    /// Whether a delivery is a snapshot of the source's own book (授信台账): of it the source is right, so nothing is
    /// held and a fact may pass to another merchant; and the same key of another source is another fact.
    #[serde(default)]
    pub snapshot: bool,
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
}

/// One column of a register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub id: Box<str>,
    /// The header in the usual layout, without its unit.
    pub header: Box<str>,
    /// Other headers under which the column is met.
    #[serde(default)]
    pub also: Vec<Box<str>>,
    #[serde(rename = "type")]
    pub cell: CellType,
    /// The closed list of a `word` column.
    #[serde(default)]
    pub words: Vec<Box<str>>,
    /// Texts that mean no value here, beside `/`, 无 and blank.
    #[serde(default)]
    pub no_value: Vec<Box<str>>,
    #[serde(default)]
    pub required: bool,
    /// Required where another column holds one of these words.
    pub required_when: Option<RequiredWhen>,
    /// Whether a change of this column alone makes a new version; a change of any other is held.
    #[serde(default)]
    pub evolves: bool,
    /// The column whose date this one must not lie before.
    pub not_before: Option<Box<str>>,
    pub personal: Option<Personal>,
    /// Whether a date here ends the sharing of the fact (repair, overturning): answers that rest on it are withheld.
    #[serde(default)]
    pub ends_sharing: bool,
}

/// When a column that may otherwise be blank is required.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredWhen {
    pub column: Box<str>,
    pub words: Vec<Box<str>>,
}

/// How a cell is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellType {
    /// The merchant's 统一社会信用代码; every kind has exactly one such column, and it is always required.
    Uscc,
    Text,
    /// One of the column's `words`.
    Word,
    Date,
    Month,
    Year,
    /// A whole number, not negative.
    Count,
    /// Money, not negative, in the unit that the file's header names (元 where it names none).
    Amount,
    /// `N天` as N, 未承诺 as 0, 不适用 as no value.
    PromisedDays,
}

/// What becomes of a column that is about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// Never kept, anywhere. Such a column may be missing from the file.
    Dropped,
    /// Kept, and masked wherever it is shown.
    Masked,
}

impl Kind {
    /// The place of a column.
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| &*column.id == id)
    }

    /// The places of the key's columns, in the key's order.
    pub fn key(&self) -> impl Iterator<Item = usize> + '_ {
        self.key_columns.iter().filter_map(|id| self.column(id))
    }

    /// The place of the column that names the merchant.
    pub fn merchant(&self) -> usize {
        self.columns
            .iter()
            .position(|column| column.cell == CellType::Uscc)
            .unwrap_or_default()
    }

    /// The place of the column whose party a delivery covers, where coverage is by party.
    pub fn party(&self) -> Option<usize> {
        self.column(self.covered_by.as_deref()?)
    }

    fn faults(&self) -> Vec<String> {
        let ids: BTreeSet<&str> = self.columns.iter().map(|column| &*column.id).collect();
        let named = self
            .key_columns
            .iter()
            .chain(&self.date)
            .chain(&self.covered_by);
        let within = self.columns.iter().flat_map(|column| {
            column
                .not_before
                .iter()
                .chain(column.required_when.as_ref().map(|when| &when.column))
        });
        let mut faults: Vec<String> = named
            .chain(within)
            .filter(|id| !ids.contains(&***id))
            .map(|id| format!("names a column {id:?} that it does not declare"))
            .collect();
        if ids.len() != self.columns.len() {
            faults.push("declares a column twice".to_owned());
        }
        if self.key_columns.is_empty() {
            faults.push("has no key".to_owned());
        }
        if self
            .columns
            .iter()
            .filter(|column| column.cell == CellType::Uscc)
            .count()
            != 1
        {
            faults.push("must have exactly one column of type uscc".to_owned());
        }
        for column in &self.columns {
            if (column.cell == CellType::Word) == column.words.is_empty() {
                faults.push(format!("column {:?}: words go with type word", column.id));
            }
        }
        faults
    }
}

/// All kinds declared, in the order of their ids.
#[derive(Clone, Debug)]
pub struct Kinds(Vec<Kind>);

/// What is wrong with one declaration: the file and the cause.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{file}: {cause}")]
pub struct KindFault {
    pub file: String,
    pub cause: String,
}

impl Kinds {
    /// Reads the declarations (file name and text of each), and tells all faults at once.
    pub fn parse<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<KindFault>> {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut faults = Vec::new();
        for (file, text) in files {
            let mut fault = |cause: String| {
                faults.push(KindFault {
                    file: file.to_owned(),
                    cause,
                })
            };
            match toml::from_str::<Kind>(text) {
                Ok(kind) => {
                    kind.faults().into_iter().for_each(&mut fault);
                    if kinds.iter().any(|known| known.id == kind.id) {
                        fault(format!("declares the kind {:?} a second time", kind.id));
                    }
                    kinds.push(kind);
                }
                Err(error) => fault(error.to_string()),
            }
        }
        if kinds.iter().filter(|kind| kind.founds_merchants).count() != 1 && faults.is_empty() {
            let cause = "exactly one kind must have founds_merchants = true".to_owned();
            faults.push(KindFault {
                file: "kinds".to_owned(),
                cause,
            });
        }
        kinds.sort_by(|a, b| a.id.cmp(&b.id));
        if faults.is_empty() {
            Ok(Self(kinds))
        } else {
            Err(faults)
        }
    }

    pub fn index(&self, id: &str) -> Option<KindIndex> {
        self.0
            .iter()
            .position(|kind| &*kind.id == id)
            .map(|place| KindIndex(place as u16))
    }

    /// # Panics
    /// Where the index comes from other declarations.
    pub fn get(&self, index: KindIndex) -> &Kind {
        &self.0[usize::from(index.0)]
    }

    pub fn named(&self, id: &str) -> Option<&Kind> {
        self.index(id).map(|index| self.get(index))
    }

    /// The kind whose rows make merchants.
    pub fn roster(&self) -> KindIndex {
        KindIndex(
            self.0
                .iter()
                .position(|kind| kind.founds_merchants)
                .unwrap_or_default() as u16,
        )
    }

    pub fn iter(&self) -> impl Iterator<Item = (KindIndex, &Kind)> {
        self.0
            .iter()
            .enumerate()
            .map(|(place, kind)| (KindIndex(place as u16), kind))
    }

    pub const fn len(&self) -> usize {
        self.0.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}（{}）", self.name.zh, self.id)
    }
}

const fn yes() -> bool {
    true
}
