//! The table of assertions that get no token, each for a reason of its own.

use super::forge::{Forge, Signer, base64url, put, signed, signed_text};
use super::world::{World, on_both_engines};
use daishan_credit::access::AssertionRefusal::{self, *};
use serde_json::{Value, json};

type Case = (&'static str, AssertionRefusal, String);

const NOBODY: &str = "cli_00000000000000000000000000";

/// A number with a fraction, which `json!` would need a float for.
fn fraction(text: String) -> Value {
    serde_json::from_str(&text).unwrap()
}

fn of_identity(forge: &Forge<'_>) -> Vec<Case> {
    let claim = |name: &str, value: Value| forge.claim(name, value);
    let of_both = |id: &str| {
        forge.with(|_, claims| {
            put(claims, "iss", id.into());
            put(claims, "sub", id.into());
        })
    };
    let issuer = forge.issuer.as_str();
    let endpoint = format!("{issuer}/oauth/token");
    let slash = format!("{issuer}/");
    vec![
        ("aud as an array", Audience, claim("aud", json!([issuer]))),
        (
            "aud as an array of two",
            Audience,
            claim("aud", json!([issuer, "https://other.test"])),
        ),
        (
            "aud of another issuer",
            Audience,
            claim("aud", "https://other.test".into()),
        ),
        (
            "aud is the token endpoint",
            Audience,
            claim("aud", endpoint.into()),
        ),
        ("aud with a slash", Audience, claim("aud", slash.into())),
        ("aud missing", Audience, claim("aud", Value::Null)),
        (
            "aud as an object",
            Audience,
            claim("aud", json!({"0": issuer})),
        ),
        ("iss missing", Identity, claim("iss", Value::Null)),
        ("sub missing", Identity, claim("sub", Value::Null)),
        ("iss is not sub", Identity, claim("sub", NOBODY.into())),
        (
            "iss as an array",
            Identity,
            claim("iss", json!([forge.client])),
        ),
        ("unknown client", NotTheClient, of_both(NOBODY)),
        ("no client id", NotTheClient, of_both("admin")),
        (
            "client id in capitals",
            NotTheClient,
            of_both(&forge.client.to_uppercase()),
        ),
        ("jti missing", Jti, claim("jti", Value::Null)),
        ("jti empty", Jti, claim("jti", "".into())),
        (
            "jti of 129 characters",
            Jti,
            claim("jti", "a".repeat(129).into()),
        ),
        ("jti as a number", Jti, claim("jti", json!(7))),
    ]
}

fn of_times(forge: &Forge<'_>) -> Vec<Case> {
    let now = forge.now;
    let claim = |name: &str, value: Value| forge.claim(name, value);
    let iat_exp = |iat: Value, exp: Value| {
        forge.with(|_, claims| {
            put(claims, "iat", iat);
            put(claims, "exp", exp);
        })
    };
    let text = |value: i64| Value::from(value.to_string());
    let early = || json!(now - 40);
    vec![
        ("exp missing", NotATime, claim("exp", Value::Null)),
        ("exp as a string", NotATime, claim("exp", text(now + 60))),
        (
            "exp as a float",
            NotATime,
            claim("exp", fraction(format!("{}.0", now + 60))),
        ),
        (
            "exp as a power of ten",
            NotATime,
            claim("exp", fraction("1e3".to_owned())),
        ),
        ("exp as a bool", NotATime, claim("exp", true.into())),
        (
            "exp beyond all integers",
            NotATime,
            claim("exp", json!(u64::MAX)),
        ),
        (
            "exp past by 11 s",
            Expired,
            iat_exp(early(), json!(now - 11)),
        ),
        ("exp past by 1 s", Expired, iat_exp(early(), json!(now - 1))),
        ("exp now", Expired, iat_exp(early(), json!(now))),
        ("exp negative", Expired, claim("exp", json!(-1))),
        ("a life of 61 s", Life, claim("exp", json!(now + 61))),
        (
            "exp 61 s ahead without iat",
            Life,
            iat_exp(Value::Null, json!(now + 61)),
        ),
        (
            "exp at the end of time",
            Life,
            claim("exp", json!(i64::MAX)),
        ),
        ("iat an hour ago", Life, claim("iat", json!(now - 3600))),
        (
            "iat at the beginning of time",
            Life,
            claim("iat", json!(i64::MIN)),
        ),
        (
            "iat after exp",
            Life,
            iat_exp(json!(now + 9), json!(now + 5)),
        ),
        (
            "nbf 61 s before exp without iat",
            Life,
            forge.with(|_, claims| {
                put(claims, "iat", Value::Null);
                put(claims, "nbf", json!(now - 1));
            }),
        ),
        ("nbf as a string", NotATime, claim("nbf", text(now))),
        (
            "nbf as a float",
            NotATime,
            claim("nbf", fraction(format!("{now}.5"))),
        ),
        ("nbf 11 s ahead", Ahead, claim("nbf", json!(now + 11))),
        ("nbf 61 s ahead", Ahead, claim("nbf", json!(now + 61))),
        ("iat as a string", NotATime, claim("iat", text(now))),
        ("iat 11 s ahead", Ahead, claim("iat", json!(now + 11))),
    ]
}

fn of_headers(forge: &Forge<'_>, foreign: &Signer) -> Vec<Case> {
    let by_foreign = |name: &str, value: Value| {
        let mut header = json!({"alg": "ES256", "typ": "JWT"});
        put(&mut header, name, value);
        signed(&header, &forge.claims(), |message| foreign.sign(message))
    };
    let head = |name: &str, value: Value| forge.head(name, value);
    let own = foreign.public_jwk();
    let chain = json!([base64url(foreign.public_der())]);
    vec![
        ("typ of an access token", Type, head("typ", "at+jwt".into())),
        ("typ as a number", Type, head("typ", json!(1))),
        ("crit", Critical, head("crit", json!(["exp"]))),
        ("crit of nothing", Critical, head("crit", json!([]))),
        ("b64 false", Critical, head("b64", false.into())),
        ("foreign kid", KeyName, head("kid", "foreign".into())),
        ("kid as a number", KeyName, head("kid", json!(1))),
        (
            "jku with an own key",
            NotTheClient,
            by_foreign("jku", "https://evil.test/jwks".into()),
        ),
        (
            "x5u with an own key",
            NotTheClient,
            by_foreign("x5u", "https://evil.test/x5u".into()),
        ),
        ("jwk with an own key", NotTheClient, by_foreign("jwk", own)),
        (
            "x5c with an own key",
            NotTheClient,
            by_foreign("x5c", chain),
        ),
        (
            "kid with an own key",
            NotTheClient,
            by_foreign("kid", "key-1".into()),
        ),
        ("alg missing", Algorithm, head("alg", Value::Null)),
        ("alg as a list", Algorithm, head("alg", json!(["ES256"]))),
        (
            "alg in small letters",
            Algorithm,
            head("alg", "es256".into()),
        ),
        ("alg ES384", Algorithm, head("alg", "ES384".into())),
        (
            "alg PS256 with an ES256 key",
            NotTheClient,
            head("alg", "PS256".into()),
        ),
        (
            "alg EdDSA with an ES256 key",
            NotTheClient,
            head("alg", "EdDSA".into()),
        ),
        (
            "alg none with a signature",
            Algorithm,
            head("alg", "none".into()),
        ),
    ]
}

fn of_other_algorithms(forge: &Forge<'_>) -> Vec<Case> {
    let none = |alg: &str| signed(&json!({"alg": alg}), &forge.claims(), |_| Vec::new());
    let hmac = |secret: &[u8]| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        let header = json!({"alg": "HS256", "typ": "JWT"});
        signed(&header, &forge.claims(), |message| {
            aws_lc_rs::hmac::sign(&key, message).as_ref().to_vec()
        })
    };
    let signer = forge.signer;
    let bare = format!(
        "{}.{}",
        base64url(r#"{"alg":"none"}"#),
        base64url(forge.claims().to_string())
    );
    vec![
        ("alg none", Algorithm, none("none")),
        ("alg NONE", Algorithm, none("NONE")),
        ("alg none and no third part", Malformed, bare),
        (
            "HS256 with the public PEM",
            Algorithm,
            hmac(signer.public_pem().as_bytes()),
        ),
        (
            "HS256 with the public DER",
            Algorithm,
            hmac(&signer.public_der()),
        ),
        (
            "HS256 with the public JWK",
            Algorithm,
            hmac(signer.public_jwk().to_string().as_bytes()),
        ),
        ("HS256 with nothing", Algorithm, hmac(b"")),
    ]
}

fn of_signatures(forge: &Forge<'_>, foreign: &Signer) -> Vec<Case> {
    let (header, claims) = (forge.header(), forge.claims());
    let good = forge.good();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, _) = message.split_once('.').unwrap();
    let mut later = forge.claims();
    put(&mut later, "exp", json!(forge.now + 59));
    let tampered = format!("{head}.{}.{signature}", base64url(later.to_string()));
    let other = forge.good();
    let (other, _) = other.rsplit_once('.').unwrap();
    let by_foreign = signed(&header, &claims, |message| foreign.sign(message));
    let in_der = signed(&header, &claims, |message| forge.signer.sign_der(message));
    vec![
        ("another client's key", NotTheClient, by_foreign),
        (
            "signature cut short",
            NotTheClient,
            good[..good.len() - 4].to_owned(),
        ),
        ("signature missing", NotTheClient, format!("{message}.")),
        (
            "signature of zeros",
            NotTheClient,
            format!("{message}.{}", base64url([0; 64])),
        ),
        ("signature in DER form", NotTheClient, in_der),
        ("signature with padding", NotTheClient, format!("{good}==")),
        (
            "signature of another token",
            NotTheClient,
            format!("{other}.{signature}"),
        ),
        ("claims tampered with", NotTheClient, tampered),
        ("a line break behind", NotTheClient, format!("{good}\n")),
        ("a blank in front", Malformed, format!(" {good}")),
        ("a fourth part", Malformed, format!("{good}.e30")),
        ("an empty part", Malformed, format!("{head}..{signature}")),
        (
            "five parts, as encrypted",
            Malformed,
            format!("{good}.AAAA.AAAA"),
        ),
        ("not a token", Malformed, "x".to_owned()),
        (
            "too long",
            Malformed,
            forge.claim("pad", "x".repeat(8_000).into()),
        ),
    ]
}

