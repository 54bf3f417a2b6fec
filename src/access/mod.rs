//! Who may ask: a bank's client proves itself with a signed assertion and is given a short-lived access token.
//!
//! OAuth 2.0 client credentials (RFC 6749, section 4.4) with `private_key_jwt` (RFC 7523), as FAPI 2.0 profiles it;
//! access tokens after RFC 9068. Everything here but `records`, `keys` and `secret` is a pure function of its
//! arguments.

pub mod assertion;
mod der;
mod json;
pub mod jws;
pub mod keys;
pub mod pair;
pub mod public_key;
pub mod records;
pub mod sealing;
pub mod secret;
pub mod signing;
pub mod token;

pub use assertion::{Assertion, AssertionRefusal};
pub use keys::Keys;
pub use pair::ClientPair;
pub use public_key::{Algorithm, NotAKey, PublicKey};
pub use sealing::{SealingError, SealingKey};
pub use secret::SecretSource;
pub use signing::SigningKey;
pub use token::{Caller, TokenRefusal};

use crate::kernel::{Id, Instant, id::Named};

/// A program of a bank that may ask for tokens. Its key never changes: a bank that changes keys adds a client.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: Id<Client>,
    pub bank_id: String,
    pub key: PublicKey,
    pub added_at: Instant,
    pub disabled_at: Option<Instant>,
}

impl Named for Client {
    const PREFIX: &'static str = "cli";
}

impl Client {
    pub const fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }
}

/// The longest that an access token may live, in seconds.
pub const TOKEN_SECONDS: i64 = 300;

/// How far the clocks of two machines may differ, in seconds (FAPI 2.0 Security Profile, section 5.3.2.1: 10 s).
/// It is granted to `iat` and `nbf`; `exp` needs no grace, since who is late asks again.
pub const LEEWAY_SECONDS: i64 = 10;

/// What a token lets its bearer do: ask for scores.
pub const SCOPE: &str = "scores";
