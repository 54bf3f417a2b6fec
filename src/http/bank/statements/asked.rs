//! Statements as they are sent.

use crate::flows::report_statements::{Statements, Texts};
use crate::http::caller::Person;
use crate::http::money::{Cny, amount_schema};
use crate::http::wire::{string_schema, text};
use crate::http::{Broken, Cause, Field, Many, Optional, Place, Problem, Whole, Wire};
use crate::kernel::{Day, Month, Uscc};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use validator::Validate;

/// The most characters of a cell.
const LONGEST: usize = 500;

/// A text that is read as the cell of a file is, and refused with its row.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cell(String);

impl Wire for Cell {
    fn read(value: &Value) -> Result<Self, Cause> {
        let text = text(value)?;
        if text.chars().count() > LONGEST {
            let words = format!("至多{LONGEST}个字符 · must be {LONGEST} characters at most");
            return Err(Cause::new("wrong_length", words));
        }
        Ok(Self(text.to_owned()))
    }

    fn schema() -> RefOr<Schema> {
        string_schema(None, None)
    }
}

/// A whole number; one that is no count is refused with its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count(i64);

impl Wire for Count {
    fn read(value: &Value) -> Result<Self, Cause> {
        let words = "应为整数 · must be a whole number";
        let number = value.as_i64().ok_or_else(|| Cause::wrong_type(words))?;
        Ok(Self(number))
    }

    fn schema() -> RefOr<Schema> {
        Whole::<0, { i64::MAX }>::schema()
    }
}

/// 月报 · A merchant number's statement of a month.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Statement {
    /// 商户号 · The acquirer's number of the merchant
    #[validate(nested)]
    #[schema(schema_with = Field::<Cell>::schema)]
    merchant_number: Field<Cell>,
    /// 统一社会信用代码 · Unified social credit code
    #[validate(nested)]
    #[schema(schema_with = Field::<Uscc>::schema)]
    uscc: Field<Cell>,
    /// 商户名称 · The merchant's name
    #[validate(nested)]
    #[schema(schema_with = Optional::<Cell>::schema, required = false)]
    name: Optional<Cell>,
    /// 清算月份 · The month
    #[validate(nested)]
    #[schema(schema_with = Field::<Month>::schema)]
    month: Field<Cell>,
    /// 交易笔数 · How many transactions
    #[validate(nested)]
    #[schema(schema_with = Field::<Count>::schema)]
    transactions: Field<Count>,
    /// 交易金额（元） · What came in, in yuan
    #[validate(nested)]
    #[schema(schema_with = amount_schema)]
    turnover: Field<Cell>,
    /// 退货金额（元） · What was given back, in yuan
    #[validate(nested)]
    #[schema(schema_with = amount_schema)]
    refunds: Field<Cell>,
    /// 应收手续费（元） · The fee due, in yuan
    #[validate(nested)]
    #[schema(schema_with = amount_schema)]
    fee_due: Field<Cell>,
    /// 实收手续费（元） · The fee charged, in yuan
    #[validate(nested)]
    #[schema(schema_with = amount_schema)]
    fee_charged: Field<Cell>,
}

impl Statement {
    fn texts(self) -> Result<Texts, Problem> {
        Ok(vec![
            ("merchant_number", self.merchant_number.good()?.0),
            ("uscc", self.uscc.good()?.0),
            ("name", self.name.value().map_or(String::new(), |it| it.0)),
            ("month", self.month.good()?.0),
            ("transactions", self.transactions.good()?.0.to_string()),
            ("turnover", self.turnover.good()?.0),
            ("refunds", self.refunds.good()?.0),
            ("fee_due", self.fee_due.good()?.0),
            ("fee_charged", self.fee_charged.good()?.0),
        ])
    }
}

/// 完整期间 · The days for which all statements of this bank are in, both ends included.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct StatementsCover {
    #[validate(nested)]
    #[schema(schema_with = Field::<Day>::schema)]
    from: Field<Day>,
    #[validate(nested)]
    #[schema(schema_with = Field::<Day>::schema)]
    until: Field<Day>,
}

impl StatementsCover {
    fn days(self) -> Result<(Day, Day), Problem> {
        let (from, until) = (self.from.good()?, self.until.good()?);
        if until < from {
            let words = "止日早于起日 · the last day lies before the first";
            return Err(broken("date_order", words));
        }
        Ok((from, until))
    }
}

/// A broken last day.
pub fn broken(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::broken(vec![Broken {
        place: Place::Pointer("/covers/until".to_owned()),
        code: code.into(),
        detail: detail.into().into(),
    }])
}

/// 上报的月报 · Statements of this bank as an acquirer.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementsReported {
    /// 各行金额的币种 · The currency of all amounts
    #[validate(nested)]
    #[schema(schema_with = Field::<Cny>::schema)]
    currency: Field<Cny>,
    /// 是否为更正 · Whether these are corrections of earlier statements; otherwise a change of one is held for a person.
    #[validate(nested)]
    #[schema(schema_with = Optional::<bool>::schema, required = false)]
    corrects: Optional<bool>,
    /// 完整期间 · For which days nothing is missing now. Without it, the rows alone do not make a month complete.
    #[validate(nested)]
    #[schema(required = false)]
    covers: Option<StatementsCover>,
    /// 经办人 · The bank's own id of the person who reports.
    #[validate(nested)]
    #[schema(schema_with = Field::<Person>::schema)]
    pub reported_by: Field<Person>,
    #[serde(default)]
    #[validate(nested)]
    #[schema(value_type = Vec<Statement>, min_items = 1, max_items = 1000, required)]
    statements: Many<Statement, 1, 1_000>,
}

impl StatementsReported {
    /// What is reported.
    ///
    /// # Errors
    /// 400 where the days that are complete end before they begin.
    pub fn statements(self) -> Result<Statements, Problem> {
        self.currency.good()?;
        let rows = self.statements.0.into_iter().map(Statement::texts);
        Ok(Statements {
            rows: rows.collect::<Result<_, _>>()?,
            corrects: self.corrects.value().unwrap_or(false),
            covers: self.covers.map(StatementsCover::days).transpose()?,
        })
    }
}
