//! What a bank reports over HTTP, and what it is shown.

use crate::bank::county::{Caller, County, id, on_both_engines};
use crate::bank::registers::{CAPPED, GOOD, SILENT, UNKNOWN};
use crate::support::{Answer, Cli};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

pub fn yuan(amount: &str) -> Value {
    json!({"amount": amount, "currency": "CNY"})
}

/// A revolving line of 100,000 yuan for the whole of 2025.
pub fn grant(agreement: &str, uscc: &str) -> Value {
    json!({
        "agreement": agreement, "uscc": uscc, "product": "small-revolving", "limit": yuan("100000.00"),
        "revolving": true, "starts_on": "2025-01-01", "ends_on": "2025-12-31", "reported_by": "R1",
    })
}

pub fn movement(serial: &str, direction: &str, amount: &str) -> Value {
    json!({
        "serial": serial, "direction": direction, "amount": yuan(amount), "on": "2025-06-01", "reported_by": "R1",
    })
}

fn event(event: &str, on: &str) -> Value {
    json!({"event": event, "on": on, "reported_by": "R1"})
}

impl County {
    /// Reports under a key of its own.
    pub fn report(&self, by: &Caller, path: &str, body: &Value) -> Answer {
        static KEY: AtomicU32 = AtomicU32::new(0);
        let key = format!("key-{}", KEY.fetch_add(1, Ordering::SeqCst));
        self.report_under(&key, by, path, body)
    }

    fn report_under(&self, key: &str, by: &Caller, path: &str, body: &Value) -> Answer {
        let bearer = self.bearer(by);
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        self.send("POST", path, &headers, body.to_string())
    }

    /// What became of the bank's own report, and the line as it then stands.
    #[track_caller]
    fn kept(&self, path: &str, body: &Value) -> (String, Value) {
        let answer = self.report(&self.bank, path, body);
        assert!([200, 201].contains(&answer.status), "{}", answer.text());
        let mut told = answer.json();
        let report = told["report"].as_str().unwrap().to_owned();
        assert_eq!(answer.status == 200, report == "unchanged");
        (report, told["line"].take())
    }
}

