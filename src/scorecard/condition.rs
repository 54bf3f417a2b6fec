//! Conditions on one fact, compiled once: columns are places, constants are parsed.

use super::reader::{Node, Table};
use crate::{
    kernel::{Money, text::normalised},
    register::{CellType, Column, Fact, KindIndex, Kinds},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a fact must be like.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Always,
    /// The text is one of these.
    Is(usize, Box<[Box<str>]>),
    /// One of the texts joined by `;` is one of these.
    AnyIn(usize, Box<[Box<str>]>),
    /// There are texts joined by `;`, and every one is one of these.
    AllIn(usize, Box<[Box<str>]>),
    Present(usize),
    /// Both columns hold the same, and it is something.
    SameAs(usize, usize),
    /// The date of the first column lies after that of the second.
    LaterThan(usize, usize),
    /// Counts as they are, money in fen.
    AtLeast(usize, i64),
    AtMost(usize, i64),
    All(Box<[Condition]>),
    Any(Box<[Condition]>),
    Not(Box<Condition>),
}

impl Condition {
    pub fn holds(&self, fact: &Fact) -> bool {
        let listed = |words: &[Box<str>], text: &str| words.iter().any(|word| **word == *text);
        match self {
            Self::Always => true,
            Self::Is(column, words) => listed(words, fact.value(*column).as_text()),
            Self::AnyIn(column, words) => pieces(fact, *column).any(|piece| listed(words, piece)),
            Self::AllIn(column, words) => {
                pieces(fact, *column).next().is_some()
                    && pieces(fact, *column).all(|piece| listed(words, piece))
            }
            Self::Present(column) => !fact.value(*column).is_blank(),
            Self::SameAs(column, other) => {
                !fact.value(*column).is_blank() && fact.value(*column) == fact.value(*other)
            }
            Self::LaterThan(column, other) => {
                let days = (fact.value(*column).as_day(), fact.value(*other).as_day());
                matches!(days, (Some(day), Some(other)) if day > other)
            }
            Self::AtLeast(column, least) => fact
                .value(*column)
                .as_number()
                .is_some_and(|number| number >= *least),
            Self::AtMost(column, most) => fact
                .value(*column)
                .as_number()
                .is_some_and(|number| number <= *most),
            Self::All(all) => all.iter().all(|condition| condition.holds(fact)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(fact)),
            Self::Not(condition) => !condition.holds(fact),
        }
    }
}

fn pieces(fact: &Fact, column: usize) -> impl Iterator<Item = &str> {
    let pieces = fact.value(column).as_text().split(';').map(str::trim);
    pieces.filter(|piece| !piece.is_empty())
}

/// The register that a table of the card speaks of, and the conditions named so far.
#[derive(Clone, Copy)]
pub(super) struct Scope<'k> {
    pub kinds: &'k Kinds,
    pub kind: KindIndex,
    pub named: &'k BTreeMap<String, (KindIndex, Condition)>,
    pub broken: &'k BTreeSet<String>,
}

