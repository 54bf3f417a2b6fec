use super::judge::Yardstick;
use super::line::ledger;
use super::*;
use crate::intake::county::{OnEvent, Product, Sizing};
use crate::kernel::{Day, Money, Uscc};
use proptest::prelude::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn yuan(text: &str) -> Money {
    Money::parse_yuan(text).unwrap()
}

fn line(drawn: &[(&str, &str)]) -> Line {
    Line {
        agreement: "X-1".into(),
        bank: "示例银行".into(),
        uscc: Uscc::parse("92330921MA2A000180").unwrap(),
        granted: ToldLimit {
            on: day("2025-01-01"),
            limit: yuan("100.00"),
            relied_on: None,
        },
        limits: Vec::new(),
        positions: Vec::new(),
        told: drawn
            .iter()
            .map(|(on, drawn)| (day(on), Told::Balance(yuan(drawn))))
            .collect(),
        changed: Vec::new(),
        is_absent: false,
        line: None,
        is_reported: false,
        relied_on: None,
        overridden: None,
        terms: Terms {
            product: "贷".into(),
            limit: yuan("100.00"),
            currency: "".into(),
            revolving: Some(true),
            starts_on: day("2025-01-01"),
            ends_on: Some(day("2025-12-31")),
            rate: "".into(),
        },
    }
}

fn product() -> Product {
    Product {
        bank: "rcb".to_owned(),
        id: "p".to_owned(),
        name: "贷".to_owned(),
        revolving: true,
        cap: vec![("A".to_owned(), yuan("100.00"))],
        term_months: vec![12],
        spread_basis_points: vec![60],
        sizing: Sizing::Bank,
        on_tier_drop: OnEvent::None,
        on_red_line: OnEvent::None,
    }
}

fn judged(line: Line, as_of: &str) -> Judged {
    let product = product();
    let granted = Decision {
        limit: line.granted.limit,
        tier: AtGrant::NotReconstructable,
        product: Some(&product),
        has_unfit_answer: false,
    };
    let by = Yardstick {
        as_of: day(as_of),
        granted,
        rises: Vec::new(),
        tier_now: None,
        product_now: Some(&product),
    };
    judge(line, &by)
}

#[test]
fn every_event_follows_or_is_told_not_to() {
    use Event::{Begin, Expire, Freeze, Release, Settle, Terminate};
    use State::{Expired, Frozen, InForce, NotBegun, Settled, Terminated};
    let events = [Begin, Freeze, Release, Expire, Terminate, Settle];
    let follows = [
        (NotBegun, Begin, InForce),
        (NotBegun, Terminate, Terminated),
        (InForce, Freeze, Frozen),
        (InForce, Expire, Expired),
        (InForce, Terminate, Terminated),
        (Frozen, Release, InForce),
        (Frozen, Expire, Expired),
        (Frozen, Terminate, Terminated),
        (Expired, Settle, Settled),
        (Terminated, Settle, Settled),
    ];
    for state in [NotBegun, InForce, Frozen, Expired, Terminated, Settled] {
        for event in events {
            let wanted = follows.iter().find(|it| (it.0, it.1) == (state, event));
            let wanted = wanted.map(|it| it.2).ok_or(DoesNotFollow { state, event });
            assert_eq!(state.after(event, Money::ZERO), wanted);
            if event == Settle {
                assert!(state.after(event, yuan("0.01")).is_err(), "{state}");
            }
        }
    }
}

#[test]
fn the_last_day_of_a_line_is_a_day_of_it() {
    let at = |ends_on: Option<&str>, text| {
        let mut line = line(&[]);
        line.terms.ends_on = ends_on.map(day);
        Story::of(&line, day(text)).state
    };
    let end = Some("2025-12-31");
    assert_eq!(at(end, "2024-12-31"), State::NotBegun);
    assert_eq!(at(end, "2025-01-01"), State::InForce);
    assert_eq!(at(end, "2025-12-31"), State::InForce);
    assert_eq!(at(end, "2026-01-01"), State::Expired);
    assert_eq!(at(None, "2099-01-01"), State::InForce);
}

