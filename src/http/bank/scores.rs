//! A bank asks for scores.

use crate::access::TokenRefusal;
use crate::app::App;
use crate::authorisation::Purpose;
use crate::flows::answer_bank::{Query, Reply, Told};
use crate::http::wire::parameter;
use crate::http::{Body, Code, Field, List, Params, PresentedToken, Problem, Words};
use crate::kernel::{Id, Uscc};
use actix_web::http::header::ContentType;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

crate::wire_words!(Purpose {
    "pre_loan_review" => Purpose::PreLoanReview,
    "post_loan_management" => Purpose::PostLoanManagement,
});

type Usccs = List<Uscc, 1, 1_000>;
type AskedFor = Field<Purpose>;
type Named = Field<Words<1, 100>>;

/// 查询一户或最多一千户 · A query about one merchant or up to 1,000.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScoresQuery {
    /// 统一社会信用代码 · Unified social credit codes, answered in this order.
    #[validate(nested)]
    #[schema(schema_with = Usccs::schema)]
    usccs: Usccs,
    #[validate(nested)]
    #[schema(schema_with = AskedFor::schema)]
    purpose: AskedFor,
    /// 银行内部的查询人员编号 · The bank's own id of the person who asks.
    #[validate(nested)]
    #[schema(schema_with = Named::schema)]
    requested_by: Named,
    /// 业务编号 · The business that it is asked for.
    #[validate(nested)]
    #[schema(schema_with = Named::schema)]
    business_ref: Named,
}

/// Why one merchant is asked about.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ScoreParams {
    /// 用途 · `pre_loan_review` or `post_loan_management`
    #[validate(nested)]
    #[param(value_type = String, pattern = "^(pre_loan_review|post_loan_management)$", example = "pre_loan_review")]
    pub(super) purpose: AskedFor,
    /// 银行内部的查询人员编号 · The bank's own id of the person who asks.
    #[validate(nested)]
    #[param(value_type = String, min_length = 1, max_length = 100)]
    pub(super) requested_by: Named,
    /// 业务编号 · The business that it is asked for.
    #[validate(nested)]
    #[param(value_type = String, min_length = 1, max_length = 100)]
    pub(super) business_ref: Named,
}

/// 批量查询评分 · Ask for scores
///
/// Each merchant is answered with a score or with `{id, uscc, refused}`; both are logged before the answer goes out.
#[utoipa::path(
    tag = "bank",
    operation_id = "query_scores",
    request_body = ScoresQuery,
    security(("oauth2" = ["scores"])),
    responses(
        (status = 200, description = "按所问顺序 · In the order asked", body = super::answers::Answers),
        (status = 400, description = "请求有误，整体不予受理 · The request is broken; nothing was asked", content_type = "application/problem+json"),
    )
)]
#[post("/v1/scores/query")]
pub async fn query(
    bank: PresentedToken,
    body: Body<ScoresQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let Body(asked) = body;
    let told = ask(
        &app,
        bank,
        asked.usccs.good()?,
        asked.purpose.good()?,
        asked.requested_by.good()?,
        asked.business_ref.good()?,
    )
    .await?;
    let mut json =
        String::with_capacity(told.iter().map(|one| one.json.len() + 1).sum::<usize>() + 16);
    json.push_str(r#"{"answers":["#);
    for (place, one) in told.iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        json.push_str(&one.json);
    }
    json.push_str("]}");
    Ok(sent(json))
}

/// 查询一户评分 · Ask for one merchant's score
#[utoipa::path(
    tag = "bank",
    operation_id = "score",
    params(("uscc" = String, Path, description = "统一社会信用代码 · Unified social credit code"), ScoreParams),
    security(("oauth2" = ["scores"])),
    responses(
        (status = 200, description = "评分 · The score", body = super::answers::ScoreAnswer),
        (status = 404, description = "无法提供（`not_available`） · Not available", content_type = "application/problem+json"),
    )
)]
#[get("/v1/merchants/{uscc}/score")]
pub async fn score(
    bank: PresentedToken,
    uscc: Path<String>,
    params: Params<ScoreParams>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let uscc: Uscc = parameter("uscc", &uscc)?;
    let Params(asked) = params;
    let (purpose, requested_by) = (asked.purpose.good()?, asked.requested_by.good()?);
    let told = ask(
        &app,
        bank,
        vec![uscc],
        purpose,
        requested_by,
        asked.business_ref.good()?,
    )
    .await?;
    match told.into_iter().next() {
        Some(Told {
            answered: true,
            json,
            ..
        }) => Ok(sent(json)),
        Some(Told { id, .. }) => Err(Problem::new(Code::NotAvailable).member("id", id.to_string())),
        None => Err(Problem::internal("a query was not answered")),
    }
}

/// Asks through the committer: the answer comes when its row in the log is durable.
pub(super) async fn ask(
    app: &App,
    PresentedToken(caller): PresentedToken,
    usccs: Vec<Uscc>,
    purpose: Purpose,
    requested_by: Words<1, 100>,
    business_ref: Words<1, 100>,
) -> Result<Vec<Told>, Problem> {
    let asked_at = app.clock.now();
    let ids = usccs
        .iter()
        .map(|_| Id::new(asked_at, &*app.randomness))
        .collect();
    let asked = Query {
        client: caller.client,
        bank: caller.bank,
        usccs,
        purpose,
        requested_by: requested_by.into_string(),
        business_ref: business_ref.into_string(),
        asked_at,
        ids,
    };
    match app.answers.submit(asked).await? {
        Reply::Answers(told) => Ok(told),
        Reply::Disabled => Err(TokenRefusal.into()),
    }
}

fn sent(json: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::json())
        .body(json)
}
