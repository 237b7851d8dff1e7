//! What a reader meets on a page: its text, its looks on wide and narrow screens and on paper, its
//! filter, its buttons and its keys.
//!
//! Knows: the page as a reader meets it. Must not know: how it is drawn.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fantoccini::Locator;
use fantoccini::key::Key;
use fantoccini::wd::PrintConfiguration;
use lxca_conform::report::Report;
use serde_json::json;

use super::browser::{Browser, pictures};

const MOST_BYTES: usize = 8 * 1024 * 1024;
const WIDTHS: [u32; 3] = [1280, 480, 360];

pub(super) const LINKS: &str = "return [...document.querySelectorAll('a[href]')].map(a => \
    a.getAttribute('href')).filter(href => href.startsWith('#') ? \
    !document.getElementById(decodeURIComponent(href.slice(1))) : !href.startsWith('data:'))";
pub(super) const TWICE: &str = "const seen = {}; document.querySelectorAll('[id]').forEach(one => \
    seen[one.id] = (seen[one.id] || 0) + 1); return Object.keys(seen).filter(id => seen[id] > 1)";

pub(super) async fn reads(browser: &Browser, page: &Path, report: &Report) {
    assert_eq!(
        browser.ask("return document.getElementById('conclusion').textContent").await,
        json!(report.conclusion.word().to_uppercase())
    );
    assert_eq!(browser.ask("return window.__seen").await, json!([]), "the page complains");
    assert_eq!(browser.ask(LINKS).await, json!([]), "links that lead nowhere, or out");
    assert_eq!(browser.ask(TWICE).await, json!([]), "ids that are there twice");
    assert_eq!(browser.ask("return document.querySelectorAll('h1').length").await, json!(1));
    assert_eq!(
        browser
            .ask(
                "return ['header', 'nav', 'main', 'footer'].filter(name => \
        !document.querySelector('body > ' + name))"
            )
            .await,
        json!([]),
        "landmarks"
    );
    assert_eq!(
        browser
            .ask(
                "return [...document.querySelectorAll('table')].filter(one => \
        !one.caption || !one.tHead).length"
            )
            .await,
        json!(0),
        "tables without caption or head"
    );
    let size = fs::metadata(page).expect("the page").len();
    assert!(size < MOST_BYTES as u64, "{size} bytes");
    let ids: BTreeSet<String> = serde_json::from_value(
        browser.ask("return [...document.querySelectorAll('[id]')].map(one => one.id)").await,
    )
    .expect("ids");
    for id in report
        .cases
        .iter()
        .map(|case| &case.id)
        .chain(report.requirements.iter().map(|known| &known.id))
    {
        assert!(ids.contains(id), "no anchor for {id}");
    }
}

pub(super) async fn looks(browser: &Browser, name: &str) {
    let light = browser.picture(&format!("{name}-light"), 2600).await;
    browser.look(1280, "dark", "screen").await;
    let dark = browser.picture(&format!("{name}-dark"), 2600).await;
    browser.look(800, "light", "print").await;
    let print = browser.picture(&format!("{name}-print"), 2600).await;
    assert!(light != dark && light != print && dark != print, "{name}: the styles look the same");
    assert_eq!(
        browser.ask("return getComputedStyle(document.querySelector('nav')).display").await,
        json!("none"),
        "the navigation isn't printed"
    );
    browser.look(1280, "light", "screen").await;
    let pdf = browser.driver.print(PrintConfiguration::default()).await.expect("a printed page");
    assert!(pdf.starts_with(b"%PDF"));
    fs::write(pictures().join(format!("{name}.pdf")), pdf).expect("a written paper");
}

pub(super) async fn fits(browser: &Browser, name: &str) {
    browser.ask("document.querySelectorAll('details').forEach(one => { one.open = true; })").await;
    for width in WIDTHS {
        browser.look(width, "light", "screen").await;
        assert_eq!(
            browser
                .ask(
                    "return document.documentElement.scrollWidth - \
            document.documentElement.clientWidth"
                )
                .await,
            json!(0),
            "{name} is wider than {width}"
        );
    }
    browser.look(360, "light", "screen").await;
    browser
        .ask(
            "document.querySelectorAll('details').forEach(one => \
        { one.open = one.classList.contains('evidence'); })",
        )
        .await;
    browser.picture(&format!("{name}-narrow"), 2600).await;
    browser.look(1280, "light", "screen").await;
}

