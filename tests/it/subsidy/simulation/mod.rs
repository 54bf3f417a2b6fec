//! Seeded lives of claims: statements, certifications, computing, steps, crashes, retries and duplicates go to the
//! program and to a small model of it, and the two must agree after each. `SIMULATION_SEEDS` says how many lives,
//! `SIMULATION_SEED` runs one alone.

mod model;
mod shared;
mod system;

use crate::intake::table::Dice;
use crate::support::Engine;
use model::{Model, Pair, Standing, Step, Terms};
use shared::Shared;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;
use system::{ACQUIRERS, Crash, Fault, Ids, MERCHANTS, Outcome, Request, System};

const STEPS: [Step; 6] = [
    Step::Confirm,
    Step::BureauReject,
    Step::Submit,
    Step::Approve,
    Step::Pay,
    Step::Reject,
];
const MONTHS: u32 = 2;
const ACTS: usize = 24;

/// One life; what went wrong in it.
fn live(shared: &Shared, seed: u64, fault: Fault) -> Result<(), String> {
    let mut life = Life::new(shared, seed, fault);
    for act in 0..ACTS {
        life.act()
            .map_err(|wrong| format!("seed {seed}, act {act}: {wrong}"))?;
    }
    match life.system.check() {
        found if found.is_empty() => Ok(()),
        found => Err(format!("seed {seed}: {found:?}")),
    }
}

struct Life<'a> {
    dice: Dice,
    model: Model,
    system: System<'a>,
    /// Requests that had an effect, and their answers.
    done: Vec<(Request, String)>,
    next_key: u64,
    /// As when the two last agreed: claims come with computing alone.
    ids: Ids,
}

impl<'a> Life<'a> {
    fn new(shared: &'a Shared, seed: u64, fault: Fault) -> Self {
        let mut dice = Dice::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed);
        let mut cap = |most: usize| (dice.below(3) > 0).then(|| dice.below(most) as i64);
        let (month_cap, year_cap) = (cap(1_500), cap(2_500));
        let terms = Terms {
            pool: [300, 2_000, 10_000][dice.below(3)],
            rate: [10_000, 5_000, 3_333][dice.below(3)],
            month_cap,
            year_cap,
        };
        Self {
            dice,
            model: Model::new(terms, MERCHANTS),
            system: System::new(shared, terms, fault),
            done: Vec::new(),
            next_key: 0,
            ids: Ids::new(),
        }
    }

    fn act(&mut self) -> Result<(), String> {
        match self.dice.below(20) {
            // What is only recorded shows when claims are computed.
            0..=3 => {
                self.statement();
                return Ok(());
            }
            4 => {
                self.standing();
                return Ok(());
            }
            5..=8 => self.compute(),
            9 => self.again()?,
            10..=11 => (0..4).try_for_each(|_| self.step(true))?,
            _ => self.step(false)?,
        }
        self.agree()
    }

    fn pair(&mut self) -> Pair {
        let month = 1 + self.dice.below(MONTHS as usize) as u32;
        (
            self.dice.below(MERCHANTS),
            self.dice.below(ACQUIRERS.len()),
            month,
        )
    }

    /// Of any month, or a correction of one that has been claimed.
    fn statement(&mut self) {
        let claimed: Vec<Pair> = self.model.claims.keys().copied().collect();
        let (mut pair, fee) = (self.pair(), self.dice.below(1_000) as i64);
        if !claimed.is_empty() && self.dice.below(2) == 0 {
            pair = claimed[self.dice.below(claimed.len())];
        }
        self.model.statements.insert(pair, fee);
        self.system.statement(pair, fee);
    }

    fn standing(&mut self) {
        let merchant = self.dice.below(MERCHANTS);
        let standing = match self.dice.below(4) {
            0 => Standing::Suspended,
            1 => Standing::Ended(1 + self.dice.below(MONTHS as usize + 1) as u32),
            _ => Standing::InForce,
        };
        self.model.standings[merchant] = standing;
        self.system.unit(merchant, standing);
    }

    fn compute(&mut self) {
        let month = 1 + self.dice.below(MONTHS as usize) as u32;
        self.model.compute(month);
        self.system.compute(month);
    }

    /// A step of a claim: mostly the next one, sometimes any other, sometimes with a wrong amount. In earnest: the next
    /// one of the last claim, by whoever may.
    fn step(&mut self, in_earnest: bool) -> Result<(), String> {
        let claims = self.model.claims.iter();
        let all: Vec<(Pair, usize)> = claims
            .flat_map(|(pair, claims)| (0..claims.len()).map(|number| (*pair, number)))
            .collect();
        let Some(last) = all.last().copied() else {
            return Ok(());
        };
        let any = all[self.dice.below(all.len())];
        let (pair, number) = if in_earnest { last } else { any };
        let claim = &self.model.claims[&pair][number];
        let next = match claim.status {
            model::Status::Computed => Step::Confirm,
            model::Status::Confirmed => Step::Submit,
            model::Status::Submitted => Step::Approve,
            _ => Step::Pay,
        };
        let other = STEPS[self.dice.below(STEPS.len())];
        let step = if in_earnest || self.dice.below(4) > 0 {
            next
        } else {
            other
        };
        let (person, wrong) = match (in_earnest, step) {
            (true, Step::Submit) => (0, false),
            (true, _) => (1, false),
            _ => (self.dice.below(3), self.dice.below(12) == 0),
        };
        self.next_key += 1;
        self.send(&Request {
            pair,
            number,
            step,
            person,
            saw: self.model.claims[&pair][number].remaining + i64::from(wrong),
            key: self.next_key,
        })
    }

    /// Sends a request until it is answered, whatever crashes on the way.
    fn send(&mut self, request: &Request) -> Result<(), String> {
        let id = *self
            .ids
            .get(&(request.pair, request.number))
            .ok_or("the claim is not there")?;
        let mut committed = false;
        let outcome = loop {
            let crash = match self.dice.below(6) {
                0 => Crash::BeforeCommit,
                1 => Crash::AfterCommit,
                _ => Crash::None,
            };
            match self.system.request(request, id, crash) {
                Outcome::Crashed => committed |= crash == Crash::AfterCommit,
                outcome => break outcome,
            }
        };
        let Request {
            pair,
            number,
            step,
            person,
            saw,
            ..
        } = *request;
        let expected = self.model.step(pair, number, step, person, saw);
        match (outcome, expected) {
            (Outcome::Done { answer, replayed }, Ok(())) if replayed == committed => {
                self.done.push((request.clone(), answer));
                Ok(())
            }
            (Outcome::Refused(refused), Err(expected)) if refused == expected && !committed => {
                Ok(())
            }
            (outcome, expected) => Err(format!(
                "{request:?}: {outcome:?}, but expected {expected:?}, committed: {committed}"
            )),
        }
    }

    /// A request that had its effect comes again, or its key with another request.
    fn again(&mut self) -> Result<(), String> {
        if self.done.is_empty() {
            return Ok(());
        }
        let (request, answer) = self.done[self.dice.below(self.done.len())].clone();
        let id = self.ids[&(request.pair, request.number)];
        if self.dice.below(3) == 0 {
            let other = Request {
                saw: request.saw + 1,
                ..request
            };
            let outcome = self.system.request(&other, id, Crash::None);
            if outcome != Outcome::OtherBody {
                return Err(format!("{other:?} under a used key: {outcome:?}"));
            }
            return Ok(());
        }
        let outcome = self.system.request(&request, id, Crash::None);
        if outcome
            != (Outcome::Done {
                answer,
                replayed: true,
            })
        {
            return Err(format!("{request:?} again: {outcome:?}"));
        }
        Ok(())
    }

    fn agree(&mut self) -> Result<(), String> {
        let (books, (claims, ids)) = (self.system.books(), self.system.claims());
        self.ids = ids;
        if books != self.model.books {
            return Err(format!(
                "the books are {books:?}, but expected {:?}",
                self.model.books
            ));
        }
        let expected = self
            .model
            .claims
            .iter()
            .filter(|(_, claims)| !claims.is_empty());
        let expected = expected
            .map(|(pair, claims)| (*pair, claims.clone()))
            .collect();
        if claims != expected {
            return Err(format!(
                "the claims are {claims:?}, but expected {expected:?}"
            ));
        }
        Ok(())
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable)
        .ok()
        .map(|text| text.parse().unwrap())
}

