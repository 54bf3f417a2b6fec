//! Lines that the bank has reported itself.

use crate::bank::county::{County, on_both_engines};
use crate::bank::registers::GOOD;
use crate::lines::reports::{grant, movement, yuan};
use crate::lines::world::HEADER;
use crate::support::Cli;
use serde_json::{Value, json};

fn told(county: &County, path: &str, body: &Value) {
    let answer = county.report(&county.bank, path, body);
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
}

#[test]
fn drawn_is_held_against_the_movements_and_the_limit_against_what_was_reported() {
    on_both_engines(|county| {
        for agreement in ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-7"] {
            told(&county, "/v1/lines", &grant(agreement, GOOD));
        }
        let at = |agreement: &str, part: &str| format!("/v1/lines/{agreement}/{part}");
        for (place, agreement) in ["A-1", "A-2", "A-5"].into_iter().enumerate() {
            let path = at(agreement, "movements");
            told(
                &county,
                &path,
                &movement(&format!("D-{place}"), "draw", "60000.00"),
            );
            told(
                &county,
                &path,
                &movement(&format!("R-{place}"), "repayment", "0.01"),
            );
        }
        let event = |event: &str, on: &str| json!({"event": event, "on": on, "reported_by": "R1"});
        let mut more = event("limit_changed", "2025-07-01");
        more["limit"] = yuan("120000.00");
        told(&county, &at("A-2", "events"), &more);
        for agreement in ["A-3", "A-4"] {
            told(
                &county,
                &at(agreement, "events"),
                &event("terminated", "2025-07-01"),
            );
            told(
                &county,
                &at(agreement, "events"),
                &event("settled", "2025-07-02"),
            );
        }
        let row = |agreement: &str, limit: &str, drawn: &str| {
            format!(
                "{agreement},{GOOD},某店,small-revolving,{limit},CNY,循环,2025-01-01,2025-12-31,,{drawn},0,正常\n"
            )
        };
        let rows = [
            row("A-1", "100000.00", "59999.99"),
            row("A-2", "100000.00", "60000.00"),
            row("A-4", "100000.00", "5.00"),
            row("A-5", "100000.00", "59999.99"),
            row("A-6", "100000.00", "0.00"),
            row("A-7", "100000.00", "8.00"),
        ];
        let cli = Cli::new();
        let path = cli.folder().join("月末.csv");
        std::fs::write(&path, format!("{HEADER}\n{}", rows.concat())).unwrap();
        let run = |source: &str| {
            let done = cli.run(&[
                "reconcile",
                path.to_str().unwrap(),
                "--source",
                source,
                "--on",
                "2025-08-31",
                "--format",
                "csv",
                "--database",
                &county.database.url,
            ]);
            let lines = done.out().lines().filter(|line| line.starts_with("A-"));
            let lines: Vec<String> = lines.map(|line| line.replace(GOOD, "U")).collect();
            (done.code(), lines, done.err().to_owned())
        };
        let (code, lines, err) = run("rcb");
        let wanted = [
            "A-1,U,matched,,,,",
            "A-2,U,different,limit,120000.00,100000.00,-20000.00",
            "A-2,U,different,drawn,59999.99,60000.00,0.01",
            "A-3,U,matched,,,,",
            "A-4,U,different,drawn,0.00,5.00,5.00",
            "A-5,U,matched,,,,",
            "A-6,U,matched,,,,",
            "A-7,U,different,drawn,0.00,8.00,8.00",
        ];
        assert_eq!(
            (code, lines),
            (1, wanted.map(str::to_owned).to_vec()),
            "{err}"
        );
        // Another bank's reports are no witness.
        let (_, lines, err) = run("other");
        assert!(
            lines.iter().all(|line| line.contains(",missing_here,")),
            "{lines:?} {err}"
        );
    });
}
