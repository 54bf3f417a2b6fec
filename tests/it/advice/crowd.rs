//! A bank's own query finds a fall as well, and of many at once and at two instances one does.

use crate::bank::county::{County, on_both_engines};
use crate::bank::registers::{GOOD, RCB, TWICE};
use crate::lines::reports::grant;
use serde_json::Value;

const HEADER: &str = "统一社会信用代码,名称,名单类型,列入日期,列入原因,作出决定机关,移出日期";

fn list(county: &County, uscc: &str, removed_on: &str) {
    county.advance(1);
    let row =
        format!("{uscc},示例商户,失信被执行人,2025-12-01,示例原因,岱山县人民法院,{removed_on}");
    let taken = county.take(
        "listings",
        "岱山县市场监督管理局",
        &format!("{HEADER}\n{row}\n"),
    );
    let counts = &taken.report.kinds["listings"];
    assert_eq!(
        counts.new + counts.changed,
        1,
        "{:?}",
        taken.report.refusals
    );
}

fn about(county: &County, agreement: &str) -> Vec<String> {
    let answer = county.by(&county.bank, "/v1/messages?requested_by=R7&limit=200");
    let messages: Value = answer.json();
    let messages = messages["messages"].as_array().unwrap().iter();
    let own = messages.filter(|message| message["advice"]["agreement"] == agreement);
    own.map(|message| {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        format!(
            "{} {}",
            word(&message["kind"]),
            word(&message["advice"]["cause"])
        )
    })
    .collect()
}

/// Of the advice about L-1: whose it is, and where it stands.
fn states(county: &County) -> Vec<(&'static str, &'static str)> {
    let answer = county.by(&county.bank, "/v1/advice?requested_by=R7&agreement=L-1");
    let list: Value = answer.json();
    let whose = |advice: &Value| {
        let known = |words: &[&'static str], word: &str| {
            let found = words.iter().find(|known| advice["advice"][word] == **known);
            *found.unwrap()
        };
        (
            known(&[GOOD, TWICE], "uscc"),
            known(&["open", "lifted"], "state"),
        )
    };
    let mut states: Vec<_> = list["advice"]
        .as_array()
        .unwrap()
        .iter()
        .map(whose)
        .collect();
    states.sort_by_key(|(uscc, _)| *uscc != GOOD);
    states
}

#[test]
fn one_of_many_queries_at_once_makes_the_advice() {
    on_both_engines(|county| {
        let answer = county.report(&county.bank, "/v1/lines", &grant("X-1", GOOD));
        assert_eq!(answer.status, 201, "{}", answer.text());
        let twin = county.twin();
        let ask = |removed_on: &str, standing: &str| {
            list(&county, GOOD, removed_on);
            let bearer = county.bearer(&county.bank);
            let path = crate::bank::county::score_path(GOOD);
            let (here, there, bearer, path) = (&**county, &*twin, &*bearer, &*path);
            std::thread::scope(|scope| {
                for turn in 0..8 {
                    let service = if turn % 2 == 0 { here } else { there };
                    scope.spawn(move || {
                        let headers = [("authorization", bearer)];
                        let answer = service.send("GET", path, &headers, "");
                        assert_eq!(answer.json()["standing"], standing, "{}", answer.text());
                    });
                }
            });
        };
        ask("", "red_line");
        assert_eq!(about(&county, "X-1"), ["advice_made red_line"]);
        ask("2025-12-20", "rated");
        let both = ["advice_made red_line", "advice_lifted red_line"];
        assert_eq!(about(&county, "X-1"), both);
    });
}

#[test]
fn advice_about_a_line_that_has_gone_to_another_is_lifted_at_the_former_s_own_turn() {
    on_both_engines(|county| {
        for uscc in [GOOD, TWICE] {
            list(&county, uscc, "");
        }
        let ledger = |uscc: &str, day: &str| {
            county.advance(1);
            let header = crate::lines::world::HEADER;
            let row = format!(
                "L-1,{uscc},示例商户,丰收·小额循环贷,100000.00,CNY,循环,2025-03-01,2026-12-31,LPR1Y+60bp,5.00,0,正常"
            );
            let taken = county.take_until(day, "credit_lines", RCB, &format!("{header}\n{row}\n"));
            let counts = &taken.report.kinds["credit_lines"];
            assert_eq!(
                counts.new + counts.changed,
                1,
                "{:?}",
                taken.report.refusals
            );
            // Only this one's turn comes; the other merchant's has not.
            assert_eq!(county.ask(uscc).json()["standing"], "red_line");
        };
        ledger(GOOD, "2025-12-30");
        assert_eq!(about(&county, "L-1"), ["advice_made red_line"]);
        ledger(TWICE, "2025-12-31");
        let count = |kind: &str| {
            let told = about(&county, "L-1");
            told.iter().filter(|one| one.starts_with(kind)).count()
        };
        // Nothing of the former is touched without its head.
        assert_eq!((count("advice_made"), count("advice_lifted")), (2, 0));
        for _ in 0..2 {
            county.rescore();
            assert_eq!((count("advice_made"), count("advice_lifted")), (2, 1));
            assert_eq!(states(&county), [(GOOD, "lifted"), (TWICE, "open")]);
        }
    });
}
