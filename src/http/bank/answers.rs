//! A bank asks again for what it was told. The structures describe answers for the documentation; the answers
//! themselves are put together as bytes in `crate::answer`.

use crate::answer::Answer;
use crate::app::App;
use crate::authorisation::Purpose;
use crate::county::business_date;
use crate::county::records::latest;
use crate::flows::stored_answer::{Stored, stored_answer};
use crate::http::wire::parameter;
use crate::http::{Bank, Code, Problem, blocking};
use crate::kernel::Id;
use crate::store::Failure;
use crate::store::error::Never;
use actix_web::http::header::ContentType;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

/// 按所问顺序的回答 · Answers in the order asked.
#[derive(Serialize, ToSchema)]
pub struct Answers {
    answers: Vec<AnswerItem>,
}

/// 评分或无法提供 · A score, or a refusal.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "describes for the documentation what is put together as bytes"
)]
pub enum AnswerItem {
    Score(Box<ScoreAnswer>),
    Refused(Refused),
}

/// 原文或已停止共享 · The bytes that were sent, or what is left of them.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "describes for the documentation what is put together as bytes"
)]
pub enum AnswerAgain {
    Score(Box<ScoreAnswer>),
    Refused(Refused),
    Withheld(WithheldTold),
}

/// 修复或撤回后停止共享 · No longer shared after a repair or a withdrawal; enough to prove one's own copy.
#[derive(Serialize, ToSchema)]
#[schema(as = Withheld)]
pub struct WithheldTold {
    id: String,
    answered_at: String,
    /// SHA-256 of the bytes that were sent, in hexadecimal
    digest: String,
    #[schema(example = true)]
    withheld: bool,
}

/// 无法提供 · Not available: no such merchant, no live authorisation, or no score yet; all look the same.
#[derive(Serialize, ToSchema)]
pub struct Refused {
    #[schema(example = "ans_01k0qz3v9kf2m8s3t5y7b9c1d4")]
    id: String,
    uscc: String,
    #[schema(example = "not_available")]
    refused: String,
}

/// 评分回答 · A score as a bank is told it. 仅供参考 · For reference only.
#[derive(Serialize, ToSchema)]
pub struct ScoreAnswer {
    #[schema(example = "ans_01k0qz3v9kf2m8s3t5y7b9c1d4")]
    id: String,
    /// RFC 3339, UTC
    answered_at: String,
    uscc: String,
    #[schema(value_type = String, example = "pre_loan_review")]
    purpose: Purpose,
    requested_by: String,
    business_ref: String,
    /// 营业日 · The business date of the score
    #[schema(format = "date")]
    as_of: String,
    /// 在没有新记录的前提下有效至 · The last day on which it holds if nothing more is recorded
    #[schema(required, format = "date")]
    valid_until: Option<String>,
    /// `rated`, `insufficient`, `not_certified` or `red_line`
    #[schema(example = "rated")]
    standing: String,
    /// Null where the standing is not `rated`
    #[schema(required, example = "AA")]
    tier: Option<String>,
    score: i32,
    max_score: i32,
    #[schema(required)]
    tier_cap: Option<String>,
    /// 资料完整度 · 1000 less the maxima of what is not known
    completeness: i32,
    red_lines: Vec<RedLineTold>,
    /// Ranked; the gaps add up to max_score less score
    reasons: Vec<ReasonTold>,
    characteristics: Vec<CharacteristicTold>,
    /// 商户有异议、尚未裁定的记录 · Facts that are disputed and not yet decided
    disputed: Vec<Words>,
    #[schema(example = "daishan-2026.1")]
    scorecard: String,
    feeds: Vec<FeedTold>,
    notice: Words,
}

/// The same in Chinese and English.
#[derive(Serialize, ToSchema)]
#[schema(as = Bilingual)]
pub struct Words {
    zh: String,
    en: String,
}

/// 一票否决及其依据 · A red line with its evidence.
#[derive(Serialize, ToSchema)]
#[schema(as = RedLine)]
pub struct RedLineTold {
    id: String,
    name: Words,
    evidence: Vec<Words>,
}

/// 扣分原因 · Why the score is not higher.
#[derive(Serialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonTold {
    rank: u32,
    characteristic: String,
    code: String,
    gap: i32,
    text: Words,
}

/// 单项得分 · The points of one characteristic.
#[derive(Serialize, ToSchema)]
#[schema(as = CharacteristicPoints)]
pub struct CharacteristicTold {
    id: String,
    name: Words,
    points: i32,
    max: i32,
    /// `known`, `missing`, `not_applicable` or `partial`
    state: String,
}

/// 登记数据截至；收单月报以该商户的收单机构为准 · How far a register reaches; of statements, by the merchant's acquirers.
#[derive(Serialize, ToSchema)]
#[schema(as = Feed)]
pub struct FeedTold {
    kind: String,
    name: Words,
    #[schema(required, format = "date")]
    complete_until: Option<String>,
}

/// 重取回答 · Get an answer again
///
/// The same bytes; after a repair or a withdrawal that touches it only `id`, `answered_at`, `digest` (SHA-256 of the
/// bytes) and `withheld`.
#[utoipa::path(
    tag = "bank",
    operation_id = "answer",
    params(("id" = String, Path, description = "回答编号 · The answer's id")),
    security(("oauth2" = ["scores"])),
    responses(
        (status = 200, description = "原文或已停止共享 · The same bytes, or withheld", body = AnswerAgain),
        (status = 400, description = "编号有误 · Not an id", content_type = "application/problem+json"),
        (status = 404, description = "没有此回答 · No such answer of this bank", content_type = "application/problem+json"),
    )
)]
#[get("/v1/answers/{id}")]
pub async fn answer(bank: Bank, id: Path<String>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let id: Id<Answer> = parameter("id", &id)?;
    let stored = blocking(&app, move |app| {
        app.store.read(|conn| -> Result<_, Failure<Never>> {
            let county = latest(conn)?;
            let business =
                business_date(app.settings.business_date, county.as_ref()).today(&*app.clock);
            let today = business.max(app.clock.now().day_in_shanghai());
            Ok(stored_answer(conn, &app.kinds, &bank.id, id, today)?)
        })
    });
    let json = match stored.await? {
        Some(Stored::Whole(json)) => json,
        Some(Stored::Withheld(withheld)) => {
            serde_json::to_string(&withheld).map_err(Problem::internal)?
        }
        None => return Err(Problem::new(Code::NotFound)),
    };
    Ok(HttpResponse::Ok()
        .insert_header(ContentType::json())
        .body(json))
}
