//! The scores given: what the card said of a merchant, kept as it was said.

pub mod cards;
pub mod records;

pub use cards::{Cards, NoSuchCard};

use crate::kernel::Day;
use crate::kernel::id::Named;
use crate::register::{Coverage, History, Kinds};
use crate::scorecard::{
    Assessment, BeforeFirstDay, Evidence, Part, PartState, RedLine, Scorecard, Standing,
};
use serde::{Deserialize, Serialize};

/// One score given to one merchant.
pub struct Score;

impl Named for Score {
    const PREFIX: &'static str = "scr";
}

/// A score as it is given: the assessment, and until when it stands if nothing more is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub as_of: Day,
    /// The card's name, `daishan-2026.1`.
    pub card: String,
    pub assessment: Assessment,
    pub next_change_on: Option<Day>,
}

/// The name under which a card is known: its id and version, as its file is named.
pub fn card_name(card: &Scorecard) -> String {
    format!("{}-{}", card.id(), card.version())
}

/// Scores a history on a day; none where the merchant is not open then.
pub fn give(
    card: &Scorecard,
    history: &History,
    coverage: &Coverage,
    as_of: Day,
) -> Result<Option<Given>, BeforeFirstDay> {
    let Some(assessment) = card.assess(history, coverage, as_of)? else {
        return Ok(None);
    };
    let next_change_on = card.next_change_on(history, coverage, as_of, &assessment);
    Ok(Some(Given {
        as_of,
        card: card_name(card),
        assessment,
        next_change_on,
    }))
}

/// A characteristic's part as it is stored: points, place of the attribute, state, value.
#[derive(Serialize, Deserialize)]
struct StoredPart(i32, u16, char, Option<i64>);

/// A red line as it is stored, with its evidence by register and key.
#[derive(Serialize, Deserialize)]
struct StoredRedLine {
    id: String,
    evidence: Vec<(String, String)>,
}

const STATES: [(PartState, char); 4] = [
    (PartState::Known, 'k'),
    (PartState::Missing, 'm'),
    (PartState::NotApplicable, 'n'),
    (PartState::Partial, 'p'),
];

fn parts_to_text(parts: &[Part]) -> String {
    let letter = |state| {
        STATES
            .iter()
            .find(|known| known.0 == state)
            .map_or('k', |known| known.1)
    };
    let parts = parts
        .iter()
        .map(|part| StoredPart(part.points, part.attribute, letter(part.state), part.value));
    // Numbers and letters always serialise.
    serde_json::to_string(&parts.collect::<Vec<_>>()).unwrap_or_default()
}

fn parts_from_text(text: &str) -> Option<Box<[Part]>> {
    let state = |letter| {
        STATES
            .iter()
            .find(|known| known.1 == letter)
            .map(|known| known.0)
    };
    let parts: Vec<StoredPart> = serde_json::from_str(text).ok()?;
    parts
        .into_iter()
        .map(|StoredPart(points, attribute, letter, value)| {
            Some(Part {
                points,
                attribute,
                state: state(letter)?,
                value,
            })
        })
        .collect()
}

fn red_lines_to_text(red_lines: &[RedLine], card: &Scorecard, kinds: &Kinds) -> String {
    let stored = red_lines.iter().map(|line| StoredRedLine {
        id: card
            .red_lines()
            .get(usize::from(line.index))
            .map_or_else(String::new, |rule| rule.id.to_string()),
        evidence: line
            .evidence
            .iter()
            .map(|fact| (kinds.get(fact.kind).id.to_string(), fact.key.to_string()))
            .collect(),
    });
    serde_json::to_string(&stored.collect::<Vec<_>>()).unwrap_or_default()
}

fn red_lines_from_text(text: &str, card: &Scorecard, kinds: &Kinds) -> Option<Vec<RedLine>> {
    let stored: Vec<StoredRedLine> = serde_json::from_str(text).ok()?;
    let line = |line: StoredRedLine| {
        let index = card
            .red_lines()
            .iter()
            .position(|rule| *rule.id == *line.id)? as u16;
        let evidence = line.evidence.into_iter().map(|(kind, key)| {
            Some(Evidence {
                kind: kinds.index(&kind)?,
                key: key.into(),
            })
        });
        Some(RedLine {
            index,
            evidence: evidence.collect::<Option<_>>()?,
        })
    };
    stored.into_iter().map(line).collect()
}

/// Where a score puts a merchant, and why, without the points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    pub standing: Standing,
    pub red_lines: Vec<RedLine>,
}

impl Stands {
    /// Reads the columns of a score given with this card.
    fn read(standing: &str, red_lines: &str, card: &Scorecard, kinds: &Kinds) -> Option<Self> {
        Some(Self {
            standing: standing.parse().ok()?,
            red_lines: red_lines_from_text(red_lines, card, kinds)?,
        })
    }
}

/// What a score says, in columns as it is stored.
#[derive(Clone, Debug)]
pub struct Columns {
    pub as_of: Day,
    pub card: String,
    pub standing: String,
    pub points: i32,
    pub tier: Option<String>,
    pub tier_cap: Option<String>,
    pub completeness: i32,
    pub next_change_on: Option<Day>,
    pub parts: String,
    pub red_lines: String,
}

impl Columns {
    pub fn of(given: &Given, card: &Scorecard, kinds: &Kinds) -> Self {
        let assessment = &given.assessment;
        Self {
            as_of: given.as_of,
            card: given.card.clone(),
            standing: assessment.standing.to_string(),
            points: assessment.score,
            tier: assessment.tier.map(|tier| tier.to_string()),
            tier_cap: assessment.tier_cap.map(|tier| tier.to_string()),
            completeness: assessment.completeness,
            next_change_on: given.next_change_on,
            parts: parts_to_text(&assessment.parts),
            red_lines: red_lines_to_text(&assessment.red_lines, card, kinds),
        }
    }

    /// Whether another score says the same, on whatever day: then it need not be given anew.
    pub fn says_as(&self, other: &Self) -> bool {
        let Self {
            as_of: _,
            card,
            standing,
            points,
            tier,
            tier_cap,
            completeness,
            next_change_on,
            parts,
            red_lines,
        } = self;
        (card, standing, points, tier) == (&other.card, &other.standing, &other.points, &other.tier)
            && (tier_cap, completeness) == (&other.tier_cap, &other.completeness)
            && (next_change_on, parts) == (&other.next_change_on, &other.parts)
            && *red_lines == other.red_lines
    }

    /// None where the score was given with another card, or the columns do not fit it.
    pub fn read(&self, card: &Scorecard, kinds: &Kinds) -> Option<Given> {
        if self.card != card_name(card) {
            return None;
        }
        let tier = |name: &Option<String>| match name {
            Some(name) => card.tier(name).map(Some),
            None => Some(None),
        };
        Some(Given {
            assessment: Assessment {
                standing: self.standing.parse::<Standing>().ok()?,
                score: self.points,
                tier: tier(&self.tier)?,
                tier_cap: tier(&self.tier_cap)?,
                completeness: self.completeness,
                red_lines: red_lines_from_text(&self.red_lines, card, kinds)?,
                parts: parts_from_text(&self.parts)?,
            },
            as_of: self.as_of,
            card: self.card.clone(),
            next_change_on: self.next_change_on,
        })
    }
}
