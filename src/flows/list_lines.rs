//! The lines of credit on a day, each beside the tier of its merchant when it was granted and on the day.

use super::decisions::{Answers, Deciding, answers_of, decisions};
use super::find_bank::all_banks;
use crate::county::records::Bank;
use crate::credit_line::judge::Yardstick;
use crate::credit_line::records::lines;
use crate::credit_line::{AtGrant, Judged, Line, judge};
use crate::kernel::{Day, Id, Uscc};
use crate::merchant::Merchant;
use crate::merchant::records::by_uscc;
use crate::product::Products;
use crate::product::records::products;
use crate::register::records::{coverage, histories};
use crate::register::{Coverage, History, Kinds};
use crate::score::give;
use crate::scorecard::{BeforeFirstDay, Scorecard, Tier};
use crate::store::{Conn, Failure, StoreError};
use std::collections::{BTreeSet, HashMap};

/// How many lines are looked at, with their merchants' histories in memory, at a time.
const PAGE: usize = 512;

/// A line as it is listed.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The bank's id; its name where it is no bank of the county.
    pub bank: String,
    pub judged: Judged,
}

/// What is known of merchants, by their codes.
type Histories = HashMap<Uscc, History>;

/// What lines are held against, beside the lines themselves.
pub struct Around<'a> {
    pub(super) kinds: &'a Kinds,
    pub(super) card: &'a Scorecard,
    pub(super) as_of: Day,
    pub(super) products: Products,
    pub(super) coverage: Coverage,
}

/// The lines of the bank of that id, or of all banks, in the order of the ledgers.
///
/// # Errors
/// Where the day lies before the card's first, or the store fails.
pub fn list_lines(
    conn: &mut Conn,
    kinds: &Kinds,
    card: &Scorecard,
    as_of: Day,
    bank: Option<&str>,
) -> Result<Vec<Listed>, Failure<BeforeFirstDay>> {
    let around = Around::look(conn, kinds, card, as_of)?;
    let mut listed = Vec::new();
    for one in all_banks(conn)? {
        if bank.is_none_or(|id| id == one.id) {
            let lines = lines(conn, kinds, &one, None, as_of)?;
            listed.extend(around.judge(conn, &one, lines)?);
        }
    }
    Ok(listed)
}

impl<'a> Around<'a> {
    /// Looks at what is the same for all lines.
    pub fn look(
        conn: &mut Conn,
        kinds: &'a Kinds,
        card: &'a Scorecard,
        as_of: Day,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            kinds,
            card,
            as_of,
            products: products(conn)?,
            coverage: coverage(conn, kinds, None)?,
        })
    }

    /// Holds a bank's lines against their yardsticks; they stay in their order.
    pub fn judge(
        &self,
        conn: &mut Conn,
        bank: &Bank,
        lines: Vec<Line>,
    ) -> Result<Vec<Listed>, Failure<BeforeFirstDay>> {
        let mut listed = Vec::with_capacity(lines.len());
        let mut lines = lines.into_iter();
        loop {
            let page: Vec<Line> = lines.by_ref().take(PAGE).collect();
            if page.is_empty() {
                return Ok(listed);
            }
            let (page, _) = self.judge_page(conn, bank, page)?;
            listed.extend(page.into_iter().map(|judged| Listed {
                bank: bank.id.clone(),
                judged,
            }));
        }
    }

    /// Holds so many lines of a bank against their yardsticks as fit into memory with their merchants' histories, which
    /// are given as well; none for who is no merchant.
    pub(super) fn judge_page(
        &self,
        conn: &mut Conn,
        bank: &Bank,
        page: Vec<Line>,
    ) -> Result<(Vec<Judged>, Histories), Failure<BeforeFirstDay>> {
        let histories = self.histories(conn, &page)?;
        let answers = answers_of(conn, &bank.id, &page)?;
        let judge = |line: Line| {
            let history = histories.get(&line.uscc);
            self.judge_one(bank, &answers, history, line)
        };
        let judged: Result<Vec<Judged>, _> = page.into_iter().map(judge).collect();
        Ok((judged?, histories))
    }

    fn histories(&self, conn: &mut Conn, lines: &[Line]) -> Result<Histories, StoreError> {
        let merchants = by_uscc(conn, lines.iter().map(|line| line.uscc))?;
        let ids: BTreeSet<Id<Merchant>> = merchants.into_values().collect();
        let ids: Vec<Id<Merchant>> = ids.into_iter().collect();
        let histories = histories(conn, self.kinds, &ids, None)?;
        let by_code = histories
            .into_iter()
            .map(|(_, history)| (history.uscc, history));
        Ok(by_code.collect())
    }

    fn judge_one(
        &self,
        bank: &Bank,
        answers: &Answers,
        history: Option<&History>,
        line: Line,
    ) -> Result<Judged, Failure<BeforeFirstDay>> {
        let deciding = Deciding {
            bank: &bank.id,
            card: self.card,
            products: &self.products,
            answers,
        };
        let reconstruct = |day| match self.tier(history, day) {
            Ok(tier) => AtGrant::Reconstructed(tier),
            Err(_) => AtGrant::NotReconstructable,
        };
        let (granted, rises) = decisions(deciding, &line, reconstruct)?;
        let product = &line.terms.product;
        let by = Yardstick {
            as_of: self.as_of,
            granted,
            rises,
            tier_now: self.tier(history, self.as_of).map_err(Failure::Refused)?,
            product_now: self.products.called(&bank.id, product, self.as_of),
        };
        Ok(judge(line, &by))
    }

    /// The tier on a day; none where there is none, or no such merchant.
    fn tier(&self, history: Option<&History>, day: Day) -> Result<Option<Tier>, BeforeFirstDay> {
        let Some(history) = history else {
            let first = self.card.in_force_from();
            return if day < first {
                Err(BeforeFirstDay { day, first })
            } else {
                Ok(None)
            };
        };
        let given = give(self.card, history, &self.coverage, day)?;
        Ok(given.and_then(|given| given.assessment.tier))
    }
}
