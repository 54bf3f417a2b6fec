//! 待取消息: messages promised to a bank in the transaction of what they are about. Banks fetch them; what a message says is
//! decided when it is fetched, so that nothing is said that may no longer be said.

pub mod records;

use crate::advice::Advice;
use crate::kernel::id::Named;
use crate::kernel::{Id, Instant};
use serde::Serialize;

/// One message to one bank.
pub struct Message;

impl Named for Message {
    const PREFIX: &'static str = "msg";
}

/// What a message tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    AdviceMade,
    AdviceLifted,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::AdviceMade, Self::AdviceLifted];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AdviceMade => "advice_made",
            Self::AdviceLifted => "advice_lifted",
        }
    }
}

/// A message that has not been received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub id: Id<Message>,
    pub kind: Kind,
    pub about: Id<Advice>,
    pub created_at: Instant,
}
