//! How scores come about: the card, for whoever is told a score.

use crate::app::App;
use crate::http::wire::parameter;
use crate::http::{Bank, Code, Problem, Words};
use crate::kernel::{Bilingual, Day};
use crate::scorecard::{Attribute, Characteristic, Scorecard};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

/// 评分卡 · The scorecard of one version.
#[derive(Serialize, ToSchema)]
#[schema(as = Scorecard)]
struct CardShown<'a> {
    #[schema(example = "daishan-2026.1")]
    scorecard: &'a str,
    #[schema(example = "2026.1")]
    version: &'a str,
    #[schema(value_type = super::answers::Words)]
    name: &'a Bilingual,
    #[schema(value_type = String, format = "date")]
    in_force_from: Day,
    initial_score: i32,
    max_score: i32,
    characteristics: Vec<CharacteristicShown<'a>>,
    red_lines: Vec<RedLineShown<'a>>,
    /// Best first
    tiers: Vec<TierShown<'a>>,
    #[schema(value_type = super::answers::Words)]
    notice: Bilingual,
}

/// 评分项 · A characteristic of the card.
#[derive(Serialize, ToSchema)]
#[schema(as = ScorecardCharacteristic)]
struct CharacteristicShown<'a> {
    id: &'a str,
    #[schema(value_type = super::answers::Words)]
    name: &'a Bilingual,
    max: i32,
    baseline_score: i32,
    /// In the order in which they are tried
    attributes: Vec<AttributeShown<'a>>,
}

/// 属性 · An attribute, and what it gives.
#[derive(Serialize, ToSchema)]
#[schema(as = ScorecardAttribute)]
struct AttributeShown<'a> {
    partial_score: i32,
    reason_code: &'a str,
    #[schema(value_type = Option<super::answers::Words>, required)]
    reason: Option<&'a Bilingual>,
}

/// 一票否决 · What takes the tier away.
#[derive(Serialize, ToSchema)]
#[schema(as = ScorecardRedLine)]
struct RedLineShown<'a> {
    id: &'a str,
    #[schema(value_type = super::answers::Words)]
    name: &'a Bilingual,
}

/// 等级 · A tier, and the score from which it is given.
#[derive(Serialize, ToSchema)]
#[schema(as = ScorecardTier)]
struct TierShown<'a> {
    tier: String,
    #[schema(value_type = super::answers::Words)]
    name: &'a Bilingual,
    /// Null: the lowest
    #[schema(required)]
    from: Option<i32>,
}

/// 评分卡说明 · How a scorecard scores
#[utoipa::path(
    tag = "bank",
    operation_id = "scorecard",
    params(("version" = String, Path, description = "如 daishan-2026.1 · As answers name it")),
    security(("oauth2" = ["scores"])),
    responses(
        (status = 200, description = "评分卡 · The scorecard", body = CardShown),
        (status = 400, description = "版本号有误 · Not a version", content_type = "application/problem+json"),
        (status = 404, description = "没有此版本 · No such version", content_type = "application/problem+json"),
    )
)]
#[get("/v1/scorecards/{version}")]
pub async fn scorecard(
    _: Bank,
    version: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let version: Words<1, 100> = parameter("version", &version)?;
    let named = app.cards.get(version.as_str()).ok();
    let by_version = || {
        app.cards
            .iter()
            .find(|(_, card)| card.version() == version.as_str())
    };
    let found = named
        .map(|card| (version.as_str(), card))
        .or_else(by_version);
    let (name, card) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(HttpResponse::Ok().json(shown(name, card)))
}

fn shown<'a>(name: &'a str, card: &'a Scorecard) -> CardShown<'a> {
    let tier = |rule: &'a crate::scorecard::TierRule| TierShown {
        tier: rule.tier.to_string(),
        name: &rule.name,
        from: rule.from,
    };
    CardShown {
        scorecard: name,
        version: card.version(),
        name: card.name(),
        in_force_from: card.in_force_from(),
        initial_score: card.initial_score(),
        max_score: card.max_score(),
        characteristics: card.characteristics().iter().map(characteristic).collect(),
        red_lines: card
            .red_lines()
            .iter()
            .map(|rule| RedLineShown {
                id: &rule.id,
                name: &rule.name,
            })
            .collect(),
        tiers: card.tiers().iter().map(tier).collect(),
        notice: crate::answer::body::notice(),
    }
}

fn attribute(attribute: &Attribute) -> AttributeShown<'_> {
    AttributeShown {
        partial_score: attribute.partial_score,
        reason_code: &attribute.reason_code,
        reason: attribute.reason.as_ref(),
    }
}

fn characteristic(line: &Characteristic) -> CharacteristicShown<'_> {
    CharacteristicShown {
        id: &line.id,
        name: &line.name,
        max: line.max,
        baseline_score: line.baseline_score,
        attributes: line.attributes.iter().map(attribute).collect(),
    }
}
