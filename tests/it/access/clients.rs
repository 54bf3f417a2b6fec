//! Keys that a client may be registered with, and the form of a token request.

use super::forge::{Signer, base64url};
use super::world::on_both_engines;
use daishan_credit::access::{Algorithm, NotAKey, PublicKey};
use daishan_credit::county::records::bank_by_id;
use daishan_credit::store::StoreError;
use serde_json::{Value, json};

#[test]
fn public_keys_of_three_kinds_are_taken_from_jwk_and_pem() {
    let (ec, ed, rsa) = (Signer::es256(), Signer::eddsa(), Signer::ps256());
    for (signer, algorithm) in [(&ec, Algorithm::Es256), (&ed, Algorithm::EdDsa)] {
        let by_jwk = PublicKey::parse(&signer.public_jwk().to_string()).unwrap();
        let by_pem = PublicKey::parse(&signer.public_pem()).unwrap();
        assert_eq!(
            (by_jwk.algorithm(), by_pem.algorithm()),
            (algorithm, algorithm)
        );
        assert_eq!(by_jwk.jwk(), by_pem.jwk());
        // What is stored reads back as the same key.
        assert_eq!(PublicKey::parse(by_pem.jwk()).unwrap().jwk(), by_pem.jwk());
    }
    let by_pem = PublicKey::parse(&format!(
        "\u{feff}{}",
        rsa.public_pem().replace('\n', "\r\n")
    ))
    .unwrap();
    assert_eq!(by_pem.algorithm(), Algorithm::Ps256);
    let again = PublicKey::parse(by_pem.jwk()).unwrap();
    assert_eq!(again.thumbprint(), by_pem.thumbprint());
}

