//! What `daishan demo` tells people of a county: the numbers of its summary as text.

use crate::credit_line;
use crate::scorecard::{Scorecard, Standing};
use serde_json::{Map, Value};
use std::fmt::Write;

/// The scores, and what there is beside them.
pub fn text(summary: &Map<String, Value>, card: &Scorecard) -> String {
    tiers(summary, card) + &credit_lines(summary) + &subsidy(summary)
}

/// Standings and tiers as a table, best first.
fn tiers(summary: &Map<String, Value>, card: &Scorecard) -> String {
    let mut text = String::new();
    let count = |part: &str, name: &str| {
        let counts = summary.get("scores").and_then(|scores| scores.get(part));
        counts
            .and_then(|counts| counts.get(name))
            .and_then(Value::as_u64)
            .unwrap_or(0)
    };
    let as_of = summary
        .get("as_of")
        .and_then(Value::as_str)
        .unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n{as_of} 评分 scores");
    for standing in Standing::ALL.into_iter().rev() {
        let (zh, count) = (standing.zh(), count("standing", standing.as_str()));
        let _ = writeln!(text, "  {standing:<16}{count:>6}  {zh}");
    }
    text.push_str("等级 tiers\n");
    for rule in card.tiers() {
        let count = count("tiers", rule.tier.as_str());
        let _ = writeln!(
            text,
            "  {:<16}{count:>6}  {}",
            rule.tier.as_str(),
            rule.name.zh
        );
    }
    text
}

/// The lines of credit in Chinese and in English.
fn credit_lines(summary: &Map<String, Value>) -> String {
    let lines = summary.get(credit_line::KIND);
    let count = |key: &str| {
        lines
            .and_then(|lines| lines.get(key)?.as_u64())
            .unwrap_or(0)
    };
    let money = |key: &str| {
        grouped(
            lines
                .and_then(|lines| lines.get(key)?.as_str())
                .unwrap_or_default(),
        )
    };
    let (merchants, limit, drawn) = (
        count("merchants"),
        money("limit_total"),
        money("drawn_total"),
    );
    let (then, now) = (count("over_cap_when_granted"), count("over_cap_now"));
    format!(
        "授信 credit lines\n  {merchants} 户授信 ¥{limit}，用信 ¥{drawn}；超出等级上限：授信时 {then}，现在 {now}\n  \
         {merchants} merchants with lines of ¥{limit}, ¥{drawn} drawn; over the cap of their tier: when granted {then}, now {now}\n"
    )
}

/// What the programmes of subsidy have come to.
fn subsidy(summary: &Map<String, Value>) -> String {
    let part = |name: &str| summary.get("subsidy").and_then(|parts| parts.get(name));
    let count = |name| part(name).and_then(Value::as_u64).unwrap_or(0);
    let (merchants, claims) = (count("merchants"), count("claims"));
    let total = part("total").and_then(Value::as_str).unwrap_or_default();
    format!(
        "补贴 subsidy\n  {merchants} 户 {claims} 笔申领共 {total} 元 · {merchants} merchants, {claims} claims, {total} yuan\n"
    )
}

/// An amount in yuan with its thousands set apart.
pub(super) fn grouped(amount: &str) -> String {
    let (yuan, fen) = amount.split_once('.').unwrap_or((amount, ""));
    let mut text = String::with_capacity(amount.len() + amount.len() / 3);
    for (place, digit) in yuan.chars().enumerate() {
        if place > 0 && (yuan.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + "." + fen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (amount, wanted) in [
            ("0.00", "0.00"),
            ("999.99", "999.99"),
            ("1000.00", "1,000.00"),
            ("360000000.00", "360,000,000.00"),
        ] {
            assert_eq!(grouped(amount), wanted);
        }
    }
}
