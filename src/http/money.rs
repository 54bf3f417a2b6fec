//! Money on the wire: `{"amount": "5090000.00", "currency": "CNY"}`. The amount is a text in decimal notation; a JSON
//! number is refused, since it may have been a float on its way.

use super::wire::{Cause, Wire, text};
use crate::kernel::Money;
use crate::kernel::money::MoneyError;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

/// Yuan in decimal notation, with two decimals at most.
const PATTERN: &str = "^[0-9]+(\\.[0-9]{1,2})?$";

/// 金额 · An amount as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Money)]
pub struct Amount {
    /// 元，两位小数 · In yuan, with two decimals
    #[schema(value_type = String, example = "5090000.00")]
    pub amount: Money,
    #[schema(example = "CNY")]
    pub currency: String,
}

impl Amount {
    /// An amount of renminbi.
    pub fn yuan(amount: Money) -> Self {
        Self {
            amount,
            currency: "CNY".to_owned(),
        }
    }
}

/// 币种 · The currency, where it is said once for all amounts beside it: `CNY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cny;

impl Wire for Cny {
    fn read(value: &Value) -> Result<Self, Cause> {
        if value.as_str() == Some("CNY") {
            return Ok(Self);
        }
        let words = "只接受人民币 CNY · only CNY is taken";
        Err(Cause::new("other_currency", words))
    }

    fn schema() -> RefOr<Schema> {
        super::wire::words_schema(&["CNY"])
    }
}

/// How an amount is written: yuan in decimal notation, with two decimals at most, and [`Money::MOST`] at most.
pub fn amount_schema() -> RefOr<Schema> {
    let most = Money::MOST;
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .pattern(Some(PATTERN))
        .description(Some(format!(
            "元，不超过{most}，否则 `out_of_range` · In yuan, at most {most}; more is `out_of_range`"
        )))
        .into()
}

impl Wire for Money {
    fn read(value: &Value) -> Result<Self, Cause> {
        let words = "应为 {\"amount\": 字符串, \"currency\": \"CNY\"} · must be {\"amount\": text, \"currency\": \"CNY\"}";
        let members = value.as_object().ok_or(Cause::wrong_type(words))?;
        let (Some(amount), Some(currency)) = (members.get("amount"), members.get("currency"))
        else {
            return Err(Cause::new("missing", words));
        };
        if members.len() > 2 {
            return Err(Cause::new("unknown_field", words));
        }
        Cny::read(currency)?;
        let money = Self::parse_yuan(text(amount)?).map_err(|error| {
            let code = match error {
                MoneyError::NotANumber => "not_an_amount",
                MoneyError::TooFine => "finer_than_a_fen",
                MoneyError::OutOfRange => "out_of_range",
            };
            Cause::new(code, error.to_string())
        })?;
        if money < Self::ZERO {
            return Err(Cause::new(
                "negative",
                "金额不能为负 · must not be negative",
            ));
        }
        let most = Self::MOST;
        if money > most {
            let detail = format!("金额不能超过{most} · must not be more than {most}");
            return Err(Cause::new("out_of_range", detail));
        }
        Ok(money)
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .property("amount", amount_schema())
            .property("currency", Cny::schema())
            .required("amount")
            .required("currency")
            .into()
    }
}