fn flags(line: &Value) -> String {
    let flags = line["flags"].as_array().unwrap().iter();
    flags
        .map(|flag| flag.as_str().unwrap())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Limit, drawn, available and state.
fn standing(line: &Value) -> [&str; 4] {
    let money = |name: &str| line[name]["amount"].as_str().unwrap_or("-");
    [
        money("limit"),
        money("drawn"),
        money("available"),
        line["state"].as_str().unwrap(),
    ]
}

#[test]
fn a_line_is_granted_drawn_repaid_and_settled() {
    on_both_engines(|county| {
        let (report, line) = county.kept("/v1/lines", &grant("X-1", GOOD));
        assert_eq!(report, "new");
        assert_eq!(
            standing(&line),
            ["100000.00", "0.00", "100000.00", "in_force"]
        );
        let at = |part: &str| format!("/v1/lines/X-1/{part}");
        let draw = movement("S-1", "draw", "60000.00");
        let (_, line) = county.kept(&at("movements"), &draw);
        assert_eq!(
            standing(&line),
            ["100000.00", "60000.00", "40000.00", "in_force"]
        );
        let (_, line) = county.kept(&at("movements"), &movement("S-2", "repayment", "10000.5"));
        assert_eq!(
            standing(&line),
            ["100000.00", "49999.50", "50000.50", "in_force"]
        );
        // The same serial number again is the same movement.
        let (report, line) = county.kept(&at("movements"), &draw);
        assert_eq!(report, "unchanged");
        assert_eq!(line["drawn"]["amount"], "49999.50");
        let mut less = event("limit_changed", "2025-07-01");
        less["limit"] = yuan("40000.00");
        let (_, line) = county.kept(&at("events"), &less);
        assert_eq!(
            standing(&line),
            ["40000.00", "49999.50", "0.00", "in_force"]
        );
        assert_eq!(flags(&line), "over_limit");
        let position = json!({
            "on": "2025-07-31", "limit": yuan("50000.00"), "drawn": yuan("20000.00"), "days_overdue": 3,
            "classification": "关注", "reported_by": "R1",
        });
        let (_, line) = county.kept(&at("positions"), &position);
        assert_eq!(
            standing(&line),
            ["50000.00", "20000.00", "30000.00", "in_force"]
        );
        let told = &line["position"];
        assert_eq!(
            (&told["days_overdue"], &told["classification"]),
            (&json!(3), &json!("关注"))
        );
        let (_, line) = county.kept(&at("events"), &event("frozen", "2025-08-01"));
        assert_eq!(standing(&line), ["50000.00", "20000.00", "0.00", "frozen"]);
        let mut late = movement("S-3", "draw", "1.00");
        late["on"] = json!("2025-08-02");
        let (_, line) = county.kept(&at("movements"), &late);
        assert_eq!(flags(&line), "drawn_while_frozen");
        county.kept(&at("events"), &event("released", "2025-08-03"));
        county.kept(&at("events"), &event("terminated", "2025-09-01"));
        // It is kept and flagged: with a balance nothing is settled.
        let (report, line) = county.kept(&at("events"), &event("settled", "2025-09-02"));
        assert_eq!(
            (report.as_str(), &line["state"]),
            ("new", &json!("terminated"))
        );
        assert_eq!(flags(&line), "drawn_while_frozen out_of_turn");
        let mut rest = movement("S-4", "repayment", "20001.00");
        rest["on"] = json!("2025-09-02");
        let (_, line) = county.kept(&at("movements"), &rest);
        assert_eq!(standing(&line), ["50000.00", "0.00", "0.00", "settled"]);
        assert_eq!(county.by(&county.bank, "/v1/lines/X-1").json(), line);
    });
}

#[test]
fn a_fact_that_changes_is_a_new_version_and_flagged() {
    on_both_engines(|county| {
        for agreement in ["X-1", "X-2"] {
            county.kept("/v1/lines", &grant(agreement, GOOD));
        }
        let path = "/v1/lines/X-1/movements";
        county.kept(path, &movement("S-1", "draw", "5.00"));
        let (report, line) = county.kept(path, &movement("S-1", "draw", "6.00"));
        assert_eq!(
            (report.as_str(), &line["changed"]),
            ("changed", &json!(["amount"]))
        );
        assert_eq!(line["drawn"]["amount"], "6.00");
        // One serial number is one movement: told of another line, it has gone there.
        let moved = movement("S-1", "draw", "6.00");
        let (_, line) = county.kept("/v1/lines/X-2/movements", &moved);
        assert_eq!(
            (&line["drawn"]["amount"], flags(&line)),
            (&json!("6.00"), "changed".to_owned())
        );
        let line = county.by(&county.bank, "/v1/lines/X-1").json();
        assert_eq!(
            (&line["drawn"]["amount"], flags(&line)),
            (&json!("0.00"), "changed".to_owned())
        );
        assert_eq!(line["changed"], json!(["amount", "agreement"]));
        // A longer term is no such change; another merchant is.
        let mut again = grant("X-3", GOOD);
        county.kept("/v1/lines", &again);
        again["ends_on"] = json!("2026-12-31");
        let (report, line) = county.kept("/v1/lines", &again);
        assert_eq!((report.as_str(), flags(&line)), ("changed", String::new()));
        assert_eq!(
            (&line["state"], &line["ends_on"]),
            (&json!("in_force"), &json!("2026-12-31"))
        );
        again["uscc"] = json!(CAPPED);
        let (_, line) = county.kept("/v1/lines", &again);
        assert_eq!(line["changed"], json!(["uscc"]));
    });
}

#[test]
fn what_is_reported_stands_beside_what_the_ledger_tells() {
    on_both_engines(|county| {
        let path = "/v1/lines/DSNS-20250528-0023";
        let line = county.by(&county.bank, path).json();
        assert_eq!(
            standing(&line),
            ["6000000.00", "0.00", "6000000.00", "in_force"]
        );
        let (_, line) = county.kept(&format!("{path}/events"), &event("frozen", "2025-12-20"));
        assert_eq!(standing(&line), ["6000000.00", "0.00", "0.00", "frozen"]);
        // The ledger's balance at the end of the year holds whatever was told of earlier days.
        let draw = movement("S-1", "draw", "5.00");
        let (_, line) = county.kept(&format!("{path}/movements"), &draw);
        assert_eq!((standing(&line)[1], flags(&line)), ("0.00", String::new()));
        let mut granted = grant("DSNS-20250528-0023", GOOD);
        granted["starts_on"] = line["starts_on"].clone();
        granted["ends_on"] = json!("2026-12-31");
        let (_, line) = county.kept("/v1/lines", &granted);
        // By its id or its name the product is the same, and of the terms the ledger is the later word.
        assert_eq!(
            (standing(&line)[0], &line["changed"]),
            ("6000000.00", &json!([]))
        );
        granted["starts_on"] = json!("2025-05-29");
        let (_, line) = county.kept("/v1/lines", &granted);
        assert_eq!(line["changed"], json!(["starts_on"]));
    });
}

#[test]
fn amounts_that_are_none_are_refused_with_a_code() {
    on_both_engines(|county| {
        county.kept("/v1/lines", &grant("X-1", GOOD));
        let path = "/v1/lines/X-1/movements";
        let refused = |amount: Value| {
            let mut body = movement("S-1", "draw", "1.00");
            body["amount"] = amount;
            let answer = county.report(&county.bank, path, &body);
            assert_eq!((answer.status, &*answer.code()), (400, "broken_fields"));
            let told = answer.json();
            assert_eq!(told["errors"][0]["pointer"], "/amount", "{told}");
            told["errors"][0]["code"].as_str().unwrap().to_owned()
        };
        for (amount, code) in [
            ("1e400", "not_an_amount"),
            ("NaN", "not_an_amount"),
            ("0.005", "finer_than_a_fen"),
            ("-1", "negative"),
            ("100000000000.01", "out_of_range"),
            ("92233720368547758.08", "out_of_range"),
            ("123456789012345678901234567890", "out_of_range"),
            ("0.00", "not_positive"),
            ("１", "not_an_amount"),
        ] {
            assert_eq!(refused(yuan(amount)), code, "{amount}");
        }
        let mut most = grant("X-2", GOOD);
        most["limit"] = yuan("100000000000.00");
        county.kept("/v1/lines", &most);
        assert_eq!(
            refused(json!({"amount": 1, "currency": "CNY"})),
            "wrong_type"
        );
        assert_eq!(refused(json!(1)), "wrong_type");
        assert_eq!(refused(json!("1.00")), "wrong_type");
        assert_eq!(refused(json!({"amount": "1.00"})), "missing");
        assert_eq!(
            refused(json!({"amount": "1.00", "currency": "USD"})),
            "other_currency"
        );
        let more = json!({"amount": "1.00", "currency": "CNY", "unit": "万元"});
        assert_eq!(refused(more), "unknown_field");
        // Such a number is no JSON that is taken.
        let bearer = county.bearer(&county.bank);
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", "k"),
        ];
        let body = r#"{"serial":"S-1","direction":"draw","amount":{"amount":1e400,"currency":"CNY"},"on":"2025-06-01","reported_by":"R1"}"#;
        let answer = county.send("POST", path, &headers, body);
        assert_eq!((answer.status, &*answer.code()), (400, "bad_request"));
        let line = county.by(&county.bank, "/v1/lines/X-1").json();
        assert_eq!(line["drawn"]["amount"], "0.00");
    });
}

