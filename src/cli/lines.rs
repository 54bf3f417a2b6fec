//! `daishan lines`: the lines of credit that banks report, and what does not fit about them.

use super::scores::{Format, day_and_card};
use super::table::List;
use super::{Context, Failed, named_bank};
use crate::credit_line::Flag;
use crate::flows::list_lines::{Listed, list_lines};
use crate::kernel::Day;
use clap::Args;
use serde_json::{Value, json};

/// 列出银行上报的授信 · List the lines of credit that banks report
#[derive(Args)]
pub struct LinesCommand {
    /// 截至日，不写则为营业日 · The date; otherwise the business date
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// 只列此银行，编号或名称 · Only this bank's: its id or name
    #[arg(long, value_name = "BANK")]
    bank: Option<String>,
    /// 只列带此标记的 · Only those with this flag
    #[arg(long, value_name = "FLAG")]
    flag: Option<Flag>,
    /// 输出格式 · The form of the list
    #[arg(long, value_enum)]
    format: Format,
}

impl LinesCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let app = context.app(false)?;
        let (as_of, card) = day_and_card(&app, self.as_of)?;
        let bank = named_bank(&app.store, self.bank.as_deref())?;
        let bank = bank.as_ref().map(|bank| bank.id.as_str());
        let lines = app
            .store
            .read(|conn| list_lines(conn, &app.kinds, card, as_of, bank))
            .map_err(Failed::new)?;
        let mut list = List::new(self.format, &COLUMNS)?;
        for line in &lines {
            if self.flag.is_none_or(|flag| line.judged.has(flag)) {
                list.add(row(line))?;
            }
        }
        list.end()
    }
}

/// The first six are those of `expected_lines.csv`.
const COLUMNS: [&str; 20] = [
    "agreement",
    "uscc",
    "tier_when_granted",
    "tier_now",
    "over_cap_when_granted",
    "over_cap_now",
    "limit",
    "drawn",
    "available",
    "state",
    "flags",
    "bank",
    "product",
    "starts_on",
    "ends_on",
    "tier_when_granted_is",
    "position_on",
    "days_overdue",
    "classification",
    "changed",
];

fn row(listed: &Listed) -> [Value; COLUMNS.len()] {
    let judged = &listed.judged;
    let (line, usage) = (&judged.line, &judged.usage);
    let yes_or_no = |flag| if judged.has(flag) { "yes" } else { "no" };
    let position = line.positions.last();
    [
        json!(line.agreement),
        json!(line.uscc),
        json!(judged.when_granted.tier()),
        json!(judged.tier_now),
        json!(yes_or_no(Flag::OverCapWhenGranted)),
        json!(yes_or_no(Flag::OverCapNow)),
        json!(usage.limit),
        json!(usage.drawn),
        json!(usage.available),
        json!(judged.state),
        json!(judged.flags),
        json!(listed.bank),
        json!(line.terms.product),
        json!(line.terms.starts_on),
        json!(line.terms.ends_on),
        json!(judged.when_granted.basis()),
        json!(position.map(|last| last.on)),
        json!(position.and_then(|last| last.days_overdue)),
        json!(position.map(|last| &last.classification)),
        json!(line.changed),
    ]
}
