//! Reads the sample counties into histories: just enough of an import to hold the card against what was computed by
//! an independent program. The product's importer lives elsewhere.

use crate::{
    kernel::{Day, Money, Month, Uscc, text::normalised},
    register::{
        CellType, Column, Coverage, CoverageRow, Fact, History, Kind, KindIndex, Kinds, Personal,
        Value,
    },
};
use calamine::{Data, Reader, Xlsx};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

pub fn config(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("config")
        .join(path)
}

pub fn kinds() -> Kinds {
    let folder = fs::read_dir(config("kinds")).unwrap();
    let files: Vec<(String, String)> = folder
        .map(|entry| {
            let path = entry.unwrap().path();
            (
                path.display().to_string(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    Kinds::parse(files.iter().map(|(name, text)| (&**name, &**text))).unwrap()
}

/// What is known after some deliveries.
#[derive(Default)]
pub struct County {
    merchants: BTreeSet<Uscc>,
    facts: BTreeMap<(KindIndex, Uscc, Box<str>), Box<[Value]>>,
    coverage: Vec<CoverageRow>,
}

impl County {
    pub fn read(kinds: &Kinds, folders: &[&str]) -> Self {
        let mut county = Self::default();
        for folder in folders {
            county.take(kinds, &config("sample").join(folder));
        }
        county
    }

    pub fn coverage(&self) -> Coverage {
        Coverage::new(self.coverage.iter().cloned())
    }

    pub fn histories(&self) -> BTreeMap<Uscc, History> {
        let mut merchants: BTreeMap<Uscc, Vec<Fact>> = BTreeMap::new();
        for ((kind, uscc, key), values) in &self.facts {
            merchants.entry(*uscc).or_default().push(Fact {
                kind: *kind,
                key: key.clone(),
                values: values.clone(),
            });
        }
        let histories = merchants.into_iter();
        histories
            .map(|(uscc, facts)| (uscc, History::new(uscc, facts)))
            .collect()
    }

    fn take(&mut self, kinds: &Kinds, folder: &Path) {
        let text = fs::read_to_string(folder.join("county.toml")).unwrap();
        let county: toml::Table = toml::from_str(&text).unwrap();
        let mut read = BTreeSet::new();
        for feed in county["feed"].as_array().unwrap() {
            let index = kinds.index(feed["kind"].as_str().unwrap()).unwrap();
            let day = |at: usize| -> Day {
                feed["covers"][at]
                    .as_datetime()
                    .unwrap()
                    .to_string()
                    .parse()
                    .unwrap()
            };
            self.coverage.push(CoverageRow {
                kind: index,
                source: normalised(feed["source"].as_str().unwrap()).into(),
                from: day(0),
                until: day(1),
            });
            let file = feed["file"].as_str().unwrap();
            if read.insert(file) {
                self.take_file(kinds, index, &folder.join(file));
            }
        }
    }

    fn take_file(&mut self, kinds: &Kinds, index: KindIndex, path: &Path) {
        let kind = kinds.get(index);
        let mut rows = rows(path).into_iter();
        let header = rows.next().unwrap();
        let places: Vec<Option<(usize, bool)>> = kind
            .columns
            .iter()
            .map(|column| place(&header, column))
            .collect();
        for row in rows {
            let cells = kind.columns.iter().zip(&places).map(|(column, place)| {
                place.map_or(Some(Value::Blank), |(at, wan)| {
                    cell(column, row.get(at)?, wan)
                })
            });
            if let Some(values) = cells.collect::<Option<Box<[Value]>>>() {
                self.take_row(kinds, index, values);
            }
        }
    }

    /// A new key, or only evolving columns changed: it is taken. Any other change is held.
    fn take_row(&mut self, kinds: &Kinds, index: KindIndex, values: Box<[Value]>) {
        let kind = kinds.get(index);
        let Value::Uscc(uscc) = values[kind.merchant()] else {
            return;
        };
        if kind.founds_merchants {
            self.merchants.insert(uscc);
        } else if !self.merchants.contains(&uscc) {
            return;
        }
        let key: Vec<String> = kind.key().map(|at| values[at].to_string()).collect();
        let key = (index, uscc, key.join("|").into());
        let held = self
            .facts
            .get(&key)
            .is_some_and(|known| evolved_otherwise(kind, known, &values));
        if !held {
            self.facts.insert(key, values);
        }
    }
}

fn evolved_otherwise(kind: &Kind, known: &[Value], new: &[Value]) -> bool {
    let pairs = kind.columns.iter().zip(known.iter().zip(new));
    let mut changed = pairs.filter(|(_, (known, new))| known != new);
    changed.any(|(column, _)| !column.evolves)
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let bytes = fs::read(path).unwrap();
    if path.extension().is_some_and(|end| end == "xlsx") {
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        return sheet
            .rows()
            .map(|row| row.iter().map(Data::to_string).collect())
            .collect();
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => encoding_rs::GB18030.decode(&bytes).0.into_owned(),
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let records = reader.records().map(|record| record.unwrap());
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

/// Where a column is in the file, and whether it is in 万元.
fn place(header: &[String], column: &Column) -> Option<(usize, bool)> {
    let bare = |text: &str| normalised(text).replace(' ', "");
    let names: Vec<String> = [&column.header]
        .into_iter()
        .chain(&column.also)
        .map(|n| bare(n))
        .collect();
    header.iter().enumerate().find_map(|(at, cell)| {
        let cell = bare(cell);
        let wan = cell.strip_suffix("(万元)");
        let name = wan.or(cell.strip_suffix("(元)")).unwrap_or(&cell);
        names
            .iter()
            .any(|known| *known == name)
            .then_some((at, wan.is_some()))
    })
}

/// None where the cell cannot be read.
fn cell(column: &Column, text: &str, wan: bool) -> Option<Value> {
    let text = normalised(text);
    let nothing =
        ["", "/", "无"].contains(&&*text) || column.no_value.iter().any(|no| **no == *text);
    if nothing || column.personal == Some(Personal::Dropped) {
        return Some(Value::Blank);
    }
    Some(match column.cell {
        CellType::Uscc => Value::Uscc(Uscc::parse(&text).ok()?),
        CellType::Text => Value::Text(text.into()),
        CellType::Word => {
            column.words.iter().find(|word| normalised(word) == text)?;
            Value::Text(text.into())
        }
        CellType::Date => Value::Day(Day::parse(&text).ok()?),
        CellType::Month => Value::Month(Month::parse(&text).ok()?),
        CellType::Year | CellType::Count => Value::Number(text.parse().ok()?),
        CellType::Amount if wan => Value::Money(Money::parse_wan_yuan(&text).ok()?),
        CellType::Amount => Value::Money(Money::parse_yuan(&text).ok()?),
        CellType::PromisedDays => match &*text {
            "未承诺" => Value::Number(0),
            "不适用" => Value::Blank,
            days => Value::Number(days.strip_suffix('天')?.parse().ok()?),
        },
    })
}
