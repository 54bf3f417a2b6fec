//! A bank looks at its own lines. It is told what it reported and what does not fit about it, and nothing that rests on
//! a tier that it was not told.

use super::decisions::{Answers, Deciding, answers_of, decisions};
use crate::county::records::Bank;
use crate::credit_line::judge::Yardstick;
use crate::credit_line::records::{agreements, lines};
use crate::credit_line::{AtGrant, Flag, Judged, Line, State, judge};
use crate::kernel::{Day, Uscc};
use crate::product::Products;
use crate::product::records::products;
use crate::register::Kinds;
use crate::scorecard::Scorecard;
use crate::store::{Conn, StoreError};

/// Which lines a bank asks for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<State>,
    pub flag: Option<Flag>,
    pub uscc: Option<Uscc>,
}

/// Whose lines are looked at, on which day.
#[derive(Clone, Copy)]
pub struct Looking<'a> {
    pub kinds: &'a Kinds,
    pub card: &'a Scorecard,
    pub bank: &'a Bank,
    pub as_of: Day,
}

/// How many lines are looked at together.
const CHUNK: i64 = 256;
/// How many times that for one page: 2,048 lines, so that no bank's list holds a connection for long.
const MOST_CHUNKS: usize = 8;

/// A page of lines, and after which agreement the next one begins; none after the last.
pub struct Page {
    pub lines: Vec<Judged>,
    pub next: Option<String>,
}

impl Looking<'_> {
    /// The line of that agreement; none where the bank has no such line.
    pub fn one(&self, conn: &mut Conn, agreement: &str) -> Result<Option<Judged>, StoreError> {
        let products = products(conn)?;
        let found = self.of(conn, &products, &[agreement.to_owned()])?;
        Ok(found.into_iter().next())
    }

    /// A page of lines in the order of their agreements, after the one given. It may be short, and even empty, though
    /// more follow: of a filter that takes few, only so many lines are looked at for one page.
    pub fn page(
        &self,
        conn: &mut Conn,
        filter: &Filter,
        after: &str,
        size: usize,
    ) -> Result<Page, StoreError> {
        let products = products(conn)?;
        let (mut found, mut after) = (Vec::new(), after.to_owned());
        for _ in 0..MOST_CHUNKS {
            let named = agreements(conn, self.bank, &after, CHUNK)?;
            let Some(last) = named.last().cloned() else {
                return Ok(Page {
                    lines: found,
                    next: None,
                });
            };
            let mut lines = self.of(conn, &products, &named)?;
            lines.sort_by(|a, b| a.line.agreement.cmp(&b.line.agreement));
            for line in lines.into_iter().filter(|line| filter.takes(line)) {
                if found.len() == size {
                    let next = found
                        .last()
                        .map(|last: &Judged| last.line.agreement.to_string());
                    return Ok(Page { lines: found, next });
                }
                found.push(line);
            }
            after = last;
        }
        Ok(Page {
            lines: found,
            next: Some(after),
        })
    }

    fn of(
        &self,
        conn: &mut Conn,
        products: &Products,
        named: &[String],
    ) -> Result<Vec<Judged>, StoreError> {
        let lines = lines(conn, self.kinds, self.bank, Some(named), self.as_of)?;
        let answers = answers_of(conn, &self.bank.id, &lines)?;
        lines
            .into_iter()
            .map(|line| self.judge(products, &answers, line))
            .collect()
    }

    /// Holds a line against its product and the answers that the bank relied on.
    ///
    /// # Errors
    /// Where an answer that is kept cannot be read.
    pub fn judge(
        &self,
        products: &Products,
        answers: &Answers,
        line: Line,
    ) -> Result<Judged, StoreError> {
        let deciding = Deciding {
            bank: &self.bank.id,
            card: self.card,
            products,
            answers,
        };
        let untold = |_| AtGrant::NotReconstructable;
        let (granted, rises) = decisions(deciding, &line, untold)?;
        let product = &line.terms.product;
        let by = Yardstick {
            as_of: self.as_of,
            granted,
            rises,
            tier_now: None,
            product_now: products.called(&self.bank.id, product, self.as_of),
        };
        let mut judged = judge(line, &by);
        judged.flags.retain(|flag| flag.is_for_bank());
        Ok(judged)
    }
}

impl Filter {
    fn takes(&self, judged: &Judged) -> bool {
        self.state.is_none_or(|state| state == judged.state)
            && self.flag.is_none_or(|flag| judged.has(flag))
            && self.uscc.is_none_or(|uscc| uscc == judged.line.uscc)
    }
}
