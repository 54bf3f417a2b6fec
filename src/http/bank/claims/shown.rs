//! Claims as their funder is shown them.

use crate::http::money::Amount;
use crate::kernel::{Instant, Uscc};
use crate::subsidy::Status;
use crate::subsidy::records::{Claimed, Event};
use serde::Serialize;
use utoipa::ToSchema;

/// 一页申领 · A page of claims.
#[derive(Serialize, ToSchema)]
#[schema(as = Claims)]
pub struct ClaimsShown {
    pub claims: Vec<ClaimShown>,
    /// Where the next page begins; null on the last page
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// 申领 · A claim of a merchant on a programme's pool, for one acquirer and month.
#[derive(Serialize, ToSchema)]
#[schema(as = Claim)]
pub struct ClaimShown {
    #[schema(example = "clm_01k0qz3v9kf2m8s3t5y7b9c1d4")]
    pub id: String,
    #[schema(example = "acquiring-2025")]
    pub programme: String,
    #[schema(value_type = String)]
    pub uscc: Uscc,
    pub acquirer: String,
    /// yyyyMM
    #[schema(example = "202512")]
    pub month: String,
    /// 0 for the claim itself; above, a difference that was found later
    pub number: i32,
    /// 手续费基数 · The fees that it rests on, or what a difference adds to them
    pub fee: Amount,
    /// As computed
    pub amount: Amount,
    /// 余额 · What is left of it after differences, claw-backs and a rejection
    pub remaining: Amount,
    #[schema(value_type = String, example = "computed")]
    pub status: Status,
    /// The first person of the funder
    #[schema(required)]
    pub submitted_by: Option<String>,
}

/// 申领及其经过 · A claim with what has happened to it.
#[derive(Serialize, ToSchema)]
#[schema(as = ClaimWithEntries)]
pub struct ClaimTold {
    #[serde(flatten)]
    pub claim: ClaimShown,
    /// 经过，先后为序 · The first thing first; nothing in it is ever changed
    pub entries: Vec<EntryShown>,
}

/// 经过 · One thing that happened to a claim.
#[derive(Serialize, ToSchema)]
#[schema(as = ClaimEntry)]
pub struct EntryShown {
    number: i32,
    /// `computed`, `confirmed`, `submitted`, `approved`, `paid`, `rejected`, `reduced` or `clawed_back`
    entry: String,
    /// What it was about, or took away
    amount: Amount,
    /// The bank's reference, a reason, or what made a difference: `fee`, `certification` or `both`
    #[schema(required)]
    reference: Option<String>,
    /// RFC 3339, UTC
    #[schema(value_type = String, format = "date-time")]
    at: Instant,
    by: String,
}

impl ClaimShown {
    pub fn new(uscc: Uscc, claim: Claimed) -> Self {
        Self {
            id: claim.id.to_string(),
            programme: claim.programme,
            uscc,
            acquirer: claim.acquirer,
            month: claim.month.to_string(),
            number: claim.number,
            fee: Amount::yuan(claim.fee),
            amount: Amount::yuan(claim.amount),
            remaining: Amount::yuan(claim.remaining),
            status: claim.status,
            submitted_by: claim.submitted_by,
        }
    }
}

impl From<Event> for EntryShown {
    fn from(event: Event) -> Self {
        Self {
            number: event.number,
            entry: event.event,
            amount: Amount::yuan(event.amount),
            reference: event.reference,
            at: event.acted_at,
            by: event.acted_by,
        }
    }
}