fn of_texts(forge: &Forge<'_>) -> Vec<Case> {
    let sign = |message: &[u8]| forge.signer.sign(message);
    let header = forge.header().to_string();
    let claims = forge.claims().to_string();
    let more = |text: &str, more: &str| format!("{},{more}}}", &text[..text.len() - 1]);
    let exp = forge.now + 60;
    let twice = more(&claims, &format!("\"exp\":{exp}"));
    let escaped = more(&claims, &format!("\"\\u0065xp\":{exp}"));
    let head_twice = more(&header, "\"alg\":\"ES256\"");
    let no_jti = claims.replace("\"jti\":\"", "\"jti\":null,\"j\":\"");
    let no_nbf = more(&claims, "\"nbf\":null");
    let behind = format!("{claims}{{}}");
    vec![
        ("exp twice", Malformed, signed_text(&header, &twice, sign)),
        (
            "exp twice, once escaped",
            Malformed,
            signed_text(&header, &escaped, sign),
        ),
        (
            "alg twice",
            Malformed,
            signed_text(&head_twice, &claims, sign),
        ),
        (
            "claims as a list",
            Malformed,
            signed_text(&header, "[]", sign),
        ),
        (
            "claims that are no JSON",
            Malformed,
            signed_text(&header, "{", sign),
        ),
        (
            "something behind the claims",
            Malformed,
            signed_text(&header, &behind, sign),
        ),
        (
            "header that is no JSON",
            Malformed,
            signed_text("ES256", &claims, sign),
        ),
        ("jti null", Jti, signed_text(&header, &no_jti, sign)),
        ("nbf null", NotATime, signed_text(&header, &no_nbf, sign)),
    ]
}

