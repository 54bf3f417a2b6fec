//! What is wished for in a month is granted, within caps and pool: rows of claims, transfers and bases, in the
//! caller's transaction.

use super::known::{Known, refused};
use super::wish::Wish;
use super::{ClaimsRefusal, Computed, Computing, Slice, moved_on};
use crate::kernel::money::MoneyError;
use crate::kernel::{Day, Id, Instant, Money};
use crate::ledger::records::{Posted, lock_balances, post};
use crate::ledger::{Account, Balances, Claim, Movement, Posting};
use crate::merchant::Merchant;
use crate::store::{Conn, Failure};
use crate::subsidy::records::{
    Basis, Claimed, NewBasis, NewEvent, add_bases, add_claims, add_events, move_on,
};
use crate::subsidy::{Reduction, Status, in_force, reduce, share_out};

/// Grants the wishes of a month, which are in the order of merchants and acquirers, and so are the rows that come of them.
/// What has been granted meanwhile is left alone.
pub(super) fn grant(
    conn: &mut Conn,
    computing: Computing<'_>,
    slice: &Slice<'_>,
    wishes: &[Wish<'_>],
) -> Result<Computed, Failure<ClaimsRefusal>> {
    let programme = &slice.declared.terms.id;
    let balances = lock_balances(conn, programme)?;
    let pool = free(&balances, slice, computing.today).map_err(refused)?;
    let known = Known::read(conn, slice, wishes)?;
    let mut granting = Granting::new(computing, slice, known);
    for wish in wishes {
        if granting.known.is_open(wish) {
            granting.look_at(wish)?;
        }
    }
    granting.share(pool)?;
    granting.write(conn)
}

/// What may be granted of the pool: not what a lowered pool has too much of and could not give back when it was lowered.
/// Below zero where more of that is claimed still.
fn free(balances: &Balances, slice: &Slice<'_>, today: Day) -> Result<Money, MoneyError> {
    let record = in_force(slice.records, today).unwrap_or(slice.declared);
    // The source is below zero by what it gave.
    let too_little = record.terms.pool.plus(balances.of(Account::Funding))?;
    balances.of(Account::Pool).plus(too_little.min(Money::ZERO))
}

/// A wish that asks for more, and what became of it.
struct Asking<'w> {
    wish: &'w Wish<'w>,
    entitled: Money,
    more: Money,
}

/// What is about to be written.
struct Granting<'s, 'w> {
    computing: Computing<'s>,
    slice: &'s Slice<'s>,
    known: Known,
    now: Instant,
    asking: Vec<Asking<'w>>,
    reductions: Vec<Reduction>,
    events: Vec<NewEvent<'s>>,
    released: Money,
    bases: Vec<Basis>,
    claims: Vec<Claimed>,
    computed: Computed,
}

impl<'s, 'w> Granting<'s, 'w> {
    fn new(computing: Computing<'s>, slice: &'s Slice<'s>, known: Known) -> Self {
        Self {
            computing,
            slice,
            known,
            now: computing.clock.now(),
            asking: Vec::new(),
            reductions: Vec::new(),
            events: Vec::new(),
            released: Money::ZERO,
            bases: Vec::new(),
            claims: Vec::new(),
            computed: Computed::default(),
        }
    }

    /// What a wish is entitled to beside the caps, and so by how much more or less it is.
    fn look_at(&mut self, wish: &'w Wish<'w>) -> Result<(), Failure<ClaimsRefusal>> {
        let sum = |sum: Money, claim: &Claimed| sum.plus(claim.remaining);
        let own = self.known.claims_of(wish).try_fold(Money::ZERO, sum);
        let own = own.map_err(refused)?;
        let entitled = self
            .known
            .given
            .allow(wish.terms, wish.merchant, own, wish.asked)
            .map_err(refused)?;
        let more = wish.settled.more(entitled).map_err(refused)?;
        if more > Money::ZERO && self.known.is_rejected(wish) {
            self.computed.rejected += 1;
            return Ok(());
        }
        if more > Money::ZERO {
            self.count(wish.merchant, more)?;
            self.asking.push(Asking {
                wish,
                entitled,
                more,
            });
            return Ok(());
        }
        let less = own.minus(own.min(entitled)).map_err(refused)?;
        let claims = self.known.claims_of(wish).cloned().collect();
        self.take_away(wish, claims, less)?;
        let taken = Money::ZERO.minus(less).map_err(refused)?;
        self.bases.push(self.basis(wish, entitled, taken));
        Ok(())
    }

    fn count(&mut self, merchant: Id<Merchant>, more: Money) -> Result<(), Failure<ClaimsRefusal>> {
        let counted = self.known.given.add(merchant, more, true);
        counted.map_err(refused)
    }

    /// Makes the latest claims smaller first.
    fn take_away(
        &mut self,
        wish: &Wish<'_>,
        claims: Vec<Claimed>,
        less: Money,
    ) -> Result<(), Failure<ClaimsRefusal>> {
        if less == Money::ZERO {
            return Ok(());
        }
        for reduction in reduce(claims, less).map_err(refused)? {
            if reduction.movement.credit() == Account::Pool {
                self.released = self.released.plus(reduction.amount).map_err(refused)?;
            }
            self.tell(&reduction.claim, reduction.event(), reduction.amount, wish);
            self.reductions.push(reduction);
        }
        self.computed.differences += 1;
        self.computed.taken_away = self.computed.taken_away.plus(less).map_err(refused)?;
        self.count(wish.merchant, Money::ZERO.minus(less).map_err(refused)?)
    }

