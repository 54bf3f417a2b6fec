//! What a bank reports of a line itself, beside its ledgers: facts as versions, known by their kind and key.

use super::Event;
use crate::answer::Answer;
use crate::kernel::{Day, Id, Money, Uscc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Report {
    Grant(Grant),
    /// 额度调整
    Limit(Limit),
    Frozen(Happened),
    Released(Happened),
    Expired(Happened),
    Terminated(Happened),
    Settled(Happened),
    Movement(Movement),
    Position(PositionReport),
    Override(Override),
}

/// 授信
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub uscc: Uscc,
    /// By its name or id.
    pub product: String,
    pub limit: Money,
    pub revolving: bool,
    pub starts_on: Day,
    pub ends_on: Option<Day>,
    /// As the bank writes it: `LPR1Y+60bp`.
    pub rate: Option<String>,
    /// The answer whose tier the bank relied on.
    pub relied_on: Option<Id<Answer>>,
}

/// The limit from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    pub on: Day,
    pub limit: Money,
    pub reason: Option<String>,
    /// The answer whose tier the bank relied on where it raised the limit.
    pub relied_on: Option<Id<Answer>>,
}

/// Something that happened on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    pub on: Day,
    pub reason: Option<String>,
}

/// A draw or a repayment, known by the bank's serial number of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    pub serial: String,
    pub direction: Direction,
    pub amount: Money,
    pub on: Day,
}

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// 用信
    Draw,
    /// 还款
    Repayment,
}

/// How a line stood at the end of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionReport {
    pub on: Day,
    pub limit: Money,
    pub drawn: Money,
    pub days_overdue: Option<i64>,
    /// 五级分类
    pub classification: Option<String>,
}

/// Why a line is above the cap of its tier, up to which limit, and who of the bank beside the one that reports it has
/// agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The highest limit that was agreed to: one above it is pending again.
    pub limit: Money,
    pub reason: String,
    pub approved_by: String,
}

/// A version of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub kind: String,
    pub key: String,
    pub version: i32,
    /// None where the fact has gone to another line.
    pub report: Option<Report>,
}

impl Report {
    /// The kind and the key by which it is known among the line's reports.
    pub fn known_by(&self) -> (&'static str, String) {
        match self {
            Self::Grant(_) => ("grant", String::new()),
            Self::Limit(limit) => ("limit", limit.on.to_string()),
            Self::Frozen(it) => ("frozen", it.on.to_string()),
            Self::Released(it) => ("released", it.on.to_string()),
            Self::Expired(it) => ("expired", it.on.to_string()),
            Self::Terminated(it) => ("terminated", it.on.to_string()),
            Self::Settled(it) => ("settled", it.on.to_string()),
            Self::Movement(movement) => ("movement", movement.serial.clone()),
            Self::Position(position) => ("position", position.on.to_string()),
            Self::Override(_) => ("override", String::new()),
        }
    }

    /// The day on which it happened; none of what holds whatever the day.
    pub fn on(&self) -> Option<Day> {
        match self {
            Self::Grant(_) | Self::Override(_) => None,
            Self::Limit(limit) => Some(limit.on),
            Self::Frozen(it)
            | Self::Released(it)
            | Self::Expired(it)
            | Self::Terminated(it)
            | Self::Settled(it) => Some(it.on),
            Self::Movement(movement) => Some(movement.on),
            Self::Position(position) => Some(position.on),
        }
    }

    /// The answer whose tier the bank relied on.
    pub const fn relied_on(&self) -> Option<Id<Answer>> {
        match self {
            Self::Grant(grant) => grant.relied_on,
            Self::Limit(limit) => limit.relied_on,
            _ => None,
        }
    }

    /// What it does to the line's state.
    pub const fn event(&self) -> Option<Event> {
        match self {
            Self::Frozen(_) => Some(Event::Freeze),
            Self::Released(_) => Some(Event::Release),
            Self::Expired(_) => Some(Event::Expire),
            Self::Terminated(_) => Some(Event::Terminate),
            Self::Settled(_) => Some(Event::Settle),
            _ => None,
        }
    }

    /// The fields that may change from version to version; a change of any other is flagged.
    const fn evolving(&self) -> &'static [&'static str] {
        match self {
            Self::Grant(_) => &["limit", "ends_on", "rate"],
            Self::Movement(_) => &[],
            Self::Position(_) => &["limit", "drawn", "days_overdue", "classification"],
            Self::Override(_) => &["limit", "reason", "approved_by"],
            _ => &["limit", "reason"],
        }
    }

    /// The fields that differ from an earlier version and should not.
    pub fn changed(&self, before: &Self) -> Vec<String> {
        let fields = |report: &Self| match serde_json::to_value(report) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let (old, new) = (fields(before), fields(self));
        let differs = new.into_iter().filter(|(name, value)| {
            !self.evolving().contains(&name.as_str()) && old.get(name) != Some(value)
        });
        differs.map(|(name, _)| name).collect()
    }
}
