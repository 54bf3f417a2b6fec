//! A bank fetches its messages, and says which it has received.

use super::shown::{MessageShown, MessagesShown, ReceiptsShown};
use super::{Asker, STEP, teller};
use crate::advice::Advised;
use crate::advice::records::of_bank;
use crate::app::App;
use crate::flows::tell_advice::Sight;
use crate::http::{Bank, Body, Field, List, Optional, Params, Problem, Whole, blocking};
use crate::kernel::Id;
use crate::outbox::records::{pending as pending_of, receive};
use crate::outbox::{Message, Pending};
use crate::store::{Conn, Failure, StoreError};
use actix_web::web::{Data, Json};
use actix_web::{get, post};
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

/// How many messages are given where nothing is asked.
const MOST: i64 = 100;

/// Who fetches, and how many.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MessagesAsked {
    /// 银行内部的查询人员或系统编号，记入查询日志 · The bank's own id of the person or system that asks; it is logged
    #[validate(nested)]
    #[param(value_type = String, min_length = 1, max_length = 100)]
    requested_by: Field<Asker>,
    /// 最多条数，默认100 · At most so many, 100 by default
    #[validate(nested)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, nullable = false)]
    limit: Optional<Whole<1, 200>>,
}

/// 取待取消息 · Fetch the messages that have not been received
///
/// A message stays on the list until it is received. What it says is decided now: its content only under the merchant's live
/// authorisation for post-loan management; its id and `ask_again` where the merchant has authorised the bank before; nothing,
/// and no message, where it never has. Those with content come first, the oldest first of each. Each is logged as a query.
#[utoipa::path(
    tag = "advice",
    operation_id = "messages",
    params(MessagesAsked),
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "待取消息 · The messages", body = MessagesShown),
    )
)]
#[get("/v1/messages")]
pub async fn pending(
    bank: Bank,
    params: Params<MessagesAsked>,
    app: Data<App>,
) -> Result<Json<MessagesShown>, Problem> {
    let Params(asked) = params;
    let requested_by = asked.requested_by.good()?.into_string();
    let most = asked.limit.value().map_or(MOST, |limit| limit.0);
    let told = blocking(&app, move |app| {
        app.store.write(|conn| {
            let told = fetch(app, conn, &bank, &requested_by, most);
            told.map_err(Failure::<StoreError>::from)
        })
    });
    Ok(Json(MessagesShown {
        messages: told.await?,
    }))
}

fn fetch(
    app: &App,
    conn: &mut Conn,
    bank: &Bank,
    requested_by: &str,
    most: i64,
) -> Result<Vec<MessageShown>, StoreError> {
    let most = usize::try_from(most).unwrap_or_default();
    let mut teller = teller(app, conn, bank, requested_by)?;
    let (mut may_be_told, mut to_ask_again) = (Vec::new(), Vec::new());
    let mut last = None;
    // What is hidden, or has to be asked for again, must not keep from the bank what follows.
    while may_be_told.len() < most {
        let page = pending_of(conn, &bank.id, last.as_ref(), STEP)?;
        let Some(next) = page.last().cloned() else {
            break;
        };
        let page = with_advice(conn, &bank.id, page)?;
        teller.look(conn, page.iter().map(|(_, advised)| advised))?;
        for message in page {
            let chosen = match teller.sight(&message.1) {
                Sight::Hidden => continue,
                Sight::AskAgain => &mut to_ask_again,
                Sight::Told(_) => &mut may_be_told,
            };
            if chosen.len() < most {
                chosen.push(message);
            }
        }
        last = Some(next);
    }
    may_be_told.append(&mut to_ask_again);
    may_be_told.truncate(most);
    teller.tell(conn, &may_be_told, MessageShown::new)
}

fn with_advice(
    conn: &mut Conn,
    bank: &str,
    messages: Vec<Pending>,
) -> Result<Vec<(Pending, Advised)>, StoreError> {
    let about: Vec<_> = messages.iter().map(|message| message.about).collect();
    let advice = of_bank(conn, bank, &about)?.into_iter();
    let advice: HashMap<_, Advised> = advice.map(|one| (one.id, one)).collect();
    let with_advice = |message: Pending| {
        let about = advice.get(&message.about).cloned();
        let about = about.ok_or_else(|| StoreError::Content("a message about nothing".to_owned()));
        Ok((message, about?))
    };
    messages.into_iter().map(with_advice).collect()
}

type Received = List<Id<Message>, 1, 200>;

/// 签收 · Which messages have been received.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessagesReceived)]
struct ReceiptsGiven {
    /// 消息编号 · Their ids
    #[validate(nested)]
    #[schema(schema_with = Received::schema)]
    ids: Received,
}

/// 签收消息 · Say which messages have been received
///
/// They are off the list then. Said again it is the same, so no key is needed.
#[utoipa::path(
    tag = "advice",
    operation_id = "receive_messages",
    request_body = ReceiptsGiven,
    security(("oauth2" = [])),
    responses(
        (status = 200, description = "已签收 · What has been received", body = ReceiptsShown),
    )
)]
#[post("/v1/messages/receipts")]
pub async fn receipts(
    bank: Bank,
    body: Body<ReceiptsGiven>,
    app: Data<App>,
) -> Result<Json<ReceiptsShown>, Problem> {
    let Body(given) = body;
    let ids = given.ids.good()?;
    let received = blocking(&app, move |app| {
        let now = app.clock.now();
        app.store
            .write(|conn| Ok::<_, Failure<StoreError>>(receive(conn, &bank.id, &ids, now)?))
    });
    Ok(Json(ReceiptsShown {
        received: received.await?,
    }))
}
