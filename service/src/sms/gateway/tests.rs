use std::sync::{Arc, Mutex};

use hyper::body::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::outgoing::{Guard, Opened};

const JSON: &str = r#"
url = "https://sms.example.org/v1/{id}"
body = '{"to": "{to}", "text": "{text}"}'
[headers]
Content-Type = "application/json; charset=utf-8"
Authorization = "Bearer hunter2"
[success]
status = [200, 202]
json = { "/status" = "queued", "/parts" = "1" }
"#;

fn message() -> Message {
    let to = PhoneNumber::parse("+32470123456").unwrap();
    Message { id: "m1".to_owned(), to, text: "\"A-1\"\n\n@h #A-1".into(), date: Timestamp::default() }
}

fn judged(toml: &str, status: u16, body: &'static str) -> Result<(), SmsError> {
    let status = StatusCode::from_u16(status).unwrap();
    Gateway::parse(toml).unwrap().judge(&Answer { status, body: Bytes::from_static(body.as_bytes()) })
}

#[test]
fn a_request_is_what_the_file_says() {
    let request = Gateway::parse(JSON).unwrap().request(&message()).unwrap();
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&Method::POST, "https://sms.example.org/v1/m1")
    );
    let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("authorization"), "Bearer hunter2");
    assert_eq!(request.body(), br#"{"to": "+32470123456", "text": "\"A-1\"\n\n@h #A-1"}"#);
    assert!(!format!("{:?}", request.headers()).contains("hunter2"));

    let get = "method = 'GET'\nurl = 'https://sms.example.org/send?key=k&to={to-digits}&text={text}'";
    let request = Gateway::parse(get).unwrap().request(&message()).unwrap();
    let url = "https://sms.example.org/send?key=k&to=32470123456&text=%22A%2D1%22%0A%0A%40h%20%23A%2D1";
    assert_eq!((request.method(), request.uri().to_string().as_str()), (&Method::GET, url));
    assert!(request.body().is_empty());
}

#[test]
fn what_is_wrong_with_a_file_is_said_and_no_value_is_repeated() {
    let with = |line: &str| {
        format!(
            "{line}\nbody = '{{\"to\": \"{{to}}\", \"text\": \"{{text}}\"}}'\nheaders = {{ Content-Type = 'application/json' }}"
        )
    };
    let url = "url = 'https://sms.example.org/'";
    for (toml, wrong) in [
        ("url = 'https://sms.example.org/'\nkey = hunter2".to_owned(), GatewayError::File(2)),
        ("\n\npassword = 'hunter2'".to_owned(), GatewayError::File(3)),
        (format!("{url}\n[success]\nstatus = 'hunter2'"), GatewayError::File(3)),
        (String::new(), GatewayError::File(1)),
        (with("url = 'https://sms.example.org/{too}'"), GatewayError::Place("too".to_owned())),
        (with("url = 'ftp://sms.example.org/'"), GatewayError::Url),
        (with("url = 'https://{to-digits}.example.org/'"), GatewayError::Url),
        (with("url = 'https://sms.example.org{to-digits}'"), GatewayError::Url),
        (with("url = 'https://sms.example.org:{to-digits}/'"), GatewayError::Url),
        (with("url = 'sms.example.org'"), GatewayError::Url),
        (with(&format!("{url}\nmethod = 'DELETE'")), GatewayError::Method),
        (format!("{url}\nbody = '{{to}}{{text}}'"), GatewayError::ContentType),
        (
            format!("{url}\nbody = '{{to}}{{text}}'\nheaders = {{ Content-Type = 'image/png' }}"),
            GatewayError::ContentType,
        ),
        (
            format!("{url}\nbody = '[\"{{to}}{{text}}]'\nheaders = {{ Content-Type = 'application/json' }}"),
            GatewayError::Json,
        ),
        (format!("{url}\nheaders = {{ X = '{{text}}' }}"), GatewayError::Header("X".to_owned())),
        (format!("{url}\nheaders = {{ 'X Y' = '1' }}"), GatewayError::Header("X Y".to_owned())),
        (format!("{url}\nheaders = {{ X = \"a\\nhunter2\" }}"), GatewayError::Header("X".to_owned())),
        ("url = 'https://sms.example.org/{to}'".to_owned(), GatewayError::NothingSaid),
        ("url = 'https://sms.example.org/{text}'".to_owned(), GatewayError::NothingSaid),
    ] {
        let refused = Gateway::parse(&toml).unwrap_err();
        assert_eq!(refused, wrong, "{toml}");
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }
}

#[test]
fn an_answer_is_judged_by_the_file_and_tells_us_from_the_message() {
    let taken = r#"{"status": "queued", "parts": 1}"#;
    assert_eq!(judged(JSON, 202, taken), Ok(()));
    for other in [r#"{"status": "rejected", "parts": 1}"#, r#"{"parts": 1}"#, "queued", ""] {
        assert_eq!(judged(JSON, 200, other), Err(SmsError::Refused { status: 200 }), "{other}");
    }
    assert_eq!(judged(JSON, 201, taken), Err(SmsError::Refused { status: 201 }), "a status that is not named");
    for status in [408, 425, 429, 500, 503] {
        assert_eq!(judged(JSON, status, taken), Err(SmsError::Retry { status }));
    }
    for status in [301, 307, 401, 403, 404, 405, 407] {
        assert!(matches!(judged(JSON, status, taken), Err(SmsError::Unavailable { .. })), "{status}");
    }
    assert_eq!(judged(JSON, 400, taken), Err(SmsError::Refused { status: 400 }));

    let plain = "url = 'https://h.example/?to={to}&text={text}'\nmethod = 'GET'\nsuccess = { contains = 'OK' }";
    assert_eq!(judged(plain, 204, "ID: 7 OK"), Ok(()));
    assert_eq!(judged(plain, 200, "ERR 105"), Err(SmsError::Refused { status: 200 }));
}

#[tokio::test]
async fn a_message_reaches_the_gateway() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard: Arc<Mutex<String>> = Arc::default();
    let hears = Arc::clone(&heard);
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"#A-1") {
            read.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK").await.unwrap();
        *hears.lock().unwrap() = String::from_utf8(read).unwrap();
    });
    let toml = format!(
        "url = 'http://127.0.0.1:{port}/send/{{to}}'\nbody = '{{text}}'\nheaders = {{ Content-Type = 'text/plain' }}"
    );
    let outgoing = |guard| Outgoing::new(guard, None).unwrap();
    let guard = Guard::new(vec![Opened::Network("127.0.0.0/8".parse().unwrap())], true);
    let gateway = HttpGateway::new(Gateway::parse(&toml).unwrap(), outgoing(guard));
    gateway.send(&message()).await.unwrap();
    served.await.unwrap();
    let heard = heard.lock().unwrap().clone();
    assert!(heard.starts_with("POST /send/%2B32470123456 HTTP/1.1\r\n"), "{heard}");
    assert!(heard.ends_with("\r\n\r\n\"A-1\"\n\n@h #A-1"), "{heard}");

    // Nothing is opened: the same gateway is not reached.
    let gateway = HttpGateway::new(Gateway::parse(&toml).unwrap(), outgoing(Guard::default()));
    let refused = gateway.send(&message()).await.unwrap_err();
    assert!(matches!(&refused, SmsError::Unavailable { reason } if reason.contains("outgoing-allow")), "{refused:?}");
}
