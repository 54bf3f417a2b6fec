//! A bank tells what its products are.

use super::reports::yuan;
use crate::bank::county::{County, on_both_engines};
use crate::intake::world::query;
use serde_json::{Value, json};

/// A product that holds from a day on.
pub fn told(from: &str) -> Value {
    json!({
        "name": "示例贷", "revolving": false, "cap": {"A": yuan("100000.00"), "AAA": yuan("200000.00")},
        "term_months": [12, 24], "spread_basis_points": [60], "sizing": "flow", "months_of_flow": 6,
        "on_tier_drop": "review", "on_red_line": "freeze_draws", "from": from, "reported_by": "R1",
    })
}

impl County {
    /// The products of the bank on a day, as `id name from`.
    fn products(&self, day: &str) -> Vec<String> {
        let path = format!("/v1/products?as_of={day}");
        let answer = self.by(&self.bank, &path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let products = answer.json()["products"].take();
        let line = |it: &Value| {
            let text = |name: &str| it[name].as_str().unwrap().to_owned();
            [text("id"), text("name"), text("from")].join(" ")
        };
        products.as_array().unwrap().iter().map(line).collect()
    }

    /// A second later, since records hold in the order of their times.
    fn tell(&self, id: &str, body: &Value) -> (u16, Value) {
        self.advance(1);
        let answer = self.report(&self.bank, &format!("/v1/products/{id}"), body);
        (answer.status, answer.json())
    }
}

#[test]
fn a_product_is_told_seen_and_told_again() {
    on_both_engines(|county| {
        let before = county.products("2026-06-01");
        let (status, answer) = county.tell("example", &told("2026-01-15"));
        assert_eq!(
            (status, &answer["report"]),
            (201, &json!("new")),
            "{answer}"
        );
        let product = &answer["product"];
        assert_eq!(product["cap"]["AAA"], yuan("200000.00"));
        assert_eq!(
            (
                &product["sizing"],
                &product["months_of_flow"],
                &product["from"]
            ),
            (&json!("flow"), &json!(6), &json!("2026-01-15"))
        );
        let (status, answer) = county.tell("example", &told("2026-02-01"));
        assert_eq!((status, &answer["report"]), (200, &json!("unchanged")));
        assert_eq!(answer["product"]["from"], "2026-01-15");
        let mut other = told("2026-03-01");
        other["name"] = json!("新名贷");
        let (status, answer) = county.tell("example", &other);
        assert_eq!((status, &answer["report"]), (201, &json!("changed")));
        // It would not hold in March, so to say it of February is something new.
        let (status, answer) = county.tell("example", &told("2026-02-01"));
        assert_eq!((status, &answer["report"]), (201, &json!("changed")));
        let example = |day: &str| {
            let mut all = county.products(day);
            assert_eq!(all.len(), before.len() + 1);
            all.retain(|product| product.starts_with("example "));
            all.remove(0)
        };
        assert_eq!(example("2026-01-31"), "example 示例贷 2026-01-15");
        assert_eq!(example("2026-06-01"), "example 示例贷 2026-02-01");
        // Another bank has products of its own.
        let others = county.by(&county.other, "/v1/products").json();
        assert_eq!(
            (&others["products"], &others["as_of"]),
            (&json!([]), &json!("2025-12-31"))
        );
        let (id, report) = ("/v1/products/example", told("2026-01-15"));
        assert_eq!(county.report(&county.other, id, &report).status, 201);
        let by = "SELECT reported_by || ' ' || bank_id AS line FROM product \
                  WHERE client_id IS NOT NULL ORDER BY bank_id DESC";
        let rows = query(&county.app.store, by);
        assert_eq!(rows, ["R1 rcb", "R1 rcb", "R1 rcb", "R1 other"]);
    });
}

#[test]
fn the_folder_and_the_bank_replace_each_other_from_their_days_on() {
    on_both_engines(|county| {
        let own = || county.products("2026-06-01");
        let of_folder = "trusted-consumption 丰收·放心消费贷";
        assert!(own().contains(&format!("{of_folder} 2025-12-31")));
        let (status, _) = county.tell("trusted-consumption", &told("2026-02-01"));
        assert_eq!(status, 201);
        assert!(own().contains(&"trusted-consumption 示例贷 2026-02-01".to_owned()));
        assert!(
            county
                .products("2026-01-31")
                .contains(&format!("{of_folder} 2025-12-31"))
        );
        // A folder that is taken later says something of all days from its own on.
        county.move_business_date("2026-01-31");
        assert!(own().contains(&format!("{of_folder} 2026-01-31")));
        // The same folder again says nothing new.
        let count = || query(&county.app.store, "SELECT product_id AS line FROM product").len();
        let before = count();
        county.move_business_date("2026-01-31");
        assert_eq!(count(), before);
    });
}

#[test]
fn what_is_no_product_is_refused_as_in_a_folder() {
    on_both_engines(|county| {
        let refused = |change: &dyn Fn(&mut Value)| {
            let mut body = told("2026-01-15");
            change(&mut body);
            let (status, answer) = county.tell("example", &body);
            assert_eq!(
                (status, &answer["code"]),
                (400, &json!("broken_fields")),
                "{answer}"
            );
            let told = answer["errors"].as_array().unwrap().iter();
            let told = told.map(|error| {
                let text = |name: &str| error[name].as_str().unwrap().to_owned();
                format!("{} {}", text("pointer"), text("code"))
            });
            told.collect::<Vec<_>>().join(", ")
        };
        let set =
            |name: &'static str, value: Value| move |body: &mut Value| body[name] = value.clone();
        for (name, value, wanted) in [
            ("from", json!("2025-12-30"), "/from before_today"),
            ("cap", json!({}), "/cap unknown_word"),
            ("cap", json!({"E": yuan("1.00")}), "/cap unknown_word"),
            ("cap", json!({"A": yuan("0.00")}), "/cap not_positive"),
            ("cap", json!({"A": "1.00"}), "/cap wrong_type"),
            ("term_months", json!([]), "/term_months wrong_length"),
            ("term_months", json!([12, 12]), "/term_months twice"),
            ("term_months", json!([0]), "/term_months/0 not_a_number"),
            ("term_months", json!([601]), "/term_months/0 not_a_number"),
            (
                "spread_basis_points",
                json!([10_001]),
                "/spread_basis_points/0 not_a_number",
            ),
            ("months_of_flow", json!(121), "/months_of_flow not_a_number"),
            ("sizing", json!("bank"), "/months_of_flow unknown_field"),
            ("sizing", json!("none"), "/sizing unknown_word"),
            (
                "on_tier_drop",
                json!("freeze"),
                "/on_tier_drop unknown_word",
            ),
            ("reported_by", json!(null), "/reported_by missing"),
            ("bank", json!("other"), "/bank unknown_field"),
        ] {
            assert_eq!(refused(&set(name, value)), wanted);
        }
        let without =
            |body: &mut Value| drop(body.as_object_mut().unwrap().remove("months_of_flow"));
        assert_eq!(refused(&without), "/months_of_flow missing");
        let (status, answer) = county.tell("no%20id", &told("2026-01-15"));
        assert_eq!(
            (status, &answer["errors"][0]["code"]),
            (400, &json!("not_an_id"))
        );
        let path = "/v1/products?as_of=20260101";
        assert_eq!(county.by(&county.bank, path).status, 400);
    });
}
