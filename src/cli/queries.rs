//! `daishan queries`: who asked about whom, why, and what it was told.

use super::scores::Format;
use super::{Context, Failed};
use crate::answer::records::{LogLine, page};
use crate::store::Failure;
use crate::store::error::Never;
use clap::Args;
use std::io::{BufWriter, Write};

/// 查询日志 · The log of banks' queries
#[derive(Args)]
pub struct QueriesCommand {
    /// 只列此银行 · Only this bank's
    #[arg(long, value_name = "ID")]
    bank: Option<String>,
    /// 输出格式 · The form of the list
    #[arg(long, value_enum)]
    format: Format,
}

const PAGE: i64 = 1_000;

impl QueriesCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let store = context.open(false)?;
        let mut list = List::new(self.format)?;
        let mut after: Option<LogLine> = None;
        loop {
            let from = after.as_ref().map(|line| (line.bank.as_str(), line.id));
            let lines = store
                .read(|conn| Ok::<_, Failure<Never>>(page(conn, self.bank.as_deref(), from, PAGE)?))
                .map_err(Failed::new)?;
            for line in &lines {
                list.add(line)?;
            }
            match lines.into_iter().last() {
                Some(last) => after = Some(last),
                None => return list.end(),
            }
        }
    }
}

/// A list on its way to stdout.
enum List {
    Csv(Box<csv::Writer<std::io::Stdout>>),
    Json {
        out: BufWriter<std::io::Stdout>,
        begun: bool,
    },
}

impl List {
    fn new(format: Format) -> Result<Self, Failed> {
        let out = std::io::stdout();
        match format {
            Format::Csv => {
                let mut csv = csv::Writer::from_writer(out);
                let header = [
                    "id",
                    "time",
                    "bank",
                    "uscc",
                    "purpose",
                    "requested_by",
                    "business_ref",
                    "outcome",
                    "digest",
                ];
                csv.write_record(header).map_err(Failed::new)?;
                Ok(Self::Csv(Box::new(csv)))
            }
            Format::Json => Ok(Self::Json {
                out: BufWriter::new(out),
                begun: false,
            }),
        }
    }

    fn add(&mut self, line: &LogLine) -> Result<(), Failed> {
        match self {
            Self::Csv(csv) => {
                let digest = line
                    .digest
                    .map(|digest| digest.to_string())
                    .unwrap_or_default();
                let (id, time, uscc) = (
                    line.id.to_string(),
                    line.time.to_string(),
                    line.uscc.as_str(),
                );
                let (by, business) = (guarded(&line.requested_by), guarded(&line.business_ref));
                let cells = [
                    &id,
                    &time,
                    &line.bank,
                    uscc,
                    &line.purpose,
                    &by,
                    &business,
                    &line.outcome,
                    &digest,
                ];
                csv.write_record(cells).map_err(Failed::new)
            }
            Self::Json { out, begun } => {
                let json = serde_json::to_string(line).map_err(Failed::new)?;
                let before = if std::mem::replace(begun, true) {
                    ",\n"
                } else {
                    "[\n"
                };
                Ok(write!(out, "{before}{json}")?)
            }
        }
    }

    fn end(self) -> Result<(), Failed> {
        match self {
            Self::Csv(mut csv) => Ok(csv.flush()?),
            Self::Json { mut out, begun } => {
                writeln!(out, "{}", if begun { "\n]" } else { "[]" })?;
                Ok(out.flush()?)
            }
        }
    }
}

/// A text of a bank's that a spreadsheet might run as a formula gets a `'` in front.
pub(super) fn guarded(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if runs {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
