//! `daishan claims confirm` and `reject`: what the bureau says of claims.

use super::month;
use crate::app::App;
use crate::cli::{Context, Failed, print};
use crate::flows::advance_claim::{Acting, advance_claim, confirm_claims};
use crate::kernel::{Actor, Id, Month};
use crate::store::Failure;
use crate::store::error::Never;
use crate::subsidy::records::Filter;
use crate::subsidy::{Claim, Side, Step};
use clap::{ArgGroup, Args};

/// 确认认定有效：一笔，或项目、月份内已计算的全部 · Confirm the certification behind one claim, or behind all that are computed in a programme or a month
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).multiple(true).args(["id", "programme", "month"]))]
pub(super) struct Confirm {
    /// 申领编号 · The claim's id
    #[arg(conflicts_with_all = ["programme", "month"])]
    id: Option<Id<Claim>>,
    /// 此项目的全部 · All of this programme
    #[arg(long, value_name = "ID")]
    programme: Option<String>,
    /// 此月的全部 · All of this month
    #[arg(long, value_name = "yyyyMM", value_parser = month)]
    month: Option<Month>,
    /// 确认人 · Who confirms
    #[arg(long, value_name = "WHO")]
    by: Actor,
}

/// 驳回尚未提交的申领，款项退回资金池 · Reject a claim that is not submitted yet; its money goes back to the pool
#[derive(Args)]
pub(super) struct Reject {
    /// 申领编号 · The claim's id
    id: Id<Claim>,
    /// 原因 · Why
    #[arg(long)]
    reason: String,
    /// 驳回人 · Who rejects
    #[arg(long, value_name = "WHO")]
    by: Actor,
}

fn acting<'a>(app: &'a App, by: &'a Actor) -> Result<Acting<'a>, Failed> {
    let today = app
        .store
        .read(|conn| Ok::<_, Failure<Never>>(app.today(conn)?));
    Ok(Acting {
        side: Side::Bureau,
        person: by.as_str(),
        by,
        today: today.map_err(Failed::new)?.0,
        clock: &*app.clock,
        randomness: &*app.randomness,
    })
}

impl Confirm {
    pub fn run(self, context: &Context) -> Result<(), Failed> {
        let app = context.app(false)?;
        let acting = acting(&app, &self.by)?;
        let (count, sum) = match self.id {
            Some(id) => {
                let act = |conn: &mut _| advance_claim(conn, id, Step::Confirm, acting, None, None);
                (1, app.store.write(act).map_err(Failed::new)?.remaining)
            }
            None => {
                let filter = Filter {
                    programme: self.programme,
                    month: self.month,
                    ..Filter::default()
                };
                confirm_claims(&app.store, &filter, acting).map_err(Failed::new)?
            }
        };
        print(&format!(
            "已确认 {count} 笔共 {sum} 元 · {count} claims over {sum} yuan confirmed\n"
        ))
    }
}

impl Reject {
    pub fn run(self, context: &Context) -> Result<(), Failed> {
        let app = context.app(false)?;
        let acting = acting(&app, &self.by)?;
        let reason = self.reason.trim();
        let fits = (1..=500).contains(&reason.chars().count());
        if !fits || reason.chars().any(char::is_control) {
            return Err(Failed::usage(
                "原因须为1到500字，不含控制字符 · a reason has 1 to 500 characters without control characters",
            ));
        }
        let step = Step::Reject {
            reason: reason.to_owned(),
        };
        let act = |conn: &mut _| advance_claim(conn, self.id, step.clone(), acting, None, None);
        let claim = app.store.write(act).map_err(Failed::new)?;
        print(&format!("{}：已驳回 · rejected\n", claim.id))
    }
}
