//! The documentation of the doors, made from the code: `/openapi.json`, and pages to read it that load nothing from
//! elsewhere.

use super::server::Doors;
use super::{Code, Problem, refusals};
use crate::access::SCOPE;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, HeaderValue, LOCATION};
use actix_web::{HttpResponse, get, web};
use std::fmt::Write;
use std::sync::Arc;
use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme,
};
use utoipa::openapi::{RefOr, Response};
use utoipa::{Modify, OpenApi, ToResponse, ToSchema};
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};
use utoipa_swagger_ui::Config;

/// The pages bring their own scripts and styles; nothing may come from anywhere else.
const PAGES: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "岱山放心消费商户信用评分 · Daishan merchant credit",
        description = "以贷促信：把商户的合规历史变成银行可以查询的信用等级。\n\n\
            Turns a merchant's compliance history into a credit tier that a bank can ask for. \
            Errors are RFC 9457 problems; their codes are listed at /docs/problems.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact()
    ),
    tags(
        (name = "bank", description = "银行 · The bank's door"),
        (name = "lines", description = "授信 · A bank's lines of credit"),
        (name = "statements", description = "月报 · A bank's statements as an acquirer"),
        (name = "advice", description = "预警建议 · What a bank is advised about its lines, and the messages about it"),
        (name = "products", description = "信贷产品 · What a bank offers, as dated records"),
        (name = "claims", description = "补贴申领 · Claims on programmes of subsidy, for the bank that funds them"),
        (name = "oauth", description = "令牌 · Tokens"),
        (name = "operations", description = "运维 · Operations"),
    ),
    components(schemas(ProblemBody, BrokenField), responses(Refused)),
    modifiers(&Security)
)]
struct Api;

/// 错误应答 · A refusal (RFC 9457). Some carry further members, such as `id`.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct ProblemBody {
    /// `/docs/problems#CODE`
    r#type: String,
    title: String,
    status: u16,
    /// A code of the table at /docs/problems; it never changes
    code: String,
    detail: String,
    /// The request: `urn:uuid:` and the X-Request-Id
    instance: Option<String>,
    errors: Option<Vec<BrokenField>>,
}

/// 有误的字段 · A broken field: `pointer` into the body, or the name of a `parameter`
#[derive(ToSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct BrokenField {
    pointer: Option<String>,
    parameter: Option<String>,
    code: String,
    detail: String,
}

/// What any operation may answer instead.
struct Refused;

impl<'r> ToResponse<'r> for Refused {
    fn response() -> (&'r str, RefOr<Response>) {
        let response = refusals::problem(
            "拒绝或失败，代码见 /docs/problems · A refusal or failure; the codes are listed at /docs/problems",
        );
        ("Problem", response.into())
    }
}

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scopes = Scopes::one(SCOPE, "查询评分 · ask for scores");
        let flow = Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("oauth2", SecurityScheme::OAuth2(OAuth2::new([flow])));
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// The document of all doors.
pub fn document() -> utoipa::openapi::OpenApi {
    document_of(super::routes)
}

/// The document of these doors. What operations may be refused with is added here.
pub fn document_of(doors: Doors) -> utoipa::openapi::OpenApi {
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(Api::openapi())
        .configure(doors)
        .split_for_parts();
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        operations.into_iter().flatten().for_each(refusals::add);
    }
    document
}

/// A document as it is printed and checked in.
///
/// # Errors
/// Never in practice: the document is plain data.
pub fn text_of(document: &utoipa::openapi::OpenApi) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

/// The document, made once a process.
pub struct Document(pub String);

/// The doors of this file.
pub fn routes(doors: &mut ServiceConfig<'_>) {
    doors
        .service(openapi_json)
        .service(docs)
        .service(problems)
        .service(pages);
}

/// 接口文档 · This document.
#[utoipa::path(tag = "operations", responses((status = 200, body = Object)))]
#[get("/openapi.json")]
async fn openapi_json(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

/// 文档首页 · The way to the pages.
#[utoipa::path(tag = "operations", responses((status = 308, description = "To /docs/")))]
#[get("/docs")]
async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, "/docs/"))
        .finish()
}

/// 错误代码表 · The table of problems.
#[utoipa::path(tag = "operations", responses((status = 200, body = String, content_type = "text/html")))]
#[get("/docs/problems")]
async fn problems() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(problems_page())
}

/// 文档页面 · The pages that show this document.
#[utoipa::path(
    tag = "operations",
    params(("page" = String, Path, description = "A file of the pages; empty: the first")),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404, description = "No such file"))
)]
#[get("/docs/{page:.*}")]
async fn pages(page: web::Path<String>) -> Result<HttpResponse, Problem> {
    let config = Arc::new(Config::from("/openapi.json"));
    let file = utoipa_swagger_ui::serve(&page, config)
        .map_err(Problem::internal)?
        .ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut answer = HttpResponse::Ok();
    if file.gzpipped {
        answer.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(answer
        .insert_header((CONTENT_SECURITY_POLICY, PAGES))
        .content_type(file.content_type)
        .body(file.bytes.into_owned()))
}

/// The table as HTML. Its texts are ours and hold no markup.
fn problems_page() -> String {
    let mut rows = String::new();
    for code in Code::all() {
        let line = code.line();
        let _ = write!(
            rows,
            "<tr id=\"{0}\"><td><code>{0}</code></td><td>{1}</td><td>{2}<br>{3}</td><td>{4}<br>{5}</td></tr>",
            line.code,
            line.status.as_u16(),
            line.title_zh,
            line.title_en,
            line.cure_zh,
            line.cure_en
        );
    }
    format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>错误代码 · Problems</title>\
         <h1>错误代码 · Problems</h1><table border=\"1\" cellpadding=\"6\"><tr><th>code</th><th>status</th>\
         <th>含义 · Meaning</th><th>处理 · What to do</th></tr>{rows}</table></html>"
    )
}