#[test]
fn every_broken_field_is_told_and_words_that_do_not_go_together_are_refused() {
    on_both_engines(|county| {
        let told = |path: &str, body: Value| {
            let answer = county.report(&county.bank, path, &body);
            assert_eq!(answer.status, 400, "{}", answer.text());
            let errors = answer.json()["errors"].as_array().unwrap().clone();
            let word = |error: &Value, key: &str| error[key].as_str().unwrap().to_owned();
            let told = errors
                .iter()
                .map(|error| word(error, "pointer") + " " + &word(error, "code"));
            told.collect::<Vec<_>>().join(", ")
        };
        let bad = json!({
            "agreement": "", "uscc": "92330921M2AA000180", "limit": yuan("1"), "revolving": "yes",
            "starts_on": "2025-02-30", "reported_by": "R1",
        });
        assert_eq!(
            told("/v1/lines", bad),
            "/agreement wrong_length, /product missing, /revolving wrong_type, /starts_on no_such_date, /uscc check_character"
        );
        let mut early = grant("X-1", GOOD);
        early["ends_on"] = json!("2024-12-31");
        assert_eq!(told("/v1/lines", early), "/ends_on date_order");
        county.kept("/v1/lines", &grant("X-1", GOOD));
        let path = "/v1/lines/X-1/events";
        assert_eq!(
            told(path, event("limit_changed", "2025-02-01")),
            "/limit missing"
        );
        let mut odd = event("frozen", "2025-02-01");
        odd["limit"] = yuan("1.00");
        assert_eq!(told(path, odd), "/limit unknown_field");
        assert_eq!(
            told(path, event("melted", "2025-02-01")),
            "/event unknown_word"
        );
        let mut same = agreed("5.00");
        same["approved_by"] = json!("r1 ");
        assert_eq!(
            told("/v1/lines/X-1/override", same),
            "/approved_by same_person"
        );
    });
}

