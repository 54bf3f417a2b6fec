//! The report for people, Chinese first.

use super::json::fits;
use super::measures::{discrimination, migration, over_cap, stability};
use super::tables::rows;
use super::{Table, Told};
use crate::cli::summary::grouped;
use crate::report::dimension::NOT_RECONSTRUCTABLE;
use crate::report::figure::Unit;
use crate::report::{Dimension, Figure, Number, Summary, Tally};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// The programme as it is published.
const PUBLISHED: [(Figure, &str, &str); 8] = [
    (Figure::MerchantsScored, "评分商户", "scored"),
    (Figure::MerchantsWithLines, "授信商户", "with lines"),
    (Figure::CreditGranted, "授信额度", "granted"),
    (Figure::Drawn, "用信余额", "drawn"),
    (Figure::MerchantsWithAcquiring, "收单商户", "acquiring"),
    (Figure::MerchantsWithSubsidy, "补贴商户", "subsidised"),
    (Figure::Subsidy, "补贴金额", "subsidies"),
    (Figure::SubsidyPaid, "其中已付", "of it paid"),
];

/// How lines are doing.
const QUALITY: [(Figure, &str, &str); 10] = [
    (Figure::Lines, "笔数", "lines"),
    (Figure::Normal, "正常", "normal"),
    (Figure::SpecialMention, "关注", "mention"),
    (Figure::Substandard, "次级", "substd"),
    (Figure::Doubtful, "可疑", "doubtful"),
    (Figure::Loss, "损失", "loss"),
    (Figure::Unclassified, "未分类", "unclass"),
    (Figure::Overdue, "逾期", "overdue"),
    (Figure::OverdueOver30, "超30天", ">30 days"),
    (Figure::OverdueOver90, "超90天", ">90 days"),
];

pub(super) fn report(told: &Told<'_>, summary: &Summary) -> String {
    let asked = told.asked;
    let mut text = format!(
        "{} 报告 report（较早日期 earlier date {}）\n",
        asked.as_of, asked.since
    );
    if let Some(bank) = &asked.bank {
        text += &format!("只计银行 only the bank {}\n", bank.id);
    }
    for (dimension, group) in &asked.within {
        text += &format!(
            "只计 only {dimension} = {}\n",
            label(Some(*dimension), group)
        );
    }
    text += &totals(&summary.total);
    for table in told.tables() {
        text += &of_table(told, summary, table);
    }
    if told.by.is_none() {
        text += &over_cap(summary);
        text += &migration(told, summary);
        text += &stability(told, summary);
        text += &discrimination(summary);
    }
    text
}

fn number(number: Number) -> String {
    match number {
        Number::Count(count) => count.to_string(),
        Number::Money(money) => grouped(&money.to_string()),
    }
}

fn label(dimension: Option<Dimension>, group: &str) -> &str {
    match group {
        "" if dimension.is_some_and(Dimension::is_of_tiers) => "无等级 · no tier",
        "" => "未填 · none",
        NOT_RECONSTRUCTABLE => "早于评分卡启用日 · not_reconstructable",
        named => named,
    }
}

fn totals(total: &Tally) -> String {
    let mut text = String::new();
    for figure in Figure::ALL {
        let sign = if figure.unit() == Unit::Money {
            "¥"
        } else {
            ""
        };
        let value = format!("{sign}{}", number(total.of(*figure)));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {:<26}{value:>18}  {} · {}",
            figure.as_str(),
            figure.zh(),
            figure.en()
        );
    }
    text
}

/// What a table is headed.
fn heading(table: Table) -> (&'static str, &'static str) {
    match table.dimension() {
        Some(Dimension::Town) => ("按乡镇", "by town"),
        Some(Dimension::District) => ("按商圈", "by district"),
        Some(Dimension::Tier) => ("按现在等级", "by tier"),
        Some(Dimension::Product) => (
            "按产品（补贴按项目）",
            "by product (subsidies by programme)",
        ),
        Some(_) => (
            "按授信时等级：五级分类和逾期",
            "by tier when granted: classification and overdue",
        ),
        None => ("按月末", "by month"),
    }
}

fn of_table(told: &Told<'_>, summary: &Summary, table: Table) -> String {
    let (zh, en) = heading(table);
    let figures: &[_] = if table == Table::TierWhenGranted {
        &QUALITY
    } else {
        &PUBLISHED
    };
    let blank = [String::new()];
    let words = |word: &dyn Fn(&(Figure, &str, &str)) -> String| -> Vec<String> {
        figures.iter().map(word).chain(blank.clone()).collect()
    };
    let mut lines = vec![words(&|it| it.1.to_owned()), words(&|it| it.2.to_owned())];
    for row in rows(told, summary, table) {
        let cell = |it: &(Figure, &str, &str)| cell(&row.tally, table, it.0);
        let cells = figures.iter().map(cell);
        lines.push(
            cells
                .chain([label(table.dimension(), &row.group).to_owned()])
                .collect(),
        );
    }
    let note = if table == Table::Product {
        "  一户有几种产品的，每种各计一次；收单不分产品\n  a merchant with several products counts in each; acquiring has no product\n"
    } else {
        ""
    };
    format!("{zh} · {en}\n{}{note}", aligned(&lines))
}

/// A dash where a figure is not told so, and where nothing of what is drawn has been.
fn cell(tally: &Tally, table: Table, figure: Figure) -> String {
    let untold = tally.of(Figure::DrawnUntold);
    let no_balances = untold != Number::Count(0) && untold == tally.of(Figure::Lines);
    if !fits(table, figure.source()) || (figure == Figure::Drawn && no_balances) {
        return "-".to_owned();
    }
    number(tally.of(figure))
}

/// Rows of cells, right-aligned but for the last one of each.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (place, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let is_last = place + 1 == columns;
            let blanks = if is_last { 0 } else { width - cell.width() };
            line += &format!("  {}{cell}", " ".repeat(blanks));
        }
        line.trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}
