//! The keys with which access tokens are signed: ES256, named by their thumbprint.

use super::public_key::{Material, PublicKey};
use super::sealing::{SealingError, SealingKey};
use super::{LEEWAY_SECONDS, TOKEN_SECONDS};
use crate::kernel::{Instant, Randomness};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use jsonwebtoken::EncodingKey;
use std::fmt;

/// What a sealed private half is bound to, beside its kid.
const TABLE: &str = "signing_key";

/// A key pair whose private half never leaves the process unsealed.
pub struct SigningKey {
    public: PublicKey,
    pkcs8: EncodingKey,
}

impl SigningKey {
    /// A new key pair. Its randomness is the library's own: a private key is made of nothing that a test hands in.
    pub fn generate() -> Result<Self, SealingError> {
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .map_err(|_| SealingError::Broken)?;
        Self::from_pkcs8(pkcs8.as_ref())
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SealingError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map_err(|_| SealingError::Broken)?;
        let point = pair.public_key().as_ref();
        let (x, y) = point
            .get(1..)
            .and_then(|point| point.split_at_checked(32))
            .ok_or(SealingError::Broken)?;
        let material = Material::P256 {
            x: x.to_vec(),
            y: y.to_vec(),
        };
        Ok(Self {
            public: PublicKey::named_by_thumbprint(material).map_err(|_| SealingError::Broken)?,
            pkcs8: EncodingKey::from_ec_der(pkcs8),
        })
    }

    pub fn kid(&self) -> &str {
        self.public.thumbprint()
    }

    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The private half as the database may keep it.
    pub fn seal(
        &self,
        under: &SealingKey,
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealingError> {
        under.seal(TABLE, self.kid(), self.pkcs8.as_bytes(), randomness)
    }

    /// The key of this name out of the database.
    pub fn open(kid: &str, sealed: &[u8], under: &SealingKey) -> Result<Self, SealingError> {
        let key = Self::from_pkcs8(&under.open(TABLE, kid, sealed)?)?;
        if key.kid() == kid {
            Ok(key)
        } else {
            Err(SealingError::Broken)
        }
    }

    pub fn sign(&self, message: &[u8]) -> Option<String> {
        jsonwebtoken::crypto::sign(message, &self.pkcs8, jsonwebtoken::Algorithm::ES256).ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, ***)", self.kid())
    }
}

/// The public half of a signing key that is, or was lately, in use.
#[derive(Clone, Debug)]
pub struct PublishedKey {
    pub public: PublicKey,
    pub retired_at: Option<Instant>,
}

impl PublishedKey {
    /// A retired key is believed until the last token signed with it has expired.
    pub fn holds_at(&self, now: Instant) -> bool {
        self.until().is_none_or(|until| now < until)
    }

    /// The first moment at which it is not believed any more.
    pub fn until(&self) -> Option<Instant> {
        self.retired_at
            .map(|retired| retired.plus_seconds(TOKEN_SECONDS + LEEWAY_SECONDS))
    }
}
