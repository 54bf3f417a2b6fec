//! Requests that have an effect once per `Idempotency-Key`.

use super::body::read;
use super::decode::{Part, decode, json};
use super::{Code, Problem, blocking};
use crate::access::Client;
use crate::app::App;
use crate::flows::once::{Given, NotOnce, once};
use crate::idempotency::{Answered, Asked, Guard, Refusal, is_key};
use crate::kernel::Id;
use crate::store::{Conn, Failure};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde::de::DeserializeOwned;
use std::future::ready;
use validator::Validate;

/// The header that names the key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header that marks an answer as one that was given before.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A JSON body under an idempotency key. It may have so many bytes where the limit of bodies is less.
pub struct Keyed<T, const BYTES: usize = 0> {
    pub body: T,
    pub under: UnderKey,
}

/// The key of a request, with all that it belongs to but the client.
pub struct UnderKey {
    key: String,
    method: String,
    /// In one spelling: the same for paths that lead to the same.
    path: String,
    /// The body with its fields in order and nothing between them: the same for bodies that say the same.
    canonical: String,
}

impl<T: DeserializeOwned + Validate + 'static, const BYTES: usize> FromRequest for Keyed<T, BYTES> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = match key(request) {
            Ok(key) => key,
            Err(problem) => return Box::pin(ready(Err(problem))),
        };
        let (method, path) = (request.method().to_string(), spelt(request.path()));
        let bytes = read(request, payload, &["application/json"], BYTES);
        Box::pin(async move {
            let value = json(&bytes.await?)?;
            let canonical = value.to_string();
            Ok(Self {
                body: decode(value, Part::Body)?,
                under: UnderKey {
                    key,
                    method,
                    path,
                    canonical,
                },
            })
        })
    }
}

/// The one key of the request.
fn key(request: &HttpRequest) -> Result<String, Problem> {
    let mut headers = request.headers().get_all(&IDEMPOTENCY_KEY);
    let (Some(header), None) = (headers.next(), headers.next()) else {
        return Err(Problem::new(Code::IdempotencyKeyRequired));
    };
    let text = header.to_str().unwrap_or_default();
    if is_key(text) {
        Ok(text.to_owned())
    } else {
        Err(Problem::new(Code::IdempotencyKeyRequired))
    }
}

/// Of a path `%5A` is `Z` (RFC 3986, section 2.3). Its parts are decoded, as the router does, and escaped in one way.
fn spelt(path: &str) -> String {
    let part = |part: &str| {
        let bytes: Vec<u8> = percent_decode_str(part).collect();
        percent_encode(&bytes, ESCAPED).to_string()
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Everything but what RFC 3986 never needs escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl UnderKey {
    /// The request as this client's.
    pub fn asked_by(&self, client: Id<Client>) -> Asked {
        Asked::new(client, &self.method, &self.path, &self.key, &self.canonical)
    }

    /// The request as this client's, with the guard that is held until it is done, also where the caller has gone away.
    ///
    /// # Errors
    /// 409 while the same request is being dealt with.
    pub fn enter(&self, app: &App, client: Id<Client>) -> Result<(Asked, Guard), Problem> {
        let asked = self.asked_by(client);
        match app.in_flight.enter(asked.key) {
            Some(guard) => Ok((asked, guard)),
            None => Err(Refusal::InFlight.into()),
        }
    }

    /// Does the act once, in one transaction with its key, and answers as it says; a request that comes again gets
    /// the same answer, marked.
    ///
    /// # Errors
    /// 409 while the same request is being dealt with, 422 where the key was used for another body, 503 where the
    /// store is busy, else what the act says.
    pub async fn once<R>(
        self,
        app: &Data<App>,
        client: Id<Client>,
        mut act: impl FnMut(&App, &mut Conn) -> Result<Answered, Failure<R>> + Send + 'static,
    ) -> Result<HttpResponse, Problem>
    where
        R: Into<Problem> + Send + 'static,
    {
        let (asked, guard) = self.enter(app, client)?;
        let given = blocking(app, move |app| {
            let _guard = guard;
            app.store
                .write(|conn| once(conn, asked, &*app.clock, |conn| act(app, conn)))
        });
        answer(given.await?)
    }
}

/// The answer as it is sent; one that was given before is marked.
///
/// # Errors
/// 500 where what is stored has no status of HTTP.
pub fn answer(given: Given) -> Result<HttpResponse, Problem> {
    let status = StatusCode::from_u16(given.answered.status).map_err(Problem::internal)?;
    let mut answer = HttpResponse::build(status);
    if given.replayed {
        answer.insert_header((IDEMPOTENT_REPLAYED, "true"));
    }
    Ok(answer
        .insert_header(ContentType::json())
        .body(given.answered.body))
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::OtherBody => Self::new(Code::IdempotencyKeyReused),
            Refusal::InFlight => Self::new(Code::InFlight).retry_after(1),
        }
    }
}

impl<R: Into<Self>> From<NotOnce<R>> for Problem {
    fn from(not: NotOnce<R>) -> Self {
        match not {
            NotOnce::Key(refusal) => refusal.into(),
            NotOnce::Act(refusal) => refusal.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling_and_keeps_its_parts() {
        for same in ["/v1/lines/A-Z", "/v1/lines/A-%5A", "/v1/lines/%41%2d%5a"] {
            assert_eq!(spelt(same), "/v1/lines/A-Z");
        }
        assert_eq!(spelt("/v1/a%2fb"), spelt("/v1/a%2Fb"));
        assert_eq!(spelt("/v1/a:b"), spelt("/v1/a%3Ab"));
        for (one, other) in [
            ("/v1/a%2Fb", "/v1/a/b"),
            ("/v1/%255A", "/v1/%5A"),
            ("/v1/%5A", "/v1/z"),
            ("/v1/a+b", "/v1/a%20b"),
        ] {
            assert_ne!(spelt(one), spelt(other));
        }
    }
}
