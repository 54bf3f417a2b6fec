//! What a bank may not be told does not show, and hides nothing that it may be told.

use super::world::{Desk, FIRST, SECOND, authorisation, on_both_engines};
use crate::intake::folder::uscc;
use crate::lines::world::HEADER;
use serde_json::{Value, json};
use std::fmt::Write;

impl Desk {
    /// A fourth merchant, which has authorised nobody, with a red line.
    fn stranger(&mut self) {
        self.county.merchant(4, "2012-03-05", "2021-02-01");
        self.list_violation(4, "");
    }

    /// What the fourth merchant's authorisation of a number is now.
    fn authorise(&mut self, number: &str, row: &str) {
        let rows = self.county.rows.get_mut("authorisations").unwrap();
        rows.retain(|row| !row.starts_with(number));
        rows.push(row.to_owned());
        self.import();
    }

    /// The ids of all advice to the first bank, as the bureau sees them.
    fn ids(&self) -> Vec<String> {
        let csv = self.bureau(&["advice", "--format", "json", "--bank", "first"]);
        let rows: Value = serde_json::from_str(&csv).unwrap();
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned())
            .collect()
    }

    fn list(&self, query: &str) -> Value {
        let path = format!("/v1/advice?requested_by=R7{query}");
        self.get(&self.first, &path).json()
    }
}

#[test]
fn of_a_merchant_that_has_never_authorised_it_a_bank_learns_nothing() {
    on_both_engines(|mut desk| {
        desk.stranger();
        desk.grant(&desk.first, "X-4", 4, "p");
        assert_eq!(
            desk.advice(),
            ["first X-4 red_line freeze_draws 2025-06-30 open"]
        );
        let id = desk.ids().remove(0);
        let nothing = json!({"advice": [], "next_cursor": null});
        let hidden = |desk: &Desk| {
            assert_eq!(desk.told(&desk.first), [""; 0]);
            for query in ["", "&limit=1", "&agreement=X-4", "&state=open"] {
                assert_eq!(desk.list(query), nothing, "{query}");
            }
            let path = format!("/v1/advice/{id}?requested_by=R7");
            assert_eq!(desk.get(&desk.first, &path).code(), "not_found");
            let answer = desk.acknowledge(&desk.first, &id, "R1");
            assert_eq!((answer.status, &*answer.code()), (404, "not_found"));
            assert_eq!(desk.log(), [""; 0]);
        };
        hidden(&desk);
        let signed = |number: &str, withdrawn_on: &str| {
            authorisation(4, FIRST, withdrawn_on).replace("SQ-4", number)
        };
        // For another purpose, to another bank, and one whose first day is still to come.
        desk.county
            .row("authorisations", authorisation(4, SECOND, ""));
        desk.authorise("SQ-41", &signed("SQ-41", "").replace(";贷后管理", ""));
        hidden(&desk);
        desk.authorise(
            "SQ-42",
            &signed("SQ-42", "").replace("2024-01-01", "2025-07-01"),
        );
        hidden(&desk);
        // One that has ended: the bank may know that there is something. By one that is live, it is told what has been made.
        let ended = signed("SQ-43", "").replace("2024-01-01,,", "2024-01-01,2025-01-01,");
        desk.authorise("SQ-43", &ended);
        assert_eq!(desk.told(&desk.first), ["ask again"]);
        assert_eq!(desk.list("")["advice"][0]["ask_again"], true);
        desk.authorise("SQ-44", &signed("SQ-44", ""));
        let told = desk.told(&desk.first);
        assert_eq!(told, ["advice_made X-4 red_line freeze_draws open"]);
        desk.authorise("SQ-44", &signed("SQ-44", "2025-06-30"));
        assert_eq!(desk.told(&desk.first), ["ask again"]);
    });
}

#[test]
fn what_is_hidden_hides_nothing_that_may_be_told() {
    on_both_engines(|mut desk| {
        desk.stranger();
        // More than are looked through at a time.
        let mut ledger = HEADER.to_owned() + "\n";
        for line in 0..600 {
            let code = uscc(4);
            writeln!(
                ledger,
                "L-{line},{code},示例商户4,示例贷p,100000.00,CNY,循环,2025-03-01,2026-03-01,LPR1Y+60bp,0.00,0,正常"
            )
            .unwrap();
        }
        desk.deliver("2025-06-30", &ledger);
        desk.list_violation(1, "");
        desk.grant(&desk.first, "X-1", 1, "p");
        assert_eq!(desk.ids().len(), 601);
        let told = desk.told(&desk.first);
        assert_eq!(told, ["advice_made X-1 red_line freeze_draws open"]);
        for query in ["", "&limit=1", "&limit=1&state=open"] {
            let list = desk.list(query);
            assert_eq!(list["advice"].as_array().unwrap().len(), 1, "{query}");
            assert_eq!(list["advice"][0]["advice"]["agreement"], "X-1");
            assert_eq!(list["next_cursor"], json!(null));
        }
    });
}

#[test]
fn no_cursor_tells_of_what_is_left_out() {
    on_both_engines(|mut desk| {
        desk.grant(&desk.first, "X-1", 1, "p");
        desk.grant(&desk.first, "X-2", 1, "p");
        desk.list_violation(1, "");
        let page = desk.list("&limit=1&agreement=X-1");
        assert_eq!(page["advice"].as_array().unwrap().len(), 1);
        let first = desk.list("&limit=1");
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = desk.list(&format!("&limit=1&cursor={cursor}"));
        assert_ne!(first["advice"], second["advice"]);
        assert_eq!(second["next_cursor"], json!(null));
        desk.withdraw();
        let nothing = json!({"advice": [], "next_cursor": null});
        let code = uscc(1);
        for filter in [&*format!("uscc={code}"), "agreement=X-1", "state=open"] {
            assert_eq!(desk.list(&format!("&limit=1&{filter}")), nothing);
        }
    });
}

#[test]
fn what_may_be_told_comes_before_what_is_to_be_asked_for_again() {
    on_both_engines(|mut desk| {
        desk.grant(&desk.first, "X-1", 1, "p");
        desk.list_violation(1, "");
        desk.grant(&desk.first, "X-2", 2, "p");
        desk.list_violation(2, "");
        let told = desk.told(&desk.first);
        let made = ["X-1", "X-2"].map(|it| format!("advice_made {it} red_line freeze_draws open"));
        assert_eq!(told, made);
        desk.withdraw();
        assert_eq!(desk.told(&desk.first), [&*made[1], "ask again"]);
        let path = "/v1/messages?requested_by=R7&limit=1";
        let one = desk.get(&desk.first, path).json();
        assert_eq!(one["messages"].as_array().unwrap().len(), 1);
        assert_eq!(one["messages"][0]["advice"]["agreement"], "X-2");
    });
}
