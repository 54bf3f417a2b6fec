//! Reads a card and checks it: all faults at once, each by its line.

use super::{
    Scorecard,
    characteristic::Characteristic,
    inputs::KindRead,
    names::Names,
    reader::{CardFault, Node, Page, Table},
    reasons::ReasonCodeAlgorithm,
    standing::Rules,
};
use crate::{
    kernel::{Day, Digest},
    register::{KindIndex, Kinds},
};
use std::collections::{BTreeMap, BTreeSet};
use toml::de::DeTable;

/// The longest card, so that a place of a characteristic fits where places are kept.
const MOST_CHARACTERISTICS: usize = 200;

impl Scorecard {
    /// Reads a card. `kinds` are the registers that it may speak of.
    ///
    /// # Errors
    /// All faults, in the order of their lines.
    pub fn parse(file_name: &str, text: &str, kinds: &Kinds) -> Result<Self, Vec<CardFault>> {
        let page = Page::new(file_name, text);
        let (parsed, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            page.fault(
                &span,
                "不是有效的TOML",
                format!("this is no TOML: {}", error.message()),
            );
        }
        if !errors.is_empty() {
            return Err(page.into_faults());
        }
        let table = Table::new(&page, 0..0, parsed.get_ref());
        let card = read_card(&table, text, kinds);
        table.finish();
        match (page.into_faults(), card) {
            (faults, Some(card)) if faults.is_empty() => Ok(card),
            (faults, _) => Err(faults),
        }
    }
}

fn read_card(table: &Table<'_>, text: &str, kinds: &Kinds) -> Option<Scorecard> {
    let mut names = Names::new(kinds);
    table
        .tables("condition")
        .into_iter()
        .for_each(|t| names.add_condition(t));
    table
        .tables("facts")
        .into_iter()
        .for_each(|t| names.add_facts(t));
    table
        .tables("statements")
        .into_iter()
        .for_each(|t| names.add_statements(t));
    let initial_score = table.small("initial_score").unwrap_or(0);
    let opened = table.need("opened").and_then(|node| opened(&node, &names));
    table.need("characteristic");
    let tables = table.tables("characteristic");
    let count = tables.len();
    let characteristics: Vec<Characteristic> = tables
        .into_iter()
        .filter_map(|table| {
            let characteristic = Characteristic::read(&table, kinds, &names);
            table.finish();
            characteristic
        })
        .collect();
    let max_score = table.need_small("max_score");
    if characteristics.len() == count {
        check_sum(table, &characteristics, initial_score, max_score);
    }
    let rules = Rules::read(table, &names);
    table.need("in_force_from");
    let stale_after_days = table.need_small("stale_after_days");
    Some(Scorecard {
        id: table.need_text("id").into(),
        version: table.need_text("version").into(),
        name: table.need_bilingual("name"),
        in_force_from: table.day("in_force_from").unwrap_or(Day::from_number(0)),
        initial_score,
        max_score,
        fresh_days: stale_after_days,
        algorithm: algorithm(table),
        opened: opened?,
        kinds_read: kinds_read(kinds, &names, &rules, &characteristics),
        characteristics: characteristics.into(),
        rules,
        digest: Digest::of(text.as_bytes()),
        sources: names.sources,
    })
}

/// The facts from whose earliest date a merchant is open.
fn opened(node: &Node<'_>, names: &Names<'_>) -> Option<usize> {
    let place = names.selection(node)?;
    if names.sources.selections[place].date.is_none() {
        node.fault("这组事实没有 date", "these facts have no date");
    }
    Some(place)
}

fn algorithm(table: &Table<'_>) -> ReasonCodeAlgorithm {
    match table.text("reason_code_algorithm") {
        None | Some("points_below") => ReasonCodeAlgorithm::PointsBelow,
        Some("points_above") => ReasonCodeAlgorithm::PointsAbove,
        Some(_) => {
            table.at("reason_code_algorithm").fault(
                "应为 points_below 或 points_above",
                "points_below or points_above belongs here",
            );
            ReasonCodeAlgorithm::PointsBelow
        }
    }
}

fn check_sum(table: &Table<'_>, lines: &[Characteristic], initial: i32, max_score: i32) {
    let sum = initial + lines.iter().map(|line| line.max).sum::<i32>();
    if sum != max_score {
        table.at("max_score").fault(
            format!("initial_score 与各项 max 合计 {sum}，与声明的 {max_score} 不符"),
            format!("initial_score and the maxima add up to {sum}, but {max_score} is stated"),
        );
    }
    if lines.len() > MOST_CHARACTERISTICS {
        table
            .at("characteristic")
            .fault("特征过多", "too many characteristics");
    }
    let mut ids = BTreeSet::new();
    for line in lines.iter().filter(|line| !ids.insert(&line.id)) {
        table.at("characteristic").fault(
            format!("特征重名 {}", line.id),
            format!("two characteristics are called {}", line.id),
        );
    }
}

/// The registers that the card looks at: at the facts of which, at the coverage of which, and by which parties.
fn kinds_read(
    kinds: &Kinds,
    names: &Names<'_>,
    rules: &Rules,
    lines: &[Characteristic],
) -> Box<[KindRead]> {
    let (selections, statements) = (&names.sources.selections, &names.sources.statements);
    let parties: BTreeMap<KindIndex, usize> =
        statements.iter().map(|s| (s.kind, s.party)).collect();
    let feeds = lines.iter().filter_map(|line| line.feed);
    let feeds: BTreeSet<KindIndex> = feeds
        .chain(rules.complete.iter().copied())
        .map(|feed| feed.kind)
        .collect();
    let facts = selections
        .iter()
        .chain(statements.iter().map(|s| &s.authorisations));
    let read: BTreeSet<KindIndex> = facts
        .map(|selection| selection.kind)
        .chain(parties.keys().copied())
        .chain(feeds.iter().copied())
        .collect();
    let read = read.into_iter().map(|kind| {
        let party = parties.get(&kind).copied();
        let whole = party.is_none() || feeds.contains(&kind);
        KindRead::new(kind, kinds.get(kind), party, whole)
    });
    read.collect()
}