#[test]
fn a_bank_sees_its_own_lines_and_no_others() {
    on_both_engines(|county| {
        county.kept("/v1/lines", &grant("X-1", GOOD));
        let hidden = |path: &str| {
            let mut told = county.by(&county.other, path);
            assert_eq!((told.status, &*told.code()), (404, "not_found"));
            let mut json = told.json();
            json["instance"].take();
            told.headers.clear();
            json
        };
        // Of another bank's, over HTTP or in its ledger, and of none the same is told.
        let none = hidden("/v1/lines/X-9");
        assert_eq!(hidden("/v1/lines/X-1"), none);
        assert_eq!(hidden("/v1/lines/DSNS-20250528-0023"), none);
        let draw = movement("S-1", "draw", "1.00");
        for agreement in ["X-1", "X-9", "DSNS-20250528-0023"] {
            let path = format!("/v1/lines/{agreement}/movements");
            let answer = county.report(&county.other, &path, &draw);
            assert_eq!((answer.status, &*answer.code()), (404, "not_found"));
        }
        let list = county.by(&county.other, "/v1/lines").json();
        assert_eq!(
            (&list["lines"], &list["next_cursor"]),
            (&json!([]), &json!(null))
        );
        // Its own agreement and serial number of the same name are its own.
        let mut own = grant("X-1", CAPPED);
        own["limit"] = yuan("7.00");
        assert_eq!(county.report(&county.other, "/v1/lines", &own).status, 201);
        let path = "/v1/lines/X-1/movements";
        assert_eq!(county.report(&county.other, path, &draw).status, 201);
        let line = county.by(&county.bank, "/v1/lines/X-1").json();
        assert_eq!(
            standing(&line),
            ["100000.00", "0.00", "100000.00", "in_force"]
        );
        // A merchant that no register knows is kept as it is told.
        let (report, line) = county.kept("/v1/lines", &grant("X-2", UNKNOWN));
        assert_eq!((report.as_str(), flags(&line)), ("new", String::new()));
    });
}

