//! What an answer says: every member, held against the documentation and the sample's expected scores.

use super::county::{County, on_both_engines};
use super::registers::{BEFORE_LOAN, CAPPED, GOOD, RED, SILENT, TWICE, code};
use daishan_credit::dispute::Verdict;
use daishan_credit::flows::dispute_fact::{decide_dispute, open_dispute};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Holds a value against a schema of the document; its members are exactly those documented.
fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return check(
            document,
            &document["components"]["schemas"][name],
            value,
            place,
        );
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let may = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|one| one == kind),
        one => one == kind,
    };
    assert!(may, "{place} is {value}, which is no {}", schema["type"]);
    if let Value::Array(items) = value {
        let each = items.iter().enumerate();
        each.for_each(|(at, item)| {
            check(document, &schema["items"], item, &format!("{place}/{at}"))
        });
    }
    if let Value::Object(members) = value {
        let properties = schema["properties"].as_object().unwrap();
        let [told, known] = [members, properties].map(|map| map.keys().collect::<BTreeSet<_>>());
        assert_eq!(told, known, "{place}");
        assert_eq!(
            schema["required"].as_array().unwrap().len(),
            known.len(),
            "{place}"
        );
        for (name, member) in members {
            check(
                document,
                &properties[name],
                member,
                &format!("{place}/{name}"),
            );
        }
    }
}

fn told(county: &County, uscc: &str) -> Value {
    let answer = county.ask(uscc);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

#[test]
fn an_answer_has_the_members_that_are_documented() {
    on_both_engines(|county| {
        let document = county.get("/openapi.json").json();
        let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let batch = county
            .query(&[GOOD, TWICE, BEFORE_LOAN, RED, CAPPED, SILENT])
            .json();
        let answers = batch["answers"].as_array().unwrap();
        for answer in &answers[..5] {
            check(&document, &schema("ScoreAnswer"), answer, "");
        }
        check(&document, &schema("Refused"), &answers[5], "");
        // One question is answered as one of many, but for its own id.
        let mut single = told(&county, GOOD);
        assert_ne!(single["id"], answers[0]["id"]);
        single["id"] = answers[0]["id"].clone();
        assert_eq!(single, answers[0]);
        let own = json!({
            "id": single["id"], "answered_at": "2026-01-05T02:00:00.000000Z", "uscc": GOOD,
            "purpose": "pre_loan_review", "requested_by": "R007", "business_ref": "DK-1",
            "as_of": "2025-12-31", "valid_until": "2026-02-14",
            "scorecard": "daishan-2026.1", "notice": {"zh": "仅供参考", "en": "For reference only"},
        });
        for (name, value) in own.as_object().unwrap() {
            assert_eq!(single[name], *value);
        }
        let feeds = single["feeds"].as_array().unwrap().iter();
        let feeds: BTreeMap<_, _> = feeds
            .map(|feed| (feed["kind"].as_str().unwrap(), &feed["complete_until"]))
            .collect();
        assert_eq!(feeds.len(), 13, "credit lines are not taken yet");
        assert!(feeds.values().all(|day| **day == "2025-12-31"), "{feeds:?}");
    });
}

#[test]
fn answers_say_what_the_sample_expects() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("config/sample/daishan/expected_scores.csv");
    let mut reader = csv::Reader::from_path(file).unwrap();
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    on_both_engines(|county| {
        for uscc in [GOOD, TWICE, BEFORE_LOAN, RED, CAPPED] {
            let answer = told(&county, uscc);
            let row = rows.iter().find(|row| row["uscc"] == uscc).unwrap();
            for name in ["standing", "tier", "score", "tier_cap", "completeness"] {
                let cell = match &answer[name] {
                    Value::String(text) => text.clone(),
                    Value::Null => String::new(),
                    number => number.to_string(),
                };
                assert_eq!(cell, row[name], "{uscc} {name}");
            }
            let list = |name: &str| answer[name].as_array().unwrap().clone();
            let ids = |name: &str, of: &str| {
                let ids = list(name)
                    .into_iter()
                    .map(|one| one[of].as_str().unwrap().to_owned());
                ids.collect::<Vec<_>>().join(";")
            };
            assert_eq!(ids("reasons", "characteristic"), row["reasons"]);
            assert_eq!(ids("red_lines", "id"), row["red_lines"]);
            let (mut sum, mut max) = (0, 0);
            for part in list("characteristics") {
                assert_eq!(
                    part["points"].to_string(),
                    row[part["id"].as_str().unwrap()]
                );
                sum += part["points"].as_i64().unwrap();
                max += part["max"].as_i64().unwrap();
            }
            assert_eq!(
                (json!(sum), json!(max)),
                (answer["score"].clone(), answer["max_score"].clone())
            );

            let reasons = list("reasons");
            let gaps: Vec<i64> = reasons
                .iter()
                .map(|one| one["gap"].as_i64().unwrap())
                .collect();
            assert_eq!(gaps.iter().sum::<i64>(), max - sum);
            assert!(gaps.is_sorted_by(|one, next| one >= next) && gaps.iter().all(|gap| *gap > 0));
            for (place, reason) in reasons.iter().enumerate() {
                assert_eq!(reason["rank"], place + 1);
                both_languages(&reason["text"]);
            }
            for line in list("red_lines") {
                both_languages(&line["name"]);
                let evidence = line["evidence"].as_array().unwrap();
                assert!(!evidence.is_empty());
                evidence.iter().for_each(both_languages);
            }
        }
        let red = told(&county, RED);
        let line = &red["red_lines"][0];
        assert_eq!(line["id"], "abnormal_operation_open");
        let evidence = json!([{
            "zh": "经营异常：标记为经营异常状态 2023-01-15",
            "en": "Abnormal-operation records: 标记为经营异常状态 2023-01-15",
        }]);
        assert_eq!(line["evidence"], evidence);
    });
}

