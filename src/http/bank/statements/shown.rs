//! What became of the statements, as their bank is told.

use crate::flows::report_statements::{Became, Fault, Taken};
use crate::kernel::{Id, Money};
use crate::register::records::Delivery;
use crate::register::verdict::Verdict;
use serde::Serialize;
use utoipa::ToSchema;

/// 上报的结果 · What became of the statements, each in its place.
#[derive(Serialize, ToSchema)]
pub struct StatementsTaken {
    /// 交付编号 · The delivery under which they are kept
    #[schema(value_type = String)]
    delivery: Id<Delivery>,
    counts: StatementCounts,
    statements: Vec<StatementTaken>,
}

/// 各结果的行数 · How many rows became what.
#[derive(Serialize, ToSchema)]
struct StatementCounts {
    new: u64,
    changed: u64,
    unchanged: u64,
    held: u64,
    rejected: u64,
    refused: u64,
}

/// 一行的结果 · What became of a row.
#[derive(Serialize, ToSchema)]
struct StatementTaken {
    /// 行序，从0起 · Its place among the statements sent, from 0
    index: usize,
    /// `new`, `changed`, `unchanged`, `held` (a person decides), `rejected` (a person has decided: what was known stays) or `refused` (it cannot be taken)
    #[schema(example = "new")]
    outcome: &'static str,
    /// 拒收的原因 · All that is wrong with a refused row
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<StatementFault>,
}

/// 有误的字段 · A broken field of a row; the codes are those of files' refused rows, `out_of_range` and `future_month`.
#[derive(Serialize, ToSchema)]
struct StatementFault {
    #[schema(example = "uscc")]
    field: String,
    #[schema(example = "check_character")]
    code: &'static str,
    detail: String,
}

impl StatementFault {
    fn new(fault: &Fault) -> Self {
        match fault {
            Fault::TooMuch(column) => Self {
                field: column.to_string(),
                code: "out_of_range",
                detail: format!(
                    "金额超过{most}；请核对金额 · more than {most}; check the amount",
                    most = Money::MOST
                ),
            },
            Fault::FutureMonth => Self {
                field: "month".to_owned(),
                code: "future_month",
                detail: "月份尚未开始；请核对月份 · the month has not begun; check it".to_owned(),
            },
            Fault::Cell(fault) => {
                let (cause, cure) = (fault.cause(), fault.cure());
                Self {
                    field: fault.header.to_string(),
                    code: fault.code.as_str(),
                    detail: format!("{}；{} · {}; {}", cause.zh, cure.zh, cause.en, cure.en),
                }
            }
        }
    }
}

impl StatementTaken {
    fn new((index, became): (usize, &Became)) -> Self {
        let (outcome, faults) = match became {
            Became::Taken(Verdict::New) => ("new", &[][..]),
            Became::Taken(Verdict::Changed) => ("changed", &[][..]),
            Became::Taken(Verdict::Unchanged) => ("unchanged", &[][..]),
            Became::Taken(Verdict::Held) => ("held", &[][..]),
            Became::Taken(Verdict::Rejected) => ("rejected", &[][..]),
            Became::Refused(faults) => ("refused", &faults[..]),
        };
        Self {
            index,
            outcome,
            errors: faults.iter().map(StatementFault::new).collect(),
        }
    }
}

impl StatementsTaken {
    pub fn new(taken: &Taken) -> Self {
        let counts = taken.counts;
        let is_rejected = |became: &&Became| **became == Became::Taken(Verdict::Rejected);
        let rejected = taken.rows.iter().filter(is_rejected).count() as u64;
        Self {
            delivery: taken.delivery,
            counts: StatementCounts {
                new: counts.new,
                changed: counts.changed,
                // A delivery counts what was rejected with what is unchanged.
                unchanged: counts.unchanged.saturating_sub(rejected),
                held: counts.held,
                rejected,
                refused: counts.refused,
            },
            statements: (taken.rows.iter().enumerate())
                .map(StatementTaken::new)
                .collect(),
        }
    }
}
