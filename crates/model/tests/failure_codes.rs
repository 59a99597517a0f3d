//! The page of failure codes in the README says what the table says.

use ferric_model::failure::CODES;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const BEGIN: &str = "<!-- the codes of failures -->\n";
const END: &str = "<!-- end of the codes of failures -->";

#[test]
fn the_readme_lists_every_code() {
    let readme = std::fs::read_to_string(FILE).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (page, after) = rest.split_once(END).unwrap();
    let mut wanted =
        "| Code | Look at | What happened | What to try | Source |\n|---|---|---|---|---|\n".to_owned();
    for row in CODES {
        let class = row.class.as_str();
        wanted +=
            &format!("| `{}` | {class} | {} | {} | {} |\n", row.code, row.means, row.remedy, row.source);
    }
    if std::env::var_os("FERRIC_REWRITE").is_some() {
        std::fs::write(FILE, format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
        return;
    }
    assert!(
        page == wanted,
        "crates/model/README.md is not what the table says; write it anew with FERRIC_REWRITE=1"
    );
}
