set -e
cargo build --offline --quiet
cargo test --offline --quiet > test.log
cargo run --offline --quiet