impl Scope<'_> {
    /// The place of the column that a key names, if its type is one of these (any, where none is given).
    pub fn column(
        &self,
        table: &Table<'_>,
        key: &'static str,
        types: &[CellType],
    ) -> Option<usize> {
        let node = table.need(key)?;
        self.column_at(&node, types)
    }

    pub fn column_at(&self, node: &Node<'_>, types: &[CellType]) -> Option<usize> {
        let (id, kind) = (node.text()?, self.kinds.get(self.kind));
        let place = kind.column(id);
        match place {
            None => node.fault(
                format!("{kind} 没有列 {id}"),
                format!("{} has no column {id}", kind.id),
            ),
            Some(place) if !types.is_empty() && !types.contains(&kind.columns[place].cell) => node
                .fault(
                    format!("列 {id} 的类型不适用于此处"),
                    format!("the column {id} is of a type that does not go here"),
                ),
            Some(_) => {}
        }
        place
    }

    /// The condition under a key; always, where there is none.
    pub fn condition_of(&self, table: &Table<'_>, key: &'static str) -> Condition {
        let node = table.get(key);
        node.map_or(Condition::Always, |node| self.condition(&node))
    }

    /// Compiles a condition. A broken one is told; what stands for it does not matter.
    pub fn condition(&self, node: &Node<'_>) -> Condition {
        let Some(table) = node.table() else {
            return Condition::Always;
        };
        let told = table.page.told();
        let condition = self.compound(&table).or_else(|| self.test(&table));
        if table.page.told() > told {
            return Condition::Always;
        }
        if condition.is_none() {
            table.fault("不是条件", "this is no condition");
        }
        table.finish();
        condition.unwrap_or(Condition::Always)
    }

    /// `named`, `all`, `any` and `not`.
    fn compound(&self, table: &Table<'_>) -> Option<Condition> {
        if let Some(node) = table.get("named") {
            let name = node.text()?;
            match self.named.get(name) {
                Some((kind, condition)) if *kind == self.kind => return Some(condition.clone()),
                Some(_) => node.fault(
                    format!("条件 {name} 属于另一种登记"),
                    format!("the condition {name} is of another register"),
                ),
                None if self.broken.contains(name) => {}
                None => node.fault(
                    format!("没有名为 {name} 的条件"),
                    format!("no condition is named {name}"),
                ),
            }
            return Some(Condition::Always);
        }
        let each = |node: Node<'_>| {
            node.list()
                .iter()
                .map(|node| self.condition(node))
                .collect()
        };
        if let Some(node) = table.get("all") {
            return Some(Condition::All(each(node)));
        }
        if let Some(node) = table.get("any") {
            return Some(Condition::Any(each(node)));
        }
        let node = table.get("not")?;
        Some(Condition::Not(Box::new(self.condition(&node))))
    }

    /// A test of one column.
    fn test(&self, table: &Table<'_>) -> Option<Condition> {
        use CellType::{Amount, Count, Date, PromisedDays, Text, Uscc, Word, Year};
        let place = self.column(table, "column", &[])?;
        let column = &self.kinds.get(self.kind).columns[place];
        let typed = |node: &Node<'_>, types: &[CellType]| {
            if !types.contains(&column.cell) {
                node.fault(
                    format!("列 {} 不能这样比较", column.id),
                    format!("the column {} cannot be compared like this", column.id),
                );
            }
        };
        let texts = [Text, Word, Uscc];
        if let Some(node) = table.get("is") {
            typed(&node, &texts);
            return Some(Condition::Is(place, Box::new([word(column, &node)])));
        }
        let words = |node: &Node<'_>| -> Box<[Box<str>]> {
            typed(node, &texts);
            node.list().iter().map(|node| word(column, node)).collect()
        };
        if let Some(node) = table.get("in") {
            return Some(Condition::Is(place, words(&node)));
        }
        if let Some(node) = table.get("any_in") {
            return Some(Condition::AnyIn(place, words(&node)));
        }
        if let Some(node) = table.get("all_in") {
            return Some(Condition::AllIn(place, words(&node)));
        }
        if let Some(node) = table.get("same_as") {
            return Some(Condition::SameAs(
                place,
                self.column_at(&node, &[column.cell])?,
            ));
        }
        if let Some(node) = table.get("later_than") {
            typed(&node, &[Date]);
            return Some(Condition::LaterThan(place, self.column_at(&node, &[Date])?));
        }
        let numbers = [Amount, Count, PromisedDays, Year];
        if let Some(node) = table.get("at_least") {
            typed(&node, &numbers);
            return Some(Condition::AtLeast(place, number(&node)?));
        }
        if let Some(node) = table.get("at_most") {
            typed(&node, &numbers);
            return Some(Condition::AtMost(place, number(&node)?));
        }
        table.get("present")?;
        let present = Condition::Present(place);
        Some(if table.flag("present") {
            present
        } else {
            Condition::Not(Box::new(present))
        })
    }
}

/// A number, or an amount in yuan written as a text: `"500.00"`.
pub(super) fn number(node: &Node<'_>) -> Option<i64> {
    if !node.is_text() {
        return node.integer();
    }
    match Money::parse_yuan(node.text()?) {
        Ok(money) => Some(money.fen()),
        Err(error) => {
            node.fault("不是金额", error.to_string());
            None
        }
    }
}

/// A word of the column's closed list, or any text where it has none.
pub(super) fn word(column: &Column, node: &Node<'_>) -> Box<str> {
    let text = normalised(node.text().unwrap_or(""));
    let known = column.words.iter().any(|word| normalised(word) == text);
    if column.cell == CellType::Word && !known {
        node.fault(
            format!("列 {} 没有词语 {text}", column.id),
            format!("the column {} has no word {text}", column.id),
        );
    }
    text.into()
}
