//! A broken card is refused with all its faults, each by its line.

use super::{DAISHAN, card, sample};
use crate::scorecard::Scorecard;

/// The faults of the card after one change, as line and English cause.
fn faults(text: &str) -> Vec<(usize, String)> {
    let result = Scorecard::parse("card.toml", text, &sample::kinds());
    let faults = result.err().unwrap_or_default().into_iter();
    faults.map(|fault| (fault.line, fault.cause.en)).collect()
}

/// Replaces the first `from` and holds that exactly one fault is told, on the line of `at`.
fn one(from: &str, to: &str, at: &str, cause: &str) {
    assert!(DAISHAN.contains(from), "the card has no {from}");
    let text = DAISHAN.replacen(from, to, 1);
    let offset = text
        .find(at)
        .unwrap_or_else(|| panic!("no {at} in the changed card"));
    let line = text[..offset].matches('\n').count() + 1;
    let found = faults(&text);
    let (last, cause_) = &found[found.len() - 1];
    assert!(
        found.len() == 1 && *last == line && cause_.contains(cause),
        "line {line}, {cause:?}: {found:?}"
    );
}

/// The line of the text that begins with this, up to its end.
fn row(begins: &str) -> &'static str {
    let rest = &DAISHAN[DAISHAN.find(begins).unwrap()..];
    &rest[..rest.find('\n').unwrap()]
}

#[test]
fn gaps_overlaps_and_what_nothing_reaches() {
    let heading = "[[characteristic]]\nid = \"annual_report\"";
    let late = row("  { mark = \"filed_late\"");
    one(late, "", heading, "no attribute takes the mark filed_late");
    let rest = row("  { otherwise = true, partial_score = 0, reason = { zh = \"近12个月投诉很多");
    let complaints = "[[characteristic]]\nid = \"complaint_rate\"";
    one(rest, "", complaints, "no attribute takes 2001 and above");
    let some = row("  { at_most = 500, partial");
    assert_eq!(faults(&DAISHAN.replacen(some, "", 1)), []);
    one(
        "  { below = 24, partial",
        "  { at_least = 6, below = 24, partial",
        "  { at_least = 6, below",
        "overlaps",
    );
    one(
        "  { at_most = 500, partial",
        "  { at_most = 150, partial",
        "  { at_most = 150",
        "nothing can reach",
    );
    one(
        "{ mark = \"not_due\"",
        "{ marks = [\"not_due\", \"open\"]",
        "  { marks",
        "never says open",
    );
}

#[test]
fn unknown_names_and_words() {
    one(
        "of = \"listings\"",
        "of = \"lists\"",
        "of = \"lists\"",
        "no register lists",
    );
    one(
        "date = \"decided_on\"",
        "date = \"decided\"",
        "date = \"decided\"",
        "no column decided",
    );
    one(
        "column = \"procedure\"",
        "column = \"manner\"",
        "column = \"manner\"",
        "no column manner",
    );
    one(
        "is = \"普通程序\"",
        "is = \"一般程序\"",
        "is = \"一般程序\"",
        "no word 一般程序",
    );
    one(
        "half_life_months = 24",
        "half_life = 24",
        "half_life = 24",
        "half_life is unknown",
    );
    one(
        "kind = \"smoothed_share\"",
        "kind = \"share\"",
        "kind = \"share\"",
        "no feature kind is called share",
    );
    one(
        "facts = \"units\"",
        "facts = \"shops\"",
        "facts = \"shops\"",
        "no facts are named shops",
    );
    one(
        "named = \"heavy\"",
        "named = \"hard\"",
        "named = \"hard\"",
        "no condition is named hard",
    );
    one(
        "mark = \"open\"",
        "mark = \"opened\"",
        "\"opened\"",
        "the marks are",
    );
    one("\"50000.00\"", "\"50,000\"", "\"50,000\"", "amount");
    one(
        "date = \"listed_on\"",
        "date = \"record_kind\"",
        "date = \"record_kind\"",
        "does not go here",
    );
}

#[test]
fn points_and_tiers() {
    one(
        "max_score = 1000",
        "max_score = 990",
        "max_score = 990",
        "add up to 1000",
    );
    one(
        "from = 940",
        "from = 990",
        "from = 990",
        "from the best down",
    );
    one(
        "at_most = \"A\"",
        "at_most = \"E\"",
        "at_most = \"E\"",
        "no tier E",
    );
    let heading = "[[characteristic]]\nid = \"inspections\"";
    one("neutral = 70\n", "\n", heading, "neutral is missing");
    one(
        "partial_score = 50, not_applicable",
        "partial_score = 40, not_applicable",
        "  { mark = \"none\", partial_score = 40",
        "full points",
    );
    one(
        "partial_score = 58",
        "partial_score = 58.5",
        "partial_score = 58.5",
        "whole number",
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let text = DAISHAN
        .replacen("is = \"普通程序\"", "is = \"一般程序\"", 1)
        .replacen("usable_days = 75\n", "", 1)
        .replacen("from = 940", "from = 990", 1)
        .replacen("max = 230", "max = 240", 1);
    let found = faults(&text);
    // The maximum is wrong in the characteristic and in the sum.
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found.is_sorted_by_key(|(line, _)| *line));
}

#[test]
fn what_is_no_toml_is_told_by_its_line() {
    let found = faults("id = \"a\"\nversion = \n");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, 2);
}

#[test]
fn a_fault_reads_in_both_languages() {
    let result = Scorecard::parse(
        "card.toml",
        &DAISHAN.replacen("from = 940", "from = 990", 1),
        &sample::kinds(),
    );
    let fault = result.err().unwrap().remove(0).to_string();
    assert!(fault.starts_with("card.toml:") && fault.contains("等级须由高到低 · tiers go from"));
}

#[test]
fn the_card_that_is_shipped_has_none() {
    let card = card(&sample::kinds());
    assert_eq!(card.characteristics().len(), 12);
    assert_eq!(card.statement_purpose(), Some("收单流水评分"));
    let tiers: Vec<String> = card
        .tiers()
        .iter()
        .map(|rule| rule.tier.to_string())
        .collect();
    assert_eq!(tiers, ["AAA", "AA", "A", "B", "C", "D"]);
    assert!(card.tier("AAA") > card.tier("D") && card.tier("E").is_none());
}
