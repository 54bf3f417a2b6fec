//! How lines, tiers and the score are doing, for people.

use super::Told;
use super::json::bands;
use super::tables::tiers;
use super::text::aligned;
use crate::kernel::Money;
use crate::report::discrimination::{FEW, TooFew};
use crate::report::stability::{Verdict, psi, told as measure};
use crate::report::{Summary, What};
use crate::scorecard::Tier;

/// Each line over its cap, when granted, when raised or now: what it is above, and by how much.
pub(super) fn over_cap(summary: &Summary) -> String {
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
pub(super) fn migration(told: &Told<'_>, summary: &Summary) -> String {
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

pub(super) fn stability(told: &Told<'_>, summary: &Summary) -> String {
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

pub(super) fn discrimination(summary: &Summary) -> String {
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
