//! What a client sends to the token endpoint, and how the endpoint refuses (RFC 6749, sections 4.4.2 and 5.2).

use super::{Code, Form, Problem};
use crate::access::{AssertionRefusal, SCOPE};
use crate::flows::issue_token::NoToken;
use crate::store::{Failure, StoreError};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    AUTHORIZATION, CACHE_CONTROL, HeaderValue, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

/// The only kind of assertion (RFC 7523, section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The parameters of a token request, read from the form.
#[derive(Debug, Default)]
pub struct TokenRequest {
    pub assertion: String,
    pub client_id: Option<String>,
}

/// A refusal of the token endpoint (RFC 6749, section 5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenError {
    #[schema(example = "invalid_client")]
    pub error: &'static str,
    /// ASCII, for the client's developer.
    pub error_description: Cow<'static, str>,
    #[serde(skip)]
    #[schema(ignore)]
    pub status: StatusCode,
}

impl TokenError {
    pub fn new(
        status: StatusCode,
        error: &'static str,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            error,
            error_description: description.into(),
            status,
        }
    }

    fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub fn answer(&self) -> HttpResponse {
        let mut answer = not_stored(self.status);
        match self.status {
            // RFC 9110, section 15.5.2, wants a challenge with every 401; there is no scheme for assertions.
            StatusCode::UNAUTHORIZED => {
                answer.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"oauth\""));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                answer.insert_header((RETRY_AFTER, "1"));
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE => {
                answer.force_close();
            }
            _ => {}
        }
        answer.json(self)
    }
}

/// Tokens and what is said about them are kept by nobody on the way (RFC 6749, section 5.1).
pub fn not_stored(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((PRAGMA, HeaderValue::from_static("no-cache")));
    answer
}

impl From<AssertionRefusal> for TokenError {
    fn from(refusal: AssertionRefusal) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            refusal.to_string(),
        )
    }
}

/// What is broken on our side is logged and not told.
impl From<Failure<NoToken>> for TokenError {
    fn from(failure: Failure<NoToken>) -> Self {
        match failure {
            Failure::Refused(NoToken::Refused(refusal)) => refusal.into(),
            Failure::Refused(NoToken::Keys(error)) => {
                tracing::error!(%error, "no access token can be signed");
                Self::broken()
            }
            Failure::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "no access token was issued");
        if error.is_temporary() {
            Self::busy()
        } else {
            Self::broken()
        }
    }
}

impl From<Problem> for TokenError {
    fn from(problem: Problem) -> Self {
        let code = problem.code();
        let invalid = |text: &'static str| Self::new(code.line().status, "invalid_request", text);
        match code {
            Code::Busy => Self::busy(),
            Code::Timeout => invalid("the body came too slowly"),
            Code::PayloadTooLarge => invalid("the body is too large"),
            // Section 5.2 wants 400 wherever it names no other status.
            Code::UnsupportedMediaType => {
                Self::invalid_request("the content type must be application/x-www-form-urlencoded")
            }
            Code::Internal => {
                tracing::error!(cause = problem.cause(), "no access token was issued");
                Self::broken()
            }
            _ => Self::invalid_request("the body is not a form"),
        }
    }
}

/// Section 5.2 has no word for these; those of section 4.1.2.1 are what clients know.
impl TokenError {
    fn busy() -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "temporarily_unavailable", "try again later")
    }

    fn broken() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "server_error", "the operators have been told")
    }
}

impl TokenRequest {
    /// Reads the form. Parameters in the URL, a second way to authenticate, repeated and unknown parameters are
    /// refused: of two readings of one request, one would be wrong.
    pub fn read(request: &HttpRequest, form: Result<Form, Problem>) -> Result<Self, TokenError> {
        let invalid = |text: &'static str| Err(TokenError::invalid_request(text));
        if !request.query_string().is_empty() {
            return invalid("parameters belong in the body, not in the URL");
        }
        if request.headers().contains_key(AUTHORIZATION) {
            return invalid(
                "authenticate with client_assertion only, not with an Authorization header",
            );
        }
        Self::parse(form?.0)
    }

    fn parse(pairs: Vec<(String, String)>) -> Result<Self, TokenError> {
        let mut given: [Option<String>; NAMES.len()] = Default::default();
        for (name, value) in pairs {
            let place = NAMES.iter().position(|known| *known == name);
            let Some(slot) = place.and_then(|place| given.get_mut(place)) else {
                let text = "only grant_type, client_assertion_type, client_assertion, scope and client_id are known";
                return Err(TokenError::invalid_request(text));
            };
            if slot.replace(value).is_some() {
                return Err(TokenError::invalid_request("a parameter comes twice"));
            }
        }
        // A parameter without a value counts as left out (RFC 6749, section 3.2).
        let [grant, kind, assertion, scope, client_id] =
            given.map(|value| value.filter(|value| !value.is_empty()));
        let bad =
            |error, text: &'static str| Err(TokenError::new(StatusCode::BAD_REQUEST, error, text));
        match grant.as_deref() {
            Some("client_credentials") => {}
            Some(_) => {
                return bad(
                    "unsupported_grant_type",
                    "only client_credentials is supported",
                );
            }
            None => return bad("invalid_request", "grant_type is missing"),
        }
        if kind.as_deref() != Some(ASSERTION_TYPE) {
            let text = "client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            return Err(TokenError::new(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                text,
            ));
        }
        let Some(assertion) = assertion else {
            let text = "client_assertion is missing";
            return Err(TokenError::new(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                text,
            ));
        };
        if scope.is_some_and(|scope| scope != SCOPE) {
            return bad("invalid_scope", "the only scope is scores");
        }
        Ok(Self {
            assertion,
            client_id,
        })
    }
}

/// In the order in which [`TokenRequest::parse`] takes them apart.
const NAMES: [&str; 5] = [
    "grant_type",
    "client_assertion_type",
    "client_assertion",
    "scope",
    "client_id",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(form: &str) -> &'static str {
        let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(form).unwrap();
        match TokenRequest::parse(pairs.into_inner()) {
            Ok(_) => "taken",
            Err(error) => error.error,
        }
    }

    #[test]
    fn each_broken_form_has_its_error() {
        let kind = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let good = format!("grant_type=client_credentials&{kind}&client_assertion=a.b.c");
        let table = [
            (good.clone(), "taken"),
            (format!("{good}&scope=scores&client_id=cli_1"), "taken"),
            (format!("{good}&scope=&client_id="), "taken"),
            (format!("{good}&scope=admin"), "invalid_scope"),
            (format!("{good}&scope=scores+admin"), "invalid_scope"),
            (format!("{good}&client_secret=x"), "invalid_request"),
            (
                format!("{good}&grant_type=client_credentials"),
                "invalid_request",
            ),
            (format!("{good}&scope=&scope=scores"), "invalid_request"),
            (
                format!("grant_type=password&{kind}&client_assertion=a"),
                "unsupported_grant_type",
            ),
            (format!("{kind}&client_assertion=a.b.c"), "invalid_request"),
            (
                format!("grant_type=client_credentials&{kind}"),
                "invalid_client",
            ),
            (
                "grant_type=client_credentials&client_assertion=a.b.c".to_owned(),
                "invalid_client",
            ),
            (String::new(), "invalid_request"),
        ];
        for (form, expected) in table {
            assert_eq!(outcome(&form), expected, "{form}");
        }
    }
}
