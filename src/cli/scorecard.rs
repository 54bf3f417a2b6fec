//! `daishan scorecard`: checks a card, and tells which of its attributes no merchant meets.

use super::scores::When;
use super::{Context, Failed, print};
use crate::flows::list_scores::list_scores;
use crate::score::card_name;
use crate::scorecard::{AttributeCoverage, Scorecard};
use clap::{Args, Subcommand};
use std::convert::Infallible;
use std::fmt::Write;
use std::path::PathBuf;

/// 评分卡：检查，或统计无人符合的属性 · Check a scorecard, or tell which attributes no merchant meets
#[derive(Args)]
pub struct ScorecardCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 检查评分卡文件 · Check a scorecard's file
    Check {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// 列出没有商户符合的属性 · List the attributes that no merchant meets
    Coverage {
        #[command(flatten)]
        when: When,
    },
}

impl ScorecardCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        match self.what {
            What::Check { file } => check(context, &file),
            What::Coverage { when } => coverage(context, &when),
        }
    }
}

fn check(context: &Context, file: &std::path::Path) -> Result<(), Failed> {
    let kinds = context.configuration.kinds().map_err(Failed::usage)?;
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failed::new(format!(
            "无法读取 {}：{error} · cannot read it",
            file.display()
        ))
    })?;
    match Scorecard::parse(&file.display().to_string(), &text, &kinds) {
        Ok(card) => print(&format!(
            "{}：{} 项，满分 {} · {} characteristics, {} points at most\n",
            card_name(&card),
            card.characteristics().len(),
            card.max_score(),
            card.characteristics().len(),
            card.max_score()
        )),
        Err(faults) => {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Err(Failed::new(lines.join("\n")))
        }
    }
}

fn coverage(context: &Context, when: &When) -> Result<(), Failed> {
    let app = context.app(false)?;
    let (as_of, known_at, card) = when.settle(&app)?;
    let mut met = AttributeCoverage::new(card);
    let counted = app.store.read(|conn| {
        list_scores(conn, &app.kinds, card, as_of, known_at, |_, given| {
            if let Some(given) = given {
                met.add(&given.assessment);
            }
            Ok::<_, Infallible>(())
        })
    });
    if let Err(never) = counted.map_err(Failed::new)? {
        match never {}
    }
    let mut text = String::new();
    for (characteristic, place) in met.unmet() {
        let attribute = &characteristic.attributes[place];
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{} 第{}档（{}分）无商户符合 · attribute {} ({} points) is met by no merchant",
            characteristic.id,
            place + 1,
            attribute.partial_score,
            place + 1,
            attribute.partial_score
        );
    }
    if text.is_empty() {
        eprintln!("每一档都有商户符合 · every attribute is met by some merchant");
    }
    print(&text)
}