#[test]
fn a_key_has_one_effect() {
    on_both_engines(|county| {
        county.kept("/v1/lines", &grant("X-1", GOOD));
        let path = "/v1/lines/X-1/movements";
        let draw = movement("S-1", "draw", "5.00");
        let bearer = county.bearer(&county.bank);
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
        ];
        let answer = county.send("POST", path, &headers, draw.to_string());
        assert_eq!(
            (answer.status, &*answer.code()),
            (400, "idempotency_key_required")
        );
        let first = county.report_under("k", &county.bank, path, &draw);
        assert_eq!(first.status, 201);
        county.kept(path, &movement("S-2", "draw", "1.00"));
        let again = county.report_under("k", &county.bank, path, &draw);
        assert_eq!((again.status, again.text()), (201, first.text()));
        assert_eq!(again.header("idempotent-replayed"), "true");
        // The same path in another spelling.
        let spelt = county.report_under("k", &county.bank, "/v1/lines/%58-1/movements", &draw);
        assert_eq!(spelt.header("idempotent-replayed"), "true");
        let other = county.report_under("k", &county.bank, path, &movement("S-3", "draw", "1.00"));
        assert_eq!(
            (other.status, &*other.code()),
            (422, "idempotency_key_reused")
        );
        let line = county.by(&county.bank, "/v1/lines/X-1").json();
        assert_eq!(line["drawn"]["amount"], "6.00");
    });
}

#[test]
fn many_movements_at_once_and_at_two_instances_are_each_kept_once() {
    on_both_engines(|county| {
        county.kept("/v1/lines", &grant("X-1", GOOD));
        county.kept("/v1/lines", &grant("X-2", GOOD));
        let bearer = county.bearer(&county.bank);
        let twin = county.twin();
        let (here, there, bearer) = (&**county, &twin, &*bearer);
        std::thread::scope(|scope| {
            for turn in 0..4 {
                let service = if turn < 2 { here } else { there };
                scope.spawn(move || {
                    for number in 0..10 {
                        // The same serial numbers, told of two lines under keys of their own.
                        let body = movement(&format!("S-{number}"), "draw", "1.00").to_string();
                        let path = format!("/v1/lines/X-{}/movements", 1 + turn % 2);
                        let key = format!("{turn}-{number}");
                        let headers = [
                            ("authorization", bearer),
                            ("content-type", "application/json"),
                            ("idempotency-key", &*key),
                        ];
                        let answer = service.send("POST", &path, &headers, body);
                        assert!(answer.status < 300, "{}", answer.text());
                    }
                });
            }
        });
        let drawn = ["X-1", "X-2"].map(|agreement| {
            let path = format!("/v1/lines/{agreement}");
            let line = county.by(&county.bank, &path).json();
            let drawn = line["drawn"]["amount"].as_str().unwrap().to_owned();
            drawn.strip_suffix(".00").unwrap().parse::<u32>().unwrap()
        });
        assert_eq!(drawn[0] + drawn[1], 10, "{drawn:?}");
    });
}