#[test]
fn what_is_available_is_never_negative_and_nothing_where_no_draws_are_allowed() {
    let available = |drawn: &[(&str, &str)], limit_kind: &str, as_of: &str| {
        let mut line = line(drawn);
        line.terms.revolving = ledger::is_revolving(limit_kind);
        let usage = judged(line, as_of).usage;
        usage.available.map(|money| money.to_string())
    };
    let (march, april) = ("2025-03-31", "2025-04-30");
    let told = |money: &str| Some(money.to_owned());
    assert_eq!(available(&[], "循环", march), None);
    assert_eq!(available(&[(march, "30")], "循环", march), told("70.00"));
    assert_eq!(available(&[(march, "130")], "循环", march), told("0.00"));
    assert_eq!(
        available(&[(march, "30")], "循环", "2026-01-01"),
        told("0.00")
    );
    // What was repaid of a line that does not revolve is gone: 30 and then another 20 were drawn.
    let twice = [(march, "30"), (april, "0"), ("2025-05-31", "20")];
    assert_eq!(available(&twice, "非循环", "2025-05-31"), told("50.00"));
    assert_eq!(available(&twice, "循环", "2025-05-31"), told("80.00"));
    // The ledger does not say: the product does.
    assert_eq!(available(&twice, "", "2025-05-31"), told("80.00"));
}

#[test]
fn a_balance_after_the_end_is_flagged_and_a_rise_of_it_as_well() {
    let flags = |drawn: &[(&str, &str)]| judged(line(drawn), "2026-02-28").flags;
    let (before, at_end) = (Flag::NotReconstructable, Flag::ExpiredWithBalance);
    let usual = [Flag::NotEligibleNow, before];
    let with = |more: &[Flag]| {
        let mut all = [&usual[..], more].concat();
        all.push(Flag::OverCapNow);
        all.sort();
        all
    };
    assert_eq!(
        flags(&[("2025-12-31", "10"), ("2026-01-31", "0")]),
        with(&[])
    );
    // Drawn on the last day, perhaps.
    assert_eq!(
        flags(&[("2025-12-31", "10"), ("2026-01-31", "20")]),
        with(&[at_end])
    );
    assert_eq!(
        flags(&[("2026-01-31", "10"), ("2026-02-28", "20")]),
        with(&[Flag::DrawnWhileExpired, at_end])
    );
    assert_eq!(
        flags(&[("2026-01-31", "101")]),
        with(&[Flag::OverLimit, at_end])
    );
}

#[test]
fn no_cap_is_held_against_another_currency_or_an_unknown_product() {
    let mut foreign = line(&[]);
    foreign.terms.currency = "USD".into();
    let flags = judged(foreign, "2025-03-31").flags;
    assert_eq!(flags, [Flag::NotReconstructable, Flag::OtherCurrency]);
    let granted = Decision {
        limit: yuan("100.00"),
        tier: AtGrant::Reconstructed(None),
        product: None,
        has_unfit_answer: false,
    };
    let by = Yardstick {
        as_of: day("2025-03-31"),
        granted,
        rises: Vec::new(),
        tier_now: None,
        product_now: None,
    };
    assert_eq!(judge(line(&[]), &by).flags, [Flag::UnknownProduct]);
}

#[test]
fn movements_and_events_are_told_in_the_order_of_their_days() {
    use Told::{Balance, Draw, Repayment};
    let event = Told::Event;
    let story = |told: &[(&str, Told)]| {
        let mut line = line(&[]);
        line.is_reported = true;
        line.told = told.iter().map(|(on, told)| (day(on), *told)).collect();
        let story = Story::of(&line, day("2026-02-28"));
        let flags: Vec<Flag> = story.flags.into_iter().collect();
        (story.state, story.drawn, story.ever_drawn, flags)
    };
    let (march, april, may) = ("2025-03-01", "2025-04-01", "2025-05-01");
    let drawn = |text| Some(yuan(text));
    // A day's own order is not told: the draw may have come before the freeze.
    let told = [
        (march, event(Event::Freeze)),
        (march, Draw(yuan("30"))),
        (april, event(Event::Release)),
        (april, Draw(yuan("10"))),
        (may, Repayment(yuan("25"))),
    ];
    let wanted = (State::Expired, drawn("15"), yuan("40"), vec![]);
    assert_eq!(story(&told), wanted);
    let told = [
        (may, Draw(yuan("1"))),
        (march, event(Event::Freeze)),
        ("2024-12-31", Draw(yuan("2"))),
        ("2026-01-01", Draw(yuan("4"))),
        ("2026-01-02", Repayment(yuan("8"))),
    ];
    let flags = vec![
        Flag::DrawnBeforeStart,
        Flag::DrawnWhileFrozen,
        Flag::DrawnWhileExpired,
        Flag::RepaidMoreThanDrawn,
    ];
    assert_eq!(story(&told), (State::Expired, drawn("0"), yuan("7"), flags));
    // What does not follow is kept and flagged, but with a balance nothing is settled.
    let told = [(march, Draw(yuan("5"))), (april, event(Event::Settle))];
    let wanted = (State::Expired, drawn("5"), yuan("5"), vec![Flag::OutOfTurn]);
    assert_eq!(story(&told), wanted);
    let told = [(april, event(Event::Settle))];
    let wanted = (State::Settled, drawn("0"), yuan("0"), vec![Flag::OutOfTurn]);
    assert_eq!(story(&told), wanted);
    let told = [
        (march, event(Event::Terminate)),
        (april, event(Event::Settle)),
        (april, Balance(yuan("0"))),
    ];
    assert_eq!(
        story(&told),
        (State::Settled, drawn("0"), yuan("0"), vec![])
    );
    // A balance that rises while nothing may be drawn was drawn all the same.
    let told = [
        (march, event(Event::Freeze)),
        (march, Balance(yuan("5"))),
        (april, Balance(yuan("6"))),
    ];
    let wanted = (
        State::Expired,
        drawn("6"),
        yuan("6"),
        vec![Flag::DrawnWhileFrozen],
    );
    assert_eq!(story(&told), wanted);
}

