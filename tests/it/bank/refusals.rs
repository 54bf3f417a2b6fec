//! What a bank is refused: broken requests as a whole, and merchants that all look the same.

use super::county::{digest, id, items, on_both_engines, question, score_path};
use super::registers::{BEFORE_LOAN, GOOD, RCB, TWICE, code};
use serde_json::{Value, json};

#[test]
fn a_broken_request_is_told_as_a_whole_and_is_no_query() {
    on_both_engines(|county| {
        let without = |name: &str| {
            let mut question = question(&[GOOD]);
            question.as_object_mut().unwrap().remove(name);
            question
        };
        let with = |name: &str, value: Value| {
            let mut question = question(&[GOOD]);
            question[name] = value;
            question
        };
        let cases = [
            (without("purpose"), "/purpose"),
            (without("requested_by"), "/requested_by"),
            (without("business_ref"), "/business_ref"),
            (without("usccs"), "/usccs"),
            (with("purpose", json!("marketing")), "/purpose"),
            (with("purpose", json!("贷前审查")), "/purpose"),
            (with("purpose", Value::Null), "/purpose"),
            (with("requested_by", json!("  ")), "/requested_by"),
            (
                with("business_ref", json!("x".repeat(101))),
                "/business_ref",
            ),
            (with("usccs", json!([])), "/usccs"),
            (with("usccs", json!(GOOD)), "/usccs"),
            (
                with("usccs", json!([GOOD, "92330921MA000DT15X", TWICE])),
                "/usccs/1",
            ),
            (with("bank", json!("other")), "/bank"),
        ];
        for (question, pointer) in cases {
            let answer = county.query_with(&question);
            assert_eq!(
                (answer.status, &*answer.code()),
                (400, "broken_fields"),
                "{pointer}"
            );
            let errors = answer.json()["errors"].clone();
            let pointers = errors.as_array().unwrap().iter();
            let pointers: Vec<_> = pointers.map(|error| error["pointer"].clone()).collect();
            assert_eq!(pointers, [pointer], "{errors}");
        }
        for name in ["purpose", "requested_by", "business_ref"] {
            let path = score_path(GOOD).replace(&format!("{name}="), "other=");
            let answer = county.by(&county.bank, &path);
            assert_eq!((answer.status, &*answer.code()), (400, "broken_fields"));
            assert!(answer.text().contains(&format!(r#""parameter":"{name}""#)));
        }
        let bad = county.ask("92330921MA000DT15X");
        assert_eq!((bad.status, &*bad.code()), (400, "broken_fields"));
        assert!(county.log().is_empty());
    });
}

#[test]
fn a_thousand_are_answered_and_one_more_is_not() {
    on_both_engines(|county| {
        let mut codes: Vec<String> = (0..1_001).map(code).collect();
        let all: Vec<&str> = codes.iter().map(String::as_str).collect();
        let answer = county.query(&all);
        assert_eq!((answer.status, &*answer.code()), (400, "broken_fields"));
        assert_eq!(answer.json()["errors"][0]["pointer"], "/usccs");
        assert!(county.log().is_empty());

        // One merchant may be asked about twice, and is answered twice.
        codes.truncate(1_000);
        codes[7] = GOOD.to_owned();
        codes[999] = GOOD.to_owned();
        let all: Vec<&str> = codes.iter().map(String::as_str).collect();
        let answer = county.query(&all);
        assert_eq!(answer.status, 200);
        let items = items(&answer.body);
        assert_eq!(items.len(), 1_000);
        let log = county.log();
        assert_eq!(log.len(), 1_000);
        for (place, bytes) in items.iter().enumerate() {
            let item: Value = serde_json::from_slice(bytes).unwrap();
            assert_eq!(item["uscc"], codes[place]);
            assert_eq!(item.get("score").is_some(), [7, 999].contains(&place));
            let line = log
                .iter()
                .find(|line| line.id.to_string() == id(&item))
                .unwrap();
            assert_eq!(line.digest.map(|it| it.to_string()), Some(digest(bytes)));
        }
    });
}

#[test]
fn all_who_may_not_be_told_of_look_the_same() {
    // It is 2026-01-05, and the business date is 2025-12-31.
    let cases = [
        ("unknown_merchant", "", ""),
        ("not_authorised", "2020-01-01", ""),
        (
            "not_authorised",
            "2020-01-01",
            "RCB,贷后管理,书面,2025-01-01,,",
        ),
        (
            "not_authorised",
            "2020-01-01",
            "别的银行,贷前审查,书面,2025-01-01,,",
        ),
        (
            "not_authorised",
            "2020-01-01",
            "RCB,收单流水评分,书面,2025-01-01,,",
        ),
        // Ended on the real date only, and on both.
        (
            "not_authorised",
            "2020-01-01",
            "RCB,贷前审查,书面,2025-01-01,2026-01-04,",
        ),
        (
            "not_authorised",
            "2020-01-01",
            "RCB,贷前审查,书面,2025-01-01,2025-12-30,",
        ),
        // Signed after the business date, and after the real one.
        (
            "not_authorised",
            "2020-01-01",
            "RCB,贷前审查,书面,2026-01-02,,",
        ),
        (
            "not_authorised",
            "2020-01-01",
            "RCB,贷前审查,书面,2026-01-06,,",
        ),
        (
            "not_authorised",
            "2020-01-01",
            "RCB,贷前审查,书面,2025-01-01,,2026-06-01",
        ),
        ("not_open", "2026-01-02", "RCB,贷前审查,书面,2025-12-01,,"),
        // The first and the last day count.
        (
            "answered",
            "2020-01-01",
            "RCB,贷前审查,书面,2025-12-31,2026-01-05,",
        ),
    ];
    on_both_engines(|county| {
        let codes: Vec<String> = (0..12).map(code).collect();
        for (code, (_, opened_on, row)) in codes.iter().zip(cases) {
            if !opened_on.is_empty() {
                county.found(&[(code, opened_on)]);
            }
            if !row.is_empty() {
                county.authorise(&format!("SQ9{code},{code},,{}", row.replace("RCB", RCB)));
            }
        }
        let all: Vec<&str> = codes.iter().map(String::as_str).collect();
        let batch = items(&county.query(&all).body);
        for (place, (outcome, ..)) in cases.into_iter().enumerate() {
            let code = &codes[place];
            let item: Value = serde_json::from_slice(&batch[place]).unwrap();
            let single = county.ask(code);
            if outcome == "answered" {
                assert_eq!(single.status, 200, "{}", single.text());
                assert!(item["score"].is_i64());
                continue;
            }
            let same = format!(
                r#"{{"id":"{}","uscc":"{code}","refused":"not_available"}}"#,
                id(&item)
            );
            assert_eq!(std::str::from_utf8(&batch[place]).unwrap(), same);

            assert_eq!((single.status, &*single.code()), (404, "not_available"));
            let again = county.again(&id(&single.json()));
            assert_eq!(again.text(), same.replace(&id(&item), &id(&single.json())));
        }
        let log = county.log();
        assert_eq!(log.len(), 24);
        for (code, (outcome, ..)) in codes.iter().zip(cases) {
            let mut lines = log.iter().filter(|line| line.uscc.as_str() == code);
            assert!(
                lines.clone().count() == 2 && lines.all(|line| line.outcome == outcome),
                "{code}"
            );
        }
        // The problems of the single questions differ in what is each one's own only.
        let alike = |code: &str| {
            let mut told = county.ask(code).json();
            let own = ["id", "instance"].map(|name| told[name].take());
            assert!(own.iter().all(Value::is_string));
            told
        };
        assert!(
            codes[..11]
                .iter()
                .all(|code| alike(code) == alike(&codes[0]))
        );
    });
}

#[test]
fn what_has_ended_on_the_business_date_counts_as_ended() {
    on_both_engines(|county| {
        assert_eq!(county.ask(BEFORE_LOAN).status, 200);
        county.move_business_date("2026-05-03");
        assert_eq!(county.ask(BEFORE_LOAN).code(), "not_available");
        assert_eq!(county.ask(GOOD).status, 200);
    });
}
