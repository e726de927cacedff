//! One connection to the server (RFC 5321).

use std::io;
use std::sync::Arc;

use data_encoding::BASE64;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{How, Offer, ReceivedMail, Shared, Stage};

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Serves one connection until either side ends it.
pub(super) async fn run(stream: TcpStream, offer: Offer, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    // A client that goes away in the middle is what some tests are about.
    let _ = serve(stream, offer, acceptor, shared).await;
}

async fn serve(stream: TcpStream, offer: Offer, acceptor: TlsAcceptor, shared: Arc<Shared>) -> io::Result<()> {
    let stream: Box<dyn Stream> =
        if offer.implicit_tls { Box::new(acceptor.accept(stream).await?) } else { Box::new(stream) };
    let mut session = Session {
        encrypted: offer.implicit_tls,
        stream: BufStream::new(stream),
        offer,
        shared,
        user: None,
        from: None,
        parameters: Vec::new(),
        to: Vec::new(),
    };
    session.step(Stage::Greeting, "220 localhost ESMTP").await?;
    while let Some(line) = session.line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        session.note(&verb, &line);
        match verb.as_str() {
            "EHLO" | "HELO" => session.hello().await?,
            "STARTTLS" if session.offer.starttls && !session.encrypted => {
                if session.step(Stage::StartTls, "220 go ahead").await? {
                    session = session.encrypt(&acceptor).await?;
                }
            }
            "AUTH" if session.offer.credentials.is_some() => session.auth(&line).await?,
            "MAIL" => session.mail(&line).await?,
            "RCPT" => session.rcpt(&line).await?,
            "DATA" => session.data().await?,
            "RSET" => {
                if session.step(Stage::Reset, "250 2.0.0 forgotten").await? {
                    session.forget();
                }
            }
            "NOOP" => {
                session.step(Stage::Noop, "250 2.0.0 here").await?;
            }
            "QUIT" => return session.say("221 2.0.0 goodbye").await,
            _ => session.say("502 5.5.1 unknown").await?,
        }
    }
    Ok(())
}

struct Session {
    stream: BufStream<Box<dyn Stream>>,
    offer: Offer,
    shared: Arc<Shared>,
    encrypted: bool,
    user: Option<String>,
    from: Option<String>,
    parameters: Vec<String>,
    to: Vec<String>,
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "closed on purpose")
}

impl Session {
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn note(&self, verb: &str, line: &str) {
        let noted = if verb == "AUTH" { verb } else { line };
        self.shared.state().commands.push(noted.to_owned());
    }

