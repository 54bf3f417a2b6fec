//! Why a row is refused: one code a broken cell, with its cause and its cure for the person who sent the file.

use crate::kernel::Bilingual;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// Why a cell is refused. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    CheckCharacter,
    SpreadsheetNumber,
    NotAUscc,
    NoSuchDate,
    /// Decided where the roster is known, not here.
    UnknownMerchant,
    UnknownWord,
    MissingValue,
    DateOrder,
    Negative,
    NotANumber,
    BrokenText,
}

impl RefusalCode {
    pub const ALL: [Self; 11] = [
        Self::CheckCharacter,
        Self::SpreadsheetNumber,
        Self::NotAUscc,
        Self::NoSuchDate,
        Self::UnknownMerchant,
        Self::UnknownWord,
        Self::MissingValue,
        Self::DateOrder,
        Self::Negative,
        Self::NotANumber,
        Self::BrokenText,
    ];

    /// As files and answers spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CheckCharacter => "check_character",
            Self::SpreadsheetNumber => "spreadsheet_number",
            Self::NotAUscc => "not_a_uscc",
            Self::NoSuchDate => "no_such_date",
            Self::UnknownMerchant => "unknown_merchant",
            Self::UnknownWord => "unknown_word",
            Self::MissingValue => "missing_value",
            Self::DateOrder => "date_order",
            Self::Negative => "negative",
            Self::NotANumber => "not_a_number",
            Self::BrokenText => "broken_text",
        }
    }

    pub fn cause(self) -> Bilingual {
        let (zh, en) = self.cause_texts();
        bilingual(zh, en)
    }

    pub fn cure(self) -> Bilingual {
        let (zh, en) = self.cure_texts();
        bilingual(zh, en)
    }

    const fn cause_texts(self) -> (&'static str, &'static str) {
        match self {
            Self::CheckCharacter => (
                "统一社会信用代码校验位不符",
                "the check character of the unified social credit code is wrong",
            ),
            Self::SpreadsheetNumber => (
                "代码或编号被电子表格改成了数字，原有数字已丢失",
                "a spreadsheet turned the code into a number and lost its digits",
            ),
            Self::NotAUscc => (
                "不是18位统一社会信用代码",
                "not a unified social credit code of 18 characters",
            ),
            Self::NoSuchDate => (
                "不是存在的日期、月份或年份",
                "not a date, month or year that exists",
            ),
            Self::UnknownMerchant => ("名册中没有这一商户", "the roster has no such merchant"),
            Self::UnknownWord => (
                "不是该列允许的词语",
                "not one of the words that the column allows",
            ),
            Self::MissingValue => ("该列不能为空", "the column must not be blank"),
            Self::DateOrder => (
                "日期早于它所依据的日期",
                "the date lies before the one that it follows",
            ),
            Self::Negative => ("数值不能为负", "the value must not be negative"),
            Self::NotANumber => (
                "不是数字，或精度超过分，或超出范围",
                "not a number, or finer than one fen, or out of range",
            ),
            Self::BrokenText => (
                "文字已损坏：编码错误、含控制字符、引号不成对、列数与表头不符，或编号过长",
                "broken text: bad encoding, a control character, an unpaired quote, a row that does not fit the header, or a key too long",
            ),
        }
    }

    const fn cure_texts(self) -> (&'static str, &'static str) {
        match self {
            Self::CheckCharacter => (
                "对照营业执照核对代码",
                "compare the code with the business licence",
            ),
            Self::SpreadsheetNumber => (
                "把该列设为文本格式，重新填写完整代码",
                "format the column as text and enter the whole code again",
            ),
            Self::NotAUscc => (
                "填写营业执照上的18位代码",
                "enter the 18 characters on the business licence",
            ),
            Self::NoSuchDate => (
                "日期写作 yyyy-MM-dd 或 yyyyMMdd，月份写作 yyyyMM，年份写四位数字",
                "write dates as yyyy-MM-dd or yyyyMMdd, months as yyyyMM, years with four digits",
            ),
            Self::UnknownMerchant => (
                "先把该商户导入名册，或核对代码",
                "import the merchant into the roster first, or check the code",
            ),
            Self::UnknownWord => (
                "改用该列词表中的词语",
                "use one of the words of the column's list",
            ),
            Self::MissingValue => ("补填该列", "fill in the column"),
            Self::DateOrder => ("核对两个日期", "check both dates"),
            Self::Negative => ("核对正负号", "check the sign"),
            Self::NotANumber => (
                "写成普通数字，不带千分位和单位，金额最多到分",
                "write a plain number without grouping or unit, money to the fen at most",
            ),
            Self::BrokenText => (
                "从原系统重新导出该行",
                "export the row from its system again",
            ),
        }
    }
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One broken cell of a refused row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellFault {
    /// The place of the column in the file, from 0.
    pub column: usize,
    /// The file's header.
    pub header: Arc<str>,
    pub code: RefusalCode,
    /// The cell as the file has it, shortened; none where the column is about a person or the text is broken.
    pub value: Option<Box<str>>,
}

impl CellFault {
    pub fn cause(&self) -> Bilingual {
        self.code.cause()
    }

    pub fn cure(&self) -> Bilingual {
        self.code.cure()
    }
}

impl fmt::Display for CellFault {
    /// Without the value, so that it can be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (zh, en) = self.code.cause_texts();
        write!(f, "{}：{zh} [{}] · {en}", self.header, self.code)
    }
}

pub(super) fn bilingual(zh: impl Into<String>, en: impl Into<String>) -> Bilingual {
    Bilingual {
        zh: zh.into(),
        en: en.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_spelling_and_two_languages() {
        for code in RefusalCode::ALL {
            assert_eq!(
                serde_json::to_string(&code).unwrap(),
                format!("\"{code}\""),
                "serde and Display agree"
            );
            assert!(!code.cause().zh.is_ascii() && code.cause().en.is_ascii());
            assert!(!code.cure().zh.is_ascii() && code.cure().en.is_ascii());
        }
    }
}
