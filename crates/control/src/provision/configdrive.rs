//! Configuration drives that a caller gives to a verb.

use crate::error::ControlError;
use ferric_model::schema::{self, JsonType as T, Schema};
use serde_json::Value;

/// What one looks like: parts from which it is to be built, or a text.
pub const CONFIGDRIVE: Schema = Schema {
    any_of: &[
        Schema {
            properties: &[
                ("meta_data", Schema::of(&[T::Object])),
                ("network_data", Schema::of(&[T::Object])),
                ("user_data", Schema::of(&[T::Object, T::Array, T::String, T::Null])),
                ("vendor_data", Schema::of(&[T::Object])),
            ],
            closed: true,
            ..Schema::of(&[T::Object])
        },
        Schema::of(&[T::String, T::Null]),
    ],
    ..Schema::ANY
};

/// Reads one; none when it is empty.
///
/// **Errors**: `Invalid`.
pub fn read_configdrive(drive: &Value) -> Result<Option<Value>, ControlError> {
    if let Some(text) = schema::refusal(drive, &CONFIGDRIVE) {
        return Err(ControlError::Invalid(format!("Invalid configdrive format: {text}")));
    }
    match drive {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::Object(parts) if parts.is_empty() => Ok(None),
        Value::String(text) if !text.contains("://") && !text.bytes().all(is_base64) => {
            let text = "Invalid configdrive format: it is neither a JSON, nor a URL, nor a base64 string";
            Err(ControlError::Invalid(text.to_owned()))
        }
        _ => Ok(Some(drive.clone())),
    }
}

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"+/=\n\r\t ".contains(&b)
}
