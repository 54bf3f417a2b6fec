//! The report as one object.

use super::behind::{LINES, line};
use super::tables::{Row, rows, tiers};
use super::{Table, Told};
use crate::credit_line::Flag;
use crate::report::discrimination::{Discrimination, FEW, TooFew};
use crate::report::figure::Source;
use crate::report::stability::{Verdict, psi, told as measure};
use crate::report::{Figure, Item, Number, Summary, Tally, What};
use crate::scorecard::Tier;
use serde_json::{Map, Value, json};

pub(super) fn report(told: &Told<'_>, summary: &Summary) -> Value {
    let asked = told.asked;
    let within = asked.within.iter();
    let within: Map<String, Value> = within
        .map(|(dimension, group)| (dimension.to_string(), named(group)))
        .collect();
    let tables: Map<String, Value> = told
        .tables()
        .map(|table| (name(table).to_owned(), of_table(told, summary, table)))
        .collect();
    let mut report = json!({
        "as_of": asked.as_of,
        "since": asked.since,
        "scorecard": crate::score::card_name(told.card),
        "bank": asked.bank.as_ref().map(|bank| &bank.id),
        "where": within,
        "figures": figures(&summary.total, |_| true),
        "by": tables,
    });
    if told.by.is_none() {
        report["over_cap"] = json!({
            "when_granted": over_cap(summary, Flag::OverCapWhenGranted),
            "when_raised": over_cap(summary, Flag::OverCapWhenRaised),
            "now": over_cap(summary, Flag::OverCapNow),
        });
        report["migration"] = migration(told, summary);
        report["stability"] = stability(told, summary);
        report["discrimination"] = discrimination(summary);
    }
    report
}

pub(super) const fn name(table: Table) -> &'static str {
    match table.dimension() {
        Some(dimension) => dimension.as_str(),
        None => "month",
    }
}

/// Null where there is no town, district or tier.
fn named(group: &str) -> Value {
    if group.is_empty() {
        Value::Null
    } else {
        json!(group)
    }
}

fn number(number: Number) -> Value {
    match number {
        Number::Count(count) => json!(count),
        Number::Money(money) => json!(money),
    }
}

/// All figures by name; null where a figure is not grouped so.
fn figures(tally: &Tally, fits: impl Fn(Source) -> bool) -> Map<String, Value> {
    let figures = Figure::ALL.iter().map(|figure| {
        let value = if fits(figure.source()) {
            number(tally.of(*figure))
        } else {
            Value::Null
        };
        (figure.to_string(), value)
    });
    figures.collect()
}

/// Whether a table tells figures of this source. On the days of a series nobody is scored again.
pub(super) fn fits(table: Table, source: Source) -> bool {
    match table.dimension() {
        Some(dimension) => dimension.fits(source),
        None => source != Source::Scores,
    }
}

fn of_table(told: &Told<'_>, summary: &Summary, table: Table) -> Value {
    let row = |row: Row<'_>| {
        let mut object = Map::new();
        match row.on {
            Some(day) => object.insert("on".to_owned(), json!(day)),
            None => object.insert(name(table).to_owned(), named(&row.group)),
        };
        object.extend(figures(&row.tally, |source| fits(table, source)));
        Value::Object(object)
    };
    rows(told, summary, table).into_iter().map(row).collect()
}

fn over_cap(summary: &Summary, flag: Flag) -> Value {
    let has = |item: &&Item| matches!(&item.what, What::Line(line) if line.judged.has(flag));
    let row = |item: &Item| -> Map<String, Value> {
        let keys = LINES.iter().map(|key| (*key).to_owned());
        let row = keys.zip(line(item)).filter(|(key, _)| key != "amount");
        row.collect()
    };
    let over = summary.over_cap.iter().filter(has);
    json!(over.map(row).collect::<Vec<_>>())
}

/// From each tier to each tier: all pairs, also those that nobody took.
fn migration(told: &Told<'_>, summary: &Summary) -> Value {
    let migration = &summary.migration;
    let mut moves = Vec::new();
    for from in tiers(told) {
        for to in tiers(told) {
            let count = migration.moves.get(&(from, to)).copied().unwrap_or(0);
            moves.push(json!({"from": from, "to": to, "merchants": count}));
        }
    }
    json!({
        "from": told.asked.since,
        "to": told.asked.as_of,
        "merchants": migration.moves.values().sum::<u64>(),
        "entered": migration.entered,
        "left": migration.left,
        "moves": moves,
    })
}

/// The lowest score of a band, and how many were in it before and now; best first.
pub(super) fn bands(told: &Told<'_>, summary: &Summary) -> Vec<(Tier, Option<i32>, (u64, u64))> {
    let rules = told.card.tiers().iter();
    let count = |tier| summary.bands.get(&tier).copied().unwrap_or_default();
    rules
        .map(|rule| (rule.tier, rule.from, count(rule.tier)))
        .collect()
}

fn stability(told: &Told<'_>, summary: &Summary) -> Value {
    let bands = bands(told, summary);
    let counts: Vec<(u64, u64)> = bands.iter().map(|(_, _, counts)| *counts).collect();
    let psi = psi(&counts);
    let band = |(tier, from, (before, now)): &(Tier, Option<i32>, (u64, u64))| json!({"band": tier, "from": from, "before": before, "now": now});
    json!({
        "from": told.asked.since,
        "to": told.asked.as_of,
        "psi": psi.map(|psi| measure(psi).to_string()),
        "verdict": psi.map(|psi| Verdict::of(psi).as_str()),
        "bands": bands.iter().map(band).collect::<Vec<_>>(),
    })
}

fn discrimination(summary: &Summary) -> Value {
    let outcomes = &summary.outcomes;
    let found = outcomes.discrimination();
    let figure = |of: &dyn Fn(&Discrimination) -> rust_decimal::Decimal| {
        json!(found.as_ref().ok().map(|it| measure(of(it)).to_string()))
    };
    let why = match &found {
        Err(TooFew::Nobody) => json!("no_outcomes"),
        Err(TooFew::NoneBad) => json!("none_bad"),
        Err(TooFew::NoneGood) => json!("none_good"),
        Ok(_) if outcomes.bad() < FEW => json!("few_bad"),
        Ok(_) => Value::Null,
    };
    json!({
        "good": outcomes.good(),
        "bad": outcomes.bad(),
        "not_rated_when_granted": summary.left_out.not_rated,
        "untold": summary.left_out.untold,
        "auc": figure(&|it| it.auc),
        "gini": figure(&|it| it.gini),
        "ks": figure(&|it| it.ks),
        "caution": why,
    })
}
