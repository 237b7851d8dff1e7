//! One connection of a client, and the one to the appliance that is its own.
//!
//! Knows: the way of an exchange: head, weight, connection, body, answer, row. Must not know: what
//! an answer says.

use std::time::{Duration, Instant};

use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, ReadHalf, WriteHalf,
};

use crate::exchange::{Fault, FaultKind, Moment, Outgoing};
use crate::recording::{Part, Seen, SeenAnswer};
use crate::terms::Auth;
use crate::transport::{Line, NotPassed};

use super::Shared;
use super::course::{Course, End, Stopped};
use super::framing::{Body, Framing};
use super::head::{Head, RequestLine};
use super::pipe::{self, Broken};
use super::replies;

/// So many bytes are read at once.
const PIECE: usize = 64 * 1024;
/// So much of a body is read before it is known whether the request may be sent, where what it can
/// do stands there.
const WEIGHED: u64 = 1 << 20;
/// How long the rest of what a client sends is read after it was told that it isn't wanted.
const LINGER: Duration = Duration::from_secs(2);

type Reading = BufReader<ReadHalf<Box<dyn Line>>>;
type Writing = WriteHalf<Box<dyn Line>>;

/// Both directions of a connection.
pub(super) struct Side {
    pub(super) input: Reading,
    pub(super) output: Writing,
}

impl Side {
    fn new(line: Box<dyn Line>) -> Self {
        let (input, output) = tokio::io::split(line);
        Self { input: BufReader::with_capacity(PIECE, input), output }
    }

    /// Ready when the other side ends the connection, or sends what nobody asked for.
    async fn stirs(side: &mut Option<Self>) {
        match side {
            Some(side) => drop(side.input.fill_buf().await),
            None => std::future::pending().await,
        }
    }

    /// Ends the connection so that whoever is still sending reads what was said before.
    async fn farewell(mut self) {
        let end = async {
            let _ = self.output.shutdown().await;
            let mut rest = vec![0; PIECE];
            while self.input.read(&mut rest).await.is_ok_and(|length| length > 0) {}
        };
        let _ = tokio::time::timeout(LINGER, end).await;
    }
}

/// Serves a client until one of the sides ends its connection.
pub(super) async fn serve(shared: &Shared, stream: Box<dyn Line>) {
    let mut client = Side::new(stream);
    let mut appliance: Option<Side> = None;
    let ending = loop {
        let mut head = Vec::new();
        let came = tokio::select! {
            biased;
            came = pipe::head(&mut client.input, &mut head) => came,
            () = Side::stirs(&mut appliance) => break false,
            () = shared.ending() => break true,
        };
        if !matches!(came, Ok(true)) {
            break false;
        }
        let passing = Passing::new(shared, &head);
        if !passing.pass(shared, &mut client, &mut appliance).await {
            break false;
        }
    };
    if !ending {
        client.farewell().await;
    }
}

/// A request that is to be passed on.
struct Passing {
    number: u64,
    at: jiff::Timestamp,
    start: Instant,
    raw: Vec<u8>,
    head: Head,
}

/// Version, status, and headers.
type AnswerHead = (String, u16, Vec<(String, Vec<u8>)>);

/// What is seen of an exchange as it goes.
#[derive(Default)]
pub(super) struct State {
    pub(super) sent: Part,
    /// Of the answer.
    pub(super) head: Option<AnswerHead>,
    pub(super) got: Part,
}

impl Passing {
    fn new(shared: &Shared, raw: &[u8]) -> Self {
        Self {
            number: shared.next_number(),
            at: (shared.now)(),
            start: Instant::now(),
            raw: raw.to_vec(),
            head: Head::read(raw),
        }
    }

