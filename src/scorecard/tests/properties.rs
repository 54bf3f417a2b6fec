//! What holds of every history, whatever it is.

use super::{
    card,
    generated::{KINDS, as_of, coverage, covered, facts, history},
    sample::County,
};
use crate::{
    kernel::Day,
    register::{Coverage, CoverageRow, Fact, History, Value},
    scorecard::{Assessment, FeatureScore, Scorecard},
};
use proptest::prelude::*;
use std::sync::LazyLock;

static CARD: LazyLock<Scorecard> = LazyLock::new(|| card(&KINDS));

fn assess(history: &History, coverage: &Coverage, t: Day) -> Option<Assessment> {
    CARD.assess(history, coverage, t).unwrap()
}

/// What `next_change_on` compares.
fn same(a: &Assessment, b: &Assessment) -> bool {
    let points = |of: &Assessment| of.parts.iter().map(|part| part.points).collect::<Vec<_>>();
    let lines = |of: &Assessment| {
        of.red_lines
            .iter()
            .map(|line| line.index)
            .collect::<Vec<_>>()
    };
    (a.standing, a.score, a.tier, a.tier_cap, a.completeness)
        == (b.standing, b.score, b.tier, b.tier_cap, b.completeness)
        && points(a) == points(b)
        && lines(a) == lines(b)
}

/// Day by day: nothing changes before the day told, something does on it; none told, none within `most` days.
fn change_is_exact(
    history: &History,
    coverage: &Coverage,
    t: Day,
    most: i32,
) -> Result<(), String> {
    let Some(at) = assess(history, coverage, t) else {
        return Ok(());
    };
    let told = CARD.next_change_on(history, coverage, t, &at);
    for n in 1..=most {
        let day = t.plus_days(n);
        let then = assess(history, coverage, day).ok_or("it closed again")?;
        match (same(&at, &then), told) {
            (false, Some(told)) if told == day => return Ok(()),
            (false, told) => return Err(format!("{t}: changes on {day}, told {told:?}")),
            (true, Some(told)) if told == day => return Err(format!("{t}: nothing on {told}")),
            (true, _) => {}
        }
    }
    Ok(())
}

/// The points of one characteristic.
fn points(assessment: &Assessment, id: &str) -> i32 {
    let mut lines = CARD.characteristics().iter();
    assessment.parts[lines.position(|line| &*line.id == id).unwrap()].points
}

