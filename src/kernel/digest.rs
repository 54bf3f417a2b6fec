//! SHA-256, as 32 bytes and as 64 hexadecimal digits.

use std::fmt::{self, Write};

/// The SHA-256 digest of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        let mut context = DigestContext::new();
        context.add(bytes);
        context.finish()
    }

    /// The digest of what a file holds, read in pieces; each piece is shown on the way.
    pub fn of_file(path: &std::path::Path, mut show: impl FnMut(&[u8])) -> std::io::Result<Self> {
        let mut context = DigestContext::new();
        let mut file = std::fs::File::open(path)?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match std::io::Read::read(&mut file, &mut buffer)? {
                0 => return Ok(context.finish()),
                count => {
                    show(&buffer[..count]);
                    context.add(&buffer[..count]);
                }
            }
        }
    }

    /// None where the length is not 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A digest in the making, for what is too long to hold at once.
pub struct DigestContext(aws_lc_rs::digest::Context);

impl DigestContext {
    pub fn new() -> Self {
        Self(aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256))
    }

    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(self) -> Digest {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.finish().as_ref());
        Digest(bytes)
    }
}

impl Default for DigestContext {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            write!(text, "{byte:02x}")?;
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
