//! Statements that a bank reports over HTTP: what becomes of each row, and of the claims that rest on them.

use super::funder::{Caller, Funder, new_key};
use super::town::statement;
use crate::bank::county::{County, on_both_engines as with_county};
use crate::bank::registers::{RCB, TWICE};
use crate::intake::folder::uscc;
use crate::support::{Answer, on_both_engines};
use serde_json::{Value, json};

const PATH: &str = "/v1/statements";

/// A statement of 10,000 yuan, as `town::statement` has it in a file.
fn row(merchant: usize, number: &str, month: &str, fee: &str) -> Value {
    json!({
        "merchant_number": number, "uscc": uscc(merchant), "name": format!("示例商户{merchant}"), "month": month,
        "transactions": 100, "turnover": "10000.00", "refunds": "0.00", "fee_due": fee, "fee_charged": fee,
    })
}

fn body(rows: &[Value]) -> Value {
    json!({"currency": "CNY", "reported_by": "R1", "statements": rows})
}

fn corrected(rows: &[Value]) -> Value {
    let mut body = body(rows);
    body["corrects"] = json!(true);
    body
}

impl Funder {
    fn report(&self, by: &Caller, key: Option<&str>, body: &Value) -> Answer {
        let bearer = self.bearer(by);
        let mut headers = vec![
            ("authorization", &*bearer),
            ("content-type", "application/json"),
        ];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.world.send("POST", PATH, &headers, body.to_string())
    }

