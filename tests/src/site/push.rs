//! A push service with one browser behind it: it takes what is pushed, and reads it as that browser would.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, ECDSA_P256_SHA256_FIXED};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::Phone;

const AUTH: [u8; 16] = [0xa5; 16];

/// What was pushed.
#[derive(Clone, Debug)]
pub struct Told {
    /// What the browser reads in it.
    pub content: Value,
    headers: HeaderMap,
}

impl Told {
    /// A header's value; empty if it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// What the writer says of itself (RFC 8292), which it signed by this key.
    ///
    /// # Panics
    /// If it did not.
    #[must_use]
    pub fn claims(&self, key: &str) -> Value {
        let said = self.header("authorization");
        let token = said.strip_prefix("vapid t=").and_then(|rest| rest.strip_suffix(&format!(", k={key}")));
        let token = token.unwrap_or_else(|| panic!("not in the name of {key}: {said}"));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        let public = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key));
        public.verify(signed.as_bytes(), &bytes(signature)).expect("a signature by that key");
        let (header, claims) = signed.split_once('.').unwrap();
        let header: Value = serde_json::from_slice(&bytes(header)).unwrap();
        assert_eq!(header, json!({ "typ": "JWT", "alg": "ES256" }));
        serde_json::from_slice(&bytes(claims)).unwrap()
    }
}

#[derive(Default)]
struct Kept {
    told: Vec<Told>,
    answers: VecDeque<StatusCode>,
}

/// A push service.
pub struct PushService {
    key: Arc<PrivateKey>,
    kept: Arc<Mutex<Kept>>,
    port: u16,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl PushService {
    /// Starts one at this machine.
    pub async fn start() -> Self {
        let key = Arc::new(PrivateKey::generate(&ECDH_P256).unwrap());
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let (reader, keeper) = (Arc::clone(&key), Arc::clone(&kept));
        let take = move |headers: HeaderMap, body: Bytes| async move {
            let content = serde_json::from_slice(&read(&reader, &body)).unwrap();
            let mut kept = keeper.lock().unwrap();
            kept.told.push(Told { content, headers });
            kept.answers.pop_front().unwrap_or(StatusCode::CREATED)
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().route("/{*any}", post(take));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { key, kept, port, server }
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// What was pushed, oldest first.
    ///
    /// # Panics
    /// If what was pushed could not be read.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        self.kept.lock().unwrap().told.clone()
    }

    /// The statuses of its next answers; after them it takes everything.
    ///
    /// # Panics
    /// If what was pushed could not be read.
    pub fn answers(&self, statuses: &[StatusCode]) {
        self.kept.lock().unwrap().answers = statuses.to_vec().into();
    }
}

impl Phone {
    /// "Tell me here": at this push service, by this key of the service's, at this time of its clock in milliseconds.
    ///
    /// # Panics
    /// If the key is none.
    #[must_use]
    pub fn subscribes(&self, time: i64, service: &PushService, key: &str) -> Value {
        let endpoint = format!("{}/push/a-browser", service.origin());
        let public = service.key.compute_public_key().unwrap();
        let made_for = BASE64URL_NOPAD.decode(key.as_bytes()).unwrap();
        let message = json!({
            "time": time,
            "endpoint": endpoint,
            "public_key": BASE64URL_NOPAD.encode(public.as_ref()),
            "auth": BASE64URL_NOPAD.encode(&AUTH),
            "push": key,
        });
        let time = time.to_string();
        let fields: [&[u8]; 5] = [time.as_bytes(), endpoint.as_bytes(), public.as_ref(), &AUTH, &made_for];
        self.said(message, "chancery push 1", &fields)
    }
}

/// RFC 8291, section 3.4, and RFC 8188 for one record, as a browser does it.
fn read(key: &PrivateKey, body: &[u8]) -> Vec<u8> {
    let mac = |key: &[u8], parts: &[&[u8]]| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &parts.concat()).as_ref().to_vec()
    };
    let (salt, rest) = body.split_at(16);
    assert_eq!((&rest[..4], rest[4]), (&4096_u32.to_be_bytes()[..], 65));
    let (sender, record) = rest[5..].split_at(65);
    let own = key.compute_public_key().unwrap();
    let shared = agree(key, UnparsedPublicKey::new(&ECDH_P256, sender), (), |shared| Ok(shared.to_vec())).unwrap();
    let first = mac(&AUTH, &[&shared]);
    let input = mac(&first, &[b"WebPush: info\0", own.as_ref(), sender, &[1]]);
    let second = mac(salt, &[&input]);
    let content_key = mac(&second, &[b"Content-Encoding: aes128gcm\0\x01"]);
    let nonce = mac(&second, &[b"Content-Encoding: nonce\0\x01"]);
    let opening = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key[..16]).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
    let mut record = record.to_vec();
    let plain = opening.open_in_place(nonce, Aad::empty(), &mut record).expect("encrypted for this browser");
    let end = plain.iter().rposition(|byte| *byte != 0).expect("a mark of the end");
    assert_eq!(plain[end], 2, "the last record");
    plain[..end].to_vec()
}
