//! Lists on their way to stdout, as CSV or JSON, row by row.

use super::Failed;
use super::scores::Format;
use crate::kernel::text::guarded;
use serde_json::{Map, Value};
use std::io::{BufWriter, Stdout, Write};

/// A list with these columns, which are the keys of the JSON.
pub struct List {
    columns: &'static [&'static str],
    form: Form,
}

enum Form {
    Csv(Box<csv::Writer<Stdout>>),
    Json { out: BufWriter<Stdout>, begun: bool },
}

impl List {
    pub fn new(format: Format, columns: &'static [&'static str]) -> Result<Self, Failed> {
        let out = std::io::stdout();
        let form = match format {
            Format::Csv => {
                let mut csv = csv::Writer::from_writer(out);
                csv.write_record(columns).map_err(Failed::new)?;
                Form::Csv(Box::new(csv))
            }
            Format::Json => Form::Json {
                out: BufWriter::new(out),
                begun: false,
            },
        };
        Ok(Self { columns, form })
    }

    /// Adds a row: one value a column.
    pub fn add(&mut self, row: impl IntoIterator<Item = Value>) -> Result<(), Failed> {
        match &mut self.form {
            Form::Csv(csv) => {
                let cells = row.into_iter().map(|value| cell(&value));
                csv.write_record(cells.collect::<Vec<String>>())
                    .map_err(Failed::new)
            }
            Form::Json { out, begun } => {
                let keys = self.columns.iter().map(|key| (*key).to_owned());
                let object: Map<String, Value> = keys.zip(row).collect();
                let before = if std::mem::replace(begun, true) {
                    ",\n"
                } else {
                    "[\n"
                };
                Ok(write!(out, "{before}{}", Value::Object(object))?)
            }
        }
    }

    pub fn end(self) -> Result<(), Failed> {
        match self.form {
            Form::Csv(mut csv) => Ok(csv.flush()?),
            Form::Json { mut out, begun } => {
                writeln!(out, "{}", if begun { "\n]" } else { "[]" })?;
                Ok(out.flush()?)
            }
        }
    }
}

/// A value as a cell: several joined by `;`, none as an empty cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => guarded(text).into_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}
