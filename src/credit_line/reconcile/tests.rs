use super::*;
use crate::credit_line::report::{Direction, Grant, Happened, Limit, Movement};
use crate::credit_line::{
    Event, Line, Position, Report, Reported, Reports, Terms, Told, ToldLimit,
};
use proptest::prelude::*;

const USCC: &str = "92330921MA2A000180";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn yuan(text: &str) -> Money {
    Money::parse_yuan(text).unwrap()
}

fn standing() -> Standing {
    Standing {
        uscc: Uscc::parse(USCC).unwrap(),
        product: Some("示例贷".to_owned()),
        currency: "CNY".to_owned(),
        starts_on: day("2025-01-01"),
        ends_on: Some(day("2025-12-31")),
        limit: yuan("100.00"),
        drawn: Some(yuan("30.00")),
        may_lack: false,
    }
}

fn told(compared: &Compared) -> (Outcome, Vec<&str>) {
    let names = compared.fields.iter().map(|field| &*field.name);
    (compared.outcome, names.collect())
}

#[test]
fn what_differs_is_named_with_the_difference() {
    let here = standing();
    let mut there = standing();
    assert_eq!(
        told(&compare(Some(&here), Some(&there)).unwrap()),
        (Outcome::Matched, vec![])
    );
    there.limit = yuan("99.99");
    there.ends_on = None;
    there.product = Some("另一种".to_owned());
    let compared = compare(Some(&here), Some(&there)).unwrap();
    assert_eq!(
        told(&compared),
        (Outcome::Different, vec!["product", "ends_on", "limit"])
    );
    let limit = &compared.fields[2];
    assert_eq!(
        (limit.here.as_deref(), limit.there.as_deref()),
        (Some("100.00"), Some("99.99"))
    );
    assert_eq!(limit.difference, Some(yuan("-0.01")));
    // A blank product says nothing.
    let mut there = standing();
    there.product = None;
    assert_eq!(
        compare(Some(&here), Some(&there)).unwrap().outcome,
        Outcome::Matched
    );
}

#[test]
fn what_nobody_tells_is_not_taken_for_equal() {
    let (here, mut there) = (standing(), standing());
    there.drawn = None;
    let compared = compare(Some(&here), Some(&there)).unwrap();
    assert_eq!(told(&compared), (Outcome::NotComparable, vec!["drawn"]));
    there.limit = yuan("1.00");
    let compared = compare(Some(&here), Some(&there)).unwrap();
    assert_eq!(
        told(&compared),
        (Outcome::Different, vec!["limit", "drawn"])
    );
}

#[test]
fn a_line_that_is_over_need_not_be_on_the_other_side() {
    let mut here = standing();
    let compared = compare(Some(&here), None).unwrap();
    assert_eq!(
        told(&compared),
        (Outcome::MissingThere, vec!["limit", "drawn"])
    );
    here.may_lack = true;
    assert_eq!(
        compare(Some(&here), None).unwrap().outcome,
        Outcome::Matched
    );
    assert_eq!(compare(None, None), None);
}

fn any_standing() -> impl Strategy<Value = Standing> {
    let drawn = proptest::option::of(0..3_i64);
    (0..3_i64, drawn, 0..2_i32, 0..2_u8, any::<bool>()).prop_map(
        |(limit, drawn, starts, product, may_lack)| Standing {
            limit: Money::from_fen(limit),
            drawn: drawn.map(Money::from_fen),
            starts_on: day("2025-01-01").plus_days(starts),
            product: (product > 0).then(|| "示例贷".to_owned()),
            may_lack,
            ..standing()
        },
    )
}

proptest! {
    #[test]
    fn swapping_the_sides_swaps_the_words_and_the_signs(
        here in proptest::option::of(any_standing()),
        there in proptest::option::of(any_standing()),
    ) {
        let one = compare(here.as_ref(), there.as_ref());
        let other = compare(there.as_ref(), here.as_ref());
        // Each line that one of them has comes to exactly one outcome.
        prop_assert_eq!(one.is_some(), here.is_some() || there.is_some());
        let swapped = one.map(|compared| Compared {
            outcome: match compared.outcome {
                Outcome::MissingHere => Outcome::MissingThere,
                Outcome::MissingThere => Outcome::MissingHere,
                same => same,
            },
            fields: compared.fields.into_iter().map(|field| Field {
                name: field.name,
                here: field.there,
                there: field.here,
                difference: field.difference.map(|it| Money::ZERO.minus(it).unwrap()),
            }).collect(),
        });
        prop_assert_eq!(swapped, other);
    }

    #[test]
    fn a_line_matches_itself_or_cannot_be_compared(here in any_standing()) {
        let compared = compare(Some(&here), Some(&here)).unwrap();
        let wanted = if here.drawn.is_some() { Outcome::Matched } else { Outcome::NotComparable };
        prop_assert_eq!(compared.outcome, wanted);
    }
}