/// The key and the thumbprint of RFC 8037, appendix A.3.
#[test]
fn a_thumbprint_is_that_of_the_standard() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let key = PublicKey::parse(jwk).unwrap();
    assert_eq!(
        key.thumbprint(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn other_keys_are_refused_with_their_cause() {
    let (ec, ed, rsa) = (Signer::es256(), Signer::eddsa(), Signer::ps256());
    let of_ec = |name: &str, value: Value| {
        let mut jwk = ec.public_jwk();
        jwk[name] = value;
        jwk.to_string()
    };
    let of_rsa = |n: &[u8], e: &[u8]| {
        json!({"kty": "RSA", "n": base64url(n), "e": base64url(e)}).to_string()
    };
    let odd = |bytes: usize| {
        let mut n = vec![0xff; bytes];
        n[bytes - 1] = 0x01;
        n
    };
    let f4 = [1, 0, 1];
    let p384 =
        json!({"kty": "EC", "crv": "P-384", "x": base64url([1; 48]), "y": base64url([1; 48])});
    let table = [
        ("private PEM", ec.private_pem(), NotAKey::Private),
        ("private RSA PEM", rsa.private_pem(), NotAKey::Private),
        (
            "private PEM of old",
            "-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----".into(),
            NotAKey::Private,
        ),
        (
            "both halves",
            format!("{}{}", ed.public_pem(), ed.private_pem()),
            NotAKey::Private,
        ),
        ("private JWK", of_ec("d", "AAAA".into()), NotAKey::Private),
        (
            "secret",
            json!({"kty": "oct", "k": "AAAA"}).to_string(),
            NotAKey::Private,
        ),
        (
            "certificate",
            "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----".into(),
            NotAKey::Certificate,
        ),
        (
            "PKCS#1",
            "-----BEGIN RSA PUBLIC KEY-----\nAA==\n-----END RSA PUBLIC KEY-----".into(),
            NotAKey::Pkcs1,
        ),
        (
            "two keys",
            format!("{}{}", ed.public_pem(), ec.public_pem()),
            NotAKey::Unreadable,
        ),
        ("nothing", String::new(), NotAKey::Unreadable),
        ("a text", "key".into(), NotAKey::Unreadable),
        (
            "kty twice",
            r#"{"kty":"EC","kty":"EC"}"#.into(),
            NotAKey::Unreadable,
        ),
        (
            "a set",
            json!({"keys": [ec.public_jwk()]}).to_string(),
            NotAKey::Unreadable,
        ),
        ("P-384", p384.to_string(), NotAKey::Kind),
        ("secp256k1", of_ec("crv", "secp256k1".into()), NotAKey::Kind),
        (
            "Ed448",
            json!({"kty": "OKP", "crv": "Ed448", "x": "AAAA"}).to_string(),
            NotAKey::Kind,
        ),
        (
            "X25519",
            json!({"kty": "OKP", "crv": "X25519", "x": base64url([9; 32])}).to_string(),
            NotAKey::Kind,
        ),
        (
            "DER of something else",
            "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----".into(),
            NotAKey::Kind,
        ),
        (
            "point off the curve",
            of_ec("y", base64url([1; 32]).into()),
            NotAKey::Numbers,
        ),
        (
            "short coordinate",
            of_ec("x", base64url([1; 31]).into()),
            NotAKey::Numbers,
        ),
        (
            "coordinate with padding",
            of_ec("x", format!("{}=", base64url([1; 32])).into()),
            NotAKey::Numbers,
        ),
        (
            "Ed25519 of small order",
            json!({"kty": "OKP", "crv": "Ed25519", "x": base64url([0; 32])}).to_string(),
            NotAKey::Numbers,
        ),
        (
            "alg of another kind",
            of_ec("alg", "RS256".into()),
            NotAKey::Purpose,
        ),
        (
            "for encryption",
            of_ec("use", "enc".into()),
            NotAKey::Purpose,
        ),
        (
            "for signing",
            of_ec("key_ops", json!(["sign"])),
            NotAKey::Purpose,
        ),
        ("RSA of 1024 bits", of_rsa(&odd(128), &f4), NotAKey::Size),
        ("RSA of 2040 bits", of_rsa(&odd(255), &f4), NotAKey::Size),
        (
            "RSA of 2040 bits with zeros",
            of_rsa(&[&[0; 8][..], &odd(255)].concat(), &f4),
            NotAKey::Size,
        ),
        ("RSA of 16384 bits", of_rsa(&odd(2048), &f4), NotAKey::Size),
        ("RSA with e = 1", of_rsa(&odd(256), &[1]), NotAKey::Exponent),
        ("RSA with e = 3", of_rsa(&odd(256), &[3]), NotAKey::Exponent),
        (
            "RSA with an even e",
            of_rsa(&odd(256), &[1, 0, 2]),
            NotAKey::Exponent,
        ),
        (
            "RSA with a huge e",
            of_rsa(&odd(256), &[1; 5]),
            NotAKey::Exponent,
        ),
        (
            "RSA with an even n",
            of_rsa(&[0xfe; 256], &f4),
            NotAKey::Numbers,
        ),
    ];
    for (name, text, expected) in table {
        assert_eq!(PublicKey::parse(&text).map(|_| ()), Err(expected), "{name}");
    }
}

#[test]
fn a_token_request_is_a_form_with_known_words() {
    on_both_engines(|world| {
        let signer = Signer::es256();
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        let other = world.add_client("bank-b", &signer.public_jwk().to_string());
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let forge = world.forge(&signer, &client);
        let ask = |name: &str, value: &str| {
            let assertion = forge.good();
            let mut form = vec![
                ("grant_type", "client_credentials"),
                ("client_assertion_type", kind),
                ("client_assertion", assertion.as_str()),
            ];
            form.retain(|(known, _)| *known != name);
            form.push((name, value));
            let answer = world.post_form(&form);
            assert_eq!(answer.header("cache-control"), "no-store");
            (
                answer.status,
                answer.json()["error"].as_str().unwrap_or("").to_owned(),
            )
        };
        let table = [
            ("client_id", client.as_str(), 200, ""),
            ("scope", "scores", 200, ""),
            ("client_id", other.as_str(), 401, "invalid_client"),
            ("client_id", "x", 401, "invalid_client"),
            ("scope", "admin", 400, "invalid_scope"),
            ("grant_type", "password", 400, "unsupported_grant_type"),
            ("grant_type", "", 400, "invalid_request"),
            ("client_assertion", "", 401, "invalid_client"),
            ("client_assertion_type", "urn:other", 401, "invalid_client"),
            ("client_secret", "x", 400, "invalid_request"),
            ("code", "x", 400, "invalid_request"),
        ];
        for (name, value, status, error) in table {
            assert_eq!(
                ask(name, value),
                (status, error.to_owned()),
                "{name}={value}"
            );
        }
        let body = format!(
            "grant_type=client_credentials&client_assertion_type={}&client_assertion={}",
            kind.replace(':', "%3A"),
            forge.good()
        );
        let form = ("content-type", "application/x-www-form-urlencoded");
        let with = |path: &str, headers: &[(&str, &str)], body: &str| {
            let answer = world.send("POST", path, headers, body);
            (
                answer.status,
                answer.json()["error"].as_str().unwrap_or("").to_owned(),
            )
        };
        let bad = |status| (status, "invalid_request".to_owned());
        let token = "/oauth/token";
        assert_eq!(
            with(token, &[("content-type", "application/json")], "{}"),
            bad(400)
        );
        assert_eq!(
            with(token, &[form, ("authorization", "Basic eDp5")], &body),
            bad(400)
        );
        assert_eq!(
            with("/oauth/token?grant_type=client_credentials", &[form], &body),
            bad(400)
        );
        assert_eq!(
            with(
                token,
                &[form],
                &format!("{body}&grant_type=client_credentials")
            ),
            bad(400)
        );
        assert_eq!(with(token, &[form], &"x".repeat(300_000)), bad(413));
        assert_eq!(with(token, &[form], &body).0, 200);
    });
}

#[test]
fn a_bank_is_found_by_its_id_and_none_is_never_a_blank_one() {
    on_both_engines(|world| {
        let mut conn = world.app.store.connection().unwrap();
        assert_eq!(bank_by_id(&mut conn, "bank-b").unwrap().name, "乙");
        // Its name is no id.
        for unknown in ["乙", ""] {
            let told = bank_by_id(&mut conn, unknown);
            assert!(matches!(told, Err(StoreError::Content(_))), "{told:?}");
        }
    });
}
