//! Assertions: three algorithms that pass, once each.

use super::bad_assertions::refused;
use super::forge::{Forge, Signer, base64url, fresh, put};
use super::world::on_both_engines;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use daishan_credit::access::AssertionRefusal::Replayed;
use daishan_credit::access::{Assertion, PublicKey};
use daishan_credit::kernel::Instant;
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};
use std::sync::LazyLock;

#[test]
fn every_algorithm_gets_a_token_that_opens_the_door() {
    on_both_engines(|world| {
        let ec = Signer::es256();
        let (rsa, ed) = (Signer::ps256(), Signer::eddsa());
        let keys = [
            (&ec, ec.public_jwk().to_string()),
            (&ec, ec.public_pem()),
            (&rsa, rsa.public_pem()),
            (&ed, ed.public_jwk().to_string()),
            (&ed, ed.public_pem()),
        ];
        for (signer, key) in keys {
            let client = world.add_client("bank-a", &key);
            let forge = world.forge(signer, &client);
            let answer = world.ask_token(&forge.good());
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.header("cache-control"), "no-store");
            let body = answer.json();
            assert_eq!(body["token_type"], "Bearer");
            assert_eq!(body["expires_in"], 300);
            let token = body["access_token"].as_str().unwrap();
            for door in ["/test/bank", "/test/presented"] {
                let answer = world.with_token(door, token);
                assert_eq!((answer.status, answer.text()), (200, "bank-a"), "{door}");
            }
        }
    });
}

/// What is good but unusual passes.
#[test]
fn lenient_where_the_standards_are() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let mut jwk = signer.public_jwk();
        jwk["kid"] = "key-1".into();
        let client = world.add_client("bank-a", &jwk.to_string());
        let forge = world.forge(&signer, &client);
        let now = forge.now;
        let own = json!({"kty": "EC"});
        let table = [
            (
                "typ is client-authentication+jwt",
                forge.head("typ", "client-authentication+jwt".into()),
            ),
            ("no typ", forge.head("typ", Value::Null)),
            (
                "iat and nbf 9 s ahead",
                forge.with(|_, claims| {
                    put(claims, "iat", json!(now + 9));
                    put(claims, "nbf", json!(now + 9));
                    put(claims, "exp", json!(now + 69));
                }),
            ),
            ("no iat", forge.claim("iat", Value::Null)),
            ("nbf long ago", forge.claim("nbf", json!(now - 3600))),
            (
                "kid of the registered JWK",
                forge.head("kid", "key-1".into()),
            ),
            (
                "jku, x5u and jwk that nobody looks at",
                forge.with(|header, _| {
                    put(header, "jku", "https://evil.test/jwks".into());
                    put(header, "x5u", "https://evil.test/x5u".into());
                    put(header, "jwk", own);
                }),
            ),
            (
                "a claim that we do not know",
                forge.claim("azp", json!({"a": [1]})),
            ),
            (
                "a jti of 128 characters",
                forge.claim("jti", "号".repeat(128).into()),
            ),
            (
                "exp in 1 s",
                forge.with(|_, claims| {
                    put(claims, "iat", json!(now - 59));
                    put(claims, "exp", json!(now + 1));
                }),
            ),
        ];
        for (name, assertion) in table {
            let answer = world.ask_token(&assertion);
            assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        }
    });
}

#[test]
fn a_jti_is_good_once_also_after_a_restart_and_for_each_client_apart() {
    on_both_engines(|mut world| {
        let (one, two) = (Signer::es256(), Signer::es256());
        let first = world.add_client("bank-a", &one.public_jwk().to_string());
        let second = world.add_client("bank-b", &two.public_jwk().to_string());
        let jti = fresh();
        let used = world.forge(&one, &first).claim("jti", jti.clone().into());
        assert_eq!(world.ask_token(&used).status, 200);
        refused(&world, "the same assertion", Replayed, &used);
        let other = world.forge(&one, &first).claim("jti", jti.clone().into());
        refused(
            &world,
            "another assertion with the same jti",
            Replayed,
            &other,
        );
        world.restart();
        refused(&world, "after a restart", Replayed, &used);
        let of_second = world.forge(&two, &second).claim("jti", jti.into());
        assert_eq!(
            world.ask_token(&of_second).status,
            200,
            "another client's jti is its own"
        );
    });
}

