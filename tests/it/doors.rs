//! What holds for every door, shown on the program's own and on a few that misbehave.

use crate::support::{Engine, TestApp};
use actix_web::{HttpResponse, get, post, web};
use daishan_credit::app::App;
use daishan_credit::http::{
    Body, Code, Field, List, Optional, Params, Problem, Words, blocking, openapi,
};
use daishan_credit::kernel::{Day, Uscc};
use daishan_credit::store::StoreError;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

#[derive(serde::Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[schema(schema_with = Field::<Uscc>::schema)]
    #[validate(nested)]
    uscc: Field<Uscc>,
    #[schema(schema_with = Field::<Words<1, 20>>::schema)]
    #[validate(nested)]
    by: Field<Words<1, 20>>,
    #[schema(schema_with = Optional::<Day>::schema, required = false)]
    #[validate(nested)]
    since: Optional<Day>,
    #[schema(schema_with = List::<Words<1, 5>, 0, 3>::schema)]
    #[validate(nested)]
    kinds: List<Words<1, 5>, 0, 3>,
}

#[derive(serde::Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct On {
    #[param(value_type = String, format = Date)]
    #[validate(nested)]
    on: Field<Day>,
}

#[utoipa::path(request_body = Asked, responses((status = 200)))]
#[post("/body")]
async fn takes_body(Body(asked): Body<Asked>) -> Result<HttpResponse, Problem> {
    let told = json!({"uscc": asked.uscc.good()?.as_str(), "by": asked.by.good()?.as_str()});
    Ok(HttpResponse::Ok().json(told))
}

#[utoipa::path(params(On), responses((status = 200)))]
#[get("/params")]
async fn params(Params(on): Params<On>) -> Result<String, Problem> {
    Ok(on.on.good()?.to_string())
}

#[utoipa::path(responses((status = 200)))]
#[get("/panic")]
async fn panics() -> HttpResponse {
    panic!("13800000000 must not be logged")
}

#[utoipa::path(responses((status = 200)))]
#[get("/slow")]
async fn slow() -> HttpResponse {
    actix_web::rt::time::sleep(Duration::from_secs(60)).await;
    HttpResponse::Ok().finish()
}

#[utoipa::path(responses((status = 200)))]
#[get("/full")]
async fn full(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    blocking(&app, |_| Err::<(), _>(StoreError::Full)).await?;
    Ok(HttpResponse::Ok().finish())
}

#[utoipa::path(responses((status = 200)))]
#[get("/broken")]
async fn broken() -> Result<HttpResponse, Problem> {
    Err(Problem::internal("the secret cause"))
}

#[utoipa::path(responses((status = 200)))]
#[get("/hold")]
async fn hold(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    blocking(&app, |_| {
        std::thread::sleep(Duration::from_millis(2500));
        Ok::<_, Problem>(())
    })
    .await?;
    Ok(HttpResponse::Ok().finish())
}

#[utoipa::path(responses((status = 200)))]
#[get("/bearer")]
async fn bearer() -> Result<HttpResponse, Problem> {
    Err(Problem::new(Code::Unauthenticated).member("id", "ans_1"))
}

fn doors(doors: &mut ServiceConfig<'_>) {
    doors
        .configure(daishan_credit::http::routes)
        .service(takes_body)
        .service(params)
        .service(panics)
        .service(slow)
        .service(full)
        .service(broken)
        .service(hold)
        .service(bearer);
}

fn app() -> TestApp {
    TestApp::start_with(Engine::Sqlite, doors, |settings| {
        settings.limits.drain = Duration::from_secs(5);
        settings.limits.head = Duration::from_secs(1);
        settings.limits.body = Duration::from_secs(1);
        settings.limits.request = Duration::from_secs(4);
    })
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn a_request_that_holds_is_answered() {
    let app = app();
    let asked = json!({"uscc": "91330921ma0000001y", "by": " 甲 ", "kinds": []});
    // The check character is not the point here.
    let answer = app.post("/body", &asked);
    assert!(answer.status == 200 || answer.json()["errors"][0]["code"] == "check_character");
    assert_eq!(app.get("/params?on=2025-12-31").text(), "2025-12-31");
}

#[test]
fn the_document_says_what_the_fields_hold() {
    let document = serde_json::to_value(openapi::document_of(doors)).unwrap();
    let asked = &document["components"]["schemas"]["Asked"];
    assert_eq!(asked["required"], json!(["uscc", "by", "kinds"]));
    assert_eq!(asked["additionalProperties"], false);
    let fields = &asked["properties"];
    assert!(fields["uscc"]["pattern"].is_string(), "{asked:#}");
    assert_eq!(
        fields["by"],
        json!({"type": "string", "minLength": 1, "maxLength": 20})
    );
    assert_eq!(fields["since"], json!({"type": "string", "format": "date"}));
    assert_eq!(fields["kinds"]["maxItems"], 3);
    let on = &document["paths"]["/params"]["get"]["parameters"][0];
    assert_eq!(
        (&on["name"], &on["required"]),
        (&json!("on"), &json!(true)),
        "{on:#}"
    );
    assert_eq!(on["schema"], json!({"type": "string", "format": "date"}));
    let refused = &document["paths"]["/body"]["post"]["responses"]["default"];
    assert_eq!(refused["$ref"], "#/components/responses/Problem");
}

/// Method, path, headers, body; status and code.
type Case<'a> = (
    &'a str,
    &'a str,
    Vec<(&'a str, &'a str)>,
    &'a str,
    u16,
    &'a str,
);