#[test]
fn a_version_of_a_report_that_changes_what_should_not_change_is_told() {
    use super::report::{Direction, Movement};
    let movement = |amount: &str, on: &str| {
        Report::Movement(Movement {
            serial: "S1".to_owned(),
            direction: Direction::Draw,
            amount: yuan(amount),
            on: day(on),
        })
    };
    let first = movement("5", "2025-03-01");
    assert_eq!(first.changed(&first), Vec::<String>::new());
    assert_eq!(movement("6", "2025-03-01").changed(&first), ["amount"]);
    let limit = |yuan| {
        Report::Limit(super::report::Limit {
            on: day("2025-03-01"),
            limit: yuan,
            reason: None,
            relied_on: None,
        })
    };
    assert_eq!(
        limit(yuan("5")).changed(&limit(yuan("6"))),
        Vec::<String>::new()
    );
}

#[test]
fn a_balance_that_nobody_has_told_stays_unknown_until_one_is_told() {
    let mut line = line(&[]);
    line.told = vec![
        (day("2025-02-01"), Told::Repayment(yuan("5"))),
        (day("2025-02-02"), Told::Draw(yuan("7"))),
    ];
    let story = Story::of(&line, day("2025-03-01"));
    assert_eq!((story.drawn, story.flags.len()), (None, 0));
    line.told
        .push((day("2025-02-28"), Told::Balance(yuan("60"))));
    line.told
        .push((day("2025-03-01"), Told::Repayment(yuan("10"))));
    let story = Story::of(&line, day("2025-03-01"));
    assert_eq!(story.drawn, Some(yuan("50")));
}

proptest! {
    /// Days that stand for their movements tell the same story as each movement by itself, in whatever order those came.
    #[test]
    fn the_sums_of_days_tell_what_the_movements_tell(
        moved in proptest::collection::vec((0..8_i32, any::<bool>(), 1..500_i64), 0..12),
        happened in proptest::collection::vec((0..8_i32, 0..6_u8), 0..6),
        is_reported in any::<bool>(),
    ) {
        use super::report::{Direction, Movement};
        let first = day("2024-12-30");
        let mut one_by_one = line(&[]);
        one_by_one.is_reported = is_reported;
        one_by_one.told = happened.iter().map(|&(on, event)| {
            let told = match event {
                0 => Told::Event(Event::Freeze),
                1 => Told::Event(Event::Release),
                2 => Told::Event(Event::Terminate),
                3 => Told::Event(Event::Settle),
                _ => Told::Balance(Money::from_fen(100 * i64::from(event))),
            };
            (first.plus_days(on), told)
        }).collect();
        let mut by_day = one_by_one.clone();
        let mut reports = Reports::default();
        for (number, &(on, is_draw, fen)) in moved.iter().enumerate() {
            let (on, amount) = (first.plus_days(on), Money::from_fen(fen));
            let (direction, told) = if is_draw {
                (Direction::Draw, Told::Draw(amount))
            } else {
                (Direction::Repayment, Told::Repayment(amount))
            };
            one_by_one.told.push((on, told));
            let serial = number.to_string();
            let movement = Movement { serial, direction, amount, on };
            // What is told and taken back leaves nothing.
            reports.count(&movement).unwrap();
            reports.discount(&movement).unwrap();
            reports.count(&movement).unwrap();
        }
        let as_of = first.plus_days(6);
        by_day.hear(&reports, as_of);
        prop_assert_eq!(Story::of(&by_day, as_of), Story::of(&one_by_one, as_of));
    }
}
