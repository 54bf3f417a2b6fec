//! A bank asks what its products come to for a merchant.

use super::scores::{ScoreParams, ask};
use crate::answer::Answer;
use crate::answer::body::notice;
use crate::app::App;
use crate::flows::financing::{Asked, Financing, Next, financing as look};
use crate::http::money::Amount;
use crate::http::wire::parameter;
use crate::http::{Code, Params, PresentedToken, Problem, blocking};
use crate::intake::county::Sizing;
use crate::kernel::{Bilingual, Day, Id, Uscc};
use crate::product::Offer;
use crate::product::offer::Priced;
use crate::scorecard::Scorecard;
use crate::store::{Failure, StoreError};
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// 按信用可得的融资 · What this bank's products come to for a merchant. 仅供参考 · For reference only.
#[derive(Serialize, ToSchema)]
#[schema(as = Financing)]
struct FinancingShown {
    /// 所依据的评分回答 · The answer that it rests on, by its id
    #[schema(value_type = String, example = "ans_01k0qz3v9kf2m8s3t5y7b9c1d4")]
    answer: Id<Answer>,
    #[schema(value_type = String)]
    uscc: Uscc,
    #[schema(value_type = String, format = "date")]
    as_of: Day,
    #[schema(example = "rated")]
    standing: String,
    #[schema(required)]
    tier: Option<String>,
    score: i32,
    products: Vec<OfferShown>,
    #[schema(value_type = super::answers::Words)]
    notice: Bilingual,
}

/// 一种产品 · A product
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
struct OfferShown {
    product: String,
    name: String,
    revolving: bool,
    /// Whether the product is meant for the merchant's tier
    eligible: bool,
    /// 该等级的上限 · The cap of the tier
    #[schema(required)]
    cap: Option<Amount>,
    /// `bank` or `flow`
    #[schema(example = "flow")]
    sizing: &'static str,
    /// 按收单流水的额度 · What the flows allow; null where they are not asked for, or the merchant does not let them be used
    #[schema(required)]
    by_flow: Option<Amount>,
    /// 至多 · The most that is advised; null where the flows would have to be known
    #[schema(required)]
    up_to: Option<Amount>,
    rates: Vec<RateShown>,
    /// 距下一档上限 · What stands between the merchant and the next cap; null where there is none higher
    #[schema(required)]
    next_cap: Option<NextShown>,
}

/// 期限与利率 · A term and its rates
#[derive(Serialize, ToSchema)]
#[schema(as = TermRates)]
struct RateShown {
    term_months: u32,
    /// 贷款市场报价利率 · The loan prime rate that it is priced by
    #[schema(example = "1Y")]
    lpr_term: &'static str,
    #[schema(value_type = Option<String>, format = "date", required)]
    lpr_published_on: Option<Day>,
    #[schema(required)]
    lpr_basis_points: Option<u32>,
    /// LPR加点之后，各加点一项 · Rate and spread together, one for each spread
    basis_points: Vec<u32>,
}

/// 下一档 · The next tier with a higher cap
#[derive(Serialize, ToSchema)]
#[schema(as = NextCap)]
struct NextShown {
    tier: String,
    cap: Amount,
    /// 还差的分数 · Points that are missing
    points: i32,
    /// 因较重处罚而不能达到 · Whether a heavy penalty keeps the merchant below it, whatever the points
    held_by_tier_cap: bool,
    /// 尚不能评级 · Whether the merchant would have to be `rated` first
    held_by_standing: bool,
}

/// 按信用可得的融资 · Ask what this bank's products come to for a merchant
///
/// A query about the merchant: it needs the same authorisation, and is logged in the same way. The reasons that cost
/// points are in the answer that it names. Advice: the bank alone decides.
#[utoipa::path(
    tag = "bank",
    operation_id = "financing",
    params(("uscc" = String, Path, description = "统一社会信用代码 · Unified social credit code"), ScoreParams),
    security(("oauth2" = ["scores"])),
    responses(
        (status = 200, description = "融资建议 · What the products come to", body = FinancingShown),
        (status = 404, description = "无法提供（`not_available`） · Not available", content_type = "application/problem+json"),
    )
)]
#[get("/v1/merchants/{uscc}/financing")]
pub async fn financing(
    bank: PresentedToken,
    uscc: Path<String>,
    params: Params<ScoreParams>,
    app: Data<App>,
) -> Result<Json<FinancingShown>, Problem> {
    let uscc: Uscc = parameter("uscc", &uscc)?;
    let Params(asked) = params;
    let (purpose, requested_by) = (asked.purpose.good()?, asked.requested_by.good()?);
    let (id, business_ref) = (bank.0.bank.clone(), asked.business_ref.good()?);
    let told = ask(&app, bank, vec![uscc], purpose, requested_by, business_ref).await?;
    let told = told.into_iter().next();
    let told = told.ok_or_else(|| Problem::internal("a query was not answered"))?;
    let not_available = || Problem::new(Code::NotAvailable).member("id", told.id.to_string());
    if !told.answered {
        return Err(not_available());
    }
    let answer = told.id;
    let shown = blocking(&app, move |app| {
        app.store.read(|conn| -> Result<_, Failure<StoreError>> {
            let (_, card_name) = app.today(conn)?;
            let card = app.cards.get(&card_name);
            let card = card.map_err(|error| StoreError::Content(error.to_string()))?;
            let asked = Asked {
                kinds: &app.kinds,
                card,
                bank: &id,
                answer,
                real_date: app.clock.now().day_in_shanghai(),
            };
            let found = look(conn, asked)?;
            Ok(found.map(|found| FinancingShown::new(answer, uscc, &found, card)))
        })
    });
    shown.await?.map(Json).ok_or_else(not_available)
}

impl FinancingShown {
    fn new(answer: Id<Answer>, uscc: Uscc, found: &Financing, card: &Scorecard) -> Self {
        let is_rated = found.told.tier.is_some();
        let offers = found.offers();
        let shown = offers.iter().map(|offer| {
            let next = found.next(offer, card);
            OfferShown::new(offer, next.map(|next| NextShown::new(next, is_rated)))
        });
        Self {
            answer,
            uscc,
            as_of: found.as_of,
            standing: found.told.standing.clone(),
            tier: found.told.tier.clone(),
            score: found.told.score,
            products: shown.collect(),
            notice: notice(),
        }
    }
}

impl OfferShown {
    fn new(offer: &Offer<'_>, next_cap: Option<NextShown>) -> Self {
        let product = offer.product;
        Self {
            product: product.id.clone(),
            name: product.name.clone(),
            revolving: product.revolving,
            eligible: offer.cap.is_some(),
            cap: offer.cap.map(Amount::yuan),
            sizing: match product.sizing {
                Sizing::Bank => "bank",
                Sizing::Flow { .. } => "flow",
            },
            by_flow: offer.by_flow.map(Amount::yuan),
            up_to: offer.up_to.map(Amount::yuan),
            rates: offer.terms.iter().map(RateShown::new).collect(),
            next_cap,
        }
    }
}

impl RateShown {
    fn new(priced: &Priced) -> Self {
        Self {
            term_months: priced.months,
            lpr_term: priced.base,
            lpr_published_on: priced.published.map(|(on, _)| on),
            lpr_basis_points: priced.published.map(|(_, rate)| rate),
            basis_points: priced.basis_points.clone(),
        }
    }
}

impl NextShown {
    fn new(next: Next, is_rated: bool) -> Self {
        Self {
            tier: next.tier,
            cap: Amount::yuan(next.cap),
            points: next.points,
            held_by_tier_cap: next.is_capped,
            held_by_standing: !is_rated,
        }
    }
}
