//! `daishan score`: one merchant's score, explained.

use super::scores::When;
use super::{Context, Failed, print};
use crate::answer::body::render;
use crate::answer::bytes;
use crate::dispute::records::open_disputes;
use crate::kernel::Uscc;
use crate::merchant::records::by_uscc;
use crate::register::records::{coverage, histories};
use crate::register::unit::units;
use crate::register::{History, Kinds};
use crate::score::{Given, give};
use crate::scorecard::{Evidence, PartState, Scorecard};
use crate::store::{Failure, StoreError};
use clap::Args;
use serde_json::json;
use std::fmt::Write;

/// 解释一户的评分 · Explain one merchant's score
#[derive(Args)]
pub struct ScoreCommand {
    /// 统一社会信用代码 · Unified social credit code
    uscc: Uscc,
    #[command(flatten)]
    when: When,
    /// 输出JSON，内容与银行所见相同 · Print as JSON, with what a bank is told
    #[arg(long)]
    json: bool,
}

impl ScoreCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let app = context.app(false)?;
        let (as_of, known_at, card) = self.when.settle(&app)?;
        let known = app.store.read(|conn| {
            let merchants = by_uscc(conn, [self.uscc])?;
            let ids: Vec<_> = merchants.into_values().collect();
            let history = histories(conn, &app.kinds, &ids, known_at)?.pop();
            let disputed = open_disputes(conn, &app.kinds, &ids)?
                .into_values()
                .flatten();
            let disputed: Vec<Evidence> = disputed.collect();
            let coverage = coverage(conn, &app.kinds, known_at)?;
            Ok::<_, Failure<StoreError>>((history, coverage, disputed))
        });
        let (history, coverage, disputed) = known.map_err(Failed::new)?;
        let Some((_, history)) = history else {
            return Err(Failed::new(format!(
                "名册中没有 {} · the roster has no {}",
                self.uscc, self.uscc
            )));
        };
        let given = give(card, &history, &coverage, as_of).map_err(Failed::new)?;
        let Some(given) = given else {
            return Err(Failed::new(format!(
                "{} 在 {as_of} 尚未成立 · was not open on {as_of}",
                self.uscc
            )));
        };
        if self.json {
            let asked = json!({"uscc": self.uscc, "as_of": as_of});
            let body = render(&given, card, &app.kinds, &history, &coverage, &disputed);
            return print(&(bytes(&asked, &body) + "\n"));
        }
        print(&explained(&given, card, &app.kinds, &history, &disputed))
    }
}

/// A score for people, Chinese first.
fn explained(
    given: &Given,
    card: &Scorecard,
    kinds: &Kinds,
    history: &History,
    disputed: &[Evidence],
) -> String {
    let as_of = given.as_of;
    let assessment = &given.assessment;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let mut line = |words: String| {
        let _ = writeln!(text, "{words}");
    };
    line(format!("{}  {as_of}  {}", history.uscc, given.card));
    let standing = assessment.standing;
    line(format!(
        "状态 standing      {}（{}）",
        standing.zh(),
        standing.en()
    ));
    let tier = assessment
        .tier
        .map_or_else(|| "—".to_owned(), |tier| tier.to_string());
    line(format!("等级 tier          {tier}"));
    if let Some(cap) = assessment.tier_cap {
        line(format!("等级上限 cap       {cap}"));
    }
    line(format!(
        "得分 score         {} / {}",
        assessment.score,
        card.max_score()
    ));
    line(format!(
        "完整度 completeness {} / {}",
        assessment.completeness,
        card.max_score()
    ));
    let next = given
        .next_change_on
        .map_or_else(|| "—".to_owned(), |day| day.to_string());
    line(format!("下次变动 next       {next}"));
    for red_line in &assessment.red_lines {
        let Some(rule) = card.red_lines().get(usize::from(red_line.index)) else {
            continue;
        };
        line(format!(
            "一票否决 red line   {}（{}）",
            rule.name.zh, rule.id
        ));
        for fact in &red_line.evidence {
            line(format!(
                "                   {}",
                card.evidence_text(fact, history, kinds).zh
            ));
        }
    }
    line("单项 characteristics".to_owned());
    for (characteristic, part) in card.characteristics().iter().zip(&assessment.parts) {
        let state = match part.state {
            PartState::Known => "",
            PartState::Missing => "  缺失 missing",
            PartState::NotApplicable => "  不适用 not applicable",
            PartState::Partial => "  部分 partial",
        };
        line(format!(
            "  {:<20} {:>4} / {:<4} {}{state}",
            characteristic.id, part.points, characteristic.max, characteristic.name.zh
        ));
    }
    line("扣分原因 reasons".to_owned());
    for reason in card.reasons(assessment) {
        let words = card.reason_text(assessment, reason);
        line(format!("  -{:<4} {} · {}", reason.gap, words.zh, words.en));
    }
    for fact in disputed {
        line(format!(
            "异议 disputed      {}",
            card.evidence_text(fact, history, kinds).zh
        ));
    }
    line("单元 units".to_owned());
    for unit in units(kinds, history) {
        let since = unit.certified_since(as_of).map_or_else(
            || "未生效 not in force".to_owned(),
            |day| format!("{day} 起 since"),
        );
        line(format!(
            "  {}  {}  {}  {since}",
            unit.name, unit.kind, unit.status
        ));
    }
    line("仅供参考 · For reference only".to_owned());
    text
}
