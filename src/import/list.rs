//! A list of saved pages: each line the address that a page was saved from, and where it lies.
//!
//! Knows: the lines of such a list, and how `wget` and `curl` name what they save. Must not know:
//! files, networks: nothing is fetched.

use crate::problem::Problem;

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its line, from 1.
    pub line: usize,
    /// The address that the page was saved from.
    pub url: Option<String>,
    /// Where the page may lie, seen from the folder of the list: the first that is there counts.
    pub files: Vec<String>,
}

/// The name that a list has where nobody says that it is one.
pub const NAME: &str = "urls.txt";

/// Whether a file is a list: by its name, or as nothing but addresses begin its lines. A page may
/// begin with the address that it was saved from, but then goes on with something else.
#[must_use]
pub fn is_list(name: &str, text: &str) -> bool {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    if name == NAME || crate::texts::is(name, "urls") {
        return true;
    }
    let mut any = false;
    for (_, line) in lines(text) {
        if after_scheme(line).is_none() {
            return false;
        }
        any = true;
    }
    any
}

/// The lines that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn after_scheme(text: &str) -> Option<&str> {
    ["https://", "http://"].iter().find_map(|scheme| {
        let head = text.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    })
}

/// The entries of a list; everything that is wrong with it at once.
pub fn entries(name: &str, text: &str) -> Result<Vec<Entry>, Vec<Problem>> {
    let mut found: Vec<Entry> = Vec::new();
    let mut problems = Vec::new();
    for (line, text) in lines(text) {
        match entry(line, text) {
            Ok(entry) => found.push(entry),
            Err((what, fix)) => {
                let mut problem = Problem::new(name, what).fix(fix);
                problem.at = Some((line, 1));
                problems.push(problem);
            }
        }
    }
    if problems.is_empty() && found.is_empty() {
        problems.push(
            Problem::new(name, "the list names no page")
                .fix("write one address a line, and behind it the file if it has another name"),
        );
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn entry(line: usize, text: &str) -> Result<Entry, (String, &'static str)> {
    let (first, file) = match text.split_once([' ', '\t']) {
        Some((first, rest)) if after_scheme(first).is_some() => (first, rest.trim()),
        _ => (text, ""),
    };
    let Some(rest) = after_scheme(first) else {
        if first.contains("://") {
            let fix = "give the address that the page was saved from, or only the file";
            return Err(("the address begins with neither http:// nor https://".to_owned(), fix));
        }
        return Ok(Entry { line, url: None, files: vec![first.to_owned()] });
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        // Not quoted: it may hold a password.
        let fix = "take them away; the address is written into the contract";
        return Err(("the address holds a user or a password".to_owned(), fix));
    }
    if host.is_empty() {
        let fix = "write it as https://HOST/PATH";
        return Err(("the address names no host".to_owned(), fix));
    }
    let files = if file.is_empty() { saved_as(rest) } else { vec![file.to_owned()] };
    Ok(Entry { line, url: Some(first.to_owned()), files })
}

/// The names under which `curl -O`, `wget`, `wget -E` and `wget -x` save an address, the scheme of
/// which is gone already.
fn saved_as(rest: &str) -> Vec<String> {
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let path = if path.ends_with('/') || !path.contains('/') {
        format!("{}/index.html", path.trim_end_matches('/'))
    } else {
        path.to_owned()
    };
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for whole in [name, path] {
        // A query is part of the name for wget, and not for curl.
        if let Some(query) = query {
            found.push(format!("{whole}?{query}"));
            found.push(format!("{whole}?{query}.html"));
        }
        for extension in ["", ".html", ".htm", ".txt", ".md", ".json"] {
            found.push(format!("{whole}{extension}"));
        }
        let stem = [".html", ".htm"].iter().find_map(|it| whole.strip_suffix(it));
        if let Some(stem) = stem {
            found.push(format!("{stem}.txt"));
        }
    }
    found
}

/// The address that a saved page itself says it was saved from: its first line, the comment of a
/// browser, or its canonical link.
#[must_use]
pub(super) fn saved_from(text: &str) -> Option<String> {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
    let first = text.lines().next().unwrap_or_default().trim();
    let plain = |url: &str| {
        let rest = after_scheme(url)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let right = host.contains('.')
            && !host.contains(['@', '{', '<'])
            && !url.contains(char::is_whitespace)
            && url.len() < 500;
        right.then(|| url.to_owned())
    };
    if let Some(url) = plain(first) {
        return Some(url);
    }
    let mut end = text.len().min(8192);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let comment = head
        .split_once("<!-- saved from url=(")
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(_, rest)| plain(rest.split("-->").next().unwrap_or_default().trim()));
    if comment.is_some() {
        return comment;
    }
    let at = head.find("rel=\"canonical\"")?;
    let tag = head[..at].rfind('<')?;
    let tag = &head[tag..tag + head[tag..].find('>')?];
    let at = tag.find("href=\"")? + "href=\"".len();
    plain(tag[at..].split('"').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_told_from_a_page_that_begins_with_its_address() {
        assert!(is_list("x/urls.txt", "anything"));
        assert!(is_list("lamps.urls", ""));
        assert!(is_list(
            "pages.txt",
            "# saved today\nhttps://h.example/a\n\nHTTP://h.example/b b\n"
        ));
        assert!(!is_list("a.txt", "https://h.example/a\nGET /a\n"));
        assert!(!is_list("a.txt", ""));
    }

    #[test]
    fn a_line_is_an_address_with_a_file_or_one_of_them() {
        let text =
            "https://h.example/rest/lamps_get\nhttps://h.example/b?x=1 my lamps.html\r\nc.txt\n";
        let found = entries("urls.txt", text).expect("a list");
        assert_eq!(found[0].url.as_deref(), Some("https://h.example/rest/lamps_get"));
        for name in ["lamps_get", "lamps_get.html", "h.example/rest/lamps_get.html"] {
            assert!(found[0].files.iter().any(|file| file == name), "{name}: {:?}", found[0]);
        }
        assert_eq!(found[1].files, ["my lamps.html"]);
        assert_eq!((found[2].url.as_deref(), found[2].line), (None, 3));
        assert!(saved_as("h.example/").contains(&"index.html".to_owned()));
        assert!(saved_as("h.example/a?b=1").contains(&"a?b=1".to_owned()));
    }

    #[test]
    fn every_wrong_line_is_told_and_no_secret() {
        let text = "ftp://h.example/a\nhttps://me:hunter2@h.example/a\nhttps:///a\nb.txt\n";
        let problems = entries("urls.txt", text).expect_err("wrong lines");
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].starts_with("urls.txt:1:1"), "{told:?}");
        assert!(told[1].contains(":2:1") && !told[1].contains("hunter2"), "{told:?}");
        assert!(told[2].contains("names no host"), "{told:?}");
        assert!(entries("urls.txt", "# nothing\n").is_err());
    }

    #[test]
    fn a_page_says_where_it_was_saved_from() {
        for text in [
            "https://h.example/a\nGET /a\n",
            "<!DOCTYPE html>\n<!-- saved from url=(0019)https://h.example/a -->\n<html>",
            "<html><head><link href=\"https://h.example/a\" rel=\"canonical\"/></head>",
        ] {
            assert_eq!(saved_from(text).as_deref(), Some("https://h.example/a"), "{text}");
        }
        for text in ["GET /a\n", "https://{management_server_IP}/a\n", "https://a@b.example/\n", ""]
        {
            assert_eq!(saved_from(text), None, "{text}");
        }
    }
}