    async fn say(&mut self, answer: &str) -> io::Result<()> {
        self.stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    /// Answers a step, or misbehaves; `Ok(false)` if what was asked is not to be done.
    async fn step(&mut self, stage: Stage, usual: &str) -> io::Result<bool> {
        match self.shared.fault(stage, &self.to) {
            None => self.say(usual).await.map(|()| true),
            Some(How::Answer(other)) => self.say(&other).await.map(|()| false),
            Some(How::Hang) => {
                // Until the client has had enough: what it still sends is read and ignored.
                let mut ignored = Vec::new();
                self.stream.read_to_end(&mut ignored).await?;
                Err(closed())
            }
            Some(How::Cut | How::DoAndCut) => Err(closed()),
            Some(How::AnswerAndCut) => {
                self.say(usual).await?;
                Err(closed())
            }
            Some(How::DoAndWait(told)) => {
                told.notified().await;
                self.say(usual).await.map(|()| true)
            }
        }
    }

    async fn hello(&mut self) -> io::Result<()> {
        let mut lines = vec!["localhost"];
        let offer = self.offer.clone();
        lines.extend(offer.eight_bit.then_some("8BITMIME"));
        lines.extend(offer.smtputf8.then_some("SMTPUTF8"));
        lines.extend((offer.starttls && !self.encrypted).then_some("STARTTLS"));
        lines.extend(offer.credentials.is_some().then_some("AUTH PLAIN LOGIN"));
        lines.push("ENHANCEDSTATUSCODES");
        let last = lines.len() - 1;
        let answer: Vec<_> = lines
            .iter()
            .enumerate()
            .map(|(i, line)| format!("250{}{line}", if i == last { ' ' } else { '-' }))
            .collect();
        self.step(Stage::Hello, &answer.join("\r\n")).await.map(drop)
    }

    async fn encrypt(self, acceptor: &TlsAcceptor) -> io::Result<Self> {
        let Self { stream, offer, shared, .. } = self;
        let stream = acceptor.accept(stream.into_inner()).await?;
        // What was said before counts no more (RFC 3207, section 4.2).
        Ok(Self {
            stream: BufStream::new(Box::new(stream)),
            offer,
            shared,
            encrypted: true,
            user: None,
            from: None,
            parameters: Vec::new(),
            to: Vec::new(),
        })
    }

    /// AUTH PLAIN with its initial response, and AUTH LOGIN (RFC 4954, RFC 4616).
    async fn auth(&mut self, line: &str) -> io::Result<()> {
        let mut words = line.split(' ').skip(1);
        let (mechanism, initial) = (words.next().unwrap_or_default().to_ascii_uppercase(), words.next());
        let given = match (mechanism.as_str(), initial) {
            ("PLAIN", Some(initial)) => {
                let plain = decode(initial);
                let mut parts = plain.split('\0').skip(1).map(ToOwned::to_owned);
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
            }
            ("LOGIN", None) => {
                self.say("334 VXNlcm5hbWU6").await?;
                let name = decode(&self.line().await?.unwrap_or_default());
                self.say("334 UGFzc3dvcmQ6").await?;
                (name, decode(&self.line().await?.unwrap_or_default()))
            }
            _ => return self.say("504 5.5.4 unknown mechanism").await,
        };
        if self.offer.credentials.as_ref() != Some(&given) {
            return self.say("535 5.7.8 wrong credentials").await;
        }
        if self.step(Stage::Auth, "235 2.7.0 welcome").await? {
            self.user = Some(given.0);
        }
        Ok(())
    }

    async fn mail(&mut self, line: &str) -> io::Result<()> {
        if self.offer.credentials.is_some() && self.user.is_none() {
            return self.say("530 5.7.0 sign in first").await;
        }
        if self.from.is_some() {
            return self.say("503 5.5.1 one mail at a time").await;
        }
        let (from, parameters) = path(line);
        let offered = |parameter: &String| match parameter.as_str() {
            "SMTPUTF8" => self.offer.smtputf8,
            "BODY=8BITMIME" => self.offer.eight_bit,
            _ => false,
        };
        if !parameters.iter().all(offered) {
            return self.say("555 5.5.4 unknown parameter").await;
        }
        if self.step(Stage::Mail, "250 2.1.0 sender fine").await? {
            (self.from, self.parameters) = (Some(from), parameters);
        }
        Ok(())
    }

    async fn rcpt(&mut self, line: &str) -> io::Result<()> {
        let (to, _) = path(line);
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first").await;
        }
        if !to.is_ascii() && !self.parameters.iter().any(|parameter| parameter == "SMTPUTF8") {
            return self.say("553 5.6.7 not ASCII").await;
        }
        self.to.push(to);
        if !self.step(Stage::Rcpt, "250 2.1.5 recipient fine").await? {
            self.to.pop();
        }
        Ok(())
    }

    async fn data(&mut self) -> io::Result<()> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 RCPT first").await;
        }
        if !self.step(Stage::Data, "354 go ahead").await? {
            return Ok(());
        }
        let raw = self.content().await?;
        if !raw.is_ascii() && !self.parameters.iter().any(|parameter| parameter == "BODY=8BITMIME") {
            return self.say("554 5.6.3 not ASCII").await;
        }
        let mail = ReceivedMail {
            from: self.from.clone().unwrap_or_default(),
            to: self.to.clone(),
            parameters: self.parameters.clone(),
            raw,
            encrypted: self.encrypted,
            user: self.user.clone(),
        };
        let fault = self.shared.fault(Stage::Content, &self.to);
        self.forget();
        match fault {
            None => {
                self.shared.keep(mail);
                self.say("250 2.0.0 taken").await
            }
            Some(How::Answer(other)) => self.say(&other).await,
            Some(How::Cut) => Err(closed()),
            Some(How::Hang) => {
                let mut ignored = Vec::new();
                self.stream.read_to_end(&mut ignored).await?;
                Err(closed())
            }
            Some(How::DoAndCut) => {
                self.shared.keep(mail);
                Err(closed())
            }
            Some(How::AnswerAndCut) => {
                self.shared.keep(mail);
                self.say("250 2.0.0 taken").await?;
                Err(closed())
            }
            Some(How::DoAndWait(told)) => {
                self.shared.keep(mail);
                told.notified().await;
                self.say("250 2.0.0 taken").await
            }
        }
    }

    /// The lines up to the single dot, without the dots that were doubled (RFC 5321, section 4.5.2).
    async fn content(&mut self) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(closed());
            }
            if line == b".\r\n" {
                return Ok(content);
            }
            assert!(line.ends_with(b"\r\n"), "a bare line feed: {}", String::from_utf8_lossy(&line));
            assert!(line.len() <= 1_000, "a line over 998 octets");
            content.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    fn forget(&mut self) {
        self.from = None;
        self.parameters.clear();
        self.to.clear();
    }
}

/// The path between the angle brackets, and the parameters behind it.
fn path(line: &str) -> (String, Vec<String>) {
    let (_, rest) = line.split_once('<').unwrap_or_default();
    let (path, parameters) = rest.rsplit_once('>').unwrap_or_default();
    (path.to_owned(), parameters.split_whitespace().map(str::to_ascii_uppercase).collect())
}

fn decode(text: &str) -> String {
    BASE64.decode(text.as_bytes()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
