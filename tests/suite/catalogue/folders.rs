//! Folders of contract and catalogue as an operator has them.
//!
//! Knows: files and links. Must not know: what the files mean.

#![cfg(unix)]

use std::os::unix::fs::symlink;

use lxca_conform::files::{folder, pages};

#[test]
fn a_link_that_leads_round_in_a_circle_is_followed_once() {
    let room = tempfile::tempdir().expect("a folder");
    let (here, below) = (room.path().join("here"), room.path().join("here/below"));
    std::fs::create_dir_all(&below).expect("folders");
    for link in ["one", "two"] {
        symlink(&here, below.join(link)).expect("a link");
    }
    // What a link leads to elsewhere is read.
    std::fs::create_dir(room.path().join("elsewhere")).expect("a folder");
    symlink(room.path().join("elsewhere"), here.join("linked")).expect("a link");
    for file in ["here/get.toml", "here/below/put.toml", "elsewhere/post.toml", "here/page.md"] {
        std::fs::write(room.path().join(file), "x = 1").expect("a file");
    }
    let found = folder(&here).expect("texts");
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(names, ["below/put.toml", "get.toml", "linked/post.toml"]);
    assert_eq!(pages(&here).expect("pages").len(), 1);
}
