//! What claims and the books should come to, said again in plain numbers. Amounts are fen.

use std::collections::{BTreeMap, BTreeSet};

/// How a merchant's one unit stands: certified since 2024, unless …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    InForce,
    Suspended,
    /// Revoked at the end of the month of this number (1 to 12).
    Ended(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Computed,
    Confirmed,
    Submitted,
    Approved,
    Paid,
    Rejected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Confirm,
    BureauReject,
    Submit,
    Approve,
    Pay,
    Reject,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Status,
    SamePerson,
    Amount,
}

#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub pool: i64,
    pub rate: i64,
    pub month_cap: Option<i64>,
    pub year_cap: Option<i64>,
}

/// Merchant, acquirer and month; merchants in the order of their codes, acquirers in that of their names.
pub type Pair = (usize, usize, u32);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub amount: i64,
    pub remaining: i64,
    pub status: Status,
    pub submitted_by: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Basis {
    fee: i64,
    certified: bool,
    /// The highest amount that was ever due when the pool was asked, and how much of that it has let through.
    peak: i64,
    passed: i64,
    /// Given, less what was taken back.
    given: i64,
    then: Standing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    pub pool: i64,
    pub reserved: i64,
    pub payable: i64,
    pub paid: i64,
    pub clawed_back: i64,
}

pub struct Model {
    pub terms: Terms,
    pub books: Books,
    pub standings: Vec<Standing>,
    pub statements: BTreeMap<Pair, i64>,
    pub claims: BTreeMap<Pair, Vec<Claim>>,
    bases: BTreeMap<Pair, Basis>,
    /// Where people have rejected a claim, nothing more is computed.
    rejected: BTreeSet<Pair>,
}

fn certified(standing: Standing, month: u32) -> bool {
    match standing {
        Standing::InForce => true,
        Standing::Suspended => false,
        Standing::Ended(end) => month < end,
    }
}

/// What a later suspension, or its end, leaves as it was.
fn seen(then: Standing, now: Standing) -> Standing {
    match (then, now) {
        (Standing::Suspended, Standing::InForce) => Standing::Suspended,
        (Standing::InForce | Standing::Ended(_), Standing::Suspended) => Standing::InForce,
        _ => now,
    }
}

impl Model {
    pub fn new(terms: Terms, merchants: usize) -> Self {
        let books = Books {
            pool: terms.pool,
            ..Books::default()
        };
        Self {
            terms,
            books,
            standings: vec![Standing::InForce; merchants],
            statements: BTreeMap::new(),
            claims: BTreeMap::new(),
            bases: BTreeMap::new(),
            rejected: BTreeSet::new(),
        }
    }

    pub fn compute(&mut self, month: u32) {
        let mut asking: Vec<(Pair, i64)> = Vec::new();
        let mut pairs: Vec<Pair> = self
            .statements
            .keys()
            .chain(self.bases.keys())
            .copied()
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        for pair in pairs.into_iter().filter(|pair| pair.2 == month) {
            let fee = self.statements.get(&pair).copied().unwrap_or(0);
            let now = self.standings[pair.0];
            let before = self.bases.get(&pair).copied();
            let then = before.map_or(now, |before| before.then);
            let certified = certified(seen(then, now), month);
            if before.is_some_and(|before| (before.fee, before.certified) == (fee, certified)) {
                continue;
            }
            let asked = if certified {
                (fee * self.terms.rate * 2 + 10_000) / 20_000
            } else {
                0
            };
            let entitled = self.within_caps(pair, asked, &asking);
            let (peak, passed, given) =
                before.map_or((0, 0, 0), |it| (it.peak, it.passed, it.given));
            // What the pool has once refused stays refused.
            let due = if entitled > peak {
                passed + entitled - peak
            } else {
                passed.min(entitled)
            };
            let more = due - given;
            if more > 0 && self.rejected.contains(&pair) {
                continue;
            }
            self.bases.insert(
                pair,
                Basis {
                    fee,
                    certified,
                    peak: peak.max(entitled),
                    passed: passed + (entitled - peak).max(0),
                    given: given.min(due),
                    then,
                },
            );
            if more > 0 {
                asking.push((pair, more));
            } else {
                self.lower_to(pair, entitled);
            }
        }
        let asked: Vec<i64> = asking.iter().map(|(_, more)| *more).collect();
        for ((pair, more), given) in asking.iter().zip(divide(self.books.pool, &asked)) {
            if let Some(basis) = self.bases.get_mut(pair) {
                basis.passed -= more - given;
                basis.given += given;
            }
            if given > 0 {
                self.books.pool -= given;
                self.books.reserved += given;
                self.claims.entry(*pair).or_default().push(Claim {
                    amount: given,
                    remaining: given,
                    status: Status::Computed,
                    submitted_by: None,
                });
            }
        }
    }

