//! What is told of lines in a county that is not the sample: by bank, by day, by cap.

use super::world::{
    BANK, OTHER_BANK, Row, county, county_until, deliver, deliver_apart, import_with_products,
    lines, product,
};
use crate::intake::folder::uscc;
use crate::intake::world::{World, cells};
use crate::support::{Engine, on_both_engines};
use std::slice::from_ref;

const HIGH: &str = "AAA = \"200000.00\", AA = \"200000.00\", A = \"200000.00\"";
const LOW: &str = "AAA = \"99999.99\", AA = \"99999.99\", A = \"99999.99\"";

/// The county with a generous product of the first bank and a tight one of the other, of the same name.
fn world(engine: Engine) -> World {
    let world = World::empty(engine);
    let products = [
        product("first", "p", "示例贷", HIGH),
        product("second", "q", "示例贷", LOW),
    ];
    import_with_products(&world, &county(), &products);
    let scores = cells(&world.scores(&[]));
    let tier = &scores[&uscc(1)]["tier"];
    assert!(["AAA", "AA", "A"].contains(&tier.as_str()), "{tier:?}");
    world
}

fn flags(world: &World, agreement: &str, more: &[&str]) -> String {
    lines(world, more)[agreement]["flags"].clone()
}

#[test]
fn each_bank_s_lines_are_held_against_its_own_product() {
    on_both_engines(|engine| {
        let world = world(engine);
        deliver(
            &world,
            BANK,
            "2025-06-30",
            &[Row::new("X-1", 1), Row::new("X-2", 2)],
        );
        deliver(&world, OTHER_BANK, "2025-06-30", &[Row::new("X-1", 3)]);
        let first = lines(&world, &["--bank", "first"]);
        assert_eq!(first.keys().collect::<Vec<_>>(), ["X-1", "X-2"]);
        let row = &first["X-1"];
        let told = [
            "uscc",
            "bank",
            "flags",
            "over_cap_when_granted",
            "over_cap_now",
        ];
        let told = told.map(|column| row[column].as_str());
        assert_eq!(told, [&uscc(1), "first", "", "no", "no"]);
        let row = &lines(&world, &["--bank", "second"])["X-1"];
        let told = [
            "uscc",
            "bank",
            "flags",
            "over_cap_when_granted",
            "over_cap_now",
        ];
        let told = told.map(|column| row[column].as_str());
        let flags = "over_cap_when_granted;over_cap_now;override_pending";
        assert_eq!(told, [&uscc(3), "second", flags, "yes", "yes"]);
        assert_eq!(lines(&world, &["--bank", BANK]), first);
        for command in [
            &["lines", "--format", "csv"][..],
            &["queries", "--format", "csv"],
            &["advice"],
            &["report"],
        ] {
            let told = world.fails(1, &[command, &["--bank", "third"]].concat());
            let known = "first (示例第一银行), second (示例第二银行)";
            assert!(told.contains(known) && told.contains("third"), "{told}");
        }
        let over = world.ok(&["lines", "--format", "csv", "--flag", "over_cap_now"]);
        assert_eq!(over.lines().count(), 2, "{over}");
        let told = world.fails(2, &["lines", "--format", "csv", "--flag", "overdrawn"]);
        assert!(told.contains("expired_with_balance"), "{told}");
    });
}

#[test]
fn a_later_folder_s_cap_holds_from_its_day_on() {
    on_both_engines(|engine| {
        let world = world(engine);
        let mut later = county_until("2025-10-31");
        later.business_date = Some("2025-09-30".to_owned());
        let products = [product("first", "p", "示例信用贷", LOW)];
        import_with_products(&world, &later, &products);
        let mut new = Row::new("X-2", 2);
        new.starts_on = "2025-10-01";
        new.product = "示例信用贷";
        deliver(&world, BANK, "2025-10-31", &[Row::new("X-1", 1), new]);
        let told = |agreement, day| flags(&world, agreement, &["--as-of", day]);
        // Granted under the old cap and the old name.
        assert_eq!(told("X-1", "2025-09-29"), "");
        assert_eq!(told("X-1", "2025-09-30"), "over_cap_now");
        assert_eq!(
            told("X-2", "2025-10-31"),
            "over_cap_when_granted;over_cap_now;override_pending"
        );
        // The same folder again records nothing.
        let before = world.counts();
        import_with_products(&world, &later, &products);
        assert_eq!(world.counts()["product"], before["product"]);
        assert_eq!(before["product"], 3);
    });
}