#[test]
fn a_limit_above_the_cap_is_an_override_until_a_second_person_has_agreed() {
    on_both_engines(|county| {
        let overridden = || -> Value {
            let list = ["report", "--behind", "overridden", "--format", "json"];
            let done = Cli::new().run(&[&list[..], &["--database", &county.database.url]].concat());
            let rows: Value = serde_json::from_str(done.out()).unwrap();
            let keys = [
                "agreement",
                "overridden",
                "tier_when_granted",
                "tier_when_granted_is",
            ];
            let marks = |row: &Value| keys.map(|key| row[key].clone());
            json!(
                rows.as_array()
                    .unwrap()
                    .iter()
                    .map(marks)
                    .collect::<Vec<_>>()
            )
        };
        let answer = county.ask(CAPPED).json();
        let tier = answer["tier"].as_str().unwrap();
        assert!(["B", "C"].contains(&tier), "{tier}");
        let mut over = grant("X-1", CAPPED);
        over["limit"] = yuan("900000.00");
        // Nothing of a tier that the bank was not told.
        let (_, line) = county.kept("/v1/lines", &over);
        assert_eq!(
            (flags(&line), &line["relied_on"]),
            (String::new(), &json!(null))
        );
        let mut relied = over.clone();
        relied["agreement"] = json!("X-2");
        relied["relied_on"] = json!(id(&answer));
        // The answer says nothing of the days before it.
        let (_, line) = county.kept("/v1/lines", &relied);
        assert_eq!(flags(&line), "unfit_answer");
        relied["agreement"] = json!("X-3");
        relied["starts_on"] = json!("2025-12-31");
        let (_, line) = county.kept("/v1/lines", &relied);
        assert_eq!(flags(&line), "over_cap_when_granted override_pending");
        let (_, line) = county.kept("/v1/lines/X-3/override", &agreed("899999.99"));
        assert_eq!(flags(&line), "over_cap_when_granted override_pending");
        assert_eq!(overridden(), json!([]));
        let (_, line) = county.kept("/v1/lines/X-3/override", &agreed("900000.00"));
        assert_eq!(flags(&line), "over_cap_when_granted");
        assert_eq!(
            line["override"],
            json!({"limit": yuan("900000.00"), "reason": "有抵押", "approved_by": "R2"})
        );
        // The bureau's report counts it, and marks it in its lists.
        assert_eq!(overridden(), json!([["X-3", "yes", tier, "relied_on"]]));
        // An answer about somebody else, a refusal, or another bank's is none to rely on.
        let refused = |by: &Caller, answer: &str, uscc: &str| {
            let mut body = grant("X-4", uscc);
            body["relied_on"] = json!(answer);
            let answer = county.report(by, "/v1/lines", &body);
            assert_eq!(answer.status, 400, "{}", answer.text());
            assert_eq!(answer.json()["errors"][0]["code"], "no_such_answer");
        };
        refused(&county.bank, &id(&answer), GOOD);
        refused(&county.other, &id(&answer), CAPPED);
        let silent = county.ask(SILENT).json();
        refused(&county.bank, &id(&silent), SILENT);
    });
}

fn agreed(limit: &str) -> Value {
    json!({"limit": yuan(limit), "reason": "有抵押", "approved_by": "R2", "reported_by": "R1"})
}

#[test]
fn the_cap_is_not_got_round_by_raising_the_limit_afterwards() {
    on_both_engines(|county| {
        let answer = county.ask(CAPPED).json();
        let mut small = grant("X-1", CAPPED);
        small["limit"] = yuan("1.00");
        small["starts_on"] = json!("2025-12-31");
        small["relied_on"] = json!(id(&answer));
        let (_, line) = county.kept("/v1/lines", &small);
        assert_eq!(flags(&line), "");
        let mut raised = event("limit_changed", "2025-12-31");
        raised["limit"] = yuan("900000.00");
        raised["relied_on"] = json!(id(&answer));
        let (_, line) = county.kept("/v1/lines/X-1/events", &raised);
        assert_eq!(flags(&line), "over_cap_when_raised override_pending");
        let (_, line) = county.kept("/v1/lines/X-1/override", &agreed("900000.00"));
        assert_eq!(flags(&line), "over_cap_when_raised");
        // What was agreed to is no leave for more.
        raised["limit"] = yuan("900000.01");
        let (_, line) = county.kept("/v1/lines/X-1/events", &raised);
        assert_eq!(flags(&line), "over_cap_when_raised override_pending");
        // A grant that is told anew with a higher limit is held to that.
        let mut again = small.clone();
        again["agreement"] = json!("X-2");
        county.kept("/v1/lines", &again);
        again["limit"] = yuan("900000.00");
        let (_, line) = county.kept("/v1/lines", &again);
        assert_eq!(flags(&line), "over_cap_when_granted override_pending");
        // An answer goes with a limit only, and there must have been one.
        let mut odd = event("frozen", "2025-12-31");
        odd["relied_on"] = json!(id(&answer));
        let refused = |body: &Value| {
            let answer = county.report(&county.bank, "/v1/lines/X-2/events", body);
            assert_eq!(answer.status, 400, "{}", answer.text());
            answer.json()["errors"][0]["code"].clone()
        };
        assert_eq!(refused(&odd), "unknown_field");
        raised["relied_on"] = json!(id(&county.ask(SILENT).json()));
        assert_eq!(refused(&raised), "no_such_answer");
    });
}

