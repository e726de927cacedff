//! A proxy that cuts connections at the moments that matter to a transaction.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::{Piece, Protocol};

/// Where in a request's life the client loses its connection. The client sees the same each time; what happened on
/// the server differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The request never reaches the server.
    BeforeRequest,
    /// The server has received the whole request and works on it. It will finish: it notices only at its answer.
    DuringRequest,
    /// The server's answer is complete, so what it did is durable, and the client never learns it.
    BeforeAnswer,
}

/// A TCP proxy before one server, whose cuts a test plans.
///
/// The plan is a queue: each request that the [`Protocol`] recognises, on whatever connection, takes the next entry.
/// Where the plan is empty, requests pass. Dropping the proxy closes its port and all its connections.
#[derive(Debug)]
pub struct CutProxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: AbortHandle,
}

#[derive(Debug, Default)]
struct State {
    plan: VecDeque<Option<Cut>>,
    /// Requests seen, cut or not.
    requests: usize,
    before_request: usize,
    during_request: usize,
    before_answer: usize,
}

impl State {
    fn count(&mut self, cut: Cut) -> &mut usize {
        match cut {
            Cut::BeforeRequest => &mut self.before_request,
            Cut::DuringRequest => &mut self.during_request,
            Cut::BeforeAnswer => &mut self.before_answer,
        }
    }
}

impl CutProxy {
    /// Listens on a free port of the loopback and connects each client to `upstream`.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(upstream: SocketAddr, protocol: impl Protocol) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let task = tokio::spawn(async move {
            // Held here, so that the connections end with the listener.
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    Ok((client, _)) = listener.accept() => {
                        let (state, protocol) = (shared.clone(), protocol.clone());
                        // An error is one side's end, which is the end of the connection.
                        connections.spawn(async move { relay(client, upstream, protocol, &state).await.ok() });
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Ok(Self { address, state, task: task.abort_handle() })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Appends to the plan: the next `requests` that nothing is planned for yet are cut at that point.
    pub fn cut_next(&self, requests: usize, cut: Cut) {
        lock(&self.state).plan.extend(std::iter::repeat_n(Some(cut), requests));
    }

    /// Appends to the plan: the next `requests` that nothing is planned for yet pass unharmed.
    pub fn pass_next(&self, requests: usize) {
        lock(&self.state).plan.extend(std::iter::repeat_n(None, requests));
    }

    /// How many connections were cut at that point.
    pub fn cuts(&self, cut: Cut) -> usize {
        *lock(&self.state).count(cut)
    }

    /// How many requests arrived, cut or not.
    pub fn requests(&self) -> usize {
        lock(&self.state).requests
    }

    /// How many entries of the plan no request has taken yet.
    pub fn planned(&self) -> usize {
        lock(&self.state).plan.len()
    }
}

impl Drop for CutProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn relay(
    mut client: TcpStream,
    upstream: SocketAddr,
    mut protocol: impl Protocol,
    state: &Mutex<State>,
) -> io::Result<()> {
    let mut server = TcpStream::connect(upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut told) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            length = server.read(&mut told) => {
                let bytes = &told[..length?];
                if bytes.is_empty() {
                    return Ok(());
                }
                protocol.server_sent(bytes);
                client.write_all(bytes).await?;
            }
            length = client.read(&mut asked) => {
                let bytes = &asked[..length?];
                if bytes.is_empty() {
                    return Ok(());
                }
                for piece in protocol.client_sent(bytes) {
                    match piece {
                        Piece::Pass(bytes) => server.write_all(&bytes).await?,
                        Piece::Answer(bytes) => client.write_all(bytes).await?,
                        Piece::Request(bytes) => match next(state) {
                            None => server.write_all(&bytes).await?,
                            Some(cut) => return cut_at(cut, &bytes, client, server, protocol, state).await,
                        },
                    }
                }
            }
        }
    }
}

fn next(state: &Mutex<State>) -> Option<Cut> {
    let mut state = lock(state);
    state.requests += 1;
    state.plan.pop_front().flatten()
}

/// Ends the client's connection at that point. The server's stays open until it has answered: if it were closed with
/// the client's, the operating system could throw away the request that the server has not read yet.
async fn cut_at(
    cut: Cut,
    request: &[u8],
    client: TcpStream,
    mut server: TcpStream,
    mut protocol: impl Protocol,
    state: &Mutex<State>,
) -> io::Result<()> {
    let mut client = Some(client);
    if cut != Cut::BeforeRequest {
        server.write_all(request).await?;
        if cut == Cut::DuringRequest {
            drop(client.take());
            *lock(state).count(cut) += 1;
        }
        let mut told = vec![0; 64 * 1024];
        while !protocol.is_answered() {
            match server.read(&mut told).await? {
                // The server went away without an answer, so this is no cut of the planned kind.
                0 => return Ok(()),
                length => protocol.server_sent(&told[..length]),
            }
        }
    }
    if cut != Cut::DuringRequest {
        drop(client.take());
        *lock(state).count(cut) += 1;
    }
    Ok(())
}