    /// What became of each row that the funding bank reports.
    #[track_caller]
    fn taken(&self, body: &Value) -> Vec<String> {
        let answer = self.report(&self.bank, Some(&new_key()), body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        outcomes(&answer.json())
    }

    #[track_caller]
    fn refused(&self, body: &Value) -> String {
        let answer = self.report(&self.bank, Some(&new_key()), body);
        assert_eq!(answer.status, 400, "{}", answer.text());
        let errors = answer.json()["errors"].clone();
        let errors = errors.as_array().unwrap().iter().map(|error| {
            let [place, code] = ["pointer", "code"].map(|key| error[key].as_str().unwrap());
            format!("{place} {code}")
        });
        errors.collect::<Vec<_>>().join(", ")
    }

    fn compute(&self) -> String {
        self.bureau(&["claims", "compute", "--by", "示例员"])
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        crate::intake::world::query(&self.world.app.store, sql)
    }

    fn statements(&self) -> usize {
        let versions = "SELECT key AS line FROM fact_version WHERE kind = 'statements'";
        self.rows(versions).len()
    }
}

/// `new`, or `refused` with the field and code of each fault; the counts must agree.
fn outcomes(told: &Value) -> Vec<String> {
    let rows = told["statements"].as_array().unwrap().iter().enumerate();
    let rows = rows.map(|(place, row)| {
        assert_eq!(row["index"], place);
        let faults = row["errors"].as_array().into_iter().flatten();
        let faults = faults.map(|fault| {
            let detail = fault["detail"].as_str().unwrap();
            assert!(detail.contains('；') && detail.contains(" · "), "{detail}");
            let [field, code] = ["field", "code"].map(|key| fault[key].as_str().unwrap());
            format!(" {field} {code}")
        });
        row["outcome"].as_str().unwrap().to_owned() + &faults.collect::<String>()
    });
    let rows: Vec<String> = rows.collect();
    for (outcome, count) in told["counts"].as_object().unwrap() {
        let found = rows.iter().filter(|row| row.starts_with(&**outcome));
        assert_eq!(*count, found.count(), "{outcome}");
    }
    rows
}

/// Runs a test with two merchants and no statements, on each engine.
fn with_funder(test: impl Fn(Funder)) {
    on_both_engines(|engine| test(Funder::with(engine, 2, 0, "1000.00")));
}

#[test]
fn a_statement_over_http_becomes_a_claim_that_is_paid_and_its_correction_a_difference() {
    with_funder(|funder| {
        let first = row(1, "n1", "202501", "10.00");
        assert_eq!(funder.taken(&body(std::slice::from_ref(&first))), ["new"]);
        assert!(funder.compute().contains("1 new claims over 10.00"));
        let id = funder.first("computed");
        assert_eq!(funder.claim(&id)["uscc"], uscc(1));
        funder.bureau(&["claims", "confirm", &id, "--by", "示例员"]);
        for (step, person) in [("submit", "R1"), ("approve", "R2"), ("pay", "R1")] {
            assert_eq!(funder.step(&id, step, person, "10.00").status, 200);
        }
        assert_eq!(funder.balance("paid"), "10.00");

        // Without the word that it is a correction a person decides, and until then nothing is another.
        let more = row(1, "n1", "202501", "12.50");
        assert_eq!(funder.taken(&body(std::slice::from_ref(&more))), ["held"]);
        assert_eq!(funder.taken(&body(&[first])), ["unchanged"]);
        assert!(funder.compute().contains("0 differences"));
        assert_eq!(
            funder.taken(&corrected(std::slice::from_ref(&more))),
            ["changed"]
        );
        let told = funder.compute();
        assert!(
            told.contains("1 differences, 2.50 more and 0.00 less"),
            "{told}"
        );
        let numbers: Vec<i64> = funder
            .all()
            .iter()
            .map(|claim| claim["number"].as_i64().unwrap())
            .collect();
        assert_eq!(numbers, [0, 1]);
        // Less is clawed back from what is paid.
        let less = row(1, "n1", "202501", "4.00");
        assert_eq!(funder.taken(&corrected(&[less])), ["changed"]);
        funder.compute();
        assert_eq!(
            (funder.balance("paid"), funder.balance("pool")),
            ("4.00".into(), "990.00".into())
        );
        funder.check();
    });
}

#[test]
fn rows_are_the_same_by_file_and_over_http() {
    on_both_engines(|engine| {
        let mut funder = Funder::with(engine, 2, 2, "1000.00");
        let known = [("n1", 1), ("n2", 2)].map(|(number, merchant)| {
            ["202501", "202502"].map(|month| row(merchant, number, month, "10.00"))
        });
        assert_eq!(
            funder.taken(&body(&known.concat())),
            ["unchanged"; 4],
            "what a file has told"
        );
        let new = [
            row(1, "n1", "202503", "10.00"),
            row(2, "n2", "202503", "10.00"),
        ];
        assert_eq!(funder.taken(&body(&new)), ["new"; 2]);
        let before = funder.statements();
        for (merchant, number) in [(1, "n1"), (2, "n2")] {
            let fees = ("10.00", "10.00");
            statement(&mut funder.county, merchant, 0, number, "202503", fees);
        }
        let report = funder.import();
        let counts = &report["kinds"]["statements"];
        assert_eq!(
            (
                &counts["unchanged"],
                &counts["new"],
                &counts["changed"],
                &counts["held"]
            ),
            (&json!(6), &json!(0), &json!(0), &json!(0))
        );
        assert_eq!(funder.statements(), before);
    });
}

#[test]
fn a_row_that_cannot_be_taken_is_refused_by_itself() {
    with_funder(|funder| {
        let with = |field: &str, value: Value| {
            let mut row = row(1, "n1", "202501", "10.00");
            row[field] = value;
            row
        };
        let long = "1".repeat(30);
        let mut both = with("uscc", json!("nonsense"));
        both["month"] = json!("202513");
        let rows = [
            (row(1, "n1", "202501", "10.00"), "new"),
            (
                with("fee_due", json!("1e400")),
                "refused fee_due not_a_number",
            ),
            (
                with("fee_due", json!("NaN")),
                "refused fee_due not_a_number",
            ),
            (
                with("turnover", json!("0.005")),
                "refused turnover not_a_number",
            ),
            (with("refunds", json!("-1")), "refused refunds negative"),
            (
                with("fee_charged", json!("92233720368547758.08")),
                "refused fee_charged not_a_number",
            ),
            (
                with("fee_charged", json!(long)),
                "refused fee_charged not_a_number",
            ),
            (
                with("fee_charged", json!("92233720368547758.07")),
                "refused fee_charged out_of_range",
            ),
            (
                with("turnover", json!("100000000000.01")),
                "refused turnover out_of_range",
            ),
            (
                with("transactions", json!(-1)),
                "refused transactions negative",
            ),
            (
                with("uscc", json!("92520100MA00000011")),
                "refused uscc check_character",
            ),
            (
                with("uscc", json!(uscc(99))),
                "refused uscc unknown_merchant",
            ),
            (
                with("merchant_number", json!(" / ")),
                "refused merchant_number missing_value",
            ),
            (
                with("merchant_number", json!("8.9834E+14")),
                "refused merchant_number spreadsheet_number",
            ),
            (with("name", json!("示\u{7}例")), "refused name broken_text"),
            (both, "refused uscc not_a_uscc month no_such_date"),
            (with("month", json!("202601")), "refused month future_month"),
            // In the order sent, each beside what those before it left.
            (row(1, "n1", "202501", "10.00"), "unchanged"),
            (row(1, "n1", "202501", "11.00"), "held"),
            (row(2, "n2", "202512", "10.00"), "new"),
        ];
        let sent: Vec<Value> = rows.iter().map(|(row, _)| row.clone()).collect();
        let expected: Vec<&str> = rows.iter().map(|(_, outcome)| *outcome).collect();
        assert_eq!(funder.taken(&body(&sent)), expected);
        assert_eq!(funder.statements(), 2);
        assert_eq!(
            funder.rows("SELECT taken_by || ' ' || source || ' ' || counts AS line FROM delivery WHERE file = 'POST /v1/statements'"),
            [
                "first/R1 示例第一银行 {\"line\":20,\"counts\":{\"new\":2,\"changed\":0,\"unchanged\":1,\"held\":1,\"refused\":16,\"absent\":0},\"repeated\":3}"
            ]
        );
        // What a person has rejected is not held again.
        let held = funder.bureau(&["held", "--json"]);
        let held: Value = serde_json::from_str(&held).unwrap();
        let id = held[0]["id"].as_str().unwrap();
        funder.bureau(&["held", "reject", id, "--by", "示例员"]);
        let again = row(1, "n1", "202501", "11.00");
        let known = row(1, "n1", "202501", "10.00");
        assert_eq!(
            funder.taken(&body(&[again, known])),
            ["rejected", "unchanged"]
        );
        assert_eq!(funder.statements(), 2);
    });
}

#[test]
fn a_request_that_is_broken_is_refused_as_a_whole() {
    with_funder(|funder| {
        let good = || row(1, "n1", "202501", "10.00");
        let with = |change: &dyn Fn(&mut Value)| {
            let mut body = body(&[good()]);
            change(&mut body);
            funder.refused(&body)
        };
        assert_eq!(
            with(&|body| {
                body["statements"][0]["fee_due"] = json!(10);
                body["statements"][0]["month"] = Value::Null;
                body["statements"][0]["acquirer"] = json!("示例支付");
                body["currency"] = json!("USD");
            }),
            "/currency other_currency, /statements/0/acquirer unknown_field, \
             /statements/0/fee_due wrong_type, /statements/0/month missing"
        );
        assert_eq!(
            with(&|body| body["statements"] = json!([])),
            "/statements wrong_length"
        );
        let many = vec![json!({}); 1_001];
        assert_eq!(
            with(&|body| body["statements"] = json!(many)),
            "/statements wrong_length"
        );
        assert_eq!(
            with(&|body| body["covers"] = json!({"from": "2025-02-01", "until": "2025-01-31"})),
            "/covers/until date_order"
        );
        assert_eq!(
            with(&|body| body["covers"] = json!({"from": "2025-01-01", "until": "2026-01-01"})),
            "/covers/until in_the_future"
        );
        assert_eq!(
            with(&|body| body["reported_by"] = json!("")),
            "/reported_by wrong_length"
        );
        let fraction = body(&[good()]).to_string().replace("\"10.00\"", "10.00");
        let bearer = funder.bearer(&funder.bank);
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", "fraction"),
        ];
        let answer = funder.world.send("POST", PATH, &headers, fraction);
        assert_eq!((answer.status, &*answer.code()), (400, "bad_request"));
        assert_eq!(funder.statements(), 0);
        let deliveries = funder.rows("SELECT file AS line FROM delivery");
        assert!(!deliveries.contains(&"POST /v1/statements".to_owned()));
    });
}

