//! Banks report of lines: draws, repayments and the rest. Of credit a bank's core system is the book: what it reports is
//! kept as the next version of the fact, and what does not fit is flagged when the line is looked at. Reports come in
//! crowds, so they are kept together; each is answered with the line as it then stands.

mod desk;
mod report;

pub use report::{Kept, KeptReport, LineReport, ReportRefusal};

use super::advise::{LineTold, look_at_lines};
use super::bank_lines::Looking;
use super::once::{Given, Keys, NotOnce};
use super::world::World;
use crate::access::Client;
use crate::access::records::{LiveClient, live_clients};
use crate::county::card_name;
use crate::county::records::{Bank, banks, latest};
use crate::credit_line::Report;
use crate::credit_line::records::{HeldMovement, movements};
use crate::idempotency::Answered;
use crate::kernel::{Digest, Id, Instant};
use crate::product::records::products;
use crate::store::lock::hold;
use crate::store::{Batch, Conn, Failure, StoreError};
use desk::{Around, Desk};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Keeps banks' reports of lines.
pub struct ReportLines {
    world: World,
}

/// What a report is answered, and whether it was answered so before.
pub type Reply = Result<Given, NotOnce<ReportRefusal>>;

/// The movements that reports name, by bank and serial number.
type Held = BTreeMap<String, HashMap<String, HeldMovement>>;

impl ReportLines {
    /// Reports are kept in this world.
    pub const fn new(world: World) -> Self {
        Self { world }
    }
}

impl Batch for ReportLines {
    type Act = LineReport;
    type Answer = Reply;

    fn weight(_: &LineReport) -> usize {
        1
    }

    fn run(&self, conn: &mut Conn, acts: &[LineReport]) -> Result<Vec<Reply>, StoreError> {
        let now = self.world.clock.now();
        let clients: BTreeSet<Id<Client>> = acts.iter().map(|act| act.client).collect();
        let live = live_clients(conn, &clients)?;
        let taken = acts.iter().filter(|act| is_live(&live, act));
        let taken: Vec<Digest> = taken.map(|act| act.asked.key).collect();
        let mut keys = Keys::take(conn, &taken, now)?;
        let mut replies = Vec::with_capacity(acts.len());
        let mut new = Vec::with_capacity(acts.len());
        for act in acts {
            let reply = if is_live(&live, act) {
                keys.look_up(act.asked).map_err(NotOnce::Key).transpose()
            } else {
                Some(Err(NotOnce::Act(ReportRefusal::Disabled)))
            };
            if reply.is_none() {
                new.push(act);
            }
            replies.push(reply);
        }
        let mut kept = self.keep(conn, &new, now)?.into_iter();
        let mut reply = |(act, known): (&LineReport, Option<Reply>)| match known {
            Some(known) => Ok(known),
            None => match kept.next() {
                Some(Ok(answered)) => Ok(Ok(keys.remember(act.asked, answered))),
                Some(Err(refusal)) => Ok(Err(NotOnce::Act(refusal))),
                None => Err(StoreError::Content("a report was not answered".to_owned())),
            },
        };
        let replies = acts.iter().zip(replies).map(&mut reply);
        let replies = replies.collect::<Result<Vec<_>, _>>()?;
        keys.keep(conn)?;
        Ok(replies)
    }
}

/// Whether the client may still report for its bank.
fn is_live(live: &HashMap<Id<Client>, LiveClient>, act: &LineReport) -> bool {
    live.get(&act.client)
        .is_some_and(|live| live.bank == *act.bank)
}

impl ReportLines {
    /// Keeps reports one after the other, in their order: what is read and written, is read and written for all of them.
    /// One that is refused leaves everything as it was.
    fn keep(
        &self,
        conn: &mut Conn,
        new: &[&LineReport],
        now: Instant,
    ) -> Result<Vec<Result<Answered, ReportRefusal>>, StoreError> {
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let county = latest(conn)?;
        let card_name = card_name(&self.world.card, county.as_ref());
        let card = self.world.card(card_name)?;
        let as_of = self.world.today(county.as_ref());
        let (banks, products) = (banks(conn)?, products(conn)?);
        let mut held = hold_all(conn, new)?;
        let mut desks = BTreeMap::new();
        for (id, reports) in by_bank(new) {
            let around = Around {
                looking: Looking {
                    kinds: &self.world.kinds,
                    card,
                    bank: bank(&banks, id)?,
                    as_of,
                },
                products: &products,
                now,
            };
            let held = held.remove(id).unwrap_or_default();
            desks.insert(id, Desk::lay(conn, around, held, &reports)?);
        }
        let mut answers = Vec::with_capacity(new.len());
        for report in new {
            let Some(desk) = desks.get_mut(&*report.bank) else {
                return Err(StoreError::Content("a bank has no desk".to_owned()));
            };
            answers.push(match desk.keep(report) {
                Ok(kept) => Ok((report.tell)(kept)?),
                Err(Failure::Refused(refusal)) => Err(refusal),
                Err(Failure::Store(error)) => return Err(error),
            });
        }
        let mut told: Vec<LineTold> = Vec::new();
        for desk in desks.into_values() {
            told.extend(desk.write(conn)?);
        }
        look_at_lines(conn, self.world.scoring(card, card_name, as_of), &told)?;
        Ok(answers)
    }
}

fn bank<'a>(banks: &'a [Bank], id: &str) -> Result<&'a Bank, StoreError> {
    let found = banks.iter().find(|bank| bank.id == id);
    found.ok_or_else(|| StoreError::Content(format!("no bank has the id {id:?}")))
}

/// The reports of each bank, in their order.
fn by_bank<'a>(reports: &[&'a LineReport]) -> BTreeMap<&'a str, Vec<&'a LineReport>> {
    let mut by_bank: BTreeMap<&str, Vec<&LineReport>> = BTreeMap::new();
    for report in reports {
        by_bank.entry(&report.bank).or_default().push(report);
    }
    by_bank
}

/// Holds what the reports are about until the transaction ends, so that two batches see each other's: first the movements
/// by their serial numbers, and then, once it is known which lines have them, the lines. Everybody holds them in this
/// order.
fn hold_all(conn: &mut Conn, reports: &[&LineReport]) -> Result<Held, StoreError> {
    let name = |parts: [&str; 3]| parts.join("\u{1f}");
    let serials = reports.iter().filter_map(|report| {
        let serial = report.serial()?;
        Some(name([&report.bank, "movement", serial]))
    });
    let serials: BTreeSet<String> = serials.collect();
    hold(conn, serials.iter().map(String::as_str))?;
    let mut held = Held::new();
    for (bank, reports) in by_bank(reports) {
        let serials: BTreeSet<&str> = reports
            .iter()
            .filter_map(|report| report.serial())
            .collect();
        if !serials.is_empty() {
            held.insert(bank.to_owned(), movements(conn, bank, serials)?);
        }
    }
    let told = reports.iter().map(|it| (&*it.bank, &*it.agreement));
    let had = held.iter().flat_map(|(bank, held)| {
        let lines = held.values().map(|it| &*it.agreement);
        lines.map(|agreement| (&**bank, agreement))
    });
    let lines = told
        .chain(had)
        .map(|(bank, line)| name([bank, "line", line]));
    let lines: BTreeSet<String> = lines.collect();
    hold(conn, lines.iter().map(String::as_str))?;
    Ok(held)
}

impl LineReport {
    /// The serial number of a movement.
    fn serial(&self) -> Option<&str> {
        match &self.report {
            Report::Movement(movement) => Some(&movement.serial),
            _ => None,
        }
    }
}