    fn within_caps(&self, pair: Pair, asked: i64, asking: &[(Pair, i64)]) -> i64 {
        let others = |month: Option<u32>| -> i64 {
            let counts = |other: &Pair| {
                other.0 == pair.0 && *other != pair && month.is_none_or(|month| other.2 == month)
            };
            let has = self.claims.iter().filter(|(other, _)| counts(other));
            let has: i64 = has
                .flat_map(|(_, claims)| claims)
                .map(|claim| claim.remaining)
                .sum();
            has + asking
                .iter()
                .filter(|(other, _)| counts(other))
                .map(|(_, more)| more)
                .sum::<i64>()
        };
        let month = self.terms.month_cap.map(|cap| cap - others(Some(pair.2)));
        let year = self.terms.year_cap.map(|cap| cap - others(None));
        [month, year]
            .into_iter()
            .flatten()
            .fold(asked, i64::min)
            .max(0)
    }

    fn lower_to(&mut self, pair: Pair, entitled: i64) {
        let claims = self.claims.entry(pair).or_default();
        let mut less = claims.iter().map(|claim| claim.remaining).sum::<i64>() - entitled;
        for claim in claims.iter_mut().rev() {
            let part = less.min(claim.remaining);
            if part <= 0 {
                continue;
            }
            less -= part;
            claim.remaining -= part;
            match claim.status {
                Status::Paid => {
                    self.books.paid -= part;
                    self.books.clawed_back += part;
                }
                Status::Approved => {
                    self.books.payable -= part;
                    self.books.pool += part;
                }
                _ => {
                    self.books.reserved -= part;
                    self.books.pool += part;
                }
            }
            if claim.remaining == 0 && claim.status != Status::Paid {
                claim.status = Status::Rejected;
            }
        }
    }

    /// Takes a step of a person who has seen an amount.
    pub fn step(
        &mut self,
        pair: Pair,
        number: usize,
        step: Step,
        person: usize,
        saw: i64,
    ) -> Result<(), Refused> {
        let claim = &mut self.claims.get_mut(&pair).unwrap()[number];
        let to = match (step, claim.status) {
            (Step::Confirm, Status::Computed) => Status::Confirmed,
            (Step::Submit, Status::Confirmed) => Status::Submitted,
            (Step::Approve, Status::Submitted) => Status::Approved,
            (Step::Pay, Status::Approved) => Status::Paid,
            (Step::BureauReject, Status::Computed | Status::Confirmed)
            | (Step::Reject, Status::Confirmed | Status::Submitted) => Status::Rejected,
            _ => return Err(Refused::Status),
        };
        if claim.status == Status::Submitted && claim.submitted_by == Some(person) {
            return Err(Refused::SamePerson);
        }
        let amount = claim.remaining;
        if saw != amount && matches!(step, Step::Submit | Step::Approve | Step::Pay) {
            return Err(Refused::Amount);
        }
        claim.status = to;
        match to {
            Status::Submitted => claim.submitted_by = Some(person),
            Status::Approved => {
                self.books.reserved -= amount;
                self.books.payable += amount;
            }
            Status::Paid => {
                self.books.payable -= amount;
                self.books.paid += amount;
            }
            Status::Rejected => {
                self.rejected.insert(pair);
                claim.remaining = 0;
                self.books.reserved -= amount;
                self.books.pool += amount;
            }
            Status::Computed | Status::Confirmed => {}
        }
        Ok(())
    }
}

/// Each its part of the pool; one fen after the other to whom most is missing, the first of them first.
fn divide(pool: i64, asked: &[i64]) -> Vec<i64> {
    let sum: i64 = asked.iter().sum();
    if sum <= pool {
        return asked.to_vec();
    }
    let mut given: Vec<i64> = asked.iter().map(|asked| asked * pool / sum).collect();
    while given.iter().sum::<i64>() < pool {
        let missing = |place: usize| asked[place] * pool - given[place] * sum;
        let most = (0..asked.len()).map(missing).max().unwrap();
        let place = (0..asked.len())
            .find(|place| missing(*place) == most)
            .unwrap();
        given[place] += 1;
    }
    given
}
