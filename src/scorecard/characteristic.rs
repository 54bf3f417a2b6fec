//! A characteristic: what it measures, which feed it needs, and the points of its attributes.

use super::{
    attribute::{self, Attribute, Domain},
    feature::{self, Feature},
    feed::{Feed, Subject},
    outcome::{Mark, Outcome, Reach},
    read::Names,
    reader::Table,
};
use crate::{kernel::Bilingual, kernel::Day, register::Kinds};

/// One line of the card.
#[derive(Debug)]
pub struct Characteristic {
    pub id: Box<str>,
    pub name: Bilingual,
    /// The most points that it gives.
    pub max: i32,
    pub baseline_score: i32,
    /// In the order in which they are tried.
    pub attributes: Box<[Attribute]>,
    /// What a merchant is told where the neutral points stand in for what is not known.
    pub missing_reason: Option<Bilingual>,
    /// The points of what is not known.
    pub(super) neutral: Option<i32>,
    pub(super) feature: Feature,
    pub(super) feed: Option<Feed>,
    /// The numbers at which an attribute begins.
    pub(super) steps: Box<[i64]>,
}

/// How much is known of what a characteristic gave its points for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    Known,
    /// Not known: neutral points, or fewer where known faults give fewer; completeness suffers.
    Missing,
    /// What is measured does not apply to the merchant: full points.
    NotApplicable,
    /// Known in part: at least the neutral points; completeness suffers.
    Partial,
}

/// What one characteristic gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Part {
    pub points: i32,
    /// The place of the attribute that held.
    pub attribute: u16,
    pub state: PartState,
    /// The number that was looked at; none where the feature found a mark or a word.
    pub value: Option<i64>,
}

impl Part {
    /// Whether the points do not rest on everything that should be known.
    pub const fn is_missing(&self) -> bool {
        matches!(self.state, PartState::Missing | PartState::Partial)
    }
}

impl Characteristic {
    pub(super) fn outcome(
        &self,
        sources: &feature::Sources,
        subject: &Subject<'_>,
        t: Day,
    ) -> Outcome {
        let (reading, reach) = self.feature.read(sources, subject, t);
        let complete = self.feed.is_none_or(|feed| feed.complete(subject, t));
        let reach = if complete { reach } else { Reach::Incomplete };
        Outcome { reading, reach }
    }

    /// The points for an outcome; none where no attribute holds, which PMML calls an invalid result.
    pub(super) fn part(&self, outcome: Outcome) -> Option<Part> {
        let held = |attribute: &Attribute| attribute.set.contains(outcome.reading);
        let place = self.attributes.iter().position(held)?;
        let attribute = &self.attributes[place];
        let points = attribute.partial_score;
        let neutral = self.neutral.unwrap_or(points);
        let (points, state) = match outcome.reach {
            Reach::Incomplete if !attribute.never_missing => {
                (points.min(neutral), PartState::Missing)
            }
            _ if attribute.missing => (points, PartState::Missing),
            _ if attribute.not_applicable => (points, PartState::NotApplicable),
            Reach::Partial => (points.max(neutral), PartState::Partial),
            Reach::Complete | Reach::Incomplete => (points, PartState::Known),
        };
        Some(Part {
            points,
            attribute: place as u16,
            state,
            value: outcome.reading.number(),
        })
    }