/// Lives so many seeds on two threads; the first that fails is told.
fn live_all(shared: &Shared, seeds: u64) {
    let (next, failed) = (AtomicU64::new(0), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while failed.lock().unwrap().is_none() {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds {
                        break;
                    }
                    if let Err(wrong) = live(shared, seed, Fault::None) {
                        *failed.lock().unwrap() = Some(wrong);
                    }
                }
            });
        }
    });
    if let Some(wrong) = failed.into_inner().unwrap() {
        panic!("{wrong}\nalone: SIMULATION_SEED=N cargo test --test it simulation::claims_live_as");
    }
}

#[test]
fn claims_live_as_the_model_says() {
    let shared = Shared::new(Engine::Sqlite);
    if let Some(seed) = number("SIMULATION_SEED") {
        live(&shared, seed, Fault::None).unwrap();
        return;
    }
    let began = Instant::now();
    let seeds = number("SIMULATION_SEEDS").unwrap_or(300);
    live_all(&shared, seeds);
    println!("{seeds} seeds in {} ms", began.elapsed().as_millis());
}

#[test]
fn claims_live_on_postgres_as_the_model_says() {
    if Engine::all().contains(&Engine::Postgres) {
        let shared = Shared::new(Engine::Postgres);
        for seed in 0..10 {
            live(&shared, seed, Fault::None).unwrap();
        }
    }
}

#[test]
fn each_planted_fault_is_found_within_a_hundred_seeds() {
    let shared = Shared::new(Engine::Sqlite);
    for fault in [
        Fault::CapSkipped,
        Fault::KeyRowLost,
        Fault::ReleasedTwice,
        Fault::ApproverIsSubmitter,
        Fault::ClawedBackTwice,
    ] {
        let found = (0..100).find_map(|seed| live(&shared, seed, fault).err());
        println!("{fault:?}: {}", found.expect("the fault was not found"));
    }
}
