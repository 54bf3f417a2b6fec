//! What may become of a line: 生效 → 冻结 ⇄ 生效 → 到期 | 终止 → 结清.

use crate::kernel::{Bilingual, Day, Money};
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
        match (self, event) {
            (Self::NotBegun, Event::Begin) | (Self::Frozen, Event::Release) => Ok(Self::InForce),
            (Self::InForce, Event::Freeze) => Ok(Self::Frozen),
            (Self::InForce | Self::Frozen, Event::Expire) => Ok(Self::Expired),
            (Self::NotBegun | Self::InForce | Self::Frozen, Event::Terminate) => {
                Ok(Self::Terminated)
            }
            (Self::Expired | Self::Terminated, Event::Settle) if drawn == Money::ZERO => {
                Ok(Self::Settled)
            }
            (state, event) => Err(DoesNotFollow { state, event }),
        }
    }

    /// Whether the merchant may draw.
    pub const fn may_be_drawn(self) -> bool {
        matches!(self, Self::InForce)
    }

    /// The state that the calendar alone gives a line: its 终止日期 is its last day.
    pub fn by_calendar(starts_on: Day, ends_on: Option<Day>, day: Day) -> Self {
        if day < starts_on {
            Self::NotBegun
        } else if ends_on.is_some_and(|end| end < day) {
            Self::Expired
        } else {
            Self::InForce
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Event {
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
