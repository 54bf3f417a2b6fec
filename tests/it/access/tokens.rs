//! Access tokens at a bank's door: a table of those that do not open it.

use super::forge::{Signer, base64url, put, signed, signed_text};
use super::world::{ISSUER, World, on_both_engines};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use daishan_credit::access::{Keys, SealingKey, SecretSource, SigningKey};
use daishan_credit::kernel::{Instant, SystemRandomness};
use daishan_credit::store::Failure;
use serde_json::{Value, json};
use std::sync::Arc;

/// Our own signing key, to sign what we never would.
struct Ours {
    key: Arc<SigningKey>,
    client: String,
    now: i64,
}

impl Ours {
    fn of(world: &World, client: &str) -> Self {
        let (app, now) = (&world.app, world.app.clock.now());
        let key = app
            .store
            .write(|conn| app.keys.signing(conn, now, &SystemRandomness));
        Self {
            key: key.unwrap(),
            client: client.to_owned(),
            now: world.now(),
        }
    }

    fn header(&self) -> Value {
        json!({"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid()})
    }

    fn claims(&self) -> Value {
        json!({
            "iss": ISSUER, "sub": self.client, "client_id": self.client, "bank_id": "bank-a", "aud": ISSUER,
            "iat": self.now, "exp": self.now + 300, "jti": super::forge::fresh(), "scope": "scores",
        })
    }

    fn text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", base64url(header), base64url(claims));
        format!("{message}.{}", self.key.sign(message.as_bytes()).unwrap())
    }

    fn claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims();
        put(&mut claims, name, value);
        self.text(&self.header().to_string(), &claims.to_string())
    }

    fn head(&self, name: &str, value: Value) -> String {
        let mut header = self.header();
        put(&mut header, name, value);
        self.text(&header.to_string(), &self.claims().to_string())
    }
}

/// The same signature as X.509 writes it: two integers in a sequence (RFC 7518, section 3.4, wants 64 plain bytes).
fn in_der(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let integer = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let mut number = bytes[zeros..].to_vec();
        if number[0] >= 0x80 {
            number.insert(0, 0);
        }
        [&[2, number.len() as u8][..], &number].concat()
    };
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    let der = [&[0x30, body.len() as u8][..], &body].concat();
    format!("{message}.{}", base64url(der))
}

