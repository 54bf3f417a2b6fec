//! The signing key changes while tokens are about, on one instance and on several.

use super::forge::Signer;
use super::world::{World, on_both_engines};
use daishan_credit::access::{ClientPair, PublicKey, SealingError};
use daishan_credit::app::App;
use daishan_credit::embedded::Configuration;
use daishan_credit::flows::rotate_key::{ensure_key, rotate_key};
use daishan_credit::kernel::{SystemClock, SystemRandomness};
use daishan_credit::store::Failure;
use std::sync::Arc;

fn kids(world: &World) -> Vec<String> {
    let answer = world.get("/.well-known/jwks.json");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/jwk-set+json");
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    for key in &keys {
        assert!(key.get("d").is_none(), "the private half is published");
        let key = key.to_string();
        assert_eq!(
            PublicKey::parse(&key).unwrap().algorithm().as_str(),
            "ES256"
        );
    }
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn opens(world: &World, token: &str) -> bool {
    world.with_token("/test/bank", token).status == 200
}

#[test]
fn rotation_breaks_nobody_and_ends_the_old_key() {
    on_both_engines(|mut world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        let old = world.token(&world.forge(&signer, &client));
        let before = kids(&world);
        assert_eq!(before.len(), 1);
        // Another process changes the key; this one has read the old set this very second.
        assert!(opens(&world, &old));
        world.advance(1);
        let kid = world.rotate();
        world.advance(1);
        let new = world.token(&world.forge(&signer, &client));
        assert_eq!(
            sorted(kids(&world)),
            sorted([kid.clone(), before[0].clone()]),
            "both are published"
        );
        assert!(opens(&world, &new) && opens(&world, &old));
        world.advance(297);
        assert!(opens(&world, &old), "it has one second left");
        world.restart();
        assert!(opens(&world, &old), "also where nothing was remembered");
        world.advance(12);
        assert_eq!(
            sorted(kids(&world)),
            [kid],
            "all tokens of the old key have expired"
        );
        assert!(!opens(&world, &old));
    });
}

#[test]
fn a_token_signed_late_with_a_retired_key_is_refused() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        // A thief keeps the private half, and signs after the key was retired.
        let (app, store) = (&world.app, &world.app.store);
        let now = app.clock.now();
        let stolen = store
            .write(|conn| app.keys.signing(conn, now, &SystemRandomness))
            .unwrap();
        world.rotate();
        let forged = |world: &World| {
            let now = world.app.clock.now();
            let client = store
                .read(|conn| {
                    let id = client.parse().unwrap();
                    Ok::<_, Failure<SealingError>>(daishan_credit::access::records::client(
                        conn, id,
                    )?)
                })
                .unwrap()
                .unwrap();
            let times = (now, 300);
            daishan_credit::access::token::issue(
                &stolen,
                app.keys.issuer(),
                &client,
                times,
                &SystemRandomness,
            )
            .unwrap()
        };
        world.advance(305);
        let token = forged(&world);
        assert!(
            opens(&world, &token),
            "within the time that honest tokens need"
        );
        world.advance(5);
        assert!(
            !opens(&world, &token),
            "not longer, though the token says so"
        );
        assert!(!opens(&world, &forged(&world)));
    });
}

#[test]
fn instances_know_each_other_s_keys_and_the_private_halves_go() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        let token = world.token(&world.forge(&signer, &client));
        let other = world.beside();
        let now = other.clock.now();
        assert!(other.keys.verify(&other.store, &token, now).is_ok());
        world.rotate();
        let sealed: Vec<Vec<u8>> = {
            use daishan_credit::store::schema::signing_key::dsl::{
                retired_at, sealed, signing_key,
            };
            use diesel::prelude::*;
            let mut conn = other.store.connection().unwrap();
            let conn: &mut daishan_credit::store::Conn = &mut conn;
            signing_key
                .filter(retired_at.is_not_null())
                .select(sealed)
                .load(conn)
                .unwrap()
        };
        assert_eq!(sealed, [Vec::<u8>::new()]);
    });
}

#[test]
fn metadata_names_the_doors() {
    on_both_engines(|world| {
        let answer = world.get("/.well-known/oauth-authorization-server");
        assert_eq!(answer.header("content-type"), "application/json");
        let body = answer.json();
        assert_eq!(body["issuer"], "https://credit.test");
        assert_eq!(body["token_endpoint"], "https://credit.test/oauth/token");
        assert_eq!(
            body["jwks_uri"],
            "https://credit.test/.well-known/jwks.json"
        );
        assert_eq!(
            body["token_endpoint_auth_methods_supported"],
            serde_json::json!(["private_key_jwt"])
        );
    });
}

/// Without a setting: a file beside the database on SQLite, an error with its cure on PostgreSQL.
#[test]
fn the_sealing_key_has_a_place() {
    on_both_engines(|world| {
        let mut settings = world.app.settings.clone();
        settings.secret = None;
        let clock = Arc::new(SystemClock);
        let build = || {
            let randomness = Arc::new(SystemRandomness);
            let configuration = Configuration::embedded();
            App::build(settings.clone(), &configuration, clock.clone(), randomness).unwrap()
        };
        let app = build();
        let outcome = ensure_key(&app.store, &app.keys, &*clock, &SystemRandomness);
        if app.store.url().is_sqlite() {
            let kid = outcome.unwrap();
            let again = build();
            assert_eq!(
                ensure_key(&again.store, &again.keys, &*clock, &SystemRandomness).unwrap(),
                kid
            );
            let file = world.database.file().display().to_string() + ".key";
            std::fs::remove_file(&file).unwrap();
            let lost = build();
            let outcome = ensure_key(&lost.store, &lost.keys, &*clock, &SystemRandomness);
            assert!(matches!(
                outcome,
                Err(Failure::Refused(SealingError::OtherSecret))
            ));
            assert_ne!(
                rotate_key(&lost.store, &lost.keys, &*clock, &SystemRandomness).unwrap(),
                kid
            );
        } else {
            assert!(matches!(
                outcome,
                Err(Failure::Refused(SealingError::NoSecret))
            ));
        }
    });
}

#[test]
fn the_pair_of_a_demonstration_asks_as_a_bank_would() {
    on_both_engines(|world| {
        let pair = ClientPair::generate().unwrap();
        assert!(!format!("{pair:?}").contains("PRIVATE"));
        let client = world.add_client("bank-a", pair.public.jwk());
        let now = world.app.clock.now();
        let id = client.parse().unwrap();
        let assertion = pair
            .assertion(id, world.app.keys.issuer(), now, &SystemRandomness)
            .unwrap();
        assert_eq!(world.ask_token(&assertion).status, 200);
        let pem = pair.private_pem();
        assert!(
            pem.lines().all(|line| line.len() <= 64)
                && pem.starts_with("-----BEGIN PRIVATE KEY-----\n")
        );
        assert!(jsonwebtoken::EncodingKey::from_ec_pem(pem.as_bytes()).is_ok());
    });
}

/// Two keys made in the same moment are published in no particular order.
fn sorted(kids: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kids: Vec<String> = kids.into_iter().collect();
    kids.sort();
    kids
}
