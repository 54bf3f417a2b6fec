//! A bank is told about its lines: as with an answer, only under a live authorisation for post-loan management, and each
//! telling, refused ones too, is a row in the log of queries of the same transaction. Of a merchant that has never
//! authorised it the bank learns nothing, not even that there is something: any bank can report a line of anybody's.

use crate::access::Client;
use crate::advice::Advised;
use crate::answer::Outcome;
use crate::answer::records::{NewQuery, log};
use crate::authorisation::records::{authorisations, ever_authorised};
use crate::authorisation::{Authorisation, Purpose, for_bank, was_for_bank};
use crate::county::records::bank_by_id;
use crate::kernel::{Clock, Day, Digest, Id, Instant, Randomness};
use crate::merchant::Merchant;
use crate::register::Kinds;
use crate::register::records::keep_facts_out;
use crate::store::{Conn, StoreError};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Who is told.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    pub kinds: &'a Kinds,
    /// The bank's id.
    pub bank: &'a str,
    pub client: Id<Client>,
    /// The bank's own id of the person or system that asks.
    pub requested_by: &'a str,
    /// The business date.
    pub today: Day,
    pub clock: &'a dyn Clock,
    pub randomness: &'a dyn Randomness,
}

/// What a bank may see of what it is advised about a merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nothing: the merchant has never authorised it.
    Hidden,
    /// That there is something: the merchant has authorised it, and does no more.
    AskAgain,
    /// All, under the authorisation of this number.
    Told(String),
}

/// Tells one bank in one transaction.
pub struct Teller<'a> {
    telling: Telling<'a>,
    /// The bank's name, by which merchants authorise it.
    name: Box<str>,
    now: Instant,
    sights: HashMap<Id<Merchant>, Sight>,
}

impl<'a> Teller<'a> {
    /// Waits for facts that are being recorded: a withdrawal among them counts, or is younger than what is told.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn new(conn: &mut Conn, telling: Telling<'a>) -> Result<Self, StoreError> {
        keep_facts_out(conn)?;
        let bank = bank_by_id(conn, telling.bank)?;
        Ok(Self {
            telling,
            name: bank.name.into(),
            now: telling.clock.now(),
            sights: HashMap::new(),
        })
    }

    /// Asks what may be seen of this advice.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn look<'b>(
        &mut self,
        conn: &mut Conn,
        advice: impl IntoIterator<Item = &'b Advised>,
    ) -> Result<(), StoreError> {
        let merchants = advice.into_iter().map(|one| one.merchant);
        let new = merchants.filter(|merchant| !self.sights.contains_key(merchant));
        let new: Vec<_> = new.collect::<BTreeSet<_>>().into_iter().collect();
        if new.is_empty() {
            return Ok(());
        }
        let Telling { kinds, today, .. } = self.telling;
        let (purpose, real_date) = (Purpose::PostLoanManagement, self.now.day_in_shanghai());
        let signed = authorisations(conn, kinds, &new)?;
        let ever = ever_authorised(conn, kinds, &new)?;
        for merchant in new {
            let of = |all: &'_ HashMap<_, Vec<Authorisation>>| all.get(&merchant).cloned();
            let (signed, ever) = (
                of(&signed).unwrap_or_default(),
                of(&ever).unwrap_or_default(),
            );
            let sight = match for_bank(&signed, &self.name, purpose, real_date, today) {
                Some(live) => Sight::Told(live.number.to_string()),
                None if was_for_bank(&ever, &self.name, purpose, real_date, today) => {
                    Sight::AskAgain
                }
                None => Sight::Hidden,
            };
            self.sights.insert(merchant, sight);
        }
        Ok(())
    }

    /// What may be seen of this advice; nothing of what was not looked at.
    pub fn sight(&self, advised: &Advised) -> &Sight {
        self.sights.get(&advised.merchant).unwrap_or(&Sight::Hidden)
    }

    /// Tells of each piece of advice that is not hidden, in its order, what `show` makes of it: of what comes with it, and
    /// of the advice, or of none where the bank has to ask again. The log holds the digest of what it is as JSON.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn tell<T, S: Serialize>(
        &mut self,
        conn: &mut Conn,
        advice: &[(T, Advised)],
        mut show: impl FnMut(&T, Option<&Advised>) -> S,
    ) -> Result<Vec<S>, StoreError> {
        self.look(conn, advice.iter().map(|(_, one)| one))?;
        let references: Vec<String> = advice.iter().map(|(_, one)| one.id.to_string()).collect();
        let (mut told, mut queries) = (Vec::new(), Vec::new());
        for ((with, one), business_ref) in advice.iter().zip(&references) {
            let authorisation = match self.sight(one) {
                Sight::Hidden => continue,
                Sight::AskAgain => None,
                Sight::Told(number) => Some(number),
            };
            let shown = show(with, authorisation.map(|_| one));
            let json = serde_json::to_vec(&shown)
                .map_err(|error| StoreError::Content(error.to_string()))?;
            queries.push(self.query(one, business_ref, authorisation, &json));
            told.push(shown);
        }
        if !queries.is_empty() {
            log(conn, &queries)?;
        }
        Ok(told)
    }

    fn query<'q>(
        &'q self,
        one: &Advised,
        business_ref: &'q str,
        authorisation: Option<&String>,
        json: &[u8],
    ) -> NewQuery<'q> {
        let telling = &self.telling;
        NewQuery {
            bank: telling.bank,
            id: Id::new(self.now, telling.randomness),
            client: telling.client.as_bytes(),
            asked_at: self.now,
            uscc: one.uscc,
            purpose: Purpose::PostLoanManagement.as_str(),
            requested_by: telling.requested_by,
            business_ref,
            outcome: authorisation.map_or(Outcome::NotAuthorised, |_| Outcome::Advised),
            merchant: Some(one.merchant),
            authorisation: authorisation.cloned(),
            as_of: telling.today,
            valid_until: None,
            body_digest: None,
            digest: Digest::of(json),
        }
    }
}
