//! What a batch has read, and what follows from it for each query.

use super::bodies::Scored;
use super::query::{Query, Told};
use crate::access::Client;
use crate::access::records::LiveClient;
use crate::answer::records::NewQuery;
use crate::answer::{Answer, Outcome, bytes, refusal_bytes, valid_until};
use crate::authorisation::{Authorisation, for_bank};
use crate::kernel::{Day, Digest, Id, Uscc};
use crate::merchant::Merchant;
use crate::scorecard::Scorecard;
use std::collections::{BTreeSet, HashMap};

/// What a batch has read.
pub struct Known<'a> {
    pub card: &'a Scorecard,
    pub card_name: &'a str,
    pub today: Day,
    pub coverage_count: i64,
    pub live: HashMap<Id<Client>, LiveClient>,
    pub merchants: HashMap<Uscc, Id<Merchant>>,
    pub signed: HashMap<Id<Merchant>, Vec<Authorisation>>,
}

impl Known<'_> {
    /// The merchants about whom a bank may be told, in the order of their ids.
    pub fn asked(&self, acts: &[Query]) -> Vec<Id<Merchant>> {
        let told = acts.iter().flat_map(|act| {
            let merchants = act
                .usccs
                .iter()
                .filter_map(|uscc| self.merchants.get(uscc).copied());
            merchants.filter(|merchant| self.authorisation(act, *merchant).is_some())
        });
        told.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The name of the bank that asks, if the client may still ask for it.
    pub fn bank_name(&self, act: &Query) -> Option<&str> {
        let live = self.live.get(&act.client)?;
        (live.bank == *act.bank).then_some(&live.bank_name)
    }

    fn authorisation(&self, act: &Query, merchant: Id<Merchant>) -> Option<&Authorisation> {
        for_bank(
            self.signed.get(&merchant)?,
            self.bank_name(act)?,
            act.purpose,
            act.asked_at.day_in_shanghai(),
            self.today,
        )
    }

    /// What the bank is told of one merchant, and the row that says so.
    pub fn tell<'q>(
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
