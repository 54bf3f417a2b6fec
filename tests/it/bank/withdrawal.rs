//! What a withdrawal or a repair takes away, and what it leaves.

use super::county::{County, digest, id, items, on_both_engines};
use super::registers::{BEFORE_LOAN, GOOD, RCB, RED, SILENT, TWICE, UNKNOWN, penalties};
use crate::support::Answer;
use serde_json::{Value, json};

/// The authorisation of `GOOD`, withdrawn on a day.
fn withdrawn(on: &str) -> String {
    let name = "岱山县高亭镇顺渔荣渔家小厨";
    format!("SQ00345,{GOOD},{name},{RCB},贷前审查;贷后管理,书面,2025-02-27,,{on}")
}

/// What is left of an answer that was given with these bytes.
fn left(given: &[u8]) -> Value {
    let answer: Value = serde_json::from_slice(given).unwrap();
    json!({
        "id": answer["id"],
        "answered_at": answer["answered_at"],
        "digest": digest(given),
        "withheld": true,
    })
}

fn assert_withheld(county: &County, given: &[u8]) {
    let answer: Value = serde_json::from_slice(given).unwrap();
    let again = county.again(&id(&answer));
    assert_eq!((again.status, again.json()), (200, left(given)));
    assert_eq!(again.header("content-type"), "application/json");
}

fn assert_whole(county: &County, given: &[u8]) {
    let answer: Value = serde_json::from_slice(given).unwrap();
    let again = county.again(&id(&answer));
    assert_eq!(again.status, 200);
    assert_eq!(again.text(), std::str::from_utf8(given).unwrap());
}

fn given(answer: Answer) -> Vec<u8> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.body
}

#[test]
fn a_withdrawal_counts_at_once_whatever_its_date() {
    // Before the business date, on the real day, and in the future.
    for on in ["2025-12-01", "2026-01-05", "2026-12-31"] {
        on_both_engines(|county| {
            let single = given(county.ask(GOOD));
            let batch = items(&given(county.query(&[GOOD, TWICE])));
            county.advance(1);
            county.authorise(&withdrawn(on));
            let refused = county.ask(GOOD);
            assert_eq!((refused.status, &*refused.code()), (404, "not_available"));
            let next = county.query(&[GOOD, TWICE]).json();
            assert_eq!(next["answers"][0]["refused"], "not_available");
            assert!(next["answers"][1]["score"].is_i64());
            assert_withheld(&county, &single);
            assert_withheld(&county, &batch[0]);
            assert_whole(&county, &batch[1]);
        });
    }
}

#[test]
fn what_was_withdrawn_stays_withheld_under_a_new_authorisation() {
    on_both_engines(|county| {
        let single = given(county.ask(GOOD));
        county.advance(1);
        county.authorise(&withdrawn("2026-01-05"));
        county.advance(1);
        county.authorise(&format!("SQ90001,{GOOD},,{RCB},贷前审查,书面,2025-06-01,,"));
        let anew = given(county.ask(GOOD));
        assert_withheld(&county, &single);
        assert_whole(&county, &anew);
    });
}

#[test]
fn a_repaired_or_overturned_penalty_is_gone_and_its_answers_are_withheld() {
    for column in ["信用修复日期", "撤销日期"] {
        on_both_engines(|county| {
            let reason = |answer: &[u8]| {
                let answer: Value = serde_json::from_slice(answer).unwrap();
                let reasons = answer["reasons"].as_array().unwrap().iter();
                reasons
                    .clone()
                    .any(|it| it["characteristic"] == "penalties")
            };
            let before = given(county.ask(GOOD));
            let other = given(county.ask(TWICE));
            assert!(reason(&before));
            county.advance(1);
            county.take_penalties(&penalties(GOOD, &[(column, "2025-12-20")]));
            let after = given(county.ask(GOOD));
            assert!(!reason(&after), "{}", String::from_utf8_lossy(&after));
            assert_withheld(&county, &before);
            assert_whole(&county, &after);
            assert_whole(&county, &other);
        });
    }
}

#[test]
fn a_repair_of_a_later_day_waits_for_it() {
    on_both_engines(|county| {
        let before = given(county.ask(GOOD));
        county.advance(1);
        county.take_penalties(&penalties(GOOD, &[("信用修复日期", "2026-01-07")]));
        assert_whole(&county, &before);
        county.clock.set("2026-01-07T00:00:00+08:00");
        assert_withheld(&county, &before);
    });
}

