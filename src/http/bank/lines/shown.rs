//! A line as its bank is shown it.

use crate::answer::Answer;
use crate::credit_line::{Flag, Judged, State};
use crate::http::money::Amount;
use crate::kernel::{Day, Id, Money, Uscc};
use serde::Serialize;
use utoipa::ToSchema;

/// 授信 · A line as this bank has reported it, and what does not fit.
#[derive(Serialize, ToSchema)]
#[schema(as = Line)]
pub struct LineShown {
    agreement: String,
    #[schema(value_type = String)]
    uscc: Uscc,
    product: String,
    #[schema(example = "in_force", value_type = String)]
    state: State,
    /// 授信额度 · The limit
    limit: Amount,
    /// 用信余额 · What is owed; null where nothing tells
    #[schema(required)]
    drawn: Option<Amount>,
    /// 可用额度 · What may still be drawn; never negative
    #[schema(required)]
    available: Option<Amount>,
    #[schema(value_type = String, format = "date")]
    starts_on: Day,
    #[schema(value_type = Option<String>, format = "date", required)]
    ends_on: Option<Day>,
    rate: String,
    /// 最近的时点余额 · The last position
    #[schema(required)]
    position: Option<PositionShown>,
    #[schema(value_type = Option<String>, required)]
    relied_on: Option<Id<Answer>>,
    #[schema(required)]
    r#override: Option<OverrideShown>,
    /// 不合之处 · What does not fit. Flags that rest on a tier are there only where `relied_on` is.
    #[schema(value_type = Vec<String>)]
    flags: Vec<Flag>,
    /// 不应改变而改变的内容 · Which fields changed and should not have
    changed: Vec<String>,
}

/// 时点余额 · A position
#[derive(Serialize, ToSchema)]
#[schema(as = LastPosition)]
pub struct PositionShown {
    #[schema(value_type = String, format = "date")]
    on: Day,
    #[schema(required)]
    drawn: Option<Amount>,
    #[schema(required)]
    days_overdue: Option<i64>,
    classification: String,
}

/// 超限审批 · Who has agreed to a limit above the cap, and why
#[derive(Serialize, ToSchema)]
#[schema(as = OverrideAgreed)]
pub struct OverrideShown {
    limit: Amount,
    reason: String,
    approved_by: String,
}

/// 一页授信 · A page of lines in the order of their agreements.
#[derive(Serialize, ToSchema)]
#[schema(as = Lines)]
pub struct LinesShown {
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    pub lines: Vec<LineShown>,
    /// 末页为null；有筛选时，未到末页的一页也可能不满 · Null on the last page; with a filter a page may be short before that
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// 上报的结果 · What became of a report, and the line as it now stands.
#[derive(Serialize, ToSchema)]
#[schema(as = LineReported)]
pub struct ReportedShown {
    /// `new`, `changed` or `unchanged`
    #[schema(example = "new")]
    pub report: &'static str,
    /// 营业日，下列授信状况以此日为准 · The business date as of which the line is shown
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    /// 发生日期晚于营业日时，从哪日起计入；否则为null · From which day on the report counts, where that is after `as_of`; null where it counts already
    #[schema(value_type = Option<String>, format = "date", required)]
    pub counts_from: Option<Day>,
    pub line: LineShown,
}

impl LineShown {
    pub fn new(judged: Judged) -> Self {
        let (line, usage) = (judged.line, judged.usage);
        let currency = match &*line.terms.currency {
            "" => "CNY",
            currency => currency,
        };
        let amount = |amount: Money| Amount {
            amount,
            currency: currency.to_owned(),
        };
        let position = line.positions.last().map(|last| PositionShown {
            on: last.on,
            drawn: last.drawn.map(amount),
            days_overdue: last.days_overdue,
            classification: last.classification.to_string(),
        });
        Self {
            agreement: line.agreement.to_string(),
            uscc: line.uscc,
            product: line.terms.product.to_string(),
            state: judged.state,
            limit: amount(usage.limit),
            drawn: usage.drawn.map(amount),
            available: usage.available.map(amount),
            starts_on: line.terms.starts_on,
            ends_on: line.terms.ends_on,
            rate: line.terms.rate.to_string(),
            position,
            relied_on: line.relied_on,
            r#override: line.overridden.map(|agreed| OverrideShown {
                limit: amount(agreed.limit),
                reason: agreed.reason,
                approved_by: agreed.approved_by,
            }),
            flags: judged.flags,
            changed: line.changed.iter().map(ToString::to_string).collect(),
        }
    }
}