#[test]
fn every_refusal_is_a_problem() {
    let app = app();
    let deep = "[".repeat(100_000);
    let large = format!("{{\"by\": \"{}\"}}", "x".repeat(3 << 20));
    let cases: Vec<Case<'_>> = vec![
        ("GET", "/nothing", vec![], "", 404, "not_found"),
        ("GET", "/body", vec![], "", 405, "method_not_allowed"),
        ("TRACE", "/healthz", vec![], "", 405, "method_not_allowed"),
        ("POST", "/body", vec![JSON], "{", 400, "bad_request"),
        ("POST", "/body", vec![JSON], &deep, 400, "bad_request"),
        (
            "POST",
            "/body",
            vec![JSON],
            "{\"by\": 1e400}",
            400,
            "bad_request",
        ),
        ("POST", "/body", vec![JSON], "{}", 400, "broken_fields"),
        (
            "POST",
            "/body",
            vec![JSON],
            &large,
            413,
            "payload_too_large",
        ),
        ("POST", "/body", vec![], "{}", 415, "unsupported_media_type"),
        (
            "POST",
            "/body",
            vec![("content-type", "text/plain")],
            "{}",
            415,
            "unsupported_media_type",
        ),
        (
            "POST",
            "/body",
            vec![JSON, ("content-encoding", "gzip")],
            "{}",
            415,
            "unsupported_media_type",
        ),
        ("GET", "/params", vec![], "", 400, "broken_fields"),
        (
            "GET",
            "/params?on=2025-12-31&on=2025-12-31",
            vec![],
            "",
            400,
            "broken_fields",
        ),
        ("GET", "/panic", vec![], "", 500, "internal"),
        ("GET", "/broken", vec![], "", 500, "internal"),
        ("GET", "/full", vec![], "", 503, "busy"),
        ("GET", "/slow", vec![], "", 503, "busy"),
        ("GET", "/bearer", vec![], "", 401, "unauthenticated"),
    ];
    for (method, path, headers, body, status, code) in cases {
        let answer = app.send(method, path, &headers, body);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {path}"
        );
        assert_dressed(&answer);
    }
    assert_eq!(app.get("/body").header("allow"), "POST");
    assert_eq!(app.get("/full").header("retry-after"), "1");
    assert_eq!(app.get("/bearer").header("www-authenticate"), "Bearer");
    assert_eq!(app.get("/bearer").json()["id"], "ans_1");
    assert!(!app.get("/broken").text().contains("secret"));
}

fn assert_dressed(answer: &crate::support::Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(
        answer
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("x-request-id").len(), 36);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[test]
fn a_request_s_own_id_is_echoed_where_it_is_a_uuid() {
    let app = app();
    let ask = |id: &str| {
        app.send("GET", "/healthz", &[("x-request-id", id)], "")
            .header("x-request-id")
            .to_owned()
    };
    let own = "01890a5d-ac96-774b-bcce-b302099a8057";
    assert_eq!(ask(own), own);
    assert_ne!(ask("<script>"), "<script>");
    assert_ne!(ask("x"), ask("x"));
}

#[test]
fn broken_fields_are_all_told_and_never_repeated() {
    let app = app();
    let text = r#"{"uscc": "secret-value", "by": "a\u0000", "more": {"x": "secret-value"}}"#;
    let answer = app.send("POST", "/body", &[JSON], text);
    assert_eq!(answer.code(), "broken_fields");
    let errors = answer.json()["errors"].clone();
    let places: Vec<_> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(places, ["/by", "/kinds", "/more", "/uscc"]);
    assert!(!answer.text().contains("secret-value"));
    let answer = app.get("/params?on=2025-02-30&secret=secret-value");
    assert_eq!(answer.json()["errors"][0]["parameter"], "on");
    assert!(!answer.text().contains("secret-value"));
}

#[test]
fn a_body_that_drips_is_told_so_in_time() {
    let app = app();
    let started = Instant::now();
    let mut stream = TcpStream::connect(app.address).unwrap();
    let head = "POST /body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut dripping = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        while dripping.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let mut answer = [0; 16];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer[..12], b"HTTP/1.1 408");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn whoever_finds_no_connection_free_is_told_to_come_back() {
    let app = app();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(app.get("/hold").status, 200));
        }
        std::thread::sleep(Duration::from_millis(300));
        let started = Instant::now();
        let refused = app.get("/hold");
        assert_eq!((refused.status, refused.code().as_str()), (503, "busy"));
        assert!(started.elapsed() < Duration::from_millis(1900));
    });
}

#[test]
fn a_head_that_never_ends_is_cut_off() {
    let app = app();
    let started = Instant::now();
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
        .unwrap();
    let mut answer = Vec::new();
    // Either an end without a word, or 408.
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"));
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[test]
fn what_is_being_answered_is_finished_before_the_end() {
    let app = app();
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream
        .write_all(b"GET /hold HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let started = Instant::now();
    drop(app);
    assert!(started.elapsed() < Duration::from_secs(5));
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}