type Case = (&'static str, String);

fn of_claims(ours: &Ours) -> Vec<Case> {
    let now = ours.now;
    let claim = |name: &str, value: Value| ours.claim(name, value);
    let claims = ours.claims().to_string();
    let twice = format!("{},\"exp\":{}}}", &claims[..claims.len() - 1], now + 300);
    vec![
        ("iss of another", claim("iss", "https://other.test".into())),
        ("iss missing", claim("iss", Value::Null)),
        ("aud of another", claim("aud", "https://other.test".into())),
        ("aud as an array", claim("aud", json!([ISSUER]))),
        ("aud missing", claim("aud", Value::Null)),
        (
            "sub is not client_id",
            claim("sub", "cli_00000000000000000000000000".into()),
        ),
        ("client_id missing", claim("client_id", Value::Null)),
        ("client_id is no id", claim("client_id", "admin".into())),
        ("bank of another", claim("bank_id", "bank-b".into())),
        ("bank missing", claim("bank_id", Value::Null)),
        ("scope missing", claim("scope", Value::Null)),
        (
            "scope of another",
            claim("scope", "scoresheet admin".into()),
        ),
        ("jti missing", claim("jti", Value::Null)),
        ("exp missing", claim("exp", Value::Null)),
        (
            "exp as a string",
            claim("exp", (now + 300).to_string().into()),
        ),
        (
            "exp as a float",
            claim(
                "exp",
                serde_json::from_str(&format!("{}.0", now + 300)).unwrap(),
            ),
        ),
        ("exp now", claim("exp", json!(now))),
        ("exp past", claim("exp", json!(now - 61))),
        ("exp 301 s after iat", claim("exp", json!(now + 301))),
        ("nbf as a string", claim("nbf", now.to_string().into())),
        (
            "nbf as a float",
            claim("nbf", serde_json::from_str(&format!("{now}.5")).unwrap()),
        ),
        ("nbf 11 s ahead", claim("nbf", json!(now + 11))),
        ("iat missing", claim("iat", Value::Null)),
        ("iat as a string", claim("iat", now.to_string().into())),
        ("iat 11 s ahead", claim("iat", json!(now + 11))),
        ("exp twice", ours.text(&ours.header().to_string(), &twice)),
    ]
}

fn of_forms(ours: &Ours, good: &str, foreign: &Signer) -> Vec<Case> {
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, _) = message.split_once('.').unwrap();
    let by_foreign =
        |header: &Value| signed(header, &ours.claims(), |message| foreign.sign(message));
    let mut with_key = ours.header();
    with_key["jwk"] = foreign.public_jwk();
    let mut with_url = ours.header();
    with_url["jku"] = "https://evil.test/jwks".into();
    let mut of_other = ours.claims();
    of_other["bank_id"] = "bank-b".into();
    let mut of_hmac = ours.header();
    of_hmac["alg"] = "HS256".into();
    let secret = ours.key.public().jwk().as_bytes().to_vec();
    let hmac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
    let none = json!({"alg": "none", "typ": "at+jwt", "kid": ours.key.kid()});
    vec![
        ("typ JWT", ours.head("typ", "JWT".into())),
        ("typ missing", ours.head("typ", Value::Null)),
        ("typ in other letters", ours.head("typ", "AT+JWT".into())),
        ("kid missing", ours.head("kid", Value::Null)),
        ("foreign kid", ours.head("kid", "foreign".into())),
        ("kid as a list", ours.head("kid", json!([ours.key.kid()]))),
        ("crit", ours.head("crit", json!(["exp"]))),
        ("alg switched to EdDSA", ours.head("alg", "EdDSA".into())),
        ("alg switched to ES384", ours.head("alg", "ES384".into())),
        ("alg none", signed(&none, &ours.claims(), |_| Vec::new())),
        (
            "HS256 with the public key",
            signed(&of_hmac, &ours.claims(), |message| {
                aws_lc_rs::hmac::sign(&hmac, message).as_ref().to_vec()
            }),
        ),
        (
            "signed by another key under our kid",
            by_foreign(&ours.header()),
        ),
        ("jwk with an own key", by_foreign(&with_key)),
        ("jku with an own key", by_foreign(&with_url)),
        (
            "own key under its own kid",
            by_foreign(&json!({"alg": "ES256", "typ": "at+jwt", "kid": "own"})),
        ),
        (
            "claims tampered with",
            format!("{head}.{}.{signature}", base64url(of_other.to_string())),
        ),
        ("signature cut short", good[..good.len() - 2].to_owned()),
        ("signature missing", format!("{message}.")),
        ("signature in DER form", in_der(good)),
        ("a fourth part", format!("{good}.e30")),
        ("padding", format!("{good}=")),
        ("not a token", "x".to_owned()),
        ("empty", String::new()),
        (
            "too long",
            format!("{head}.{}.{signature}", base64url("x".repeat(9_000))),
        ),
        (
            "claims that are no JSON",
            signed_text(&ours.header().to_string(), "{", |it| foreign.sign(it)),
        ),
    ]
}

