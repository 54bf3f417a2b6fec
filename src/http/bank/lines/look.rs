//! A bank looks at its lines.

use super::asked::{Named, name};
use super::shown::{LineShown, LinesShown};
use crate::app::App;
use crate::county::records::bank_by_id;
use crate::credit_line::{Flag, Judged, State};
use crate::flows::bank_lines::{Filter, Looking};
use crate::http::wire::parameter;
use crate::http::{Bank, Code, Optional, Params, Problem, Whole, blocking};
use crate::kernel::Uscc;
use crate::store::{Conn, Failure, StoreError};
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

crate::wire_words!(State {
    "not_begun" => State::NotBegun,
    "in_force" => State::InForce,
    "frozen" => State::Frozen,
    "expired" => State::Expired,
    "terminated" => State::Terminated,
    "settled" => State::Settled,
});

crate::wire_words!(Flag {
    "over_cap_when_granted" => Flag::OverCapWhenGranted,
    "not_eligible_when_granted" => Flag::NotEligibleWhenGranted,
    "over_cap_when_raised" => Flag::OverCapWhenRaised,
    "override_pending" => Flag::OverridePending,
    "unfit_answer" => Flag::UnfitAnswer,
    "unknown_product" => Flag::UnknownProduct,
    "other_currency" => Flag::OtherCurrency,
    "over_limit" => Flag::OverLimit,
    "drawn_before_start" => Flag::DrawnBeforeStart,
    "drawn_while_frozen" => Flag::DrawnWhileFrozen,
    "drawn_while_expired" => Flag::DrawnWhileExpired,
    "repaid_more_than_drawn" => Flag::RepaidMoreThanDrawn,
    "expired_with_balance" => Flag::ExpiredWithBalance,
    "out_of_turn" => Flag::OutOfTurn,
    "changed" => Flag::Changed,
    "absent" => Flag::Absent,
});

/// Which lines are listed.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LinesAsked {
    /// 状态 · Only those in this state
    #[validate(nested)]
    #[param(value_type = Option<String>, pattern = "^(not_begun|in_force|frozen|expired|terminated|settled)$", nullable = false)]
    pub state: Optional<State>,
    /// 标记 · Only those with this flag
    #[validate(nested)]
    #[param(value_type = Option<String>, nullable = false)]
    pub flag: Optional<Flag>,
    /// 统一社会信用代码 · Only this merchant's
    #[validate(nested)]
    #[param(value_type = Option<String>, nullable = false)]
    pub uscc: Optional<Uscc>,
    /// 每页条数，默认100 · Lines of a page, 100 by default
    #[validate(nested)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 1000, nullable = false)]
    pub limit: Optional<Whole<1, 1_000>>,
    /// 上一页的 `next_cursor` · Of the page before
    #[validate(nested)]
    #[param(value_type = Option<String>, nullable = false)]
    pub cursor: Optional<Named>,
}

/// How many lines a page has where nothing is asked.
const PAGE: i64 = 100;

/// Looks at lines of the bank as of the business date.
///
/// # Errors
/// Where the store fails.
pub fn looking<T>(
    app: &App,
    conn: &mut Conn,
    bank: &str,
    look: impl FnOnce(&Looking<'_>, &mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let (as_of, card_name) = app.today(conn)?;
    let card = app.cards.get(&card_name);
    let card = card.map_err(|error| StoreError::Content(error.to_string()))?;
    let bank = bank_by_id(conn, bank)?;
    let looking = Looking {
        kinds: &app.kinds,
        card,
        bank: &bank,
        as_of,
    };
    look(&looking, conn)
}

/// 列出授信 · List this bank's lines
#[utoipa::path(
    tag = "lines",
    operation_id = "lines",
    params(LinesAsked),
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "一页授信 · A page of lines", body = LinesShown),
    )
)]
#[get("/v1/lines")]
pub async fn list(
    bank: Bank,
    params: Params<LinesAsked>,
    app: Data<App>,
) -> Result<Json<LinesShown>, Problem> {
    let Params(asked) = params;
    let filter = Filter {
        state: asked.state.value(),
        flag: asked.flag.value(),
        uscc: asked.uscc.value(),
    };
    let size = asked.limit.value().map_or(PAGE, |limit| limit.0);
    let size = usize::try_from(size).unwrap_or_default();
    let after = asked.cursor.value().map(|cursor| name(&cursor));
    let read = move |app: &App| {
        app.store.read(|conn| {
            let found = looking(app, conn, &bank.id, |looking, conn| {
                let after = after.as_deref().unwrap_or_default();
                let page = looking.page(conn, &filter, after, size)?;
                Ok((looking.as_of, page))
            });
            Ok::<_, Failure<StoreError>>(found?)
        })
    };
    let (as_of, page) = blocking(&app, read).await?;
    Ok(Json(LinesShown {
        as_of,
        lines: page.lines.into_iter().map(LineShown::new).collect(),
        next_cursor: page.next,
    }))
}

/// 查看一笔授信 · One line
#[utoipa::path(
    tag = "lines",
    operation_id = "line",
    params(("agreement" = String, Path, description = "授信协议号码 · The bank's own number of the agreement")),
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "授信 · The line", body = LineShown),
        (status = 400, description = "协议号码有误 · Not a number of an agreement", content_type = "application/problem+json"),
        (status = 404, description = "本机构没有这笔授信 · This bank has no such line", content_type = "application/problem+json"),
    )
)]
#[get("/v1/lines/{agreement}")]
pub async fn one(
    bank: Bank,
    agreement: Path<String>,
    app: Data<App>,
) -> Result<Json<LineShown>, Problem> {
    let agreement = name(&parameter::<Named>("agreement", &agreement)?);
    let read = move |app: &App| -> Result<Option<Judged>, Failure<StoreError>> {
        app.store.read(|conn| {
            let found = looking(app, conn, &bank.id, |looking, conn| {
                looking.one(conn, &agreement)
            });
            Ok(found?)
        })
    };
    let found = blocking(&app, read).await?;
    let found = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Json(LineShown::new(found)))
}
