//! What a bank asked, why, and what it was told.
//!
//! An answer is an envelope (id, time, purpose, until when it holds) around a body that all who ask about the same
//! score share; the bytes are put together the same way whenever they are asked for again.

pub mod body;
pub mod records;

use crate::authorisation::Purpose;
use crate::kernel::id::Named;
use crate::kernel::{Day, Digest, Id, Instant, Uscc};
use serde::Serialize;
use std::fmt;

/// One answer to one bank about one merchant.
pub struct Answer;

impl Named for Answer {
    const PREFIX: &'static str = "ans";
}

/// How a query ended. To the bank all refusals are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Answered,
    UnknownMerchant,
    NotAuthorised,
    /// The merchant is authorised, but has no score on the business date.
    NotOpen,
    /// Told what is advised about a line.
    Advised,
}

impl Outcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::UnknownMerchant => "unknown_merchant",
            Self::NotAuthorised => "not_authorised",
            Self::NotOpen => "not_open",
            Self::Advised => "advised",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an answer says beside its body.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Envelope<'a> {
    pub id: Id<Answer>,
    pub answered_at: Instant,
    pub uscc: Uscc,
    pub purpose: Purpose,
    pub requested_by: &'a str,
    pub business_ref: &'a str,
    /// The business date on which the score was asked for.
    pub as_of: Day,
    /// The last day on which the answer holds if nothing more is recorded; none where neither score nor
    /// authorisation has an end.
    pub valid_until: Option<Day>,
}

/// The bytes of an answer: the envelope's members and then the body's (a JSON object).
pub fn bytes(envelope: &impl Serialize, body: &str) -> String {
    // The envelope's types always serialise, to an object that is not empty.
    let mut text = serde_json::to_string(envelope).unwrap_or_default();
    text.pop();
    text.reserve(body.len() + 1);
    text.push(',');
    text.push_str(body.strip_prefix('{').unwrap_or(body));
    text
}

/// The bytes of a refusal: the same whether the merchant is unknown, has not authorised the bank, or is not open.
pub fn refusal_bytes(id: Id<Answer>, uscc: Uscc) -> String {
    format!(r#"{{"id":"{id}","uscc":"{uscc}","refused":"not_available"}}"#)
}

/// What is left of an answer that may no longer be shared: enough for the bank to prove its own copy.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Withheld {
    pub id: Id<Answer>,
    pub answered_at: Instant,
    /// SHA-256 of the answer's bytes.
    pub digest: Digest,
    pub withheld: bool,
}

/// `valid_until`: the day before the score changes, or the authorisation's last day if earlier.
pub fn valid_until(next_change_on: Option<Day>, authorisation_ends_on: Option<Day>) -> Option<Day> {
    let score = next_change_on.map(|day| day.plus_days(-1));
    [score, authorisation_ends_on].into_iter().flatten().min()
}
