//! Every door under /v1, and everybody who may come to it.

use super::county::{County, id, on_both_engines, question, score_path};
use super::registers::GOOD;
use crate::lines::products::told;
use crate::lines::reports::{grant, movement, yuan};
use crate::support::Answer;
use serde_json::json;
use std::collections::BTreeSet;

/// A request that this bank may make: method, path of the document, path, body.
type Request = (&'static str, &'static str, String, String);

fn requests(answer: &str) -> Vec<Request> {
    let none = String::new;
    vec![
        (
            "POST",
            "/v1/scores/query",
            "/v1/scores/query".to_owned(),
            question(&[GOOD]).to_string(),
        ),
        (
            "GET",
            "/v1/merchants/{uscc}/score",
            score_path(GOOD),
            none(),
        ),
        (
            "GET",
            "/v1/answers/{id}",
            format!("/v1/answers/{answer}"),
            none(),
        ),
        (
            "GET",
            "/v1/scorecards/{version}",
            "/v1/scorecards/2026.1".to_owned(),
            none(),
        ),
        (
            "GET",
            "/v1/merchants/{uscc}/financing",
            score_path(GOOD).replace("/score?", "/financing?"),
            none(),
        ),
        ("GET", "/v1/lines", "/v1/lines".to_owned(), none()),
        (
            "GET",
            "/v1/lines/{agreement}",
            format!("/v1/lines/{LINE}"),
            none(),
        ),
    ]
    .into_iter()
    .chain(reports())
    .chain(products())
    .chain(claims())
    .chain(advice())
    .collect()
}

/// There is no advice: what a bank may do about its own, the tests of advice show.
fn advice() -> impl Iterator<Item = Request> {
    let receipts = r#"{"ids":["msg_01k0qz3v9kf2m8s3t5y7b9c1d4"]}"#.to_owned();
    let noted = r#"{"acknowledged_by":"R1"}"#.to_owned();
    let requests = [
        ("GET", "/v1/messages", String::new()),
        ("POST", "/v1/messages/receipts", receipts),
        ("GET", "/v1/advice", String::new()),
        ("GET", "/v1/advice/{id}", String::new()),
        ("POST", "/v1/advice/{id}/acknowledgement", noted),
    ];
    requests.into_iter().map(|(method, route, body)| {
        let path = route.replace("{id}", "adv_01k0qz3v9kf2m8s3t5y7b9c1d4");
        let asker = if method == "GET" {
            "?requested_by=R1"
        } else {
            ""
        };
        (method, route, path + asker, body)
    })
}

/// A line of the bank's ledger.
const LINE: &str = "DSNS-20250528-0023";

/// What a bank may report of lines.
fn reports() -> impl Iterator<Item = Request> {
    let reports = [
        ("/v1/lines", grant("X-1", GOOD)),
        (
            "/v1/lines/{agreement}/events",
            json!({"event": "frozen", "on": "2025-12-01", "reported_by": "R1"}),
        ),
        (
            "/v1/lines/{agreement}/movements",
            movement("S-1", "draw", "1.00"),
        ),
        (
            "/v1/lines/{agreement}/positions",
            json!({"on": "2025-12-01", "limit": yuan("1.00"), "drawn": yuan("1.00"), "reported_by": "R1"}),
        ),
        (
            "/v1/lines/{agreement}/override",
            json!({"limit": yuan("1.00"), "reason": "示例", "approved_by": "R2", "reported_by": "R1"}),
        ),
    ];
    let statements = json!({"currency": "CNY", "reported_by": "R1", "statements": [{
        "merchant_number": "n1", "uscc": GOOD, "month": "202512", "transactions": 1, "turnover": "1.00",
        "refunds": "0.00", "fee_due": "0.00", "fee_charged": "0.00",
    }]});
    let reports = reports.into_iter().chain([("/v1/statements", statements)]);
    reports.map(|(route, body)| {
        let path = route.replace("{agreement}", LINE);
        ("POST", route, path, body.to_string())
    })
}

fn products() -> [Request; 2] {
    let (list, one) = ("/v1/products", "/v1/products/{id}");
    let body = told("2026-01-15").to_string();
    [
        ("GET", list, list.to_owned(), String::new()),
        ("POST", one, one.replace("{id}", "example"), body),
    ]
}

