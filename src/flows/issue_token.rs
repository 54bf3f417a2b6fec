//! A client's assertion becomes an access token, once.

use crate::access::{Assertion, AssertionRefusal, Client, Keys, SealingError, records, token};
use crate::kernel::{Clock, Id, Randomness};
use crate::store::{Failure, Store};

/// Why no token was issued.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoToken {
    /// The client's fault.
    #[error(transparent)]
    Refused(#[from] AssertionRefusal),
    /// The operator's: no key can be opened or made.
    #[error(transparent)]
    Keys(#[from] SealingError),
}

/// A new access token and who got it.
pub struct IssuedToken {
    pub token: String,
    pub client: Id<Client>,
}

/// Checks the assertion, claims its single use and issues a token. Must not be called on an async thread.
///
/// `client_id` is what the request names beside the assertion, if it does (RFC 7521, section 4.2).
pub fn issue_token(
    store: &Store,
    keys: &Keys,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
    assertion: &str,
    client_id: Option<&str>,
) -> Result<IssuedToken, Failure<NoToken>> {
    let refused = |refusal: AssertionRefusal| Failure::Refused(NoToken::Refused(refusal));
    let now = clock.now();
    let assertion = Assertion::parse(assertion).map_err(refused)?;
    let id = assertion.client();
    if client_id.is_some_and(|given| given.parse() != Ok(id)) {
        return Err(refused(AssertionRefusal::OtherClient));
    }
    // Whoever has no key must not get as far as a writing transaction, which others wait for. What is checked here
    // cannot change in between: a client's key is for ever.
    let client = store
        .read(|conn| Ok(records::client(conn, id)?))?
        .ok_or_else(|| refused(AssertionRefusal::NotTheClient))?;
    let used = assertion
        .check(&client.key, keys.issuer(), now)
        .map_err(refused)?;
    let token = store.write(|conn| {
        if records::bank_of_live(conn, id)?.is_none() {
            return Err(refused(AssertionRefusal::NotTheClient));
        }
        records::purge_used(conn, now)?;
        if !records::claim(conn, used)? {
            return Err(refused(AssertionRefusal::Replayed));
        }
        let key = keys.signing(conn, now, randomness).map_err(of_keys)?;
        token::issue(
            &key,
            keys.issuer(),
            &client,
            (now, keys.lifetime()),
            randomness,
        )
        .ok_or(Failure::Refused(NoToken::Keys(SealingError::Broken)))
    })?;
    Ok(IssuedToken { token, client: id })
}

fn of_keys(failure: Failure<SealingError>) -> Failure<NoToken> {
    match failure {
        Failure::Refused(error) => Failure::Refused(NoToken::Keys(error)),
        Failure::Store(error) => Failure::Store(error),
    }
}
