//! The one table of what can go wrong at a door: a stable code, its status, its title and what to do about it.

use actix_web::http::StatusCode;

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub status: StatusCode,
    /// Never changes once published: clients decide by it.
    pub code: &'static str,
    pub title_zh: &'static str,
    pub title_en: &'static str,
    /// What the caller can do about it.
    pub cure_zh: &'static str,
    pub cure_en: &'static str,
}

/// Declares the codes once: the enum, the list of all, and the exhaustive match.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:ident $code:literal
        $title_zh:literal $title_en:literal, $cure_zh:literal $cure_en:literal;)+) => {
        /// What is wrong with a request, or with us.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* #[doc = $title_en] $name,)+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const fn all() -> &'static [Self] {
                &[$(Self::$name),+]
            }

            /// The line of the table.
            pub const fn line(self) -> Line {
                match self {
                    $(Self::$name => Line {
                        status: StatusCode::$status,
                        code: $code,
                        title_zh: $title_zh,
                        title_en: $title_en,
                        cure_zh: $cure_zh,
                        cure_en: $cure_en,
                    },)+
                }
            }
        }
    };
}

codes! {
    BadRequest = BAD_REQUEST "bad_request"
        "请求无法读取" "The request cannot be read",
        "按接口文档改正请求的格式" "Correct the form of the request as documented";
    BrokenFields = BAD_REQUEST "broken_fields"
        "请求的字段有误" "Fields of the request are wrong",
        "改正 errors 所列的每个字段" "Correct every field listed in errors";
    BeforeFirstDay = BAD_REQUEST "before_first_day"
        "日期早于评分卡生效日" "The date lies before the scorecard's first day",
        "选择评分卡生效之后的日期" "Choose a date on or after the first day of the scorecard";
    IdempotencyKeyRequired = BAD_REQUEST "idempotency_key_required"
        "缺少幂等键" "There is no idempotency key",
        "用 Idempotency-Key 请求头带上1到255个可见ASCII字符，重发同一请求时不变"
        "Send the header Idempotency-Key once, with 1 to 255 visible ASCII characters; keep it when sending the same request again";
    Unauthenticated = UNAUTHORIZED "unauthenticated"
        "未提供有效令牌" "There is no valid token",
        "取得新的令牌后重试" "Get a new token and try again";
    Forbidden = FORBIDDEN "forbidden"
        "无权进行此操作" "This caller may not do this",
        "使用有此权限的客户端" "Use a client that has the permission";
    NotFound = NOT_FOUND "not_found"
        "内容不存在" "There is no such thing",
        "核对地址和编号" "Check the address and the id";
    /// A score that may not be told: no such merchant, or no live authorisation for this purpose. Both look the same.
    NotAvailable = NOT_FOUND "not_available"
        "无法提供该商户的评分" "The score of this merchant is not available",
        "核对统一社会信用代码，并确认商户的授权对本机构和本用途有效"
        "Check the USCC, and that the merchant's authorisation for this institution and purpose is live";
    MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed"
        "不支持此方法" "This method is not supported here",
        "使用 Allow 所列的方法" "Use a method listed in Allow";
    ClaimStatus = CONFLICT "claim_status"
        "申领的状态不允许" "The status of the claim does not allow that",
        "取申领现状，按其状态办理" "Get the claim, and go on from its status";
    ClaimChanged = CONFLICT "claim_changed"
        "申领余额与所述不符" "The claim is not over what was said",
        "取申领现状，核对余额后重新办理" "Get the claim, look at what remains of it, and do it anew";
    AdviceStatus = CONFLICT "advice_status"
        "建议的状态不允许" "The status of the advice does not allow that",
        "取建议现状；已解除的不必确认" "Get the advice; what was lifted need not be acknowledged";
    SecondPersonRequired = CONFLICT "second_person_required"
        "须由另一人办理" "This takes another person",
        "由提交人以外的人复核或驳回" "Have it approved or rejected by another person than the one who submitted it";
    InFlight = CONFLICT "in_flight"
        "同一请求正在处理" "The same request is being dealt with",
        "按 Retry-After 等待后以同一幂等键重发，会得到结果"
        "Wait as Retry-After says and send it again under the same key; it will be answered";
    Timeout = REQUEST_TIMEOUT "timeout"
        "请求发送过慢" "The request came too slowly",
        "检查网络后重试" "Check the connection and try again";
    PayloadTooLarge = PAYLOAD_TOO_LARGE "payload_too_large"
        "请求体过大" "The body is too large",
        "分批发送" "Send it in smaller parts";
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type"
        "不支持此内容类型或编码" "This content type or encoding is not supported",
        "按接口文档发送未压缩的内容" "Send the documented content type, uncompressed";
    IdempotencyKeyReused = UNPROCESSABLE_ENTITY "idempotency_key_reused"
        "幂等键已用于另一请求" "The key was used for another request",
        "为新的请求换一个幂等键" "Use a new key for a new request";
    Busy = SERVICE_UNAVAILABLE "busy"
        "服务繁忙" "The service is busy",
        "按 Retry-After 等待后重试；请求没有生效" "Wait as Retry-After says and try again; nothing was done";
    Internal = INTERNAL_SERVER_ERROR "internal"
        "服务内部错误" "Something is broken on our side",
        "把 instance 告知运维人员" "Tell the operators the instance";
}

impl Code {
    /// The code that fits an answer of which only the status is known.
    pub fn of_status(status: StatusCode) -> Self {
        Self::all()
            .iter()
            .copied()
            .find(|code| code.line().status == status)
            .unwrap_or(if status.is_server_error() {
                Self::Internal
            } else {
                Self::BadRequest
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_told_apart_and_are_errors() {
        let codes: BTreeSet<_> = Code::all().iter().map(|code| code.line().code).collect();
        assert_eq!(codes.len(), Code::all().len());
        for code in Code::all() {
            let line = code.line();
            assert!(line.status.is_client_error() || line.status.is_server_error());
            assert!(
                line.code
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            );
        }
    }
}
