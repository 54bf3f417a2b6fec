//! The access token (RFC 9068): made and checked by us alone, so every claim is ours to the letter.

use super::json::Wrong;
use super::jws::{Jws, Malformed};
use super::{Client, LEEWAY_SECONDS, PublicKey, SCOPE, SigningKey, TOKEN_SECONDS};
use crate::kernel::{Id, Instant, Randomness};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use std::sync::Arc;

/// The type in the header (RFC 9068, section 2.1).
const TYPE: &str = "at+jwt";

/// Why a token is refused. One text for all: whoever holds a good token needs no other.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("访问令牌无效或已过期 · the access token is not valid or has expired")]
pub struct TokenRefusal;

impl From<Malformed> for TokenRefusal {
    fn from(_: Malformed) -> Self {
        Self
    }
}

impl From<Wrong> for TokenRefusal {
    fn from(_: Wrong) -> Self {
        Self
    }
}

/// Who holds a verified token. Whether the client was disabled since is asked of the database, at every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub client: Id<Client>,
    pub bank: Arc<str>,
    pub expires_at: Instant,
}

/// A new token for this client, good for so many seconds (at most [`TOKEN_SECONDS`]). None where the key cannot sign.
pub fn issue(
    key: &SigningKey,
    issuer: &str,
    client: &Client,
    (now, seconds): (Instant, i64),
    randomness: &dyn Randomness,
) -> Option<String> {
    let mut jti = [0; 16];
    randomness.fill(&mut jti);
    let client_id = client.id.to_string();
    let header = json!({ "alg": "ES256", "kid": key.kid(), "typ": TYPE });
    let claims = json!({
        "iss": issuer,
        "sub": client_id,
        "client_id": client_id,
        "bank_id": client.bank_id,
        "aud": issuer,
        "iat": now.seconds(),
        "exp": now.seconds().saturating_add(seconds.min(TOKEN_SECONDS)),
        "jti": URL_SAFE_NO_PAD.encode(jti),
        "scope": SCOPE,
    });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = key.sign(signed.as_bytes())?;
    Some(format!("{signed}.{signature}"))
}

/// A token whose header is in order, so that its key can be looked up.
pub struct Presented<'a>(Jws<'a>);

impl<'a> Presented<'a> {
    pub fn parse(token: &'a str) -> Result<Self, TokenRefusal> {
        let jws = Jws::parse(token)?;
        if jws.header.text("typ") != Ok(Some(TYPE)) || jws.header.text("alg") != Ok(Some("ES256")) {
            return Err(TokenRefusal);
        }
        jws.header.need_text("kid")?;
        Ok(Self(jws))
    }

    pub fn kid(&self) -> &str {
        self.0.header.need_text("kid").unwrap_or_default()
    }

    /// Checks the signature first, then every claim that we make.
    pub fn check(
        &self,
        key: &PublicKey,
        issuer: &str,
        now: Instant,
    ) -> Result<Caller, TokenRefusal> {
        if !self.0.is_signed_by(key) {
            return Err(TokenRefusal);
        }
        let claims = &self.0.claims;
        let expires = claims.need_integer("exp")?;
        let issued = claims.need_integer("iat")?;
        let begins = claims.integer("nbf")?.unwrap_or(issued).max(issued);
        let caller = Caller {
            client: claims
                .need_text("client_id")?
                .parse()
                .map_err(|_| TokenRefusal)?,
            bank: claims.need_text("bank_id")?.into(),
            expires_at: Instant::from_seconds(expires),
        };
        let life = expires.saturating_sub(issued);
        let holds = claims.need_text("iss")? == issuer
            && claims.need_text("aud")? == issuer
            && claims.need_text("sub")? == claims.need_text("client_id")?
            && claims
                .need_text("scope")?
                .split(' ')
                .any(|scope| scope == SCOPE)
            && !claims.need_text("jti")?.is_empty()
            && caller.expires_at > now
            && Instant::from_seconds(begins) <= now.plus_seconds(LEEWAY_SECONDS)
            && (1..=TOKEN_SECONDS).contains(&life);
        if holds { Ok(caller) } else { Err(TokenRefusal) }
    }
}
