//! What is known of one merchant at one moment: of each fact its latest version known then.

use super::{KindIndex, Value};
use crate::kernel::Uscc;

/// The version of one fact that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub kind: KindIndex,
    /// The key, as [`crate::register::records`] stores it: the canonical values of the key's columns.
    pub key: Box<str>,
    /// One value a column, in the order of the kind's declaration; a dropped column is always blank.
    pub values: Box<[Value]>,
}

impl Fact {
    /// The value in a column; blank where a later declaration has a column that the stored fact has not.
    pub fn value(&self, column: usize) -> &Value {
        self.values.get(column).unwrap_or(&Value::Blank)
    }
}

/// The facts of one merchant, sorted by kind and key, so that the order in which they came does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub uscc: Uscc,
    facts: Vec<Fact>,
}

impl History {
    pub fn new(uscc: Uscc, mut facts: Vec<Fact>) -> Self {
        facts.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
        Self { uscc, facts }
    }

    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The facts of one kind.
    pub fn of(&self, kind: KindIndex) -> &[Fact] {
        let from = self.facts.partition_point(|fact| fact.kind < kind);
        let until = self.facts.partition_point(|fact| fact.kind <= kind);
        &self.facts[from..until]
    }
}
