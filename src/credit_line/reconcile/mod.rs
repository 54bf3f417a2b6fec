//! 对账: a bank's month-end file of its lines beside what is kept of them. Pure: neither side is taken for the right one.

mod here;
#[cfg(test)]
mod tests;
mod there;

pub use here::{Before, standing_here};
pub use there::standing_there;

use crate::kernel::{Day, Money, Uscc};
use std::borrow::Cow;

/// A line on a day, as one side has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub uscc: Uscc,
    /// By its name or id; none where it is blank.
    pub product: Option<String>,
    /// CNY where nothing else is said.
    pub currency: String,
    pub starts_on: Day,
    /// The last day; none where it has no end.
    pub ends_on: Option<Day>,
    pub limit: Money,
    /// None where this side does not tell.
    pub drawn: Option<Money>,
    /// Ended with nothing owed, or not begun: the other side need not have it.
    pub may_lack: bool,
}

/// What became of a line: one word for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Matched,
    /// Nothing differs, but one side does not tell what is drawn.
    NotComparable,
    Different,
    /// In the file, and not here.
    MissingHere,
    /// Here, and not in the file.
    MissingThere,
    /// The file's row cannot be read.
    Refused,
}

impl Outcome {
    pub const ALL: [Self; 6] = [
        Self::Matched,
        Self::NotComparable,
        Self::Different,
        Self::MissingHere,
        Self::MissingThere,
        Self::Refused,
    ];

    /// The word in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::NotComparable => "not_comparable",
            Self::Different => "different",
            Self::MissingHere => "missing_here",
            Self::MissingThere => "missing_there",
            Self::Refused => "refused",
        }
    }

    /// The word for people.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Matched => "相符",
            Self::NotComparable => "无从比较",
            Self::Different => "不符",
            Self::MissingHere => "此方缺",
            Self::MissingThere => "对方缺",
            Self::Refused => "拒收",
        }
    }

    /// Whether somebody has to look into it.
    pub const fn is_difference(self) -> bool {
        !matches!(self, Self::Matched | Self::NotComparable)
    }
}

/// A field, as both sides have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The column's id in the kind's declaration; of a refused row the file's header.
    pub name: Cow<'static, str>,
    /// None where this side does not tell.
    pub here: Option<String>,
    pub there: Option<String>,
    /// Of money: there less here.
    pub difference: Option<Money>,
}

/// What there is to say of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub outcome: Outcome,
    /// What differs or cannot be compared; of a line that one side lacks, its money.
    pub fields: Vec<Field>,
}

/// Compares a line; none where neither side has it.
pub fn compare(here: Option<&Standing>, there: Option<&Standing>) -> Option<Compared> {
    let (outcome, fields) = match (here, there) {
        (None, None) => return None,
        (Some(here), Some(there)) => both(here, there),
        (Some(one), None) | (None, Some(one)) if one.may_lack => (Outcome::Matched, Vec::new()),
        (Some(_), None) => (Outcome::MissingThere, told_money(here, there)),
        (None, Some(_)) => (Outcome::MissingHere, told_money(here, there)),
    };
    Some(Compared { outcome, fields })
}

fn both(here: &Standing, there: &Standing) -> (Outcome, Vec<Field>) {
    let is_told = here.drawn.is_some() && there.drawn.is_some();
    let mut fields = texts(here, there);
    fields.extend(money(Some(here), Some(there)));
    fields.retain(|field| field.here != field.there || (field.name == DRAWN && !is_told));
    let outcome = match fields.as_slice() {
        [] => Outcome::Matched,
        [only] if !is_told && only.name == DRAWN => Outcome::NotComparable,
        _ => Outcome::Different,
    };
    (outcome, fields)
}

const DRAWN: &str = "drawn";

/// The fields that are no money. A product that one side leaves blank is not compared.
fn texts(here: &Standing, there: &Standing) -> Vec<Field> {
    let field = |name: &'static str, here: Option<String>, there: Option<String>| Field {
        name: name.into(),
        here,
        there,
        difference: None,
    };
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let mut fields = vec![
        field(
            "uscc",
            Some(here.uscc.to_string()),
            Some(there.uscc.to_string()),
        ),
        field(
            "currency",
            Some(here.currency.clone()),
            Some(there.currency.clone()),
        ),
        field(
            "starts_on",
            day(Some(here.starts_on)),
            day(Some(there.starts_on)),
        ),
        field("ends_on", day(here.ends_on), day(there.ends_on)),
    ];
    if here.product.is_some() && there.product.is_some() {
        fields.insert(
            1,
            field("product", here.product.clone(), there.product.clone()),
        );
    }
    fields
}

/// The money of a line that one side lacks.
fn told_money(here: Option<&Standing>, there: Option<&Standing>) -> Vec<Field> {
    let fields = money(here, there).into_iter();
    fields
        .filter(|field| field.here.is_some() || field.there.is_some())
        .collect()
}

fn money(here: Option<&Standing>, there: Option<&Standing>) -> [Field; 2] {
    let of = |side: Option<&Standing>| (side.map(|it| it.limit), side.and_then(|it| it.drawn));
    let ((limit_here, drawn_here), (limit_there, drawn_there)) = (of(here), of(there));
    let field = |name: &'static str, here: Option<Money>, there: Option<Money>| Field {
        name: name.into(),
        here: here.map(|money| money.to_string()),
        there: there.map(|money| money.to_string()),
        difference: here
            .zip(there)
            .and_then(|(here, there)| there.minus(here).ok()),
    };
    [
        field("limit", limit_here, limit_there),
        field(DRAWN, drawn_here, drawn_there),
    ]
}
