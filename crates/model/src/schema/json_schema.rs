//! Schemas as documents of JSON Schema, for those who read them elsewhere.

use super::Schema;
use serde_json::{Map, Value, json};

impl Schema {
    /// The schema as a document.
    ///
    /// Source: JSON Schema 2020-12, as OpenAPI 3.1 uses it.
    pub fn to_json_schema(&self) -> Value {
        let mut out = Map::new();
        let mut put = |keyword: &str, value: Value| {
            out.insert(keyword.to_owned(), value);
        };
        match self.types {
            [] => {}
            [one] => put("type", one.as_str().into()),
            many => put("type", many.iter().map(|kind| kind.as_str()).collect()),
        }
        if !self.properties.is_empty() {
            let properties = self.properties.iter();
            put(
                "properties",
                properties.map(|(name, inner)| ((*name).to_owned(), inner.to_json_schema())).collect(),
            );
        }
        if !self.required.is_empty() {
            put("required", self.required.into());
        }
        if self.closed {
            put("additionalProperties", false.into());
        }
        if let Some(items) = self.items {
            put("items", items.to_json_schema());
        }
        if !self.one_of_words.is_empty() {
            put("enum", self.one_of_words.into());
        }
        if let Some(pattern) = &self.pattern {
            put("pattern", pattern.text.into());
        }
        if let Some(format) = self.format {
            put("format", format.into());
        }
        let numbers = [
            ("minLength", (self.min_length > 0).then(|| json!(self.min_length))),
            ("maxLength", self.max_length.map(|max| json!(max))),
            ("minimum", self.minimum.map(|minimum| json!(minimum))),
            ("minItems", (self.min_items > 0).then(|| json!(self.min_items))),
        ];
        for (keyword, value) in numbers {
            if let Some(value) = value {
                put(keyword, value);
            }
        }
        if !self.any_of.is_empty() {
            put("anyOf", self.any_of.iter().map(Self::to_json_schema).collect());
        }
        Value::Object(out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{JsonType as T, Pattern, Schema};
    use serde_json::json;

    const WORD: Schema = Schema {
        pattern: Some(Pattern {
            text: "^[a-z]+$",
            matches: |text| text.bytes().all(|b| b.is_ascii_lowercase()),
        }),
        max_length: Some(9),
        ..Schema::of(&[T::String])
    };
    const THING: Schema = Schema {
        properties: &[
            ("name", Schema { min_length: 1, ..Schema::of(&[T::String, T::Null]) }),
            ("id", Schema { format: Some("uuid"), ..Schema::of(&[T::String]) }),
            ("words", Schema { items: Some(&WORD), min_items: 1, ..Schema::of(&[T::Array]) }),
            (
                "rank",
                Schema {
                    any_of: &[Schema { minimum: Some(0), ..Schema::of(&[T::Integer]) }, WORD],
                    ..Schema::ANY
                },
            ),
        ],
        required: &["name"],
        closed: true,
        ..Schema::of(&[T::Object])
    };

    #[test]
    fn every_keyword_has_its_counterpart() {
        let word = json!({"type": "string", "pattern": "^[a-z]+$", "maxLength": 9});
        let expected = json!({
            "type": "object",
            "properties": {
                "name": {"type": ["string", "null"], "minLength": 1},
                "id": {"type": "string", "format": "uuid"},
                "words": {"type": "array", "items": word, "minItems": 1},
                "rank": {"anyOf": [{"type": "integer", "minimum": 0}, word]},
            },
            "required": ["name"],
            "additionalProperties": false,
        });
        assert_eq!(THING.to_json_schema(), expected);
        assert_eq!(Schema::ANY.to_json_schema(), json!({}));
    }
}
