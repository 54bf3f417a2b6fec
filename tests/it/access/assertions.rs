//! Assertions: three algorithms that pass, and a table of those that do not.

use super::forge::{Forge, Signer, base64url, fresh, put, signed, signed_text};
use super::world::{World, on_both_engines};
use serde_json::{Value, json};

#[test]
fn every_algorithm_gets_a_token_that_opens_the_door() {
    on_both_engines(|mut world| {
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
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(answer.header("cache-control"), "no-store");
            let body = answer.json();
            assert_eq!(body["token_type"], "Bearer");
            assert_eq!(body["expires_in"], 300);
            let token = body["access_token"].as_str().unwrap();
            for door in ["/test/bank", "/test/presented"] {
                let answer = world.get(door, &[("authorization", &format!("Bearer {token}"))]);
                assert_eq!(
                    (answer.status, answer.text.as_str()),
                    (200, "bank-a"),
                    "{door}"
                );
            }
        }
    });
}

/// What is good but unusual passes.
#[test]
fn lenient_where_the_standards_are() {
    on_both_engines(|mut world| {
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
            assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        }
    });
}

type Case = (&'static str, String);

fn of_claims(forge: &Forge<'_>) -> Vec<Case> {
    let now = forge.now;
    let claim = |name: &str, value: Value| forge.claim(name, value);
    let text = |value: i64| Value::from(value.to_string());
    let issuer = forge.issuer.as_str();
    vec![
        ("aud as an array", claim("aud", json!([issuer]))),
        (
            "aud of another issuer",
            claim("aud", "https://other.test".into()),
        ),
        (
            "aud is the token endpoint",
            claim("aud", format!("{issuer}/oauth/token").into()),
        ),
        (
            "aud with a slash",
            claim("aud", format!("{issuer}/").into()),
        ),
        ("aud missing", claim("aud", Value::Null)),
        ("aud as an object", claim("aud", json!({"0": issuer}))),
        ("iss missing", claim("iss", Value::Null)),
        ("sub missing", claim("sub", Value::Null)),
        (
            "iss is not sub",
            claim("sub", "cli_00000000000000000000000000".into()),
        ),
        ("iss as an array", claim("iss", json!([forge.client]))),
        (
            "iss and sub of an unknown client",
            forge.with(|_, claims| {
                put(claims, "iss", "cli_00000000000000000000000000".into());
                put(claims, "sub", "cli_00000000000000000000000000".into());
            }),
        ),
        (
            "iss and sub are no client id",
            forge.with(|_, claims| {
                put(claims, "iss", "admin".into());
                put(claims, "sub", "admin".into());
            }),
        ),
        ("exp missing", claim("exp", Value::Null)),
        ("exp as a string", claim("exp", text(now + 60))),
        (
            "exp as a float",
            claim(
                "exp",
                serde_json::from_str(&format!("{}.0", now + 60)).unwrap(),
            ),
        ),
        ("exp as a bool", claim("exp", true.into())),
        ("exp past by 11 s", claim("exp", json!(now - 11))),
        ("exp now", claim("exp", json!(now))),
        ("exp 61 s after iat", claim("exp", json!(now + 61))),
        (
            "exp 61 s ahead without iat",
            forge.with(|_, claims| {
                put(claims, "iat", Value::Null);
                put(claims, "exp", json!(now + 61));
            }),
        ),
        ("exp at the end of time", claim("exp", json!(i64::MAX))),
        ("exp beyond the end of time", claim("exp", json!(u64::MAX))),
        ("nbf as a string", claim("nbf", text(now))),
        (
            "nbf as a float",
            claim("nbf", serde_json::from_str(&format!("{now}.5")).unwrap()),
        ),
        ("nbf 11 s ahead", claim("nbf", json!(now + 11))),
        ("nbf 61 s ahead", claim("nbf", json!(now + 61))),
        ("iat as a string", claim("iat", text(now))),
        ("iat 11 s ahead", claim("iat", json!(now + 11))),
        ("iat an hour ago", claim("iat", json!(now - 3600))),
        (
            "iat after exp",
            forge.with(|_, claims| {
                put(claims, "iat", json!(now + 9));
                put(claims, "exp", json!(now + 5));
            }),
        ),
        (
            "iat at the beginning of time",
            claim("iat", json!(i64::MIN)),
        ),
        ("jti missing", claim("jti", Value::Null)),
        ("jti empty", claim("jti", "".into())),
        (
            "jti of 129 characters",
            claim("jti", "a".repeat(129).into()),
        ),
        ("jti as a number", claim("jti", json!(7))),
    ]
}

fn of_headers(forge: &Forge<'_>, foreign: &Signer) -> Vec<Case> {
    let by_foreign = |name: &str, value: Value| {
        let mut header = json!({"alg": "ES256", "typ": "JWT"});
        put(&mut header, name, value);
        signed(&header, &forge.claims(), |message| foreign.sign(message))
    };
    let own = foreign.public_jwk();
    let chain = base64url(foreign.public_der());
    vec![
        ("typ of an access token", forge.head("typ", "at+jwt".into())),
        ("typ as a number", forge.head("typ", json!(1))),
        ("crit", forge.head("crit", json!(["exp"]))),
        ("crit of nothing", forge.head("crit", json!([]))),
        ("b64 false", forge.head("b64", false.into())),
        ("foreign kid", forge.head("kid", "foreign".into())),
        ("kid as a number", forge.head("kid", json!(1))),
        (
            "jku with an own key",
            by_foreign("jku", "https://evil.test/jwks".into()),
        ),
        (
            "x5u with an own key",
            by_foreign("x5u", "https://evil.test/x5u".into()),
        ),
        ("jwk with an own key", by_foreign("jwk", own)),
        ("x5c with an own key", by_foreign("x5c", json!([chain]))),
        ("kid with an own key", by_foreign("kid", "key-1".into())),
        ("alg missing", forge.head("alg", Value::Null)),
        ("alg as a list", forge.head("alg", json!(["ES256"]))),
        ("alg in small letters", forge.head("alg", "es256".into())),
        (
            "alg PS256 with an ES256 key",
            forge.head("alg", "PS256".into()),
        ),
        (
            "alg EdDSA with an ES256 key",
            forge.head("alg", "EdDSA".into()),
        ),
        ("alg ES384", forge.head("alg", "ES384".into())),
        (
            "alg none with a signature",
            forge.head("alg", "none".into()),
        ),
    ]
}

fn of_signatures(forge: &Forge<'_>, foreign: &Signer) -> Vec<Case> {
    let (header, claims) = (forge.header(), forge.claims());
    let none = |alg: &str| signed(&json!({"alg": alg}), &forge.claims(), |_| Vec::new());
    let hmac = |secret: &[u8]| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        signed(
            &json!({"alg": "HS256", "typ": "JWT"}),
            &forge.claims(),
            |message| aws_lc_rs::hmac::sign(&key, message).as_ref().to_vec(),
        )
    };
    let good = forge.good();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    let mut later = forge.claims();
    put(&mut later, "exp", json!(forge.now + 59));
    let (pem, der) = (forge.signer.public_pem(), forge.signer.public_der());
    vec![
        ("alg none", none("none")),
        ("alg NONE", none("NONE")),
        (
            "alg none and no third part",
            format!("{}.{payload}", base64url(r#"{"alg":"none"}"#)),
        ),
        ("HS256 with the public PEM", hmac(pem.as_bytes())),
        ("HS256 with the public DER", hmac(&der)),
        (
            "HS256 with the public JWK",
            hmac(forge.signer.public_jwk().to_string().as_bytes()),
        ),
        ("HS256 with nothing", hmac(b"")),
        (
            "another client's key",
            signed(&header, &claims, |message| foreign.sign(message)),
        ),
        ("signature cut short", good[..good.len() - 4].to_owned()),
        ("signature missing", format!("{message}.")),
        (
            "signature of zeros",
            format!("{message}.{}", base64url([0; 64])),
        ),
        (
            "signature in DER form",
            signed(&header, &claims, |message| forge.signer.sign_der(message)),
        ),
        ("signature with padding", format!("{good}==")),
        (
            "signature of another token",
            format!("{}.{signature}", forge.good().rsplit_once('.').unwrap().0),
        ),
        (
            "claims tampered with",
            format!("{head}.{}.{signature}", base64url(later.to_string())),
        ),
        ("a blank in front", format!(" {good}")),
        ("a line break behind", format!("{good}\n")),
        ("a fourth part", format!("{good}.e30")),
        ("an empty part", format!("{head}..{signature}")),
        ("five parts, as encrypted", format!("{good}.AAAA.AAAA")),
        ("not a token", "x".to_owned()),
        ("too long", forge.claim("pad", "x".repeat(8_000).into())),
    ]
}

fn of_texts(forge: &Forge<'_>) -> Vec<Case> {
    let sign = |message: &[u8]| forge.signer.sign(message);
    let header = forge.header().to_string();
    let claims = forge.claims().to_string();
    let doubled = |text: &str, more: String| format!("{},{more}}}", &text[..text.len() - 1]);
    let twice = doubled(&claims, format!("\"exp\":{}", forge.now + 60));
    let escaped = doubled(&claims, format!("\"\\u0065xp\":{}", forge.now + 60));
    let head_twice = doubled(&header, "\"alg\":\"ES256\"".to_owned());
    vec![
        ("claims with exp twice", signed_text(&header, &twice, sign)),
        (
            "claims with exp twice, once escaped",
            signed_text(&header, &escaped, sign),
        ),
        (
            "header with alg twice",
            signed_text(&head_twice, &claims, sign),
        ),
        ("claims as a list", signed_text(&header, "[]", sign)),
        ("claims that are no JSON", signed_text(&header, "{", sign)),
        (
            "something after the claims",
            signed_text(&header, &format!("{claims}{{}}"), sign),
        ),
        (
            "header that is no JSON",
            signed_text("ES256", &claims, sign),
        ),
        (
            "jti null",
            signed_text(
                &header,
                &claims.replace("\"jti\":\"", "\"jti\":null,\"j\":\""),
                sign,
            ),
        ),
        (
            "nbf null",
            signed_text(&header, &doubled(&claims, "\"nbf\":null".to_owned()), sign),
        ),
    ]
}

#[test]
fn every_bad_assertion_is_an_invalid_client() {
    on_both_engines(|mut world| {
        let (signer, foreign) = (Signer::es256(), Signer::es256());
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        world.add_client("bank-b", &foreign.public_jwk().to_string());
        let forge = world.forge(&signer, &client);
        assert_eq!(
            world.ask_token(&forge.good()).status,
            200,
            "the forge itself is good"
        );
        let mut table = of_claims(&forge);
        table.extend(of_headers(&forge, &foreign));
        table.extend(of_signatures(&forge, &foreign));
        table.extend(of_texts(&forge));
        table.push(("an access token as an assertion", world.token(&forge)));
        let rsa = Signer::ps256();
        let of_rsa = world.add_client("bank-a", &rsa.public_pem());
        let by_rsa = world.forge(&rsa, &of_rsa);
        let rs256 = json!({"alg": "RS256", "typ": "JWT"});
        table.push((
            "RS256 with a PS256 key",
            signed(&rs256, &by_rsa.claims(), |it| rsa.sign_pkcs1(it)),
        ));
        let ps256 = by_rsa.header();
        table.push((
            "PKCS#1 padding under PS256",
            signed(&ps256, &by_rsa.claims(), |it| rsa.sign_pkcs1(it)),
        ));
        assert!(table.len() >= 40, "{} cases", table.len());
        for (name, assertion) in &table {
            refused(&world, name, assertion);
        }
    });
}

fn refused(world: &World, name: &str, assertion: &str) {
    let answer = world.ask_token(assertion);
    assert_eq!(answer.status, 401, "{name}: {}", answer.text);
    let body = answer.json();
    assert_eq!(body["error"], "invalid_client", "{name}");
    let told = body["error_description"].as_str().unwrap();
    let fits = |byte: u8| (0x20..=0x7e).contains(&byte) && byte != b'"' && byte != b'\\';
    assert!(
        told.bytes().all(fits),
        "{name}: {told} (RFC 6749, section 5.2)"
    );
    assert_eq!(answer.header("cache-control"), "no-store", "{name}");
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
        refused(&world, "the same assertion", &used);
        let other = world.forge(&one, &first).claim("jti", jti.clone().into());
        refused(&world, "another assertion with the same jti", &other);
        world.restart();
        refused(&world, "after a restart", &used);
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
    on_both_engines(|mut world| {
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
    on_both_engines(|mut world| {
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
