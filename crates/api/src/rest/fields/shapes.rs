//! What values of fields look like, for the document that describes this API.

use ferric_model::schema::{JsonType as T, Schema};

/// A text.
pub(crate) const TEXT: Schema = Schema::of(&[T::String]);
/// A text, or nothing.
pub(crate) const TEXT_OR_NULL: Schema = Schema::of(&[T::String, T::Null]);
/// Several texts.
pub(crate) const TEXTS: Schema = Schema { items: Some(&TEXT), ..Schema::of(&[T::Array]) };
/// An identity.
pub(crate) const UUID: Schema = Schema { format: Some("uuid"), ..TEXT };
/// An identity, or nothing.
pub(crate) const UUID_OR_NULL: Schema = Schema { format: Some("uuid"), ..TEXT_OR_NULL };
/// A moment.
pub(crate) const TIME: Schema = Schema { format: Some("date-time"), ..TEXT };
/// A moment, or never.
pub(crate) const TIME_OR_NULL: Schema = Schema { format: Some("date-time"), ..TEXT_OR_NULL };
/// A boolean.
pub(crate) const FLAG: Schema = Schema::of(&[T::Boolean]);
/// A boolean, or not known.
pub(crate) const FLAG_OR_NULL: Schema = Schema::of(&[T::Boolean, T::Null]);
/// A whole number, or not known.
pub(crate) const INTEGER_OR_NULL: Schema = Schema::of(&[T::Integer, T::Null]);
/// A dictionary.
pub(crate) const OBJECT: Schema = Schema::of(&[T::Object]);
/// A dictionary, or nothing.
pub(crate) const OBJECT_OR_NULL: Schema = Schema::of(&[T::Object, T::Null]);
/// Several dictionaries.
pub(crate) const OBJECTS: Schema = Schema { items: Some(&OBJECT), ..Schema::of(&[T::Array]) };
/// Several dictionaries, or not to be seen.
pub(crate) const OBJECTS_OR_NULL: Schema =
    Schema { items: Some(&OBJECT), ..Schema::of(&[T::Array, T::Null]) };
/// A whole number.
pub(crate) const INTEGER: Schema = Schema::of(&[T::Integer]);
/// A link.
pub(crate) const LINK: Schema = Schema {
    properties: &[("href", TEXT), ("rel", TEXT), ("type", TEXT)],
    required: &["href", "rel"],
    closed: true,
    ..OBJECT
};
/// The links that every resource has.
pub(crate) const LINKS: Schema = Schema { items: Some(&LINK), min_items: 1, ..Schema::of(&[T::Array]) };
