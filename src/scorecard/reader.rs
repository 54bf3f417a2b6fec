//! Reads a card's TOML by hand instead of through serde, so that all faults are told at once, each by its line.

use crate::kernel::{Bilingual, Day};
use std::{cell::RefCell, fmt, ops::Range};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// What is wrong with a card, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFault {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    pub cause: Bilingual,
}

impl fmt::Display for CardFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, cause } = self;
        write!(f, "{file}:{line}: {} · {}", cause.zh, cause.en)
    }
}

impl std::error::Error for CardFault {}

/// Where something stands in the text.
pub(super) type Span = Range<usize>;

/// One card's text, and the faults found in it so far.
pub(super) struct Page<'a> {
    file: &'a str,
    text: &'a str,
    faults: RefCell<Vec<CardFault>>,
}

impl<'a> Page<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            faults: RefCell::default(),
        }
    }

    pub fn fault(&self, at: &Span, zh: impl Into<String>, en: impl Into<String>) {
        let before = self.text.as_bytes().iter().take(at.start);
        self.faults.borrow_mut().push(CardFault {
            file: self.file.to_owned(),
            line: before.filter(|byte| **byte == b'\n').count() + 1,
            cause: Bilingual {
                zh: zh.into(),
                en: en.into(),
            },
        });
    }

    /// How many faults have been told.
    pub fn told(&self) -> usize {
        self.faults.borrow().len()
    }

    /// All faults, in the order of their lines.
    pub fn into_faults(self) -> Vec<CardFault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| fault.line);
        faults
    }
}

/// One value of the card.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub page: &'a Page<'a>,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Node<'a> {
    pub fn span(&self) -> Span {
        self.value.span()
    }

    pub fn fault(&self, zh: impl Into<String>, en: impl Into<String>) {
        self.page.fault(&self.span(), zh, en);
    }

    fn wanted<T>(&self, zh: &str, en: &str) -> Option<T> {
        let found = self.value.get_ref().type_str();
        self.fault(
            format!("此处应为{zh}，而不是 {found}"),
            format!("{en} belongs here, not {found}"),
        );
        None
    }

    pub fn text(&self) -> Option<&'a str> {
        match self.value.get_ref().as_str() {
            Some(text) => Some(text),
            None => self.wanted("文字", "a text"),
        }
    }

    pub fn integer(&self) -> Option<i64> {
        let number = self.value.get_ref().as_integer().and_then(|integer| {
            let digits = integer.as_str().replace('_', "");
            i64::from_str_radix(&digits, integer.radix()).ok()
        });
        match number {
            Some(number) => Some(number),
            None => self.wanted("整数", "a whole number"),
        }
    }

    pub fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    fn flag(&self) -> Option<bool> {
        match self.value.get_ref().as_bool() {
            Some(flag) => Some(flag),
            None => self.wanted(" true 或 false", "true or false"),
        }
    }

    fn day(&self) -> Option<Day> {
        let text = self.value.get_ref().as_datetime().map(ToString::to_string);
        match text.and_then(|text| Day::parse(&text).ok()) {
            Some(day) => Some(day),
            None => self.wanted("日期，如 2026-04-01", "a date such as 2026-04-01"),
        }
    }

    pub fn table(&self) -> Option<Table<'a>> {
        match self.value.get_ref().as_table() {
            Some(fields) => Some(Table::new(self.page, self.span(), fields)),
            None => self.wanted("表", "a table"),
        }
    }

    pub fn list(&self) -> Vec<Node<'a>> {
        let page = self.page;
        let Some(array) = self.value.get_ref().as_array() else {
            self.wanted::<()>("列表", "a list");
            return Vec::new();
        };
        array.iter().map(|value| Node { page, value }).collect()
    }
}

