//! A command as a process of its own, with all that it starts: run to its end, or ended after its
//! time.
//!
//! Knows: processes and what they print. Must not know: what they ask for.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::depend::End;

/// So much of an output is kept.
const MOST_OUTPUT: usize = 64 * 1024 * 1024;
/// How long an output may stay open when its process has ended.
const FAREWELL: Duration = Duration::from_secs(2);
/// So much of what it said last is kept.
const LAST_LINES: usize = 8;
const MOST_SAID: usize = 2000;

/// A command that runs.
pub(super) struct Running {
    child: Child,
    group: Group,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
}

/// A command that has ended.
pub(super) struct Ended {
    pub(super) end: End,
    pub(super) stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Running {
    /// Starts it: without input, and as the first of a group of processes.
    pub(super) fn start(words: &[String], variables: &[(String, String)]) -> std::io::Result<Self> {
        let (first, rest) =
            words.split_first().ok_or_else(|| std::io::Error::other("there is no command"))?;
        let mut command = Command::new(first);
        command
            .args(rest)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let group = Group(child.id());
        let stdout = tokio::spawn(read(child.stdout.take()));
        let stderr = tokio::spawn(read(child.stderr.take()));
        Ok(Self { child, group, stdout, stderr })
    }

    /// Its end, within a time.
    pub(super) async fn end(mut self, limit: Duration) -> Ended {
        let end = match tokio::time::timeout(limit, self.child.wait()).await {
            Ok(Ok(status)) => ended(status),
            Ok(Err(_)) | Err(_) => End::Hung,
        };
        // What it left behind would go on asking.
        drop(self.group);
        if end == End::Hung {
            let _ = self.child.kill().await;
        }
        Ended { end, stdout: whole(self.stdout).await, stderr: whole(self.stderr).await }
    }
}

fn ended(status: std::process::ExitStatus) -> End {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            return End::Signal(signal);
        }
    }
    End::Exit(status.code().unwrap_or(-1))
}

async fn read(stream: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Some(mut stream) = stream else { return bytes };
    let mut part = vec![0; 16 * 1024];
    // Read to its end in any case, so that the command isn't held up.
    while let Ok(count @ 1..) = stream.read(&mut part).await {
        let room = MOST_OUTPUT.saturating_sub(bytes.len());
        bytes.extend_from_slice(&part[..count.min(room)]);
    }
    bytes
}

async fn whole(mut reading: JoinHandle<Vec<u8>>) -> Vec<u8> {
    if let Ok(bytes) = tokio::time::timeout(FAREWELL, &mut reading).await {
        return bytes.unwrap_or_default();
    }
    reading.abort();
    Vec::new()
}

/// A process and all that it started; ended when this is dropped.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) =
            self.0.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
        {
            // None is left, most often.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

impl Ended {
    /// The last lines of what it said.
    pub(super) fn said(&self) -> String {
        let said = if self.stderr.iter().all(u8::is_ascii_whitespace) {
            &self.stdout
        } else {
            &self.stderr
        };
        let text = String::from_utf8_lossy(said);
        let lines: Vec<&str> = text.trim_end().lines().collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
        let start = last.char_indices().rev().take(MOST_SAID).last().map_or(0, |(at, _)| at);
        last[start..].to_owned()
    }
}
