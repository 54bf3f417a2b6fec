//! `daishan claims`: the claims on programmes of subsidy, and what the bureau does with them.

mod compute;
mod decide;
mod list;

use super::scores::Format;
use super::{Context, Failed};
use crate::kernel::Month;
use crate::subsidy::Status;
use crate::subsidy::records::Filter;
use clap::{Args, Subcommand};

pub use compute::{compute_due, left_out};

/// 补贴申领：列出、计算、确认、驳回 · Claims on programmes of subsidy: list, compute, confirm or reject them
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ClaimsCommand {
    #[command(subcommand)]
    act: Option<Act>,
    /// 只列此项目 · Only this programme's
    #[arg(long, value_name = "ID")]
    programme: Option<String>,
    /// 只列此月 · Only this month's
    #[arg(long, value_name = "yyyyMM", value_parser = month)]
    month: Option<Month>,
    /// 只列此状态 · Only those that stand here
    #[arg(long)]
    status: Option<Status>,
    /// 输出格式 · The form of the list
    #[arg(long, value_enum, required = true)]
    format: Option<Format>,
}

#[derive(Subcommand)]
enum Act {
    Compute(compute::Compute),
    Confirm(decide::Confirm),
    Reject(decide::Reject),
}

impl ClaimsCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        match (self.act, self.format) {
            (Some(Act::Compute(compute)), _) => compute.run(context),
            (Some(Act::Confirm(confirm)), _) => confirm.run(context),
            (Some(Act::Reject(reject)), _) => reject.run(context),
            (None, Some(format)) => {
                let filter = Filter {
                    programme: self.programme,
                    month: self.month,
                    status: self.status,
                    merchant: None,
                };
                list::list(context, &filter, format)
            }
            // clap asks for the form where there is no subcommand.
            (None, None) => Err(Failed::usage("缺少 --format · --format is missing")),
        }
    }
}

fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).map_err(|_| "格式 yyyyMM · a month in the form yyyyMM".to_owned())
}
