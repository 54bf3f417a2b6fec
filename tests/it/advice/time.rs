//! What time alone brings about is advised once it has lasted ten working days.

use super::world::Desk;
use crate::support::on_both_engines;

/// The registers reach until this day, and are too old to go by on 2025-09-26.
const REACH: &str = "2025-08-11";
const GONE: &str = "2025-09-26";

fn desk(engine: crate::support::Engine) -> Desk {
    let desk = Desk::on_day(engine, REACH);
    desk.grant(&desk.first, "X-1", 1, "p");
    assert_ne!(desk.tier(1, "2025-09-25"), "insufficient");
    assert_eq!(desk.tier(1, GONE), "insufficient");
    desk
}

#[test]
fn ten_working_days_over_a_holiday() {
    on_both_engines(|engine| {
        let desk = desk(engine);
        // Sunday the 28th and Saturday the 11th are worked, the 1st to the 8th of October are off.
        for day in ["2025-09-25", GONE, "2025-10-09", "2025-10-15"] {
            desk.turn(day);
            assert_eq!(desk.advice(), [""; 0], "{day}");
        }
        desk.turn("2025-10-16");
        let wanted = "first X-1 tier_drop review 2025-09-26 open";
        assert_eq!(desk.advice(), [wanted]);
        assert_eq!(desk.told(&desk.first).len(), 1);
        desk.turn("2025-10-17");
        assert_eq!(desk.advice(), [wanted]);
    });
}

#[test]
fn a_tier_that_is_back_in_time_is_not_advised() {
    on_both_engines(|engine| {
        let mut desk = desk(engine);
        desk.turn(GONE);
        // The registers are delivered, and tell nothing but that they reach further.
        let mut fresh = crate::intake::folder::County::new("2025-10-10");
        fresh.rows = desk.county.rows.clone();
        fresh.more = desk.county.more.clone();
        desk.county = fresh;
        desk.import();
        assert_ne!(desk.tier(1, "2025-10-10"), "insufficient");
        desk.turn("2025-10-20");
        assert_eq!(desk.advice(), [""; 0]);
        // The next fall is another one.
        desk.turn("2025-11-25");
        assert_eq!(desk.tier(1, "2025-11-25"), "insufficient");
        desk.turn("2025-12-08");
        assert_eq!(desk.advice(), [""; 0]);
        desk.turn("2025-12-09");
        assert_eq!(
            desk.advice(),
            ["first X-1 tier_drop review 2025-11-25 open"]
        );
    });
}

#[test]
fn a_tier_that_comes_back_lower_is_watched_on() {
    on_both_engines(|engine| {
        let mut desk = desk(engine);
        desk.turn(GONE);
        // Delivered anew on the 29th, the registers have a fine in them as well: the tier comes back, but lower.
        let mut fresh = crate::intake::folder::County::new("2025-09-29");
        fresh.rows = desk.county.rows.clone();
        fresh.more = desk.county.more.clone();
        desk.county = fresh;
        desk.fine(1, "");
        assert_eq!(desk.tier(1, "2025-09-29"), "C");
        // Below the tier before for longer, it is still watched.
        assert_eq!(desk.advice(), [""; 0]);
        desk.turn("2025-10-16");
        assert_eq!(
            desk.advice(),
            ["first X-1 tier_drop review 2025-09-26 open"]
        );
    });
}