#[test]
fn a_ledger_speaks_from_its_day_on_and_no_report_is_lost_beside_it() {
    on_both_engines(|county| {
        let answer = county.ask(GOOD).json();
        assert_eq!(answer["tier"], "B");
        let agreement = "DSNS-20250528-0023";
        // Granted small, and raised to what the ledger of that day tells as well.
        let mut small = grant(agreement, GOOD);
        small["product"] = json!("trusted-consumption");
        small["starts_on"] = json!("2025-05-28");
        county.kept("/v1/lines", &small);
        let mut raised = event("limit_changed", "2025-12-31");
        raised["limit"] = yuan("6000000.00");
        raised["relied_on"] = json!(id(&answer));
        let (_, line) = county.kept(&format!("/v1/lines/{agreement}/events"), &raised);
        assert_eq!(flags(&line), "over_cap_when_raised override_pending");
        // Agreed on for a later day, it is no credit yet.
        let mut later = grant("X-9", GOOD);
        later["starts_on"] = json!("2026-02-01");
        later["ends_on"] = json!("2027-01-31");
        county.kept("/v1/lines", &later);
        let told = |arguments: &[&str]| {
            let url = ["--database", &county.database.url];
            let done = Cli::new().run(&[arguments, &url].concat());
            assert_eq!(done.code(), 0, "{}", done.err());
            done.out().to_owned()
        };
        let limit = |day: &str| {
            let list = told(&["lines", "--format", "json", "--as-of", day]);
            let lines: Vec<Value> = serde_json::from_str(&list).unwrap();
            let line = lines
                .into_iter()
                .find(|line| line["agreement"] == agreement);
            line.unwrap()["limit"].clone()
        };
        assert_eq!(limit("2025-12-30"), "100000.00");
        assert_eq!(limit("2025-12-31"), "6000000.00");
        let lines = |day: &str| {
            let report = told(&["report", "--json", "--as-of", day]);
            let report: Value = serde_json::from_str(&report).unwrap();
            report["figures"]["lines"].as_u64().unwrap()
        };
        assert_eq!(lines("2026-02-01"), lines("2026-01-31") + 1);
    });
}

#[test]
fn what_is_dated_after_the_business_date_says_from_when_on_it_counts() {
    on_both_engines(|county| {
        county.kept("/v1/lines", &grant("X-1", GOOD));
        let path = "/v1/lines/X-1/movements";
        let mut draw = movement("S-1", "draw", "5.00");
        draw["on"] = json!("2025-12-31");
        let told = county.report(&county.bank, path, &draw).json();
        assert_eq!(
            (&told["as_of"], &told["counts_from"]),
            (&json!("2025-12-31"), &json!(null))
        );
        draw["serial"] = json!("S-2");
        draw["on"] = json!("2026-01-01");
        let told = county.report(&county.bank, path, &draw).json();
        assert_eq!(told["counts_from"], "2026-01-01");
        assert_eq!(told["line"]["drawn"]["amount"], "5.00");
        // By the clock it is still to come.
        draw["serial"] = json!("S-3");
        draw["on"] = json!("2126-01-01");
        let answer = county.report(&county.bank, path, &draw);
        assert_eq!(answer.status, 400, "{}", answer.text());
        let told = &answer.json()["errors"][0];
        assert_eq!(
            (&told["pointer"], &told["code"]),
            (&json!("/on"), &json!("in_future"))
        );
        county.move_business_date("2026-01-01");
        let line = county.by(&county.bank, "/v1/lines/X-1").json();
        assert_eq!(line["drawn"]["amount"], "10.00");
    });
}

