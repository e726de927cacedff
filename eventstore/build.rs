//! Lists the migrations' files for `src/migrations.rs`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // A new file is seen only if Cargo is told to look.
    println!("cargo:rerun-if-changed=../migrations");
    for database in ["postgres", "sqlite"] {
        list(database)?;
    }
    Ok(())
}

/// Each file as its number, its name in words, and its content.
fn list(database: &str) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(database).canonicalize()?;
    let mut files: Vec<_> = fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<io::Result<_>>()?;
    files.sort();
    let mut list = String::from("[");
    for path in files {
        let name = path.file_stem().and_then(|name| name.to_str()).and_then(|name| name.split_once('_'));
        let Some((number, name)) = name else { return Err(io::Error::other(format!("no migration: {path:?}"))) };
        let number: i64 = number.parse().map_err(io::Error::other)?;
        let _ = write!(list, "({number}, {:?}, include_str!({path:?})), ", name.replace('_', " "));
    }
    list.push(']');
    #[expect(
        clippy::disallowed_methods,
        reason = "Cargo tells a build script its folder so, and not when it is compiled"
    )]
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join(format!("{database}.rs")), list)
}