#[test]
fn every_bad_assertion_is_an_invalid_client() {
    on_both_engines(|world| {
        let (signer, foreign) = (Signer::es256(), Signer::es256());
        let client = world.add_client("bank-a", &signer.public_jwk().to_string());
        world.add_client("bank-b", &foreign.public_jwk().to_string());
        let forge = world.forge(&signer, &client);
        assert_eq!(
            world.ask_token(&forge.good()).status,
            200,
            "the forge itself is good"
        );
        let mut table = of_identity(&forge);
        table.extend(of_times(&forge));
        table.extend(of_headers(&forge, &foreign));
        table.extend(of_other_algorithms(&forge));
        table.extend(of_signatures(&forge, &foreign));
        table.extend(of_texts(&forge));
        table.push(("an access token as an assertion", Type, world.token(&forge)));
        table.extend(of_rsa(&world));
        assert!(table.len() >= 90, "{} cases", table.len());
        for (name, why, assertion) in &table {
            refused(&world, name, *why, assertion);
        }
    });
}

/// PKCS#1 v1.5 by the key that is registered for PSS (RFC 8725, section 3.1).
fn of_rsa(world: &World) -> Vec<Case> {
    let rsa = Signer::ps256();
    let client = world.add_client("bank-a", &rsa.public_pem());
    let forge = world.forge(&rsa, &client);
    let pkcs1 = |header: &Value| signed(header, &forge.claims(), |it| rsa.sign_pkcs1(it));
    let rs256 = json!({"alg": "RS256", "typ": "JWT"});
    vec![
        ("RS256 with a PS256 key", Algorithm, pkcs1(&rs256)),
        (
            "PKCS#1 padding under PS256",
            NotTheClient,
            pkcs1(&forge.header()),
        ),
    ]
}

/// 401, in the form of RFC 6749, section 5.2, for exactly this reason.
pub fn refused(world: &World, name: &str, why: AssertionRefusal, assertion: &str) {
    let answer = world.ask_token(assertion);
    assert_eq!(answer.status, 401, "{name}: {}", answer.text());
    let body = answer.json();
    assert_eq!(body["error"], "invalid_client", "{name}");
    assert_eq!(body["error_description"], why.to_string(), "{name}");
    let told = why.to_string();
    let fits = |byte: u8| (0x20..=0x7e).contains(&byte) && byte != b'"' && byte != b'\\';
    assert!(told.bytes().all(fits), "{told}");
    assert_eq!(answer.header("cache-control"), "no-store", "{name}");
}
