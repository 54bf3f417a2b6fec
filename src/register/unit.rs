//! 放心消费单元: the units of a merchant, and since when each is certified.

use super::{Fact, History, Kinds, Value};
use crate::kernel::Day;

/// One unit of a merchant (a roster row), in its latest known version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// 门店名称
    pub name: String,
    /// 单元类型
    pub kind: String,
    /// 单元状态
    pub status: String,
    pub certified_on: Option<Day>,
    /// 摘牌日期: no longer in force on that day.
    pub ended_on: Option<Day>,
}

/// 单元状态 in which no certification is in force (scorecard.md, «Units»).
const NOT_IN_FORCE: [&str; 3] = ["待审核", "培育", SUSPENDED];
/// The status that stops a certification for a while, and has no date.
const SUSPENDED: &str = "暂停";
/// The status of a certification in force.
const IN_FORCE: &str = "在期";

impl Unit {
    pub fn is_suspended(&self) -> bool {
        self.status == SUSPENDED
    }

    /// The unit as it is now, but suspended if and only if it was at an earlier time: for what a later suspension, or
    /// its end, leaves as it is.
    #[must_use]
    pub fn suspended_as(mut self, then: &Self) -> Self {
        let status = match (&*then.status, &*self.status) {
            (SUSPENDED, IN_FORCE) => SUSPENDED,
            (before, SUSPENDED) if before != SUSPENDED => IN_FORCE,
            _ => return self,
        };
        status.clone_into(&mut self.status);
        self
    }

    /// Since when its certification has been in force, as of a day; none where it is not. A certification dated on or
    /// after the end date is a new grant (scorecard.md, «Units»).
    pub fn certified_since(&self, as_of: Day) -> Option<Day> {
        let since = self
            .certified_on
            .filter(|day| *day <= as_of && !NOT_IN_FORCE.contains(&&*self.status))?;
        self.ended_on
            .is_none_or(|end| as_of < end || since >= end)
            .then_some(since)
    }
}

/// A merchant's units, in the order of their names.
pub fn units(kinds: &Kinds, history: &History) -> Vec<Unit> {
    let roster = kinds.roster();
    let kind = kinds.get(roster);
    let unit = |fact: &Fact| {
        let value = |id| {
            kind.column(id)
                .map_or(&Value::Blank, |place| fact.value(place))
        };
        let text = |id| value(id).as_text().to_owned();
        Unit {
            name: text("unit_name"),
            kind: text("unit_kind"),
            status: text("status"),
            certified_on: value("certified_on").as_day(),
            ended_on: value("ended_on").as_day(),
        }
    };
    history.of(roster).iter().map(unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn unit(status: &str, certified_on: &str, ended_on: Option<&str>) -> Unit {
        let (certified_on, ended_on) = (Some(day(certified_on)), ended_on.map(day));
        Unit {
            name: String::new(),
            kind: String::new(),
            status: status.to_owned(),
            certified_on,
            ended_on,
        }
    }

    #[test]
    fn a_later_suspension_or_its_end_can_be_left_out() {
        let was = |then: &str, now: &str| {
            let then = unit(then, "2024-01-01", None);
            unit(now, "2024-01-01", None).suspended_as(&then).status
        };
        assert_eq!(was("在期", "暂停"), "在期");
        assert_eq!(was("暂停", "在期"), "暂停");
        assert_eq!(was("暂停", "暂停"), "暂停");
        assert_eq!(was("在期", "撤销"), "撤销");
        assert_eq!(was("暂停", "待审核"), "待审核");
    }

    #[test]
    fn in_force_from_the_certification_until_the_day_before_the_end() {
        let ended = unit("自愿退出", "2024-01-01", Some("2025-01-01"));
        assert_eq!(ended.certified_since(day("2024-12-31")), ended.certified_on);
        assert_eq!(ended.certified_since(day("2025-01-01")), None);
        assert_eq!(ended.certified_since(day("2023-12-31")), None);
        let granted_anew = unit("在期", "2025-01-01", Some("2025-01-01"));
        assert!(granted_anew.certified_since(day("2025-06-01")).is_some());
        assert!(
            unit("整改", "2024-01-01", None)
                .certified_since(day("2025-01-01"))
                .is_some()
        );
        for status in NOT_IN_FORCE {
            assert!(
                unit(status, "2024-01-01", None)
                    .certified_since(day("2025-01-01"))
                    .is_none()
            );
        }
    }
}
