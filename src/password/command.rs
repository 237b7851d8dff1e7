//! A password that a program prints, such as a password manager.
//!
//! Knows: how a program is run without a shell, bounded in time and size. The one door to running
//! one for a secret. Must not know: whose password it is, or what is sent.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use secrecy::SecretString;

use crate::redact::Redactor;

/// How long a program may take.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// How often it is looked whether it has ended.
const STEP: Duration = Duration::from_millis(10);
/// How long its output may take once it has ended: what it started may still hold it.
const AFTER: Duration = Duration::from_secs(1);
/// Bytes that are read of either output.
const MOST_BYTES: u64 = 64 * 1024;
/// Characters of what it says that are shown.
const MOST_SHOWN: usize = 300;

/// A program without its arguments, for people. What can't be the name of one may be the password
/// itself in the wrong place, and isn't repeated.
pub(super) fn shown(program: &Path) -> String {
    let name = program.to_string_lossy();
    let usual = |c: char| c.is_ascii_alphanumeric() || "._-+/\\:".contains(c);
    if name.chars().all(usual) { name.into_owned() } else { "(a name that isn't shown)".to_owned() }
}

/// The first line that a program prints, without its end.
pub(super) fn first_line(
    program: &Path,
    arguments: &[String],
    limit: Duration,
) -> Result<Vec<u8>, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            format!(
                "it can't be started: {error}; no shell reads password-command, so give the \
                    program and each argument as a string of its own"
            )
        })?;
    let line = child.stdout.take().map(first_line_of);
    let said = child.stderr.take().map(all_of);
    let Some(status) = ended(&mut child, limit)? else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("it didn't end within {} s", limit.as_secs_f64()));
    };
    let line = received(line.as_ref());
    if !status.success() {
        let said = received(said.as_ref()).unwrap_or_default();
        return Err(format!("it ended with {status}{}", without(&said, line.as_deref())));
    }
    let line = line.ok_or("its output was still open after it had ended")?;
    if line.len() as u64 >= MOST_BYTES {
        return Err(format!("its first line is longer than {MOST_BYTES} bytes"));
    }
    if line.is_empty() {
        return Err("it printed nothing on stdout".to_owned());
    }
    Ok(line)
}

/// How it ended, if it did in time.
fn ended(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>, String> {
    let mut left = limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Some(status)),
            Ok(None) if left.is_zero() => return Ok(None),
            Ok(None) => {}
            Err(error) => return Err(format!("it can't be waited for: {error}")),
        }
        thread::sleep(STEP.min(left));
        left = left.saturating_sub(STEP);
    }
}

/// The first line of an output, as soon as it is there; the rest is read and dropped, so that the
/// program isn't held up.
fn first_line_of(output: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        let _ = (&mut output).take(MOST_BYTES).read_until(b'\n', &mut line);
        let _ = tell.send(line);
        let _ = std::io::copy(&mut output, &mut std::io::sink());
    });
    told
}

/// The beginning of an output.
fn all_of(output: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut output = output;
        let mut text = Vec::new();
        let _ = (&mut output).take(MOST_BYTES).read_to_end(&mut text);
        let _ = tell.send(text);
        let _ = std::io::copy(&mut output, &mut std::io::sink());
    });
    told
}

fn received(output: Option<&Receiver<Vec<u8>>>) -> Option<Vec<u8>> {
    output?.recv_timeout(AFTER).ok()
}

/// What a program says on stderr, on one line, without what it printed on stdout.
fn without(said: &[u8], line: Option<&[u8]>) -> String {
    let said = String::from_utf8_lossy(said);
    let mut redactor = Redactor::default();
    let line = String::from_utf8_lossy(line.unwrap_or_default()).trim().to_owned();
    if !line.is_empty() {
        redactor.add(None, &SecretString::from(line));
    }
    let text = redactor.text(&said);
    let flat: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let flat = flat.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let mut start: String = flat.chars().take(MOST_SHOWN).collect();
    if start.len() < flat.len() {
        start.push('…');
    }
    if start.is_empty() { start } else { format!(", and says: {start}") }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn run(script: &str, limit: Duration) -> Result<String, String> {
        let arguments = ["-c".to_owned(), script.to_owned()];
        first_line(Path::new("/bin/sh"), &arguments, limit)
            .map(|line| String::from_utf8_lossy(&line).into_owned())
    }

    #[test]
    fn the_first_line_is_the_password_whatever_follows() {
        assert_eq!(run("printf 'pä ss\\nuser: x\\n'", LIMIT), Ok("pä ss\n".to_owned()));
        assert_eq!(run("printf one", LIMIT), Ok("one".to_owned()));
        // Much more than a pipe holds doesn't hold it up.
        assert_eq!(run("echo one; head -c 300000 /dev/zero", LIMIT), Ok("one\n".to_owned()));
    }

    #[test]
    fn a_failure_shows_what_it_says_and_no_secret() {
        let why = run("echo hunter2; echo 'no  key for\thunter2' >&2; exit 3", LIMIT).unwrap_err();
        assert!(why.contains("exit status: 3") && why.contains("says: no key for "), "{why}");
        assert!(!why.contains("hunter2"), "{why}");
        assert_eq!(run("exit 0", LIMIT).unwrap_err(), "it printed nothing on stdout");
        let why = run("head -c 100000 /dev/zero | tr '\\0' h", LIMIT).unwrap_err();
        assert!(why.contains("longer than"), "{why}");
        let gone = first_line(Path::new("/nowhere/pass"), &[], LIMIT).unwrap_err();
        assert!(gone.contains("can't be started"), "{gone}");
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let why = run("exec sleep 600", Duration::from_millis(50)).unwrap_err();
        assert_eq!(why, "it didn't end within 0.05 s");
    }

    #[test]
    fn what_cant_be_a_program_isnt_repeated() {
        assert_eq!(shown(Path::new("./tools/get-pass")), "./tools/get-pass");
        assert!(!shown(Path::new("hunter 2!")).contains("hunter"));
    }
}
