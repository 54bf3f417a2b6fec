//! What is made and lifted in one transaction, with the messages about it.

use super::lines::LiveLine;
use crate::advice::records::{NewAdvice, add, lift};
use crate::advice::{Advice, Advised, LineInView, Situation};
use crate::flows::rescore::Scoring;
use crate::kernel::{Id, Instant, Uscc};
use crate::merchant::Merchant;
use crate::outbox::Kind;
use crate::outbox::records::{NewMessage, promise};
use crate::store::{Conn, StoreError};

/// What is made and lifted in this transaction.
pub struct Done<'a> {
    scoring: Scoring<'a>,
    now: Instant,
    made: Vec<NewAdvice>,
    lifted: Vec<(Id<Merchant>, Id<Advice>)>,
    messages: Vec<NewMessage>,
}

impl<'a> Done<'a> {
    pub fn new(scoring: Scoring<'a>) -> Self {
        Self {
            scoring,
            now: scoring.clock.now(),
            made: Vec::new(),
            lifted: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// Decides about one merchant's lines, beside the advice about them that has not been lifted.
    pub fn about(
        &mut self,
        (merchant, uscc): (Id<Merchant>, Uscc),
        situation: &Situation,
        lines: &[LiveLine],
        known: &[&Advised],
    ) {
        let today = self.scoring.today;
        let own: Vec<&LiveLine> = lines.iter().filter(|line| line.uscc == uscc).collect();
        for line in &own {
            let is_of = |one: &&&Advised| one.bank == line.bank && one.agreement == line.agreement;
            let of_line: Vec<&Advised> = known.iter().filter(is_of).copied().collect();
            let view = LineInView {
                starts_on: line.starts_on,
                product: line.product.as_ref(),
            };
            let ought = situation.ought(view, &of_line, today);
            for &(cause, action, since) in &ought.make {
                let id = Id::new(self.now, self.scoring.randomness);
                self.made.push(NewAdvice {
                    bank: line.bank.clone(),
                    id,
                    agreement: line.agreement.clone(),
                    merchant,
                    uscc,
                    cause,
                    action,
                    since,
                    made_at: self.now,
                });
                self.tell(&line.bank, Kind::AdviceMade, id);
            }
            let gone = of_line.iter().filter(|one| ought.lift.contains(&one.id));
            gone.for_each(|one| self.lift(one));
        }
        // Settled, over without a balance, or of another merchant now.
        let is_over = |one: &&&Advised| {
            let mut own = own.iter();
            !own.any(|line| line.bank == one.bank && line.agreement == one.agreement)
        };
        known.iter().filter(is_over).for_each(|one| self.lift(one));
    }

    fn lift(&mut self, one: &Advised) {
        if one.state().lift().is_ok() {
            self.lifted.push((one.merchant, one.id));
            self.tell(&one.bank, Kind::AdviceLifted, one.id);
        }
    }

    fn tell(&mut self, bank: &str, kind: Kind, about: Id<Advice>) {
        self.messages.push(NewMessage {
            bank: bank.to_owned(),
            id: Id::new(self.now, self.scoring.randomness),
            kind,
            about,
            created_at: self.now,
        });
    }

    /// Writes what was decided. A line that has gone from one merchant to another may be advised about under the first one
    /// still: that is lifted at its own turn, under its own head, which the review after each scoring brings.
    pub fn keep(self, conn: &mut Conn) -> Result<(), StoreError> {
        if !self.lifted.is_empty() {
            let (merchants, advice): (Vec<_>, Vec<_>) = self.lifted.into_iter().unzip();
            lift(conn, &merchants, &advice, self.now)?;
        }
        add(conn, &self.made)?;
        promise(conn, &self.messages)?;
        Ok(())
    }
}
