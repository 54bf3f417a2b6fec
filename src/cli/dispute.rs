//! `daishan dispute`: facts that merchants dispute, and how that is decided.

use super::{Context, Failed, print};
use crate::dispute::records::list;
use crate::dispute::{Dispute, Verdict};
use crate::flows::dispute_fact::{decide_dispute, open_dispute};
use crate::kernel::text::normalised;
use crate::kernel::{Actor, Id, SystemClock, SystemRandomness};
use crate::register::content::KEY_SEPARATOR;
use crate::store::Failure;
use crate::store::error::Never;
use clap::{Args, Subcommand};
use std::fmt::Write;

/// 异议：登记、决定、列出；未决期间在回答中标注 · Disputed facts: open, decide, list; marked in answers until decided
#[derive(Args)]
pub struct DisputeCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// 登记异议，输出编号 · Open a dispute; prints its id
    Open {
        /// 登记种类，如 penalties · The register
        kind: String,
        /// 记录的键，按声明的顺序 · The fact's key, part by part as declared
        #[arg(required = true)]
        key: Vec<String>,
        /// 异议理由 · What the merchant says
        #[arg(long)]
        reason: String,
        /// 登记人 · Who records it
        #[arg(long, value_name = "WHO")]
        by: Actor,
    },
    /// 成立：请原登记机关更正 · Upheld: the register is asked to correct the fact
    Uphold(One),
    /// 不成立：记录照旧 · Dismissed: the fact stands
    Dismiss(One),
    /// 列出未决异议 · List the open disputes
    List {
        /// 包括已决的 · Decided ones as well
        #[arg(long)]
        all: bool,
        /// 输出JSON · Print as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct One {
    /// 异议编号 · The dispute's id
    id: Id<Dispute>,
    /// 决定人 · Who decides
    #[arg(long, value_name = "WHO")]
    by: Actor,
}

impl DisputeCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        match self.act {
            Act::Open {
                kind,
                key,
                reason,
                by,
            } => open(context, &kind, &key, &reason, &by),
            Act::Uphold(one) => decide(context, &one, Verdict::Upheld),
            Act::Dismiss(one) => decide(context, &one, Verdict::Dismissed),
            Act::List { all, json } => show(context, all, json),
        }
    }
}

fn open(
    context: &Context,
    kind: &str,
    key: &[String],
    reason: &str,
    by: &Actor,
) -> Result<(), Failed> {
    let store = context.open(false)?;
    let parts: Vec<_> = key.iter().map(|part| normalised(part)).collect();
    let key = parts.join(&KEY_SEPARATOR.to_string());
    let fact = (kind, key.as_str());
    let id = open_dispute(
        &store,
        &SystemClock,
        &SystemRandomness,
        fact,
        reason.trim(),
        by,
    );
    print(&format!("{}\n", id.map_err(Failed::new)?))
}

fn decide(context: &Context, one: &One, verdict: Verdict) -> Result<(), Failed> {
    let store = context.open(false)?;
    decide_dispute(&store, &SystemClock, one.id, verdict, &one.by).map_err(Failed::new)?;
    eprintln!("{}：{verdict}", one.id);
    Ok(())
}

fn show(context: &Context, all: bool, json: bool) -> Result<(), Failed> {
    let store = context.open(false)?;
    let disputes = store.read(|conn| Ok::<_, Failure<Never>>(list(conn, all)?));
    let disputes = disputes.map_err(Failed::new)?;
    if json {
        return print(&(serde_json::to_string_pretty(&disputes).map_err(Failed::new)? + "\n"));
    }
    if disputes.is_empty() {
        eprintln!("没有异议 · there are no disputes");
    }
    let mut text = String::new();
    for one in disputes {
        let key = one.key.replace(KEY_SEPARATOR, " ");
        let outcome = one.outcome.as_deref().unwrap_or("未决 open");
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}  {}  {}  {key}  {outcome}",
            one.id, one.uscc, one.kind
        );
        let _ = writeln!(
            text,
            "  {}  {}：{}",
            one.opened_at.for_people(),
            one.opened_by,
            one.reason
        );
    }
    print(&text)
}
