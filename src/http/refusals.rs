//! What operations may be refused with, read from what each is: so none has to say so itself, and none forgets it. What
//! an operation says for itself stays.

use super::keyed::IDEMPOTENCY_KEY;
use super::problem::PROBLEM_JSON;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// Of whoever must be somebody.
const OF_CALLERS: [(&str, &str); 3] = [
    ("400", "请求有误 · The request is broken"),
    ("401", "没有有效令牌 · No valid token"),
    ("503", "服务繁忙 · Busy"),
];

/// Of requests with a body.
const OF_BODIES: [(&str, &str); 3] = [
    ("408", "请求发送过慢 · The body came too slowly"),
    ("413", "请求体过大 · The body is too large"),
    ("415", "不是JSON · Not JSON"),
];

/// Of requests under an idempotency key.
const OF_KEYS: [(&str, &str); 3] = [
    (
        "400",
        "请求有误，或缺少幂等键 · The request is broken, or has no key",
    ),
    (
        "409",
        "同一请求正在处理 · The same request is being dealt with",
    ),
    (
        "422",
        "幂等键已用于另一请求 · The key was used for another request",
    ),
];

/// Adds the refusals of an operation that it does not tell itself, and the problem that any may answer with.
pub fn add(operation: &mut Operation) {
    let mut parameters = operation.parameters.iter().flatten();
    let is_key = |name: &str| name.eq_ignore_ascii_case(IDEMPOTENCY_KEY.as_str());
    let is_keyed =
        parameters.any(|it| matches!(it, RefOr::T(parameter) if is_key(&parameter.name)));
    // Where nothing is required, an empty requirement says so.
    let mut required = operation.security.iter().flatten();
    let is_called = required.any(|it| *it != SecurityRequirement::default());
    let has_body = is_called && operation.request_body.is_some();
    let all = [
        (is_keyed, OF_KEYS),
        (is_called, OF_CALLERS),
        (has_body, OF_BODIES),
    ];
    let responses = &mut operation.responses.responses;
    for (status, description) in all.into_iter().filter(|it| it.0).flat_map(|it| it.1) {
        let told = responses.entry(status.to_owned());
        told.or_insert_with(|| problem(description).into());
    }
    for response in responses.values_mut() {
        if let RefOr::T(told) = response
            && told.content.contains_key(PROBLEM_JSON)
        {
            *told = problem(&told.description);
        }
    }
    let any = || Ref::from_response_name("Problem").into();
    responses.entry("default".to_owned()).or_insert_with(any);
}

/// A problem with this description.
pub fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name("ProblemBody");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, content)
        .build()
}
