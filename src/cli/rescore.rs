//! `daishan rescore`: scores those who are due.

use super::progress::Progress;
use super::{Context, Failed, print};
use crate::app::App;
use crate::flows::rescore::{Rescored, rescore};
use crate::flows::slices::Slices;
use crate::flows::watch::Watch;
use crate::store::Failure;
use crate::store::error::Never;
use clap::Args;

/// 重新评分 · Score those who are due
#[derive(Args)]
pub struct RescoreCommand {
    /// 全部商户，无论是否到期 · All merchants, due or not
    #[arg(long)]
    all: bool,
}

impl RescoreCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let app = context.app(false)?;
        let rescored = rescore_due(&app, self.all, &Progress::default())?;
        print(&format!(
            "已评 {} 户，{} 户评分有变 · {} merchants scored, {} scores given anew\n",
            rescored.merchants, rescored.scores, rescored.merchants, rescored.scores
        ))
    }
}

/// Scores those who are due on the business date, or all.
///
/// # Errors
/// Where the county's card is not at hand, the business date lies before its first day, or the store fails.
pub fn rescore_due(app: &App, all: bool, watch: &dyn Watch) -> Result<Rescored, Failed> {
    let (today, card_name) = app
        .store
        .read(|conn| Ok::<_, Failure<Never>>(app.today(conn)?))
        .map_err(Failed::new)?;
    let card = app.cards.get(&card_name).map_err(Failed::new)?;
    let scoring = app.scoring(card, &card_name, today);
    rescore(&mut Slices::Committing(&app.store), scoring, all, watch).map_err(Failed::new)
}

/// Tells on stderr what scoring came to.
pub fn say_rescored(rescored: Rescored) {
    eprintln!(
        "已评 {} 户，{} 户评分有变 · {} merchants scored, {} scores given anew",
        rescored.merchants, rescored.scores, rescored.merchants, rescored.scores
    );
}
