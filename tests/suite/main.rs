//! All integration tests in one binary: it is linked once, and long tests of one topic run beside
//! short ones of another. `cargo test --test suite gate::` runs those of one topic.
//!
//! Knows: the names of its topics. Must not know: what they test.

mod architecture;
mod attributes;
mod catalogue;
mod cleanup;
mod cli;
mod clients;
mod contract;
mod coverage;
mod crash;
mod depend;
mod detection;
mod docs;
mod door;
mod door_words;
mod effects;
mod fleet;
mod forms;
mod gate;
mod generated;
mod history;
mod hostile;
mod import;
mod imported;
mod moment;
mod not_condemned;
mod other_appliances;
mod own_operation;
mod passwords;
mod proxy;
mod recipes;
mod record;
mod recordings;
mod redaction;
mod report;
mod reworded;
mod safety;
mod secrets;
mod self_test;
mod serve;
mod sessions;
mod site;
mod site_rest;
mod support;
mod tls;
mod tls_peers;
mod unusual_wire;
mod versions;
mod waiting;
