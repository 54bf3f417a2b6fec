//! A funder looks at the claims on its programmes.

use super::shown::{ClaimShown, ClaimTold, ClaimsShown};
use crate::app::App;
use crate::county::records::bank_by_id;
use crate::flows::advance_claim::{find, funded_by};
use crate::http::wire::parameter;
use crate::http::{Bank, Optional, Params, Problem, Whole, Words, blocking};
use crate::kernel::{Id, Month, Uscc};
use crate::merchant::records::{by_uscc, usccs};
use crate::store::{Conn, Failure, StoreError};
use crate::subsidy::records::{Claimed, Filter, events_of, page_of};
use crate::subsidy::{Claim, Status, StepRefusal};
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

crate::wire_words!(Status {
    "computed" => Status::Computed,
    "confirmed" => Status::Confirmed,
    "submitted" => Status::Submitted,
    "approved" => Status::Approved,
    "paid" => Status::Paid,
    "rejected" => Status::Rejected,
});

/// How many claims a page has where nothing is asked.
const PAGE: i64 = 100;

/// Which claims.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ClaimsAsked {
    /// 补贴项目编号 · Of this programme
    #[validate(nested)]
    #[param(value_type = Option<String>, required = false, min_length = 1, max_length = 100, nullable = false)]
    programme: Optional<Words<1, 100>>,
    /// 月份 · Of this month, yyyyMM
    #[validate(nested)]
    #[param(value_type = Option<String>, required = false, pattern = "^[0-9]{6}$", nullable = false)]
    month: Optional<Month>,
    /// 状态 · That stand here
    #[validate(nested)]
    #[param(value_type = Option<String>, required = false, pattern = "^(computed|confirmed|submitted|approved|paid|rejected)$", nullable = false)]
    status: Optional<Status>,
    /// 统一社会信用代码 · Of this merchant
    #[validate(nested)]
    #[param(value_type = Option<String>, required = false, pattern = "^[0-9A-HJ-NP-RTUW-Y]{18}$", nullable = false)]
    uscc: Optional<Uscc>,
    /// 上一页的 next_cursor · The next_cursor of the page before
    #[validate(nested)]
    #[param(value_type = Option<String>, required = false, nullable = false)]
    cursor: Optional<Id<Claim>>,
    /// 每页笔数 · How many a page, 100 where it is left out
    #[validate(nested)]
    #[param(value_type = Option<i64>, required = false, minimum = 1, maximum = 200, nullable = false)]
    limit: Optional<Whole<1, 200>>,
}

/// 列出申领 · List the claims on this bank's programmes
///
/// In the order in which they were computed.
#[utoipa::path(
    tag = "claims",
    operation_id = "claims",
    params(ClaimsAsked),
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "一页申领 · A page of claims", body = ClaimsShown),
    )
)]
#[get("/v1/claims")]
pub async fn list(
    bank: Bank,
    params: Params<ClaimsAsked>,
    app: Data<App>,
) -> Result<Json<ClaimsShown>, Problem> {
    let Params(asked) = params;
    let uscc = asked.uscc.value();
    let mut filter = Filter {
        programme: asked.programme.value().map(Words::into_string),
        month: asked.month.value(),
        status: asked.status.value(),
        merchant: None,
    };
    let (cursor, size) = (
        asked.cursor.value(),
        asked.limit.value().map_or(PAGE, |limit| limit.0),
    );
    let read = move |app: &App| {
        app.store.read(|conn| {
            if let Some(uscc) = uscc {
                filter.merchant = by_uscc(conn, [uscc])?.remove(&uscc);
                if filter.merchant.is_none() {
                    return Ok(Vec::new());
                }
            }
            let funder = bank_by_id(conn, &bank.id)?.name;
            let programmes = funded_by(conn, &funder)?;
            let page = page_of(conn, &programmes, &filter, cursor, size + 1)?;
            Ok::<_, Failure<StoreError>>(shown(conn, page)?)
        })
    };
    let mut claims = blocking(&app, read).await?;
    let full = usize::try_from(size).unwrap_or_default();
    let more = claims.len() > full;
    claims.truncate(full);
    let next_cursor = claims.last().filter(|_| more).map(|last| last.id.clone());
    Ok(Json(ClaimsShown {
        claims,
        next_cursor,
    }))
}

fn shown(conn: &mut Conn, claims: Vec<Claimed>) -> Result<Vec<ClaimShown>, StoreError> {
    let merchants: Vec<_> = claims.iter().map(|claim| claim.merchant).collect();
    let codes = usccs(conn, &merchants)?;
    let with_code = |claim: Claimed| {
        let uscc = codes.get(&claim.merchant).copied();
        let uscc = uscc.ok_or_else(|| StoreError::Content("a claim of no merchant".to_owned()))?;
        Ok(ClaimShown::new(uscc, claim))
    };
    claims.into_iter().map(with_code).collect()
}

/// A claim with what has happened to it.
///
/// # Errors
/// Where the store fails.
pub(super) fn told(conn: &mut Conn, claim: Claimed) -> Result<ClaimTold, StoreError> {
    let events = events_of(conn, claim.id)?.into_iter();
    let shown = shown(conn, vec![claim])?.into_iter().next();
    Ok(ClaimTold {
        claim: shown.ok_or_else(|| StoreError::Content("a claim of no merchant".to_owned()))?,
        entries: events.map(Into::into).collect(),
    })
}

/// 查看一笔申领 · One claim, with what has happened to it
#[utoipa::path(
    tag = "claims",
    operation_id = "claim",
    params(("id" = String, Path, description = "申领编号 · The claim's id")),
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "申领 · The claim", body = ClaimTold),
        (status = 400, description = "编号有误 · Not an id", content_type = "application/problem+json"),
        (status = 404, description = "本机构出资的项目没有这笔申领 · No such claim on a programme of this bank", content_type = "application/problem+json"),
    )
)]
#[get("/v1/claims/{id}")]
pub async fn one(bank: Bank, id: Path<String>, app: Data<App>) -> Result<Json<ClaimTold>, Problem> {
    let id: Id<Claim> = parameter("id", &id)?;
    let read = move |app: &App| {
        app.store.read(|conn| {
            let funder = bank_by_id(conn, &bank.id)?.name;
            let claim = find(conn, id, Some(&funder))?;
            Ok::<_, Failure<StepRefusal>>(told(conn, claim)?)
        })
    };
    Ok(Json(blocking(&app, read).await?))
}