#[test]
fn every_bad_token_is_refused() {
    on_both_engines(|world| {
        let (signer, foreign) = (Signer::es256(), Signer::es256());
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        let forge = world.forge(&signer, &client);
        let good = world.token(&forge);
        let ours = Ours::of(&world, &client);
        let own = ours.claim("nbf", json!(ours.now + 9));
        assert_eq!(
            world.with_token("/test/bank", &own).status,
            200,
            "the forge itself is good"
        );
        let mut table = of_claims(&ours);
        table.extend(of_forms(&ours, &good, &foreign));
        table.push(("an assertion as a token", forge.good()));
        table.push((
            "an assertion typed as a token",
            forge.head("typ", "at+jwt".into()),
        ));
        table.push((
            "of an unknown client",
            Ours::of(&world, "cli_00000000000000000000000000").claim("x", json!(1)),
        ));
        assert!(table.len() >= 40, "{} cases", table.len());
        for (name, token) in &table {
            refused(&world, name, &[&bearer(token)]);
        }
    });
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

fn refused(world: &World, name: &str, headers: &[&str]) {
    let answer = world.with_authorization("/test/bank", headers);
    assert_eq!(answer.status, 401, "{name}: {}", answer.text());
    assert!(
        answer.header("www-authenticate").starts_with("Bearer"),
        "{name}"
    );
    assert_eq!(answer.code(), "unauthenticated", "{name}");
}

#[test]
fn only_one_bearer_header_carries_a_token() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        let token = world.token(&world.forge(&signer, &client));
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let answer = world.with_authorization("/test/bank", &[&format!("{scheme} {token}")]);
            assert_eq!(answer.status, 200, "{scheme} (RFC 9110, section 11.1)");
        }
        refused(&world, "no header", &[]);
        for text in [
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            token.clone(),
            format!("Basic {token}"),
            format!("Bearer{token}"),
            format!("Bearer {token} x"),
            format!("Bearer\t{token}"),
            format!("Bearer {token},{token}"),
            format!("Bearer \"{token}\""),
        ] {
            refused(&world, &text, &[&text]);
        }
        let twice = bearer(&token);
        refused(&world, "two headers", &[&twice, &twice]);
        let in_query = world.get(&format!("/test/bank?access_token={token}"));
        assert_eq!(in_query.code(), "unauthenticated");
        let form = format!("access_token={token}");
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let in_form = world.send("POST", "/test/bank", &kind, form);
        assert_eq!(in_form.code(), "unauthenticated");
    });
}

#[test]
fn a_token_ends_when_it_says_also_where_it_was_remembered() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        let token = world.token(&world.forge(&signer, &client));
        assert_eq!(world.with_token("/test/presented", &token).status, 200);
        world.advance(299);
        assert_eq!(world.with_token("/test/presented", &token).status, 200);
        world.advance(1);
        assert_eq!(world.with_token("/test/presented", &token).status, 401);
        refused(&world, "expired", &[&bearer(&token)]);
    });
}

#[test]
fn a_disabled_client_stops_at_once() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        let other = world.add_client("bank-a", &signer.public_jwk().to_string());
        let token = world.token(&world.forge(&signer, &client));
        let of_other = world.token(&world.forge(&signer, &other));
        assert_eq!(world.with_token("/test/bank", &token).status, 200);
        world.disable(&client);
        refused(&world, "disabled", &[&bearer(&token)]);
        let answer = world.ask_token(&world.forge(&signer, &client).good());
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (401, Some("invalid_client"))
        );
        assert_eq!(
            world.with_token("/test/bank", &of_other).status,
            200,
            "the bank's other client goes on"
        );
        // The committer checks the client in its batch, so the token alone is still presented.
        assert_eq!(world.with_token("/test/presented", &token).status, 200);
    });
}

#[test]
fn a_token_of_another_issuer_is_not_ours() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        let token = world.token(&world.forge(&signer, &client));
        let source = SecretSource::Setting(SealingKey::generate(&SystemRandomness));
        let keys = Keys::new(
            "https://other.test/",
            source,
            std::time::Duration::from_secs(300),
        );
        assert_eq!(keys.issuer(), "https://other.test");
        let now: Instant = world.app.clock.now();
        let outcome = keys.verify(&world.app.store, &token, now);
        assert!(matches!(outcome, Err(Failure::Refused(_))));
    });
}
