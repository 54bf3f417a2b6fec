//! The bank asks: authorisation live? -> the present score, computed on the spot where it is due -> a row in the query
//! log, committed -> the answer. Queries come in crowds, so they are decided and logged together.

use super::rescore::{Scoring, renew};
use crate::access::Client;
use crate::access::records::live_clients;
use crate::answer::body::render;
use crate::answer::records::{NewBody, NewQuery, keep, kept, log};
use crate::answer::{Answer, Envelope, Outcome, bytes, refusal_bytes, valid_until};
use crate::authorisation::records::authorisations;
use crate::authorisation::{Authorisation, Purpose, for_bank};
use crate::county::records::{banks, latest};
use crate::county::{business_date, card_name};
use crate::kernel::{Clock, Day, Digest, Id, Instant, Randomness, Uscc};
use crate::merchant::Merchant;
use crate::merchant::records::by_uscc;
use crate::register::Kinds;
use crate::register::records::{coverage, coverage_count, histories};
use crate::score::records::{Head, Present, heads, scores};
use crate::score::{Cards, Score};
use crate::scorecard::Scorecard;
use crate::store::{Batch, Conn, Failure, StoreError};
use quick_cache::sync::Cache;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a bank asks about one merchant or up to 1,000.
#[derive(Clone, Debug)]
pub struct Query {
    /// Who presented the token; whether it is disabled is looked up with the query.
    pub client: Id<Client>,
    pub bank: Arc<str>,
    pub usccs: Vec<Uscc>,
    pub purpose: Purpose,
    /// The bank's own staff id.
    pub requested_by: String,
    pub business_ref: String,
    pub asked_at: Instant,
    /// One a merchant, given on arrival, so that a commit of unknown outcome can be repeated.
    pub ids: Vec<Id<Answer>>,
}

/// How a query was decided.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The client has been disabled.
    Disabled,
    /// One a merchant, in the order asked.
    Answers(Vec<Told>),
}

/// What the bank is told of one merchant.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: Id<Answer>,
    /// Whether it is an answer; otherwise `not_available`.
    pub answered: bool,
    /// The JSON that is sent, byte for byte.
    pub json: String,
}

/// The body of answers about one score.
struct SharedBody {
    digest: Digest,
    text: String,
    /// Whether a committed row holds it: seen in the database, never assumed.
    is_kept: AtomicBool,
}

/// What deciding queries needs to know of the world.
#[derive(Clone)]
pub struct World {
    pub kinds: Arc<Kinds>,
    pub cards: Arc<Cards>,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    /// The business date, where a setting fixes it.
    pub business_date: Option<Day>,
    /// The card, where the county names none.
    pub card: String,
}

/// Decides banks' queries. What it remembers never changes, so that no other instance need know it.
pub struct AnswerBank {
    world: World,
    bodies: Cache<(Id<Score>, i64), Arc<SharedBody>>,
}

/// How many bodies are remembered, of about 4 KiB each.
const REMEMBERED: usize = 8_192;

