//! `daishan claims compute`: what merchants' fees come to, granted within caps and pool.

use super::month;
use crate::app::App;
use crate::cli::progress::Progress;
use crate::cli::{Context, Failed, print};
use crate::flows::compute_claims::{Computed, Computing, Wanted, compute_claims};
use crate::flows::watch::Watch;
use crate::kernel::{Actor, Month};
use crate::store::Failure;
use crate::store::error::Never;
use clap::Args;
use std::fmt::Write;

/// 计算已结束各月的申领，可重复运行 · Compute the claims of months that are over; may be run again at will
#[derive(Args)]
pub(super) struct Compute {
    /// 只计算此项目 · Only this programme's
    #[arg(long, value_name = "ID")]
    programme: Option<String>,
    /// 只计算此月 · Only this month's
    #[arg(long, value_name = "yyyyMM", value_parser = month)]
    month: Option<Month>,
    /// 经办人 · Who does it
    #[arg(long, value_name = "WHO")]
    by: Actor,
}

impl Compute {
    pub fn run(self, context: &Context) -> Result<(), Failed> {
        let app = context.app(false)?;
        let wanted = Wanted {
            programme: self.programme,
            month: self.month,
        };
        let computed = compute_due(&app, &wanted, &self.by, &Progress::default())?;
        print(&told(&computed))?;
        if computed.left_out.is_empty() {
            return Ok(());
        }
        Err(Failed::new(left_out(&computed)))
    }
}

/// Computes the claims that are wanted on the business date.
///
/// # Errors
/// Where the county's card is not at hand, or the flow fails.
pub fn compute_due(
    app: &App,
    wanted: &Wanted,
    by: &Actor,
    watch: &dyn Watch,
) -> Result<Computed, Failed> {
    let today = app
        .store
        .read(|conn| Ok::<_, Failure<Never>>(app.today(conn)?));
    let (today, card_name) = today.map_err(Failed::new)?;
    let computing = Computing {
        kinds: &app.kinds,
        card: app.cards.get(&card_name).map_err(Failed::new)?,
        today,
        clock: &*app.clock,
        randomness: &*app.randomness,
        by,
    };
    compute_claims(&app.store, computing, wanted, watch).map_err(Failed::new)
}

fn told(computed: &Computed) -> String {
    let Computed {
        months,
        claims,
        amount,
        differences,
        added,
        taken_away,
        rejected,
        left_out: _,
    } = computed;
    let mut text = format!(
        "{months} 个月，新申领 {claims} 笔共 {amount} 元；差额 {differences} 笔，增 {added} 元、减 {taken_away} 元 · \
         {months} months, {claims} new claims over {amount} yuan; {differences} differences, {added} more and {taken_away} less\n"
    );
    if *rejected > 0 {
        let _ = writeln!(
            text,
            "{rejected} 笔因同月申领曾被驳回而未补算，请人工处理 · {rejected} would be due more, but a claim of the same month was \
             rejected: they are left to people"
        );
    }
    text + &left_out(computed)
}

/// Who was left out and why, a line each; nothing where nobody was.
pub fn left_out(computed: &Computed) -> String {
    let lines = computed.left_out.iter();
    lines.map(|one| format!("{one}\n")).collect()
}
