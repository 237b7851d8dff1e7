//! Tells cargo that the embedded folders are part of the program, so that a new case or schema is built in, and gives the code that
//! asks, judges and plays the double an identity, so that the score of a self-test is only shown by the build that earned it.

#![expect(clippy::disallowed_methods, reason = "a build script reads the sources")]

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// What decides whether a fault is caught, below `src/`. Renderings and the command line don't.
const DECIDES: &[&str] =
    &["builtin.rs", "catalogue", "conduct.rs", "contract", "double", "engine", "engine.rs", "exchange.rs", "identify.rs", "judge", "plan.rs", "redact.rs", "self_test", "self_test.rs", "transport"];

fn main() -> io::Result<()> {
    for folder in ["schemas", "cases", "templates", "src", "reports/proof.json"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let mut files = vec![PathBuf::from("Cargo.lock")];
    for name in DECIDES {
        collect(&Path::new("src").join(name), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let text = fs::read(&file)?;
        hash.update(file.to_string_lossy().replace('\\', "/").as_bytes());
        hash.update(text.len().to_le_bytes());
        hash.update(&text);
    }
    let mut digest = String::new();
    for byte in hash.finalize() {
        let _ = write!(digest, "{byte:02x}");
    }
    println!("cargo:rustc-env=LXCA_CONFORM_CODE=sha256:{digest}");
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_path_buf());
    }
    Ok(())
}
