//! Standing and tier: red lines, who is certified, what is enough to go by, and what caps a tier.

use super::{
    condition::Condition,
    feature::Sources,
    feed::{Feed, Subject},
    names::Names,
    next_change::Candidates,
    reader::Table,
    tier::{Tier, TierRule, read_tiers},
};
use crate::{
    kernel::{Bilingual, Day},
    register::KindIndex,
};
use std::{fmt, str::FromStr};

/// Whether a merchant has a tier, and if not, why not.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 一票否决: something takes the tier away, whatever the score.
    RedLine,
    /// No certification is in force.
    NotCertified,
    /// 资料不足: too little is known to go by.
    Insufficient,
    Rated,
}

/// A text that names no standing.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("不是评定状态 · not a standing")]
pub struct NotAStanding;

impl Standing {
    pub const ALL: [Self; 4] = [
        Self::RedLine,
        Self::NotCertified,
        Self::Insufficient,
        Self::Rated,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RedLine => "red_line",
            Self::NotCertified => "not_certified",
            Self::Insufficient => "insufficient",
            Self::Rated => "rated",
        }
    }

    /// For people, in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::RedLine => "一票否决",
            Self::NotCertified => "未认定",
            Self::Insufficient => "资料不足",
            Self::Rated => "已评定",
        }
    }

    /// For people, in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::RedLine => "red line",
            Self::NotCertified => "not certified",
            Self::Insufficient => "insufficient data",
            Self::Rated => "rated",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Standing {
    type Err = NotAStanding;
    fn from_str(text: &str) -> Result<Self, NotAStanding> {
        let found = Self::ALL.into_iter().find(|known| known.as_str() == text);
        found.ok_or(NotAStanding)
    }
}

/// Something that takes the tier away.
#[derive(Debug)]
pub struct RedLineRule {
    pub id: Box<str>,
    pub name: Bilingual,
    /// The facts that draw it, and those that lift it while there are any.
    pub(super) facts: usize,
    unless_any: Option<usize>,
}

impl RedLineRule {
    pub(super) fn drawn(&self, sources: &Sources, subject: &Subject<'_>, t: Day) -> bool {
        let any = |facts: usize| sources.selections[facts].any(subject.history, t);
        any(self.facts) && !self.unless_any.is_some_and(any)
    }
}

/// What caps the tier.
#[derive(Debug)]
pub(super) struct CapRule {
    facts: usize,
    months: Option<i32>,
    condition: Condition,
    at_most: Tier,
}

/// The rules of standing and tier.
#[derive(Debug)]
pub(super) struct Rules {
    pub red_lines: Box<[RedLineRule]>,
    pub certified: Option<usize>,
    pub least_months: i32,
    pub least_completeness: i32,
    pub complete: Box<[Feed]>,
    /// Best first.
    pub tiers: Box<[TierRule]>,
    pub caps: Box<[CapRule]>,
}

impl Rules {
    /// What stands between the merchant and a tier, red lines aside.
    pub fn standing(
        &self,
        sources: &Sources,
        subject: &Subject<'_>,
        t: Day,
        completeness: i32,
    ) -> Standing {
        let none = |facts: usize| !sources.selections[facts].any(subject.history, t);
        if self.certified.is_some_and(none) {
            Standing::NotCertified
        } else if subject.opened.months_until(t) < self.least_months
            || completeness < self.least_completeness
            || !self.complete.iter().all(|feed| feed.complete(subject, t))
        {
            Standing::Insufficient
        } else {
            Standing::Rated
        }
    }

    /// The best tier that may be had, if anything caps it.
    pub fn cap(&self, sources: &Sources, subject: &Subject<'_>, t: Day) -> Option<Tier> {
        let holds = |cap: &&CapRule| {
            let selection = &sources.selections[cap.facts];
            let mut facts = selection.counted(subject.history, t);
            let within =
                |fact| cap.months.is_none() || selection.counts_within(cap.months, fact, t);
            facts.any(|fact| cap.condition.holds(fact) && within(fact))
        };
        self.caps.iter().filter(holds).map(|cap| cap.at_most).min()
    }