#[test]
fn a_change_that_is_no_repair_leaves_the_answer() {
    on_both_engines(|county| {
        let before = given(county.ask(GOOD));
        county.advance(1);
        county.take_penalties(&penalties(GOOD, &[("公示截止期", "2028-06-30")]));
        let unchanged = given(county.ask(GOOD));
        assert_whole(&county, &before);
        assert_whole(&county, &unchanged);
    });
}

#[test]
fn a_change_of_what_was_repaired_before_leaves_the_answer() {
    on_both_engines(|county| {
        let repaired = ("信用修复日期", "2025-12-20");
        county.take_penalties(&penalties(GOOD, &[repaired]));
        county.advance(1);
        let after = given(county.ask(GOOD));
        county.advance(1);
        county.take_penalties(&penalties(GOOD, &[repaired, ("公示截止期", "2028-06-30")]));
        assert_whole(&county, &after);
    });
}

#[test]
fn an_overturned_grave_matter_ends_its_red_line_and_withholds_its_answers() {
    let matter = |overturned: &str| {
        format!(
            "统一社会信用代码,名称,事项类型,发生日期,文号,记录单位,撤销日期\n\
            {GOOD},店,提供虚假材料,2025-11-11,认1号,市监局,{overturned}\n"
        )
    };
    let lines = |answer: &[u8]| -> Vec<String> {
        let answer: Value = serde_json::from_slice(answer).unwrap();
        let lines = answer["red_lines"].as_array().unwrap().iter();
        lines.map(|line| line.to_string()).collect()
    };
    on_both_engines(|county| {
        let take = |overturned| {
            let taken = county.take("grave_matters", "岱山县市场监督管理局", &matter(overturned));
            let counts = &taken.report.kinds["grave_matters"];
            assert_eq!((counts.new + counts.changed, counts.held), (1, 0));
            county.advance(1);
        };
        take("");
        let before = given(county.ask(GOOD));
        assert!(
            matches!(&*lines(&before), [one] if one.contains("false_material") && one.contains("认1号"))
        );
        county.advance(1);
        take("2025-12-30");
        let after = given(county.ask(GOOD));
        assert!(lines(&after).is_empty());
        assert_withheld(&county, &before);
        assert_whole(&county, &after);
    });
}

#[test]
fn a_withdrawal_of_another_authorisation_leaves_the_answer() {
    on_both_engines(|county| {
        let other = |withdrawn: &str| {
            format!("SQ90001,{GOOD},,{RCB},贷前审查,书面,2025-06-01,2026-06-30,{withdrawn}")
        };
        county.authorise(&other(""));
        let before = given(county.ask(GOOD));
        county.advance(1);
        county.authorise(&other("2026-01-05"));
        assert_whole(&county, &before);
        assert_whole(&county, &given(county.ask(GOOD)));
    });
}

#[test]
fn an_answer_outlives_its_authorisation_s_end() {
    on_both_engines(|county| {
        let before = given(county.ask(BEFORE_LOAN));
        county.clock.set("2026-05-03T00:00:00+08:00");
        assert_eq!(county.ask(BEFORE_LOAN).status, 404);
        assert_whole(&county, &before);
    });
}

#[test]
fn the_same_bytes_come_again_also_after_a_restart() {
    on_both_engines(|mut county| {
        let single = given(county.ask(TWICE));
        let refused = county.ask(SILENT).json();
        let batch = items(&given(county.query(&[
            GOOD,
            RED,
            BEFORE_LOAN,
            SILENT,
            UNKNOWN,
        ])));
        assert_eq!(batch.len(), 5);
        let check = |county: &County| {
            assert_whole(county, &single);
            batch.iter().for_each(|item| assert_whole(county, item));
            let again = county.again(&id(&refused)).json();
            let told = json!({"id": refused["id"], "uscc": SILENT, "refused": "not_available"});
            assert_eq!(again, told);
        };
        check(&county);
        county.restart();
        check(&county);
        // Years later, under another score.
        county.clock.set("2028-03-01T09:00:00+08:00");
        county.take_folder();
        county.rescore();
        check(&county);
    });
}