#[test]
fn a_thousand_rows_fit_and_a_key_has_one_effect_of_one_bank() {
    with_funder(|funder| {
        let rows: Vec<Value> = (0..1_000)
            .map(|number| {
                let (merchant, month) = (1 + number % 2, format!("2025{:02}", 1 + number % 12));
                row(
                    merchant,
                    &format!("8983409{number:08}"),
                    &month,
                    "123456.78",
                )
            })
            .collect();
        let body = body(&rows);
        let missing = funder.report(&funder.bank, None, &body);
        assert_eq!(
            (missing.status, &*missing.code()),
            (400, "idempotency_key_required")
        );
        let first = funder.report(&funder.bank, Some("k"), &body);
        assert_eq!(
            (first.status, outcomes(&first.json())),
            (200, vec!["new".to_owned(); 1_000])
        );
        let again = funder.report(&funder.bank, Some("k"), &body);
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(again.header("idempotent-replayed"), "true");
        let other = funder.report(&funder.bank, Some("k"), &corrected(&rows));
        assert_eq!(
            (other.status, &*other.code()),
            (422, "idempotency_key_reused")
        );
        assert_eq!(funder.statements(), 1_000);
        // Another bank speaks for itself: its statements are others, whatever their numbers.
        let foreign = funder.report(&funder.other, Some("k"), &body);
        assert_eq!(
            (foreign.status, foreign.header("idempotent-replayed")),
            (200, "")
        );
        assert_eq!(outcomes(&foreign.json()), vec!["new"; 1_000]);
        let keys = "SELECT key AS line FROM fact WHERE kind = 'statements' AND key LIKE ";
        for bank in ["示例第一银行", "示例第二银行"] {
            assert_eq!(funder.rows(&format!("{keys}'{bank}%'")).len(), 1_000);
        }
    });
}

