//! Who is asking. The permission is the extractor: a handler that takes [`Bank`] cannot be reached by anyone else.

use super::{Code, Problem, Words, blocking};
use crate::access::{Caller, Client, TokenRefusal, records};
use crate::app::App;
use crate::kernel::text::normalised;
use crate::kernel::{Actor, Id};
use crate::store::Failure;
use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{FromRequest, HttpRequest, web};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The holder of a verified access token. Whether its client was disabled since is NOT yet checked: an act of the
/// committer asks that in its batch ([`records::live_clients`]); everybody else takes [`Bank`].
#[derive(Clone, Debug)]
pub struct PresentedToken(pub Caller);

/// A bank's client with a verified token, not disabled at this moment.
#[derive(Clone, Debug)]
pub struct Bank {
    pub client: Id<Client>,
    pub id: Arc<str>,
}

/// A bank's own id of a person who acts for it.
pub type Person = Words<1, 32>;

impl Bank {
    /// The person as deeds are recorded: `BANK/PERSON`.
    ///
    /// # Errors
    /// 400 where the name grows too long when it is normalised.
    pub fn actor(&self, person: &Person) -> Result<Actor, Problem> {
        let person = normalised(person.as_str());
        format!("{}/{person}", self.id)
            .parse()
            .map_err(|_| Problem::new(Code::BrokenFields))
    }
}

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl FromRequest for PresentedToken {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { presented(&request).await.map(Self) })
    }
}

impl FromRequest for Bank {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = presented(&request).await?;
            let id = caller.client;
            let bank = blocking(app(&request)?, move |app| {
                app.store
                    .read(|conn| Ok::<_, Failure<TokenRefusal>>(records::bank_of_live(conn, id)?))
            });
            match bank.await? {
                Some(bank) if *bank == *caller.bank => Ok(Self {
                    client: id,
                    id: caller.bank,
                }),
                _ => Err(TokenRefusal.into()),
            }
        })
    }
}

fn app(request: &HttpRequest) -> Result<&web::Data<App>, Problem> {
    request
        .app_data::<web::Data<App>>()
        .ok_or_else(|| Problem::internal("the door was opened without its App"))
}

async fn presented(request: &HttpRequest) -> Result<Caller, Problem> {
    let token = bearer(request)?;
    let app = app(request)?;
    if let Some(caller) = app.keys.remembered(token, app.clock.now()) {
        return Ok(caller);
    }
    let token = token.to_owned();
    blocking(app, move |app| {
        app.keys.verify(&app.store, &token, app.clock.now())
    })
    .await
}

/// The token of the one `Authorization` header. Never that of the query or of a form, which end up in logs (RFC 6750,
/// sections 2.2 and 2.3, and RFC 9700, section 4.3.2). The scheme's case does not matter (RFC 9110, section 11.1).
fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let (Some(header), None) = (headers.next(), headers.next()) else {
        return Err(Problem::new(Code::Unauthenticated));
    };
    let text = header.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Ok(token.trim_start_matches(' '))
        }
        _ => Err(Problem::new(Code::Unauthenticated)),
    }
}

/// RFC 6750, section 3.1: a token was given and it is not good.
impl From<TokenRefusal> for Problem {
    fn from(refusal: TokenRefusal) -> Self {
        Self::new(Code::Unauthenticated)
            .detail(refusal.to_string())
            .header(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer error=\"invalid_token\""),
            )
    }
}
