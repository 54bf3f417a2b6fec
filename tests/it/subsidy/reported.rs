//! The report tells where the books have the money of claims.

use super::funder::on_both_engines;
use serde_json::{Value, json};

#[test]
fn each_account_s_money_is_told_with_its_claims() {
    on_both_engines(|funder| {
        let figures = || -> Value {
            let report = funder.bureau(&["report", "--by", "product", "--json"]);
            let report: Value = serde_json::from_str(&report).unwrap();
            let names = [
                "merchants_with_subsidy",
                "claims",
                "subsidy",
                "subsidy_reserved",
                "subsidy_payable",
                "subsidy_paid",
                "subsidy_clawed_back",
            ];
            names.map(|name| report["figures"][name].clone()).into()
        };
        let all = json!([4, 12, "120.00", "120.00", "0.00", "0.00", "0.00"]);
        assert_eq!(figures(), all);
        funder.bureau(&["claims", "confirm", "--programme", "p", "--by", "示例员"]);
        let claims = funder.list("");
        let ids = claims.iter().map(|claim| claim["id"].as_str().unwrap());
        let steps = [("submit", "R1"), ("approve", "R2"), ("pay", "R1")];
        // The first claim is submitted, the second approved, the third paid.
        for (claim, id) in ids.take(3).enumerate() {
            for (step, person) in &steps[..=claim] {
                assert_eq!(funder.step(id, step, person, "10.00").status, 200);
            }
        }
        let some = json!([4, 12, "120.00", "100.00", "10.00", "10.00", "0.00"]);
        assert_eq!(figures(), some);
        let paid = funder.bureau(&["report", "--behind", "subsidy_paid", "--format", "json"]);
        let paid: Value = serde_json::from_str(&paid).unwrap();
        let row = &paid.as_array().unwrap()[0];
        assert_eq!(
            (&row["amount"], &row["paid"]),
            (&json!("10.00"), &json!("10.00"))
        );
        // Nobody was certified on all days of any month: what is paid is clawed back, and no claim is left.
        funder.revoke_all("2025-01-20");
        funder.bureau(&["claims", "compute", "--by", "示例员"]);
        let none = json!([0, 0, "0.00", "0.00", "0.00", "0.00", "10.00"]);
        assert_eq!(figures(), none);
        let month = [
            "report",
            "--behind",
            "subsidy_clawed_back",
            "--format",
            "csv",
        ];
        assert_eq!(funder.bureau(&month).lines().count(), 2);
    });
}
