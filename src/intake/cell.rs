//! One cell to one value.

use super::{header::Unit, refusal::RefusalCode};
use crate::kernel::text::{normalised, starts_a_formula};
use crate::kernel::{Day, Money, Month, Uscc, uscc::UsccError};
use crate::register::{CellType, Column, Value};

/// A key longer than this in one column is no key: an index has to hold it.
const KEY_CHARACTERS: usize = 200;

/// How the cells of one column are read; its words are made ready once a file.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    cell: CellType,
    unit: Unit,
    required: bool,
    in_key: bool,
    words: Vec<Box<str>>,
    no_value: Vec<Box<str>>,
}

impl Reading {
    pub fn new(column: &Column, in_key: bool, unit: Unit) -> Self {
        Self {
            cell: column.cell,
            unit,
            required: column.required || column.cell == CellType::Uscc,
            in_key,
            words: normal(&column.words),
            no_value: normal(&column.no_value),
        }
    }

    /// Reads a cell; blank where it holds no value and need not.
    pub fn value(&self, text: &str) -> Result<Value, RefusalCode> {
        if is_broken(text) {
            return Err(RefusalCode::BrokenText);
        }
        let text = normalised(unguarded(text.trim()));
        if is_blank(&text) || self.no_value.iter().any(|word| **word == *text) {
            return if self.required {
                Err(RefusalCode::MissingValue)
            } else {
                Ok(Value::Blank)
            };
        }
        match self.cell {
            CellType::Uscc => uscc(&text),
            CellType::Text => self.text(&text),
            CellType::Word => match self.words.iter().find(|word| ***word == *text) {
                Some(word) => Ok(Value::Text(word.clone())),
                None => Err(RefusalCode::UnknownWord),
            },
            CellType::Date => Day::parse(&text)
                .map(Value::Day)
                .map_err(|_| RefusalCode::NoSuchDate),
            CellType::Month => Month::parse(&text)
                .map(Value::Month)
                .map_err(|_| RefusalCode::NoSuchDate),
            CellType::Year => year(&text).map(Value::Number),
            CellType::Count => count(&text).map(Value::Number),
            CellType::Amount => amount(&text, self.unit).map(Value::Money),
            CellType::PromisedDays => self.promised_days(&text),
        }
    }

    fn text(&self, text: &str) -> Result<Value, RefusalCode> {
        if self.in_key && is_spreadsheet_number(text) {
            return Err(RefusalCode::SpreadsheetNumber);
        }
        if self.in_key && text.chars().count() > KEY_CHARACTERS {
            return Err(RefusalCode::BrokenText);
        }
        // A list that is required needs one item that is one.
        if self.required && text.split(';').all(|item| is_blank(item.trim())) {
            return Err(RefusalCode::MissingValue);
        }
        Ok(Value::Text(text.into()))
    }

    fn promised_days(&self, text: &str) -> Result<Value, RefusalCode> {
        match text {
            "未承诺" => Ok(Value::Number(0)),
            "不适用" if self.required => Err(RefusalCode::MissingValue),
            "不适用" => Ok(Value::Blank),
            _ => text
                .strip_suffix('天')
                .map(str::trim_end)
                .filter(|digits| digits.len() <= 5 && is_digits(digits))
                .and_then(|digits| digits.parse().ok())
                .map(Value::Number)
                .ok_or(RefusalCode::UnknownWord),
        }
    }
}

/// Texts as they are compared with a cell.
pub(super) fn normal(words: &[Box<str>]) -> Vec<Box<str>> {
    words.iter().map(|word| normalised(word).into()).collect()
}

/// Control characters, and what another program put in the place of text that it could not read.
pub(super) fn is_broken(text: &str) -> bool {
    text.chars()
        .any(|c| c == '\u{fffd}' || (c.is_control() && !matches!(c, '\t' | '\r' | '\n')))
}

/// Takes away the `'` that guards a cell against being run as a formula (see [`super::refused`]).
pub(super) fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if starts_a_formula(rest) => rest,
        _ => text,
    }
}

