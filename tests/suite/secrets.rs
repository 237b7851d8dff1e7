//! Files that hold secrets, spoilt in every way that people spoil them: no message and no file
//! repeats any of it.
//!
//! Knows: the binary, and every option that takes a file. Must not know: how a file is read.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::generate_simple_self_signed;
use regex::Regex;
use tempfile::TempDir;

use crate::support::command::{Answer, answer, binary, text};

/// A password that is nowhere else.
const PASSWORD: &str = "Zq7-hunter2-Kx9";

/// A file with a secret, and the pieces of it that nobody may see.
struct Spoilt {
    name: &'static str,
    bytes: Vec<u8>,
}

struct Secrets {
    certificate: String,
    key: String,
    spoilt: Vec<Spoilt>,
}

fn secrets() -> Secrets {
    let made = generate_simple_self_signed(["lxca.example".to_owned()]).expect("a certificate");
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let both = format!("{key}{certificate}");
    let wide = |text: &str| {
        [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect::<Vec<u8>>()
    };
    let row = |name, bytes: Vec<u8>| Spoilt { name, bytes };
    let spoilt = vec![
        row("a key", key.clone().into_bytes()),
        row("a key without line ends", key.replace('\n', "").into_bytes()),
        row("a key with blanks for line ends", key.replace('\n', " ").into_bytes()),
        row("a key with escaped line ends", key.replace('\n', "\\n").into_bytes()),
        row("a key in quotes", format!("\"{}\"", key.replace('\n', "\\n")).into_bytes()),
        row(
            "a key as a member",
            format!("{{\"key\": \"{}\"}}\n", key.replace('\n', "\\n")).into_bytes(),
        ),
        row("a key as a value", format!("key = \"{}\n", key.replace('\n', "\\n")).into_bytes()),
        row("a key and a certificate without line ends", both.replace('\n', "").into_bytes()),
        row("a key with a byte order mark", format!("\u{feff}{key}").into_bytes()),
        row("a key in UTF-16", wide(&key)),
        row("a key in UTF-16 without line ends", wide(&key.replace('\n', ""))),
        row("a key that was cut", key.as_bytes()[..key.len() - 40].to_vec()),
        row("a key that was cut in its one line", key.replace('\n', "").as_bytes()[..120].to_vec()),
        row("a key without its end", key.replace("-----END PRIVATE KEY-----", "").into_bytes()),
        row(
            "a key whose end has another name",
            key.replace("END PRIVATE", "END RSA PRIVATE").into_bytes(),
        ),
        row(
            "a key without its marks",
            key.lines()
                .filter(|line| !line.starts_with('-'))
                .collect::<Vec<_>>()
                .join("\n")
                .into_bytes(),
        ),
        row("a key with a strange byte", key.replacen("\nM", "\n*M", 1).into_bytes()),
        row("a key, DER", made.signing_key.serialize_der()),
        row("a password", format!("{PASSWORD}\n").into_bytes()),
        row("a password, JSON", format!("\"{PASSWORD}\"\n").into_bytes()),
        row("a list of passwords, JSON", format!("[\"{PASSWORD}\"]\n").into_bytes()),
        row("a password as a member", format!("{{\"password\": \"{PASSWORD}\"}}\n").into_bytes()),
        row("a password as a record's row", format!("{{\"row\": \"{PASSWORD}\"}}\n").into_bytes()),
        row("a password with a byte order mark", format!("\u{feff}{PASSWORD}\r\n").into_bytes()),
        row("a password in UTF-16", wide(&format!("{PASSWORD}\r\n"))),
        row("an environment file", format!("LXCA_PASSWORD={PASSWORD}\n").into_bytes()),
        row(
            "an environment file with quotes",
            format!("LXCA_PASSWORD=\"{PASSWORD}\"\n").into_bytes(),
        ),
        row(
            "a password without its closing quote",
            format!("password = \"{PASSWORD}\n").into_bytes(),
        ),
        row(
            "a state with a password of the wrong type",
            format!(
                "{{\"accounts\": [{{\"name\": \"A\", \"role\": \"{PASSWORD}\", \"password\": 1}}]}}"
            )
            .into_bytes(),
        ),
    ];
    Secrets { certificate, key, spoilt }
}

impl Secrets {
    /// Finds the password or the key: eight characters in a row, or four of their bytes as decimal
    /// or hexadecimal numbers.
    fn search(&self) -> Regex {
        let body: String = self.key.lines().filter(|line| !line.starts_with('-')).collect();
        let numbers = |bytes: &[u8], hexadecimal: bool| {
            bytes
                .iter()
                .map(|byte| if hexadecimal { format!("{byte:02x}") } else { byte.to_string() })
                .collect::<Vec<_>>()
                .join(",")
        };
        let mut pieces = Vec::new();
        for secret in [body.as_bytes(), PASSWORD.as_bytes()] {
            pieces
                .extend(secret.windows(8).map(|piece| String::from_utf8_lossy(piece).into_owned()));
            pieces.extend(
                secret.windows(4).flat_map(|bytes| [numbers(bytes, false), numbers(bytes, true)]),
            );
        }
        let pieces: Vec<String> = pieces.iter().map(|piece| regex::escape(piece)).collect();
        Regex::new(&pieces.join("|")).expect("a regular expression")
    }
}

fn shown(search: &Regex, told: &str) -> Option<String> {
    search.find(&told.replace(['\n', ' '], "")).map(|found| found.as_str().to_owned())
}

const INPUTS: [&str; 5] = ["good.pem", "good.key", "lab.toml", "secret", "secret.json"];

/// Everything that a command wrote below a folder besides its input.
fn written(folder: &Path) -> String {
    let mut found = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.push_str(&written(&path));
        } else if path.file_name().is_none_or(|name| !INPUTS.iter().any(|input| name == *input)) {
            found.push_str(&String::from_utf8_lossy(&fs::read(&path).expect("a file")));
        }
    }
    found
}

