//! 授权: who may be told, or may use, what, for what purpose, until when.

pub mod records;

use crate::kernel::{Bilingual, Day};
use crate::register::{Kind, Value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The register that authorisations come in.
pub const KIND: &str = "authorisations";

/// Why a bank asks. Neither covers the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 贷前审查
    PreLoanReview,
    /// 贷后管理
    PostLoanManagement,
}

/// A text that names no purpose.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "查询用途应为 pre_loan_review 或 post_loan_management · the purpose must be pre_loan_review or post_loan_management"
)]
pub struct NotAPurpose;

impl Purpose {
    pub const ALL: [Self; 2] = [Self::PreLoanReview, Self::PostLoanManagement];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreLoanReview => "pre_loan_review",
            Self::PostLoanManagement => "post_loan_management",
        }
    }

    /// The word in 授权用途.
    pub const fn register_word(self) -> &'static str {
        match self {
            Self::PreLoanReview => "贷前审查",
            Self::PostLoanManagement => "贷后管理",
        }
    }

    pub fn name(self) -> Bilingual {
        let en = match self {
            Self::PreLoanReview => "pre-loan review",
            Self::PostLoanManagement => "post-loan management",
        };
        Bilingual {
            zh: self.register_word().to_owned(),
            en: en.to_owned(),
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Purpose {
    type Err = NotAPurpose;
    fn from_str(text: &str) -> Result<Self, NotAPurpose> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
            .ok_or(NotAPurpose)
    }
}

/// One 授权书 in its latest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    pub number: Box<str>,
    /// 被授权机构, by its name.
    pub party: Box<str>,
    /// Separated by `;`.
    pub purposes: Box<str>,
    pub signed_on: Day,
    /// The last day; none where it has no end.
    pub ends_on: Option<Day>,
    pub withdrawn_on: Option<Day>,
}

impl Authorisation {
    /// None where a fact lacks what every authorisation has.
    pub fn read(kind: &Kind, values: &[Value]) -> Option<Self> {
        let value = |id| {
            kind.column(id)
                .and_then(|place| values.get(place))
                .unwrap_or(&Value::Blank)
        };
        Some(Self {
            number: value("authorisation_number").as_text().into(),
            party: value("party").as_text().into(),
            purposes: value("purposes").as_text().into(),
            signed_on: value("signed_on").as_day()?,
            ends_on: value("ends_on").as_day(),
            withdrawn_on: value("withdrawn_on").as_day(),
        })
    }

    /// Whether it lets this party do this, by its words.
    pub fn is_for(&self, party: &str, purpose: &str) -> bool {
        *self.party == *party && self.has_purpose(purpose)
    }

    /// Whether it is for this purpose, whoever is its party.
    pub fn has_purpose(&self, purpose: &str) -> bool {
        self.purposes.split(';').any(|word| word.trim() == purpose)
    }

    /// Whether it is live on a day: signed, not ended, not withdrawn by then (scorecard.md).
    pub fn is_live_on(&self, day: Day) -> bool {
        self.is_within(day) && self.withdrawn_on.is_none_or(|withdrawn| day < withdrawn)
    }

    /// Whether a bank may be told now: live on the real date as well as on the business date, and a withdrawal that
    /// exists counts at once, whatever date it bears.
    pub fn may_be_told(&self, real_date: Day, business_date: Day) -> bool {
        self.withdrawn_on.is_none() && self.is_within(real_date) && self.is_within(business_date)
    }

    fn is_within(&self, day: Day) -> bool {
        self.signed_on <= day && self.ends_on.is_none_or(|end| day <= end)
    }
}

/// Of a merchant's authorisations the one that lets a bank be told, and that lasts longest.
pub fn for_bank<'a>(
    authorisations: &'a [Authorisation],
    bank: &str,
    purpose: Purpose,
    real_date: Day,
    business_date: Day,
) -> Option<&'a Authorisation> {
    let live = authorisations.iter().filter(|one| {
        one.is_for(bank, purpose.register_word()) && one.may_be_told(real_date, business_date)
    });
    live.max_by_key(|one| one.ends_on.map_or(i32::MAX, Day::number))
}

/// Whether any of these has let a bank be told before, or does: its first day has come, on the real date as well as on the
/// business date. Whether it has ended or was withdrawn since does not matter.
pub fn was_for_bank(
    versions: &[Authorisation],
    bank: &str,
    purpose: Purpose,
    real_date: Day,
    business_date: Day,
) -> bool {
    let began = |one: &Authorisation| one.signed_on <= real_date.min(business_date);
    let mut versions = versions.iter();
    versions.any(|one| one.is_for(bank, purpose.register_word()) && began(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn authorisation() -> Authorisation {
        Authorisation {
            number: "SQ1".into(),
            party: "岱山农村商业银行".into(),
            purposes: "贷前审查;收单流水评分".into(),
            signed_on: day("2025-01-01"),
            ends_on: Some(day("2026-12-31")),
            withdrawn_on: None,
        }
    }

    #[test]
    fn both_dates_must_lie_within_and_a_withdrawal_counts_at_once() {
        let mut one = authorisation();
        assert!(one.may_be_told(day("2026-12-31"), day("2025-01-01")));
        assert!(!one.may_be_told(day("2027-01-01"), day("2025-12-31")));
        assert!(!one.may_be_told(day("2026-01-01"), day("2024-12-31")));
        one.withdrawn_on = Some(day("2026-11-30"));
        assert!(!one.may_be_told(day("2026-01-01"), day("2025-12-31")));
        assert!(one.is_live_on(day("2026-11-29")) && !one.is_live_on(day("2026-11-30")));
    }

    #[test]
    fn neither_purpose_covers_the_other() {
        let all = [authorisation()];
        let (bank, day) = ("岱山农村商业银行", day("2025-12-31"));
        assert!(for_bank(&all, bank, Purpose::PreLoanReview, day, day).is_some());
        assert!(for_bank(&all, bank, Purpose::PostLoanManagement, day, day).is_none());
        assert!(for_bank(&all, "岱山农村商业", Purpose::PreLoanReview, day, day).is_none());
    }
    #[test]
    fn one_that_has_ended_was_for_the_bank_and_one_that_begins_later_was_not() {
        let mut one = authorisation();
        let (bank, purpose) = ("岱山农村商业银行", Purpose::PreLoanReview);
        let was = |one: &Authorisation, purpose, real: &str, business: &str| {
            was_for_bank(
                std::slice::from_ref(one),
                bank,
                purpose,
                day(real),
                day(business),
            )
        };
        assert!(was(&one, purpose, "2027-06-30", "2027-06-30"));
        assert!(!was(&one, purpose, "2024-12-31", "2025-12-31"));
        assert!(!was(&one, purpose, "2025-12-31", "2024-12-31"));
        one.withdrawn_on = Some(day("2025-01-02"));
        assert!(was(&one, purpose, "2025-12-31", "2025-12-31"));
        let other = Purpose::PostLoanManagement;
        assert!(!was(&one, other, "2025-12-31", "2025-12-31"));
    }
}
