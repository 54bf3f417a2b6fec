//! The sample counties in every cell, against an independent program written from the same definition.

use super::{
    card,
    sample::{self, County},
};
use crate::{
    kernel::{Day, Uscc},
    register::{Coverage, History},
    scorecard::{AttributeCoverage, Scorecard},
};
use std::{collections::BTreeMap, fs};

fn line(card: &Scorecard, history: &History, coverage: &Coverage, as_of: Day) -> Vec<String> {
    let assessment = card.assess(history, coverage, as_of).unwrap().unwrap();
    let change = card.next_change_on(history, coverage, as_of, &assessment);
    let text = |tier: Option<crate::scorecard::Tier>| tier.map_or(String::new(), |t| t.to_string());
    let lines = assessment.red_lines.iter();
    let lines: Vec<&str> = lines
        .map(|l| &*card.red_lines()[usize::from(l.index)].id)
        .collect();
    let reasons = card.reasons(&assessment);
    let gaps: i32 = reasons.iter().map(|reason| reason.gap).sum();
    assert_eq!(gaps, card.max_score() - assessment.score);
    let id = |at: u16| &*card.characteristics()[usize::from(at)].id;
    let reasons: Vec<&str> = reasons
        .iter()
        .map(|reason| id(reason.characteristic))
        .collect();
    let mut cells = vec![
        history.uscc.to_string(),
        assessment.standing.to_string(),
        assessment.score.to_string(),
        text(assessment.tier),
        text(assessment.tier_cap),
        assessment.completeness.to_string(),
        lines.join(";"),
    ];
    cells.extend(assessment.parts.iter().map(|part| part.points.to_string()));
    cells.push(reasons.join(";"));
    cells.push(change.map_or(String::new(), |day| day.to_string()));
    cells
}

fn hold(folders: &[&str], as_of: &str, file: &str) -> usize {
    let (kinds, as_of) = (sample::kinds(), as_of.parse().unwrap());
    let card = card(&kinds);
    let county = County::read(&kinds, folders);
    let (coverage, histories) = (county.coverage(), county.histories());
    let text = fs::read_to_string(sample::config("sample").join(file)).unwrap();
    let mut wanted = csv::Reader::from_reader(text.as_bytes());
    let header = wanted.headers().unwrap().clone();
    let wanted: BTreeMap<Uscc, csv::StringRecord> = wanted
        .records()
        .map(|record| record.unwrap())
        .map(|record| (record[0].parse().unwrap(), record))
        .collect();
    let open = |history: &&History| card.opened_on(history).is_some_and(|day| day <= as_of);
    let open = histories.values().filter(open);
    let got: Vec<Vec<String>> = open.map(|h| line(&card, h, &coverage, as_of)).collect();
    let mut differences = Vec::new();
    for cells in &got {
        let Some(record) = wanted.get(&cells[0].parse().unwrap()) else {
            differences.push(format!("{} is not expected", cells[0]));
            continue;
        };
        for ((name, wanted), got) in header.iter().zip(record).zip(cells) {
            if wanted != got {
                differences.push(format!(
                    "{} {name}: {wanted} expected, {got} given",
                    cells[0]
                ));
            }
        }
    }
    assert!(
        differences.is_empty() && got.len() == wanted.len(),
        "{file}: {} lines, {} expected, {} differences\n{}",
        got.len(),
        wanted.len(),
        differences.len(),
        differences[..differences.len().min(40)].join("\n"),
    );
    got.len()
}

#[test]
fn daishan_at_the_end_of_2025() {
    let file = "daishan/expected_scores.csv";
    assert_eq!(hold(&["daishan"], "2025-12-31", file), 340);
}

#[test]
fn daishan_when_the_feeds_have_gone_stale() {
    let file = "daishan/expected_scores_2026-03-31.csv";
    assert_eq!(hold(&["daishan"], "2026-03-31", file), 340);
}

#[test]
fn daishan_a_month_later_after_both_deliveries() {
    let file = "daishan-2026-01/expected_scores.csv";
    assert_eq!(
        hold(&["daishan", "daishan-2026-01"], "2026-01-31", file),
        340
    );
}

#[test]
fn the_witness_county() {
    let file = "witness/expected_scores.csv";
    assert_eq!(hold(&["witness"], "2026-04-15", file), 117);
}

/// Every attribute of the card is met by somebody in daishan or in the witness county.
#[test]
fn every_attribute_is_met() {
    let kinds = sample::kinds();
    let card = card(&kinds);
    let mut met = AttributeCoverage::new(&card);
    for (folder, days) in [
        ("daishan", ["2025-12-31", "2026-03-31"]),
        ("witness", ["2026-04-15", "2026-04-15"]),
    ] {
        let county = County::read(&kinds, &[folder]);
        let coverage = county.coverage();
        for history in county.histories().values() {
            for day in days {
                let day = day.parse().unwrap();
                met.add(&card.assess(history, &coverage, day).unwrap().unwrap());
            }
        }
    }
    let unmet: Vec<String> = met
        .unmet()
        .map(|(line, at)| format!("{} {at}", line.id))
        .collect();
    assert_eq!(unmet, Vec::<String>::new());
}
