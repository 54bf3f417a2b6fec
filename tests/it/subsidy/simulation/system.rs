//! The program's own flows on a database of one seed, and the faults that may be planted around them.

use super::model::{Books, Claim, Pair, Refused, Standing, Status, Step, Terms};
use super::shared::{Shared, delivery};
use crate::intake::folder::uscc;
use crate::support::{ManualClock, SeededRandomness, TestDatabase};
use daishan_credit::flows::advance_claim::{Acting, advance_claim};
use daishan_credit::flows::check_ledger::check_ledger;
use daishan_credit::flows::compute_claims::{Computing, Wanted, compute_claims};
use daishan_credit::flows::declare_programmes::declare_programmes;
use daishan_credit::flows::once::{NotOnce, once};
use daishan_credit::flows::watch::Unwatched;
use daishan_credit::idempotency::{Answered, Asked, Refusal};
use daishan_credit::intake::county::{Certified, Payment, Programme, Rate};
use daishan_credit::kernel::{Actor, Clock, Day, Id, Money, Month};
use daishan_credit::ledger::records::{Posted, all_balances, lock_balances, post};
use daishan_credit::ledger::{Account, Movement, Posting};
use daishan_credit::register::records::{FactRow, VersionRow, write};
use daishan_credit::register::{Value, content, key_of};
use daishan_credit::store::error::Never;
use daishan_credit::store::{Conn, Failure, Store, StoreError};
use daishan_credit::subsidy::records::claims_of;
use daishan_credit::subsidy::{self, Side, StepRefusal};
use diesel::connection::SimpleConnection;
use std::collections::BTreeMap;

pub const MERCHANTS: usize = 3;
/// In the order of their names.
pub const ACQUIRERS: [&str; 2] = ["乙", "甲"];

/// A fault planted around the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    CapSkipped,
    KeyRowLost,
    ReleasedTwice,
    ApproverIsSubmitter,
    ClawedBackTwice,
}

/// Where a crash comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    None,
    BeforeCommit,
    /// It is committed, but nobody is told.
    AfterCommit,
}

/// The ids of claims, by their pairs and numbers.
pub type Ids = BTreeMap<(Pair, usize), Id<subsidy::Claim>>;

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done { answer: String, replayed: bool },
    Refused(Refused),
    OtherBody,
    Crashed,
}

/// A funder's or the bureau's request under a key.
#[derive(Clone, Debug)]
pub struct Request {
    pub pair: Pair,
    pub number: usize,
    pub step: Step,
    pub person: usize,
    pub saw: i64,
    pub key: u64,
}

/// The program on a database of its own.
pub struct System<'a> {
    shared: &'a Shared,
    store: Store,
    _database: TestDatabase,
    clock: ManualClock,
    randomness: SeededRandomness,
    by: Actor,
    fault: Fault,
    versions: BTreeMap<String, i32>,
}

impl<'a> System<'a> {
    pub fn new(shared: &'a Shared, terms: Terms, fault: Fault) -> Self {
        let database = shared.template.copy_to_memory();
        let store = Store::open(&database.url(), false, 1).unwrap();
        let mut system = Self {
            shared,
            store,
            _database: database,
            clock: ManualClock::at("2026-01-05T10:00:00+08:00"),
            randomness: SeededRandomness::default(),
            by: "simulation".parse().unwrap(),
            fault,
            versions: BTreeMap::new(),
        };
        let caps = fault != Fault::CapSkipped;
        let cap = |cap: Option<i64>| cap.filter(|_| caps).map(Money::from_fen);
        let programme = Programme {
            id: "p".to_owned(),
            name: "p".to_owned(),
            funder: "甲".to_owned(),
            from: day("2025-01-01"),
            until: day("2025-12-31"),
            pool: Money::from_fen(terms.pool),
            rate: Rate::Same(u32::try_from(terms.rate).unwrap()),
            cap_per_merchant_month: cap(terms.month_cap),
            cap_per_merchant_year: cap(terms.year_cap),
            unit_kinds: None,
            tiers: None,
            payment: Payment::Reimburse,
            certified: Certified::EveryDay,
        };
        let done = system.store.write(|conn| {
            declare_programmes(
                conn,
                std::slice::from_ref(&programme),
                day("2025-12-31"),
                system.posted(),
            )
        });
        done.unwrap();
        for merchant in 0..MERCHANTS {
            system.unit(merchant, Standing::InForce);
        }
        system
    }

