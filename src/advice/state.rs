//! The life of advice: 待确认 → 已确认 → 已解除, or 待确认 → 已解除.

use serde::Serialize;
use std::fmt;

/// Where advice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The bank has not said yet that it knows.
    Open,
    Acknowledged,
    /// The cause is gone, or the line is over.
    Lifted,
}

/// A step that does not follow from the state.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("建议的状态是 {0}，不能这样处理 · the advice is {0}, which does not allow that")]
pub struct DoesNotFollow(pub State);

/// A text that names no state.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("状态须为 open、acknowledged 或 lifted · not a state: open, acknowledged or lifted")]
pub struct NotAState;

impl State {
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Lifted];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Lifted => "lifted",
        }
    }

    /// The state once the bank has acknowledged.
    ///
    /// # Errors
    /// Unless it is open.
    pub const fn acknowledge(self) -> Result<Self, DoesNotFollow> {
        match self {
            Self::Open => Ok(Self::Acknowledged),
            Self::Acknowledged | Self::Lifted => Err(DoesNotFollow(self)),
        }
    }

    /// The state once the cause is gone.
    ///
    /// # Errors
    /// Where it has been lifted already.
    pub const fn lift(self) -> Result<Self, DoesNotFollow> {
        match self {
            Self::Open | Self::Acknowledged => Ok(Self::Lifted),
            Self::Lifted => Err(DoesNotFollow(self)),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for State {
    type Err = NotAState;
    fn from_str(text: &str) -> Result<Self, NotAState> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or(NotAState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_taken_once_and_nothing_follows_the_last() {
        use State::{Acknowledged, Lifted, Open};
        assert_eq!(Open.acknowledge(), Ok(Acknowledged));
        assert_eq!(Acknowledged.acknowledge(), Err(DoesNotFollow(Acknowledged)));
        assert_eq!(Lifted.acknowledge(), Err(DoesNotFollow(Lifted)));
        assert_eq!([Open.lift(), Acknowledged.lift()], [Ok(Lifted), Ok(Lifted)]);
        assert_eq!(Lifted.lift(), Err(DoesNotFollow(Lifted)));
    }
}
