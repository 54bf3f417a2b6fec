//! What a bank asks, and what it is told.

use crate::access::Client;
use crate::answer::{Answer, Envelope};
use crate::authorisation::Purpose;
use crate::kernel::{Day, Id, Instant, Uscc};
use std::sync::Arc;

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
    /// One a merchant, given on arrival, so that a batch that is run again says the same.
    pub ids: Vec<Id<Answer>>,
}

impl Query {
    /// What its answer about one merchant says beside the body.
    pub(super) fn envelope(
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