    /// Reads a `[[characteristic]]` table; none where its feature cannot be read.
    pub(super) fn read(table: &Table<'_>, kinds: &Kinds, names: &Names<'_>) -> Option<Self> {
        let id = table.need_text("id");
        let code = table.text("reason_code").unwrap_or(id);
        let max = table.need_small("max");
        let baseline_score = table.need_small("baseline_score");
        let missing_reason = table.bilingual("missing_reason");
        let mut words = Vec::new();
        table.need("attribute");
        let rows: Vec<(Table<'_>, Attribute)> = table
            .tables("attribute")
            .into_iter()
            .map(|row| {
                let attribute = Attribute::read(&row, code, &mut words);
                (row, attribute)
            })
            .collect();
        let name = table.need_bilingual("name");
        let neutral = table.small("neutral");
        let feed = table
            .get("feed")
            .and_then(|node| feed(&node.table()?, names));
        let feature_table = table.need("feature").and_then(|node| node.table());
        let feature = feature_table.and_then(|table| {
            let feature = feature::read::feature(&table, names, words.clone().into());
            if feature.is_some() {
                table.finish();
            }
            feature
        });
        if let Some(feature) = &feature {
            let domain = domain(
                feature,
                &words,
                feature::read::closed_list(&feature.measure, names, kinds),
            );
            attribute::check(table, &rows, &domain);
        }
        let partial = matches!(
            feature,
            Some(Feature {
                measure: feature::Measure::ActiveMonths { .. },
                ..
            })
        );
        check_points(
            table,
            &rows,
            max,
            baseline_score,
            neutral,
            feed.is_some() || partial,
        );
        if (feed.is_some() || partial)
            && missing_reason.is_none()
            && neutral.is_some_and(|n| n < baseline_score)
        {
            table.fault("缺少 missing_reason", "missing_reason is missing");
        }
        let attributes: Box<[Attribute]> = rows.into_iter().map(finished).collect();
        Some(Self {
            id: id.into(),
            name,
            max,
            baseline_score,
            missing_reason,
            neutral,
            feature: feature?,
            feed,
            steps: steps(&attributes),
            attributes,
        })
    }
}

fn finished((row, attribute): (Table<'_>, Attribute)) -> Attribute {
    row.finish();
    attribute
}

/// `{ kind = …, months = … }`
fn feed(table: &Table<'_>, names: &Names<'_>) -> Option<Feed> {
    let kind = names.kind(&table.need("kind")?);
    table.need("months");
    let months = table.months("months").unwrap_or(1);
    Some(Feed {
        kind: kind?,
        months,
    })
}

/// What the feature may say once `when_none` and `applies_if_any` are heeded.
fn domain<'w>(
    feature: &Feature,
    words: &'w [Box<str>],
    closed: Option<&'w [Box<str>]>,
) -> Domain<'w> {
    let (says, numbers) = feature.measure.says();
    let mut marks = says.to_vec();
    if feature.when_none.is_some() {
        marks.retain(|mark| *mark != Mark::None);
    } else if feature.applies_if_any.is_some() {
        marks.push(Mark::NotApplicable);
    }
    Domain {
        marks,
        numbers,
        words,
        closed,
    }
}

/// Holds the points against what is stated of them.
fn check_points(
    table: &Table<'_>,
    rows: &[(Table<'_>, Attribute)],
    max: i32,
    baseline: i32,
    neutral: Option<i32>,
    needs_neutral: bool,
) {
    let highest = rows.iter().map(|(_, row)| row.partial_score).max();
    if highest.is_some_and(|highest| highest != max) {
        let highest = highest.unwrap_or_default();
        table.at("max").fault(
            format!("属性最高分为 {highest}，与声明的 max {max} 不符"),
            format!("the highest attribute gives {highest}, but max is stated as {max}"),
        );
    }
    if needs_neutral && neutral.is_none() {
        table.fault("缺少 neutral（中性分）", "neutral is missing");
    }
    if neutral.is_some_and(|neutral| neutral > max) {
        table
            .at("neutral")
            .fault("中性分高于 max", "neutral lies above max");
    }
    for (row, attribute) in rows {
        let flags = [
            attribute.missing,
            attribute.never_missing && !attribute.not_applicable,
        ];
        if (attribute.missing && attribute.not_applicable) || flags == [true, true] {
            row.fault(
                "missing 不能与 not_applicable、never_missing 并用",
                "missing goes neither with not_applicable nor with never_missing",
            );
        }
        if attribute.not_applicable && attribute.partial_score != max {
            row.fault(
                "不适用应得满分",
                "what is not applicable must give full points",
            );
        }
        if attribute.partial_score < baseline && attribute.reason.is_none() {
            row.fault(
                "扣分的属性须有 reason",
                "an attribute that costs points needs a reason",
            );
        }
    }
}

/// The numbers at which an attribute begins: its lowest, and the one after its highest.
fn steps(attributes: &[Attribute]) -> Box<[i64]> {
    let mut steps: Vec<i64> = attributes
        .iter()
        .flat_map(|attribute| [attribute.set.low, attribute.set.high.saturating_add(1)])
        .filter(|step| (0..i64::MAX).contains(step))
        .collect();
    steps.sort_unstable();
    steps.dedup();
    steps.into()
}
