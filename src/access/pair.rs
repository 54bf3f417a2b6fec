//! A client's key pair, made for a demonstration: the private half goes to the client as a file and is kept nowhere.

use super::assertion::LONGEST_LIFE;
use super::public_key::{Material, PublicKey};
use super::{Client, SealingError};
use crate::kernel::{Id, Instant, Randomness};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use std::fmt;

/// An ES256 key pair of a client.
pub struct ClientPair {
    pub public: PublicKey,
    pkcs8: EncodingKey,
}

impl ClientPair {
    pub fn generate() -> Result<Self, SealingError> {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let broken = |_| SealingError::Broken;
        let pair = EcdsaKeyPair::generate(algorithm).map_err(broken)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(broken)?;
        let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
        let (x, y) = point.split_at_checked(32).ok_or(SealingError::Broken)?;
        let material = Material::P256 {
            x: x.to_vec(),
            y: y.to_vec(),
        };
        Ok(Self {
            public: PublicKey::new(material, None).map_err(|_| SealingError::Broken)?,
            pkcs8: EncodingKey::from_ec_der(pkcs8.as_ref()),
        })
    }

    /// The private half as a PKCS#8 PEM file (RFC 5958), for openssl and every JWT library.
    pub fn private_pem(&self) -> String {
        let text = STANDARD.encode(self.pkcs8.as_bytes());
        let lines: Vec<&str> = (0..text.len())
            .step_by(64)
            .filter_map(|from| text.get(from..text.len().min(from + 64)))
            .collect();
        format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            lines.join("\n")
        )
    }

    /// An assertion such as a bank's own library would make. None where the key cannot sign.
    pub fn assertion(
        &self,
        client: Id<Client>,
        issuer: &str,
        now: Instant,
        randomness: &dyn Randomness,
    ) -> Option<String> {
        let mut jti = [0; 16];
        randomness.fill(&mut jti);
        let id = client.to_string();
        let header = serde_json::json!({ "alg": "ES256", "typ": "JWT" });
        let claims = serde_json::json!({
            "iss": id, "sub": id, "aud": issuer, "jti": URL_SAFE_NO_PAD.encode(jti),
            "iat": now.seconds(), "exp": now.seconds().saturating_add(LONGEST_LIFE),
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let algorithm = jsonwebtoken::Algorithm::ES256;
        let signature =
            jsonwebtoken::crypto::sign(signed.as_bytes(), &self.pkcs8, algorithm).ok()?;
        Some(format!("{signed}.{signature}"))
    }
}

impl fmt::Debug for ClientPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientPair({:?}, ***)", self.public)
    }
}