#[test]
fn of_fifty_uses_at_once_one_gets_a_token() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        let assertion = world.forge(&signer, &client).good();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..50)
                .map(|_| scope.spawn(|| world.ask_token(&assertion).status))
                .collect();
            asked.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let count = |status| statuses.iter().filter(|it| **it == status).count();
        assert_eq!(count(200), 1, "{statuses:?}");
        assert_eq!(count(200) + count(401) + count(503), 50, "{statuses:?}");
    });
}

#[test]
fn expired_uses_are_forgotten() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        for _ in 0..3 {
            assert_eq!(
                world
                    .ask_token(&world.forge(&signer, &client).good())
                    .status,
                200
            );
        }
        assert_eq!(world.used_assertions(), 3);
        world.advance(121);
        assert_eq!(
            world
                .ask_token(&world.forge(&signer, &client).good())
                .status,
            200
        );
        assert_eq!(world.used_assertions(), 1);
    });
}

/// Pure: whichever character of a good assertion is changed, dropped or doubled, it is good no more.
#[test]
fn no_changed_character_goes_unseen() {
    let issuer = "https://credit.test";
    let now = Instant::from_seconds(1_767_225_600);
    for signer in [Signer::es256(), Signer::ps256(), Signer::eddsa()] {
        let key = PublicKey::parse(&signer.public_pem()).unwrap();
        let forge = Forge {
            signer: &signer,
            client: "cli_01h455vb4pex5vsknk084sn02q".to_owned(),
            issuer: issuer.to_owned(),
            now: now.seconds(),
        };
        let good = forge.good();
        let holds = |text: &str| {
            let assertion = Assertion::parse(text);
            assertion.is_ok_and(|it| it.check(&key, issuer, now).is_ok())
        };
        assert!(holds(&good));
        for at in 0..good.len() {
            let (head, tail) = (&good[..at], &good[at + 1..]);
            let own = &good[at..=at];
            for other in ["", "A", "B", "_", ".", "=", " ", "+", "号", &own.repeat(2)] {
                let changed = format!("{head}{other}{tail}");
                assert!(
                    changed == good || !holds(&changed),
                    "{at} {other}: {changed}"
                );
            }
        }
    }
}

proptest! {
    /// Whatever is sent is refused without a panic.
    #[test]
    fn no_text_is_too_strange(text in "\\PC*", bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(Assertion::parse(&text).is_err());
        prop_assert!(PublicKey::parse(&text).is_err());
        let part = |bytes: &[u8]| base64url(bytes);
        let strange = format!("{}.{}.{}", part(text.as_bytes()), part(&bytes), part(&bytes));
        prop_assert!(Assertion::parse(&strange).is_err());
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
            STANDARD.encode(&bytes)
        );
        prop_assert!(PublicKey::parse(&pem).is_err());
    }

    /// A public key of RSA with some bytes changed is read or refused, and what is read is written the same again.
    #[test]
    fn a_changed_key_is_read_or_refused(at in 0usize..294, byte in any::<u8>(), cut in 0usize..294) {
        static DER: LazyLock<Vec<u8>> = LazyLock::new(|| Signer::ps256().public_der());
        let mut der = DER.clone();
        der[at] = byte;
        let pem = |der: &[u8]| {
            let text = STANDARD.encode(der);
            PublicKey::parse(&format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----"))
        };
        prop_assert!(pem(&DER[..cut]).is_err());
        if let Ok(key) = pem(&der) {
            let again = PublicKey::parse(key.jwk()).unwrap();
            prop_assert_eq!(again.jwk(), key.jwk());
        }
    }
}
