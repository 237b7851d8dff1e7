# list the recipes
default:
    @just --list

# what has to hold before a commit
check: fmt-check clippy test doc lint

# is the code formatted?
fmt-check:
    cargo fmt --all --check

# the lints, as errors
clippy:
    cargo clippy --all-targets -- -D warnings

# all tests; arguments go to cargo test
test *ARGS:
    cargo test {{ARGS}}

# build the documentation, warnings as errors
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# bans, licences and sources of the dependencies
deny:
    cargo deny --all-features check bans licenses sources

# hold contract and catalogue against each other
lint:
    cargo run --quiet -- lint

# accept new snapshots; read the diff before you commit it
bless:
    INSTA_UPDATE=always cargo test

# run the catalogue against the double and rewrite reports/double
report-double:
    cargo run --release --quiet -- run --out reports/double

# read-only run against the appliance that a target file describes
live TARGET:
    cargo run --release --quiet -- run --target {{TARGET}} --allow read

# time a run against its floor
bench:
    sh benches/all.sh
