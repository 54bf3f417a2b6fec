//! The public key that a client is registered with. The key fixes the algorithm: a token has no say in it.

use super::der;
use super::json::Object;
use crate::kernel::Digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use std::fmt;

/// Signature algorithms that a client may use (FAPI 2.0 Security Profile, section 5.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Es256,
    Ps256,
    EdDsa,
}

impl Algorithm {
    pub const ALL: [Self; 3] = [Self::Es256, Self::Ps256, Self::EdDsa];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    const fn of_library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Ps256 => jsonwebtoken::Algorithm::PS256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

/// Why a file is not a key that we take.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotAKey {
    #[error(
        "不是公钥：需要一个JWK或PEM（BEGIN PUBLIC KEY） · not a public key: one JWK or one PEM block (BEGIN PUBLIC KEY) is needed"
    )]
    Unreadable,
    #[error(
        "这是私钥，请勿交出；用 openssl pkey -in KEY -pubout 取得公钥 · this is a private key, keep it to yourself; openssl pkey -in KEY -pubout gives the public one"
    )]
    Private,
    #[error(
        "PKCS#1格式的公钥；用 openssl rsa -RSAPublicKey_in -in KEY -pubout 转换 · a PKCS#1 key; openssl rsa -RSAPublicKey_in -in KEY -pubout converts it"
    )]
    Pkcs1,
    #[error(
        "这是证书；用 openssl x509 -in FILE -pubkey -noout 取得公钥 · this is a certificate; openssl x509 -in FILE -pubkey -noout gives its key"
    )]
    Certificate,
    #[error(
        "只接受P-256（ES256）、RSA（PS256）和Ed25519（EdDSA）密钥 · only keys of P-256 (ES256), RSA (PS256) and Ed25519 (EdDSA) are taken"
    )]
    Kind,
    #[error(
        "JWK的alg、use或key_ops与签名验证不符 · alg, use or key_ops of the JWK do not fit checking a signature of its kind"
    )]
    Purpose,
    #[error("RSA密钥须为2048至8192位 · an RSA key must have 2048 to 8192 bits")]
    Size,
    #[error(
        "RSA公钥指数须为65537以上的奇数 · the exponent of an RSA key must be odd and at least 65537"
    )]
    Exponent,
    #[error("密钥数值无效 · the numbers of the key are not valid")]
    Numbers,
}

/// The numbers of a key as read, not yet checked.
pub enum Material {
    P256 { x: Vec<u8>, y: Vec<u8> },
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ed25519 { x: Vec<u8> },
}

/// A checked public key.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    jwk: String,
    kid: Option<String>,
    thumbprint: String,
    decoding: DecodingKey,
}

/// Members that only a private or a symmetric key has (RFC 7518, section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

impl PublicKey {
    /// Reads a public JWK (RFC 7517) or a PEM file with one SubjectPublicKeyInfo.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.contains("PRIVATE KEY-----") {
            return Err(NotAKey::Private);
        }
        if text.starts_with('{') {
            from_jwk(text)
        } else {
            Self::new(der::from_pem(text)?, None)
        }
    }

    pub(super) fn new(material: Material, kid: Option<String>) -> Result<Self, NotAKey> {
        let (algorithm, members, decoding) = match material {
            Material::P256 { x, y } => p256(&x, &y)?,
            Material::Ed25519 { x } => ed25519(&x)?,
            Material::Rsa { n, e } => rsa(&n, &e)?,
        };
        // RFC 7638: the required members in lexicographic order, without blanks.
        let thumbprint =
            URL_SAFE_NO_PAD.encode(Digest::of(format!("{{{members}}}").as_bytes()).as_bytes());
        let kid_member = match &kid {
            Some(kid) => format!(",\"kid\":{}", serde_json::Value::from(kid.as_str())),
            None => String::new(),
        };
        let jwk = format!(
            "{{{members},\"alg\":\"{}\",\"use\":\"sig\"{kid_member}}}",
            algorithm.as_str()
        );
        Ok(Self {
            algorithm,
            jwk,
            kid,
            thumbprint,
            decoding,
        })
    }

    /// A key of our own: its name is its thumbprint, and the JWK says so.
    pub(super) fn named_by_thumbprint(material: Material) -> Result<Self, NotAKey> {
        let mut key = Self::new(material, None)?;
        let kid = format!(",\"kid\":\"{}\"}}", key.thumbprint);
        key.jwk.truncate(key.jwk.len() - 1);
        key.jwk.push_str(&kid);
        key.kid = Some(key.thumbprint.clone());
        Ok(key)
    }

    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The canonical public JWK, which is what the database keeps.
    pub fn jwk(&self) -> &str {
        &self.jwk
    }

    /// SHA-256 thumbprint (RFC 7638) in base64url.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Whether a `kid` names this key: by the name it was registered with, or by its thumbprint.
    pub fn is_named(&self, kid: &str) -> bool {
        self.kid.as_deref() == Some(kid) || self.thumbprint == kid
    }

    pub(super) fn verifies(&self, signed: &str, signature: &str) -> bool {
        let algorithm = self.algorithm.of_library();
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &self.decoding, algorithm)
            .unwrap_or(false)
    }
}

