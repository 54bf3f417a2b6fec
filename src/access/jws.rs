//! A signed token in compact form (RFC 7515, section 3.1), taken apart but not yet believed.
//!
//! `jsonwebtoken::decode` asks the system's clock and its own leniency about claims; here only its signature check is
//! used, with a key and an algorithm that the token has no say in (RFC 8725, section 3.1).

use super::json::Object;
use super::public_key::PublicKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Longer tokens are not looked at: the longest honest one has an RSA signature of 1,366 characters.
pub const LONGEST: usize = 8 * 1024;

/// The three parts of a token. Nothing in it is true before [`Jws::is_signed_by`] says so.
pub struct Jws<'a> {
    pub header: Object,
    pub claims: Object,
    signed: &'a str,
    signature: &'a str,
}

/// The text is not three base64url parts of which two are JSON objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl<'a> Jws<'a> {
    pub fn parse(token: &'a str) -> Result<Self, Malformed> {
        if token.len() > LONGEST {
            return Err(Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Malformed)?;
        // The strict alphabet refuses blanks, padding and further dots.
        Ok(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature,
        })
    }

    /// Whether the signature is this key's, by this key's algorithm. The header's own keys (`jwk`, `jku`, `x5c`,
    /// `x5u`) are never looked at, and extensions that must be understood (`crit`, `b64`) are not.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.header.text("alg") == Ok(Some(key.algorithm().as_str()))
            && !self.header.has("crit")
            && !self.header.has("b64")
            && key.verifies(self.signed, self.signature)
    }
}

fn object(part: &str) -> Result<Object, Malformed> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Malformed)?;
    Object::parse(&bytes).ok_or(Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_strict_parts_are_taken() {
        let part = URL_SAFE_NO_PAD.encode("{}");
        assert!(Jws::parse(&format!("{part}.{part}.AAAA")).is_ok());
        for token in [
            String::new(),
            part.clone(),
            format!("{part}.{part}"),
            format!("{part}.{part}.AA.AA"),
            format!(" {part}.{part}.AA"),
            format!("{part}.{part}\n.AA"),
            format!("{part}=.{part}.AA"),
            format!("{part}..AA"),
            format!("{part}.{}.AA", URL_SAFE_NO_PAD.encode("[]")),
            format!("{part}.{}.AA", "A".repeat(LONGEST)),
        ] {
            assert!(Jws::parse(&token).is_err(), "{token}");
        }
    }
}
