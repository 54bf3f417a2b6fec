//! A line beside the tier of its merchant and the product that it is of.

use super::{Flag, Line, State, Story, Usage};
use crate::intake::county::Product;
use crate::kernel::{Day, Money};
use crate::scorecard::Tier;

/// The tier that counts at the grant, and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtGrant {
    /// Scored as of the day of the grant with what is known now: never shown to the bank, which was not told it.
    Reconstructed(Option<Tier>),
    /// That of the answer that the bank relied on.
    Relied(Option<Tier>),
    /// The card was not in force yet.
    NotReconstructable,
}

impl AtGrant {
    pub const fn tier(self) -> Option<Tier> {
        match self {
            Self::Reconstructed(tier) | Self::Relied(tier) => tier,
            Self::NotReconstructable => None,
        }
    }

    /// How it is known, as a word.
    pub const fn basis(self) -> &'static str {
        match self {
            Self::Reconstructed(_) => "reconstructed",
            Self::Relied(_) => "relied_on",
            Self::NotReconstructable => "not_reconstructable",
        }
    }
}

/// A limit that was decided, the tier that counts for it, and the product as it was on that day.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    pub limit: Money,
    pub tier: AtGrant,
    pub product: Option<&'a Product>,
    /// Whether the bank named an answer on which the decision cannot rest.
    pub has_unfit_answer: bool,
}

/// What a line is held against.
#[derive(Clone, Debug)]
pub struct Yardstick<'a> {
    pub as_of: Day,
    pub granted: Decision<'a>,
    /// In their order.
    pub rises: Vec<Decision<'a>>,
    pub tier_now: Option<Tier>,
    pub product_now: Option<&'a Product>,
}

/// What there is to say of a line on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub line: Line,
    pub when_granted: AtGrant,
    pub tier_now: Option<Tier>,
    pub state: State,
    pub usage: Usage,
    /// In their order.
    pub flags: Vec<Flag>,
}

impl Judged {
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }
}

/// Holds a line against its yardstick.
pub fn judge(line: Line, by: &Yardstick<'_>) -> Judged {
    let terms = &line.terms;
    let story = Story::of(&line, by.as_of);
    let state = story.state;
    let revolving = terms
        .revolving
        .unwrap_or_else(|| by.product_now.is_some_and(|product| product.revolving));
    let usage = Usage::of(terms.limit, &story, revolving);
    let mut flags = caps(&line, by);
    flags.extend(story.flags);
    let mut flag = |flag, holds: bool| flags.extend(holds.then_some(flag));
    flag(Flag::OverLimit, usage.is_over_limit());
    let owes = usage.drawn.is_some_and(|drawn| drawn > Money::ZERO);
    flag(Flag::ExpiredWithBalance, state == State::Expired && owes);
    flag(Flag::Changed, !line.changed.is_empty());
    flag(Flag::Absent, line.is_absent);
    flags.sort_unstable();
    Judged {
        when_granted: by.granted.tier,
        tier_now: by.tier_now,
        state,
        usage,
        flags,
        line,
    }
}

/// The flags about tiers and caps. No tier, or no cap for it, is a cap of 0 (scorecard.md, «Files beside the samples»).
fn caps(line: &Line, by: &Yardstick<'_>) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut flag = |flag, holds: bool| flags.extend(holds.then_some(flag));
    let decisions = || std::iter::once(&by.granted).chain(&by.rises);
    let is_unfit = decisions().any(|decision| decision.has_unfit_answer);
    flag(Flag::UnfitAnswer, is_unfit);
    let granted = by.granted;
    let is_lost = granted.tier == AtGrant::NotReconstructable;
    flag(Flag::NotReconstructable, is_lost);
    if !line.terms.is_in_yuan() {
        flag(Flag::OtherCurrency, true);
        return flags;
    }
    let (Some(_), Some(now)) = (granted.product, by.product_now) else {
        flag(Flag::UnknownProduct, true);
        return flags;
    };
    let (tier, limit) = (by.tier_now, line.terms.limit);
    let cap =
        |product: &Product, tier: Option<Tier>| product.cap_of(tier.as_ref().map(Tier::as_str));
    flag(Flag::NotEligibleNow, cap(now, tier).is_none());
    flag(Flag::OverCapNow, limit > cap(now, tier).unwrap_or_default());
    flag(Flag::NotEligibleWhenGranted, granted.cap() == Some(None));
    flag(Flag::OverCapWhenGranted, granted.is_over_cap());
    let is_raised = by.rises.iter().any(Decision::is_over_cap);
    flag(Flag::OverCapWhenRaised, is_raised);
    let agreed = line.overridden.as_ref().map(|agreed| agreed.limit);
    let is_pending = |decision: &Decision<'_>| {
        decision.is_over_cap() && agreed.is_none_or(|agreed| decision.limit > agreed)
    };
    flag(Flag::OverridePending, decisions().any(is_pending));
    flags
}

impl Decision<'_> {
    /// The cap of the tier that counts, which is none where the product is not meant for it; the outer none: nobody can
    /// say what it was.
    fn cap(&self) -> Option<Option<Money>> {
        let (AtGrant::Reconstructed(tier) | AtGrant::Relied(tier)) = self.tier else {
            return None;
        };
        let product = self.product?;
        Some(product.cap_of(tier.as_ref().map(Tier::as_str)))
    }

    fn is_over_cap(&self) -> bool {
        let cap = self.cap();
        cap.is_some_and(|cap| self.limit > cap.unwrap_or_default())
    }
}
