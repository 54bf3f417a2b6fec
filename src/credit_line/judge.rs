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

/// What a line is held against.
#[derive(Clone, Copy, Debug)]
pub struct Yardstick<'a> {
    pub as_of: Day,
    pub when_granted: AtGrant,
    pub tier_now: Option<Tier>,
    /// The product as it was on the day of the grant.
    pub product_when_granted: Option<&'a Product>,
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
pub fn judge(line: Line, by: Yardstick<'_>) -> Judged {
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
        when_granted: by.when_granted,
        tier_now: by.tier_now,
        state,
        usage,
        flags,
        line,
    }
}

/// The flags about tiers and caps. No tier, or no cap for it, is a cap of 0 (scorecard.md, «Files beside the samples»).
fn caps(line: &Line, by: Yardstick<'_>) -> Vec<Flag> {
    let mut flags = Vec::new();
    if by.when_granted == AtGrant::NotReconstructable {
        flags.push(Flag::NotReconstructable);
    }
    if !line.terms.is_in_yuan() {
        flags.push(Flag::OtherCurrency);
        return flags;
    }
    let (Some(then), Some(now)) = (by.product_when_granted, by.product_now) else {
        flags.push(Flag::UnknownProduct);
        return flags;
    };
    let mut hold = |product: &Product, tier: Option<Tier>, limit, over, not_eligible| {
        let cap = product.cap_of(tier.as_ref().map(Tier::as_str));
        if cap.is_none() {
            flags.push(not_eligible);
        }
        if limit > cap.unwrap_or(Money::ZERO) {
            flags.push(over);
            if over == Flag::OverCapWhenGranted && line.overridden.is_none() {
                flags.push(Flag::OverridePending);
            }
        }
    };
    if let AtGrant::Reconstructed(tier) | AtGrant::Relied(tier) = by.when_granted {
        let (over, not_eligible) = (Flag::OverCapWhenGranted, Flag::NotEligibleWhenGranted);
        hold(then, tier, line.limit_when_granted, over, not_eligible);
    }
    let (over, not_eligible) = (Flag::OverCapNow, Flag::NotEligibleNow);
    hold(now, by.tier_now, line.terms.limit, over, not_eligible);
    flags
}
