//! The bank asks: authorisation live? -> the present score, computed on the spot where it is due -> a row in the query
//! log, committed -> the answer. Queries come in crowds, so they are decided and logged together.

mod bodies;
mod known;
mod query;

pub use query::{Query, Reply, Told};

use super::rescore::renew;
use super::world::World;
use crate::access::Client;
use crate::access::records::live_clients;
use crate::answer::records::log;
use crate::authorisation::records::authorisations;
use crate::county::card_name;
use crate::county::records::latest_with_coverage;
use crate::kernel::{Id, Uscc};
use crate::merchant::Merchant;
use crate::register::records::{coverage_with_count, keep_facts_out};
use crate::score::records::{Head, Present, heads_by_uscc};
use crate::store::{Batch, Conn, Failure, StoreError};
use bodies::{Bodies, Scored, keep_bodies};
use known::Known;
use std::collections::{BTreeSet, HashMap};

/// Decides banks' queries. What it remembers never changes, so that no other instance need know it.
pub struct AnswerBank {
    world: World,
    bodies: Bodies,
}

impl AnswerBank {
    pub fn new(world: World) -> Self {
        Self {
            world,
            bodies: Bodies::new(),
        }
    }
}

impl Batch for AnswerBank {
    type Act = Query;
    type Answer = Reply;

    fn weight(act: &Query) -> usize {
        act.usccs.len()
    }

    fn run(&self, conn: &mut Conn, acts: &[Query]) -> Result<Vec<Reply>, StoreError> {
        self.decide(conn, acts)
    }
}

impl AnswerBank {
    fn decide(&self, conn: &mut Conn, acts: &[Query]) -> Result<Vec<Reply>, StoreError> {
        keep_facts_out(conn)?;
        let (county, coverage_count) = latest_with_coverage(conn)?;
        let card_name = card_name(&self.world.card, county.as_ref());
        let card = self.world.card(card_name)?;
        let clients: BTreeSet<Id<Client>> = acts.iter().map(|act| act.client).collect();
        let usccs: BTreeSet<Uscc> = acts.iter().flat_map(|act| &act.usccs).copied().collect();
        let mut merchants = HashMap::with_capacity(usccs.len());
        let mut heads = HashMap::with_capacity(usccs.len());
        for (uscc, head) in heads_by_uscc(conn, &usccs)? {
            merchants.insert(uscc, head.merchant);
            heads.insert(head.merchant, head);
        }
        let mut ids: Vec<Id<Merchant>> = merchants.values().copied().collect();
        ids.sort_unstable();
        let known = Known {
            card,
            card_name,
            today: self.world.today(county.as_ref()),
            coverage_count,
            live: live_clients(conn, &clients)?,
            signed: authorisations(conn, &self.world.kinds, &ids)?,
            merchants,
        };
        let asked = known.asked(acts);
        heads.retain(|merchant, _| asked.binary_search(merchant).is_ok());
        let scored = self.scored(conn, &known, heads)?;
        self.answer(conn, &known, acts, &scored)
    }

    /// The present scores of the merchants with these heads; those that are due are computed now.
    fn scored(
        &self,
        conn: &mut Conn,
        known: &Known<'_>,
        mut heads: HashMap<Id<Merchant>, Head>,
    ) -> Result<HashMap<Id<Merchant>, Scored>, StoreError> {
        let (today, coverage_count, card) = (known.today, known.coverage_count, known.card_name);
        let present = Present {
            today,
            coverage_count,
            card,
        };
        let due = heads.values().filter(|head| head.is_due(present));
        let mut due: Vec<Id<Merchant>> = due.map(|head| head.merchant).collect();
        if !due.is_empty() {
            due.sort_unstable();
            heads.extend(
                self.renewed(conn, known, &due)?
                    .into_iter()
                    .map(|head| (head.merchant, head)),
            );
        }
        let mut scored = HashMap::with_capacity(heads.len());
        let mut unknown = Vec::new();
        for head in heads.into_values() {
            let Some(score) = head.score else { continue };
            let key = (score, coverage_count, head.marks);
            match self.bodies.get(key) {
                Some(body) => {
                    let next_change_on = head.next_change_on;
                    scored.insert(
                        head.merchant,
                        Scored {
                            next_change_on,
                            body,
                        },
                    );
                }
                None => unknown.push((head.merchant, key)),
            }
        }
        if !unknown.is_empty() {
            unknown.sort_unstable();
            self.bodies
                .render(conn, &self.world.kinds, known, &unknown, &mut scored)?;
        }
        Ok(scored)
    }

    fn renewed(
        &self,
        conn: &mut Conn,
        known: &Known<'_>,
        due: &[Id<Merchant>],
    ) -> Result<Vec<Head>, StoreError> {
        let scoring = self.world.scoring(known.card, known.card_name, known.today);
        let (coverage, count) = coverage_with_count(conn, &self.world.kinds)?;
        match renew(conn, scoring, due, &coverage, count) {
            Ok((renewed, _)) => Ok(renewed),
            Err(Failure::Store(error)) => Err(error),
            // A business date before the card's first day: nobody has a score.
            Err(Failure::Refused(_)) => Ok(due
                .iter()
                .map(|merchant| Head::unscored(*merchant))
                .collect()),
        }
    }

    fn answer(
        &self,
        conn: &mut Conn,
        known: &Known<'_>,
        acts: &[Query],
        scored: &HashMap<Id<Merchant>, Scored>,
    ) -> Result<Vec<Reply>, StoreError> {
        keep_bodies(conn, scored)?;
        let mut queries = Vec::with_capacity(acts.len());
        let mut replies = Vec::with_capacity(acts.len());
        for act in acts {
            if known.bank_name(act).is_none() {
                replies.push(Reply::Disabled);
                continue;
            }
            let told = act.usccs.iter().zip(&act.ids).map(|(uscc, id)| {
                let (query, told) = known.tell(act, *uscc, *id, scored);
                queries.push(query);
                told
            });
            replies.push(Reply::Answers(told.collect()));
        }
        log(conn, &queries)?;
        Ok(replies)
    }
}
