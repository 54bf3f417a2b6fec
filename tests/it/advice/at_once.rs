//! What a new fact brings about is advised at once, and lifted once it is gone.

use super::world::on_both_engines;
use crate::intake::folder::uscc;
use serde_json::json;

#[test]
fn a_red_line_freezes_draws_until_it_is_removed() {
    on_both_engines(|mut desk| {
        desk.grant(&desk.first, "X-1", 1, "p");
        desk.grant(&desk.first, "X-2", 2, "p");
        desk.grant(&desk.second, "Y-1", 1, "q");
        desk.grant(&desk.second, "Y-2", 1, "silent");
        assert_eq!(desk.advice(), [""; 0]);
        desk.list_violation(1, "");
        // Each bank by its own product, and nothing by one that says none.
        assert_eq!(
            desk.advice(),
            [
                "first X-1 red_line freeze_draws 2025-06-30 open",
                "second Y-1 red_line review 2025-06-30 open",
            ]
        );
        let told = desk.told(&desk.first);
        assert_eq!(told, ["advice_made X-1 red_line freeze_draws open"]);
        let told = desk.told(&desk.second);
        assert_eq!(told, ["advice_made Y-1 red_line review open"]);
        // Imported and scored again, it is the same.
        desk.import();
        desk.bureau(&["rescore", "--all"]);
        assert_eq!(desk.advice().len(), 2);
        desk.list_violation(1, "2025-06-29");
        assert_eq!(
            desk.advice(),
            [
                "first X-1 red_line freeze_draws 2025-06-30 lifted",
                "second Y-1 red_line review 2025-06-30 lifted",
            ]
        );
        let told = desk.told(&desk.first);
        let both = ["advice_made", "advice_lifted"];
        assert_eq!(
            told,
            both.map(|kind| format!("{kind} X-1 red_line freeze_draws lifted"))
        );
    });
}

#[test]
fn a_tier_that_a_fact_has_lowered_is_advised_at_once() {
    on_both_engines(|mut desk| {
        desk.grant(&desk.first, "X-1", 1, "p");
        desk.grant(&desk.second, "Y-1", 1, "q");
        let before = desk.tier(1, "2025-06-30");
        desk.fine(1, "");
        assert_ne!(desk.tier(1, "2025-06-30"), before);
        let wanted = "first X-1 tier_drop review 2025-06-30";
        assert_eq!(desk.advice(), [format!("{wanted} open")]);
        // A line granted by the lower tier is no news, one granted before it is.
        desk.grant_from(&desk.first, "X-2", 1, "p", "2025-07-01");
        desk.grant(&desk.first, "X-3", 1, "p");
        let third = "first X-3 tier_drop review 2025-06-30";
        assert_eq!(
            desk.advice(),
            [wanted, third].map(|it| format!("{it} open"))
        );
        desk.fine(1, "2025-06-25");
        assert_eq!(desk.tier(1, "2025-06-30"), before);
        assert_eq!(
            desk.advice(),
            [wanted, third].map(|it| format!("{it} lifted"))
        );
    });
}

#[test]
fn a_revoked_certification_counts_as_a_red_line_and_hides_the_tier() {
    on_both_engines(|mut desk| {
        for merchant in 1..=3 {
            desk.grant(&desk.first, &format!("X-{merchant}"), merchant, "p");
        }
        let ends = ["撤销,2025-06-29", "自愿退出,2025-06-29", "暂停,"];
        let roster = desk.county.rows.get_mut("roster").unwrap();
        let certified = roster.clone();
        for (row, end) in roster.iter_mut().zip(ends) {
            *row = row.replace("在期,", end);
        }
        desk.import();
        // A certification that is suspended is not at an end, but the tier is gone.
        assert_eq!(
            desk.advice(),
            [
                "first X-1 certification_revoked freeze_draws 2025-06-30 open",
                "first X-2 certification_revoked freeze_draws 2025-06-30 open",
                "first X-3 tier_drop review 2025-06-30 open",
            ]
        );
        *desk.county.rows.get_mut("roster").unwrap() = certified;
        desk.import();
        let lifted = desk.advice();
        assert!(
            lifted.iter().all(|one| one.ends_with("lifted")),
            "{lifted:?}"
        );
    });
}

#[test]
fn a_line_that_is_told_while_the_cause_stands_is_advised_about() {
    on_both_engines(|mut desk| {
        desk.list_violation(1, "");
        desk.grant(&desk.first, "X-1", 1, "p");
        let freeze =
            |agreement: &str| format!("first {agreement} red_line freeze_draws 2025-06-30 open");
        assert_eq!(desk.advice(), [freeze("X-1")]);
        let header = crate::lines::world::HEADER;
        let row = |agreement: &str, drawn: &str| {
            let code = uscc(1);
            format!(
                "{agreement},{code},示例商户1,示例贷p,100000.00,CNY,循环,2025-03-01,2026-03-01,LPR1Y+60bp,{drawn},0,正常\n"
            )
        };
        desk.deliver("2025-06-30", &format!("{header}\n{}", row("L-1", "0.00")));
        assert_eq!(desk.advice(), [freeze("L-1"), freeze("X-1")]);
    });
}

#[test]
fn a_line_that_is_over_is_advised_about_no_more() {
    on_both_engines(|mut desk| {
        desk.grant(&desk.first, "X-1", 1, "p");
        desk.grant(&desk.first, "X-2", 1, "p");
        let draw = json!({
            "serial": "S-1", "direction": "draw", "amount": {"amount": "5.00", "currency": "CNY"},
            "on": "2025-06-01", "reported_by": "R1",
        });
        let answer = desk.post(&desk.first, "/v1/lines/X-2/movements", &draw);
        assert_eq!(answer.status, 201, "{}", answer.text());
        for agreement in ["X-1", "X-2"] {
            desk.event(agreement, "terminated", "2025-06-10");
        }
        desk.list_violation(1, "");
        // Nothing is owed on the first any more.
        let wanted = "first X-2 red_line freeze_draws 2025-06-30";
        assert_eq!(desk.advice(), [format!("{wanted} open")]);
        let back = json!({
            "serial": "S-2", "direction": "repayment", "amount": {"amount": "5.00", "currency": "CNY"},
            "on": "2025-06-11", "reported_by": "R1",
        });
        let answer = desk.post(&desk.first, "/v1/lines/X-2/movements", &back);
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(desk.advice(), [format!("{wanted} lifted")]);
        // Time alone ends a line as well.
        desk.grant(&desk.first, "X-3", 1, "p");
        assert_eq!(
            desk.advice()[1],
            "first X-3 red_line freeze_draws 2025-06-30 open"
        );
        desk.turn("2026-01-01");
        assert_eq!(
            desk.advice()[1],
            "first X-3 red_line freeze_draws 2025-06-30 lifted"
        );
    });
}

#[test]
fn a_line_that_goes_to_another_merchant_takes_no_advice_along() {
    on_both_engines(|mut desk| {
        desk.grant(&desk.first, "X-1", 1, "p");
        desk.list_violation(1, "");
        assert_eq!(desk.advice().len(), 1);
        desk.grant(&desk.first, "X-1", 2, "p");
        let advice = desk.advice();
        assert_eq!(
            advice,
            ["first X-1 red_line freeze_draws 2025-06-30 lifted"]
        );
    });
}
