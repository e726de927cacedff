//! Writes every page in every state and language to a folder, with the style sheet, the script and an index, to look at
//! and to check: `cargo run -p chancery-api --example gallery -- FOLDER`, then serve FOLDER by any web server.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use chancery_api::assets;
use chancery_domain::values::Language;

#[path = "../tests/samples/mod.rs"]
mod samples;

fn write(folder: &Path) -> std::io::Result<usize> {
    let mut index = String::from("<!DOCTYPE html><title>Gallery</title>\n");
    let mut count = 0;
    for language in Language::ALL {
        let subfolder = folder.join(language.tag());
        fs::create_dir_all(&subfolder)?;
        for (name, html) in samples::all(language) {
            fs::write(subfolder.join(format!("{name}.html")), html)?;
            index += &format!("<a href=\"/{0}/{name}.html\">{0}/{name}</a><br>\n", language.tag());
            count += 1;
        }
    }
    for path in assets::of_authenticator().chain([assets::webauthn_path()]) {
        let file = folder.join(path.trim_start_matches('/'));
        if let (Some(parent), Some(asset)) = (file.parent(), assets::find(path)) {
            fs::create_dir_all(parent)?;
            fs::write(&file, asset.body)?;
        }
    }
    fs::write(folder.join("index.html"), index)?;
    Ok(count)
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("Usage: gallery FOLDER");
        return ExitCode::FAILURE;
    };
    match write(Path::new(&folder)) {
        Ok(count) => {
            println!("{count} pages");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", Path::new(&folder).display());
            ExitCode::FAILURE
        }
    }
}
