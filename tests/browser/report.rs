//! `report.html` in a real browser, through `WebDriver`: of a run that finds nothing, of one that
//! finds ten faults, and of ten thousand cases; and `history.html`.
//!
//! Knows: the page as a reader meets it. Must not know: how it is drawn. Needs `chromium` and
//! `chromedriver`, and axe-core at `AXE`, so that it is ignored unless asked for (`.ci/run` asks).
//! Pictures for people go to `PICTURES`.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod browser;
mod reader;
mod reports;

use std::fs;
use std::path::PathBuf;

use lxca_conform::history;
use lxca_conform::report::{self, Conclusion};
use serde_json::json;
use tempfile::TempDir;

use browser::Browser;
use reader::{LINKS, TWICE, copies, filters, fits, keys, looks, opens, reads, without_scripts};
use reports::{MANY, run, ten_thousand, with_news};

/// Faults that show at different checks and places.
const TEN: [&str; 10] = [
    "lock-component-unknown",
    "lock-created-with-space",
    "start-result-capitalised",
    "uuid-not-required",
    "unknown-action-accepted",
    "refusal-message-string",
    "task-percentage-string",
    "aicc-runlevel-string",
    "locks-text-html",
    "copy-deletes-original",
];

const MOST_SECONDS: f64 = 2.0;