#[test]
fn a_limit_that_a_later_ledger_raises_is_held_against_the_cap_of_that_day() {
    on_both_engines(|engine| {
        let world = world(engine);
        let mut row = Row::new("X-1", 1);
        deliver(&world, BANK, "2025-06-30", from_ref(&row));
        row.limit = "200000.01";
        deliver(&world, BANK, "2025-07-05", from_ref(&row));
        let told = |day| flags(&world, "X-1", &["--as-of", day]);
        assert_eq!(told("2025-07-04"), "");
        assert_eq!(
            told("2025-07-05"),
            "over_cap_when_raised;over_cap_now;override_pending"
        );
        // Cut again it lies under the cap, but it had been above.
        row.limit = "150000.00";
        deliver(&world, BANK, "2025-07-10", from_ref(&row));
        assert_eq!(told("2025-07-10"), "over_cap_when_raised;override_pending");
    });
}

#[test]
fn a_ledger_may_come_in_several_files() {
    on_both_engines(|engine| {
        let world = world(engine);
        let [first, second, third] =
            [1, 2, 3].map(|number| Row::new(&format!("X-{number}"), number));
        deliver_apart(
            &world,
            BANK,
            "2025-05-31",
            [from_ref(&first), from_ref(&second)],
        );
        assert_eq!(flags(&world, "X-1", &[]), "");
        assert_eq!(flags(&world, "X-2", &[]), "");
        deliver_apart(&world, BANK, "2025-06-30", [&[third], &[first]]);
        let told = ["X-1", "X-2", "X-3"].map(|agreement| flags(&world, agreement, &[]));
        assert_eq!(told, ["", "absent", ""]);
    });
}

#[test]
fn an_agreement_that_a_later_ledger_lacks_is_flagged_until_it_is_there_again() {
    on_both_engines(|engine| {
        let world = world(engine);
        let (mut first, second) = (Row::new("X-1", 1), Row::new("X-2", 2));
        first.drawn = "500.00";
        deliver(&world, BANK, "2025-04-30", &[first.clone(), second.clone()]);
        deliver(&world, BANK, "2025-05-31", from_ref(&second));
        // Of the other bank's ledger it says nothing.
        deliver(&world, OTHER_BANK, "2025-05-31", &[]);
        let gone = &lines(&world, &[])["X-1"];
        let told = ["state", "drawn", "flags", "position_on"].map(|column| gone[column].as_str());
        assert_eq!(told, ["in_force", "500.00", "absent", "2025-04-30"]);
        assert_eq!(flags(&world, "X-2", &[]), "");
        assert_eq!(flags(&world, "X-1", &["--as-of", "2025-05-30"]), "");
        // A row that is refused is there, though it tells nothing.
        let mut unread = first.clone();
        unread.drawn = "-1";
        deliver(&world, BANK, "2025-06-30", &[unread, second.clone()]);
        assert_eq!(flags(&world, "X-1", &[]), "");
        deliver(&world, BANK, "2025-06-30", from_ref(&second));
        assert_eq!(flags(&world, "X-1", &[]), "absent");
        // A ledger of an earlier month that comes late changes nothing of the last.
        deliver(&world, BANK, "2025-03-31", &[first.clone()]);
        assert_eq!(flags(&world, "X-1", &[]), "absent");
        assert_eq!(flags(&world, "X-2", &[]), "");
        deliver(&world, BANK, "2025-06-30", &[second, first]);
        assert_eq!(flags(&world, "X-1", &[]), "");
    });
}

