//! Requests as extractors: a handler that takes `Body<T>` or `Params<T>` is only reached by one that holds.

use super::decode::{Part, decode, json};
use super::wire::BROKEN_TEXT;
use super::{Broken, Code, Place, Problem};
use crate::app::App;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut, Data, Query};
use actix_web::{FromRequest, HttpRequest};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::future::{Ready, ready};
use validator::Validate;

/// A JSON body, read within the limits and checked as a whole.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, &["application/json"], 0);
        Box::pin(async move {
            let value = json(&bytes.await?)?;
            decode(value, Part::Body).map(Body)
        })
    }
}

/// A body of `application/x-www-form-urlencoded`, as it came.
pub struct Form(pub Vec<(String, String)>);

impl FromRequest for Form {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, &["application/x-www-form-urlencoded"], 0);
        Box::pin(async move {
            let bytes = bytes.await?;
            let text = std::str::from_utf8(&bytes).map_err(|_| Problem::new(Code::BadRequest))?;
            pairs(text).map(Form)
        })
    }
}

/// The parameters of a query, each at most once and none unknown, checked as a whole.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Params<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parameters(request.query_string()).map(Params))
    }
}

fn parameters<T: DeserializeOwned + Validate>(query: &str) -> Result<T, Problem> {
    let mut object = Map::new();
    let mut errors = Vec::new();
    let mut tell = |name: &str, (code, detail): (&'static str, &'static str)| {
        errors.push(Broken {
            place: Place::Parameter(name.to_owned()),
            code: code.into(),
            detail: detail.into(),
        });
    };
    for (name, text) in pairs(query)? {
        // Bytes that are no UTF-8 come out as the replacement character.
        if text.contains(['\0', '\u{fffd}']) {
            tell(&name, BROKEN_TEXT);
        }
        if object.contains_key(&name) {
            tell(&name, ("repeated", "只能出现一次 · may be given only once"));
        }
        object.insert(name, Value::String(text));
    }
    if errors.is_empty() {
        decode(Value::Object(object), Part::Query)
    } else {
        Err(Problem::broken(errors))
    }
}

fn pairs(text: &str) -> Result<Vec<(String, String)>, Problem> {
    Query::<Vec<(String, String)>>::from_query(text)
        .map(Query::into_inner)
        .map_err(|_| Problem::new(Code::BadRequest))
}

/// Reads the body within the limits of size and time; `bytes` are let pass in any case.
pub fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    media_types: &[&str],
    bytes: usize,
) -> impl Future<Output = Result<Bytes, Problem>> + 'static {
    let fits = check_head(request, media_types);
    let limits = request
        .app_data::<Data<App>>()
        .map(|app| app.settings.limits.clone());
    let mut payload = payload.take();
    async move {
        let declared = fits?;
        let limits = limits.ok_or_else(|| Problem::internal("no App is handed to the doors"))?;
        let most = limits.body_bytes.max(bytes);
        if declared > most {
            return Err(Problem::new(Code::PayloadTooLarge));
        }
        let collect = async {
            let mut bytes = BytesMut::with_capacity(declared.min(most));
            while let Some(chunk) = payload.next().await {
                let chunk = chunk.map_err(|_| Problem::new(Code::BadRequest))?;
                if bytes.len() + chunk.len() > most {
                    return Err(Problem::new(Code::PayloadTooLarge));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes.freeze())
        };
        match tokio::time::timeout(limits.body, collect).await {
            Ok(read) => read,
            Err(_) => Err(Problem::new(Code::Timeout)),
        }
    }
}

