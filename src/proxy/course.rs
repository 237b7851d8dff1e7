//! The way of one exchange once it is allowed: its request there, and its answer back.
//!
//! Knows: both directions go on at once, and either may come to its end first. Must not know: what
//! an answer says.

use std::pin::pin;

use crate::exchange::FaultKind;
use crate::recording::Part;

use super::Shared;
use super::connection::{Side, State};
use super::framing::{Body, Framing};
use super::head::Head;
use super::pipe::{self, Broken};
use super::replies;

/// Why an exchange stopped.
pub(super) struct Stopped {
    pub(super) kind: FaultKind,
    pub(super) message: String,
}

impl Stopped {
    pub(super) fn closed(message: String) -> Self {
        Self { kind: FaultKind::Closed, message }
    }
}

const CLIENT: &str = "the client";
const APPLIANCE: &str = "the appliance";

/// How an exchange leaves its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Another one may follow.
    Again,
    /// They are at their end.
    Close,
}

/// The way of one exchange once it is allowed.
pub(super) struct Course<'a> {
    pub(super) shared: &'a Shared,
    pub(super) method: &'a str,
    /// Whether the client was told to go on by the proxy, so that it needn't be told again.
    pub(super) continued: bool,
}

impl Course<'_> {
    /// Passes a request on, and its answer back, whichever comes first to its end; whether the
    /// connections can be used again.
    pub(super) async fn run(
        mut self,
        first: [&[u8]; 2],
        body: Body,
        client: &mut Side,
        appliance: &mut Side,
        state: &mut State,
    ) -> Result<End, Stopped> {
        let State { sent, head: answered, got } = state;
        let most = self.shared.most;
        let (client_in, client_out) = (&mut client.input, &mut client.output);
        let (appliance_in, appliance_out) = (&mut appliance.input, &mut appliance.output);
        let mut upload = pin!(async {
            for part in first.into_iter().filter(|part| !part.is_empty()) {
                pipe::send(appliance_out, part).await?;
            }
            pipe::body(client_in, appliance_out, body, sent, most).await
        });
        // What is left to be sent is no more of interest where the appliance has answered and
        // taken no more; a client that breaks off ends the exchange.
        let mut uploaded: Option<Result<(), Broken>> = None;
        let (head, raw, version, status) = loop {
            let mut raw = Vec::new();
            let came = {
                let mut next = pin!(pipe::head(appliance_in, &mut raw));
                loop {
                    tokio::select! {
                        biased;
                        came = &mut next => break came,
                        done = &mut upload, if uploaded.is_none() => {
                            if let Err(broken @ (Broken::From(_) | Broken::Wrong(_))) = &done {
                                return Err(Stopped::closed(broken.says(CLIENT, APPLIANCE)));
                            }
                            uploaded = Some(done);
                        }
                    }
                }
            };
            match came {
                Ok(true) => {}
                Ok(false) => {
                    let message = format!("{APPLIANCE} ended the connection without an answer");
                    return Err(Stopped::closed(message));
                }
                Err(broken) => {
                    let _ = pipe::send(client_out, &raw).await;
                    return Err(Stopped::closed(broken.says(APPLIANCE, CLIENT)));
                }
            }
            let head = Head::read(&raw);
            let Some((version, status)) = head.status() else {
                let _ = pipe::send(client_out, &raw).await;
                let rest = Body::new(Framing::End);
                let _ = pipe::body(appliance_in, client_out, rest, &mut Part::default(), 0).await;
                let message = "what came back isn't HTTP".to_owned();
                return Err(Stopped { kind: FaultKind::Protocol, message });
            };
            if status == 101 {
                // Nobody asked for it, and nobody could weigh what comes next.
                let message = "the appliance changed to another protocol (status 101), which isn't \
                    passed on";
                let _ = pipe::send(client_out, &replies::no_answer(message)).await;
                return Err(Stopped { kind: FaultKind::Protocol, message: message.to_owned() });
            }
            if !(100..200).contains(&status) {
                break (head, raw, version, status);
            }
            // The client was told to go on already.
            if !(status == 100 && std::mem::take(&mut self.continued)) {
                let sent = pipe::send(client_out, &raw).await;
                sent.map_err(|broken| Stopped::closed(broken.says(APPLIANCE, CLIENT)))?;
            }
        };
        let framing = head.answer_framing(self.method, status);
        let mut mended = head.clone();
        self.shared.mender.answer(&mut mended);
        *answered = Some((version.clone(), status, head.headers()));
        let bytes = if mended == head { raw } else { mended.bytes() };
        let told = pipe::send(client_out, &bytes).await;
        told.map_err(|broken| Stopped::closed(broken.says(APPLIANCE, CLIENT)))?;
        let download = pipe::body(appliance_in, client_out, Body::new(framing), got, most);
        let mut download = pin!(download);
        let downloaded = loop {
            tokio::select! {
                biased;
                done = &mut download => break done,
                done = &mut upload, if uploaded.is_none() => {
                    if let Err(broken @ (Broken::From(_) | Broken::Wrong(_))) = &done {
                        return Err(Stopped::closed(broken.says(CLIENT, APPLIANCE)));
                    }
                    uploaded = Some(done);
                }
            }
        };
        downloaded.map_err(|broken| Stopped::closed(broken.says(APPLIANCE, CLIENT)))?;
        let stays = framing != Framing::End
            && !head.says("connection", "close")
            && (version == "HTTP/1.1" || head.says("connection", "keep-alive"));
        // An answer that comes before its request ended may be all that the appliance wants of it.
        let whole = match uploaded {
            Some(done) => done.is_ok(),
            None if stays => upload.await.is_ok(),
            None => false,
        };
        Ok(if stays && whole { End::Again } else { End::Close })
    }
}
