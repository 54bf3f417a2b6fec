//! What a bank reports, as it is sent.

use crate::answer::Answer;
use crate::credit_line::Report;
use crate::credit_line::report::{
    Direction, Grant, Happened, Limit, Movement, Override, PositionReport,
};
use crate::http::{Broken, Field, Optional, Place, Problem, Whole, Words};
use crate::kernel::text::normalised;
use crate::kernel::{Day, Id, Money, Uscc};
use serde::Deserialize;
use std::borrow::Cow;
use utoipa::ToSchema;
use validator::Validate;

/// What happens to a line, as it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    LimitChanged,
    Frozen,
    Released,
    Expired,
    Terminated,
    Settled,
}

crate::wire_words!(Happening {
    "limit_changed" => Happening::LimitChanged,
    "frozen" => Happening::Frozen,
    "released" => Happening::Released,
    "expired" => Happening::Expired,
    "terminated" => Happening::Terminated,
    "settled" => Happening::Settled,
});

crate::wire_words!(Direction {
    "draw" => Direction::Draw,
    "repayment" => Direction::Repayment,
});

/// A name of the bank's: an agreement, a serial number, a person.
pub type Named = Words<1, 100>;
type Reason = Words<1, 500>;
type Days = Whole<0, 36_500>;

/// A name as it is compared.
pub fn name(words: &Named) -> String {
    normalised(words.as_str()).into_owned()
}

/// 授信 · A line as it was granted.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineGranted {
    /// 授信协议号码 · The bank's own number of the agreement.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub agreement: Field<Named>,
    /// 统一社会信用代码 · Unified social credit code
    #[validate(nested)]
    #[schema(schema_with = Field::<Uscc>::schema)]
    pub uscc: Field<Uscc>,
    /// 产品名称或编号 · The product, by its name or id.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub product: Field<Named>,
    /// 授信额度 · The limit
    #[validate(nested)]
    #[schema(schema_with = Field::<Money>::schema)]
    pub limit: Field<Money>,
    /// 是否循环 · Whether what is repaid may be drawn again.
    #[validate(nested)]
    #[schema(schema_with = Field::<bool>::schema)]
    pub revolving: Field<bool>,
    /// 生效起始日期 · The first day
    #[validate(nested)]
    #[schema(schema_with = Field::<Day>::schema)]
    pub starts_on: Field<Day>,
    /// 终止日期（含） · The last day; left out where there is none.
    #[validate(nested)]
    #[schema(schema_with = Optional::<Day>::schema, required = false)]
    pub ends_on: Optional<Day>,
    /// 利率 · `LPR1Y+60bp`
    #[validate(nested)]
    #[schema(schema_with = Optional::<Named>::schema, required = false)]
    pub rate: Optional<Named>,
    /// 授信所依据的回答 · The answer whose tier the bank relied on.
    #[validate(nested)]
    #[schema(schema_with = Optional::<Id<Answer>>::schema, required = false)]
    pub relied_on: Optional<Id<Answer>>,
    /// 经办人 · The bank's own id of the person who reports.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub reported_by: Field<Named>,
}

impl LineGranted {
    /// The agreement, the report, and who reports.
    ///
    /// # Errors
    /// 400 where the last day lies before the first.
    pub fn report(self) -> Result<(String, Report, String), Problem> {
        let (starts_on, ends_on) = (self.starts_on.good()?, self.ends_on.value());
        if ends_on.is_some_and(|end| end < starts_on) {
            let words = "终止日期早于生效起始日期 · the last day lies before the first";
            return Err(broken("/ends_on", "date_order", words));
        }
        let grant = Grant {
            uscc: self.uscc.good()?,
            product: name(&self.product.good()?),
            limit: self.limit.good()?,
            revolving: self.revolving.good()?,
            starts_on,
            ends_on,
            rate: self.rate.value().map(Named::into_string),
            relied_on: self.relied_on.value(),
        };
        let agreement = name(&self.agreement.good()?);
        let person = self.reported_by.good()?.into_string();
        Ok((agreement, Report::Grant(grant), person))
    }
}

/// 额度调整、冻结、解冻、到期、终止、结清 · What happened to a line.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineEvent {
    #[validate(nested)]
    #[schema(schema_with = Field::<Happening>::schema)]
    pub event: Field<Happening>,
    /// 发生日期 · The day on which it happened
    #[validate(nested)]
    #[schema(schema_with = Field::<Day>::schema)]
    pub on: Field<Day>,
    /// 新额度 · The new limit; with `limit_changed` only.
    #[validate(nested)]
    #[schema(schema_with = Optional::<Money>::schema, required = false)]
    pub limit: Optional<Money>,
    /// 原因 · Why
    #[validate(nested)]
    #[schema(schema_with = Optional::<Reason>::schema, required = false)]
    pub reason: Optional<Reason>,
    /// 调额所依据的回答 · The answer whose tier the bank relied on; with `limit_changed` only.
    #[validate(nested)]
    #[schema(schema_with = Optional::<Id<Answer>>::schema, required = false)]
    pub relied_on: Optional<Id<Answer>>,
    /// 经办人 · The bank's own id of the person who reports.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub reported_by: Field<Named>,
}

