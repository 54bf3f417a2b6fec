//! Why a whole file is refused.

use super::refusal::bilingual;
use crate::kernel::Bilingual;
use std::{fmt, io};

/// Why a file is refused as a whole: a stable code, what is wrong, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    pub code: &'static str,
    pub cause: Bilingual,
    pub cure: Bilingual,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}；{} · {}; {} [{}]",
            self.cause.zh, self.cure.zh, self.cause.en, self.cure.en, self.code
        )
    }
}

impl std::error::Error for FileError {}

impl FileError {
    /// A file that cannot be read.
    pub fn not_readable(error: &io::Error) -> Self {
        not_readable(error)
    }

    /// A file of more rows than may be.
    pub fn too_many_rows(most: usize) -> Self {
        too_many_rows(most)
    }
}

type Texts = (String, &'static str);

fn fault(code: &'static str, zh: Texts, en: Texts) -> FileError {
    FileError {
        code,
        cause: bilingual(zh.0, en.0),
        cure: bilingual(zh.1, en.1),
    }
}

pub(super) fn not_readable(error: &io::Error) -> FileError {
    fault(
        "not_readable",
        (
            format!("文件读不出来（{error}）"),
            "检查文件是否存在、是否有权读取",
        ),
        (
            format!("the file cannot be read ({error})"),
            "check that it exists and may be read",
        ),
    )
}

pub(super) fn not_writable(error: &io::Error) -> FileError {
    fault(
        "not_writable",
        (
            format!("退回行文件写不进去（{error}）"),
            "检查文件夹是否存在、是否有权写入",
        ),
        (
            format!("the file of refused rows cannot be written ({error})"),
            "check that the folder exists and may be written",
        ),
    )
}

pub(super) fn too_large(limit: u64) -> FileError {
    fault(
        "file_too_large",
        (format!("文件超过{limit}字节"), "拆成几个文件再导入"),
        (
            format!("the file is larger than {limit} bytes"),
            "split it into several files",
        ),
    )
}

pub(super) fn row_too_long(line: u64, limit: usize) -> FileError {
    fault(
        "row_too_long",
        (
            format!("第{line}行超过{limit}字节"),
            "检查该行，或确认文件是CSV",
        ),
        (
            format!("line {line} is longer than {limit} bytes"),
            "check the row, and that the file is CSV",
        ),
    )
}

pub(super) fn cell_too_long(line: u64, limit: usize) -> FileError {
    fault(
        "cell_too_long",
        (format!("第{line}行有单元格超过{limit}字节"), "缩短该单元格"),
        (
            format!("a cell on line {line} is longer than {limit} bytes"),
            "shorten it",
        ),
    )
}

pub(super) fn too_many_columns(limit: usize) -> FileError {
    fault(
        "too_many_columns",
        (format!("超过{limit}列"), "只保留登记所需的列"),
        (
            format!("more than {limit} columns"),
            "keep only the columns of the register",
        ),
    )
}

pub(super) fn too_many_rows(limit: usize) -> FileError {
    fault(
        "too_many_rows",
        (
            format!("文件超过{limit}行"),
            "拆成几个文件；工作簿可另存为CSV",
        ),
        (
            format!("the file has more than {limit} rows"),
            "split it; a workbook may be saved as CSV",
        ),
    )
}

pub(super) fn unpacks_too_large(limit: u64) -> FileError {
    fault(
        "unpacks_too_large",
        (format!("工作簿展开后超过{limit}字节"), "另存为CSV"),
        (
            format!("the workbook unpacks to more than {limit} bytes"),
            "save it as CSV",
        ),
    )
}

pub(super) fn too_many_entries(limit: usize) -> FileError {
    fault(
        "too_many_entries",
        (
            format!("工作簿内的文件超过{limit}个"),
            "只保留有数据的工作表，或另存为CSV",
        ),
        (
            format!("the workbook holds more than {limit} files"),
            "keep only the sheet with data, or save it as CSV",
        ),
    )
}

pub(super) fn damaged_workbook(zh: &str, en: &str) -> FileError {
    fault(
        "damaged_workbook",
        (
            format!("工作簿已损坏：{zh}"),
            "用电子表格软件打开后另存为xlsx或CSV",
        ),
        (
            format!("the workbook is damaged: {en}"),
            "open it in a spreadsheet and save it again as xlsx or CSV",
        ),
    )
}

pub(super) fn old_workbook() -> FileError {
    fault(
        "old_workbook",
        (
            "这是旧版xls或加密的工作簿".to_owned(),
            "去掉密码，另存为xlsx或CSV",
        ),
        (
            "this is an old xls or an encrypted workbook".to_owned(),
            "remove the password and save it as xlsx or CSV",
        ),
    )
}

pub(super) fn unknown_encoding() -> FileError {
    fault(
        "unknown_encoding",
        (
            "文件的编码是UTF-16".to_owned(),
            "另存为UTF-8或GB18030编码的CSV",
        ),
        (
            "the file is in UTF-16".to_owned(),
            "save it as CSV in UTF-8 or GB18030",
        ),
    )
}

pub(super) fn empty() -> FileError {
    fault(
        "empty_file",
        ("文件没有表头".to_owned(), "确认导出成功，表头在首行"),
        (
            "the file has no header row".to_owned(),
            "check the export; the header is the first row",
        ),
    )
}

pub(super) fn broken_header() -> FileError {
    fault(
        "broken_header",
        ("表头的文字已损坏".to_owned(), "以UTF-8或GB18030重新导出"),
        (
            "the text of the header row is broken".to_owned(),
            "export the file again in UTF-8 or GB18030",
        ),
    )
}

pub(super) fn broken_quotes(line: u64) -> FileError {
    fault(
        "broken_quotes",
        (
            format!("截至第{line}行，引号不成对的行过多"),
            "用标准CSV重新导出，单元格内的引号要成双",
        ),
        (
            format!("too many rows with unpaired quotes up to line {line}"),
            "export standard CSV again, doubling the quotes within cells",
        ),
    )
}

pub(super) fn unknown_kind(id: &str) -> FileError {
    fault(
        "unknown_kind",
        (
            format!("没有登记种类「{id}」"),
            "改用 config/kinds 中声明的种类",
        ),
        (
            format!("there is no kind of register {id:?}"),
            "name one that config/kinds declares",
        ),
    )
}

pub(super) fn not_recognised() -> FileError {
    fault(
        "not_recognised",
        (
            "表头与任何登记种类都不相符".to_owned(),
            "核对首行是不是表头",
        ),
        (
            "the header row resembles no kind of register".to_owned(),
            "check that the first row is the header",
        ),
    )
}

pub(super) fn missing_columns(zh_kind: &str, en_kind: &str, missing: &[&str]) -> FileError {
    let list = missing.join("、");
    fault(
        "missing_columns",
        (
            format!("最接近的种类是{zh_kind}，缺少列：{list}"),
            "补上这些列，或用 --kind 指明种类",
        ),
        (
            format!("the nearest kind is {en_kind}, and these columns are missing: {list}"),
            "add them, or name the kind with --kind",
        ),
    )
}

pub(super) fn repeated_headers(headers: &[&str]) -> FileError {
    let list = headers.join("、");
    fault(
        "repeated_headers",
        (format!("这些表头指的是同一列：{list}"), "每列只保留一个"),
        (
            format!("these headers name the same column: {list}"),
            "keep one of them",
        ),
    )
}

pub(super) fn ambiguous_kind(kinds: &[&str]) -> FileError {
    let list = kinds.join("、");
    fault(
        "ambiguous_kind",
        (
            format!("表头同时符合几个种类：{list}"),
            "用 --kind 指明种类",
        ),
        (
            format!("the header row fits several kinds: {list}"),
            "name the kind with --kind",
        ),
    )
}
