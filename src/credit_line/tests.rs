use super::judge::Yardstick;
use super::*;
use crate::intake::county::{OnEvent, Product, Sizing};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn yuan(text: &str) -> Money {
    Money::parse_yuan(text).unwrap()
}

fn line(drawn: &[(&str, &str)]) -> Line {
    Line {
        agreement: "X-1".into(),
        source: "示例银行".into(),
        merchant: Id::from_bytes([1; 16]),
        limit_when_granted: yuan("100.00"),
        positions: drawn
            .iter()
            .map(|(on, drawn)| Position {
                on: day(on),
                drawn: Some(yuan(drawn)),
                days_overdue: None,
                classification: "".into(),
            })
            .collect(),
        changed: Vec::new(),
        is_absent: false,
        line: None,
        terms: Terms {
            product: "贷".into(),
            limit: yuan("100.00"),
            currency: "".into(),
            limit_kind: "循环".into(),
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
    let by = Yardstick {
        as_of: day(as_of),
        when_granted: AtGrant::NotReconstructable,
        tier_now: None,
        product_when_granted: Some(&product),
        product_now: Some(&product),
    };
    judge(line, by)
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
    let at = |text| State::by_calendar(day("2025-01-01"), Some(day("2025-12-31")), day(text));
    assert_eq!(at("2024-12-31"), State::NotBegun);
    assert_eq!(at("2025-01-01"), State::InForce);
    assert_eq!(at("2025-12-31"), State::InForce);
    assert_eq!(at("2026-01-01"), State::Expired);
    let endless = State::by_calendar(day("2025-01-01"), None, day("2099-01-01"));
    assert_eq!(endless, State::InForce);
}

#[test]
fn what_is_available_is_never_negative_and_nothing_where_no_draws_are_allowed() {
    let available = |drawn: &[(&str, &str)], limit_kind: &str, as_of: &str| {
        let mut line = line(drawn);
        line.terms.limit_kind = limit_kind.into();
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
    let by = Yardstick {
        as_of: day("2025-03-31"),
        when_granted: AtGrant::Reconstructed(None),
        tier_now: None,
        product_when_granted: None,
        product_now: None,
    };
    assert_eq!(judge(line(&[]), by).flags, [Flag::UnknownProduct]);
}
