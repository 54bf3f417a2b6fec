//! An answer never says what is out of date: a score that is due is computed on the spot.

use super::county::{County, on_both_engines, score_path};
use super::process::{Process, agent};
use super::registers::{GOOD, TWICE, penalties};
use crate::support::command::Serving;
use crate::support::on_both_engines as on_engines;
use serde_json::Value;

/// What is told of a merchant, without what is each answer's own.
fn told(county: &County, uscc: &str) -> Value {
    let answer = county.ask(uscc);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut answer = answer.json();
    for name in ["id", "answered_at"] {
        assert!(answer[name].take().is_string());
    }
    answer
}

/// The same on the spot, once more, after a rescoring, and after a restart. Gives what is told.
fn settled(county: &mut County, uscc: &str) -> Value {
    let told_now = told(county, uscc);
    assert_eq!(told(county, uscc), told_now);
    county.rescore();
    assert_eq!(told(county, uscc), told_now);
    county.restart();
    assert_eq!(told(county, uscc), told_now);
    told_now
}

#[test]
fn what_was_imported_and_not_rescored_is_in_the_next_answer() {
    on_both_engines(|mut county| {
        let before = settled(&mut county, GOOD);
        county.advance(1);
        county.take_penalties(&penalties(GOOD, &[("撤销日期", "2025-12-20")]));
        let after = settled(&mut county, GOOD);
        assert_eq!(before["score"], 874);
        assert!(after["score"].as_i64() > before["score"].as_i64());
        assert_ne!(after["tier"], before["tier"]);
    });
}

#[test]
fn a_business_date_past_the_next_change_is_answered_for() {
    on_both_engines(|mut county| {
        let before = settled(&mut county, GOOD);
        assert_eq!(before["valid_until"], "2026-02-14");
        county.move_business_date("2026-02-14");
        let mut last = settled(&mut county, GOOD);
        assert_eq!(last["as_of"], "2026-02-14");
        last["as_of"] = before["as_of"].clone();
        assert_eq!(last, before, "until then nothing changes");
        county.move_business_date("2026-02-15");
        let after = settled(&mut county, GOOD);
        assert_eq!(after["as_of"], "2026-02-15");
        assert_ne!(after["characteristics"], before["characteristics"]);
        assert!(after["valid_until"].as_str() > Some("2026-02-14"));
        // And back again.
        county.move_business_date("2025-12-31");
        assert_eq!(settled(&mut county, GOOD), before);
    });
}

#[test]
fn without_a_fixed_date_the_calendar_in_shanghai_counts() {
    on_both_engines(|county| {
        county.move_business_date("none");
        assert_eq!(told(&county, GOOD)["as_of"], "2026-01-05");
        county.clock.set("2026-01-05T23:59:59+08:00");
        assert_eq!(told(&county, GOOD)["as_of"], "2026-01-05");
        county.clock.set("2026-02-14T16:00:00Z");
        let after = told(&county, GOOD);
        assert_eq!(after["as_of"], "2026-02-15");
        assert!(after["valid_until"].as_str() > Some("2026-02-14"));
    });
}

#[test]
fn new_coverage_counts_at_once() {
    on_both_engines(|mut county| {
        let before = settled(&mut county, TWICE);
        county.move_business_date("2026-03-31");
        let stale = settled(&mut county, TWICE);
        assert_eq!(
            (&stale["standing"], &stale["tier"]),
            (&"insufficient".into(), &Value::Null)
        );
        assert!(stale["completeness"].as_i64() < before["completeness"].as_i64());
        let path = county.folder.path().join("county.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("2025-12-31]", "2026-03-31]")).unwrap();
        county.advance(1);
        county.take_folder();
        let after = settled(&mut county, TWICE);
        assert_eq!(after["standing"], "rated");
        let feeds = after["feeds"].as_array().unwrap();
        assert!(
            feeds
                .iter()
                .all(|feed| feed["complete_until"] == "2026-03-31"),
            "{feeds:?}"
        );
    });
}

/// How far statements reach is told of a merchant's own acquirers.
#[test]
fn statements_reach_as_far_as_one_of_the_merchant_s_acquirers() {
    on_both_engines(|mut county| {
        let header = "收单机构,商户号,统一社会信用代码,商户名称,清算月份,交易笔数,交易金额(元),退货金额(元),应收手续费(元),实收手续费(元)";
        let row = format!("别的机构,M1,{TWICE},示例商户,202501,10,900.00,0.00,3.00,3.00");
        county.advance(1);
        county.take_until(
            "2026-01-31",
            "statements",
            "别的机构",
            &format!("{header}\n{row}\n"),
        );
        let until = |told: Value| {
            let mut feeds = told["feeds"].as_array().unwrap().clone();
            feeds.retain(|feed| feed["kind"] == "statements");
            feeds[0]["complete_until"].clone()
        };
        assert_eq!(until(settled(&mut county, TWICE)), "2026-01-31");
        assert_eq!(until(settled(&mut county, GOOD)), "2025-12-31");
    });
}

/// Another card that the county names counts from the next query on; what was said by the first stays.
#[test]
fn another_card_counts_at_once_and_leaves_what_was_said() {
    on_engines(|engine| {
        let process = Process::prepare(engine, &[]);
        let first = process.serve();
        let before = get(&process, &first, &score_path(GOOD));
        assert_eq!(before["scorecard"], "daishan-2026.1");
        drop(first);

        let card = include_str!("../../../config/scorecards/daishan-2026.1.toml");
        let other = card.replacen("\"2026.1\"", "\"2026.2\"", 1);
        assert_ne!(card, other);
        let cards = process.cli.folder().join("config/scorecards");
        std::fs::create_dir_all(&cards).unwrap();
        std::fs::write(cards.join("daishan-2026.2.toml"), other).unwrap();
        let second = process.serve();
        let same = get(&process, &second, &score_path(GOOD));
        assert_eq!(same["scorecard"], "daishan-2026.1");
        let county = process.cli.folder().join("county/county.toml");
        let text = std::fs::read_to_string(&county).unwrap();
        std::fs::write(&county, text.replace("daishan-2026.1", "daishan-2026.2")).unwrap();
        process.run(&["import", "county", "--by", "test"]);
        let after = get(&process, &second, &score_path(GOOD));
        assert_eq!(after["scorecard"], "daishan-2026.2");
        for told in [before, same, after] {
            let path = format!("/v1/answers/{}", told["id"].as_str().unwrap());
            assert_eq!(get(&process, &second, &path), told);
        }
    });
}

fn get(process: &Process, serving: &Serving, path: &str) -> Value {
    let bearer = process.bearer(&serving.address);
    let url = format!("http://{}{path}", serving.address);
    let asked = agent().get(url).header("authorization", bearer).call();
    let mut answer = asked.unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    assert_eq!(answer.status(), 200, "{text}");
    serde_json::from_str(&text).unwrap()
}
