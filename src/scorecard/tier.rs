//! The tiers of a card.

use super::reader::Table;
use crate::kernel::Bilingual;
use std::fmt;

/// A tier of a card, ordered from the lowest up. On the wire it is its name; a name is read by
/// [`super::Scorecard::tier`], since only the card knows its place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tier {
    /// 0 is the lowest.
    rank: u8,
    name: [u8; Tier::LONGEST],
}

impl Tier {
    const LONGEST: usize = 15;

    fn new(rank: u8, text: &str) -> Option<Self> {
        let mut name = [0; Self::LONGEST];
        name.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { rank, name })
    }

    /// The place above the lowest tier, which is 0.
    pub const fn rank(self) -> u8 {
        self.rank
    }

    pub fn as_str(&self) -> &str {
        let end = self.name.iter().position(|byte| *byte == 0);
        let name = &self.name[..end.unwrap_or(Self::LONGEST)];
        std::str::from_utf8(name).unwrap_or_default()
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Tier {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// A tier as the card has it.
#[derive(Debug)]
pub struct TierRule {
    pub tier: Tier,
    /// The score from which it is given; the lowest tier has none.
    pub from: Option<i32>,
    pub name: Bilingual,
}

/// Reads the tiers, best first: every `from` below the one before, the last without.
pub(super) fn read_tiers(card: &Table<'_>) -> Box<[TierRule]> {
    let tables = card.tables("tier");
    let (count, mut above, mut rules) = (tables.len(), None, Vec::new());
    if count > 100 {
        card.at("tier").fault("等级过多", "too many tiers");
    }
    for (place, table) in tables.into_iter().enumerate() {
        let (from, id) = (table.small("from"), table.need_text("id"));
        let last = place + 1 == count;
        if last == from.is_some() {
            table.fault(
                "每个等级都要有 from，最后一个除外",
                "every tier has a from, except the last",
            );
        }
        if let (Some(from), Some(above)) = (from, above)
            && from >= above
        {
            table
                .at("from")
                .fault("等级须由高到低", "tiers go from the best down");
        }
        above = from.or(above);
        if rules.iter().any(|rule: &TierRule| rule.tier.as_str() == id) {
            table
                .at("id")
                .fault("等级重名", "this tier is there already");
        }
        let rank = (count - 1 - place).min(100) as u8;
        let name = table.bilingual("name").unwrap_or_else(|| Bilingual {
            zh: id.to_owned(),
            en: id.to_owned(),
        });
        match Tier::new(rank, id) {
            Some(tier) => rules.push(TierRule { tier, from, name }),
            None => table
                .at("id")
                .fault("等级名过长", "the tier's name is too long"),
        }
        table.finish();
    }
    rules.into()
}
