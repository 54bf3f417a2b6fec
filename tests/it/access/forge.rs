//! Makes good tokens, and bad ones in every way that a table names.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A private key of a client.
pub enum Signer {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// Keys of RSA take long to make, so each size is made once.
static RSA_2048: LazyLock<Vec<u8>> = LazyLock::new(|| rsa(KeySize::Rsa2048));

fn rsa(size: KeySize) -> Vec<u8> {
    let pair = RsaKeyPair::generate(size).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
    der.as_ref().to_vec()
}

pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        STANDARD.encode(der)
    )
}

impl Signer {
    pub fn es256() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub fn ps256() -> Self {
        Self::Rsa(RsaKeyPair::from_pkcs8(&RSA_2048).unwrap())
    }

    pub fn eddsa() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Ec(_) => "ES256",
            Self::Rsa(_) => "PS256",
            Self::Ed(_) => "EdDSA",
        }
    }

    pub fn public_der(&self) -> Vec<u8> {
        let der = |key: PublicKeyX509Der<'_>| key.as_ref().to_vec();
        match self {
            Self::Ec(pair) => der(pair.public_key().as_der().unwrap()),
            Self::Rsa(pair) => der(pair.public_key().as_der().unwrap()),
            Self::Ed(pair) => der(pair.public_key().as_der().unwrap()),
        }
    }

    pub fn public_pem(&self) -> String {
        pem("PUBLIC KEY", &self.public_der())
    }

    pub fn private_pem(&self) -> String {
        let der = match self {
            Self::Ec(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Self::Rsa(_) => RSA_2048.clone(),
        };
        pem("PRIVATE KEY", &der)
    }

    /// The public JWK; an RSA key is given as PEM instead.
    pub fn public_jwk(&self) -> Value {
        match self {
            Self::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "x": base64url(&point[1..33]), "y": base64url(&point[33..])})
            }
            Self::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref())})
            }
            Self::Rsa(_) => unreachable!("RSA keys are given as PEM"),
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ec(pair) => pair
                .sign(&SystemRandom::new(), message)
                .unwrap()
                .as_ref()
                .to_vec(),
            Self::Rsa(_) => self.sign_rsa(&RSA_PSS_SHA256, message),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// RS256, by the same key as PS256.
    pub fn sign_pkcs1(&self, message: &[u8]) -> Vec<u8> {
        self.sign_rsa(&RSA_PKCS1_SHA256, message)
    }

    fn sign_rsa(
        &self,
        encoding: &'static dyn aws_lc_rs::signature::RsaEncoding,
        message: &[u8],
    ) -> Vec<u8> {
        let Self::Rsa(pair) = self else {
            unreachable!("an RSA key is needed")
        };
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), message, &mut signature)
            .unwrap();
        signature
    }

    /// ES256 in the form of X.509, which JOSE does not use (RFC 7518, section 3.4).
    pub fn sign_der(&self, message: &[u8]) -> Vec<u8> {
        let Self::Ec(pair) = self else {
            unreachable!("an EC key is needed")
        };
        let pkcs8 = pair.to_pkcs8v1().unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).unwrap();
        pair.sign(&SystemRandom::new(), message)
            .unwrap()
            .as_ref()
            .to_vec()
    }
}

/// Header and claims in text, signed.
pub fn signed_text(header: &str, claims: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", base64url(header), base64url(claims));
    let signature = sign(message.as_bytes());
    format!("{message}.{}", base64url(signature))
}

pub fn signed(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    signed_text(&header.to_string(), &claims.to_string(), sign)
}

/// A jti that was never used.
pub fn fresh() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("jti-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Makes assertions of one client.
pub struct Forge<'a> {
    pub signer: &'a Signer,
    pub client: String,
    pub issuer: String,
    pub now: i64,
}

impl Forge<'_> {
    pub fn header(&self) -> Value {
        json!({"alg": self.signer.algorithm(), "typ": "JWT"})
    }

    pub fn claims(&self) -> Value {
        json!({
            "iss": self.client, "sub": self.client, "aud": self.issuer, "jti": fresh(),
            "iat": self.now, "exp": self.now + 60,
        })
    }

    pub fn good(&self) -> String {
        self.with(|_, _| ())
    }

    /// A good assertion, but for the change.
    pub fn with(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let (mut header, mut claims) = (self.header(), self.claims());
        change(&mut header, &mut claims);
        signed(&header, &claims, |message| self.signer.sign(message))
    }

    /// A good assertion with one claim changed; null takes it away.
    pub fn claim(&self, name: &str, value: Value) -> String {
        self.with(|_, claims| put(claims, name, value))
    }

    /// A good assertion with one more member in its header.
    pub fn head(&self, name: &str, value: Value) -> String {
        self.with(|header, _| put(header, name, value))
    }
}

/// Null takes the member away.
pub fn put(object: &mut Value, name: &str, value: Value) {
    if value.is_null() {
        object.as_object_mut().unwrap().remove(name);
    } else {
        object[name] = value;
    }
}
