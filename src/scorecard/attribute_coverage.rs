//! Which attributes of the card nobody meets.

use super::{Assessment, Characteristic, Scorecard};

/// Counts how many assessments met each attribute.
#[derive(Clone, Debug)]
pub struct AttributeCoverage<'c> {
    card: &'c Scorecard,
    /// Per characteristic and attribute.
    met: Vec<Vec<u64>>,
}

impl<'c> AttributeCoverage<'c> {
    pub fn new(card: &'c Scorecard) -> Self {
        let lines = card.characteristics.iter();
        let met = lines.map(|line| vec![0; line.attributes.len()]);
        Self {
            card,
            met: met.collect(),
        }
    }

    pub fn add(&mut self, assessment: &Assessment) {
        for (counts, part) in self.met.iter_mut().zip(&assessment.parts) {
            if let Some(count) = counts.get_mut(usize::from(part.attribute)) {
                *count += 1;
            }
        }
    }

    /// Every attribute by its place, with how many met it.
    pub fn counts(&self) -> impl Iterator<Item = (&'c Characteristic, usize, u64)> + '_ {
        let lines = self.card.characteristics.iter().zip(&self.met);
        lines.flat_map(|(line, counts)| {
            let counts = counts.iter().enumerate();
            counts.map(move |(place, count)| (line, place, *count))
        })
    }

    /// The attributes that nobody met.
    pub fn unmet(&self) -> impl Iterator<Item = (&'c Characteristic, usize)> + '_ {
        let unmet = self.counts().filter(|(_, _, count)| *count == 0);
        unmet.map(|(line, place, _)| (line, place))
    }
}