/// Each report as the first version of a fact of its own.
fn before(is_reported: bool, reports: Vec<Report>) -> Before {
    let version = |report: Report| {
        let (kind, key) = report.known_by();
        Reported {
            kind: kind.to_owned(),
            key,
            version: 1,
            report: Some(report),
        }
    };
    let terms = Terms {
        product: "示例贷".into(),
        limit: yuan("120.00"),
        currency: "".into(),
        revolving: Some(true),
        starts_on: day("2025-01-01"),
        ends_on: None,
        rate: "".into(),
    };
    let line = Line {
        agreement: "X-1".into(),
        bank: "示例银行".into(),
        uscc: Uscc::parse(USCC).unwrap(),
        granted: ToldLimit {
            on: terms.starts_on,
            limit: terms.limit,
            relied_on: None,
        },
        limits: Vec::new(),
        terms,
        positions: vec![Position {
            on: day("2025-01-31"),
            drawn: Some(yuan("5.00")),
            days_overdue: None,
            classification: "".into(),
        }],
        told: reports
            .iter()
            .filter_map(|report| Some((report.on()?, Told::Event(report.event()?))))
            .collect(),
        changed: Vec::new(),
        is_absent: false,
        line: None,
        is_reported,
        relied_on: None,
        overridden: None,
    };
    let mut kept = Reports::default();
    for report in reports {
        match &report {
            Report::Movement(movement) => kept.count(movement).unwrap(),
            _ => kept.note(version(report)),
        }
    }
    Before {
        line,
        reports: kept,
    }
}

fn movement(serial: &str, on: &str, direction: Direction, amount: &str) -> Report {
    Report::Movement(Movement {
        serial: serial.to_owned(),
        direction,
        amount: yuan(amount),
        on: day(on),
    })
}

#[test]
fn drawn_is_the_sum_of_movements_and_not_what_a_ledger_told() {
    let on = day("2025-03-31");
    assert_eq!(standing_here(&before(false, vec![]), on).drawn, None);
    let moved = || {
        vec![
            movement("S-1", "2025-02-05", Direction::Draw, "10.00"),
            movement("S-2", "2025-03-31", Direction::Repayment, "3.01"),
            movement("S-3", "2025-04-01", Direction::Draw, "50.00"),
        ]
    };
    // Its grant was reported, so that nothing was drawn before.
    let drawn = standing_here(&before(true, moved()), on).drawn;
    assert_eq!(drawn, Some(yuan("6.99")));
    // It began in a ledger: the sum begins with what that told.
    let drawn = standing_here(&before(false, moved()), on).drawn;
    assert_eq!(drawn, Some(yuan("11.99")));
    // A fact that has gone to another line is no movement of this one.
    let mut gone = before(true, moved());
    let Report::Movement(first) = &moved()[0] else {
        unreachable!("the first is a movement")
    };
    gone.reports.discount(first).unwrap();
    assert_eq!(standing_here(&gone, on).drawn, Some(yuan("-3.01")));
}

#[test]
fn the_limit_is_the_reported_one_before_that_of_a_ledger() {
    let on = day("2025-03-31");
    let limit = |reports| standing_here(&before(true, reports), on).limit;
    assert_eq!(limit(vec![]), yuan("120.00"));
    let grant = Report::Grant(Grant {
        uscc: Uscc::parse(USCC).unwrap(),
        product: "示例贷".to_owned(),
        limit: yuan("100.00"),
        revolving: true,
        starts_on: day("2025-01-01"),
        ends_on: None,
        rate: None,
        relied_on: None,
    });
    assert_eq!(limit(vec![grant.clone()]), yuan("100.00"));
    let changed = |on, to| {
        Report::Limit(Limit {
            on: day(on),
            limit: yuan(to),
            reason: None,
            relied_on: None,
        })
    };
    let reports = vec![
        grant,
        changed("2025-03-31", "80.00"),
        changed("2025-04-01", "70.00"),
    ];
    assert_eq!(limit(reports), yuan("80.00"));
}

#[test]
fn what_is_settled_is_over_and_owes_nothing() {
    let on = day("2025-03-31");
    let ended = |report: fn(Happened) -> Report| {
        report(Happened {
            on: day("2025-03-01"),
            reason: None,
        })
    };
    let line = before(false, vec![]);
    assert!(!standing_here(&line, on).may_lack);
    let settled = before(
        false,
        vec![ended(Report::Terminated), ended(Report::Settled)],
    );
    let events = settled.line.told.iter().map(|(_, told)| *told);
    assert!(events.eq([Told::Event(Event::Terminate), Told::Event(Event::Settle)]));
    let stands = standing_here(&settled, on);
    assert_eq!((stands.may_lack, stands.drawn), (true, Some(Money::ZERO)));
    // Terminated with a balance is not over.
    let mut owing = before(false, vec![ended(Report::Terminated)]);
    owing
        .line
        .told
        .push((day("2025-01-31"), Told::Balance(yuan("5.00"))));
    assert!(!standing_here(&owing, on).may_lack);
    // Where nobody has told what is owed, something may be.
    owing.line.told.pop();
    assert!(!standing_here(&owing, on).may_lack);
    // And of a line that has not begun the bank's file need not know.
    let early = day("2024-12-31");
    assert!(standing_here(&before(false, vec![]), early).may_lack);
}
