//! Of its lines the bank is right: nothing of its ledger is held, and no bank changes what another has said.

use super::world::{BANK, OTHER_BANK, Row, county, deliver, imported};
use crate::intake::folder::uscc;
use crate::intake::world::query;
use crate::support::on_both_engines;
use serde_json::{Value, json};

fn counts(new: u64, changed: u64, unchanged: u64, refused: u64, absent: u64) -> Value {
    json!({
        "new": new, "changed": changed, "unchanged": unchanged, "held": 0, "refused": refused, "absent": absent,
    })
}

#[test]
fn nothing_of_a_ledger_is_held_and_a_line_may_pass_to_another_merchant() {
    on_both_engines(|engine| {
        let world = imported(engine, &county());
        let (mut first, second) = (Row::new("X-1", 1), Row::new("X-2", 2));
        let both = [first.clone(), second.clone()];
        assert_eq!(
            deliver(&world, BANK, "2025-03-31", &both),
            counts(2, 0, 0, 0, 0)
        );
        first.drawn = "500.00";
        let both = [first.clone(), second];
        assert_eq!(
            deliver(&world, BANK, "2025-04-30", &both),
            counts(0, 1, 1, 0, 0)
        );
        first.uscc = uscc(3);
        first.starts_on = "2025-03-02";
        assert_eq!(
            deliver(&world, BANK, "2025-05-31", &[first]),
            counts(0, 1, 0, 0, 1)
        );
        let store = world.database.open();
        let told = query(
            &store,
            "SELECT m.uscc || ' ' || CAST(v.version AS TEXT) || ' ' || CASE v.content WHEN '' THEN 'gone' ELSE 'here' END \
             AS line FROM fact_version v JOIN merchant m ON m.id = v.merchant_id \
             WHERE v.kind = 'credit_lines' AND v.key LIKE 'X-1%' ORDER BY v.version, m.uscc",
        );
        let (one, three) = (uscc(1), uscc(3));
        let mut moved = vec![format!("{one} 3 gone"), format!("{three} 3 here")];
        moved.sort();
        let mut wanted = vec![format!("{one} 1 here"), format!("{one} 2 here")];
        wanted.extend(moved);
        assert_eq!(told, wanted);
        assert_eq!(
            query(&store, "SELECT key AS line FROM held_change").len(),
            0
        );
    });
}

#[test]
fn banks_may_number_their_agreements_alike() {
    on_both_engines(|engine| {
        let world = imported(engine, &county());
        let rows = [Row::new("X-1", 1)];
        assert_eq!(
            deliver(&world, BANK, "2025-05-31", &rows),
            counts(1, 0, 0, 0, 0)
        );
        let rows = [Row::new("X-1", 2)];
        assert_eq!(
            deliver(&world, OTHER_BANK, "2025-05-31", &rows),
            counts(1, 0, 0, 0, 0)
        );
        let rows = [Row::new("X-1", 1), Row::new("X-9", 9)];
        assert_eq!(
            deliver(&world, BANK, "2025-06-30", &rows),
            counts(0, 0, 1, 1, 0)
        );
    });
}
