//! Why a score is not higher, ranked and in two languages.

use super::{Assessment, Evidence, Part, PartState, Scorecard};
use crate::{
    kernel::Bilingual,
    register::{Fact, History, Kinds, Personal},
};

/// Which way gaps are measured (PMML `reasonCodeAlgorithm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonCodeAlgorithm {
    /// Baseline less points.
    PointsBelow,
    /// Points less baseline.
    PointsAbove,
}

/// A characteristic that costs points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Its place among the card's.
    pub characteristic: u16,
    /// The points that it costs; more than 0.
    pub gap: i32,
}

impl Scorecard {
    /// The characteristics that cost points, the dearest first, ties in document order. Where every baseline is
    /// the maximum, their gaps add up to the card's maximum less the score.
    pub fn reasons(&self, assessment: &Assessment) -> Vec<Reason> {
        let mut reasons = Vec::new();
        self.rank(&assessment.parts, &mut reasons);
        reasons
    }

    pub(super) fn rank(&self, parts: &[Part], into: &mut Vec<Reason>) {
        into.clear();
        for (place, (characteristic, part)) in self.characteristics.iter().zip(parts).enumerate() {
            self.rank_one(place, characteristic.baseline_score, part.points, into);
        }
    }

    /// Puts one characteristic where it belongs among those before it. There are few, so that this is cheaper than
    /// to sort.
    #[inline]
    pub(super) fn rank_one(
        &self,
        place: usize,
        baseline: i32,
        points: i32,
        into: &mut Vec<Reason>,
    ) {
        let gap = match self.algorithm {
            ReasonCodeAlgorithm::PointsBelow => baseline - points,
            ReasonCodeAlgorithm::PointsAbove => points - baseline,
        };
        if gap <= 0 {
            return;
        }
        into.push(Reason {
            characteristic: place as u16,
            gap,
        });
        for at in (1..into.len()).rev() {
            if into[at - 1].gap >= gap {
                break;
            }
            into.swap(at - 1, at);
        }
    }

    /// The code under which a reason is told.
    pub fn reason_code(&self, assessment: &Assessment, reason: Reason) -> &str {
        let place = usize::from(reason.characteristic);
        let attributes = &self.characteristics[place].attributes;
        &attributes[usize::from(assessment.parts[place].attribute)].reason_code
    }

    /// What a person is told of a reason. Where neutral points stand in for what is not known, that is the reason.
    pub fn reason_text(&self, assessment: &Assessment, reason: Reason) -> &Bilingual {
        let place = usize::from(reason.characteristic);
        let characteristic = &self.characteristics[place];
        let part = &assessment.parts[place];
        let attribute = &characteristic.attributes[usize::from(part.attribute)];
        let neutral = match part.state {
            PartState::Missing => !attribute.missing && part.points < attribute.partial_score,
            PartState::Partial => part.points > attribute.partial_score,
            PartState::Known | PartState::NotApplicable => false,
        };
        let own = attribute.reason.as_ref();
        let missing = characteristic.missing_reason.as_ref();
        let text = if neutral {
            missing.or(own)
        } else {
            own.or(missing)
        };
        text.unwrap_or(&characteristic.name)
    }

    /// What a person is told of a piece of evidence: the register, and its key column by column. What is personal
    /// is left out.
    pub fn evidence_text(
        &self,
        evidence: &Evidence,
        history: &History,
        kinds: &Kinds,
    ) -> Bilingual {
        let kind = kinds.get(evidence.kind);
        let mut facts = history.of(evidence.kind).iter();
        let fact = facts.find(|fact| fact.key == evidence.key);
        let values = |fact: &Fact| {
            let columns = kind.key().filter(|place| {
                *place != kind.merchant()
                    && kind.columns[*place].personal != Some(Personal::Dropped)
            });
            let texts = columns.map(|place| fact.value(place).to_string());
            texts.collect::<Vec<_>>().join(" ")
        };
        let values = fact.map(values).unwrap_or_default();
        Bilingual {
            zh: format!("{}：{values}", kind.name.zh),
            en: format!("{}: {values}", kind.name.en),
        }
    }
}
