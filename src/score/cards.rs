//! The cards at hand, by name.

use super::card_name;
use crate::register::Kinds;
use crate::scorecard::{CardFault, Scorecard};
use std::collections::BTreeMap;

/// Every card that the configuration holds.
#[derive(Debug)]
pub struct Cards(BTreeMap<String, Scorecard>);

/// A card that a county names and the configuration does not hold.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error(
    "没有评分卡 {name}；现有 {known}。把它的文件放进 DIR/scorecards，以 --config DIR 运行，或改用现有的评分卡 · there is no \
     scorecard {name}; there are: {known}. Put its file into DIR/scorecards and run with --config DIR, or name one \
     that there is"
)]
pub struct NoSuchCard {
    pub name: String,
    pub known: String,
}

impl Cards {
    /// Reads the cards (file name and text of each), and tells all faults of all of them at once.
    pub fn parse<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        kinds: &Kinds,
    ) -> Result<Self, Vec<CardFault>> {
        let mut cards = BTreeMap::new();
        let mut faults = Vec::new();
        for (file, text) in files {
            match Scorecard::parse(file, text, kinds) {
                Ok(card) => drop(cards.insert(card_name(&card), card)),
                Err(more) => faults.extend(more),
            }
        }
        if faults.is_empty() {
            Ok(Self(cards))
        } else {
            Err(faults)
        }
    }

    /// The card of that name, `daishan-2026.1`.
    pub fn get(&self, name: &str) -> Result<&Scorecard, NoSuchCard> {
        self.0.get(name).ok_or_else(|| NoSuchCard {
            name: name.to_owned(),
            known: self.0.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Scorecard)> {
        self.0.iter().map(|(name, card)| (name.as_str(), card))
    }
}
