//! Advice and messages as a bank is shown them.

use crate::advice::{Action, Advice, Advised, Cause, State};
use crate::answer::body::notice;
use crate::http::bank::answers::Words;
use crate::kernel::{Bilingual, Day, Id, Instant, Uscc};
use crate::outbox::{Kind, Message, Pending};
use serde::Serialize;
use utoipa::ToSchema;

/// 待取消息 · The messages that have not been received: those with content first, the oldest first of each.
#[derive(Serialize, ToSchema)]
#[schema(as = Messages)]
pub struct MessagesShown {
    pub messages: Vec<MessageShown>,
}

/// 一条消息 · A message
#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageShown {
    #[schema(value_type = String, example = "msg_01k0qz3v9kf2m8s3t5y7b9c1d4")]
    id: Id<Message>,
    /// `advice_made` or `advice_lifted`; null where the bank has to ask again
    #[schema(value_type = Option<String>, example = "advice_made", required)]
    kind: Option<Kind>,
    /// RFC 3339, UTC
    #[schema(value_type = String, format = "date-time")]
    created_at: Instant,
    #[serde(flatten)]
    told: AdviceTold,
}

impl MessageShown {
    pub fn new(message: &Pending, advised: Option<&Advised>) -> Self {
        Self {
            id: message.id,
            kind: advised.map(|_| message.kind),
            created_at: message.created_at,
            told: AdviceTold::new(message.about, advised),
        }
    }
}

/// 一页建议 · A page of advice.
#[derive(Serialize, ToSchema)]
#[schema(as = AdvicePage)]
pub struct AdvicePageShown {
    pub advice: Vec<AdviceTold>,
    /// Where the next page begins; null on the last page
    #[schema(required, value_type = Option<String>)]
    pub next_cursor: Option<Id<Advice>>,
}

/// 建议；没有有效的贷后管理授权时只有编号 · Advice; without a live authorisation for post-loan management only its id.
#[derive(Serialize, ToSchema)]
#[schema(as = Advice)]
pub struct AdviceTold {
    #[schema(value_type = String, example = "adv_01k0qz3v9kf2m8s3t5y7b9c1d4")]
    advice_id: Id<Advice>,
    /// 请在取得授权后再次查询 · Whether to ask again once the merchant has authorised the bank
    ask_again: bool,
    /// Null where the bank has to ask again
    #[schema(required)]
    advice: Option<ContentShown>,
}

impl AdviceTold {
    pub fn new(id: Id<Advice>, advised: Option<&Advised>) -> Self {
        Self {
            advice_id: id,
            ask_again: advised.is_none(),
            advice: advised.map(ContentShown::new),
        }
    }
}

/// 建议内容，仅供参考 · What is advised. For reference only: the bank alone decides.
#[derive(Serialize, ToSchema)]
#[schema(as = AdviceContent)]
struct ContentShown {
    /// 授信协议号码 · The bank's own number of the agreement
    agreement: String,
    #[schema(value_type = String)]
    uscc: Uscc,
    /// `tier_drop`, `certification_revoked` or `red_line`
    #[schema(value_type = String, example = "red_line")]
    cause: Cause,
    #[schema(value_type = Words)]
    cause_name: Bilingual,
    /// `review` or `freeze_draws`, as the bank's product says
    #[schema(value_type = String, example = "freeze_draws")]
    action: Action,
    #[schema(value_type = Words)]
    action_name: Bilingual,
    /// 自何日起 · The business date since which the cause stands
    #[schema(value_type = String, format = "date")]
    since: Day,
    /// `open`, `acknowledged` or `lifted`, as it stands now
    #[schema(value_type = String, example = "open")]
    state: State,
    /// RFC 3339, UTC
    #[schema(value_type = String, format = "date-time")]
    made_at: Instant,
    #[schema(value_type = Option<String>, format = "date-time", required)]
    acknowledged_at: Option<Instant>,
    #[schema(required)]
    acknowledged_by: Option<String>,
    #[schema(required)]
    note: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time", required)]
    lifted_at: Option<Instant>,
    #[schema(value_type = Words)]
    notice: Bilingual,
}

impl ContentShown {
    fn new(advised: &Advised) -> Self {
        let acknowledged = advised.acknowledged.as_ref();
        Self {
            agreement: advised.agreement.clone(),
            uscc: advised.uscc,
            cause: advised.cause,
            cause_name: advised.cause.name(),
            action: advised.action,
            action_name: advised.action.name(),
            since: advised.since,
            state: advised.state(),
            made_at: advised.made_at,
            acknowledged_at: acknowledged.map(|said| said.at),
            acknowledged_by: acknowledged.map(|said| said.by.clone()),
            note: acknowledged.and_then(|said| said.note.clone()),
            lifted_at: advised.lifted_at,
            notice: notice(),
        }
    }
}

/// 已签收 · What has been received.
#[derive(Serialize, ToSchema)]
#[schema(as = Receipts)]
pub struct ReceiptsShown {
    /// Those of the ids that are off the list now, or were before; what this bank has no message of is left out
    #[schema(value_type = Vec<String>)]
    pub received: Vec<Id<Message>>,
}

/// 确认；没有有效的贷后管理授权时只有编号 · An acknowledgement; without a live authorisation for post-loan management only its id.
#[derive(Serialize, ToSchema)]
#[schema(as = Acknowledged)]
pub struct AcknowledgedShown {
    #[schema(value_type = String, example = "adv_01k0qz3v9kf2m8s3t5y7b9c1d4")]
    advice_id: Id<Advice>,
    /// 请在取得授权后再次查询；此时没有其他内容 · Whether to ask again once the merchant has authorised the bank: then nothing else is
    /// here, whether it was open or not
    ask_again: bool,
    /// `new`, or `unchanged` where the same person has said so before
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "new")]
    acknowledgement: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "acknowledged")]
    state: Option<State>,
    /// RFC 3339, UTC
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, format = "date-time")]
    acknowledged_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    acknowledged_by: Option<String>,
}

impl AcknowledgedShown {
    pub const fn is_told(&self) -> bool {
        !self.ask_again
    }

    pub fn new(id: Id<Advice>, is_new: bool, advised: Option<&Advised>) -> Self {
        let said = advised.and_then(|advised| advised.acknowledged.as_ref());
        Self {
            advice_id: id,
            ask_again: advised.is_none(),
            acknowledgement: advised.map(|_| if is_new { "new" } else { "unchanged" }),
            state: advised.map(Advised::state),
            acknowledged_at: said.map(|said| said.at),
            acknowledged_by: said.map(|said| said.by.clone()),
        }
    }
}
