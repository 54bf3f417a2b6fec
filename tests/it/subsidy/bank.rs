//! A programme's funder acts on claims over HTTP: by whom, in which order, once.

use super::funder::on_both_engines;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn a_claim_goes_from_the_statement_to_the_payment() {
    on_both_engines(|funder| {
        let id = funder.first("computed");
        let shown = funder.claim(&id);
        assert_eq!(
            shown["amount"],
            json!({"amount": "10.00", "currency": "CNY"})
        );
        assert_eq!(shown["remaining"], shown["amount"]);
        assert_eq!(shown["submitted_by"], Value::Null);
        // Not before the bureau has confirmed it.
        let early = funder.step(&id, "submit", "R1", "10.00");
        assert_eq!((early.status, &*early.code()), (409, "claim_status"));
        funder.bureau(&["claims", "confirm", &id, "--by", "示例员"]);
        for (step, person, code) in [
            ("approve", "R2", "claim_status"),
            ("submit", "R1", ""),
            ("submit", "R2", "claim_status"),
            ("approve", "R1", "second_person_required"),
            ("approve", " r1", "second_person_required"),
            ("pay", "R1", "claim_status"),
            ("approve", "R2", ""),
            ("approve", "R3", "claim_status"),
            ("reject", "R2", "claim_status"),
            ("pay", "R1", ""),
            ("pay", "R1", "claim_status"),
        ] {
            let answer = funder.step(&id, step, person, "10.00");
            if code.is_empty() {
                assert_eq!(answer.status, 200, "{step} {}", answer.text());
                assert_eq!(answer.json(), funder.claim(&id), "{step}");
            } else {
                assert_eq!(
                    (answer.status, &*answer.code()),
                    (409, code),
                    "{step} {person}"
                );
            }
        }
        let paid = funder.claim(&id);
        let entries: Vec<String> = paid["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| format!("{} {} {}", entry["entry"], entry["by"], entry["reference"]))
            .collect();
        assert_eq!(
            entries,
            [
                r#""computed" "示例员" null"#,
                r#""confirmed" "示例员" null"#,
                r#""submitted" "first/R1" null"#,
                r#""approved" "first/R2" null"#,
                r#""paid" "first/R1" "B-1""#,
            ]
        );
        assert_eq!(
            (funder.balance("paid"), funder.balance("payable")),
            ("10.00".into(), "0.00".into())
        );
        funder.check();
    });
}

#[test]
fn a_rejected_claim_gives_its_money_back_once() {
    on_both_engines(|funder| {
        let id = funder.first("computed");
        funder.bureau(&["claims", "confirm", "--month", "202501", "--by", "示例员"]);
        assert_eq!(funder.step(&id, "submit", "R1", "10.00").status, 200);
        let pool = funder.balance("pool");
        let reason = json!({"person": "R2", "reason": "账户不符"});
        let own = json!({"person": "R1", "reason": "账户不符"});
        assert_eq!(
            funder.post(&id, "reject", "k0", &own).code(),
            "second_person_required"
        );
        assert_eq!(funder.post(&id, "reject", "k1", &reason).status, 200);
        assert_eq!(
            funder.post(&id, "reject", "k2", &reason).code(),
            "claim_status"
        );
        assert_eq!(funder.claim(&id)["remaining"]["amount"], "0.00");
        assert_ne!(funder.balance("pool"), pool);
        // It does not come up again.
        let again = funder.bureau(&["claims", "compute", "--by", "示例员"]);
        assert!(
            again.contains("0 new claims") && again.contains("0 differences"),
            "{again}"
        );
        let other = funder.first("confirmed");
        let refused = [
            "claims",
            "reject",
            &other,
            "--reason",
            "未认定",
            "--by",
            "示例员",
        ];
        funder.bureau(&refused);
        assert_eq!(funder.claim(&other)["status"], "rejected");
        funder.check();
    });
}

#[test]
fn what_was_wrongly_claimed_goes_back_from_wherever_it_lies() {
    on_both_engines(|funder| {
        funder.bureau(&["claims", "confirm", "--programme", "p", "--by", "示例员"]);
        let claims = funder.list("");
        let ids: Vec<&str> = claims
            .iter()
            .map(|claim| claim["id"].as_str().unwrap())
            .collect();
        let steps = [("submit", "R1"), ("approve", "R2"), ("pay", "R1")];
        // The first claim is left confirmed, the second submitted, the third approved, the fourth paid.
        for (claim, id) in ids.iter().take(4).enumerate() {
            for (step, person) in &steps[..claim] {
                assert_eq!(funder.step(id, step, person, "10.00").status, 200);
            }
        }
        // Nobody was certified on all days of any month.
        funder.revoke_all("2025-01-20");
        let told = funder.bureau(&["claims", "compute", "--by", "示例员"]);
        assert!(
            told.contains("12 differences, 0.00 more and 120.00 less"),
            "{told}"
        );
        let ends = [
            ("rejected", "reduced"),
            ("rejected", "reduced"),
            ("rejected", "reduced"),
            ("paid", "clawed_back"),
        ];
        for (id, (status, entry)) in ids.iter().zip(ends) {
            let claim = funder.claim(id);
            assert_eq!(
                (&claim["status"], &claim["remaining"]["amount"]),
                (&json!(status), &json!("0.00"))
            );
            let last = claim["entries"].as_array().unwrap().last().unwrap().clone();
            assert_eq!(last["reference"], "certification");
            assert_eq!(
                (&last["entry"], &last["amount"]["amount"]),
                (&json!(entry), &json!("10.00"))
            );
        }
        let expected = [
            ("pool", "120.00"),
            ("reserved", "0.00"),
            ("payable", "0.00"),
            ("paid", "0.00"),
            ("clawed_back", "10.00"),
        ];
        for (account, amount) in expected {
            assert_eq!(funder.balance(account), amount, "{account}");
        }
        let again = funder.bureau(&["claims", "compute", "--by", "示例员"]);
        assert!(again.contains("0 differences"), "{again}");
        funder.check();
    });
}

#[test]
fn amounts_that_are_none_and_amounts_that_have_changed_are_refused() {
    on_both_engines(|funder| {
        let id = funder.first("computed");
        funder.bureau(&["claims", "confirm", &id, "--by", "示例员"]);
        let long = "1".repeat(30);
        for (amount, code) in [
            ("1e400", "not_an_amount"),
            ("NaN", "not_an_amount"),
            ("0.005", "finer_than_a_fen"),
            ("-1", "negative"),
            ("100000000000.01", "out_of_range"),
            ("92233720368547758.08", "out_of_range"),
            (&*long, "out_of_range"),
        ] {
            let answer = funder.step(&id, "submit", "R1", amount);
            assert_eq!(
                (answer.status, &*answer.code()),
                (400, "broken_fields"),
                "{amount}"
            );
            let errors = &answer.json()["errors"];
            assert_eq!(
                (&errors[0]["pointer"], &errors[0]["code"]),
                (&json!("/remaining"), &json!(code))
            );
        }
        for number in ["10", "10.0", "1e1", "{\"amount\":10,\"currency\":\"CNY\"}"] {
            let body = format!("{{\"person\":\"R1\",\"remaining\":{number}}}");
            assert_eq!(
                funder.send(&id, "submit", Some("k"), &body).status,
                400,
                "{number}"
            );
        }
        for amount in ["9.99", "10.01", "0", "100000000000.00"] {
            let answer = funder.step(&id, "submit", "R1", amount);
            assert_eq!(
                (answer.status, &*answer.code()),
                (409, "claim_changed"),
                "{amount}"
            );
        }
        let body = json!({"person": "R1", "remaining": {"amount": "10", "currency": "CNY"}});
        let missing = funder.send(&id, "submit", None, &body.to_string());
        assert_eq!(
            (missing.status, &*missing.code()),
            (400, "idempotency_key_required")
        );
        assert_eq!(funder.claim(&id)["status"], "confirmed");
        assert_eq!(funder.post(&id, "submit", "k", &body).status, 200);
    });
}

#[test]
fn a_key_gives_the_same_answer_again_and_is_nothing_to_another_bank() {
    on_both_engines(|funder| {
        let id = funder.first("computed");
        funder.bureau(&["claims", "confirm", &id, "--by", "示例员"]);
        let body = json!({"person": "R1", "remaining": {"amount": "10.00", "currency": "CNY"}});
        let first = funder.post(&id, "submit", "k", &body);
        let again = funder.post(&id, "submit", "k", &body);
        assert_eq!((first.status, again.status), (200, 200));
        assert_eq!(first.body, again.body);
        assert_eq!(again.header("idempotent-replayed"), "true");
        let other = json!({"person": "R2", "remaining": {"amount": "10.00", "currency": "CNY"}});
        assert_eq!(funder.post(&id, "submit", "k", &other).status, 422);
        // Of another bank there is no such claim, whatever its key.
        let foreign = funder.post_by(&funder.other, &id, "submit", "k", &body);
        assert_eq!((foreign.status, &*foreign.code()), (404, "not_found"));
        let entries = funder.claim(&id)["entries"].as_array().unwrap().len();
        assert_eq!(entries, 3);
    });
}

#[test]
fn claims_are_listed_page_by_page_to_their_funder_alone() {
    on_both_engines(|funder| {
        let all: BTreeSet<String> = funder
            .list("")
            .iter()
            .map(|claim| claim["id"].to_string())
            .collect();
        assert_eq!(all.len(), 12);
        for size in [1, 5, 11, 12, 200] {
            let (mut seen, mut cursor, mut pages) = (BTreeSet::new(), String::new(), 0);
            loop {
                let page = funder.page(&format!("?limit={size}{cursor}"));
                pages += 1;
                let claims = page["claims"].as_array().unwrap();
                assert!(claims.len() <= size);
                for claim in claims {
                    assert!(seen.insert(claim["id"].to_string()));
                }
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(seen, all);
            assert_eq!(pages, 12usize.div_ceil(size));
        }
        assert_eq!(funder.list("?month=202502").len(), 4);
        assert_eq!(funder.list("?status=paid").len(), 0);
        assert_eq!(
            funder
                .list(&format!("?uscc={}", crate::intake::folder::uscc(2)))
                .len(),
            3
        );
        assert_eq!(
            funder
                .list(&format!("?uscc={}", crate::intake::folder::uscc(9)))
                .len(),
            0
        );
        assert_eq!(funder.list("?programme=p&month=202501").len(), 4);
        assert_eq!(funder.list("?programme=q").len(), 0);
        for bad in [
            "?month=2025-01",
            "?status=x",
            "?limit=0",
            "?limit=201",
            "?uscc=x",
            "?cursor=x",
            "?a=1",
        ] {
            assert_eq!(
                funder
                    .get_by(&funder.bank, &format!("/v1/claims{bad}"))
                    .status,
                400,
                "{bad}"
            );
        }
        let none = funder.get_by(&funder.other, "/v1/claims").json();
        assert_eq!(none, json!({"claims": [], "next_cursor": null}));
        let id = funder.first("computed");
        let foreign = funder.get_by(&funder.other, &format!("/v1/claims/{id}"));
        assert_eq!((foreign.status, &*foreign.code()), (404, "not_found"));
    });
}