/// The same rows, those of one kind shortened at both ends.
fn less(rows: &[CoverageRow], kind: &str, cut: (i32, i32)) -> Coverage {
    let kind = KINDS.index(kind);
    let rows = rows.iter().cloned().filter_map(|mut row| {
        if Some(row.kind) == kind {
            row.from = row.from.plus_days(cut.0);
            row.until = row.until.plus_days(-cut.1);
        }
        (row.from <= row.until).then_some(row)
    });
    Coverage::new(rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_facts_does_not_matter(
        (facts, shuffled) in facts().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
        rows in coverage(),
        t in as_of(),
    ) {
        let (a, b, coverage) = (history(facts), history(shuffled), covered(&rows));
        prop_assert_eq!(assess(&a, &coverage, t), assess(&b, &coverage, t));
        prop_assert_eq!(CARD.inputs_digest(&a, &coverage, t), CARD.inputs_digest(&b, &coverage, t));
    }

    #[test]
    fn gaps_add_up_and_the_card_alone_agrees(facts in facts(), rows in coverage(), t in as_of()) {
        let (history, coverage) = (history(facts), covered(&rows));
        let Some(assessment) = assess(&history, &coverage, t) else { return Ok(()) };
        let reasons = CARD.reasons(&assessment);
        let gaps: i32 = reasons.iter().map(|reason| reason.gap).sum();
        prop_assert_eq!(gaps, CARD.max_score() - assessment.score);
        let ranked = reasons.is_sorted_by_key(|reason| (-reason.gap, reason.characteristic));
        prop_assert!(ranked);
        for reason in &reasons {
            prop_assert!(!CARD.reason_text(&assessment, *reason).zh.is_empty());
        }
        let outcomes = CARD.outcomes(&history, &coverage, t).unwrap();
        let alone = CARD.score_features(&outcomes).unwrap();
        let parts = assessment.parts.to_vec();
        prop_assert_eq!(alone, FeatureScore { score: assessment.score, parts, reasons });
    }

    #[test]
    fn a_repair_never_lowers_the_score(
        facts in facts(), rows in coverage(), t in as_of(), which in any::<prop::sample::Index>(), after in 0..900i32,
    ) {
        let kind = KINDS.index("penalties").unwrap();
        let column = |id| KINDS.get(kind).column(id).unwrap();
        let penalties: Vec<usize> = (0..facts.len()).filter(|at| facts[*at].kind == kind).collect();
        prop_assume!(!penalties.is_empty());
        let at = penalties[which.index(penalties.len())];
        let mut repaired: Vec<Fact> = facts.clone();
        let decided = facts[at].values[column("decided_on")].as_day().unwrap();
        // One that was repaired already stays so from then on, at the latest.
        let until = facts[at].values[column("repaired_on")].as_day();
        let day = decided.plus_days(after);
        repaired[at].values[column("repaired_on")] = Value::Day(until.map_or(day, |until| until.min(day)));
        let coverage = covered(&rows);
        if let Some(before) = assess(&history(facts), &coverage, t) {
            let after = assess(&history(repaired), &coverage, t).unwrap();
            prop_assert!(after.score >= before.score);
        }
    }

    #[test]
    fn less_coverage_never_raises_points(
        facts in facts(), rows in coverage(), t in as_of(), cut in (0..800i32, 0..400i32),
    ) {
        let history = history(facts);
        let Some(before) = assess(&history, &covered(&rows), t) else { return Ok(()) };
        for (kind, id) in [
            ("abnormal_operations", "abnormal_operation"),
            ("penalties", "penalties"),
            ("inspections", "inspections"),
            ("food_samples", "food_samples"),
            ("complaints", "complaint_rate"),
            ("complaints", "mediation"),
            ("promises", "promises_kept"),
        ] {
            let after = assess(&history, &less(&rows, kind, cut), t).unwrap();
            prop_assert!(points(&after, id) <= points(&before, id), "{id}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_change_comes_on_the_day_told_and_not_before(facts in facts(), rows in coverage(), t in as_of()) {
        let (history, coverage) = (history(facts), covered(&rows));
        prop_assert_eq!(change_is_exact(&history, &coverage, t, 1_200), Ok(()));
    }
}

/// The samples, from days on which much is about to happen.
#[test]
fn changes_of_the_sample_merchants_come_on_the_day_told() {
    for (folder, day, every) in [
        ("daishan", "2025-12-31", 5),
        ("daishan", "2024-02-29", 9),
        ("daishan", "2026-03-31", 9),
        ("witness", "2026-04-15", 1),
        ("witness", "2026-03-31", 3),
    ] {
        let county = County::read(&KINDS, &[folder]);
        let coverage = county.coverage();
        for history in county.histories().values().step_by(every) {
            let exact = change_is_exact(history, &coverage, day.parse().unwrap(), 400);
            assert_eq!(exact, Ok(()), "{folder} {}", history.uscc);
        }
    }
}

#[test]
fn a_day_before_the_card_s_first_is_refused() {
    let county = County::read(&KINDS, &["witness"]);
    let histories = county.histories();
    let history = histories.values().next().unwrap();
    let day = |text: &str| text.parse::<Day>().unwrap();
    let refused = CARD
        .assess(history, &county.coverage(), day("2023-12-31"))
        .unwrap_err();
    assert_eq!(
        (refused.day, refused.first),
        (day("2023-12-31"), day("2024-01-01"))
    );
    assert!(
        CARD.assess(history, &county.coverage(), day("2024-01-01"))
            .is_ok()
    );
}

#[test]
fn the_digest_follows_what_the_card_looks_at() {
    let county = County::read(&KINDS, &["witness"]);
    let (coverage, histories) = (county.coverage(), county.histories());
    let mut histories = histories.values();
    let (a, b) = (histories.next().unwrap(), histories.next().unwrap());
    let t: Day = "2026-04-15".parse().unwrap();
    let digest = CARD.inputs_digest(a, &coverage, t);
    assert_eq!(digest, CARD.inputs_digest(a, &coverage, t));
    assert_ne!(digest, CARD.inputs_digest(b, &coverage, t));
    assert_ne!(digest, CARD.inputs_digest(a, &coverage, t.plus_days(1)));
    assert_ne!(digest, CARD.inputs_digest(a, &Coverage::default(), t));
}
