//! What happens once per idempotency key, shown on a door that only the tests know: each effect is a bank.

use crate::access::forge::Signer;
use crate::access::world::World;
use crate::support::{Answer, Engine};
use actix_web::{HttpResponse, post, web};
use daishan_credit::app::App;
use daishan_credit::http::{self, Bank, Code, Field, Keyed, Problem, Words};
use daishan_credit::idempotency::Answered;
use daishan_credit::store::{Conn, Failure, StoreError};
use diesel::connection::SimpleConnection;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

#[derive(serde::Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[schema(schema_with = Field::<Words<1, 20>>::schema)]
    #[validate(nested)]
    what: Field<Words<1, 20>>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

fn effect(conn: &mut Conn, what: &str) -> Result<Answered, Failure<Problem>> {
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let sql = format!("INSERT INTO bank VALUES ('effect-{number}','{what}',0)");
    conn.batch_execute(&sql)
        .map_err(|error| Failure::<Problem>::Store(StoreError::Broken(error)))?;
    match what {
        "refuse" => Err(Failure::Refused(Problem::new(Code::Forbidden))),
        "slow" => {
            thread::sleep(Duration::from_millis(300));
            Ok(())
        }
        _ => Ok(()),
    }?;
    Ok(Answered {
        status: 201,
        body: format!("{{\"number\":{number}}}"),
    })
}

#[utoipa::path(request_body = Asked, responses((status = 201)))]
#[post("/test/{place}")]
async fn door(
    bank: Bank,
    asked: Keyed<Asked>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let what = asked.body.what.good()?.into_string();
    let act = move |_: &App, conn: &mut Conn| effect(conn, &what);
    asked.under.once(&app, bank.client, act).await
}

fn doors(config: &mut ServiceConfig<'_>) {
    http::routes(config);
    config.service(door);
}

/// A client of a bank, and how it signs.
struct Caller(String, Signer);

struct Place {
    world: World,
    one: Caller,
    other: Caller,
}

fn on_both_engines(test: impl Fn(Place)) {
    crate::support::on_both_engines(|engine| test(Place::start(engine)));
}

impl Place {
    fn start(engine: Engine) -> Self {
        let world = World::start_doors(engine, doors, |_| {});
        let mut conn = world.app.store.connection().unwrap();
        let banks = "INSERT INTO bank VALUES ('bank-a','甲',0),('bank-b','乙',0)";
        conn.batch_execute(banks).unwrap();
        drop(conn);
        let caller = |bank| {
            let signer = Signer::es256();
            Caller(world.add_client(bank, &signer.public_pem()), signer)
        };
        let (one, other) = (caller("bank-a"), caller("bank-b"));
        Self { world, one, other }
    }

    /// A token that is good now.
    fn bearer(&self, Caller(client, signer): &Caller) -> String {
        format!(
            "Bearer {}",
            self.world.token(&self.world.forge(signer, client))
        )
    }

    fn post(&self, by: &Caller, place: &str, key: Option<&str>, body: &str) -> Answer {
        post(&self.world, &self.bearer(by), place, key, body)
    }

    fn effects(&self) -> usize {
        crate::intake::world::query(
            &self.world.app.store,
            "SELECT id AS line FROM bank WHERE id LIKE 'effect-%'",
        )
        .len()
    }
}

fn post(world: &World, bearer: &str, place: &str, key: Option<&str>, body: &str) -> Answer {
    let mut headers = vec![
        ("authorization", bearer),
        ("content-type", "application/json"),
    ];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    world.send("POST", &format!("/test/{place}"), &headers, body)
}

const PLAIN: &str = r#"{"what":"plain"}"#;

