//! A funder's persons act on claims: one submits, another approves or rejects, and the payment is reported.

use super::look::told;
use super::shown::ClaimTold;
use crate::app::App;
use crate::county::records::bank_by_id;
use crate::flows::advance_claim::{Acting, advance_claim};
use crate::http::caller::Person;
use crate::http::keyed::UnderKey;
use crate::http::wire::parameter;
use crate::http::{Bank, Field, Keyed, Problem, Words};
use crate::idempotency::Answered;
use crate::kernel::text::normalised;
use crate::kernel::{Id, Money};
use crate::store::{Conn, Failure, StoreError};
use crate::subsidy::{Claim, Side, Step, StepRefusal};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// 提交或复核 · Who acts, and on what amount.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimStep {
    /// 银行内部的人员编号 · The bank's own id of the person who acts.
    #[validate(nested)]
    #[schema(schema_with = Field::<Person>::schema)]
    person: Field<Person>,
    /// 所见余额，与现值不符则不办 · What remains of the claim as the person saw it; if it has changed, nothing is done.
    #[validate(nested)]
    #[schema(schema_with = Field::<Money>::schema)]
    remaining: Field<Money>,
}

/// 支付 · A payment.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimPayment {
    /// 银行内部的人员编号 · The bank's own id of the person who acts.
    #[validate(nested)]
    #[schema(schema_with = Field::<Person>::schema)]
    person: Field<Person>,
    /// 付款金额 · What was paid: what remains of the claim.
    #[validate(nested)]
    #[schema(schema_with = Field::<Money>::schema)]
    paid: Field<Money>,
    /// 银行流水号 · The bank's reference of the payment.
    #[validate(nested)]
    #[schema(schema_with = Field::<Words<1, 100>>::schema)]
    reference: Field<Words<1, 100>>,
}

/// 驳回 · A rejection.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimRejection {
    /// 银行内部的人员编号 · The bank's own id of the person who acts.
    #[validate(nested)]
    #[schema(schema_with = Field::<Person>::schema)]
    person: Field<Person>,
    /// 原因 · Why
    #[validate(nested)]
    #[schema(schema_with = Field::<Words<1, 500>>::schema)]
    reason: Field<Words<1, 500>>,
}

/// Takes the step once under its key, and answers with the claim as it then stands.
async fn act(
    (bank, id, app): (Bank, &str, &Data<App>),
    under: UnderKey,
    person: Person,
    remaining: Option<Money>,
    step: Step,
) -> Result<HttpResponse, Problem> {
    let id: Id<Claim> = parameter("id", id)?;
    let by = bank.actor(&person)?;
    let person = normalised(person.as_str()).into_owned();
    let client = bank.client;
    let taken = move |app: &App, conn: &mut Conn| -> Result<Answered, Failure<StepRefusal>> {
        let funder = bank_by_id(conn, &bank.id)?.name;
        let acting = Acting {
            side: Side::Funder,
            person: &person,
            by: &by,
            today: app.today(conn)?.0,
            clock: &*app.clock,
            randomness: &*app.randomness,
        };
        let claim = advance_claim(conn, id, step.clone(), acting, Some(&funder), remaining)?;
        let body = serde_json::to_string(&told(conn, claim)?);
        Ok(Answered {
            status: 200,
            body: body.map_err(|error| StoreError::Content(error.to_string()))?,
        })
    };
    under.once(app, client, taken).await
}

/// 提交申领 · A first person submits a claim that the bureau has confirmed
#[utoipa::path(
    tag = "claims",
    operation_id = "submit_claim",
    params(
        ("id" = String, Path, description = "申领编号 · The claim's id"),
        ("Idempotency-Key" = String, Header, description = "幂等键 · One key a request, kept when it is sent again"),
    ),
    request_body = ClaimStep,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "申领现状 · The claim as it stands", body = ClaimTold),
        (status = 404, description = "没有这笔申领 · No such claim", content_type = "application/problem+json"),
        (status = 409, description = "状态或余额不符，或同一请求正在处理 · Its status or amount is another, or the same request is being dealt with", content_type = "application/problem+json"),
    )
)]
#[post("/v1/claims/{id}/submit")]
pub async fn submit(
    bank: Bank,
    id: Path<String>,
    asked: Keyed<ClaimStep>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (person, remaining) = (asked.body.person.good()?, asked.body.remaining.good()?);
    let to = (bank, &**id, &app);
    act(to, asked.under, person, Some(remaining), Step::Submit).await
}

