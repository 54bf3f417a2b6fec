//! What is around every door: the request's id, the headers of every answer, the limits of time, the counters and the
//! log. Kept thin, since the busiest door passes it on every request.

use super::chunked::Held;
use super::{Code, Problem};
use crate::app::App;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web::Data};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The header that carries the request's id both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// For answers that no browser should run or frame.
const NOTHING_RUNS: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The id of a request: the caller's own where it is a UUID, else one of ours.
#[derive(Clone, Copy, Debug)]
pub struct RequestId(pub Uuid);

impl RequestId {
    fn of(request: &ServiceRequest, app: &App) -> Self {
        let given = request.headers().get(X_REQUEST_ID);
        let given = given.and_then(|value| Uuid::try_parse(value.to_str().ok()?).ok());
        Self(given.unwrap_or_else(|| {
            let mut random = [0; 16];
            app.randomness.fill(&mut random);
            uuid::Builder::from_random_bytes(random).into_uuid()
        }))
    }

    /// The request as a URI, for a problem's `instance`.
    pub fn instance(self) -> String {
        self.0.urn().to_string()
    }
}

/// The shell itself.
///
/// # Errors
/// Where there was no answer in time, or its making panicked; the error is then the answer.
pub async fn shell(
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let Some(app) = request.app_data::<Data<App>>().cloned() else {
        return Err(Problem::internal("no App is handed to the doors").into());
    };
    let _in_flight = app.metrics.arrived();
    let id = RequestId::of(&request, &app);
    let method = known(request.method());
    request.extensions_mut().insert(id);
    let _held = Held::of(&mut request);

    if is_encoded(&request) {
        let refused = request.error_response(Problem::new(Code::UnsupportedMediaType));
        return Ok(finish(refused, id, method, started.elapsed(), &app));
    }
    // A panic ends this request only; it has been told by the panic hook.
    let mut answer = next.call(request);
    let answered =
        poll_fn(
            |context| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
                Ok(polled) => polled.map(Ok),
                Err(panic) => std::task::Poll::Ready(Err(panic)),
            },
        );
    let problem = match tokio::time::timeout(app.settings.limits.request, answered).await {
        Ok(Ok(Ok(answer))) => return Ok(finish(answer, id, method, started.elapsed(), &app)),
        Ok(Ok(Err(error))) => {
            Problem::new(Code::of_status(error.as_response_error().status_code())).caused_by(error)
        }
        Ok(Err(_)) => Problem::internal("a handler panicked"),
        Err(_) => Problem::new(Code::Busy).caused_by("no answer within the time of a request"),
    };
    let took = started.elapsed();
    log(Some(&problem), id, method, "-", problem.status_code(), took);
    app.metrics
        .answered(method, "-".to_owned(), problem.status_code().as_u16(), took);
    let mut answer = problem.answer(Some(&id.instance()));
    dress(answer.headers_mut(), id);
    Err(InternalError::from_response("", answer).into())
}

/// Bodies are taken as they are: what unpacks them can be made to unpack too much.
fn is_encoded(request: &ServiceRequest) -> bool {
    let encoding = request.headers().get(CONTENT_ENCODING);
    encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn finish(
    answer: ServiceResponse<BoxBody>,
    id: RequestId,
    method: &'static str,
    took: Duration,
    app: &App,
) -> ServiceResponse<BoxBody> {
    let status = answer.status();
    let matched = answer.request().match_pattern();
    let route = matched.unwrap_or_else(|| "-".to_owned());
    let problem = answer.response().error().and_then(Error::as_error);
    log(problem, id, method, &route, status, took);
    app.metrics.answered(method, route, status.as_u16(), took);

    let mut answer = if status.is_client_error() || status.is_server_error() {
        as_problem(answer, id)
    } else {
        answer
    };
    dress(answer.headers_mut(), id);
    answer
}

/// Names the request in a problem, and makes a problem of what the framework refused by itself.
fn as_problem(answer: ServiceResponse<BoxBody>, id: RequestId) -> ServiceResponse<BoxBody> {
    let error = answer.response().error();
    let instance = id.instance();
    let told: HttpResponse = match error.and_then(Error::as_error::<Problem>) {
        Some(problem) => problem.answer(Some(&instance)),
        None if is_of_ours(answer.headers()) => return answer,
        None => Problem::new(Code::of_status(answer.status())).answer(Some(&instance)),
    };
    let (request, _) = answer.into_parts();
    ServiceResponse::new(request, told)
}

/// An answer with a form of its own, such as the token endpoint's, stays as it is.
fn is_of_ours(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|form| !form.as_bytes().starts_with(b"text/plain"))
}

/// The headers of every answer; a door may have set stricter ones or its own.
fn dress(headers: &mut HeaderMap, id: RequestId) {
    let mut put = |name: HeaderName, value: HeaderValue| {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    };
    put(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    put(CONTENT_SECURITY_POLICY, NOTHING_RUNS);
    put(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    put(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let mut text = Uuid::encode_buffer();
    let text = id.0.hyphenated().encode_lower(&mut text);
    if let Ok(value) = HeaderValue::from_str(text) {
        put(X_REQUEST_ID, value);
    }
}

/// A label of few values, whatever a client makes up.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// Neither the path nor the query is logged: they name merchants. What went well is told at debug.
fn log(
    problem: Option<&Problem>,
    id: RequestId,
    method: &str,
    route: &str,
    status: StatusCode,
    took: Duration,
) {
    let (request, status, micros) = (id.0, status.as_u16(), took.as_micros());
    let code = problem.map(|problem| problem.code().line().code);
    let cause = problem.and_then(Problem::cause);
    if status >= 500 {
        tracing::error!(target: "daishan::access", %request, method, route, status, micros, code, cause, "failed");
    } else if status >= 400 {
        tracing::info!(target: "daishan::access", %request, method, route, status, micros, code, cause, "refused");
    } else {
        tracing::debug!(target: "daishan::access", %request, method, route, status, micros, "answered");
    }
}