fn written(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a written page");
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn a_conformant_report() {
    let report = run(&[]).await;
    assert_eq!(report.conclusion, Conclusion::Conformant);
    let folder = TempDir::new().expect("a folder");
    let page = written(&folder, "report.html", &report::html(&report));
    let browser = Browser::start().await;
    browser.open(&page).await;
    reads(&browser, &page, &report).await;
    looks(&browser, "conformant").await;
    keys(&browser).await;
    filters(&browser, "component").await;
    opens(&browser, &report.cases[0].id).await;
    assert_eq!(browser.grave().await, Vec::<String>::new());
    without_scripts(&browser, &page).await;
    fits(&browser, "conformant").await;
    assert_eq!(
        browser
            .quit()
            .await
            .into_iter()
            .filter(|url| !url.starts_with("file://"))
            .collect::<Vec<_>>(),
        Vec::<String>::new(),
        "the page asks for something"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn a_history_of_two_runs() {
    let mut builder = history::Builder::default();
    for (day, faults) in [(1, &[][..]), (2, &TEN[..])] {
        let mut report = run(faults).await;
        report.started = format!("2026-01-0{day}T08:00:00.000Z");
        builder.add(&format!("reports/{day}"), report, None).expect("a report of today");
    }
    let history = builder.history();
    let found = history.find(None);
    let skipped = [("x.json".to_owned(), "it isn't the report of a run".to_owned())];
    let folder = TempDir::new().expect("a folder");
    let page = written(&folder, "history.html", &history::html(&found, &skipped));
    let browser = Browser::start().await;
    browser.open(&page).await;
    for scheme in ["dark", "light"] {
        browser.look(1280, scheme, "screen").await;
        assert_eq!(browser.grave().await, Vec::<String>::new(), "{scheme}");
        browser.picture(&format!("history-{scheme}"), 2600).await;
    }
    // A point per run in each of the two panels, within the drawing.
    let points = browser.ask("return document.querySelectorAll('svg circle').length").await;
    assert_eq!(points, json!(4));
    fits(&browser, "history").await;
    let asked: Vec<String> =
        browser.quit().await.into_iter().filter(|url| !url.starts_with("file://")).collect();
    assert_eq!(asked, Vec::<String>::new(), "the page asks for something");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn a_report_of_ten_faults() {
    let report = run(&TEN).await;
    assert_eq!(report.conclusion, Conclusion::Nonconformant);
    let folder = TempDir::new().expect("a folder");
    let browser = Browser::start().await;
    // As the run gave it: this picture stands in the README.
    browser.open(&written(&folder, "as-it-is.html", &report::html(&report))).await;
    browser.picture("readme", 1560).await;
    let report = with_news(report);
    let page = written(&folder, "report.html", &report::html(&report));
    browser.open(&page).await;
    reads(&browser, &page, &report).await;
    looks(&browser, "nonconformant").await;
    assert!(
        browser
            .ask("return document.querySelectorAll('article.cause.violation').length")
            .await
            .as_u64()
            >= Some(10),
        "a cause for each fault"
    );
    assert!(
        browser
            .ask(
                "return [...document.querySelectorAll('.evidence mark')].filter(one => \
        one.checkVisibility()).length"
            )
            .await
            .as_u64()
            > Some(0),
        "a wrong value is marked where it is seen"
    );
    filters(&browser, "component").await;
    copies(&browser).await;
    opens(&browser, "sftp-locks.list/body/component").await;
    assert_eq!(browser.grave().await, Vec::<String>::new());
    browser.look(1280, "dark", "screen").await;
    assert_eq!(browser.grave().await, Vec::<String>::new(), "in the dark");
    browser.look(1280, "light", "screen").await;
    without_scripts(&browser, &page).await;
    fits(&browser, "nonconformant").await;
    assert_eq!(
        browser
            .quit()
            .await
            .into_iter()
            .filter(|url| !url.starts_with("file://"))
            .collect::<Vec<_>>(),
        Vec::<String>::new(),
        "the page asks for something"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn a_report_of_ten_thousand_cases() {
    let report = ten_thousand(run(&TEN[..2]).await);
    let folder = TempDir::new().expect("a folder");
    let page = written(&folder, "report.html", &report::html(&report));
    println!("{} bytes for {MANY} cases", fs::metadata(&page).expect("the page").len());
    let browser = Browser::start().await;
    // The best of three: other tests may be busy at the same time.
    let mut took = f64::MAX;
    for _ in 0..3 {
        took = took.min(browser.open(&page).await);
    }
    println!("opened in {took:.2} s");
    reads(&browser, &page, &report).await;
    assert!(took < MOST_SECONDS, "opened in {took:.2} s");
    assert!(
        browser.ask("return document.querySelectorAll('article.cause').length").await.as_u64()
            < Some(20),
        "one cause is one group"
    );
    looks(&browser, "ten-thousand").await;
    filters(&browser, "/9999").await;
    assert_eq!(
        browser
            .quit()
            .await
            .into_iter()
            .filter(|url| !url.starts_with("file://"))
            .collect::<Vec<_>>(),
        Vec::<String>::new(),
        "the page asks for something"
    );
}

/// What the tests look for must be seen where it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core; .ci/run has them"]
async fn what_is_looked_for_is_seen_where_it_is() {
    let good = report::html(&run(&[]).await);
    let folder = TempDir::new().expect("a folder");
    let (picture, script) =
        ("<img src=\"http://192.0.2.7/x.png\">", "<script>throw new Error('ran')</script>");
    let guarded = good.replace(
        "</main>",
        &format!(
            "{picture}{script}<a href=\"#nowhere\">x</a><p \
        id=\"main\" style=\"width: 1500px; color: #eee; background: #fff\">wide and \
        pale</p></main>"
        ),
    );
    let policy = guarded.find("<meta http-equiv").expect("a policy");
    let end = policy + guarded[policy..].find('>').expect("its end") + 1;
    let open = format!("{}{}", &guarded[..policy], &guarded[end..]);
    let browser = Browser::start().await;
    browser.open(&written(&folder, "guarded.html", &guarded)).await;
    let seen = browser.ask("return window.__seen").await;
    assert!(
        seen.as_array().is_some_and(|seen| seen.len() >= 2
            && seen.iter().all(|line| line
                .as_str()
                .is_some_and(|line| line.contains("-src") || line.contains("style")))),
        "the policy stops the picture and the script: {seen}"
    );
    assert_eq!(browser.ask(LINKS).await, json!(["#nowhere"]));
    assert_eq!(browser.ask(TWICE).await, json!(["main"]));
    browser.open(&written(&folder, "open.html", &open)).await;
    assert!(
        browser.ask("return window.__seen").await.to_string().contains("ran"),
        "without the policy the script runs"
    );
    assert!(
        browser
            .ask(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            .await
            .as_u64()
            > Some(0),
        "a page that is too wide is found"
    );
    assert!(
        browser.grave().await.iter().any(|line| line.contains("color-contrast")),
        "a pale text is found"
    );
    let asked = browser.quit().await;
    assert!(
        asked.iter().any(|url| url.starts_with("http://192.0.2.7")),
        "without the policy the picture is asked for: {asked:?}"
    );
}
