//! `daishan queries`: who asked about whom, why, and what it was told.

use super::scores::Format;
use super::table::List;
use super::{Context, Failed, named_bank};
use crate::answer::records::{LogLine, page};
use crate::store::Failure;
use crate::store::error::Never;
use clap::Args;
use serde_json::{Value, json};

/// 查询日志 · The log of banks' queries
#[derive(Args)]
pub struct QueriesCommand {
    /// 只列此银行，编号或名称 · Only this bank's: its id or name
    #[arg(long, value_name = "BANK")]
    bank: Option<String>,
    /// 输出格式 · The form of the list
    #[arg(long, value_enum)]
    format: Format,
}

const PAGE: i64 = 1_000;

impl QueriesCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let store = context.open(false)?;
        let bank = named_bank(&store, self.bank.as_deref())?;
        let bank = bank.as_ref().map(|bank| bank.id.as_str());
        let mut list = List::new(self.format, &COLUMNS)?;
        let mut after: Option<LogLine> = None;
        loop {
            let from = after.as_ref().map(|line| (line.bank.as_str(), line.id));
            let lines = store
                .read(|conn| Ok::<_, Failure<Never>>(page(conn, bank, from, PAGE)?))
                .map_err(Failed::new)?;
            for line in &lines {
                list.add(row(line))?;
            }
            match lines.into_iter().last() {
                Some(last) => after = Some(last),
                None => return list.end(),
            }
        }
    }
}

/// What `daishan queries` prints of each.
const COLUMNS: [&str; 9] = [
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

fn row(line: &LogLine) -> [Value; COLUMNS.len()] {
    [
        json!(line.id),
        json!(line.time),
        json!(line.bank),
        json!(line.uscc),
        json!(line.purpose),
        json!(line.requested_by),
        json!(line.business_ref),
        json!(line.outcome),
        json!(line.digest),
    ]
}
