//! A characteristic: what it measures, which feed it needs, and the points of its attributes.

use super::{
    attribute::{self, Attribute, Domain},
    feature::{self, Feature, Measure},
    feed::{Feed, Subject},
    names::Names,
    outcome::{Mark, Outcome, Reach, Reading, ReadingSet},
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
    /// What scoring needs of the attributes, close together.
    rows: Box<[Row]>,
    /// The neutral points as a least and as a most; where there are none, what changes nothing.
    floor: (i32, i32),
}

/// What scoring needs of one attribute.
#[derive(Debug)]
struct Row {
    set: ReadingSet,
    points: i32,
    /// The state where the feed reaches.
    state: PartState,
    never_missing: bool,
}

impl Row {
    fn new(attribute: &Attribute) -> Self {
        Self {
            set: attribute.set,
            points: attribute.partial_score,
            state: if attribute.missing {
                PartState::Missing
            } else if attribute.not_applicable {
                PartState::NotApplicable
            } else {
                PartState::Known
            },
            never_missing: attribute.never_missing,
        }
    }
}

/// How much is known of what a characteristic gave its points for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
    /// Inlined, which more than halves the time of the card alone.
    #[inline]
    pub(super) fn part(&self, outcome: Outcome) -> Option<Part> {
        let mut rows = self.rows.iter();
        let place = match outcome.reading {
            Reading::Number(n) => rows.position(|row| row.set.low <= n && n <= row.set.high),
            other => rows.position(|row| row.set.contains(other)),
        }?;
        let row = &self.rows[place];
        let (points, state) = match (outcome.reach, row.state) {
            (Reach::Complete, state) => (row.points, state),
            (Reach::Incomplete, _) if !row.never_missing => {
                (row.points.min(self.floor.1), PartState::Missing)
            }
            (Reach::Partial, PartState::Known) => {
                (row.points.max(self.floor.0), PartState::Partial)
            }
            (Reach::Incomplete | Reach::Partial, state) => (row.points, state),
        };
        Some(Part {
            points,
            attribute: place as u16,
            state,
            value: outcome.reading.number(),
        })
    }

    /// What it gives a merchant at the end of a day.
    pub(super) fn part_at(
        &self,
        sources: &feature::Sources,
        subject: &Subject<'_>,
        t: Day,
    ) -> Part {
        let outcome = self.outcome(sources, subject, t);
        // The card was refused at load if a feature could say what no attribute takes.
        self.part(outcome).unwrap_or(Part {
            points: self.neutral.unwrap_or(0),
            attribute: 0,
            state: PartState::Missing,
            value: outcome.reading.number(),
        })
    }

    /// Reads a `[[characteristic]]` table; none where its feature cannot be read.
    pub(super) fn read(table: &Table<'_>, kinds: &Kinds, names: &Names<'_>) -> Option<Self> {
        let id = table.need_text("id");
        let code = table.text("reason_code").unwrap_or(id);
        let (mut words, told) = (Vec::new(), table.page.told());
        table.need("attribute");
        let rows = table.tables("attribute").into_iter().map(|row| {
            let attribute = Attribute::read(&row, code, &mut words);
            (row, attribute)
        });
        let rows: Vec<(Table<'_>, Attribute)> = rows.collect();
        let legible = table.page.told() == told;
        let points = Points {
            max: table.need_small("max"),
            baseline: table.need_small("baseline_score"),
            neutral: table.small("neutral"),
            missing_reason: table.bilingual("missing_reason"),
        };
        let name = table.need_bilingual("name");
        let feed = table
            .get("feed")
            .and_then(|node| feed(&node.table()?, names));
        let feature = read_feature(table, names, &words);
        if let (Some(feature), true) = (&feature, legible) {
            let closed = feature::read::closed_list(&feature.measure, names, kinds);
            attribute::check(table, &rows, &domain(feature, &words, closed));
            let partial = matches!(feature.measure, Measure::ActiveMonths { .. });
            points.check(table, &rows, feed.is_some() || partial);
        }
        let attributes: Box<[Attribute]> = rows.into_iter().map(finished).collect();
        Some(Self {
            id: id.into(),
            name,
            max: points.max,
            baseline_score: points.baseline,
            missing_reason: points.missing_reason,
            neutral: points.neutral,
            feature: feature?,
            feed,
            steps: steps(&attributes),
            rows: attributes.iter().map(Row::new).collect(),
            floor: (
                points.neutral.unwrap_or(i32::MIN),
                points.neutral.unwrap_or(i32::MAX),
            ),
            attributes,
        })
    }
}

fn read_feature(table: &Table<'_>, names: &Names<'_>, words: &[Box<str>]) -> Option<Feature> {
    let table = table.need("feature")?.table()?;
    let feature = feature::read::feature(&table, names, words.into())?;
    table.finish();
    Some(feature)
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

/// What is stated of a characteristic's points.
struct Points {
    max: i32,
    baseline: i32,
    neutral: Option<i32>,
    missing_reason: Option<Bilingual>,
}

impl Points {
    /// Holds the attributes against it. `silent`: whether the characteristic may be missing by its feed.
    fn check(&self, table: &Table<'_>, rows: &[(Table<'_>, Attribute)], silent: bool) {
        let max = self.max;
        let highest = rows.iter().map(|(_, row)| row.partial_score).max();
        if let Some(highest) = highest.filter(|highest| *highest != max) {
            table.at("max").fault(
                format!("属性最高分为 {highest}，与声明的 max {max} 不符"),
                format!("the highest attribute gives {highest}, but max is stated as {max}"),
            );
        }
        if silent && self.neutral.is_none() {
            table.fault("缺少 neutral（中性分）", "neutral is missing");
        }
        if self.neutral.is_some_and(|neutral| neutral > max) {
            let place = table.at("neutral");
            place.fault("中性分高于 max", "neutral lies above max");
        }
        let costs = self.neutral.is_some_and(|neutral| neutral < self.baseline);
        if silent && costs && self.missing_reason.is_none() {
            table.fault("缺少 missing_reason", "missing_reason is missing");
        }
        for (row, attribute) in rows {
            self.check_attribute(row, attribute);
        }
    }

    fn check_attribute(&self, row: &Table<'_>, attribute: &Attribute) {
        if attribute.missing && (attribute.not_applicable || attribute.never_missing) {
            row.fault(
                "missing 不能与 not_applicable、never_missing 并用",
                "missing goes neither with not_applicable nor with never_missing",
            );
        }
        if attribute.not_applicable && attribute.partial_score != self.max {
            row.fault(
                "不适用应得满分",
                "what is not applicable must give full points",
            );
        } else if attribute.partial_score < self.baseline && attribute.reason.is_none() {
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
