//! Tells cargo that the embedded folders are part of the program, so that a new case or schema is
//! built in, and gives the code that asks, judges and plays the double an identity, so that the
//! score of a self-test is only shown by the build that earned it.

#![expect(clippy::disallowed_methods, reason = "a build script reads the sources")]

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use sha2::{Digest, Sha256};

/// What decides whether a fault is caught, below `src/`. Renderings and the command line don't.
const DECIDES: &[&str] = &[
    "builtin.rs",
    "catalogue",
    "conduct.rs",
    "contract",
    "double",
    "engine",
    "engine.rs",
    "exchange",
    "exchange.rs",
    "identify.rs",
    "judge",
    "plan.rs",
    "redact.rs",
    "self_test",
    "self_test.rs",
    "transport",
];

fn main() -> io::Result<()> {
    for folder in ["schemas", "cases", "templates", "src", "src/self_test/score.json"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let mut files = vec![PathBuf::from("Cargo.lock")];
    for name in DECIDES {
        collect(&Path::new("src").join(name), &mut files)?;
    }
    // What the double can do wrong is data beside the schemas, and no part of the contract.
    let mut data = Vec::new();
    collect(Path::new("schemas"), &mut data)?;
    files.extend(data.into_iter().filter(|file| file.to_string_lossy().ends_with(".faults.toml")));
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let text = if file.extension().is_some_and(|extension| extension == "rs") {
            without_comments(&file, &text)?
        } else {
            text
        };
        hash.update(file.to_string_lossy().replace('\\', "/").as_bytes());
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    let mut digest = String::new();
    for byte in hash.finalize() {
        let _ = write!(digest, "{byte:02x}");
    }
    println!("cargo:rustc-env=LXCA_CONFORM_CODE=sha256:{digest}");
    convert_operations()
}

/// Writes the operation files as JSON, which is read in a fraction of the time at each start. One
/// that isn't TOML is left out: whoever reads the file says what is wrong with it.
fn convert_operations() -> io::Result<()> {
    let mut files = Vec::new();
    collect(Path::new("schemas"), &mut files)?;
    let mut rows: Vec<(String, String)> = Vec::new();
    for file in files {
        let Ok(name) = file.strip_prefix("schemas") else { continue };
        let name = name.to_string_lossy().replace('\\', "/");
        if !name.ends_with(".operation.toml") {
            continue;
        }
        let table = toml::from_str::<toml::Table>(&fs::read_to_string(&file)?).ok();
        if let Some(json) = table.and_then(|table| serde_json::to_string(&table).ok()) {
            rows.push((name, json));
        }
    }
    rows.sort();
    let mut text = String::from("static OPERATIONS: &[(&str, &str)] = &[\n");
    for (name, json) in rows {
        let _ = writeln!(text, "    ({name:?}, {json:?}),");
    }
    text.push_str("];\n");
    let folder = std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?;
    fs::write(Path::new(&folder).join("operations.rs"), text)
}

/// The tokens of a source file. Comments, documentation and layout decide nothing, so that a
/// reworded comment leaves the score valid.
fn without_comments(file: &Path, text: &str) -> io::Result<String> {
    let tokens: TokenStream = text
        .parse()
        .map_err(|error| io::Error::other(format!("failed to read {}: {error}", file.display())))?;
    let mut kept = String::new();
    keep(tokens, &mut kept);
    Ok(kept)
}

fn keep(tokens: TokenStream, kept: &mut String) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if let TokenTree::Punct(hash) = &token
            && hash.as_char() == '#'
        {
            let inner = tokens
                .next_if(|next| matches!(next, TokenTree::Punct(bang) if bang.as_char() == '!'));
            if tokens.next_if(is_documentation).is_some() {
                continue;
            }
            kept.push('#');
            kept.push_str(if inner.is_some() { "!" } else { "" });
            continue;
        }
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                kept.push_str(open);
                keep(group.stream(), kept);
                kept.push_str(close);
            }
            // A comma before a closing bracket comes and goes with the length of the line.
            TokenTree::Punct(comma) if comma.as_char() == ',' && tokens.peek().is_none() => {}
            other => {
                kept.push_str(&other.to_string());
                kept.push(' ');
            }
        }
    }
}

fn is_documentation(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket
        && matches!(group.stream().into_iter().next(),
            Some(TokenTree::Ident(name)) if name == "doc"))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if !path.ends_with("self_test/score.json") {
        files.push(path.to_path_buf());
    }
    Ok(())
}
