//! Reads a characteristic's `feature` table.

use super::{Feature, Measure, PeriodicReport, SumTest};
use crate::{
    kernel::Day,
    register::{CellType, Kinds},
    scorecard::{
        condition::{Condition, Scope, number},
        decay,
        names::Names,
        reader::Table,
    },
};

/// The feature kinds, as cards name them.
const KINDS: &str = "months_since, open_interval, weighted_sum, count, smoothed_share, rate, lowest, \
     latest_value, periodic_report, active_months";

/// Reads a feature; none where what is missing leaves nothing to go on with (a fault has then been told).
/// `words` are those that the characteristic's attributes test.
pub(in crate::scorecard) fn feature(
    table: &Table<'_>,
    names: &Names<'_>,
    words: Box<[Box<str>]>,
) -> Option<Feature> {
    let node = table.need("kind")?;
    let measure = match node.text()? {
        "months_since" => months_since(table, names),
        "open_interval" => open_interval(table, names),
        "weighted_sum" => weighted_sum(table, names),
        "count" => count(table, names),
        "smoothed_share" => smoothed_share(table, names),
        "rate" => rate(table, names),
        "lowest" => lowest(table, names),
        "latest_value" => latest_value(table, names, words),
        "periodic_report" => periodic_report(table, names),
        "active_months" => active_months(table, names),
        other => {
            node.fault(
                format!("没有特征类型 {other}，可用：{KINDS}"),
                format!("no feature kind is called {other}; there are {KINDS}"),
            );
            return None;
        }
    }?;
    let applies = table.get("applies_if_any");
    Some(Feature {
        measure,
        when_none: table.integer("when_none"),
        applies_if_any: applies.and_then(|node| names.selection(&node)),
    })
}

fn facts<'n>(table: &Table<'_>, names: &'n Names<'_>) -> Option<(usize, Scope<'n>)> {
    let place = names.selection(&table.need("facts")?)?;
    Some((place, names.scope(names.sources.selections[place].kind)))
}

fn dated(table: &Table<'_>, names: &Names<'_>, place: usize) {
    if names.sources.selections[place].date.is_none() {
        table.at("facts").fault(
            "这组事实没有 date，此特征需要",
            "these facts have no date, which this feature needs",
        );
    }
}

fn months_since(table: &Table<'_>, names: &Names<'_>) -> Option<Measure> {
    let (facts, _) = facts(table, names)?;
    dated(table, names, facts);
    let latest = match table.need("pick").and_then(|node| node.text()) {
        Some("latest") => true,
        Some("earliest") | None => false,
        Some(_) => {
            table
                .at("pick")
                .fault("应为 earliest 或 latest", "earliest or latest belongs here");
            false
        }
    };
    Some(Measure::MonthsSince { facts, latest })
}

fn open_interval(table: &Table<'_>, names: &Names<'_>) -> Option<Measure> {
    let (facts, scope) = facts(table, names)?;
    dated(table, names, facts);
    let end = scope.column(table, "end", &[CellType::Date])?;
    Some(Measure::OpenInterval { facts, end })
}

fn weighted_sum(table: &Table<'_>, names: &Names<'_>) -> Option<Measure> {
    let (facts, scope) = facts(table, names)?;
    let weights = table.tables("weights").into_iter().map(|table| {
        let weight = i64::from(table.need_small("weight"));
        if weight < 0 {
            table.fault("权重不能为负", "a weight cannot be negative");
        }
        let condition = scope.condition_of(&table, "where");
        table.finish();
        (weight, condition)
    });
    let weights: Box<[_]> = weights.collect();
    if weights.is_empty() {
        table.fault("缺少 weights", "weights are missing");
    }
    let half_life = table.months("half_life_months");
    let decay = half_life.and_then(|half_life| {
        let months = names.sources.selections[facts].months;
        if months.is_none() {
            table.at("half_life_months").fault(
                "有半衰期的事实须有 months 窗口",
                "facts with a half-life need a window of months",
            );
        }
        months.map(|months| decay::table(half_life.unsigned_abs(), months.unsigned_abs()))
    });
    Some(Measure::WeightedSum {
        facts,
        weights,
        decay,
    })
}

/// A sum in which what is counted weighs 1.
fn count(table: &Table<'_>, names: &Names<'_>) -> Option<Measure> {
    let (facts, scope) = facts(table, names)?;
    let counting: Condition = scope.condition_of(table, "counting");
    Some(Measure::WeightedSum {
        facts,
        weights: Box::new([(1, counting)]),
        decay: None,
    })
}