    /// The tier of a score.
    pub fn tier(&self, score: i32) -> Option<Tier> {
        let reached = |rule: &&TierRule| rule.from.is_none_or(|from| score >= from);
        self.tiers.iter().find(reached).map(|rule| rule.tier)
    }

    /// The days on which standing or cap may step, completeness and score aside.
    pub fn changes(&self, sources: &Sources, subject: &Subject<'_>, days: &mut Candidates) {
        let caps = self.caps.iter().map(|cap| (cap.facts, cap.months));
        let red = self.red_lines.iter().map(|line| (line.facts, None));
        let lifted = self
            .red_lines
            .iter()
            .filter_map(|line| Some((line.unless_any?, None)));
        let certified = self.certified.map(|facts| (facts, None));
        for (facts, months) in caps.chain(red).chain(lifted).chain(certified) {
            let selection = &sources.selections[facts];
            selection.changes(subject.history, selection.months, days);
            if months.is_some() {
                selection.changes(subject.history, months, days);
            }
        }
        days.add(subject.opened.plus_months(self.least_months));
        for feed in &self.complete {
            feed.changes(subject, days);
        }
    }

    /// Reads `[standing]`, `[[red_line]]`, `[[tier]]` and `[[tier_cap]]`.
    pub fn read(card: &Table<'_>, names: &Names<'_>) -> Self {
        let tiers = read_tiers(card);
        let standing = card.need("standing").and_then(|node| node.table());
        let mut rules = Self {
            red_lines: card
                .tables("red_line")
                .into_iter()
                .filter_map(|t| red_line(t, names))
                .collect(),
            certified: None,
            least_months: 0,
            least_completeness: 0,
            complete: Box::default(),
            caps: card
                .tables("tier_cap")
                .into_iter()
                .filter_map(|t| cap(t, names, &tiers))
                .collect(),
            tiers,
        };
        if let Some(table) = standing {
            rules.certified = table
                .get("certified")
                .and_then(|node| names.selection(&node));
            rules.least_months = table.small("least_months_in_business").unwrap_or(0);
            rules.least_completeness = table.small("least_completeness").unwrap_or(0);
            let complete = table.list("complete");
            let kinds = complete.iter().filter_map(|node| names.kind(node));
            rules.complete = kinds
                .map(|kind: KindIndex| Feed { kind, months: 0 })
                .collect();
            table.finish();
        }
        rules
    }
}

fn red_line(table: Table<'_>, names: &Names<'_>) -> Option<RedLineRule> {
    let unless = table.get("unless_any");
    let (id, name) = (table.need_text("id"), table.need_bilingual("name"));
    let facts = table.need("facts").and_then(|node| names.selection(&node));
    let unless_any = unless.and_then(|node| names.selection(&node));
    table.finish();
    Some(RedLineRule {
        id: id.into(),
        name,
        facts: facts?,
        unless_any,
    })
}

fn cap(table: Table<'_>, names: &Names<'_>, tiers: &[TierRule]) -> Option<CapRule> {
    let facts = table.need("facts").and_then(|node| names.selection(&node));
    let scope = facts.map(|facts| names.scope(names.sources.selections[facts].kind));
    let condition = scope.map(|scope| scope.condition_of(&table, "where"));
    let months = table.months("months");
    let name = table.need_text("at_most");
    let tier = tiers.iter().find(|rule| rule.tier.as_str() == name);
    if tier.is_none() && !name.is_empty() {
        table.at("at_most").fault(
            format!("没有等级 {name}"),
            format!("there is no tier {name}"),
        );
    }
    table.finish();
    Some(CapRule {
        facts: facts?,
        months,
        condition: condition?,
        at_most: tier?.tier,
    })
}
