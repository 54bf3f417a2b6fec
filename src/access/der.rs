//! A public key out of a PEM file: SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) of the three kinds we take.

use super::public_key::{Material, NotAKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// All of a P-256 key but its uncompressed point (RFC 5480).
const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
/// All of an Ed25519 key but its 32 bytes (RFC 8410).
const ED25519: &[u8] = &[
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// The algorithm of an RSA key: rsaEncryption with NULL (RFC 3279, section 2.3.1).
const RSA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// Reads exactly one `PUBLIC KEY` block.
pub fn from_pem(text: &str) -> Result<Material, NotAKey> {
    let rest = text
        .trim()
        .strip_prefix("-----BEGIN ")
        .ok_or(NotAKey::Unreadable)?;
    let (label, rest) = rest.split_once("-----").ok_or(NotAKey::Unreadable)?;
    match label {
        "PUBLIC KEY" => {}
        "RSA PUBLIC KEY" => return Err(NotAKey::Pkcs1),
        "CERTIFICATE" => return Err(NotAKey::Certificate),
        _ => return Err(NotAKey::Unreadable),
    }
    let body = rest
        .strip_suffix("-----END PUBLIC KEY-----")
        .ok_or(NotAKey::Unreadable)?;
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(body).map_err(|_| NotAKey::Unreadable)?;
    from_spki(&der)
}

fn from_spki(der: &[u8]) -> Result<Material, NotAKey> {
    if let Some(point) = der.strip_prefix(P256) {
        let (x, y) = point.split_at_checked(32).ok_or(NotAKey::Unreadable)?;
        return Ok(Material::P256 {
            x: x.to_vec(),
            y: y.to_vec(),
        });
    }
    if let Some(x) = der.strip_prefix(ED25519) {
        return Ok(Material::Ed25519 { x: x.to_vec() });
    }
    rsa(der).ok_or(NotAKey::Kind)
}

fn rsa(der: &[u8]) -> Option<Material> {
    let mut outer = Reader(der);
    let mut key = Reader(outer.take(SEQUENCE)?);
    if !outer.0.is_empty() || key.take(SEQUENCE)? != RSA {
        return None;
    }
    let mut bits = Reader(key.take(BIT_STRING)?.strip_prefix(&[0])?);
    let mut numbers = Reader(bits.take(SEQUENCE)?);
    let n = numbers.take(INTEGER)?.to_vec();
    let e = numbers.take(INTEGER)?.to_vec();
    (key.0.is_empty() && bits.0.is_empty() && numbers.0.is_empty())
        .then_some(Material::Rsa { n, e })
}

/// Definite lengths of up to two bytes: enough for RSA of 8192 bits.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (length, rest) = match self.0 {
            [found, rest @ ..] if *found == tag => match rest {
                [length @ 0..=0x7f, rest @ ..] => (usize::from(*length), rest),
                [0x81, length @ 0x80..=0xff, rest @ ..] => (usize::from(*length), rest),
                [0x82, high @ 1..=0xff, low, rest @ ..] => {
                    (usize::from(*high) << 8 | usize::from(*low), rest)
                }
                _ => return None,
            },
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(value)
    }
}