/// A number that must lie above nothing.
fn positive(table: &Table<'_>, key: &'static str) -> i64 {
    let number = i64::from(table.need_small(key));
    if number < 1 {
        table
            .at(key)
            .fault("应为正整数", "a positive number belongs here");
    }
    number.max(1)
}

fn smoothed_share(table: &Table<'_>, names: &Names<'_>) -> Option<Measure> {
    let (facts, scope) = facts(table, names)?;
    let prior = |key| i64::from(table.small(key).unwrap_or(0)).max(0);
    Some(Measure::SmoothedShare {
        facts,
        good: scope.condition(&table.need("good")?),
        bad: scope.condition(&table.need("bad")?),
        prior: (prior("prior_good"), prior("prior_bad")),
        scale: positive(table, "scale"),
    })
}

fn rate(table: &Table<'_>, names: &Names<'_>) -> Option<Measure> {
    let (facts, _) = facts(table, names)?;
    let denominator = table.need("denominator")?.table()?;
    let statements = names.statements(&denominator.need("statements")?)?;
    let scope = names.scope(names.sources.statements[statements].kind);
    let sum = scope.column(&denominator, "sum", &[CellType::Count, CellType::Amount])?;
    let floor = positive(&denominator, "at_least");
    denominator.finish();
    Some(Measure::Rate {
        facts,
        scale: positive(table, "scale"),
        statements,
        sum,
        floor,
    })
}

const NUMBERS: [CellType; 4] = [
    CellType::Count,
    CellType::Amount,
    CellType::Year,
    CellType::PromisedDays,
];

fn lowest(table: &Table<'_>, names: &Names<'_>) -> Option<Measure> {
    let (facts, scope) = facts(table, names)?;
    let column = scope.column(table, "column", &NUMBERS)?;
    Some(Measure::Lowest { facts, column })
}

fn latest_value(table: &Table<'_>, names: &Names<'_>, words: Box<[Box<str>]>) -> Option<Measure> {
    let (facts, scope) = facts(table, names)?;
    let types = if words.is_empty() {
        NUMBERS.to_vec()
    } else {
        vec![CellType::Text, CellType::Word]
    };
    let column = scope.column(table, "column", &types)?;
    Some(Measure::LatestValue {
        facts,
        column,
        words,
    })
}

fn periodic_report(table: &Table<'_>, names: &Names<'_>) -> Option<Measure> {
    let (facts, scope) = facts(table, names)?;
    let year = scope.column(table, "year", &[CellType::Year])?;
    let filed = scope.column(table, "filed", &[CellType::Date])?;
    let node = table.need("due")?;
    let due = node.text().and_then(|text| {
        let (month, day) = text.split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        Day::from_ymd(2023, month, day).map(|_| (month, day))
    });
    if due.is_none() {
        node.fault(
            "应为每年的一天，如 06-30",
            "a day of every year belongs here, such as 06-30",
        );
    }
    Some(Measure::PeriodicReport(PeriodicReport {
        facts,
        year,
        filed,
        due: due?,
    }))
}

fn active_months(table: &Table<'_>, names: &Names<'_>) -> Option<Measure> {
    let statements = names.statements(&table.need("statements")?)?;
    let scope = names.scope(names.sources.statements[statements].kind);
    let numbers = [CellType::Count, CellType::Amount];
    table.need("active");
    let tests = table.tables("active").into_iter().filter_map(|table| {
        let less = table.get("less");
        let test = SumTest {
            sum: scope.column(&table, "sum", &numbers)?,
            less: less.and_then(|node| scope.column_at(&node, &numbers)),
            least: number(&table.need("at_least")?)?,
        };
        table.finish();
        Some(test)
    });
    Some(Measure::ActiveMonths {
        statements,
        tests: tests.collect(),
    })
}

/// Whether every word of a closed list is known to the feature's attributes or falls to another one.
pub(in crate::scorecard) fn closed_list<'k>(
    measure: &Measure,
    names: &Names<'_>,
    kinds: &'k Kinds,
) -> Option<&'k [Box<str>]> {
    let Measure::LatestValue { facts, column, .. } = measure else {
        return None;
    };
    let kind = kinds.get(names.sources.selections[*facts].kind);
    let column = &kind.columns[*column];
    (column.cell == CellType::Word).then_some(&column.words)
}