/// 复核申领 · A second person approves a claim that another has submitted
#[utoipa::path(
    tag = "claims",
    operation_id = "approve_claim",
    params(
        ("id" = String, Path, description = "申领编号 · The claim's id"),
        ("Idempotency-Key" = String, Header, description = "幂等键 · One key a request, kept when it is sent again"),
    ),
    request_body = ClaimStep,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "申领现状 · The claim as it stands", body = ClaimTold),
        (status = 404, description = "没有这笔申领 · No such claim", content_type = "application/problem+json"),
        (status = 409, description = "状态或余额不符、复核人即提交人，或同一请求正在处理 · Its status or amount is another, the person has submitted it, or the same request is being dealt with", content_type = "application/problem+json"),
    )
)]
#[post("/v1/claims/{id}/approve")]
pub async fn approve(
    bank: Bank,
    id: Path<String>,
    asked: Keyed<ClaimStep>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (person, remaining) = (asked.body.person.good()?, asked.body.remaining.good()?);
    let to = (bank, &**id, &app);
    act(to, asked.under, person, Some(remaining), Step::Approve).await
}

/// 报告付款 · A claim that was approved has been paid
#[utoipa::path(
    tag = "claims",
    operation_id = "pay_claim",
    params(
        ("id" = String, Path, description = "申领编号 · The claim's id"),
        ("Idempotency-Key" = String, Header, description = "幂等键 · One key a request, kept when it is sent again"),
    ),
    request_body = ClaimPayment,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "申领现状 · The claim as it stands", body = ClaimTold),
        (status = 404, description = "没有这笔申领 · No such claim", content_type = "application/problem+json"),
        (status = 409, description = "状态或余额不符，或同一请求正在处理 · Its status or amount is another, or the same request is being dealt with", content_type = "application/problem+json"),
    )
)]
#[post("/v1/claims/{id}/pay")]
pub async fn pay(
    bank: Bank,
    id: Path<String>,
    asked: Keyed<ClaimPayment>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (person, paid) = (asked.body.person.good()?, asked.body.paid.good()?);
    let reference = asked.body.reference.good()?.into_string();
    let to = (bank, &**id, &app);
    act(to, asked.under, person, Some(paid), Step::Pay { reference }).await
}

/// 驳回申领 · A claim that is confirmed or submitted comes to nothing
///
/// Its money goes back to the pool. A submitted one is rejected by another person than the one who submitted it.
#[utoipa::path(
    tag = "claims",
    operation_id = "reject_claim",
    params(
        ("id" = String, Path, description = "申领编号 · The claim's id"),
        ("Idempotency-Key" = String, Header, description = "幂等键 · One key a request, kept when it is sent again"),
    ),
    request_body = ClaimRejection,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "申领现状 · The claim as it stands", body = ClaimTold),
        (status = 404, description = "没有这笔申领 · No such claim", content_type = "application/problem+json"),
        (status = 409, description = "状态不符、驳回人即提交人，或同一请求正在处理 · Its status is another, the person has submitted it, or the same request is being dealt with", content_type = "application/problem+json"),
    )
)]
#[post("/v1/claims/{id}/reject")]
pub async fn reject(
    bank: Bank,
    id: Path<String>,
    asked: Keyed<ClaimRejection>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let person = asked.body.person.good()?;
    let reason = asked.body.reason.good()?.into_string();
    let to = (bank, &**id, &app);
    act(to, asked.under, person, None, Step::Reject { reason }).await
}
