//! `daishan claims --format`: the list of claims.

use crate::cli::scores::Format;
use crate::cli::{Context, Failed};
use crate::flows::list_claims::list_claims;
use crate::kernel::text::guarded;
use crate::kernel::{Month, Uscc};
use crate::store::Failure;
use crate::store::error::Never;
use crate::subsidy::Status;
use crate::subsidy::records::{Claimed, Filter};
use serde::{Serialize, Serializer};
use std::io::{BufWriter, Write};

/// A claim as it is listed. The first columns are those of the samples' `expected_claims.csv`.
#[derive(Serialize)]
struct Line<'a> {
    uscc: Uscc,
    acquirer: &'a str,
    #[serde(serialize_with = "as_text")]
    month: Month,
    /// The base.
    fee: String,
    /// As computed.
    claim: String,
    /// What is left of it after differences.
    remaining: String,
    status: Status,
    programme: &'a str,
    /// 0: the claim; above: a difference found later.
    number: i32,
    id: String,
}

const COLUMNS: [&str; 10] = [
    "uscc",
    "acquirer",
    "month",
    "fee",
    "claim",
    "remaining",
    "status",
    "programme",
    "number",
    "id",
];

fn as_text<S: Serializer>(month: &Month, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(month)
}

impl<'a> Line<'a> {
    fn of(uscc: Uscc, claim: &'a Claimed) -> Self {
        Self {
            uscc,
            acquirer: &claim.acquirer,
            month: claim.month,
            fee: claim.fee.to_string(),
            claim: claim.amount.to_string(),
            remaining: claim.remaining.to_string(),
            status: claim.status,
            programme: &claim.programme,
            number: claim.number,
            id: claim.id.to_string(),
        }
    }
}

pub(super) fn list(context: &Context, filter: &Filter, format: Format) -> Result<(), Failed> {
    let store = context.open(false)?;
    let mut list = List::new(format)?;
    let listed = store.read(|conn| {
        let listed = list_claims(conn, filter, |uscc, claim| list.add(&Line::of(uscc, claim)));
        listed.map_err(Failure::<Never>::from)
    });
    listed.map_err(Failed::new)??;
    list.end()
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
                let mut csv = csv::WriterBuilder::new()
                    .has_headers(false)
                    .from_writer(out);
                csv.write_record(COLUMNS).map_err(Failed::new)?;
                Ok(Self::Csv(Box::new(csv)))
            }
            Format::Json => Ok(Self::Json {
                out: BufWriter::new(out),
                begun: false,
            }),
        }
    }

    fn add(&mut self, line: &Line<'_>) -> Result<(), Failed> {
        match self {
            Self::Csv(csv) => {
                let (uscc, month) = (line.uscc, line.month);
                let (acquirer, number) = (guarded(line.acquirer), line.number);
                let cells = (uscc, acquirer, month.to_string(), &line.fee, &line.claim);
                let more = (
                    &line.remaining,
                    line.status,
                    line.programme,
                    number,
                    &line.id,
                );
                csv.serialize((cells, more)).map_err(Failed::new)
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
