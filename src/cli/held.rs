//! `daishan held`: changes of what should not change, side by side, and what a person decides.

use super::{Context, Failed, print};
use crate::flows::decide_held::decide_held;
use crate::held::records::{Held, held};
use crate::held::{Decision, HeldChange};
use crate::kernel::{Actor, Id, SystemClock};
use crate::register::content::values_from_content;
use crate::register::{Kinds, Value};
use crate::store::Failure;
use crate::store::error::Never;
use clap::{Args, Subcommand};
use serde_json::json;
use std::fmt::Write;

/// 待定变更：列出，或接受、驳回 · Held changes: list them, or accept or reject one
#[derive(Args)]
pub struct HeldCommand {
    #[command(subcommand)]
    decision: Option<Decide>,
    /// 输出JSON · Print as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum Decide {
    /// 接受：成为该记录的新版本 · The row becomes the fact's next version
    Accept(One),
    /// 驳回：保留已知版本 · The known version stays
    Reject(One),
}

#[derive(Args)]
struct One {
    /// 待定变更编号 · The held change's id
    id: Id<HeldChange>,
    /// 决定人 · Who decides
    #[arg(long, value_name = "WHO")]
    by: Actor,
}

impl HeldCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let store = context.open(false)?;
        let (one, decision) = match self.decision {
            Some(Decide::Accept(one)) => (one, Decision::Accepted),
            Some(Decide::Reject(one)) => (one, Decision::Rejected),
            None => {
                let kinds = context.configuration.kinds().map_err(Failed::usage)?;
                let rows = store
                    .read(|conn| Ok::<_, Failure<Never>>(held(conn, None)?))
                    .map_err(Failed::new)?;
                return if self.json {
                    print_json(&rows, &kinds)
                } else {
                    print_list(&rows, &kinds)
                };
            }
        };
        let change =
            decide_held(&store, &SystemClock, one.id, decision, &one.by).map_err(Failed::new)?;
        eprintln!("{} {} {}：{decision}", one.id, change.kind, change.uscc);
        if decision == Decision::Accepted {
            eprintln!(
                "评分将在下次查询或夜间作业时更新；也可运行 daishan rescore · the score follows with the next query or the nightly job, or run daishan rescore"
            );
        }
        Ok(())
    }
}

/// A column whose two values differ: its header, known, delivered.
type Difference = (String, String, String);

fn differences(change: &Held, kinds: &Kinds) -> Vec<Difference> {
    let Some(kind) = kinds.named(&change.kind) else {
        return Vec::new();
    };
    let read = |content: &str| values_from_content(kind, content).unwrap_or_default();
    let (known, delivered) = (read(&change.known_content), read(&change.content));
    let value = |values: &[Value], place: usize| values.get(place).cloned().unwrap_or(Value::Blank);
    let columns = kind.columns.iter().enumerate();
    columns
        .map(|(place, column)| (column, value(&known, place), value(&delivered, place)))
        .filter(|(_, known, delivered)| known != delivered)
        .map(|(column, known, delivered)| {
            let shown = |value: &Value| match column.personal {
                Some(_) => masked(&value.to_string()),
                None => value.to_string(),
            };
            (column.header.to_string(), shown(&known), shown(&delivered))
        })
        .collect()
}

/// `138****1234`: enough to tell two numbers apart for whoever knows them.
pub fn masked(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    match characters.len() {
        0 => String::new(),
        11.. => characters[..3]
            .iter()
            .chain(&['*'; 4])
            .chain(&characters[characters.len() - 4..])
            .collect(),
        _ => "****".to_owned(),
    }
}

fn print_list(rows: &[Held], kinds: &Kinds) -> Result<(), Failed> {
    let mut text = String::new();
    if rows.is_empty() {
        eprintln!("没有待定变更 · there are no held changes");
    }
    for change in rows {
        let key = change.key.replace('\u{1f}', " ");
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}  {}  {}  {}",
            change.id, change.kind, change.uscc, key
        );
        let _ = writeln!(
            text,
            "  {}:{}  {}",
            change.file,
            change.line,
            change.held_at.for_people()
        );
        for (header, known, delivered) in differences(change, kinds) {
            let _ = writeln!(
                text,
                "  {header}：已知 known「{known}」 → 来件 delivered「{delivered}」"
            );
        }
    }
    print(&text)
}

fn print_json(rows: &[Held], kinds: &Kinds) -> Result<(), Failed> {
    let row = |change: &Held| {
        let columns = differences(change, kinds).into_iter().map(|(header, known, delivered)| {
            json!({"column": header, "known": known, "delivered": delivered})
        });
        json!({
            "id": change.id,
            "kind": change.kind,
            "key": change.key.split('\u{1f}').collect::<Vec<_>>(),
            "uscc": change.uscc,
            "file": change.file,
            "line": change.line,
            "held_at": change.held_at,
            "columns": columns.collect::<Vec<_>>(),
        })
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    print(&(serde_json::to_string_pretty(&rows).map_err(Failed::new)? + "\n"))
}
