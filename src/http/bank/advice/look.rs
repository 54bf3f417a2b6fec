//! A bank looks at what it is advised.

use super::shown::{AdvicePageShown, AdviceTold};
use super::{Asker, STEP, teller};
use crate::advice::records::{Filter, of_bank, page};
use crate::advice::{Advice, Advised, State};
use crate::app::App;
use crate::flows::tell_advice::{Sight, Teller};
use crate::http::bank::lines::{Named, name};
use crate::http::wire::parameter;
use crate::http::{Bank, Code, Field, Optional, Params, Problem, Whole, blocking};
use crate::kernel::{Id, Uscc};
use crate::store::{Conn, Failure, StoreError};
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

crate::wire_words!(State {
    "open" => State::Open,
    "acknowledged" => State::Acknowledged,
    "lifted" => State::Lifted,
});

/// How many a page has where nothing is asked.
const PAGE: i64 = 100;

/// Who asks, and which advice.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AdviceAsked {
    /// 银行内部的查询人员或系统编号，记入查询日志 · The bank's own id of the person or system that asks; it is logged
    #[validate(nested)]
    #[param(value_type = String, min_length = 1, max_length = 100)]
    requested_by: Field<Asker>,
    /// 授信协议号码 · Only about this line
    #[validate(nested)]
    #[param(value_type = Option<String>, nullable = false)]
    agreement: Optional<Named>,
    /// 统一社会信用代码 · Only about this merchant
    #[validate(nested)]
    #[param(value_type = Option<String>, pattern = "^[0-9A-HJ-NP-RTUW-Y]{18}$", nullable = false)]
    uscc: Optional<Uscc>,
    /// 状态 · Only what stands here
    #[validate(nested)]
    #[param(value_type = Option<String>, pattern = "^(open|acknowledged|lifted)$", nullable = false)]
    state: Optional<State>,
    /// 每页条数，默认100 · How many a page, 100 by default
    #[validate(nested)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, nullable = false)]
    limit: Optional<Whole<1, 200>>,
    /// 上一页的 `next_cursor` · Of the page before
    #[validate(nested)]
    #[param(value_type = Option<String>, nullable = false)]
    cursor: Optional<Id<Advice>>,
}

/// Who asks.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OneAsked {
    /// 银行内部的查询人员或系统编号，记入查询日志 · The bank's own id of the person or system that asks; it is logged
    #[validate(nested)]
    #[param(value_type = String, min_length = 1, max_length = 100)]
    requested_by: Field<Asker>,
}

/// 列出建议 · List what this bank is advised about its lines
///
/// Each is told as a message is, under the same rule, and logged. With `agreement`, `uscc` or `state` what may not be told is
/// left out, since to be found by them would tell.
#[utoipa::path(
    tag = "advice",
    operation_id = "advice_list",
    params(AdviceAsked),
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "一页建议 · A page of advice", body = AdvicePageShown),
    )
)]
#[get("/v1/advice")]
pub async fn list(
    bank: Bank,
    params: Params<AdviceAsked>,
    app: Data<App>,
) -> Result<Json<AdvicePageShown>, Problem> {
    let Params(asked) = params;
    let requested_by = asked.requested_by.good()?.into_string();
    let filter = Filter {
        bank: Some(bank.id.to_string()),
        agreement: asked.agreement.value().map(|agreement| name(&agreement)),
        uscc: asked.uscc.value(),
        state: asked.state.value(),
        cause: None,
    };
    let size = asked.limit.value().map_or(PAGE, |limit| limit.0);
    let cursor = asked.cursor.value();
    let told = blocking(&app, move |app| {
        app.store.write(|conn| {
            let mut teller = teller(app, conn, &bank, &requested_by)?;
            let shown = shown(conn, &mut teller, &filter, cursor, size);
            shown.map_err(Failure::<StoreError>::from)
        })
    });
    Ok(Json(told.await?))
}

/// A page of what may be shown: what is left out takes no place on it, and no cursor tells of it.
fn shown(
    conn: &mut Conn,
    teller: &mut Teller<'_>,
    filter: &Filter,
    mut cursor: Option<Id<Advice>>,
    size: i64,
) -> Result<AdvicePageShown, StoreError> {
    let is_found = filter.agreement.is_some() || filter.uscc.is_some() || filter.state.is_some();
    let bank = filter.bank.as_deref().unwrap_or_default();
    let size = usize::try_from(size).unwrap_or_default();
    let mut found = Vec::new();
    while found.len() <= size {
        let after = cursor.map(|cursor| (bank, cursor));
        let step = page(conn, filter, after, STEP)?;
        let Some(last) = step.last().map(|last| last.id) else {
            break;
        };
        cursor = Some(last);
        teller.look(conn, &step)?;
        let mut left_out = Vec::new();
        for advised in step {
            match teller.sight(&advised) {
                Sight::Told(_) => found.push(advised),
                Sight::AskAgain if !is_found => found.push(advised),
                Sight::AskAgain => left_out.push(advised),
                Sight::Hidden => {}
            }
            if found.len() > size {
                break;
            }
        }
        // It was asked for, and not told.
        tell(conn, teller, left_out)?;
    }
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|last| last.id);
    let advice = tell(conn, teller, found)?;
    Ok(AdvicePageShown {
        advice,
        next_cursor,
    })
}

fn tell(
    conn: &mut Conn,
    teller: &mut Teller<'_>,
    found: Vec<Advised>,
) -> Result<Vec<AdviceTold>, StoreError> {
    let found: Vec<_> = found.into_iter().map(|it| (it.id, it)).collect();
    teller.tell(conn, &found, |id, advised| AdviceTold::new(*id, advised))
}

/// 查看一条建议 · One piece of advice
#[utoipa::path(
    tag = "advice",
    operation_id = "advice",
    params(("id" = String, Path, description = "建议编号 · The advice's id"), OneAsked),
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "建议，或请再次查询 · The advice, or that the bank has to ask again", body = AdviceTold),
        (status = 404, description = "本机构没有这条建议，或商户从未授权 · This bank has no such advice, or the merchant has never authorised it", content_type = "application/problem+json"),
    )
)]
#[get("/v1/advice/{id}")]
pub async fn one(
    bank: Bank,
    id: Path<String>,
    params: Params<OneAsked>,
    app: Data<App>,
) -> Result<Json<AdviceTold>, Problem> {
    let id: Id<Advice> = parameter("id", &id)?;
    let requested_by = params.0.requested_by.good()?.into_string();
    let told = blocking(&app, move |app| {
        app.store.write(|conn| {
            let found = of_bank(conn, &bank.id, &[id])?;
            let mut teller = teller(app, conn, &bank, &requested_by)?;
            let told = tell(conn, &mut teller, found)?;
            Ok::<_, Failure<StoreError>>(told.into_iter().next())
        })
    });
    let told = told.await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Json(told))
}
