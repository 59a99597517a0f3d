//! Lenient reading of what firmware sends: field by field, and whatever cannot be understood is simply not there.
//!
//! Source: DSP0266 clause 8 says what should be sent; the tests below show what is.

use serde_json::Value;

/// Parses a body; a byte-order mark and bytes that are not UTF-8 do not matter.
pub fn parse(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(body)
        .or_else(|_| {
            serde_json::from_str(String::from_utf8_lossy(body).trim_matches(['\0', ' ', '\r', '\n']))
        })
        .ok()
}

/// The value at a path of keys.
pub fn at<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().try_fold(value, |value, key| value.get(key)).filter(|value| !value.is_null())
}

/// A text that is not empty.
pub fn text<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    at(value, keys)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A number, also one that is written as text.
pub fn number(value: &Value, keys: &[&str]) -> Option<f64> {
    match at(value, keys)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// A whole number that is not negative, also one that is written as text or with a fraction of zero.
pub fn integer(value: &Value, keys: &[&str]) -> Option<u64> {
    match at(value, keys)? {
        Value::Number(number) if number.is_u64() => number.as_u64(),
        _ => number(value, keys)
            .filter(|number| *number >= 0.0 && *number <= 9e15 && number.fract() == 0.0)
            .map(|number| number as u64),
    }
}

/// A truth value, also one that is written as text or as a number.
pub fn flag(value: &Value, keys: &[&str]) -> Option<bool> {
    match at(value, keys)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Number(number) => number.as_u64().filter(|number| *number <= 1).map(|number| number == 1),
        _ => None,
    }
}

/// A list; nothing and null are empty, a lone value is a list of one.
pub fn list<'a>(value: &'a Value, keys: &[&str]) -> &'a [Value] {
    match at(value, keys) {
        None => &[],
        Some(Value::Array(items)) => items,
        Some(item) => std::slice::from_ref(item),
    }
}

/// The texts of a list.
pub fn texts<'a>(value: &'a Value, keys: &[&str]) -> Vec<&'a str> {
    list(value, keys).iter().filter_map(Value::as_str).collect()
}

/// The `@odata.id` of a reference; a plain text in its place counts as well.
pub fn link<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    target(at(value, keys)?)
}

/// The `@odata.id`s of a list of references.
pub fn links<'a>(value: &'a Value, keys: &[&str]) -> Vec<&'a str> {
    list(value, keys).iter().filter_map(target).collect()
}

/// The end of a path, which often is the identity of what is there.
pub fn last_segment(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

fn target(reference: &Value) -> Option<&str> {
    let target = match reference {
        Value::String(target) => Some(target.as_str()),
        _ => reference.get("@odata.id").or_else(|| reference.get("href")).and_then(Value::as_str),
    };
    target.map(str::trim).filter(|target| !target.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies_are_parsed_with_what_firmware_puts_around_them() {
        for body in [
            &b"{\"a\":1}"[..],
            &b"\xef\xbb\xbf{\"a\":1}"[..],
            &b"\r\n {\"a\":1}\n\0"[..],
            &b"{\"a\":1,\"b\":\"Intel\xae\"}"[..],
        ] {
            assert_eq!(parse(body).unwrap()["a"], 1, "{body:?}");
        }
        for body in [&b"<html></html>"[..], &b""[..], &b"{\"a\":"[..]] {
            assert_eq!(parse(body), None, "{body:?}");
        }
    }

    #[test]
    fn fields_of_the_wrong_type_are_read_if_their_meaning_is_plain_and_left_out_otherwise() {
        let body = json!({
            "Members@odata.count": "1", "Members": null, "Count": 2.0, "Half": 2.5, "Minus": -1, "Bad": [],
            "On": "True", "Off": 0, "Two": 2, "Empty": "  ", "Text": " x ", "Deep": {"Size": "16"},
            "Lone": {"@odata.id": "/redfish/v1/Systems/1"},
            "Mixed": [{"@odata.id": "/a"}, null, {"Id": "b"}, "/c", {"href": "/d"}, {"@odata.id": 5}],
        });
        assert_eq!(integer(&body, &["Members@odata.count"]), Some(1));
        assert_eq!(integer(&body, &["Count"]), Some(2));
        assert_eq!(integer(&body, &["Deep", "Size"]), Some(16));
        for key in ["Half", "Minus", "Bad", "Absent", "Members", "Text"] {
            assert_eq!(integer(&body, &[key]), None, "{key}");
        }
        assert_eq!(number(&body, &["Half"]), Some(2.5));
        assert_eq!(flag(&body, &["On"]), Some(true));
        assert_eq!(flag(&body, &["Off"]), Some(false));
        assert_eq!(flag(&body, &["Two"]), None);
        assert_eq!(text(&body, &["Empty"]), None);
        assert_eq!(text(&body, &["Text"]), Some("x"));
        assert_eq!(text(&body, &["Count"]), None);
        assert!(list(&body, &["Members"]).is_empty());
        assert_eq!(links(&body, &["Lone"]), ["/redfish/v1/Systems/1"]);
        assert_eq!(links(&body, &["Mixed"]), ["/a", "/c", "/d"]);
    }
}