impl AnswerBank {
    pub fn new(world: World) -> Self {
        Self {
            world,
            bodies: Cache::new(REMEMBERED),
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

/// What a batch has read.
struct Known<'a> {
    card: &'a Scorecard,
    card_name: &'a str,
    today: Day,
    coverage_count: i64,
    live: HashMap<Id<Client>, String>,
    banks: HashMap<String, String>,
    merchants: HashMap<Uscc, Id<Merchant>>,
    signed: HashMap<Id<Merchant>, Vec<Authorisation>>,
}

/// A merchant's present score, and the body that tells it.
#[derive(Clone)]
struct Scored {
    next_change_on: Option<Day>,
    body: Arc<SharedBody>,
}

impl AnswerBank {
    fn decide(&self, conn: &mut Conn, acts: &[Query]) -> Result<Vec<Reply>, StoreError> {
        let county = latest(conn)?;
        let card_name = card_name(&self.world.card, county.as_ref());
        let card = self
            .world
            .cards
            .get(card_name)
            .map_err(|error| StoreError::Content(error.to_string()))?;
        let clients: BTreeSet<Id<Client>> = acts.iter().map(|act| act.client).collect();
        let usccs: BTreeSet<Uscc> = acts.iter().flat_map(|act| &act.usccs).copied().collect();
        let merchants = by_uscc(conn, usccs)?;
        let mut ids: Vec<Id<Merchant>> = merchants.values().copied().collect();
        ids.sort_unstable();
        let known = Known {
            card,
            card_name,
            today: business_date(self.world.business_date, county.as_ref())
                .today(&*self.world.clock),
            coverage_count: coverage_count(conn)?,
            live: live_clients(conn, &clients.into_iter().collect::<Vec<_>>())?
                .into_iter()
                .collect(),
            banks: banks(conn)?
                .into_iter()
                .map(|bank| (bank.id, bank.name))
                .collect(),
            signed: authorisations(conn, &self.world.kinds, &ids)?,
            merchants,
        };
        let asked = known.asked(acts);
        let scored = self.scored(conn, &known, &asked)?;
        self.answer(conn, &known, acts, &scored)
    }

    /// The present scores of merchants (in the order of their ids); those that are due are computed now.
    fn scored(
        &self,
        conn: &mut Conn,
        known: &Known<'_>,
        asked: &[Id<Merchant>],
    ) -> Result<HashMap<Id<Merchant>, Scored>, StoreError> {
        let (today, coverage_count, card) = (known.today, known.coverage_count, known.card_name);
        let present = Present {
            today,
            coverage_count,
            card,
        };
        let mut heads = heads(conn, asked)?;
        let is_due =
            |merchant: &Id<Merchant>| heads.get(merchant).is_some_and(|head| head.is_due(present));
        let due: Vec<Id<Merchant>> = asked.iter().copied().filter(is_due).collect();
        if !due.is_empty() {
            heads.extend(
                self.renewed(conn, known, &due)?
                    .into_iter()
                    .map(|head| (head.merchant, head)),
            );
        }
        let mut scored = HashMap::with_capacity(asked.len());
        let mut unknown = Vec::new();
        for head in heads.into_values() {
            let Some(score) = head.score else { continue };
            match self.bodies.get(&(score, coverage_count)) {
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
                None => unknown.push((head.merchant, score)),
            }
        }
        if !unknown.is_empty() {
            unknown.sort_unstable();
            self.render(conn, known, &unknown, &mut scored)?;
        }
        Ok(scored)
    }

    fn renewed(
        &self,
        conn: &mut Conn,
        known: &Known<'_>,
        due: &[Id<Merchant>],
    ) -> Result<Vec<Head>, StoreError> {
        let scoring = Scoring {
            kinds: &self.world.kinds,
            card: known.card,
            card_name: known.card_name,
            today: known.today,
            clock: &*self.world.clock,
            randomness: &*self.world.randomness,
        };
        let coverage = coverage(conn, &self.world.kinds, None)?;
        match renew(conn, scoring, due, &coverage, known.coverage_count) {
            Ok((renewed, _)) => Ok(renewed.into_iter().map(|(head, _)| head).collect()),
            Err(Failure::Store(error)) => Err(error),
            // A business date before the card's first day: nobody has a score.
            Err(Failure::Refused(_)) => Ok(due
                .iter()
                .map(|merchant| Head::unscored(*merchant))
                .collect()),
        }
    }

    fn render(
        &self,
        conn: &mut Conn,
        known: &Known<'_>,
        unknown: &[(Id<Merchant>, Id<Score>)],
        scored: &mut HashMap<Id<Merchant>, Scored>,
    ) -> Result<(), StoreError> {
        let kinds = &self.world.kinds;
        let given = scores(conn, unknown, known.card, kinds)?;
        let merchants: Vec<Id<Merchant>> = unknown.iter().map(|(merchant, _)| *merchant).collect();
        let coverage = coverage(conn, kinds, None)?;
        let histories = histories(conn, kinds, &merchants, None)?;
        for ((merchant, score), (_, history)) in unknown.iter().zip(&histories) {
            let Some(given) = given.get(score) else {
                continue;
            };
            let text = render(given, known.card, kinds, history, &coverage);
            let digest = Digest::of(text.as_bytes());
            let body = Arc::new(SharedBody {
                digest,
                text,
                is_kept: AtomicBool::new(false),
            });
            self.bodies
                .insert((*score, known.coverage_count), body.clone());
            scored.insert(
                *merchant,
                Scored {
                    next_change_on: given.next_change_on,
                    body,
                },
            );
        }
        Ok(())
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
            if known.live.get(&act.client).map(String::as_str) != Some(&*act.bank) {
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

/// Keeps the bodies that no committed row holds yet.
fn keep_bodies(conn: &mut Conn, scored: &HashMap<Id<Merchant>, Scored>) -> Result<(), StoreError> {
    let fresh = || {
        scored
            .iter()
            .filter(|(_, scored)| !scored.body.is_kept.load(Ordering::Relaxed))
    };
    let wanted: Vec<_> = fresh()
        .map(|(merchant, scored)| (*merchant, scored.body.digest))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let kept = kept(conn, &wanted)?;
    let (old, new): (Vec<_>, Vec<_>) =
        fresh().partition(|(_, scored)| kept.contains(&scored.body.digest));
    old.iter()
        .for_each(|(_, scored)| scored.body.is_kept.store(true, Ordering::Relaxed));
    let body = |(merchant, scored): &(&Id<Merchant>, &'_ Scored)| (**merchant, scored.body.clone());
    let new: Vec<(Id<Merchant>, Arc<SharedBody>)> = new.iter().map(body).collect();
    let rows: Vec<NewBody<'_>> = new
        .iter()
        .map(|(merchant, body)| NewBody {
            merchant: *merchant,
            digest: body.digest,
            body: &body.text,
        })
        .collect();
    keep(conn, &rows)?;
    Ok(())
}

impl Known<'_> {
    /// The merchants about whom a bank may be told, in the order of their ids.
    fn asked(&self, acts: &[Query]) -> Vec<Id<Merchant>> {
        let told = acts.iter().flat_map(|act| {
            let merchants = act
                .usccs
                .iter()
                .filter_map(|uscc| self.merchants.get(uscc).copied());
            merchants.filter(|merchant| self.authorisation(act, *merchant).is_some())
        });
        told.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn authorisation(&self, act: &Query, merchant: Id<Merchant>) -> Option<&Authorisation> {
        let (signed, bank) = (self.signed.get(&merchant)?, self.banks.get(&*act.bank)?);
        for_bank(
            signed,
            bank,
            act.purpose,
            act.asked_at.day_in_shanghai(),
            self.today,
        )
    }

    fn tell<'q>(
        &self,
        act: &'q Query,
        uscc: Uscc,
        id: Id<Answer>,
        scored: &HashMap<Id<Merchant>, Scored>,
    ) -> (NewQuery<'q>, Told) {
        let merchant = self.merchants.get(&uscc).copied();
        let authorisation = merchant.and_then(|merchant| self.authorisation(act, merchant));
        let score = authorisation
            .and(merchant)
            .and_then(|merchant| scored.get(&merchant));
        let outcome = match (merchant, authorisation, score) {
            (None, ..) => Outcome::UnknownMerchant,
            (_, None, _) => Outcome::NotAuthorised,
            (.., None) => Outcome::NotOpen,
            (.., Some(_)) => Outcome::Answered,
        };
        let ends_on = authorisation.and_then(|authorisation| authorisation.ends_on);
        let valid_until = score.and_then(|score| valid_until(score.next_change_on, ends_on));
        let json = match score {
            Some(score) => bytes(
                &act.envelope(id, uscc, self.today, valid_until),
                &score.body.text,
            ),
            None => refusal_bytes(id, uscc),
        };
        let query = NewQuery {
            bank: &act.bank,
            id,
            client: act.client.as_bytes(),
            asked_at: act.asked_at,
            uscc,
            purpose: act.purpose.as_str(),
            requested_by: &act.requested_by,
            business_ref: &act.business_ref,
            outcome,
            merchant,
            authorisation: authorisation.map(|authorisation| authorisation.number.to_string()),
            as_of: self.today,
            valid_until,
            body_digest: score.map(|score| score.body.digest),
            digest: Digest::of(json.as_bytes()),
        };
        (
            query,
            Told {
                id,
                answered: score.is_some(),
                json,
            },
        )
    }
}

impl Query {
    fn envelope(
        &self,
        id: Id<Answer>,
        uscc: Uscc,
        as_of: Day,
        valid_until: Option<Day>,
    ) -> Envelope<'_> {
        Envelope {
            id,
            answered_at: self.asked_at,
            uscc,
            purpose: self.purpose,
            requested_by: &self.requested_by,
            business_ref: &self.business_ref,
            as_of,
            valid_until,
        }
    }
}