    /// Whether the connection goes on afterwards.
    async fn pass(
        mut self,
        shared: &Shared,
        client: &mut Side,
        appliance: &mut Option<Side>,
    ) -> bool {
        let read = self.head.request().map_err(str::to_owned).and_then(|(line, framing)| {
            let target = shared.mender.target(&line.target).map(str::to_owned).ok_or(
                "its target is on another server, and this is no forward proxy; use the address \
                    in LXCA_URL",
            )?;
            Ok((line, target, framing))
        });
        let (line, target, framing) = match read {
            Ok(read) => read,
            Err(why) => {
                let _ = pipe::send(&mut client.output, &replies::bad_request(&why)).await;
                return false;
            }
        };
        let RequestLine { method, version, .. } = line;
        let below = target.strip_prefix(&shared.prefix).filter(|rest| {
            shared.prefix.is_empty() || rest.is_empty() || rest.starts_with(['/', '?'])
        });
        let headers = self.head.headers().into_iter();
        let outgoing = Outgoing {
            method: method.clone(),
            target: below.unwrap_or(&target).to_owned(),
            headers: headers
                .map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()))
                .collect(),
            body: None,
            auth: Auth::Default,
            purpose: shared.guard.purpose_of(&method, path(below.unwrap_or(&target))),
        };
        let mut state = State::default();
        let mut body = Body::of_request(framing);
        let mut prelude = Vec::new();
        let mut continued = false;
        let outside = || NotPassed {
            needed: None,
            why: format!(
                "{method} {} isn't below the address of the target, whose path is {}",
                path(&target),
                shared.prefix
            ),
        };
        let allowed = if below.is_none() {
            Err(outside())
        } else if shared.guard.weighs_the_body(&method, path(&outgoing.target)) {
            if self.head.says("expect", "100-continue") && !body.is_done() {
                continued = pipe::send(&mut client.output, CONTINUE).await.is_ok();
            }
            let whole = read_ahead(client, &mut body, &mut prelude, &mut state.sent).await;
            let Ok(whole) = whole else { return false };
            let text = whole.then(|| String::from_utf8(state.sent.bytes.clone()).ok()).flatten();
            state.sent.bytes.truncate(usize::try_from(shared.most).unwrap_or(usize::MAX));
            shared.guard.passes(&Outgoing { body: text, ..outgoing.clone() }, &shared.prefix)
        } else {
            shared.guard.passes(&outgoing, &shared.prefix)
        };
        if let Err(refusal) = allowed {
            return self.refuse(shared, client, outgoing, framing, body, state, &refusal).await;
        }
        if appliance.is_none() {
            match shared.dialer.connect().await {
                Ok(line) => *appliance = Some(Side::new(line)),
                Err(fault) => {
                    let _ =
                        pipe::send(&mut client.output, &replies::no_answer(&fault.message)).await;
                    self.keep(shared, outgoing, state, Some(fault)).await;
                    return false;
                }
            }
        }
        let Some(side) = appliance else { return false };
        if target != line.target {
            self.head.start = format!("{method} {target} {version}").into_bytes();
        }
        let mut mended = self.head.clone();
        shared.mender.request(&mut mended);
        let told = Outgoing {
            headers: mended
                .headers()
                .into_iter()
                .map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()))
                .collect(),
            ..outgoing
        };
        let bytes = if mended == Head::read(&self.raw) { self.raw.clone() } else { mended.bytes() };
        let course = Course { shared, method: &method, continued };
        let outcome = tokio::select! {
            outcome = course.run([&bytes, &prelude], body, client, side, &mut state) => outcome,
            () = shared.over() => Err(Stopped::closed(
                "the recording ended before the exchange did".to_owned(),
            )),
        };
        let goes_on = matches!(outcome, Ok(End::Again))
            && !self.head.says("connection", "close")
            && (version == "HTTP/1.1" || self.head.says("connection", "keep-alive"));
        let fault = outcome.err().map(|stopped| {
            let moment = if state.head.is_some() { Moment::InBody } else { Moment::BeforeAnswer };
            let status =
                state.head.as_ref().map(|(_, status, _)| format!("status {status}, then "));
            Fault {
                kind: stopped.kind,
                message: format!("{}{}", status.unwrap_or_default(), stopped.message),
                moment: Some(moment),
                handshake_ended: false,
            }
        });
        self.keep(shared, told, state, fault).await;
        goes_on
    }

    /// Answers in the appliance's stead that a request isn't passed on.
    #[expect(clippy::too_many_arguments, reason = "all of it is what the exchange is by then")]
    async fn refuse(
        self,
        shared: &Shared,
        client: &mut Side,
        outgoing: Outgoing,
        framing: Framing,
        mut body: Body,
        mut state: State,
        refusal: &NotPassed,
    ) -> bool {
        // A short body is read, so that the connection goes on; a client that waits to be told to
        // send it is told not to.
        let short = matches!(framing, Framing::Length(length) if length <= WEIGHED)
            && !self.head.says("expect", "100-continue");
        let mut rest = Vec::new();
        if short && !body.is_done() {
            let _ = read_ahead(client, &mut body, &mut rest, &mut state.sent).await;
        }
        let is_head = outgoing.method == "HEAD";
        let goes_on = body.is_done() && !is_head && !self.head.says("connection", "close");
        let mut reply = replies::refused(refusal, !goes_on);
        if is_head {
            // Whoever asks for a head reads no body.
            reply.truncate(super::head::end_of(&reply).unwrap_or(reply.len()));
        }
        let sent = pipe::send(&mut client.output, &reply).await;
        let fault = Fault::new(
            FaultKind::Refused,
            format!("not sent: refused by the proxy: {}", refusal.why),
        );
        self.keep(shared, outgoing, state, Some(fault)).await;
        goes_on && sent.is_ok()
    }

    /// Keeps the exchange.
    async fn keep(self, shared: &Shared, sent: Outgoing, state: State, fault: Option<Fault>) {
        let took_us = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let outcome = match (fault, state.head) {
            (None, Some((version, status, headers))) => {
                Ok(SeenAnswer { status, version, headers, body: state.got })
            }
            (Some(fault), _) => Err(fault),
            (None, None) => Err(Fault::new(FaultKind::Protocol, "no answer came")),
        };
        let seen = Seen {
            number: self.number,
            method: sent.method,
            target: sent.target,
            headers: sent
                .headers
                .into_iter()
                .map(|(name, value)| (name, value.into_bytes()))
                .collect(),
            body: state.sent,
            at: self.at,
            took_us,
            outcome,
        };
        shared.keep.exchange(seen).await;
    }
}

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or(target)
}

/// Reads a body before it is passed on: its bytes as they came, and its content. False where it is
/// too long for that.
async fn read_ahead(
    client: &mut Side,
    body: &mut Body,
    raw: &mut Vec<u8>,
    content: &mut Part,
) -> Result<bool, Broken> {
    while !body.is_done() {
        if content.all > WEIGHED {
            return Ok(false);
        }
        let bytes =
            client.input.fill_buf().await.map_err(|error| Broken::From(error.to_string()))?;
        if bytes.is_empty() {
            return Err(Broken::From("in the middle of a body".to_owned()));
        }
        let took = body.take(bytes, |part| content.add(part, u64::MAX)).map_err(Broken::Wrong)?;
        raw.extend_from_slice(&bytes[..took]);
        client.input.consume(took);
    }
    Ok(true)
}