    fn posted(&self) -> Posted<'_> {
        Posted {
            by: &self.by,
            clock: &self.clock,
            randomness: &self.randomness,
        }
    }

    /// The roster says how a merchant's unit stands.
    pub fn unit(&mut self, merchant: usize, standing: Standing) {
        let (status, ended_on) = match standing {
            Standing::InForce => ("在期", Value::Blank),
            Standing::Suspended => ("暂停", Value::Blank),
            Standing::Ended(month) => ("撤销", Value::Day(last_day(month))),
        };
        let text = |text: &str| Value::Text(text.into());
        self.fact(
            "roster",
            merchant,
            &[
                ("unit_name", text("店")),
                ("unit_kind", text("放心消费商店")),
                ("opened_on", Value::Day(day("2020-01-01"))),
                ("certified_on", Value::Day(day("2024-01-01"))),
                ("status", text(status)),
                ("ended_on", ended_on),
            ],
        );
    }

    pub fn statement(&mut self, (merchant, acquirer, month): Pair, fee: i64) {
        self.fact(
            "statements",
            merchant,
            &[
                ("acquirer", Value::Text(ACQUIRERS[acquirer].into())),
                (
                    "merchant_number",
                    Value::Text(format!("n{merchant}").into()),
                ),
                ("month", Value::Month(month_of(month))),
                ("fee_due", Value::Money(Money::from_fen(fee))),
                ("fee_charged", Value::Money(Money::from_fen(fee))),
            ],
        );
    }

    fn fact(&mut self, kind: &str, merchant: usize, cells: &[(&str, Value)]) {
        self.clock.advance(1);
        let declared = self.shared.kinds.named(kind).unwrap();
        let mut codes: Vec<String> = (1..=MERCHANTS).map(uscc).collect();
        codes.sort();
        let mut values = vec![Value::Blank; declared.columns.len()];
        values[declared.column("uscc").unwrap()] = Value::Uscc(codes[merchant].parse().unwrap());
        for (column, value) in cells {
            values[declared.column(column).unwrap()] = value.clone();
        }
        let key = key_of(declared, &values);
        let version = self.versions.entry(format!("{kind} {key}")).or_default();
        *version += 1;
        let (version, merchant) = (*version, self.shared.merchants[merchant]);
        let content = content(declared, &values);
        let fact = FactRow {
            kind,
            key: &key,
            merchant,
            version,
            source: "x",
        };
        let row = VersionRow {
            kind,
            key: &key,
            merchant,
            version,
            recorded_at: self.clock.now(),
            delivery: delivery(),
            content: &content,
        };
        self.store
            .write(|conn| {
                let (facts, rows) = (std::slice::from_ref(&fact), std::slice::from_ref(&row));
                let (new, moved_on) = facts.split_at(usize::from(version == 1));
                Ok::<_, Failure<Never>>(write(conn, new, moved_on, rows)?)
            })
            .unwrap();
    }

    /// Computes the claims of a month.
    pub fn compute(&mut self, month: u32) {
        self.clock.advance(1);
        let twice = self.fault == Fault::ClawedBackTwice;
        let before = if twice {
            self.books()
        } else {
            Books::default()
        };
        let computing = Computing {
            kinds: &self.shared.kinds,
            card: self.shared.cards.get("daishan-2026.1").unwrap(),
            today: day("2025-12-31"),
            clock: &self.clock,
            randomness: &self.randomness,
            by: &self.by,
        };
        let wanted = Wanted {
            programme: None,
            month: Some(month_of(month)),
        };
        compute_claims(&self.store, computing, &wanted, &Unwatched).unwrap();
        self.clock.advance(1);
        if twice {
            let after = self.books();
            let more = after.clawed_back - before.clawed_back;
            self.move_again(Movement::ClawBack, more.min(after.paid));
        }
    }

    fn move_again(&self, movement: Movement, fen: i64) {
        let posting = Posting {
            movement,
            amount: Money::from_fen(fen),
            claim: None,
            posted_on: day("2025-12-31"),
        };
        // Where the account has not that much, the fault cannot be committed.
        drop(
            self.store
                .write(|conn| post(conn, "p", &[posting], self.posted())),
        );
    }

    /// Deals with a request as a door does: act and key in one transaction.
    pub fn request(&self, request: &Request, id: Id<subsidy::Claim>, crash: Crash) -> Outcome {
        let text = format!("{request:?}");
        let asked = Asked::new(
            Id::from_bytes([9; 16]),
            "POST",
            "/",
            &request.key.to_string(),
            &text,
        );
        let done = self.store.write(|conn| {
            let given = once(conn, asked, &self.clock, |conn| self.act(conn, request, id))?;
            if crash == Crash::BeforeCommit {
                return Err(StoreError::Content("a crash".to_owned()).into());
            }
            Ok(given)
        });
        let outcome = match done {
            Ok(_) if crash == Crash::AfterCommit => Outcome::Crashed,
            Ok(given) => Outcome::Done {
                answer: given.answered.body,
                replayed: given.replayed,
            },
            Err(Failure::Refused(NotOnce::Key(Refusal::OtherBody))) => Outcome::OtherBody,
            Err(Failure::Refused(NotOnce::Act(refusal))) => Outcome::Refused(match refusal {
                StepRefusal::Status(_) => Refused::Status,
                StepRefusal::SamePerson => Refused::SamePerson,
                StepRefusal::Amount(_) => Refused::Amount,
                StepRefusal::Unknown => panic!("a claim is gone"),
            }),
            Err(Failure::Store(StoreError::Content(text))) if text == "a crash" => Outcome::Crashed,
            Err(other) => panic!("{other:?}"),
        };
        if self.fault == Fault::KeyRowLost {
            let mut conn = self.store.connection().unwrap();
            conn.batch_execute("DELETE FROM idempotency_key").unwrap();
        }
        outcome
    }

    fn act(
        &self,
        conn: &mut Conn,
        request: &Request,
        id: Id<subsidy::Claim>,
    ) -> Result<Answered, Failure<StepRefusal>> {
        let amount = Some(Money::from_fen(request.saw));
        let reason = || "x".to_owned();
        let (step, side, amount) = match request.step {
            Step::Confirm => (subsidy::Step::Confirm, Side::Bureau, None),
            Step::BureauReject => (
                subsidy::Step::Reject { reason: reason() },
                Side::Bureau,
                None,
            ),
            Step::Submit => (subsidy::Step::Submit, Side::Funder, amount),
            Step::Approve => (subsidy::Step::Approve, Side::Funder, amount),
            Step::Pay => (
                subsidy::Step::Pay {
                    reference: reason(),
                },
                Side::Funder,
                amount,
            ),
            Step::Reject => (
                subsidy::Step::Reject { reason: reason() },
                Side::Funder,
                None,
            ),
        };
        let mut person = format!("R{}", request.person);
        if self.fault == Fault::ApproverIsSubmitter && request.step == Step::Approve {
            person += " again";
        }
        let acting = Acting {
            side,
            person: &person,
            by: &self.by,
            today: day("2025-12-31"),
            clock: &self.clock,
            randomness: &self.randomness,
        };
        let released = lock_balances(conn, "p")?.of(Account::Reserved);
        let claim = advance_claim(conn, id, step, acting, None, amount)?;
        if self.fault == Fault::ReleasedTwice && claim.status == subsidy::Status::Rejected {
            let released = released
                .minus(lock_balances(conn, "p")?.of(Account::Reserved))
                .unwrap();
            let posting = Posting {
                movement: Movement::Release,
                amount: released,
                claim: Some(id),
                posted_on: day("2025-12-31"),
            };
            drop(post(conn, "p", &[posting], self.posted()));
        }
        let body = format!("{} {} {}", claim.status, claim.remaining, claim.version);
        Ok(Answered { status: 200, body })
    }

    pub fn books(&self) -> Books {
        let read = |conn: &mut Conn| Ok::<_, Failure<Never>>(all_balances(conn)?);
        let all = self.store.read(read).unwrap();
        let of = |account| all["p"].of(account).fen();
        Books {
            pool: of(Account::Pool),
            reserved: of(Account::Reserved),
            payable: of(Account::Payable),
            paid: of(Account::Paid),
            clawed_back: of(Account::ClawedBack),
        }
    }

    /// The claims as the model says them, and their ids.
    pub fn claims(&self) -> (BTreeMap<Pair, Vec<Claim>>, Ids) {
        let year = (month_of(1), month_of(12));
        let read = |conn: &mut Conn| {
            Ok::<_, Failure<Never>>(claims_of(conn, "p", year, &self.shared.merchants)?)
        };
        let (mut claims, mut ids) = (BTreeMap::<Pair, Vec<Claim>>::new(), BTreeMap::new());
        for claim in self.store.read(read).unwrap() {
            let merchant = self
                .shared
                .merchants
                .iter()
                .position(|id| *id == claim.merchant);
            let acquirer = ACQUIRERS.iter().position(|name| *name == claim.acquirer);
            let month = claim.month.number() - month_of(1).number() + 1;
            let pair = (
                merchant.unwrap(),
                acquirer.unwrap(),
                u32::try_from(month).unwrap(),
            );
            let of_pair = claims.entry(pair).or_default();
            assert_eq!(usize::try_from(claim.number).unwrap(), of_pair.len());
            ids.insert((pair, of_pair.len()), claim.id);
            of_pair.push(Claim {
                amount: claim.amount.fen(),
                remaining: claim.remaining.fen(),
                status: status(claim.status),
                submitted_by: claim
                    .submitted_by
                    .map(|by| by[1..].parse().unwrap_or(usize::MAX)),
            });
        }
        (claims, ids)
    }

    /// What the check of the books finds.
    pub fn check(&self) -> Vec<String> {
        let read = |conn: &mut Conn| Ok::<_, Failure<Never>>(check_ledger(conn)?);
        self.store.read(read).unwrap().differences
    }
}

fn status(status: subsidy::Status) -> Status {
    match status {
        subsidy::Status::Computed => Status::Computed,
        subsidy::Status::Confirmed => Status::Confirmed,
        subsidy::Status::Submitted => Status::Submitted,
        subsidy::Status::Approved => Status::Approved,
        subsidy::Status::Paid => Status::Paid,
        subsidy::Status::Rejected => Status::Rejected,
    }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn month_of(month: u32) -> Month {
    Month::new(2025, month).unwrap()
}

fn last_day(month: u32) -> Day {
    month_of(month).last_day()
}