#[test]
fn what_should_not_change_is_flagged_when_it_does() {
    on_both_engines(|engine| {
        let world = world(engine);
        let (mut moved, mut evolved) = (Row::new("X-1", 1), Row::new("X-2", 2));
        deliver(
            &world,
            BANK,
            "2025-04-30",
            &[moved.clone(), evolved.clone()],
        );
        moved.uscc = uscc(3);
        moved.starts_on = "2025-03-02";
        evolved.limit = "150000.00";
        evolved.drawn = "100.00";
        evolved.ends_on = "2027-03-01";
        deliver(&world, BANK, "2025-05-31", &[moved, evolved]);
        let listed = lines(&world, &[]);
        let told = ["uscc", "flags", "changed"].map(|column| listed["X-1"][column].as_str());
        assert_eq!(told, [&uscc(3), "changed", "uscc;starts_on"]);
        let told = ["limit", "flags", "changed"].map(|column| listed["X-2"][column].as_str());
        assert_eq!(told, ["150000.00", "", ""]);
        let then = lines(&world, &["--as-of", "2025-05-30"]);
        let told = ["limit", "flags", "changed"].map(|column| then["X-2"][column].as_str());
        assert_eq!(told, ["100000.00", "", ""]);
        assert_eq!(then["X-1"]["flags"], "");
    });
}

#[test]
fn limit_drawn_and_available_are_told_as_of_each_month() {
    on_both_engines(|engine| {
        let world = world(engine);
        let (mut ended, mut over, mut old) =
            (Row::new("X-1", 1), Row::new("X-2", 2), Row::new("X-3", 3));
        ended.ends_on = "2025-05-30";
        old.starts_on = "2023-12-31";
        old.limit = "300000.00";
        for (day, one, two) in [
            ("2025-04-30", "1000.00", "100000.00"),
            ("2025-05-31", "1000.00", "100000.01"),
            ("2025-06-30", "2000.00", "0.00"),
        ] {
            (ended.drawn, over.drawn) = (one, two);
            deliver(
                &world,
                BANK,
                day,
                &[ended.clone(), over.clone(), old.clone()],
            );
        }
        let columns = ["limit", "drawn", "available", "state", "flags"];
        let told = |agreement: &str, day: &str| {
            let listed = lines(&world, &["--as-of", day]);
            columns.map(|column| listed[agreement][column].clone())
        };
        assert_eq!(
            told("X-1", "2025-03-31"),
            ["100000.00", "", "", "in_force", ""]
        );
        assert_eq!(
            told("X-1", "2025-04-30"),
            ["100000.00", "1000.00", "99000.00", "in_force", ""]
        );
        assert_eq!(
            told("X-1", "2025-05-31"),
            [
                "100000.00",
                "1000.00",
                "0.00",
                "expired",
                "expired_with_balance"
            ]
        );
        let flags = "drawn_while_expired;expired_with_balance";
        assert_eq!(
            told("X-1", "2025-06-30"),
            ["100000.00", "2000.00", "0.00", "expired", flags]
        );
        assert_eq!(
            told("X-2", "2025-05-31"),
            ["100000.00", "100000.01", "0.00", "in_force", "over_limit"]
        );
        assert_eq!(
            told("X-2", "2025-06-30"),
            ["100000.00", "0.00", "100000.00", "in_force", ""]
        );
        // Over the cap now, and before the card's first day nobody can say.
        let row = &lines(&world, &[])["X-3"];
        let columns = [
            "tier_when_granted",
            "tier_when_granted_is",
            "over_cap_when_granted",
            "flags",
        ];
        let told = columns.map(|column| row[column].as_str());
        let flags = "over_cap_now;not_reconstructable";
        assert_eq!(told, ["", "not_reconstructable", "no", flags]);
        // No ledger had told of them, and none had begun.
        assert_eq!(lines(&world, &["--as-of", "2024-01-01"]).len(), 1);
        world.fails(1, &["lines", "--format", "csv", "--as-of", "2023-12-31"]);
    });
}

#[test]
fn a_line_of_a_merchant_without_a_tier_is_over_any_cap() {
    on_both_engines(|engine| {
        let world = world(engine);
        let mut later = county();
        later.merchant(4, "2025-06-01", "2025-06-15");
        import_with_products(&world, &later, &[]);
        let mut tiny = Row::new("X-1", 4);
        tiny.limit = "0.01";
        let mut unknown = Row::new("X-2", 1);
        unknown.product = "别的贷款";
        deliver(&world, BANK, "2025-06-30", &[tiny, unknown]);
        assert_eq!(
            flags(&world, "X-1", &[]),
            "over_cap_when_granted;over_cap_now;not_eligible_when_granted;not_eligible_now;override_pending"
        );
        assert_eq!(flags(&world, "X-2", &[]), "unknown_product");
    });
}
