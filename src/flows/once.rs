//! An act that happens once per idempotency key.

use crate::idempotency::records::{find, keep, take};
use crate::idempotency::{Answered, Asked, Refusal};
use crate::kernel::Clock;
use crate::store::{Conn, Failure};

/// Why there is no answer: the key, or the act's own reason.
#[derive(Debug, PartialEq, Eq)]
pub enum NotOnce<R> {
    Key(Refusal),
    Act(R),
}

/// An answer, and whether it was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub answered: Answered,
    pub replayed: bool,
}

/// Does the act, or gives the answer that was given to the same request under the same key. The key, the effect and
/// the answer are of the caller's one transaction. An act that is refused leaves no key.
///
/// # Errors
/// Where the key was used for another request or is being used, the act refuses, or the store fails; then the
/// transaction must not be committed.
pub fn once<R>(
    conn: &mut Conn,
    asked: Asked,
    clock: &dyn Clock,
    act: impl FnOnce(&mut Conn) -> Result<Answered, Failure<R>>,
) -> Result<Given, Failure<NotOnce<R>>> {
    let refused = |refusal| Failure::Refused(NotOnce::Key(refusal));
    if !take(conn, asked.key)? {
        return Err(refused(Refusal::InFlight));
    }
    let now = clock.now();
    match find(conn, asked.key, now)? {
        Some((request, _)) if request != asked.request => Err(refused(Refusal::OtherBody)),
        Some((_, answered)) => Ok(Given {
            answered,
            replayed: true,
        }),
        None => {
            let answered = act(conn).map_err(|failure| match failure {
                Failure::Refused(refusal) => Failure::Refused(NotOnce::Act(refusal)),
                Failure::Store(error) => Failure::Store(error),
            })?;
            keep(conn, asked, &answered, now)?;
            Ok(Given {
                answered,
                replayed: false,
            })
        }
    }
}
