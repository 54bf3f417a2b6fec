//! `daishan advice`: what banks are advised about their lines.

use super::scores::Format;
use super::table::List;
use super::{Context, Failed, named_bank, print};
use crate::advice::records::{Filter, page};
use crate::advice::{Advised, Cause, State};
use crate::store::error::Never;
use crate::store::{Failure, Store};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

/// 列出向银行提出的预警建议 · List what banks are advised about their lines
#[derive(Args)]
pub struct AdviceCommand {
    /// 只列此银行，编号或名称 · Only to this bank: its id or name
    #[arg(long, value_name = "BANK")]
    bank: Option<String>,
    /// 只列此状态：open、acknowledged 或 lifted · Only what is open, acknowledged or lifted
    #[arg(long, value_name = "STATE")]
    state: Option<State>,
    /// 只列此原因：tier_drop、certification_revoked 或 red_line · Only for this cause
    #[arg(long, value_name = "CAUSE")]
    cause: Option<Cause>,
    /// 输出格式 · The form of the list
    #[arg(long, value_enum, default_value = "table")]
    format: Form,
}

/// The form of the list.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    Table,
    Csv,
    Json,
}

const PAGE: i64 = 1_000;

impl AdviceCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let store = context.open(false)?;
        let filter = Filter {
            bank: named_bank(&store, self.bank.as_deref())?.map(|bank| bank.id),
            state: self.state,
            cause: self.cause,
            ..Filter::default()
        };
        let format = match self.format {
            Form::Table => return print_table(&store, &filter),
            Form::Csv => Format::Csv,
            Form::Json => Format::Json,
        };
        let mut list = List::new(format, &COLUMNS)?;
        each(&store, &filter, |one| list.add(row(one)))?;
        list.end()
    }
}

/// All advice that passes the filter, in the order of bank and id.
fn each(
    store: &Store,
    filter: &Filter,
    mut each: impl FnMut(&Advised) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let mut last: Option<Advised> = None;
    loop {
        let after = last.as_ref().map(|last| (&*last.bank, last.id));
        let found = store
            .read(|conn| Ok::<_, Failure<Never>>(page(conn, filter, after, PAGE)?))
            .map_err(Failed::new)?;
        found.iter().try_for_each(&mut each)?;
        match found.into_iter().last() {
            Some(one) => last = Some(one),
            None => return Ok(()),
        }
    }
}

fn print_table(store: &Store, filter: &Filter) -> Result<(), Failed> {
    let mut found = false;
    each(store, filter, |one| {
        found = true;
        print(&line(one))
    })?;
    if !found {
        eprintln!("没有建议 · there is no advice");
    }
    Ok(())
}

/// For people: one piece of advice a line.
fn line(one: &Advised) -> String {
    let words = |name: crate::kernel::Bilingual| format!("{} {}", name.zh, name.en);
    let by = one.acknowledged.as_ref().map_or("", |said| &*said.by);
    let (cause, action) = (words(one.cause.name()), words(one.action.name()));
    format!(
        "{}  {:<12}  {}  {}  {}  {cause} → {action}  {} {by}\n",
        one.id,
        one.bank,
        one.agreement,
        one.uscc,
        one.since,
        one.state()
    )
}

/// What is told of each.
const COLUMNS: [&str; 13] = [
    "id",
    "bank",
    "agreement",
    "uscc",
    "cause",
    "action",
    "since",
    "state",
    "made_at",
    "acknowledged_at",
    "acknowledged_by",
    "note",
    "lifted_at",
];

fn row(one: &Advised) -> [Value; COLUMNS.len()] {
    let said = one.acknowledged.as_ref();
    [
        json!(one.id),
        json!(one.bank),
        json!(one.agreement),
        json!(one.uscc),
        json!(one.cause),
        json!(one.action),
        json!(one.since),
        json!(one.state()),
        json!(one.made_at),
        json!(said.map(|said| said.at)),
        json!(said.map(|said| &said.by)),
        json!(said.and_then(|said| said.note.as_deref())),
        json!(one.lifted_at),
    ]
}