fn both_languages(text: &Value) {
    let says = |language: &str| text[language].as_str().unwrap().to_owned();
    assert!(
        says("zh")
            .chars()
            .any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)),
        "{text}"
    );
    assert!(
        says("en").chars().any(|c| c.is_ascii_alphabetic()),
        "{text}"
    );
}

#[test]
fn an_answer_holds_no_longer_than_the_authorisation() {
    on_both_engines(|county| {
        assert_eq!(told(&county, BEFORE_LOAN)["valid_until"], "2026-02-14");
        let short = code(1);
        county.found(&[(&short, "2020-01-01")]);
        county.authorise(&format!(
            "SQ9,{short},,岱山农村商业银行,贷前审查,书面,2025-01-01,2026-01-08,"
        ));
        assert_eq!(told(&county, &short)["valid_until"], "2026-01-08");
        // Of two that are live the longer one counts.
        county.authorise(&format!(
            "SQ8,{short},,岱山农村商业银行,贷前审查,书面,2025-01-01,2026-01-10,"
        ));
        assert_eq!(told(&county, &short)["valid_until"], "2026-01-10");
    });
}

#[test]
fn a_disputed_fact_is_marked_until_decided_and_counts_all_the_while() {
    on_both_engines(|county| {
        let app = &county.app;
        let by = "test".parse().unwrap();
        let key = ("penalties", "岱市监处罚〔2025〕026号");
        for verdict in [Verdict::Upheld, Verdict::Dismissed] {
            let before = told(&county, GOOD);
            assert_eq!(before["disputed"], json!([]));
            let dispute = open_dispute(
                &app.store,
                &*app.clock,
                &*app.randomness,
                key,
                "不属实",
                &by,
            );
            let dispute = dispute.unwrap();
            let marked = told(&county, GOOD);
            let disputed = marked["disputed"].as_array().unwrap();
            assert_eq!(disputed.len(), 1);
            both_languages(&disputed[0]);
            assert!(
                disputed[0]["zh"].as_str().unwrap().contains(key.1),
                "{disputed:?}"
            );
            assert!(!marked.to_string().contains("不属实"));
            for name in ["score", "tier", "reasons", "valid_until"] {
                assert_eq!(marked[name], before[name]);
            }
            assert_eq!(told(&county, TWICE)["disputed"], json!([]));
            // What was told before stays as it was told.
            let id = super::county::id(&before);
            assert_eq!(county.again(&id).json(), before);
            decide_dispute(&app.store, &*app.clock, dispute, verdict, &by).unwrap();
            assert_eq!(told(&county, GOOD)["disputed"], json!([]));
            assert_eq!(county.again(&super::county::id(&marked)).json(), marked);
        }
    });
}