/// A command with the environment of somebody who has set a password, and that serves nothing for
/// long.
fn told(folder: &Path, arguments: &[&str]) -> Answer {
    // Nobody listens on port 9, and `serve` ends at once where its port is taken.
    answer(binary().current_dir(folder).env("LXCA_PASSWORD", "another").args(arguments))
}

#[test]
fn no_option_that_takes_a_file_repeats_a_secret_that_lies_in_it() {
    let secrets = secrets();
    let search = secrets.search();
    let folder = TempDir::new().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("good.pem"), &secrets.certificate).expect("a file");
    fs::write(at("good.key"), &secrets.key).expect("a file");
    // `serve` can't take this port: what it reads from files comes before, and it ends.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let live = ["--url", "https://127.0.0.1:9", "--user", "USERID"];
    let mut tried = 0;
    for spoilt in &secrets.spoilt {
        let file = at("secret");
        fs::write(&file, &spoilt.bytes).expect("a file");
        restrict(&file);
        let lab = |more: &str| {
            fs::write(
                at("lab.toml"),
                format!("name = \"lab\"\nurl = \"https://127.0.0.1:9\"\n{more}"),
            )
            .expect("a file");
        };
        let secret = text(&file).to_owned();
        let s = secret.as_str();
        let mut commands: Vec<Vec<&str>> = vec![
            [&["run"], &live[..], &["--ca-file", s]].concat(),
            vec!["run", "--target", s],
            vec!["run", "--filter", "appliance.get::*", "--waivers", s, "--out", "out"],
            vec!["run", "--filter", "appliance.get::*", "--baseline", s, "--out", "out"],
            vec!["serve", "--port", &port, "--cert", s, "--key", "good.key"],
            vec!["serve", "--port", &port, "--cert", "good.pem", "--key", s],
            vec!["serve", "--port", &port, "--state", s],
            vec!["judge", s],
            vec!["report", s, "--format", "markdown"],
            [&["sweep", s], &live[..]].concat(),
            vec!["gate", "--baseline", s, "--candidate", s, "--policy", s, "--waivers", s],
            vec!["matrix", s, s],
            vec!["shape", s],
            vec!["waivers", "lint", s],
        ];
        let auth = format!(
            "[auth]\nuser = \"USERID\"\npassword-file = \"{s}\"\n[tls]\nca-file = \"{s}\"\n"
        );
        lab(&auth);
        commands.push(vec!["run", "--target", "lab.toml", "--out", "out"]);
        for command in commands {
            // A file of another name is read as another kind of file.
            for suffix in ["", ".json"] {
                let file = at(&format!("secret{suffix}"));
                fs::write(&file, &spoilt.bytes).expect("a file");
                let command: Vec<&str> = command
                    .iter()
                    .map(|word| if *word == s { text(&file) } else { word })
                    .collect();
                let answer = told(folder.path(), &command);
                let all = format!("{}{}{}", answer.stdout, answer.stderr, written(folder.path()));
                assert_eq!(
                    shown(&search, &all),
                    None,
                    "{} with {command:?}: {answer:?}",
                    spoilt.name
                );
                let _ = fs::remove_dir_all(at("out"));
                tried += 1;
                if suffix.is_empty() && !["report", "gate"].contains(&command[0]) {
                    break;
                }
            }
        }
    }
    assert_eq!(
        shown(&search, &format!("see {PASSWORD}")).as_deref(),
        Some("Zq7-hunt"),
        "the search finds what it is for"
    );
    assert!(tried > 400, "only {tried} were tried");
}

