//! Vendor methods: what an implementation of the vendor interface can be called for beyond the API, as data that API pods
//! check without a conductor.

use crate::JsonMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The methods of one implementation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VendorMethods {
    /// Called for one node, by name.
    #[serde(default)]
    pub node: BTreeMap<String, VendorMethod>,
    /// Called for the hardware type, by name.
    #[serde(default)]
    pub driver: BTreeMap<String, VendorMethod>,
}

/// A method.
///
/// Source: Ironic API reference, "Vendor passthru"; `required_args` is Ferric's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorMethod {
    /// HTTP methods it can be called with, in capitals.
    pub http_methods: Vec<String>,
    /// Whether the caller is answered before it is carried out.
    #[serde(rename = "async")]
    pub is_async: bool,
    /// What it does.
    pub description: String,
    /// Whether nothing else may work on the node meanwhile.
    pub require_exclusive_lock: bool,
    /// Arguments that it makes no sense without; it may take others.
    #[serde(default)]
    pub required_args: Vec<String>,
}

impl VendorMethod {
    /// A method that is called with these HTTP methods; the caller waits for it unless it is [`Self::in_background`].
    pub fn new(http_methods: &[&str], description: &str) -> Self {
        Self {
            http_methods: http_methods.iter().map(|name| (*name).to_owned()).collect(),
            is_async: false,
            description: description.to_owned(),
            require_exclusive_lock: true,
            required_args: Vec::new(),
        }
    }

    /// The same, answered before it is carried out.
    #[must_use]
    pub fn in_background(self) -> Self {
        Self { is_async: true, ..self }
    }

    /// The same, while others may work on the node.
    #[must_use]
    pub fn shared(self) -> Self {
        Self { require_exclusive_lock: false, ..self }
    }

    /// The same with an argument that it cannot do without.
    #[must_use]
    pub fn needs(mut self, name: &str) -> Self {
        self.required_args.push(name.to_owned());
        self
    }

    /// Whether it can be called like this.
    ///
    /// **Errors**: what is wrong, for the caller; `name` is the method's.
    pub fn check(&self, name: &str, http_method: &str, args: &JsonMap) -> Result<(), String> {
        if !self.http_methods.iter().any(|own| own == http_method) {
            return Err(format!("The method {name} does not support HTTP {http_method}"));
        }
        let given = |arg: &String| match args.get(arg) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        };
        match self.required_args.iter().find(|arg| !given(arg)) {
            Some(arg) => Err(format!("Parameter '{arg}' not passed to method '{name}'.")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn calls_are_checked_without_the_hardware() {
        let method = VendorMethod::new(&["POST"], "x").needs("bar");
        let check = |http: &str, args: Value| method.check("m", http, args.as_object().unwrap());
        assert_eq!(check("POST", json!({"bar": "meow", "more": 1})), Ok(()));
        assert_eq!(check("GET", json!({"bar": 1})).unwrap_err(), "The method m does not support HTTP GET");
        for missing in [json!({}), json!({"bar": null}), json!({"bar": ""})] {
            assert_eq!(check("POST", missing).unwrap_err(), "Parameter 'bar' not passed to method 'm'.");
        }
    }
}
