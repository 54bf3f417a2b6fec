//! Lists on their way to stdout or a file, as CSV or JSON, row by row.

use super::Failed;
use super::scores::Format;
use crate::kernel::Money;
use crate::kernel::text::guarded;
use serde_json::{Map, Value};
use std::io::{self, BufWriter, Stdout, Write};

/// A list with these columns, which are the keys of the JSON.
pub struct List {
    columns: &'static [&'static str],
    form: Form,
}

enum Form {
    Csv(Box<csv::Writer<Box<dyn Write>>>),
    Json {
        out: BufWriter<Box<dyn Write>>,
        begun: bool,
    },
}

/// Stdout, whose reader may go away: that is no failure, and what would have been written is dropped.
struct Out(Stdout);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            outcome => outcome,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome,
        }
    }
}

impl List {
    pub fn new(format: Format, columns: &'static [&'static str]) -> Result<Self, Failed> {
        Self::onto(Box::new(Out(io::stdout())), format, columns)
    }

    /// A list that goes elsewhere than to stdout.
    pub fn onto(
        out: Box<dyn Write>,
        format: Format,
        columns: &'static [&'static str],
    ) -> Result<Self, Failed> {
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
        // A negative amount begins with a sign and is no formula.
        Value::String(text) if Money::parse_yuan(text).is_ok() => text.clone(),
        Value::String(text) => guarded(text).into_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}
