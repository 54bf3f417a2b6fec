//! What people are told: reasons and evidence in both languages.

use super::{
    card,
    sample::{self, County},
};
use crate::{
    kernel::Day,
    scorecard::{PartState, Standing},
};

#[test]
fn neutral_points_are_told_as_what_is_not_known() {
    let kinds = sample::kinds();
    let card = card(&kinds);
    let county = County::read(&kinds, &["daishan"]);
    let (coverage, histories) = (county.coverage(), county.histories());
    let history = &histories[&"91330921MA000CJ19W".parse().unwrap()];
    let told = |day: &str, id: &str| {
        let day: Day = day.parse().unwrap();
        let assessment = card.assess(history, &coverage, day).unwrap().unwrap();
        let reasons = card.reasons(&assessment);
        let place = |id: &str| {
            card.characteristics()
                .iter()
                .position(|line| &*line.id == id)
                .unwrap()
        };
        let of = |id: &str| {
            reasons
                .iter()
                .find(|r| usize::from(r.characteristic) == place(id))
        };
        let state = assessment.parts[place(id)].state;
        let text = of(id).map(|reason| card.reason_text(&assessment, *reason).zh.clone());
        (state, text)
    };
    assert_eq!(told("2025-12-31", "penalties"), (PartState::Known, None));
    let stale = "行政处罚数据未覆盖近36个月，按中性分计".to_owned();
    assert_eq!(
        told("2026-03-31", "penalties"),
        (PartState::Missing, Some(stale))
    );
    let none = "近36个月没有双随机抽查，按中性分计".to_owned();
    assert_eq!(
        told("2025-12-31", "inspections"),
        (PartState::Missing, Some(none))
    );
}

#[test]
fn every_red_line_names_its_evidence() {
    let kinds = sample::kinds();
    let card = card(&kinds);
    let county = County::read(&kinds, &["witness"]);
    let (coverage, day) = (county.coverage(), "2026-04-15".parse().unwrap());
    let mut seen = 0;
    for history in county.histories().values() {
        let assessment = card.assess(history, &coverage, day).unwrap().unwrap();
        assert_eq!(
            assessment.standing == Standing::RedLine,
            !assessment.red_lines.is_empty()
        );
        for line in &assessment.red_lines {
            seen += 1;
            assert!(!line.evidence.is_empty());
            for evidence in &line.evidence {
                let text = card.evidence_text(evidence, history, &kinds);
                let name = &kinds.get(evidence.kind).name;
                assert!(
                    text.zh.starts_with(&format!("{}：", name.zh)),
                    "{}",
                    text.zh
                );
                assert!(text.en.len() > name.en.len() + 2, "{}", text.en);
                assert!(!text.zh.contains(history.uscc.as_str()));
            }
        }
    }
    assert!(seen >= 7);
}
