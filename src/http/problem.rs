//! From a refusal to an answer: RFC 9457 `application/problem+json`. The only translator.
//!
//! A cause inside of us is logged and never told.

use super::Code;
use crate::store::{Failure, StoreError};
use actix_web::http::header::{
    CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, fmt};

/// The media type of every problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why there is no answer. Cheap to pass on.
pub struct Problem(Box<Inner>);

struct Inner {
    code: Code,
    detail: Option<Cow<'static, str>>,
    errors: Vec<Broken>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

/// One broken field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub place: Place,
    /// A stable word: `missing`, `unknown_field`, `not_a_uscc`…
    pub code: Cow<'static, str>,
    /// Chinese and English; never holds the offending value.
    pub detail: Cow<'static, str>,
}

/// Where in a request a field is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A JSON pointer into the body (RFC 6901).
    Pointer(String),
    /// The name of a query or path parameter.
    Parameter(String),
}

impl Broken {
    fn to_json(&self) -> Value {
        let (key, place) = match &self.place {
            Place::Pointer(pointer) => ("pointer", pointer),
            Place::Parameter(name) => ("parameter", name),
        };
        json!({key: place, "code": self.code, "detail": self.detail})
    }
}

impl Problem {
    pub fn new(code: Code) -> Self {
        let mut problem = Self(Box::new(Inner {
            code,
            detail: None,
            errors: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
            cause: None,
        }));
        match code {
            Code::Unauthenticated => {
                problem.put(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Code::Busy => problem.put(RETRY_AFTER, HeaderValue::from_static("1")),
            _ => {}
        }
        problem
    }

    /// Fields of the request that are wrong, all of them.
    pub fn broken(errors: Vec<Broken>) -> Self {
        let mut problem = Self::new(Code::BrokenFields);
        problem.0.errors = errors;
        problem
    }

    /// One broken parameter of the path or the query.
    pub fn parameter(name: &str, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::broken(vec![Broken {
            place: Place::Parameter(name.to_owned()),
            code: code.into(),
            detail: detail.into(),
        }])
    }

    /// Something of ours is broken. The cause is logged with the request's id and never told.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(Code::Internal).caused_by(cause)
    }

    /// What is particular to this occurrence, in Chinese and English; must hold nothing that the caller may not know.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// An extension member, such as the id of the query.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// For the log only.
    #[must_use]
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// A header of the answer; replaces the one that the code brings along.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.put(name, value);
        self
    }

    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    pub const fn code(&self) -> Code {
        self.0.code
    }

    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The answer, naming the request (`urn:uuid:…`) where it is known.
    pub fn answer(&self, instance: Option<&str>) -> HttpResponse {
        let line = self.0.code.line();
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("type", format!("/docs/problems#{}", line.code).into());
        put("title", both(line.title_zh, line.title_en).into());
        put("status", line.status.as_u16().into());
        put("code", line.code.into());
        let cure = || Cow::Owned(both(line.cure_zh, line.cure_en));
        let detail = self.0.detail.clone().unwrap_or_else(cure);
        put("detail", detail.into());
        if let Some(instance) = instance {
            put("instance", instance.into());
        }
        if !self.0.errors.is_empty() {
            put(
                "errors",
                self.0.errors.iter().map(Broken::to_json).collect(),
            );
        }
        body.extend(self.0.members.clone());
        let mut answer = HttpResponse::build(line.status);
        for header in &self.0.headers {
            answer.insert_header(header.clone());
        }
        if matches!(self.0.code, Code::Timeout | Code::PayloadTooLarge) {
            // What is left of the body is not worth reading.
            answer.force_close();
        }
        answer
            .insert_header((CONTENT_TYPE, PROBLEM_JSON))
            .body(Value::Object(body).to_string())
    }

    fn put(&mut self, name: HeaderName, value: HeaderValue) {
        self.0.headers.retain(|(known, _)| *known != name);
        self.0.headers.push((name, value));
    }
}

fn both(zh: &str, en: &str) -> String {
    format!("{zh} · {en}")
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.line().code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.line().status
    }

    /// The shell around all doors makes the answer again, with the request's id.
    fn error_response(&self) -> HttpResponse {
        self.answer(None)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let code = if error.is_temporary() {
            Code::Busy
        } else {
            Code::Internal
        };
        Self::new(code).caused_by(error)
    }
}

impl<R: Into<Self>> From<Failure<R>> for Problem {
    fn from(failure: Failure<R>) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Store(error) => error.into(),
        }
    }
}

impl From<std::convert::Infallible> for Problem {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_will_come_back_is_told_apart_from_a_broken_one() {
        let busy = Problem::from(StoreError::Full).error_response();
        assert_eq!(busy.status(), 503);
        assert!(busy.headers().contains_key(RETRY_AFTER));
        let broken = Problem::from(StoreError::Broken(crate::store::error::Cause::NotFound))
            .error_response();
        assert_eq!(broken.status(), 500);
    }
}