    /// What happens to a claim; of a difference also what has changed.
    fn tell(&mut self, claim: &Claimed, event: &'static str, amount: Money, wish: &Wish<'_>) {
        self.events.push(NewEvent {
            claim: claim.id,
            number: claim.version,
            event,
            amount,
            reference: wish.before.is_some().then(|| cause(wish).to_owned()),
            acted_at: self.now,
            by: self.computing.by,
        });
    }

    fn basis(&self, wish: &Wish<'_>, entitled: Money, granted: Money) -> Basis {
        let before = wish.before.as_ref();
        Basis {
            merchant: wish.merchant,
            acquirer: wish.acquirer.clone(),
            month: self.slice.month,
            version: before.map_or(1, |basis| basis.version + 1),
            fee: wish.fee,
            rate: i32::try_from(wish.rate).unwrap_or(0),
            tier: wish.tier.clone(),
            certified: wish.certified,
            entitled,
            granted,
            cause: cause(wish).to_owned(),
            record: before.map_or(self.slice.declared.id, |basis| basis.record),
            known_at: before.map_or(self.slice.known_at, |basis| basis.known_at),
        }
    }

    /// Divides what the pool has among those who ask.
    fn share(&mut self, pool: Money) -> Result<(), Failure<ClaimsRefusal>> {
        let pool = pool.plus(self.released).map_err(refused)?;
        let mut asking = std::mem::take(&mut self.asking);
        // Of equal remainders the first gets the fen: the first by code, since ids mean nothing to anybody.
        asking.sort_by_key(|asking| asking.wish.uscc);
        let asked: Vec<Money> = asking.iter().map(|asking| asking.more).collect();
        let shares = share_out(pool, &asked);
        let mut given: Vec<(Asking<'_>, Money)> = asking.into_iter().zip(shares).collect();
        given.sort_by_key(|(asking, _)| asking.wish.merchant);
        let claims = given.iter().filter(|(_, given)| *given > Money::ZERO);
        let mut ids =
            Id::ascending(self.now, self.computing.randomness, claims.count()).into_iter();
        for (asking, given) in given {
            self.bases
                .push(self.basis(asking.wish, asking.entitled, given));
            if let Some(id) = (given > Money::ZERO).then(|| ids.next()).flatten() {
                self.claim(id, asking.wish, given)?;
            }
        }
        Ok(())
    }

    fn claim(
        &mut self,
        id: Id<Claim>,
        wish: &Wish<'_>,
        amount: Money,
    ) -> Result<(), Failure<ClaimsRefusal>> {
        let number = self.known.claims_of(wish).count();
        let before = wish.before.as_ref().filter(|_| number > 0);
        let before = before.map_or(Money::ZERO, |basis| basis.fee);
        let claim = Claimed {
            id,
            programme: self.slice.declared.terms.id.clone(),
            merchant: wish.merchant,
            acquirer: wish.acquirer.clone(),
            month: self.slice.month,
            number: i32::try_from(number).unwrap_or(i32::MAX),
            fee: wish.fee.minus(before).map_err(refused)?,
            amount,
            remaining: amount,
            status: Status::Computed,
            version: 1,
            submitted_by: None,
            computed_at: self.now,
        };
        self.tell(&claim, "computed", amount, wish);
        self.claims.push(claim);
        let computed = &mut self.computed;
        if wish.before.is_some() {
            computed.differences += 1;
            computed.added = computed.added.plus(amount).map_err(refused)?;
        } else {
            computed.claims += 1;
            computed.amount = computed.amount.plus(amount).map_err(refused)?;
        }
        Ok(())
    }

    /// Writes one kind of row after the other, and lets go of those that are no longer needed: there may be millions.
    fn write(mut self, conn: &mut Conn) -> Result<Computed, Failure<ClaimsRefusal>> {
        let bases = &mut self.bases;
        bases.sort_by(|a, b| (a.merchant, &a.acquirer).cmp(&(b.merchant, &b.acquirer)));
        let (programme, by) = (&self.slice.declared.terms.id, self.computing.by);
        let bases: Vec<NewBasis<'_>> = self
            .bases
            .into_iter()
            .map(|basis| NewBasis {
                programme,
                basis,
                recorded_at: self.now,
                by,
            })
            .collect();
        add_bases(conn, &bases)?;
        drop(bases);
        add_claims(conn, &self.claims)?;
        for reduction in &self.reductions {
            if !move_on(conn, &reduction.claim)? {
                return Err(moved_on().into());
            }
        }
        add_events(conn, &self.events)?;
        drop(self.events);
        let posting = |movement, amount, claim| Posting {
            movement,
            amount,
            claim: Some(claim),
            posted_on: self.computing.today,
        };
        let reductions = self.reductions.iter();
        let postings: Vec<Posting> = reductions
            .map(|it| posting(it.movement, it.amount, it.claim.id))
            .chain(
                self.claims
                    .iter()
                    .map(|it| posting(Movement::Reserve, it.amount, it.id)),
            )
            .collect();
        drop(self.claims);
        let posted = Posted {
            by,
            clock: self.computing.clock,
            randomness: self.computing.randomness,
        };
        match post(conn, programme, &postings, posted) {
            Ok(_) => Ok(self.computed),
            Err(Failure::Refused(refusal)) => Err(Failure::Refused(refusal.into())),
            Err(Failure::Store(error)) => Err(error.into()),
        }
    }
}

/// What of a wish is not what it was.
fn cause(wish: &Wish<'_>) -> &'static str {
    match &wish.before {
        None => "first",
        Some(before) if before.fee == wish.fee => "certification",
        Some(before) if before.certified == wish.certified => "fee",
        Some(_) => "both",
    }
}
