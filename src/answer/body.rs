//! What an answer says of a score: tier and reasons, in Chinese and English, for a bank's eyes.

use crate::kernel::{Bilingual, Day};
use crate::register::{Coverage, History, Kinds};
use crate::score::Given;
use crate::scorecard::{Assessment, Evidence, Part, PartState, Scorecard, Standing};
use serde::Serialize;

/// The body of an answer.
#[derive(Debug, Serialize)]
pub struct Body<'a> {
    pub standing: Standing,
    /// Null where the standing is not `rated`.
    pub tier: Option<String>,
    pub score: i32,
    pub max_score: i32,
    /// The best tier that a heavy penalty leaves; told whatever the standing.
    pub tier_cap: Option<String>,
    /// The card's maximum less the maxima of what is not known.
    pub completeness: i32,
    pub red_lines: Vec<RedLine<'a>>,
    /// Ranked; their gaps add up to the maximum less the score.
    pub reasons: Vec<Reason<'a>>,
    pub characteristics: Vec<Characteristic<'a>>,
    /// Facts that the merchant disputes; they count until decided.
    pub disputed: Vec<Bilingual>,
    pub scorecard: &'a str,
    pub feeds: Vec<Feed<'a>>,
    pub notice: Bilingual,
}

/// A red line with its evidence.
#[derive(Debug, Serialize)]
pub struct RedLine<'a> {
    pub id: &'a str,
    pub name: &'a Bilingual,
    pub evidence: Vec<Bilingual>,
}

/// Why the score is not higher.
#[derive(Debug, Serialize)]
pub struct Reason<'a> {
    pub rank: usize,
    pub characteristic: &'a str,
    pub code: &'a str,
    /// Points that it costs.
    pub gap: i32,
    pub text: &'a Bilingual,
}

/// The points of one characteristic.
#[derive(Debug, Serialize)]
pub struct Characteristic<'a> {
    pub id: &'a str,
    pub name: &'a Bilingual,
    pub points: i32,
    pub max: i32,
    pub state: PartState,
}

/// How far a register reaches.
#[derive(Debug, Serialize)]
pub struct Feed<'a> {
    pub kind: &'a str,
    pub name: &'a Bilingual,
    /// The last day covered, of statements by one of the merchant's acquirers; null where nothing has been delivered.
    pub complete_until: Option<Day>,
}

/// Writes the body of an answer as JSON.
pub fn render(
    given: &Given,
    card: &Scorecard,
    kinds: &Kinds,
    history: &History,
    coverage: &Coverage,
    disputed: &[Evidence],
) -> String {
    let assessment = &given.assessment;
    let body = Body {
        standing: assessment.standing,
        tier: assessment.tier.map(|tier| tier.to_string()),
        score: assessment.score,
        max_score: card.max_score(),
        tier_cap: assessment.tier_cap.map(|tier| tier.to_string()),
        completeness: assessment.completeness,
        red_lines: red_lines(assessment, card, kinds, history),
        reasons: reasons(assessment, card),
        characteristics: characteristics(&assessment.parts, card),
        disputed: disputed
            .iter()
            .filter(|fact| !kinds.get(fact.kind).snapshot)
            .map(|fact| card.evidence_text(fact, history, kinds))
            .collect(),
        scorecard: &given.card,
        feeds: feeds(kinds, history, coverage),
        notice: notice(),
    };
    // Texts, numbers and dates always serialise.
    serde_json::to_string(&body).unwrap_or_default()
}

/// 征信业管理条例 article 23: for reference only.
pub fn notice() -> Bilingual {
    Bilingual {
        zh: "仅供参考".to_owned(),
        en: "For reference only".to_owned(),
    }
}

fn red_lines<'a>(
    assessment: &'a Assessment,
    card: &'a Scorecard,
    kinds: &Kinds,
    history: &History,
) -> Vec<RedLine<'a>> {
    let line = |line: &'a crate::scorecard::RedLine| {
        let rule = card.red_lines().get(usize::from(line.index))?;
        let evidence = line
            .evidence
            .iter()
            .map(|fact| card.evidence_text(fact, history, kinds))
            .collect();
        Some(RedLine {
            id: &rule.id,
            name: &rule.name,
            evidence,
        })
    };
    assessment.red_lines.iter().filter_map(line).collect()
}

fn reasons<'a>(assessment: &'a Assessment, card: &'a Scorecard) -> Vec<Reason<'a>> {
    let ranked = card.reasons(assessment).into_iter().enumerate();
    ranked
        .map(|(place, reason)| Reason {
            rank: place + 1,
            characteristic: &card.characteristics()[usize::from(reason.characteristic)].id,
            code: card.reason_code(assessment, reason),
            gap: reason.gap,
            text: card.reason_text(assessment, reason),
        })
        .collect()
}

fn characteristics<'a>(parts: &[Part], card: &'a Scorecard) -> Vec<Characteristic<'a>> {
    let both = card.characteristics().iter().zip(parts);
    both.map(|(characteristic, part)| Characteristic {
        id: &characteristic.id,
        name: &characteristic.name,
        points: part.points,
        max: characteristic.max,
        state: part.state,
    })
    .collect()
}

fn feeds<'a>(kinds: &'a Kinds, history: &History, coverage: &Coverage) -> Vec<Feed<'a>> {
    // A bank's own book is no other bank's business, and no score rests on it.
    let registers = kinds.iter().filter(|(_, kind)| !kind.snapshot);
    registers
        .map(|(index, kind)| Feed {
            kind: &kind.id,
            name: &kind.name,
            complete_until: coverage.until_for(index, kind, history),
        })
        .collect()
}