#[test]
fn lines_are_listed_page_by_page_and_filtered() {
    on_both_engines(|county| {
        for number in 0..7 {
            county.kept("/v1/lines", &grant(&format!("X-{number}"), GOOD));
        }
        county.kept("/v1/lines/X-3/events", &event("frozen", "2025-03-01"));
        county.kept(
            "/v1/lines/X-5/movements",
            &movement("S-1", "draw", "100000.01"),
        );
        let named = |query: &str| {
            let page = county.by(&county.bank, &format!("/v1/lines{query}")).json();
            assert_eq!(page["as_of"], "2025-12-31");
            let lines = page["lines"].as_array().unwrap().iter();
            let lines = lines.map(|line| line["agreement"].as_str().unwrap().to_owned());
            (
                lines.collect::<Vec<_>>(),
                page["next_cursor"].as_str().map(str::to_owned),
            )
        };
        let (all, next) = named("");
        assert!(all.is_sorted() && next.is_none(), "{all:?}");
        assert!(all.contains(&"DSNS-20250528-0023".to_owned()), "{all:?}");
        assert_eq!(
            all.len(),
            7 + all.iter().filter(|name| name.starts_with("DSNS")).count()
        );
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let (page, next) = named(&format!("?limit=2{cursor}"));
            assert!(page.len() <= 2);
            seen.extend(page);
            match next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, all);
        assert_eq!(named("?state=frozen").0, ["X-3"]);
        assert_eq!(named("?flag=over_limit").0, ["X-5"]);
        assert_eq!(named(&format!("?uscc={CAPPED}&flag=over_limit")).0, [""; 0]);
        let answer = county.by(&county.bank, "/v1/lines?flag=over_cap_now&limit=0");
        let errors = answer.json()["errors"].clone();
        let told = ["flag", "limit"].map(|name| json!(name));
        assert_eq!(
            [&errors[0]["parameter"], &errors[1]["parameter"]],
            told.each_ref()
        );
    });
}

#[test]
fn a_page_looks_at_so_many_lines_and_says_where_to_go_on() {
    on_both_engines(|county| {
        county.kept("/v1/lines", &grant("A-0", GOOD));
        // Two lines of another merchant, the 2,048th and the one after it.
        county.kept("/v1/lines", &grant("AZ-1", UNKNOWN));
        county.kept("/v1/lines", &grant("B-1", UNKNOWN));
        let numbers =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2046)";
        let named = "'A-' || CAST(10000 + i AS TEXT)";
        let mut conn = county.app.store.connection().unwrap();
        for (table, rest) in [
            (
                "reported_line (bank_id, agreement, recorded_at)",
                "recorded_at",
            ),
            (
                "line_report (bank_id, agreement, kind, key, version, content, reported_by, client_id, recorded_at)",
                "kind, key, version, content, reported_by, client_id, recorded_at",
            ),
        ] {
            let from = table.split(' ').next().unwrap();
            let sql = format!(
                "{numbers} INSERT INTO {table} SELECT bank_id, {named}, {rest} FROM {from} CROSS JOIN n WHERE agreement = 'A-0'"
            );
            conn.batch_execute(&sql).unwrap();
        }
        drop(conn);
        let page = |cursor: &str| {
            let path = format!("/v1/lines?uscc={UNKNOWN}{cursor}");
            let page = county.by(&county.bank, &path).json();
            let lines = page["lines"].as_array().unwrap().iter();
            let names = lines.map(|line| line["agreement"].as_str().unwrap().to_owned());
            let next = page["next_cursor"].as_str().map(str::to_owned);
            (names.collect::<Vec<_>>(), next)
        };
        let (first, next) = page("");
        assert_eq!(
            (first, next.as_deref()),
            (vec!["AZ-1".to_owned()], Some("AZ-1"))
        );
        assert_eq!(page("&cursor=AZ-1"), (vec!["B-1".to_owned()], None));
    });
}