#[test]
fn a_thousand_long_rows_are_taken_and_a_mebibyte_is_the_most() {
    with_funder(|funder| {
        let long = |length: usize| {
            let rows = (0..1_000).map(|number| {
                let mut row = row(1, &format!("{number:08}"), "202501", "10.00");
                row["name"] = json!("x".repeat(length));
                row
            });
            body(&rows.collect::<Vec<_>>())
        };
        let most = 1 << 20;
        let without = long(0).to_string().len();
        let most_of_each = (most - without) / 1_000;
        assert!(most_of_each > 400, "{without}");
        let fits = long(400);
        assert!(fits.to_string().len() > 2 * 262_144);
        assert_eq!(funder.taken(&fits), vec!["new".to_owned(); 1_000]);
        let more = long(most_of_each + 1);
        assert!(more.to_string().len() > most);
        let refused = funder.report(&funder.bank, Some("more"), &more);
        assert_eq!(
            (refused.status, &*refused.code()),
            (413, "payload_too_large")
        );
    });
}

#[test]
fn the_next_score_knows_what_was_reported_and_how_far_it_reaches() {
    with_county(|county| {
        let before = county.ask(TWICE).json();
        // One of nine active months was none.
        let mut rows = of_sample(TWICE);
        rows.truncate(1);
        rows[0]["transactions"] = json!(0);
        let mut body = corrected(&rows);
        report(&county, "k1", &body, "changed");
        let after = county.ask(TWICE).json();
        assert!(
            after["score"].as_i64() < before["score"].as_i64(),
            "{before} {after}"
        );
        // The registers reach until the end of the year; from the middle of March on statements are too old.
        county.move_business_date("2026-03-20");
        let stale = county.ask(TWICE).json();
        let covers = || crate::intake::world::count(&county.app.store, "coverage");
        let stretches = covers();
        report(&county, "k2", &body, "unchanged");
        assert_eq!(covers(), stretches, "rows alone make nothing complete");
        body["covers"] = json!({"from": "2026-01-01", "until": "2026-02-28"});
        report(&county, "k3", &body, "unchanged");
        assert_eq!(covers(), stretches + 1);
        let fresh = county.ask(TWICE).json();
        assert!(
            fresh["completeness"].as_i64() > stale["completeness"].as_i64(),
            "{stale} {fresh}"
        );
        // What is known to be complete already says nothing new.
        report(&county, "k4", &body, "unchanged");
        assert_eq!(covers(), stretches + 1);
    });
}

fn report(county: &County, key: &str, body: &Value, outcome: &str) {
    let bearer = county.bearer(&county.bank);
    let headers = [
        ("authorization", &*bearer),
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    let answer = county.send("POST", PATH, &headers, body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(outcomes(&answer.json()), [outcome]);
}

/// The merchant's statements of the sample, as the bank would report them.
fn of_sample(uscc: &str) -> Vec<Value> {
    let text = crate::intake::world::expected("daishan", "收单月报.csv");
    let rows = text.lines().filter(|line| line.contains(uscc));
    let rows = rows.map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], RCB);
        json!({
            "merchant_number": cells[1], "uscc": cells[2], "name": cells[3], "month": cells[4],
            "transactions": cells[5].parse::<i64>().unwrap(), "turnover": cells[6], "refunds": cells[7],
            "fee_due": cells[8], "fee_charged": cells[9],
        })
    });
    rows.collect()
}
