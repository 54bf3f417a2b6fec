//! Walking a TOML document so that every fault is told at once, each with its line.

use super::{CountyFault, named};
use crate::kernel::{Bilingual, Day, Money};
use std::{cell::RefCell, collections::BTreeSet};
use toml::{Spanned, de::DeTable, de::DeValue};

/// The faults found so far.
pub(super) struct Faults<'t> {
    text: &'t str,
    found: RefCell<Vec<CountyFault>>,
}

impl<'t> Faults<'t> {
    pub const fn new(text: &'t str) -> Self {
        Self {
            text,
            found: RefCell::new(Vec::new()),
        }
    }

    pub fn add(&self, at: Option<usize>, zh: String, en: String) {
        let line = at.map(|at| {
            let before = self.text.as_bytes().iter().take(at);
            before.filter(|byte| **byte == b'\n').count() + 1
        });
        self.found.borrow_mut().push(CountyFault {
            line,
            cause: Bilingual { zh, en },
        });
    }

    /// In the order of their lines.
    pub fn into_vec(self) -> Vec<CountyFault> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|fault| fault.line);
        found
    }
}

/// One table of the document. What is not asked for is unknown, and a fault.
pub(super) struct Table<'a> {
    table: &'a DeTable<'a>,
    at: usize,
    name: String,
    faults: &'a Faults<'a>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Table<'a> {
    pub fn new(
        table: &'a DeTable<'a>,
        at: usize,
        name: impl Into<String>,
        faults: &'a Faults<'a>,
    ) -> Self {
        Self {
            table,
            at,
            name: name.into(),
            faults,
            asked: RefCell::default(),
        }
    }

    /// Tells the keys that nobody asked for.
    pub fn end(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            if !asked.contains(&**key.get_ref()) {
                let name = key.get_ref();
                self.faults.add(
                    Some(key.span().start),
                    format!("{} 不认识的键：{name}", self.name),
                    format!("{}: unknown key {name}", self.name),
                );
            }
        }
    }

    /// Tells a fault at the value of a key, or at the table where it has none.
    pub fn fault(&self, key: &str, zh: &str, en: &str) {
        let at = self
            .table
            .get(key)
            .map_or(self.at, |value| value.span().start);
        self.faults.add(
            Some(at),
            format!("{} {key}：{zh}", self.name),
            format!("{} {key}: {en}", self.name),
        );
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn value(&self, key: &'static str) -> Option<&'a DeValue<'a>> {
        self.asked.borrow_mut().insert(key);
        let value = self.table.get(key);
        if value.is_none() {
            self.fault(key, "缺少", "missing");
        }
        value.map(Spanned::get_ref)
    }

    /// Reads a key that may be left out.
    pub fn optional<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        self.asked.borrow_mut().insert(key);
        if self.has(key) { read(self, key) } else { None }
    }

    fn typed<T>(
        &self,
        key: &'static str,
        zh: &str,
        en: &str,
        read: impl Fn(&DeValue) -> Option<T>,
    ) -> Option<T> {
        let found = read(self.value(key)?);
        if found.is_none() {
            self.fault(key, zh, en);
        }
        found
    }

    /// A text, not blank, NFKC and trimmed.
    pub fn text(&self, key: &'static str) -> Option<String> {
        self.typed(
            key,
            "须为非空文字",
            "must be a text that is not blank",
            text,
        )
    }

    /// An id: letters, digits, `-`, `_` and `.`, up to 64.
    pub fn id(&self, key: &'static str) -> Option<String> {
        let (zh, en) = (
            "须为不超过64个字母、数字或-_.",
            "must be at most 64 letters, digits or -_.",
        );
        self.typed(key, zh, en, |value| text(value).filter(|id| is_id(id)))
    }

    pub fn texts(&self, key: &'static str) -> Option<Vec<String>> {
        let (zh, en) = ("须为文字的数组", "must be an array of texts");
        self.typed(key, zh, en, |value| {
            value
                .as_array()?
                .iter()
                .map(|item| text(item.get_ref()))
                .collect()
        })
    }

    pub fn day(&self, key: &'static str) -> Option<Day> {
        self.typed(
            key,
            "须为TOML日期，如 2025-12-31",
            "must be a TOML date such as 2025-12-31",
            day,
        )
    }

    /// Two days, the first not after the second.
    pub fn days(&self, key: &'static str) -> Option<(Day, Day)> {
        let (zh, en) = ("须为两个日期，先后有序", "must be two dates in their order");
        self.typed(key, zh, en, |value| match &**value.as_array()? {
            [from, until] => {
                let (from, until) = (day(from.get_ref())?, day(until.get_ref())?);
                (from <= until).then_some((from, until))
            }
            _ => None,
        })
    }

    pub fn bool(&self, key: &'static str) -> Option<bool> {
        self.typed(
            key,
            "须为 true 或 false",
            "must be true or false",
            |value| value.as_bool(),
        )
    }

    /// A whole number from 0 (or from `least`) to `most`.
    pub fn number(&self, key: &'static str, least: u32, most: u32) -> Option<u32> {
        let zh = format!("须为{least}到{most}的整数");
        let en = format!("must be a whole number from {least} to {most}");
        self.typed(key, &zh, &en, |value| number(value, least, most))
    }

    /// Whole numbers, at least one, none twice.
    pub fn numbers(&self, key: &'static str, (least, most): (u32, u32)) -> Option<Vec<u32>> {
        let zh = format!("须为{least}到{most}的整数数组，至少一个，不重复");
        let en = format!(
            "must be an array of whole numbers from {least} to {most}, at least one, none twice"
        );
        self.typed(key, &zh, &en, |value| {
            let numbers: Option<Vec<u32>> = value
                .as_array()?
                .iter()
                .map(|item| number(item.get_ref(), least, most))
                .collect();
            numbers.filter(|all| is_set(all))
        })
    }

    /// Money, more than nothing, as a decimal string in yuan.
    pub fn money(&self, key: &'static str) -> Option<Money> {
        let (zh, en) = (
            "须为正的金额字符串，如 \"300.00\"",
            "must be a positive amount in quotes such as \"300.00\"",
        );
        self.typed(key, zh, en, money)
    }

    /// One of some words.
    pub fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let list = list.join(", ");
        self.typed(
            key,
            &format!("须为其中之一：{list}"),
            &format!("must be one of {list}"),
            |value| {
                let text = value.as_str()?;
                words
                    .iter()
                    .find(|(word, _)| *word == text)
                    .map(|(_, meaning)| *meaning)
            },
        )
    }

    /// A value by tier: the keys are tiers, in their order best first.
    pub fn by_tier<T>(
        &self,
        key: &'static str,
        zh: &str,
        en: &str,
        read: impl Fn(&DeValue) -> Option<T>,
    ) -> Option<Vec<(String, T)>> {
        self.typed(key, zh, en, |value| by_tier(value, &read))
    }

    /// Either of two readings of one value.
    pub fn either<T>(
        &self,
        key: &'static str,
        zh: &str,
        en: &str,
        read: impl Fn(&DeValue) -> Option<T>,
    ) -> Option<T> {
        self.typed(key, zh, en, read)
    }

    /// Reads each table of an array `[[key]]`, which may be left out. One that has a fault is left out.
    pub fn each<T>(&self, key: &'static str, read: impl Fn(&Table) -> Option<T>) -> Vec<T> {
        self.asked.borrow_mut().insert(key);
        let Some(value) = self.table.get(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.fault(
                key,
                &format!("须写作 [[{key}]]"),
                &format!("must be written [[{key}]]"),
            );
            return Vec::new();
        };
        let mut all = Vec::with_capacity(items.len());
        for item in items.iter() {
            let Some(table) = item.get_ref().as_table() else {
                self.fault(
                    key,
                    &format!("须写作 [[{key}]]"),
                    &format!("must be written [[{key}]]"),
                );
                continue;
            };
            let table = Table::new(table, item.span().start, format!("[[{key}]]"), self.faults);
            let found = read(&table);
            table.end();
            all.extend(found);
        }
        all
    }
}

