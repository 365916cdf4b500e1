// A build script, because cargo runs it as a program of its own.
use std::{env, fs, path::Path};

fn main() {
    let directory = env::var("OUT_DIR").unwrap();
    fs::write(Path::new(&directory).join("generated.rs"), "pub const GENERATED: u32 = 40;").unwrap();
    println!("cargo:rerun-if-changed=build.rs");
}
