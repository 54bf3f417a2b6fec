use crate::support::{Engine, TestApp};
use daishan_credit::http::{openapi, route_table::methods};
use std::collections::BTreeSet;

#[test]
fn the_document_that_is_checked_in_is_the_code_s() {
    let made = openapi::text_of(&openapi::document()).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let checked_in = std::fs::read_to_string(path).unwrap();
    assert!(
        made == checked_in,
        "run: cargo run -- openapi > openapi.json"
    );
}

#[test]
fn every_route_of_the_document_is_served_and_dressed() {
    let app = TestApp::start(Engine::Sqlite);
    assert_eq!(
        app.get("/openapi.json").json(),
        serde_json::to_value(openapi::document()).unwrap()
    );
    for (path, item) in &openapi::document().paths.paths {
        let mut there = methods(item);
        there.sort_unstable();
        assert!(!there.is_empty(), "{path} has no methods");
        let place = path
            .replace("{page}", "swagger-ui.css")
            .replace(['{', '}'], "");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let answer = app.send(method, &place, &[], "");
            let served = there.contains(&method);
            assert_eq!(
                answer.status != 405,
                served,
                "{method} {path}: {}",
                answer.status
            );
            assert_eq!(
                answer.header("x-content-type-options"),
                "nosniff",
                "{method} {path}"
            );
            assert!(
                !answer.header("content-security-policy").is_empty(),
                "{method} {path}"
            );
            if !served {
                assert_eq!(answer.header("allow"), there.join(", "), "{path}");
            }
        }
    }
}

#[test]
fn operations_are_told_apart_and_documented() {
    let document = serde_json::to_value(openapi::document()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    let mut seen = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(seen.insert(id), "{method} {path} shares its operationId");
            assert!(
                operation["summary"].is_string(),
                "{method} {path} has no summary"
            );
            assert!(
                operation["tags"][0].is_string(),
                "{method} {path} has no tag"
            );
            for status in refusals(path, method) {
                let content = &operation["responses"][status]["content"];
                assert_eq!(
                    content["application/problem+json"]["schema"]["$ref"],
                    "#/components/schemas/ProblemBody",
                    "{method} {path} {status}"
                );
            }
        }
    }
}

/// What has no effect, or the same however often it comes, has no key.
const WITHOUT_A_KEY: [&str; 2] = ["/v1/scores/query", "/v1/messages/receipts"];

/// What every operation of a bank says that it may be refused with; all other POSTs have a key.
fn refusals(path: &str, method: &str) -> Vec<&'static str> {
    let mut refusals = Vec::new();
    if path.starts_with("/v1/") {
        refusals.extend(["400", "401", "503"]);
        if method == "post" {
            refusals.extend(["408", "413", "415"]);
            if !WITHOUT_A_KEY.contains(&path) {
                refusals.extend(["409", "422"]);
            }
        }
    }
    refusals
}

#[test]
fn the_pages_load_nothing_from_elsewhere() {
    let app = TestApp::start(Engine::Sqlite);
    let page = app.get("/docs/");
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("http://") && !page.text().contains("https://"));
    assert!(
        app.get("/docs/swagger-initializer.js")
            .text()
            .contains("/openapi.json")
    );
    assert_eq!(app.get("/docs").header("location"), "/docs/");
    let table = app.get("/docs/problems");
    assert!(table.text().contains("id=\"not_available\""));
}
