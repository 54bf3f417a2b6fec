//! By what figures are grouped.

use super::figure::Source;
use super::{Item, Stand, What};
use crate::credit_line::AtGrant;
use crate::scorecard::Tier;
use std::fmt;

/// By what figures are grouped, and lists are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    Town,
    /// 商圈
    District,
    /// The merchant's tier on the date.
    Tier,
    /// The bank's product of a line; the programme of a claim.
    Product,
    TierWhenGranted,
    /// The merchant's tier on the earlier date.
    TierBefore,
    /// The tier that the score alone gives, on the date.
    Band,
    BandBefore,
}

/// The group of lines that were granted before the card's first day.
pub const NOT_RECONSTRUCTABLE: &str = "not_reconstructable";

/// The group of what has no town, district or tier, as a command line names it.
pub const NONE: &str = "none";

impl Dimension {
    pub const ALL: [Self; 8] = [
        Self::Town,
        Self::District,
        Self::Tier,
        Self::Product,
        Self::TierWhenGranted,
        Self::TierBefore,
        Self::Band,
        Self::BandBefore,
    ];

    /// Those by which the programme's figures are published.
    pub const PUBLISHED: [Self; 4] = [Self::Town, Self::District, Self::Tier, Self::Product];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Town => "town",
            Self::District => "district",
            Self::Tier => "tier",
            Self::Product => "product",
            Self::TierWhenGranted => "tier_when_granted",
            Self::TierBefore => "tier_before",
            Self::Band => "band",
            Self::BandBefore => "band_before",
        }
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Self::Town => "乡镇",
            Self::District => "商圈",
            Self::Tier => "等级",
            Self::Product => "产品（补贴为项目）",
            Self::TierWhenGranted => "授信时等级",
            Self::TierBefore => "期初等级",
            Self::Band => "分数段",
            Self::BandBefore => "期初分数段",
        }
    }

    /// Whether the groups are tiers of the card.
    pub const fn is_of_tiers(self) -> bool {
        !matches!(self, Self::Town | Self::District | Self::Product)
    }

    /// The groups beside the card's tiers that one of tiers has, in the order in which they are told.
    pub const fn beside_tiers(self) -> &'static [&'static str] {
        match self {
            Self::TierWhenGranted => &["", NOT_RECONSTRUCTABLE],
            _ => &[""],
        }
    }

    /// Whether what a figure counts can be grouped so.
    pub const fn fits(self, source: Source) -> bool {
        match self {
            Self::Town | Self::District | Self::Tier => true,
            Self::Product => matches!(source, Source::Lines | Source::Claims),
            Self::TierWhenGranted => matches!(source, Source::Lines),
            Self::TierBefore | Self::Band | Self::BandBefore => matches!(source, Source::Scores),
        }
    }

    /// The group of an item, blank where it has no town, district or tier; none where it cannot be grouped so.
    pub fn group(self, item: &Item) -> Option<String> {
        let tier = |tier: Option<Tier>| tier.map_or_else(String::new, |tier| tier.to_string());
        let of_scores = |one: &dyn Fn(&super::Scored) -> Option<Stand>| match &item.what {
            What::Scored(scored) => Some(one(scored)),
            _ => None,
        };
        match (self, &item.what) {
            (Self::Town, _) => Some(item.place.town.clone()),
            (Self::District, _) => Some(item.place.area.clone()),
            (Self::Tier, _) => Some(tier(item.tier)),
            (Self::Product, What::Line(line)) => Some(line.product.clone()),
            (Self::Product, What::Claim(claim)) => Some(claim.programme.clone()),
            (Self::TierWhenGranted, What::Line(line)) => Some(match line.judged.when_granted {
                AtGrant::NotReconstructable => NOT_RECONSTRUCTABLE.to_owned(),
                known => tier(known.tier()),
            }),
            (Self::TierBefore, _) => {
                of_scores(&|scored| scored.before).map(|one| tier(one.and_then(|it| it.tier)))
            }
            (Self::Band, _) => {
                of_scores(&|scored| scored.now).map(|one| tier(one.and_then(|it| it.band)))
            }
            (Self::BandBefore, _) => {
                of_scores(&|scored| scored.before).map(|one| tier(one.and_then(|it| it.band)))
            }
            (Self::Product | Self::TierWhenGranted, _) => None,
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no dimension.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("不能按此分组；可用 {known} · nothing is grouped by that; there are: {known}")]
pub struct NoSuchDimension {
    known: String,
}

impl std::str::FromStr for Dimension {
    type Err = NoSuchDimension;
    fn from_str(text: &str) -> Result<Self, NoSuchDimension> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| NoSuchDimension {
            known: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}