/// A table of the card, which remembers what was asked of it, so that a misspelt key is not silently ignored.
pub(super) struct Table<'a> {
    pub page: &'a Page<'a>,
    pub span: Span,
    fields: &'a DeTable<'a>,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    pub fn new(page: &'a Page<'a>, span: Span, fields: &'a DeTable<'a>) -> Self {
        Self {
            page,
            span,
            fields,
            known: RefCell::default(),
        }
    }

    pub fn fault(&self, zh: impl Into<String>, en: impl Into<String>) {
        self.page.fault(&self.span, zh, en);
    }

    pub fn get(&self, key: &'static str) -> Option<Node<'a>> {
        self.known.borrow_mut().push(key);
        let value = self.fields.get(key)?;
        Some(Node {
            page: self.page,
            value,
        })
    }

    /// A key that must be there.
    pub fn need(&self, key: &'static str) -> Option<Node<'a>> {
        let node = self.get(key);
        if node.is_none() {
            self.fault(format!("缺少 {key}"), format!("{key} is missing"));
        }
        node
    }

    pub fn text(&self, key: &'static str) -> Option<&'a str> {
        self.get(key)?.text()
    }

    pub fn need_text(&self, key: &'static str) -> &'a str {
        self.need(key).and_then(|node| node.text()).unwrap_or("")
    }

    pub fn integer(&self, key: &'static str) -> Option<i64> {
        self.get(key)?.integer()
    }

    /// A number of points, months or days.
    pub fn small(&self, key: &'static str) -> Option<i32> {
        let node = self.get(key)?;
        let number = node.integer()?;
        let fits = (-1_000_000..=1_000_000).contains(&number);
        if !fits {
            node.fault(
                "超出范围（±1000000）",
                "beyond the range of 1,000,000 either way",
            );
        }
        i32::try_from(number).ok().filter(|_| fits)
    }

    pub fn need_small(&self, key: &'static str) -> i32 {
        self.need(key);
        self.small(key).unwrap_or_default()
    }

    /// A number of months: 1 to 1200.
    pub fn months(&self, key: &'static str) -> Option<i32> {
        let months = self.small(key)?;
        if !(1..=1200).contains(&months) {
            self.at(key)
                .fault("月数应为1至1200", "months must be 1 to 1200");
        }
        Some(months.clamp(1, 1200))
    }

    pub fn flag(&self, key: &'static str) -> bool {
        self.get(key).and_then(|node| node.flag()).unwrap_or(false)
    }

    pub fn day(&self, key: &'static str) -> Option<Day> {
        self.get(key)?.day()
    }

    pub fn bilingual(&self, key: &'static str) -> Option<Bilingual> {
        let table = self.get(key)?.table()?;
        let text = Bilingual {
            zh: table.need_text("zh").to_owned(),
            en: table.need_text("en").to_owned(),
        };
        table.finish();
        Some(text)
    }

    pub fn need_bilingual(&self, key: &'static str) -> Bilingual {
        self.need(key);
        self.bilingual(key).unwrap_or(Bilingual {
            zh: String::new(),
            en: String::new(),
        })
    }

    pub fn list(&self, key: &'static str) -> Vec<Node<'a>> {
        self.get(key).map_or_else(Vec::new, |node| node.list())
    }

    pub fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let list = self.list(key);
        list.iter().filter_map(Node::table).collect()
    }

    /// Where a key stands, to tell a fault of it.
    pub fn at(&self, key: &'static str) -> Place<'a> {
        let span = self
            .fields
            .get(key)
            .map_or_else(|| self.span.clone(), Spanned::span);
        Place {
            page: self.page,
            span,
        }
    }

    /// Tells the keys that nobody asked for.
    pub fn finish(self) {
        let known = self.known.borrow();
        for key in self.fields.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let name = key.get_ref();
                self.page.fault(
                    &key.span(),
                    format!("不认识或不适用于此处的键 {name}"),
                    format!("the key {name} is unknown or does not go here"),
                );
            }
        }
    }
}

/// A place of the card's text.
pub(super) struct Place<'a> {
    page: &'a Page<'a>,
    span: Span,
}

impl Place<'_> {
    pub fn fault(&self, zh: impl Into<String>, en: impl Into<String>) {
        self.page.fault(&self.span, zh, en);
    }
}