fn is_blank(text: &str) -> bool {
    matches!(text, "" | "/" | "无")
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `3.30921E+24` is what a spreadsheet leaves of a long number.
fn is_spreadsheet_number(text: &str) -> bool {
    text.split_once("E+").is_some_and(|(mantissa, exponent)| {
        is_digits(exponent) && is_digits(&mantissa.replacen('.', "", 1))
    })
}

fn uscc(text: &str) -> Result<Value, RefusalCode> {
    Uscc::parse(text)
        .map(Value::Uscc)
        .map_err(|error| match error {
            UsccError::NotAUscc => RefusalCode::NotAUscc,
            UsccError::CheckCharacter => RefusalCode::CheckCharacter,
            UsccError::SpreadsheetNumber => RefusalCode::SpreadsheetNumber,
        })
}

fn year(text: &str) -> Result<i64, RefusalCode> {
    if text.len() != 4 || !is_digits(text) || text.starts_with('0') {
        return Err(RefusalCode::NoSuchDate);
    }
    text.parse().map_err(|_| RefusalCode::NoSuchDate)
}

fn count(text: &str) -> Result<i64, RefusalCode> {
    if !is_digits(text.strip_prefix('-').unwrap_or(text)) {
        return Err(RefusalCode::NotANumber);
    }
    match text.parse::<i64>() {
        Ok(count) if count < 0 => Err(RefusalCode::Negative),
        Ok(count) => Ok(count),
        Err(_) => Err(RefusalCode::NotANumber),
    }
}

fn amount(text: &str, unit: Unit) -> Result<Money, RefusalCode> {
    let money = match unit {
        Unit::Yuan => Money::parse_yuan(text),
        Unit::WanYuan => Money::parse_wan_yuan(text),
    };
    match money {
        Ok(money) if money < Money::ZERO => Err(RefusalCode::Negative),
        Ok(money) => Ok(money),
        Err(_) => Err(RefusalCode::NotANumber),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RefusalCode as R;

    fn reading(cell: CellType, unit: Unit, required: bool) -> Reading {
        Reading {
            cell,
            unit,
            required,
            in_key: false,
            words: normal(&["住所（经营场所）".into()]),
            no_value: normal(&["长期".into()]),
        }
    }

    fn number(n: i64) -> Result<Value, R> {
        Ok(Value::Number(n))
    }

    #[test]
    fn numbers_and_money() {
        let counts = reading(CellType::Count, Unit::Yuan, false);
        for (text, value) in [
            ("１２", number(12)),
            ("-0", number(0)),
            ("－5", Err(R::Negative)),
            ("'-5", Err(R::Negative)),
            ("+5", Err(R::NotANumber)),
            ("1.0", Err(R::NotANumber)),
            ("99999999999999999999", Err(R::NotANumber)),
            ("／", Ok(Value::Blank)),
        ] {
            assert_eq!(counts.value(text), value, "{text}");
        }
        let money = |fen| Ok(Value::Money(Money::from_fen(fen)));
        let yuan = reading(CellType::Amount, Unit::Yuan, false);
        let wan = reading(CellType::Amount, Unit::WanYuan, false);
        assert_eq!(yuan.value("１３１．２"), money(13_120));
        assert_eq!(yuan.value("0.005"), Err(R::NotANumber));
        assert_eq!(yuan.value("-0.01"), Err(R::Negative));
        assert_eq!(yuan.value("1,000"), Err(R::NotANumber));
        assert_eq!(wan.value("0.500000"), money(500_000));
        assert_eq!(wan.value("0.0000001"), Err(R::NotANumber));
    }

    #[test]
    fn words_dates_and_blanks() {
        let words = reading(CellType::Word, Unit::Yuan, true);
        assert_eq!(
            words.value("住所(经营场所)"),
            words.value(" 住所（经营场所）　")
        );
        assert_eq!(
            words.value("住所(经营场所)"),
            Ok(Value::Text("住所(经营场所)".into()))
        );
        assert_eq!(words.value("住所"), Err(R::UnknownWord));
        assert_eq!(words.value("无"), Err(R::MissingValue));
        let dates = reading(CellType::Date, Unit::Yuan, false);
        assert_eq!(dates.value("长期"), Ok(Value::Blank));
        assert_eq!(dates.value("２０２５0901"), dates.value("2025-09-01"));
        assert_eq!(dates.value("2025-02-30"), Err(R::NoSuchDate));
        assert_eq!(dates.value("a\0"), Err(R::BrokenText));
        let lists = reading(CellType::Text, Unit::Yuan, true);
        assert_eq!(lists.value("；/;"), Err(R::MissingValue));
        assert_eq!(
            lists.value("罚款；警告"),
            Ok(Value::Text("罚款;警告".into()))
        );
        assert_eq!(
            reading(CellType::Uscc, Unit::Yuan, true).value(""),
            Err(R::MissingValue)
        );
    }

    #[test]
    fn promised_days_are_days() {
        let days = reading(CellType::PromisedDays, Unit::Yuan, false);
        assert_eq!(days.value("７天"), number(7));
        assert_eq!(days.value("未承诺"), number(0));
        assert_eq!(days.value("不适用"), Ok(Value::Blank));
        for text in ["7", "天", "-7天", "七天", "999999天"] {
            assert_eq!(days.value(text), Err(R::UnknownWord), "{text}");
        }
    }
}
