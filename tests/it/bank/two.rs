//! Two instances on one database: what one has done, the other knows at once.

use super::county::{County, digest, id, items, on_both_engines, question, score_path};
use super::registers::{GOOD, MERCHANTS, RCB, TWICE, penalties};
use crate::access::world::World;
use crate::support::Answer;
use serde_json::Value;
use std::collections::BTreeMap;
use std::thread;

fn query(world: &World, bearer: &str, usccs: &[&str]) -> Answer {
    let headers = [
        ("authorization", bearer),
        ("content-type", "application/json"),
    ];
    let body = question(usccs).to_string();
    world.send("POST", "/v1/scores/query", &headers, body)
}

#[test]
fn an_assertion_is_used_once_and_a_token_is_good_at_both() {
    on_both_engines(|county| {
        let twin = county.twin();
        let assertion = county
            .forge(&county.bank.signer, &county.bank.client)
            .good();
        let answer = county.ask_token(&assertion);
        assert_eq!(answer.status, 200);
        assert_eq!(twin.ask_token(&assertion).json()["error"], "invalid_client");
        assert_eq!(
            county.ask_token(&assertion).json()["error"],
            "invalid_client"
        );
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        for world in [&county, &twin] {
            assert_eq!(world.with_token(&score_path(GOOD), &token).status, 200);
        }
        // At both at the same time: one of them wins.
        for _ in 0..8 {
            let assertion = county
                .forge(&county.bank.signer, &county.bank.client)
                .good();
            let won = thread::scope(|scope| {
                let worlds: [&World; 2] = [&county, &twin];
                let asked = worlds.map(|world| {
                    let assertion = &assertion;
                    scope.spawn(move || world.ask_token(assertion).status)
                });
                asked.map(|thread| thread.join().unwrap())
            });
            assert_eq!(
                won.iter().filter(|status| **status == 200).count(),
                1,
                "{won:?}"
            );
        }
    });
}

#[test]
fn a_client_disabled_at_one_is_refused_by_the_other() {
    on_both_engines(|county| {
        let twin = county.twin();
        let bearer = county.bearer(&county.bank);
        let answer = twin.with_authorization(&score_path(GOOD), &[&bearer]);
        assert_eq!(answer.status, 200);
        let again = format!("/v1/answers/{}", id(&answer.json()));
        assert_eq!(twin.with_authorization(&again, &[&bearer]).status, 200);
        county.disable(&county.bank.client);
        for path in [&*score_path(GOOD), &again, "/v1/scorecards/2026.1"] {
            assert_eq!(
                twin.with_authorization(path, &[&bearer]).status,
                401,
                "{path}"
            );
        }
        assert_eq!(query(&twin, &bearer, &[GOOD]).status, 401);
    });
}

#[test]
fn a_withdrawal_and_a_repair_at_one_count_at_the_other() {
    on_both_engines(|county| {
        let twin = county.twin();
        let bearer = county.bearer(&county.bank);
        let ask = |uscc: &str| twin.with_authorization(&score_path(uscc), &[&bearer]);
        let again = |given: &Answer| {
            let path = format!("/v1/answers/{}", id(&given.json()));
            twin.with_authorization(&path, &[&bearer]).json()
        };
        let (good, twice) = (ask(GOOD), ask(TWICE));
        assert_eq!((good.status, twice.status), (200, 200));

        county.take_penalties(&penalties(GOOD, &[("撤销日期", "2025-12-20")]));
        assert!(ask(GOOD).json()["score"].as_i64() > good.json()["score"].as_i64());
        let row = format!(
            "岱山县岱东镇海丰平观光船务,{RCB},贷前审查;贷后管理,书面,2025-03-11,,2026-01-05"
        );
        county.authorise(&format!("SQ00333,{TWICE},{row}"));
        assert_eq!(ask(TWICE).code(), "not_available");
        // Both happened at the time of the answers: the clock has not moved.
        assert_eq!(again(&twice)["withheld"], true);
        county.advance(1);
        county.move_business_date("2026-02-15");
        assert_eq!(ask(GOOD).json()["as_of"], "2026-02-15");
    });
}

/// Scores that fall due are computed by both at once, and every answer of both is in the one log.
#[test]
fn both_answer_alike_into_one_log() {
    on_both_engines(|county| {
        let twin = county.twin();
        let bearer = county.bearer(&county.bank);
        let mut given = Vec::new();
        for day in ["2026-01-31", "2026-02-15", "2026-03-31"] {
            county.move_business_date(day);
            let bearer = &*bearer;
            given.extend(thread::scope(|scope| {
                let worlds: [&World; 2] = [&county, &twin];
                let threads: Vec<_> = (0..8)
                    .map(|number| {
                        let world = worlds[number % 2];
                        scope.spawn(move || query(world, bearer, &MERCHANTS))
                    })
                    .collect();
                let answers = threads.into_iter().map(|thread| thread.join().unwrap());
                answers
                    .map(|answer| items(&answer.body))
                    .collect::<Vec<_>>()
            }));
        }
        check(&county, &twin, &bearer, &given);
    });
}

fn check(county: &County, twin: &World, bearer: &str, given: &[Vec<Vec<u8>>]) {
    let bare = |bytes: &[u8]| {
        let mut answer: Value = serde_json::from_slice(bytes).unwrap();
        let id = id(&answer);
        answer["id"].take();
        (id, answer)
    };
    let lines = county.log().into_iter();
    let lines: BTreeMap<_, _> = lines.map(|line| (line.id.to_string(), line)).collect();
    assert_eq!(lines.len(), given.len() * MERCHANTS.len());
    for same_day in given.chunks(8) {
        for batch in same_day {
            for (bytes, first) in batch.iter().zip(&same_day[0]) {
                let (id, answer) = bare(bytes);
                assert_eq!(answer, bare(first).1);
                let logged = lines[&id].digest.map(|digest| digest.to_string());
                assert_eq!(logged, Some(digest(bytes)));
                for world in [&**county, twin] {
                    let path = format!("/v1/answers/{id}");
                    let again = world.with_authorization(&path, &[bearer]);
                    assert_eq!(again.text(), std::str::from_utf8(bytes).unwrap());
                }
            }
        }
    }
}
