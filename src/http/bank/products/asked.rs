//! A product as its bank tells it: the keys of a `[[product]]` table, and the checks of one.

use crate::http::bank::lines::{Named, broken, name};
use crate::http::wire::{text, word, words_schema};
use crate::http::{Cause, Field, List, Optional, Problem, Whole, Wire};
use crate::intake::county::{OnEvent, Product, Sizing, TIERS, is_id, is_set, tiers_in_order};
use crate::kernel::{Day, Money};
use crate::product::Dated;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use validator::Validate;

type Term = Whole<{ Product::TERMS.0 as i64 }, { Product::TERMS.1 as i64 }>;
type Spread = Whole<{ Product::SPREADS.0 as i64 }, { Product::SPREADS.1 as i64 }>;
type FlowMonths = Whole<{ Sizing::MONTHS.0 as i64 }, { Sizing::MONTHS.1 as i64 }>;
/// More terms or spreads are no product.
const MOST: usize = 100;

/// The id of a product, as county.toml has them.
pub struct ProductId(pub String);

/// The most by tier, best tier first.
pub struct Caps(Vec<(String, Money)>);

/// Whether a product is sized by the flow.
pub struct ByFlow(bool);

/// 信贷产品 · A product from a day on.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductTold {
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub name: Field<Named>,
    /// 是否循环 · Whether what is repaid may be drawn again.
    #[validate(nested)]
    #[schema(schema_with = Field::<bool>::schema)]
    pub revolving: Field<bool>,
    /// 各等级的上限 · The most for a merchant of each tier; other tiers are not eligible.
    #[validate(nested)]
    #[schema(schema_with = Field::<Caps>::schema)]
    pub cap: Field<Caps>,
    /// 期限（月） · The terms offered, in months; none twice.
    #[validate(nested)]
    #[schema(schema_with = List::<Term, 1, MOST>::schema)]
    pub term_months: List<Term, 1, MOST>,
    /// 加点（基点） · The spreads over the loan prime rate, in basis points; none twice.
    #[validate(nested)]
    #[schema(schema_with = List::<Spread, 1, MOST>::schema)]
    pub spread_basis_points: List<Spread, 1, MOST>,
    /// 额度依据 · `bank`: the bank alone decides; `flow`: by the acquiring flow, up to the cap.
    #[validate(nested)]
    #[schema(schema_with = Field::<ByFlow>::schema)]
    pub sizing: Field<ByFlow>,
    /// 流水月数 · How many average months; with `flow` only.
    #[validate(nested)]
    #[schema(schema_with = Optional::<FlowMonths>::schema, required = false)]
    pub months_of_flow: Optional<FlowMonths>,
    /// 等级下降时的建议 · What is advised when a merchant's tier drops.
    #[validate(nested)]
    #[schema(schema_with = Field::<OnEvent>::schema)]
    pub on_tier_drop: Field<OnEvent>,
    /// 触及红线时的建议 · What is advised on a red line.
    #[validate(nested)]
    #[schema(schema_with = Field::<OnEvent>::schema)]
    pub on_red_line: Field<OnEvent>,
    /// 生效日，不早于营业日 · The day from which it holds; not before the business date.
    #[validate(nested)]
    #[schema(schema_with = Field::<Day>::schema)]
    pub from: Field<Day>,
    /// 经办人 · The bank's own id of the person who reports.
    #[validate(nested)]
    #[schema(schema_with = Field::<Named>::schema)]
    pub reported_by: Field<Named>,
}

impl ProductTold {
    /// The record, and who reports.
    ///
    /// # Errors
    /// 400 where a number is there twice, or the months of flow do not go with the sizing.
    pub fn record(self, bank: &str, id: ProductId) -> Result<(Dated<Product>, String), Problem> {
        let months = self.months_of_flow.value().map(|months| number(months.0));
        let sizing = Sizing::of(self.sizing.good()?.0, months);
        let sizing = sizing.map_err(|fault| {
            let code = match months {
                Some(_) => "unknown_field",
                None => "missing",
            };
            let (zh, en) = fault.words();
            broken("/months_of_flow", code, format!("{zh} · {en}"))
        })?;
        let terms = self.term_months.good()?.into_iter();
        let spreads = self.spread_basis_points.good()?.into_iter();
        let product = Product {
            bank: bank.to_owned(),
            id: id.0,
            name: name(&self.name.good()?),
            revolving: self.revolving.good()?,
            cap: self.cap.good()?.0,
            term_months: set("/term_months", terms.map(|term| number(term.0)))?,
            spread_basis_points: set("/spread_basis_points", spreads.map(|it| number(it.0)))?,
            sizing,
            on_tier_drop: self.on_tier_drop.good()?,
            on_red_line: self.on_red_line.good()?,
        };
        let from = self.from.good()?;
        let person = self.reported_by.good()?.into_string();
        Ok((
            Dated {
                from,
                record: product,
            },
            person,
        ))
    }
}

/// A number that has been checked to be small.
fn number(whole: i64) -> u32 {
    u32::try_from(whole).unwrap_or_default()
}

fn set(pointer: &str, numbers: impl Iterator<Item = u32>) -> Result<Vec<u32>, Problem> {
    let numbers: Vec<u32> = numbers.collect();
    if is_set(&numbers) {
        Ok(numbers)
    } else {
        Err(broken(pointer, "twice", "有重复 · one is there twice"))
    }
}

impl Wire for ProductId {
    fn read(value: &Value) -> Result<Self, Cause> {
        let id = text(value)?;
        let words = "须为不超过64个字母、数字或-_. · must be at most 64 letters, digits or -_.";
        is_id(id)
            .then(|| Self(id.to_owned()))
            .ok_or_else(|| Cause::new("not_an_id", words))
    }

    fn schema() -> RefOr<Schema> {
        crate::http::wire::string_schema(None, Some("^[A-Za-z0-9._-]{1,64}$"))
    }
}

impl Wire for OnEvent {
    fn read(value: &Value) -> Result<Self, Cause> {
        word(value, &Self::WORDS)
    }

    fn schema() -> RefOr<Schema> {
        words_schema(&Self::WORDS.map(|(word, _)| word))
    }
}

impl Wire for ByFlow {
    fn read(value: &Value) -> Result<Self, Cause> {
        word(value, &Sizing::WORDS).map(Self)
    }

    fn schema() -> RefOr<Schema> {
        words_schema(&Sizing::WORDS.map(|(word, _)| word))
    }
}

impl Wire for Caps {
    fn read(value: &Value) -> Result<Self, Cause> {
        let words = "须为按等级的金额，等级为 AAA AA A B C D，至少一个 · must be amounts by tier (AAA AA A B C D), at least one";
        let members = value.as_object().ok_or(Cause::wrong_type(words))?;
        let caps: Result<Vec<(String, Money)>, Cause> = members
            .iter()
            .map(|(tier, cap)| Ok((tier.clone(), Money::read(cap)?)))
            .collect();
        let caps = caps?;
        if caps.iter().any(|(_, cap)| *cap == Money::ZERO) {
            let words = "上限须大于零；不适用的等级不写 · a cap must be more than nothing; leave out a tier that is not eligible";
            return Err(Cause::new("not_positive", words));
        }
        let caps = tiers_in_order(caps).ok_or(Cause::new("unknown_word", words))?;
        Ok(Self(caps))
    }

    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new().schema_type(SchemaType::new(Type::Object));
        TIERS
            .iter()
            .fold(object, |object, tier| {
                object.property(*tier, Money::schema())
            })
            .into()
    }
}
