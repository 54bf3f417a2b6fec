//! How banks are told: only what they may know, each telling logged, each message until it is received.

use super::world::{Caller, Desk, FIRST, authorisation, on_both_engines};
use crate::intake::folder::uscc;
use serde_json::{Value, json};

impl Desk {
    /// Both banks have advice about the first merchant: X-1 and Y-1.
    fn advised(&mut self) {
        self.grant(&self.first, "X-1", 1, "p");
        self.grant(&self.second, "Y-1", 1, "q");
        self.list_violation(1, "");
    }

    fn times_told(&self, who: &str, id: &str) -> usize {
        let wanted = format!("post_loan_management {who} {id} advised");
        self.log().iter().filter(|line| **line == wanted).count()
    }

    fn id_of(&self, by: &Caller) -> String {
        let message = &self.messages(by)[0];
        message["advice_id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_message_says_what_is_advised_and_is_logged() {
    on_both_engines(|mut desk| {
        desk.advised();
        let message = desk.messages(&desk.first).remove(0);
        let id = message["advice_id"].as_str().unwrap().to_owned();
        let advice = &message["advice"];
        assert_eq!(message["ask_again"], false);
        assert_eq!(advice["uscc"], uscc(1));
        assert_eq!(
            (&advice["since"], &advice["notice"]["zh"]),
            (&json!("2025-06-30"), &json!("仅供参考"))
        );
        assert_eq!(advice["cause_name"]["zh"], "一票否决");
        let wanted = format!("post_loan_management R7 {id} advised");
        assert_eq!(desk.log(), [&*wanted]);
        // Looked at, it is the same.
        let one = desk
            .get(&desk.first, &format!("/v1/advice/{id}?requested_by=R8"))
            .json();
        assert_eq!(&one["advice"], advice);
        let list = desk.get(&desk.first, "/v1/advice?requested_by=R9").json();
        assert_eq!(list, json!({"advice": [one], "next_cursor": null}));
        assert_eq!(
            desk.log(),
            [
                wanted.clone(),
                wanted.replace("R7", "R8"),
                wanted.replace("R7", "R9")
            ]
        );
        // Who asks must be said.
        for path in ["/v1/messages", "/v1/advice", &format!("/v1/advice/{id}")] {
            let answer = desk.get(&desk.first, path);
            assert_eq!(
                (answer.status, &*answer.code()),
                (400, "broken_fields"),
                "{path}"
            );
        }
    });
}

#[test]
fn without_a_live_authorisation_a_message_says_only_to_ask_again() {
    on_both_engines(|mut desk| {
        desk.advised();
        desk.withdraw();
        let messages = desk.messages(&desk.first);
        let [message] = &messages[..] else {
            panic!("{messages:?}")
        };
        let members: Vec<&String> = message.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            [
                "advice",
                "advice_id",
                "ask_again",
                "created_at",
                "id",
                "kind"
            ]
        );
        assert_eq!(
            (&message["ask_again"], &message["advice"], &message["kind"]),
            (&json!(true), &json!(null), &json!(null))
        );
        let id = message["advice_id"].as_str().unwrap().to_owned();
        let refused = format!("post_loan_management R7 {id} not_authorised");
        assert_eq!(desk.log(), [&*refused]);
        let one = desk
            .get(&desk.first, &format!("/v1/advice/{id}?requested_by=R7"))
            .json();
        assert_eq!(
            one,
            json!({"advice_id": id, "ask_again": true, "advice": null})
        );
        let list = |desk: &Desk, query: &str| {
            let path = format!("/v1/advice?requested_by=R7{query}");
            desk.get(&desk.first, &path).json()["advice"].clone()
        };
        assert_eq!(list(&desk, ""), json!([one]));
        // To be found by the merchant or the line would tell of it.
        assert_eq!(list(&desk, &format!("&uscc={}", uscc(1))), json!([]));
        assert_eq!(list(&desk, "&agreement=X-1"), json!([]));
        assert_eq!(desk.log(), [&*refused; 5]);
        for state in ["open", "acknowledged", "lifted"] {
            assert_eq!(list(&desk, &format!("&state={state}")), json!([]));
        }
        // The other bank may know still.
        assert_eq!(
            desk.told(&desk.second),
            ["advice_made Y-1 red_line review open"]
        );
        // It may take note of what it may not be told, which it is not told either.
        let blind = json!({"advice_id": id, "ask_again": true});
        for person in ["R1", "r1", "R2"] {
            let answer = desk.acknowledge(&desk.first, &id, person);
            assert_eq!((answer.status, answer.json()), (200, blind.clone()));
            let logged = format!("post_loan_management {} {id} not_authorised", person);
            assert!(desk.log().contains(&logged), "{:?}", desk.log());
        }
        // Authorised again, it is told.
        let rows = desk.county.rows.get_mut("authorisations").unwrap();
        rows.push(authorisation(1, FIRST, "").replace("SQ-", "SQ2-"));
        desk.import();
        let told = desk.told(&desk.first);
        assert_eq!(told, ["advice_made X-1 red_line freeze_draws acknowledged"]);
        assert_eq!(list(&desk, "&agreement=X-1").as_array().unwrap().len(), 1);
        assert_eq!(list(&desk, "&agreement=X-2"), json!([]));
    });
}

#[test]
fn a_message_stays_until_it_is_received_by_its_own_bank() {
    on_both_engines(|mut desk| {
        desk.grant(&desk.first, "X-2", 1, "p");
        desk.advised();
        let messages = desk.messages(&desk.first);
        let ids: Vec<&Value> = messages.iter().map(|message| &message["id"]).collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(desk.messages(&desk.first).len(), 2);
        let one = desk
            .get(&desk.first, "/v1/messages?requested_by=R7&limit=1")
            .json();
        assert_eq!(one["messages"].as_array().unwrap().len(), 1);
        let path = "/v1/messages/receipts";
        let received = |by: &Caller, ids: &[&Value]| {
            let answer = desk.post(by, path, &json!({"ids": ids}));
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.json()["received"].clone()
        };
        assert_eq!(received(&desk.second, &ids), json!([]));
        assert_eq!(desk.messages(&desk.first).len(), 2);
        assert_eq!(received(&desk.first, &ids[..1]), json!([ids[0]]));
        assert_eq!(received(&desk.first, &ids[..1]), json!([ids[0]]));
        let left = desk.messages(&desk.first);
        assert_eq!((left.len(), &left[0]["id"]), (1, ids[1]));
        for broken in [json!({"ids": []}), json!({"ids": ["msg_1"]}), json!({})] {
            assert_eq!(
                desk.post(&desk.first, path, &broken).code(),
                "broken_fields"
            );
        }
        // The advice is there still.
        let list = desk
            .get(&desk.first, "/v1/advice?requested_by=R7&state=open")
            .json();
        assert_eq!(list["advice"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn advice_is_acknowledged_once_and_not_after_it_was_lifted() {
    on_both_engines(|mut desk| {
        desk.advised();
        let (id, other) = (desk.id_of(&desk.first), desk.id_of(&desk.second));
        // Another bank's is none.
        for foreign in [&*other, "adv_01k0qz3v9kf2m8s3t5y7b9c1d4"] {
            let answer = desk.acknowledge(&desk.first, foreign, "R1");
            assert_eq!((answer.status, &*answer.code()), (404, "not_found"));
            let path = format!("/v1/advice/{foreign}?requested_by=R7");
            assert_eq!(desk.get(&desk.first, &path).code(), "not_found");
        }
        let told = |person: &str| {
            let answer = desk.acknowledge(&desk.first, &id, person);
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.json()
        };
        let first = told("R1");
        assert_eq!(
            (
                &first["acknowledgement"],
                &first["state"],
                &first["acknowledged_by"]
            ),
            (&json!("new"), &json!("acknowledged"), &json!("R1"))
        );
        assert_eq!(told(" r1")["acknowledgement"], "unchanged");
        let another = desk.acknowledge(&desk.first, &id, "R2");
        assert_eq!((another.status, &*another.code()), (409, "advice_status"));
        assert_eq!(
            desk.advice(),
            [
                "first X-1 red_line freeze_draws 2025-06-30 acknowledged",
                "second Y-1 red_line review 2025-06-30 open",
            ]
        );
        let of = |bank| desk.bureau(&["advice", "--bank", bank, "--state", "acknowledged"]);
        assert!(of("first").contains("R1"));
        assert_eq!(of("first"), of(FIRST));
        let log = |bank| desk.bureau(&["queries", "--format", "csv", "--bank", bank]);
        assert!(log("first").lines().count() > 1);
        assert_eq!(log("first"), log(FIRST));
        assert_eq!(desk.bureau(&["advice", "--cause", "tier_drop"]), "");
        let path = format!("/v1/advice/{id}?requested_by=R7");
        let advice = desk.get(&desk.first, &path).json()["advice"].clone();
        assert_eq!(
            (&advice["note"], &advice["lifted_at"]),
            (&json!("已联系商户"), &json!(null))
        );
        desk.list_violation(1, "2025-06-29");
        for (bank, id) in [(&desk.first, &id), (&desk.second, &other)] {
            let late = desk.acknowledge(bank, id, "R3");
            assert_eq!((late.status, &*late.code()), (409, "advice_status"));
        }
        // Each tells where it stands, refused or not.
        let mut told = ["R1", "r1", "R2", "R3"].map(|who| desk.times_told(who, &id));
        told.sort_unstable();
        assert_eq!(told, [1; 4]);
        // Where it may not be told, nothing shows that it was lifted.
        desk.withdraw();
        let blind = desk.acknowledge(&desk.first, &id, "R3");
        assert_eq!(
            (blind.status, blind.json()),
            (200, json!({"advice_id": id, "ask_again": true}))
        );
    });
}
