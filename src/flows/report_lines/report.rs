//! A report as it waits to be kept, and what becomes of it.

use crate::access::Client;
use crate::credit_line::{Judged, Report};
use crate::idempotency::{Answered, Asked, Guard};
use crate::kernel::{Day, Id};
use crate::store::StoreError;
use std::sync::Arc;

/// What a bank reports of a line.
pub struct LineReport {
    /// Who presented the token; whether it is disabled is looked up with the report.
    pub client: Id<Client>,
    pub bank: Arc<str>,
    /// The request under its key.
    pub asked: Asked,
    pub agreement: String,
    pub report: Report,
    /// The bank's own id of the person who reports.
    pub person: String,
    /// How the bank is told what became of it: the answer is kept with the report.
    pub tell: fn(KeptReport) -> Result<Answered, StoreError>,
    /// Held until the report has been dealt with, also where the caller has gone away.
    pub guard: Guard,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing was known of the fact.
    New,
    /// The next version of what was known.
    Changed,
    /// It was known already.
    Unchanged,
}

/// A report that was kept, and the line as it then stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReport {
    pub kept: Kept,
    /// The business date.
    pub as_of: Day,
    /// From which day on it counts, where that is after the business date.
    pub counts_from: Option<Day>,
    pub line: Judged,
}

/// Why a report was not kept.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReportRefusal {
    #[error("该客户端已停用 · the client has been disabled")]
    Disabled,
    #[error("没有这笔授信 · there is no such line")]
    NoSuchLine,
    #[error("发生日期在今天之后 · the day on which it happened is still to come")]
    InFuture,
    #[error("没有对该商户作出这一回答 · this bank was given no such answer about the merchant")]
    NoSuchAnswer,
    #[error("经办人与审批人须为两人 · whoever reports and whoever approves must be two persons")]
    SamePerson,
}
