//! The report for people, Chinese first.

use super::json::{bands, fits};
use super::tables::{rows, tiers};
use super::{Table, Told};
use crate::cli::summary::grouped;
use crate::kernel::Money;
use crate::report::dimension::NOT_RECONSTRUCTABLE;
use crate::report::discrimination::{FEW, TooFew};
use crate::report::figure::Unit;
use crate::report::stability::{Verdict, psi, told as measure};
use crate::report::{Dimension, Figure, Number, Summary, Tally, What};
use crate::scorecard::Tier;
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
        text += &format!("只计银行 only the bank {bank}\n");
    }
    for (dimension, group) in &asked.within {
        text += &format!("只计 only {dimension} = {}\n", label(group));
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

fn label(group: &str) -> &str {
    match group {
        "" => "无 · none",
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
        lines.push(cells.chain([label(&row.group).to_owned()]).collect());
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
fn aligned(rows: &[Vec<String>]) -> String {
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

/// Each line over its cap, when granted, when raised or now: what it is above, and by how much.
fn over_cap(summary: &Summary) -> String {
    let header = [
        "授信时等级 then",
        "上限 cap",
        "额度 limit",
        "超出 excess",
        "现在等级 now",
        "上限 cap",
        "额度 limit",
        "超出 excess",
        "协议 agreement",
    ];
    let mut lines = vec![header.map(str::to_owned).to_vec()];
    for item in &summary.over_cap {
        let What::Line(line) = &item.what else {
            continue;
        };
        let judged = &line.judged;
        let tier = |tier: Option<Tier>| tier.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let money =
            |money: Option<Money>| money.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let flags: Vec<&str> = judged.flags.iter().map(|flag| flag.as_str()).collect();
        let name = format!(
            "{} {} [{}]",
            line.bank,
            judged.line.agreement,
            flags.join(" ")
        );
        lines.push(vec![
            tier(judged.when_granted.tier()),
            money(line.cap_when_granted),
            judged.line.granted.limit.to_string(),
            money(line.excess_when_granted()),
            tier(judged.tier_now),
            money(line.cap_now),
            judged.usage.limit.to_string(),
            money(line.excess_now()),
            name,
        ]);
    }
    format!(
        "超出等级上限的授信 · lines over the cap of the tier\n{}",
        aligned(&lines)
    )
}

/// Rows are the earlier tiers, columns the later ones.
fn migration(told: &Told<'_>, summary: &Summary) -> String {
    let migration = &summary.migration;
    let name = |tier: &Option<Tier>| tier.map_or_else(|| "无 none".to_owned(), |it| it.to_string());
    let all = tiers(told);
    let mut header: Vec<String> = all.iter().map(name).collect();
    header.extend(["合计 sum".to_owned(), "从 from".to_owned()]);
    let mut lines = vec![header];
    for from in &all {
        let to = |to: &Option<Tier>| migration.moves.get(&(*from, *to)).copied().unwrap_or(0);
        let counts: Vec<u64> = all.iter().map(to).collect();
        let sum: u64 = counts.iter().sum();
        let cells = counts
            .into_iter()
            .chain([sum])
            .map(|count| count.to_string());
        lines.push(cells.chain([name(from)]).collect());
    }
    let (entered, left) = (migration.entered, migration.left);
    format!(
        "等级迁移 {} → {} · moves between tiers\n{}  只在后一日有评分 {entered}，只在前一日 {left} · scored on the later date only {entered}, on the earlier only {left}\n",
        told.asked.since,
        told.asked.as_of,
        aligned(&lines)
    )
}

fn stability(told: &Told<'_>, summary: &Summary) -> String {
    let bands = bands(told, summary);
    let header = ["期初 before", "现在 now", "分数段 band"];
    let mut lines = vec![header.map(str::to_owned).to_vec()];
    for (tier, from, (before, now)) in &bands {
        let from = from.map_or_else(String::new, |from| format!(" ≥ {from}"));
        lines.push(vec![
            before.to_string(),
            now.to_string(),
            format!("{tier}{from}"),
        ]);
    }
    let counts: Vec<(u64, u64)> = bands.iter().map(|(_, _, counts)| *counts).collect();
    let verdict = match psi(&counts) {
        Some(psi) => {
            let verdict = Verdict::of(psi);
            format!(
                "PSI {}  {} · {}",
                measure(psi),
                verdict.zh(),
                verdict.as_str()
            )
        }
        None => "PSI -  有一日没有已评定商户 · nobody was rated on one of the dates".to_owned(),
    };
    format!(
        "评分稳定性（已评定商户，按评分卡分数线分段）· stability of the score (rated merchants, by the card's thresholds)\n{}  {verdict}\n",
        aligned(&lines)
    )
}

fn discrimination(summary: &Summary) -> String {
    let outcomes = &summary.outcomes;
    let (good, bad) = (outcomes.good(), outcomes.bad());
    let (not_rated, untold) = (summary.left_out.not_rated, summary.left_out.untold);
    let found = match outcomes.discrimination() {
        Ok(found) => {
            let [auc, gini, ks] = [found.auc, found.gini, found.ks].map(measure);
            let few = if bad < FEW {
                format!("  坏账不足 {FEW} 笔，数字说明不了什么 · fewer than {FEW} bad lines: the figures say little\n")
            } else {
                String::new()
            };
            format!("  AUC {auc}  Gini {gini}  KS {ks}\n{few}")
        }
        Err(TooFew::Nobody) => "  没有可比的授信 · no lines to go by\n".to_owned(),
        Err(TooFew::NoneBad) => {
            "  没有坏账，无从区分，不算 AUC · no bad lines: there is nothing to tell apart, and no AUC\n".to_owned()
        }
        Err(TooFew::NoneGood) => {
            "  没有好账，无从区分，不算 AUC · no good lines: there is nothing to tell apart, and no AUC\n".to_owned()
        }
    };
    format!(
        "评分区分好坏 · how well the score tells good from bad\n  好 good {good}，坏 bad {bad}；授信时未评定 not rated when granted {not_rated}，未报分类 untold {untold}\n{found}"
    )
}
