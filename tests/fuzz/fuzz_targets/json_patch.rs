//! JSON patches: the document on one line, the patch behind it.
#![no_main]

use ferric_model::json_patch::{apply, parse};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|text: &str| {
    let (document, patch) = text.split_once('\n').unwrap_or(("{}", text));
    let (Ok(patch), Ok(document)) =
        (serde_json::from_str::<Value>(patch), serde_json::from_str::<Map<String, Value>>(document))
    else {
        return;
    };
    let Ok(operations) = parse(&patch) else { return };
    let (mut once, mut again) = (document.clone(), document.clone());
    let outcome = apply(&mut once, &operations);
    assert_eq!(outcome.is_ok(), apply(&mut again, &operations).is_ok());
    if outcome.is_ok() {
        assert_eq!(once, again, "a patch means one thing");
    }
});
