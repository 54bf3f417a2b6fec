//! A bank takes note of advice.

use super::shown::AcknowledgedShown;
use super::teller;
use crate::advice::records::of_bank;
use crate::advice::{Acknowledgement, Advice, Advised};
use crate::app::App;
use crate::flows::acknowledge_advice::{AdviceRefusal, acknowledge_advice};
use crate::flows::tell_advice::Teller;
use crate::http::wire::parameter;
use crate::http::{Bank, Code, Field, Keyed, Optional, Problem, Words, blocking};
use crate::idempotency::Answered;
use crate::kernel::Id;
use crate::kernel::text::normalised;
use crate::store::{Conn, Failure, StoreError};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// 确认建议 · Who takes note.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdviceAcknowledged {
    /// 银行内部的人员编号 · The bank's own id of the person
    #[validate(nested)]
    #[schema(schema_with = Field::<Words<1, 32>>::schema)]
    acknowledged_by: Field<Words<1, 32>>,
    /// 处理意见 · What the bank does about it
    #[validate(nested)]
    #[schema(required = false, schema_with = Optional::<Words<1, 500>>::schema)]
    note: Optional<Words<1, 500>>,
}

/// 确认建议 · Take note of advice
///
/// Once: the same person may say it again. What the bank does about its line it decides alone. Each is logged as a query;
/// without a live authorisation for post-loan management it is noted where it is open, and nothing is told of it.
#[utoipa::path(
    tag = "advice",
    operation_id = "acknowledge_advice",
    params(
        ("id" = String, Path, description = "建议编号 · The advice's id"),
        ("Idempotency-Key" = String, Header, description = "幂等键 · The same again with the same request")
    ),
    request_body = AdviceAcknowledged,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "已确认 · Noted", body = AcknowledgedShown),
        (status = 404, description = "本机构没有这条建议 · This bank has no such advice", content_type = "application/problem+json"),
        (status = 409, description = "已解除或已由他人确认（`advice_status`），或同一请求正在处理 · It was lifted, or another person has acknowledged it, or the same request is being dealt with", content_type = "application/problem+json"),
    )
)]
#[post("/v1/advice/{id}/acknowledgement")]
pub async fn acknowledge(
    bank: Bank,
    id: Path<String>,
    asked: Keyed<AdviceAcknowledged>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let id: Id<Advice> = parameter("id", &id)?;
    let by = asked.body.acknowledged_by.good()?;
    let by = normalised(by.as_str()).into_owned();
    let note = asked.body.note.value().map(Words::into_string);
    let client = bank.client;
    let (again, person) = (bank.clone(), by.clone());
    let act = move |app: &App, conn: &mut Conn| -> Result<Answered, Failure<AdviceRefusal>> {
        let said = Acknowledgement {
            at: app.clock.now(),
            by: by.clone(),
            note: note.clone(),
        };
        let mut teller = teller(app, conn, &bank, &by)?;
        let noted = acknowledge_advice(conn, &mut teller, &bank.id, id, said)?;
        Ok(answered(conn, &mut teller, noted)?)
    };
    match asked.under.once(&app, client, act).await {
        Err(problem) if problem.code() == Code::AdviceStatus => {
            refused(&app, again, id, person, problem).await
        }
        answer => answer,
    }
}

/// What has been noted, as far as the bank may be told.
fn answered(
    conn: &mut Conn,
    teller: &mut Teller<'_>,
    (advised, is_new): (Advised, bool),
) -> Result<Answered, StoreError> {
    let id = advised.id;
    let shown = teller.tell(conn, &[(is_new, advised)], |is_new, advised| {
        AcknowledgedShown::new(id, *is_new, advised)
    })?;
    let shown = shown.first();
    let shown = shown.ok_or_else(|| StoreError::Content("a hidden acknowledgement".to_owned()))?;
    let body = serde_json::to_string(shown);
    Ok(Answered {
        status: 200,
        body: body.map_err(|error| StoreError::Content(error.to_string()))?,
    })
}

/// That it cannot be noted tells where it stands, so that is a telling as well. The act has left nothing, so it is asked
/// again whether the bank may be told.
async fn refused(
    app: &Data<App>,
    bank: Bank,
    id: Id<Advice>,
    person: String,
    problem: Problem,
) -> Result<HttpResponse, Problem> {
    let told = blocking(app, move |app| {
        app.store.write(|conn| {
            let mut teller = teller(app, conn, &bank, &person)?;
            let found = of_bank(conn, &bank.id, &[id])?.into_iter();
            let found: Vec<_> = found.map(|advised| ((), advised)).collect();
            let told = teller.tell(conn, &found, |(), advised| {
                AcknowledgedShown::new(id, false, advised)
            });
            told.map_err(Failure::<StoreError>::from)
        })
    });
    match told.await?.into_iter().next() {
        Some(shown) if shown.is_told() => Err(problem),
        Some(shown) => Ok(HttpResponse::Ok().json(shown)),
        None => Err(Problem::new(Code::NotFound)),
    }
}