/// A public key is no secret, but its numbers are noise in a log.
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.algorithm.as_str(), self.thumbprint)
    }
}

fn from_jwk(text: &str) -> Result<PublicKey, NotAKey> {
    let jwk = Object::parse(text.as_bytes()).ok_or(NotAKey::Unreadable)?;
    if PRIVATE.iter().any(|name| jwk.has(name)) {
        return Err(NotAKey::Private);
    }
    let number = |name| {
        let text = jwk.need_text(name).map_err(|_| NotAKey::Numbers)?;
        URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAKey::Numbers)
    };
    let text = |name| jwk.text(name).map_err(|_| NotAKey::Purpose);
    let material = match (text("kty")?, text("crv")?) {
        (Some("EC"), Some("P-256")) => Material::P256 {
            x: number("x")?,
            y: number("y")?,
        },
        (Some("OKP"), Some("Ed25519")) => Material::Ed25519 { x: number("x")? },
        (Some("RSA"), None) => Material::Rsa {
            n: number("n")?,
            e: number("e")?,
        },
        (None, _) => return Err(NotAKey::Unreadable),
        _ => return Err(NotAKey::Kind),
    };
    let kid = text("kid")?.filter(|kid| (1..=128).contains(&kid.len()));
    let key = PublicKey::new(material, kid.map(str::to_owned))?;
    let verifies = match jwk.get("key_ops") {
        None => true,
        Some(serde_json::Value::Array(uses)) => {
            uses.iter().all(|it| it == "verify") && !uses.is_empty()
        }
        Some(_) => false,
    };
    let fits = text("alg")?.is_none_or(|alg| alg == key.algorithm.as_str())
        && text("use")?.is_none_or(|purpose| purpose == "sig");
    if fits && verifies {
        Ok(key)
    } else {
        Err(NotAKey::Purpose)
    }
}

type Checked = (Algorithm, String, DecodingKey);

fn p256(x: &[u8], y: &[u8]) -> Result<Checked, NotAKey> {
    if x.len() != 32 || y.len() != 32 {
        return Err(NotAKey::Numbers);
    }
    let mut point = vec![4];
    point.extend_from_slice(x);
    point.extend_from_slice(y);
    // Parsing checks that the point lies on the curve.
    let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
    aws_lc_rs::signature::ParsedPublicKey::new(algorithm, &point).map_err(|_| NotAKey::Numbers)?;
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let members = format!(r#""crv":"P-256","kty":"EC","x":"{x}","y":"{y}""#);
    Ok((Algorithm::Es256, members, DecodingKey::from_ec_der(&point)))
}

fn ed25519(x: &[u8]) -> Result<Checked, NotAKey> {
    if x.len() != 32 || is_of_small_order(x) {
        return Err(NotAKey::Numbers);
    }
    let algorithm = &aws_lc_rs::signature::ED25519;
    aws_lc_rs::signature::ParsedPublicKey::new(algorithm, x).map_err(|_| NotAKey::Numbers)?;
    let members = format!(
        r#""crv":"Ed25519","kty":"OKP","x":"{}""#,
        URL_SAFE_NO_PAD.encode(x)
    );
    Ok((Algorithm::EdDsa, members, DecodingKey::from_ed_der(x)))
}

/// With a key of small order anybody can sign: R the neutral element, s zero fits one message in eight or more. So we
/// try 128 messages; an honest key passes none.
fn is_of_small_order(x: &[u8]) -> bool {
    let mut signature = [0; 64];
    signature[0] = 1;
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, x);
    (0..128u8).any(|message| key.verify(&[message], &signature).is_ok())
}

fn rsa(n: &[u8], e: &[u8]) -> Result<Checked, NotAKey> {
    // DER needs a leading zero, and some libraries write one into a JWK (RFC 7518, section 6.3.1.1).
    let n = without_zeros(n);
    let e = without_zeros(e);
    let bits = n
        .first()
        .map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
    if !(2048..=8192).contains(&bits) {
        return Err(NotAKey::Size);
    }
    // 65537 has three bytes; more than four slow the check down and serve nobody.
    let value = e
        .iter()
        .fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    if e.len() > 4 || value < 65_537 || value % 2 == 0 {
        return Err(NotAKey::Exponent);
    }
    if n.last().is_none_or(|last| last % 2 == 0) {
        return Err(NotAKey::Numbers);
    }
    let (n_text, e_text) = (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e));
    let members = format!(r#""e":"{e_text}","kty":"RSA","n":"{n_text}""#);
    Ok((
        Algorithm::Ps256,
        members,
        DecodingKey::from_rsa_raw_components(n, e),
    ))
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}