pub(super) async fn filters(browser: &Browser, word: &str) {
    let visible =
        "return [...document.querySelectorAll('[data-row]')].filter(one => !one.hidden).length";
    let all = browser.ask(visible).await;
    let field = browser.driver.find(Locator::Id("filter")).await.expect("a filter");
    field.send_keys(word).await.expect("a typed word");
    let settled = format!(
        "const done = arguments[arguments.length - 1]; const until = Date.now() + 5000; const look = () => {{
            const text = document.getElementById('filtered').textContent;
            if (text || Date.now() > until) done([text, [...document.querySelectorAll('[data-row]')].filter(one => !one.hidden).length,
                [...document.querySelectorAll('[data-row]')].filter(one => !one.hidden && !(one.textContent + one.id).toLowerCase().includes({})).length]); else requestAnimationFrame(look); }}; look();",
        json!(word)
    );
    let found = browser.driver.execute_async(&settled, Vec::new()).await.expect("a filtered page");
    let count = found[1].as_u64().expect("a count");
    assert!(
        count > 0 && count < all.as_u64().expect("a count"),
        "{count} of {all} rows hold {word}"
    );
    assert_eq!(
        (found[0].as_str(), &found[2]),
        (Some(format!("{count} of {all} rows").as_str()), &json!(0))
    );
    field.send_keys(&char::from(Key::Escape).to_string()).await.expect("a pressed key");
    assert_eq!(browser.ask(visible).await, all, "everything is back");
}

pub(super) async fn copies(browser: &Browser) {
    let wanted = browser.ask("return document.getElementById('ticket-1').value").await;
    assert!(
        wanted.as_str().is_some_and(|text| text.starts_with("## ")
            && text.contains("- Expected: ")
            && text.contains("curl -i")),
        "{wanted}"
    );
    browser
        .driver
        .find(Locator::Css("button[data-copy=ticket-1]"))
        .await
        .expect("a button")
        .click()
        .await
        .expect("a click");
    let told = "const done = arguments[arguments.length - 1]; const until = Date.now() + 5000; \
        const look = () => \
        { const text = document.getElementById('said').textContent; if (text || Date.now() > until) done(text); else requestAnimationFrame(look); }; look();";
    assert_eq!(
        browser.driver.execute_async(told, Vec::new()).await.expect("an answer"),
        json!("Copied")
    );
    // Pasted as a person would.
    browser
        .ask(
            "const field = document.createElement('textarea'); field.id = 'pasted'; \
        document.body.prepend(field); field.focus()",
        )
        .await;
    browser
        .driver
        .find(Locator::Id("pasted"))
        .await
        .expect("a field")
        .send_keys(&format!("{}v", char::from(Key::Control)))
        .await
        .expect("a paste");
    assert_eq!(browser.ask("return document.getElementById('pasted').value").await, wanted);
    browser.ask("document.getElementById('pasted').remove()").await;
}

/// A link to what is closed opens it.
pub(super) async fn opens(browser: &Browser, id: &str) {
    let shown = format!(
        "const one = document.getElementById({}); return !!one && one.checkVisibility()",
        json!(id)
    );
    assert_eq!(browser.ask(&shown).await, json!(false), "{id} is closed at first");
    browser.ask(&format!("location.hash = {}", json!(id))).await;
    let waits = format!(
        "const done = arguments[arguments.length - 1]; const until = Date.now() + 5000; const \
        look = () => {{ const one = document.getElementById({}); if (one.checkVisibility() || \
        Date.now() > until) done(one.checkVisibility()); else requestAnimationFrame(look); }}; \
        look();",
        json!(id)
    );
    assert_eq!(
        browser.driver.execute_async(&waits, Vec::new()).await.expect("an answer"),
        json!(true),
        "{id} is open"
    );
}

/// The first key leads past the head; everything can be reached by keys, and what has the focus is
/// seen.
pub(super) async fn keys(browser: &Browser) {
    browser
        .driver
        .find(Locator::Css("body"))
        .await
        .expect("the body")
        .send_keys(&char::from(Key::Tab).to_string())
        .await
        .expect("a pressed key");
    assert_eq!(
        browser
            .ask(
                "return [document.activeElement.className, \
        document.activeElement.getBoundingClientRect().left >= 0]"
            )
            .await,
        json!(["skip", true])
    );
}

/// What can be read without scripts is what can be read with them.
pub(super) async fn without_scripts(browser: &Browser, page: &Path) {
    let text = "return document.querySelector('main').innerText.replaceAll('Copy as Markdown', \
        '').replace(/\\s+/g, ' ')";
    let shown = "return [...document.querySelectorAll('[data-script]')].filter(one => \
        one.checkVisibility()).length";
    browser.open(page).await;
    let with = browser.ask(text).await;
    assert!(browser.ask(shown).await.as_u64() > Some(0), "with scripts there are buttons");
    browser.tell("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    browser.open(page).await;
    let (without, buttons) = (browser.ask(text).await, browser.ask(shown).await);
    browser.picture("without-scripts", 1200).await;
    browser.tell("Emulation.setScriptExecutionDisabled", json!({ "value": false })).await;
    assert_eq!(buttons, json!(0), "nothing is there that doesn't work");
    assert!(with == without, "the text differs without scripts");
    browser.open(page).await;
}
