//! 预警建议: what a bank is advised about a line of credit when its merchant falls. Advice: the bank alone decides.

pub mod fall;
pub mod records;
pub mod situation;
pub mod state;

pub use fall::Fall;
pub use situation::{LineInView, Ought, Situation};
pub use state::{DoesNotFollow, State};

use crate::intake::county::{OnEvent, Product};
use crate::kernel::id::Named;
use crate::kernel::{Bilingual, Day, Id, Instant, Uscc};
use crate::merchant::Merchant;
use serde::Serialize;
use std::fmt;

/// One piece of advice about one line.
pub struct Advice;

impl Named for Advice {
    const PREFIX: &'static str = "adv";
}

/// Why something is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// 等级下降, by a new fact or for ten working days.
    TierDrop,
    /// 认定终止: the certification was revoked, or has ended and no other is in force.
    CertificationRevoked,
    /// 一票否决
    RedLine,
}

/// What is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// 复核
    Review,
    /// 暂停用信
    FreezeDraws,
}

/// A text that names no cause.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "原因须为 tier_drop、certification_revoked 或 red_line · not a cause: tier_drop, certification_revoked or red_line"
)]
pub struct NotACause;

impl Cause {
    pub const ALL: [Self; 3] = [Self::TierDrop, Self::CertificationRevoked, Self::RedLine];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TierDrop => "tier_drop",
            Self::CertificationRevoked => "certification_revoked",
            Self::RedLine => "red_line",
        }
    }

    pub fn name(self) -> Bilingual {
        let (zh, en) = match self {
            Self::TierDrop => ("等级下降", "the tier has dropped"),
            Self::CertificationRevoked => ("认定终止", "the certification has ended"),
            Self::RedLine => ("一票否决", "a red line is drawn"),
        };
        Bilingual {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }

    /// What the bank's product says is advised; none where nothing is. A certification that was revoked counts as a red
    /// line: both take the tier away, and products have a word for either fall only.
    pub const fn action(self, product: &Product) -> Option<Action> {
        let on = match self {
            Self::TierDrop => product.on_tier_drop,
            Self::CertificationRevoked | Self::RedLine => product.on_red_line,
        };
        match on {
            OnEvent::None => None,
            OnEvent::Review => Some(Action::Review),
            OnEvent::FreezeDraws => Some(Action::FreezeDraws),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Cause {
    type Err = NotACause;
    fn from_str(text: &str) -> Result<Self, NotACause> {
        let found = Self::ALL.into_iter().find(|cause| cause.as_str() == text);
        found.ok_or(NotACause)
    }
}

impl Action {
    pub const ALL: [Self; 2] = [Self::Review, Self::FreezeDraws];

    /// The word on the wire, which is that of the product.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::FreezeDraws => "freeze_draws",
        }
    }

    pub fn name(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Review => ("复核", "review the line"),
            Self::FreezeDraws => ("暂停用信", "freeze draws"),
        };
        Bilingual {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }
}

/// Advice as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advised {
    pub bank: String,
    pub id: Id<Advice>,
    pub agreement: String,
    pub merchant: Id<Merchant>,
    pub uscc: Uscc,
    pub cause: Cause,
    pub action: Action,
    /// The business date since which the cause stands; of a red line and a certification, on which it was seen.
    pub since: Day,
    pub made_at: Instant,
    pub acknowledged: Option<Acknowledgement>,
    pub lifted_at: Option<Instant>,
}

/// That a bank has taken note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub at: Instant,
    /// The bank's own id of the person.
    pub by: String,
    pub note: Option<String>,
}

impl Advised {
    pub const fn state(&self) -> State {
        match (&self.lifted_at, &self.acknowledged) {
            (Some(_), _) => State::Lifted,
            (None, Some(_)) => State::Acknowledged,
            (None, None) => State::Open,
        }
    }
}