/// There are no claims: what a funder may do with its own, the tests of subsidies show.
fn claims() -> impl Iterator<Item = Request> {
    let amount = r#"{"amount":"1.00","currency":"CNY"}"#;
    let step = format!(r#"{{"person":"R1","remaining":{amount}}}"#);
    let pay = format!(r#"{{"person":"R1","paid":{amount},"reference":"B"}}"#);
    let reject = r#"{"person":"R1","reason":"B"}"#.to_owned();
    let requests = [
        ("GET", "/v1/claims", String::new()),
        ("GET", "/v1/claims/{id}", String::new()),
        ("POST", "/v1/claims/{id}/submit", step.clone()),
        ("POST", "/v1/claims/{id}/approve", step),
        ("POST", "/v1/claims/{id}/pay", pay),
        ("POST", "/v1/claims/{id}/reject", reject),
    ];
    requests.into_iter().map(|(method, route, body)| {
        let path = route.replace("{id}", "clm_01k0qz3v9kf2m8s3t5y7b9c1d4");
        (method, route, path, body)
    })
}

fn send(county: &County, (method, _, path, body): &Request, bearer: Option<&str>) -> Answer {
    let mut headers = vec![
        ("content-type", "application/json"),
        ("idempotency-key", "matrix"),
    ];
    headers.extend(bearer.map(|bearer| ("authorization", bearer)));
    county.send(method, path, &headers, body.as_str())
}

/// Outcomes for: no token, another bank, this bank, a disabled client.
fn expected(method: &str, route: &str) -> [u16; 4] {
    match route {
        "/v1/lines" if method == "GET" => [401, 200, 200, 401],
        "/v1/lines" => [401, 201, 201, 401],
        "/v1/lines/{agreement}" => [401, 404, 200, 401],
        // The line is in this bank's ledger.
        route if route.starts_with("/v1/lines/") => [401, 404, 201, 401],
        // Another bank is not authorised, which looks like no such merchant.
        "/v1/merchants/{uscc}/score" | "/v1/merchants/{uscc}/financing" | "/v1/answers/{id}" => {
            [401, 404, 200, 401]
        }
        // Each bank reports its own.
        "/v1/claims" | "/v1/statements" => [401, 200, 200, 401],
        "/v1/products" => [401, 200, 200, 401],
        // Each bank has products of its own.
        "/v1/products/{id}" => [401, 201, 201, 401],
        claims if claims.starts_with("/v1/claims/") => [401, 404, 404, 401],
        "/v1/messages" | "/v1/messages/receipts" | "/v1/advice" => [401, 200, 200, 401],
        advice if advice.starts_with("/v1/advice/") => [401, 404, 404, 401],
        "/v1/scores/query" | "/v1/scorecards/{version}" => [401, 200, 200, 401],
        _ => panic!("{route} is not in the table"),
    }
}

#[test]
fn every_route_tells_only_whom_it_may() {
    on_both_engines(|county| {
        let answer = id(&county.ask(GOOD).json());
        let document = county.get("/openapi.json").json();
        let mut documented = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let methods = methods.as_object().unwrap().keys();
            let here = methods.filter(|_| path.starts_with("/v1/"));
            documented.extend(here.map(|method| (method.to_uppercase(), path.clone())));
        }
        let requests = requests(&answer);
        let tested = requests.iter();
        let tested: BTreeSet<_> = tested
            .map(|(method, route, ..)| ((*method).to_owned(), (*route).to_owned()))
            .collect();
        assert_eq!(tested, documented);

        let (bank, other) = (county.bearer(&county.bank), county.bearer(&county.other));
        for request in &requests {
            let [none, foreign, own, _] = expected(request.0, request.1);
            for (bearer, status) in [(None, none), (Some(&*other), foreign), (Some(&*bank), own)] {
                let answer = send(&county, request, bearer);
                assert_eq!(answer.status, status, "{request:?} {}", answer.text());
                if status == 401 {
                    assert_eq!(answer.code(), "unauthenticated");
                    assert!(answer.header("www-authenticate").starts_with("Bearer"));
                }
            }
        }
        // To another bank a merchant is told of as one that does not exist.
        let answer = send(&county, &requests[0], Some(&*other)).json();
        assert_eq!(answer["answers"][0]["refused"], "not_available");
        assert!(answer["answers"][0].get("score").is_none());

        county.disable(&county.bank.client);
        for request in &requests {
            let answer = send(&county, request, Some(&*bank));
            assert_eq!(
                answer.status,
                expected(request.0, request.1)[3],
                "{request:?}"
            );
            assert_eq!(answer.code(), "unauthenticated");
            // The other bank's client goes on.
            assert_ne!(send(&county, request, Some(&*other)).status, 401);
        }
    });
}

#[test]
fn another_bank_s_answer_is_as_unknown_as_none() {
    on_both_engines(|county| {
        let own = id(&county.ask(GOOD).json());
        let mut unknown = own.clone();
        let last = if unknown.pop() == Some('0') { '1' } else { '0' };
        unknown.push(last);
        let paths = [own, unknown].map(|id| format!("/v1/answers/{id}"));
        let [mut foreign, mut none] = paths.map(|path| {
            let answer = county.by(&county.other, &path);
            assert_eq!((answer.status, &*answer.code()), (404, "not_found"));
            answer.json()
        });
        assert!(foreign["instance"].take().is_string() && none["instance"].take().is_string());
        assert_eq!(foreign, none);
    });
}
