//! Bank by bank: the lines, each beside its product and its merchant.

use super::{Each, NoReport, Reporting};
use crate::county::records::Bank;
use crate::credit_line::records::{agreements, lines};
use crate::credit_line::{AtGrant, Judged};
use crate::flows::list_lines::Around;
use crate::kernel::Money;
use crate::register::{History, Place};
use crate::report::{Item, LineStand, Stand, What};
use crate::scorecard::Tier;
use crate::store::{Conn, Failure};

/// How many lines are held in memory at a time, with their merchants' histories.
const PAGE: i64 = 512;

impl Reporting<'_> {
    /// Calls `each` with the lines as they stand on the day that `around` looks at.
    pub(super) fn each_line<E>(
        &self,
        conn: &mut Conn,
        around: &Around<'_>,
        banks: &[Bank],
        each: &mut Each<'_, E>,
    ) -> Result<Result<(), E>, Failure<NoReport>> {
        for bank in banks {
            let mut after = String::new();
            loop {
                let named = agreements(conn, bank, &after, PAGE)?;
                let Some(last) = named.last() else { break };
                after.clone_from(last);
                let mut page = lines(conn, self.kinds, bank, Some(&named), around.as_of)?;
                // What has been agreed for a later day is no credit yet.
                page.retain(|line| line.terms.starts_on <= around.as_of);
                let (judged, histories) = around.judge_page(conn, bank, page)?;
                for judged in judged {
                    let history = histories.get(&judged.line.uscc);
                    let item = self.line(around, bank, history, judged);
                    if let Err(error) = each(&item) {
                        return Ok(Err(error));
                    }
                }
            }
        }
        Ok(Ok(()))
    }

    fn line(
        &self,
        around: &Around<'_>,
        bank: &Bank,
        history: Option<&History>,
        judged: Judged,
    ) -> Item {
        let terms = &judged.line.terms;
        let called = |day| around.products.called(&bank.id, &terms.product, day);
        let product = called(around.as_of);
        let granted_on = terms.starts_on;
        let cap = |day, tier: Option<Tier>| -> Option<Money> {
            called(day)?.cap_of(tier.as_ref().map(Tier::as_str))
        };
        let stand = |history| {
            // Before the card's first day nobody has a score.
            let assessed = self.card.assess(history, &around.coverage, granted_on);
            let stand = Stand::of(&assessed.ok()??, self.card.tiers());
            stand.band.map(|_| stand.score)
        };
        let line = LineStand {
            bank: bank.id.clone(),
            product: product.map_or_else(
                || terms.product.to_string(),
                |product| format!("{}/{}", product.bank, product.id),
            ),
            cap_when_granted: match judged.when_granted {
                AtGrant::NotReconstructable => None,
                known => cap(granted_on, known.tier()),
            },
            cap_now: cap(around.as_of, judged.tier_now),
            score_when_granted: history.and_then(stand),
            judged,
        };
        let place = history.map(|history| Place::of(self.kinds, history, around.as_of));
        Item {
            uscc: line.judged.line.uscc,
            place: place.unwrap_or_default(),
            tier: line.judged.tier_now,
            what: What::Line(Box::new(line)),
        }
    }
}
