//! What may become of a line: 生效 → 冻结 ⇄ 生效 → 到期 | 终止 → 结清.

use crate::kernel::{Bilingual, Money};
use serde::Serialize;
use std::fmt;

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 未生效: agreed, and not begun on the day.
    NotBegun,
    /// 生效
    InForce,
    /// 冻结: no draws until it is released; repayments go on.
    Frozen,
    /// 到期: no draws any more. With a balance it is not settled.
    Expired,
    /// 终止: ended before its time.
    Terminated,
    /// 结清: ended, and nothing is owed.
    Settled,
}

/// What happens to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Begin,
    Freeze,
    Release,
    Expire,
    Terminate,
    Settle,
}

/// An event that does not follow from the state.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("「{}」的授信不能{} · a line that is {state} cannot {}", state.name().zh, event.name().zh, event.name().en)]
pub struct DoesNotFollow {
    pub state: State,
    pub event: Event,
}

impl State {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotBegun => "not_begun",
            Self::InForce => "in_force",
            Self::Frozen => "frozen",
            Self::Expired => "expired",
            Self::Terminated => "terminated",
            Self::Settled => "settled",
        }
    }

    pub fn name(self) -> Bilingual {
        let zh = match self {
            Self::NotBegun => "未生效",
            Self::InForce => "生效",
            Self::Frozen => "冻结",
            Self::Expired => "到期",
            Self::Terminated => "终止",
            Self::Settled => "结清",
        };
        Bilingual {
            zh: zh.to_owned(),
            en: self.as_str().replace('_', " "),
        }
    }

    /// The state after an event. `drawn` is what is owed then: a line is settled only where nothing is.
    ///
    /// # Errors
    /// Where the event does not follow. Of a line the bank's own system is the book, so whoever is told of such an
    /// event keeps it and flags it.
    pub fn after(self, event: Event, drawn: Money) -> Result<Self, DoesNotFollow> {
        let follows = match event {
            Event::Begin => self == Self::NotBegun,
            Event::Freeze => self == Self::InForce,
            Event::Release => self == Self::Frozen,
            Event::Expire => matches!(self, Self::InForce | Self::Frozen),
            Event::Terminate => matches!(self, Self::NotBegun | Self::InForce | Self::Frozen),
            Event::Settle => {
                matches!(self, Self::Expired | Self::Terminated) && drawn == Money::ZERO
            }
        };
        if follows {
            Ok(event.target())
        } else {
            Err(DoesNotFollow { state: self, event })
        }
    }
    /// Whether the merchant may draw.
    pub const fn may_be_drawn(self) -> bool {
        matches!(self, Self::InForce)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Event {
    /// The state that it leads to.
    pub const fn target(self) -> State {
        match self {
            Self::Begin | Self::Release => State::InForce,
            Self::Freeze => State::Frozen,
            Self::Expire => State::Expired,
            Self::Terminate => State::Terminated,
            Self::Settle => State::Settled,
        }
    }

    fn name(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Begin => ("生效", "begin"),
            Self::Freeze => ("冻结", "be frozen"),
            Self::Release => ("解冻", "be released"),
            Self::Expire => ("到期", "expire"),
            Self::Terminate => ("终止", "be terminated"),
            Self::Settle => ("结清", "be settled"),
        };
        Bilingual {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }
}
