//! Idempotency keys: what a client asks for under one key happens once, however often it asks.
//!
//! The row of the key, the effect and the answer are written in one transaction. A request that is refused has no
//! effect and leaves no key, so that it may be sent again.

mod in_flight;
pub mod records;

pub use in_flight::{Guard, InFlight};

use crate::access::Client;
use crate::kernel::digest::DigestContext;
use crate::kernel::{Digest, Id, Instant};

/// For how long a key is remembered: 7 days (security.md, section 4).
const KEPT_MICROS: i64 = 7 * 24 * 3_600 * 1_000_000;
/// A key has 1 to 255 characters.
const LONGEST: usize = 255;

/// A request under a key: by whom and where, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Of client, method, path and key.
    pub key: Digest,
    /// Of what the body says.
    pub request: Digest,
}

impl Asked {
    /// A key belongs to one client, one method and one path. `body` is canonical: the same for bodies that say the
    /// same.
    pub fn new(client: Id<Client>, method: &str, path: &str, key: &str, body: &str) -> Self {
        let mut context = DigestContext::new();
        context.add(client.as_bytes());
        for part in [method, path, key] {
            // Its length before each, so that no two lists read alike.
            context.add(&(part.len() as u64).to_be_bytes());
            context.add(part.as_bytes());
        }
        Self {
            key: context.finish(),
            request: Digest::of(body.as_bytes()),
        }
    }
}

/// Whether a text can be a key: 1 to 255 visible characters of ASCII.
pub fn is_key(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// Why a request under a key is not taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key was used for a request that said something else.
    OtherBody,
    /// The same request is being dealt with.
    InFlight,
}

/// Keys from before this are forgotten.
const fn forgotten_before(now: Instant) -> Instant {
    Instant::from_micros(now.micros().saturating_sub(KEPT_MICROS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_of_one_client_method_and_path() {
        let client = Id::from_bytes([1; 16]);
        let asked = |client, method, path, key| Asked::new(client, method, path, key, "{}").key;
        let one = asked(client, "POST", "/v1/claims", "k");
        assert_eq!(one, asked(client, "POST", "/v1/claims", "k"));
        for other in [
            asked(Id::from_bytes([2; 16]), "POST", "/v1/claims", "k"),
            asked(client, "PUT", "/v1/claims", "k"),
            asked(client, "POST", "/v1/claim", "sk"),
            asked(client, "POST", "/v1/claims", "K"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn keys_are_visible_and_not_too_long() {
        assert!(is_key("8a0b-_.~") && is_key(&"x".repeat(255)));
        for text in ["", " ", "a b", "键", "a\n", &"x".repeat(256)] {
            assert!(!is_key(text), "{text:?}");
        }
    }
}
