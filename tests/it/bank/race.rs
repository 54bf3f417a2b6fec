//! A bank asks while a repair is on its way in: whichever comes first, nothing that the repair has ended stays.

use super::county::{County, on_both_engines, score_path};
use super::registers::{GOOD, penalties};
use crate::access::world::World;
use daishan_credit::merchant::records::by_uscc;
use daishan_credit::register::records::lock_register;
use daishan_credit::score::records::lock_heads;
use daishan_credit::store::error::Never;
use daishan_credit::store::{Conn, Failure};
use serde_json::Value;
use std::sync::mpsc;
use std::time::Duration;

const A_WHILE: Duration = Duration::from_millis(150);

fn gap(answer: &Value) -> i64 {
    let reasons = answer["reasons"].as_array().unwrap();
    let reason = reasons
        .iter()
        .find(|it| it["characteristic"] == "penalties");
    reason.map_or(0, |it| it["gap"].as_i64().unwrap())
}

/// Another writer has the register: the repair has not begun.
#[test]
fn no_answer_slips_past_a_repair_that_waits() {
    no_answer_slips_past(|conn| Ok(lock_register(conn)?));
}

/// Another writer has the merchant's head: the repair is half done.
#[test]
fn no_answer_slips_past_a_repair_that_is_being_recorded() {
    no_answer_slips_past(|conn| {
        let known = by_uscc(conn, [GOOD.parse().unwrap()])?;
        let merchants: Vec<_> = known.into_values().collect();
        assert_eq!(lock_heads(conn, &merchants)?.len(), 1);
        Ok(())
    });
}

type Hold = fn(&mut Conn) -> Result<(), Failure<Never>>;

fn no_answer_slips_past(hold: Hold) {
    on_both_engines(|county| {
        let before = gap(&county.ask(GOOD).json());
        assert!(before > 0);
        county.advance(1);
        let told = told_meanwhile(&county, hold);
        let after = county.ask(GOOD).json();
        assert_eq!(gap(&after), 0);
        let again = county.again(told["id"].as_str().unwrap()).json();
        // It may have waited for the repair; if it did not, it is withheld.
        assert!(
            gap(&told) == 0 || again["withheld"] == true,
            "{before}: {again}"
        );
    });
}

/// Another writer holds up a repair, and the bank asks; then all go on.
fn told_meanwhile(county: &County, hold: Hold) -> Value {
    let bearer = county.bearer(&county.bank);
    let world: &World = county;
    let store = &county.app.store;
    let (begun, has_begun) = mpsc::channel();
    std::thread::scope(|scope| {
        let (go_on, told_to) = mpsc::channel::<()>();
        scope.spawn(move || {
            let held = store.write(|conn| {
                hold(conn)?;
                begun.send(()).unwrap();
                let _ = told_to.recv();
                Ok::<_, Failure<Never>>(())
            });
            held.unwrap();
        });
        has_begun.recv().unwrap();
        let asking = scope.spawn(move || {
            std::thread::sleep(A_WHILE);
            world.advance(1);
            let asking =
                scope.spawn(move || world.with_authorization(&score_path(GOOD), &[&bearer]));
            std::thread::sleep(A_WHILE);
            world.advance(1);
            drop(go_on);
            asking.join().unwrap()
        });
        county.take_penalties(&penalties(GOOD, &[("信用修复日期", "2025-12-20")]));
        let answer = asking.join().unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    })
}