/// Whether a text is an id: letters, digits, `-`, `_` and `.`, 1 to 64 of them.
pub fn is_id(id: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&id.len()) && id.bytes().all(letter)
}

/// Whether there is at least one number, and none twice.
pub fn is_set(numbers: &[u32]) -> bool {
    !numbers.is_empty() && numbers.iter().collect::<BTreeSet<_>>().len() == numbers.len()
}

/// Values by tier, best tier first; none where there are none, or of something that is no tier.
pub fn tiers_in_order<T>(values: Vec<(String, T)>) -> Option<Vec<(String, T)>> {
    let place = |tier: &str| super::TIERS.iter().position(|known| *known == tier);
    let placed: Option<Vec<_>> = values
        .into_iter()
        .map(|(tier, value)| Some((place(&tier)?, (tier, value))))
        .collect();
    let mut placed = placed.filter(|placed| !placed.is_empty())?;
    placed.sort_by_key(|(place, _)| *place);
    Some(placed.into_iter().map(|(_, value)| value).collect())
}

pub(super) fn text(value: &DeValue) -> Option<String> {
    Some(named(value.as_str()?))
        .filter(|text| !text.is_empty() && !text.chars().any(char::is_control))
}

pub(super) fn money(value: &DeValue) -> Option<Money> {
    Money::parse_yuan(value.as_str()?)
        .ok()
        .filter(|money| *money > Money::ZERO)
}

pub(super) fn number(value: &DeValue, least: u32, most: u32) -> Option<u32> {
    let number = value.as_integer()?;
    let number = u32::from_str_radix(number.as_str(), number.radix()).ok()?;
    (least..=most).contains(&number).then_some(number)
}

pub(super) fn by_tier<T>(
    value: &DeValue,
    read: &impl Fn(&DeValue) -> Option<T>,
) -> Option<Vec<(String, T)>> {
    let table = value.as_table()?.iter();
    let values: Option<Vec<(String, T)>> = table
        .map(|(tier, value)| Some((tier.get_ref().to_string(), read(value.get_ref())?)))
        .collect();
    tiers_in_order(values?)
}

fn day(value: &DeValue) -> Option<Day> {
    let written = value.as_datetime()?;
    if written.time.is_some() || written.offset.is_some() {
        return None;
    }
    let date = written.date?;
    Day::from_ymd(
        i32::from(date.year),
        u32::from(date.month),
        u32::from(date.day),
    )
    .filter(|day| day.year() >= 1000)
}
