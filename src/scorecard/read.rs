//! Reads a card and checks it: all faults at once, each by its line.

use super::{
    Scorecard,
    characteristic::Characteristic,
    condition::{Condition, Scope},
    feature::Sources,
    inputs::KindRead,
    reader::{CardFault, Node, Page, Table},
    reasons::ReasonCodeAlgorithm,
    selection::Selection,
    standing::Rules,
    statements::Statements,
};
use crate::{
    kernel::{Day, Digest, text::normalised},
    register::{CellType, KindIndex, Kinds},
};
use std::collections::{BTreeMap, BTreeSet};
use toml::de::DeTable;

/// The longest card, so that a place of a characteristic fits where places are kept.
const MOST_CHARACTERISTICS: usize = 200;

/// What a card has named so far.
pub(super) struct Names<'k> {
    kinds: &'k Kinds,
    conditions: BTreeMap<String, (KindIndex, Condition)>,
    pub sources: Sources,
}

impl Names<'_> {
    pub fn scope(&self, kind: KindIndex) -> Scope<'_> {
        Scope {
            kinds: self.kinds,
            kind,
            named: &self.conditions,
        }
    }

    pub fn kind(&self, node: &Node<'_>) -> Option<KindIndex> {
        let id = node.text()?;
        let kind = self.kinds.index(id);
        if kind.is_none() {
            node.fault(
                format!("没有登记 {id}"),
                format!("there is no register {id}"),
            );
        }
        kind
    }

    /// The place of the `[[facts]]` that a value names.
    pub fn selection(&self, node: &Node<'_>) -> Option<usize> {
        let mut known = self.sources.selections.iter();
        let id = node.text()?;
        let place = known.position(|selection| *selection.id == *id);
        if place.is_none() {
            node.fault(
                format!("没有名为 {id} 的 facts"),
                format!("no facts are named {id}"),
            );
        }
        place
    }

    /// The place of the `[[statements]]` that a value names.
    pub fn statements(&self, node: &Node<'_>) -> Option<usize> {
        let mut known = self.sources.statements.iter();
        let id = node.text()?;
        let place = known.position(|statements| *statements.id == *id);
        if place.is_none() {
            node.fault(
                format!("没有名为 {id} 的 statements"),
                format!("no statements are named {id}"),
            );
        }
        place
    }

    fn add_condition(&mut self, table: Table<'_>) {
        let id = table.need_text("id");
        if let Some(kind) = table.need("of").and_then(|node| self.kind(&node)) {
            let where_ = table.need("where");
            let condition = where_.map(|node| self.scope(kind).condition(&node));
            let condition = condition.unwrap_or(Condition::Always);
            if self
                .conditions
                .insert(id.to_owned(), (kind, condition))
                .is_some()
            {
                table.fault("条件重名", "a condition of this name is there already");
            }
            table.finish();
        }
    }

    fn add_facts(&mut self, table: Table<'_>) {
        let Some(kind) = table.need("of").and_then(|node| self.kind(&node)) else {
            return;
        };
        let selection = Selection::read(&table, self.scope(kind));
        if selection.months.is_some() && selection.date.is_none() {
            table
                .at("months")
                .fault("有窗口的事实须有 date", "a window needs a date");
        }
        if self
            .sources
            .selections
            .iter()
            .any(|known| known.id == selection.id)
        {
            table.fault("facts 重名", "facts of this name are there already");
        }
        table.finish();
        self.sources.selections.push(selection);
    }

    fn add_statements(&mut self, table: Table<'_>) {
        let Some(kind) = table.need("of").and_then(|node| self.kind(&node)) else {
            return;
        };
        let statements = self.read_statements(&table, kind);
        table.finish();
        if let Some(statements) = statements {
            self.sources.statements.push(statements);
        }
    }

    fn read_statements(&self, table: &Table<'_>, kind: KindIndex) -> Option<Statements> {
        let declared = self.kinds.get(kind);
        let party = declared
            .covered_by
            .as_deref()
            .and_then(|id| declared.column(id));
        if party.is_none() {
            table.at("of").fault(
                "该登记没有声明 covered_by",
                "this register declares no covered_by",
            );
        }
        let month = self.scope(kind).column(table, "month", &[CellType::Month]);
        let id = table.need_text("id");
        let months = table.need("months").and_then(|_| table.months("months"));
        let usable_days = table.need_small("usable_days");
        let authorised = table.need("authorised")?.table()?;
        let of = self.kind(&authorised.need("of")?)?;
        let purpose: Box<str> = normalised(authorised.need_text("purpose")).into();
        let purposes = self
            .scope(of)
            .column(&authorised, "purposes", &[CellType::Text]);
        let mut authorisations = Selection::read(&authorised, self.scope(of));
        authorisations.require(Condition::AnyIn(purposes?, Box::new([purpose.clone()])));
        authorised.finish();
        Some(Statements {
            id: id.into(),
            kind,
            party: party?,
            month: month?,
            months: months?,
            usable_days,
            purpose,
            authorisations,
        })
    }
}

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
    let mut names = Names {
        kinds,
        conditions: BTreeMap::new(),
        sources: Sources::default(),
    };
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
    if table.need("in_force_from").is_some() {
        table.day("in_force_from");
    }
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
        characteristics: characteristics.into(),
        rules,
        kinds_read: kinds_read(kinds, &names),
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

/// The registers that the card looks at, with the names of what it may read of them.
fn kinds_read(kinds: &Kinds, names: &Names<'_>) -> Box<[KindRead]> {
    let selections = names
        .sources
        .selections
        .iter()
        .map(|selection| (selection.kind, None));
    let statements = names.sources.statements.iter();
    let parties = statements.flat_map(|s| [(s.authorisations.kind, None), (s.kind, Some(s.party))]);
    let read: BTreeMap<KindIndex, Option<usize>> = selections.chain(parties).collect();
    let read = read.into_iter();
    read.map(|(index, party)| KindRead::new(index, kinds.get(index), party))
        .collect()
}
