//! Bad input, written by hand.

use super::county::{County, question, score_path};
use super::registers::GOOD;
use crate::support::Engine;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn county() -> County {
    County::start_with(Engine::Sqlite, |settings| {
        settings.limits.head = Duration::from_secs(1);
        settings.limits.body = Duration::from_secs(1);
    })
}

/// What is answered to these bytes: the status, and everything.
fn send(county: &County, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(county.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    // The server may have answered and gone before it has read all.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.get(9..12).and_then(|status| status.parse().ok());
    (status.unwrap_or(0), text)
}

fn request(county: &County, line: &str, headers: &str, body: &[u8]) -> (u16, String) {
    let head = format!(
        "{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: {}\r\n{headers}\r\n",
        county.bearer(&county.bank)
    );
    send(county, &[head.as_bytes(), body].concat())
}

fn post(county: &County, body: &[u8]) -> (u16, String) {
    let headers = format!(
        "content-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    request(county, "POST /v1/scores/query", &headers, body)
}

fn is_alive(county: &County) {
    assert_eq!(county.ask(GOOD).status, 200);
}

#[test]
fn bad_bodies_are_refused_and_ask_nothing() {
    let county = county();
    let good = question(&[GOOD]).to_string();
    let deep = |open: &str, close: &str| {
        format!("{}{}", open.repeat(40_000), close.repeat(40_000)).into_bytes()
    };
    // 工 in GB18030.
    let mut gb = good.clone().into_bytes();
    let at = good.find("R007").unwrap();
    gb.splice(at..at + 4, [0xb9, 0xa4]);
    let table: Vec<(&str, u16, Vec<u8>)> = vec![
        ("deep arrays", 400, deep("[", "]")),
        ("deep objects", 400, deep("{\"a\":", "}")),
        (
            "deep within a field",
            400,
            good.replace("\"DK-1\"", &"[".repeat(50_000)).into_bytes(),
        ),
        (
            "3 MiB",
            413,
            format!("{{\"usccs\": \"{}\"}}", "x".repeat(3 << 20)).into_bytes(),
        ),
        (
            "3 MiB of blanks",
            413,
            [b" ".repeat(3 << 20), good.clone().into_bytes()].concat(),
        ),
        ("nothing", 400, vec![]),
        ("GB18030", 400, gb),
        (
            "UTF-16",
            400,
            good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        (
            "byte order mark",
            400,
            [b"\xef\xbb\xbf", good.as_bytes()].concat(),
        ),
        (
            "half a body",
            400,
            good.as_bytes()[..good.len() - 1].to_vec(),
        ),
        ("two bodies", 400, good.repeat(2).into_bytes()),
        (
            "a key twice",
            400,
            good.replacen('{', "{\"purpose\":\"pre_loan_review\",", 1)
                .into_bytes(),
        ),
        (
            "NUL escaped",
            400,
            good.replace("R007", "a\\u0000b").into_bytes(),
        ),
        (
            "NUL in a code",
            400,
            good.replace(GOOD, &format!("{}\\u0000", GOOD)).into_bytes(),
        ),
        (
            "NUL in a key",
            400,
            good.replacen('{', "{\"a\\u0000\":1,", 1).into_bytes(),
        ),
        (
            "NUL as it is",
            400,
            good.replace("R007", "a\0b").into_bytes(),
        ),
        (
            "half a surrogate",
            400,
            good.replace("R007", "\\ud800").into_bytes(),
        ),
        (
            "a huge number",
            400,
            good.replace("\"R007\"", "1e400").into_bytes(),
        ),
        ("NaN", 400, good.replace("\"R007\"", "NaN").into_bytes()),
        ("an array", 400, format!("[{good}]").into_bytes()),
        ("null", 400, b"null".to_vec()),
    ];
    for (name, expected, body) in table {
        let (status, text) = post(&county, &body);
        assert_eq!(status, expected, "{name}: {text}");
        assert!(text.contains("application/problem+json"), "{name}: {text}");
        assert!(!text.contains(GOOD), "{name} is repeated: {text}");
    }
    let length = format!("content-length: {}\r\n", good.len());
    let types = [
        "",
        "content-type: text/plain\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: application/jsonp\r\n",
        "content-type: application/json\r\ncontent-encoding: gzip\r\n",
    ];
    for kind in types {
        let (status, text) = request(
            &county,
            "POST /v1/scores/query",
            &format!("{kind}{length}"),
            good.as_bytes(),
        );
        assert_eq!(status, 415, "{kind}: {text}");
    }
    assert_eq!(county.log().len(), 0);
    assert_eq!(post(&county, good.as_bytes()).0, 200);
    let utf8 = format!("content-type: Application/JSON; charset=UTF-8\r\n{length}");
    assert_eq!(
        request(&county, "POST /v1/scores/query", &utf8, good.as_bytes()).0,
        200
    );
    is_alive(&county);
}

#[test]
fn chunks_that_drip_or_never_end_are_cut_off() {
    let county = county();
    let head = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";
    let post = |headers: &str, body: &[u8]| {
        let started = Instant::now();
        let (status, text) = request(&county, "POST /v1/scores/query", headers, body);
        // The answer is here, and so is the end of the connection.
        assert!(started.elapsed() < Duration::from_secs(4), "{text}");
        status
    };
    let good = question(&[GOOD]).to_string();
    let whole = format!("{:x}\r\n{good}\r\n0\r\n\r\n", good.len());
    assert_eq!(post(head, whole.as_bytes()), 200);
    let endless = format!("10000\r\n{}\r\n", " ".repeat(0x10000)).repeat(6);
    assert_eq!(post(head, endless.as_bytes()), 413);
    assert_eq!(post(head, b"5\r\n{\"usc\r\n"), 408);
    assert_eq!(post(head, b"z\r\n{}\r\n0\r\n\r\n"), 400);
    // Both lengths at once, or two, is how requests are smuggled.
    let both = format!("{head}content-length: 5\r\n");
    assert!([0, 400].contains(&post(&both, whole.as_bytes())));
    let two = "content-type: application/json\r\ncontent-length: 5\r\ncontent-length: 6\r\n";
    assert!([0, 400].contains(&post(two, b"{}")));
    assert_eq!(county.log().len(), 1);
    is_alive(&county);
}

#[test]
fn a_body_in_chunks_that_nobody_reads_holds_no_connection() {
    let county = county();
    let lines = [
        ("POST /v1/scores/query", 401),
        ("POST /oauth/token", 400),
        ("POST /nowhere", 404),
        ("POST /healthz", 405),
        ("GET /healthz", 200),
    ];
    for (line, expected) in lines {
        let started = Instant::now();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{{\"usc\r\n"
        );
        let (status, text) = send(&county, head.as_bytes());
        assert_eq!(status, expected, "{line}: {text}");
        assert!(
            started.elapsed() < Duration::from_secs(4),
            "{line} holds its connection"
        );
    }
    // One that comes to its end leaves the connection to the next.
    for line in ["GET /healthz", "POST /nowhere", "POST /oauth/token"] {
        let two = format!(
            "{line} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n\
            GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        );
        let (_, text) = send(&county, two.as_bytes());
        assert_eq!(text.matches("HTTP/1.1 ").count(), 2, "{line}: {text}");
    }
}

#[test]
fn a_code_in_the_path_is_read_as_one_in_a_body_is() {
    let county = county();
    let code = GOOD.to_owned();
    let wide: String = code
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap())
        .collect();
    let escaped = |text: &str| {
        text.bytes()
            .map(|byte| format!("%{byte:02x}"))
            .collect::<String>()
    };
    let get = |path: &str| {
        let line = format!("GET {}", score_path(path));
        request(&county, &line, "", b"")
    };
    // NFKC, trimmed, upper case: as everywhere else.
    for same in [
        code.to_lowercase(),
        escaped(&code),
        escaped(&wide),
        format!("%20{code}%20"),
        escaped(&wide.to_lowercase()),
    ] {
        let (status, text) = get(&same);
        assert_eq!(status, 200, "{same}: {text}");
        assert!(text.contains(&format!("\"uscc\":\"{code}\"")), "{text}");
    }
    assert_eq!(county.log().len(), 5);
    let (status, text) = get(&format!("{}%2F", &code[..17]));
    assert_eq!((status, text.contains("not_a_uscc")), (400, true), "{text}");
    for (bad, expected) in [
        (format!("{code}%00"), 400),
        (format!("%00{code}"), 400),
        (format!("{}%ff", &code[..17]), 400),
        (format!("{}%c0%af", &code[..16]), 400),
        (format!("{}%ed%a0%80", &code[..15]), 400),
        (format!("{code}%2e%2e"), 400),
        (format!("{code}%252e"), 400),
        (format!("{code};x=1"), 400),
        (format!("{code}%0d%0aset-cookie:x"), 400),
        (format!("{code}%E2%80%8B"), 400),
        ("%2e%2e".to_owned(), 400),
        (String::new(), 404),
        (format!("{code}/"), 404),
        (format!("../merchants/{code}"), 404),
        (format!("{code}%"), 400),
        (format!("{code}%zz"), 400),
    ] {
        let (status, text) = get(&bad);
        assert_eq!(status, expected, "{bad}: {text}");
        assert!(
            !text.to_lowercase().contains("set-cookie:"),
            "{bad}: {text}"
        );
    }
    // Bytes that no URI has.
    let raw = [
        b"GET /v1/merchants/".as_slice(),
        &[0xff, 0xfe],
        b"/score HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    ]
    .concat();
    let (status, text) = send(&county, &raw);
    assert!([0, 400, 401, 404].contains(&status), "{text}");
    let query = |query: &str| {
        let line = format!("GET /v1/merchants/{code}/score?{query}");
        request(&county, &line, "", b"")
    };
    let bad = [
        "requested_by=%00&business_ref=b",
        "requested_by=%ff&business_ref=b",
        "requested_by=a%0ab&business_ref=b",
        "requested_by=&business_ref=b",
        "requested_by=a&business_ref=b&access_token=x",
    ];
    for bad in bad {
        let (status, text) = query(&format!("purpose=pre_loan_review&{bad}"));
        assert_eq!(status, 400, "{bad}: {text}");
    }
    assert_eq!(county.log().len(), 5, "none of them was a query");
    is_alive(&county);
}

#[test]
fn other_methods_ask_nothing() {
    let county = county();
    let score = score_path(GOOD);
    for method in [
        "HEAD", "TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "POST", "CONNECT", "QUERY",
    ] {
        let (status, text) = request(&county, &format!("{method} {score}"), "", b"");
        assert_eq!(status, 405, "{method}: {text}");
        assert!(
            text.to_lowercase().contains("allow: get\r\n"),
            "{method}: {text}"
        );
        assert!(
            !text.contains(&county.bearer(&county.bank)),
            "{method} echoes the token"
        );
    }
    for method in ["GET", "HEAD", "OPTIONS", "PUT", "TRACE"] {
        let (status, text) = request(&county, &format!("{method} /v1/scores/query"), "", b"");
        assert_eq!(status, 405, "{method}: {text}");
        assert!(
            text.to_lowercase().contains("allow: post\r\n"),
            "{method}: {text}"
        );
    }
    // No page of another origin is let in.
    let asks = "origin: https://evil.test\r\naccess-control-request-method: GET\r\n";
    let (_, text) = request(&county, &format!("OPTIONS {score}"), asks, b"");
    assert!(
        !text.to_lowercase().contains("access-control-allow"),
        "{text}"
    );
    assert_eq!(county.log().len(), 0);
    let (status, text) = send(
        &county,
        format!(
            "GET {score}&access_token={} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            county.bearer(&county.bank).replace("Bearer ", "")
        )
        .as_bytes(),
    );
    assert_eq!(status, 401, "a token in the query is none: {text}");
    is_alive(&county);
}
