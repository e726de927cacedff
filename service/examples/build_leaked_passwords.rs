//! Builds the filter of leaked passwords from text files of one password a line:
//! `build_leaked_passwords FOLDER FILTER`. See `service/data/build-leaked-passwords`.

use std::path::{Path, PathBuf};
use std::{env, error, fs};

use chancery_domain::values::Password;
use chancery_service::leaked_passwords::filter_key;
use xorf::{BinaryFuse16, DmaSerializable, Filter};

fn main() -> Result<(), Box<dyn error::Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(output), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: build_leaked_passwords FOLDER FILTER".into());
    };
    let mut keys = Vec::new();
    let passwords = read(&folder, &mut keys)?;
    // Sorted, so that the same passwords give the same filter whatever the order of files.
    keys.sort_unstable();
    keys.dedup();
    let filter = BinaryFuse16::try_from(&keys)?;
    if !keys.iter().all(|key| filter.contains(key)) {
        return Err("the filter misses a key that it was built from".into());
    }
    let mut bytes = vec![0; BinaryFuse16::DESCRIPTOR_LEN];
    filter.dma_copy_descriptor_to(&mut bytes);
    bytes.extend_from_slice(filter.dma_fingerprints());
    fs::write(&output, &bytes)?;
    println!("{passwords} passwords, {} without regard to case, {} octets", keys.len(), bytes.len());
    Ok(())
}

/// Adds the keys of all passwords in the `.txt` files under a folder, and returns how many there were.
fn read(folder: &Path, keys: &mut Vec<u64>) -> Result<usize, Box<dyn error::Error>> {
    let mut passwords = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            passwords += read(&path, keys)?;
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let lines = text.lines().filter(|line| !line.is_empty());
            let before = keys.len();
            keys.extend(lines.map(|line| filter_key(&Password::from_typed(line))));
            passwords += keys.len() - before;
        }
    }
    Ok(passwords)
}
