//! PMML's own sample card, with its ties, through the same evaluator.

use crate::{
    kernel::{Day, Uscc},
    register::{Coverage, Fact, History, Kinds, Value},
    scorecard::{Mark, Outcome, Reach, Reading, Scorecard},
};

const CARD: &str = include_str!("../testdata/pmml-sample.toml");
const KIND: &str = r#"
id = "applications"
name = { zh = "申请", en = "Applications" }
key = ["uscc"]
founds_merchants = true
column = [
  { id = "uscc", header = "USCC", type = "uscc" },
  { id = "applied_on", header = "date", type = "date" },
  { id = "department", header = "department", type = "text" },
  { id = "age", header = "age", type = "count" },
  { id = "income", header = "income", type = "count" },
]
"#;

/// The score, and the reasons as code and gap.
fn score(text: &str, department: Value, age: Value, income: Value) -> (i32, Vec<(String, i32)>) {
    let kinds = Kinds::parse([("applications.toml", KIND)]).unwrap();
    let card = Scorecard::parse("pmml-sample.toml", text, &kinds).unwrap();
    let uscc = Uscc::parse("91330100716105852F").unwrap();
    let day: Day = "2026-01-01".parse().unwrap();
    let values = [Value::Uscc(uscc), Value::Day(day), department, age, income];
    let fact = Fact {
        kind: kinds.roster(),
        key: "1".into(),
        values: values.into(),
    };
    let history = History::new(uscc, vec![fact]);
    let assessment = card
        .assess(&history, &Coverage::default(), day)
        .unwrap()
        .unwrap();
    assert_eq!(assessment.tier, None);
    let reasons = card.reasons(&assessment).into_iter();
    let reasons = reasons.map(|r| (card.reason_code(&assessment, r).to_owned(), r.gap));
    (assessment.score, reasons.collect())
}

fn codes(list: &[(&str, i32)]) -> Vec<(String, i32)> {
    list.iter()
        .map(|(code, gap)| ((*code).to_owned(), *gap))
        .collect()
}

#[test]
fn the_published_results() {
    let text = |text: &str| Value::Text(text.into());
    let (engineering, business) = (text("engineering"), text("business"));
    assert_eq!(
        score(CARD, engineering, Value::Number(25), Value::Number(500)),
        (29, codes(&[("RC2", 18), ("RC1", 16)])),
    );
    assert_eq!(
        score(CARD, business, Value::Number(35), Value::Number(3000)),
        (15, codes(&[("RC1", 13), ("RC3", 13), ("RC2", 6)])),
    );
    assert_eq!(
        score(CARD, Value::Blank, Value::Blank, Value::Blank),
        (-5, codes(&[("RC1", 28), ("RC2", 19), ("RC3", 5)])),
    );
}

#[test]
fn points_above_turns_the_gaps_round() {
    let above = CARD.replace("points_below", "points_above");
    let engineering = Value::Text("engineering".into());
    let score = score(&above, engineering, Value::Number(25), Value::Number(500));
    assert_eq!(score, (29, codes(&[("RC3", 16)])));
}

#[test]
fn no_attribute_that_holds_is_an_invalid_result() {
    let kinds = Kinds::parse([("applications.toml", KIND)]).unwrap();
    let card = Scorecard::parse("pmml-sample.toml", CARD, &kinds).unwrap();
    let outcome = |reading| Outcome {
        reading,
        reach: Reach::Complete,
    };
    let word = outcome(Reading::Word(0));
    let open = outcome(Reading::Mark(Mark::Open));
    let invalid = card.score_features(&[word, open, open]).unwrap_err();
    assert_eq!(invalid.characteristic, 1);
    assert!(card.score_features(&[word]).is_err());
}