/// The length that the head declares, once its type is one that we take.
fn check_head(request: &HttpRequest, media_types: &[&str]) -> Result<usize, Problem> {
    let header = |name| request.headers().get(name);
    let declared = header(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = declared.unwrap_or_default().split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let known = media_types
        .iter()
        .any(|known| known.eq_ignore_ascii_case(media_type));
    let utf8 = parts.all(|part| {
        let charset = part.to_ascii_lowercase();
        !charset.starts_with("charset=") || charset.trim_matches('"').ends_with("utf-8")
    });
    if !known || !utf8 {
        return Err(Problem::new(Code::UnsupportedMediaType));
    }
    Ok(header(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok())
        .unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::super::{Field, List, Optional, Words};
    use super::*;
    use crate::kernel::{Day, Uscc};

    #[derive(serde::Deserialize, Validate, Debug)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        #[validate(nested)]
        usccs: List<Uscc, 1, 3>,
        #[validate(nested)]
        since: Optional<Day>,
        #[validate(nested)]
        by: Field<Words<1, 5>>,
        #[validate(nested)]
        inner: Option<Inner>,
    }

    #[derive(serde::Deserialize, Validate, Debug)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[validate(nested)]
        on: Field<Day>,
    }

    fn told<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> Vec<String> {
        let answer = outcome.unwrap_err().answer(None);
        let body = actix_web::body::MessageBody::try_into_bytes(answer.into_body());
        let body: Value = serde_json::from_slice(&body.unwrap()).unwrap();
        let tell = |error: &Value| {
            let place = error.get("pointer").or(error.get("parameter")).unwrap();
            format!(
                "{} {}",
                place.as_str().unwrap(),
                error["code"].as_str().unwrap()
            )
        };
        body["errors"]
            .as_array()
            .map(|errors| errors.iter().map(tell).collect())
            .unwrap_or_default()
    }

    fn body(text: &str) -> Result<Asked, Problem> {
        decode(json(text.as_bytes())?, Part::Body)
    }

    #[test]
    fn everything_wrong_with_a_body_is_told_at_once() {
        let text = r#"{"usccs": ["nonsense", 7, "91330921MA2A0H1P0X"], "since": "2025-02-30", "by": "a\u0000",
            "more": 1, "inner": {"on": true, "x/y": 2}}"#;
        let expected = [
            "/by broken_text",
            "/inner/on wrong_type",
            "/inner/x~1y unknown_field",
            "/more unknown_field",
            "/since no_such_date",
            "/usccs/0 not_a_uscc",
            "/usccs/1 wrong_type",
            "/usccs/2 check_character",
        ];
        assert_eq!(told(body(text)), expected);
        assert_eq!(
            told(body(r#"{"usccs": [], "by": null}"#)),
            ["/by missing", "/usccs wrong_length"]
        );
        assert_eq!(told(body("[]")), [" wrong_type"]);
        assert_eq!(told(body("{}")), ["/by missing", "/usccs missing"]);
    }

    #[test]
    fn what_is_not_json_of_ours_is_refused_as_a_whole() {
        let deep = "[".repeat(100_000);
        for text in [
            "",
            "{",
            "{\"by\": 1.5}",
            "{\"by\": 1, \"by\": 2}",
            &deep,
            "1e400",
        ] {
            let problem = body(text).unwrap_err();
            assert_eq!(
                problem.code(),
                Code::BadRequest,
                "{}",
                &text[..text.len().min(20)]
            );
        }
    }

    #[derive(serde::Deserialize, Validate, Debug)]
    #[serde(deny_unknown_fields)]
    struct Page {
        #[validate(nested)]
        on: Field<Day>,
        #[validate(nested)]
        by: Optional<Words<1, 5>>,
    }

    #[test]
    fn parameters_are_told_by_name() {
        let page = |query| parameters::<Page>(query);
        assert_eq!(
            told(page("on=1&x=1&by=123456")),
            ["by wrong_length", "on no_such_date", "x unknown_field"]
        );
        assert_eq!(told(page("on=2025-01-01&on=2025-01-01")), ["on repeated"]);
        assert_eq!(told(page("on=2025-01-01&by=%ff")), ["by broken_text"]);
        let page = page("on=2025-01-01&by=%E7%94%B2").unwrap();
        assert_eq!(page.by.value().unwrap().as_str(), "甲");
    }
}
