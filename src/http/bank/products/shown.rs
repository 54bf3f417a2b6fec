//! A product as its bank is shown it.

use crate::http::money::Amount;
use crate::intake::county::{OnEvent, Product, Sizing};
use crate::kernel::Day;
use crate::product::Dated;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// 信贷产品 · A product as it is on a day
#[derive(Serialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductShown {
    id: String,
    name: String,
    revolving: bool,
    /// 各等级的上限 · The most by tier; other tiers are not eligible
    cap: BTreeMap<String, Amount>,
    term_months: Vec<u32>,
    spread_basis_points: Vec<u32>,
    #[schema(example = "flow")]
    sizing: &'static str,
    #[schema(required)]
    months_of_flow: Option<u32>,
    #[schema(value_type = String, example = "review")]
    on_tier_drop: OnEvent,
    #[schema(value_type = String, example = "freeze_draws")]
    on_red_line: OnEvent,
    /// 自此日起生效 · The day from which this record holds
    #[schema(value_type = String, format = "date")]
    from: Day,
}

/// 本机构的产品 · The products of this bank
#[derive(Serialize, ToSchema)]
#[schema(as = Products)]
pub struct ProductsShown {
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    pub products: Vec<ProductShown>,
}

/// 记录结果 · What became of a record
#[derive(Serialize, ToSchema)]
#[schema(as = ProductReported)]
pub struct ProductReported {
    /// `new`, `changed` or `unchanged`
    #[schema(example = "new")]
    pub report: &'static str,
    pub product: ProductShown,
}

impl ProductShown {
    pub fn new(dated: &Dated<Product>) -> Self {
        let product = &dated.record;
        let (sizing, months_of_flow) = match product.sizing {
            Sizing::Bank => ("bank", None),
            Sizing::Flow { months_of_flow } => ("flow", Some(months_of_flow)),
        };
        let caps = product.cap.iter();
        Self {
            id: product.id.clone(),
            name: product.name.clone(),
            revolving: product.revolving,
            cap: caps
                .map(|(tier, cap)| (tier.clone(), Amount::yuan(*cap)))
                .collect(),
            term_months: product.term_months.clone(),
            spread_basis_points: product.spread_basis_points.clone(),
            sizing,
            months_of_flow,
            on_tier_drop: product.on_tier_drop,
            on_red_line: product.on_red_line,
            from: dated.from,
        }
    }
}
