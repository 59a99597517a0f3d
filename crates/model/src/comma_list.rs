//! Lists in configurations: as such, or one text with commas, as environment variables have it.

use serde::de::value::StringDeserializer;
use serde::{Deserialize, Deserializer};

/// For `#[serde(deserialize_with = "ferric_model::comma_list::deserialize")]`; items must be readable from text.
pub fn deserialize<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: for<'any> Deserialize<'any>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        List(Vec<String>),
        Text(String),
    }
    let items = match Given::deserialize(deserializer)? {
        Given::List(list) => list,
        Given::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    let items = items.iter().map(|item| item.trim()).filter(|item| !item.is_empty());
    items.map(|item| T::deserialize(StringDeserializer::new(item.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Deserialize)]
    struct Section {
        #[serde(deserialize_with = "super::deserialize")]
        hosts: Vec<String>,
    }

    #[test]
    fn lists_and_texts_are_the_same() {
        for given in [json!(["a", "b:1"]), json!("a, b:1,"), json!([" a ", "b:1"])] {
            let section: Section = serde_json::from_value(json!({"hosts": given})).unwrap();
            assert_eq!(section.hosts, ["a", "b:1"]);
        }
        assert!(serde_json::from_value::<Section>(json!({"hosts": 1})).is_err());
    }
}