fn restrict(file: &PathBuf) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("its mode");
    }
}

#[test]
fn no_key_of_a_target_file_repeats_a_password_that_was_put_in_its_place() {
    let secrets = secrets();
    let search = secrets.search();
    let folder = TempDir::new().expect("a temporary folder");
    let lab = folder.path().join("lab.toml");
    let good = [
        ("", "name", "\"lab\""),
        ("", "url", "\"https://127.0.0.1:9\""),
        ("", "allow", "\"read\""),
        ("[auth]", "method", "\"basic\""),
        ("[auth]", "user", "\"USERID\""),
        ("[auth]", "password-env", "\"LXCA_PASSWORD\""),
        (
            "[tls]",
            "pin-sha256",
            "\"6870ab349564d8a0e64957cb53bb1b75213f34b2b53fe43dcbf245466bfdde61\"",
        ),
        ("[limits]", "concurrency", "1"),
        ("[limits]", "request-timeout", "\"3s\""),
        ("[limits]", "max-body", "1024"),
        ("[expect]", "version", "\">=4.1\""),
        ("[expect]", "uuid", "\"1\""),
    ];
    let written = |at: Option<(usize, String)>| {
        let mut lines: Vec<String> = Vec::new();
        let mut section = "";
        for (index, (place, key, value)) in good.iter().enumerate() {
            if *place != section {
                section = place;
                lines.push(section.to_owned());
            }
            match &at {
                Some((changed, line)) if *changed == index => lines.push(line.clone()),
                _ => lines.push(format!("{key} = {value}")),
            }
        }
        lines.join("\n") + "\n"
    };
    // The file is good before it is spoilt.
    fs::write(&lab, written(None)).expect("a file");
    assert_eq!(told(folder.path(), &["plan", "--target", "lab.toml"]).exit, 0);
    for (index, (section, key, _)) in good.iter().enumerate() {
        let lines = [
            format!("{key} = \"{PASSWORD}"),
            format!("{key} = {PASSWORD}"),
            format!("{key} = '{PASSWORD}\""),
            format!("{key} = \"{PASSWORD}\\q\""),
            format!("{key} \"{PASSWORD}\""),
            format!("{key}: {PASSWORD}"),
            format!("{key} = \"a\" \"{PASSWORD}\""),
            format!("{key} = [\"{PASSWORD}\"]"),
            format!("password = \"{PASSWORD}\""),
            format!("password = \"{PASSWORD}"),
            // A name, an address, a user or a uuid can be any text; whoever gives the password
            // there has named it so.
            if ["name", "url", "user", "uuid"].contains(key) {
                String::new()
            } else {
                format!("{key} = \"{PASSWORD}\"")
            },
        ];
        for line in lines.iter().filter(|line| !line.is_empty()) {
            fs::write(&lab, written(Some((index, line.clone())))).expect("a file");
            // Where the file itself is fine, the account that it names isn't.
            let said = match lxca_conform::target::load(&lab, &[]) {
                Err(error) => error.to_string(),
                Ok(target) => target
                    .account
                    .map(|account| lxca_conform::password::credentials(&account, true))
                    .expect("an account")
                    .map(|_| ())
                    .expect_err(line)
                    .to_string(),
            };
            assert_eq!(shown(&search, &said), None, "{section} {line}: {said}");
        }
    }
    for line in [
        format!("password-file = \"{PASSWORD}\""),
        format!("password-env = \"{PASSWORD}\""),
        format!("password-file = \"{PASSWORD}"),
    ] {
        fs::write(&lab, written(Some((5, line)))).expect("a file");
        let answer = told(folder.path(), &["run", "--target", "lab.toml", "--out", "out"]);
        assert_eq!(
            (answer.exit, shown(&search, &format!("{}{}", answer.stdout, answer.stderr))),
            (2, None),
            "{answer:?}"
        );
    }
}
