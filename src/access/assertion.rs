//! The client assertion (RFC 7523, section 3, and FAPI 2.0 Security Profile, section 5.3.2.1): who it is from, for
//! whom, since when, until when, and that it was not used before.

use super::json::{Object, Wrong};
use super::jws::{Jws, Malformed};
use super::{Algorithm, Client, LEEWAY_SECONDS, PublicKey};
use crate::kernel::{Digest, Id, Instant};

/// How long an assertion may live, in seconds.
pub const LONGEST_LIFE: i64 = 60;

/// Why an assertion is refused. The texts go into `error_description`, so they are ASCII (RFC 6749, section 5.2), and
/// until the signature holds they tell nothing that the sender did not send.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AssertionRefusal {
    #[error("the assertion is not a signed JWT in compact form with unrepeated members")]
    Malformed,
    #[error("alg must be ES256, PS256 or EdDSA")]
    Algorithm,
    #[error("typ must be JWT or client-authentication+jwt, or be left out")]
    Type,
    #[error("crit and b64 are not supported")]
    Critical,
    #[error("iss and sub must both be the client id")]
    Identity,
    #[error("client_id is not the client of the assertion")]
    OtherClient,
    /// Unknown client, disabled client, other algorithm, other key: one text for all.
    #[error("the client is not known or its signature does not hold")]
    NotTheClient,
    #[error("kid does not name the key of the client; leave it out or use its RFC 7638 thumbprint")]
    KeyName,
    #[error("aud must be the issuer as one string")]
    Audience,
    #[error("exp, iat and nbf must be integers; exp is required")]
    NotATime,
    #[error("the assertion has expired")]
    Expired,
    #[error("iat or nbf lies more than 10 seconds ahead")]
    Ahead,
    #[error("the assertion must live for 1 to 60 seconds")]
    Life,
    #[error("jti must be a text of 1 to 128 characters")]
    Jti,
    #[error("the assertion was used before")]
    Replayed,
}

impl From<Malformed> for AssertionRefusal {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// An assertion that names its client, not yet checked.
pub struct Assertion<'a> {
    jws: Jws<'a>,
    client: Id<Client>,
}

/// What is left of a checked assertion: the single use to be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SingleUse {
    pub client: Id<Client>,
    pub jti: Digest,
    pub expires_at: Instant,
}

impl<'a> Assertion<'a> {
    /// Reads the client's name and refuses what no key could save.
    pub fn parse(text: &'a str) -> Result<Self, AssertionRefusal> {
        let jws = Jws::parse(text)?;
        let algorithm = jws.header.text("alg").unwrap_or_default();
        if !Algorithm::ALL
            .iter()
            .any(|known| algorithm == Some(known.as_str()))
        {
            return Err(AssertionRefusal::Algorithm);
        }
        if jws.header.has("crit") || jws.header.has("b64") {
            return Err(AssertionRefusal::Critical);
        }
        check_type(&jws.header)?;
        let identity = |_: Wrong| AssertionRefusal::Identity;
        let issuer = jws.claims.need_text("iss").map_err(identity)?;
        let subject = jws.claims.need_text("sub").map_err(identity)?;
        if issuer != subject {
            return Err(AssertionRefusal::Identity);
        }
        // A text that is no client id is no client.
        let client = issuer.parse().map_err(|_| AssertionRefusal::NotTheClient)?;
        Ok(Self { jws, client })
    }

    /// The client that it claims to be from.
    pub const fn client(&self) -> Id<Client> {
        self.client
    }

    /// Checks the signature first, then what was signed.
    pub fn check(
        &self,
        key: &PublicKey,
        issuer: &str,
        now: Instant,
    ) -> Result<SingleUse, AssertionRefusal> {
        if !self.jws.is_signed_by(key) {
            return Err(AssertionRefusal::NotTheClient);
        }
        match self.jws.header.text("kid") {
            Ok(None) => {}
            Ok(Some(kid)) if key.is_named(kid) => {}
            _ => return Err(AssertionRefusal::KeyName),
        }
        if self.jws.claims.need_text("aud") != Ok(issuer) {
            return Err(AssertionRefusal::Audience);
        }
        let expires_at = check_times(&self.jws.claims, now)?;
        let jti = self
            .jws
            .claims
            .need_text("jti")
            .map_err(|_| AssertionRefusal::Jti)?;
        if !(1..=128).contains(&jti.chars().count()) {
            return Err(AssertionRefusal::Jti);
        }
        Ok(SingleUse {
            client: self.client,
            jti: Digest::of(jti.as_bytes()),
            expires_at,
        })
    }
}

/// A type that names another use is refused, so that an access token is no assertion (RFC 8725, section 3.11).
fn check_type(header: &Object) -> Result<(), AssertionRefusal> {
    match header.text("typ") {
        Ok(None) => Ok(()),
        Ok(Some(typ)) if typ.eq_ignore_ascii_case("JWT") => Ok(()),
        Ok(Some(typ)) if typ.eq_ignore_ascii_case("client-authentication+jwt") => Ok(()),
        _ => Err(AssertionRefusal::Type),
    }
}

/// `exp` is required; the life is measured from `iat`, else `nbf`, else now.
fn check_times(claims: &Object, now: Instant) -> Result<Instant, AssertionRefusal> {
    let not_a_time = |_: Wrong| AssertionRefusal::NotATime;
    let expires = claims.need_integer("exp").map_err(not_a_time)?;
    let issued = claims.integer("iat").map_err(not_a_time)?;
    let not_before = claims.integer("nbf").map_err(not_a_time)?;
    if Instant::from_seconds(expires) <= now {
        return Err(AssertionRefusal::Expired);
    }
    let latest = now.plus_seconds(LEEWAY_SECONDS);
    let is_ahead = |seconds: i64| Instant::from_seconds(seconds) > latest;
    if issued.is_some_and(is_ahead) || not_before.is_some_and(is_ahead) {
        return Err(AssertionRefusal::Ahead);
    }
    let begin = issued.or(not_before).unwrap_or(now.seconds());
    let life = expires.saturating_sub(begin);
    if !(1..=LONGEST_LIFE).contains(&life) {
        return Err(AssertionRefusal::Life);
    }
    Ok(Instant::from_seconds(expires))
}
