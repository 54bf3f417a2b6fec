//! 五级分类 and overdue days: how a line is doing, as its bank last told.

use crate::credit_line::Position;

/// Overdue for more than so many days is bad, whatever the classification; ours.
pub const BAD_AFTER_DAYS: i64 = 90;

/// 五级分类, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Normal,
    SpecialMention,
    Substandard,
    Doubtful,
    Loss,
}

impl Class {
    /// Reads 正常 or 正常类; none of blank and of any other word.
    pub fn read(text: &str) -> Option<Self> {
        match text.trim().trim_end_matches('类') {
            "正常" => Some(Self::Normal),
            "关注" => Some(Self::SpecialMention),
            "次级" => Some(Self::Substandard),
            "可疑" => Some(Self::Doubtful),
            "损失" => Some(Self::Loss),
            _ => None,
        }
    }
}

/// What has become of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Good,
    /// 次级, 可疑 or 损失, or overdue for more than [`BAD_AFTER_DAYS`].
    Bad,
    /// Neither a classification nor overdue days have been told.
    Untold,
}

/// How a line is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    pub class: Option<Class>,
    pub days_overdue: Option<i64>,
}

impl Quality {
    /// As last told; nothing where no position has been.
    pub fn of(position: Option<&Position>) -> Self {
        Self {
            class: position.and_then(|position| Class::read(&position.classification)),
            days_overdue: position.and_then(|position| position.days_overdue),
        }
    }

    /// Whether it is overdue for more than so many days.
    pub fn is_overdue(self, days: i64) -> bool {
        self.days_overdue.is_some_and(|overdue| overdue > days)
    }

    pub fn outcome(self) -> Outcome {
        let is_bad = self.class.is_some_and(|class| class >= Class::Substandard);
        if is_bad || self.is_overdue(BAD_AFTER_DAYS) {
            Outcome::Bad
        } else if self == Self::default() {
            Outcome::Untold
        } else {
            Outcome::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_is_substandard_or_more_than_ninety_days_overdue() {
        let outcome = |class: &str, days_overdue| {
            let class = Class::read(class);
            Quality {
                class,
                days_overdue,
            }
            .outcome()
        };
        assert_eq!(outcome("正常", Some(0)), Outcome::Good);
        assert_eq!(outcome("关注", Some(90)), Outcome::Good);
        assert_eq!(outcome("关注类", Some(91)), Outcome::Bad);
        assert_eq!(outcome("次级", None), Outcome::Bad);
        assert_eq!(outcome("可疑类", Some(0)), Outcome::Bad);
        assert_eq!(outcome("损失", Some(0)), Outcome::Bad);
        assert_eq!(outcome("", Some(0)), Outcome::Good);
        assert_eq!(outcome("", None), Outcome::Untold);
        assert_eq!(outcome("示例", None), Outcome::Untold);
    }
}
