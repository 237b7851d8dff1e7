//! A run that is interrupted, once and twice.
//!
//! Knows: the binary, signals, and the double beside it. Must not know: how a run stops.

use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::hostile_server::{Deed, Hostile, answer, json};

use super::{
    HOLDS, Served, answered, check_interrupted, has, lxca, record, start_run, text, watch, whole,
};

fn signal(child: &Child, name: &str) {
    assert!(
        Command::new("kill")
            .args([name, &child.id().to_string()])
            .status()
            .expect("kill starts")
            .success()
    );
}

#[test]
fn an_interruption_takes_back_what_the_run_holds_and_closes_the_record() {
    for name in ["-INT", "-TERM"] {
        let served = Served::start();
        let before = served.locks();
        let folder = TempDir::new().expect("a temporary folder");
        let mut child = served.run(
            folder.path(),
            &["--allow", "write", "--filter", HOLDS, "--filter", "backup.transfer::*"],
        );
        assert!(
            watch(&mut child, folder.path(), |text| has(text, HOLDS, "wait")),
            "the run ended before it could be interrupted"
        );
        assert!(served.held(), "{name}: the lock of the case isn't there");
        signal(&child, name);
        let start = Instant::now();
        let ended = answered(child.wait_with_output().expect("its end"));
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{name}: it took {:?} to end",
            start.elapsed()
        );
        assert_eq!(ended.exit, 130, "{name}: {ended:?}");
        assert!(ended.stderr.contains("interrupted"), "{}", ended.stderr);
        assert!(!served.held(), "{name}: the lock outlived the run");
        let after = served.locks();
        for lock in &before {
            assert!(
                after.iter().any(|other| other["id"] == lock["id"]),
                "{name}: {lock} isn't there any more"
            );
        }
        let rows = whole(&record(folder.path()));
        let footer = rows.last().expect("a last row");
        assert_eq!(
            (&footer["row"], &footer["ended_early"]["kind"]),
            (&"footer".into(), &"interrupted".into()),
            "{name}: {footer}"
        );
        let settled = rows
            .iter()
            .find(|row| row["row"] == "settled" && row["case"] == HOLDS)
            .expect("a row that says that the clean-up is done");
        assert_eq!(settled["left_over"], serde_json::json!([]));
        let judged = lxca(&["judge", text(folder.path())]);
        assert_eq!(judged.exit, 3, "{name}: {judged:?}");
        assert!(
            judged.stdout.starts_with("INCOMPLETE: ") && judged.stdout.contains("interrupted"),
            "{}",
            judged.stdout
        );
        let swept = lxca(&[
            "sweep",
            text(folder.path()),
            "--url",
            &served.url,
            "--user",
            "USERID",
            "--out",
            text(&folder.path().join("sweep")),
        ]);
        assert_eq!(swept.exit, 0, "{swept:?}");
        assert!(swept.stdout.contains("nothing to do"), "{}", swept.stdout);
    }
}

#[test]
fn a_second_interruption_ends_the_run_at_once() {
    let now = || {
        lxca_conform::engine::Pace::now(&lxca_conform::builtin::RealTime)
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string()
    };
    let row = move |id: &str, seconds: u32| {
        format!(
            r#"{{"id":"{id}","component":"RC","creationTimestamp":"{}","expirationTimeOut":{seconds}}}"#,
            now()
        )
    };
    let created = std::sync::atomic::AtomicUsize::new(0);
    let server = Hostile::appliance(move |asked| match asked.method.as_str() {
        // What is deleted at the end must have come after it was created.
        "GET" if created.load(std::sync::atomic::Ordering::SeqCst) == 0 => Deed::Say(json("[]")),
        "GET" => Deed::Say(json(format!(
            "[{},{}]",
            row("0f3a9C7b2e4D6182a5c1F0e9B8d7a6c4", 121),
            row("1f3a9C7b2e4D6182a5c1F0e9B8d7a6c4", 3)
        ))),
        "POST" if created.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < usize::MAX => {
            Deed::Say(answer(
                "201 Created",
                &["content-type: application/json"],
                row("0f3a9C7b2e4D6182a5c1F0e9B8d7a6c4", 121),
            ))
        }
        // The clean-up, which never comes to its end.
        _ => Deed::play(|_| {
            thread::sleep(Duration::from_secs(30));
            Ok(())
        }),
    });
    let folder = TempDir::new().expect("a temporary folder");
    let mut child = start_run(&server.url, folder.path(), &["--allow", "write", "--filter", HOLDS]);
    assert!(
        watch(&mut child, folder.path(), |text| has(text, HOLDS, "wait")),
        "the run ended before it could be interrupted"
    );
    signal(&child, "-INT");
    let start = Instant::now();
    while !server.asked().iter().any(|asked| asked.method == "DELETE") {
        assert!(start.elapsed() < Duration::from_secs(10), "no clean-up began");
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(200));
    assert!(
        child.try_wait().expect("its state").is_none(),
        "one interruption doesn't end a clean-up"
    );
    signal(&child, "-INT");
    let again = Instant::now();
    let ended = answered(child.wait_with_output().expect("its end"));
    assert_eq!(ended.exit, 130, "{ended:?}");
    assert!(again.elapsed() < Duration::from_secs(3), "{:?}", again.elapsed());
    check_interrupted(folder.path());
}
