//! Reads kickstart files and prints for each, as one line of JSON, what is wrong with it, its sections and its storage
//! commands: what `cargo xtask e2e kickstart` compares with pykickstart.

use ferric_installer::kickstart::parse;
use serde_json::json;

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let text = std::fs::read(path)?;
        let (document, problems) = parse(&String::from_utf8_lossy(&text));
        let sections: Vec<_> = document
            .sections
            .iter()
            .map(|section| json!({"name": section.name, "blank": section.body.trim().is_empty()}))
            .collect();
        let storage: Vec<_> = document.storage().map(|(_, command)| command).collect();
        println!("{}", json!({"problems": problems, "sections": sections, "storage": storage}));
    }
    Ok(())
}