impl LineEvent {
    /// The report, and who reports.
    ///
    /// # Errors
    /// 400 where a limit is missing, or there with another event.
    pub fn report(self) -> Result<(Report, String), Problem> {
        let (event, on) = (self.event.good()?, self.on.good()?);
        let reason = self.reason.value().map(Reason::into_string);
        let limit = self.limit.value();
        if limit.is_some() != (event == Happening::LimitChanged) {
            let words = "额度仅用于且必用于 limit_changed · the limit goes with limit_changed, and only with it";
            let code = if limit.is_some() {
                "unknown_field"
            } else {
                "missing"
            };
            return Err(broken("/limit", code, words));
        }
        let relied_on = self.relied_on.value();
        if relied_on.is_some() && limit.is_none() {
            let words = "所依据的回答仅用于 limit_changed · an answer goes with limit_changed only";
            return Err(broken("/relied_on", "unknown_field", words));
        }
        let happened = |report: fn(Happened) -> Report, reason| report(Happened { on, reason });
        let report = match (event, limit) {
            (Happening::LimitChanged, limit) => Report::Limit(Limit {
                on,
                limit: limit.unwrap_or_default(),
                reason,
                relied_on,
            }),
            (Happening::Frozen, _) => happened(Report::Frozen, reason),
            (Happening::Released, _) => happened(Report::Released, reason),
            (Happening::Expired, _) => happened(Report::Expired, reason),
            (Happening::Terminated, _) => happened(Report::Terminated, reason),
            (Happening::Settled, _) => happened(Report::Settled, reason),
        };
        Ok((report, self.reported_by.good()?.into_string()))
    }
}

/// 用信或还款 · A draw or a repayment.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineMovement {
    /// 银行流水号 · The bank's serial number: one movement, whatever the line.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub serial: Field<Named>,
    #[validate(nested)]
    #[schema(schema_with = Field::<Direction>::schema)]
    pub direction: Field<Direction>,
    #[validate(nested)]
    #[schema(schema_with = Field::<Money>::schema)]
    pub amount: Field<Money>,
    /// 发生日期 · The day on which it happened
    #[validate(nested)]
    #[schema(schema_with = Field::<Day>::schema)]
    pub on: Field<Day>,
    /// 经办人 · The bank's own id of the person who reports.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub reported_by: Field<Named>,
}

impl LineMovement {
    /// The report, and who reports.
    ///
    /// # Errors
    /// 400 where nothing was moved.
    pub fn report(self) -> Result<(Report, String), Problem> {
        let amount = self.amount.good()?;
        if amount == Money::ZERO {
            let words = "金额须大于零 · must be more than zero";
            return Err(broken("/amount", "not_positive", words));
        }
        let movement = Movement {
            serial: name(&self.serial.good()?),
            direction: self.direction.good()?,
            amount,
            on: self.on.good()?,
        };
        let person = self.reported_by.good()?.into_string();
        Ok((Report::Movement(movement), person))
    }
}

/// 时点余额 · How a line stood at the end of a day.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinePosition {
    #[validate(nested)]
    #[schema(schema_with = Field::<Day>::schema)]
    pub on: Field<Day>,
    /// 授信额度 · The limit
    #[validate(nested)]
    #[schema(schema_with = Field::<Money>::schema)]
    pub limit: Field<Money>,
    /// 用信余额 · What is owed
    #[validate(nested)]
    #[schema(schema_with = Field::<Money>::schema)]
    pub drawn: Field<Money>,
    /// 逾期天数 · Days overdue
    #[validate(nested)]
    #[schema(schema_with = Optional::<Days>::schema, required = false)]
    pub days_overdue: Optional<Days>,
    /// 五级分类 · 正常 关注 次级 可疑 损失
    #[validate(nested)]
    #[schema(schema_with = Optional::<Named>::schema, required = false)]
    pub classification: Optional<Named>,
    /// 经办人 · The bank's own id of the person who reports.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub reported_by: Field<Named>,
}

impl LinePosition {
    /// The report, and who reports.
    ///
    /// # Errors
    /// Never after the check.
    pub fn report(self) -> Result<(Report, String), Problem> {
        let position = PositionReport {
            on: self.on.good()?,
            limit: self.limit.good()?,
            drawn: self.drawn.good()?,
            days_overdue: self.days_overdue.value().map(|days| days.0),
            classification: self.classification.value().map(|words| name(&words)),
        };
        let person = self.reported_by.good()?.into_string();
        Ok((Report::Position(position), person))
    }
}

/// 超限审批 · Why a limit lies above the cap of the tier, and who has agreed.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineOverride {
    /// 同意的最高额度，超过它须另行审批 · The highest limit that was agreed to; one above it is pending again.
    #[validate(nested)]
    #[schema(schema_with = Field::<Money>::schema)]
    pub limit: Field<Money>,
    #[validate(nested)]
    #[schema(schema_with = Field::<Reason>::schema)]
    pub reason: Field<Reason>,
    /// 审批人，不能是经办人 · Who has agreed: not the one who reports.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub approved_by: Field<Named>,
    /// 经办人 · The bank's own id of the person who reports.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub reported_by: Field<Named>,
}

impl LineOverride {
    /// The report, and who reports.
    ///
    /// # Errors
    /// Never after the check.
    pub fn report(self) -> Result<(Report, String), Problem> {
        let agreed = Override {
            limit: self.limit.good()?,
            reason: self.reason.good()?.into_string(),
            approved_by: self.approved_by.good()?.into_string(),
        };
        let person = self.reported_by.good()?.into_string();
        Ok((Report::Override(agreed), person))
    }
}

/// One broken field of a body.
pub fn broken(pointer: &str, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::broken(vec![Broken {
        place: Place::Pointer(pointer.to_owned()),
        code: code.into(),
        detail: detail.into(),
    }])
}
