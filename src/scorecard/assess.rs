//! The assessment of one merchant on one day.

use super::{Part, Reason, Scorecard, Standing, Tier, feed::Subject, outcome::Outcome};
use crate::{
    kernel::Day,
    register::{Coverage, Fact, History, KindIndex},
};

/// What the card says of a merchant on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    pub standing: Standing,
    pub score: i32,
    /// Only where the standing is rated.
    pub tier: Option<Tier>,
    /// The best tier that may be had, if anything caps it; told whatever the standing.
    pub tier_cap: Option<Tier>,
    /// The card's maximum less the maxima of what is missing.
    pub completeness: i32,
    pub red_lines: Vec<RedLine>,
    /// One a characteristic, in document order.
    pub parts: Box<[Part]>,
}

/// A red line that is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedLine {
    /// Its place among the card's.
    pub index: u16,
    pub evidence: Vec<Evidence>,
}

/// A fact that something rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub kind: KindIndex,
    pub key: Box<str>,
}

/// A day that lies before the card's first.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{day} 早于评分卡启用日 {first} · {day} lies before the card's first day, {first}")]
pub struct BeforeFirstDay {
    pub day: Day,
    pub first: Day,
}

/// PMML's invalid result: a characteristic none of whose attributes holds. Only a feature that the card's own
/// could not have given brings it about.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "第 {characteristic} 项没有适用的属性 · no attribute of characteristic {characteristic} holds"
)]
pub struct NoAttribute {
    /// Its place, from 0.
    pub characteristic: usize,
}

/// The card alone: what it gives for features that somebody else has read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeatureScore {
    pub score: i32,
    pub parts: Vec<Part>,
    /// Ranked.
    pub reasons: Vec<Reason>,
}

impl Scorecard {
    /// Assesses a merchant at the end of a day; none where the roster does not know it or it opens later.
    ///
    /// # Errors
    /// Where the day lies before the card's first.
    pub fn assess(
        &self,
        history: &History,
        coverage: &Coverage,
        as_of: Day,
    ) -> Result<Option<Assessment>, BeforeFirstDay> {
        if as_of < self.in_force_from {
            return Err(BeforeFirstDay {
                day: as_of,
                first: self.in_force_from,
            });
        }
        let subject = self.subject(history, coverage);
        let open = subject.filter(|subject| subject.opened <= as_of);
        Ok(open.map(|subject| self.assess_at(&subject, as_of)))
    }

    pub(super) fn subject<'h>(
        &self,
        history: &'h History,
        coverage: &'h Coverage,
    ) -> Option<Subject<'h>> {
        Some(Subject {
            history,
            coverage,
            opened: self.opened_on(history)?,
            fresh_days: self.fresh_days,
        })
    }

    pub(super) fn assess_at(&self, subject: &Subject<'_>, t: Day) -> Assessment {
        let (mut score, mut completeness) = (self.initial_score, self.max_score);
        let parts = self.characteristics.iter().map(|characteristic| {
            let part = characteristic.part_at(&self.sources, subject, t);
            score += part.points;
            if part.is_missing() {
                completeness -= characteristic.max;
            }
            part
        });
        let parts: Box<[Part]> = parts.collect();
        let red_lines = self.red_lines_drawn(subject, t);
        let standing = if red_lines.is_empty() {
            self.rules.standing(&self.sources, subject, t, completeness)
        } else {
            Standing::RedLine
        };
        let tier_cap = self.rules.cap(&self.sources, subject, t);
        let rated = standing == Standing::Rated;
        let tier = rated.then(|| self.rules.tier(score)).flatten();
        Assessment {
            standing,
            score,
            tier: tier.map(|tier| tier_cap.map_or(tier, |cap| tier.min(cap))),
            tier_cap,
            completeness,
            red_lines,
            parts,
        }
    }

    fn red_lines_drawn(&self, subject: &Subject<'_>, t: Day) -> Vec<RedLine> {
        let rules = self.rules.red_lines.iter().enumerate();
        let drawn = rules.filter(|(_, rule)| rule.drawn(&self.sources, subject, t));
        let evidence = |fact: &Fact| Evidence {
            kind: fact.kind,
            key: fact.key.clone(),
        };
        drawn
            .map(|(index, rule)| {
                let facts = self.sources.selections[rule.facts].counted(subject.history, t);
                RedLine {
                    index: index as u16,
                    evidence: facts.map(evidence).collect(),
                }
            })
            .collect()
    }

    /// What each characteristic's feature says of a merchant at the end of a day, in document order: what
    /// [`Scorecard::score_features`] takes. None where the merchant is not open.
    pub fn outcomes(
        &self,
        history: &History,
        coverage: &Coverage,
        as_of: Day,
    ) -> Option<Vec<Outcome>> {
        let subject = self.subject(history, coverage)?;
        let lines = self.characteristics.iter();
        (subject.opened <= as_of).then(|| {
            let outcomes = lines.map(|line| line.outcome(&self.sources, &subject, as_of));
            outcomes.collect()
        })
    }

    /// Scores features that somebody else has read, one a characteristic in document order.
    ///
    /// # Errors
    /// Where no attribute of a characteristic holds, or a feature is lacking.
    pub fn score_features(&self, outcomes: &[Outcome]) -> Result<FeatureScore, NoAttribute> {
        let most = self.characteristics.len();
        let mut into = FeatureScore {
            score: 0,
            parts: Vec::with_capacity(most),
            reasons: Vec::with_capacity(most),
        };
        self.score_features_into(outcomes, &mut into)?;
        Ok(into)
    }

    /// The same into what an earlier call filled, so that scoring in a loop allocates nothing.
    ///
    /// # Errors
    /// As [`Scorecard::score_features`].
    pub fn score_features_into(
        &self,
        outcomes: &[Outcome],
        into: &mut FeatureScore,
    ) -> Result<(), NoAttribute> {
        into.score = self.initial_score;
        into.parts.clear();
        into.reasons.clear();
        for (place, characteristic) in self.characteristics.iter().enumerate() {
            let outcome = outcomes.get(place).copied();
            let part = outcome.and_then(|outcome| characteristic.part(outcome));
            let Some(part) = part else {
                return Err(NoAttribute {
                    characteristic: place,
                });
            };
            into.score += part.points;
            let baseline = characteristic.baseline_score;
            self.rank_one(place, baseline, part.points, &mut into.reasons);
            into.parts.push(part);
        }
        Ok(())
    }
}
