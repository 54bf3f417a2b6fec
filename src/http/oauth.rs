//! The token endpoint and what is published about it.

use super::token_request::{TokenError, TokenRequest, not_stored};
use super::{Form, Problem, blocking};
use crate::access::{Algorithm, SCOPE, records};
use crate::app::App;
use crate::flows::issue_token::issue_token;
use crate::store::{Failure, error::Never};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// The doors of this file.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(token).service(metadata).service(jwks);
}

/// The parameters of a token request, sent as a form.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form, which is read parameter by parameter"
)]
struct TokenForm {
    #[schema(example = "client_credentials")]
    grant_type: String,
    #[schema(example = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    client_assertion_type: String,
    /// 客户端签名的JWT · A JWT signed by the client (RFC 7523): iss = sub = the client id, aud = the issuer, exp at most
    /// 60 s ahead, a jti that was never used.
    #[schema(max_length = 8192)]
    client_assertion: String,
    #[schema(example = "scores", nullable = false)]
    scope: Option<String>,
    /// 若给出须与断言一致 · If given, the client id of the assertion.
    #[schema(nullable = false)]
    client_id: Option<String>,
}

/// An access token (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
struct TokenAnswer {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// 秒 · Seconds.
    #[schema(example = 300)]
    expires_in: i64,
    #[schema(example = "scores")]
    scope: &'static str,
}

/// 取得访问令牌 · Get an access token
///
/// OAuth 2.0 client credentials with `private_key_jwt`.
#[utoipa::path(
    tag = "oauth",
    operation_id = "token",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    security(()),
    responses(
        (status = 200, description = "令牌 · The token", body = TokenAnswer),
        (status = 400, description = "请求有误 · The request is wrong", body = TokenError),
        (status = 401, description = "客户端断言无效 · The assertion is not good (`invalid_client`)", body = TokenError),
        (status = 408, description = "请求发送过慢 · The body came too slowly", body = TokenError),
        (status = 413, description = "请求体过大 · The body is too large", body = TokenError),
        (status = 500, description = "服务内部错误 · Something is broken on our side", body = TokenError),
        (status = 503, description = "服务繁忙 · The service is busy", body = TokenError),
    )
)]
#[post("/oauth/token")]
async fn token(
    request: HttpRequest,
    form: Result<Form, Problem>,
    app: web::Data<App>,
) -> HttpResponse {
    let issued = match TokenRequest::read(&request, form) {
        Ok(asked) => issue(&app, asked).await,
        Err(error) => Err(error),
    };
    match issued {
        Ok(answer) => not_stored(StatusCode::OK).json(answer),
        Err(error) => {
            tracing::info!(error = error.error, why = %error.error_description, "no token");
            error.answer()
        }
    }
}

async fn issue(app: &web::Data<App>, asked: TokenRequest) -> Result<TokenAnswer, TokenError> {
    let issued = blocking(app, move |app| {
        let (clock, randomness) = (&*app.clock, &*app.randomness);
        let client_id = asked.client_id.as_deref();
        let outcome = issue_token(
            &app.store,
            &app.keys,
            clock,
            randomness,
            &asked.assertion,
            client_id,
        );
        Ok::<_, Problem>(outcome)
    });
    let issued = issued.await??;
    tracing::info!(client = %issued.client, "token issued");
    Ok(TokenAnswer {
        access_token: issued.token,
        token_type: "Bearer",
        expires_in: app.keys.lifetime(),
        scope: SCOPE,
    })
}

/// What a client needs to know of us (RFC 8414, section 2).
#[derive(Serialize, ToSchema)]
struct Metadata {
    #[schema(example = "https://credit.example.gov.cn")]
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    grant_types_supported: [&'static str; 1],
    /// 没有授权端点 · There is no authorization endpoint.
    response_types_supported: [&'static str; 0],
    scopes_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 1],
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 3],
}

/// 授权服务器元数据 · Authorization server metadata
#[utoipa::path(
    tag = "oauth",
    operation_id = "authorization_server_metadata",
    security(()),
    responses((status = 200, description = "元数据 · RFC 8414", body = Metadata))
)]
#[get("/.well-known/oauth-authorization-server")]
async fn metadata(app: web::Data<App>) -> HttpResponse {
    let issuer = app.keys.issuer();
    published("application/json").json(Metadata {
        issuer: issuer.to_owned(),
        token_endpoint: format!("{issuer}/oauth/token"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        grant_types_supported: ["client_credentials"],
        response_types_supported: [],
        scopes_supported: [SCOPE],
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported: Algorithm::ALL.map(Algorithm::as_str),
    })
}

/// A set of public keys (RFC 7517, section 5).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is written from the stored keys")]
struct KeySet {
    keys: Vec<Key>,
}

/// A public key that checks access tokens.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is written from the stored keys")]
struct Key {
    #[schema(example = "EC")]
    kty: String,
    #[schema(example = "P-256")]
    crv: String,
    x: String,
    y: String,
    #[schema(example = "ES256")]
    alg: String,
    #[schema(rename = "use", example = "sig")]
    purpose: String,
    kid: String,
}

/// 访问令牌的公钥 · The public keys of access tokens
///
/// Those in use, and those retired whose tokens have not all expired.
#[utoipa::path(
    tag = "oauth",
    operation_id = "jwks",
    security(()),
    responses(
        (status = 200, description = "公钥 · The keys", body = KeySet, content_type = "application/jwk-set+json"),
        (status = 503, description = "服务繁忙 · The service is busy"),
    )
)]
#[get("/.well-known/jwks.json")]
async fn jwks(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let now = app.clock.now();
    let keys = blocking(&app, |app| {
        app.store
            .read(|conn| Ok::<_, Failure<Never>>(records::published_keys(conn)?))
    });
    let keys = keys.await?;
    let texts: Vec<&str> = keys
        .iter()
        .filter(|key| key.holds_at(now))
        .map(|key| key.public.jwk())
        .collect();
    let body = format!("{{\"keys\":[{}]}}", texts.join(","));
    Ok(published("application/jwk-set+json").body(body))
}

/// May be kept for a minute: a new key signs at once, but a reader that meets an unknown kid asks anew.
fn published(content_type: &'static str) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=60"));
    answer
}