#[test]
fn a_request_that_comes_again_has_one_effect_and_the_same_answer() {
    on_both_engines(|place| {
        let first = place.post(&place.one, "a", Some("k"), PLAIN);
        assert_eq!(
            (first.status, first.header("idempotent-replayed")),
            (201, "")
        );
        // The same said in another form.
        let again = place.post(
            &place.one,
            "a",
            Some("k"),
            "{ \"what\" : \"pl\\u0061in\" }\n",
        );
        assert_eq!(
            (again.status, again.header("idempotent-replayed")),
            (201, "true")
        );
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!(place.effects(), 1);
        let other = place.post(&place.one, "a", Some("k"), r#"{"what":"other"}"#);
        assert_eq!(
            (other.status, &*other.code()),
            (422, "idempotency_key_reused")
        );
        assert_eq!(place.effects(), 1);
        // Another bank, another path, another key: another request.
        for (bearer, at, key) in [
            (&place.other, "a", "k"),
            (&place.one, "b", "k"),
            (&place.one, "a", "K"),
        ] {
            let new = place.post(bearer, at, Some(key), PLAIN);
            assert_eq!((new.status, new.header("idempotent-replayed")), (201, ""));
            assert_ne!(new.body, first.body);
        }
        assert_eq!(place.effects(), 4);
    });
}

#[test]
fn without_a_key_or_with_a_bad_one_nothing_happens() {
    on_both_engines(|place| {
        let long = "x".repeat(256);
        for key in [None, Some(""), Some("a b"), Some(&*long)] {
            let answer = place.post(&place.one, "a", key, PLAIN);
            assert_eq!(
                (answer.status, &*answer.code()),
                (400, "idempotency_key_required")
            );
        }
        let bearer = place.bearer(&place.one);
        let twice = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", "a"),
            ("idempotency-key", "b"),
        ];
        let answer = place.world.send("POST", "/test/a", &twice, PLAIN);
        assert_eq!(answer.code(), "idempotency_key_required");
        let broken = place.post(&place.one, "a", Some("k"), r#"{"what":7}"#);
        assert_eq!(broken.code(), "broken_fields");
        assert_eq!(
            post(&place.world, "Bearer x", "a", Some("k"), PLAIN).status,
            401
        );
        assert_eq!(place.effects(), 0);
    });
}

#[test]
fn what_is_refused_leaves_no_key_and_what_is_old_is_forgotten() {
    on_both_engines(|place| {
        let refuse = r#"{"what":"refuse"}"#;
        for _ in 0..2 {
            assert_eq!(
                place.post(&place.one, "a", Some("k"), refuse).code(),
                "forbidden"
            );
        }
        assert_eq!(place.effects(), 0);
        let first = place.post(&place.one, "a", Some("k"), PLAIN);
        assert_eq!(first.status, 201);
        let keys = || crate::intake::world::count(&place.world.app.store, "idempotency_key");
        assert_eq!(keys(), 1);
        for (seconds, replayed, kept) in [(7 * 86_400, "true", 1), (1, "", 1)] {
            place.world.clock.advance(seconds);
            let again = place.post(&place.one, "a", Some("k"), PLAIN);
            assert_eq!(
                (again.status, again.header("idempotent-replayed")),
                (201, replayed)
            );
            assert_eq!(keys(), kept);
        }
        assert_eq!(place.effects(), 2);
    });
}

#[test]
fn fifty_at_once_at_two_instances_have_one_effect_and_one_answer() {
    on_both_engines(|place| {
        let (twin, bearer) = (place.world.twin(), place.bearer(&place.one));
        let slow = r#"{"what":"slow"}"#;
        let answers: Vec<Answer> = thread::scope(|scope| {
            let ask = |number: usize| {
                let world = [&place.world, &twin][number % 2];
                let bearer = &*bearer;
                scope.spawn(move || post(world, bearer, "a", Some("k"), slow))
            };
            let threads: Vec<_> = (0..50).map(ask).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(place.effects(), 1);
        let (done, waiting): (Vec<_>, Vec<_>) = answers.iter().partition(|it| it.status == 201);
        assert!(!done.is_empty());
        assert!(done.iter().all(|answer| answer.body == done[0].body));
        let first = done
            .iter()
            .filter(|it| it.header("idempotent-replayed").is_empty());
        assert_eq!(first.count(), 1);
        for answer in waiting {
            assert!(
                [(409, "in_flight"), (503, "busy")].contains(&(answer.status, &*answer.code()))
            );
            assert_eq!(answer.header("retry-after"), "1");
        }
        let after = post(&twin, &bearer, "a", Some("k"), slow);
        assert_eq!((after.status, &after.body), (201, &done[0].body));
    });
}
