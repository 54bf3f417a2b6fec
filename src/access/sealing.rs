//! Secrets at rest: AES-256-GCM under the sealing key, bound to the table and the row that they belong to, so that two
//! sealed values cannot be swapped.

use crate::kernel::Randomness;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::path::PathBuf;

/// The key under which the private halves of the signing keys are sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingKey([u8; 32]);

/// Why nothing can be sealed or opened.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealingError {
    #[error(
        "keys.secret 应为32字节的base64（openssl rand -base64 32） · keys.secret must be 32 bytes in base64 (openssl rand -base64 32)"
    )]
    NotASecret,
    #[error(
        "没有封存签名密钥的密钥：设置 keys.secret（环境变量 DAISHAN_KEYS__SECRET；openssl rand -base64 32 可生成，各实例相同）或 keys.file · there is no key to seal signing keys with: set keys.secret (environment DAISHAN_KEYS__SECRET; openssl rand -base64 32 makes one; the same for every instance) or keys.file"
    )]
    NoSecret,
    #[error(
        "无法读写密钥文件 {path}：{cause} · the key file {path} cannot be read or written: {cause}"
    )]
    File { path: PathBuf, cause: String },
    #[error(
        "密钥文件 {0} 他人可读；用 chmod 600 收回 · others may read the key file {0}; chmod 600 takes that away"
    )]
    Exposed(PathBuf),
    #[error(
        "签名密钥无法解封：密封它的 keys.secret 或 .key 文件不是现在这个；找回原来的，或运行 daishan key rotate · the signing key cannot be opened: it was sealed under another keys.secret or .key file; restore that one, or run daishan key rotate"
    )]
    OtherSecret,
    #[error(
        "签名密钥已损坏；运行 daishan key rotate · the signing key is broken; run daishan key rotate"
    )]
    Broken,
}

impl SealingKey {
    /// 32 bytes in base64.
    pub fn parse(text: &str) -> Result<Self, SealingError> {
        let bytes = STANDARD
            .decode(text.trim())
            .map_err(|_| SealingError::NotASecret)?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| SealingError::NotASecret)
    }

    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn generate(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 32];
        randomness.fill(&mut bytes);
        Self(bytes)
    }

    pub(super) fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    fn cipher(&self) -> Result<LessSafeKey, SealingError> {
        let key = UnboundKey::new(&AES_256_GCM, &self.0).map_err(|_| SealingError::Broken)?;
        Ok(LessSafeKey::new(key))
    }

    /// The nonce, then the sealed bytes. A nonce is random: a sealing key seals a handful of values in its life.
    pub fn seal(
        &self,
        table: &str,
        row: &str,
        secret: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealingError> {
        let mut nonce = [0; NONCE_LEN];
        randomness.fill(&mut nonce);
        let mut bytes = secret.to_vec();
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                bound_to(table, row),
                &mut bytes,
            )
            .map_err(|_| SealingError::Broken)?;
        Ok([&nonce[..], &bytes].concat())
    }

    pub fn open(&self, table: &str, row: &str, sealed: &[u8]) -> Result<Vec<u8>, SealingError> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(SealingError::Broken)?;
        let mut bytes = sealed.to_vec();
        let length = self
            .cipher()?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                bound_to(table, row),
                &mut bytes,
            )
            .map_err(|_| SealingError::OtherSecret)?
            .len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

fn bound_to(table: &str, row: &str) -> Aad<String> {
    Aad::from(format!("{table}|{row}"))
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::SystemRandomness;

    #[test]
    fn a_sealed_value_opens_under_its_key_in_its_row_only() {
        let key = SealingKey::generate(&SystemRandomness);
        let sealed = key.seal("t", "r", b"secret", &SystemRandomness).unwrap();
        assert_eq!(key.open("t", "r", &sealed).unwrap(), b"secret");
        assert_eq!(key.open("t", "s", &sealed), Err(SealingError::OtherSecret));
        assert_eq!(key.open("u", "r", &sealed), Err(SealingError::OtherSecret));
        let other = SealingKey::generate(&SystemRandomness);
        assert_eq!(
            other.open("t", "r", &sealed),
            Err(SealingError::OtherSecret)
        );
        let mut tampered = sealed.clone();
        tampered[NONCE_LEN] ^= 1;
        assert_eq!(
            key.open("t", "r", &tampered),
            Err(SealingError::OtherSecret)
        );
        assert_eq!(key.open("t", "r", &sealed[..5]), Err(SealingError::Broken));
    }

    #[test]
    fn the_secret_is_32_bytes_and_never_shown() {
        let key = SealingKey::generate(&SystemRandomness);
        assert_eq!(SealingKey::parse(&key.to_base64()), Ok(key.clone()));
        assert_eq!(SealingKey::parse("c2hvcnQ="), Err(SealingError::NotASecret));
        assert_eq!(SealingKey::parse("***"), Err(SealingError::NotASecret));
        assert_eq!(format!("{key:?}"), "SealingKey(***)");
    }
}
