//! What a card names: conditions, facts and statements.

use super::{
    condition::{Condition, Scope},
    feature::Sources,
    reader::{Node, Table},
    selection::Selection,
    statements::{MOST_MONTHS, Statements},
};
use crate::{
    kernel::text::normalised,
    register::{CellType, KindIndex, Kinds},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a card has named so far.
pub(super) struct Names<'k> {
    pub kinds: &'k Kinds,
    conditions: BTreeMap<String, (KindIndex, Condition)>,
    pub sources: Sources,
    /// Names of what is there but broken: to tell that it is not there would mislead.
    broken: BTreeSet<String>,
}

impl<'k> Names<'k> {
    pub fn new(kinds: &'k Kinds) -> Self {
        Self {
            kinds,
            conditions: BTreeMap::new(),
            sources: Sources::default(),
            broken: BTreeSet::new(),
        }
    }

    pub fn scope(&self, kind: KindIndex) -> Scope<'_> {
        Scope {
            kinds: self.kinds,
            kind,
            named: &self.conditions,
            broken: &self.broken,
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
        if place.is_none() && !self.broken.contains(id) {
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
        if place.is_none() && !self.broken.contains(id) {
            node.fault(
                format!("没有名为 {id} 的 statements"),
                format!("no statements are named {id}"),
            );
        }
        place
    }

    pub fn add_condition(&mut self, table: Table<'_>) {
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
        } else {
            self.broken.insert(id.to_owned());
        }
    }

    pub fn add_facts(&mut self, table: Table<'_>) {
        let Some(kind) = table.need("of").and_then(|node| self.kind(&node)) else {
            self.broken.insert(table.need_text("id").to_owned());
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

    pub fn add_statements(&mut self, table: Table<'_>) {
        let kind = table.need("of").and_then(|node| self.kind(&node));
        match kind.and_then(|kind| self.read_statements(&table, kind)) {
            Some(statements) => {
                table.finish();
                self.sources.statements.push(statements);
            }
            None => {
                self.broken.insert(table.need_text("id").to_owned());
            }
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
        if months.is_some_and(|months| months > MOST_MONTHS) {
            table.at("months").fault(
                format!("窗口至多 {MOST_MONTHS} 个月"),
                format!("the window has {MOST_MONTHS} months at most"),
            );
        }
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
